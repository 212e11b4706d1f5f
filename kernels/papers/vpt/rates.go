package vpt

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// rates.json is the table of tuned learning rates, made by what tuning lists. Rows that it lacks are not guessed from other
// methods.
//
//go:embed rates.json
var ratesFile []byte

// rateRow is the outcome for one arm on one task.
type rateRow struct {
	Backbone string    `json:"backbone"`
	Task     string    `json:"task"`
	Arm      string    `json:"arm"`
	Rate     float64   `json:"rate"`
	Scores   []float64 `json:"scores"` // mean validation accuracy at each rate of the grid
}

// whose names the racer of a row, with its backbone and task where they are not those of the one that borrows its rate.
func (r rateRow) whose(backbone, task string) string {
	if r.Backbone == backbone && r.Task == task {
		return r.Arm
	}
	return r.Arm + " on " + r.Backbone + " and " + r.Task
}

// table is the content of rates.json.
type table struct{ lab.RateTable[rateRow] }

// rates is parsed once, by whoever first asks.
var rates = sync.OnceValue(func() table { return table{lab.MustRates[rateRow](labID, ratesFile)} })

// learningRate is the peak of the schedule of an arm: the knob lr, or the tuned rate. It fails where nothing like the arm was
// tuned.
func learningRate(spec wire.Spec, arm wire.Arm) (float64, error) {
	if x, set := spec.Float("lr"); set {
		return x, nil
	}
	row, _ := rates().find(spec.Text("backbone"), spec.Text("task"), arm)
	if row.Rate == 0 {
		return 0, &wire.SpecError{Knob: "lr", Text: fmt.Sprintf("no learning rate was tuned for %s", arm), Nearest: "lr=0.01"}
	}
	return row.Rate, nil
}

// find looks an arm up. Of the rows of the same backbone and task, an arm with a number takes that of the same method with the
// nearest number (in factors, the smaller of two). Where these rows have nothing it takes those of the digits, then those of
// V-tiny that was trained alike, then those of the default run. exact tells whether nothing had to be guessed; the row is empty
// where nothing fits.
func (t table) find(backbone, task string, arm wire.Arm) (row rateRow, exact bool) {
	if row, exact = t.nearest(backbone, task, arm); row.Rate > 0 {
		return row, exact
	}
	for _, b := range []string{backbone, strings.Replace(backbone, "vsmall", "vtiny", 1), "vtiny"} {
		if row, _ = t.nearest(b, taskDigits, arm); row.Rate > 0 {
			return row, false
		}
	}
	return row, false
}

// nearest is the row of an arm, or of its method with the nearest number, among those of a backbone and task.
func (t table) nearest(backbone, task string, arm wire.Arm) (row rateRow, exact bool) {
	best := math.Inf(1)
	for _, r := range t.Rows {
		if r.Backbone != backbone || r.Task != task {
			continue
		}
		if r.Arm == arm.Bare() {
			return r, true
		}
		other, err := parseArm(r.Arm)
		if err != nil || arm.Racer != "" || other.Racer != "" || other.Name != arm.Name {
			continue
		}
		far := math.Abs(math.Log2(float64(max(1, arm.Number)) / float64(max(1, other.Number))))
		if far < best-1e-9 {
			best, row = far, r
		}
	}
	return row, false
}

// ratesFigure shows which rate each racer used and what is known of others: of the table, or of the racer's own search.
func (r *run) ratesFigure() wire.Figure {
	var uses []lab.RateUse
	for _, c := range r.racers {
		use := lab.RateUse{Label: c.report.Label, Rate: c.report.LR}
		if lr := c.spec.Text("lr"); lr == rateGrid {
			use.Scores, use.Found = c.searched()
		} else if lr != "auto" {
			// by hand: the table has nothing to say
		} else if row, exact := rates().find(c.backbone(), r.spec.Text("task"), c.as); exact {
			use.Scores = row.Scores
		} else {
			use.Guessed = fmt.Sprintf("%s takes the rate of %s", c.report.Label, row.whose(c.backbone(), r.spec.Text("task")))
		}
		uses = append(uses, use)
	}
	byHand := !slices.ContainsFunc(r.racers, func(c *racer) bool { return c.spec.Text("lr") == "auto" || c.spec.Text("lr") == rateGrid })
	return rates().Figure(uses, byHand)
}

