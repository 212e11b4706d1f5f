package sam

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"petri/kernels/data"
	"petri/kernels/data/backbone"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Recipe fixes every bit of a shipped model.
type Recipe struct {
	Name     string  `json:"name"`
	Seed     uint64  `json:"seed"`
	Batch    int     `json:"batch"`           // pictures of a step
	Group    int     `json:"group"`           // pictures whose gradient is computed at once; the groups' are summed in their order
	Per      int     `json:"per"`             // masks of each picture
	Masks    int     `json:"masks,omitempty"` // that the model gives for one click; 0 for those of the shipped model
	Warm     int     `json:"warm"`            // steps with a tenth of the mean of the three losses
	Decay    float64 `json:"decay"`
	Clip     float64 `json:"clip"`
	Momentum float64 `json:"momentum"` // of the weights of products, whose steps Muon makes
	Share    float64 `json:"share"`    // the learning rate of all else, which AdamW moves, as a share of theirs
	Legs     []Leg   `json:"legs"`
}

// Leg is a part of a training with a schedule of its own: few prompts for each mask first, which is cheap and learns where things are,
// then many, which learns to correct.
type Leg struct {
	Steps  int     `json:"steps"`
	Rounds int     `json:"rounds"` // prompts of each mask
	Rate   float64 `json:"rate"`   // peak, of the weights of products
	Rise   int     `json:"rise"`   // steps to the peak; then half a cosine
	Over   int     `json:"over"`   // steps over which that falls to zero: more than Steps where the next leg begins earlier
}

// Steps is how many there are in all.
func (r Recipe) Steps() int {
	n := 0
	for _, l := range r.Legs {
		n += l.Steps
	}
	return n
}

// rounds says how many prompts each mask gets, leg by leg.
func (r Recipe) rounds() string {
	var parts []string
	for _, l := range r.Legs {
		parts = append(parts, fmt.Sprintf("%d rounds of prompts for %d steps", l.Rounds, l.Steps))
	}
	return strings.Join(parts, ", then ")
}

// leg is the part that a step belongs to, and the step's number in it.
func (r Recipe) leg(step int) (Leg, int) {
	for _, l := range r.Legs {
		if step < l.Steps {
			return l, step
		}
		step -= l.Steps
	}
	return r.Legs[len(r.Legs)-1], step
}

// rate is the learning rate of a step.
func (r Recipe) rate(step int) float64 {
	l, at := r.leg(step)
	return optim.Cosine(l.Rate, l.Rise, l.Over)(at)
}

// Recipes are the shipped models: one.
var Recipes = []Recipe{
	{Name: "sam", Seed: 1, Batch: 16, Group: 1, Per: 4, Warm: 600, Decay: .05, Clip: 1, Momentum: .95, Share: .5, Legs: []Leg{
		{Steps: 4500, Rounds: 4, Rate: 8e-3, Rise: 300, Over: 10000},
		{Steps: 5500, Rounds: 7, Rate: 4.6e-3, Rise: 1, Over: 5500},
	}},
}

// Training makes a shipped model, one step at a time. The groups of a step may be computed side by side, each by a Replica.
type Training struct {
	Recipe Recipe
	Model  *Model
	Done   int // steps made

	opt    *optim.Muon
	groups [][]float32 // gradient of each group, in the order of the optimizer's numbers
	losses []float32   // of each group
	Curve  []CurvePoint
	sum    float64 // of the losses of the steps since the last point of the curve
	since  int     // how many these are
}

// CurvePoint is a point of the learning curve that is kept with the weights.
type CurvePoint struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"` // mean over the steps since the last point
	MIoU float64 `json:"miou"` // of held-out validation scenes, one click, best of three
	Five float64 `json:"five"` // after five clicks
}

// purposes of random numbers.
const (
	streamInit = 0x5a30
	streamStep = 0x5a31
)

// Start begins a recipe from random weights.
func (r Recipe) Start() *Training {
	size := Shipped()
	if r.Masks > 0 {
		size.Masks = r.Masks
	}
	t := &Training{Recipe: r, Model: New(rand.New(rand.NewPCG(r.Seed, streamInit)), size)}
	c := optim.Adam()
	c.Decay = r.Decay
	t.opt = optim.NewMuon(nn.Trainable(t.Model), optim.MuonConfig{AdamWConfig: c, Momentum: r.Momentum, Share: r.Share}, product)
	t.groups = make([][]float32, r.Groups())
	for i := range t.groups {
		t.groups[i] = make([]float32, t.opt.Len())
	}
	t.losses = make([]float32, r.Groups())
	return t
}

// Groups is the number of groups of a step.
func (r Recipe) Groups() int { return r.Batch / r.Group }

// Finished tells whether all steps are made.
func (t *Training) Finished() bool { return t.Done >= t.Recipe.Steps() }

// Replica computes gradients of groups. It reads the weights of the training, and writes nothing but its own memory and the
// group's: several may work at a time.
type Replica struct {
	of       *Training
	model    *Model
	tape     *tape.Tape
	episode  *episode
	examples examples
	pcg      rand.PCG
	pictures []float32
	truth    []float32
	seen     int // the steps whose weights its packed copies are of
}

// Replica returns one more of them.
func (t *Training) Replica() *Replica {
	r := t.Recipe
	m := New(nil, t.Model.Config)
	of := nn.Collect(t.Model)
	for i, p := range nn.Collect(m) { // share the numbers
		p.Value.Data = of[i].Value.Data
	}
	m.Loaded()
	c := m.Config
	return &Replica{of: t, model: m, tape: tape.New(), seen: -1,
		episode:  newEpisode(m, Rules{Feedback: true, Warm: r.Warm}),
		examples: examples{size: c.Image, per: r.Per},
		pictures: make([]float32, r.Group*c.Pixels()*3), truth: make([]float32, r.Group*r.Per*c.Pixels())}
}

