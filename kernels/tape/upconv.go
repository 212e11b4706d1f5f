package tape

import "petri/kernels/f32"

// UpConv is the transposed convolution with windows of 2×2 pixels in steps of 2, whose windows do not overlap: every pixel
// becomes four, x [n, h, w, in] → [n, 2h, 2w, out]. The columns of weight [in, 4·out] are those of the pixel above left,
// above right, below left and below right, so that it is one product; bias [out] may be nil.
//
// x is kept if, and only if, weight is trained.
func (x Var) UpConv(weight, bias *Param) Var {
	const op = "up conv"
	t, n := x.t, x.node()
	s, ws := n.shape, weight.Value.Shape
	if s.Rank() != 4 {
		x.fail(op, weight.Name, Shape{-1, -1, -1, -1}, s)
	}
	out := ws[1] / 4
	if out < 1 || ws != (Shape{s[3], 4 * out}) {
		x.fail(op, weight.Name, Shape{s[3], 4 * max(1, out)}, ws)
	}
	needs := n.needs || !weight.Frozen
	if bias != nil {
		if bias.Value.Shape != (Shape{out}) {
			x.fail(op, bias.Name, Shape{out}, bias.Value.Shape)
		}
		needs = needs || !bias.Frozen
	}
	xd, rows := n.data, s.Rows()
	y, yd := t.fresh(op, Shape{s[0], 2 * s[1], 2 * s[2], out}, needs)
	var four []float32
	if bias != nil {
		four = t.gradient(4 * out)
		for i := range 4 {
			copy(four[i*out:], bias.Value.Data)
		}
	}
	split := t.gradient(len(yd))
	f32.Gemm(f32.M(split, rows, 4*out), f32.M(xd, rows, s[3]), weight.panels(), f32.Mat{}, four)
	weave(yd, split, s[2], out, false)
	t.release(split)
	t.drop(four)
	t.Ledger.ForwardFLOP += product(rows, s[3], 4*out)
	if y.Trained() {
		if !weight.Frozen {
			t.keepNode(KeptInput, x.i)
		}
		t.record(record{back: upConvBack, out: y.i, x: x.i, w: weight, b: bias, dw: !weight.Frozen, db: bias != nil && !bias.Frozen})
	}
	return y
}

func upConvBack(t *Tape, r *record, dy []float32) {
	s, out := t.nodes[r.x].shape, t.nodes[r.out].shape[3]
	rows, in := s.Rows(), s[3]
	split := t.gradient(len(dy))
	weave(dy, split, s[2], out, true)
	d := f32.M(split, rows, 4*out)
	if r.db {
		four := t.gradient(4 * out)
		clear(four)
		addRows(four, split)
		addRows(r.b.zeroSink(), four)
		t.release(four)
	}
	if r.dw {
		g, first := r.w.sink()
		c := f32.M(g, in, 4*out)
		start := c
		if first {
			start = f32.Mat{}
		}
		scratch := t.gradient(f32.GemmTAScratch(rows, in, 4*out))
		f32.GemmTA(c, f32.M(t.read(r.x), rows, in), d, start, nil, scratch)
		t.release(scratch)
		t.Ledger.BackwardFLOP += product(rows, in, 4*out)
	}
	if t.nodes[r.x].needs {
		c, start := t.sinkMat(r.x, rows, in)
		f32.Gemm(c, d, r.w.panelsT(), start, nil)
		t.Ledger.BackwardFLOP += product(rows, in, 4*out)
	}
	t.release(split)
}

// weave copies rows [.., w, 2, 2·out] of products, for each pixel of x its two rows of two pixels, into maps
// [.., 2, w, 2·out]; back, the other way round.
func weave(maps, split []float32, w, out int, back bool) {
	pair, at := 2*out, 0
	for row := 0; at < len(maps); row += w {
		for below := range 2 {
			for i := row; i < row+w; i++ {
				to, from := maps[at:][:pair], split[(2*i+below)*pair:][:pair]
				if back {
					to, from = from, to
				}
				copy(to, from)
				at += pair
			}
		}
	}
}
