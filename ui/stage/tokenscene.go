package stage

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"petri/kernels/lab/wire/frame"
)

// Sizes of the picture with a sequence, in CSS pixels.
const (
	tokenMost  = 28.0 // side of a token
	tokenLeast = 8.0  // below it, the tokens of a layer stand in several lines
	tokenLines = 4
	heatHigh   = 4.0  // strip below a token: how strongly it is looked at
	flowHigh   = 19.0 // room between two layers
	dot        = 5.0  // an example of the scatter
)

// classHues are the colours of classes, which repeat where there are more: each has a contrast of 3.5 with the ground in both
// themes, and none is the orange of what is trained.
var classHues = [...]uint32{0x2F7FC1, 0xD6453D, 0x2E8F4A, 0x9A5FD0, 0x8A8A00, 0x14909A, 0xD04F9E, 0x9A6A35, 0x7A828A, 0x5B6BE0}

func hue(class int) color.NRGBA {
	h := classHues[class%len(classHues)]
	return color.NRGBA{uint8(h >> 16), uint8(h >> 8), uint8(h), 255}
}

// tokens draws what a sequence has beside the image, and returns the height of the scene: the tokens of every layer, where the
// marked one looks, what has changed against the frozen network, and the scatter.
func (b *builder) tokens() float64 {
	p, s, right := b.p, b.s, b.l.maps
	y := b.gridAnswer(b.l.answer) + 10
	columns, width := 2, (s.W-cardApart)/2
	if b.l.wide {
		y = max(b.legendAt(0, y, b.l.readout.W), b.sequence(right))
	} else {
		columns, width = 1, s.W
		right.Y = b.legendAt(0, max(y, b.l.input.Y+b.l.input.H+10), s.W) + 14
		y = b.sequence(right)
	}
	y += 12
	rule := func() {
		s.box(Box{Rect: Rect{0, y, s.W, 1}, Fill: ink("line")})
		y += 12
	}
	rule()
	left := b.tokenMaps(Rect{0, y, width, 0}, false)
	if columns == 1 {
		y = left + 12
		rule()
	}
	y = max(left, b.tokenMaps(Rect{s.W - width, y, width, 0}, true))
	if p.Sequence.Points != nil {
		y += 12
		rule()
		y = b.scatter(Rect{0, y, s.W, 0})
	}
	return y + 4
}

func (b *builder) title(s string, r Rect) float64 {
	return b.paragraph(s, r.X, r.Y-3, r.W, Text{Size: small, Bold: true, Ink: ink("ink")})
}

func (b *builder) caption(s string, r Rect, y float64) float64 {
	return b.paragraph(s, r.X, y, r.W, Text{Size: micro, Ink: ink("ink-2")})
}

