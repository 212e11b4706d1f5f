package chart

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
	"petri/ui/pixels"
	"petri/ui/stage"
)

// HeatMaps are matrices as pictures, one cell per number, with their scales.
type HeatMaps struct {
	Heats []wire.Heat
	X, Y  wire.Axis // what columns and rows are; Min is the number of the first
}

// heatScale maps the values of one matrix onto colours.
type heatScale struct {
	lo, hi    float64
	diverging bool
}

const diverging = "diverging"

// scaleOfHeat takes the range a matrix names, or its own; a diverging one is symmetric about zero.
func scaleOfHeat(h wire.Heat) heatScale {
	s := heatScale{lo: h.Min, hi: h.Max, diverging: h.Scale == diverging}
	if s.lo == s.hi {
		lo, hi, ok := extent(h.Values, false)
		if !ok {
			lo, hi = 0, 1
		}
		s.lo, s.hi = lo, hi
	}
	if s.diverging {
		m := math.Max(math.Abs(s.lo), math.Abs(s.hi))
		s.lo, s.hi = -m, m
	}
	if s.lo == s.hi {
		s.hi = s.lo + 1
	}
	return s
}

func (s heatScale) color(v float64) color.NRGBA {
	if s.diverging {
		return stage.Diverging(v / s.hi)
	}
	return stage.Viridis((v - s.lo) / (s.hi - s.lo))
}

// texts are the ends of the scale in words.
func (s heatScale) texts() (lo, hi string) { return Number(s.lo), Number(s.hi) }

// Sizes of heat maps, in pixels.
const (
	heatTitle  = 20
	heatNote   = 18
	heatAxis   = 18 // left of and below the cells
	heatGapX   = 16
	heatGapY   = 12
	heatLegend = 24
	wideRatio  = 1.8  // columns to rows above which maps stand below one another
	heatCell   = 32.0 // side of a cell at most
	heatTall   = 360  // height of a map at most
)

// heatFrame is where the cells of every map lie at one width.
type heatFrame struct {
	cells  []box
	slots  []float64 // widths for the words above and below
	scales []heatScale
	shared bool // one scale for all
	height float64
	foot   float64 // top of the shared legend
}

func (m HeatMaps) frame(width float64) heatFrame {
	f := heatFrame{shared: true}
	titled, noted := false, false
	for i, h := range m.Heats {
		f.scales = append(f.scales, scaleOfHeat(h))
		f.shared = f.shared && f.scales[i] == f.scales[0]
		titled, noted = titled || h.Title != "", noted || h.Note != ""
	}
	axis := 0.0
	if m.X.Name != "" || m.Y.Name != "" {
		axis = heatAxis
	}
	cell := m.cellSize(width, axis)
	x, y, tallest := 0.0, 0.0, 0.0
	below := axis
	if noted {
		below += heatNote
	}
	if !f.shared {
		below += heatLegend
	}
	if titled {
		y += heatTitle
	}
	for i, h := range m.Heats {
		w := cell * float64(h.Cols)
		slot := math.Max(w, math.Max(textWidth(h.Title, 12, false), textWidth(h.Note, 11, false)))
		if !f.shared {
			slot = math.Max(slot, f.scales[i].legendWidth())
		}
		slot = math.Min(slot+axis, width)
		if x > 0 && x+slot > width+0.5 {
			x, y, tallest = 0, y+tallest+below+heatGapY, 0
			if titled {
				y += heatTitle
			}
		}
		f.cells = append(f.cells, box{x + axis, y, x + axis + w, y + math.Max(cell*float64(h.Rows), 8)})
		f.slots = append(f.slots, slot-axis)
		tallest = math.Max(tallest, f.cells[i].height())
		x += slot + heatGapX
	}
	y += tallest + below + heatGapY
	f.foot = y - heatGapY + 6
	f.height = math.Max(f.foot, 1)
	if f.shared && len(m.Heats) > 0 {
		f.height += heatLegend - 6
	}
	return f
}

// cellSize is the side of a cell. All maps of a figure have cells of one size, so that a larger matrix looks larger; up to
// four stand in a row where they are not wide. axis is the room left of each for the numbers of rows.
func (m HeatMaps) cellSize(width, axis float64) float64 {
	ratio := 0.0
	for _, h := range m.Heats {
		ratio = math.Max(ratio, float64(h.Cols)/float64(max(h.Rows, 1)))
	}
	columns := 1
	if ratio <= wideRatio {
		columns = max(1, min(len(m.Heats), int((width+heatGapX)/(96+heatGapX)), 4))
		switch n := len(m.Heats); { // rows of equal length look better than a full one and a rest
		case n == 4 && columns == 3:
			columns = 2
		case (n == 5 || n == 6) && columns == 4:
			columns = 3
		}
	}
	cell := heatCell
	for _, h := range m.Heats {
		slot := (width - heatGapX*float64(columns-1)) / float64(columns)
		cell = math.Min(cell, math.Min((slot-axis)/float64(max(h.Cols, 1)), heatTall/float64(max(h.Rows, 1))))
	}
	return cell
}

