package sam

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// trial is one racer with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	env  lab.Env
	spec wire.Spec
	id   wire.TrialID
	arm  wire.Arm
	kind racer
	seed uint64 // of this trial: the run's first seed plus its index
	opts course.Options

	model    *Model
	rules    Rules
	opt      *optim.Muon
	rate     float64
	schedule func(step int) float64
	train    *tape.Tape
	look     *tape.Tape
	batch    batch
	wrong    []int32 // whose masks a sabotaged scene gets; nil in an honest run

	steps   int
	step    int // steps done
	round   int // rounds of the step at hand that are done
	stepped bool
	phase   phase
	engine  *engine // of a racer of the data engine
	exam    *exam
	survey  survey  // everything mode, behind the exam
	scene   int     // of the exam under way,
	opened  bool    // which is drawn,
	click   int     // and the clicks that were made on it
	begun   float64 // when the step at hand began, and how long it has taken
	spent   float64
	loss    []float32
	evals   []wire.Eval
	metrics map[string]float64
	extra   map[string][]float64
	ledger  wire.Ledger
	times   []float64
	told    struct{ step, evals int }
	broke   int
	show    *prompter // of the stage's picture
}

// phase is what a trial does next.
type phase int

const (
	phaseEngine phase = iota // masks to learn from are made
	phaseWatch               // a look at validation scenes
	phaseTrain
	phaseTest     // the last one
	phaseAnywhere // the same on fewer scenes, with a first click anywhere
	phaseSurvey   // everything mode on some test scenes
	phaseDone
)

// How much is looked at. A scene has about ten things to ask for.
const (
	watchedScenes  = 12 // in each look during training
	tunedScenes    = 60 // at the end of a tuning run
	testScenes     = 60
	anywhereScenes = 30 // of these, those that are asked once more with a first click anywhere
)

// stream is a source of random numbers for one purpose of one seed.
func stream(seed uint64, purpose string) *rand.Rand { return lab.Stream(labID, seed, purpose) }

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts course.Options) (*trial, error) {
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(spec.Arms()[id.Arm])
	if bad != nil {
		return nil, bad
	}
	spec = spec.With(arm)
	racer, ok := racerNamed(arm.Racer)
	if !ok {
		return nil, fmt.Errorf("there is no racer %q", arm.Racer)
	}
	t := &trial{env: env, spec: spec, id: id, arm: arm, kind: racer, seed: course.Seed(spec, id), opts: opts,
		steps: spec.Int("steps"), train: tape.New(), look: tape.New(), metrics: map[string]float64{}, extra: map[string][]float64{}}
	t.look.Infer = true
	t.rules = Rules{Rounds: spec.Int("rounds"), Feedback: racer.feedback, Mean: racer.mean, Warm: t.steps * 15 / 100, Single: t.steps * spec.Int("single") / 100}
	if racer.shipped {
		return t, t.ship()
	}
	// All racers start from the same encoder: the drawing of weights begins with it.
	t.model = t.fresh()
	t.opt = newOptimizer(nn.Trainable(t.model))
	t.rate = learningRate(spec, arm)
	t.schedule = course.Schedule(t.rate, t.steps)
	n := spec.Int("scenes")
	t.batch = batch{m: t.model, n: min(spec.Int("batch"), n), episode: newEpisode(t.model, t.rules), order: data.NewOrder(n, t.seed), seed: t.seed,
		examples: examples{size: t.model.Image, per: perScene}}
	t.batch.places = make([]int32, t.batch.n)
	if opts.Labels {
		t.wrong = make([]int32, n)
		for i, p := range stream(t.seed, "wrong masks").Perm(n) {
			t.wrong[i] = int32(p)
		}
		t.batch.wrong = t.wrong
	}
	t.loss, t.times = make([]float32, 0, t.steps), make([]float64, 0, t.steps)
	if racer.stages != nil {
		t.engine = newEngine(t)
		return t, nil
	}
	t.enter(phaseWatch)
	return t, nil
}

