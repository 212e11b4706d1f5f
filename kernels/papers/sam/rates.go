package sam

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// rates.json is the table of tuned learning rates, made by what tuning lists.
//
//go:embed rates.json
var ratesFile []byte

// rateRow is the outcome for one racer.
type rateRow struct {
	Arm    string    `json:"arm"`
	Rate   float64   `json:"rate"`
	Scores []float64 `json:"scores"` // mean validation mIoU at each rate of the grid
}

// table is the content of rates.json.
type table struct{ lab.RateTable[rateRow] }

// rates is parsed once, by whoever first asks.
var rates = sync.OnceValue(func() table { return table{lab.MustRates[rateRow](labID, ratesFile)} })

// usualRate is that of racers of which the table says nothing.
const usualRate = 1.6e-2

// learningRate is the peak of the schedule of a racer: the knob lr, or the tuned rate.
func learningRate(spec wire.Spec, arm wire.Arm) float64 {
	if x, set := spec.Float("lr"); set {
		return x
	}
	row, _ := rates().find(arm.Racer)
	return row.Rate
}

// find looks a racer up. exact is false where it takes another one's rate: those of the data engine train the same model in equally many
// steps as the paper's model, and take its rate.
func (t table) find(name string) (row rateRow, exact bool) {
	for _, want := range [2]string{name, armThree} {
		for _, r := range t.Rows {
			if r.Arm == want {
				return r, want == name
			}
		}
	}
	return rateRow{Rate: usualRate}, false
}

// borrowed says where the rate of a racer in a run is from, where it was not found for it with this budget; "" where it was.
func (c *racing) borrowed() string {
	if c.shipped {
		return ""
	}
	if c.spec.Text("lr") != "auto" {
		return "the link"
	}
	row, exact := rates().find(c.arm.Racer)
	if row.Arm == "" {
		return "nobody, as none was searched for yet"
	}
	plain, err := wire.ParseQuery(description(), rates().Knobs)
	if err != nil {
		return "nobody"
	}
	from := row.Arm
	var budget []string
	for _, knob := range tunedKnobs {
		if plain.Text(knob) != c.spec.Text(knob) {
			budget = append(budget, knob+"="+plain.Text(knob))
		}
	}
	switch {
	case len(budget) > 0:
		return from + " with " + words.List(budget)
	case exact, len(c.stages) > 0: // the racers of the engine are one model, whatever it learns from
		return ""
	}
	return from
}

// ratesFigure shows which rate each racer used.
func (r *run) ratesFigure() (wire.Figure, bool) {
	var uses []lab.RateUse
	byHand := true
	for _, c := range r.racers {
		if c.shipped {
			continue
		}
		use := lab.RateUse{Label: c.report.Label, Rate: c.report.LR}
		if c.spec.Text("lr") == "auto" {
			byHand = false
			if row, exact := rates().find(c.arm.Racer); exact {
				use.Scores = row.Scores
			} else if row.Arm == "" {
				use.Guessed = fmt.Sprintf("%s takes the usual rate", c.report.Label)
			} else {
				use.Guessed = fmt.Sprintf("%s takes the rate of %s", c.report.Label, row.Arm)
			}
		}
		uses = append(uses, use)
	}
	f := rates().Figure(uses, byHand)
	f.Sub = "validation mIoU in % at each rate of one grid; the best is used when the rate is auto"
	return f, len(uses) > 0
}

// Tuning.

// tuneGrid is tried for every racer, in factors of two.
var tuneGrid = []float64{4e-3, 8e-3, 1.6e-2, 3.2e-2, 6.4e-2}

// tuneSeeds are the seeds of the tuning runs.
var tuneSeeds = []uint64{1000, 1001}

// tunedKnobs are what a rate is found for.
var tunedKnobs = []string{"scenes", "batch", "steps", "rounds", "single"}

// tuneKnobs is the budget of the tuning runs, that of the default link.
func tuneKnobs() string {
	var out []string
	lab := description()
	for _, name := range tunedKnobs {
		knob, _ := lab.Knob(name)
		out = append(out, name+"="+knob.Default)
	}
	return strings.Join(out, "&")
}

// tuned are the racers of the table: those that learn from true masks.
func tuned() []string {
	var out []string
	for _, r := range racers {
		if !r.shipped && r.stages == nil {
			out = append(out, r.name)
		}
	}
	return out
}

// tuning lists every run that the table is made of, and makes it.
func tuning() *lab.Tuning {
	return &lab.Tuning{
		File: "kernels/papers/sam/rates.json",
		Grid: tuneGrid,
		Cases: func() []lab.TuneCase {
			var out []lab.TuneCase
			for _, name := range tuned() {
				out = append(out, lab.TuneCase{Name: name, Link: func(rate float64, seed uint64) string {
					return fmt.Sprintf("sam?arms=%s&%s&lr=%g&seeds=1&seed=%d", name, tuneKnobs(), rate, seed)
				}})
			}
			return out
		},
		Seeds: tuneSeeds,
		Trial: func(env lab.Env, spec wire.Spec) (lab.Trial, error) {
			return newTrial(env, spec, wire.TrialID{}, course.Options{Tune: true})
		},
		Metric: validationMIoU,
		Table:  writeRates,
	}
}

// writeRates makes rates.json from the scores of cases, a mean per rate of the grid. Cases without scores keep the rows that the
// table has now, as long as it was made with the same grid, seeds and budget.
func writeRates(scores map[string][]float64) ([]byte, error) {
	t := emptyTable()
	old := rates()
	same := old.Knobs == t.Knobs && slices.Equal(old.Grid, t.Grid) && slices.Equal(old.Seeds, t.Seeds)
	for _, c := range tuning().Cases() {
		s := scores[c.Name]
		if s == nil {
			if kept, exact := old.find(c.Name); exact && same {
				t.Rows = append(t.Rows, kept)
			}
			continue
		}
		row := rateRow{Arm: c.Name}
		var err error
		if row.Rate, row.Scores, err = t.Best(c.Name, s); err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t.File()
}

// emptyTable is a table without rows.
func emptyTable() lab.RateTable[rateRow] {
	t := lab.NewRateTable[rateRow](tuneGrid, tuneSeeds, tuneKnobs())
	t.Note = fmt.Sprintf("Each racer was trained at each of %d rates with %d seeds that no default run uses; the rate with the best mean IoU on %d validation scenes, one click and the best of the masks, is used, the smaller one of equals. Test scenes were not looked at.",
		len(tuneGrid), len(tuneSeeds), tunedScenes)
	t.Rows = []rateRow{}
	return t
}
