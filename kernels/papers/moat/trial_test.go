// The files that a run reads are in the native program only.

//go:build !js

package moat

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

var shared = lab.Env{Asset: assets.Read}.Remember()

// bases are all racers without edits, tasks all tasks.
var (
	bases = []string{armViT, armAttnMBConv, armMOAT, armStacked, armNoPos, armMOATWindow, armViTWindow}
	tasks = []string{taskTexture, taskSame, taskCue, taskDigits}
)

// tiny is a budget of a few steps.
const tiny = "batch=4&train=200&steps=3&seeds=2&lr=0.002"

// alone is a race whose first racer is the one asked for; a race has two.
func alone(t *testing.T, arm, knobs string) wire.Spec {
	t.Helper()
	return linked(t, fmt.Sprintf("moat?arms=%s,%s&%s", arm, other(arm), knobs))
}

// opened is a trial of one racer.
func opened(t *testing.T, arm, knobs string) *trial {
	t.Helper()
	tr, err := newTrial(shared, alone(t, arm, knobs), wire.TrialID{}, course.Options{})
	if err != nil {
		t.Fatalf("%s, %s: %v", arm, knobs, err)
	}
	return tr
}

// built is the net of a racer.
func built(t *testing.T, arm, knobs string) *net {
	t.Helper()
	parsed, err := parseArm(arm)
	if err != nil {
		t.Fatal(err)
	}
	c, err := configOf(alone(t, arm, knobs), parsed)
	if err != nil {
		t.Fatal(err)
	}
	return newNet(stream(1, "test"), c)
}

// trained makes all steps of a trial and looks at the watched examples between them, as a run does, but leaves out the
// 2,000 test examples at the end. It returns what a result holds without them.
func trained(t *trial) wire.TrialResult {
	for t.Progress().Phase != "testing" {
		t.Advance()
	}
	return t.Result()
}

// pictures are n validation images of a task.
func pictures(tr *trial, n int) []float32 {
	images := make([]float32, n*data.Pixels)
	for i := range n {
		tr.task.Holdout.Image(images[i*data.Pixels:][:data.Pixels], data.Validation, i)
	}
	return images
}

