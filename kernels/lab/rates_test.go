package lab

import (
	"slices"
	"strings"
	"testing"
)

// toyRow is a row of a table whose cases differ in the racer alone.
type toyRow struct {
	Arm    string    `json:"arm"`
	Rate   float64   `json:"rate"`
	Scores []float64 `json:"scores"`
}

// Scores that the table shows as equal are equal: the smaller rate wins.
func TestTheBestRate(t *testing.T) {
	table := NewRateTable[toyRow]([]float64{0.01, 0.1, 1}, []uint64{1000, 1001}, "train=64&steps=2")
	for _, c := range []struct {
		scores, shown []float64
		rate          float64
	}{
		{[]float64{.1, .3, .2}, []float64{.1, .3, .2}, 0.1},
		{[]float64{.50001, .2, .50004}, []float64{.5, .2, .5}, 0.01},
		{[]float64{0, 0, .00006}, []float64{0, 0, .0001}, 1},
	} {
		rate, shown, err := table.Best("a", c.scores)
		if err != nil || rate != c.rate || !slices.Equal(shown, c.shown) {
			t.Errorf("%v: rate %v, shown as %v (%v)", c.scores, rate, shown, err)
		}
	}
	if _, _, err := table.Best("case a", []float64{1}); err == nil || !strings.Contains(err.Error(), "case a has 1 scores for a grid of 3") {
		t.Errorf("one score for a whole grid: %v", err)
	}
	if !strings.Contains(table.Note, "3 rates with 2 seeds") || !strings.Contains(table.Note, "(train=64, steps=2)") {
		t.Errorf("the note says %q", table.Note)
	}
}

func TestRatesTravel(t *testing.T) {
	table := NewRateTable[toyRow]([]float64{0.01, 0.1}, []uint64{1000}, "steps=2")
	table.Rows = []toyRow{{"a", 0.1, []float64{.2, .3}}}
	file, err := table.File()
	if err != nil || !strings.HasSuffix(string(file), "}\n") {
		t.Fatalf("%q (%v)", file, err)
	}
	again, err := MustRates[toyRow]("toy", file).File()
	if err != nil || string(again) != string(file) {
		t.Errorf("%q became %q (%v)", file, again, err)
	}
	defer func() {
		if said, _ := recover().(string); !strings.HasPrefix(said, "toy: rates.json: ") {
			t.Errorf("a damaged table: %q", said)
		}
	}()
	MustRates[toyRow]("toy", file[1:])
}

func TestRatesFigure(t *testing.T) {
	table := NewRateTable[toyRow]([]float64{0.01, 0.1}, []uint64{1000}, "steps=2")
	uses := []RateUse{{Label: "A", Rate: 0.1, Scores: []float64{.2, .345}}, {Label: "B", Rate: 0.1, Guessed: "B takes the rate of A"}}
	f := table.Figure(uses, false)
	if !slices.Equal(f.Columns, []string{"Racer", "Used", "0.01", "0.1"}) ||
		!slices.Equal(f.Rows[0], []string{"A", "0.1", "20.0", "34.5"}) || !slices.Equal(f.Rows[1], []string{"B", "0.1", "", ""}) {
		t.Errorf("%v, %v", f.Columns, f.Rows)
	}
	if f.Caption != table.Note+" Not in the table: B takes the rate of A." {
		t.Errorf("the caption is %q", f.Caption)
	}
	if f := table.Figure(uses, true); f.Caption != "The rate was set by hand for all racers. "+table.Note {
		t.Errorf("with a rate set by hand the caption is %q", f.Caption)
	}
	uses[1] = RateUse{Label: "B", Rate: 0.01, Scores: []float64{.4, .3}, Found: []float64{0.01, 0.1}}
	f = table.Figure(uses, false)
	if !slices.Equal(f.Rows[1], []string{"B", "0.01, 0.1", "40.0", "30.0"}) {
		t.Errorf("of a racer that searched: %v", f.Rows[1])
	}
	if !strings.HasPrefix(f.Caption, "Of B: searched in this run: ") || !strings.HasSuffix(f.Caption, " Of the others: "+table.Note) {
		t.Errorf("with a racer that searched the caption is %q", f.Caption)
	}
}