// fresh is the racer's model with the weights of its seed. Sabotaged, its places have another code, which no honest file belongs to.
func (t *trial) fresh() *Model {
	m := New(stream(t.seed, "init"), Live(t.kind.masks))
	m.blind = t.kind.blind
	if t.opts.Backbone {
		copy(m.prompt.gauss.Value.Data, newTable(stream(t.seed, "another code"), "", m.prompt.gauss.Value.Shape).Value.Data)
		m.prompt.gauss.Touch()
		m.Loaded()
	}
	return m
}

func newOptimizer(of []*tape.Param) *optim.Muon {
	return optim.NewMuon(of, optim.MuonConfig{AdamWConfig: optim.AdamWConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: weightDecay}, Momentum: momentum, Share: share}, product)
}

// product says whether a parameter is the weight of a product between features, which Muon moves: not that of pixels, not those at the
// narrow ends of the network, no table. AdamW moves all else, at a share of the rate.
//
// The paper trains everything with AdamW. Muon is a departure, because a visitor's half minute and our two hours are little: of the
// shipped size, 600 steps of 16 scenes with 4 rounds each end at an IoU of 0.55 with one click and 0.56 with five (validation scenes,
// best of three; the mask shown) with AdamW at a rate of 0.003, the one that an earlier recipe had, and at 0.63 and 0.63 with Muon at
// 0.012, the best of three rates (measured 2026-11-26).
func product(p *tape.Param) bool {
	s := p.Value.Shape
	return strings.HasSuffix(p.Name, "/w") && !strings.HasPrefix(p.Name, "patch/") && s.Rows() >= 16 && s.Width() >= 8
}

// ship makes the trial that of the shipped model, which has nothing to learn.
func (t *trial) ship() error {
	m, err := shippedModel(t.env)
	if err != nil {
		return err
	}
	t.model, t.steps, t.opt = m, 0, newOptimizer(nil)
	t.enter(phaseTest)
	return nil
}

// ready makes the masks that a racer of the data engine learns from.
func (t *trial) ready() {
	for t.phase == phaseEngine {
		t.Advance()
	}
}

// current is the model that answers now.
func (t *trial) current() (m *Model, step int) {
	if t.phase == phaseEngine {
		return t.engine.model, t.engine.done
	}
	return t.model, t.step
}

// Constants of training that are no knobs.
const (
	weightDecay = 0.05
	share       = 0.5 // the learning rate of all that is no weight of a product, as a share of theirs
	clipNorm    = 1
	perScene    = 4 // masks of each scene in a step

	// Of the weights of products. It was chosen for heads:3 on 100 validation scenes of five seeds, at a rate of 0.016: 0.95 finds 53.3 %
	// with the best of three masks for one click, 0.9 54.5, 0.85 55.4, 0.8 55.4, 0.7 54.2 (measured 2026-11-26). The shipped model, which
	// makes twelve times as many steps, has one of its own.
	momentum = 0.85
)

// batch is what one step learns from.
type batch struct {
	m        *Model
	n        int // scenes
	episode  *episode
	examples examples
	order    *data.Order
	places   []int32
	wrong    []int32
	labels   []labelled // what is learned from in place of the true masks of the training scenes; nil for those
	seed     uint64
	pcg      rand.PCG
	rng      *rand.Rand
	pictures []float32
	truth    []float32
	other    []float32
	target   []float32
}

// sceneOf is the scene of a place among the training scenes of a seed: two seeds share none, as long as there are no more scenes than
// this.
const scenesApart = 1 << 20

func sceneOf(seed uint64, place int) int { return int(seed%scenesApart)*scenesApart + place }

