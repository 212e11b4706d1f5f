package lora

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// Frame implements lab.Trial: one validation example as the arm sees it now, and one of its updates.
func (t *trial) Frame(focus wire.Focus) (wire.Frame, [][]float32) {
	c := t.model.Config
	example := min(max(focus.Example, 0), course.Staged-1)
	image := make([]float32, data.Pixels)
	label := t.task.Holdout.Image(image, data.Validation, example)

	t.Look.Reset()
	logits := t.model.Forward(t.model.Input(t.Look, image)).Data()
	probs := make([]float32, len(logits))
	f32.Softmax(probs, logits, 1, len(logits))

	per := c.Heads * c.Tokens() * c.Tokens()
	attention := make([]float32, c.Depth*per)
	for i := range c.Depth {
		t.Look.Attention(attention[i*per:(i+1)*per], fmt.Sprintf("block%d/attn", i), 0)
	}
	f := wire.Frame{
		Arm: t.arm.String(), Trial: t.id, Step: t.Step(), Example: example, Examples: course.Staged,
		Height: c.Image, Width: c.Image, Patch: c.Patch, Layers: c.Depth, Heads: c.Heads, Tokens: c.Tokens(),
		Classes: t.task.Classes, Label: label, Probs: probs,
		Matrices: t.matrices(), Layer: min(max(focus.Layer, 0), c.Depth-1), Matrix: focus.Matrix,
	}
	buffers := [][]float32{image, attention, nil, nil, nil}
	if len(f.Matrices) == 0 {
		f.Matrix = ""
		return f, buffers
	}
	if !slices.Contains(f.Matrices, f.Matrix) {
		f.Matrix = f.Matrices[0]
	}
	path := fmt.Sprintf("block%d/%s", f.Layer, f.Matrix)
	for _, l := range t.layers() {
		if l.path != path {
			continue
		}
		f.Rows, f.Cols = l.base.In(), l.base.Out()
		buffers[2] = l.delta(t)
		if l.adapter != nil {
			f.Rank = l.adapter.Rank()
			buffers[3] = slices.Clone(l.adapter.A.Value.Data)
			buffers[4] = slices.Clone(l.adapter.B.Value.Data)
		}
	}
	return f, buffers
}

// matrices names what the arm changes, as in Focus.Matrix.
func (t *trial) matrices() []string {
	switch t.arm.Racer {
	case "":
		return t.arm.Parts
	case "head":
		return nil
	}
	return description().Stage.Matrices
}

// changed is one matrix that an arm changes.
type changed struct {
	path    string
	base    *nn.Linear
	adapter *Adapter // nil where the matrix itself is trained
}

// layers are the changed matrices, in the order in which they run.
func (t *trial) layers() []changed {
	var out []changed
	nn.Walk(t.model, func(path string, l nn.Layer) nn.Layer {
		switch l := l.(type) {
		case *Adapter:
			out = append(out, changed{path, l.Base, l})
		case *nn.Linear:
			if t.before[path] != nil {
				out = append(out, changed{path, l, nil})
			}
		}
		return l
	})
	return out
}

// delta is a copy of ΔW [in, out].
func (c changed) delta(t *trial) []float32 {
	if c.adapter != nil {
		return slices.Clone(c.adapter.Delta())
	}
	d := slices.Clone(c.base.W.Value.Data)
	f32.Axpy(d, -1, t.before[c.path])
	return d
}

// isFactor tells the parameters of adapters from those of the backbone.
func isFactor(name string) bool {
	return strings.HasSuffix(name, "/lora_a") || strings.HasSuffix(name, "/lora_b")
}
