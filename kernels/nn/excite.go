package nn

import (
	"math/rand/v2"

	"petri/kernels/tape"
)

// SqueezeExcite lets each channel be weighed by what the whole map holds (Hu et al. 2018): mean over the pixels, a narrow
// dense layer, swish, a wide one, and a gate of its sigmoid.
type SqueezeExcite struct {
	Reduce, Expand Layer // [n, c] → [n, hidden], [n, hidden] → [n, c]
}

// NewSqueezeExcite returns the gate of c channels through hidden ones, with layers called name/reduce and name/expand. In
// MOAT c is the expanded width of a block and hidden a quarter of its output width.
func NewSqueezeExcite(r *rand.Rand, name string, c, hidden int) *SqueezeExcite {
	return &SqueezeExcite{NewLinear(r, name+"/reduce", c, hidden), NewLinear(r, name+"/expand", hidden, c)}
}

// Forward gates maps or tokens: [n, h, w, c] → [n, h, w, c].
func (s *SqueezeExcite) Forward(x tape.Var) tape.Var {
	return x.Gate(s.Expand.Forward(s.Reduce.Forward(x.MeanRows()).Swish()))
}

// Params implements Module.
func (s *SqueezeExcite) Params(visit func(*tape.Param)) {
	s.Reduce.Params(visit)
	s.Expand.Params(visit)
}