// Racers of a seed share examples and order. The one that learns from a tenth of them sees the first tenth.
func TestArmsOfASeedShareWhatTheyShould(t *testing.T) {
	spec := linked(t, "moat?arms=vit,moat,moat~few&"+tiny)
	look := func(arm, seed int) (labels string, tr *trial) {
		tr, err := newTrial(shared, spec, wire.TrialID{Arm: arm, Seed: seed}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		on := tape.New()
		for step := range 20 {
			tr.Forward(on, step)
			labels += fmt.Sprint(tr.Batch())
		}
		return labels, tr
	}
	vit, _ := look(0, 0)
	moat, whole := look(1, 0)
	other, _ := look(1, 1)
	_, few := look(2, 0)
	if vit != moat {
		t.Error("two racers of a seed see other examples, or in another order")
	}
	if other == moat {
		t.Error("two seeds see the same examples in the same order")
	}
	if n := len(whole.task.Train) / tenth; len(few.task.Train) != n || !slices.Equal(few.task.Train, whole.task.Train[:n]) {
		t.Errorf("a tenth of %d examples is %d of them", len(whole.task.Train), len(few.task.Train))
	}
	// The seed of a trial is the run's first seed plus its index.
	second, err := newTrial(shared, spec, wire.TrialID{Arm: 1, Seed: 1}, course.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if first := opened(t, armMOAT, tiny+"&seed=1"); !slices.Equal(first.Trained(), second.Trained()) {
		t.Error("seed=1 is not the second seed of seed=0")
	}
}

// Neither the clock nor who looked on may change a bit: looking must not move the running statistics.
func TestLookingChangesNothing(t *testing.T) {
	for _, arm := range []string{armMOATWindow, armStacked} {
		want := trained(opened(t, arm, tiny)).Digest
		now := 0.0
		env := lab.Env{Asset: assets.Read, Clock: func() float64 { now++; return now }}
		tr, err := newTrial(env, alone(t, arm, tiny), wire.TrialID{}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for slice := 0; tr.Progress().Phase != "testing"; slice++ {
			tr.Advance()
			if tr.Stepped() {
				slice = 0
			} else if slice != 1 { // once in a look, in the midst of it, is enough
				continue
			}
			tr.Frame(wire.Focus{Example: 3, Layer: 1, Token: 2})
			tr.Progress()
			tr.Validate(40)
			tr.perImage()
			if _, _, err := tr.Export(); err != nil {
				t.Fatal(err)
			}
		}
		if got := tr.Result().Digest; got != want {
			t.Errorf("%s: digest %s with an audience, %s without", arm, got, want)
		}
	}
}

// In evaluation examples do not meet: one image alone has the logits that it has among 32, to the bit, before and after
// training. While training they do meet, which shows that the comparison can fail.
func TestOneImageIsAsGoodAsMany(t *testing.T) {
	for _, arm := range append(slices.Clone(bases), "moat~se", "moat~ln") {
		for _, task := range []string{taskTexture, taskCue} {
			tr := opened(t, arm, tiny+"&task="+task)
			for range 2 {
				tr.TrainStep()
			}
			many := slices.Clone(tr.Logits(course.LookBatch))
			images := pictures(tr, course.LookBatch)
			c := len(tr.task.Classes)
			for i := range 8 {
				tr.Look.Reset()
				one := tr.net.Forward(tr.net.Input(tr.Look, images[i*data.Pixels:][:data.Pixels])).Data()
				if !slices.Equal(one, many[i*c:][:c]) {
					t.Errorf("%s, %s: image %d alone is %v, among %d it is %v", arm, task, i, one, course.LookBatch, many[i*c:][:c])
					break
				}
			}
		}
	}
	tr := opened(t, armMOAT, tiny)
	images := pictures(tr, 2)
	on := tape.New()
	two := slices.Clone(tr.net.Forward(tr.net.Input(on, images)).Data())
	on.Reset()
	if one := tr.net.Forward(tr.net.Input(on, images[:data.Pixels])).Data(); slices.Equal(one, two[:len(one)]) {
		t.Error("batch norm does not look at the batch while training, so the comparison shows nothing")
	}
}

// A result holds all that evaluation needs: put into a fresh trial, by Restore or as a file, it gives the same logits to
// the bit. Without the running statistics it does not.
func TestStatisticsTravel(t *testing.T) {
	for _, arm := range []string{armMOAT, armViT, armStacked, "moat~ln"} {
		tr := opened(t, arm, tiny)
		r := trained(tr)
		want := slices.Clone(tr.Logits(course.LookBatch))
		for name, travel := range map[string]func(*trial) error{
			"restored": func(to *trial) error { return to.Restore(r.Trained) },
			"imported": func(to *trial) error {
				_, file, err := tr.Export()
				if err != nil {
					return err
				}
				return to.Import(file)
			},
		} {
			fresh := opened(t, arm, tiny)
			if slices.Equal(fresh.Logits(course.LookBatch), want) {
				t.Errorf("%s: training changes no logit, so the comparison shows nothing", arm)
			}
			if err := travel(fresh); err != nil {
				t.Fatalf("%s, %s: %v", arm, name, err)
			}
			if !slices.Equal(fresh.Logits(course.LookBatch), want) {
				t.Errorf("%s: other logits after it was %s", arm, name)
			}
		}
		learned := tr.opt.Len()
		if measured := len(r.Trained) - learned; measured != tr.Measured() || (measured == 0) != (arm == "moat~ln") {
			t.Errorf("%s: %d numbers travel, %d are learned", arm, len(r.Trained), learned)
		}
		if tr.Measured() == 0 {
			continue
		}
		still := slices.Clone(r.Trained)
		for i := learned; i < len(still); i++ {
			still[i] = 1
		}
		fresh := opened(t, arm, tiny)
		if err := fresh.Restore(still); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(fresh.Logits(course.LookBatch), want) {
			t.Errorf("%s: the statistics make no difference, so the comparison shows nothing", arm)
		}
		if err := fresh.Restore(r.Trained[:learned]); err == nil {
			t.Errorf("%s: a net without its statistics was taken", arm)
		}
	}
}

// A file of another racer is refused, also where its numbers would fit, and so is a truncated one.
func TestFilesOfOtherRacersAreRefused(t *testing.T) {
	_, file, err := opened(t, armMOAT, tiny).Export()
	if err != nil {
		t.Fatal(err)
	}
	for _, arm := range []string{armMOATWindow, armViT, "moat~few"} {
		to := opened(t, arm, tiny)
		before := slices.Clone(to.Trained())
		if err := to.Import(file); err == nil || !strings.Contains(err.Error(), armMOAT) {
			t.Errorf("%s took the file of another racer: %v", arm, err)
		}
		if !slices.Equal(to.Trained(), before) {
			t.Errorf("%s was changed by a file that it refused", arm)
		}
	}
	if err := opened(t, armMOAT, tiny).Import(file[:len(file)/2]); err == nil {
		t.Error("half a file was taken")
	}
}

// Every batch norm learns running statistics, and a finished trial's ledger adds up.
func TestResultAddsUp(t *testing.T) {
	for _, arm := range bases {
		tr := opened(t, arm, tiny)
		r := trained(tr)
		l, sum, n := r.Ledger, 0, r.Trainable+r.Head
		for _, p := range l.Parts {
			sum += p.Bytes
		}
		if sum != l.KeptBytes || l.TrainedBytes != 4*n || l.GradientBytes != 4*n || l.OptimizerBytes != 8*n || l.FrozenBytes != 0 || l.StepFLOP <= l.ForwardFLOP {
			t.Errorf("%s: ledger %+v for %d trained numbers", arm, l, n)
		}
		if head, _ := nn.Count(tr.net.head); r.Head != head || head != 64*10+10 {
			t.Errorf("%s: a head of %d", arm, r.Head)
		}
		if len(r.Loss) != 3 || len(r.Evals) == 0 || r.Diverged != 0 || r.LR != 0.002 {
			t.Errorf("%s: %d losses, %d looks, diverged %d, rate %v", arm, len(r.Loss), len(r.Evals), r.Diverged, r.LR)
		}
		for _, x := range tr.running {
			for i := range x.Mean {
				if !lab.IsFinite(float64(x.Mean[i])) || !(x.Var[i] > 0) {
					t.Fatalf("%s: the statistics %s are mean %v, variance %v", arm, x.Name, x.Mean[i], x.Var[i])
				}
			}
		}
	}
}