// sequence draws the tokens of every layer in lines, the first layer on top, and returns the y below. Prompts are orange:
// filled where they are new in a layer, pale where the layer below returns them; what a layer made of prompts that the next
// one replaces is struck out below it.
func (b *builder) sequence(r Rect) float64 {
	p, s, v := b.p, b.s, b.v
	const gutter, least, apart = 30.0, 29.0, 7.0
	patches, prompts := p.Tokens-1, p.tokens()-p.Tokens
	label := ""
	if prompts > 0 {
		label = strconv.Itoa(p.prompts()) + " " + p.promptWord() + "s"
	}
	words := 0.0
	if label != "" {
		words = wideOf(label, micro) + 4
	}
	room := r.W - gutter - least - 2*apart - 2
	var cell float64
	var across, wide int // prompts and patches in a line
	for lines := 1; lines <= tokenLines; lines++ {
		across, wide = (prompts+lines-1)/lines, (patches+lines-1)/lines
		cell = room / float64(across+wide)
		if float64(across)*cell < words {
			cell = (room - words) / float64(wide)
		}
		if cell >= tokenLeast {
			break
		}
	}
	cell = snap(min(cell, tokenMost), 1, v.Scale)
	classX := r.X + gutter
	promptX := classX + max(cell, least) + apart
	patchX := promptX
	if prompts > 0 {
		patchX += max(float64(across)*cell, words) + apart
	}
	end := patchX + float64(wide)*cell
	lines := max((prompts+across-1)/max(across, 1), (patches+wide-1)/wide)
	high := cell + heatHigh + 1
	// at is the area of a token in the layer whose first line is at y.
	at := func(token int, y float64) Rect {
		switch {
		case token == 0:
			return Rect{classX, y, cell, cell}
		case token < p.Tokens:
			i := token - 1
			return Rect{patchX + float64(i%wide)*cell, y + float64(i/wide)*high, cell, cell}
		}
		i := token - p.Tokens
		return Rect{promptX + float64(i%across)*cell, y + float64(i/across)*high, cell, cell}
	}

	y := b.title("Tokens of each layer", r)
	head := Text{Y: y + 12, Size: micro, Ink: ink("ink-3")}
	for _, h := range []struct {
		x float64
		s string
	}{{r.X, "layer"}, {classX, "class"}, {patchX, strconv.Itoa(patches) + " patches"}} {
		head.X, head.S = h.x, h.s
		s.text(head)
	}
	if label != "" {
		head.X, head.S, head.Ink = promptX, label, ink("train-ink")
		s.text(head)
	}
	y += 14
	top := y
	for layer := range p.Layers {
		l := &p.Sequence.Layers[layer]
		b.flow(layer, Rect{promptX, y, 0, flowHigh}, at)
		if layer > 0 {
			s.box(Box{Rect: Rect{classX + cell/2 - .5, y + 1, 1, flowHigh - 2}, Fill: ink("act")})
		}
		s.text(Text{X: end, Y: y + flowHigh - 6, Size: micro, Anchor: End, Ink: ink("train-ink"), S: story(l)})
		y += flowHigh
		number := Text{X: r.X + gutter/2 - 2, Y: y + cell/2 + 4, Size: small, Anchor: Middle, Ink: ink("ink-3"), S: strconv.Itoa(layer + 1)}
		if layer == v.Layer {
			number.Ink, number.Bold = ink("ink"), true
		}
		s.text(number)
		s.target(Rect{r.X, y, gutter - 4, high}, Hit{Kind: HitMap, Layer: layer, Head: v.Head}, 0, 0)
		b.tokenRow(layer, y, across, wide, cell, at)
		y += float64(lines) * high
	}
	b.part(PartTokens, Rect{r.X, top, end - r.X, y - top})
	return b.caption(b.p.sequenceWords(), r, y+3)
}

// flow draws, above the layer that begins below r, what happens to prompts on the way into it.
func (b *builder) flow(layer int, r Rect, at func(token int, y float64) Rect) {
	p, s := b.p, b.s
	l := &p.Sequence.Layers[layer]
	if l.Prompts == 0 {
		return
	}
	bottom := r.Y + r.H
	_, looked := l.Size(p.Tokens)
	var first []Rect // of the columns
	for token := p.Tokens; token < looked; token++ {
		if c := at(token, bottom); c.Y == bottom {
			first = append(first, c)
		}
	}
	switch l.From {
	case frame.PromptsCarried:
		for _, c := range first {
			s.box(Box{Rect: Rect{c.X + c.W/2 - .5, r.Y + 1, 1, r.H - 2}, Fill: ink("train")})
		}
		return
	case frame.PromptsReplace:
		for _, c := range first {
			s.box(Box{Rect: Rect{c.X + 1.5, r.Y + 2, c.W - 3, 7}, Stroke: ink("line-2"), Line: 1})
		}
		for _, c := range first {
			s.box(Box{Rect: Rect{c.X + .5, r.Y + 5, c.W - 1, 1}, Fill: ink("ink")})
		}
	default:
		for _, c := range first {
			s.box(Box{Rect: Rect{c.X + c.W/2 - .5, r.Y + 5, 1, r.H - 9}, Fill: ink("train")})
		}
	}
	for _, c := range first { // the head of an arrow
		for i := range 4 {
			half := float64(4-i) - .5
			s.box(Box{Rect: Rect{c.X + c.W/2 - half, bottom - 5 + float64(i), 2 * half, 1}, Fill: ink("train")})
		}
	}
}

