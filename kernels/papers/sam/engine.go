package sam

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/papers/sam/masks"
)

// engine is the data engine in miniature (Kirillov et al. 2023, §4): a model that has seen few true masks helps a simulated annotator to
// make more, is trained on them, helps better, fills in what it is sure of, and labels scenes alone in the end. A racer of the
// engine goes through it as far as it needs its stages, then begins anew and learns from their masks.
//
// Departures: the annotator is sure of what is there and never tires, and takes the best of the three masks for a first click; a mask
// is finished at an IoU of 0.75 or painted by hand, which makes it true. In the paper the boxes of the second stage come from a
// detector; here everything mode fills in, as it does in the third, with masks of which the scenes that the annotator has clicked have
// shown that the model is right to be sure of them: there the true IoU of every mask for a first click is known, not of finished masks
// alone. Nothing of a scene of the third stage is known but its picture; its truth is read for the table of stages only.
type engine struct {
	t       *trial
	model   *Model // the one that helps
	done    int    // steps that it has made
	opt     *optim.Muon
	batch   batch
	rate    func(step int) float64
	step    int // of the training under way
	steps   int
	round   int
	jobs    []job
	work    int // steps and scenes of all jobs
	few     []labelled
	made    [4][]labelled // by stage; 0 is not used
	spare   [4][]labelled // the one mask of each scene that the model is surest of
	scene   int           // of the job under way
	next    int           // place of the next new scene
	desk    *exam         // where the annotator asks
	asking  bool          // the annotator is at work on a scene
	click   int
	label   labelled  // of that scene
	open    []bool    // [wanted]: not finished yet
	helper  *prompter // everything mode
	filling bool      // it is at work on a scene
	parts   []harvest
}

// job is one thing to do: to train on what is there, or to label scenes in the way of a stage.
type job struct {
	stage  int // 0 to train
	scenes int
	steps  int
	lr     float64
}

// labelled is a scene with the masks that somebody made for it.
type labelled struct {
	scene int
	masks []masks.Mask
}

// harvest is what came of one job of labelling.
type harvest struct {
	stage, scenes, asked, clicks, masks, alone int
	iou                                        float64
}

// The places of the numbers of a job of labelling, one after the other in extraStages. All are sums.
const (
	stageOf     = iota // 1, 2 or 3
	stageScenes        //
	stageAsked         // masks that the annotator made
	stageClicks        // and the clicks for them
	stageMasks         // all masks
	stageAlone         // those that the model made alone
	stageIoU           // IoU of masks with the thing that they fit best
	stageNumbers
)

// The size of the engine. Scenes and shares are chosen so that a racer of it takes about twice the time of another.
const (
	engineFew     = 128     // scenes whose true masks the first model learns from
	engineGood    = 0.75    // the IoU of a finished mask: at 32 pixels many a thing is hardly more than its edge
	engineFrom    = 1 << 19 // place of the first scene: no racer of a seed trains on true masks of them
	engineMissing = 0.5     // a thing is missing if no mask fits it so well
)

// engineSure is what everything mode asks of a mask in the engine, but for the estimate of its IoU, see bar. It does not ask for stability:
// the logits of a net this small rise so slowly that hardly a mask would be left (measured 2026-11-26: none on 128 scenes at 0.5).
var engineSure = wire.Everyone{Overlap: sureOverlap, Smallest: smallest / 1024.0, Largest: largest}

// A mask is filled in if those that the model said as much of have been right: the annotator's clicks so far are the measure.
const (
	sureMean  = 0.7  // IoU that the masks above the bar had in the mean
	sureShare = 0.05 // of all masks, the surest, that count in any case
)

// bar is the least estimate of IoU with which a mask is filled in.
func (e *engine) bar() float64 {
	y := &e.desk.Tally
	order := make([]int, len(y.Predicted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(y.Predicted[b], y.Predicted[a]) })
	least, sum := 1.0, 0.0
	for n, i := range order {
		sum += y.True[i]
		if mean := sum / float64(n+1); mean >= sureMean || n < int(sureShare*float64(len(order))) {
			least = y.Predicted[i]
		}
	}
	return least
}

