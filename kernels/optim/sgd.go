package optim

import (
	"petri/kernels/f32"
	"petri/kernels/tape"
)

// SGD is gradient descent with momentum and weight decay added to the gradient.
type SGD struct {
	slab
	momentum, decay float32
	m               []float32 // nil without momentum
}

// NewSGD takes over the parameters that are not frozen: their values and gradients move into its slabs.
func NewSGD(params []*tape.Param, momentum, decay float64) *SGD {
	o := &SGD{slab: newSlab(params), momentum: float32(momentum), decay: float32(decay)}
	if momentum != 0 {
		o.m = make([]float32, o.Len())
	}
	return o
}

// Step implements Optimizer.
func (o *SGD) Step(lr float64) {
	o.runs(func(from, to int) {
		var m []float32
		if o.m != nil {
			m = o.m[from:to]
		}
		f32.SGD(o.value[from:to], o.grad[from:to], m, float32(lr), o.momentum, o.decay)
	})
}

// StateBytes implements Optimizer.
func (o *SGD) StateBytes() int { return 4 * len(o.m) }