// tokenRow draws the tokens of a layer, and below them how strongly the marked one looks at each.
func (b *builder) tokenRow(layer int, y float64, across, wide int, cell float64, at func(token int, y float64) Rect) {
	p, s, v := b.p, b.s, b.v
	l := &p.Sequence.Layers[layer]
	_, looked := l.Size(p.Tokens)
	b.weights = p.Weights(b.weights[:0], layer, v.Head, v.Query)
	_, own := strongest(b.weights)
	heat := func(first, n int, what string) {
		cells := make([]color.NRGBA, n)
		for i := range cells {
			cells[i] = Viridis(b.weights[first+i] / positive(own))
		}
		c := at(first, y)
		s.raster(Raster{Rect: Rect{c.X, c.Y + cell + 1, cell * float64(n), heatHigh}, Rows: 1, Cols: n, Cells: cells, Label: fmt.Sprintf("Layer %d, weight of %s", layer+1, what)})
	}
	s.box(Box{Rect: at(0, y).grow(-.5), Fill: ink("act")})
	heat(0, 1, "the class token")
	// Patches are cut from the image, a line at a time.
	for first := 1; first < p.Tokens; first += wide {
		n := min(wide, p.Tokens-first)
		cells := make([]color.NRGBA, p.Patch*p.Patch*n)
		for i := range n {
			row, col := p.place(first + i)
			for dy := range p.Patch {
				for dx := range p.Patch {
					cells[dy*p.Patch*n+i*p.Patch+dx] = grey(p.buffers[bufImage][(row*p.Patch+dy)*p.Width+col*p.Patch+dx])
				}
			}
		}
		c := at(first, y)
		s.raster(Raster{Rect: Rect{c.X, c.Y, cell * float64(n), cell}, Rows: p.Patch, Cols: p.Patch * n, Cells: cells, Label: "Patches"})
		for i := 1; i < n; i++ {
			s.box(Box{Rect: Rect{c.X + float64(i)*cell - .5, c.Y, 1, cell}, Fill: ink("surface")})
		}
		heat(first, n, "patches")
	}
	for token := p.Tokens; token < looked; token++ {
		c := at(token, y).grow(-.5)
		one := Box{Rect: c, Fill: ink("train")}
		switch {
		case token == p.Tokens+l.Drawn:
			one = Box{Rect: c, Fill: ink("train-soft"), Hatch: ink("train"), Stroke: ink("train"), Line: 1}
		case l.From == frame.PromptsCarried:
			one = Box{Rect: c, Fill: ink("train-soft"), Stroke: ink("train"), Line: 1}
		case l.From == frame.PromptsKeys:
			one.Rect = Rect{c.X + c.W*.3, c.Y, c.W * .4, c.H}
		}
		s.box(one)
	}
	for first := p.Tokens; first < looked; first += across {
		n := min(across, looked-first)
		heat(first, n, "prompts")
		a, z := at(first, y), at(first+n-1, y)
		b.part(PartPrompts, Rect{a.X, a.Y, z.X + z.W - a.X, cell + heatHigh + 1})
	}
	for token := range looked {
		c := at(token, y)
		if token == v.Query {
			s.box(Box{Rect: c.grow(1), Stroke: ink("ink"), Line: 2})
		} else if token == v.Key {
			s.box(Box{Rect: c.grow(1), Stroke: ink("ink"), Line: 1})
		}
		c.H += heatHigh + 1
		s.target(c, Hit{Kind: HitPatch, Token: token}, 0, 0)
	}
}

// sequenceWords say what the drawing of the sequence means: the same whatever is marked, so that nothing moves.
func (p *Picture) sequenceWords() string {
	s := "No prompts: the class token and the patches, layer for layer. "
	if p.prompts() > 0 {
		said := map[string]bool{}
		for i := range p.Sequence.Layers {
			said[p.Sequence.Layers[i].From] = true
		}
		s = ""
		for _, w := range [...][2]string{
			{frame.PromptsEnter, "Orange: prompts that enter. "},
			{frame.PromptsReplace, "Struck out: what the layer below made of its prompts; it is thrown away, new ones take the place. "},
			{frame.PromptsCarried, "Pale: prompts as the layer below returns them. "},
			{frame.PromptsKeys, "Orange: keys and values that the tokens look at; they are no tokens and do not look. "},
		} {
			if said[w[0]] {
				s += w[1]
			}
		}
		if p.with.Drawn < p.with.Prompts {
			s += fmt.Sprintf("Hatched: %s. ", p.promptName(p.Tokens+p.with.Drawn))
		}
	}
	return s + "Strips: how strongly the marked token looks at each, in the selected head; brightest at the largest of a layer."
}

