package course

import (
	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// features are what a frozen backbone makes of the training examples: where a head alone is trained they never change, so they
// are computed once.
type features struct {
	of     *Course
	model  *nn.ViT
	images []float32 // [LookBatch, 32, 32], those of a slice
	rows   []float32 // [n, d]
	labels []int32   // [n]
	done   int
}

func newFeatures(of *Course, model *nn.ViT) *features {
	n := len(of.plan.Task.Train)
	return &features{of: of, model: model, images: make([]float32, LookBatch*data.Pixels), rows: make([]float32, n*model.Width), labels: make([]int32, n)}
}

// fill computes the next rows and reports whether all are there.
func (f *features) fill() (full bool) {
	k := min(LookBatch, len(f.labels)-f.done)
	if k == 0 {
		return true
	}
	for j := range k {
		f.labels[f.done+j] = f.of.Example(f.images[j*data.Pixels:(j+1)*data.Pixels], f.done+j)
	}
	model, on := f.model, f.of.Look
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
	d := f.model.Width
	x := on.Blank(tape.Shape{len(places), d})
	rows := x.Data()
	for j, p := range places {
		copy(rows[j*d:(j+1)*d], f.rows[int(p)*d:])
		labels[j] = f.labels[p]
	}
	return f.model.Head.Forward(x)
}
