package tape

import "petri/kernels/f32"

// CrossEntropy is the mean over rows of -log softmax(x)[label]: [n, c] → [1], labels [n] from 0 to c-1. Its gradient
// with respect to x is computed at once and kept.
func (x Var) CrossEntropy(labels []int32) Var {
	t, n := x.t, x.node()
	s, xd, needs := n.shape, n.data, n.needs
	if s.Rank() != 2 || s[0] != len(labels) {
		x.fail("cross entropy", "", Shape{len(labels), -1}, s)
	}
	for _, label := range labels {
		if label < 0 || int(label) >= s[1] {
			x.fail("cross entropy", "", Shape{s[0], int(label) + 1}, s)
		}
	}
	y, yd := t.fresh("cross entropy", Shape{1}, needs)
	if !needs {
		yd[0] = f32.CrossEntropy(nil, xd, labels, s[0], s[1])
		return y
	}
	dx := t.Arena.Floats(len(xd))
	yd[0] = f32.CrossEntropy(dx, xd, labels, s[0], s[1])
	t.lossOf(y, x, dx)
	return y
}

// SquaredError is the mean of (x - target)²: any shape → [1], target as long as x and constant. Its gradient with respect
// to x is computed at once and kept.
func (x Var) SquaredError(target []float32) Var {
	t, n := x.t, x.node()
	xd, needs := n.data, n.needs
	if len(target) != len(xd) {
		x.fail("squared error", "", n.shape, Shape{len(target)})
	}
	y, yd := t.fresh("squared error", Shape{1}, needs)
	if !needs {
		yd[0] = f32.SquaredError(nil, xd, target)
		return y
	}
	dx := t.Arena.Floats(len(xd))
	yd[0] = f32.SquaredError(dx, xd, target)
	t.lossOf(y, x, dx)
	return y
}

// lossOf records a loss y of x whose gradient is known.
func (t *Tape) lossOf(y, x Var, dx []float32) {
	r := record{back: lossBack, out: y.i, x: x.i}
	r.keep[0] = t.keep(KeptLoss, dx)
	t.record(r)
}

func lossBack(t *Tape, r *record, dy []float32) { t.giveLoss(r.x, &r.keep[0], dy[0]) }

// giveLoss hands a gradient that was kept, times dy, to node i.
func (t *Tape) giveLoss(i int32, k *Kept, dy float32) {
	g := t.gradient(k.Len)
	copy(g, t.restore(k))
	if dy != 1 {
		f32.Scale(g, dy)
	}
	t.give(i, g)
}
