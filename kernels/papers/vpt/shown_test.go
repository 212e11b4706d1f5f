// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// What figures show is held here against the trials, not against what other parts of the analysis made of them.

// accuracies are the mean test accuracies of the racers in percent.
func accuracies(results []wire.TrialResult, racers int) []float64 {
	sums, n := make([]float64, racers), make([]float64, racers)
	for _, r := range results {
		sums[r.Trial.Arm] += 100 * r.Metrics[course.TestAccuracy]
		n[r.Trial.Arm]++
	}
	for i := range sums {
		sums[i] /= n[i]
	}
	return sums
}

// place is that of a racer among all, 1 for the least.
func place(of float64, all []float64) string {
	n := 1
	for _, x := range all {
		if x < of {
			n++
		}
	}
	return fmt.Sprint(n)
}

func TestFiguresShowTheTrials(t *testing.T) {
	spec := linked(t, "arms=head,vpt-deep:2,vpt-deep:6,vpt-deep:12,lora:4,bitfit,full&train=200&steps=12&seeds=2")
	results := trials(t, spec)
	for i := range results { // times of a clock that nobody knows
		results[i].MsPerStep = float64(3 + 7*results[i].Trial.Arm)
	}
	report := reported(t, shared, spec, results)
	want := accuracies(results, len(report.Arms))
	if len(slices.Compact(slices.Sorted(slices.Values(want)))) < 5 {
		t.Fatalf("the racers hardly differ, which shows nothing: %v", want)
	}
	measured := figure(t, report, "measured")
	near := func(text string, x, within float64) bool {
		got, err := strconv.ParseFloat(strings.Fields(text)[0], 64)
		return err == nil && math.Abs(got-x) <= within
	}
	var kept, trained, memory, fewer []float64
	for i, a := range report.Arms {
		var first wire.TrialResult
		for _, r := range results {
			if r.Trial == (wire.TrialID{Arm: i}) {
				first = r
			}
		}
		l := first.Ledger
		kept = append(kept, float64(l.KeptBytes))
		trained = append(trained, float64(first.Trainable))
		memory = append(memory, float64(l.FrozenBytes+l.TrainedBytes+l.GradientBytes+l.OptimizerBytes+l.KeptBytes))
		fewer = append(fewer, -want[i])
		if l.OptimizerBytes != 8*(first.Trainable+first.Head) {
			t.Errorf("%s: the optimizer has %d bytes, two moments of %d numbers are %d", a.Arm, l.OptimizerBytes, first.Trainable+first.Head, 8*(first.Trainable+first.Head))
		}
		for column, x := range map[string]float64{"accuracy, %": want[i], "kept, kB": kept[i] / 1e3, "optimizer, kB": float64(l.OptimizerBytes) / 1e3,
			"MFLOP a step": float64(l.StepFLOP) / 1e6, "ms a step": float64(3 + 7*i)} {
			if cell := measured.Rows[i][slices.Index(measured.Columns, column)]; !near(cell, x, 0.0501) {
				t.Errorf("%s, %s: %s, want %v", a.Arm, column, cell, x)
			}
		}
	}
	rankings := figure(t, report, "rankings")
	for i, row := range rankings.Rows {
		beaten := false
		for k := range report.Arms {
			beaten = beaten || fewer[k] <= fewer[i] && trained[k] <= trained[i] && memory[k] <= memory[i] && (fewer[k] < fewer[i] || trained[k] < trained[i] || memory[k] < memory[i])
		}
		if wanted := []string{place(fewer[i], fewer), place(trained[i], trained), place(memory[i], memory)}; !slices.Equal(row[1:4], wanted) || (row[4] != "-") != beaten {
			t.Errorf("%s has the places %v, want %v; beaten %v", row[0], row[1:], wanted, beaten)
		}
	}
	frontier := figure(t, report, "frontier")
	if len(frontier.Series) != len(report.Arms) {
		t.Fatalf("%d points for %d racers", len(frontier.Series), len(report.Arms))
	}
	for i, s := range frontier.Series {
		if math.Abs(s.Y[0]-want[i]) > 1e-9 || s.X[0] != trained[i]+float64(report.Arms[i].Head) {
			t.Errorf("%s stands at %v, %v, want %v, %v", s.Name, s.X, s.Y, trained[i]+float64(report.Arms[i].Head), want[i])
		}
	}
	length := figure(t, report, "length").Series
	if len(length) != 1 || !slices.Equal(length[0].X, []float64{2, 6, 12}) || len(length[0].Y) != 3 {
		t.Fatalf("the curve of lengths is %+v", length)
	}
	for k, y := range length[0].Y {
		if math.Abs(y-want[1+k]) > 1e-9 {
			t.Errorf("with %v prompts it shows %v, want %v", length[0].X[k], y, want[1+k])
		}
	}
}

