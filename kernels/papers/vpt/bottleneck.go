package vpt

import (
	"math"
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Activation stands between the two layers of a bottleneck.
type Activation int

// The activations.
const (
	GELU Activation = iota // keeps its derivative
	ReLU                   // keeps one bit
)

// Start is how the two matrices of an adapter begin. Biases begin at zero in any case.
type Start int

// The starts.
const (
	Near     Start = iota // both normal with σ = 0.02: close to the model, though not equal (Houlsby et al. 2019)
	ZeroUp                // down uniform in ±1/√d (Kaiming's rule with a = √5), up zero: the model, and it can learn
	ZeroBoth              // both zero, as in the released code of VPT's baseline: see Pfeiffer
)

// Bottleneck is scale·(drop(act(x·D + b))·U + c), with two thin layers D [d, b] and U [b, d].
type Bottleneck struct {
	Down, Up nn.Layer
	Act      Activation
	Scale    float32
	Drop     float32 // probability of dropout, in training alone
	Rand     *rand.Rand
}

// newBottleneck returns a bottleneck of two dense layers, scaled by 1.
func newBottleneck(init *rand.Rand, path string, d, b int, start Start) *Bottleneck {
	down, up := nn.NewLinear(nil, path+"/down", d, b), nn.NewLinear(nil, path+"/up", b, d)
	switch start {
	case Near:
		nn.Normal(init, down.W.Value.Data, 0.02)
		nn.Normal(init, up.W.Value.Data, 0.02)
	case ZeroUp:
		nn.Uniform(init, down.W.Value.Data, 1/math.Sqrt(float64(d)))
	}
	return &Bottleneck{Down: down, Up: up, Scale: 1}
}

// ForwardAdd implements nn.Branch: [.., d] → [.., d].
func (b *Bottleneck) ForwardAdd(x, residual tape.Var) tape.Var {
	h := b.Down.Forward(x)
	if b.Act == ReLU {
		h = h.ReLU()
	} else {
		h = h.GELU()
	}
	h = h.Dropout(b.Drop, b.Rand)
	if b.Scale == 1 {
		return b.Up.ForwardAdd(h, residual)
	}
	return residual.Add(b.Up.Forward(h).Scale(b.Scale))
}

// Params implements nn.Module.
func (b *Bottleneck) Params(visit func(*tape.Param)) { b.Down.Params(visit); b.Up.Params(visit) }

// countBottleneck is the number of numbers in a bottleneck of two dense layers.
func countBottleneck(d, b int) int { return 2*d*b + b + d }

// Serial puts a bottleneck behind a layer: a = layer(x), then a + bottleneck(a).
//
// What comes out of it joins the residual stream afterwards, while a plain layer's product starts at the stream. Where the
// bottleneck gives zeros this is the base model but for the order of that sum, that is within rounding and not to the bit.
type Serial struct {
	Layer nn.Layer
	*Bottleneck
}

// Forward implements nn.Layer.
func (s *Serial) Forward(x tape.Var) tape.Var {
	a := s.Layer.Forward(x)
	return s.Bottleneck.ForwardAdd(a, a)
}

// ForwardAdd implements nn.Layer.
func (s *Serial) ForwardAdd(x, residual tape.Var) tape.Var {
	a := s.Layer.Forward(x)
	return s.Bottleneck.ForwardAdd(a, residual.Add(a))
}

// Params implements nn.Module.
func (s *Serial) Params(visit func(*tape.Param)) { s.Layer.Params(visit); s.Bottleneck.Params(visit) }

// bent is why no bottleneck can be merged.
const bent = "an activation stands between its two matrices, so no weight of the model computes what they do; they stay beside it"
