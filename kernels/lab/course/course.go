package course

import (
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// phase is what a course does next.
type phase int

const (
	phasePrelude phase = iota
	phaseWatch         // a look at the watched examples
	phaseTrain         // steps
	phaseTest          // the last phase
	phaseDone
)

// Course is the training of one trial. It has what of lab.Trial and lab.Specimen is the same in all papers.
type Course struct {
	// Look is the tape for inference. Whoever looks at the model uses it, so that there is one arena for all looks; what is on
	// it is gone with the next.
	Look *tape.Tape

	plan         Plan
	steps, batch int
	train        *tape.Tape
	order        *data.Order
	wrong        []int // whose label a sabotaged example gets; nil in an honest run

	// Of a batch or a look, whichever was last.
	places []int32
	images []float32 // [n, 32, 32]
	labels []int32

	phase   phase
	step    int // steps done
	stepped bool
	score   score // of the evaluation under way
	loss    []float32
	evals   []wire.Eval
	metrics map[string]float64
	ledger  wire.Ledger
	times   []float64                 // milliseconds of each step
	told    struct{ step, evals int } // what Progress has reported
	broke   int                       // step of the first loss that was no number
}

// New prepares a course. It changes nothing in the plan's model.
func New(p Plan) *Course {
	c := &Course{Look: tape.New(), plan: p, steps: p.Spec.Int("steps"), batch: p.Spec.Int("batch"),
		train: tape.New(), metrics: map[string]float64{}, phase: phaseWatch}
	c.Look.Infer = true
	n, seed := max(c.batch, LookBatch), Seed(p.Spec, p.ID)
	c.places, c.labels, c.images = make([]int32, n), make([]int32, n), make([]float32, n*data.Pixels)
	c.order = data.NewOrder(len(p.Task.Train), seed)
	c.loss, c.times = make([]float32, 0, c.steps), make([]float64, 0, c.steps) // so that a step allocates nothing
	if p.Options.Labels {
		c.wrong = lab.Stream(p.Lab, seed, "wrong labels").Perm(len(p.Task.Train))
	}
	if p.Probe != nil {
		cache := newFeatures(c, p.Probe)
		fill := &Prelude{Phase: "loading", Slice: cache.fill}
		if first := p.Prelude; first != nil {
			fill = first.then(cache.fill)
		}
		c.plan.Prelude, c.plan.Cached = fill, cache.logits
	}
	if c.plan.Prelude != nil {
		c.phase = phasePrelude
	}
	return c
}

// every is the number of steps between two looks at validation examples: ten looks in a run (twenty took a third of the time
// of a default run), but not so often that more examples are looked at than trained on, or a short run would mostly
// watch itself; and four times at least, so that there is a curve.
func every(steps, batch int) int {
	return max(1, min(max(steps/10, (Watched+batch-1)/batch), steps/4))
}

// Advance implements lab.Trial.
func (c *Course) Advance() (done bool) {
	c.stepped = false
	switch c.phase {
	case phasePrelude:
		c.begin()
	case phaseWatch:
		c.watch()
	case phaseTrain:
		start := c.plan.Env.Now()
		c.TrainStep()
		c.times = append(c.times, c.plan.Env.Now()-start)
		c.stepped = true
		last := c.step == c.steps
		switch {
		case c.broke > 0, last && c.plan.Options.Tune:
			c.enter(phaseTest)
		case c.plan.Options.Tune: // nobody watches a tuning run
		case last, c.step%every(c.steps, c.batch) == 0:
			c.enter(phaseWatch)
		}
	case phaseTest:
		c.test()
	}
	return c.phase == phaseDone
}

// enter begins a phase, and the count of its examples.
func (c *Course) enter(p phase) { c.phase, c.score = p, score{} }

// begin does the next slice of the prelude.
func (c *Course) begin() {
	if c.plan.Prelude.Slice() {
		c.phase = phaseWatch
	}
}

// then does something more behind a prelude, under its name.
func (p *Prelude) then(slice func() bool) *Prelude {
	first := false
	return &Prelude{Phase: p.Phase, Share: p.Share, Slice: func() bool {
		if !first {
			first = p.Slice()
			return false
		}
		return slice()
	}}
}

// SetRate changes the peak of the schedule before the first step: of a trial that finds its rate in a prelude.
func (c *Course) SetRate(rate float64) {
	c.plan.Rate, c.plan.Schedule = rate, Schedule(rate, c.steps)
}

// Ready does what is left of the prelude in one go.
func (c *Course) Ready() {
	for c.phase == phasePrelude {
		c.begin()
	}
}

// Stepped implements lab.Trial.
func (c *Course) Stepped() bool { return c.stepped }

// Step is how many steps were done.
func (c *Course) Step() int { return c.step }
