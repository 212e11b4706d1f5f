package course

import (
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Plan is what a paper trains, on what and how.
type Plan struct {
	Env     lab.Env   // its clock times the steps
	Spec    wire.Spec // has the knobs seed, steps and batch
	ID      wire.TrialID
	Lab     string // ID of the lab, whose random numbers are its own
	Arm     string // name of the racer
	Options Options

	Task  *Task
	Model Model
	Head  nn.Module // the part of Model that a result counts apart
	Total int       // numbers in Model without the head, as a result tells

	Optimizer optim.Optimizer // holds what is trained of Model
	Rate      float64         // peak of Schedule, as a result tells
	Schedule  func(step int) float64

	// What only some trials have.
	Running []*tape.Running // statistics that training measures: every step updates them, and they travel with the weights
	Rest    Rest            // nil where a trained model needs no more than the trained and measured numbers
	Prelude *Prelude        // nil where training begins at once
	// Cached takes the place of Model in training: the logits [n, classes] of training examples by their places in Task.Train,
	// whose labels it writes. Where it is nil, Model reads the images.
	Cached func(on *tape.Tape, places, labels []int32) tape.Var
	// Probe is Model where nothing but its head is trained: what the rest makes of the training examples is computed once, in a
	// prelude, and cached. nil elsewhere.
	Probe *nn.ViT
}

// Options are what a trial can do besides an honest run.
type Options struct {
	lab.Sabotage
	Tune bool // end with the validation split and leave the test split alone
}

// Model maps images to logits. In evaluation, on a tape that infers, images must not meet.
type Model interface {
	nn.Module
	// Input brings images [n, 32, 32] into a step, in the shape that Forward wants.
	Input(on *tape.Tape, images []float32) tape.Var
	// Forward is the logits [n, classes].
	Forward(x tape.Var) tape.Var
}

// Rest are numbers that a trained model needs besides those that training learns and measures, and that no file holds: they
// travel behind them.
type Rest interface {
	Len() int
	Append(to []float32) []float32
	Fill(from []float32) // the first Len numbers, in the order of Append
}

// Prelude is what a trial does before its first look, a slice at a time.
type Prelude struct {
	Phase string // what wire.Progress calls it
	Slice func() (done bool)
	Share func() float64 // how much of it is done, 0..1; nil where nobody asks
}

// Seed is the seed of a trial: the run's first seed plus its index.
func Seed(spec wire.Spec, id wire.TrialID) uint64 { return spec.Uint64("seed") + uint64(id.Seed) }

// Schedule is the learning rate of each step, from 0: it rises to peak over the first twentieth of the steps and falls along
// half a cosine.
func Schedule(peak float64, steps int) func(step int) float64 {
	return optim.Cosine(peak, max(1, steps/20), steps)
}
