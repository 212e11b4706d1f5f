package tape

import (
	"math/rand/v2"

	"petri/kernels/f32"
)

// Add is x + y, shape kept.
func (x Var) Add(y Var) Var {
	t, n, o := x.t, x.node(), x.with(y)
	if o.shape != n.shape {
		x.fail("add", "", n.shape, o.shape)
	}
	xd, yd, s, needs := n.data, o.data, n.shape, n.needs || o.needs
	z, zd := t.fresh("add", s, needs)
	copy(zd, xd)
	f32.Add(zd, yd)
	if z.Trained() {
		t.record(record{back: addBack, out: z.i, x: x.i, y: y.i})
	}
	return z
}

func addBack(t *Tape, r *record, dy []float32) {
	x, y := t.nodes[r.x].needs, t.nodes[r.y].needs
	switch {
	case x && y:
		t.add(r.y, dy)
		t.pass(r, r.x)
	case x:
		t.pass(r, r.x)
	case y:
		t.pass(r, r.y)
	}
}

// Scale is a·x, shape kept.
func (x Var) Scale(a float32) Var {
	t, n := x.t, x.node()
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("scale", s, needs)
	copy(yd, xd)
	f32.Scale(yd, a)
	if y.Trained() {
		t.record(record{back: scaleBack, out: y.i, x: x.i, f: a})
	}
	return y
}

func scaleBack(t *Tape, r *record, dy []float32) {
	f32.Scale(dy, r.f)
	t.pass(r, r.x)
}

// Dropout sets every element to 0 with probability p and multiplies the others by 1/(1-p) (Srivastava et al. 2014),
// shape kept. With p = 0 or on a tape for inference it is x itself, and draws nothing. One bit per element is kept.
func (x Var) Dropout(p float32, r *rand.Rand) Var {
	t, n := x.t, x.node()
	if !(p >= 0 && p < 1) {
		panic("tape: dropout wants a probability of at least 0 and below 1")
	}
	if p == 0 || t.Infer {
		return x
	}
	xd, s, needs := n.data, n.shape, n.needs
	y, yd := t.fresh("dropout", s, needs)
	mask := t.Arena.Words((len(xd) + 31) / 32)
	clear(mask)
	scale := 1 / (1 - p)
	limit := uint32(float64(float64(p) * (1 << 32)))
	for i, v := range xd {
		if r.Uint32() < limit {
			yd[i] = 0
			continue
		}
		mask[i>>5] |= 1 << (i & 31)
		yd[i] = float32(v * scale)
	}
	if y.Trained() {
		rec := record{back: dropoutBack, out: y.i, x: x.i, f: scale}
		rec.keep[0] = Kept{Index: mask, Len: len(xd), Bytes: 4 * len(mask)}
		t.Ledger.add(t.scope, KeptMask, rec.keep[0].Bytes)
		t.record(rec)
	}
	return y
}

func dropoutBack(t *Tape, r *record, dy []float32) {
	mask := r.keep[0].Index
	for i := range dy {
		if mask[i>>5]>>(i&31)&1 == 0 {
			dy[i] = 0
		} else {
			dy[i] = float32(dy[i] * r.f)
		}
	}
	t.pass(r, r.x)
}

// Detach is x without its gradient: what lies below keeps only what other uses of it force. It is the same memory, and
// counts as one tensor.
func (x Var) Detach() Var { return x.t.alias("detach", x, x.node().shape, false) }

// alias appends a node of the memory of x.
func (t *Tape) alias(op string, x Var, s Shape, needs bool) Var {
	n := x.node()
	owner := n.alias
	if owner == 0 {
		owner = x.i + 1
	}
	y := t.result(op, s, n.data, needs)
	t.nodes[y.i].alias = owner
	return y
}

// Reshape is x seen with another shape of as many elements, such as maps [n, h, w, c] as tokens [n, h·w, c]. It is the
// same memory, and counts as one tensor.
func (x Var) Reshape(s Shape) Var {
	t, n := x.t, x.node()
	if s.Len() != n.shape.Len() {
		x.fail("reshape", "", s, n.shape)
	}
	y := t.alias("reshape", x, s, n.needs)
	if y.Trained() {
		t.record(record{back: reshapeBack, out: y.i, x: x.i})
	}
	return y
}

func reshapeBack(t *Tape, r *record, _ []float32) { t.pass(r, r.x) }
