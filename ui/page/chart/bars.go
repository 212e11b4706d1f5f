package chart

import (
	"math"
	"slices"
	"strings"

	"petri/kernels/lab/wire"
)

// Bars are horizontal stacked bars on one axis. The role of a part gives its colour; parts of one role in one bar are
// told apart by their strength and by the gaps between them.
type Bars struct {
	Title    string    // bold, at the top
	Sub      string    // after it
	Value    wire.Axis // of the lengths
	Bars     []wire.Bar
	Selected string // arm
}

// Sizes of bars, in pixels.
const (
	barHeight = 18
	barPitch  = 27
	barAxis   = 24
)

// barColors are the tokens of the roles of parts (wire.BarPart.Role); frozen is hatched instead.
var barColors = map[string]string{"train": "train", "act": "act", "grad": "grad", "optimizer": "k5", "chance": "frozen", "frozen": "frozen",
	wire.RoleFloor: "frozen", wire.RoleReference: "ink", wire.RoleControl: "frozen", wire.RoleMethod: "train"}

// shade is how a kind of part looks: the token and how strong it is.
type shade struct {
	name, role string
	token      string
	opacity    float64
}

// shades lists the kinds of parts in the order of their first appearance.
func (b Bars) shades() []shade {
	var out []shade
	per := map[string]int{}
	for _, bar := range b.Bars {
		for _, p := range bar.Parts {
			if slices.ContainsFunc(out, func(s shade) bool { return s.name == p.Name && s.role == p.Role }) {
				continue
			}
			token, ok := barColors[p.Role]
			if !ok {
				token = "ink-3"
			}
			out = append(out, shade{p.Name, p.Role, token, 1})
			per[p.Role]++
		}
	}
	seen := map[string]int{}
	for i := range out {
		if n := per[out[i].role]; n > 1 && b.stacked() {
			out[i].opacity = 1 - 0.78*float64(seen[out[i].role])/float64(n-1)
		}
		seen[out[i].role]++
	}
	return out
}

// stacked says whether any bar has more than one part.
func (b Bars) stacked() bool {
	return slices.ContainsFunc(b.Bars, func(x wire.Bar) bool { return len(x.Parts) > 1 })
}

// marked says whether a bar is the selected arm's among bars of others.
func (b Bars) marked(bar wire.Bar) bool {
	return bar.Arm != "" && bar.Arm == b.Selected && slices.ContainsFunc(b.Bars, func(o wire.Bar) bool { return o.Arm != bar.Arm })
}

func (b Bars) shadeOf(p wire.BarPart, all []shade) shade {
	for _, s := range all {
		if s.name == p.Name && s.role == p.Role {
			return s
		}
	}
	return shade{token: "ink-3", opacity: 1}
}

func total(bar wire.Bar) float64 {
	sum := 0.0
	for _, p := range bar.Parts {
		if finite(p.Value) {
			sum += math.Max(p.Value, 0)
		}
	}
	return sum
}

// totalText is what stands at the end of a bar.
func (b Bars) totalText(bar wire.Bar) string {
	if len(bar.Parts) == 1 && bar.Parts[0].Text != "" {
		return bar.Parts[0].Text
	}
	most := 0.0
	for _, o := range b.Bars {
		most = math.Max(most, total(o))
	}
	if most == 0 || most >= 1000 || most < 0.1 {
		return Number(total(bar))
	}
	return fixed(total(bar), 2-int(math.Floor(math.Log10(most))))
}

// barsFrame is where bars lie at one width.
type barsFrame struct {
	area   box
	x      scale
	above  bool // names stand above the bars
	pitch  float64
	legend [][]shade
	height float64
}

