package course

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// A course from end to end: its phases, what it tells of each, and what it reads in each.
func TestPhases(t *testing.T) {
	tr := opened(t, "steps=6", wire.TrialID{}, frozen)
	var phases []string
	sliced := map[string]int{}
	first, losses, evals := 1, 0, 0
	for done := false; !done; {
		phase := tr.Progress().Phase
		if len(phases) == 0 || phases[len(phases)-1] != phase {
			phases = append(phases, phase)
		}
		sliced[phase]++
		step := tr.Step()
		done = tr.Advance()
		if tr.Stepped() != (tr.Step() == step+1) {
			t.Errorf("step %d after step %d, stepped %v", tr.Step(), step, tr.Stepped())
		}
		if phase == "loading" && (tr.Step() > 0 || len(tr.set.read[data.Train])+len(tr.set.read[data.Validation]) > 0) {
			t.Error("the prelude reads examples")
		}
		if phase != "testing" && len(tr.set.read[data.Test]) > 0 {
			t.Errorf("%s reads the test split", phase)
		}
		p := tr.Progress()
		if p.First != first || p.Steps != 6 || p.Step != tr.Step() {
			t.Errorf("%+v, want losses from %d on", p, first)
		}
		first += len(p.Loss)
		losses, evals = losses+len(p.Loss), evals+len(p.Evals)
	}
	if got := strings.Join(phases, " "); got != "loading training testing" {
		t.Errorf("the phases are %s", got)
	}
	// Seven looks, as every step is followed by one; in batches of 32.
	if sliced["loading"] != 3 || sliced["training"] != 6+7*Watched/LookBatch || sliced["testing"] != (Tested+LookBatch-1)/LookBatch {
		t.Errorf("slices %v", sliced)
	}
	if losses != 6 || evals != 7 {
		t.Errorf("%d losses and %d looks were told", losses, evals)
	}
	if test := tr.set.read[data.Test]; len(test) != Tested || repeated(test) {
		t.Errorf("%d test examples were read", len(test))
	}
	if v := tr.set.read[data.Validation]; len(v) != 7*Watched || slices.Max(v) != Watched-1 {
		t.Errorf("%d validation examples were read, up to %d", len(v), slices.Max(v))
	}
	if !tr.Advance() || tr.Stepped() {
		t.Error("a course that is over goes on")
	}
}

func TestResults(t *testing.T) {
	for name, change := range map[string]func(*Plan){"all trained": nil, "a frozen body": frozen} {
		tr := opened(t, "", wire.TrialID{Arm: 2, Seed: 1}, change)
		r := toEnd(tr)
		l, sum, n := r.Ledger, 0, r.Trainable+r.Head
		for _, p := range l.Parts {
			sum += p.Bytes
		}
		trained, all := nn.Count(tr.net)
		if n != trained || r.Head != 4*3+3 || r.Total != 5 || r.Arm != "dense" || r.Trial != (wire.TrialID{Arm: 2, Seed: 1}) {
			t.Errorf("%s: %+v", name, r)
		}
		if sum != l.KeptBytes || l.TrainedBytes != 4*n || l.FrozenBytes != 4*(all-n) || l.GradientBytes != 4*n || l.OptimizerBytes != 8*n || l.ForwardFLOP == 0 || l.StepFLOP <= l.ForwardFLOP {
			t.Errorf("%s: ledger %+v for %d trained numbers", name, l, n)
		}
		if len(r.Loss) != 20 || r.LR != 0.02 || r.Diverged != 0 || r.MsPerStep != 1 {
			t.Errorf("%s: %d losses, rate %v, diverged %d, %v ms", name, len(r.Loss), r.LR, r.Diverged, r.MsPerStep)
		}
		last := 0.0 // of 20 losses the last three
		for _, x := range r.Loss[17:] {
			last += float64(x) / 3
		}
		if d := r.Metrics["train_loss"] - last; len(r.Metrics) != 3 || d > 1e-6 || d < -1e-6 {
			t.Errorf("%s: metrics %v, the last losses are %v in mean", name, r.Metrics, last)
		}
		right := 0
		logits := tr.Logits(300)
		for i := range 300 {
			if best(logits[i*3:][:3]) == (bands{}).Image(make([]float32, data.Pixels), data.Validation, i) {
				right++
			}
		}
		if got := tr.Validate(300); got != float64(right)/300 {
			t.Errorf("%s: %v of 300 by Validate, %d by the logits", name, got, right)
		}
	}
}

