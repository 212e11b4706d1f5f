package stage

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"petri/kernels/lab/wire/frame"
)

// besideFrom is the width from which on something stands beside the picture instead of below it.
const besideFrom = 820.0

// buildAnswer draws a picture with an answer: the picture with prompts and masks, what is said of it, and where the prompt looks,
// or what became of the points of everything mode.
func buildAnswer(p *Picture, v View) *Scene {
	b := &builder{p: p, v: v, s: &Scene{W: max(v.Width, 240)}, parts: map[Part][]Rect{}, said: p.prompting(v)}
	w := b.s.W
	size, side := w, Rect{0, 0, w, 0}
	if b.l.wide = w >= 500; w >= besideFrom && (p.every() || p.looks()) {
		column := min(0.31*w, 340)
		size = w - column - 24
		side = Rect{size + 24, 0, column, 0}
	}
	size = math.Floor(size*v.Scale) / v.Scale
	b.l.input = Rect{0, 0, size, size}
	b.s.field = b.l.input
	b.masked()
	b.s.target(b.l.input, Hit{Kind: HitPatch}, p.Height, p.Width)
	b.part(PartInput, b.l.input)
	y := b.key(Rect{0, b.answerWords(Rect{0, size + 8, size, 0}) + 4, size, 0})
	if side.X == 0 {
		side.Y = y + 12
	}
	bottom := y
	switch {
	case p.every() && len(p.Answer.Dots) > 0:
		bottom = b.fates(side)
	case p.looks():
		bottom = b.looks(side)
	}
	b.s.H = max(y, bottom) + 4
	b.light()
	return b.s
}

// onPicture turns lines in pixels of the picture into lines on the stage.
func (b *builder) onPicture(lines [][]Point) [][]Point {
	out := make([][]Point, len(lines))
	for i, line := range lines {
		out[i] = make([]Point, len(line))
		for k, at := range line {
			out[i][k].X, out[i][k].Y = b.spotAt(at.X, at.Y)
		}
	}
	return out
}

func (b *builder) spotAt(x, y float64) (float64, float64) {
	r := b.l.input
	return r.X + x*r.W/float64(b.p.Width), r.Y + y*r.H/float64(b.p.Height)
}

// overPicture lays cells over the picture.
func (b *builder) overPicture(label string, cells []color.NRGBA) {
	side := int(math.Sqrt(float64(len(cells))))
	b.s.raster(Raster{Rect: b.l.input, Rows: side, Cols: side, Cells: cells, Label: label})
}

// masked draws the picture and all that lies on it.
func (b *builder) masked() {
	p, v, q := b.p, b.v, &b.said
	colours := p.buffers[bufColours]
	cells := make([]color.NRGBA, len(colours)/3)
	for i := range cells {
		c := [3]float64{}
		for k := range c {
			c[k] = min(max(float64(colours[3*i+k]), 0), 1)
		}
		if p.every() { // paler, so that the masks have the colours
			g := 0.3*c[0] + 0.59*c[1] + 0.11*c[2]
			for k := range c {
				c[k] = 0.12 + 0.8*(0.8*g+0.2*c[k])
			}
		}
		cells[i] = color.NRGBA{uint8(255*c[0] + 0.5), uint8(255*c[1] + 0.5), uint8(255*c[2] + 0.5), 255}
	}
	b.overPicture("Picture", cells)
	if v.Pinned {
		x := p.look(v.Layer, v.Head)
		top := positive(largest(x))
		cells := make([]color.NRGBA, len(x))
		for i := range cells {
			cells[i] = Viridis(float64(x[i]) / top)
			cells[i].A = uint8(float64(cells[i].A) * min(0.45+0.45*float64(x[i])/top, 1))
		}
		b.overPicture("Where the prompt looks", cells)
	}
	if p.every() {
		b.found()
	} else if len(p.Answer.Masks) > 0 {
		b.answers()
	}
	b.strokes()
	b.prompts()
	if v.Key > 0 && q.Live {
		c := p.pixel(v.Key)
		b.s.pointSmall(inner(b.l.input, p.Height, p.Width, c.row, c.col))
	}
	if v.Over >= 0 {
		b.s.pointSmall(inner(b.l.input, p.Answer.Grid, p.Answer.Grid, v.Row, v.Col))
	}
	if v.Query > 0 {
		c := p.pixel(v.Query)
		r := inner(b.l.input, p.Height, p.Width, c.row, c.col)
		x, y, near, far := r.X+r.W/2, r.Y+r.H/2, r.W/2+3, r.W/2+11
		b.s.rimmed(Path{Open: true, Stroke: ink("mark-dark"), Line: 1.5, Lines: [][]Point{{{x - far, y}, {x - near, y}}, {{x + near, y}, {x + far, y}},
			{{x, y - far}, {x, y - near}}, {{x, y + near}, {x, y + far}}}}, ink("mark"), 1.25)
		b.s.markSmall(r)
	}
	if q.Busy {
		r := Rect{b.l.input.W - 70, 8, 62, 20}
		b.s.box(Box{Rect: r, Fill: Ink{"mark-dark", 0.72}})
		b.s.text(Text{X: r.X + r.W/2, Y: r.Y + 14, Size: micro, Anchor: Middle, Ink: ink("mark"), S: "asking …"})
	}
}

