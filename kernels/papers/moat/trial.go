package moat

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// lookBatch is how many examples are looked at in one go.
const lookBatch = 32

// phase is what a trial does next.
type phase int

const (
	phaseBase  phase = iota // steps of the net to start from
	phaseWatch              // a look at the watched examples
	phaseTrain              // steps
	phaseTest               // the last phase
	phaseDone
)

// trial is one racer with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	env  lab.Env
	spec wire.Spec
	id   wire.TrialID
	arm  wire.Arm
	seed uint64 // of this trial: the run's first seed plus its index
	opts options

	task     *task
	net      *net
	running  []*tape.Running // statistics that training measures
	carried  carried         // what comes from the base
	key      baseKey         // of the base
	base     *base           // in training; nil before and afterwards
	opt      optim.Optimizer
	rate     float64
	schedule func(step int) float64
	order    *data.Order

	train, look *tape.Tape // look is for inference
	back        *tape.Tape // for receptive fields
	places      []int32
	images      []float32
	labels      []int32
	wrong       []int // whose label a sabotaged example gets

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

// parseArm reads a racer's name.
func parseArm(name string) (wire.Arm, error) {
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(name)
	if bad != nil {
		return arm, bad
	}
	return arm, nil
}

// configOf is the net of a racer under the knobs of a run.
func configOf(spec wire.Spec, arm wire.Arm) (config, error) {
	c := config{
		recipe: recipeOf(spec, arm), channels: 1,
		width: spec.Int("width"), depth: spec.Int("depth"),
		places: spec.Text("position") == positionLearned,
		probe:  spec.Text("task") == taskCue,
	}
	c.classes = classes[spec.Text("task")]
	if _, err := fmt.Sscan(spec.Text("kernel"), &c.kernel); err != nil {
		return c, fmt.Errorf("the knob kernel is %q, which is no number", spec.Text("kernel"))
	}
	if w := spec.Text("window"); w != windowGlobal {
		if _, err := fmt.Sscan(w, &c.window); err != nil {
			return c, fmt.Errorf("the knob window is %q, which is neither a number nor %s", w, windowGlobal)
		}
	}
	if c.recipe.adapts() {
		c.rank = spec.Int("rank")
	}
	if both := slices.DeleteFunc(slices.Clone(arm.Edits), func(e string) bool { return !slices.Contains(starts, e) }); len(both) > 1 {
		return c, fmt.Errorf("the racer %s cannot start both as %s: keep one of them", arm, strings.Join(both, " and as "))
	}
	if !c.recipe.attention && c.recipe.mixer == "" {
		return c, fmt.Errorf("nothing is left of the block %s: keep attention or what stands beside it", arm)
	}
	return c, nil
}

// classes are the numbers of answers of the tasks.
var classes = map[string]int{
	taskTexture: len(data.Textures{}.Classes()), taskSame: len(data.SameDifferent{}.Classes()), taskCue: len(data.Cue{}.Classes()), taskDigits: 10,
}

// stream is a source of random numbers for one purpose of one seed.
func stream(seed uint64, purpose string) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "moat %s %d", purpose, seed))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts options) (*trial, error) {
	arm, err := parseArm(spec.Arms()[id.Arm])
	if err != nil {
		return nil, err
	}
	t := &trial{env: env, spec: spec, id: id, arm: arm, seed: spec.Uint64("seed") + uint64(id.Seed), opts: opts,
		train: tape.New(), look: tape.New(), back: tape.New(), metrics: map[string]float64{}}
	t.look.Infer = true
	c, err := configOf(spec, arm)
	if err != nil {
		return nil, err
	}
	if t.task, err = newTask(env, spec, t.seed, c.recipe.few); err != nil {
		return nil, err
	}
	if c.recipe.start == "" {
		t.net, t.phase = newNet(stream(t.seed, "init"), c), phaseWatch
	} else if err := t.start(c); err != nil {
		return nil, err
	}
	if !c.recipe.frozen() {
		t.running = nn.Running(t.net)
	}
	t.opt = optim.NewAdamW(nn.Trainable(t.net), optim.Adam())
	t.rate = learningRate(spec, arm)
	steps := spec.Int("steps")
	t.schedule = optim.Cosine(t.rate, max(1, steps/20), steps)
	batch := spec.Int("batch")
	t.places = make([]int32, max(batch, lookBatch))
	t.labels = make([]int32, max(batch, lookBatch))
	t.images = make([]float32, max(batch, lookBatch)*data.Pixels)
	t.order = data.NewOrder(len(t.task.train), t.seed)
	t.loss = make([]float32, 0, steps) // so that a step allocates nothing
	t.times = make([]float64, 0, steps)
	if opts.Labels {
		t.wrong = stream(t.seed, "wrong labels").Perm(len(t.task.train))
	}
	return t, nil
}

