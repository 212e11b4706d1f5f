package tape

import "petri/kernels/f32"

// Gradients of activations live briefly: from the first writer until the record of the operation that made the
// activation has run. Their memory then serves the next one of the same length, which keeps it in the caches.

// gradient returns n numbers of undefined value.
func (t *Tape) gradient(n int) []float32 {
	for i := len(t.idle) - 1; i >= 0; i-- {
		if g := t.idle[i]; len(g) == n {
			last := len(t.idle) - 1
			t.idle[i] = t.idle[last]
			t.idle = t.idle[:last]
			return g
		}
	}
	return t.Arena.Floats(n)
}

// release gives back what gradient returned.
func (t *Tape) release(g []float32) { t.idle = append(t.idle, g) }

// sink returns where the gradient of node i goes and whether this writer is the first, who stores; later ones add.
func (t *Tape) sink(i int32) (g []float32, first bool) {
	n := &t.nodes[i]
	if n.grad == nil {
		n.grad = t.gradient(len(n.data))
		return n.grad, true
	}
	return n.grad, false
}

// sinkMat is sink for f32.Gemm: the target and its start value.
func (t *Tape) sinkMat(i int32, rows, cols int) (c, start f32.Mat) {
	g, first := t.sink(i)
	c = f32.M(g, rows, cols)
	if first {
		return c, f32.Mat{}
	}
	return c, c
}

// zeroSink is sink for writers that can only add.
func (t *Tape) zeroSink(i int32) []float32 {
	g, first := t.sink(i)
	if first {
		clear(g)
	}
	return g
}

// give hands the gradient g, taken over from its owner, to node i.
func (t *Tape) give(i int32, g []float32) {
	if n := &t.nodes[i]; n.grad == nil {
		n.grad = g
		return
	}
	f32.Add(t.nodes[i].grad, g)
	t.release(g)
}

// pass hands the gradient of the record's own result down to node i unchanged. It must be the record's last use of it.
func (t *Tape) pass(r *record, i int32) {
	g := t.nodes[r.out].grad
	t.nodes[r.out].grad = nil
	t.give(i, g)
}

// add adds g to the gradient of node i without taking it over.
func (t *Tape) add(i int32, g []float32) {
	if d, first := t.sink(i); first {
		copy(d, g)
	} else {
		f32.Add(d, g)
	}
}