// answers draws the masks of a prompt: the one in front filled, the outlines of the others dashed.
func (b *builder) answers() {
	p, q := b.p, &b.said
	if q.Ring {
		x := p.mask(bufMasks, q.Mask)
		cells := make([]color.NRGBA, len(x))
		for i := range cells {
			if x[i] > -1 && x[i] < 1 {
				cells[i] = Ink{"mark-band", 0.72}.Colour("light")
			}
		}
		b.overPicture("Logits between −1 and 1", cells)
	}
	front := b.onPicture(p.outline(bufMasks, q.Mask, 0))
	b.s.path(Path{Lines: front, Fill: Ink{"mask", 0.45}})
	if q.All {
		for i := range p.Answer.Masks {
			if i != q.Mask {
				b.s.rimmed(Path{Lines: b.onPicture(p.outline(bufMasks, i, 0)), Stroke: ink("mark-dark"), Line: 1.5, Dash: 5}, Ink{"mark", 0.85}, 0.75)
			}
		}
	}
	if node := p.Answer.Masks[q.Mask].Node; q.Truth && node >= 0 {
		b.s.rimmed(Path{Lines: b.onPicture(p.outline(bufTruths, node, 0.5)), Stroke: ink("mark-true"), Line: 1.75}, ink("mark"), 0.75)
	}
	b.s.rimmed(Path{Lines: front, Stroke: ink("mask-line"), Line: 1.75}, ink("mark"), 1.25)
}

// strokes draws what is brushed, and what the hand paints or moves before the page has answered.
func (b *builder) strokes() {
	p, q, h := b.p, &b.said, b.v.hand
	n := p.Width * p.Height
	tint := func(label string, pixels []int, of func(i int) color.NRGBA) {
		cells := make([]color.NRGBA, n)
		for _, i := range pixels {
			if i >= 0 && i < n {
				cells[i] = of(i)
			}
		}
		b.overPicture(label, cells)
	}
	brushed := q.Brush
	if h != nil && h.kind == GestureBrush {
		if h.label == 1 {
			brushed = slices.Concat(brushed, h.pixels)
		} else {
			brushed = slices.DeleteFunc(slices.Clone(brushed), func(i int) bool { return slices.Contains(h.pixels, i) })
		}
	}
	if len(brushed) > 0 {
		tint("Brushed", brushed, func(int) color.NRGBA { return Ink{"mark-brush", 0.55}.Colour("light") })
	}
	switch {
	case h == nil:
	case h.kind == GesturePaint:
		with := "mark-dark"
		if q.Ink != "" {
			with = q.Ink
		}
		if h.label == 0 {
			with = "mark"
		}
		tint("Painted", h.pixels, func(int) color.NRGBA { return ink(with).Colour("light") })
	case h.kind == GestureMove:
		dx, dy := h.shift()
		var from, to []int
		for i, o := range p.buffers[bufObjects] {
			if int(o)-1 != h.object {
				continue
			}
			from = append(from, i)
			if x, y := i%p.Width+dx, i/p.Width+dy; x >= 0 && x < p.Width && y >= 0 && y < p.Height {
				to = append(to, y*p.Width+x)
			}
		}
		picture := b.s.Rasters[0].Cells
		tint("Where the object was", from, func(int) color.NRGBA { return Ink{"mark-dark", 0.4}.Colour("light") })
		tint("Object", to, func(i int) color.NRGBA { return picture[i-dy*p.Width-dx] })
	}
}

