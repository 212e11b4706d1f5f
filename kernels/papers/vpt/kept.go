package vpt

import (
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// The closed form of what one step keeps for the backward pass, derived from what is trained and not from the tape, whose
// ledger a test compares with it row by row, to the byte. It is the table of the specs (0.3) with its forgotten terms: a
// block keeps per token, of width d with h heads over t tokens and MLP width f,
//
//	                          all trained   nothing but a gradient passing
//	layer norms, and 1/σ      2·(d + 1)     2·(d + 1)
//	inputs of dense layers    3·d + f       -
//	q, k, v                   3·d           3·d
//	attention                 h·t           h·t
//	derivative of GELU        f             f
//
// and the lowest block that holds something trained keeps less: no gradient passes to what lies below.

// The layers of a block, in the order in which they run.
const (
	atQ = iota
	atK
	atV
	atO
	atFC1
	atFC2
	inBlock
)

// form is what a method trains in a model of a size. All blocks are alike.
type form struct {
	nn.Config
	block     blockForm
	embedding bool // something before the blocks is trained
	patch     bool // the patches' matrix is
	gain      bool // of the last norm
	shift     bool // its bias is
}

// blockForm is what is trained in a block, and what a method adds.
type blockForm struct {
	layers        [inBlock]layerForm
	gains, shifts [2]bool // of the norms
	beside        []share // of a branch beside the MLP
}

// layerForm is what is trained in a layer, and what a method adds to it.
type layerForm struct {
	w, b  bool
	input bool    // the layer's input is kept for what the method adds
	extra []share // what else it keeps
}

// share is something that a method keeps.
type share struct {
	kind    tape.Kind
	each    int  // numbers for each token
	bits    int  // bits for each token, in whole words of all tokens
	once    int  // numbers for the whole step
	passing bool // only where a gradient passes to what the method reads
}

// keptBottleneck is what a bottleneck keeps: what it reads, the activation, and what the second layer reads.
func keptBottleneck(d, b int, act Activation, dropout bool) []share {
	s := []share{{kind: tape.KeptInput, each: d + b}}
	if act == ReLU {
		s = append(s, share{kind: tape.KeptReLU, bits: b})
	} else {
		s = append(s, share{kind: tape.KeptGELU, each: b})
	}
	if dropout {
		s = append(s, share{kind: tape.KeptMask, bits: b})
	}
	return s
}

// withNorms adds that the layer norms are trained.
func (f form) withNorms(trained bool) form {
	if trained {
		f.block.gains, f.block.shifts = [2]bool{true, true}, [2]bool{true, true}
		f.gain, f.shift = true, true
	}
	return f
}

// rows lists what a step of some examples keeps: block by block, and then what lies outside of blocks, together.
func (f form) rows(examples int) []tape.Row {
	var rows []tape.Row
	passing := f.embedding
	model := tally{}
	if f.patch {
		model.add(tape.KeptInput, examples*f.Patches()*f.PatchLen())
	}
	for i := range f.Depth {
		var t tally
		t, passing = f.of(passing, examples)
		rows = t.rows(rows, blockName(i))
	}
	if passing || f.gain {
		model.add(tape.KeptNorm, examples*f.Width)
	}
	if passing {
		model.add(tape.KeptNorm, examples)
	}
	model.add(tape.KeptInput, examples*f.Width) // of the head
	model.add(tape.KeptLoss, examples*f.Classes)
	return model.rows(rows, "")
}

// of is what one block keeps, given whether a gradient is to pass to what lies below, and whether one passes through to it
// from above.
func (f form) of(below bool, examples int) (t tally, passing bool) {
	t = tally{}
	b, tokens := &f.block, examples*f.Tokens()
	norm := func(i int, x bool) bool {
		if x || b.gains[i] {
			t.add(tape.KeptNorm, tokens*f.Width)
		}
		if x {
			t.add(tape.KeptNorm, tokens)
		}
		return x || b.gains[i] || b.shifts[i]
	}
	// layer adds what a layer keeps besides its input, and tells whether a gradient passes through its result.
	layer := func(i int, x bool) bool {
		l := &b.layers[i]
		passes := x || l.w || l.b || l.input || len(l.extra) > 0
		t.shares(l.extra, tokens, passes && x)
		return passes
	}
	input := func(width int, of ...int) {
		for _, i := range of {
			if b.layers[i].w || b.layers[i].input {
				t.add(tape.KeptInput, tokens*width)
				return
			}
		}
	}

	h := norm(0, below)
	input(f.Width, atQ, atK, atV)
	dq, dk, dv := layer(atQ, h), layer(atK, h), layer(atV, h)
	if dq || dk || dv {
		t.add(tape.KeptProbs, tokens*f.Heads*f.Tokens())
	}
	if dk {
		t.add(tape.KeptHeads, tokens*f.Width) // q
	}
	if dq {
		t.add(tape.KeptHeads, tokens*f.Width) // k
	}
	if dq || dk {
		t.add(tape.KeptHeads, tokens*f.Width) // v
	}
	input(f.Width, atO)
	x := layer(atO, dq || dk || dv) || below
	h = norm(1, x)
	input(f.Width, atFC1)
	h = layer(atFC1, h)
	if h {
		t.add(tape.KeptGELU, tokens*f.Hidden)
	}
	input(f.Hidden, atFC2)
	y := layer(atFC2, h) || x
	t.shares(b.beside, tokens, x)
	return t, y || len(b.beside) > 0
}

// tally adds up bytes by kind.
type tally map[tape.Kind]int

func (t tally) add(kind tape.Kind, numbers int) { t[kind] += 4 * numbers }

func (t tally) shares(list []share, tokens int, passing bool) {
	for _, s := range list {
		if passing || !s.passing {
			t.add(s.kind, tokens*s.each+(tokens*s.bits+31)/32+s.once)
		}
	}
}

// rows appends what is not empty, in the order of the kinds.
func (t tally) rows(rows []tape.Row, block string) []tape.Row {
	for kind := tape.Kind(0); len(t) > 0; kind++ {
		if n := t[kind]; n > 0 {
			rows = append(rows, tape.Row{Block: block, Kind: kind, Bytes: n})
		}
		delete(t, kind)
	}
	return rows
}

func blockName(i int) string { return "block" + strconv.Itoa(i) }
