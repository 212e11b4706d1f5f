package moat

import (
	"fmt"
	"math"
	"math/rand/v2"

	"petri/kernels/f32"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Two parameterisations of a low-rank update of a convolution go by the name of LoRA.
const (
	loraView = "loraview" // one product of matrices, its numbers read as a kernel: the code of the LoRA paper (loralib)
	loraConv = "loraconv" // a k×k convolution down to r channels and a 1×1 convolution up: the PEFT library
)

// convLoRA is a frozen convolution with an update ΔW of low rank beside it. It takes the place of a dense convolution of k×k
// or of 1×1 pixels. With stride s:
//
//	loraView: conv(x, W + ΔW, s), ΔW = B·A, [out·k, r·k]·[r·k, in·k], read row by row as [out, in, k, k]
//	loraConv: conv(x, W, s) + conv(conv(x, A, s), B, 1), A of k×k pixels down to r channels, B of 1×1 up
//
// B starts at zero, so training starts at the frozen net. α is r, which makes the factor α/r = 1, as the defaults of the PEFT
// library do; loralib's own default is 1/r. Neither has biases.
//
// The view does not do what its shapes suggest. Row o·k + i of B·A lands in filter o, at the numbers from i·in·k on: i
// chooses a block of in/k input channels, not a row of the window, and the columns run over the channels of that block, rows
// and columns of the window. Where k does not divide in, blocks begin in the middle of a channel. The rank of B·A is r·k at
// most. With k = 1 both are the same.
type convLoRA struct {
	base   part        // *conv or *pointwise
	W      *tape.Param // of the base: [k, k, in, out], or [in, out]
	bias   *tape.Param // of the base, or nil
	kind   string
	rank   int
	A      *tape.Param // loraView: [r·k, in·k]; loraConv: [k, k, in, r], or [in, r]. Uniform in ±1/√(columns, or inputs of a filter)
	B      *tape.Param // loraView: [out·k, r·k]; loraConv: [r, out]. Zero
	k      int
	in     int
	out    int
	stride int
	merged bool
}

// unadaptable says why a part can have no update of low rank.
type unadaptable struct {
	Part string // "stage2.block1/mbconv/depthwise"
	Why  string
}

func (e unadaptable) Error() string { return "moat: no LoRA for " + e.Part + ": " + e.Why }

// newConvLoRA puts an update around a convolution, which it freezes. A is drawn from r, nil for zeros.
func newConvLoRA(kind string, base part, rank int, r *rand.Rand) (*convLoRA, error) {
	a := &convLoRA{base: base, kind: kind, rank: rank, k: 1, stride: 1}
	switch p := base.(type) {
	case *conv:
		s := p.W.Value.Shape
		if s[0] != s[1] {
			return nil, unadaptable{p.W.Name, fmt.Sprintf("its windows are %d×%d pixels; adapt a convolution whose windows are square", s[0], s[1])}
		}
		a.W, a.bias, a.k, a.in, a.out, a.stride = p.W, p.B, s[0], s[2], s[3], p.Stride
	case *pointwise:
		a.W, a.bias, a.in, a.out = p.W, p.B, p.W.Value.Shape[0], p.W.Value.Shape[1]
	case *depthwise:
		return nil, unadaptable{p.W.Name, fmt.Sprintf("it has %d groups, one for each channel; adapt a dense convolution, of one group", p.W.Value.Shape[2])}
	default:
		return nil, unadaptable{fmt.Sprintf("%T", base), "it is no convolution; adapt a dense one"}
	}
	if rank < 1 {
		return nil, unadaptable{a.W.Name, fmt.Sprintf("its rank would be %d; it has to be at least 1", rank)}
	}
	k := a.k
	switch kind {
	case loraView:
		a.A = tape.NewParam(a.W.Name+"/lora_a", tape.Shape{rank * k, a.in * k})
		a.B = tape.NewParam(a.W.Name+"/lora_b", tape.Shape{a.out * k, rank * k})
	case loraConv:
		a.A = tape.NewParam(a.W.Name+"/lora_a", a.downShape())
		a.B = tape.NewParam(a.W.Name+"/lora_b", tape.Shape{rank, a.out})
	default:
		return nil, unadaptable{a.W.Name, fmt.Sprintf("there is no parameterisation %q", kind)}
	}
	a.draw(r)
	nn.Freeze(base)
	return a, nil
}

// downShape is that of the convolution to r channels.
func (a *convLoRA) downShape() tape.Shape {
	if a.pointwise() {
		return tape.Shape{a.in, a.rank}
	}
	return tape.Shape{a.k, a.k, a.in, a.rank}
}

// draw fills A as both libraries do (Kaiming's rule with a = √5). Filters of the convolution are drawn one after another, so
// that with k = 1 both kinds start with the same numbers.
func (a *convLoRA) draw(r *rand.Rand) {
	if r == nil {
		return
	}
	x := a.A.Value.Data
	if a.kind == loraView {
		nn.Uniform(r, x, 1/math.Sqrt(float64(a.in*a.k)))
		return
	}
	drawn := make([]float32, len(x))
	nn.Uniform(r, drawn, 1/math.Sqrt(float64(a.in*a.k*a.k)))
	n := len(x) / a.rank // of a filter, in the order [in, k, k]
	for i, v := range drawn {
		filter, at := i/n, i%n
		channel, pixel := at/(a.k*a.k), at%(a.k*a.k)
		x[(pixel*a.in+channel)*a.rank+filter] = v
	}
}

// Forward maps [n, h, w, in] to [n, ⌈h/stride⌉, ⌈w/stride⌉, out].
func (a *convLoRA) Forward(x tape.Var) tape.Var {
	switch {
	case a.merged:
		return a.base.Forward(x)
	case a.kind == loraView && a.pointwise():
		return x.LinearBy(a.sum(x.Tape()), a.bias)
	case a.kind == loraView:
		return x.ConvBy(a.sum(x.Tape()), a.bias, a.stride)
	}
	return a.down(x).LinearAdd(a.B, nil, a.base.Forward(x))
}

// ForwardAdd is residual + Forward(x).
func (a *convLoRA) ForwardAdd(x, residual tape.Var) tape.Var {
	base, ok := a.base.(adder)
	switch {
	case !ok:
		return a.Forward(x).Add(residual)
	case a.merged:
		return base.ForwardAdd(x, residual)
	case a.kind == loraView:
		return x.LinearByAdd(a.sum(x.Tape()), a.bias, residual)
	}
	return a.down(x).LinearAdd(a.B, nil, base.ForwardAdd(x, residual))
}

func (a *convLoRA) pointwise() bool {
	_, ok := a.base.(*pointwise)
	return ok
}

// down is x in r channels.
func (a *convLoRA) down(x tape.Var) tape.Var {
	if a.pointwise() {
		return x.Linear(a.A, nil)
	}
	return x.Conv(a.A, nil, a.stride)
}

// sum is W + ΔW.
func (a *convLoRA) sum(t *tape.Tape) tape.Var { return t.Leaf(a.W).Add(a.update(t)) }

// update is ΔW, shaped as W.
func (a *convLoRA) update(t *tape.Tape) tape.Var {
	pixels := a.k * a.k
	if a.kind == loraConv {
		return t.Leaf(a.A).Reshape(tape.Shape{pixels * a.in, a.rank}).Linear(a.B, nil).Reshape(a.W.Value.Shape)
	}
	view := t.Leaf(a.B).Linear(a.A, nil).Reshape(tape.Shape{a.out, a.in, pixels}) // [out·k, in·k], row by row
	return view.Turn().Reshape(a.W.Value.Shape)                                   // [k·k, in, out]
}

// Merge adds the update to W: from now on Forward does what the base does. Merging twice changes nothing.
func (a *convLoRA) Merge() {
	if a.merged {
		return
	}
	t := tape.New()
	t.Infer = true
	f32.Add(a.W.Value.Data, a.update(t).Data())
	a.W.Touch()
	a.merged = true
}

// merge does so for all updates of a net.
func (n *net) merge() {
	for _, b := range n.blocks {
		b.parts(func(p part) {
			if a, ok := p.(*convLoRA); ok {
				a.Merge()
			}
		})
	}
}

// Params implements nn.Module.
func (a *convLoRA) Params(visit func(*tape.Param)) {
	a.base.Params(visit)
	visit(a.A)
	visit(a.B)
}

// Reach implements part: the update looks through the same window.
func (a *convLoRA) Reach(out mask, h, w int) mask { return a.base.Reach(out, h, w) }

// Sketch implements part.
func (a *convLoRA) Sketch(in [3]int) wire.Part {
	s := a.base.Sketch(in)
	s.Params += a.A.Len() + a.B.Len()
	switch a.kind {
	case loraView:
		s.Label += fmt.Sprintf(" + LoRA view, r = %d", a.rank)
		s.Help += fmt.Sprintf(" Its %d weights are frozen. The update is a product of two matrices, %d×%d and %d×%d, whose numbers are read as a kernel (loralib).",
			a.W.Len(), a.out*a.k, a.rank*a.k, a.rank*a.k, a.in*a.k)
	default:
		s.Label += fmt.Sprintf(" + LoRA down and up, r = %d", a.rank)
		s.Help += fmt.Sprintf(" Its %d weights are frozen. The update is a %d×%d convolution down to %s and a 1×1 convolution up (PEFT).", a.W.Len(), a.k, a.k, many(a.rank, "channel"))
	}
	if a.k == 1 {
		s.Help += " On 1×1 windows both kinds of update are the same."
	}
	s.Help += " Trained, it is added to the frozen weights and costs no operation."
	return s
}

// bare is a part without its update.
func bare(p part) part {
	if a, ok := p.(*convLoRA); ok {
		return a.base
	}
	return p
}
