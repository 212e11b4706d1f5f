package moat

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// rates.json is the table of tuned learning rates, written by `petri tune moat`.
//
//go:embed rates.json
var ratesFile []byte

// table is the content of rates.json.
type table struct {
	Note  string    `json:"note"`
	Grid  []float64 `json:"grid"`  // the same for every racer
	Seeds []uint64  `json:"seeds"` // of the tuning runs: none that a default run uses
	Knobs string    `json:"knobs"` // what the tuning runs share
	Rows  []rateRow `json:"rows"`
}

// rateRow is the outcome for one racer on one task.
type rateRow struct {
	Task   string    `json:"task"`
	Arm    string    `json:"arm"`
	Rate   float64   `json:"rate"`
	Scores []float64 `json:"scores"` // mean validation accuracy at each rate of the grid
}

// rates is parsed once, by whoever first asks: the file is part of the program and a test reads it.
var rates = sync.OnceValue(func() table { return mustTable(ratesFile) })

func mustTable(file []byte) table {
	var t table
	if err := json.Unmarshal(file, &t); err != nil {
		panic("moat: rates.json: " + err.Error())
	}
	return t
}

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
	f := wire.Figure{ID: "rates", Kind: wire.FigureTable, Title: "Which learning rate did each racer get?",
		Sub: "validation accuracy in % at each rate of one grid; the best is used when the rate is auto"}
	f.Columns = []string{"Racer", "Used"}
	for _, g := range rates().Grid {
		f.Columns = append(f.Columns, rate(g))
	}
	var guessed []string
	for _, c := range r.racers {
		row, exact := rates().find(r.spec.Text("task"), c.arm)
		cells := []string{c.report.Label, rate(learningRate(r.spec, c.arm))}
		for i := range rates().Grid {
			cell := ""
			if exact && i < len(row.Scores) {
				cell = words.Number(100*row.Scores[i], 1)
			}
			cells = append(cells, cell)
		}
		f.Rows = append(f.Rows, cells)
		if !exact {
			of := row.Arm
			if row.Task != r.spec.Text("task") {
				of += " on the task " + row.Task
			}
			guessed = append(guessed, fmt.Sprintf("%s takes the rate of %s", c.report.Label, of))
		}
	}
	f.Caption = rates().Note
	if _, fixed := r.spec.Float("lr"); fixed {
		f.Caption = "The rate was set by hand for all racers. " + f.Caption
	} else if len(guessed) > 0 {
		f.Caption += " Not in the table: " + strings.Join(guessed, "; ") + "."
	}
	return f
}

// rate writes a learning rate.
func rate(x float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.6f", x), "0"), ".")
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
			return newTrial(env, spec, wire.TrialID{}, options{tune: true})
		},
		Metric: "validation_accuracy",
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
	t := table{
		Note: fmt.Sprintf("Each racer was trained at each of %d rates with %d seeds that no default run uses (%s); the rate with the best mean accuracy on the 1,000 validation examples is used, the smaller one of equals. Test examples were not looked at.",
			len(tuneGrid), len(tuneSeeds), strings.ReplaceAll(tuneKnobs, "&", ", ")),
		Grid: tuneGrid, Seeds: tuneSeeds, Knobs: tuneKnobs,
	}
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
		if len(s) != len(tuneGrid) {
			return nil, fmt.Errorf("%s has %d scores for a grid of %d rates", c.Name, len(s), len(tuneGrid))
		}
		best := 0
		for i, x := range s { // rounded first: what looks equal in the table is equal
			row.Scores = append(row.Scores, math.Round(1e4*x)/1e4)
			if row.Scores[i] > row.Scores[best] {
				best = i
			}
		}
		row.Rate = tuneGrid[best]
		t.Rows = append(t.Rows, row)
	}
	out, err := json.MarshalIndent(t, "", " ")
	return append(out, '\n'), err
}
