//go:build !js

package moat

import (
	"slices"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// startedArms are racers that start from a base, of several blocks.
var startedArms = []string{"moat~head", "moat~loraview", "moat~loraconv", "moat~tuned", "vit~loraview", "stacked~loraconv", "moat~se~ln~loraview", "vit~mbconv~flip~loraconv", "moat~noattn~few~loraview", "attn-mbconv~noexpand~loraconv"}

// begun is a racer whose base is ready.
func begun(t *testing.T, arm, knobs string) *trial {
	t.Helper()
	tr := opened(t, arm, knobs)
	tr.Ready()
	return tr
}

// What is trained and what there is in all is counted three ways: by closed forms, in the net and in the drawing.
func TestCountsOfStartedRacers(t *testing.T) {
	for _, knobs := range []string{"", "rank=16&width=24&depth=3", "task=cue&rank=1&position=learned", "depth=1&width=8&rank=3&kernel=5"} {
		for _, arm := range startedArms {
			tr := opened(t, arm, knobs)
			s, err := structure(tr.spec, arm)
			if err != nil {
				t.Fatal(err)
			}
			free, all := nn.Count(tr.net)
			if n := tr.net.closed(); n != all || n != s.Params {
				t.Errorf("%s, %q: %d numbers by the closed form, %d in the net, %d in the drawing", arm, knobs, n, all, s.Params)
			}
			if n := tr.Closed(); n != free || n != tr.opt.Len() {
				t.Errorf("%s, %q: %d trained by the closed form, %d in the net, %d in the optimizer", arm, knobs, n, free, tr.opt.Len())
			}
			if strings.Contains(s.Note, "equal cost") && !strings.Contains(arm, "noexpand") && !strings.Contains(arm, "noattn") && strings.Contains(arm, "moat~lora") {
				t.Errorf("%s, %q: %s", arm, knobs, s.Note)
			}
			if !strings.Contains(s.Note, "drawn glyphs") {
				t.Errorf("%s, %q: the note does not tell of the start: %q", arm, knobs, s.Note)
			}
		}
	}
	// At the default knobs, pinned: 650 of each are the head's.
	for arm, want := range map[string]int{"moat~head": 650, "moat~loraview": 11118, "moat~loraconv": 10094} {
		if n := opened(t, arm, "").Closed(); n != want {
			t.Errorf("%s trains %d numbers, want %d", arm, n, want)
		}
	}
}

// The drawing says of each dense convolution which update it carries, and of no other part.
func TestUpdatesAreDrawn(t *testing.T) {
	for arm, want := range map[string]string{"moat~loraview": "LoRA view, r = 4", "vit~loraconv": "LoRA down and up, r = 4"} {
		s, err := structure(alone(t, arm, ""), arm)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range s.Blocks {
			for i := range b.Branches {
				for _, p := range append(slices.Clone(b.Branches[i]), b.Skips[i]...) {
					dense := slices.Contains([]string{"conv", "expand", "shrink", "mlp", "shortcut"}, p.Kind)
					if strings.Contains(p.Label, want) != dense {
						t.Errorf("%s, %s: %s is drawn as %q", arm, b.Name, p.Kind, p.Label)
					}
				}
			}
		}
	}
}

// Racers of one block and seed start from the same bits, whatever they train, at whatever rate; others do not.
func TestOneBaseForAll(t *testing.T) {
	base := func(arm, knobs string, opts course.Options) []float32 {
		tr, err := newTrial(lab.Env{Asset: assets.Read}.Remember(), alone(t, arm, tiny+"&width=8&"+knobs), wire.TrialID{}, opts)
		if err != nil {
			t.Fatal(err)
		}
		tr.Ready()
		return tr.carried.Append(nil)
	}
	first := base("moat~loraview", "", course.Options{})
	for arm, knobs := range map[string]string{"moat~loraconv": "lr=0.1", "moat~head": "task=same", "moat~tuned": "rank=2", "moat~few~loraview": "train=300"} {
		if !slices.Equal(base(arm, knobs, course.Options{}), first) {
			t.Errorf("%s, %s: another base", arm, knobs)
		}
	}
	for arm, knobs := range map[string]string{"moat~loraview": "seed=1", "moat~head": "steps=4", "moat-window~head": "window=2", "moat~loraconv": "batch=5"} {
		if slices.Equal(base(arm, knobs, course.Options{}), first) {
			t.Errorf("%s, %s: the same base", arm, knobs)
		}
	}
	if slices.Equal(base("moat~loraview", "", course.Options{Sabotage: lab.Sabotage{Backbone: true}}), first) {
		t.Error("a base that is not trained is the same")
	}
}

// The base comes first, step by step, and counts as no step of the run; then the frozen net stays as it is, statistics
// included.
func TestBaseComesFirst(t *testing.T) {
	for _, arm := range []string{"moat~loraview", "moat~loraconv", "moat~head"} {
		tr, err := newTrial(lab.Env{Asset: assets.Read}.Remember(), alone(t, arm, tiny+"&width=8"), wire.TrialID{}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		slices := 0
		for p := tr.Progress(); p.Phase == "pretraining"; p = tr.Progress() {
			if p.Step != 0 || len(p.Loss) > 0 {
				t.Errorf("%s: progress %+v", arm, p)
			}
			if tr.Advance() || tr.Stepped() {
				t.Errorf("%s: a step of the base counts as one of the run", arm)
			}
			if slices++; slices == 2 {
				if f, _ := tr.Frame(wire.Focus{}); f.Step != 0 || len(f.Probs) != 10 {
					t.Errorf("%s: frame of step %d, %d classes", arm, f.Step, len(f.Probs))
				}
			}
		}
		if slices != 3 {
			t.Errorf("%s: %d slices for a base of 3 steps", arm, slices)
		}
		before := tr.carried.Append(nil)
		r := trained(tr)
		after := tr.carried.Append(nil)
		for i := range before {
			if before[i] != after[i] {
				t.Fatalf("%s: number %d of the frozen net was %v and is %v", arm, i, before[i], after[i])
			}
		}
		if len(r.Loss) != 3 || r.Ledger.FrozenBytes == 0 || tr.Measured() != 0 || len(r.Trained) != r.Trainable+r.Head+len(before) {
			t.Errorf("%s: %d losses, %d bytes frozen, %d measured, %d numbers of which %d are trained", arm, len(r.Loss), r.Ledger.FrozenBytes, tr.Measured(), len(r.Trained), r.Trainable+r.Head)
		}
	}
}

// A finished racer is put together without training its base again, and its file goes to the same base only.
func TestStartedRacersTravel(t *testing.T) {
	for _, arm := range []string{"moat~loraview", "moat~loraconv", "moat~head", "moat~tuned"} {
		tr := begun(t, arm, tiny+"&width=8")
		r := trained(tr)
		want := tr.Logits(8)
		fresh, err := newTrial(lab.Env{Asset: assets.Read}.Remember(), tr.spec, wire.TrialID{}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := fresh.Restore(r.Trained); err != nil {
			t.Fatal(err)
		}
		if fresh.base != nil || shelfOf(fresh.env).numbers != nil {
			t.Errorf("%s: a base was trained", arm)
		}
		if !slices.Equal(fresh.Logits(8), want) {
			t.Errorf("%s: other logits after Restore", arm)
		}
		if again := fresh.Result(); arm != "moat~tuned" && again.Digest == r.Digest { // its curve is empty
			t.Errorf("%s: a digest that does not see the curve", arm)
		}
		if err := fresh.Restore(r.Trained[1:]); err == nil {
			t.Errorf("%s: too few numbers were taken", arm)
		}
		// Merged, the same answers.
		fresh.net.merge()
		for i, x := range fresh.Logits(8) {
			if d := x - want[i]; d > 1e-4 || d < -1e-4 {
				t.Errorf("%s: merged, logit %d is %v, was %v", arm, i, x, want[i])
			}
		}
		_, file, err := tr.Export()
		if err != nil {
			t.Fatal(err)
		}
		if err := begun(t, arm, tiny+"&width=8").Import(file); err != nil {
			t.Errorf("%s: %v", arm, err)
		}
		if arm == "moat~tuned" {
			continue
		}
		if err := begun(t, arm, tiny+"&width=8&seed=1").Import(file); err == nil || !strings.Contains(err.Error(), "another frozen net") {
			t.Errorf("%s: the file of another base: %v", arm, err)
		}
	}
}

// A racer starts in one way. The builder changes it, a link that asks for two says so.
func TestOneStart(t *testing.T) {
	for _, c := range []struct{ from, edit, to string }{
		{"moat", loraView, "moat~loraview"}, {"moat~loraview", loraConv, "moat~loraconv"}, {"moat~se~tuned", startHead, "moat~se~head"},
	} {
		arm, err := parseArm(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got, changed := edited(arm, c.edit); got != c.to || !changed {
			t.Errorf("%s with %s is %s, want %s", c.from, c.edit, got, c.to)
		}
	}
	if _, err := parseArm("moat~loraview~tuned"); err == nil || !strings.Contains(err.Error(), "loraview and tuned cannot be in one racer") {
		t.Errorf("two starts: %v", err)
	}
}

// Neither a step of a racer nor one of its base allocates.
func TestStartedStepsDoNotAllocate(t *testing.T) {
	for _, arm := range []string{"moat~loraview", "moat~loraconv", "vit~head"} {
		tr := begun(t, arm, "task=digits&batch=4&train=200&steps=200&lr=0.002&width=8&steps=100")
		on, images, labels := tape.New(), pictures(tr, 4), []int32{0, 1, 2, 3}
		step := func() { // without the pictures, which are the task's affair
			on.Reset()
			on.Backward(tr.net.Forward(tr.net.Input(on, images)).CrossEntropy(labels))
			tr.opt.Step(1e-3)
		}
		for range 3 {
			step()
		}
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %v allocations per step", arm, n)
		}
	}
	b := newBase(newBaseKey(alone(t, "moat~head", "batch=4&steps=100&width=8"), opened(t, "moat~head", "width=8").net.config, 0, false))
	for range 3 {
		b.advance()
	}
	if n := testing.AllocsPerRun(20, func() { b.advance() }); n != 0 {
		t.Errorf("%v allocations per step of a base", n)
	}
}

// The figures compare what is there, label each for what it is, and are left out where nothing starts from a base.
func TestConvLoRAFigures(t *testing.T) {
	run := madeUp(t, "moat?arms=moat~head,moat~loraview,moat~loraconv,moat~tuned", scores{
		"moat~head": {30, 32, 31}, "moat~loraview": {50, 53, 51}, "moat~loraconv": {52, 56, 53}, "moat~tuned": {60, 61, 62}})
	for i, c := range run.racers {
		c.report.Trainable, c.report.Head = []int{0, 10468, 9444, 135000}[i], 650
	}
	figures := run.convLoRAFigures()
	if len(figures) != 2 || len(figures[0].Series) != 4 || len(figures[1].Rows) != 4 {
		t.Fatalf("%d figures", len(figures))
	}
	for _, want := range []string{"trains 11,118 numbers and the pair of PEFT 10,094", "−2.3 points", "leaves zero out"} {
		if !strings.Contains(figures[0].Caption, want) {
			t.Errorf("the caption lacks %q: %s", want, figures[0].Caption)
		}
	}
	cells := ""
	for _, row := range figures[1].Rows {
		cells += strings.Join(row, " | ") + "\n"
	}
	for _, want := range []string{"loralib", "PEFT library", "20.3 (", "1.94", "2.40"} {
		if !strings.Contains(cells, want) {
			t.Errorf("the table lacks %q:\n%s", want, cells)
		}
	}
	if f := madeUp(t, "moat?arms=moat,vit", scores{"moat": {50, 51}, "vit": {40, 41}}).convLoRAFigures(); len(f) != 0 {
		t.Errorf("%d figures of racers that start from random values", len(f))
	}
	if f := madeUp(t, "moat?arms=moat,vit~loraview", scores{"moat": {50}, "vit~loraview": {40}}).convLoRAFigures(); len(f) != 2 || f[0].Caption == "" || f[1].Caption == "" {
		t.Error("no figures of one racer that starts from a base")
	}
}