// begin draws the scenes and masks of a step and encodes the pictures.
func (b *batch) begin(on *tape.Tape, step, rounds int) {
	pixels := b.m.Pixels()
	b.order.Batch(b.places, step)
	b.pcg.Seed(b.seed^0x5a32<<32, uint64(step))
	if b.rng == nil {
		b.rng = rand.New(&b.pcg)
	}
	b.pictures, b.truth = sized(b.pictures, 3*pixels*b.n), sized(b.truth, pixels*b.n*b.examples.per)
	for j, p := range b.places {
		picture, truth := b.pictures[j*3*pixels:][:3*pixels], b.truth[j*b.examples.per*pixels:][:b.examples.per*pixels]
		if b.labels != nil {
			b.labels[p].fill(&b.examples, picture, truth, b.rng)
			continue
		}
		b.examples.fill(picture, truth, data.Train, sceneOf(b.seed, int(p)), b.rng)
		if b.wrong != nil { // the loss asks for masks of another scene than picture and prompts are of
			b.other, b.target = sized(b.other, 3*pixels), sized(b.target, len(b.truth))
			b.episode.target = b.target
			b.examples.fill(b.other, b.target[j*len(truth):][:len(truth)], data.Train, sceneOf(b.seed, int(b.wrong[p])), b.rng)
		}
	}
	on.Reset()
	b.episode.begin(on, b.pictures, b.truth, b.examples.per, rounds, b.rng)
}

// Advance implements lab.Trial. A step is as many slices as it has rounds, and one more: a visitor's prompt is answered in between.
func (t *trial) Advance() (done bool) {
	t.stepped = false
	switch t.phase {
	case phaseEngine:
		if t.engine.slice() {
			t.hire()
		}
	case phaseTrain:
		t.slice()
	case phaseWatch, phaseTest, phaseAnywhere:
		t.examine()
	case phaseSurvey:
		if t.survey.slice() {
			t.extra[extraPrecision], t.extra[extraRecall] = t.survey.shares()
			t.phase = phaseDone
		}
	}
	return t.phase == phaseDone
}

// slice does the next round of a step, or what comes behind the last one.
func (t *trial) slice() {
	now := t.env.Now()
	switch {
	case t.round == 0:
		t.spent = 0
		t.batch.begin(t.train, t.step, t.rules.at(t.step))
		t.batch.episode.round(0, t.step)
		t.round++
	case t.round < t.rules.at(t.step):
		t.batch.episode.round(t.round, t.step)
		t.round++
	default:
		t.finish()
	}
	t.spent += t.env.Now() - now
	if !t.stepped {
		return
	}
	t.times = append(t.times, t.spent)
	last := t.step == t.steps
	switch {
	case t.broke > 0, last && t.opts.Tune:
		t.enter(phaseTest)
	case t.opts.Tune:
	case last, t.step%max(1, t.steps/10) == 0:
		t.enter(phaseWatch)
	}
}

// finish goes backward and makes the step.
func (t *trial) finish() {
	loss := t.batch.episode.loss()
	value := loss.Item()
	t.train.Backward(loss)
	if t.step == 0 || t.step == t.rules.Single { // memory, work and time are those of a step with all its rounds
		t.ledger, t.times = t.count(), t.times[:0]
	}
	t.step++
	t.round, t.stepped = 0, true
	if value-value != 0 {
		t.loss = append(t.loss, float32(math.NaN()))
		t.broke = t.step
		return
	}
	t.loss = append(t.loss, value)
	t.opt.Clip(clipNorm)
	t.opt.Step(t.schedule(t.step - 1))
}

// TrainStep implements lab.Specimen.
func (t *trial) TrainStep() {
	t.ready()
	t.batch.episode.script.of = -1
	rounds := t.rules.at(t.step)
	t.batch.begin(t.train, t.step, rounds)
	for r := range rounds {
		t.batch.episode.round(r, t.step)
	}
	t.finish()
}

