package stage

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Build draws a picture under a view. A nil picture gives an empty stage with a line that says so.
func Build(p *Picture, v View) *Scene {
	if v.Scale <= 0 {
		v.Scale = 1
	}
	if p == nil {
		s := &Scene{W: max(v.Width, 240), H: 360}
		s.text(Text{X: s.W / 2, Y: s.H / 2, Size: small, Anchor: Middle, Ink: ink("ink-3"), S: "The picture comes with the first steps."})
		return s
	}
	v = p.clampView(v)
	if p.Sized() {
		return buildGrids(p, v)
	}
	b := &builder{p: p, v: v, s: &Scene{W: max(v.Width, 240)}, parts: map[Part][]Rect{}}
	if p.Answer != nil {
		b.buildAnswer()
		b.light()
		return b.s
	}
	b.l = newLayout(p, v)
	b.input()
	b.readout()
	if p.Sequence != nil {
		b.s.H = b.tokens()
	} else {
		b.answer()
		b.legend()
		b.attention()
		b.s.H = b.update()
	}
	b.light()
	return b.s
}

// builder carries what the parts of one scene share.
type builder struct {
	p       *Picture
	v       View
	l       layout
	s       *Scene
	parts   map[Part][]Rect // what {stage=...} can light
	weights []float64       // scratch [t]
	placed  int             // so many cards stand beside the image already
	measure bool            // only the size is wanted: no pixels are made
}

//go:noinline
func (b *builder) part(name Part, r Rect) { b.parts[name] = append(b.parts[name], r) }

// input draws the digit, its patch grid and the bar that stands for the class token.
func (b *builder) input() {
	p, l := b.p, b.l
	cells := make([]color.NRGBA, p.Height*p.Width)
	for i, x := range p.buffers[bufImage] {
		cells[i] = grey(x)
	}
	b.s.raster(Raster{Rect: l.input, Rows: p.Height, Cols: p.Width, Cells: cells, Label: "Input digit"})
	rows, cols := p.gridRows(), p.gridCols()
	line := Ink{"mark", 0.34}
	if cols > 6 {
		line.Alpha = 0.2
	}
	hair := 1 / b.v.Scale
	for i := 1; i < cols; i++ {
		b.s.box(Box{Rect: Rect{l.input.X + l.input.W*float64(i)/float64(cols), l.input.Y, hair, l.input.H}, Fill: line})
	}
	for i := 1; i < rows; i++ {
		b.s.box(Box{Rect: Rect{l.input.X, l.input.Y + l.input.H*float64(i)/float64(rows), l.input.W, hair}, Fill: line})
	}
	b.weights = p.Weights(b.weights[:0], b.v.Layer, b.v.Head, b.v.Query)
	b.s.raster(Raster{Rect: l.classBar, Rows: 1, Cols: 1, Cells: []color.NRGBA{Viridis(b.weights[0] / b.scaleOf(b.weights))}, Label: "Class token"})
	b.s.text(Text{X: l.classBar.X - 4, Y: l.classBar.Y + l.classBar.H/2, Size: micro, Anchor: Middle, Turn: true, Ink: ink("ink-3"), S: "class token"})

	at := func(token int) Rect {
		if token == 0 {
			return l.classBar
		}
		row, col := p.place(token)
		return inner(l.input, rows, cols, row, col)
	}
	b.marks(at)
	b.s.target(l.input, Hit{Kind: HitPatch}, rows, cols)
	// The bar is thin: its target reaches to the edge of the stage.
	b.s.target(Rect{0, l.classBar.Y, l.classBar.X + l.classBar.W + 2, l.classBar.H}, Hit{Kind: HitPatch}, 0, 0)
	b.part(PartInput, Rect{l.classBar.X, l.input.Y, l.input.X + l.input.W - l.classBar.X, l.input.H})
	b.part(PartClass, l.classBar)
}

// marks lights the query, and the token under the pointer, in one view; at gives the area of a token there. Prompts are not
// marked: they have no place in an image.
func (b *builder) marks(at func(token int) Rect) {
	if q := b.v.Query; q == 0 {
		b.s.markBar(at(0), 1.5)
	} else if q < b.p.Tokens {
		b.s.mark(at(q))
	}
	switch k := b.v.Key; {
	case k == b.v.Query || k < 0 || k >= b.p.Tokens:
	case k == 0:
		b.s.markBar(at(0), 1)
	default:
		b.s.point(at(k))
	}
}

