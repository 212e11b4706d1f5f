package vpt

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Places outside of the blocks, which neither tape nor closed forms tell apart.
const (
	atEmbedding = "embedding"
	atNorm      = "final norm"
	atHead      = "head"
	atLoss      = "loss"
)

// placed names the place of what is kept: blocks count from 1, as layers do on the stage, what a method keeps in a place of its
// own has its name, and the rest of the model is told apart.
func placed(row tape.Row) string {
	var block int
	switch n, _ := fmt.Sscanf(row.Block, "block%d", &block); {
	case n == 1:
		return fmt.Sprintf("block %d", block+1)
	case row.Block != "":
		return row.Block
	case row.Kind == tape.KeptNorm:
		return atNorm
	case row.Kind == tape.KeptLoss:
		return atLoss
	}
	return atEmbedding
}

// placeOf orders places as a picture passes them; blocks and what methods keep in places of their own stay as they come.
func placeOf(name string) int {
	switch name {
	case atEmbedding:
		return 0
	case atNorm:
		return 2
	case atHead:
		return 3
	case atLoss:
		return 4
	}
	return 1
}

// keep takes one step with so many examples, of which only the sizes count, and lists what it keeps tensor by tensor, beside the
// closed form of the method.
func (f *Fitted) keep(set *wire.TileSet, examples int) {
	model, on := f.Model, tape.New()
	on.Backward(model.Forward(model.Input(on, make([]float32, examples*data.Pixels))).CrossEntropy(make([]int32, examples)))
	for _, p := range nn.Collect(model) {
		set.Packed += p.PackedBytes()
	}
	head := -1 // the last input of a dense layer is that of the head
	for i, r := range on.Ledger.Tensors() {
		if r.Block == "" && r.Kind == tape.KeptInput {
			head = i
		}
		set.Tiles = append(set.Tiles, wire.Tile{Block: placed(r), Kind: r.Kind.String(), Bytes: r.Bytes})
	}
	if head >= 0 {
		set.Tiles[head].Block = atHead
	}
	slices.SortStableFunc(set.Tiles, func(a, b wire.Tile) int { return placeOf(a.Block) - placeOf(b.Block) })
	compareTiles(set, closedForm(f.Method, model.Config, examples))
}

// closedForm is what a method should keep, place by place.
func closedForm(m Method, c nn.Config, examples int) []wire.Tile {
	var out []wire.Tile
	for _, r := range m.Kept(c, examples) {
		n := r.Bytes
		if r.Block == "" && r.Kind == tape.KeptInput {
			head := 4 * examples * c.Width
			out = append(out, wire.Tile{Block: atHead, Kind: r.Kind.String(), Bytes: head})
			n -= head
		}
		if n > 0 {
			out = append(out, wire.Tile{Block: placed(r), Kind: r.Kind.String(), Bytes: n})
		}
	}
	return out
}

// compareTiles fills in the terms: of each kind of tensor in each place, in the order in which a step first keeps some, the sum
// of the tiles and what the closed form says.
func compareTiles(set *wire.TileSet, closed []wire.Tile) {
	add := func(t wire.Tile, closed, measured int) {
		terms := &set.Apart
		if strings.HasPrefix(t.Block, "block") {
			terms = &set.Terms
		}
		for i := range *terms {
			if o := &(*terms)[i]; o.Block == t.Block && o.Kind == t.Kind {
				o.Closed += closed
				o.Measured += measured
				return
			}
		}
		*terms = append(*terms, wire.Term{Block: t.Block, Kind: t.Kind, Closed: closed, Measured: measured})
	}
	for _, t := range set.Tiles {
		add(t, 0, t.Bytes)
	}
	for _, t := range closed {
		add(t, t.Bytes, 0)
	}
}

// sums adds up terms.
func sums(terms []wire.Term) (closed, measured int) {
	for _, t := range terms {
		closed, measured = closed+t.Closed, measured+t.Measured
	}
	return closed, measured
}

// within is what a racer keeps inside of the blocks.
func (c *racer) within() int {
	if c.tiles == nil {
		return 0
	}
	_, n := sums(c.tiles.Terms)
	return n
}

// inspectorFigure shows every tensor that a step keeps.
func (r *run) inspectorFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "inspector", Kind: wire.FigureTiles, Title: "Which tensors are kept?",
		Sub: fmt.Sprintf("every tensor that one step keeps for the backward pass, to scale, %s; beside it the closed form, derived from what is trained", r.perStep())}
	terms, off := 0, 0
	packed := 0
	for _, c := range r.racers {
		if c.tiles == nil {
			continue
		}
		f.Tiles = append(f.Tiles, *c.tiles)
		packed = max(packed, c.tiles.Packed)
		for _, list := range [][]wire.Term{c.tiles.Terms, c.tiles.Apart} {
			for _, t := range list {
				if terms++; t.Closed != t.Measured {
					off++
				}
			}
		}
	}
	if terms == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("In all %d terms the closed form is what was measured, to the byte.", terms)
	if off > 0 {
		f.Caption = fmt.Sprintf("In %d of %d terms the closed form is not what was measured.", off, terms)
	}
	f.Caption += fmt.Sprintf(" Packed copies of weights, up to %s, are not among them: they are made again when they are needed.", words.Bytes(packed))
	return f, true
}
