package vpt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Compacter is Compacter++ (Mahabadi et al. 2021): a bottleneck behind the MLP of every block, as Pfeiffer puts it, whose two
// matrices are sums of Kronecker products W = Σᵢ Aᵢ⊗(sᵢ·uᵢ), i = 1..N, with small Aᵢ [N, N] that all blocks and both
// matrices share and vectors sᵢ [in/N] and uᵢ [out/N] of each one's own. The activation is GELU in its tanh form. Aᵢ is
// normal with σ = 0.01, sᵢ and uᵢ are uniform by Glorot's rule with a gain of √2, biases are zero: training starts close to
// the frozen model.
//
// The released code multiplies sᵢ and uᵢ element by element where this takes a matrix product; for the rank of 1 that it is
// used with the two agree.
type Compacter struct {
	N          int // 4 in the paper; divides the width and the bottleneck
	Bottleneck int
	Norms      bool // train the layer norms too, as the authors' configuration does; the counts of the specs are without
}

// Name implements Method.
func (Compacter) Name() string { return "compacter" }

// Check implements Method.
func (m Compacter) Check(c nn.Config) error {
	if m.N < 1 || c.Width%m.N != 0 {
		return SizeError{m.Name(), "number of products", strconv.Itoa(m.N), fmt.Sprintf("does not divide the width %d", c.Width), divisors(c.Width, 1)}
	}
	if err := checkBottleneck(m.Name(), m.Bottleneck, c); err != nil {
		return err
	}
	if m.Bottleneck%m.N != 0 {
		take := strconv.Itoa(m.N)
		if 2*m.N <= c.Width {
			take = fmt.Sprintf("%d, %d and so on up to %d", m.N, 2*m.N, c.Width)
		}
		return SizeError{m.Name(), "bottleneck", strconv.Itoa(m.Bottleneck), fmt.Sprintf("is no multiple of the %d products", m.N), take}
	}
	return nil
}

// Fit implements Method.
func (m Compacter) Fit(model *nn.ViT, init, _ *rand.Rand) (*Fitted, error) {
	if err := m.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	a := tape.NewParam("compacter/a", tape.Shape{m.N, m.N, m.N})
	nn.Normal(init, a.Value.Data, 0.01)
	around(model, "fc2", func(path string, old nn.Layer) nn.Layer {
		return &Serial{old, &Bottleneck{
			Down:  newHyper(init, path+"/compacter/down", a, model.Width, m.Bottleneck),
			Up:    newHyper(init, path+"/compacter/up", a, m.Bottleneck, model.Width),
			Scale: 1,
		}}
	})
	if m.Norms {
		thawNorms(model)
	}
	return fitted(m, model, nil, bent), nil
}

// Count implements Method.
func (m Compacter) Count(c nn.Config) (blocks, outside int) {
	if m.Norms {
		blocks, outside = countNorms(c)
	}
	one := 2*(c.Width+m.Bottleneck) + c.Width + m.Bottleneck // of two matrices and of two biases
	return blocks + m.N*m.N*m.N + c.Depth*one, outside
}

// Kept implements Method: what any bottleneck keeps, and the two weights that are made in the step.
func (m Compacter) Kept(c nn.Config, examples int) []tape.Row {
	own := keptBottleneck(c.Width, m.Bottleneck, GELU, false)
	own = append(own,
		share{kind: tape.KeptWeight, once: c.Width * m.Bottleneck, passing: true},
		share{kind: tape.KeptWeight, once: m.Bottleneck * c.Width})
	var b blockForm
	b.layers[atFC2].extra = own
	return form{Config: c, block: b}.withNorms(m.Norms).rows(examples)
}

// Hyper is the dense layer y = x·Σᵢ Aᵢ⊗(sᵢ·uᵢ) + b.
type Hyper struct {
	A, S, U *tape.Param // [n, n, n], [n, in/n, 1], [n, 1, out/n]
	B       *tape.Param // [out]
}

func newHyper(init *rand.Rand, path string, a *tape.Param, in, out int) *Hyper {
	n := a.Value.Shape[0]
	h := &Hyper{
		A: a,
		S: tape.NewParam(path+"/s", tape.Shape{n, in / n, 1}),
		U: tape.NewParam(path+"/u", tape.Shape{n, 1, out / n}),
		B: tape.NewParam(path+"/b", tape.Shape{out}),
	}
	nn.Uniform(init, h.S.Value.Data, glorot(in/n, 1))
	nn.Uniform(init, h.U.Value.Data, glorot(1, out/n))
	return h
}

// glorot is the bound of a uniform draw by Glorot's rule with a gain of √2.
func glorot(in, out int) float64 { return math.Sqrt(2) * math.Sqrt(6/float64(in+out)) }

func (h *Hyper) weight(t *tape.Tape) tape.Var { return t.Leaf(h.A).PHM(t.Leaf(h.S), t.Leaf(h.U)) }

// Forward implements nn.Layer: [.., in] → [.., out].
func (h *Hyper) Forward(x tape.Var) tape.Var { return x.LinearBy(h.weight(x.Tape()), h.B) }

// ForwardAdd implements nn.Layer.
func (h *Hyper) ForwardAdd(x, residual tape.Var) tape.Var {
	return x.LinearByAdd(h.weight(x.Tape()), h.B, residual)
}

// Params implements nn.Module.
func (h *Hyper) Params(visit func(*tape.Param)) { visit(h.A); visit(h.S); visit(h.U); visit(h.B) }