func grey(x float32) color.NRGBA {
	g := uint8(8 + 247*min(max(x, 0), 1))
	return color.NRGBA{g, g, g, 255}
}

// tokenMaps draws a map over the patches for each layer and head, and returns the y below: where the marked token looks, or
// what has changed of the class token's look.
func (b *builder) tokenMaps(r Rect, change bool) float64 {
	p, v := b.p, b.v
	title := "Attention from " + p.Name(v.Query)
	if change {
		title = "Change against the frozen network"
	}
	y := b.title(title, r) + 2
	const gutter, meanGap, apart = 18.0, 8.0, 6.0
	rows, cols := p.gridRows(), p.gridCols()
	side := stripWide + stripGap
	pitch := (r.W - gutter - meanGap + apart - 4) / float64(p.Heads+1)
	room := min(pitch-side-apart, 76)
	if b.l.wide {
		room = min(room, 400/float64(p.Layers)-mapLabel-4)
	}
	size := snap(room, cols, v.Scale)
	pitch = min(pitch, size+side+34)
	high := size / float64(cols) * float64(rows)
	b.mapSet(func(layer, head int) (strip, grid Rect) {
		x, y := r.X+gutter+float64(head)*pitch, y+16+float64(layer)*(high+mapLabel+4)
		if head == p.Heads {
			x += meanGap
		}
		return Rect{x, y, stripWide, high}, Rect{x + side, y, size, high}
	}, r.X+8, y+10, change)
	y += 16 + float64(p.Layers)*(high+mapLabel+4)
	if change {
		y = b.divergingBar(r.X, y, p.mostChange())
		return b.caption("Of the class token's look at the patches, what each patch gets more (red) or less (blue) than in the frozen network. "+
			"Both are divided by their sums over the patches first: what prompts or the class token take is not seen here.", r, y)
	}
	words := "Strip: the class token. Below: the largest weight"
	if p.prompts() > 0 {
		words += " and, in orange, what all " + p.promptWord() + "s get"
	}
	return b.caption(words+". The weights of a row sum to 1. Attention says where a head reads, not what it makes of it.", r, y)
}

// divergingBar draws the scale of the changes, the largest of which is top, and returns the y below.
func (b *builder) divergingBar(x, y, top float64) float64 {
	if top == 0 {
		b.s.text(Text{X: x, Y: y + 9, Size: micro, Bold: true, Ink: ink("ink-2"), S: "Nothing has changed."})
		return y + 15
	}
	cells := make([]color.NRGBA, 63)
	for i := range cells {
		cells[i] = Diverging(float64(i-31) / 31)
	}
	low, high := "−", "+ each map to its largest"
	if b.v.Shared {
		low, high = "−"+fine(top), "+"+fine(top)
	}
	bar := Rect{x + wideOf(low, micro) + 6, y + 1, 62, 9}
	b.s.text(Text{X: x, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: low})
	b.s.raster(Raster{Rect: bar, Rows: 1, Cols: len(cells), Cells: cells, Label: "Scale of the change"})
	b.s.box(Box{Rect: bar.grow(1), Stroke: ink("line-2"), Line: 1})
	b.s.text(Text{X: bar.X + bar.W + 6, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: high})
	return y + 15
}

