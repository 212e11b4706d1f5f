package moat

import (
	"fmt"
	"math"
	"math/rand/v2"

	"petri/kernels/nn"
)

// spread is the standard deviation of fresh kernels that sum over so many inputs: it keeps the size of what passes.
// Departure: the official nets draw theirs with 0.02. At a twentieth of their width attention would begin as nothing but a
// mean, and the racers without batch norm behind every layer would stand still for most of a short run.
func spread(inputs int) float64 { return 1 / math.Sqrt(float64(inputs)) }

// dense is a dense layer with weights of that spread.
func dense(r *rand.Rand, name string, in, out int) *nn.Linear {
	l := nn.NewLinear(nil, name, in, out)
	nn.Normal(r, l.W.Value.Data, spread(in))
	return l
}

// expansion is how much wider than the block its inverted bottleneck is.
const expansion = 4

// squeeze is the width inside squeeze-and-excitation, as a share of the block's.
const squeeze = 0.25

// kitchen makes parts. With random nil their weights are zero, to be counted only.
type kitchen struct {
	random *rand.Rand
	recipe recipe
	kernel int // side of the depth-wise windows
}

// at is a place in a net: the map that comes in, the channels that go out, and the step of the window between.
type at struct {
	name   string
	in     [3]int
	out    int
	stride int
	side   int // of attention's windows, in cells of the map that goes out
}

func (a at) outShape() [3]int {
	return [3]int{halved(a.in[0], a.stride), halved(a.in[1], a.stride), a.out}
}

// block is an attention block at a place. hidden is the width of its MLP, where it has one.
func (k kitchen) block(a at, hidden int) *block {
	b := &block{name: a.name, in: a.in, kind: k.kind()}
	mixer := func(a at) {
		switch k.recipe.mixer {
		case mixMBConv:
			b.branches = append(b.branches, k.mbconv(a, k.recipe.se))
		case mixMLP:
			b.branches = append(b.branches, k.mlp(a, hidden))
		}
	}
	attend := func(a at) {
		if k.recipe.attention {
			b.branches = append(b.branches, k.attend(a))
		}
	}
	two := [2]func(at){attend, mixer}
	if k.recipe.first {
		two = [2]func(at){mixer, attend}
	}
	for _, add := range two {
		before := len(b.branches)
		add(a)
		if len(b.branches) > before { // the first branch changes the map, what follows keeps it
			a.in, a.stride = a.outShape(), 1
		}
	}
	return b
}

// kind names the block for people.
func (k kitchen) kind() string {
	switch r := k.recipe; {
	case r.attention && r.mixer == mixMBConv && r.first:
		return "MOAT"
	case r.attention && r.mixer == mixMBConv:
		return "attention + MBConv"
	case r.attention && r.mixer == mixMLP:
		return "Transformer"
	case r.attention:
		return "attention"
	case r.mixer == mixMBConv:
		return "MBConv"
	}
	return "MLP"
}

// mbconv is the inverted bottleneck (Sandler et al. 2018) as MOAT has it: norms before, the stride in the depth-wise
// convolution, squeeze-and-excitation before the shrinking where asked for.
func (k kitchen) mbconv(a at, gate bool) branch {
	r, layer := k.random, k.recipe.layer
	wide := a.out
	if k.recipe.expand {
		wide *= expansion
	}
	main := []part{
		newNorm(a.name+"/mbconv/norm", a.in[2], layer, false),
		newPointwise(r, a.name+"/mbconv/expand", a.in[2], wide, false, "expand", "Makes room: more channels for the windows to work in."),
		newNorm(a.name+"/mbconv/norm1", wide, layer, true),
	}
	stride := a.stride
	if k.recipe.pool || !k.recipe.spatial {
		stride = 1
	}
	if k.recipe.spatial {
		main = append(main,
			&depthwise{nn.NewDepthwise(r, a.name+"/mbconv/depthwise", k.kernel, wide, stride, spread(k.kernel*k.kernel))},
			newNorm(a.name+"/mbconv/norm2", wide, layer, true))
	}
	if stride != a.stride {
		main = append(main, pool{})
	}
	if gate {
		main = append(main, newExcite(r, a.name+"/mbconv/gate", wide, max(1, int(squeeze*float64(a.out)))))
	}
	main = append(main, newPointwise(r, a.name+"/mbconv/shrink", wide, a.out, true, "shrink", "Back to the block's own width."))
	return branch{main: main, skip: k.shortcut(a, "mbconv")}
}

// attend is attention over the map, after a layer norm, and after pooling where it has to halve the map.
func (k kitchen) attend(a at) branch {
	var main []part
	if k.recipe.norm {
		main = append(main, newNorm(a.name+"/norm", a.in[2], true, false))
	}
	if a.stride > 1 {
		main = append(main, pool{})
	}
	o := a.outShape()
	main = append(main, newAttention(k.random, a.name, a.in[2], a.out, o[0], o[1], a.side, k.recipe.table))
	return branch{main: main, skip: k.shortcut(a, "attend")}
}

// mlp is the MLP of a Transformer block.
func (k kitchen) mlp(a at, hidden int) branch {
	main := []part{newNorm(a.name+"/mlp/norm", a.in[2], true, false)}
	if a.stride > 1 {
		main = append(main, pool{})
	}
	main = append(main,
		newPointwise(k.random, a.name+"/mlp/fc1", a.in[2], hidden, true, "mlp", "The first layer of the MLP: every cell alone."),
		gelus{},
		newPointwise(k.random, a.name+"/mlp/fc2", hidden, a.out, true, "mlp", "The second layer of the MLP, back to the block's width."))
	return branch{main: main, skip: k.shortcut(a, "mlp")}
}

// shortcut is how the input reaches the sum: averaged where the map is halved, through a 1×1 convolution where its
// channels change.
func (k kitchen) shortcut(a at, of string) []part {
	var skip []part
	if a.stride > 1 {
		skip = append(skip, pool{})
	}
	if a.in[2] != a.out {
		skip = append(skip, newPointwise(k.random, a.name+"/"+of+"/shortcut", a.in[2], a.out, true, "shortcut", "The shortcut takes on the new number of channels."))
	}
	return skip
}

// twin is the MOAT block that a block with an MLP is measured against: the same place, positions and windows.
func (k kitchen) twin() kitchen {
	r := blocks(armMOAT)
	r.table, r.window, r.layer = k.recipe.table, k.recipe.window, k.recipe.layer
	return kitchen{recipe: r, kernel: k.kernel}
}

// matched is the width of the MLP with which a block at a place has as many weights as its twin, in steps of four.
func (k kitchen) matched(a at) int {
	if k.recipe.mixer != mixMLP {
		return 0
	}
	bare := k
	bare.random = nil
	return width(counted(k.twin().block(a, 0)), func(h int) int { return counted(bare.block(a, h)) })
}

// width finds the width at which a count that grows evenly with it comes nearest to a number, in steps of four.
func width(want int, count func(int) int) int {
	one := count(1)
	each := count(2) - one
	exact := 1 + (want-one)/each
	return max(4, (exact+2)/4*4)
}

func blockName(stage, i int) string { return fmt.Sprintf("stage%d.block%d", stage, i+1) }
