package stage

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"petri/kernels/lab/wire/frame"
)

// besideFrom is the width from which on something stands beside the picture instead of below it.
const besideFrom = 820.0

// buildAnswer draws a picture with an answer: the picture with prompts and masks, what is said of it, and where the prompt looks,
// or what became of the points of everything mode.
func (b *builder) buildAnswer() {
	p, w := b.p, b.s.W
	size, side := w, Rect{0, 0, w, 0}
	points := p.every() && len(p.Answer.Dots) > 0
	if beside := points || p.looks(); beside && w >= besideFrom {
		side.W = min(0.31*w, 340)
		size = w - side.W - 24
		side.X = size + 24
	}
	size = math.Floor(size*b.v.Scale) / b.v.Scale
	b.s.field = Rect{0, 0, size, size}
	b.masked()
	b.s.target(b.s.field, Hit{Kind: HitPatch}, p.Height, p.Width)
	b.part(PartInput, b.s.field)
	lines := 2
	if size < 420 {
		lines = 3
	}
	words := Rect{0, size + 8, size, float64(lines) * lineHeight}
	y := b.key(b.readLines(p.answerLines(&b.v), words, lines) + 4)
	b.part(PartAnswer, words)
	if side.X == 0 {
		side.Y = y + 12
	}
	b.s.H = y
	switch {
	case points:
		b.s.H = max(y, b.fates(side))
	case p.looks():
		b.s.H = max(y, b.looks(side))
	}
	b.s.H += 4
}

// onPicture turns lines in pixels of the picture into lines on the stage.
//
//go:noinline
func (b *builder) onPicture(lines [][]Point) [][]Point {
	out := make([][]Point, len(lines))
	for i, line := range lines {
		out[i] = make([]Point, len(line))
		for k, at := range line {
			out[i][k] = b.spotAt(at.X, at.Y)
		}
	}
	return out
}

//go:noinline
func (b *builder) spotAt(x, y float64) Point {
	k := b.s.field.W / float64(b.p.Width)
	return Point{x * k, y * k}
}

// pixelBox is the area of a pixel, or of a cell of a coarser grid, of the picture.
func (b *builder) pixelBox(c spot, n int) Rect { return inner(b.s.field, n, n, c.row, c.col) }

// square draws a map of as many rows as columns.
//
//go:noinline
func (b *builder) square(r Rect, side int, cells []color.NRGBA, label string) {
	b.s.raster(Raster{Rect: r, Rows: side, Cols: side, Cells: cells, Label: label})
}

// viridisOf colours a map up to its largest value.
//
//go:noinline
func viridisOf(x []float32) (cells []color.NRGBA, top float64) {
	top = largest(x)
	cells = make([]color.NRGBA, len(x))
	for i := range cells {
		cells[i] = Viridis(float64(x[i]) / positive(top))
	}
	return cells, top
}

// masked draws the picture and all that lies on it.
func (b *builder) masked() {
	p, q, r := b.p, b.v.Prompting, b.s.field
	colours, every := p.buffers[bufColours], p.every()
	cells := make([]color.NRGBA, p.Width*p.Height)
	for i := range cells {
		var c [3]uint8
		grey := (colours[3*i] + colours[3*i+1] + colours[3*i+2]) / 3
		for k := range c {
			x := colours[3*i+k]
			if every { // paler, so that the masks have the colours
				x = 0.12 + 0.64*grey + 0.16*x
			}
			c[k] = uint8(255*min(max(x, 0), 1) + 0.5)
		}
		cells[i] = color.NRGBA{c[0], c[1], c[2], 255}
	}
	b.square(r, p.Width, cells, "Picture")
	if b.v.Pinned {
		x := p.look(b.v.Layer, b.v.Head)
		over, top := viridisOf(x)
		for i := range over {
			over[i].A = uint8(38 + 180*min(float64(x[i])/positive(top), 1))
		}
		b.square(r, p.Answer.Grid, over, p.lookName(b.v.Layer, b.v.Head))
	}
	if every {
		b.found()
	} else if len(p.Answer.Masks) > 0 {
		b.answers(p.front(q))
	}
	b.strokes(cells)
	b.prompts()
	if b.v.Key > 0 && q.Live {
		b.s.pointSmall(b.pixelBox(p.pixel(b.v.Key), p.Width))
	}
	if b.v.Over >= 0 {
		b.s.pointSmall(b.pixelBox(spot{b.v.Row, b.v.Col}, p.Answer.Grid))
	}
	if b.v.Query > 0 {
		at := b.pixelBox(p.pixel(b.v.Query), p.Width)
		b.s.markSmall(at)
		x, y, near := at.X+at.W/2, at.Y+at.H/2, at.W/2+3
		var lines [][]Point
		for _, k := range [4]Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			lines = append(lines, []Point{{x + k.X*near, y + k.Y*near}, {x + k.X*(near+8), y + k.Y*(near+8)}})
		}
		b.s.line(lines, true, ink("mark-dark"), 1.5, 0, 1.25)
	}
	if q.Busy {
		b.s.box(Box{Rect: Rect{r.W - 70, 8, 62, 20}, Fill: Ink{"mark-dark", 0.72}})
		b.word(r.W-39, 22, Middle, "mark", "asking …")
	}
}

