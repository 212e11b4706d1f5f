package vpt

import (
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Houlsby puts two bottlenecks into every block, one behind the attention's output layer and one behind the MLP, each
// before its result joins the residual stream (Houlsby et al. 2019): h becomes h + act(h·D + b)·U + c. Both matrices are
// normal with σ = 0.02 and the biases zero, so training starts close to the frozen model, though not at it.
//
// Departures: the paper's model norms after the residual sum, this one before the layers. The activation is GELU.
type Houlsby struct {
	Bottleneck int
	Norms      bool // train the layer norms too, as the paper and later code do; the counts of the specs are without
}

// Name implements Method.
func (Houlsby) Name() string { return "houlsby" }

// Check implements Method.
func (h Houlsby) Check(c nn.Config) error { return checkBottleneck(h.Name(), h.Bottleneck, c) }

// Fit implements Method.
func (h Houlsby) Fit(model *nn.ViT, init, _ *rand.Rand) (*Fitted, error) {
	if err := h.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	for _, b := range model.Blocks {
		b.Attn.O = &Serial{b.Attn.O, newBottleneck(init, b.Name+"/o/adapter", model.Width, h.Bottleneck, Near)}
		b.MLP.FC2 = &Serial{b.MLP.FC2, newBottleneck(init, b.Name+"/fc2/adapter", model.Width, h.Bottleneck, Near)}
	}
	if h.Norms {
		thawNorms(model)
	}
	return fitted(h, model, nil, bent), nil
}

// Count implements Method.
func (h Houlsby) Count(c nn.Config) (blocks, outside int) {
	if h.Norms {
		blocks, outside = countNorms(c)
	}
	return blocks + 2*c.Depth*countBottleneck(c.Width, h.Bottleneck), outside
}

// Kept implements Method.
func (h Houlsby) Kept(c nn.Config, examples int) []tape.Row {
	own := keptBottleneck(c.Width, h.Bottleneck, GELU, false)
	var b blockForm
	b.layers[atO].extra, b.layers[atFC2].extra = own, own
	return form{Config: c, block: b}.withNorms(h.Norms).rows(examples)
}
