package tape

// Swap exchanges the last two of three axes: x [n, a, b] → [n, b, a]. Nothing is kept.
func (x Var) Swap() Var {
	n, a, b := x.tokens("swap")
	t := x.t
	y, yd := t.fresh("swap", Shape{n, b, a}, x.node().needs)
	swapped(yd, x.node().data, a, b)
	if y.Trained() {
		t.record(record{back: swapBack, out: y.i, x: x.i, n: [3]int{b, a}})
	}
	return y
}

func swapBack(t *Tape, r *record, dy []float32) {
	d := t.gradient(len(dy))
	swapped(d, dy, r.n[0], r.n[1])
	t.give(r.x, d)
}

// swapped writes matrices x [.., a, b] as [.., b, a].
func swapped(y, x []float32, a, b int) {
	for ; len(x) > 0; x, y = x[a*b:], y[a*b:] {
		for i := range a {
			for j, v := range x[i*b:][:b] {
				y[j*a+i] = v
			}
		}
	}
}

// Kron is x·(a⊗b), the rows of x times a Kronecker product that is never made: a [a₁, a₂], b [b₁, b₂], [.., a₁·b₁] →
// [.., a₂·b₂]. A row is seen as a matrix X [a₁, b₁]; the result is aᵀ·X·b.
//
// x is kept where b is trained, X·b where a is.
func (x Var) Kron(a, b *Param) Var {
	n, as, bs := x.node(), a.Value.Shape, b.Value.Shape
	for _, p := range [2]*Param{a, b} {
		if p.Value.Shape.Rank() != 2 {
			x.fail("kron", p.Name, Shape{-1, -1}, p.Value.Shape)
		}
	}
	if n.shape.Width() != as[0]*bs[0] {
		x.fail("kron", a.Name, n.shape.withWidth(as[0]*bs[0]), n.shape)
	}
	rows, s := n.shape.Rows(), n.shape.withWidth(as[1]*bs[1])
	y := x.Reshape(Shape{rows, as[0], bs[0]}).Linear(b, nil) // [.., a₁, b₂]
	return y.Swap().Linear(a, nil).Swap().Reshape(s)
}