// word writes a small text.
//
//go:noinline
func (b *builder) word(x, y float64, anchor Anchor, with, s string) {
	b.s.text(Text{X: x, Y: y, Size: micro, Anchor: anchor, Ink: ink(with), S: s})
}

// answers draws the masks of a prompt: the one in front filled, the outlines of the others dashed.
func (b *builder) answers(front int) {
	p, q := b.p, b.v.Prompting
	if q.Ring {
		x := p.mask(bufMasks, front)
		cells := make([]color.NRGBA, len(x))
		for i := range cells {
			if x[i] > -1 && x[i] < 1 {
				cells[i] = Ink{"mark-band", 0.72}.Colour("")
			}
		}
		b.square(b.s.field, p.Width, cells, "Logits from −1 to +1")
	}
	edge := b.onPicture(p.edge(bufMasks, front))
	b.s.fill(edge, Ink{"mask", 0.45})
	for i := range p.Answer.Masks {
		if i != front && q.All {
			b.s.line(b.onPicture(p.edge(bufMasks, i)), false, ink("mark-dark"), 1.5, 5, 0.75)
		}
	}
	if node := p.Answer.Masks[front].Node; q.Truth && node >= 0 {
		b.s.line(b.onPicture(p.edge(bufTruths, node)), false, ink("mark-true"), 1.75, 0, 0.75)
	}
	b.s.line(edge, false, ink("mask-line"), 1.75, 0, 1.25)
}

// strokes draws what is brushed, and what the hand paints or moves before the page has answered.
func (b *builder) strokes(picture []color.NRGBA) {
	p, q, h := b.p, b.v.Prompting, b.v.hand
	if h == nil {
		h = &hand{}
	}
	if len(q.Brush)+len(h.pixels) == 0 && h.kind != GestureMove {
		return
	}
	cells := make([]color.NRGBA, len(picture))
	put := func(pixels []int, c color.NRGBA) {
		for _, i := range pixels {
			if uint(i) < uint(len(cells)) {
				cells[i] = c
			}
		}
	}
	tint := Ink{"mark-brush", 0.55}
	put(q.Brush, tint.Colour(""))
	if h.label == 0 {
		tint.Alpha = 0
	}
	put(h.pixels, tint.Colour(""))
	if h.kind == GestureMove {
		dx, dy := h.shift()
		objects := p.buffers[bufObjects]
		for i := range objects {
			if int(objects[i])-1 == h.object {
				cells[i] = Ink{"mark-dark", 0.4}.Colour("")
			}
		}
		for i := range objects {
			if x, y := i%p.Width+dx, i/p.Width+dy; int(objects[i])-1 == h.object && min(x, y) >= 0 && max(x, y) < p.Width {
				cells[y*p.Width+x] = picture[i]
			}
		}
	}
	b.square(b.s.field, p.Width, cells, "What is brushed, painted or moved")
}

// prompts draws the points and the box.
func (b *builder) prompts() {
	q, h := b.v.Prompting, b.v.hand
	box := q.Prompt.Box
	if h != nil && h.kind == GestureBox && h.drags {
		box = h.box()
	}
	if box != nil {
		corners := []Point{b.spotAt(box.X0, box.Y0), b.spotAt(box.X1, box.Y0), b.spotAt(box.X1, box.Y1), b.spotAt(box.X0, box.Y1)}
		b.s.line([][]Point{corners}, false, ink("mark-dark"), 1.5, 6, 1)
		for _, c := range corners {
			b.s.fill([][]Point{round(c.X, c.Y, 6, 4, 0.5)}, ink("mark-dark"))
			b.s.fill([][]Point{round(c.X, c.Y, 4, 4, 0.5)}, ink("mark"))
		}
	}
	b.signs(q.Prompt.Points, 1)
	if n := len(b.p.Answer.Prompt.Points); q.Hover && n > 0 {
		b.signs(b.p.Answer.Prompt.Points[n-1:], 0.7)
	}
	if h != nil && h.kind == GesturePoint {
		b.signs([]frame.PromptPoint{{X: h.x0, Y: h.y0, Label: h.label}}, 1)
	}
}

// signs draws points: a green disc with a plus for this, a red cross for not this.
func (b *builder) signs(points []frame.PromptPoint, alpha float64) {
	r := min(max(b.s.field.W/64, 6), 9)
	for _, p := range points {
		at := b.spotAt(p.X, p.Y)
		if p.Label == 1 {
			b.s.fill([][]Point{round(at.X, at.Y, 1.2*r, 24, 0)}, Ink{"mark", alpha})
			b.s.fill([][]Point{round(at.X, at.Y, 0.95*r, 24, 0)}, Ink{"mark-pos", alpha})
			b.s.line(cross(at, 0.55*r, 0), true, Ink{"mark", alpha}, 0.3*r, 0, 0)
		} else {
			b.s.line(cross(at, r, 0.5), true, Ink{"mark-neg", alpha}, 0.45*r, 0, 0.2*r)
		}
	}
}