func (b Bars) frame(width float64) barsFrame {
	var f barsFrame
	name, number := 0.0, 0.0
	var totals []float64
	for _, bar := range b.Bars {
		name = math.Max(name, textWidth(bar.Name, 12, true))
		number = math.Max(number, textWidth(b.totalText(bar), 12, true))
		totals = append(totals, total(bar))
	}
	f.pitch = barPitch
	f.area = box{X0: name + 10, X1: width - number - 10, Y0: 2}
	if b.Title != "" {
		f.area.Y0 += titleHeight
	}
	if name > 0.36*width {
		f.above, f.pitch, f.area.X0 = true, barPitch+15, 0
	}
	f.area.Y1 = f.area.Y0 + f.pitch*float64(len(b.Bars))
	axis := b.Value
	axis.Log = false
	if axis.Min == axis.Max {
		_, top, ok := extent(totals, false)
		if !ok || top <= 0 {
			top = 1
		}
		axis.Min, axis.Max = 0, top
	}
	f.x = newScale(axis, totals, f.area.X0, f.area.X1)
	f.height = f.area.Y1 + barAxis + 12
	row, used := []shade(nil), 0.0
	kinds := b.shades()
	if len(kinds) == 1 && kinds[0].role != "frozen" {
		kinds = nil // one kind needs no legend
	}
	for _, s := range kinds {
		w := textWidth(s.name, 12, false) + 32
		if used > 0 && used+w > width {
			f.legend = append(f.legend, row)
			row, used = nil, 0
		}
		row, used = append(row, s), used+w
	}
	if len(row) > 0 {
		f.legend = append(f.legend, row)
	}
	f.height += 19*float64(len(f.legend)) + 2
	return f
}

// bar is the box of one bar.
func (f barsFrame) bar(i int) box {
	y := f.area.Y0 + f.pitch*float64(i) + f.pitch - barHeight - 4
	return box{f.area.X0, y, f.area.X1, y + barHeight}
}

// Draw implements Graphic.
func (b Bars) Draw(width float64) Drawing {
	var g pen
	if len(b.Bars) == 0 {
		g.text(0, 24, "Nothing measured yet.", font{size: 12, token: "ink-3"}, "start")
		return Drawing{Width: width, Height: 40, Body: g.String()}
	}
	f := b.frame(width)
	all := b.shades()
	if b.Title != "" {
		g.title(b.Title, b.Sub, width)
	}
	for _, t := range f.x.Ticks {
		g.line(f.x.at(t), f.area.Y0, f.x.at(t), f.area.Y1, "line", 1, "")
	}
	for i, bar := range b.Bars {
		at := f.bar(i)
		ft := labelFont
		if b.marked(bar) {
			ft = strongFont
		}
		if f.above {
			g.text(0, at.Y0-5, fitText(bar.Name, 12, width, ft.bold), ft, "start")
		} else {
			g.text(0, at.Y1-5, bar.Name, ft, "start")
		}
		end := f.area.X0
		for k, p := range bar.Parts {
			x0, x1 := f.span(bar, k)
			if x1-x0 < 0.05 {
				continue
			}
			end = x1
			part := box{x0, at.Y0, math.Max(x1-1, x0+1), at.Y1}
			g.open("g")
			g.WriteString("><title>" + escape(bar.Name+": "+p.Name+" "+partText(p)) + "</title>")
			b.fill(&g, part, b.shadeOf(p, all))
			g.WriteString("</g>")
		}
		g.line(f.area.X0, at.Y0-2, f.area.X0, at.Y1+2, "line-2", 1, "")
		ft.token = "ink"
		g.text(end+6, at.Y1-5, b.totalText(bar), ft, "start")
	}
	b.drawFoot(&g, f, width)
	return Drawing{Width: width, Height: f.height, Body: g.String()}
}

// span is where a part lies on the axis, in pixels.
func (f barsFrame) span(bar wire.Bar, part int) (x0, x1 float64) {
	before := total(wire.Bar{Parts: bar.Parts[:part]})
	through := total(wire.Bar{Parts: bar.Parts[:part+1]})
	return f.x.at(before), f.x.at(through)
}

func (b Bars) fill(g *pen, at box, s shade) {
	if s.role == "frozen" {
		g.hatch(at)
		return
	}
	opacity := ""
	if s.opacity < 1 {
		opacity = px(s.opacity)
	}
	g.rect(at, s.token, "fill-opacity", opacity)
}

// drawFoot draws the axis and the legend by role.
func (b Bars) drawFoot(g *pen, f barsFrame, width float64) {
	y := f.area.Y1
	for i, t := range tickTexts(f.x.Ticks, false) {
		anchor := "middle"
		if x := f.x.at(f.x.Ticks[i]); x-textWidth(t, 11, false)/2 < 0 {
			anchor = "start"
		}
		g.text(f.x.at(f.x.Ticks[i]), y+14, t, tickFont, anchor)
	}
	unit := b.Value.Unit
	if unit == "" {
		unit = b.Value.Name
	}
	at := y + 14
	if n := len(f.x.Ticks); n > 0 && f.x.at(f.x.Ticks[n-1])+16 > width-textWidth(unit, 11, false) {
		at += 13 // the last number stands where the unit would
	}
	g.text(width, at, unit, unitFont, "end")
	y += barAxis + 12
	for _, row := range f.legend {
		x := 0.0
		for _, s := range row {
			b.fill(g, box{x, y, x + 11, y + 11}, s)
			g.text(x+17, y+10, s.name, labelFont, "start")
			x += textWidth(s.name, 12, false) + 32
		}
		y += 19
	}
}

