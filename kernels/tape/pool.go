package tape

import "petri/kernels/f32"

// AvgPool is the mean over windows of k×k pixels in steps of k: [n, h, w, c] → [n, ⌈h/k⌉, ⌈w/k⌉, c]. Windows lie as f32.Maps
// says and count the pixels inside the maps only. Nothing is kept.
func (x Var) AvgPool(k int) Var {
	t, n := x.t, x.node()
	g := x.maps("average pool", "", k, k)
	oh, ow := g.Out()
	xd, needs := n.data, n.needs
	y, yd := t.fresh("average pool", Shape{g.N, oh, ow, g.C}, needs)
	f32.AvgPool(yd, xd, g)
	if y.Trained() {
		t.record(record{back: avgPoolBack, out: y.i, x: x.i, n: [3]int{k}})
	}
	return y
}

func avgPoolBack(t *Tape, r *record, dy []float32) {
	s, k := t.nodes[r.x].shape, r.n[0]
	f32.AvgPoolBack(t.zeroSink(r.x), dy, f32.Maps{N: s[0], H: s[1], W: s[2], C: s[3], K: k, Stride: k})
}
