package lora

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// raced is a run with updates, made up.
func raced(t *testing.T) *run {
	t.Helper()
	three := []float64{85, 86, 85.4}
	r := madeUp(t, "lora?arms=head,q:1,qv:1,qv:4,qv:32,all:4,full", with(with(with(ordinary, "qv:4", three...), "all:4", three...), "full", 90, 91, 90.6))
	for _, name := range []string{"q:1", "qv:1", "qv:4", "qv:32", "all:4"} {
		give(r, name, false)
	}
	for _, updates := range r.find("all:4").updates { // another set
		for _, u := range updates {
			u.matrix = "fc1"
		}
	}
	for i, racer := range r.racers {
		racer.report.Ledger = wire.Ledger{KeptBytes: 1e6 * (i + 1), OptimizerBytes: 1e4 * (i + 1), Parts: []wire.LedgerRow{{Name: "gelu", Bytes: 1e6 * (i + 1)}}}
	}
	return r
}

// sentences counts the full stops that end one.
func sentences(text string) int { return strings.Count(text+" ", ". ") }

func TestAmplifyFigureIsReadable(t *testing.T) {
	f, ok := raced(t).amplifyFigure()
	if !ok {
		t.Fatal("no figure")
	}
	var names []string
	legend := map[string]string{}
	for _, b := range f.Bars {
		names = append(names, b.Name)
		if len(b.Parts) != 1 || b.Parts[0].Value <= 0 {
			t.Errorf("bar %+v", b)
		}
		legend[b.Parts[0].Role] = b.Parts[0].Name
	}
	want := "q, v  r = 4|q, v  r = 32|W of q, random|W of q, its own|all six  r = 4|W of fc1, random|W of fc1, its own"
	if got := strings.Join(names, "|"); got != want {
		t.Errorf("bars %s, want %s", got, want)
	}
	if len(legend) != 3 {
		t.Errorf("the legend has %v", legend)
	}
}

// The caption and the claim about amplification give the same ratios.
func TestAmplifyCaptionAgreesWithItsClaim(t *testing.T) {
	r := raced(t)
	f, _ := r.amplifyFigure()
	rows := amplifications(r.amplifyArm())
	claim := verdictOf(t, r, claimAmplify)
	for _, want := range []string{words.Number(lab.Interval(rows.random).Mean, 1) + " times", words.Percent(lab.Interval(rows.best).Mean), words.Short(lab.Interval(rows.factor).Mean) + " times"} {
		if !strings.Contains(f.Caption, want) || !strings.Contains(claim.Here, want) {
			t.Errorf("%s: %s / %s", want, f.Caption, claim.Here)
		}
	}
}

func TestCaptionsAreShort(t *testing.T) {
	r := raced(t)
	merges := []merge{{arm: r.find("qv:4"), logits: 1e-5, base: 7112960, merged: 7112960, branch: 7130368, baseMs: 1, mergedMs: 1, branchMs: 1.1}}
	for _, f := range r.figures(merges, r.ratesFigure()) {
		if n := sentences(f.Caption); f.Caption == "" || n > 2 && f.ID != "rates" {
			t.Errorf("%s has a caption of %d sentences: %s", f.ID, n, f.Caption)
		}
		if f.ID == "spectrum" && !f.X.Log || f.ID == "kept" && f.X.Unit != "MB" {
			t.Errorf("%s: axis %+v", f.ID, f.X)
		}
		if f.Kind != wire.FigureTable {
			continue
		}
		// A table of this many letters fits a narrow column: 6.5 pixels each and 12 between two.
		width := 0.0
		for i, head := range f.Columns {
			wide := utf8.RuneCountInString(head)
			for _, row := range f.Rows {
				wide = max(wide, utf8.RuneCountInString(row[i]))
			}
			width += 6.5*float64(wide) + 12
		}
		if width > 560 {
			t.Errorf("%s needs some %.0f pixels", f.ID, width)
		}
	}
}

// What a caption says of the work comes from the counts.
func TestMergeCaptionReadsTheCounts(t *testing.T) {
	r := raced(t)
	m := merge{arm: r.find("qv:4"), logits: 1e-5, base: 100, merged: 100, branch: 110}
	if f, _ := mergeFigure([]merge{m}); !strings.Contains(f.Caption, "at the base model's") {
		t.Errorf("equal counts: %s", f.Caption)
	}
	// The caption speaks of the same seeds as the claim.
	other := m
	other.seed, other.logits = 1, 3e-5
	f, _ := mergeFigure([]merge{m, other})
	claim := verdictOf(t, r, claimMerge, m, other)
	if worst := words.Scientific(3e-5); !strings.Contains(f.Caption, worst) || !strings.Contains(claim.Here, worst) {
		t.Errorf("the largest change is %s: %s / %s", worst, f.Caption, claim.Here)
	}
	if len(f.Rows) != 1 {
		t.Errorf("two seeds of one racer give %d rows", len(f.Rows))
	}
	heads := map[string]bool{}
	for i, head := range f.Columns {
		heads[head] = true
		if cell := f.Rows[0][i]; i > 0 && cell != "" {
			if _, err := strconv.ParseFloat(cell, 64); err != nil {
				t.Errorf("%s: %v", head, err)
			}
		}
	}
	if len(heads) != len(f.Columns) {
		t.Errorf("columns of the same name: %v", f.Columns)
	}
	m.merged = 101
	if f, _ := mergeFigure([]merge{m}); strings.Contains(f.Caption, "at the base model's") {
		t.Errorf("other counts: %s", f.Caption)
	}
}
