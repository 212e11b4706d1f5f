//go:build !js

package vpt

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// sampleRates is a table of four rows.
var sampleRates = table{lab.RateTable[rateRow]{Rows: []rateRow{
	{Backbone: "vtiny", Task: taskDigits, Arm: "lora:4", Rate: 4},
	{Backbone: "vtiny", Task: taskDigits, Arm: "lora:16", Rate: 16},
	{Backbone: "vtiny", Task: taskDigits, Arm: "bitfit", Rate: 1},
	{Backbone: "vsmall", Task: taskStyle, Arm: "lora:1", Rate: 100},
}}}

func TestARateIsThatOfTheSameMethod(t *testing.T) {
	for _, c := range []struct {
		backbone, task, arm string
		rate                float64
		exact               bool
	}{
		{"vtiny", taskDigits, "lora:4", 4, true},
		{"vtiny", taskDigits, "lora:1", 4, false},
		{"vtiny", taskDigits, "lora:8", 4, false},
		{"vtiny", taskDigits, "lora:9", 16, false},
		{"vtiny", taskDigits, "bitfit", 1, true},
		{"vtiny", taskStyle, "bitfit", 1, false},
		{"vsmall", taskStyle, "lora:8", 100, false},
		{"vsmall", taskDigits, "lora:16", 16, false},
		{"vtiny", taskDigits, "vpt-deep:0", 0, false},
		{"vtiny", taskDigits, "ln", 0, false},
	} {
		arm, err := parseArm(c.arm)
		if err != nil {
			t.Fatal(err)
		}
		if row, exact := sampleRates.find(c.backbone, c.task, arm); row.Rate != c.rate || exact != c.exact {
			t.Errorf("%s on %s with %s: rate %v, exact %v", c.arm, c.task, c.backbone, row.Rate, exact)
		}
	}
}

// Where nothing like a racer was tuned, auto is an error at the knob and no guess.
func TestAutoDoesNotPretend(t *testing.T) {
	for _, name := range strings.Split(everyArm, ",") {
		arm, bad := parseArm(name)
		if bad != nil {
			t.Fatal(bad)
		}
		spec := linked(t, "arms="+name)
		row, _ := rates().find("vtiny", taskDigits, arm)
		rate, err := learningRate(spec, arm)
		var e *wire.SpecError
		if tuned := row.Rate > 0; tuned != (err == nil) || rate != row.Rate || !tuned && (!errors.As(err, &e) || e.Knob != "lr") {
			t.Errorf("%s: rate %v, tuned to %v: %v", name, rate, row.Rate, err)
		}
		if rate, err := learningRate(linked(t, "arms="+name+"&lr=0.5"), arm); rate != 0.5 || err != nil {
			t.Errorf("%s: by hand the rate is %v: %v", name, rate, err)
		}
	}
}

func TestTuningListsRunsThatCanBeRead(t *testing.T) {
	work := tuning()
	if len(work.Grid) < 8 || !slices.IsSorted(work.Grid) {
		t.Errorf("the grid is %v", work.Grid)
	}
	usual := wire.NewSpec(description())
	for _, c := range work.Cases() {
		for _, rate := range work.Grid {
			_, query, _ := strings.Cut(c.Link(rate, work.Seeds[0]), "?")
			spec := linked(t, query)
			if x, _ := spec.Float("lr"); x != rate {
				t.Errorf("%s trains at %v, not at %v", c.Name, x, rate)
			}
			for _, knob := range []string{"train", "steps", "batch", "task"} {
				if spec.Text(knob) != usual.Text(knob) {
					t.Errorf("%s: %s is not that of the default run", c.Name, knob)
				}
			}
		}
	}
	tr, err := work.Trial(shared, linked(t, "arms=head&lr=0.1&batch=4&train=64&steps=3"))
	if err != nil {
		t.Fatal(err)
	}
	for !tr.Advance() {
	}
	m := tr.Result().Metrics
	if _, ok := m[course.ValidationAccuracy]; !ok || m[course.TestAccuracy] != 0 {
		t.Errorf("a tuning run measured %v", m)
	}
}

// The table has a row for every case, and its rates are the best of their scores.
func TestTableIsWhatItsScoresSay(t *testing.T) {
	rows := rates().Rows
	if len(rows) == 0 {
		t.Fatal("the table of rates is empty: tune")
	}
	scores := map[string][]float64{}
	for _, r := range rows {
		scores[strings.Join([]string{r.Backbone, r.Task, r.Arm}, " ")] = r.Scores
	}
	file, err := writeRates(scores)
	if err != nil {
		t.Fatal(err)
	}
	if string(file) != string(ratesFile) {
		t.Error("rates.json is not what its own scores make of it")
	}
	if file, err := writeRates(nil); err != nil || string(file) != string(ratesFile) {
		t.Errorf("rows without new scores are not kept: %v", err)
	}
	if _, err := writeRates(map[string][]float64{tuning().Cases()[0].Name: {0.5}}); err == nil {
		t.Error("one score for a whole grid was taken")
	}
}

// The report of a run shows where each racer's rate comes from.
func TestReportShowsTheRates(t *testing.T) {
	if len(rates().Rows) == 0 {
		t.Fatal("the table of rates is empty: tune")
	}
	spec := linked(t, "arms=head,lora:8&batch=4&train=64&steps=3&seeds=2")
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
	report, err := lab.MakeReport(shared, Paper, spec, results)
	if err != nil {
		t.Fatal(err)
	}
	shown := report.Figures[len(report.Figures)-1]
	if shown.ID != "rates" || len(shown.Rows) != 2 {
		t.Fatalf("the last figure is %+v", shown)
	}
	if c := shown.Caption; !strings.Contains(c, "takes the rate of lora:4") {
		t.Errorf("the caption does not say that a rate was guessed: %s", c)
	}
}
