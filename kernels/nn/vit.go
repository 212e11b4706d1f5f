package nn

import (
	"math/rand/v2"
	"strconv"

	"petri/kernels/tape"
)

// Config is the size of a vision transformer.
type Config struct {
	Image    int // pixels along each side
	Channels int
	Patch    int // pixels along each side of a patch; divides Image
	Width    int // d
	Depth    int // blocks
	Heads    int // divides Width
	Hidden   int // width inside the MLP
	Classes  int
}

// VTiny is the small backbone: 32x32 grey pixels, 17 tokens, 199,936 parameters in its blocks.
func VTiny() Config {
	return Config{Image: 32, Channels: 1, Patch: 8, Width: 64, Depth: 4, Heads: 4, Hidden: 256, Classes: 10}
}

// VSmall is the larger one: 32x32 grey pixels, 65 tokens, 671,040 parameters in its blocks.
func VSmall() Config {
	return Config{Image: 32, Channels: 1, Patch: 4, Width: 96, Depth: 6, Heads: 4, Hidden: 384, Classes: 10}
}

// Grid is the number of patches along each side.
func (c Config) Grid() int { return c.Image / c.Patch }

// Patches is the number of patches of an image, PatchLen the numbers in one.
func (c Config) Patches() int  { return c.Grid() * c.Grid() }
func (c Config) PatchLen() int { return c.Patch * c.Patch * c.Channels }

// Tokens counts the class token and the patches.
func (c Config) Tokens() int { return 1 + c.Patches() }

// Pixels is the number of numbers in an image.
func (c Config) Pixels() int { return c.Image * c.Image * c.Channels }

// ViT is the vision transformer (Dosovitskiy et al. 2021): patches, class token and position table, pre-norm blocks,
// final norm and a dense head on the class token.
type ViT struct {
	Config
	Patch    Layer       // [.., patch·patch·channels] → [.., d]
	Class    *tape.Param // [1, d]
	Position *tape.Param // [1+patches, d]
	Blocks   []*Block
	Norm     *LayerNorm
	Head     Layer    // [.., d] → [.., classes]
	Sequence Sequence // nil where the tokens run from block to block unchanged
}

// Sequence changes the tokens on their way through a model. This is how prompts enter it without forking it. It leaves the
// class token where it is, at 0.
type Sequence interface {
	Module
	// Before returns what the block of that number, counted from 0, gets instead of x: [n, t, d] → [n, any, d].
	Before(block int, x tape.Var) tape.Var
}

// NewViT returns a vision transformer with fresh weights; with r nil they are zero, to be overwritten.
func NewViT(r *rand.Rand, c Config) *ViT {
	v := &ViT{Config: c}
	v.Patch = NewLinear(r, "patch", c.PatchLen(), c.Width)
	v.Class = tape.NewParam("class", tape.Shape{1, c.Width})
	v.Position = tape.NewParam("position", tape.Shape{c.Tokens(), c.Width})
	Normal(r, v.Class.Value.Data, initStd)
	Normal(r, v.Position.Value.Data, initStd)
	for i := range c.Depth {
		v.Blocks = append(v.Blocks, NewBlock(r, "block"+strconv.Itoa(i), c.Width, c.Heads, c.Hidden))
	}
	v.Norm = NewLayerNorm("norm", c.Width)
	v.NewHead(r, c.Classes)
	return v
}

// NewHead replaces the head by a fresh one.
func (v *ViT) NewHead(r *rand.Rand, classes int) {
	v.Classes = classes
	v.Head = NewLinear(r, "head", v.Width, classes)
}

// Input cuts images [n, image, image, channels] into patches and brings them into the step: [n, patches, patch·patch·channels].
func (v *ViT) Input(t *tape.Tape, images []float32) tape.Var {
	c := v.Config
	n := len(images) / c.Pixels()
	if n == 0 || n*c.Pixels() != len(images) {
		panic(tape.ShapeError{Op: "images", Path: "patch", Want: tape.Shape{-1, c.Image, c.Image, c.Channels}, Got: tape.Shape{len(images)}})
	}
	x := t.Blank(tape.Shape{n, c.Patches(), c.PatchLen()})
	Patchify(x.Data(), images, c)
	return x
}

// Patchify copies images [n, image, image, channels] into patches [n, grid·grid, patch·patch·channels], rows first.
func Patchify(patches, images []float32, c Config) {
	line, width := c.Image*c.Channels, c.Patch*c.Channels
	for len(images) > 0 {
		for row := range c.Grid() {
			for column := range c.Grid() {
				for y := range c.Patch {
					copy(patches[:width], images[(row*c.Patch+y)*line+column*width:])
					patches = patches[width:]
				}
			}
		}
		images = images[c.Pixels():]
	}
}

// Embed embeds patches and puts the class token first: [n, patches, ..] → [n, 1+patches, d].
func (v *ViT) Embed(patches tape.Var) tape.Var {
	return v.Patch.Forward(patches).Prepend(v.Class, v.Position)
}

// Features is the normalised class token behind the last block: [n, patches, ..] → [n, d].
func (v *ViT) Features(patches tape.Var) tape.Var {
	x := v.Embed(patches)
	for i, b := range v.Blocks {
		if v.Sequence != nil {
			x = v.Sequence.Before(i, x)
		}
		x = b.Forward(x)
	}
	return v.Norm.Forward(x.Row(0)).Named("features")
}

// Forward is the logits: [n, patches, patch·patch·channels] → [n, classes].
func (v *ViT) Forward(patches tape.Var) tape.Var {
	return v.Head.Forward(v.Features(patches)).Named("logits")
}

// Backbone is everything but the head.
func (v *ViT) Backbone() Module { return backbone{v} }

type backbone struct{ *ViT }

// Params implements Module.
func (b backbone) Params(visit func(*tape.Param)) {
	b.Patch.Params(visit)
	visit(b.Class)
	visit(b.Position)
	for _, block := range b.Blocks {
		block.Params(visit)
	}
	b.Norm.Params(visit)
	if b.Sequence != nil {
		b.Sequence.Params(visit)
	}
}

// Params implements Module.
func (v *ViT) Params(visit func(*tape.Param)) {
	v.Backbone().Params(visit)
	v.Head.Params(visit)
}

// Walk visits the layers of v with their paths, in the order in which they run: "patch", "block0/q", "block0/k",
// "block0/v", "block0/o", "block0/fc1", "block0/fc2", ... "head", and puts what swap returns in their place. This is how
// LoRA, adapters and (IA)³ enter a model without forking it. Block.Beside is no layer and is not visited.
func Walk(v *ViT, swap func(path string, old Layer) Layer) {
	v.Patch = swap("patch", v.Patch)
	for _, b := range v.Blocks {
		for _, at := range [6]struct {
			name  string
			layer *Layer
		}{
			{"/q", &b.Attn.Q}, {"/k", &b.Attn.K}, {"/v", &b.Attn.V}, {"/o", &b.Attn.O},
			{"/fc1", &b.MLP.FC1}, {"/fc2", &b.MLP.FC2},
		} {
			*at.layer = swap(b.Name+at.name, *at.layer)
		}
	}
	v.Head = swap("head", v.Head)
}
