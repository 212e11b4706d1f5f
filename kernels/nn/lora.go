package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"petri/kernels/f32"
	"petri/kernels/tape"
)

// LoRA is y = x·W₀ + b + (α/r)·drop(x)·A·B with W₀ and b frozen (Hu et al. 2021, eq. 3, in row convention). It takes
// the place of a dense layer.
type LoRA struct {
	Base  *Linear
	A     *tape.Param // [in, r], uniform in ±1/√in
	B     *tape.Param // [r, out], zero, so that training starts at the base model (§4.1)
	Scale float32     // α/r
	Drop  float32     // probability of dropout, on the branch alone and in training alone
	Rand  *rand.Rand  // draws the dropout

	merged bool
	delta  []float32 // [in, out], room for Merge
	packed []float32 // room for B as f32.Gemm wants it
}

// NewLoRA puts an adapter of rank r around a dense layer. A is drawn from init.
//
// Departure from the paper's text, which draws A from a Gaussian: the authors' code draws it uniformly (Kaiming's rule
// with a = √5), and so does this.
func NewLoRA(init *rand.Rand, path string, base *Linear, r int, alpha float64) *LoRA {
	in, out := base.In(), base.Out()
	a := &LoRA{
		Base:  base,
		A:     tape.NewParam(path+"/lora_a", tape.Shape{in, r}),
		B:     tape.NewParam(path+"/lora_b", tape.Shape{r, out}),
		Scale: float32(alpha / float64(r)),
	}
	Uniform(init, a.A.Value.Data, 1/math.Sqrt(float64(in)))
	return a
}

// Rank is r.
func (a *LoRA) Rank() int { return a.A.Value.Shape[1] }

// Forward implements Layer: [.., in] → [.., out].
func (a *LoRA) Forward(x tape.Var) tape.Var { return a.branch(x, a.Base.Forward(x)) }

// ForwardAdd implements Layer.
func (a *LoRA) ForwardAdd(x, residual tape.Var) tape.Var {
	return a.branch(x, a.Base.ForwardAdd(x, residual))
}

// branch adds the update to y, the base layer's result. The product starts from y, and with B = 0 every term is a
// zero: y comes out unchanged to the bit.
func (a *LoRA) branch(x, y tape.Var) tape.Var {
	if a.merged {
		return y
	}
	u := x.Dropout(a.Drop, a.Rand).Linear(a.A, nil).Scale(a.Scale) // [.., r]
	return u.LinearAdd(a.B, nil, y)
}

// Params implements Module.
func (a *LoRA) Params(visit func(*tape.Param)) {
	a.Base.Params(visit)
	visit(a.A)
	visit(a.B)
}

// Delta is ΔW = (α/r)·A·B, [in, out], valid until the next call.
func (a *LoRA) Delta() []float32 {
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
func (a *LoRA) Merge() {
	if !a.merged {
		f32.Add(a.Base.W.Value.Data, a.Delta())
		a.Base.W.Touch()
		a.merged = true
	}
}

// Unmerge takes the update out of W again. What rounding leaves behind is the drift that the lab measures.
func (a *LoRA) Unmerge() {
	if a.merged {
		f32.Axpy(a.Base.W.Value.Data, -1, a.Delta())
		a.Base.W.Touch()
		a.merged = false
	}
}

// AddLoRA freezes a model and puts adapters around the named layers of every block ("q", "fc1"). The head stays
// trainable. The adapters come in the order in which their layers run.
func AddLoRA(model *ViT, init, drop *rand.Rand, parts []string, rank int, alpha, dropout float64) []*LoRA {
	Freeze(model.Backbone())
	var adapters []*LoRA
	Walk(model, func(path string, old Layer) Layer {
		if _, part, inBlock := strings.Cut(path, "/"); !inBlock || !slices.Contains(parts, part) {
			return old
		}
		a := NewLoRA(init, path, old.(*Linear), rank, alpha)
		a.Drop, a.Rand = float32(dropout), drop
		adapters = append(adapters, a)
		return a
	})
	return adapters
}
