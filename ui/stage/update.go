package stage

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
)

// matrix is one tensor as the stage draws it: rows down, columns across, entry (i, j) read from a buffer.
type matrix struct {
	part       Part
	name       string // "ΔW"
	rows, cols int
	at         func(i, j int) float64
	most       float64 // the value drawn at full strength
}

// drawn is the update of a picture ready to draw. Matrices stand as in the paper, [out, in], unless that is much
// taller than wide: then everything is transposed, and the names say so.
type drawn struct {
	frozen, update matrix
	left, right    matrix // the factors, where factored
	transposed     bool
	factored       bool
}

func (p *Picture) update() drawn {
	in, out, r := p.Rows, p.Cols, p.Rank
	u, fa, fb := p.buffers[bufUpdate], p.buffers[bufA], p.buffers[bufB]
	d := drawn{transposed: out > in, factored: r > 0}
	// Stored: ΔW [in, out], A [in, r], B [r, out].
	paperW := matrix{PartUpdate, "ΔW", out, in, func(i, j int) float64 { return float64(u[j*out+i]) }, largest(u)}
	paperA := matrix{PartA, "A", r, in, func(i, j int) float64 { return float64(fa[j*r+i]) }, largest(fa)}
	paperB := matrix{PartB, "B", out, r, func(i, j int) float64 { return float64(fb[j*out+i]) }, largest(fb)}
	frozen := matrix{part: PartFrozen, name: "W₀", rows: out, cols: in}
	if d.transposed {
		d.frozen, d.update, d.left, d.right = frozen.flip(), paperW.flip(), paperA.flip(), paperB.flip()
	} else {
		d.frozen, d.update, d.left, d.right = frozen, paperW, paperB, paperA
	}
	return d
}

func (m matrix) flip() matrix {
	t := matrix{m.part, m.name + "ᵀ", m.cols, m.rows, nil, m.most}
	if m.at != nil {
		t.at = func(i, j int) float64 { return m.at(j, i) }
	}
	return t
}

// update draws the strip below and returns the height of the whole scene.
func (b *builder) update() float64 {
	p, s, y := b.p, b.s, b.l.strip
	s.box(Box{Rect: Rect{0, y, s.W, 1}, Fill: ink("line")})
	y += 10
	if p.Rows == 0 || p.Cols == 0 {
		s.text(Text{X: 0, Y: y + 14, Size: small, Ink: ink("ink-2"), S: "This arm changes no weight matrix:"})
		s.text(Text{X: 0, Y: y + 14 + lineHeight, Size: small, Ink: ink("ink-2"), S: "only its new head is trained."})
		return y + 14 + 2*lineHeight
	}
	y = b.chooser(y) + 20
	d := p.update()
	const sign, apart = 22.0, 54.0 // room for "+" and "·", and for "= α/r ·" before the product

	first := d.frozen.cols + d.update.cols
	second := d.left.cols + d.right.cols
	one, gaps := first, sign
	if d.factored {
		one, gaps = first+second, 2*sign+apart
	}
	most := math.Round(cellMost * b.v.Scale)
	fit := func(cells int, gaps float64) float64 {
		return min(math.Floor((s.W-gaps-4)*b.v.Scale/float64(cells)), most)
	}
	k := fit(one, gaps)
	oneRow := true
	if d.factored {
		if k2 := min(fit(first, sign), fit(second, sign+apart)); k2 > k {
			k, oneRow = k2, false
		}
	}
	cell := k / b.v.Scale
	if k < 1 { // not even one device pixel each: entries are averaged
		cell = (s.W - sign - 4) / float64(first)
		if d.factored {
			cell = min(cell, (s.W-sign-apart-4)/float64(second))
		}
		oneRow = !d.factored
	}

	x := 2.0
	frozen := b.place(d.frozen, x, y, cell)
	b.hatched(d.frozen, frozen)
	x = frozen.X + frozen.W
	b.sign("+", x+sign/2, y+frozen.H/2)
	update := b.place(d.update, x+sign, y, cell)
	b.signed(d.update, update)
	bottom := y + frozen.H
	right := update.X + update.W
	if d.factored {
		x, top := right+apart, y
		if !oneRow {
			x, top = 2+apart, bottom+36
		}
		left := b.place(d.left, x, top, cell)
		b.signed(d.left, left)
		dot := left.X + left.W + sign/2
		other := b.place(d.right, dot+sign/2, top, cell)
		b.sign("·", dot, top+other.H/2)
		b.signed(d.right, other)
		b.crosshair(d, update, left, other)
		bottom = max(bottom, top+max(left.H, other.H))
		right = max(right, other.X+other.W)
		b.sign("= α/r ·", left.X-apart/2, left.Y+left.H/2)
		// A wide, flat factor leaves room below it.
		below := Rect{other.X, top + other.H + 12, other.W, bottom - top - other.H - 12}
		if below.W >= 124 && below.H >= 14+4*lineHeight {
			return max(bottom, b.facts(d, below.X, below.Y)) + 6
		}
	} else {
		b.crosshair(d, update, Rect{}, Rect{})
	}
	if x := right + 24; s.W-x >= 150 {
		return max(bottom, b.facts(d, x, y)) + 6
	}
	return b.facts(d, 2, bottom+14) + 6
}

