package sam

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

func armNamed(t *testing.T, name string) wire.Arm {
	t.Helper()
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(name)
	if bad != nil {
		t.Fatal(bad)
	}
	return arm
}

// The table is what its scores say, and there is a row for each case.
func TestTableIsWhatItsScoresSay(t *testing.T) {
	now := rates()
	if !slices.Equal(now.Grid, tuneGrid) || now.Knobs != tuneKnobs() {
		t.Fatalf("rates.json was made with the grid %v and %s, the program has %v and %s; tune again", now.Grid, now.Knobs, tuneGrid, tuneKnobs())
	}
	for _, r := range now.Rows {
		if len(r.Scores) != len(tuneGrid) {
			t.Fatalf("%s: %d scores for %d rates", r.Arm, len(r.Scores), len(tuneGrid))
		}
		best := slices.Index(r.Scores, slices.Max(r.Scores))
		if r.Rate != tuneGrid[best] {
			t.Errorf("%s: rate %v, but %v scores best", r.Arm, r.Rate, tuneGrid[best])
		} else if inner := slices.Max(r.Scores[1 : len(tuneGrid)-1]); (best == 0 || best == len(tuneGrid)-1) && r.Scores[best] > inner+0.02 {
			t.Errorf("%s: %v at the edge of the grid scores %.3f, inside it %.3f at most: widen the grid", r.Arm, r.Rate, r.Scores[best], inner)
		}
	}
	for _, c := range tuning().Cases() {
		if _, exact := now.find(c.Name); !exact {
			t.Errorf("%s is not in the table", c.Name)
		}
	}
}

func TestTuningIsApartFromRuns(t *testing.T) {
	tn := tuning()
	plain := linked(t, "sam")
	for _, c := range tn.Cases() {
		spec := linked(t, c.Link(tn.Grid[0], tn.Seeds[0]))
		if got := spec.Text("arms"); got != c.Name {
			t.Errorf("the case %q trains %q", c.Name, got)
		}
		if x, set := spec.Float("lr"); !set || x != tn.Grid[0] {
			t.Errorf("%s: the rate is %v", c.Name, x)
		}
		for _, k := range tunedKnobs {
			if spec.Text(k) != plain.Text(k) {
				t.Errorf("%s is tuned with %s=%s, and races with %s", c.Name, k, spec.Text(k), plain.Text(k))
			}
		}
	}
	for _, s := range tn.Seeds {
		if s < 10 {
			t.Errorf("seed %d is one that default runs use", s)
		}
	}
}

// Racers without a row take that of the paper's model; the knob beats the table.
func TestRatesAreFound(t *testing.T) {
	made := table{lab.RateTable[rateRow]{Rows: []rateRow{{Arm: armSingle, Rate: 1}, {Arm: armThree, Rate: 2}}}}
	for name, want := range map[string]float64{armSingle: 1, armThree: 2, armEngine1: 2, "heads:4": 2} {
		if row, exact := made.find(name); row.Rate != want || exact != (name == armSingle || name == armThree) {
			t.Errorf("%s: rate %v, exact %v", name, row.Rate, exact)
		}
	}
	if row, exact := (table{}).find(armThree); row.Rate != usualRate || exact {
		t.Errorf("an empty table gives %v", row)
	}
	for _, r := range racers {
		if rate := learningRate(linked(t, "sam"), armNamed(t, r.name)); rate <= 0 {
			t.Errorf("%s trains at %v", r.name, rate)
		}
	}
	if got := learningRate(linked(t, "sam?lr=0.25"), armNamed(t, armThree)); got != 0.25 {
		t.Errorf("lr=0.25 gives %v", got)
	}
}

// Scores that the table shows as equal are equal: the smaller rate wins. Cases without scores keep their rows.
func TestWritingTheTable(t *testing.T) {
	tunedTable(t)
	file, err := writeRates(map[string][]float64{armThree: {.1, .50001, .50004, .2, .1}})
	if err != nil {
		t.Fatal(err)
	}
	got := lab.MustRates[rateRow](labID, file)
	if row, exact := (table{got}).find(armThree); !exact || row.Rate != tuneGrid[1] {
		t.Errorf("the first of two equals should win: %+v", row)
	}
	if len(got.Rows) != len(tuned()) || !strings.Contains(got.Note, "validation scenes") {
		t.Errorf("%d rows, want %d; the note is %q", len(got.Rows), len(tuned()), got.Note)
	}
	if _, err := writeRates(map[string][]float64{armThree: {1}}); err == nil {
		t.Error("one score for a whole grid was taken")
	}
}

// What a run with the shipped model reads is named, and nothing else.
func TestNeeds(t *testing.T) {
	for link, want := range map[string]int{"sam": 0, "sam?arms=heads:3,shipped": 1} {
		if got := needs(linked(t, link)); len(got) != want {
			t.Errorf("%s needs %v", link, got)
		}
	}
	if len(promptNeeds(wire.Ask{Model: wire.ModelShipped})) != 1 || promptNeeds(wire.Ask{Model: wire.ModelLive}) != nil {
		t.Error("answers need other files")
	}
}
