package lora

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

func linked(t *testing.T, link string) wire.Spec {
	t.Helper()
	_, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{description()}}, link)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func named(t *testing.T, name string) wire.Arm {
	t.Helper()
	arm, ok := parseArm(name)
	if !ok {
		t.Fatalf("%q is no arm", name)
	}
	return arm
}

func TestTableIsWhatItsScoresSay(t *testing.T) {
	if !slices.Equal(rates().Grid, tuneGrid) {
		t.Fatalf("rates.json was made with the grid %v, the program has %v; tune again", rates().Grid, tuneGrid)
	}
	have := map[string]bool{}
	for _, r := range rates().Rows {
		name := strings.Join([]string{r.Backbone, r.World, r.Task, r.Arm}, " ")
		if have[name] {
			t.Errorf("%s is there twice", name)
		}
		have[name] = true
		if arm, ok := parseArm(r.Arm); !ok || arm.String() != r.Arm {
			t.Errorf("%s: no arm in canonical form", name)
		}
		if len(r.Scores) != len(rates().Grid) {
			t.Fatalf("%s: %d scores for %d rates", name, len(r.Scores), len(rates().Grid))
		}
		best := slices.Index(r.Scores, slices.Max(r.Scores))
		if r.Rate != rates().Grid[best] {
			t.Errorf("%s: rate %v, but %v scores best", name, r.Rate, rates().Grid[best])
		}
	}
	for _, c := range tuning().Cases() {
		if !have[c.Name] && !strings.HasPrefix(c.Name, borrows+" ") {
			t.Errorf("%s is not in the table", c.Name)
		}
	}
	for _, arm := range tuneArms { // what V-small takes is what was tuned for V-tiny
		if row, exact := rates().find(borrows, "M", taskDigits, named(t, arm)); !exact && (row.Backbone != "vtiny" || row.Arm != arm || len(row.Scores) == 0) {
			t.Errorf("%s of V-small takes the rate of %+v", arm, row)
		}
	}
	for _, arm := range strings.Split(defaultArms, ",") {
		row, exact := rates().find("vtiny", "M", taskDigits, named(t, arm))
		if !exact || len(row.Scores) == 0 {
			t.Errorf("%s, which races in the default run, was not tuned", arm)
		}
		if row.Rate == rates().Grid[0] || row.Rate == rates().Grid[len(rates().Grid)-1] {
			t.Errorf("%s is best at the edge of the grid, %v", arm, row.Rate)
		}
	}
}

func TestTuningSeesNeitherTestDigitsNorTheSeedsOfRuns(t *testing.T) {
	tn := tuning()
	for _, c := range tn.Cases() {
		spec := linked(t, c.Link(tn.Grid[0], tn.Seeds[0]))
		if got := strings.Join([]string{spec.Text("backbone"), spec.Text("world"), spec.Text("task"), spec.Text("arms")}, " "); got != c.Name {
			t.Errorf("the case %q runs %q", c.Name, got)
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

func TestUnlistedArmsTakeTheNearest(t *testing.T) {
	table := table{lab.RateTable[rateRow]{Rows: []rateRow{
		{"vtiny", "M", "digits", "qv:4", 1, nil}, {"vtiny", "M", "digits", "qv:32", 2, nil}, {"vtiny", "M", "digits", "all:1", 3, nil},
		{"vtiny", "M", "digits", "head", 4, nil}, {"vtiny", "H", "digits", "q:1", 5, nil},
		{"vtiny", "M", "shuffled", "head", 6, nil},
	}}}
	for _, c := range []struct {
		backbone, world, task, arm string
		want                       float64
		exact                      bool
	}{
		{"vtiny", "M", "digits", "qv:4", 1, true},
		{"vtiny", "M", "digits", "qv:2", 1, false},
		{"vtiny", "M", "digits", "qv:64", 2, false},
		{"vtiny", "M", "digits", "qv:11", 1, false},  // nearer to 4 in factors
		{"vtiny", "M", "digits", "all:64", 3, false}, // the same matrices first, however far the rank
		{"vtiny", "M", "digits", "qk:3", 3, false},   // 6 ranks in all: all:1 has 6, qv:4 has 8
		{"vtiny", "M", "digits", "qk:40", 2, false},
		{"vtiny", "M", "digits", "head", 4, true},
		{"vtiny", "H", "digits", "qv:4", 5, false},
		{"vsmall", "M", "digits", "qv:4", 1, false}, // no rows: those of the default run, and no longer exact
		{"vtiny", "M", "wound", "head", 4, false},
		{"vtiny", "H", "digits", "head", 4, false}, // rows, but none that helps: a rate of 0 would train nothing
		{"vtiny", "M", "shuffled", "qv:4", 1, false},
	} {
		row, exact := table.find(c.backbone, c.world, c.task, named(t, c.arm))
		if row.Rate != c.want || exact != c.exact {
			t.Errorf("%v: rate %v, exact %v", c, row.Rate, exact)
		}
	}
}

func TestTheKnobBeatsTheTable(t *testing.T) {
	arm := named(t, "qv:4")
	if got := learningRate(linked(t, "lora?lr=0.25"), arm); got != 0.25 {
		t.Errorf("lr=0.25 gives %v", got)
	}
	if row, _ := rates().find("vtiny", "M", "digits", arm); learningRate(linked(t, "lora"), arm) != row.Rate {
		t.Error("auto is not the table's rate")
	}
}

// No link trains at a rate of 0: whatever part of the table is there, every racer of every task gets a rate.
func TestEveryRacerHasARate(t *testing.T) {
	for _, backbone := range []string{"vtiny", "vsmall"} {
		for _, world := range []string{"M", "H"} {
			for _, task := range []string{taskDigits, taskShuffled, taskWound, taskStyle} {
				for _, arm := range append(slices.Clone(tuneArms), "fc2:3", "qk:64", "all:1") {
					if row, _ := rates().find(backbone, world, task, named(t, arm)); row.Rate <= 0 {
						t.Errorf("%s %s %s %s has the rate %v", backbone, world, task, arm, row.Rate)
					}
				}
			}
		}
	}
}

func TestWritingTheTable(t *testing.T) {
	cases := tuning().Cases()
	scores := map[string][]float64{}
	for i := range tuneGrid {
		scores[cases[0].Name] = append(scores[cases[0].Name], []float64{.1, .3, .5, .5, .2, .1, 0, 0}[i])
	}
	file, err := writeRates(scores)
	if err != nil {
		t.Fatal(err)
	}
	got := lab.MustRates[rateRow](labID, file)
	if r := got.Rows[0]; r.Rate != tuneGrid[2] || len(r.Scores) != len(tuneGrid) {
		t.Errorf("the first of two equals should win: %+v", r)
	}
	if len(got.Rows) != len(rates().Rows) {
		t.Errorf("%d rows, want the %d there were: what was not tuned now stays", len(got.Rows), len(rates().Rows))
	}
	if _, err := writeRates(map[string][]float64{cases[0].Name: {1}}); err == nil {
		t.Error("one score for a whole grid was taken")
	}
}