func best(x []float32) int { return slices.Index(x, slices.Max(x)) }

// Honest labels are learned, those of other examples are not, though each class has as many.
func TestWrongLabels(t *testing.T) {
	wrong := func(p *Plan) { p.Options.Labels = true }
	honest, sabotaged := opened(t, "steps=60", wire.TrialID{}, nil), opened(t, "steps=60", wire.TrialID{}, wrong)
	var labels [2][]int32
	for i := range 60 {
		a, b := make([]float32, data.Pixels), make([]float32, data.Pixels)
		labels[0], labels[1] = append(labels[0], honest.Example(a, i)), append(labels[1], sabotaged.Example(b, i))
		if !slices.Equal(a, b) {
			t.Fatalf("example %d is another picture", i)
		}
	}
	if slices.Equal(labels[0], labels[1]) {
		t.Error("the labels are honest")
	}
	slices.Sort(labels[0])
	slices.Sort(labels[1])
	if !slices.Equal(labels[0], labels[1]) {
		t.Error("the classes have other shares")
	}
	if x, y := toEnd(honest).Metrics[TestAccuracy], toEnd(sabotaged).Metrics[TestAccuracy]; x < 0.9 || y > 0.6 {
		t.Errorf("%.3f with honest labels, %.3f with those of other examples", x, y)
	}
}

// A run that tunes ends on validation examples, leaves the test split alone and is not watched.
func TestTuningEndsOnValidation(t *testing.T) {
	tr := opened(t, "", wire.TrialID{}, func(p *Plan) { p.Options.Tune = true })
	r := toEnd(tr)
	_, accuracy := r.Metrics[ValidationAccuracy]
	_, loss := r.Metrics["validation_loss"]
	if len(r.Metrics) != 3 || !accuracy || !loss {
		t.Errorf("metrics %v", r.Metrics)
	}
	if n := len(tr.set.read[data.Test]); n > 0 {
		t.Errorf("%d test examples were read", n)
	}
	if len(r.Evals) != 1 || r.Evals[0].Step != 0 { // before the first step
		t.Errorf("looks %+v", r.Evals)
	}
	if v := tr.set.read[data.Validation]; len(v) != Watched+Validation || slices.Max(v) != Validation-1 {
		t.Errorf("%d validation examples were read", len(v))
	}
	sum, logits := 0.0, tr.Logits(Validation) // the last batch is smaller
	for i := range Validation {
		of := logits[i*3:][:3]
		all := 0.0
		for _, x := range of {
			all += math.Exp(float64(x))
		}
		sum += math.Log(all) - float64(of[bands{}.Image(make([]float32, data.Pixels), data.Validation, i)])
	}
	if d := r.Metrics["validation_loss"] - sum/Validation; d > 1e-5 || d < -1e-5 {
		t.Errorf("the loss is %v, by the logits %v", r.Metrics["validation_loss"], sum/Validation)
	}
}

// A loss that is no number ends the training and is told, and what is no number is no metric and no point of a curve.
func TestDivergence(t *testing.T) {
	for name, x := range map[string]float32{"infinite": float32(math.Inf(1)), "no number": float32(math.NaN())} {
		tr := opened(t, "steps=9", wire.TrialID{}, nil)
		for tr.Step() < 3 {
			tr.Advance()
		}
		tr.net.out.B.Value.Data[0] = x
		tr.net.out.B.Touch()
		r := toEnd(tr)
		if r.Diverged != 4 || len(r.Loss) != 4 || r.Loss[3] == r.Loss[3] || r.Loss[2] != r.Loss[2] {
			t.Errorf("%s: diverged at step %d with the losses %v", name, r.Diverged, r.Loss)
		}
		if e := r.Evals; len(e) != 2 || e[1].Step != 2 {
			t.Errorf("%s: looks %+v", name, e)
		}
		_, accuracy := r.Metrics[TestAccuracy]
		if len(r.Metrics) != 1 || !accuracy {
			t.Errorf("%s: metrics %v", name, r.Metrics)
		}
		late := opened(t, "steps=9", wire.TrialID{}, nil) // the last step is fine, the look after it is not
		for late.Step() < 9 {
			late.Advance()
		}
		late.net.out.B.Value.Data[0] = x
		late.net.out.B.Touch()
		if r := toEnd(late); r.Diverged != 0 || r.Evals[len(r.Evals)-1].Step != 8 || len(r.Metrics) != 2 {
			t.Errorf("%s: diverged at step %d, looks %+v, metrics %v", name, r.Diverged, r.Evals, r.Metrics)
		}
	}
}