// The table of rates of a run that searched shows the means of what its trials found.
func TestSearchedRatesAreThoseOfTheTrials(t *testing.T) {
	spec := linked(t, "arms=head,adaptformer:1&train=60&steps=6&seeds=2&batch=8&lr=grid")
	results := trials(t, spec)
	f := figure(t, reported(t, shared, spec, results), "rates")
	for arm, row := range f.Rows {
		var used []string
		for g := range tuneGrid {
			sum := 0.0
			for _, r := range results {
				if r.Trial.Arm == arm {
					sum += r.Extra[extraGrid][g]
				}
			}
			if got, err := strconv.ParseFloat(row[2+g], 64); err != nil || math.Abs(got-50*sum) > 0.0501 {
				t.Errorf("%s at %g: %s, want %.1f", row[0], tuneGrid[g], row[2+g], 50*sum)
			}
		}
		for _, r := range results {
			if r.Trial.Arm == arm {
				used = append(used, strconv.FormatFloat(r.LR, 'f', -1, 64))
			}
		}
		if row[1] != strings.Join(used, ", ") {
			t.Errorf("%s used %s, the table says %s", row[0], used, row[1])
		}
	}
}

// liar is a method whose closed form is four bytes off in one place.
type liar struct{ Method }

func (l liar) Kept(c nn.Config, examples int) []tape.Row {
	rows := slices.Clone(l.Method.Kept(c, examples))
	rows[0].Bytes += 4
	return rows
}

// A closed form that is wrong shows: the inspector does not compare the count with itself.
func TestInspectorShowsAWrongForm(t *testing.T) {
	f := fit(t, LoRA{Rank: 4, Alpha: 8}, nn.VTiny())
	f.Method = liar{f.Method}
	var set wire.TileSet
	f.keep(&set, 8)
	off := 0
	for _, term := range slices.Concat(set.Terms, set.Apart) {
		if term.Closed != term.Measured {
			off++
			if term.Closed != term.Measured+4 || term.Block != set.Terms[0].Block {
				t.Errorf("another term differs: %+v", term)
			}
		}
	}
	if off != 1 {
		t.Errorf("%d terms differ, want 1", off)
	}
	c := &racer{method: f.Method, tiles: &set, size: f.Model.Config}
	if fig, ok := (&run{spec: linked(t, ""), racers: []*racer{c}}).inspectorFigure(); !ok || !strings.Contains(fig.Caption, "1 of") {
		t.Errorf("the caption is %q", fig.Caption)
	}
}

// Packed copies are those of the dense layers' weights and no more than two of each, in panels that may be filled up.
func TestPackedCopies(t *testing.T) {
	var head, full wire.TileSet
	for set, m := range map[*wire.TileSet]Method{&head: Head{}, &full: Full{}} {
		fit(t, m, nn.VTiny()).keep(set, 8)
	}
	weights := 0
	c := nn.VTiny()
	for _, p := range nn.Collect(fit(t, Head{}, c).Model) {
		if strings.HasSuffix(p.Name, "/w") {
			weights += 4 * len(p.Value.Data)
		}
	}
	if weights == 0 {
		t.Fatal("no weights were found")
	}
	// Forward makes one copy of each; backward through all layers another, transposed, of all but the first.
	if head.Packed < weights || head.Packed > 3*weights/2 {
		t.Errorf("a head packs %d bytes, the weights have %d", head.Packed, weights)
	}
	if full.Packed < 19*weights/10 || full.Packed > 3*weights {
		t.Errorf("full fine-tuning packs %d bytes, the weights have %d", full.Packed, weights)
	}
}