// Draw implements Graphic.
func (m HeatMaps) Draw(width float64) Drawing {
	f := m.frame(width)
	var g pen
	for i, h := range m.Heats {
		b, s := f.cells[i], f.scales[i]
		if h.Title != "" {
			g.text(b.X0, b.Y0-7, fitText(h.Title, 12, f.slots[i], false), labelFont, "start")
		}
		if len(h.Values) >= h.Rows*h.Cols && h.Rows > 0 && h.Cols > 0 {
			g.image(b, pixels.URL(h.Rows, h.Cols, func(r, c int) color.NRGBA { return s.color(h.Values[r*h.Cols+c]) }))
		}
		g.mark("rect", "x", px(b.X0-0.5), "y", px(b.Y0-0.5), "width", px(b.width()+1), "height", px(b.height()+1), "fill", "none", "stroke", cssVar("line"))
		m.drawTicks(&g, b, h)
		y := b.Y1 + 13
		if m.X.Name != "" || m.Y.Name != "" {
			y += heatAxis
		}
		if h.Note != "" {
			g.text(b.X0, y, fitText(h.Note, 11, f.slots[i], false), unitFont, "start")
			y += heatNote
		}
		if !f.shared {
			s.legend(&g, b.X0, y-3, "own scale")
		}
	}
	if f.shared && len(m.Heats) > 0 {
		words := ""
		if len(m.Heats) > 1 {
			words = "one scale for all " + strconv.Itoa(len(m.Heats))
		}
		f.scales[0].legend(&g, f.cells[0].X0, f.foot+8, words)
	}
	return Drawing{Width: width, Height: f.height, Body: g.String()}
}

// image places a picture on a box, its cells sharp.
func (p *pen) image(b box, href string) {
	p.mark("image", "x", px(b.X0), "y", px(b.Y0), "width", px(b.width()), "height", px(b.height()), "preserveAspectRatio", "none",
		"style", "image-rendering:pixelated", "href", href)
}

// drawTicks writes the numbers of the first and the last row and column, and what they are.
func (m HeatMaps) drawTicks(g *pen, b box, h wire.Heat) {
	m.drawRows(g, b, h)
	if m.X.Name != "" {
		first := int(m.X.Min)
		g.text(b.X0, b.Y1+13, strconv.Itoa(first), tickFont, "start")
		if b.width() > 70 {
			g.text((b.X0+b.X1)/2, b.Y1+13, fitText(m.X.Name+" →", 11, b.width()-40, false), unitFont, "middle")
		}
		if b.width() <= 26 {
			return
		}
		g.text(b.X1, b.Y1+13, strconv.Itoa(first+h.Cols-1), tickFont, "end")
	}
}

// drawRows writes the numbers of the first and the last row.
func (m HeatMaps) drawRows(g *pen, b box, h wire.Heat) {
	if m.Y.Name != "" {
		first := int(m.Y.Min)
		g.text(b.X0-5, b.Y0+10, strconv.Itoa(first), tickFont, "end")
		if b.height() <= 26 {
			return
		}
		if b.height() > 44 {
			g.text(b.X0-5, (b.Y0+b.Y1)/2+4, fitText(m.Y.Name, 11, heatAxis, false), unitFont, "end")
		}
		g.text(b.X0-5, b.Y1-2, strconv.Itoa(first+h.Rows-1), tickFont, "end")
	}
}

// legend draws a strip of the scale with its ends.
func (s heatScale) legend(g *pen, x, y float64, words string) {
	lo, hi := s.texts()
	g.text(x, y+4, lo, unitFont, "start")
	x += textWidth(lo, 11, false) + 7
	strip := box{x, y - 4.5, x + 92, y + 4.5}
	g.image(strip, pixels.URL(1, 92, func(_, c int) color.NRGBA { return s.color(s.lo + (s.hi-s.lo)*(float64(c)+0.5)/92) }))
	if s.diverging {
		hi += ", zero is the panel"
	}
	if words != "" {
		hi += ", " + words
	}
	g.text(strip.X1+7, y+4, hi, unitFont, "start")
}

// legendWidth is what the legend of one map needs.
func (s heatScale) legendWidth() float64 {
	lo, hi := s.texts()
	return textWidth(lo+hi+", own scale", 11, false) + 92 + 20
}

// Hit implements Graphic.
func (m HeatMaps) Hit(width, x, y float64) (Cursor, bool) {
	for i, b := range m.frame(width).cells {
		if h := m.Heats[i]; b.holds(point{x, y}) && h.Rows > 0 && h.Cols > 0 {
			return Cursor{i, min(int((y-b.Y0)/b.height()*float64(h.Rows)), h.Rows-1), min(int((x-b.X0)/b.width()*float64(h.Cols)), h.Cols-1)}, true
		}
	}
	return Cursor{}, false
}

