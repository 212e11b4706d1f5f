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

// Measured implements lab.Specimen. Nothing is measured over a frozen base.
func (t *trial) Measured() int { return t.measured() }

// Closed implements lab.Specimen.
func (t *trial) Closed() int { return t.net.closedTrained() }

// Logits implements lab.Specimen.
func (t *trial) Logits(n int) []float32 {
	t.ready()
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
	t.ready()
	before := t.score
	t.score = score{}
	for !t.evaluate(data.Validation, n) {
	}
	right := t.score.right
	t.score = before
	return float64(right) / float64(n)
}

// Origin implements lab.Specimen: racers that start from a base begin as that base with a new head, in evaluation; others
// start from no model.
func (t *trial) Origin(n int) ([]float32, error) {
	t.ready()
	if t.net.recipe.start == "" {
		return nil, nil
	}
	origin := *t
	c := t.net.config
	c.recipe.start = startHead
	if err := origin.start(c); err != nil {
		return nil, err
	}
	origin.ready()
	return origin.Logits(n), nil
}
