package nn

import (
	"math/rand/v2"
	"strconv"

	"petri/kernels/tape"
)

// MAE is the masked autoencoder (He et al. 2022): the encoder sees a few patches and the class token; a light decoder
// that is thrown away later gets them together with mask tokens, and says what the hidden patches show.
//
// Departure: the decoder's positions are learned, as those of the encoder are, where the paper has fixed waves. Waves is
// where they may start from.
type MAE struct {
	Encoder  *ViT // all but its head
	Enter    Layer
	Mask     *tape.Param // [1, width]
	Position *tape.Param // [1+patches, width]
	Blocks   []*Block
	Norm     *LayerNorm
	Leave    Layer // [.., width] → [.., patch·patch·channels]
}

// NewMAE puts a fresh decoder behind an encoder.
func NewMAE(r *rand.Rand, encoder *ViT, width, depth, heads int) *MAE {
	m := &MAE{
		Encoder:  encoder,
		Enter:    NewLinear(r, "decoder/enter", encoder.Width, width),
		Mask:     tape.NewParam("decoder/mask", tape.Shape{1, width}),
		Position: tape.NewParam("decoder/position", tape.Shape{encoder.Tokens(), width}),
		Norm:     NewLayerNorm("decoder/norm", width),
		Leave:    NewLinear(r, "decoder/leave", width, encoder.PatchLen()),
	}
	Normal(r, m.Mask.Value.Data, initStd)
	Normal(r, m.Position.Value.Data, initStd)
	for i := range depth {
		m.Blocks = append(m.Blocks, NewBlock(r, "decoder/block"+strconv.Itoa(i), width, heads, 4*width))
	}
	return m
}

// Encode is the encoder's features of the tokens seen [n, k], counted with the class token as token 0:
// [n, patches, ..] → [n, k, d]. What is not seen is left out before the first block, so nothing of it gets further.
func (m *MAE) Encode(patches tape.Var, seen []int32) tape.Var {
	v := m.Encoder
	x := v.Embed(patches).TakeRows(seen)
	for _, b := range v.Blocks {
		x = b.Forward(x)
	}
	return v.Norm.Forward(x)
}

// Decode is what the tokens hidden [n, h] show, from the encoded tokens seen [n, k]:
// [n, k, d] → [n, h, patch·patch·channels].
func (m *MAE) Decode(x tape.Var, seen, hidden []int32) tape.Var {
	x = m.Enter.Forward(x).PutRows(seen, m.Encoder.Tokens(), m.Mask).Prepend(nil, m.Position)
	for _, b := range m.Blocks {
		x = b.Forward(x)
	}
	return m.Leave.Forward(m.Norm.Forward(x.TakeRows(hidden)))
}

// Params implements Module.
func (m *MAE) Params(visit func(*tape.Param)) {
	m.Encoder.Backbone().Params(visit)
	m.Enter.Params(visit)
	visit(m.Mask)
	visit(m.Position)
	for _, b := range m.Blocks {
		b.Params(visit)
	}
	m.Norm.Params(visit)
	m.Leave.Params(visit)
}
