package vpt

import (
	"fmt"
	"slices"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// mostDrawn is how many prompts of a layer have a column of their own in a frame: two hundred would be megabytes, and nobody
// could tell them apart. What the others get is added up.
const mostDrawn = 24

// Frame implements lab.Trial: one validation example as the arm sees it now, its tokens layer by layer, how the frozen network
// looks at it, and what became of the features of some examples. Training reads nothing of what it writes.
func (t *trial) Frame(focus wire.Focus) (wire.Frame, [][]float32) {
	model := t.fitted.Model
	c := model.Config
	example := min(max(focus.Example, 0), course.Staged-1)
	image := make([]float32, data.Pixels)
	label := t.task.Holdout.Image(image, data.Validation, example)
	s := &wire.Sequence{}
	f := wire.Frame{
		Arm: t.arm.String(), Trial: t.id, Step: t.Step(), Example: example, Examples: course.Staged,
		Height: c.Image, Width: c.Image, Patch: c.Patch, Layers: c.Depth, Heads: c.Heads, Tokens: c.Tokens(),
		Classes: t.task.Classes, Label: label, Sequence: s,
	}
	buffers := [][]float32{image, nil, nil, nil, nil}
	add := func(x []float32) int {
		buffers = append(buffers, x)
		return len(buffers) - 1
	}
	t.Look.Reset()
	logits := model.Forward(model.Input(t.Look, image)).Data()
	f.Probs = make([]float32, len(logits))
	f32.Softmax(f.Probs, logits, 1, len(logits))
	for i := range c.Depth {
		l, attention := layerOf(t.Look, model, i)
		l.Buffer = add(attention)
		s.Layers = append(s.Layers, l)
	}
	if z := t.reference(); z != nil {
		s.Frozen = add(z.looks(t.Look, example, image))
		if p := t.scatter(z); p != nil {
			shown := *p
			shown.Buffer = add(slices.Clone(z.at))
			s.Points = &shown
		}
	}
	return f, buffers
}

// layerOf is a layer of the sequence and its attention for the one image that the tape has seen. There the prompts stand
// before the patches, in a frame behind them.
func layerOf(on *tape.Tape, model *nn.ViT, block int) (wire.SequenceLayer, []float32) {
	name, tokens := fmt.Sprintf("block%d/attn", block), model.Tokens()
	heads, queries, keys, _ := on.Attention(nil, name, 0)
	all := make([]float32, heads*queries*keys)
	on.Attention(all, name, 0)
	l := wire.SequenceLayer{Prompts: keys - tokens, Drawn: min(keys-tokens, mostDrawn)}
	class, first := 0, 1 // their places among the keys: the class token and the first prompt
	if l.Prompts > 0 {
		p, _ := model.Sequence.(*Prompts)
		switch {
		case queries < keys:
			l.From, class, first = frame.PromptsKeys, l.Prompts, 0
		case p == nil || p.Rows[block] == nil:
			l.From = frame.PromptsCarried
		case block == 0 || p.Rows[block-1] == nil:
			l.From = frame.PromptsEnter
		default:
			l.From = frame.PromptsReplace
		}
	}
	asking, looked := l.Size(tokens)
	out := make([]float32, 0, heads*asking*looked)
	for h := range heads {
		for q := range asking {
			at := q
			switch {
			case queries == tokens, q == 0:
			case q < tokens:
				at += l.Prompts
			default:
				at += 1 - tokens
			}
			row := all[(h*queries+at)*keys:][:keys]
			out = append(out, row[class])
			out = append(out, row[1+l.Prompts:]...)
			out = append(out, row[first:first+l.Drawn]...)
			if l.Prompts > l.Drawn {
				rest := float32(0)
				for _, x := range row[first+l.Drawn : first+l.Prompts] {
					rest += x
				}
				out = append(out, rest)
			}
		}
	}
	return l, out
}

// frozen is what a trial is compared with: the pretrained network as it is shipped, and what it makes of examples.
type frozen struct {
	model    *nn.ViT // shared by the trials of a worker, and never changed
	example  int     // whose looks are kept, -1 for none
	class    []float32
	features []float32 // [examples, d], of the scatter
	axes     [][]float64
	points   *wire.Points
	at       []float32 // [2, examples, 2], of points
}

// reference is the frozen network of the trial, made when it is first asked for; nil where its file cannot be read, which no
// trial has come through.
func (t *trial) reference() *frozen {
	if t.frozen != nil {
		return t.frozen
	}
	name := backboneName(t.spec)
	model, err := lab.Memo(t.env, labID+" frozen "+name, func() (*nn.ViT, error) { return course.Backbone(t.env, name) })
	if err != nil {
		return nil
	}
	t.frozen = &frozen{model: model, example: -1}
	return t.frozen
}

// looks is how the class token of the frozen network looks at the patches of an example: [layers, heads, patches], not
// divided by its sum.
func (z *frozen) looks(on *tape.Tape, example int, image []float32) []float32 {
	c := z.model.Config
	if z.example != example {
		z.example, z.class = example, nil
		on.Reset()
		z.model.Features(z.model.Input(on, image))
		one := c.Tokens() * c.Tokens()
		maps := make([]float32, c.Heads*one)
		for i := range c.Depth {
			on.Attention(maps, fmt.Sprintf("block%d/attn", i), 0)
			for h := range c.Heads {
				z.class = append(z.class, maps[h*one+1:][:c.Patches()]...)
			}
		}
	}
	return slices.Clone(z.class) // whoever gets a frame may change it
}
