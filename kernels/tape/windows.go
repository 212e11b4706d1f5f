package tape

import "petri/kernels/f32"

// Windows cuts maps into squares of side×side pixels that do not overlap, each an example of its own:
// [n, h, w, c] → [n·(h/side)·(w/side), side², c]. The windows of a map follow each other row by row, and so do the pixels of
// a window. Nothing is kept. Where a window is the whole map, it is x reshaped, without a copy.
func (x Var) Windows(side int) Var {
	s := x.node().shape
	if s.Rank() != 4 {
		x.fail("windows", "", Shape{-1, -1, -1, -1}, s)
	}
	if side <= 0 || s[1]%side != 0 || s[2]%side != 0 {
		x.fail("windows", "", Shape{s[0], upTo(s[1], side), upTo(s[2], side), s[3]}, s)
	}
	if s[1] == side && s[2] == side {
		return x.Reshape(Shape{s[0], side * side, s[3]})
	}
	t, g := x.t, squares{s, side}
	xd := x.node().data
	y, yd := t.fresh("windows", g.windows(), x.node().needs)
	g.cut(yd, xd, false)
	if y.Trained() {
		t.record(record{back: windowsBack, out: y.i, x: x.i, n: [3]int{side}})
	}
	return y
}

func windowsBack(t *Tape, r *record, dy []float32) {
	dx, first := t.sink(r.x)
	squares{t.nodes[r.x].shape, r.n[0]}.join(dx, dy, !first)
}

// Unwindow puts what Windows(side) has cut out of maps of h×w pixels together again:
// [n·(h/side)·(w/side), side², c] → [n, h, w, c]. Nothing is kept.
func (x Var) Unwindow(side, h, w int) Var {
	windows, _, c := x.tokens("unwindow")
	s := x.node().shape
	per := 1
	if side > 0 {
		per = max(1, (h/side)*(w/side))
	}
	g := squares{Shape{windows / per, h, w, c}, side}
	if side <= 0 || h <= 0 || w <= 0 || h%side != 0 || w%side != 0 {
		x.fail("unwindow", "", Shape{-1, upTo(h, side), upTo(w, side), c}, Shape{-1, h, w, c})
	}
	if g.windows() != s {
		x.fail("unwindow", "", Shape{max(1, windows/per) * per, side * side, c}, s)
	}
	if h == side && w == side {
		return x.Reshape(g.maps)
	}
	t := x.t
	xd := x.node().data
	y, yd := t.fresh("unwindow", g.maps, x.node().needs)
	g.join(yd, xd, false)
	if y.Trained() {
		t.record(record{back: unwindowBack, out: y.i, x: x.i, n: [3]int{side}})
	}
	return y
}

func unwindowBack(t *Tape, r *record, dy []float32) {
	dx, first := t.sink(r.x)
	squares{t.nodes[r.out].shape, r.n[0]}.cut(dx, dy, !first)
}

// upTo is the next length that side divides, for messages.
func upTo(n, side int) int {
	if side <= 0 {
		return n
	}
	return max(1, (n+side-1)/side) * side
}

// squares is the geometry of windows of side×side pixels in maps [n, h, w, c].
type squares struct {
	maps Shape
	side int
}

// windows is the shape of the windows.
func (g squares) windows() Shape {
	n, h, w, c := g.maps[0], g.maps[1], g.maps[2], g.maps[3]
	return Shape{n * (h / g.side) * (w / g.side), g.side * g.side, c}
}

// cut copies, or adds, maps into windows; join is the way back.
func (g squares) cut(windows, maps []float32, add bool) {
	run := g.side * g.maps[3]
	for i := 0; i < len(windows); i += run {
		put(windows[i:][:run], maps[g.at(i/run):], add)
	}
}

func (g squares) join(maps, windows []float32, add bool) {
	run := g.side * g.maps[3]
	for i := 0; i < len(windows); i += run {
		put(maps[g.at(i/run):][:run], windows[i:], add)
	}
}

// at is where row number i of all windows starts in the maps.
func (g squares) at(i int) int {
	h, w, c := g.maps[1], g.maps[2], g.maps[3]
	y, i := i%g.side, i/g.side
	x, i := i%(w/g.side), i/(w/g.side)
	down, n := i%(h/g.side), i/(h/g.side)
	return ((n*h+down*g.side+y)*w + x*g.side) * c
}

func put(dst, src []float32, add bool) {
	if add {
		f32.Add(dst, src[:len(dst)])
	} else {
		copy(dst, src)
	}
}