// Forward implements lab.Specimen. What the simulated visitor does depends on the answers, and is no part of the gradient: asked for the
// same step again, it does what it did.
func (t *trial) Forward(on *tape.Tape, step int) tape.Var {
	t.ready()
	e := t.batch.episode
	e.script.on, e.script.replay = true, e.script.of == step
	e.script.of = step
	rounds := t.rules.at(step)
	t.batch.begin(on, step, rounds)
	for r := range rounds {
		e.round(r, step)
	}
	loss := e.loss()
	e.script.on, e.script.replay = false, false
	return loss
}

// enter begins a phase.
func (t *trial) enter(p phase) {
	t.phase, t.scene = p, 0
	split, clicks := data.Validation, 1
	if p == phaseAnywhere || p == phaseTest && !t.opts.Tune {
		split, clicks = data.Test, Clicks
	}
	if t.exam == nil {
		t.exam = newExam(t.model, split, clicks, t.rules.Feedback, t.look)
		return
	}
	t.exam.begin(split, clicks)
	t.exam.anywhere = p == phaseAnywhere
}

// examine draws the next scene of an exam, or asks for all that is on it after one click more.
func (t *trial) examine() {
	e := t.exam
	if !t.opened {
		t.opened, t.click = e.open(t.place(t.scene), nil), 0
	} else {
		e.click(t.click)
		t.click++
		t.opened = t.click < e.clicks
	}
	if t.opened {
		return
	}
	t.scene++
	switch {
	case t.phase == phaseWatch && t.scene == watchedScenes:
		if loss := e.Loss(); lab.IsFinite(loss) {
			t.evals = append(t.evals, wire.Eval{Step: t.step, Loss: loss, Accuracy: e.BestOf()})
		}
		if t.step == t.steps {
			t.enter(phaseTest)
		} else {
			t.phase = phaseTrain
		}
	case t.phase == phaseTest && t.opts.Tune && t.scene == tunedScenes:
		t.metrics[validationMIoU] = e.BestOf()
		t.phase = phaseDone
	case t.phase == phaseTest && !t.opts.Tune && t.scene == testScenes:
		t.tell(&e.Tally)
		t.enter(phaseAnywhere)
	case t.phase == phaseAnywhere && t.scene == anywhereScenes:
		for c := range Clicks {
			t.extra[extraAnywhere] = append(t.extra[extraAnywhere], e.MIoU(c+1))
		}
		t.survey.begin(t.model, t.step, t.place(0))
		t.phase = phaseSurvey
	}
}

// place is the scene of a look. The shipped model is the same with every seed, so each asks it for other scenes: its intervals are over
// scenes. Racers in training are all asked for the same ones.
func (t *trial) place(scene int) int {
	if t.kind.shipped {
		return t.id.Seed*testScenes + scene
	}
	return scene
}

// Metrics of a result. All but the loss are means over what is asked for on the test scenes, 0..1.
const (
	testMIoU       = "test_miou" // of the best mask for one click
	validationMIoU = "validation_miou"
	testShown      = "test_shown"    // of the mask that the model shows after one click
	testFive       = "test_five"     // after five clicks of the simulated visitor
	testSpearman   = "test_spearman" // rank correlation of estimated and true IoU
	testApart      = "test_apart"    // share of ambiguous clicks whose masks are different nodes
)

// tell turns a tally into metrics and what the analysis reads.
func (t *trial) tell(y *Tally) {
	t.metrics[testMIoU], t.metrics[testShown], t.metrics[testFive] = y.BestOf(), y.MIoU(1), y.MIoU(5)
	t.metrics[testSpearman] = y.Spearman()
	if t.model.Masks > 1 && y.Ambiguous > 0 {
		t.metrics[testApart] = float64(y.Apart) / float64(y.Ambiguous)
	}
	if n := len(t.loss); n > 0 && t.broke == 0 {
		tail := t.loss[n-(n/10+1):]
		sum := 0.0
		for _, v := range tail {
			sum += float64(v)
		}
		t.metrics["train_loss"] = sum / float64(len(tail))
	}
	for c := range Clicks {
		t.extra[extraClicks] = append(t.extra[extraClicks], y.MIoU(c+1))
	}
	for _, l := range y.Levels {
		t.extra[extraLevels] = append(t.extra[extraLevels], l.Oracle/float64(max(l.Asked, 1)))
	}
	t.extra[extraPredicted], t.extra[extraTrue] = thin(y.Predicted), thin(y.True)
	t.extra[extraCost] = []float64{float64(y.Cost[0]), float64(y.Cost[1])}
}

