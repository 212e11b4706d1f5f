package vpt

import (
	"math/rand/v2"

	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// IA3 multiplies keys, values and the MLP's hidden units by vectors that are learned (Liu et al. 2022): k∘lₖ, v∘lᵥ and
// gelu(..)∘l before the second layer of the MLP. All start at one: training starts at the frozen model, to the bit. Nothing
// else is trained, queries are left alone.
//
// All three merge, being linear with the layer that they touch: lₖ and lᵥ into the columns of Wₖ and Wᵥ and their biases, l
// into the rows of the MLP's second matrix. (The survey counts l as a cost that stays; where that layer is linear, as here,
// it is none.)
type IA3 struct{}

// Name implements Method.
func (IA3) Name() string { return "ia3" }

// Check implements Method.
func (IA3) Check(nn.Config) error { return nil }

// Fit implements Method.
func (m IA3) Fit(model *nn.ViT, _, _ *rand.Rand) (*Fitted, error) {
	nn.Freeze(model.Backbone())
	var folds []fold
	for _, b := range model.Blocks {
		k := newScaled(b.Name+"/k", b.Attn.K.(*nn.Linear), false)
		v := newScaled(b.Name+"/v", b.Attn.V.(*nn.Linear), false)
		hidden := newScaled(b.Name+"/fc2", b.MLP.FC2.(*nn.Linear), true)
		b.Attn.K, b.Attn.V, b.MLP.FC2 = k, v, hidden
		folds = append(folds, k, v, hidden)
	}
	return fitted(m, model, folds, ""), nil
}

// Count implements Method.
func (IA3) Count(c nn.Config) (blocks, outside int) { return c.Depth * (2*c.Width + c.Hidden), 0 }

// Kept implements Method: what the vectors multiply, as it is before.
func (IA3) Kept(c nn.Config, examples int) []tape.Row {
	var b blockForm
	b.layers[atK].extra = []share{{kind: tape.KeptGate, each: c.Width}}
	b.layers[atV].extra = []share{{kind: tape.KeptGate, each: c.Width}}
	b.layers[atFC2].extra = []share{{kind: tape.KeptGate, each: c.Hidden}}
	return form{Config: c, block: b}.rows(examples)
}

// Scaled is a dense layer whose results, or whose inputs, are multiplied by a vector.
type Scaled struct {
	Base  *nn.Linear
	L     *tape.Param // [out] or [in]
	Input bool
	saved
}

// newScaled puts a vector of ones around a layer.
func newScaled(path string, base *nn.Linear, input bool) *Scaled {
	n := base.Out()
	if input {
		n = base.In()
	}
	s := &Scaled{Base: base, L: tape.NewParam(path+"/ia3", tape.Shape{n}), Input: input}
	for i := range s.L.Value.Data {
		s.L.Value.Data[i] = 1
	}
	return s
}

// Forward implements nn.Layer: [.., in] → [.., out].
func (s *Scaled) Forward(x tape.Var) tape.Var {
	switch {
	case s.merged():
		return s.Base.Forward(x)
	case s.Input:
		return s.Base.Forward(x.Times(s.L))
	}
	return s.Base.Forward(x).Times(s.L)
}

// ForwardAdd implements nn.Layer.
func (s *Scaled) ForwardAdd(x, residual tape.Var) tape.Var {
	switch {
	case s.merged():
		return s.Base.ForwardAdd(x, residual)
	case s.Input:
		return s.Base.ForwardAdd(x.Times(s.L), residual)
	}
	return residual.Add(s.Base.Forward(x).Times(s.L))
}

// Params implements nn.Module.
func (s *Scaled) Params(visit func(*tape.Param)) { s.Base.Params(visit); visit(s.L) }

func (s *Scaled) merge() {
	if s.merged() {
		return
	}
	s.save(s.Base)
	w, out := s.Base.W.Value.Data, s.Base.Out()
	l := s.L.Value.Data
	if s.Input {
		for i, v := range l {
			f32.Scale(w[i*out:][:out], v)
		}
	} else {
		for ; len(w) > 0; w = w[out:] {
			f32.Mul(w[:out], l)
		}
		f32.Mul(s.Base.B.Value.Data, l)
	}
	s.Base.W.Touch()
	s.Base.B.Touch()
}

func (s *Scaled) unmerge() { s.restore(s.Base) }

// saved are the weights of a layer before a merge, so that an unmerge brings back every bit: dividing would not, and a
// vector that has learned a zero could not be divided by.
type saved struct{ w, b []float32 }

func (s *saved) merged() bool { return s.w != nil }

func (s *saved) save(l *nn.Linear) {
	s.w = append([]float32(nil), l.W.Value.Data...)
	s.b = append([]float32(nil), l.B.Value.Data...)
}

func (s *saved) restore(l *nn.Linear) {
	if !s.merged() {
		return
	}
	copy(l.W.Value.Data, s.w)
	copy(l.B.Value.Data, s.b)
	l.W.Touch()
	l.B.Touch()
	s.w, s.b = nil, nil
}