// chooser draws the buttons that pick matrix and layer, and returns the y below them.
func (b *builder) chooser(y float64) float64 {
	p, h := b.p, chipHeight(b.v)
	w := 30.0
	if b.v.Coarse {
		w = 40
	}
	base := y + h/2 + 4
	title := "Update of"
	if b.l.wide {
		title = "What training added to"
	}
	b.s.text(Text{X: 0, Y: base, Size: small, Bold: true, Ink: ink("ink"), S: title})
	x := 64.0
	if b.l.wide {
		x = 142
	}
	for _, name := range p.Matrices {
		wide := w
		if len(name) > 2 {
			wide += 6
		}
		if x+wide > b.s.W {
			x, y = 0, y+h+4
			base = y + h/2 + 4
		}
		x += b.chip(x, y, wide, name, name == p.Matrix, Hit{Kind: HitMatrix, Matrix: name}) - 1
	}
	x += 10
	if x+46+float64(p.Layers)*w > b.s.W {
		x, y = 0, y+h+4
		base = y + h/2 + 4
	}
	b.s.text(Text{X: x, Y: base, Size: small, Ink: ink("ink-2"), S: "in layer"})
	x += 50
	for layer := range p.Layers {
		x += b.chip(x, y, w, strconv.Itoa(layer+1), layer == p.Frame.Layer, Hit{Kind: HitLayer, Layer: layer}) - 1
	}
	return y + h
}

// place reserves the area of a matrix and writes its name and size above it.
func (b *builder) place(m matrix, x, y, cell float64) Rect {
	r := Rect{x, y, float64(m.cols) * cell, float64(m.rows) * cell}
	label := Text{X: x, Y: y - 6, Size: micro, Ink: ink("train-ink"), Bold: true, S: m.name}
	if m.part == PartFrozen {
		label.Ink = ink("frozen-ink")
	}
	// A thin factor stands next to a sign: its name gets no size, there is no room for it.
	if r.W >= 56 {
		label.S += fmt.Sprintf("  %d × %d", m.rows, m.cols)
	}
	b.s.text(label)
	b.part(m.part, r)
	return r
}

func (b *builder) sign(s string, x, y float64) {
	b.s.text(Text{X: x, Y: y + 5, Size: 14, Anchor: Middle, Ink: ink("ink-2"), S: s})
}

// hatched draws the frozen matrix: it is there, to scale, and does not move.
func (b *builder) hatched(m matrix, r Rect) {
	b.s.box(Box{Rect: r, Fill: ink("frozen-soft"), Hatch: ink("frozen"), Stroke: ink("frozen"), Line: 1})
	b.s.text(Text{X: r.X + r.W/2, Y: r.Y + r.H/2 + 4, Size: micro, Anchor: Middle, Ink: ink("ink"), Bold: true, S: "frozen"})
	b.s.box(Box{Rect: Rect{r.X + r.W/2 - 23, r.Y + r.H/2 - 8, 46, 16}, Fill: ink("frozen-soft")})
}

// signed draws a matrix in the diverging scale, symmetric about zero.
func (b *builder) signed(m matrix, r Rect) {
	cells := make([]color.NRGBA, m.rows*m.cols)
	top := positive(m.most)
	for i := range m.rows {
		for j := range m.cols {
			cells[i*m.cols+j] = Diverging(m.at(i, j) / top)
		}
	}
	b.s.raster(Raster{Rect: r, Rows: m.rows, Cols: m.cols, Cells: cells, Label: m.name})
	b.s.box(Box{Rect: r.grow(1), Stroke: ink("line-2"), Line: 1})
	b.s.target(r, Hit{Kind: HitCell, Part: m.part}, m.rows, m.cols)
}

// crosshair marks, for the entry of ΔW pointed at, the row and the column whose product it is.
func (b *builder) crosshair(d drawn, update, left, right Rect) {
	i, j := b.v.Row, b.v.Col
	if i < 0 || j < 0 || i >= d.update.rows || j >= d.update.cols {
		return
	}
	frame := func(r Rect) { b.s.box(Box{Rect: r.grow(1.5), Stroke: ink("ink"), Line: 1}) }
	frame(inner(update, d.update.rows, d.update.cols, i, j))
	if !d.factored {
		return
	}
	row := inner(left, d.left.rows, d.left.cols, i, 0)
	frame(Rect{left.X, row.Y, left.W, row.H})
	col := inner(right, d.right.rows, d.right.cols, 0, j)
	frame(Rect{col.X, right.Y, col.W, right.H})
}

// facts writes scale, size and the entry pointed at, and returns the y below them.
func (b *builder) facts(d drawn, x, y float64) float64 {
	s := b.s
	bar, cells := 62.0, make([]color.NRGBA, 63)
	for i := range cells {
		cells[i] = Diverging(float64(i-31) / 31)
	}
	low, high := "−"+number(d.update.most), number(d.update.most)
	if d.update.most == 0 { // nothing has moved: the scale is one colour
		low, high, bar, cells = "", "0", 14, []color.NRGBA{Diverging(0)}
	}
	lowWide := 7 * float64(len([]rune(low)))
	if low != "" {
		s.text(Text{X: x, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: low})
	}
	s.raster(Raster{Rect: Rect{x + lowWide, y + 1, bar, 9}, Rows: 1, Cols: len(cells), Cells: cells, Label: "Scale of ΔW"})
	s.box(Box{Rect: Rect{x + lowWide - 1, y, bar + 2, 11}, Stroke: ink("line-2"), Line: 1})
	s.text(Text{X: x + lowWide + bar + 6, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: high})
	y += 14
	for _, line := range b.p.updateLines(b.v) {
		s.text(Text{X: x, Y: y + 12, Size: small, Ink: ink("ink-2"), S: line})
		y += lineHeight
	}
	return y
}

// number writes a weight with two significant digits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 2, 64) }