// Measurements that only the report of this lab reads.
const (
	extraClicks    = "clicks"    // IoU of the mask that is shown, after each click
	extraAnywhere  = "anywhere"  // the same where the first click lies anywhere on the thing
	extraLevels    = "levels"    // IoU of the best mask for one click: of wholes, parts and subparts
	extraPredicted = "predicted" // of some masks for one click: the estimate,
	extraTrue      = "true"      // and the truth
	extraCost      = "cost"      // operations of a picture and of a prompt
	extraPrecision = "precision" // of everything mode at each of sureThresholds; -1 where no mask is left
	extraRecall    = "recall"
	extraStages    = "stages" // of the data engine, see stageNumbers
)

// thin keeps a few hundred of a list, evenly: enough for a scatter.
func thin(x []float64) []float64 {
	const most = 400
	if len(x) <= most {
		return x
	}
	var out []float64
	for i := range most {
		out = append(out, x[i*len(x)/most])
	}
	return out
}

// count reads the ledger of the step that has just gone backward.
func (t *trial) count() wire.Ledger {
	trained, all := nn.Count(t.model)
	from := &t.train.Ledger
	l := wire.Ledger{KeptBytes: from.Bytes(), OptimizerBytes: t.opt.StateBytes(), GradientBytes: t.opt.GradientBytes(),
		TrainedBytes: 4 * trained, FrozenBytes: 4 * (all - trained), ForwardFLOP: from.ForwardFLOP, StepFLOP: from.ForwardFLOP + from.BackwardFLOP}
	for _, row := range from.Kinds() {
		l.Parts = append(l.Parts, wire.LedgerRow{Name: row.Kind.String(), Bytes: row.Bytes})
	}
	return l
}

// Stepped implements lab.Trial.
func (t *trial) Stepped() bool { return t.stepped }

// Progress implements lab.Trial.
func (t *trial) Progress() wire.Progress {
	p := wire.Progress{Step: t.step, Steps: t.steps, First: t.told.step + 1, Loss: append(wire.Losses(nil), t.loss[t.told.step:]...),
		Evals: append([]wire.Eval(nil), t.evals[t.told.evals:]...), MsPerStep: lab.Median(t.times), Phase: "training"}
	switch {
	case t.phase == phaseEngine:
		p.Phase, p.Loaded = "labelling", t.engine.share()
	case t.phase >= phaseTest:
		p.Phase = "testing"
	}
	t.told.step, t.told.evals = len(t.loss), len(t.evals)
	return p
}

// Result implements lab.Trial.
func (t *trial) Result() wire.TrialResult {
	trained := append([]float32(nil), t.opt.Values()...)
	proof := trained
	if t.kind.shipped { // nothing was trained: the digest is that of the weights as they came
		proof = nil
		for _, p := range nn.Collect(t.model) {
			proof = append(proof, p.Value.Data...)
		}
	}
	return wire.TrialResult{Trial: t.id, Arm: t.arm.String(), Trainable: t.opt.Len(), Total: t.model.Count(), LR: t.rate,
		Loss: append(wire.Losses(nil), t.loss...), Evals: append([]wire.Eval(nil), t.evals...), Metrics: t.metrics, Extra: t.extra,
		Ledger: t.ledger, MsPerStep: lab.Median(t.times), Diverged: t.broke, Digest: lab.Digest(t.loss, proof), Trained: trained}
}

