// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// everySetting is what the analysis has to cope with: every method, and knobs of arms.
const everySetting = everyArm + ",vpt-deep:3~depth=2~order=top-down,full~backbone=vtiny-mae,adaptformer:4~form=sequential,pfeiffer:8~start=official,lora:8"

// trials trains every arm of a link with every seed.
func trials(t *testing.T, spec wire.Spec) []wire.TrialResult {
	t.Helper()
	var results []wire.TrialResult
	for _, id := range spec.TrialIDs() {
		tr, err := newTrial(shared, spec, id, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for !tr.Advance() {
		}
		results = append(results, tr.Result())
	}
	return results
}

func reported(t *testing.T, env lab.Env, spec wire.Spec, results []wire.TrialResult) wire.Report {
	t.Helper()
	report, err := lab.MakeReport(env, Paper, spec, results)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func figure(t *testing.T, r wire.Report, id string) wire.Figure {
	t.Helper()
	for _, f := range r.Figures {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("no figure %s", id)
	return wire.Figure{}
}

// A run of everything has all figures, with what is known of the methods in their cells, and the same bits twice.
func TestAnalysisOfEveryMethod(t *testing.T) {
	spec := linked(t, "arms="+everySetting+"&train=64&steps=4&seeds=2&batch=4")
	results := trials(t, spec)
	report := reported(t, shared, spec, results)
	again := reported(t, shared, spec, results)
	a, _ := json.Marshal(report)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		t.Error("the same trials give another report")
	}
	var ids []string
	for _, f := range report.Figures {
		ids = append(ids, f.ID)
		if f.Caption == "" || f.Title == "" {
			t.Errorf("%s has no caption or no title", f.ID)
		}
	}
	if want := "measured frontier length rankings inspector memory kept merge rates"; strings.Join(ids, " ") != want {
		t.Errorf("figures %s, want %s", ids, want)
	}
	if len(report.Claims) != len(claims()) {
		t.Errorf("%d verdicts on %d claims", len(report.Claims), len(claims()))
	}

	measured := figure(t, report, "measured")
	column := func(name string) int { return slices.Index(measured.Columns, name) }
	at := func(arm, name string) string {
		return measured.Rows[slices.Index(spec.Arms(), arm)][column(name)]
	}
	for _, c := range []struct{ arm, column, want string }{
		{"head", "trained", "0"}, {"head", "changed", "0"}, {"head", "rank of change", "-"}, {"head", "skips backprop", "yes"}, {"head", "merges", "yes"}, {"head", "added, % FLOP", "0.0"},
		{"full", "trained", "205376"}, {"full", "rank of change", "64"}, {"full", "of network, %", "100.00"}, {"full", "skips backprop", "no"},
		{"bitfit", "trained", "2944"}, {"bitfit", "rank of change", "-"}, {"bitfit", "skips backprop", "no"}, {"bitfit", "added, % FLOP", "0.0"},
		{"ln", "trained", "1152"}, {"ln", "rank of change", "-"},
		{"ia3", "trained", "1536"}, {"ia3", "rank of change", "64"}, {"ia3", "merges", "yes"}, {"ia3", "added, % FLOP", "0.0"},
		{"lora:4", "trained", "4096"}, {"lora:4", "rank of change", "4"}, {"lora:4", "merges", "yes"}, {"lora:4", "added, % FLOP", "0.0"},
		{"krona:8", "trained", "1024"}, {"krona:8", "rank of change", "64"}, {"krona:8", "added, % FLOP", "0.0"},
		{"vpt-deep:3", "trained", "768"}, {"vpt-deep:3", "changed", "0"}, {"vpt-deep:3", "rank of change", "-"}, {"vpt-deep:3", "merges", "no"},
		{"prefix:5", "changed", "0"}, {"prefix:5", "merges", "no"},
		{"adaptformer:8", "changed", "0"}, {"houlsby:8", "changed", "0"}, {"compacter:4", "changed", "0"}, {"compacter:4", "merges", "no"},
	} {
		if got := at(c.arm, c.column); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.arm, c.column, got, c.want)
		}
	}
	for _, c := range []struct {
		arm, column string
		low, high   float64
	}{
		{"lora:4", "changed", 32000, 32768},  // q and v of four blocks; a few numbers are rounded to what they were
		{"krona:8", "changed", 32000, 32768}, //
		{"full", "changed", 200000, 205376},
		{"scratch", "rank of change", 63, 64},
		{"ln", "changed", 1100, 1152},
		{"bitfit", "changed", 2600, 2944}, // that of the keys need not move
		{"vpt-deep:3", "added, % FLOP", 15, 25},
		{"adaptformer:8", "added, % FLOP", 1, 4},
		{"prefix:5", "added, % FLOP", 0.1, 2},
		{"full", "kept, kB", 1190, 1230},
	} {
		x, err := strconv.ParseFloat(at(c.arm, c.column), 64)
		if err != nil || x < c.low || x > c.high {
			t.Errorf("%s, %s: %v (%v), want %v to %v", c.arm, c.column, x, err, c.low, c.high)
		}
	}
	for _, row := range measured.Rows {
		for i, cell := range row[1:] {
			if name := measured.Columns[i+1]; name == "merges" || name == "skips backprop" || cell == "-" {
				continue
			}
			if _, err := strconv.ParseFloat(strings.Fields(cell)[0], 64); err != nil {
				t.Errorf("%s, %s does not begin with a number: %q", row[0], measured.Columns[i+1], cell)
			}
		}
	}

	if !strings.Contains(measured.Caption, "(IA)³, are not counted") || !strings.Contains(measured.Caption, "rounding to float32") || !strings.Contains(measured.Caption, "of a step of head only begin at features") {
		t.Errorf("it is not said what is counted: %s; %s", measured.Sub, measured.Caption)
	}
	if column("batch") >= 0 || !strings.Contains(measured.Sub, "one step, batch of 4;") {
		t.Errorf("equal batches have a column, or are not told: %v, %s", measured.Columns, measured.Sub)
	}

	merge := figure(t, report, "merge")
	for _, row := range merge.Rows {
		if strings.HasPrefix(row[0], "LoRA") || strings.HasPrefix(row[0], "KronA") || strings.HasPrefix(row[0], "(IA)") {
			if x, err := strconv.ParseFloat(row[1], 64); err != nil || x > 1e-4 || row[3] == row[2] != strings.HasPrefix(row[0], "(IA)") { // whose products with vectors are not counted
				t.Errorf("%v: a merged method changes logits by 1e-4 or more, or does the same work", row)
			}
		} else if row[1] != "-" || row[3] != "-" {
			t.Errorf("%v cannot be merged", row)
		}
	}
	if !strings.Contains(merge.Caption, "cannot be merged: "+tokens) || !strings.Contains(merge.Caption, "cannot be merged: "+bent) {
		t.Errorf("the caption does not say why: %s", merge.Caption)
	}

	rankings := figure(t, report, "rankings")
	for _, row := range rankings.Rows {
		if row[0] == "head only" && (row[2] != "1" || row[3] != "1") {
			t.Errorf("the head trains and holds least, but its places are %v", row)
		}
	}
	if !strings.Contains(rankings.Caption, "equal=steps") {
		t.Errorf("the caption does not say what is equal: %s", rankings.Caption)
	}
	checkInspector(t, report, spec)
	// Of one method with several sizes there is a curve.
	if f := figure(t, report, "length"); len(f.Series) == 0 {
		t.Error("no curve over sizes")
	}
}