// cross is a plus, turned by a part of its corners.
func cross(at Point, r, turn float64) [][]Point {
	c := round(at.X, at.Y, r, 4, turn)
	return [][]Point{{c[0], c[2]}, {c[1], c[3]}}
}

// key names the signs on the picture that are not plain, and returns the y below.
func (b *builder) key(y float64) float64 {
	q, masks := b.v.Prompting, len(b.p.Answer.Masks)
	x := 0.0
	for i, e := range [...]struct {
		show       bool
		name, with string
		dash       float64
	}{{masks > 0, "mask in front", "mask", 0}, {masks > 1 && q.All, "other answers", "ink", 4}, {masks > 0 && q.Truth, "true outline", "mark-true", 21},
		{masks > 0 && q.Ring, "logits from −1 to +1", "mark-band", 0}, {len(q.Brush) > 0, "brushed", "mark-brush", 0}} {
		if !e.show {
			continue
		}
		wide := 26 + wideOf(e.name, micro)
		if x > 0 && x+wide > b.s.field.W {
			x, y = 0, y+lineHeight
		}
		if e.dash > 0 {
			b.s.line([][]Point{{{x, y + 7}, {x + 20, y + 7}}}, true, ink(e.with), 2, e.dash, 0)
		} else {
			box := Box{Rect: Rect{x, y + 2, 20, 10}, Fill: Ink{e.with, 0.55}, Stroke: ink("line-2"), Line: 1}
			if i == 0 {
				box.Stroke = ink(e.with)
			}
			b.s.box(box)
		}
		b.word(x+26, y+11, Start, "ink-2", e.name)
		x += wide + 14
	}
	if x > 0 {
		y += lineHeight
	}
	return y
}

// heading writes a title and a line below it, and returns the y below.
func (b *builder) heading(title, says string, r Rect) float64 {
	y := b.paragraph(title, r.X, r.Y-3, r.W, Text{Size: small, Bold: true, Ink: ink("ink")})
	return b.paragraph(says, r.X, y, r.W, Text{Size: micro, Ink: ink("ink-3")})
}

// looks draws where the token of the last point looks, or of the second corner of a box without points, a map for each layer and head, and returns the y below.
func (b *builder) looks(r Rect) float64 {
	p, s, a := b.p, b.s, b.p.Answer
	y := b.heading("Where the prompt looks", fmt.Sprintf("%d × %d image tokens, by heads", a.Grid, a.Grid), r) + 18
	const turned, gap = 17.0, 8.0
	size := snap(min((r.W-turned-4+gap)/float64(a.Heads)-gap, mapMost), a.Grid, b.v.Scale)
	var last []Point // where the token lies
	if n := len(a.Prompt.Points); n > 0 {
		last = []Point{{a.Prompt.Points[n-1].X, a.Prompt.Points[n-1].Y}}
	} else if a.Prompt.Box != nil {
		last = []Point{{a.Prompt.Box.X1, a.Prompt.Box.Y1}}
	}
	for layer, name := range a.Layers {
		s.text(Text{X: r.X + 9, Y: y + size/2, Size: micro, Anchor: Middle, Turn: true, Ink: ink("ink-3"), S: name})
		for head := range a.Heads {
			m := Rect{r.X + turned + float64(head)*(size+gap), y, size, size}
			if layer == 0 {
				b.word(m.X+size/2, y-5, Middle, "ink-3", "head "+strconv.Itoa(head+1))
			}
			cells, top := viridisOf(p.look(layer, head))
			b.square(m, a.Grid, cells, p.lookName(layer, head))
			for _, at := range last {
				k := size / float64(p.Width)
				s.line([][]Point{round(m.X+at.X*k, m.Y+at.Y*k, 3, 12, 0)}, false, ink("mark-dark"), 1.25, 0, 0.75)
			}
			if b.v.Over == layer && b.v.Tile == head {
				s.pointSmall(inner(m, a.Grid, a.Grid, b.v.Row, b.v.Col))
			}
			if b.v.Pinned && layer == b.v.Layer && head == b.v.Head {
				s.box(Box{Rect: m.grow(3.5), Stroke: ink("ink"), Line: 2})
			}
			b.word(m.X+size, y+size+13, End, "ink-3", fine(top))
			s.target(m, Hit{Kind: HitLook, Layer: layer, Head: head}, a.Grid, a.Grid)
			b.part(PartAttention, m)
		}
		y += size + mapLabel + 6
	}
	words := Rect{r.X, y, r.W, 0}
	if x := turned + (size+gap)*float64(a.Heads) + 14; r.W-x > 180 { // there is room beside the maps
		words = Rect{r.X + x, r.Y + 36, r.W - x, 0}
	}
	b.scaleBar(words.X, words.Y, "its maximum")
	return max(y, b.paragraph("Under each map: its largest weight. Click one to lay it over the picture, once more to take it off.",
		words.X, words.Y+16, words.W, Text{Size: micro, Ink: ink("ink-3")}))
}
