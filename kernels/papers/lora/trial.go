package lora

import (
	"math"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Slices of work besides training steps: examples that are looked at in one go.
const lookBatch = 32

// phase is what a trial does next.
type phase int

const (
	phaseCache phase = iota // features of the training examples, for the head alone
	phaseTrain              // steps
	phaseWatch              // a look at the watched examples
	phaseTest               // the last phase
	phaseDone
)

// trial is one arm with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	env  lab.Env
	spec wire.Spec
	id   wire.TrialID
	arm  wire.Arm
	seed uint64 // of this trial: the run's first seed plus its index
	opts options

	task     *task
	model    *nn.ViT
	adapters []*Adapter
	before   map[string][]float32 // weights of the matrices before training, where all are trained
	opt      optim.Optimizer
	rate     float64
	schedule func(step int) float64
	order    *data.Order

	train, look *tape.Tape // look is for inference
	places      []int32
	images      []float32
	labels      []int32
	cache       *features // nil but for the head alone
	wrong       []int     // whose label a sabotaged example gets

	phase   phase
	step    int // steps done
	stepped bool
	score   score // of the evaluation under way
	loss    []float32
	evals   []wire.Eval
	metrics map[string]float64
	ledger  wire.Ledger
	times   []float64
	told    struct{ step, evals int } // what Progress has reported
	broke   int                       // step of the first loss that was no number
}

// options are what a trial can do besides an honest run.
type options struct {
	lab.Sabotage
	tune bool // end with the validation split and leave the test split alone
}

// score adds up an evaluation.
type score struct {
	at, right int
	loss      float64
}

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts options) (*trial, error) {
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(spec.Arms()[id.Arm])
	if bad != nil {
		return nil, bad
	}
	t := &trial{env: env, spec: spec, id: id, arm: arm, seed: spec.Uint64("seed") + uint64(id.Seed), opts: opts,
		train: tape.New(), look: tape.New(), metrics: map[string]float64{}}
	t.look.Infer = true
	var err error
	if t.task, err = newTask(env, spec, t.seed); err != nil {
		return nil, err
	}
	if err := t.build(); err != nil {
		return nil, err
	}
	batch := spec.Int("batch")
	t.places = make([]int32, max(batch, lookBatch))
	t.labels = make([]int32, max(batch, lookBatch))
	t.images = make([]float32, max(batch, lookBatch)*data.Pixels)
	t.order = data.NewOrder(spec.Int("train"), t.seed)
	t.loss = make([]float32, 0, spec.Int("steps")) // so that a step allocates nothing
	t.times = make([]float64, 0, spec.Int("steps"))
	if opts.Labels {
		t.wrong = stream(t.seed, "wrong labels").Perm(spec.Int("train"))
	}
	t.phase = phaseWatch
	if arm.Racer == "head" {
		t.cache = newFeatures(t, spec.Int("train"))
		t.phase = phaseCache
	}
	return t, nil
}

// build makes the model of the arm and gives its trained parameters to the optimizer. The head is drawn from the seed
// alone: all arms start from the same one.
func (t *trial) build() error {
	model, err := openBackbone(t.env, t.spec)
	if err != nil {
		return err
	}
	if t.arm.Racer == "scratch" || t.opts.Backbone {
		model = nn.NewViT(stream(t.seed, "scratch"), model.Config)
	}
	if t.spec.Text("task") == taskWound && t.arm.Racer != "scratch" {
		wound(model, stream(t.seed, "wound"), t.spec.Int("wound"))
	}
	model.NewHead(stream(t.seed, "head"), len(t.task.classes))
	t.model = model

	switch t.arm.Racer {
	case "head":
		nn.Freeze(model.Backbone())
	case "full", "scratch":
		nn.Thaw(model)
		t.before = map[string][]float32{}
		nn.Walk(model, func(path string, l nn.Layer) nn.Layer {
			if block, _ := split(path); block >= 0 {
				t.before[path] = append([]float32(nil), l.(*nn.Linear).W.Value.Data...)
			}
			return l
		})
	default:
		alpha, _ := t.spec.Float("alpha")
		drop, _ := t.spec.Float("dropout")
		name := t.arm.String()
		t.adapters = adapt(model, stream(t.seed, "init "+name), stream(t.seed, "dropout "+name), t.arm.Parts, t.arm.Number, alpha, drop)
	}
	t.opt = optim.NewAdamW(nn.Trainable(model), optim.Adam())
	t.rate = learningRate(t.spec, t.arm)
	steps := t.spec.Int("steps")
	t.schedule = optim.Cosine(t.rate, max(1, steps/20), steps)
	return nil
}