// checkInspector holds the tiles against what the trials counted.
func checkInspector(t *testing.T, report wire.Report, spec wire.Spec) {
	t.Helper()
	f := figure(t, report, "inspector")
	if f.Kind != wire.FigureTiles || len(f.Tiles) != len(spec.Arms()) || !strings.Contains(f.Caption, "to the byte") {
		t.Fatalf("%d sets of tiles: %s", len(f.Tiles), f.Caption)
	}
	for i, set := range f.Tiles {
		if set.Arm != spec.Arms()[i] || set.Packed == 0 {
			t.Errorf("set %d is of %s, packed %d", i, set.Arm, set.Packed)
		}
		kept := 0
		for _, tile := range set.Tiles {
			kept += tile.Bytes
		}
		if want := report.Arms[i].Ledger.KeptBytes; kept != want {
			t.Errorf("%s: tiles of %d bytes, the trial kept %d", set.Arm, kept, want)
		}
	}
}

// One seed, a diverged racer and a missing one leave a report, without a verdict that they would have to carry.
func TestAnalysisOfBrokenRuns(t *testing.T) {
	spec := linked(t, "arms=head,full,lora:4,vpt-deep:3&train=64&steps=3&seeds=2&batch=4&lr=0.01")
	results := trials(t, spec)
	for i := range results {
		if id := results[i].Trial; id.Arm == 2 || id == (wire.TrialID{}) { // lora, and the head's first seed
			results[i].Diverged = 2
		}
	}
	results = slices.DeleteFunc(results, func(r wire.TrialResult) bool { return r.Trial.Arm == 1 }) // full
	for len(results) > 0 {
		report := reported(t, shared, spec, results)
		for _, c := range report.Claims {
			if c.Verdict == wire.Holds || c.Verdict == wire.Fails {
				t.Errorf("%d trials: %s %s", len(results), c.ID, c.Verdict)
			}
			if strings.Contains(c.Here+c.Why, "NaN") {
				t.Errorf("%s: %s %s", c.ID, c.Here, c.Why)
			}
		}
		results = results[:len(results)-1]
	}
}

