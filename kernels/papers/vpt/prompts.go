package vpt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Prompting says which prompts a model gets.
type Prompting struct {
	Length  int     // p, prompts in front of the patches
	Layers  int     // layers with prompts of their own: 1 is VPT-shallow, all of the model's VPT-deep
	TopDown bool    // these are the last layers, not the first
	Width   int     // numbers in a prompt that a dense layer takes to the model's width; 0 for the model's width itself
	Drop    float64 // probability of dropout, on the prompts alone and in training alone
	Begin   Begin   // what they are before the first step
}

// longest is the greatest number of prompts, the largest that the paper tries.
const longest = 200

// Name is that of the arm.
func (c Prompting) Name() string {
	if c.Layers == 1 && !c.TopDown {
		return "vpt-shallow"
	}
	return "vpt-deep"
}

// Check implements Method.
func (c Prompting) Check(m nn.Config) error {
	switch {
	case c.Length < 0 || c.Length > longest:
		return SizeError{c.Name(), "number of prompts", strconv.Itoa(c.Length), "does not fit", fmt.Sprintf("0 to %d", longest)}
	case c.Layers < 1 || c.Layers > m.Depth:
		return SizeError{c.Name(), "number of layers", strconv.Itoa(c.Layers), fmt.Sprintf("does not fit the model's %d", m.Depth), fmt.Sprintf("1 to %d", m.Depth)}
	case c.Width < 0:
		return SizeError{c.Name(), "width", strconv.Itoa(c.Width), "leaves nothing to project", fmt.Sprintf("1 or more, or 0 for the model's own %d", m.Width)}
	case !(c.Drop >= 0 && c.Drop < 1):
		return SizeError{c.Name(), "dropout", number(c.Drop), "is no probability below 1", "0 to 0.9"}
	}
	return nil
}

// span is the layers with prompts of their own, to excluded; none without prompts.
func (c Prompting) span(m nn.Config) (from, to int) {
	switch {
	case c.Length == 0:
		return 0, 0
	case c.TopDown:
		return m.Depth - c.Layers, m.Depth
	}
	return 0, c.Layers
}

// Count is the closed form of how many numbers are trained, the head apart: in the blocks and outside.
func (c Prompting) Count(m nn.Config) (blocks, outside int) {
	switch {
	case c.Length == 0:
		return 0, 0
	case c.Width > 0:
		return c.Layers * c.Length * c.Width, c.Width*m.Width + m.Width
	}
	return c.Layers * c.Length * m.Width, 0
}

// Kept is the closed form of what one step keeps: see tokens.go. The masks of the dropout, a bit for each number of every
// example in whole words, are listed as "prompts".
func (c Prompting) Kept(m nn.Config, examples int) []tape.Row {
	from, to := c.span(m)
	var rows []tape.Row
	if c.Drop > 0 && to > from {
		words := (examples*c.Length*m.Width + 31) / 32
		rows = append(rows, tape.Row{Block: "prompts", Kind: tape.KeptMask, Bytes: 4 * words * c.Layers})
	}
	for i := from; i < m.Depth && to > from; i++ {
		t := m.Tokens() + c.Length
		rows = append(rows, passing(m, i, examples, t, t, true)...)
	}
	return append(rows, behind(m, examples, to > from)...)
}

// Prompts are trained tokens between the class token and the patches of a frozen model (Jia et al. 2022, §3.2). They enter
// behind the position table, so they have no position, and their order does not matter. A layer above the first with
// prompts of its own discards what the layer below has made of its prompts and puts its own in their place: the number of
// tokens stays the same. The head reads the class token.
//
// Without prompts of their own, higher layers get those that the layer below returns; lower layers, where the last ones
// have prompts, see none. Departure: there the official code (REVERSE_DEEP) cuts out p tokens already when prompts first
// enter, and loses the first p patches; here they are inserted.
type Prompts struct {
	Rows    []*tape.Param // of every layer [p, width]; nil where it has none
	Project *nn.Linear    // [width, d], the same for all layers; nil where the width is d
	Drop    float32
	Rand    *rand.Rand // draws the dropout, for each example anew
}

// NewPrompts draws prompts for a model, uniformly within ±promptBound.
//
// The projection is drawn as in the official code: normal by Kaiming's rule over what goes out, σ = √(2/d), and a bias
// that is uniform in ±1/√width.
func NewPrompts(init *rand.Rand, m nn.Config, c Prompting) *Prompts {
	p := &Prompts{Rows: make([]*tape.Param, m.Depth)}
	if c.Length == 0 {
		return p
	}
	width := m.Width
	if c.Width > 0 {
		width = c.Width
		p.Project = nn.NewLinear(nil, "prompts/project", width, m.Width)
		nn.Normal(init, p.Project.W.Value.Data, math.Sqrt(2/float64(m.Width)))
		nn.Uniform(init, p.Project.B.Value.Data, 1/math.Sqrt(float64(width)))
	}
	from, to := c.span(m)
	for i := from; i < to; i++ {
		p.Rows[i] = tape.NewParam(fmt.Sprintf("block%d/prompts", i), tape.Shape{c.Length, width})
		if c.Begin != BeginZero {
			nn.Uniform(init, p.Rows[i].Value.Data, promptBound(m, width))
		}
	}
	return p
}

// promptBound is √(6/(3·patch² + width)), Glorot's bound for the patch embedding of a picture in three colours: 3·patch²
// numbers go into it, as many as a prompt is wide come out.
//
// The 3 is the official code's and is kept, although our pictures have one channel. Glorot's bound for our own patch
// embedding would be larger, for V-tiny .217 where this is .153.
func promptBound(m nn.Config, width int) float64 {
	return math.Sqrt(6 / float64(3*m.Patch*m.Patch+width))
}

// Before implements nn.Sequence.
func (p *Prompts) Before(block int, x tape.Var) tape.Var {
	if p.Rows[block] == nil {
		return x
	}
	t := x.Tape()
	before := t.Enter("prompts")
	rows := t.Leaf(p.Rows[block])
	if p.Project != nil {
		rows = p.Project.Forward(rows)
	}
	if p.Drop > 0 && !t.Infer {
		rows = rows.Repeat(x.Shape()[0]).Dropout(p.Drop, p.Rand)
	}
	if block == 0 || p.Rows[block-1] == nil {
		x = x.Insert(1, rows)
	} else {
		x = x.Replace(1, rows)
	}
	t.Enter(before)
	return x
}

// Params implements nn.Module.
func (p *Prompts) Params(visit func(*tape.Param)) {
	if p.Project != nil {
		p.Project.Params(visit)
	}
	for _, rows := range p.Rows {
		if rows != nil {
			visit(rows)
		}
	}
}

// Fit implements Method.
func (c Prompting) Fit(model *nn.ViT, init, drop *rand.Rand) (*Fitted, error) {
	if _, err := c.fit(model, init, drop); err != nil {
		return nil, err
	}
	return fitted(c, model, nil, tokens), nil
}

// tokens says why what stands beside the tokens cannot be merged.
const tokens = "it is tokens of its own, and no weight of the frozen model could take them in"

// fit freezes a model's backbone and gives it prompts. The head stays as it is. With no prompts it is the linear probe.
// Nothing changes where the error is not nil.
func (c Prompting) fit(model *nn.ViT, init, drop *rand.Rand) (*Prompts, error) {
	if err := c.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	p := NewPrompts(init, model.Config, c)
	p.Drop, p.Rand = float32(c.Drop), drop
	if c.Length > 0 {
		model.Sequence = p
	}
	return p, nil
}