// searched is what the racer's own searches found: the mean score at each rate of the grid, and the rate of each seed.
func (c *racer) searched() (scores, found []float64) {
	n := 0.0
	for _, t := range c.results {
		grid := t.Extra[extraGrid]
		if len(grid) != len(tuneGrid) {
			continue
		}
		if scores == nil {
			scores = make([]float64, len(tuneGrid))
		}
		for i, x := range grid {
			scores[i] += x
		}
		n++
		found = append(found, t.LR)
	}
	for i := range scores {
		scores[i] /= n
	}
	return scores, found
}

// Tuning.

// tuneGrid is tried for every arm, in steps of half a decade: from what full fine-tuning wants to what prompts may.
var tuneGrid = []float64{3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3}

// tuneSeeds are the seeds of the tuning runs.
var tuneSeeds = []uint64{1000, 1001}

// tuneArms are the rows of the table for one task.
var tuneArms = []string{"head", "full", "scratch", "bitfit", "ln", "ia3", "vpt-shallow:10", "vpt-deep:10", "adaptformer:8", "lora:4",
	"houlsby:8", "pfeiffer:8", "prefix:5", "krona:8", "compacter:4",
	"vpt-deep:1", "vpt-deep:50", "adaptformer:1", "adaptformer:4", "adaptformer:32"} // what claims compare sizes with

// tuneKnobs is the budget of the tuning runs, that of the default link.
const tuneKnobs = "train=1000&steps=300&batch=32"

// tuneBackbones are those that the table has rows for.
var tuneBackbones = []string{"vtiny", "vtiny-mae"}

// tuning lists every run that the table is made of, and makes it. V-small borrows the rates of V-tiny, and the other tasks those
// of the digits.
func tuning() *lab.Tuning {
	return &lab.Tuning{
		File: "kernels/papers/vpt/rates.json",
		Grid: tuneGrid,
		Cases: func() []lab.TuneCase {
			var out []lab.TuneCase
			for _, backbone := range tuneBackbones {
				for _, arm := range tuneArms {
					out = append(out, lab.TuneCase{
						Name: strings.Join([]string{backbone, taskDigits, arm}, " "),
						Link: func(rate float64, seed uint64) string {
							return fmt.Sprintf("vpt?arms=%s&backbone=%s&task=%s&%s&lr=%g&seeds=1&seed=%d", arm, backbone, taskDigits, tuneKnobs, rate, seed)
						},
					})
				}
			}
			return out
		},
		Seeds: tuneSeeds,
		Trial: func(env lab.Env, spec wire.Spec) (lab.Trial, error) {
			return newTrial(env, spec, wire.TrialID{}, course.Options{Tune: true})
		},
		Metric: course.ValidationAccuracy,
		Table:  writeRates,
	}
}

// writeRates makes rates.json from the scores of cases, a mean per rate of the grid. Cases without scores keep the rows that
// the table has now, as long as it was made with the same grid, seeds and budget.
func writeRates(scores map[string][]float64) ([]byte, error) {
	t := lab.NewRateTable[rateRow](tuneGrid, tuneSeeds, tuneKnobs)
	t.Rows = []rateRow{}
	old := rates()
	same := old.Knobs == t.Knobs && slices.Equal(old.Grid, t.Grid) && slices.Equal(old.Seeds, t.Seeds)
	for _, c := range tuning().Cases() {
		f := strings.Fields(c.Name)
		row := rateRow{Backbone: f[0], Task: f[1], Arm: f[2]}
		s := scores[c.Name]
		if s == nil {
			arm, err := parseArm(row.Arm)
			if err != nil {
				return nil, err
			}
			if kept, exact := old.nearest(row.Backbone, row.Task, arm); exact && same {
				t.Rows = append(t.Rows, kept)
			}
			continue
		}
		var err error
		if row.Rate, row.Scores, err = t.Best(c.Name, s); err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t.File()
}