// Times are there where there is a clock, and change nothing else.
func TestTimesNeedAClock(t *testing.T) {
	spec := linked(t, "arms=head,lora:4,adaptformer:4&train=64&steps=2&seeds=1&batch=4&lr=0.01")
	results := trials(t, spec)
	env := shared
	now := 0.0
	env.Clock = func() float64 { now++; return now }
	f, g := figure(t, reported(t, env, spec, results), "merge"), figure(t, reported(t, shared, spec, results), "merge")
	for i := range f.Rows {
		if f.Rows[i][5] == "-" || g.Rows[i][5] != "-" || f.Rows[i][2] != g.Rows[i][2] {
			t.Errorf("with a clock %v, without %v", f.Rows[i], g.Rows[i])
		}
	}
}

// Where memory is equal, every figure tells the batches apart, and nobody is ranked by what is left of the memory.
func TestFiguresOfEqualMemory(t *testing.T) {
	spec := linked(t, "arms=head,full,lora:4,vpt-deep:3&train=64&steps=2&seeds=2&batch=4&lr=0.01&equal=memory")
	results := trials(t, spec)
	report := reported(t, shared, spec, results)
	measured := figure(t, report, "measured")
	at := slices.Index(measured.Columns, "batch")
	if at < 0 {
		t.Fatalf("no column for the batch: %v", measured.Columns)
	}
	for i, row := range measured.Rows {
		want := 4 // that of the knob, for full fine-tuning
		if b := report.Arms[i].Batch; b > 0 {
			want = b
		}
		if len(row) != len(measured.Columns) || row[at] != strconv.Itoa(want) || (want == 4) != (report.Arms[i].Arm == "full") {
			t.Errorf("%v, trained with %d", row, want)
		}
	}
	for _, id := range []string{"measured", "inspector", "memory", "kept"} {
		if f := figure(t, report, id); !strings.Contains(f.Sub, "each racer with its own batch") || strings.Contains(f.Sub, "batch of 4") {
			t.Errorf("%s: %s", id, f.Sub)
		}
	}
	rankings := figure(t, report, "rankings")
	if strings.Join(rankings.Columns, ", ") != "Racer, by accuracy, by numbers, beaten by" || !strings.Contains(rankings.Caption, "memory is not ranked") || strings.Contains(rankings.Sub, "all three") {
		t.Errorf("%v: %s; %s", rankings.Columns, rankings.Sub, rankings.Caption)
	}
	for _, row := range rankings.Rows {
		if len(row) != len(rankings.Columns) {
			t.Errorf("%v under %v", row, rankings.Columns)
		}
	}
	if f := figure(t, report, "memory"); !strings.Contains(f.Caption, "Full fine-tuning has 4 in") {
		t.Errorf("memory: %s", f.Caption)
	}
	checkInspector(t, report, spec)
}