// Trials of one seed share examples and order, those of two seeds do not; the second seed of a run is the first of the next.
func TestSeeds(t *testing.T) {
	seen := func(link string, id wire.TrialID) string {
		tr, s := opened(t, link, id, nil), ""
		on := tape.New()
		for step := range 20 {
			tr.Forward(on, step)
			s += fmt.Sprint(tr.Batch())
		}
		return s
	}
	first := seen("", wire.TrialID{})
	if seen("", wire.TrialID{Arm: 3}) != first {
		t.Error("another racer of the seed sees other examples")
	}
	second := seen("", wire.TrialID{Seed: 1})
	if second == first {
		t.Error("another seed sees the same examples")
	}
	if seen("seed=1", wire.TrialID{}) != second {
		t.Error("seed=1 is not the second seed of seed=0")
	}
	digest := func(link string) string { return toEnd(opened(t, link, wire.TrialID{}, nil)).Digest }
	if a, b := digest("steps=3"), digest("steps=3"); a != b || a == digest("steps=3&seed=1") {
		t.Error("a seed does not fix the bits, or does not matter")
	}
}

// Neither a clock nor who looked on may change a bit, whenever it is: in a look, between two steps, in the prelude.
func TestLookingChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*Plan){"all trained": nil, "a frozen body": frozen} {
		want := toEnd(opened(t, "steps=5", wire.TrialID{}, change))
		tr := opened(t, "steps=5", wire.TrialID{}, func(p *Plan) {
			if change != nil {
				change(p)
			}
			p.Env.Clock = nil
		})
		for done := false; !done; {
			done = tr.Advance()
			tr.Progress()
			tr.Validate(40)
			tr.Logits(40)
			tr.LogitsOf(newDense(9), 3)
			tr.Result()
		}
		got := tr.Result()
		if got.Digest != want.Digest || !slices.Equal(got.Evals, want.Evals) || got.Metrics[TestAccuracy] != want.Metrics[TestAccuracy] {
			t.Errorf("%s: with an audience %v %+v, without %v %+v", name, got.Metrics, got.Evals, want.Metrics, want.Evals)
		}
	}
}

// A finished trial, put into a fresh one, answers as before: trained numbers, running statistics and the rest come along, and
// no prelude is needed.
func TestRestore(t *testing.T) {
	for name, change := range map[string]func(*Plan){"all trained": nil, "a frozen body": frozen} {
		tr := opened(t, "steps=5", wire.TrialID{}, change)
		r := toEnd(tr)
		want := tr.Logits(40)
		fresh := opened(t, "steps=5", wire.TrialID{}, change)
		if n := len(fresh.Trained()) + fresh.Measured(); change == nil && (n != len(r.Trained) || fresh.Measured() != 8) {
			t.Errorf("%s: %d numbers travel, %d of them measured; a result has %d", name, n, fresh.Measured(), len(r.Trained))
		}
		for _, bad := range [][]float32{nil, r.Trained[1:], append(slices.Clone(r.Trained), 0)} {
			if err := fresh.Restore(bad); err == nil || !strings.Contains(err.Error(), "came for dense, which has") {
				t.Errorf("%s: %d numbers in place of %d: %v", name, len(bad), len(r.Trained), err)
			}
		}
		if err := fresh.Restore(r.Trained); err != nil {
			t.Fatal(err)
		}
		if fresh.Progress().Phase != "training" || fresh.Step() != 5 {
			t.Errorf("%s: a restored trial has done %d steps and is %s", name, fresh.Step(), fresh.Progress().Phase)
		}
		fresh.net.in.W.Touch() // box fills the numbers alone
		if !slices.Equal(fresh.Logits(40), want) {
			t.Errorf("%s: other logits after Restore", name)
		}
		if again := fresh.Result(); !slices.Equal(again.Trained, r.Trained) {
			t.Errorf("%s: other numbers after Restore", name)
		}
	}
}

