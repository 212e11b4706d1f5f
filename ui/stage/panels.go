package stage

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// tilesMost is how many tiles of a panel are drawn.
const tilesMost = 96

// partOf is the name by which a lesson lights a panel, "" for none.
func partOf(id string) Part {
	switch id {
	case panelField:
		return PartField
	case panelRollout:
		return PartRollout
	case panelTable, panelSimilarity:
		return PartTable
	case panelFilters:
		return PartFilters
	}
	return ""
}

// panels draws the groups of panels and returns the height of the scene. Narrow, they stand one below another. Wide, they
// stand beside each other, the receptive field first, and the last place is shared: chips choose who has it. Notes without a
// picture stand below all then: a place of their own would be empty but for some lines.
func (b *builder) panels(y float64) float64 {
	groups := b.p.groups()
	order := b.p.cardOrder(groups)[b.placed:]
	if len(order) == 0 {
		return y
	}
	var notes []int
	if b.l.wide {
		order, notes = b.p.pictured(order, groups)
	}
	b.s.box(Box{Rect: Rect{0, y, b.s.W, 1}, Fill: ink("line")})
	y += 14
	if !b.l.wide {
		for _, i := range order {
			y = b.card(i, groups[i], Rect{0, y, b.s.W, 0}) + 22
		}
		return y - 14
	}
	columns := cardColumns(b.s.W)
	width := (b.s.W - cardApart*float64(columns-1)) / float64(columns)
	bottom := y
	for k := range columns {
		r := Rect{float64(k) * (width + cardApart), y, width, 0}
		if k < columns-1 || len(order) <= columns {
			if k < len(order) {
				bottom = max(bottom, b.card(order[k], groups[order[k]], r))
			}
			continue
		}
		shared := order[k:]
		shown := b.p.shownCard(b.v, groups, shared)
		x := r.X
		for _, i := range shared {
			w := max(wideOf(groups[i].id, small)*1.06+14, 30)
			if x > r.X && x+w > r.X+r.W {
				x, r.Y = r.X, r.Y+chipHeight(b.v)+4
			}
			x += b.chip(x, r.Y, w, groups[i].id, i == shown, Hit{Kind: HitShow, Group: i}) - 1
		}
		r.Y += chipHeight(b.v) + 8
		for _, i := range shared { // the height is that of the highest, so that nothing moves when another is chosen
			bottom = max(bottom, b.cardHeight(i, groups[i], r))
		}
		b.card(shown, groups[shown], r)
	}
	for _, i := range notes {
		bottom = b.card(i, groups[i], Rect{0, bottom + 12, b.s.W, 0})
	}
	return bottom + 8
}

// cardColumns is how many cards stand beside each other in a wide picture.
func cardColumns(width float64) int { return min(max(int((width+cardApart)/(270+cardApart)), 2), 3) }

// cardOrder lists the groups as they are drawn: the receptive field first.
func (p *Picture) cardOrder(groups []group) []int {
	order := make([]int, 0, len(groups))
	for i := range groups {
		if groups[i].id == panelField {
			order = append([]int{i}, order...)
		} else {
			order = append(order, i)
		}
	}
	return order
}

// pictured parts an order of groups into those with a picture and those that are a note.
func (p *Picture) pictured(order []int, groups []group) (pictures, notes []int) {
	for _, i := range order {
		if slices.ContainsFunc(groups[i].panels, func(k int) bool { return !bare(&p.Panels[k]) }) {
			pictures = append(pictures, i)
		} else {
			notes = append(notes, i)
		}
	}
	return pictures, notes
}

// shownCard is the group that has the shared place: the one that the lesson lights, else the one that was chosen, else the
// first.
func (p *Picture) shownCard(v View, groups []group, shared []int) int {
	shown := shared[0]
	for _, i := range shared {
		if v.Card == 1+i {
			shown = i
		}
	}
	if v.Light == "" || partOf(groups[shown].id) == v.Light {
		return shown
	}
	for _, i := range shared {
		if partOf(groups[i].id) == v.Light {
			return i
		}
	}
	return shown
}

