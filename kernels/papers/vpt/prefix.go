package vpt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Prefixing says which prefix a model gets.
type Prefixing struct {
	Length int // p, keys and values in front of those of the tokens
	Hidden int // width inside the MLP that makes them while they are trained; 0 where they are trained themselves
}

// Name is that of the arm.
func (Prefixing) Name() string { return "prefix" }

// Check says in one line what does not fit a model.
func (c Prefixing) Check(nn.Config) error {
	switch {
	case c.Length < 0 || c.Length > longest:
		return fmt.Errorf("prefix: a length of %d does not fit: take 0 to %d", c.Length, longest)
	case c.Hidden < 0:
		return fmt.Errorf("prefix: an MLP of width %d cannot make it: take 1 or more, or 0 for none", c.Hidden)
	}
	return nil
}

// Count is the closed form of how many numbers are trained, the head apart: in the blocks and outside.
func (c Prefixing) Count(m nn.Config) (blocks, outside int) {
	p, d, h := c.Length, m.Width, c.Hidden
	if p > 0 && h > 0 {
		return 2 * m.Depth * (h*d + d), p*d + d*h + h
	}
	return 2 * m.Depth * p * d, 0
}

// Kept is the closed form of what one step keeps: see tokens.go. What the MLP keeps, once for all examples and blocks, is
// listed as "prefix": derivative and result of tanh.
func (c Prefixing) Kept(m nn.Config, examples int) []tape.Row {
	if c.Length == 0 {
		return behind(m, examples, false)
	}
	var rows []tape.Row
	if made := 4 * c.Length * c.Hidden; made > 0 {
		rows = append(rows, tape.Row{Block: "prefix", Kind: tape.KeptInput, Bytes: made}, tape.Row{Block: "prefix", Kind: tape.KeptTanh, Bytes: made})
	}
	for i := range m.Depth {
		rows = append(rows, passing(m, i, examples, m.Tokens(), m.Tokens()+c.Length, i > 0)...)
	}
	return append(rows, behind(m, examples, true)...)
}

// Prefix puts trained keys and values in front of those of every attention of a frozen model (Li and Liang 2021):
// Attn(q, [Pₖ; K], [Pᵥ; V]), with Pₖ and Pᵥ of each block its own. Of nothing else than attention does it change the length.
//
// They are trained themselves or, as the paper advises for stable training, made by an MLP, P = tanh(E·W₁ + b₁)·W₂ + b₂,
// which Fold discards afterwards. E, W₁ and b₁ are the same for all blocks; W₂ and b₂ differ (the layout of T-Few's code).
//
// The survey "Scaling Down to Scale Up" has one prefix for all layers and joins it to hidden states; the original has
// keys and values for each layer, and so has this.
type Prefix struct {
	Layers []*Prefixed // the keys and the values of block 0, those of block 1, ...
	Seed   *tape.Param // E [p, d]; nil where no MLP makes the prefix
	In     *nn.Linear  // W₁ [d, hidden] and b₁; nil with Seed

	model *nn.ViT
	made  tape.Var // tanh(E·W₁ + b₁) of this step, [p, hidden]
}

// Prefixed takes the place of the dense layer that makes the keys or the values, and returns p more of them, in front.
type Prefixed struct {
	Base nn.Layer
	Rows *tape.Param // [p, d]; nil while an MLP makes them
	Out  *nn.Linear  // W₂ [hidden, d] and b₂; nil without an MLP

	path   string
	prefix *Prefix
}

// rows are the p keys or values, [p, d].
func (l *Prefixed) rows(t *tape.Tape) tape.Var {
	if l.Out == nil {
		return t.Leaf(l.Rows)
	}
	before := t.Enter("prefix")
	rows := l.Out.Forward(l.prefix.made)
	t.Enter(before)
	return rows
}

// Forward implements nn.Layer: [n, t, in] → [n, p+t, out].
func (l *Prefixed) Forward(x tape.Var) tape.Var {
	return l.Base.Forward(x).Insert(0, l.rows(x.Tape()))
}

