package tape

import "petri/kernels/f32"

// RelativeBias is the bias of attention over a map of h×w pixels from a table of relative positions, one for each head:
// [heads, 2H-1, 2W-1] → [heads, h·w, h·w], the entry at [yi-yj+h-1, xi-xj+w-1] for the pixel i that asks and the pixel j
// that is looked at. Nothing is kept.
//
// A table made for a map of another size is resized first, so that its ends, the largest offsets, and its middle, the
// pixel itself, stay the ends and the middle. Departure: the official MOAT resizes by the centres of cells, which moves
// the ends inwards; and it counts offsets from i to j, so that its tables are ours turned by half a turn.
func (t *Tape) RelativeBias(table *Param, h, w int) Var {
	s := table.Value.Shape
	if s.Rank() != 3 || s[1]%2 == 0 || s[2]%2 == 0 {
		panic(ShapeError{"relative bias", table.Name, Shape{-1, 2*h - 1, 2*w - 1}, s})
	}
	if h <= 0 || w <= 0 {
		panic(ShapeError{"relative bias", t.scope, Shape{-1, -1}, Shape{h, w}})
	}
	y, yd := t.fresh("relative bias", Shape{s[0], h * w, h * w}, !table.Frozen)
	if at, resized := relativeTable(s, h, w); resized {
		small := t.gradient(at.Len())
		f32.Resize(small, table.Value.Data, s[0], at[1], at[2], s[1], s[2])
		f32.RelativeBias(yd, small, s[0], h, w)
		t.release(small)
	} else {
		f32.RelativeBias(yd, table.Value.Data, s[0], h, w)
	}
	if y.Trained() {
		t.record(record{back: relativeBack, out: y.i, w: table, n: [3]int{h, w}})
	}
	return y
}

// relativeTable is the shape of the table that a map of h×w pixels reads, and whether it differs from the shape s.
func relativeTable(s Shape, h, w int) (at Shape, resized bool) {
	at = Shape{s[0], 2*h - 1, 2*w - 1}
	return at, at != s
}

func relativeBack(t *Tape, r *record, dy []float32) {
	s, h, w := r.w.Value.Shape, r.n[0], r.n[1]
	g := r.w.zeroSink()
	at, resized := relativeTable(s, h, w)
	if !resized {
		f32.RelativeBiasBack(g, dy, s[0], h, w)
		return
	}
	small := t.gradient(at.Len())
	clear(small)
	f32.RelativeBiasBack(small, dy, s[0], h, w)
	f32.ResizeBack(g, small, s[0], at[1], at[2], s[1], s[2])
	t.release(small)
}