// Where trained numbers are to be equal, what is trained is told, and who cannot come near.
func TestFiguresOfEqualNumbers(t *testing.T) {
	spec := linked(t, "arms=head,lora:1,vpt-deep:1,krona:8,compacter:4&train=64&steps=2&seeds=2&batch=4&lr=0.01&equal=parameters&numbers=4096")
	report := reported(t, shared, spec, trials(t, spec))
	least, most := 1<<30, 0
	for _, a := range report.Arms[1:] {
		least, most = min(least, a.Trainable), max(most, a.Trainable)
	}
	f := figure(t, report, "rankings")
	for _, want := range []string{"closest to 4,096 numbers", "(equal=parameters), " + words.Count(least) + " to " + words.Count(most), "more than a tenth off: KronA", "Compacter++"} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("the caption does not say %q: %s", want, f.Caption)
		}
	}
	if off := f.Caption[strings.Index(f.Caption, "tenth off"):]; strings.Contains(off, "LoRA") || strings.Contains(off, "VPT") {
		t.Errorf("these reach the number: %s", off)
	}
}

// A run that searches for its rates shows what was found, and its verdicts do not call rates borrowed.
func TestFiguresOfSearchedRates(t *testing.T) {
	spec := linked(t, "arms=head,full,adaptformer:1,adaptformer:1~form=sequential&train=20&steps=1&seeds=2&batch=2&lr=grid")
	report := reported(t, shared, spec, trials(t, spec))
	if f := figure(t, report, "rates"); len(f.Series)+len(f.Rows) == 0 {
		t.Errorf("nothing is shown of the search: %s", f.Caption)
	}
	for _, c := range report.Claims {
		if c.ID == claimParallel && (c.Verdict == wire.NotRun || strings.Contains(c.Why, "not every rate was found")) {
			t.Errorf("%s: %s", c.Verdict, c.Why)
		}
	}
}

// Means over the seeds that are left are marked, and have no place in a ranking.
func TestFiguresOfDivergedRacers(t *testing.T) {
	spec := linked(t, "arms=head,lora:1,lora:2,lora:4&train=64&steps=2&seeds=2&batch=4&lr=0.01")
	results := trials(t, spec)
	for i := range results {
		if results[i].Trial == (wire.TrialID{Arm: 2, Seed: 1}) {
			results[i].Diverged = 1
		}
	}
	report := reported(t, shared, spec, results)
	for _, row := range figure(t, report, "measured").Rows {
		if accuracy := row[1]; strings.HasSuffix(accuracy, "(1 of 2 seeds)") != (row[0] == report.Arms[2].Label) {
			t.Errorf("measured: %v", row)
		}
	}
	for i, s := range figure(t, report, "frontier").Series {
		if strings.HasSuffix(s.Name, "(1 of 2 seeds)") != (i == 2) {
			t.Errorf("frontier: %s", s.Name)
		}
	}
	const out = "Left out, as training diverged with a seed: LoRA r = 2."
	rankings, length := figure(t, report, "rankings"), figure(t, report, "length")
	if len(rankings.Rows) != 3 || !strings.Contains(rankings.Caption, out) {
		t.Errorf("rankings: %d places; %s", len(rankings.Rows), rankings.Caption)
	}
	if len(length.Series) != 1 || !slices.Equal(length.Series[0].X, []float64{1, 4}) || !strings.Contains(length.Caption, out) {
		t.Errorf("length: %v; %s", length.Series, length.Caption)
	}
}