// Restore implements lab.Trial.
func (t *trial) Restore(trained []float32) error {
	if len(trained) != t.opt.Len() {
		return fmt.Errorf("%d trained numbers came for %s, which has %d", len(trained), t.arm, t.opt.Len())
	}
	copy(t.opt.Values(), trained)
	for _, p := range t.opt.Params() {
		p.Touch()
	}
	t.step, t.phase = t.steps, phaseDone
	return nil
}

// Frame implements lab.Trial: the racer's answer to a click in the middle of something on a validation scene.
func (t *trial) Frame(focus wire.Focus) (wire.Frame, [][]float32) {
	if t.show == nil {
		t.show = newPrompter(t.env).(*prompter)
	}
	example := (focus.Example%shownScenes + shownScenes) % shownScenes
	m, step := t.current()
	a, buffers := t.show.example(m, step, data.Validation, example)
	a.Arm, a.Model = t.arm.String(), wire.ModelLive
	return wire.Frame{Arm: t.arm.String(), Trial: t.id, Step: step, Example: example, Examples: shownScenes,
		Height: m.Image, Width: m.Image, Label: -1, Answer: a}, buffers
}

// shownScenes are the scenes of the stage.
const shownScenes = 12

// Export implements lab.Trial: the trained weights as a safetensors file, of the shipped model all. The Fourier matrix, which is drawn
// and not trained, follows from the link and the seed that the file names, and is named by its hash.
func (t *trial) Export() (wire.File, []byte, error) {
	meta := map[string]string{"petri": wire.Engine, "link": t.spec.Link(description()), "arm": t.arm.String(), "seed": fmt.Sprint(t.seed), metaCode: t.code()}
	file, err := nn.Save(t.saved(), meta, nn.F32)
	name := fmt.Sprintf("petri-sam-%s-seed%d.safetensors", strings.NewReplacer(":", "-", "~", "-", "=", "").Replace(t.arm.String()), t.seed)
	return wire.File{Name: name, Type: "application/octet-stream"}, file, err
}

// metaCode is the key of the hash of the Fourier matrix in a file.
const metaCode = "code"

// code is the hash of the Fourier matrix.
func (t *trial) code() string { return lab.Digest(nil, t.model.prompt.gauss.Value.Data) }

// saved is what a file holds.
func (t *trial) saved() []*tape.Param {
	if t.kind.shipped {
		return nn.Collect(t.model)
	}
	return t.opt.Params()
}

// Import implements lab.Specimen.
func (t *trial) Import(file []byte) error {
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	if arm := f.Meta["arm"]; arm != t.arm.String() {
		return fmt.Errorf("the file holds the racer %q, not %q", arm, t.arm)
	}
	if f.Meta[metaCode] != t.code() {
		return errors.New("the file belongs to other codes of places: another seed drew them")
	}
	return f.Into(t.saved())
}

// Params implements lab.Specimen.
func (t *trial) Params() []*tape.Param { return nn.Collect(t.model) }

// Trained implements lab.Specimen.
func (t *trial) Trained() []float32 { return t.opt.Values() }

// Measured implements lab.Specimen.
func (t *trial) Measured() int { return 0 }

// Closed implements lab.Specimen.
func (t *trial) Closed() int {
	if t.kind.shipped {
		return 0
	}
	return t.model.Count()
}

// Origin implements lab.Specimen: training starts from random weights.
func (t *trial) Origin(int) ([]float32, error) { return nil, nil }

// Logits implements lab.Specimen: those of the masks for one click on each of n validation scenes.
func (t *trial) Logits(n int) []float32 {
	e := newExam(t.model, data.Validation, 1, t.rules.Feedback, t.look)
	var out []float32
	for i := range n {
		e.look(i)
		out = append(out, e.last[:t.model.Pixels()]...)
	}
	return out
}

// Validate implements lab.Specimen: the mean IoU of the best mask for one click on the scenes that hold about n things.
func (t *trial) Validate(n int) float64 {
	e := newExam(t.model, data.Validation, 1, t.rules.Feedback, t.look)
	for i := range max(1, n/10) {
		e.look(i)
	}
	return e.BestOf()
}