// The frozen network's looks are those at the example of the frame, whichever was shown before.
func TestFrozenLooksFollowTheExample(t *testing.T) {
	tr := opened(t, "arms=head", wire.TrialID{})
	for _, example := range []int{1, 2, 1, 5} {
		if looks, _ := changed(tr.Frame(wire.Focus{Example: example})); looks {
			t.Errorf("example %d: a frozen network looks otherwise than itself", example)
		}
	}
}

// The cloud after training is that of the weights at hand.
func TestScatterFollowsTheTraining(t *testing.T) {
	tr := opened(t, "arms=full", wire.TrialID{})
	_, before := tr.Frame(wire.Focus{})
	f, _ := tr.Frame(wire.Focus{})
	at := f.Sequence.Points.Buffer
	first := slices.Clone(before[at])
	for range 3 {
		tr.TrainStep()
	}
	f, buffers := tr.Frame(wire.Focus{})
	if f.Sequence.Points.Step != 3 {
		t.Fatalf("the scatter is of step %d", f.Sequence.Points.Step)
	}
	now := buffers[f.Sequence.Points.Buffer]
	half := len(now) / 2
	if slices.Equal(first[half:], now[half:]) {
		t.Error("the trained cloud has not moved")
	}
	rows, _ := tr.features(tr.fitted.Model)
	d := tr.fitted.Model.Width
	frozen, _ := tr.features(tr.frozen.model)
	centre(rows, d)
	centre(frozen, d)
	// Distances do not depend on the sign of an axis: those along the drawn axes must be those of the projected rows.
	axes, _ := principal(slices.Concat(frozen, rows), d)
	for i, x := range project(rows, axes) {
		if math.Abs(math.Abs(float64(x))-math.Abs(float64(now[half+i]))) > 1e-3 {
			t.Fatalf("number %d of the trained cloud is %v, the weights at hand give %v", i, now[half+i], x)
		}
	}
}

// One cell of the table of rates, trained again.
func TestACellOfTheTable(t *testing.T) {
	c := tuning().Cases()[slices.IndexFunc(tuning().Cases(), func(c lab.TuneCase) bool { return c.Name == "vtiny digits head" })]
	at, sum := 5, 0.0
	for _, seed := range tuneSeeds {
		_, query, _ := strings.Cut(c.Link(tuneGrid[at], seed), "?")
		tr, err := tuning().Trial(shared, linked(t, query))
		if err != nil {
			t.Fatal(err)
		}
		for !tr.Advance() {
		}
		sum += tr.Result().Metrics[course.ValidationAccuracy]
	}
	row, exact := rates().nearest("vtiny", taskDigits, wire.Arm{Racer: "head"})
	if got := sum / float64(len(tuneSeeds)); !exact || math.Abs(got-row.Scores[at]) > 5.01e-5 {
		t.Errorf("a head at %g scores %.4f, the table says %v", tuneGrid[at], got, row.Scores[at])
	}
}

