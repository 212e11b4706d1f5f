package lora

import (
	"math"
	"math/rand/v2"

	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Adapter is y = x·W₀ + b + (α/r)·drop(x)·A·B with W₀ and b frozen (Hu et al. 2021, eq. 3, in row convention). It takes
// the place of a dense layer.
type Adapter struct {
	Base  *nn.Linear
	A     *tape.Param // [in, r], uniform in ±1/√in
	B     *tape.Param // [r, out], zero, so that training starts at the base model (§4.1)
	Scale float32     // α/r
	Drop  float32     // probability of dropout, on the branch alone and in training alone
	Rand  *rand.Rand  // draws the dropout

	merged bool
	delta  []float32 // [in, out], room for Merge
	packed []float32 // room for B as f32.Gemm wants it
}

// NewAdapter puts an adapter of rank r around a dense layer. A is drawn from init.
//
// Departure from the paper's text, which draws A from a Gaussian: the authors' code draws it uniformly (Kaiming's rule
// with a = √5), and so does this.
func NewAdapter(init *rand.Rand, path string, base *nn.Linear, r int, alpha float64) *Adapter {
	in, out := base.In(), base.Out()
	a := &Adapter{
		Base:  base,
		A:     tape.NewParam(path+"/lora_a", tape.Shape{in, r}),
		B:     tape.NewParam(path+"/lora_b", tape.Shape{r, out}),
		Scale: float32(alpha / float64(r)),
	}
	nn.Uniform(init, a.A.Value.Data, 1/math.Sqrt(float64(in)))
	return a
}

// Rank is r.
func (a *Adapter) Rank() int { return a.A.Value.Shape[1] }

// Forward implements nn.Layer: [.., in] → [.., out].
func (a *Adapter) Forward(x tape.Var) tape.Var { return a.branch(x, a.Base.Forward(x)) }

// ForwardAdd implements nn.Layer.
func (a *Adapter) ForwardAdd(x, residual tape.Var) tape.Var {
	return a.branch(x, a.Base.ForwardAdd(x, residual))
}

// branch adds the update to y, the base layer's result. The product starts from y, and with B = 0 every term is a
// zero: y comes out unchanged to the bit.
func (a *Adapter) branch(x, y tape.Var) tape.Var {
	if a.merged {
		return y
	}
	u := x.Dropout(a.Drop, a.Rand).Linear(a.A, nil).Scale(a.Scale) // [.., r]
	return u.LinearAdd(a.B, nil, y)
}

// Params implements nn.Module.
func (a *Adapter) Params(visit func(*tape.Param)) {
	a.Base.Params(visit)
	visit(a.A)
	visit(a.B)
}

// Delta is ΔW = (α/r)·A·B, [in, out], valid until the next call.
func (a *Adapter) Delta() []float32 {
	in, r, out := a.Base.In(), a.Rank(), a.Base.Out()
	if a.delta == nil {
		a.delta, a.packed = make([]float32, in*out), make([]float32, f32.PanelLen(r, out))
	}
	b := f32.Pack(a.packed, f32.M(a.B.Value.Data, r, out))
	f32.Gemm(f32.M(a.delta, in, out), f32.M(a.A.Value.Data, in, r), b, f32.Mat{}, nil)
	f32.Scale(a.delta, a.Scale)
	return a.delta
}

// Merge adds the update to W₀ (§4.1: no added latency): from now on Forward does what the base layer does. Merging
// twice changes nothing.
func (a *Adapter) Merge() {
	if !a.merged {
		f32.Add(a.Base.W.Value.Data, a.Delta())
		a.Base.W.Touch()
		a.merged = true
	}
}

// Unmerge takes the update out of W again. What rounding leaves behind is the drift that the lab measures.
func (a *Adapter) Unmerge() {
	if a.merged {
		f32.Axpy(a.Base.W.Value.Data, -1, a.Delta())
		a.Base.W.Touch()
		a.merged = false
	}
}

// adapt freezes a model and puts adapters around the named layers of every block ("q", "fc1"). The head stays
// trainable. The adapters come in the order in which their layers run.
func adapt(model *nn.ViT, init, drop *rand.Rand, parts []string, rank int, alpha, dropout float64) []*Adapter {
	nn.Freeze(model.Backbone())
	wanted := map[string]bool{}
	for _, p := range parts {
		wanted[p] = true
	}
	var adapters []*Adapter
	nn.Walk(model, func(path string, old nn.Layer) nn.Layer {
		if _, part := split(path); !wanted[part] {
			return old
		}
		a := NewAdapter(init, path, old.(*nn.Linear), rank, alpha)
		a.Drop, a.Rand = float32(dropout), drop
		adapters = append(adapters, a)
		return a
	})
	return adapters
}
