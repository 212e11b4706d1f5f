package vpt

import (
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Place is where the one bottleneck of a block stands.
type Place string

// The places.
const (
	AfterMLP       Place = "ffn"
	AfterAttention Place = "attn"
)

// Pfeiffer puts one bottleneck into every block (Pfeiffer et al. 2020), as Houlsby puts two.
//
// The literature does not agree on where. Behind the MLP: AdapterHub, the comparison in the paper of LoRA (its AdapterP and
// AdapterL) and the Pfeiffer block in the code of VPT. Behind the attention: the text of the survey "Scaling Down to Scale
// Up", and the configuration of that name in the code of Compacter. Behind the MLP is the default here.
//
// With Start = ZeroBoth this is the baseline "Adapter" as VPT's released code begins it: matrices and biases all zero. It
// cannot learn. With D = 0 and b = 0 the bottleneck is h = gelu(0) = 0, so the gradient of U, Σ hᵀ·g, is zero; with U = 0
// that of h is g·Uᵀ = 0, and with it those of D and b. Steps that are zero change none of this: forever, the bias c alone
// moves, and the method trains a bias of the MLP's output. ZeroUp is the mended start.
type Pfeiffer struct {
	Bottleneck int
	Place      Place // AfterMLP where empty
	Start      Start
	Norms      bool // train the layer norms too
}

// Name implements Method.
func (Pfeiffer) Name() string { return "pfeiffer" }

// Check implements Method.
func (p Pfeiffer) Check(c nn.Config) error {
	switch p.Place {
	case "", AfterMLP, AfterAttention:
	default:
		return SizeError{p.Name(), "place", string(p.Place), "is none", string(AfterMLP + " or " + AfterAttention)}
	}
	return checkBottleneck(p.Name(), p.Bottleneck, c)
}

// Fit implements Method.
func (p Pfeiffer) Fit(model *nn.ViT, init, _ *rand.Rand) (*Fitted, error) {
	if err := p.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	around(model, p.part(), func(path string, old nn.Layer) nn.Layer {
		return &Serial{old, newBottleneck(init, path+"/adapter", model.Width, p.Bottleneck, p.Start)}
	})
	if p.Norms {
		thawNorms(model)
	}
	return fitted(p, model, nil, bent), nil
}

// part is the layer that the bottleneck stands behind.
func (p Pfeiffer) part() string {
	if p.Place == AfterAttention {
		return "o"
	}
	return "fc2"
}

// Count implements Method.
func (p Pfeiffer) Count(c nn.Config) (blocks, outside int) {
	if p.Norms {
		blocks, outside = countNorms(c)
	}
	return blocks + c.Depth*countBottleneck(c.Width, p.Bottleneck), outside
}

// Kept implements Method.
func (p Pfeiffer) Kept(c nn.Config, examples int) []tape.Row {
	at := atFC2
	if p.Place == AfterAttention {
		at = atO
	}
	var b blockForm
	b.layers[at].extra = keptBottleneck(c.Width, p.Bottleneck, GELU, false)
	return form{Config: c, block: b}.withNorms(p.Norms).rows(examples)
}
