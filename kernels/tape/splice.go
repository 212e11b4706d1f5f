package tape

import "petri/kernels/f32"

// Insert puts p rows before token at of every example, as prompts stand behind the class token and prefixes before keys:
// [n, t, d] → [n, t+p, d]. rows is [p, d], the same for every example, or [n, p, d]. Nothing is kept.
func (x Var) Insert(at int, rows Var) Var { return x.splice("insert", at, false, rows) }

// Replace puts p rows in the place of the tokens from at on, as deep prompts take that of those of the layer before:
// [n, t, d] → [n, t, d]. rows is as for Insert. Nothing is kept, and what is replaced gets a gradient of exactly 0.
func (x Var) Replace(at int, rows Var) Var { return x.splice("replace", at, true, rows) }

func (x Var) splice(op string, at int, instead bool, rows Var) Var {
	n, m, d := x.tokens(op)
	t, xn, rn := x.t, x.node(), x.with(rows)
	s := rn.shape
	p, step := s[0], 0 // step from the rows of one example to those of the next
	if s.Rank() == 3 {
		p, step = s[1], s[1]*d
	}
	if s != (Shape{p, d}) && s != (Shape{n, p, d}) {
		x.fail(op, "", Shape{-1, d}, s)
	}
	skip := 0
	if instead {
		skip = p
	}
	if at < 0 || at+skip > m {
		x.fail(op, "", Shape{n, at + skip, d}, xn.shape)
	}
	xd, rd, needs := xn.data, rn.data, xn.needs || rn.needs
	y, yd := t.fresh(op, Shape{n, m + p - skip, d}, needs)
	for i := range n {
		to, from := yd[i*(m+p-skip)*d:], xd[i*m*d:][:m*d]
		copy(to, from[:at*d])
		copy(to[at*d:], rd[i*step:][:p*d])
		copy(to[(at+p)*d:], from[(at+skip)*d:])
	}
	if y.Trained() {
		t.record(record{back: spliceBack, out: y.i, x: x.i, y: rows.i, n: [3]int{at * d, skip * d, p * d}})
	}
	return y
}

func spliceBack(t *Tape, r *record, dy []float32) {
	at, skip, p := r.n[0], r.n[1], r.n[2]
	n := t.nodes[r.out].shape[0]
	group := len(dy) / n
	if t.nodes[r.y].needs {
		g, step := t.zeroSink(r.y), 0
		if len(g) > p {
			step = p
		}
		for i := range n {
			f32.Add(g[i*step:][:p], dy[i*group+at:][:p])
		}
	}
	if !t.nodes[r.x].needs {
		return
	}
	if skip > 0 { // of one length: what was replaced gets nothing, the rest goes down as it is
		for i := range n {
			clear(dy[i*group+at:][:p])
		}
		t.pass(r, r.x)
		return
	}
	dx, first := t.sink(r.x)
	for i := range n {
		to, from := dx[i*(group-p):][:group-p], dy[i*group:][:group]
		put(to[:at], from, !first)
		put(to[at:], from[at+p:], !first)
	}
}

// Repeat gives every one of n examples the rows x: [p, d] → [n, p, d]. Nothing is kept.
func (x Var) Repeat(n int) Var {
	t, s := x.t, x.node().shape
	if s.Rank() != 2 || n <= 0 {
		x.fail("repeat", "", Shape{-1, -1}, s)
	}
	xd := x.node().data
	y, yd := t.fresh("repeat", Shape{n, s[0], s[1]}, x.node().needs)
	for i := range n {
		copy(yd[i*len(xd):], xd)
	}
	if y.Trained() {
		t.record(record{back: repeatBack, out: y.i, x: x.i})
	}
	return y
}

func repeatBack(t *Tape, r *record, dy []float32) { addRows(t.zeroSink(r.x), dy) }
