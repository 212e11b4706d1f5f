package vpt

import (
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Head trains the head alone: the linear probe, on which every method builds.
type Head struct{}

// Name implements Method.
func (Head) Name() string { return "head" }

// Check implements Method.
func (Head) Check(nn.Config) error { return nil }

// Fit implements Method.
func (m Head) Fit(model *nn.ViT, _, _ *rand.Rand) (*Fitted, error) {
	nn.Freeze(model.Backbone())
	return fitted(m, model, nil, ""), nil
}

// Count implements Method.
func (Head) Count(nn.Config) (blocks, outside int) { return 0, 0 }

// Kept implements Method.
func (Head) Kept(c nn.Config, examples int) []tape.Row { return form{Config: c}.rows(examples) }

// Full trains everything.
type Full struct{}

// Name implements Method.
func (Full) Name() string { return "full" }

// Check implements Method.
func (Full) Check(nn.Config) error { return nil }

// Fit implements Method.
func (m Full) Fit(model *nn.ViT, _, _ *rand.Rand) (*Fitted, error) {
	nn.Thaw(model.Backbone())
	return fitted(m, model, nil, ""), nil
}

// Count implements Method.
func (Full) Count(c nn.Config) (blocks, outside int) {
	d, f := c.Width, c.Hidden
	block := 4*(d*d+d) + d*f + f + f*d + d + 4*d
	return c.Depth * block, c.PatchLen()*d + d + d + c.Tokens()*d + 2*d
}

// Kept implements Method.
func (Full) Kept(c nn.Config, examples int) []tape.Row {
	f := form{Config: c, embedding: true, patch: true}.withNorms(true)
	for i := range f.block.layers {
		f.block.layers[i].w, f.block.layers[i].b = true, true
	}
	return f.rows(examples)
}

// KeptLoRA is the closed form of LoRA of a rank on the named layers of every block, each "q", "k", "v", "o", "fc1" or "fc2":
// the input of an adapted layer, which q, k and v share unless dropout makes a copy for each, and its r numbers. The mask of
// dropout is kept where a gradient passes on to the input.
func KeptLoRA(c nn.Config, examples, rank int, dropout bool, parts ...string) []tape.Row {
	f := form{Config: c}
	for i, name := range [inBlock]string{"q", "k", "v", "o", "fc1", "fc2"} {
		in := c.Width
		if i == atFC2 {
			in = c.Hidden
		}
		for _, p := range parts {
			if p != name {
				continue
			}
			l := &f.block.layers[i]
			if l.input = !dropout; dropout {
				l.extra = append(l.extra, share{kind: tape.KeptInput, each: in}, share{kind: tape.KeptMask, bits: in, passing: true})
			}
			l.extra = append(l.extra, share{kind: tape.KeptInput, each: rank})
		}
	}
	return f.rows(examples)
}