// prompts draws the points and the box.
func (b *builder) prompts() {
	q, h := &b.said, b.v.hand
	r := min(max(b.l.input.W/64, 6), 9)
	box := q.Prompt.Box
	if h != nil && h.kind == GestureBox && h.drags {
		box = &frame.PromptBox{X0: min(h.x0, h.x1), Y0: min(h.y0, h.y1), X1: max(h.x0, h.x1), Y1: max(h.y0, h.y1)}
	}
	if box != nil {
		var at Rect
		at.X, at.Y = b.spotAt(box.X0, box.Y0)
		x, y := b.spotAt(box.X1, box.Y1)
		at.W, at.H = x-at.X, y-at.Y
		b.s.rimmed(Path{Lines: [][]Point{at.line()}, Stroke: ink("mark-dark"), Line: 1.5, Dash: 6}, ink("mark"), 1)
		for _, c := range at.line() {
			b.s.path(Path{Lines: [][]Point{Rect{c.X - 3.5, c.Y - 3.5, 7, 7}.line()}, Fill: ink("mark"), Stroke: ink("mark-dark"), Line: 1.25})
		}
	}
	points := q.Prompt.Points
	for _, at := range points {
		b.pointSign(at, r, 1)
	}
	if q.Hover && len(b.p.Answer.Prompt.Points) > 0 {
		points := b.p.Answer.Prompt.Points
		b.pointSign(points[len(points)-1], r, 0.7)
	}
	if h != nil && h.kind == GesturePoint {
		b.pointSign(frame.PromptPoint{X: h.x0, Y: h.y0, Label: h.label}, r, 1)
	}
}

// pointSign draws a point: a green disc with a plus for this, a red cross for not this.
func (b *builder) pointSign(at frame.PromptPoint, r, alpha float64) {
	x, y := b.spotAt(at.X, at.Y)
	if at.Label == 1 {
		k := 0.5 * r
		b.s.path(Path{Lines: [][]Point{round(x, y, r, 24)}, Fill: Ink{"mark-pos", alpha}, Stroke: Ink{"mark", alpha}, Line: 0.3 * r})
		b.s.path(Path{Open: true, Lines: [][]Point{{{x - k, y}, {x + k, y}}, {{x, y - k}, {x, y + k}}}, Stroke: Ink{"mark", alpha}, Line: 0.3 * r})
		return
	}
	k := 0.75 * r
	b.s.rimmed(Path{Open: true, Lines: cross(x, y, k), Stroke: Ink{"mark-neg", alpha}, Line: 0.45 * r}, Ink{"mark", alpha}, 0.2*r)
}

func cross(x, y, k float64) [][]Point {
	return [][]Point{{{x - k, y - k}, {x + k, y + k}}, {{x - k, y + k}, {x + k, y - k}}}
}

// answerWords says below the picture what is in front, in a fixed number of lines, and returns the y below.
func (b *builder) answerWords(r Rect) float64 {
	most := 2
	if r.W < 420 {
		most = 3
	}
	n := 0
	for _, l := range b.p.answerLines(b.v) {
		for _, s := range wrap(l.text, small, r.W) {
			if n < most {
				b.s.text(Text{X: r.X, Y: r.Y + 12 + float64(n)*lineHeight, Size: small, Ink: ink("ink-2"), Bold: l.bold, S: cut(s, small, r.W)})
			}
			n++
		}
	}
	return r.Y + float64(most)*lineHeight
}

// key names the signs on the picture that are not plain, and returns the y below.
func (b *builder) key(r Rect) float64 {
	p, q := b.p, &b.said
	x, y := r.X, r.Y
	entry := func(name string, draw func(x, y float64)) {
		wide := 26 + wideOf(name, micro)
		if x > r.X && x+wide > r.X+r.W {
			x, y = r.X, y+lineHeight
		}
		draw(x, y+7)
		b.s.text(Text{X: x + 26, Y: y + 11, Size: micro, Ink: ink("ink-2"), S: name})
		x += wide + 14
	}
	line := func(with string, dash float64) func(x, y float64) {
		return func(x, y float64) {
			b.s.path(Path{Open: true, Lines: [][]Point{{{x, y}, {x + 20, y}}}, Stroke: ink(with), Line: 2, Dash: dash})
		}
	}
	ground := func(with Ink) func(x, y float64) {
		return func(x, y float64) {
			b.s.box(Box{Rect: Rect{x, y - 5, 20, 10}, Fill: with, Stroke: ink("line-2"), Line: 1})
		}
	}
	if len(p.Answer.Masks) > 0 {
		entry("mask in front", func(x, y float64) {
			b.s.box(Box{Rect: Rect{x, y - 5, 20, 10}, Fill: Ink{"mask", 0.45}, Stroke: ink("mask-line"), Line: 1.5})
		})
		if q.All && len(p.Answer.Masks) > 1 {
			entry("other answers", line("ink", 4))
		}
		if q.Truth {
			entry("true outline", line("mark-true", 0))
		}
		if q.Ring {
			entry("logits from −1 to +1", ground(Ink{"mark-band", 0.85}))
		}
	}
	if len(q.Brush) > 0 {
		entry("brushed", ground(Ink{"mark-brush", 0.55}))
	}
	if x == r.X {
		return r.Y
	}
	return y + lineHeight
}

