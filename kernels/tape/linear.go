package tape

import "petri/kernels/f32"

// Linear is y = x·W + b: [.., in] · w [in, out] → [.., out]; b [out] may be nil.
//
// dx = dy·Wᵀ, dW = xᵀ·dy, db = column sums of dy. x is kept if, and only if, w is trained.
func (x Var) Linear(w, b *Param) Var { return x.linear(factor{p: w}, b, Var{i: -1}) }

// LinearAdd is residual + x·W + b, where the product starts at the residual instead of zero: no pass of its own.
func (x Var) LinearAdd(w, b *Param, residual Var) Var {
	x.with(residual)
	return x.linear(factor{p: w}, b, residual)
}

// LinearBy is Linear by a weight that was made in this step. Where x needs a gradient the weight is kept.
func (x Var) LinearBy(w Var, b *Param) Var {
	x.with(w)
	return x.linear(factor{made: w.i}, b, Var{i: -1})
}

// LinearByAdd is LinearBy that starts at the residual.
func (x Var) LinearByAdd(w Var, b *Param, residual Var) Var {
	x.with(w)
	x.with(residual)
	return x.linear(factor{made: w.i}, b, residual)
}

func (x Var) linear(w factor, b *Param, residual Var) Var {
	t, n := x.t, x.node()
	ws := w.shape(t)
	in, out := ws[0], ws[1]
	if ws.Rank() != 2 {
		x.fail("linear", w.name(), Shape{-1, -1}, ws)
	}
	if n.shape.Width() != in {
		x.fail("linear", w.name(), n.shape.withWidth(in), n.shape)
	}
	rows, s := n.shape.Rows(), n.shape.withWidth(out)

	needs := n.needs || w.trained(t)
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
			x.fail("linear add", w.name(), s, rn.shape)
		}
		start = f32.M(rn.data, rows, out)
		needs = needs || rn.needs
	}

	xd := n.data
	y, yd := t.fresh("linear", s, needs)
	panels, packed := w.panels(t)
	f32.Gemm(f32.M(yd, rows, out), f32.M(xd, rows, in), panels, start, bias)
	t.drop(packed)
	t.Ledger.ForwardFLOP += product(rows, in, out)
	if y.Trained() {
		r := record{back: linearBack, out: y.i, x: x.i, y: residual.i, z: w.made, w: w.p, b: b, dw: w.trained(t), db: b != nil && !b.Frozen}
		w.keep(t, x.i)
		t.record(r)
	}
	return y
}

func linearBack(t *Tape, r *record, dy []float32) {
	w := r.factor()
	ws := w.shape(t)
	in, out := ws[0], ws[1]
	rows := len(dy) / out
	d := f32.M(dy, rows, out)
	var db []float32
	if r.db {
		db = r.b.zeroSink()
	}
	switch {
	case r.dw:
		g, first := w.sink(t)
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
		panels, packed := w.panelsT(t)
		f32.Gemm(c, d, panels, start, nil)
		t.drop(packed)
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
