package lora

import (
	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Params implements lab.Specimen.
func (t *trial) Params() []*tape.Param { return nn.Collect(t.model) }

// Trained implements lab.Specimen.
func (t *trial) Trained() []float32 { return t.opt.Values() }

// Measured implements lab.Specimen: nothing is.
func (t *trial) Measured() int { return 0 }

// TrainStep implements lab.Specimen.
func (t *trial) TrainStep() { t.trainStep() }

// Closed implements lab.Specimen: for each block, r·(in + out) per adapted matrix, as Hu et al. count (2021), or the whole
// backbone, and a head with bias.
func (t *trial) Closed() int {
	c := t.model.Config
	head := c.Width*c.Classes + c.Classes
	switch t.arm.Racer {
	case "head":
		return head
	case "full", "scratch":
		norm := 2 * c.Width
		block := 2*norm + 4*(c.Width*c.Width+c.Width) + 2*c.Width*c.Hidden + c.Hidden + c.Width
		embed := c.PatchLen()*c.Width + c.Width + c.Width + c.Tokens()*c.Width
		return embed + c.Depth*block + norm + head
	}
	n := 0
	for _, p := range t.arm.Parts {
		in, out := c.Width, c.Width
		switch p {
		case "fc1":
			out = c.Hidden
		case "fc2":
			in = c.Hidden
		}
		n += t.arm.Number * (in + out)
	}
	return c.Depth*n + head
}

// Logits implements lab.Specimen.
func (t *trial) Logits(n int) []float32 { return t.logits(t.model, n) }

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

// logits are what a model says of the first n validation examples, [n, classes].
func (t *trial) logits(model *nn.ViT, n int) []float32 {
	var out []float32
	images := make([]float32, lookBatch*data.Pixels)
	for at := 0; at < n; at += lookBatch {
		k := min(lookBatch, n-at)
		for j := range k {
			t.task.holdout.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Validation, at+j)
		}
		t.look.Reset()
		out = append(out, model.Forward(model.Input(t.look, images[:k*data.Pixels])).Data()...)
	}
	return out
}

// Origin implements lab.Specimen.
func (t *trial) Origin(n int) ([]float32, error) {
	model, err := t.plain()
	if err != nil {
		return nil, err
	}
	return t.logits(model, n), nil
}

// plain is the model that the arm started from, without adapters, with the head of the arm as it is now.
func (t *trial) plain() (*nn.ViT, error) {
	fresh := *t
	fresh.arm.Racer, fresh.arm.Name, fresh.arm.Parts = "head", "", nil
	if t.arm.Racer == "scratch" {
		fresh.opts.Backbone = true
	}
	if err := fresh.build(); err != nil {
		return nil, err
	}
	from, to := nn.Collect(t.model.Head), nn.Collect(fresh.model.Head)
	for i, p := range from {
		copy(to[i].Value.Data, p.Value.Data)
		to[i].Touch()
	}
	return fresh.model, nil
}
