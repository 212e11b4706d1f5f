package optim

import (
	"math"

	"petri/kernels/f32"
	"petri/kernels/tape"
)

// slab holds parameters side by side, in the order in which they were given.
type slab struct {
	params      []*tape.Param
	value, grad []float32
}

// newSlab moves the parameters that are not frozen into one slab.
func newSlab(params []*tape.Param) slab {
	var s slab
	n := 0
	for _, p := range params {
		if !p.Frozen {
			s.params = append(s.params, p)
			n += p.Len()
		}
	}
	s.value, s.grad = make([]float32, n), make([]float32, n)
	at := 0
	for _, p := range s.params {
		to := at + p.Len()
		p.Rehome(s.value[at:to:to], s.grad[at:to:to])
		at = to
	}
	return s
}

// runs takes the gradients and visits the longest stretches from..to of the slab without a frozen parameter. What was
// visited counts as changed.
func (s *slab) runs(visit func(from, to int)) {
	from, to := 0, 0
	for _, p := range s.params {
		if p.Frozen {
			if from < to {
				visit(from, to)
			}
			to += p.Len()
			from = to
			continue
		}
		p.TakeGrad()
		p.Touch()
		to += p.Len()
	}
	if from < to {
		visit(from, to)
	}
}

// Params lists the parameters that the optimizer holds.
func (s *slab) Params() []*tape.Param { return s.params }

// Len is the number of numbers that the optimizer holds.
func (s *slab) Len() int { return len(s.value) }

// Values is all parameters side by side: the trained weights of a run.
func (s *slab) Values() []float32 { return s.value }

// GradientBytes is the memory of the gradients.
func (s *slab) GradientBytes() int { return 4 * len(s.grad) }

// Norm is the Euclidean norm of all gradients that wait to be taken, summed in float64 in the order of the slab. It is one
// long sum, which vectors would split: plain Go.
func (s *slab) Norm() float64 {
	sum := 0.0
	for _, p := range s.params {
		if p.Frozen || !p.Fresh() {
			continue
		}
		for _, g := range p.Grad {
			sum += float64(float64(g) * float64(g))
		}
	}
	return math.Sqrt(sum)
}

// Clip scales all gradients so that their norm is at most limit, and returns the norm before. A norm that is not finite
// is left as it is, for the caller to report.
func (s *slab) Clip(limit float64) (norm float64) {
	norm = s.Norm()
	if norm > limit && norm <= math.MaxFloat64 {
		a := float32(limit / norm)
		for _, p := range s.params {
			if p.Frozen || !p.Fresh() {
				continue
			}
			f32.Scale(p.Grad, a)
		}
	}
	return norm
}