func partText(p wire.BarPart) string {
	if p.Text != "" {
		return p.Text
	}
	return Number(p.Value)
}

// Hit implements Graphic: Cursor.Row is the bar, Cursor.Col its part.
func (b Bars) Hit(width, x, y float64) (Cursor, bool) {
	f := b.frame(width)
	for i, bar := range b.Bars {
		at := f.bar(i)
		if y < at.Y0-4 || y > at.Y1+4 || len(bar.Parts) == 0 {
			continue
		}
		for k := range bar.Parts {
			if x0, x1 := f.span(bar, k); x >= x0 && x <= x1 {
				return Cursor{Row: i, Col: k}, true
			}
		}
		return Cursor{Row: i, Col: len(bar.Parts) - 1}, true
	}
	return Cursor{}, false
}

// Move implements Graphic: up and down change the bar, left and right its part.
func (b Bars) Move(from *Cursor, key string) (Cursor, bool) {
	if len(b.Bars) == 0 {
		return Cursor{}, false
	}
	c := Cursor{}
	if from != nil {
		c = *from
	}
	c.Row = min(c.Row, len(b.Bars)-1)
	if key == "Home" || key == "End" {
		return Cursor{Row: map[string]int{"End": len(b.Bars) - 1}[key]}, true
	}
	row, vertical := moveIn(c.Row, len(b.Bars), key, "ArrowUp", "ArrowDown")
	col, across := moveIn(c.Col, len(b.Bars[c.Row].Parts), key, "ArrowLeft", "ArrowRight")
	if from == nil {
		return Cursor{}, vertical || across
	}
	return Cursor{Row: row, Col: max(0, min(col, len(b.Bars[row].Parts)-1))}, vertical || across
}

// Read implements Graphic: all parts of one bar, the one under the cursor bold.
func (b Bars) Read(width float64, c Cursor) Reading {
	if c.Row < 0 || c.Row >= len(b.Bars) {
		return Reading{}
	}
	f := b.frame(width)
	bar, at := b.Bars[c.Row], f.bar(c.Row)
	all := b.shades()
	r := Reading{Head: bar.Name, X: at.X0, Y: at.Y1}
	for i, p := range bar.Parts {
		r.Rows = append(r.Rows, ReadingRow{Name: p.Name, Text: partText(p), Color: b.shadeOf(p, all).token, Strong: i == c.Col})
	}
	if len(bar.Parts) > 1 {
		r.Rows = append(r.Rows, ReadingRow{Name: "together", Text: strings.TrimSpace(Number(total(bar)) + " " + b.Value.Unit)})
	}
	if c.Col < len(bar.Parts) {
		x0, x1 := f.span(bar, c.Col)
		r.X = (x0 + x1) / 2
		var g pen
		g.mark("rect", "x", px(x0-1), "y", px(at.Y0-1.5), "width", px(math.Max(x1-x0, 2)+1), "height", px(at.height()+3), "fill", "none", "stroke", cssVar("ink"), "stroke-width", "1.5")
		r.Marks = g.String()
	}
	return r
}

// Alt implements Graphic.
func (b Bars) Alt() string {
	var words []string
	for _, bar := range b.Bars {
		var parts []string
		for _, p := range bar.Parts {
			parts = append(parts, p.Name+" "+partText(p))
		}
		w := bar.Name + " " + strings.TrimSpace(b.totalText(bar)+" "+b.Value.Unit)
		if len(parts) > 1 {
			w += ": " + strings.Join(parts, ", ")
		}
		words = append(words, w)
	}
	return "Bars of " + strings.TrimSpace(b.Value.Name) + ". " + strings.Join(words, "; ") + "."
}

// Table implements Graphic: one row per part.
func (b Bars) Table() Table {
	value := "value"
	if b.Value.Unit != "" {
		value += ", " + b.Value.Unit
	}
	t := Table{Columns: []string{"bar", "part", value}}
	for _, bar := range b.Bars {
		for _, p := range bar.Parts {
			t.Rows = append(t.Rows, []string{bar.Name, p.Name, plain(p.Value)})
		}
	}
	return t
}
