package stage

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// Sizes of the picture with grids, in CSS pixels.
const (
	mapLeast   = 56.0 // side of a map: room for its two numbers
	mapMost    = 96.0
	mapApart   = 8.0
	distanceAt = 18.0 // height of a layer in the plot of distances
	cardApart  = 26.0
	wideFrom   = 500.0
)

// buildGrids draws a picture with grids: the image, where every head of every layer looks from one place of it, how far
// the heads look, and the panels.
func buildGrids(p *Picture, v View) *Scene {
	b := &builder{p: p, v: v, s: &Scene{W: max(v.Width, 240)}, parts: map[Part][]Rect{}}
	w := b.s.W
	b.l.wide, b.l.width = w >= wideFrom, w
	var left, right float64 // bottoms
	if b.l.wide {
		column := min(max(0.34*w, 168), 320)
		size := snap(column-3, p.Width, v.Scale)
		b.l.input = Rect{3, 3, size, size * float64(p.Height) / float64(p.Width)}
		y := b.gridInput()
		b.l.readout = Rect{0, y + 4, column, 0}
		y = b.gridReadout(4)
		left = b.legendAt(0, b.gridAnswer(Rect{0, y + 6, column, 0})+8, column)
		x := column + 26
		right = b.gridRows(Rect{x, 0, w - x, 0})
		if groups := p.groups(); len(p.Grids) == 0 && len(groups) > 0 { // there is room beside the image
			first := p.cardOrder(groups)[0]
			right = b.card(first, groups[first], Rect{x, right + 14, w - x, 0})
			b.placed = 1
		}
		if high := b.distanceHigh(); max(left+high, right) < max(left, right+high) {
			left = b.distances(Rect{0, left + 14, column, 0})
		} else {
			right = b.distances(Rect{x, right + 14, w - x, 0})
		}
	} else {
		size := snap(min(w*.5, 190)-3, p.Width, v.Scale)
		b.l.input = Rect{3, 3, size, size * float64(p.Height) / float64(p.Width)}
		y := b.gridInput()
		x := size + 17
		b.l.readout = Rect{x, 0, w - x, 0}
		y = max(y, b.gridAnswer(Rect{x, b.gridReadout(5) + 6, w - x, 0}))
		y = b.legendAt(0, y+10, w)
		right = b.distances(Rect{0, b.gridRows(Rect{0, y + 14, w, 0}) + 14, w, 0})
	}
	b.s.H = b.panels(max(left, right) + 12)
	b.light()
	return b.s
}

// wideOf estimates the width of a text: half an em a letter is generous for the sans faces in use.
func wideOf(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		if strings.ContainsRune(" .,:1ilfjt·'()", r) {
			w += 0.3
		} else {
			w += 0.56
		}
	}
	return w * size
}