// scaleOf is the value at the bright end of a map with these weights.
func (b *builder) scaleOf(weights []float64) float64 {
	if b.v.Shared {
		return b.sharedMax()
	}
	_, m := strongest(weights[:b.p.Tokens])
	return positive(m)
}

// sharedMax is the largest weight over all maps for this query, prompts apart. The mean can not exceed it.
func (b *builder) sharedMax() float64 {
	m := 0.0
	var w []float64
	for layer := range b.p.Grids {
		g := &b.p.Grids[layer]
		for head := range g.Heads {
			w = b.p.windowWeights(w[:0], layer, head, b.p.over(b.v.Query, g.Rows, g.Cols))
			if _, x := strongest(w); x > m {
				m = x
			}
		}
	}
	for layer := range b.p.Layers {
		for head := range b.p.Heads {
			w = b.p.Weights(w[:0], layer, head, b.v.Query)
			if _, x := strongest(w[:b.p.Tokens]); x > m {
				m = x
			}
		}
	}
	return positive(m)
}

// positive guards a division: a map of zeros is drawn as zeros.
func positive(x float64) float64 {
	if x > 0 {
		return x
	}
	return 1
}

// readout says in words what the marks show.
func (b *builder) readout() {
	r := b.l.readout
	for i, line := range b.p.readoutLines(b.v) {
		b.s.text(Text{X: r.X, Y: r.Y + 12 + float64(i)*lineHeight, Size: small, Ink: ink("ink-2"), Bold: line.bold, S: line.text})
	}
}

// answer draws the predicted classes, the three most likely ones as widths.
func (b *builder) answer() {
	p, r := b.p, b.l.answer
	if len(p.Probs) == 0 {
		return
	}
	if p.undecided() {
		b.s.box(Box{Rect: Rect{r.X, r.Y, r.W, 20}, Fill: ink("act-soft")})
		b.s.text(Text{X: r.X + 6, Y: r.Y + 14, Size: small, Bold: true, Ink: ink("ink"), S: "no guess yet"})
		b.s.text(Text{X: r.X, Y: r.Y + 34, Size: micro, Ink: ink("ink-3"), S: "all classes equal; it is " + p.class(p.Label)})
		b.part(PartAnswer, Rect{r.X, r.Y, r.W, 20})
		return
	}
	order := p.ranked()
	shown := order[:min(3, len(order))]
	prob := func(class int) float64 {
		if x := float64(p.Probs[class]); x > 0 { // not NaN, which a diverged run gives
			return x
		}
		return 0
	}
	const least, gap, height = 18, 1, 20
	room, total := r.W-float64(len(shown)-1)*gap-float64(len(shown))*least, 0.0
	for _, c := range shown {
		total += prob(c)
	}
	x := r.X
	for i, c := range shown {
		w := least + max(room, 0)*prob(c)/positive(total)
		b.s.box(Box{Rect: Rect{x, r.Y, w, height}, Fill: ink("act-soft")})
		label := p.class(c)
		if i == 0 {
			b.s.box(Box{Rect: Rect{x, r.Y + height - 2, w, 2}, Fill: ink("act")})
			if w > 76 {
				label = "says " + label + "  " + weight(float64(p.Probs[c]))
			}
		}
		b.s.text(Text{X: x + 6, Y: r.Y + 14, Size: small, Bold: i == 0, Ink: ink("ink"), S: label})
		x += w + gap
	}
	b.s.text(Text{X: r.X, Y: r.Y + height + 14, Size: micro, Ink: ink("ink-3"), S: p.verdict()})
	b.part(PartAnswer, Rect{r.X, r.Y, r.W, height})
}

// undecided reports whether every class is as likely as the others, as with a new head that is still zero: their order
// would then say nothing. The softmax of equal values may differ in its last bits.
func (p *Picture) undecided() bool {
	low, high := slices.Min(p.Probs), slices.Max(p.Probs)
	return len(p.Probs) > 1 && high-low < 1e-6 // false with NaN, which a diverged run gives
}