// ForwardAdd implements nn.Layer. A residual has to be as long as the result.
func (l *Prefixed) ForwardAdd(x, residual tape.Var) tape.Var { return l.Forward(x).Add(residual) }

// Params implements nn.Module.
func (l *Prefixed) Params(visit func(*tape.Param)) {
	l.Base.Params(visit)
	if l.Out != nil {
		l.Out.Params(visit)
	} else {
		visit(l.Rows)
	}
}

// Before implements nn.Sequence: the tokens stay as they are, but below the first block the MLP runs up to its hidden
// numbers, which all blocks share.
func (p *Prefix) Before(block int, x tape.Var) tape.Var {
	if block == 0 {
		p.hidden(x.Tape())
	}
	return x
}

// hidden makes the hidden numbers of the MLP.
func (p *Prefix) hidden(t *tape.Tape) {
	before := t.Enter("prefix")
	p.made = p.In.Forward(t.Leaf(p.Seed)).Tanh()
	t.Enter(before)
}

// Params implements nn.Module: what the blocks share. The rest is visited with their layers.
func (p *Prefix) Params(visit func(*tape.Param)) {
	if p.Seed != nil {
		visit(p.Seed)
		p.In.Params(visit)
	}
}

// Fold makes the prefix once and for all and discards the MLP: the same logits to the bit, and the parameters of a prefix
// that was trained itself. Folding twice changes nothing.
func (p *Prefix) Fold() {
	if p.Seed == nil {
		return
	}
	t := tape.New()
	t.Infer = true
	p.hidden(t)
	for _, l := range p.Layers {
		made := l.rows(t).Value()
		l.Rows = tape.NewParam(l.path+"/prefix", made.Shape)
		copy(l.Rows.Value.Data, made.Data)
	}
	for _, l := range p.Layers {
		l.Out = nil
	}
	p.Seed, p.In, p.made = nil, nil, tape.Var{}
	p.model.Sequence = nil
}

// Fit implements Method.
func (c Prefixing) Fit(model *nn.ViT, init, _ *rand.Rand) (*Fitted, error) {
	if _, err := c.fit(model, init); err != nil {
		return nil, err
	}
	return fitted(c, model, nil, tokens), nil
}

// fit freezes a model's backbone and puts a prefix before its keys and values. The head stays as it is. With no prefix it is
// the linear probe. Nothing changes where the error is not nil.
//
// The draws are those of T-Few's code: prefixes and E normal with σ = 1, the MLP uniform in ±1/√in.
func (c Prefixing) fit(model *nn.ViT, init *rand.Rand) (*Prefix, error) {
	if err := c.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	p := &Prefix{model: model}
	if c.Length == 0 {
		return p, nil
	}
	shape := tape.Shape{c.Length, model.Width}
	if c.Hidden > 0 {
		p.Seed = tape.NewParam("prefix/seed", shape)
		nn.Normal(init, p.Seed.Value.Data, 1)
		p.In = uniformLinear(init, "prefix/in", model.Width, c.Hidden)
		model.Sequence = p
	}
	nn.Walk(model, func(path string, old nn.Layer) nn.Layer {
		if !strings.HasSuffix(path, "/k") && !strings.HasSuffix(path, "/v") {
			return old
		}
		l := &Prefixed{Base: old, path: path, prefix: p}
		if c.Hidden > 0 {
			l.Out = uniformLinear(init, path+"/prefix", c.Hidden, model.Width)
		} else {
			l.Rows = tape.NewParam(path+"/prefix", shape)
			nn.Normal(init, l.Rows.Value.Data, 1)
		}
		p.Layers = append(p.Layers, l)
		return l
	})
	return p, nil
}

// uniformLinear is a dense layer with weights and bias uniform in ±1/√in.
func uniformLinear(init *rand.Rand, name string, in, out int) *nn.Linear {
	l := nn.NewLinear(nil, name, in, out)
	nn.Uniform(init, l.W.Value.Data, 1/math.Sqrt(float64(in)))
	nn.Uniform(init, l.B.Value.Data, 1/math.Sqrt(float64(in)))
	return l
}