// What the knobs say of sizes and budgets is so.
func TestWordsOfTheKnobs(t *testing.T) {
	about := description()
	said := func(name, value string) string {
		k, _ := about.Knob(name)
		for _, o := range k.Options {
			if o.Value == value {
				return o.Help
			}
		}
		return k.Help
	}
	for _, c := range []struct {
		backbone string
		c        nn.Config
	}{{"vtiny", nn.VTiny()}, {"vsmall", nn.VSmall()}} {
		blocks, outside := Full{}.Count(c.c)
		for _, want := range []string{fmt.Sprintf("%.1f million weights", float64(blocks+outside)/1e6), fmt.Sprintf("patches of %d", c.c.Patch),
			fmt.Sprintf("%d tokens", c.c.Tokens()), fmt.Sprintf("width %d", c.c.Width), fmt.Sprintf("%d blocks", c.c.Depth)} {
			if help := said("backbone", c.backbone); !strings.Contains(help, want) {
				t.Errorf("of %s it is not said that it has %q: %s", c.backbone, want, help)
			}
		}
	}
	// Operations of a step, V-small against V-tiny: what "ten to fifteen times slower" stands on.
	if !strings.Contains(said("backbone", "vsmall"), "ten to fifteen times slower") {
		t.Errorf("V-small: %s", said("backbone", "vsmall"))
	}
	for _, arm := range []string{"full", "lora:4", "vpt-deep:10"} {
		flop := map[string]float64{}
		for _, b := range []string{"vtiny", "vsmall"} {
			tr := opened(t, "arms="+arm+"&backbone="+b, wire.TrialID{})
			tr.TrainStep()
			flop[b] = float64(tr.Result().Ledger.StepFLOP)
		}
		if ratio := flop["vsmall"] / flop["vtiny"]; ratio < 10 || ratio > 15 {
			t.Errorf("%s: a step on V-small takes %.1f times the operations", arm, ratio)
		}
	}
	for text, n := range map[string]int{
		said("lr", rateGrid): 1 + len(tuneGrid), said("equal", equalMemory): mostExamples,
	} {
		if word := map[int]string{10: "ten times the work", 128: "up to 128"}[n]; word == "" || !strings.Contains(text, word) {
			t.Errorf("%d is not what is said: %s", n, text)
		}
	}
	if text := said("lr", rateGrid); course.Validation != 1000 || !strings.Contains(text, "1,000 validation examples") {
		t.Errorf("%d validation examples: %s", course.Validation, text)
	}
	rates := about.Facts[slices.IndexFunc(about.Facts, func(f wire.Fact) bool { return f.Name == "Rates" })].Text
	if len(tuneArms) != 20 || !strings.Contains(rates, "twenty racers") {
		t.Errorf("%d racers were tuned: %s", len(tuneArms), rates)
	}
	rise := course.Schedule(1, 100)
	if steps := said("steps", ""); !strings.Contains(steps, "first twentieth") || !(rise(0) < rise(4) && rise(4) == 1 && rise(20) < 1) {
		t.Errorf("the schedule is %v, %v, %v: %s", rise(0), rise(4), rise(20), steps)
	}
}

// The recorded report's table of methods says of its racers what the report itself does.
func TestRecordedTable(t *testing.T) {
	text, err := assets.Read("recorded/vpt.json")
	if err != nil {
		t.Fatal(err)
	}
	var r wire.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	f := figure(t, r, "measured")
	for i, a := range r.Arms {
		acc := a.Metrics[course.TestAccuracy]
		for column, want := range map[string]string{
			"Racer": a.Label, "accuracy, %": fmt.Sprintf("%.1f", 100*acc.Mean), "trained": fmt.Sprint(a.Trainable), "kept, kB": fmt.Sprintf("%.1f", float64(a.Ledger.KeptBytes)/1e3),
			"optimizer, kB": fmt.Sprintf("%.1f", float64(a.Ledger.OptimizerBytes)/1e3), "MFLOP a step": fmt.Sprintf("%.1f", float64(a.Ledger.StepFLOP)/1e6), "ms a step": fmt.Sprintf("%.2f", a.MsPerStep),
		} {
			if cell := f.Rows[i][slices.Index(f.Columns, column)]; cell != want && !strings.HasPrefix(cell, want+" ") {
				t.Errorf("%s, %s: %q, the report has %q", a.Arm, column, cell, want)
			}
		}
	}
}

// Who starts at the frozen network promises it: the battery compares the logits of these, and of no others.
func TestWhoStartsAtTheNetwork(t *testing.T) {
	promises := []string{"head", "full", "scratch", "bitfit", "ln", "ia3", "adaptformer:8", "lora:4", "krona:8", "vpt-deep:0", "vpt-shallow:0", "prefix:0"}
	for _, arm := range append(strings.Split(everyArm, ","), "vpt-deep:0", "vpt-shallow:0", "prefix:0", "adaptformer:8~form=sequential") {
		logits, err := opened(t, "arms="+arm, wire.TrialID{}).Origin(4)
		if want := slices.Contains(promises, arm); err != nil || (len(logits) > 0) != want {
			t.Errorf("%s: %d logits of the network it starts from, promised %v (%v)", arm, len(logits), want, err)
		}
	}
}