// ranked lists the classes from most to least likely; equal ones keep their order.
func (p *Picture) ranked() []int {
	order := make([]int, len(p.Probs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return p.Probs[order[i]] > p.Probs[order[j]] })
	return order
}

func (p *Picture) class(i int) string {
	if i >= 0 && i < len(p.Classes) {
		return p.Classes[i]
	}
	return strconv.Itoa(i)
}

// verdict says whether the most likely class is the true one.
func (p *Picture) verdict() string {
	if p.ranked()[0] == p.Label {
		return "right: it is " + p.class(p.Label)
	}
	return "wrong: it is " + p.class(p.Label)
}

// legend draws the colour scale of the maps and the switch between each map's own maximum and one scale for all.
func (b *builder) legend() {
	r := b.l.legend
	end := "its maximum"
	if b.v.Shared {
		end = weight(b.sharedMax())
	}
	b.scaleBar(r.X, r.Y, end)
	x, y := r.X, r.Y+18
	x += b.chip(x, y, 68, "own scale", !b.v.Shared, Hit{Kind: HitScale})
	b.chip(x-1, y, 68, "one scale", b.v.Shared, Hit{Kind: HitScale})
}

// scaleBar draws the colour scale of attention, from 0 to what end says.
func (b *builder) scaleBar(x, y float64, end string) {
	const bar = 92.0
	cells := make([]color.NRGBA, 64)
	for i := range cells {
		cells[i] = Viridis(float64(i) / 63)
	}
	b.s.text(Text{X: x, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: "0"})
	b.s.raster(Raster{Rect: Rect{x + 12, y + 1, bar, 9}, Rows: 1, Cols: 64, Cells: cells, Label: "Scale of attention"})
	b.s.text(Text{X: x + 12 + bar + 7, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: end})
}

// chip draws a small button and returns its width. On is told by ground and weight, not by hue.
func (b *builder) chip(x, y, w float64, label string, on bool, hit Hit) float64 {
	h := chipHeight(b.v)
	box := Box{Rect: Rect{x, y, w, h}, Fill: ink("surface"), Stroke: ink("line-2"), Line: 1}
	text := Text{X: x + w/2, Y: y + h/2 + 4, Size: small, Anchor: Middle, Ink: ink("ink-2"), S: label}
	if on {
		box.Fill, box.Stroke, text.Ink, text.Bold = ink("ink"), ink("ink"), ink("on-ink"), true
	}
	b.s.box(box)
	b.s.text(text)
	b.s.target(box.Rect, hit, 0, 0)
	return w
}

// attention draws layers x (heads and their mean), each a grid of patches with the class token as a strip.
func (b *builder) attention() {
	p, l := b.p, b.l
	_, first := l.cell(p, 0, p.Heads)
	b.s.box(Box{Rect: Rect{first.X - stripGap - stripWide - 6 - l.meanGap/2, first.Y, 1, l.pitchY*float64(p.Layers) - mapLabel - 4}, Fill: ink("line")})
	b.mapSet(func(layer, head int) (strip, grid Rect) { return l.cell(p, layer, head) }, l.maps.X+8, l.headLabel, false)
}

