package moat

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

func named(t *testing.T, name string) wire.Arm {
	t.Helper()
	arm, err := parseArm(name)
	if err != nil {
		t.Fatal(err)
	}
	return arm
}

func TestTableIsWhatItsScoresSay(t *testing.T) {
	if !slices.Equal(rates().Grid, tuneGrid) {
		t.Fatalf("rates.json was made with the grid %v, the program has %v; tune again", rates().Grid, tuneGrid)
	}
	have := map[string]bool{}
	for _, r := range rates().Rows {
		name := r.Task + " " + r.Arm
		if have[name] {
			t.Errorf("%s is there twice", name)
		}
		have[name] = true
		if arm, err := parseArm(r.Arm); err != nil || arm.String() != r.Arm {
			t.Errorf("%s: no racer in canonical form (%v)", name, err)
		}
		if len(r.Scores) != len(tuneGrid) {
			t.Fatalf("%s: %d scores for %d rates", name, len(r.Scores), len(tuneGrid))
		}
		if best := slices.Index(r.Scores, slices.Max(r.Scores)); r.Rate != tuneGrid[best] {
			t.Errorf("%s: rate %v, but %v scores best", name, r.Rate, tuneGrid[best])
		} else if best == 0 || best == len(tuneGrid)-1 { // only where it is flat: else a wider grid would do better
			inner := slices.Max(r.Scores[1 : len(tuneGrid)-1])
			if r.Scores[best] > inner+0.02 {
				t.Errorf("%s: %v at the edge of the grid scores %.3f, inside it %.3f at most: widen the grid", name, r.Rate, r.Scores[best], inner)
			}
		}
	}
	for _, c := range tuning().Cases() {
		if !have[c.Name] {
			t.Errorf("%s is not in the table", c.Name)
		}
	}
	for _, name := range strings.Split(defaultArms, ",") {
		row, exact := rates().find(taskTexture, named(t, name))
		if !exact || row.Rate == tuneGrid[0] || row.Rate == tuneGrid[len(tuneGrid)-1] {
			t.Errorf("%s, which races in the default run, has the rate %v (tuned: %v); the grid goes from %v to %v", name, row.Rate, exact, tuneGrid[0], tuneGrid[len(tuneGrid)-1])
		}
	}
}

func TestTuningIsApartFromRuns(t *testing.T) {
	tn := tuning()
	for _, c := range tn.Cases() {
		spec := linked(t, c.Link(tn.Grid[0], tn.Seeds[0]))
		first, _, _ := strings.Cut(spec.Text("arms"), ",")
		if got := spec.Text("task") + " " + first; got != c.Name {
			t.Errorf("the case %q trains %q", c.Name, got)
		}
		if x, set := spec.Float("lr"); !set || x != tn.Grid[0] {
			t.Errorf("%s: the rate is %v", c.Name, x)
		}
	}
	for _, s := range tn.Seeds {
		if s < 10 {
			t.Errorf("seed %d is one that default runs use", s)
		}
	}
}

// Racers without a row take the nearest: the plain racer's, MOAT's, and where they start from a base that of MOAT which
// starts in the same way. Freezing wants another rate than training everything.
func TestUnlistedRacersTakeTheNearest(t *testing.T) {
	table := table{lab.RateTable[rateRow]{Rows: []rateRow{
		{"texture", "moat", 1, nil}, {"texture", "vit", 2, nil}, {"texture", "moat~pool", 3, nil}, {"texture", "moat~head", 4, nil},
		{"digits", "moat", 5, nil}, {"digits", "moat~loraview", 6, nil}, {"cue", "moat", 7, nil},
	}}}
	for _, c := range []struct {
		task, arm string
		want      float64
		exact     bool
	}{
		{"texture", "moat~pool", 3, true},
		{"texture", "vit~se", 2, false},
		{"texture", "moat~se", 1, false},
		{"texture", "stacked", 1, false},
		{"texture", "moat~head", 4, true},
		{"texture", "vit~head", 4, false},
		{"texture", "moat~se~head", 4, false},
		{"texture", "vit~loraview", 6, false}, // no such row on the task: that of the digits
		{"digits", "moat~loraview", 6, true},
		{"cue", "moat~loraview", 6, false},
		{"cue", "vit", 7, false},
	} {
		row, exact := table.find(c.task, named(t, c.arm))
		if row.Rate != c.want || exact != c.exact {
			t.Errorf("%v: rate %v, exact %v", c, row.Rate, exact)
		}
	}
}

// No link trains at a rate of 0, and the knob beats the table.
func TestEveryRacerHasARate(t *testing.T) {
	for _, task := range []string{taskTexture, taskSame, taskCue, taskDigits} {
		for _, b := range racers() {
			names := []string{b.Value}
			for _, e := range edits() {
				names = append(names, b.Value+"~"+e.Value)
			}
			for _, name := range names {
				if row, _ := rates().find(task, named(t, name)); row.Rate <= 0 {
					t.Errorf("%s %s has the rate %v", task, name, row.Rate)
				}
			}
		}
	}
	if got := learningRate(linked(t, "moat?lr=0.25"), named(t, armMOAT)); got != 0.25 {
		t.Errorf("lr=0.25 gives %v", got)
	}
	if row, _ := rates().find(taskTexture, named(t, armMOAT)); learningRate(linked(t, "moat"), named(t, armMOAT)) != row.Rate {
		t.Error("auto is not the table's rate")
	}
}

// Scores that the table shows as equal are equal: the smaller rate wins. Cases without scores keep their rows.
func TestWritingTheTable(t *testing.T) {
	cases := tuning().Cases()
	scores := append([]float64{.1, .3, .50001, .50004}, make([]float64, len(tuneGrid)-4)...)
	file, err := writeRates(map[string][]float64{cases[0].Name: scores})
	if err != nil {
		t.Fatal(err)
	}
	got := lab.MustRates[rateRow](labID, file)
	if r := got.Rows[0]; r.Rate != tuneGrid[2] || len(r.Scores) != len(tuneGrid) {
		t.Errorf("the first of two equals should win: %+v", r)
	}
	if len(got.Rows) != len(rates().Rows) {
		t.Errorf("%d rows, want the %d there were", len(got.Rows), len(rates().Rows))
	}
	if _, err := writeRates(map[string][]float64{cases[0].Name: {1}}); err == nil {
		t.Error("one score for a whole grid was taken")
	}
}