func newEngine(t *trial) *engine {
	e := &engine{t: t, model: t.fresh(), next: engineFrom, helper: newPrompter(t.env).(*prompter)}
	e.opt = newOptimizer(nn.Trainable(e.model))
	e.desk = newExam(e.model, data.Train, Clicks, t.rules.Feedback, t.look)
	e.desk.picks = true
	again := job{steps: max(1, t.steps/8), lr: t.rate / 2}
	e.jobs = []job{{steps: t.steps, lr: t.rate},
		{stage: 1, scenes: 16}, again, {stage: 1, scenes: 16}, again, {stage: 1, scenes: 16}, again,
		{stage: 2, scenes: 24}, again, {stage: 2, scenes: 24}, again,
		{stage: 3, scenes: 128}}
	last := t.kind.stages[len(t.kind.stages)-1]
	for e.jobs[len(e.jobs)-1].stage != last { // what comes behind is of no use
		e.jobs = e.jobs[:len(e.jobs)-1]
	}
	for _, j := range e.jobs {
		e.work += j.steps + j.scenes
	}
	draw := examples{size: e.model.Image}
	for len(e.few) < engineFew {
		l := labelled{scene: sceneOf(t.seed, e.place())}
		draw.scene.Draw(scenes.Shapes, data.Train, l.scene, draw.size, nil)
		mask := make([]float32, e.model.Pixels())
		for n := range draw.scene.Nodes {
			if draw.asked(n) {
				draw.scene.Mask(mask, n)
				l.masks = append(l.masks, masks.Above(mask, draw.size, 0.5))
			}
		}
		if len(l.masks) > 0 {
			e.few = append(e.few, l)
		}
	}
	e.begin()
	return e
}

// share is how much of the jobs is done, 0..1: a scene counts as much as a step.
func (e *engine) share() float64 {
	left := 0
	for i, j := range e.jobs {
		left += j.steps + j.scenes
		if i == 0 {
			left -= e.step + e.scene
		}
	}
	return 1 - float64(left)/float64(e.work)
}

// place is that of the next new scene.
func (e *engine) place() int {
	e.next++
	return e.next - 1
}

// begin starts the first of the jobs.
func (e *engine) begin() {
	e.scene, e.step, e.round, e.asking = 0, 0, 0, false
	if len(e.jobs) == 0 {
		return
	}
	j := e.jobs[0]
	if j.stage > 0 {
		e.parts = append(e.parts, harvest{stage: j.stage})
		return
	}
	all := append([]labelled(nil), e.few...)
	for _, made := range e.made {
		all = append(all, made...)
	}
	e.batch = e.t.learning(e.model, all)
	e.steps, e.rate = j.steps, course.Schedule(j.lr, j.steps)
}

// learning is a batch that learns from labelled scenes.
func (t *trial) learning(m *Model, from []labelled) batch {
	rules := t.rules
	b := batch{m: m, n: min(t.spec.Int("batch"), len(from)), episode: newEpisode(m, rules), order: data.NewOrder(len(from), t.seed), seed: t.seed,
		examples: examples{size: m.Image, per: perScene}, labels: from}
	b.places = make([]int32, b.n)
	return b
}

// slice does a little of the job at hand: a round of a step, a click on a scene, some points of everything mode. It reports whether
// nothing is left to do.
func (e *engine) slice() (done bool) {
	if len(e.jobs) == 0 {
		return true
	}
	finished := false
	switch e.jobs[0].stage {
	case 0:
		finished = e.learn()
	case 1:
		finished = e.annotate()
	case 2:
		finished = e.assist()
	default:
		finished = e.alone()
	}
	if !finished {
		return false
	}
	if e.jobs[0].stage == 0 || e.scene == e.jobs[0].scenes {
		e.jobs = e.jobs[1:]
		e.begin()
	}
	return len(e.jobs) == 0
}

// learn does the next round of a step, or what comes behind the last one. It reports whether the training is over.
func (e *engine) learn() bool {
	t := e.t
	if e.round == 0 {
		e.batch.begin(t.train, e.step, t.rules.at(e.done))
	}
	if e.round < t.rules.at(e.done) {
		e.batch.episode.round(e.round, e.done)
		e.round++
		return false
	}
	loss := e.batch.episode.loss()
	value := loss.Item()
	t.train.Backward(loss)
	e.round = 0
	if value-value == 0 { // else it has diverged, and stays as it is
		e.opt.Clip(clipNorm)
		e.opt.Step(e.rate(e.step))
	}
	e.step, e.done = e.step+1, e.done+1
	return e.step == e.steps
}

// annotate does the annotator's next click on everything of a scene that is not finished. It reports whether the scene is done.
func (e *engine) annotate() bool {
	part := &e.parts[len(e.parts)-1]
	if !e.asking {
		e.label = labelled{scene: sceneOf(e.t.seed, e.place())}
		return e.sit(nil)
	}
	d := e.desk
	d.click(e.click)
	pixels, left := e.model.Pixels(), 0
	for j := range d.wanted {
		if !e.open[j] {
			continue
		}
		part.clicks++
		good := d.ious[j] >= engineGood
		switch {
		case good:
			e.label.masks = append(e.label.masks, masks.Above(d.last[j*pixels:][:pixels], e.model.Image, 0))
		case e.click == Clicks-1:
			part.clicks++
			e.label.masks = append(e.label.masks, masks.Above(d.truth[j*pixels:][:pixels], e.model.Image, 0.5))
		default:
			left++
			continue
		}
		e.open[j] = false
		part.asked++
	}
	e.click++
	if left > 0 {
		return false
	}
	e.put()
	return true
}