// Compute makes the gradient of one group of the next step.
func (w *Replica) Compute(group int) {
	t, r, c := w.of, w.of.Recipe, w.model.Config
	if w.seen != t.Done {
		for _, p := range nn.Collect(w.model) {
			if !p.Frozen {
				p.Touch()
			}
		}
		w.seen = t.Done
	}
	w.pcg.Seed(r.Seed<<32^streamStep, uint64(t.Done)<<16|uint64(group))
	rng := rand.New(&w.pcg)
	at := (t.Done*r.Groups() + group) * r.Group
	for j := range r.Group {
		for skip := 0; !w.examples.fill(w.pictures[j*c.Pixels()*3:][:c.Pixels()*3], w.truth[j*r.Per*c.Pixels():][:r.Per*c.Pixels()], data.Train, at+j+skip*1_000_000_007, rng); skip++ {
		}
	}
	w.tape.Reset()
	e := w.episode
	leg, _ := r.leg(t.Done)
	e.begin(w.tape, w.pictures, w.truth, r.Per, leg.Rounds, rng)
	for i := range leg.Rounds {
		e.round(i, t.Done)
	}
	loss := e.loss()
	t.losses[group] = loss.Item()
	w.tape.Backward(loss)
	to := t.groups[group]
	for _, p := range nn.Trainable(w.model) {
		to = to[copy(to, p.TakeGrad()):]
	}
}

// Apply makes the step whose groups have all been computed, and returns its loss.
func (t *Training) Apply() float64 {
	sum, scale := 0.0, 1/float32(len(t.groups))
	for i, g := range t.groups {
		sum += float64(t.losses[i])
		rest := g
		for _, p := range t.opt.Params() {
			p.AddGrad(rest[:p.Len()], scale)
			rest = rest[p.Len():]
		}
	}
	t.opt.Clip(t.Recipe.Clip)
	t.opt.Step(t.Recipe.rate(t.Done))
	t.Done++
	loss := sum / float64(len(t.groups))
	t.sum += loss
	t.since++
	return loss
}

// Loss is the mean over the steps since the last point of the learning curve.
func (t *Training) Loss() float64 { return t.sum / float64(max(t.since, 1)) }

// watchEvery is the number of steps between two points of the learning curve, watchScenes what is looked at for one.
const (
	watchEvery  = 500
	watchScenes = 24
)

// Watch adds a point to the learning curve where one is due.
func (t *Training) Watch() (due bool) {
	if t.Done%watchEvery != 0 && !t.Finished() {
		return false
	}
	s := Examine(t.Model, data.Validation, watchScenes, 5)
	t.Curve = append(t.Curve, CurvePoint{Step: t.Done, Loss: short(t.Loss()), MIoU: s.BestOf, Five: s.ByClicks[4]})
	t.sum, t.since = 0, 0
	return true
}

// HeldOut is the number of test scenes of the recorded score.
const HeldOut = 200

// Ship writes the finished model in half precision and scores the file as whoever reads it will: date, time and machine of the entry
// are left to the caller.
func (t *Training) Ship(engine string) (file []byte, e Entry, err error) {
	if !t.Finished() {
		return nil, e, fmt.Errorf("%s has made %d of %d steps", t.Recipe.Name, t.Done, t.Recipe.Steps())
	}
	text, err := json.Marshal(t.Recipe)
	if err != nil {
		return nil, e, err
	}
	file, err = nn.Save(nn.Collect(t.Model), map[string]string{"made_by": "petri", "recipe": string(text)}, nn.F16)
	if err != nil {
		return nil, e, err
	}
	e = Entry{Recipe: t.Recipe, File: Asset, Bytes: len(file), SHA256: nn.Hash(file), Engine: engine, Curve: t.Curve}
	_, e.Numbers = nn.Count(t.Model)
	m, err := e.Decode(file)
	if err != nil {
		return nil, e, err
	}
	e.HeldOut, e.Filters = Examine(m, data.Test, HeldOut, Clicks), ChooseFilters(m)
	return file, e, nil
}

// curve is what a checkpoint holds of the learning curve.
type curve struct {
	Points []CurvePoint `json:"points"`
	Sum    float64      `json:"sum"`
	Since  int          `json:"since"`
}

// Checkpoint writes all that the next step depends on, and the learning curve so far.
func (t *Training) Checkpoint(engine string) ([]byte, error) {
	text, err := json.Marshal(curve{t.Curve, t.sum, t.since})
	if err != nil {
		return nil, err
	}
	return backbone.SaveState(t.opt.AdamW, t.Recipe, engine, map[string]string{"curve": string(text)})
}

// Resume continues from a checkpoint of the same recipe and engine, and refuses any other.
func (t *Training) Resume(file []byte, engine string) error {
	var c curve
	if f, err := nn.Open(file); err == nil { // the curve first: a file that is refused must leave the training as it was
		if err := json.Unmarshal([]byte(f.Meta["curve"]), &c); err != nil {
			return fmt.Errorf("the checkpoint's learning curve is damaged: %w", err)
		}
	}
	steps, err := backbone.LoadState(file, t.opt.AdamW, t.Recipe, engine)
	if err != nil {
		return err
	}
	t.Done, t.Curve, t.sum, t.since = steps, c.Points, c.Sum, c.Since
	return nil
}

// Made is how many steps are made, of how many.
func (t *Training) Made() (done, of int) { return t.Done, t.Recipe.Steps() }