// wrap breaks a text into lines of a width; a word that is too long stands alone.
func wrap(s string, size, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch next := line + " " + word; {
		case line == "":
			line = word
		case wideOf(next, size) > width:
			lines, line = append(lines, line), word
		default:
			line = next
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens a text to a width.
func cut(s string, size, width float64) string {
	if wideOf(s, size) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && wideOf(string(r)+"…", size) > width {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ,") + "…"
}

// paragraph writes wrapped lines below y and returns the y below them.
func (b *builder) paragraph(s string, x, y, width float64, t Text) float64 {
	if t.Bold {
		width *= 0.94
	}
	for _, line := range wrap(s, t.Size, width) {
		y += t.Size + 4
		t.X, t.Y, t.S = x, y-3, line
		b.s.text(t)
	}
	return y
}

// markSmall outlines a cell from outside where a mark would cover it.
func (s *Scene) markSmall(r Rect) {
	if min(r.W, r.H) >= 7 {
		s.mark(r)
		return
	}
	s.box(Box{Rect: r.grow(2), Stroke: ink("mark-dark"), Line: 1})
	s.box(Box{Rect: r.grow(1), Stroke: ink("mark"), Line: 1})
}

// pointSmall is the same for the cell under the pointer: white outside.
func (s *Scene) pointSmall(r Rect) {
	if min(r.W, r.H) >= 7 {
		s.point(r)
		return
	}
	s.box(Box{Rect: r.grow(2), Stroke: ink("mark"), Line: 1})
	s.box(Box{Rect: r.grow(1), Stroke: ink("mark-dark"), Line: 1})
}

// frameOutput outlines the area of the output position.
func (s *Scene) frameOutput(r Rect) {
	s.box(Box{Rect: r.grow(2.5), Stroke: ink("mark-dark"), Line: 4})
	s.box(Box{Rect: r.grow(2), Stroke: ink("mark-out"), Line: 2.5})
}

// gridInput draws the image with the cells of the selected layer and returns the y below it and its key.
func (b *builder) gridInput() float64 {
	p, v, r := b.p, b.v, b.l.input
	cells := make([]color.NRGBA, p.Height*p.Width)
	for i, x := range p.buffers[bufImage] {
		cells[i] = grey(x)
	}
	b.s.raster(Raster{Rect: r, Rows: p.Height, Cols: p.Width, Cells: cells, Label: "Input image"})
	var of *frame.Grid
	if v.Layer < len(p.Grids) {
		of = &p.Grids[v.Layer]
		b.cellLines(r, of)
	}
	rows, cols := p.outSize()
	if rows > 0 {
		b.s.frameOutput(inner(r, rows, cols, p.Frame.Token/cols, p.Frame.Token%cols))
	}
	if of != nil {
		c := p.over(v.Query, of.Rows, of.Cols)
		b.s.markSmall(inner(r, of.Rows, of.Cols, c.row, c.col))
	}
	if v.Key > 0 {
		if v.Over >= 0 {
			of = &p.Grids[v.Over]
		}
		switch {
		case v.Panel >= 0 || of == nil:
			c := p.pixel(v.Key)
			b.s.pointSmall(inner(r, p.Height, p.Width, c.row, c.col))
		default:
			c := p.over(v.Key, of.Rows, of.Cols)
			b.s.pointSmall(inner(r, of.Rows, of.Cols, c.row, c.col))
		}
	}
	b.s.target(r, Hit{Kind: HitPatch}, p.Height, p.Width)
	b.part(PartInput, r)

	y := r.Y + r.H + 16
	x := 0.0
	if len(p.Grids) > 0 {
		b.s.markSmall(Rect{x, y - 9, 9, 9})
		b.s.text(Text{X: x + 14, Y: y, Size: micro, Ink: ink("ink-2"), S: "looks"})
		x += 14 + wideOf("looks", micro) + 12
	}
	if rows > 0 {
		b.s.frameOutput(Rect{x + 3, y - 8, 8, 8})
		name := "output " + spot{p.Frame.Token / cols, p.Frame.Token % cols}.String()
		if full := name + " · click to move"; wideOf(full, micro) < r.X+r.W-x-18 {
			name = full
		}
		b.s.text(Text{X: x + 18, Y: y, Size: micro, Ink: ink("ink-2"), S: name})
	}
	if len(p.Grids) == 0 && rows == 0 {
		return r.Y + r.H
	}
	return y + 6
}

// cellLines draws the borders of a layer's cells over the image, those of its windows stronger.
func (b *builder) cellLines(r Rect, g *frame.Grid) {
	hair := 1 / b.v.Scale
	lines := func(n int, area func(i int) Rect) {
		for i := 1; i < n; i++ {
			line := Ink{"mark", 0.34}
			if n > 6 {
				line.Alpha = 0.2
			}
			if i%g.Side == 0 {
				line.Alpha = 0.6
			}
			b.s.box(Box{Rect: area(i), Fill: line})
		}
	}
	lines(g.Cols, func(i int) Rect { return Rect{r.X + r.W*float64(i)/float64(g.Cols), r.Y, hair, r.H} })
	lines(g.Rows, func(i int) Rect { return Rect{r.X, r.Y + r.H*float64(i)/float64(g.Rows), r.W, hair} })
}

// gridReadout says in words what the marks show, in at most so many lines, and returns the y below them: always the same,
// so that nothing moves with the pointer.
func (b *builder) gridReadout(most int) float64 {
	if len(b.p.Grids) == 0 {
		most = 1
	}
	return b.readLines(b.p.gridLines(b.v), b.l.readout, most)
}

func (b *builder) readLines(lines []line, r Rect, most int) float64 {
	n := 0
	for _, l := range lines {
		for _, s := range wrap(l.text, small, r.W) {
			if n < most {
				b.s.text(Text{X: r.X, Y: r.Y + 12 + float64(n)*lineHeight, Size: small, Ink: ink("ink-2"), Bold: l.bold, S: cut(s, small, r.W)})
			}
			n++
		}
	}
	return r.Y + float64(most)*lineHeight
}

// gridAnswer draws the predicted classes: as one strip where their names are short, else one below another.
func (b *builder) gridAnswer(r Rect) float64 {
	p := b.p
	longest := ""
	for i := range p.Probs {
		if c := p.class(i); len(c) > len(longest) {
			longest = c
		}
	}
	if len(p.Probs) == 0 {
		return r.Y
	}
	b.l.answer = r
	if len(longest) <= 2 {
		b.answer()
		return r.Y + 38
	}
	// The place is the same whatever is said in it, so that the first guess moves nothing.
	n := min(3, len(p.Probs))
	lines := max(len(wrap("all classes equal; it is "+longest, micro, r.W)), len(wrap("wrong: it is "+longest, micro, r.W)))
	bottom := r.Y + 18*float64(n) + 3 + float64(lines)*(micro+4)
	faint := Text{Size: micro, Ink: ink("ink-3")}
	if p.undecided() {
		b.s.box(Box{Rect: Rect{r.X, r.Y, r.W, 20}, Fill: ink("act-soft")})
		b.s.text(Text{X: r.X + 6, Y: r.Y + 14, Size: small, Bold: true, Ink: ink("ink"), S: "no guess yet"})
		b.part(PartAnswer, Rect{r.X, r.Y, r.W, 20})
		b.paragraph("all classes equal; it is "+p.class(p.Label), r.X, r.Y+22, r.W, faint)
		return bottom
	}
	y := r.Y
	for i, c := range p.ranked()[:n] {
		x := min(max(float64(p.Probs[c]), 0), 1)
		if math.IsNaN(x) {
			x = 0
		}
		b.s.box(Box{Rect: Rect{r.X, y, max(r.W*x, 2), 17}, Fill: ink("act-soft")})
		label := p.class(c)
		if i == 0 {
			b.s.box(Box{Rect: Rect{r.X, y + 15, max(r.W*x, 2), 2}, Fill: ink("act")})
			label = "says " + label
		}
		b.s.text(Text{X: r.X + 5, Y: y + 12, Size: small, Bold: i == 0, Ink: ink("ink"), S: cut(label, small, r.W-46)})
		b.s.text(Text{X: r.X + r.W - 4, Y: y + 12, Size: small, Anchor: End, Ink: ink("ink-2"), S: weight(float64(p.Probs[c]))})
		y += 18
	}
	b.part(PartAnswer, Rect{r.X, r.Y, r.W, y - r.Y})
	b.paragraph(p.verdict(), r.X, y+1, r.W, faint)
	return bottom
}

// legendAt draws the colour scale and its switch, and returns the y below.
func (b *builder) legendAt(x, y, width float64) float64 {
	b.l.legend = Rect{x, y, width, legendHeight(b.v)}
	b.legend()
	return y + b.l.legend.H
}

// gridRows draws a row of maps for each layer and returns the y below.
func (b *builder) gridRows(r Rect) float64 {
	p := b.p
	if len(p.Grids) == 0 {
		return b.paragraph("This network has no attention: its maps are made by convolutions only. The receptive field shows what reaches an output.",
			r.X, r.Y, r.W, Text{Size: small, Ink: ink("ink-2")})
	}
	heads, fine := 0, 1
	for i := range p.Grids {
		heads, fine = max(heads, p.Grids[i].Heads), max(fine, p.Grids[i].Cols)
	}
	const meanGap, rim = 9.0, 4.0 // the rim of the selected map
	r.X, r.W = r.X+rim, r.W-2*rim
	line := max(int((r.W-meanGap+mapApart)/(mapLeast+mapApart)), 1) // maps in a line
	n := float64(min(heads+1, line))                                // of the longest line
	room := min((r.W-meanGap+mapApart)/n-mapApart, mapMost)
	if b.l.wide {
		room = min(room, max(mapLeast, 520/float64(len(p.Grids))-46))
	}
	size := snap(room, fine, b.v.Scale)
	high := size * float64(p.Height) / float64(p.Width)
	pitch := min((r.W-meanGap+mapApart)/n, size+44)
	shared := 0.0
	if b.v.Shared {
		shared = b.sharedMax()
	}
	y := r.Y
	for layer := range p.Grids {
		g := &p.Grids[layer]
		b.layerTitle(layer, Rect{r.X - rim, y, r.W, 0})
		y += 18
		for head := range g.Heads + 1 {
			at := head % line
			if head > 0 && at == 0 {
				y += 14 + high + mapLabel + 6
			}
			x := r.X + float64(at)*pitch
			if head == g.Heads && at > 0 {
				x += meanGap
				b.s.box(Box{Rect: Rect{x - (pitch-size)/2 - meanGap/2, y + 14, 1, high}, Fill: ink("line")})
			}
			b.gridMap(layer, head, Rect{x, y + 14, size, high}, shared)
		}
		y += 14 + high + mapLabel + 9
	}
	words := "Under each map: how far the head looks on average, in pixels of the image, and its largest weight."
	for i := range p.Grids {
		if windowed(&p.Grids[i]) {
			words += " What lies outside the window is empty."
			break
		}
	}
	return b.paragraph(words, r.X, y-4, r.W, Text{Size: micro, Ink: ink("ink-3")})
}

// gridSize says the size of a layer's map and of its windows.
func gridSize(g *frame.Grid) string {
	s := fmt.Sprintf("%d × %d", g.Rows, g.Cols)
	if windowed(g) {
		s += fmt.Sprintf(", windows of %d × %d", g.Side, g.Side)
	}
	return s
}

func (b *builder) layerTitle(layer int, r Rect) {
	g := &b.p.Grids[layer]
	own := layer == b.v.Layer
	t := Text{X: r.X, Y: r.Y + 10, Size: small, Ink: ink("ink-2"), Bold: own, S: g.Name}
	if own {
		t.Ink = ink("ink")
	}
	b.s.text(t)
	b.s.text(Text{X: r.X + wideOf(g.Name, small)*1.06 + 8, Y: r.Y + 10, Size: micro, Ink: ink("ink-3"), S: gridSize(g)})
	b.s.target(Rect{r.X, r.Y, r.W, 15}, Hit{Kind: HitMap, Layer: layer, Head: g.Heads}, 0, 0)
}

// gridMap draws where one head looks: its window in colour, the rest of the map empty.
func (b *builder) gridMap(layer, head int, r Rect, shared float64) {
	p, s, v := b.p, b.s, b.v
	g := &p.Grids[layer]
	c := p.over(v.Query, g.Rows, g.Cols)
	first := window(g, c)
	b.weights = p.windowWeights(b.weights[:0], layer, head, c)
	_, own := strongest(b.weights)
	top := positive(own)
	if v.Shared {
		top = shared
	}
	cells := make([]color.NRGBA, len(b.weights))
	for i, x := range b.weights {
		cells[i] = Viridis(x / top)
	}
	name := "mean"
	if head < g.Heads {
		name = "head " + strconv.Itoa(head+1)
	}
	s.text(Text{X: r.X + r.W/2, Y: r.Y - 6, Size: micro, Anchor: Middle, Ink: ink("ink-3"), S: name})
	seen := r
	if windowed(g) {
		a, z := inner(r, g.Rows, g.Cols, first.row, first.col), inner(r, g.Rows, g.Cols, first.row+g.Side-1, first.col+g.Side-1)
		seen = Rect{a.X, a.Y, z.X + z.W - a.X, z.Y + z.H - a.Y}
		b.around(r, seen)
		for i := g.Side; i < g.Cols; i += g.Side {
			s.box(Box{Rect: Rect{r.X + r.W*float64(i)/float64(g.Cols), r.Y, 1 / v.Scale, r.H}, Fill: ink("line-2")})
		}
		for i := g.Side; i < g.Rows; i += g.Side {
			s.box(Box{Rect: Rect{r.X, r.Y + r.H*float64(i)/float64(g.Rows), r.W, 1 / v.Scale}, Fill: ink("line-2")})
		}
		s.box(Box{Rect: r.grow(1), Stroke: ink("line-2"), Line: 1})
	}
	s.raster(Raster{Rect: seen, Rows: g.Side, Cols: g.Side, Cells: cells, Label: g.Name + ", " + headName(g, head)})
	s.markSmall(inner(r, g.Rows, g.Cols, c.row, c.col))
	if v.Key > 0 {
		if k := p.over(v.Key, g.Rows, g.Cols); k != c {
			s.pointSmall(inner(r, g.Rows, g.Cols, k.row, k.col))
		}
	}
	if layer == v.Layer && head == v.Head {
		s.box(Box{Rect: r.grow(3.5), Stroke: ink("ink"), Line: 2})
	}
	under := Text{X: r.X + r.W, Y: r.Y + r.H + 14, Size: micro, Anchor: End, Ink: ink("ink-3"), S: fine(own)}
	s.text(under)
	if d := distance(g, head); !math.IsNaN(d) {
		far := pixels(d)
		if wideOf("88.8 px.88", micro)+4 > r.W { // the same for all maps of a size
			far = strings.TrimSuffix(far, " px")
		}
		under.X, under.Anchor, under.S = r.X, Start, far
		s.text(under)
	}
	hit := Hit{Kind: HitMap, Layer: layer, Head: head}
	s.target(r.grow(3), hit, 0, 0)
	s.target(r, hit, g.Rows, g.Cols)
	b.part(PartAttention, r)
}

// around fills what lies of r around a part of it: what a window shuts out.
func (b *builder) around(r, in Rect) {
	for _, o := range []Rect{{r.X, r.Y, r.W, in.Y - r.Y}, {r.X, in.Y + in.H, r.W, r.Y + r.H - in.Y - in.H},
		{r.X, in.Y, in.X - r.X, in.H}, {in.X + in.W, in.Y, r.X + r.W - in.X - in.W, in.H}} {
		if o.W > 0.5 && o.H > 0.5 {
			b.s.box(Box{Rect: o, Fill: ink("sunk")})
		}
	}
}

func headName(g *frame.Grid, head int) string {
	if head == g.Heads {
		return "mean of heads"
	}
	return "head " + strconv.Itoa(head+1)
}

// pixels writes a distance.
func pixels(d float64) string {
	if math.IsNaN(d) {
		return "–"
	}
	return strconv.FormatFloat(d, 'f', 1, 64) + " px"
}

// distanceHigh is the height of the plot of distances.
func (b *builder) distanceHigh() float64 { return 76 + distanceAt*float64(len(b.p.Grids)) }

// distances plots how far every head looks, beside what looking everywhere alike would give.
func (b *builder) distances(r Rect) float64 {
	p, s := b.p, b.s
	most, long, any := 0.0, 0.0, false
	for i := range p.Grids {
		g := &p.Grids[i]
		long = max(long, wideOf(g.Name, micro))
		if len(g.Distance) > 0 {
			any = true
			most = max(most, p.evenDistance(g), largest(g.Distance))
		}
	}
	if !any {
		return r.Y - 14
	}
	top := math.Ceil(most/4) * 4
	if top <= 0 {
		top = 4
	}
	s.text(Text{X: r.X, Y: r.Y + 10, Size: small, Bold: true, Ink: ink("ink"), S: "Mean attention distance"})
	y := r.Y + 18
	axis := Rect{r.X + min(long, r.W*.4) + 12, y, 0, 0}
	axis.W = r.X + r.W - axis.X - 8
	for i := range p.Grids {
		g := &p.Grids[i]
		if len(g.Distance) == 0 {
			continue
		}
		mid := y + distanceAt/2
		s.text(Text{X: r.X, Y: mid + 4, Size: micro, Ink: ink("ink-2"), S: cut(g.Name, micro, axis.X-r.X-8)})
		s.box(Box{Rect: Rect{axis.X, mid, axis.W, 1}, Fill: ink("line-2")})
		even := axis.X + axis.W*p.evenDistance(g)/top
		s.box(Box{Rect: Rect{even - 1, mid - 6, 2, 13}, Fill: ink("frozen")})
		for head, d := range g.Distance {
			if x := float64(d); !math.IsNaN(x) && !math.IsInf(x, 0) {
				dot := Box{Rect: Rect{axis.X + axis.W*max(x, 0)/top - 4, mid - 3.5, 8, 8}, Fill: ink("surface"), Stroke: ink("act"), Line: 2}
				if i == b.v.Layer && head == b.v.Head {
					dot.Rect, dot.Fill, dot.Stroke = dot.Rect.grow(1), ink("act"), ink("ink")
				}
				s.box(dot)
			}
		}
		y += distanceAt
	}
	s.text(Text{X: axis.X, Y: y + 11, Size: micro, Anchor: Middle, Ink: ink("ink-3"), S: "0"})
	s.text(Text{X: axis.X + axis.W + 8, Y: y + 11, Size: micro, Anchor: End, Ink: ink("ink-3"), S: number(top) + " px"})
	b.part(PartDistance, Rect{r.X, r.Y, r.W, y + 14 - r.Y})
	return b.paragraph("Squares: heads. Grey bar: a head that looks everywhere alike.", r.X, y+14, r.W, Text{Size: micro, Ink: ink("ink-3")})
}
