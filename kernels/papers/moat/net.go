package moat

import (
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// config is the size of a net.
type config struct {
	recipe   recipe
	channels int // of the image
	classes  int
	width    int  // of the stem and the first stage
	depth    int  // attention blocks in a stage
	kernel   int  // side of the depth-wise windows
	window   int  // side of the windows of windowed racers in the first attention stage, cells; 0 for the whole map
	places   bool // a learned vector for every cell behind the first stage
	rank     int  // of the updates of low rank; 0 without them
	probe    bool // the net without strides, which is read out in one window
}

// Sides of the maps of the net with strides, in cells.
const (
	stemSide  = data.Side / 2
	midSide   = data.Side / 4
	lastSide  = data.Side / 8
	leastSide = 2 // of a window: a window of one cell looks at nothing
)

// sides are the windows' sides of the two attention stages. The second stage's map is half as large, and so are its windows.
func (c config) sides() [2]int {
	if !c.recipe.window || c.window == 0 {
		return [2]int{midSide, lastSide}
	}
	return [2]int{min(c.window, midSide), max(leastSide, min(c.window/2, lastSide))}
}

// net is one racer's network.
type net struct {
	config
	blocks []*block
	norm   *nn.LayerNorm
	head   *nn.Linear
	last   [3]int // the map behind the blocks
	read   int    // side of the window at the top left that is read out; 0 for the mean over the map
}

// newNet makes a net with fresh weights; with r nil they are zero.
func newNet(r *rand.Rand, c config) *net {
	n := &net{config: c}
	if c.probe {
		n.isotropic(r, data.Side)
	} else {
		n.pyramid(r)
	}
	n.last = n.blocks[len(n.blocks)-1].out()
	n.norm = nn.NewLayerNorm("head/norm", n.last[2])
	n.head = dense(r, "head", n.last[2], c.classes)
	return n
}

// pyramid is the net with strides: a stem, a stage of one MBConv, two stages of attention blocks.
func (n *net) pyramid(r *rand.Rand) {
	c := n.config
	k := kitchen{random: r, recipe: c.recipe, kernel: c.kernel}
	n.stem(r)
	first := &block{name: blockName(1, 0), kind: "MBConv", in: [3]int{stemSide, stemSide, c.width}}
	shared := k // edits take parts out of the racer's own blocks, not out of what all have in common
	shared.recipe.spatial, shared.recipe.expand = true, true
	first.branches = []branch{shared.mbconv(at{first.name, first.in, c.width, 1, 0}, c.recipe.early)}
	if c.places {
		first.branches = append(first.branches, branch{main: []part{newPlaces(r, "position", stemSide*stemSide, c.width)}, plain: true})
	}
	n.blocks = append(n.blocks, first)
	if c.recipe.stacked {
		n.stack(k)
		return
	}
	in, sides := first.in, c.sides()
	for stage, out := range [2]int{2 * c.width, 4 * c.width} {
		for i := range c.depth {
			a := at{blockName(stage+2, i), in, out, 1, sides[stage]}
			if i == 0 {
				a.stride = 2
			}
			b := k.block(a, k.matched(a))
			n.blocks = append(n.blocks, b)
			in = a.outShape()
		}
	}
}

// stem is two 3×3 convolutions, of which the first halves the image; only the first is followed by a norm and GELU.
func (n *net) stem(r *rand.Rand) {
	c := n.config
	n.blocks = append(n.blocks, &block{name: "stem", kind: "stem", in: [3]int{data.Side, data.Side, c.channels}, branches: []branch{{plain: true, main: []part{
		&conv{nn.NewConv(r, "stem/conv1", 3, c.channels, c.width, 2, spread(3*3*c.channels), false), "Reads the image and halves it."},
		newNorm("stem/norm", c.width, c.recipe.layer, true),
		&conv{nn.NewConv(r, "stem/conv2", 3, c.width, c.width, 1, spread(3*3*c.width), false), "A second look before the blocks begin."},
	}}}})
}

// stack is the other way to join convolution and attention: a stage of MBConv blocks, twice as many as there are attention
// blocks, and then, behind patches of 2×2 cells, a stage of Transformer blocks (Dai et al. 2021). The MLPs have the width
// with which the whole net has as many weights as MOAT.
func (n *net) stack(k kitchen) {
	c := n.config
	in := [3]int{stemSide, stemSide, c.width}
	for i := range 2 * c.depth {
		a := at{blockName(2, i), in, 2 * c.width, 1, 0}
		if i == 0 {
			a.stride = 2
		}
		n.blocks = append(n.blocks, &block{name: a.name, kind: "MBConv", in: in, branches: []branch{k.mbconv(a, c.recipe.early)}})
		in = a.outShape()
	}
	out := 4 * c.width
	n.blocks = append(n.blocks, &block{name: "stage3.patches", kind: "patches", in: in, branches: []branch{{plain: true, main: []part{
		&conv{nn.NewConv(k.random, "stage3.patches", 2, in[2], out, 2, spread(2*2*in[2]), true), "Four neighbouring cells become one token."},
	}}}})
	in = [3]int{lastSide, lastSide, out}
	transformers := func(k kitchen, hidden int) []*block {
		var bs []*block
		for i := range c.depth {
			bs = append(bs, k.block(at{blockName(3, i), in, out, 1, c.sides()[1]}, hidden))
		}
		return bs
	}
	hidden := 0
	if c.recipe.mixer == mixMLP {
		hidden = n.fill(transformers)
	}
	n.blocks = append(n.blocks, transformers(k, hidden)...)
}

// fill is the width of the MLPs with which this net, whose other blocks stand, has as many weights as MOAT.
func (n *net) fill(rest func(kitchen, int) []*block) int {
	c := n.config
	c.recipe = kitchen{recipe: c.recipe}.twin().recipe
	want := 0
	for _, b := range newNet(nil, c).blocks {
		want += counted(b)
	}
	bare := kitchen{recipe: n.recipe, kernel: n.kernel}
	return width(want, func(h int) int {
		have := 0
		for _, b := range n.blocks {
			have += counted(b)
		}
		for _, b := range rest(bare, h) {
			have += counted(b)
		}
		return have
	})
}

// isotropic is the net of the probes: patches of 2×2 pixels, and blocks that keep the size of the map. Strides would merge
// windows, and squeeze-and-excitation would see the whole map, so neither is in it.
func (n *net) isotropic(r *rand.Rand, side int) {
	c := n.config
	k := kitchen{random: r, recipe: c.recipe, kernel: c.kernel}
	k.recipe.se, k.recipe.early = false, false
	out := 2 * c.width
	n.blocks = append(n.blocks, &block{name: "patches", kind: "patches", in: [3]int{side, side, c.channels}, branches: []branch{{plain: true, main: []part{
		&conv{nn.NewConv(r, "patches", 2, c.channels, out, 2, spread(2*2*c.channels), true), "Patches of 2×2 pixels become the cells of the map."},
	}}}})
	n.isotropicBlocks(k, [3]int{side / 2, side / 2, out})
	n.read = data.CueWindow
}

// isotropicBlocks adds the blocks behind the patches.
func (n *net) isotropicBlocks(k kitchen, in [3]int) {
	c := n.config
	side := in[0]
	if c.recipe.window && c.window > 0 {
		side = min(side, c.window)
	}
	if c.places {
		n.blocks = append(n.blocks, &block{name: "position", kind: "position", in: in, branches: []branch{{plain: true, main: []part{newPlaces(k.random, "position", in[0]*in[1], in[2])}}}})
	}
	if c.recipe.stacked {
		for i := range (c.depth + 1) / 2 {
			a := at{blockName(1, i), in, in[2], 1, 0}
			n.blocks = append(n.blocks, &block{name: a.name, kind: "MBConv", in: in, branches: []branch{k.mbconv(a, false)}})
		}
	}
	rest := func(k kitchen, hidden int) (bs []*block) {
		for i := range c.depth {
			bs = append(bs, k.block(at{blockName(2, i), in, in[2], 1, side}, hidden))
		}
		return bs
	}
	hidden := 0
	switch {
	case c.recipe.mixer == mixMLP && c.recipe.stacked:
		hidden = n.fill(rest)
	case c.recipe.mixer == mixMLP:
		hidden = k.matched(at{"block", in, in[2], 1, side})
	}
	n.blocks = append(n.blocks, rest(k, hidden)...)
}

// Input brings images [n, side, side, channels] into the step.
func (n *net) Input(t *tape.Tape, images []float32) tape.Var {
	in := n.blocks[0].in
	count := len(images) / (in[0] * in[1] * in[2])
	x := t.Blank(tape.Shape{count, in[0], in[1], in[2]})
	copy(x.Data(), images)
	return x
}

// Features is the map behind the last block.
func (n *net) Features(x tape.Var) tape.Var {
	for _, b := range n.blocks {
		x = b.Forward(x)
	}
	return x
}

// Forward is the logits: [n, side, side, channels] → [n, classes].
func (n *net) Forward(x tape.Var) tape.Var {
	x = n.Features(x)
	s := x.Shape()
	t := x.Tape()
	before := t.Enter("head")
	cells := s[1] * s[2]
	if n.read > 0 {
		cells = n.read * n.read
		x = x.Windows(n.read).Reshape(tape.Shape{s[0], s[1] * s[2], s[3]}).Rows(0, cells)
	} else {
		x = x.Reshape(tape.Shape{s[0], cells, s[3]})
	}
	x = n.head.Forward(n.norm.Forward(x.MeanRows())).Named("logits")
	t.Enter(before)
	return x
}

// Params implements nn.Module.
func (n *net) Params(visit func(*tape.Param)) {
	for _, b := range n.blocks {
		b.Params(visit)
	}
	n.norm.Params(visit)
	n.head.Params(visit)
}

// Buffers implements nn.Buffered.
func (n *net) Buffers(visit func(*tape.Running)) {
	for _, b := range n.blocks {
		b.Buffers(visit)
	}
}

// attentions are the attention layers in the order in which they run.
func (n *net) attentions() []*attention {
	var out []*attention
	for _, b := range n.blocks {
		b.parts(func(p part) {
			if a, ok := p.(*attention); ok {
				out = append(out, a)
			}
		})
	}
	return out
}

// Reach is the set of pixels on which a set of cells of the last map depends, in evaluation.
func (n *net) Reach(out mask) mask {
	for i := len(n.blocks) - 1; i >= 0; i-- {
		out = n.blocks[i].Reach(out)
	}
	return out
}