// sit begins the annotator's work on the scene at hand: on what only picks, nil for everything. It reports whether there is nothing to do.
func (e *engine) sit(only func(node int) bool) bool {
	e.click = 0
	if !e.desk.open(e.label.scene, only) {
		e.put()
		return true
	}
	e.asking = true
	e.open = sized(e.open, len(e.desk.wanted))
	for j := range e.open {
		e.open[j] = true
	}
	return false
}

// put files the scene at hand.
func (e *engine) put() {
	part := &e.parts[len(e.parts)-1]
	part.scenes++
	part.masks += len(e.label.masks)
	for _, m := range e.label.masks {
		_, iou := masks.Best(m, e.desk.nodes)
		part.iou += max(iou, 0)
	}
	if len(e.label.masks) > 0 {
		e.made[part.stage] = append(e.made[part.stage], e.label)
	}
	e.asking = false
	e.scene++
}

// sure asks some more points of a new scene, and, when all have been asked, fills in what the model is sure of. It reports whether it
// has.
func (e *engine) sure() bool {
	if !e.filling {
		e.label, e.filling = labelled{scene: sceneOf(e.t.seed, e.place())}, true
	}
	done, err := e.helper.grid(e.model, e.done, data.Train, e.label.scene)
	if !done && err == nil {
		return false
	}
	e.filling = false
	if err != nil {
		return true // it has diverged, and is sure of nothing
	}
	v := &e.helper.every
	part := &e.parts[len(e.parts)-1]
	set := engineSure
	set.Predicted = e.bar()
	for _, k := range masks.Decide(v.dots, v.asked, v.found, v.crops, set) {
		e.label.masks = append(e.label.masks, k.Mask)
		part.alone++
	}
	best := -1
	for i, c := range v.found {
		if a := c.Mask.Area(); a >= smallest && lab.IsFinite(c.Predicted) && (best < 0 || c.Predicted > v.found[best].Predicted) {
			best = i
		}
	}
	if best >= 0 {
		e.spare[part.stage] = append(e.spare[part.stage], labelled{e.label.scene, []masks.Mask{v.found[best].Mask}})
	}
	return true
}

// assist is the second stage: the model fills in, and the annotator adds what is missing.
func (e *engine) assist() bool {
	if !e.asking {
		if !e.sure() {
			return false
		}
		filled := e.label.masks
		return e.sit(func(node int) bool {
			_, iou := masks.Best(e.desk.nodes[node], filled)
			return iou < engineMissing
		})
	}
	return e.annotate()
}

// alone is the third stage.
func (e *engine) alone() bool {
	if !e.sure() {
		return false
	}
	e.desk.open(e.label.scene, func(int) bool { return false }) // for the truth, with which the masks are compared
	e.put()
	return true
}

// hire lets the racer begin: it learns from the masks of its stages.
func (t *trial) hire() {
	e := t.engine
	var from []labelled
	for _, stage := range t.kind.stages {
		from = append(from, e.made[stage]...)
	}
	if len(from) == 0 { // the model was sure of nothing: then of each scene what it is surest of
		for _, stage := range t.kind.stages {
			from = append(from, e.spare[stage]...)
		}
	}
	for _, p := range e.parts {
		t.extra[extraStages] = append(t.extra[extraStages], float64(p.stage), float64(p.scenes), float64(p.asked), float64(p.clicks), float64(p.masks), float64(p.alone), p.iou)
	}
	t.engine = nil
	if len(from) == 0 { // nor ever says anything: it has diverged, and there is nothing to learn from
		t.loss, t.broke = append(t.loss, float32(math.NaN())), 1
		t.enter(phaseTest)
		return
	}
	if t.opts.Labels {
		first := from[0].masks
		for i := range from[1:] {
			from[i].masks = from[i+1].masks
		}
		from[len(from)-1].masks = first
	}
	t.batch = t.learning(t.model, from)
	t.enter(phaseWatch)
}

// fill writes a labelled scene into picture, and some of its masks, drawn at random, into truth.
func (l *labelled) fill(x *examples, picture, truth []float32, rng *rand.Rand) {
	x.scene.Draw(scenes.Shapes, data.Train, l.scene, x.size, nil)
	copy(picture, x.scene.RGB)
	pixels := x.size * x.size
	for j := range x.per {
		l.masks[rng.IntN(len(l.masks))].Write(truth[j*pixels:][:pixels])
	}
}
