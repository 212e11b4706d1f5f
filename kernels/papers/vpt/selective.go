package vpt

import (
	"math/rand/v2"
	"strings"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// BitFit trains the biases of the frozen model and nothing else (Ben Zaken et al. 2022): those of all dense layers and layer
// norms of the blocks, and outside of them those of the patch embedding and of the last norm.
//
// The bias of the keys is among them, and its exact gradient is zero: it adds the same number to all scores of a query, which
// softmax does not see. In float32 a remainder of rounding arrives, about a millionth of its neighbours' gradients, which Adam
// makes steps of; no output depends on where they lead.
type BitFit struct{}

// Name implements Method.
func (BitFit) Name() string { return "bitfit" }

// Check implements Method.
func (BitFit) Check(nn.Config) error { return nil }

// Fit implements Method.
func (m BitFit) Fit(model *nn.ViT, _, _ *rand.Rand) (*Fitted, error) {
	nn.Freeze(model.Backbone())
	model.Backbone().Params(func(p *tape.Param) {
		if strings.HasSuffix(p.Name, "/b") || strings.HasSuffix(p.Name, "/bias") {
			p.Frozen = false
		}
	})
	return fitted(m, model, nil, ""), nil
}

// Count implements Method.
func (BitFit) Count(c nn.Config) (blocks, outside int) {
	return c.Depth * (4*c.Width + c.Hidden + c.Width + 2*c.Width), 2 * c.Width
}

// Kept implements Method: nothing for the biases themselves, but every gradient passes through to the patches.
func (BitFit) Kept(c nn.Config, examples int) []tape.Row {
	var b blockForm
	for i := range b.layers {
		b.layers[i].b = true
	}
	b.shifts = [2]bool{true, true}
	return form{Config: c, block: b, embedding: true, shift: true}.rows(examples)
}

// LayerNorms trains gain and bias of the layer norms, those of the blocks and the last one, and nothing else.
type LayerNorms struct{}

// Name implements Method.
func (LayerNorms) Name() string { return "ln" }

// Check implements Method.
func (LayerNorms) Check(nn.Config) error { return nil }

// Fit implements Method.
func (m LayerNorms) Fit(model *nn.ViT, _, _ *rand.Rand) (*Fitted, error) {
	nn.Freeze(model.Backbone())
	thawNorms(model)
	return fitted(m, model, nil, ""), nil
}

// Count implements Method.
func (LayerNorms) Count(c nn.Config) (blocks, outside int) { return countNorms(c) }

// Kept implements Method.
func (LayerNorms) Kept(c nn.Config, examples int) []tape.Row {
	return form{Config: c}.withNorms(true).rows(examples)
}
