package moat

import "petri/kernels/data"

// closed is the number of weights of the net by closed forms, from nothing but its sizes and the widths of its MLPs.
func (n *net) closed() int {
	c, r := n.config, n.recipe
	sum := n.closedUpdates()
	hidden := n.hidden()
	mlp := 0 // the next MLP
	dense := func(in, out int) int { return in*out + out }
	block := func(in, out, side int) {
		mixer := func(in int) {
			switch r.mixer {
			case mixMBConv:
				sum += closedMBConv(in, out, c.kernel, r, r.se && !c.probe)
			case mixMLP:
				sum += 2*in + dense(in, hidden[mlp]) + dense(hidden[mlp], out) + closedShortcut(in, out)
				mlp++
			}
		}
		attend := func(in int) {
			if !r.attention {
				return
			}
			sum += 3*dense(in, out) + dense(out, out) + closedShortcut(in, out)
			if r.norm {
				sum += 2 * in
			}
			if r.table {
				sum += max(1, out/headWidth) * (2*side - 1) * (2*side - 1)
			}
		}
		switch {
		case !r.attention || r.mixer == "":
			mixer(in)
			attend(in)
		case r.first:
			mixer(in)
			attend(out)
		default:
			attend(in)
			mixer(out)
		}
	}
	width := 2 * c.width
	if c.probe {
		cells := data.Side / 2
		side := cells
		if r.window && c.window > 0 {
			side = min(side, c.window)
		}
		sum += dense(4*c.channels, width)
		if c.places {
			sum += cells * cells * width
		}
		if r.stacked {
			sum += (c.depth + 1) / 2 * closedMBConv(width, width, c.kernel, r, false)
		}
		for range c.depth {
			block(width, width, side)
		}
		return sum + 2*width + dense(width, c.classes)
	}
	sum += 9*c.channels*c.width + 2*c.width + 9*c.width*c.width
	sum += closedMBConv(c.width, c.width, c.kernel, plain, r.early) // the same for all
	if c.places {
		sum += stemSide * stemSide * c.width
	}
	sides := c.sides()
	if r.stacked {
		sum += closedMBConv(c.width, width, c.kernel, r, r.early) + (2*c.depth-1)*closedMBConv(width, width, c.kernel, r, r.early)
		sum += dense(4*width, 2*width)
		for range c.depth {
			block(2*width, 2*width, sides[1])
		}
	} else {
		in := c.width
		for stage, out := range [2]int{width, 2 * width} {
			for range c.depth {
				block(in, out, sides[stage])
				in = out
			}
		}
	}
	return sum + 2*2*width + dense(2*width, c.classes)
}

// closedTrained is the number of those that are trained.
func (n *net) closedTrained() int {
	last := 4 * n.width
	if n.probe {
		last = 2 * n.width
	}
	if n.recipe.frozen() {
		return n.closedUpdates() + last*n.classes + n.classes
	}
	return n.closed()
}

// closedUpdates counts the numbers of all updates of low rank: for a convolution of k×k pixels r·k²·(in + out) in the view
// of loralib, r·(k²·in + out) in PEFT's way.
func (n *net) closedUpdates() int {
	c, r := n.config, n.recipe
	sum := 0
	if !r.adapts() {
		return 0
	}
	add := func(k, in, out int) {
		if r.start == loraView {
			sum += c.rank * k * k * (in + out)
		} else {
			sum += c.rank * (k*k*in + out)
		}
	}
	bottleneck := func(in, out int) {
		wide := out
		if r.expand {
			wide *= expansion
		}
		add(1, in, wide)
		add(1, wide, out)
	}
	shortcut := func(in, out int) {
		if in != out {
			add(1, in, out)
		}
	}
	hidden := n.hidden()
	block := func(in, out int) {
		shortcut(in, out)
		if r.attention && !r.first {
			in = out
		}
		switch r.mixer {
		case mixMBConv:
			bottleneck(in, out)
		case mixMLP:
			add(1, in, hidden[0])
			add(1, hidden[0], out)
			hidden = hidden[1:]
		}
	}
	width := 2 * c.width
	if c.probe {
		add(2, c.channels, width)
		if r.stacked {
			for range (c.depth + 1) / 2 {
				bottleneck(width, width)
			}
		}
		for range c.depth {
			block(width, width)
		}
		return sum
	}
	add(3, c.channels, c.width)
	add(3, c.width, c.width)
	add(1, c.width, expansion*c.width)
	add(1, expansion*c.width, c.width)
	in := c.width
	if r.stacked {
		for range 2 * c.depth {
			shortcut(in, width)
			bottleneck(in, width)
			in = width
		}
		add(2, width, 2*width)
		for range c.depth {
			block(2*width, 2*width)
		}
		return sum
	}
	for _, out := range [2]int{width, 2 * width} {
		for range c.depth {
			block(in, out)
			in = out
		}
	}
	return sum
}

// closedMBConv counts the weights of an inverted bottleneck.
func closedMBConv(in, out, k int, r recipe, gate bool) int {
	wide := out
	if r.expand {
		wide *= expansion
	}
	n := 2*in + in*wide + 2*wide + wide*out + out + closedShortcut(in, out)
	if r.spatial {
		n += k*k*wide + 2*wide
	}
	if gate {
		s := max(1, out/4)
		n += 2*wide*s + s + wide
	}
	return n
}

// closedShortcut counts the 1×1 convolution of a shortcut whose channels change.
func closedShortcut(in, out int) int {
	if in == out {
		return 0
	}
	return in*out + out
}

// hidden are the widths of the net's MLPs in the order in which they run.
func (n *net) hidden() []int {
	var out []int
	for _, b := range n.blocks {
		for _, br := range b.branches {
			for i, p := range br.main {
				if _, ok := p.(gelus); ok {
					out = append(out, bare(br.main[i-1]).(*pointwise).W.Value.Shape[1])
				}
			}
		}
	}
	return out
}