// Move implements Graphic: arrows walk over the cells; beyond the last column lies the next map.
func (m HeatMaps) Move(from *Cursor, key string) (Cursor, bool) {
	if len(m.Heats) == 0 {
		return Cursor{}, false
	}
	if from == nil {
		return Cursor{}, strings.HasPrefix(key, "Arrow") || key == "Home" || key == "End"
	}
	c := *from
	c.Part = min(c.Part, len(m.Heats)-1)
	h := m.Heats[c.Part]
	switch {
	case key == "Home":
		c.Row, c.Col = 0, 0
		return c, true
	case key == "End":
		c.Row, c.Col = h.Rows-1, h.Cols-1
		return c, true
	case key == "ArrowRight" && c.Col == h.Cols-1 && c.Part < len(m.Heats)-1:
		return Cursor{c.Part + 1, min(c.Row, m.Heats[c.Part+1].Rows-1), 0}, true
	case key == "ArrowLeft" && c.Col == 0 && c.Part > 0:
		before := m.Heats[c.Part-1]
		return Cursor{c.Part - 1, min(c.Row, before.Rows-1), before.Cols - 1}, true
	}
	if to, ok := moveIn(c.Col, h.Cols, key, "ArrowLeft", "ArrowRight"); ok {
		c.Col = to
		return c, true
	}
	to, ok := moveIn(c.Row, h.Rows, key, "ArrowUp", "ArrowDown")
	c.Row = to
	return c, ok
}

// Read implements Graphic: the value of one cell, marked in all maps of the same size.
func (m HeatMaps) Read(width float64, c Cursor) Reading {
	if c.Part < 0 || c.Part >= len(m.Heats) {
		return Reading{}
	}
	f := m.frame(width)
	h := m.Heats[c.Part]
	r := Reading{Head: m.place(c)}
	var g pen
	for i, o := range m.Heats {
		if o.Rows != h.Rows || o.Cols != h.Cols || len(o.Values) < o.Rows*o.Cols {
			continue
		}
		b := f.cells[i]
		w, t := b.width()/float64(o.Cols), b.height()/float64(o.Rows)
		cell := box{b.X0 + float64(c.Col)*w, b.Y0 + float64(c.Row)*t, b.X0 + float64(c.Col+1)*w, b.Y0 + float64(c.Row+1)*t}
		g.mark("rect", "x", px(cell.X0-1), "y", px(cell.Y0-1), "width", px(cell.width()+2), "height", px(cell.height()+2), "fill", "none", "stroke", "#FFFFFF", "stroke-width", "2.6")
		g.mark("rect", "x", px(cell.X0-1), "y", px(cell.Y0-1), "width", px(cell.width()+2), "height", px(cell.height()+2), "fill", "none", "stroke", "#111111", "stroke-width", "1")
		if i == c.Part {
			r.X, r.Y = cell.X1, cell.Y0
		}
		name := o.Title
		if name == "" {
			name = "value"
		}
		r.Rows = append(r.Rows, ReadingRow{Name: name, Text: Number(o.Values[c.Row*o.Cols+c.Col]), Strong: i == c.Part})
	}
	r.Marks = g.String()
	return r
}

// place is "i 2, j 5", or "row 2, column 5" where the axes have no names.
func (m HeatMaps) place(c Cursor) string {
	row, col := m.Y.Name, m.X.Name
	if row == "" {
		row = "row"
	}
	if col == "" {
		col = "column"
	}
	r0, c0 := int(m.Y.Min), int(m.X.Min)
	if m.Y.Name == "" {
		r0 = 1
	}
	if m.X.Name == "" {
		c0 = 1
	}
	return fmt.Sprintf("%s %d, %s %d", row, r0+c.Row, col, c0+c.Col)
}

// Alt implements Graphic.
func (m HeatMaps) Alt() string {
	var words []string
	for i, h := range m.Heats {
		lo, hi, ok := extent(h.Values, false)
		if !ok {
			continue
		}
		w := fmt.Sprintf("map %d", i+1)
		if h.Title != "" {
			w = h.Title
		}
		w += fmt.Sprintf(", %d by %d, from %s to %s", h.Rows, h.Cols, Number(lo), Number(hi))
		if h.Note != "" {
			w += ", " + h.Note
		}
		words = append(words, w)
	}
	return "Maps of numbers. " + strings.Join(words, "; ") + "."
}

// Table implements Graphic: one row per cell.
func (m HeatMaps) Table() Table {
	t := Table{Columns: []string{"map", "row", "column", "value"}}
	if m.Y.Name != "" {
		t.Columns[1] = m.Y.Name
	}
	if m.X.Name != "" {
		t.Columns[2] = m.X.Name
	}
	for i, h := range m.Heats {
		name := h.Title
		if name == "" {
			name = strconv.Itoa(i + 1)
		}
		for k := range min(h.Rows*h.Cols, len(h.Values)) {
			r0, c0 := max(int(m.Y.Min), 0), max(int(m.X.Min), 0)
			t.Rows = append(t.Rows, []string{name, strconv.Itoa(r0 + k/h.Cols), strconv.Itoa(c0 + k%h.Cols), plain(h.Values[k])})
		}
	}
	return t
}
