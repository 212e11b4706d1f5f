package lora

import (
	_ "embed"
	"fmt"
	"math"
	"strings"
	"sync"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// rates.json is the table of tuned learning rates, written by `petri tune lora`.
//
//go:embed rates.json
var ratesFile []byte

// rateRow is the outcome for one arm on one task.
type rateRow struct {
	Backbone string    `json:"backbone"`
	World    string    `json:"world"`
	Task     string    `json:"task"`
	Arm      string    `json:"arm"`
	Rate     float64   `json:"rate"`
	Scores   []float64 `json:"scores"` // mean validation accuracy at each rate of the grid
}

// table is the content of rates.json.
type table struct{ lab.RateTable[rateRow] }

// rates is parsed once, by whoever first asks.
var rates = sync.OnceValue(func() table { return table{lab.MustRates[rateRow](labID, ratesFile)} })

// learningRate is the peak of the schedule of an arm: the knob lr, or the tuned rate.
func learningRate(spec wire.Spec, arm wire.Arm) float64 {
	if x, set := spec.Float("lr"); set {
		return x
	}
	row, _ := rates().find(spec.Text("backbone"), spec.Text("world"), spec.Text("task"), arm)
	return row.Rate
}

// find looks an arm up. The table need not have it: of the rows of the same backbone, world and task, an arm with
// matrices takes the one with the same matrices and the nearest rank (in factors, the smaller of two), or else the
// one with the nearest number of ranks in all (rank times matrices). An arm for which these rows have nothing takes
// those of the default run, which have something for every arm. exact tells whether nothing had to be guessed.
func (t table) find(backbone, world, task string, arm wire.Arm) (row rateRow, exact bool) {
	if row, exact = nearest(t.of(backbone, world, task), arm); row.Rate > 0 {
		return row, exact
	}
	row, _ = nearest(t.of("vtiny", "M", taskDigits), arm)
	return row, false
}

// nearest is the row of an arm, or of the arm with matrices that comes nearest to it; empty where there is none.
func nearest(rows []rateRow, arm wire.Arm) (row rateRow, exact bool) {
	best := math.Inf(1)
	for _, r := range rows {
		if r.Arm == arm.String() {
			return r, true
		}
		other, ok := parseArm(r.Arm)
		if !ok || other.Racer != "" || arm.Racer != "" {
			continue
		}
		far := 100 + math.Abs(math.Log2(float64(arm.Number*len(arm.Parts))/float64(other.Number*len(other.Parts))))
		if other.Name == arm.Name {
			far = math.Abs(math.Log2(float64(arm.Number) / float64(other.Number)))
		}
		if far < best-1e-9 {
			best, row = far, r
		}
	}
	return row, false
}

// of lists the rows of one task.
func (t table) of(backbone, world, task string) []rateRow {
	var rows []rateRow
	for _, r := range t.Rows {
		if r.Backbone == backbone && r.World == world && r.Task == task {
			rows = append(rows, r)
		}
	}
	return rows
}

// parseArm reads an arm's name.
func parseArm(name string) (wire.Arm, bool) {
	for _, k := range knobs() {
		if k.Arms != nil {
			arm, err := k.Arms.Parse(name)
			return arm, err == nil
		}
	}
	return wire.Arm{}, false
}

// ratesFigure shows the table of this run's task and which rate each racer used.
func (r *run) ratesFigure() wire.Figure {
	backbone, world, task := r.spec.Text("backbone"), r.spec.Text("world"), r.spec.Text("task")
	var uses []lab.RateUse
	for _, c := range r.racers {
		row, exact := rates().find(backbone, world, task, c.arm)
		use := lab.RateUse{Label: c.report.Label, Rate: learningRate(r.spec, c.arm), Scores: row.Scores}
		if !exact {
			from := row.Arm
			if row.Backbone != backbone || row.World != world || row.Task != task {
				from += " in the default run"
			}
			use.Scores, use.Guessed = nil, fmt.Sprintf("%s takes the rate of %s", c.name(), from)
		}
		uses = append(uses, use)
	}
	_, byHand := r.spec.Float("lr")
	return rates().Figure(uses, byHand)
}

// Tuning.

// tuneGrid is tried for every arm. It spans what is best for the head (0.03 to 1, where it is flat), for adapters
// (0.003 to 0.03), for full fine-tuning and from scratch (0.001 to 0.003).
var tuneGrid = []float64{3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1}

// tuneSeeds are the seeds of the tuning runs.
var tuneSeeds = []uint64{1000, 1001}

// V-small borrows the rates of V-tiny on the same grid: tuning it takes an hour of two cores. Its cases are listed all
// the same, and `petri tune lora -only "vsmall M digits"` gives it rows of its own.
const borrows = "vsmall"

// tuneArms are the rows of the table for one task.
var tuneArms = []string{"head", "q:1", "qv:1", "qv:4", "qv:32", "qkvo:1", "all:4", "full", "scratch"}

// tuneKnobs is the budget of the tuning runs, that of the default link.
const tuneKnobs = "train=1024&steps=200&batch=32&alpha=8"

// tuning lists every run that the table is made of, and makes it.
func tuning() *lab.Tuning {
	return &lab.Tuning{
		File: "kernels/papers/lora/rates.json",
		Grid: tuneGrid,
		Cases: func() []lab.TuneCase {
			var out []lab.TuneCase
			for _, at := range [][2]string{{"vtiny", "M"}, {"vtiny", "H"}, {"vsmall", "M"}} {
				for _, task := range []string{taskDigits, taskShuffled, taskWound, taskStyle} {
					if task == taskStyle && at[1] != "M" || at[0] == borrows && task != taskDigits {
						continue
					}
					for _, arm := range tuneArms {
						out = append(out, lab.TuneCase{
							Name: strings.Join([]string{at[0], at[1], task, arm}, " "),
							Link: func(rate float64, seed uint64) string {
								return fmt.Sprintf("lora?arms=%s&backbone=%s&world=%s&task=%s&%s&lr=%g&seeds=1&seed=%d", arm, at[0], at[1], task, tuneKnobs, rate, seed)
							},
						})
					}
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

// writeRates makes rates.json from the scores of cases, a mean per rate of the grid. Cases without scores keep the rows
// that the table has now.
func writeRates(scores map[string][]float64) ([]byte, error) {
	t := lab.NewRateTable[rateRow](tuneGrid, tuneSeeds, tuneKnobs)
	for _, c := range tuning().Cases() {
		f := strings.Fields(c.Name)
		row := rateRow{Backbone: f[0], World: f[1], Task: f[2], Arm: f[3]}
		s := scores[c.Name]
		if s == nil {
			arm, _ := parseArm(row.Arm)
			old, exact := rates().find(row.Backbone, row.World, row.Task, arm)
			if exact {
				t.Rows = append(t.Rows, old)
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