// looks draws where the last prompt token looks, a map for each layer and head, and returns the y below.
func (b *builder) looks(r Rect) float64 {
	p, s, v, a := b.p, b.s, b.v, b.p.Answer
	y := b.paragraph("Where the prompt looks", r.X, r.Y-3, r.W, Text{Size: small, Bold: true, Ink: ink("ink")})
	y = b.paragraph(fmt.Sprintf("%d × %d image tokens, by heads", a.Grid, a.Grid), r.X, y, r.W, Text{Size: micro, Ink: ink("ink-3")})
	const turned, gap = 17.0, 8.0
	room := min((r.W-turned-4+gap)/float64(a.Heads)-gap, mapMost)
	size := snap(room, a.Grid, v.Scale)
	pitch := size + gap
	y += 18
	for head := range a.Heads {
		s.text(Text{X: r.X + turned + float64(head)*pitch + size/2, Y: y - 5, Size: micro, Anchor: Middle, Ink: ink("ink-3"), S: "head " + strconv.Itoa(head+1)})
	}
	at := b.lastPrompt()
	for layer, name := range a.Layers {
		s.text(Text{X: r.X + 9, Y: y + size/2, Size: micro, Anchor: Middle, Turn: true, Ink: ink("ink-3"), S: name})
		for head := range a.Heads {
			m := Rect{r.X + turned + float64(head)*pitch, y, size, size}
			x := p.look(layer, head)
			own := largest(x)
			cells := make([]color.NRGBA, len(x))
			for i := range cells {
				cells[i] = Viridis(float64(x[i]) / positive(own))
			}
			s.raster(Raster{Rect: m, Rows: a.Grid, Cols: a.Grid, Cells: cells, Label: p.lookName(layer, head)})
			if at != nil {
				k := size / float64(p.Width)
				ring := [][]Point{round(m.X+at.X*k, m.Y+at.Y*k, 3, 12)}
				s.rimmed(Path{Lines: ring, Stroke: ink("mark"), Line: 1.25}, ink("mark-dark"), 0.75)
			}
			if v.Over == layer && v.Tile == head {
				s.pointSmall(inner(m, a.Grid, a.Grid, v.Row, v.Col))
			}
			if v.Pinned && layer == v.Layer && head == v.Head {
				s.box(Box{Rect: m.grow(3.5), Stroke: ink("ink"), Line: 2})
			}
			s.text(Text{X: m.X + size, Y: y + size + 13, Size: micro, Anchor: End, Ink: ink("ink-3"), S: fine(own)})
			hit := Hit{Kind: HitLook, Layer: layer, Head: head}
			s.target(m, hit, a.Grid, a.Grid)
			b.part(PartAttention, m)
		}
		y += size + mapLabel + 6
	}
	const bar = 56.0
	cells := make([]color.NRGBA, 57)
	for i := range cells {
		cells[i] = Viridis(float64(i) / 56)
	}
	words := Rect{r.X, y, r.W, 0}
	if x := r.X + turned + pitch*float64(a.Heads) + 14; r.X+r.W-x > 150 { // there is room beside the maps
		words = Rect{x, r.Y + 36, r.X + r.W - x, 0}
	}
	s.text(Text{X: words.X, Y: words.Y + 10, Size: micro, Ink: ink("ink-2"), S: "0"})
	s.raster(Raster{Rect: Rect{words.X + 12, words.Y + 1, bar, 9}, Rows: 1, Cols: len(cells), Cells: cells, Label: "Scale of attention"})
	s.text(Text{X: words.X + 12 + bar + 7, Y: words.Y + 10, Size: micro, Ink: ink("ink-2"), S: "largest of each map"})
	end := b.paragraph("Under each map: its largest weight. Click one to lay it over the picture, once more to take it off.",
		words.X, words.Y+16, words.W, Text{Size: micro, Ink: ink("ink-3")})
	return max(y, end)
}

// lastPrompt is where the prompt token lies whose looks are drawn, nil where it has no place.
func (b *builder) lastPrompt() *Point {
	q := b.p.Answer.Prompt
	switch n := len(q.Points); {
	case q.Box != nil:
		return &Point{q.Box.X1, q.Box.Y1}
	case n > 0:
		return &Point{q.Points[n-1].X, q.Points[n-1].Y}
	}
	return nil
}
