package moat

import (
	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Params implements lab.Specimen.
func (t *trial) Params() []*tape.Param { return nn.Collect(t.net) }

// Trained implements lab.Specimen.
func (t *trial) Trained() []float32 { return t.opt.Values() }

// Measured implements lab.Specimen.
func (t *trial) Measured() int { return t.measured() }

// Closed implements lab.Specimen.
func (t *trial) Closed() int { return t.net.closed() }

// Logits implements lab.Specimen.
func (t *trial) Logits(n int) []float32 {
	var out []float32
	images := make([]float32, lookBatch*data.Pixels)
	for at := 0; at < n; at += lookBatch {
		k := min(lookBatch, n-at)
		for j := range k {
			t.task.holdout.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Validation, at+j)
		}
		t.look.Reset()
		out = append(out, t.net.Forward(t.net.Input(t.look, images[:k*data.Pixels])).Data()...)
	}
	return out
}

// Validate implements lab.Specimen.
func (t *trial) Validate(n int) float64 {
	before := t.score
	t.score = score{}
	for !t.evaluate(data.Validation, n) {
	}
	right := t.score.right
	t.score = before
	return float64(right) / float64(n)
}

// Origin implements lab.Specimen: the paper promises no start from another model.
func (t *trial) Origin(int) ([]float32, error) { return nil, nil }
