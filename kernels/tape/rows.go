package tape

import "petri/kernels/f32"

// tokens checks that x is [n, t, d].
func (x Var) tokens(op string) (n, t, d int) {
	s := x.node().shape
	if s.Rank() != 3 {
		x.fail(op, "", Shape{-1, -1, -1}, s)
	}
	return s[0], s[1], s[2]
}

// Prepend puts the tokens [p, d] before those of every example and adds the table [p+t, d] to all:
// [n, t, d] → [n, p+t, d]. tokens and table may be nil. Nothing is kept.
func (x Var) Prepend(tokens, table *Param) Var {
	n, m, d := x.tokens("prepend")
	t, p := x.t, 0
	needs := x.node().needs
	if tokens != nil {
		p = tokens.Value.Shape[0]
		if tokens.Value.Shape != (Shape{p, d}) {
			x.fail("prepend", tokens.Name, Shape{-1, d}, tokens.Value.Shape)
		}
		needs = needs || !tokens.Frozen
	}
	if table != nil {
		if table.Value.Shape != (Shape{p + m, d}) {
			x.fail("prepend", table.Name, Shape{p + m, d}, table.Value.Shape)
		}
		needs = needs || !table.Frozen
	}
	y, yd := t.fresh("prepend", Shape{n, p + m, d}, needs)
	xd := x.node().data
	for i := range n {
		row := yd[i*(p+m)*d:][:(p+m)*d]
		if p > 0 {
			copy(row, tokens.Value.Data)
		}
		copy(row[p*d:], xd[i*m*d:][:m*d])
		if table != nil {
			f32.Add(row, table.Value.Data)
		}
	}
	if y.Trained() {
		t.record(record{back: prependBack, out: y.i, x: x.i, w: tokens, b: table,
			dw: tokens != nil && !tokens.Frozen, db: table != nil && !table.Frozen, n: [3]int{n, p * d, m * d}})
	}
	return y
}

func prependBack(t *Tape, r *record, dy []float32) {
	n, p, m := r.n[0], r.n[1], r.n[2]
	if r.db {
		addRows(r.b.zeroSink(), dy)
	}
	if r.dw {
		g := r.w.zeroSink()
		for i := range n {
			f32.Add(g, dy[i*(p+m):][:p])
		}
	}
	if t.nodes[r.x].needs {
		dx, first := t.sink(r.x)
		for i := range n {
			to, from := dx[i*m:][:m], dy[i*(p+m)+p:][:m]
			if first {
				copy(to, from)
			} else {
				f32.Add(to, from)
			}
		}
	}
}

// Rows takes the tokens from..to (to excluded) of every example: [n, t, d] → [n, to-from, d]. Nothing is kept.
func (x Var) Rows(from, to int) Var {
	n, m, d := x.tokens("rows")
	if from < 0 || to > m || from >= to {
		x.fail("rows", "", Shape{n, max(to, to-from), d}, x.node().shape)
	}
	return x.slice(n, from*d, to*d, m*d, Shape{n, to - from, d})
}

// Row takes one token of every example: [n, t, d] → [n, d]. Nothing is kept.
func (x Var) Row(i int) Var {
	n, m, d := x.tokens("row")
	if i < 0 || i >= m {
		x.fail("row", "", Shape{n, i + 1, d}, x.node().shape)
	}
	return x.slice(n, i*d, (i+1)*d, m*d, Shape{n, d})
}

// slice copies the numbers from..to out of each of n groups.
func (x Var) slice(n, from, to, group int, s Shape) Var {
	t := x.t
	y, yd := t.fresh("rows", s, x.node().needs)
	xd, w := x.node().data, to-from
	for i := range n {
		copy(yd[i*w:][:w], xd[i*group+from:])
	}
	if y.Trained() {
		t.record(record{back: sliceBack, out: y.i, x: x.i, n: [3]int{from, w, group}})
	}
	return y
}

func sliceBack(t *Tape, r *record, dy []float32) {
	from, w, group := r.n[0], r.n[1], r.n[2]
	dx := t.zeroSink(r.x)
	for i := 0; len(dy) > 0; i++ {
		f32.Add(dx[i*group+from:][:w], dy[:w])
		dy = dy[w:]
	}
}

// pixels checks that x is [n, t, d], or [n, h, w, d] with h·w tokens.
func (x Var) pixels(op string) (n, t, d int) {
	if s := x.node().shape; s.Rank() == 4 {
		return s[0], s[1] * s[2], s[3]
	}
	return x.tokens(op)
}

// MeanRows is the mean over the tokens, or over the pixels: [n, t, d] or [n, h, w, d] → [n, d], summed in increasing
// token. Nothing is kept.
func (x Var) MeanRows() Var {
	n, m, d := x.pixels("mean rows")
	t := x.t
	y, yd := t.fresh("mean rows", Shape{n, d}, x.node().needs)
	xd := x.node().data
	clear(yd)
	for i := range n {
		addRows(yd[i*d:][:d], xd[i*m*d:][:m*d])
	}
	f32.Scale(yd, 1/float32(m))
	if y.Trained() {
		t.record(record{back: meanRowsBack, out: y.i, x: x.i, n: [3]int{n, m, d}})
	}
	return y
}

func meanRowsBack(t *Tape, r *record, dy []float32) {
	n, m, d := r.n[0], r.n[1], r.n[2]
	f32.Scale(dy, 1/float32(m))
	dx := t.zeroSink(r.x)
	for i := range n {
		for j := range m {
			f32.Add(dx[(i*m+j)*d:][:d], dy[i*d:][:d])
		}
	}
}

// Concat puts the columns of y behind those of x: [.., a], [.., b] → [.., a+b]. Nothing is kept.
func (x Var) Concat(y Var) Var {
	t, n, o := x.t, x.node(), x.with(y)
	a, b := n.shape.Width(), o.shape.Width()
	if o.shape != n.shape.withWidth(b) {
		x.fail("concat", "", n.shape.withWidth(-1), o.shape)
	}
	xd, yd, s, needs := n.data, o.data, n.shape.withWidth(a+b), n.needs || o.needs
	z, zd := t.fresh("concat", s, needs)
	for i := range s.Rows() {
		copy(zd[i*(a+b):], xd[i*a:][:a])
		copy(zd[i*(a+b)+a:], yd[i*b:][:b])
	}
	if z.Trained() {
		t.record(record{back: concatBack, out: z.i, x: x.i, y: y.i, n: [3]int{a, b}})
	}
	return z
}

func concatBack(t *Tape, r *record, dz []float32) {
	a, b := r.n[0], r.n[1]
	t.columns(r.x, dz, 0, a, a+b)
	t.columns(r.y, dz, a, b, a+b)
}

// columns adds w columns of dz [.., width], from column at on, to the gradient of node i.
func (t *Tape) columns(i int32, dz []float32, at, w, width int) {
	if !t.nodes[i].needs {
		return
	}
	dx := t.zeroSink(i)
	for row := 0; row*width < len(dz); row++ {
		f32.Add(dx[row*w:][:w], dz[row*width+at:][:w])
	}
}
