package tape

import "petri/kernels/f32"

// Gate multiplies every channel of x by the sigmoid of its number in g, for each example: [n, t, c] or [n, h, w, c] and
// [n, c] → shape of x. It is the last step of squeeze and excitation (Hu et al. 2018).
//
// The sigmoid is kept, and x where g needs a gradient.
func (x Var) Gate(g Var) Var {
	n, rows, c := x.pixels("gate")
	t, xn, gn := x.t, x.node(), x.with(g)
	if gn.shape != (Shape{n, c}) {
		x.fail("gate", "", Shape{n, c}, gn.shape)
	}
	xd, gd, s, dx, dg := xn.data, gn.data, xn.shape, xn.needs, gn.needs
	y, yd := t.fresh("gate", s, dx || dg)
	sigmoid := t.Arena.Floats(n * c)
	f32.Gate(yd, sigmoid, xd, gd, n, rows, c)
	if y.Trained() {
		r := record{back: gateBack, out: y.i, x: x.i, y: g.i, n: [3]int{n, rows, c}}
		r.keep[0] = t.keep(KeptGate, sigmoid)
		if dg {
			t.keepNode(KeptGate, x.i)
		}
		t.record(r)
	}
	return y
}

func gateBack(t *Tape, r *record, dy []float32) {
	n, rows, c := r.n[0], r.n[1], r.n[2]
	s := t.restore(&r.keep[0])
	if t.nodes[r.y].needs {
		dg := t.gradient(n * c)
		f32.GateBack(nil, dg, dy, t.read(r.x), s, n, rows, c)
		t.give(r.y, dg)
	}
	if t.nodes[r.x].needs {
		f32.GateBack(t.zeroSink(r.x), nil, dy, nil, s, n, rows, c)
	}
}