// hidden reports whether a group is one of those that share a place and has it not.
func (p *Picture) hidden(v View, i int, groups []group) bool {
	order, columns := p.cardOrder(groups), cardColumns(v.Width)
	if len(p.Grids) == 0 {
		order = order[1:]
	}
	order, _ = p.pictured(order, groups)
	if v.Width < wideFrom || len(order) <= columns {
		return false
	}
	shared := order[columns-1:]
	return slices.Contains(shared, i) && p.shownCard(v, groups, shared) != i
}

// cardHeight is where a card would end at most, whichever of its panels is chosen.
func (b *builder) cardHeight(number int, g group, r Rect) float64 {
	trial := *b
	trial.parts, trial.measure = map[Part][]Rect{}, true
	bottom := 0.0
	for i := range g.panels {
		trial.s = &Scene{W: b.s.W}
		if number < len(trial.v.Pick) {
			trial.v.Pick[number] = 1 + i
		}
		bottom = max(bottom, trial.card(number, g, r))
	}
	return bottom
}

// card draws the chosen panel of a group below r.Y and returns the y below it.
func (b *builder) card(number int, g group, r Rect) float64 {
	p, s := b.p, b.s
	index := p.picked(b.v, number, g)
	n := &p.Panels[index]
	y := b.paragraph(n.Title, r.X, r.Y-3, r.W, Text{Size: small, Bold: true, Ink: ink("ink")})
	if len(g.panels) > 1 {
		y += 4
		x := r.X
		for i, k := range g.panels {
			name := p.Panels[k].Layer
			if name == "" {
				name = "whole network"
			}
			w := max(wideOf(name, small)*1.06+14, 30)
			if b.v.Coarse {
				w = max(w, 40)
			}
			if x > r.X && x+w > r.X+r.W {
				x, y = r.X, y+chipHeight(b.v)+4
			}
			x += b.chip(x, y, min(w, r.W), cut(name, small, r.W-14), k == index, Hit{Kind: HitPick, Group: number, Panel: i}) - 1
		}
		y += chipHeight(b.v) + 4
	} else if n.Layer != "" {
		s.text(Text{X: r.X, Y: y + 10, Size: micro, Ink: ink("ink-3"), S: cut(n.Layer, micro, r.W)})
		y += 14
	}
	if bare(n) {
		y = b.paragraph(n.Note, r.X, y+2, r.W, Text{Size: micro, Ink: ink("ink-2")})
		if part := partOf(n.ID); part != "" {
			b.part(part, Rect{r.X, r.Y, r.W, y - r.Y})
		}
		return y
	}
	y += 6
	y = b.tiles(index, Rect{r.X + 2, y, r.W - 4, 0}) // marks reach out of the tiles
	y = b.panelScale(index, r.X, y+4, r.W)
	if line := p.fieldLine(index); line != "" {
		if rows, _ := p.outSize(); n.ID == panelField && rows > 0 {
			line += " Click for another."
		}
		y = b.paragraph(line, r.X, y+1, r.W, Text{Size: micro, Ink: ink("ink-2"), Bold: true})
	}
	return b.paragraph(n.Note, r.X, y+2, r.W, Text{Size: micro, Ink: ink("ink-2")})
}

// fieldLine says of which output a field is, and how much of it lies in the predicted set.
func (p *Picture) fieldLine(panel int) string {
	n := &p.Panels[panel]
	line := ""
	if rows, cols := p.outSize(); n.ID == panelField && rows > 0 {
		line = fmt.Sprintf("Of output %v of %d × %d.", spot{p.Frame.Token / cols, p.Frame.Token % cols}, rows, cols)
	}
	if share, ok := p.insideShare(panel); ok {
		line += " Inside the outline: " + percent(share) + "."
	}
	return strings.TrimSpace(line)
}

