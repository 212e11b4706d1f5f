package tape

import "petri/kernels/f32"

// TakeRows takes tokens of every example by their places: [n, t, d] and places [n, k] → [n, k, d]. A place may be taken
// more than once. The places are kept.
func (x Var) TakeRows(places []int32) Var {
	n, m, d := x.tokens("take rows")
	k := len(places) / n
	if k == 0 || k*n != len(places) {
		x.fail("take rows", "places", Shape{n, -1}, Shape{len(places)})
	}
	for _, at := range places {
		if at < 0 || int(at) >= m {
			x.fail("take rows", "", Shape{n, int(at) + 1, d}, x.node().shape)
		}
	}
	t := x.t
	y, yd := t.fresh("take rows", Shape{n, k, d}, x.node().needs)
	xd := x.node().data
	for i, at := range places {
		copy(yd[i*d:][:d], xd[(i/k*m+int(at))*d:])
	}
	if y.Trained() {
		from := t.Arena.Words(len(places))
		for i, at := range places {
			from[i] = uint32(i/k*m + int(at))
		}
		t.record(record{back: takeRowsBack, out: y.i, x: x.i, keep: [2]Kept{t.keepPlaces(from)}, n: [3]int{d}})
	}
	return y
}

func takeRowsBack(t *Tape, r *record, dy []float32) {
	d := r.n[0]
	dx := t.zeroSink(r.x)
	for i, from := range r.keep[0].Index {
		f32.Add(dx[int(from)*d:][:d], dy[i*d:][:d])
	}
}

// PutRows puts the tokens of every example at their places among total, and blank [1, d] at all others: [n, k, d] and
// places [n, k] → [n, total, d]. No two tokens of an example have the same place. What stands at each place is kept.
func (x Var) PutRows(places []int32, total int, blank *Param) Var {
	n, k, d := x.tokens("put rows")
	if len(places) != n*k {
		x.fail("put rows", "places", Shape{n, k}, Shape{len(places)})
	}
	if blank.Value.Shape != (Shape{1, d}) {
		x.fail("put rows", blank.Name, Shape{1, d}, blank.Value.Shape)
	}
	t := x.t
	from := t.Arena.Words(n * max(total, 1)) // 1 + the row of x that stands there; 0 for blank
	clear(from)
	for i, at := range places {
		if at < 0 || int(at) >= total {
			x.fail("put rows", "", Shape{n, int(at) + 1, d}, Shape{n, total, d})
		}
		place := &from[i/k*total+int(at)]
		if *place != 0 {
			panic("tape: put rows: two tokens of an example at one place")
		}
		*place = uint32(i + 1)
	}
	y, yd := t.fresh("put rows", Shape{n, total, d}, x.node().needs || !blank.Frozen)
	xd := x.node().data
	for i, row := range from {
		if row == 0 {
			copy(yd[i*d:][:d], blank.Value.Data)
		} else {
			copy(yd[i*d:][:d], xd[int(row-1)*d:])
		}
	}
	if y.Trained() {
		t.record(record{back: putRowsBack, out: y.i, x: x.i, w: blank, dw: !blank.Frozen, keep: [2]Kept{t.keepPlaces(from)}, n: [3]int{d}})
	}
	return y
}

func putRowsBack(t *Tape, r *record, dy []float32) {
	d := r.n[0]
	var dx, dw []float32
	first := false
	if t.nodes[r.x].needs {
		dx, first = t.sink(r.x) // every row is written once
	}
	if r.dw {
		dw = r.w.zeroSink()
	}
	for i, row := range r.keep[0].Index {
		g := dy[i*d:][:d]
		switch {
		case row == 0 && r.dw:
			f32.Add(dw, g)
		case row > 0 && first:
			copy(dx[int(row-1)*d:], g)
		case row > 0 && dx != nil:
			f32.Add(dx[int(row-1)*d:][:d], g)
		}
	}
}

// keepPlaces counts words that backward will read. They are exact whatever the Keeper does with numbers.
func (t *Tape) keepPlaces(words []uint32) Kept {
	k := Kept{Index: words, Len: len(words), Bytes: 4 * len(words)}
	t.Ledger.add(t.scope, KeptPlaces, k.Bytes)
	return k
}
