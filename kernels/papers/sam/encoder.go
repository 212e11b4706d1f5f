package sam

import (
	"math/rand/v2"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// encoder is the image encoder (Kirillov et al. 2023, §3; Li et al. 2022): patches, a position table that starts at zero, pre-norm
// blocks of windowed or global attention with decomposed relative positions, and a neck. There is no class token.
type encoder struct {
	Config
	patch    *nn.Linear  // [.., 3·patch²] → [.., d]
	position *tape.Param // [tokens, d]
	blocks   []*encoderBlock
	reduce   *nn.Linear // of the neck: 1×1, its bias is not used
	norm1    *nn.LayerNorm
	mix      *nn.Conv // 3×3 without bias
	norm2    *nn.LayerNorm
}

// encoderBlock is one block.
type encoderBlock struct {
	name, attn   string // of the block, and of its attention
	side, grid   int    // of its windows and of the picture, in tokens
	norm1, norm2 *nn.LayerNorm
	q, k, v, o   *nn.Linear
	rows, cols   *tape.Param // [2·side-1, d/heads]: relative positions, zero at the start
	fc1, fc2     *nn.Linear
	heads        int
}

func newEncoder(r *rand.Rand, c Config) *encoder {
	d := c.Width
	e := &encoder{Config: c,
		patch:    newDense(r, "patch", 3*c.Patch*c.Patch, d),
		position: tape.NewParam("position", tape.Shape{c.Tokens(), d}),
		reduce:   nn.NewLinear(nil, "neck/reduce", d, d),
		norm1:    nn.NewLayerNorm("neck/norm1", d),
		mix:      nn.NewConv(nil, "neck/mix", 3, d, d, 1, 0, false),
		norm2:    nn.NewLayerNorm("neck/norm2", d),
	}
	for b := range c.Depth {
		name, side := "block"+strconv.Itoa(b), c.Window
		if c.global(b) {
			side = c.Grid()
		}
		e.blocks = append(e.blocks, &encoderBlock{
			name: name, attn: name + "/attn", side: side, grid: c.Grid(), heads: c.Heads,
			norm1: nn.NewLayerNorm(name+"/norm1", d), norm2: nn.NewLayerNorm(name+"/norm2", d),
			q: newDense(r, name+"/q", d, d), k: newDense(r, name+"/k", d, d), v: newDense(r, name+"/v", d, d), o: newDense(r, name+"/o", d, d),
			rows: tape.NewParam(name+"/rows", tape.Shape{2*side - 1, d / c.Heads}), cols: tape.NewParam(name+"/cols", tape.Shape{2*side - 1, d / c.Heads}),
			fc1: newDense(r, name+"/fc1", d, 4*d), fc2: newDense(r, name+"/fc2", 4*d, d),
		})
	}
	spread(r, e.reduce.W.Value.Data, d)
	spread(r, e.mix.W.Value.Data, 9*d)
	return e
}

// input cuts pictures [n, image, image, 3] into patches and brings them into the step, brought to about mean 0 and variance 1.
func (e *encoder) input(t *tape.Tape, pictures []float32) tape.Var {
	c := e.Config
	n := len(pictures) / (3 * c.Pixels())
	x := t.Blank(tape.Shape{n, c.Tokens(), 3 * c.Patch * c.Patch})
	nn.Patchify(x.Data(), pictures, nn.Config{Image: c.Image, Channels: 3, Patch: c.Patch})
	for i, v := range x.Data() {
		x.Data()[i] = float32((v - pixelMean) * pixelScale)
	}
	return x
}

// pixelMean and 1/pixelScale are about the mean and the deviation of the training scenes' pixels, all channels alike.
const (
	pixelMean  = 0.6
	pixelScale = 4
)

// encode is the embedding of the pictures: [n, tokens, 3·patch²] → [n, tokens, d].
func (e *encoder) encode(x tape.Var) tape.Var {
	t := x.Tape()
	before := t.Enter("patch")
	x = e.patch.Forward(x).Prepend(nil, e.position)
	for _, b := range e.blocks {
		t.Enter(b.name)
		x = b.forward(x)
	}
	t.Enter("neck")
	n, d, g := x.Shape()[0], e.Width, e.Grid()
	x = e.norm1.Forward(x.Linear(e.reduce.W, nil)).Reshape(tape.Shape{n, g, g, d})
	x = e.norm2.Forward(e.mix.Forward(x)).Reshape(tape.Shape{n, g * g, d})
	t.Enter(before)
	return x.Named("embedding")
}

func (b *encoderBlock) forward(x tape.Var) tape.Var {
	n, d, g := x.Shape()[0], x.Shape()[2], b.grid
	y := b.norm1.Forward(x)
	if b.side < g {
		y = y.Reshape(tape.Shape{n, g, g, d}).Windows(b.side)
	}
	y = b.q.Forward(y).AttendRelative(b.k.Forward(y), b.v.Forward(y), b.rows, b.cols, b.heads, b.side, b.side, b.attn)
	if b.side < g {
		y = y.Unwindow(b.side, g, g).Reshape(tape.Shape{n, g * g, d})
	}
	x = b.o.ForwardAdd(y, x)
	return b.fc2.ForwardAdd(b.fc1.Forward(b.norm2.Forward(x)).GELU(), x)
}

// Params implements nn.Module.
func (e *encoder) Params(visit func(*tape.Param)) {
	e.patch.Params(visit)
	visit(e.position)
	for _, b := range e.blocks {
		b.norm1.Params(visit)
		for _, l := range []*nn.Linear{b.q, b.k, b.v, b.o} {
			l.Params(visit)
		}
		visit(b.rows)
		visit(b.cols)
		b.norm2.Params(visit)
		b.fc1.Params(visit)
		b.fc2.Params(visit)
	}
	visit(e.reduce.W)
	e.norm1.Params(visit)
	e.mix.Params(visit)
	e.norm2.Params(visit)
}