// scatter draws the features of the examples, those of the frozen network beside those of the trained one on the same axes,
// and returns the y below.
func (b *builder) scatter(r Rect) float64 {
	p, s := b.p, b.s
	n := p.Sequence.Points
	y := b.title("Features of "+strconv.Itoa(len(n.Labels))+" examples", r)
	const apart = 14.0
	w := (r.W - apart) / 2
	h := min(w*.86, 230)
	// One scale for both clouds and both axes: distances can be compared.
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, trained := range []bool{false, true} {
		for i := range n.Labels {
			if x, y, ok := p.point(trained, i); ok {
				low, high = [2]float64{min(low[0], x), min(low[1], y)}, [2]float64{max(high[0], x), max(high[1], y)}
			}
		}
	}
	if low[0] > high[0] {
		return b.caption("The features are no numbers.", r, y)
	}
	const rim = 9.0
	scale := min((w-2*rim)/positive(high[0]-low[0]), (h-2*rim)/positive(high[1]-low[1]))
	for k, trained := range []bool{false, true} {
		plot := Rect{r.X + float64(k)*(w+apart), y + 17, w, h}
		name := "frozen network"
		if trained {
			name = "after step " + strconv.Itoa(n.Step)
		}
		s.text(Text{X: plot.X, Y: y + 12, Size: micro, Ink: ink("ink-3"), S: name})
		s.box(Box{Rect: plot, Stroke: ink("line-2"), Line: 1})
		at := func(x, y float64) (float64, float64) { // the second direction points up
			return plot.X + plot.W/2 + (x-(low[0]+high[0])/2)*scale, plot.Y + plot.H/2 - (y-(low[1]+high[1])/2)*scale
		}
		b.cloud(trained, plot, at)
		b.part(PartScatter, plot)
	}
	y += 17 + h + 4
	s.text(Text{X: r.X, Y: y + micro + 1, Size: micro, Bold: true, Ink: ink("ink-2"), S: cut(p.pointLine(b.v), micro, r.W*.94)})
	y += micro + 4
	words := fmt.Sprintf("The class token behind the final norm, for validation examples, each cloud about its own mean, along the two directions in which both together vary most: %s and %s of the variance. "+
		"Colour is the true class, its name stands at its mean", percent(float64(n.Shares[0])), percent(float64(n.Shares[1])))
	if len(p.Classes) > len(classHues) {
		words += fmt.Sprintf("; %d colours repeat", len(classHues))
	}
	return b.caption(words+". What lies together here may lie apart in directions that are not drawn.", r, y)
}

// cloud draws the examples of one network, and at the mean of each class its name, where that has room.
func (b *builder) cloud(trained bool, plot Rect, at func(x, y float64) (float64, float64)) {
	p, s := b.p, b.s
	n := p.Sequence.Points
	type mean struct{ x, y, n float64 }
	means := make([]mean, len(p.Classes))
	var ring Rect
	order := make([]int, len(n.Labels)) // class by class, which makes the written picture smaller
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return n.Labels[i] - n.Labels[j] })
	for _, i := range order {
		label := n.Labels[i]
		x, y, ok := p.point(trained, i)
		if !ok {
			continue
		}
		x, y = at(x, y)
		c := Rect{x - dot/2, y - dot/2, dot, dot}
		s.raster(Raster{Rect: c, Rows: 1, Cols: 1, Cells: []color.NRGBA{hue(max(label, 0))}, Label: p.class(label)})
		s.target(c.grow(2), Hit{Kind: HitCell, Part: PartScatter, Row: i}, 0, 0)
		if i == p.ringed(b.v) {
			ring = c.grow(4)
		}
		if label >= 0 && label < len(means) {
			m := &means[label]
			m.x, m.y, m.n = m.x+x, m.y+y, m.n+1
		}
	}
	var taken []Rect
	for class, m := range means {
		if m.n == 0 {
			continue
		}
		name := cut(p.class(class), small, 60)
		wide := wideOf(name, small)*1.06 + 4
		for _, d := range [...][2]float64{{0, 0}, {0, -1}, {0, 1}, {-1, 0}, {1, 0}, {-1, -1}, {1, 1}, {1, -1}, {-1, 1}, {0, -2}, {0, 2}} {
			c := Rect{m.x/m.n - wide/2 + d[0]*wide, m.y/m.n - 7 + d[1]*14, wide, 14}
			c.X = min(max(c.X, plot.X+1), plot.X+plot.W-c.W-1)
			c.Y = min(max(c.Y, plot.Y+1), plot.Y+plot.H-c.H-1)
			if overlapsAny(c, taken) {
				continue
			}
			taken = append(taken, c)
			s.box(Box{Rect: c, Fill: Ink{"surface", 0.8}})
			s.text(Text{X: c.X + wide/2, Y: c.Y + 11, Size: small, Anchor: Middle, Bold: true, Ink: ink("ink"), S: name})
			break
		}
	}
	if ring.W > 0 {
		s.box(Box{Rect: ring, Stroke: ink("ink"), Line: 2})
	}
}