// every is the number of steps between two looks at validation examples.
func (t *trial) every() int { return watchEvery(t.spec.Int("steps"), t.spec.Int("batch")) }

// watchEvery looks ten times in a run (twenty took a third of the time of the default run), but not so often that more examples are looked at than trained on, or a short
// run would mostly watch itself; and four times at least, so that there is a curve.
func watchEvery(steps, batch int) int {
	return max(1, min(max(steps/10, (watched+batch-1)/batch), steps/4))
}

// Advance implements lab.Trial.
func (t *trial) Advance() (done bool) {
	t.stepped = false
	switch t.phase {
	case phaseCache:
		t.cache.fill(t)
		if t.cache.full() {
			t.phase = phaseWatch
		}
	case phaseTrain:
		start := t.env.Now()
		t.trainStep()
		t.times = append(t.times, t.env.Now()-start)
		t.stepped = true
		switch {
		case t.broke > 0:
			t.phase, t.score = phaseTest, score{}
		case t.step == t.spec.Int("steps") && t.opts.tune: // nobody watches a tuning run
			t.phase, t.score = phaseTest, score{}
		case t.opts.tune:
		case t.step%t.every() == 0 || t.step == t.spec.Int("steps"):
			t.phase, t.score = phaseWatch, score{}
		}
	case phaseWatch:
		if !t.evaluate(data.Validation, watched) {
			break
		}
		if loss := t.score.loss / watched; !math.IsNaN(loss) && !math.IsInf(loss, 0) {
			t.evals = append(t.evals, wire.Eval{Step: t.step, Loss: loss, Accuracy: float64(t.score.right) / watched})
		}
		t.phase, t.score = phaseTrain, score{}
		if t.step == t.spec.Int("steps") {
			t.phase = phaseTest
		}
	case phaseTest:
		split, n, name := data.Test, tested, "test"
		if t.opts.tune {
			split, n, name = data.Validation, validation, "validation"
		}
		if t.evaluate(split, n) {
			t.metrics[name+"_accuracy"] = float64(t.score.right) / float64(n)
			t.metric(name+"_loss", t.score.loss/float64(n))
			t.metric("train_loss", tail(t.loss, len(t.loss)/10+1))
			t.phase = phaseDone
		}
	}
	return t.phase == phaseDone
}

// metric records a number that is one.
func (t *trial) metric(name string, x float64) {
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		t.metrics[name] = x
	}
}

// tail is the mean of the last n values.
func tail(x []float32, n int) float64 {
	sum := 0.0
	for _, v := range x[len(x)-n:] {
		sum += float64(v)
	}
	return sum / float64(n)
}

// Stepped implements lab.Trial.
func (t *trial) Stepped() bool { return t.stepped }

// trainStep does one step of the optimizer on the next batch.
func (t *trial) trainStep() {
	loss := t.Forward(t.train, t.step)
	value := loss.Item()
	t.train.Backward(loss)
	if t.step == 0 {
		t.ledger = t.count()
	}
	t.step++
	if value-value != 0 { // infinite or no number: they are one thing, and travel as one
		t.loss = append(t.loss, float32(math.NaN()))
		t.broke = t.step
		return
	}
	t.loss = append(t.loss, value)
	t.opt.Step(t.schedule(t.step - 1))
}

// Forward computes the loss of the batch of a step on a tape that it resets first.
func (t *trial) Forward(on *tape.Tape, step int) tape.Var {
	n := t.spec.Int("batch")
	places, labels := t.places[:n], t.labels[:n]
	t.order.Batch(places, step)
	on.Reset()
	if t.cache != nil {
		for !t.cache.full() {
			t.cache.fill(t)
		}
		return t.cache.logits(t, on, places, labels).CrossEntropy(labels)
	}
	for j, p := range places {
		labels[j] = t.example(t.images[j*data.Pixels:(j+1)*data.Pixels], int(p))
	}
	return t.model.Forward(t.model.Input(on, t.images[:n*data.Pixels])).CrossEntropy(labels)
}

