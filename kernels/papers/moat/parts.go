package moat

import (
	"fmt"
	"math/rand/v2"

	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// part is one box of a block: what it computes, what can be drawn of it, and what it lets through.
type part interface {
	nn.Module
	// Forward maps [n, h, w, c] to what Sketch says.
	Forward(x tape.Var) tape.Var
	// Sketch describes the part behind a map of rows, columns and channels.
	Sketch(in [3]int) wire.Part
	// Reach is the set of cells of a map of h×w that the cells out of the result depend on.
	Reach(out mask, h, w int) mask
}

// adder is a part that can start from a residual instead of zero.
type adder interface {
	ForwardAdd(x, residual tape.Var) tape.Var
}

// flop is twice the product of its arguments: a multiplication and an addition each.
func flop(n ...int) int64 {
	all := int64(2)
	for _, k := range n {
		all *= int64(k)
	}
	return all
}

// local is a part whose cells do not see each other.
type local struct{}

func (local) Reach(out mask, _, _ int) mask { return out }

// norm is batch norm, or layer norm over the channels, and GELU where one follows.
type norm struct {
	local
	batch *nn.BatchNorm
	layer *nn.LayerNorm
	gelu  bool
}

func newNorm(name string, c int, layer, gelu bool) *norm {
	if layer {
		return &norm{layer: nn.NewLayerNorm(name, c), gelu: gelu}
	}
	return &norm{batch: nn.NewBatchNorm(name, c), gelu: gelu}
}

func (p *norm) Forward(x tape.Var) tape.Var {
	if p.layer != nil {
		x = p.layer.Forward(x)
	} else {
		x = p.batch.Forward(x)
	}
	if p.gelu {
		x = x.GELU()
	}
	return x
}

func (p *norm) Params(visit func(*tape.Param)) {
	if p.layer != nil {
		p.layer.Params(visit)
		return
	}
	p.batch.Params(visit)
}

// Buffers implements nn.Buffered.
func (p *norm) Buffers(visit func(*tape.Running)) {
	if p.batch != nil {
		p.batch.Buffers(visit)
	}
}

func (p *norm) Sketch(in [3]int) wire.Part {
	s := wire.Part{Kind: "norm", Label: "batch norm", Out: in, Params: 2 * in[2],
		Help: "Every channel is brought to mean 0 and variance 1: of the batch while training, of running averages afterwards."}
	if p.layer != nil {
		s.Label, s.Help = "layer norm", "Every cell is brought to mean 0 and variance 1 over its channels, alone."
	}
	if p.gelu {
		s.Label += ", GELU"
	}
	return s
}

// pointwise is a 1×1 convolution: a dense layer for every cell.
type pointwise struct {
	local
	W    *tape.Param // [in, out]
	B    *tape.Param // [out] or nil
	kind string
	help string
}

func newPointwise(r *rand.Rand, name string, in, out int, bias bool, kind, help string) *pointwise {
	p := &pointwise{W: tape.NewParam(name+"/w", tape.Shape{in, out}), kind: kind, help: help}
	nn.Normal(r, p.W.Value.Data, spread(in))
	if bias {
		p.B = tape.NewParam(name+"/b", tape.Shape{out})
	}
	return p
}

func (p *pointwise) Forward(x tape.Var) tape.Var              { return x.Linear(p.W, p.B) }
func (p *pointwise) ForwardAdd(x, residual tape.Var) tape.Var { return x.LinearAdd(p.W, p.B, residual) }

func (p *pointwise) Params(visit func(*tape.Param)) {
	visit(p.W)
	if p.B != nil {
		visit(p.B)
	}
}

func (p *pointwise) Sketch(in [3]int) wire.Part {
	out := p.W.Value.Shape[1]
	return wire.Part{Kind: p.kind, Label: fmt.Sprintf("1×1, %d to %d", in[2], out), Help: p.help, Out: [3]int{in[0], in[1], out},
		Params: counted(p), FLOP: flop(in[0], in[1], in[2], out)}
}

// depthwise gives every channel a window of its own.
type depthwise struct{ *nn.Depthwise }

func (p *depthwise) Forward(x tape.Var) tape.Var { return p.Depthwise.Forward(x) }

func (p *depthwise) k() int { return p.W.Value.Shape[0] }

func (p *depthwise) Reach(out mask, h, w int) mask { return out.slide(h, w, p.k(), p.Stride) }

func (p *depthwise) Sketch(in [3]int) wire.Part {
	o := [3]int{halved(in[0], p.Stride), halved(in[1], p.Stride), in[2]}
	return wire.Part{Kind: "depthwise", Label: fmt.Sprintf("%d×%d depth-wise%s", p.k(), p.k(), strided(p.Stride)), Out: o, Params: counted(p),
		Help: "Every channel is filtered by its own small window. Here a cell meets its neighbours.",
		FLOP: flop(o[0], o[1], o[2], p.k(), p.k())}
}

// conv is a dense convolution.
type conv struct {
	*nn.Conv
	help string
}

func (p *conv) Forward(x tape.Var) tape.Var { return p.Conv.Forward(x) }

func (p *conv) Reach(out mask, h, w int) mask { return out.slide(h, w, p.W.Value.Shape[0], p.Stride) }

func (p *conv) Sketch(in [3]int) wire.Part {
	s := p.W.Value.Shape
	o := [3]int{halved(in[0], p.Stride), halved(in[1], p.Stride), s[3]}
	return wire.Part{Kind: "conv", Label: fmt.Sprintf("%d×%d convolution, %d to %d%s", s[0], s[1], s[2], s[3], strided(p.Stride)), Out: o, Params: counted(p),
		Help: p.help, FLOP: flop(o[0], o[1], s[0], s[1], s[2], s[3])}
}

// pool halves a map by averaging 2×2 cells.
type pool struct{}

func (pool) Forward(x tape.Var) tape.Var   { return x.AvgPool(2) }
func (pool) Params(func(*tape.Param))      {}
func (pool) Reach(out mask, h, w int) mask { return out.slide(h, w, 2, 2) }
func (pool) Sketch(in [3]int) wire.Part {
	return wire.Part{Kind: "pool", Label: "2×2 average pooling", Out: [3]int{halved(in[0], 2), halved(in[1], 2), in[2]},
		Help: "Four neighbours become their mean."}
}

// excite is squeeze-and-excitation.
type excite struct{ *nn.SqueezeExcite }

func newExcite(r *rand.Rand, name string, c, hidden int) *excite {
	return &excite{&nn.SqueezeExcite{Reduce: dense(r, name+"/reduce", c, hidden), Expand: dense(r, name+"/expand", hidden, c)}}
}

func (p *excite) Forward(x tape.Var) tape.Var   { return p.SqueezeExcite.Forward(x) }
func (p *excite) Reach(out mask, _, _ int) mask { return out.whole() }

func (p *excite) Sketch(in [3]int) wire.Part {
	small := p.Reduce.(*nn.Linear).Out()
	return wire.Part{Kind: "se", Label: fmt.Sprintf("gate, %d to %d to %d", in[2], small, in[2]), Out: in, Params: counted(p),
		Help: "Squeeze-and-excitation: the mean over the whole map decides how much of each channel passes.",
		FLOP: 2 * flop(in[2], small)}
}

// gelus is GELU alone.
type gelus struct{ local }

func (gelus) Forward(x tape.Var) tape.Var { return x.GELU() }
func (gelus) Params(func(*tape.Param))    {}
func (gelus) Sketch(in [3]int) wire.Part {
	return wire.Part{Kind: "act", Label: "GELU", Out: in, Help: "Lets positive numbers pass and bends negative ones towards 0."}
}

// positionStd is the spread of learned positions at the start, as in ViT.
const positionStd = 0.02

// places adds a learned vector to every cell, as ViT does.
type places struct {
	local
	table *tape.Param // [h·w, c]
}

func newPlaces(r *rand.Rand, name string, cells, c int) *places {
	p := &places{table: tape.NewParam(name, tape.Shape{cells, c})}
	nn.Normal(r, p.table.Value.Data, positionStd)
	return p
}

func (p *places) Forward(x tape.Var) tape.Var {
	s := x.Shape()
	return x.Reshape(tape.Shape{s[0], s[1] * s[2], s[3]}).Prepend(nil, p.table).Reshape(s)
}

func (p *places) Params(visit func(*tape.Param)) { visit(p.table) }

func (p *places) Sketch(in [3]int) wire.Part {
	return wire.Part{Kind: "position", Label: "learned positions", Out: in, Params: counted(p), Help: "A learned vector for every cell tells where it lies, as in ViT."}
}

// counted is the number of numbers in a module's parameters.
func counted(m nn.Module) int {
	_, all := nn.Count(m)
	return all
}

func halved(n, stride int) int { return (n + stride - 1) / stride }

func strided(s int) string {
	if s == 1 {
		return ""
	}
	return fmt.Sprintf(", stride %d", s)
}
