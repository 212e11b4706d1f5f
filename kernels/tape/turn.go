package tape

// Turn reverses the order of three axes: x [a, b, c] → [c, b, a]. Nothing is kept.
func (x Var) Turn() Var {
	a, b, c := x.tokens("turn")
	t := x.t
	y, yd := t.fresh("turn", Shape{c, b, a}, x.node().needs)
	turned(yd, x.node().data, a, b, c)
	if y.Trained() {
		t.record(record{back: turnBack, out: y.i, x: x.i, n: [3]int{c, b, a}})
	}
	return y
}

func turnBack(t *Tape, r *record, dy []float32) {
	d := t.gradient(len(dy))
	turned(d, dy, r.n[0], r.n[1], r.n[2])
	t.give(r.x, d)
}

// turned writes x [a, b, c] as [c, b, a].
func turned(y, x []float32, a, b, c int) {
	for i := range a {
		for j := range b {
			for k := range c {
				y[(k*b+j)*a+i] = x[(i*b+j)*c+k]
			}
		}
	}
}
