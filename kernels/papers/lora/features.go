package lora

import (
	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/tape"
)

// features are what the frozen backbone makes of the training examples: for the arm that trains a head alone they never
// change, so they are computed once.
type features struct {
	of     *trial
	images []float32 // [course.LookBatch, 32, 32], those of a slice
	rows   []float32 // [n, d]
	labels []int32   // [n]
	done   int
}

func newFeatures(of *trial) *features {
	n := len(of.task.Train)
	return &features{of: of, images: make([]float32, course.LookBatch*data.Pixels), rows: make([]float32, n*of.model.Width), labels: make([]int32, n)}
}

// fill computes the next rows and reports whether all are there.
func (f *features) fill() (full bool) {
	k := min(course.LookBatch, len(f.labels)-f.done)
	if k == 0 {
		return true
	}
	for j := range k {
		f.labels[f.done+j] = f.of.Example(f.images[j*data.Pixels:(j+1)*data.Pixels], f.done+j)
	}
	model, on := f.of.model, f.of.Look
	on.Reset()
	x := model.Features(model.Input(on, f.images[:k*data.Pixels]))
	copy(f.rows[f.done*model.Width:], x.Data())
	f.done += k
	return f.done == len(f.labels)
}

// logits brings the rows of a batch into a step and applies the head: [n, d] → [n, classes].
func (f *features) logits(on *tape.Tape, places, labels []int32) tape.Var {
	for !f.fill() { // of a trial whose weights were restored, which has skipped that
	}
	d := f.of.model.Width
	x := on.Blank(tape.Shape{len(places), d})
	rows := x.Data()
	for j, p := range places {
		copy(rows[j*d:(j+1)*d], f.rows[int(p)*d:])
		labels[j] = f.labels[p]
	}
	return f.of.model.Head.Forward(x)
}
