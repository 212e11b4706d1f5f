package optim

import (
	"petri/kernels/f32"
	"petri/kernels/tape"
)

// Optimizer is what a training loop needs of a rule.
type Optimizer interface {
	// Step changes the parameters by their gradients and lets the next gradients start anew.
	Step(lr float64)
	// Clip scales the gradients so that their norm is at most limit, and returns the norm before.
	Clip(limit float64) (norm float64)
	// Params lists the parameters that the rule holds, Values their numbers side by side, Len how many these are.
	Params() []*tape.Param
	Values() []float32
	Len() int
	// GradientBytes and StateBytes are the memory of gradients and moments.
	GradientBytes() int
	StateBytes() int
}

// AdamWConfig holds the constants of AdamW. Decay is decoupled: it is multiplied by the learning rate and shrinks the
// weights, not the gradients, and holds for all parameters alike.
type AdamWConfig struct {
	Beta1, Beta2, Eps, Decay float64
}

// Adam is the usual choice of constants, without decay.
func Adam() AdamWConfig { return AdamWConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8} }

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2).
type AdamW struct {
	slab
	config AdamWConfig
	steps  int
	m, v   []float32
}

// NewAdamW takes over the parameters that are not frozen: their values and gradients move into its slabs.
func NewAdamW(params []*tape.Param, c AdamWConfig) *AdamW {
	s := newSlab(params)
	return &AdamW{slab: s, config: c, m: make([]float32, s.Len()), v: make([]float32, s.Len())}
}

// Step implements Optimizer. The bias correction counts the steps made, not those of a single parameter.
func (a *AdamW) Step(lr float64) {
	a.steps++
	c := a.config
	step := f32.NewAdamWStep(lr, c.Beta1, c.Beta2, c.Eps, c.Decay, a.steps)
	a.runs(func(from, to int) {
		f32.AdamW(a.value[from:to], a.grad[from:to], a.m[from:to], a.v[from:to], step)
	})
}

// StateBytes implements Optimizer: two moments.
func (a *AdamW) StateBytes() int { return 4 * (len(a.m) + len(a.v)) }