// mapSet draws a map over the patches for each layer and head, and for the mean of the heads: where the marked token looks or,
// for change, what a sequence has changed of the class token's look. Cell says where a map lies, labelX and labelY where the
// names of layers and heads do.
func (b *builder) mapSet(cell func(layer, head int) (strip, grid Rect), labelX, labelY float64, change bool) {
	p, s, v := b.p, b.s, b.v
	rows, cols := p.gridRows(), p.gridCols()
	shared := 0.0
	if v.Shared {
		shared = b.sharedMax()
		if change {
			shared = positive(p.mostChange())
		}
	}
	for layer := range p.Layers {
		for head := range p.Heads + 1 {
			strip, grid := cell(layer, head)
			if layer == 0 {
				name := "mean"
				if head < p.Heads {
					name = "head " + strconv.Itoa(head+1)
				}
				s.text(Text{X: grid.X + grid.W/2, Y: labelY, Size: micro, Anchor: Middle, Ink: ink("ink-3"), S: name})
			}
			if head == 0 {
				s.text(Text{X: labelX, Y: grid.Y + grid.H/2, Size: micro, Anchor: Middle, Turn: true, Ink: ink("ink-3"), S: "layer " + strconv.Itoa(layer+1)})
			}
			label := fmt.Sprintf("Layer %d, %s", layer+1, p.headName(head))
			at := func(token int) Rect {
				if token == 0 {
					return strip
				}
				row, col := p.place(token)
				return inner(grid, rows, cols, row, col)
			}
			cells, colour := make([]color.NRGBA, rows*cols), Viridis
			weights := p.Weights(b.weights[:0], layer, head, v.Query)
			under := Text{X: grid.X + grid.W, Y: grid.Y + grid.H + 13, Size: micro, Anchor: End, Ink: ink("ink-3")}
			_, own := strongest(weights[:p.Tokens])
			under.S = weight(own)
			seen := weights[1:p.Tokens]
			if change {
				label += ", change"
				colour, seen = Diverging, p.changes(nil, layer, head)
				own = most(seen)
				under.S = changed(own)
			}
			top := positive(own)
			if v.Shared {
				top = shared
			}
			for i := range cells {
				cells[i] = colour(seen[i] / top)
			}
			s.raster(Raster{Rect: grid, Rows: rows, Cols: cols, Cells: cells, Label: label})
			s.text(under)
			whole, part := Rect{strip.X, strip.Y, grid.X + grid.W - strip.X, grid.H}, PartAttention
			switch {
			case change:
				whole, part = grid, PartChange
				s.box(Box{Rect: grid.grow(1), Stroke: ink("line-2"), Line: 1})
				if v.Key > 0 && v.Key < p.Tokens {
					s.point(at(v.Key))
				}
			case !p.has(layer, v.Query):
				s.box(Box{Rect: grid, Stroke: ink("line-2"), Line: 1})
			default:
				s.raster(Raster{Rect: strip, Rows: 1, Cols: 1, Cells: []color.NRGBA{Viridis(weights[0] / top)}, Label: label + ", class token"})
				b.marks(at)
				b.part(PartClass, strip)
				if p.has(layer, p.Tokens) {
					s.text(Text{X: strip.X, Y: under.Y, Size: micro, Ink: ink("train-ink"), S: weight(p.onPrompts(weights))})
				}
			}
			if layer == v.Layer && head == v.Head {
				s.box(Box{Rect: whole.grow(3.5), Stroke: ink("ink"), Line: 2})
			}
			hit := Hit{Kind: HitMap, Layer: layer, Head: head}
			s.target(whole.grow(3), hit, 0, 0) // the rim and the strip: the class token
			s.target(grid, hit, rows, cols)
			b.part(part, whole)
			b.weights = weights
		}
	}
}

func (p *Picture) headName(head int) string {
	if head == p.Heads {
		return "mean of heads"
	}
	return "head " + strconv.Itoa(head+1)
}

// light dims what the lesson does not speak of and frames what it does.
func (b *builder) light() {
	lit := b.parts[b.v.Light]
	if b.v.Light == "" || len(lit) == 0 {
		return
	}
	for _, part := range Parts {
		if part == b.v.Light {
			continue
		}
		for _, r := range b.parts[part] {
			if !overlapsAny(r, lit) {
				b.s.box(Box{Rect: r.grow(1), Fill: Ink{"surface", 0.68}})
			}
		}
	}
	hue := ink("train")
	switch b.v.Light {
	case PartInput, PartAttention, PartClass, PartAnswer, PartField, PartRollout, PartDistance, PartTokens, PartChange, PartScatter, PartFates:
		hue = ink("act")
	case PartFrozen:
		hue = ink("frozen")
	}
	for _, r := range lit {
		b.s.box(Box{Rect: r.grow(3), Stroke: hue, Line: 2})
	}
}

func overlapsAny(r Rect, rs []Rect) bool {
	for _, o := range rs {
		if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
			return true
		}
	}
	return false
}

// weight writes a probability with two decimals and no leading zero, as under a map: ".36". A diverged run has none.
func weight(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strings.TrimPrefix(strconv.FormatFloat(x, 'f', 2, 64), "0")
}
