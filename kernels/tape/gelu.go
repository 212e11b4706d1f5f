package tape

import "petri/kernels/f32"

// GELU is the Gaussian error linear unit, tanh form, shape kept.
func (x Var) GELU() Var { return x.activate("gelu", KeptGELU, f32.GELU) }

// Swish is x·sigmoid(x) (Ramachandran et al. 2017), shape kept.
func (x Var) Swish() Var { return x.activate("swish", KeptSwish, f32.Swish) }

// Tanh is the hyperbolic tangent, shape kept.
func (x Var) Tanh() Var { return x.activate("tanh", KeptTanh, f32.Tanh) }

// activate applies a function whose kernel also gives the derivative, or leaves that out where slope is nil. What is kept is
// the derivative, not the input: the same bytes, and backward is one multiplication.
func (x Var) activate(name string, kind Kind, kernel func(y, slope, x []float32)) Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh(name, s, needs)
	if !y.Trained() {
		kernel(yd, nil, xd)
		return y
	}
	slope := t.Arena.Floats(len(xd))
	kernel(yd, slope, xd)
	r := record{back: activateBack, out: y.i, x: x.i}
	r.keep[0] = t.keep(kind, slope)
	t.record(r)
	return y
}

// activateBack serves all activations that keep their derivative.
func activateBack(t *Tape, r *record, dy []float32) {
	f32.Mul(dy, t.restore(&r.keep[0]))
	t.pass(r, r.x)
}
