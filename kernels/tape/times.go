package tape

import "petri/kernels/f32"

// Times multiplies every channel of x by its number in g: [.., d] and [d] → [.., d]. x is kept if, and only if, g is
// trained: the gradient of g from the result alone would divide by g, which may be 0.
func (x Var) Times(g *Param) Var {
	t, n := x.t, x.node()
	if d := n.shape.Width(); g.Value.Shape != (Shape{d}) {
		x.fail("times", g.Name, Shape{d}, g.Value.Shape)
	}
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("times", s, needs || !g.Frozen)
	f32.Times(yd, xd, g.Value.Data)
	if y.Trained() {
		r := record{back: timesBack, out: y.i, x: x.i, w: g, dw: !g.Frozen}
		if r.dw {
			t.keepNode(KeptGate, x.i)
		}
		t.record(r)
	}
	return y
}

func timesBack(t *Tape, r *record, dy []float32) {
	g := r.w.Value.Data
	if r.dw {
		f32.TimesBack(nil, r.w.zeroSink(), dy, t.read(r.x), g)
	}
	if t.nodes[r.x].needs {
		f32.TimesBack(t.zeroSink(r.x), nil, dy, nil, g)
	}
}
