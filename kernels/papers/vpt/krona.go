package vpt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// KronA adds a Kronecker product to the query and value matrices (Edalati et al. 2022): y = x·W₀ + b + s·x·(A⊗B), with A
// [first, first] and B [d/first, d/first]. The product is never made: a row is seen as a matrix X, and its update is Aᵀ·X·B.
// The rank of A⊗B is the product of the two ranks, so few numbers make an update of full rank. A is zero, so training starts
// at the frozen model, to the bit; B is uniform in ±1/√(d/first), as in the LoKr of PEFT.
type KronA struct {
	First int     // the side of A
	Scale float64 // s
}

// Name implements Method.
func (KronA) Name() string { return "krona" }

// Check implements Method.
func (m KronA) Check(c nn.Config) error {
	if m.First < 1 || c.Width%m.First != 0 {
		return SizeError{m.Name(), "first factor", strconv.Itoa(m.First), fmt.Sprintf("does not divide the width %d", c.Width), divisors(c.Width, 1)}
	}
	if !(m.Scale > 0) {
		return SizeError{m.Name(), "scale", number(m.Scale), "stops the update", "1"}
	}
	return nil
}

// Fit implements Method.
func (m KronA) Fit(model *nn.ViT, init, _ *rand.Rand) (*Fitted, error) {
	if err := m.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	var folds []fold
	for _, b := range model.Blocks {
		q := newKronecker(init, b.Name+"/q", b.Attn.Q.(*nn.Linear), m)
		v := newKronecker(init, b.Name+"/v", b.Attn.V.(*nn.Linear), m)
		b.Attn.Q, b.Attn.V = q, v
		folds = append(folds, q, v)
	}
	return fitted(m, model, folds, ""), nil
}

// Count implements Method.
func (m KronA) Count(c nn.Config) (blocks, outside int) {
	second := c.Width / m.First
	return c.Depth * 2 * (m.First*m.First + second*second), 0
}

// Kept implements Method: the input of both layers, which is one, and X·B of each.
func (m KronA) Kept(c nn.Config, examples int) []tape.Row {
	own := layerForm{input: true, extra: []share{{kind: tape.KeptInput, each: c.Width}}}
	var b blockForm
	b.layers[atQ], b.layers[atV] = own, own
	return form{Config: c, block: b}.rows(examples)
}

// Kronecker is a dense layer to which a scaled Kronecker product is added.
type Kronecker struct {
	Base  *nn.Linear
	A, B  *tape.Param // [a₁, a₂], [b₁, b₂] with a₁·b₁ = in and a₂·b₂ = out
	Scale float32
	saved
}

func newKronecker(init *rand.Rand, path string, base *nn.Linear, m KronA) *Kronecker {
	rows, cols := base.In()/m.First, base.Out()/m.First
	l := &Kronecker{
		Base:  base,
		A:     tape.NewParam(path+"/krona_a", tape.Shape{m.First, m.First}),
		B:     tape.NewParam(path+"/krona_b", tape.Shape{rows, cols}),
		Scale: float32(m.Scale),
	}
	nn.Uniform(init, l.B.Value.Data, 1/math.Sqrt(float64(rows)))
	return l
}

// Forward implements nn.Layer: [.., in] → [.., out].
func (l *Kronecker) Forward(x tape.Var) tape.Var { return l.branch(x, l.Base.Forward(x)) }

// ForwardAdd implements nn.Layer.
func (l *Kronecker) ForwardAdd(x, residual tape.Var) tape.Var {
	return l.branch(x, l.Base.ForwardAdd(x, residual))
}

// branch adds the update to y.
func (l *Kronecker) branch(x, y tape.Var) tape.Var {
	if l.merged() {
		return y
	}
	u := x.Kron(l.A, l.B)
	if l.Scale != 1 {
		u = u.Scale(l.Scale)
	}
	return y.Add(u)
}

// Params implements nn.Module.
func (l *Kronecker) Params(visit func(*tape.Param)) { l.Base.Params(visit); visit(l.A); visit(l.B) }

// merge makes the product for once.
func (l *Kronecker) merge() {
	if l.merged() {
		return
	}
	l.save(l.Base)
	as, bs := l.A.Value.Shape, l.B.Value.Shape
	w, out := l.Base.W.Value.Data, l.Base.Out()
	for i, a := range l.A.Value.Data {
		for row := range bs[0] {
			at := (i/as[1]*bs[0]+row)*out + i%as[1]*bs[1]
			f32.Axpy(w[at:][:bs[1]], float32(l.Scale*a), l.B.Value.Data[row*bs[1]:][:bs[1]])
		}
	}
	l.Base.W.Touch()
}

func (l *Kronecker) unmerge() { l.restore(l.Base) }

// number writes a size that is no whole number.
func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