// every is the number of steps between two looks at validation examples: ten looks in a run, but not so often that more
// examples are looked at than trained on; and four times at least, so that there is a curve.
func (t *trial) every() int {
	steps, batch := t.spec.Int("steps"), t.spec.Int("batch")
	return max(1, min(max(steps/10, (watched+batch-1)/batch), steps/4))
}

// Advance implements lab.Trial.
func (t *trial) Advance() (done bool) {
	t.stepped = false
	switch t.phase {
	case phaseBase:
		t.pretrain()
	case phaseTrain:
		start := t.env.Now()
		t.TrainStep()
		t.times = append(t.times, t.env.Now()-start)
		t.stepped = true
		last := t.step == t.spec.Int("steps")
		switch {
		case t.broke > 0, last && t.opts.tune: // nobody watches a tuning run
			t.phase, t.score = phaseTest, score{}
		case t.opts.tune:
		case last, t.step%t.every() == 0:
			t.phase, t.score = phaseWatch, score{}
		}
	case phaseWatch:
		if !t.evaluate(data.Validation, watched) {
			break
		}
		if loss := t.score.loss / watched; finite(loss) {
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

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// metric records a number that is one.
func (t *trial) metric(name string, x float64) {
	if finite(x) {
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

// TrainStep implements lab.Specimen: one step of the optimizer on the next batch, and of the running statistics.
func (t *trial) TrainStep() {
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
	for _, r := range t.running {
		r.Update()
	}
}

// Forward computes the loss of the batch of a step on a tape that it resets first.
func (t *trial) Forward(on *tape.Tape, step int) tape.Var {
	t.ready()
	n := t.spec.Int("batch")
	places, labels := t.places[:n], t.labels[:n]
	t.order.Batch(places, step)
	for j, p := range places {
		labels[j] = t.example(t.images[j*data.Pixels:(j+1)*data.Pixels], int(p))
	}
	on.Reset()
	return t.net.Forward(t.net.Input(on, t.images[:n*data.Pixels])).CrossEntropy(labels)
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
	logits := t.net.Forward(t.net.Input(t.look, t.images[:k*data.Pixels]))
	c := len(t.task.classes)
	for j := range k {
		if argmax(logits.Data()[j*c:(j+1)*c]) == int(t.labels[j]) {
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
	trained, all := nn.Count(t.net)
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
	switch {
	case t.phase == phaseBase:
		p.Phase = "pretraining"
	case t.phase >= phaseTest:
		p.Phase = "testing"
	}
	t.told.step, t.told.evals = len(t.loss), len(t.evals)
	return p
}

// Result implements lab.Trial.
func (t *trial) Result() wire.TrialResult {
	trained := t.weights()
	head, _ := nn.Count(t.net.head)
	_, all := nn.Count(t.net)
	return wire.TrialResult{
		Trial: t.id, Arm: t.arm.String(),
		Trainable: t.opt.Len() - head, Head: head, Total: all - head,
		LR: t.rate, Loss: append(wire.Losses(nil), t.loss...), Evals: append([]wire.Eval(nil), t.evals...),
		Metrics: t.metrics, Ledger: t.ledger, MsPerStep: lab.Median(t.times), Diverged: t.broke,
		Digest: lab.Digest(t.loss, trained), Trained: trained,
	}
}

// weights are a copy of the trained weights and, behind them, of what else makes a net of them: the running statistics or,
// of a racer whose base is frozen, that base with its statistics. So a finished racer is looked at without training its base
// again, and the digest of a result vouches for the base, too.
func (t *trial) weights() []float32 {
	all := append([]float32(nil), t.opt.Values()...)
	if t.net.recipe.frozen() {
		return t.carried.appended(all)
	}
	for _, r := range t.running {
		all = append(append(all, r.Mean...), r.Var...)
	}
	return all
}

// Restore implements lab.Trial.
func (t *trial) Restore(trained []float32) error {
	want := t.opt.Len() + t.measured()
	if t.net.recipe.frozen() {
		want += t.carried.len()
	}
	if len(trained) != want {
		return fmt.Errorf("%d trained numbers came for %s, which has %d", len(trained), t.arm, want)
	}
	rest := trained[copy(t.opt.Values(), trained):]
	for _, p := range t.opt.Params() {
		p.Touch()
	}
	for _, r := range t.running {
		rest = rest[copy(r.Mean, rest):]
		rest = rest[copy(r.Var, rest):]
	}
	if t.net.recipe.frozen() {
		t.carried.fill(rest)
	}
	if t.phase == phaseBase {
		t.base, t.phase = nil, phaseWatch
	}
	t.step = t.spec.Int("steps")
	return nil
}

// measured is how many numbers of the net are measured while training, not learned.
func (t *trial) measured() int {
	n := 0
	for _, r := range t.running {
		n += len(r.Mean) + len(r.Var)
	}
	return n
}