// What stands in for the model in training gets the places of the batch and gives the labels; looks go through the model.
func TestCached(t *testing.T) {
	plain := opened(t, "steps=3", wire.TrialID{}, nil)
	calls := 0
	cached := opened(t, "steps=3", wire.TrialID{}, func(p *Plan) {
		task, net := p.Task, p.Model.(*dense)
		images := make([]float32, 8*data.Pixels)
		p.Cached = func(on *tape.Tape, places, labels []int32) tape.Var {
			calls++
			data.Fill(images, labels, task.Set, data.Train, places)
			return net.Forward(net.Input(on, images))
		}
	})
	if a, b := toEnd(plain), toEnd(cached); a.Digest != b.Digest || calls != 3 {
		t.Errorf("%d calls, digests %s and %s", calls, a.Digest, b.Digest)
	}
}

// Whoever wants a step before the prelude is over gets it after it.
func TestReady(t *testing.T) {
	a, b := opened(t, "", wire.TrialID{}, frozen), opened(t, "", wire.TrialID{}, frozen)
	for range 3 {
		a.Advance()
	}
	a.TrainStep()
	b.TrainStep()
	if x, y := a.Result().Digest, b.Result().Digest; x != y {
		t.Error("a step does not wait for the prelude")
	}
	for name, look := range map[string]func(*trial){"Logits": func(t *trial) { t.Logits(3) }, "Validate": func(t *trial) { t.Validate(3) }} {
		tr := opened(t, "", wire.TrialID{}, frozen)
		if look(tr); tr.Progress().Phase == "loading" {
			t.Errorf("%s does not wait for the prelude", name)
		}
	}
}

// A step updates the running statistics once, and the ledger is that of the first.
func TestStep(t *testing.T) {
	tr := opened(t, "", wire.TrialID{}, nil)
	on := tape.New()
	for n := range 3 {
		tr.Forward(on, n) // alone it updates nothing
		if got := tr.net.norm.Running.Updates; got != n {
			t.Errorf("%d updates of the statistics after %d steps", got, n)
		}
		tr.TrainStep()
		if tr.Result().Ledger.KeptBytes == 0 {
			t.Errorf("no ledger after %d steps", n+1)
		}
	}
}

func TestLooksAreRationed(t *testing.T) {
	for _, c := range []struct{ steps, batch, looks int }{{200, 32, 10}, {5000, 128, 10}, {20, 32, 4}, {100, 32, 10}, {200, 1, 4}, {3, 8, 3}, {1, 32, 1}} {
		if looks := c.steps / every(c.steps, c.batch); looks != c.looks {
			t.Errorf("%d steps of %d are looked at %d times, want %d", c.steps, c.batch, looks, c.looks)
		}
	}
	// The last step is always looked at.
	var steps []int
	for _, e := range toEnd(opened(t, "batch=64&steps=30", wire.TrialID{}, nil)).Evals {
		steps = append(steps, e.Step)
	}
	if !slices.Equal(steps, []int{0, 4, 8, 12, 16, 20, 24, 28, 30}) {
		t.Errorf("looks after the steps %v", steps)
	}
}

func TestSchedule(t *testing.T) {
	rate := Schedule(0.5, 100)
	if rate(0) != 0.1 || rate(4) != 0.5 || rate(5) != 0.5 || rate(99) > 0.001 || rate(99) <= 0 {
		t.Errorf("rates %v, %v, %v, %v", rate(0), rate(4), rate(5), rate(99))
	}
	if one := Schedule(0.5, 1); one(0) != 0.5 {
		t.Errorf("a single step has the rate %v", one(0))
	}
}

// Neither a step nor a look allocates once memory is warm.
func TestNothingIsAllocated(t *testing.T) {
	tr := opened(t, "steps=100", wire.TrialID{}, func(p *Plan) { set := bands{}; p.Task.Set, p.Task.Holdout = set, set })
	for range 3 {
		tr.TrainStep()
	}
	if n := testing.AllocsPerRun(20, tr.TrainStep); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	for tr.Step() < 50 {
		tr.Advance()
	}
	slices, allocations := 0, 0
	for tr.Progress().Phase != "testing" {
		runtime.ReadMemStats(&before)
		tr.Advance()
		runtime.ReadMemStats(&after)
		slices++
		allocations += int(after.Mallocs - before.Mallocs)
	}
	if slices < 60 || allocations > slices/4 { // a list doubles now and then
		t.Errorf("%d allocations in %d slices", allocations, slices)
	}
}