// percent writes a share so that only what is all of it is called 100 %.
func percent(x float64) string {
	switch {
	case x >= 1:
		return "100 %"
	case x > 0.9994:
		return "over 99.9 %"
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + " %"
}

// tileLayout says how the tiles of a panel lie: so many in a line, each of this size.
type tileLayout struct {
	line         int
	w, h         float64
	pitchX       float64
	pitchY       float64
	labels, tops bool // below each tile
}

func (b *builder) tileLayout(n *frame.Panel, width float64) tileLayout {
	scale := b.v.Scale
	const apart = 6.0
	l := tileLayout{line: 1}
	shape := float64(n.Rows) / float64(n.Cols)
	switch {
	case n.Tiles == 1:
		l.w = min(width, 212)
	case isMapOfTiles(n):
		l.line = n.Cols
		l.w = min((width+3)/float64(n.Cols)-3, 48)
	default:
		l.w = min(max(float64(n.Cols)*7, 26), 92, width)
		if n.Tiles <= 4 {
			l.w = min((width+apart)/float64(n.Tiles)-apart, 92)
		}
		l.line = min(max(int((width+apart)/(l.w+apart)), 1), n.Tiles)
	}
	if fine := b.p.Width; n.OverImage && n.Tiles == 1 && fine%n.Cols == 0 {
		l.w = snap(l.w, fine, scale) // pictures over the image have one size
	} else if l.w >= float64(n.Cols)/scale {
		l.w = snap(l.w, n.Cols, scale)
	}
	l.h = l.w * shape
	gap := apart
	if isMapOfTiles(n) {
		gap = 3
	}
	l.pitchX, l.pitchY = l.w+gap, l.h+gap
	if n.Tiles > 1 && !isMapOfTiles(n) {
		l.tops = !b.v.Shared && l.w >= 40
		l.labels = len(n.Labels) > 0
		for _, label := range n.Labels {
			need := wideOf(label, micro)
			if l.tops {
				need += 38
			}
			if need > l.w+apart-2 {
				l.labels = false
			}
		}
		if l.labels || l.tops {
			l.pitchY += 15
		}
	}
	return l
}

// tops are the values drawn at full strength: of all tiles, and of one.
func (p *Picture) tops(panel int) (all float64) {
	n := &p.Panels[panel]
	return largest(p.buffers[n.Buffer])
}

// tiles draws the pictures of a panel and returns the y below them.
func (b *builder) tiles(index int, r Rect) float64 {
	p, s := b.p, b.s
	n := &p.Panels[index]
	l := b.tileLayout(n, r.W)
	all := p.tops(index)
	shown := min(n.Tiles, tilesMost)
	if isMapOfTiles(n) {
		shown = n.Tiles
	}
	bottom := r.Y
	for i := range shown {
		t := Rect{r.X + float64(i%l.line)*l.pitchX, r.Y + float64(i/l.line)*l.pitchY, l.w, l.h}
		bottom = max(bottom, t.Y+l.pitchY)
		if b.measure {
			continue
		}
		x := p.tile(index, i)
		own := largest(x)
		top := positive(own)
		if b.v.Shared {
			top = positive(all)
		}
		cells := make([]color.NRGBA, len(x))
		for k := range x {
			if n.Scale == scaleDiverging {
				cells[k] = Diverging(float64(x[k]) / top)
			} else {
				cells[k] = Viridis(float64(x[k]) / top)
			}
		}
		label := n.Title
		if name := p.tileName(index, i); name != "" {
			label += ", " + name
		}
		s.raster(Raster{Rect: t, Rows: n.Rows, Cols: n.Cols, Cells: cells, Label: label})
		if n.Scale == scaleDiverging {
			s.box(Box{Rect: t.grow(1), Stroke: ink("line-2"), Line: 1})
		}
		if n.Outline != 0 {
			b.outline(index, t)
		}
		b.tileMarks(index, i, t)
		if l.labels {
			s.text(Text{X: t.X, Y: t.Y + t.H + 13, Size: micro, Ink: ink("ink-3"), S: n.Labels[i]})
		}
		if l.tops {
			s.text(Text{X: t.X + t.W, Y: t.Y + t.H + 13, Size: micro, Anchor: End, Ink: ink("ink-3"), S: sized(n, own)})
		}
		s.target(t, Hit{Kind: HitTile, Panel: index, Tile: i}, n.Rows, n.Cols)
	}
	if part := partOf(n.ID); part != "" { // all tiles at once: a frame for each would be a lattice
		rows := (shown + l.line - 1) / l.line
		b.part(part, Rect{r.X, r.Y, float64(l.line-1)*l.pitchX + l.w, float64(rows-1)*l.pitchY + l.h})
	}
	if shown < n.Tiles {
		bottom = b.paragraph(fmt.Sprintf("The first %d of %d; the table has all.", shown, n.Tiles), r.X, bottom-2, r.W, Text{Size: micro, Ink: ink("ink-3")})
	}
	return bottom
}

// sized writes the largest value of a tile.
func sized(n *frame.Panel, x float64) string {
	if n.Scale == scaleDiverging && x > 0 {
		return "±" + number(x)
	}
	return number(x)
}

// outline draws the border of the predicted set over a tile: white between dark lines, so that it is seen on every
// colour. Borders in a line are drawn as one.
func (b *builder) outline(index int, t Rect) {
	p := b.p
	n := &p.Panels[index]
	w, h := t.W/float64(n.Cols), t.H/float64(n.Rows)
	var edges []Rect
	for row := 0; row <= n.Rows; row++ {
		from := -1
		for col := 0; col <= n.Cols; col++ {
			edge := col < n.Cols && p.outlined(index, row-1, col) != p.outlined(index, row, col)
			if edge && from < 0 {
				from = col
			}
			if !edge && from >= 0 {
				edges = append(edges, Rect{t.X + float64(from)*w, t.Y + float64(row)*h, float64(col-from) * w, 0})
				from = -1
			}
		}
	}
	for col := 0; col <= n.Cols; col++ {
		from := -1
		for row := 0; row <= n.Rows; row++ {
			edge := row < n.Rows && p.outlined(index, row, col-1) != p.outlined(index, row, col)
			if edge && from < 0 {
				from = row
			}
			if !edge && from >= 0 {
				edges = append(edges, Rect{t.X + float64(col)*w, t.Y + float64(from)*h, 0, float64(row-from) * h})
				from = -1
			}
		}
	}
	for _, e := range edges {
		b.s.box(Box{Rect: e.grow(1.75), Fill: ink("mark-dark")})
	}
	for _, e := range edges {
		b.s.box(Box{Rect: e.grow(0.75), Fill: ink("mark")})
	}
}

// tileMarks lights, in one tile, the output position, the cell that asks and what is under the pointer.
func (b *builder) tileMarks(index, tile int, t Rect) {
	p, v := b.p, b.v
	n := &p.Panels[index]
	at := func(c spot) Rect { return inner(t, n.Rows, n.Cols, c.row, c.col) }
	if rows, cols := p.outSize(); n.ID == panelField && rows > 0 {
		b.s.frameOutput(inner(t, rows, cols, p.Frame.Token/cols, p.Frame.Token%cols))
	}
	switch {
	case n.OverImage:
		c := p.over(v.Query, n.Rows, n.Cols)
		if v.Query > 0 && !isMapOfTiles(n) {
			b.s.markSmall(at(c))
		}
		if v.Key > 0 {
			b.s.pointSmall(at(p.over(v.Key, n.Rows, n.Cols)))
		}
	case n.ID == panelSimilarity && !isMapOfTiles(n):
		if c, ok := p.within(n, v.Query); ok && v.Query > 0 {
			b.s.markSmall(at(c))
		}
		if c, ok := p.within(n, v.Key); ok && v.Key > 0 {
			b.s.pointSmall(at(c))
		}
	case n.ID == panelTable && v.Key > 0:
		if c, ok := p.offset(n, v.Query, v.Key); ok {
			b.s.pointSmall(at(c))
		}
	}
	if isMapOfTiles(n) {
		if c := p.over(v.Query, n.Rows, n.Cols); c.row*n.Cols+c.col == tile {
			b.s.box(Box{Rect: t.grow(2), Stroke: ink("ink"), Line: 2})
		}
		if v.Key > 0 && !n.OverImage {
			b.s.pointSmall(at(p.over(v.Key, n.Rows, n.Cols)))
		}
	}
	if v.Panel == index && v.Tile == tile && !n.OverImage {
		b.s.pointSmall(at(spot{v.Row, v.Col}))
	}
}

// within is the cell of a panel over one window of its layer's map under a token.
func (p *Picture) within(n *frame.Panel, token int) (c spot, ok bool) {
	for i := range p.Grids {
		if g := &p.Grids[i]; g.Name == n.Layer && n.Rows == g.Side && n.Cols == g.Side {
			c = p.over(token, g.Rows, g.Cols)
			return spot{c.row % g.Side, c.col % g.Side}, true
		}
	}
	return c, false
}

// offset is the entry of a table of relative positions by which one token looks at another, where its layer's map says
// so.
func (p *Picture) offset(n *frame.Panel, from, to int) (c spot, ok bool) {
	for i := range p.Grids {
		g := &p.Grids[i]
		if g.Name != n.Layer || n.Rows != 2*g.Side-1 || n.Cols != 2*g.Side-1 {
			continue
		}
		a, b := p.over(from, g.Rows, g.Cols), p.over(to, g.Rows, g.Cols)
		if window(g, a) != window(g, b) {
			return c, false
		}
		return spot{b.row - a.row + g.Side - 1, b.col - a.col + g.Side - 1}, true
	}
	return c, false
}

// panelScale draws the colour scale of a panel and beside it what the pointer is on, and returns the y below.
func (b *builder) panelScale(index int, x, y, width float64) float64 {
	p, s := b.p, b.s
	n := &p.Panels[index]
	all := p.tops(index)
	const bar = 56.0
	cells := make([]color.NRGBA, 57)
	low, high := "0", number(all)
	for i := range cells {
		if n.Scale == scaleDiverging {
			cells[i] = Diverging(float64(i-28) / 28)
		} else {
			cells[i] = Viridis(float64(i) / 56)
		}
	}
	if n.Scale == scaleDiverging {
		low = "−" + high
	}
	if n.Tiles > 1 && !b.v.Shared {
		high = "each to its largest"
		if n.Scale == scaleDiverging {
			low, high = "−", "+ each to its largest"
		}
	}
	s.text(Text{X: x, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: low})
	at := x + wideOf(low, micro) + 7
	s.raster(Raster{Rect: Rect{at, y + 1, bar, 9}, Rows: 1, Cols: len(cells), Cells: cells, Label: "Scale of " + n.Title})
	if n.Scale == scaleDiverging {
		s.box(Box{Rect: Rect{at - 1, y, bar + 2, 11}, Stroke: ink("line-2"), Line: 1})
	}
	at += bar + 6
	if says := p.tileLine(b.v, index); says != "" {
		high = says
	}
	s.text(Text{X: at, Y: y + 9, Size: micro, Ink: ink("ink-2"), S: cut(high, micro, x+width-at)})
	return y + 14
}

// tileLine says which number of a panel the pointer is on, "" for none.
func (p *Picture) tileLine(v View, index int) string {
	n := &p.Panels[index]
	c, tile := spot{v.Row, v.Col}, v.Tile
	if v.Panel != index {
		if v.Key <= 0 || !n.OverImage || n.Tiles > 1 {
			return ""
		}
		c, tile = p.over(v.Key, n.Rows, n.Cols), 0
	}
	x := signed(float64(p.tile(index, tile)[c.row*n.Cols+c.col]))
	if name := p.tileName(index, tile); name != "" {
		return name + " at " + c.String() + ": " + x
	}
	if n.Outline != 0 && !p.outlined(index, c.row, c.col) {
		x += ", outside"
	}
	return "at " + c.String() + ": " + x
}

// signed writes a number with two significant digits and a true minus.
func signed(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strings.Replace(number(x), "-", "−", 1)
}
