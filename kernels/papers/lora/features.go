package lora

import (
	"petri/kernels/data"
	"petri/kernels/tape"
)

// features are what the frozen backbone makes of the training examples: for the arm that trains a head alone they never
// change, so they are computed once.
type features struct {
	rows   []float32 // [n, d]
	labels []int32   // [n]
	done   int
}

func newFeatures(t *trial, n int) *features {
	return &features{rows: make([]float32, n*t.model.Width), labels: make([]int32, n)}
}

// full tells whether all rows are there.
func (f *features) full() bool { return f.done == len(f.labels) }

// fill computes the next rows.
func (f *features) fill(t *trial) {
	k := min(lookBatch, len(f.labels)-f.done)
	for j := range k {
		f.labels[f.done+j] = t.example(t.images[j*data.Pixels:(j+1)*data.Pixels], f.done+j)
	}
	t.look.Reset()
	x := t.model.Features(t.model.Input(t.look, t.images[:k*data.Pixels]))
	copy(f.rows[f.done*t.model.Width:], x.Data())
	f.done += k
}

// logits brings the rows of a batch into a step and applies the head: [n, d] → [n, classes].
func (f *features) logits(t *trial, on *tape.Tape, places, labels []int32) tape.Var {
	d := t.model.Width
	x := on.Blank(tape.Shape{len(places), d})
	rows := x.Data()
	for j, p := range places {
		copy(rows[j*d:(j+1)*d], f.rows[int(p)*d:])
		labels[j] = f.labels[p]
	}
	return t.model.Head.Forward(x)
}
