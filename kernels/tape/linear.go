package tape

import "petri/kernels/f32"

// Linear is y = x·W + b: [.., in] · w [in, out] → [.., out]; b [out] may be nil.
//
// dx = dy·Wᵀ, dW = xᵀ·dy, db = column sums of dy. x is kept if, and only if, w is trained.
func (x Var) Linear(w, b *Param) Var { return x.linear(w, b, Var{i: -1}) }

// LinearAdd is residual + x·W + b, where the product starts at the residual instead of zero: no pass of its own.
func (x Var) LinearAdd(w, b *Param, residual Var) Var {
	x.with(residual)
	return x.linear(w, b, residual)
}

func (x Var) linear(w, b *Param, residual Var) Var {
	t, n := x.t, x.node()
	ws := w.Value.Shape
	in, out := ws[0], ws[1]
	if ws.Rank() != 2 {
		x.fail("linear", w.Name, Shape{-1, -1}, ws)
	}
	if n.shape.Width() != in {
		x.fail("linear", w.Name, n.shape.withWidth(in), n.shape)
	}
	rows, s := n.shape.Rows(), n.shape.withWidth(out)

	needs := n.needs || !w.Frozen
	var bias []float32
	if b != nil {
		if b.Value.Shape != (Shape{out}) {
			x.fail("linear", b.Name, Shape{out}, b.Value.Shape)
		}
		bias = b.Value.Data
		needs = needs || !b.Frozen
	}
	var start f32.Mat
	if residual.i >= 0 {
		rn := residual.node()
		if rn.shape != s {
			x.fail("linear add", w.Name, s, rn.shape)
		}
		start = f32.M(rn.data, rows, out)
		needs = needs || rn.needs
	}

	xd := n.data
	y, yd := t.fresh("linear", s, needs)
	f32.Gemm(f32.M(yd, rows, out), f32.M(xd, rows, in), w.panels(), start, bias)
	t.Ledger.ForwardFLOP += product(rows, in, out)
	if y.Trained() {
		r := record{back: linearBack, out: y.i, x: x.i, y: residual.i, w: w, b: b, dw: !w.Frozen, db: b != nil && !b.Frozen}
		if r.dw {
			t.keepNode(KeptInput, x.i)
		}
		t.record(r)
	}
	return y
}

func linearBack(t *Tape, r *record, dy []float32) {
	in, out := r.w.Value.Shape[0], r.w.Value.Shape[1]
	rows := len(dy) / out
	d := f32.M(dy, rows, out)
	var db []float32
	if r.db {
		db = r.b.zeroSink()
	}
	switch {
	case r.dw:
		g, first := r.w.sink()
		c := f32.M(g, in, out)
		start := c
		if first {
			start = f32.Mat{}
		}
		scratch := t.gradient(f32.GemmTAScratch(rows, in, out))
		f32.GemmTA(c, f32.M(t.read(r.x), rows, in), d, start, db, scratch)
		t.release(scratch)
		t.Ledger.BackwardFLOP += product(rows, in, out)
	case r.db:
		addRows(db, dy)
	}
	if t.nodes[r.x].needs {
		c, start := t.sinkMat(r.x, rows, in)
		f32.Gemm(c, d, r.w.panelsT(), start, nil)
		t.Ledger.BackwardFLOP += product(rows, in, out)
	}
	if r.y >= 0 && t.nodes[r.y].needs {
		t.pass(r, r.y)
	}
}

// product is the number of operations of an [m, k]·[k, n] product.
func product(m, k, n int) int64 { return 2 * int64(m) * int64(k) * int64(n) }

// addRows adds the rows of x to sum, in increasing row.
func addRows(sum, x []float32) {
	for d := len(sum); len(x) > 0; x = x[d:] {
		f32.Add(sum, x[:d])
	}
}
