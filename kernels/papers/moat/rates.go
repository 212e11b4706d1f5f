package moat

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// rates.json is the table of tuned learning rates, written by `petri tune moat`.
//
//go:embed rates.json
var ratesFile []byte

// rateRow is the outcome for one racer on one task.
type rateRow struct {
	Task   string    `json:"task"`
	Arm    string    `json:"arm"`
	Rate   float64   `json:"rate"`
	Scores []float64 `json:"scores"` // mean validation accuracy at each rate of the grid
}

// table is the content of rates.json.
type table struct{ lab.RateTable[rateRow] }

// rates is parsed once, by whoever first asks.
var rates = sync.OnceValue(func() table { return table{lab.MustRates[rateRow](labID, ratesFile)} })

// learningRate is the peak of the schedule of a racer: the knob lr, or the tuned rate.
func learningRate(spec wire.Spec, arm wire.Arm) float64 {
	if x, set := spec.Float("lr"); set {
		return x
	}
	row, _ := rates().find(spec.Text("task"), arm)
	return row.Rate
}

// find looks a racer up; exact tells whether nothing had to be guessed. One with edits that has no row takes that of the
// plain racer; a plain one that was not tuned on a task takes that of MOAT there. One that starts from a base wants
// another rate than one that starts from random values: it takes that of MOAT with the same start, on
// the digits where the task has none.
func (t table) find(task string, arm wire.Arm) (row rateRow, exact bool) {
	type name struct{ task, arm string }
	names := []name{{task, arm.String()}, {task, arm.Racer}, {task, armMOAT}}
	if start := recipeOf(wire.Spec{}, arm).start; start != "" {
		like := armMOAT + "~" + start
		names = []name{{task, arm.String()}, {task, like}, {taskDigits, like}}
	}
	for i, n := range names {
		for _, r := range t.Rows {
			if r.Task == n.task && r.Arm == n.arm {
				return r, i == 0
			}
		}
	}
	return rateRow{}, false
}

// ratesFigure shows the table of this run's task and which rate each racer used.
func (r *run) ratesFigure() wire.Figure {
	task := r.spec.Text("task")
	var uses []lab.RateUse
	for _, c := range r.racers {
		row, exact := rates().find(task, c.arm)
		use := lab.RateUse{Label: c.report.Label, Rate: learningRate(r.spec, c.arm), Scores: row.Scores}
		if !exact {
			of := row.Arm
			if row.Task != task {
				of += " on the task " + row.Task
			}
			use.Scores, use.Guessed = nil, fmt.Sprintf("%s takes the rate of %s", c.report.Label, of)
		}
		uses = append(uses, use)
	}
	_, byHand := r.spec.Float("lr")
	return rates().Figure(uses, byHand)
}

// Tuning.

// tuneGrid is tried for every racer.
var tuneGrid = []float64{5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2, 6.4e-2, 1.28e-1}

// tuneSeeds are the seeds of the tuning runs.
var tuneSeeds = []uint64{1000, 1001}

// tuneKnobs is the budget of the tuning runs, that of the default link.
const tuneKnobs = "train=1000&steps=150&batch=32"

// tuneArms are the rows of the table by task: all blocks, what the claims compare besides them, and every way to start
// from a base.
var tuneArms = map[string][]string{
	taskTexture: {armViT, armAttnMBConv, armMOAT, armStacked, armNoPos, armMOATWindow, armViTWindow, "moat~pool", "moat~noattn", "moat~noattn~few", "vit~few", "moat~head", "moat~loraview", "moat~loraconv", "moat~tuned"},
	taskSame:    {armViT, armAttnMBConv, armMOAT, "moat~noattn"},
	taskCue:     {armViT, armMOAT, armMOATWindow, armViTWindow},
	taskDigits:  {armViT, armAttnMBConv, armMOAT, armStacked, armNoPos, armMOATWindow, armViTWindow, "moat~pool", "moat~noattn", "moat~noattn~few", "vit~few", "moat~head", "moat~loraview", "moat~loraconv", "moat~tuned"},
}

// tuning lists every run that the table is made of, and makes it.
func tuning() *lab.Tuning {
	return &lab.Tuning{
		File: "kernels/papers/moat/rates.json",
		Grid: tuneGrid,
		Cases: func() []lab.TuneCase {
			var out []lab.TuneCase
			for _, task := range []string{taskTexture, taskSame, taskCue, taskDigits} {
				for _, arm := range tuneArms[task] {
					out = append(out, lab.TuneCase{
						Name: task + " " + arm,
						Link: func(rate float64, seed uint64) string {
							// A race has two racers; the tuning trains the first of them.
							return fmt.Sprintf("moat?arms=%s,%s&task=%s&%s&lr=%g&seeds=1&seed=%d", arm, other(arm), task, tuneKnobs, rate, seed)
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

// other is any racer but this one.
func other(arm string) string {
	if arm == armMOAT {
		return armViT
	}
	return armMOAT
}

// writeRates makes rates.json from the scores of cases, a mean per rate of the grid. Cases without scores keep the rows
// that the table has now.
func writeRates(scores map[string][]float64) ([]byte, error) {
	t := lab.NewRateTable[rateRow](tuneGrid, tuneSeeds, tuneKnobs)
	for _, c := range tuning().Cases() {
		task, arm, _ := strings.Cut(c.Name, " ")
		row := rateRow{Task: task, Arm: arm}
		s := scores[c.Name]
		if s == nil {
			parsed, err := parseArm(arm)
			if err != nil {
				return nil, err
			}
			if old, exact := rates().find(task, parsed); exact {
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
