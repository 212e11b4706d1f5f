package tape

import "petri/kernels/f32"

// Depthwise convolves every channel of x [n, h, w, c] with its own window: weight [k, k, c], in steps of stride pixels,
// no bias → [n, ⌈h/stride⌉, ⌈w/stride⌉, c]. The edge is padded with zeros as f32.Maps says.
//
// x is kept if, and only if, weight is trained. Operations are counted as if no window reached over the edge.
func (x Var) Depthwise(weight *Param, stride int) Var {
	t, n := x.t, x.node()
	ws := weight.Value.Shape
	g := x.maps("depthwise", weight.Name, max(1, ws[0]), stride)
	if ws.Rank() != 3 || ws[0] != ws[1] || ws[2] != g.C {
		x.fail("depthwise", weight.Name, Shape{max(1, ws[0]), max(1, ws[0]), g.C}, ws)
	}
	oh, ow := g.Out()
	xd, needs := n.data, n.needs || !weight.Frozen
	y, yd := t.fresh("depthwise", Shape{g.N, oh, ow, g.C}, needs)
	f32.Depthwise(yd, xd, weight.Value.Data, g)
	t.Ledger.ForwardFLOP += windowed(g)
	if y.Trained() {
		r := record{back: depthwiseBack, out: y.i, x: x.i, w: weight, dw: !weight.Frozen, n: [3]int{stride}}
		if r.dw {
			t.keepNode(KeptInput, x.i)
		}
		t.record(r)
	}
	return y
}

func depthwiseBack(t *Tape, r *record, dy []float32) {
	s, ws := t.nodes[r.x].shape, r.w.Value.Shape
	g := f32.Maps{N: s[0], H: s[1], W: s[2], C: s[3], K: ws[0], Stride: r.n[0]}
	if r.dw {
		f32.DepthwiseBack(nil, r.w.zeroSink(), dy, t.read(r.x), nil, g)
		t.Ledger.BackwardFLOP += windowed(g)
	}
	if t.nodes[r.x].needs {
		f32.DepthwiseBack(t.zeroSink(r.x), nil, dy, nil, r.w.Value.Data, g)
		t.Ledger.BackwardFLOP += windowed(g)
	}
}

// windowed is the number of operations of a depth-wise convolution.
func windowed(g f32.Maps) int64 { return product(g.OutLen(), g.K, g.K) }
