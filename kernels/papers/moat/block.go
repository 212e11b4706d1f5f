package moat

import (
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// branch is y = skip(x) + main(x); without a shortcut it is y = main(x).
type branch struct {
	main  []part
	skip  []part // empty for the identity
	plain bool   // there is no shortcut
}

func (b *branch) Forward(x tape.Var) tape.Var {
	last := len(b.main) - 1
	if b.plain {
		return through(b.main, x)
	}
	y, rest := through(b.main[:last], x), through(b.skip, x)
	if end, ok := b.main[last].(adder); ok {
		return end.ForwardAdd(y, rest)
	}
	return b.main[last].Forward(y).Add(rest)
}

func through(parts []part, x tape.Var) tape.Var {
	for _, p := range parts {
		x = p.Forward(x)
	}
	return x
}

// block is some branches, one after another.
type block struct {
	name, kind string
	in         [3]int // rows, columns, channels
	branches   []branch
}

// Forward maps [n, h, w, c] to the map behind the last branch.
func (b *block) Forward(x tape.Var) tape.Var {
	t := x.Tape()
	before := t.Enter(b.name)
	for i := range b.branches {
		x = b.branches[i].Forward(x)
	}
	t.Enter(before)
	return x.Named(b.name)
}

// parts visits all boxes in the order in which they run, shortcuts after their branch.
func (b *block) parts(visit func(part)) {
	for _, br := range b.branches {
		for _, p := range br.main {
			visit(p)
		}
		for _, p := range br.skip {
			visit(p)
		}
	}
}

// Params implements nn.Module.
func (b *block) Params(visit func(*tape.Param)) {
	b.parts(func(p part) { p.Params(visit) })
}

// Buffers implements nn.Buffered.
func (b *block) Buffers(visit func(*tape.Running)) {
	b.parts(func(p part) {
		if n, ok := p.(nn.Buffered); ok {
			n.Buffers(visit)
		}
	})
}

// sketch is the drawing of a chain of parts behind a map, and the map that leaves it.
func sketch(parts []part, in [3]int) ([]wire.Part, [3]int) {
	out := make([]wire.Part, 0, len(parts))
	for _, p := range parts {
		s := p.Sketch(in)
		out, in = append(out, s), s.Out
	}
	return out, in
}

// out is the map that leaves the block.
func (b *block) out() [3]int {
	shape := b.in
	for _, br := range b.branches {
		_, shape = sketch(br.main, shape)
	}
	return shape
}

// structure is the drawing of the block.
func (b *block) structure() wire.StructureBlock {
	s := wire.StructureBlock{Name: b.name, Kind: b.kind, In: b.in, Out: b.in}
	for _, br := range b.branches {
		main, out := sketch(br.main, s.Out)
		skip, _ := sketch(br.skip, s.Out)
		for _, chain := range [2][]wire.Part{main, skip} {
			for _, p := range chain {
				s.Params, s.FLOP = s.Params+p.Params, s.FLOP+p.FLOP
			}
		}
		s.Branches, s.Skips, s.Plain = append(s.Branches, main), append(s.Skips, skip), append(s.Plain, br.plain)
		s.Out = out
	}
	return s
}

// reach is the set of cells of the map that enters a chain on which the set out of the leaving map depends.
func reach(parts []part, out mask, in [3]int) mask {
	shapes := make([][3]int, len(parts))
	for i, p := range parts {
		shapes[i] = in
		in = p.Sketch(in).Out
	}
	for i := len(parts) - 1; i >= 0; i-- {
		out = parts[i].Reach(out, shapes[i][0], shapes[i][1])
	}
	return out
}

// Reach is the same for a whole block.
func (b *block) Reach(out mask) mask {
	shapes := make([][3]int, len(b.branches))
	shape := b.in
	for i, br := range b.branches {
		shapes[i] = shape
		_, shape = sketch(br.main, shape)
	}
	for i := len(b.branches) - 1; i >= 0; i-- {
		br := b.branches[i]
		in := reach(br.main, out, shapes[i])
		if !br.plain {
			in = in.or(reach(br.skip, out, shapes[i]))
		}
		out = in
	}
	return out
}
