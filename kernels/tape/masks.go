package tape

import "petri/kernels/f32"

// Copies repeats every example m times in a row, as one picture meets several prompts: [n, ..] → [n·m, ..]. Nothing is kept;
// the gradients of the copies are summed in increasing order.
func (x Var) Copies(m int) Var {
	t, n := x.t, x.node()
	s := n.shape
	if m < 1 || s.Rank() == 0 {
		x.fail("copies", "", Shape{-1}, Shape{m})
	}
	if m == 1 {
		return x
	}
	xd, one := n.data, s.Len()/s[0]
	s[0] *= m
	y, yd := t.fresh("copies", s, n.needs)
	for i := range s[0] {
		copy(yd[i*one:], xd[i/m*one:][:one])
	}
	if y.Trained() {
		t.record(record{back: copiesBack, out: y.i, x: x.i, n: [3]int{m, one}})
	}
	return y
}

func copiesBack(t *Tape, r *record, dy []float32) {
	m, one := r.n[0], r.n[1]
	dx := t.zeroSink(r.x)
	for i := 0; i*one < len(dy); i++ {
		f32.Add(dx[i/m*one:][:one], dy[i*one:][:one])
	}
}

// Against multiplies, for each example, k rows by the features of its pixels, as the decoder of masks does: x [n, k, c] and
// p [n, P, c] → [n, k, P], the sums over c in increasing order.
//
// p is kept where x needs a gradient, and x where p does.
func (x Var) Against(p Var) Var {
	const op = "against"
	t := x.t
	n, k, c := x.tokens(op)
	pn := x.with(p)
	pixels := pn.shape[1]
	if pn.shape.Rank() != 3 || pn.shape[0] != n || pn.shape[2] != c {
		x.fail(op, "", Shape{n, -1, c}, pn.shape)
	}
	xd, pd, dx, dp := x.node().data, pn.data, x.node().needs, pn.needs
	y, yd := t.fresh(op, Shape{n, k, pixels}, dx || dp)
	packed := t.gradient(f32.PanelLen(c, pixels))
	for i := range n {
		f32.Gemm(f32.M(yd[i*k*pixels:], k, pixels), f32.M(xd[i*k*c:], k, c),
			f32.PackT(packed, f32.M(pd[i*pixels*c:], pixels, c)), f32.Mat{}, nil)
	}
	t.release(packed)
	t.Ledger.ForwardFLOP += product(n*k, c, pixels)
	if y.Trained() {
		if dx {
			t.keepNode(KeptInput, p.i)
		}
		if dp {
			t.keepNode(KeptWeight, x.i)
		}
		t.record(record{back: againstBack, out: y.i, x: x.i, y: p.i})
	}
	return y
}

func againstBack(t *Tape, r *record, dy []float32) {
	s, pixels := t.nodes[r.x].shape, t.nodes[r.out].shape[2]
	n, k, c := s[0], s[1], s[2]
	of := func(x []float32, i, rows, cols int) f32.Mat { return f32.M(x[i*rows*cols:], rows, cols) }
	if t.nodes[r.x].needs {
		p, dx := t.read(r.y), t.zeroSink(r.x)
		packed := t.gradient(f32.PanelLen(pixels, c))
		for i := range n {
			to := of(dx, i, k, c)
			f32.Gemm(to, of(dy, i, k, pixels), f32.Pack(packed, of(p, i, pixels, c)), to, nil)
		}
		t.release(packed)
		t.Ledger.BackwardFLOP += product(n*k, c, pixels)
	}
	if t.nodes[r.y].needs {
		x, dp := t.read(r.x), t.zeroSink(r.y)
		scratch := t.gradient(f32.GemmTAScratch(k, pixels, c))
		for i := range n {
			to := of(dp, i, pixels, c)
			f32.GemmTA(to, of(dy, i, k, pixels), of(x, i, k, c), to, nil, scratch)
		}
		t.release(scratch)
		t.Ledger.BackwardFLOP += product(n*k, c, pixels)
	}
}

// AddRow adds the row [d] or [1, d] to every row of x: [.., d] → [.., d]. Nothing is kept; the gradient of the row is the sum
// over the rows in increasing order.
func (x Var) AddRow(row *Param) Var {
	t, n := x.t, x.node()
	s, d := n.shape, n.shape.Width()
	if at := row.Value.Shape; at != (Shape{d}) && at != (Shape{1, d}) {
		x.fail("add row", row.Name, Shape{1, d}, at)
	}
	xd := n.data
	y, yd := t.fresh("add row", s, n.needs || !row.Frozen)
	copy(yd, xd)
	for i := 0; i < len(yd); i += d {
		f32.Add(yd[i:][:d], row.Value.Data)
	}
	if y.Trained() {
		t.record(record{back: addRowBack, out: y.i, x: x.i, w: row, dw: !row.Frozen})
	}
	return y
}

func addRowBack(t *Tape, r *record, dy []float32) {
	if r.dw {
		addRows(r.w.zeroSink(), dy)
	}
	if t.nodes[r.x].needs {
		t.pass(r, r.x)
	}
}