// example writes training example i (a place in the subset) and returns its label.
func (t *trial) example(image []float32, i int) int32 {
	label := t.task.set.Image(image, data.Train, int(t.task.train[i]))
	if t.opts.Labels {
		// The shares of the classes stay, what ties them to images goes.
		var other [data.Pixels]float32
		label = t.task.set.Image(other[:], data.Train, int(t.task.train[t.wrong[i]]))
	}
	return int32(label)
}

// evaluate looks at the next examples of a held-out split and reports whether n have been seen.
func (t *trial) evaluate(split data.Split, n int) (done bool) {
	k := min(lookBatch, n-t.score.at)
	for j := range k {
		t.labels[j] = int32(t.task.holdout.Image(t.images[j*data.Pixels:(j+1)*data.Pixels], split, t.score.at+j))
	}
	t.look.Reset()
	logits := t.model.Forward(t.model.Input(t.look, t.images[:k*data.Pixels]))
	classes := len(t.task.classes)
	for j := range k {
		if argmax(logits.Data()[j*classes:(j+1)*classes]) == int(t.labels[j]) {
			t.score.right++
		}
	}
	t.score.loss += float64(float64(logits.CrossEntropy(t.labels[:k]).Item()) * float64(k))
	t.score.at += k
	return t.score.at == n
}

// argmax is the place of the largest value, the first of equals.
func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// count reads the ledger of the step that has just gone backward.
func (t *trial) count() wire.Ledger {
	trained, all := nn.Count(t.model)
	l := wire.Ledger{
		KeptBytes:      t.train.Ledger.Bytes(),
		OptimizerBytes: t.opt.StateBytes(),
		GradientBytes:  t.opt.GradientBytes(),
		TrainedBytes:   4 * trained,
		FrozenBytes:    4 * (all - trained),
		ForwardFLOP:    t.train.Ledger.ForwardFLOP,
		StepFLOP:       t.train.Ledger.ForwardFLOP + t.train.Ledger.BackwardFLOP,
	}
	for _, row := range t.train.Ledger.Kinds() {
		l.Parts = append(l.Parts, wire.LedgerRow{Name: row.Kind.String(), Bytes: row.Bytes})
	}
	return l
}

// Progress implements lab.Trial.
func (t *trial) Progress() wire.Progress {
	p := wire.Progress{
		Step: t.step, Steps: t.spec.Int("steps"), First: t.told.step + 1,
		Loss:      append(wire.Losses(nil), t.loss[t.told.step:]...),
		Evals:     append([]wire.Eval(nil), t.evals[t.told.evals:]...),
		MsPerStep: lab.Median(t.times),
		Phase:     "training",
	}
	switch t.phase {
	case phaseCache:
		p.Phase = "loading"
	case phaseTest, phaseDone:
		p.Phase = "testing"
	}
	t.told.step, t.told.evals = len(t.loss), len(t.evals)
	return p
}

// Result implements lab.Trial.
func (t *trial) Result() wire.TrialResult {
	trained := append([]float32(nil), t.opt.Values()...)
	head, _ := nn.Count(t.model.Head)
	r := wire.TrialResult{
		Trial: t.id, Arm: t.arm.String(),
		Trainable: t.opt.Len() - head, Head: head, Total: backboneSize(t.model),
		LR: t.rate, Loss: append(wire.Losses(nil), t.loss...), Evals: append([]wire.Eval(nil), t.evals...),
		Metrics: t.metrics, Ledger: t.ledger, MsPerStep: lab.Median(t.times), Diverged: t.broke,
		Digest: lab.Digest(t.loss, trained), Trained: trained,
	}
	return r
}

// backboneSize counts the weights of the backbone as it was before any adapter.
func backboneSize(model *nn.ViT) int {
	n := 0
	model.Backbone().Params(func(p *tape.Param) {
		if !isFactor(p.Name) {
			n += p.Len()
		}
	})
	return n
}
