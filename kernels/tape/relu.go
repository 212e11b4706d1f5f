package tape

import "petri/kernels/f32"

// ReLU is max(x, 0), shape kept; its slope at 0 is 0. What is kept is one bit for each element, whether it passed, and not
// the result: the result costs nothing more only where a dense layer with a trained weight reads it at once, and 32 times
// as much elsewhere.
func (x Var) ReLU() Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("relu", s, needs)
	if !y.Trained() {
		f32.ReLU(yd, nil, xd)
		return y
	}
	mask := t.Arena.Words(f32.ReLUWords(len(xd)))
	f32.ReLU(yd, mask, xd)
	r := record{back: reluBack, out: y.i, x: x.i}
	r.keep[0] = Kept{Index: mask, Len: len(xd), Bytes: 4 * len(mask)}
	t.Ledger.add(t.scope, KeptReLU, r.keep[0].Bytes)
	t.record(r)
	return y
}

func reluBack(t *Tape, r *record, dy []float32) {
	f32.ReLUBack(dy, r.keep[0].Index)
	t.pass(r, r.x)
}
