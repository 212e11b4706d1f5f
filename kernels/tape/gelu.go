package tape

import "petri/kernels/f32"

// GELU is the Gaussian error linear unit, tanh form, shape kept. What is kept is its derivative, not its input: the
// same bytes, and backward is one multiplication.
func (x Var) GELU() Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("gelu", s, needs)
	if !needs {
		f32.GELU(yd, nil, xd)
		return y
	}
	slope := t.Arena.Floats(len(xd))
	f32.GELU(yd, slope, xd)
	r := record{back: geluBack, out: y.i, x: x.i}
	r.keep[0] = t.keep(KeptGELU, slope)
	t.record(r)
	return y
}

// Swish is x·sigmoid(x) (Ramachandran et al. 2017), shape kept. Like GELU it keeps its derivative.
func (x Var) Swish() Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("swish", s, needs)
	if !y.Trained() {
		f32.Swish(yd, nil, xd)
		return y
	}
	slope := t.Arena.Floats(len(xd))
	f32.Swish(yd, slope, xd)
	r := record{back: geluBack, out: y.i, x: x.i}
	r.keep[0] = t.keep(KeptSwish, slope)
	t.record(r)
	return y
}

// Tanh is the hyperbolic tangent, shape kept. Like GELU it keeps its derivative.
func (x Var) Tanh() Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("tanh", s, needs)
	if !y.Trained() {
		f32.Tanh(yd, nil, xd)
		return y
	}
	slope := t.Arena.Floats(len(xd))
	f32.Tanh(yd, slope, xd)
	r := record{back: geluBack, out: y.i, x: x.i}
	r.keep[0] = t.keep(KeptTanh, slope)
	t.record(r)
	return y
}

// geluBack serves all activations that keep their derivative.
func geluBack(t *Tape, r *record, dy []float32) {
	f32.Mul(dy, t.restore(&r.keep[0]))
	t.pass(r, r.x)
}
