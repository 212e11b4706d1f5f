package lab

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// RateTable is the content of a paper's rates.json, its table of tuned learning rates. A Row says which racer it is of in which
// setting, as the paper needs, and has the racer's rate and scores.
type RateTable[Row any] struct {
	Note  string    `json:"note"`
	Grid  []float64 `json:"grid"`  // the same for every racer
	Seeds []uint64  `json:"seeds"` // of the tuning runs: none that a default run uses
	Knobs string    `json:"knobs"` // what the tuning runs share: "train=1024&steps=200&batch=32"
	Rows  []Row     `json:"rows"`
}

// NewRateTable is a table without rows.
func NewRateTable[Row any](grid []float64, seeds []uint64, knobs string) RateTable[Row] {
	return RateTable[Row]{
		Note: fmt.Sprintf("Each racer was trained at each of %d rates with %d seeds that no default run uses (%s); the rate with the best mean accuracy on the 1,000 validation examples is used, the smaller one of equals. Test examples were not looked at.",
			len(grid), len(seeds), strings.ReplaceAll(knobs, "&", ", ")),
		Grid: grid, Seeds: seeds, Knobs: knobs,
	}
}

// MustRates reads the table of a paper. The file is part of the program and a test reads it, so a damaged one panics.
func MustRates[Row any](paper string, file []byte) RateTable[Row] {
	var t RateTable[Row]
	if err := json.Unmarshal(file, &t); err != nil {
		panic(paper + ": rates.json: " + err.Error())
	}
	return t
}

// File writes the table as a file.
func (t RateTable[Row]) File() ([]byte, error) {
	out, err := json.MarshalIndent(t, "", " ")
	return append(out, '\n'), err
}

// Best is the rate with the best score, the smaller one of equals in a rising grid, and the scores as the table shows them. It
// fails where the scores of a case are not one for each rate.
func (t RateTable[Row]) Best(name string, scores []float64) (rate float64, shown []float64, err error) {
	if len(scores) != len(t.Grid) {
		return 0, nil, fmt.Errorf("%s has %d scores for a grid of %d rates", name, len(scores), len(t.Grid))
	}
	best := 0
	for i, x := range scores { // rounded first: what looks equal in the table is equal
		shown = append(shown, math.Round(1e4*x)/1e4)
		if shown[i] > shown[best] {
			best = i
		}
	}
	return t.Grid[best], shown, nil
}

// RateUse is where the rate of one racer in a run comes from.
type RateUse struct {
	Label   string    // of the racer
	Rate    float64   // that it trained at
	Scores  []float64 // at each rate of the grid; empty where the racer has no row of its own
	Guessed string    // "it takes the rate of that"; empty where it has one
	Found   []float64 // the rates that a search within the run found for it, one for each seed; Scores are that search's
}

// Figure shows the table of a run's task and which rate each racer used. byHand tells that the rate was set for all.
func (t RateTable[Row]) Figure(racers []RateUse, byHand bool) wire.Figure {
	f := wire.Figure{ID: "rates", Kind: wire.FigureTable, Title: "Which learning rate did each racer get?",
		Sub: "validation accuracy in % at each rate of one grid; the best is used when the rate is auto"}
	f.Columns = []string{"Racer", "Used"}
	for _, g := range t.Grid {
		f.Columns = append(f.Columns, words.Rate(g))
	}
	var guessed, found []string
	for _, r := range racers {
		cells := []string{r.Label, words.Rate(r.Rate)}
		if len(r.Found) > 0 {
			var each []string
			for _, x := range r.Found {
				each = append(each, words.Rate(x))
			}
			cells[1] = strings.Join(each, ", ")
			found = append(found, r.Label)
		}
		for i := range t.Grid {
			cell := ""
			if i < len(r.Scores) {
				cell = words.Number(100*r.Scores[i], 1)
			}
			cells = append(cells, cell)
		}
		f.Rows = append(f.Rows, cells)
		if r.Guessed != "" {
			guessed = append(guessed, r.Guessed)
		}
	}
	f.Caption = t.Note
	if len(found) > 0 {
		f.Sub = "validation accuracy in % at each rate of one grid, mean over seeds"
		f.Caption = "Searched in this run: every seed tried all rates of the grid, from the same start with the same examples and steps, and took the one that is best on the 1,000 validation examples, the smaller one of equals. Test examples were not looked at."
		if len(found) < len(racers) {
			f.Caption = "Of " + words.List(found) + ": s" + f.Caption[1:] + " Of the others: " + t.Note
		}
	}
	if byHand {
		f.Caption = "The rate was set by hand for all racers. " + f.Caption
	} else if len(guessed) > 0 {
		f.Caption += " Not in the table: " + strings.Join(guessed, "; ") + "."
	}
	return f
}
