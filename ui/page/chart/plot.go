package chart

import (
	"math"
	"slices"
	"sort"
	"strings"

	"petri/kernels/lab/wire"
)

// Plot is a line chart: the name of each line stands at its end, units stand at the ends of the axes, and there is no
// legend.
type Plot struct {
	Title  string // bold, at the top; the y axis follows in words
	X, Y   wire.Axis
	Lines  []Line
	Inside float64 // height of the area between the axes in pixels, 0 for 190
	Empty  string  // what to say while there is nothing to draw
	Quiet  bool    // with many lines, name only those that stand out: another plot beside this one names all
}

// Line is one curve. Low and High may be empty; they are drawn where Band is set and they differ.
type Line struct {
	Name         string
	Arm          string
	Style        Style
	X, Y         []float64
	Low, High    []float64
	Selected     bool // thicker, on top, bold label
	Band         bool
	Dots         bool   // mark the points, where they are few
	DivergedText string // "diverged at step 40"; "" where it did not
}

// Sizes of a plot, in pixels.
const (
	insideHeight = 190
	titleHeight  = 22
	overAxis     = 10 // free space above the area, for a label there
	underAxis    = 34 // ticks and unit
	labelGap     = 14 // between the base lines of two labels
	labelIndent  = 16 // from the end of a line to its label
)

// plotFrame is where a plot's parts lie at one width.
type plotFrame struct {
	area   box
	x, y   scale
	lines  []Line // those with something to draw, in drawing order
	width  float64
	height float64
	quiet  bool
}

// quietAbove is how many lines a quiet plot names without exception.
const quietAbove = 6

// mute says that the name of a line is left to the other plot: a method that is not the selected one.
func (f plotFrame) mute(l Line) bool {
	return f.quiet && !l.Selected && l.DivergedText == "" && strings.HasPrefix(l.Style.Color, "k")
}

func (p Plot) frame(width float64) plotFrame {
	f := plotFrame{width: width}
	for _, l := range p.Lines {
		if l.last() >= 0 {
			f.lines = append(f.lines, l)
		}
	}
	sort.SliceStable(f.lines, func(i, j int) bool { return !f.lines[i].Selected && f.lines[j].Selected })
	f.area.Y0 = overAxis
	if p.Title != "" {
		f.area.Y0 += titleHeight
	}
	inside := p.Inside
	if inside == 0 {
		inside = insideHeight
	}
	f.area.Y1 = f.area.Y0 + inside
	f.height = f.area.Y1 + underAxis
	var xs, ys []float64
	for _, l := range f.lines {
		for i := range l.X {
			if finite(l.Y[i]) {
				xs, ys = append(xs, l.X[i]), append(ys, l.Y[i])
			}
		}
		// Bands do not widen the axis, or two seeds would squeeze every line: only where they end they are all there.
		if i := l.last(); (l.banded() || len(l.X) == 1 && len(l.Low) == 1 && len(l.High) == 1) && (!p.Y.Log || l.Low[i] > 0) {
			ys = append(ys, l.Low[i], l.High[i])
		}
	}
	f.y = newScale(p.Y, ys, f.area.Y1, f.area.Y0)
	f.area.X0 = 8
	for _, t := range tickTexts(f.y.Ticks, p.Y.Log) {
		f.area.X0 = math.Max(f.area.X0, textWidth(t, 11, false)+9)
	}
	f.quiet = p.Quiet && len(f.lines) > quietAbove
	label := 0.0
	for _, l := range f.lines {
		if f.mute(l) {
			continue
		}
		label = math.Max(label, textWidth(l.label(), 12, l.Selected)+labelIndent+6)
	}
	f.area.X1 = width - math.Max(math.Min(label, 0.48*width), 14)
	f.x = xScale(p.X, xs, f.area.X0, f.area.X1)
	return f
}

// xScale is newScale that ends with the data, and puts a tick at every value where they are few.
func xScale(axis wire.Axis, xs []float64, a, b float64) scale {
	if lo, hi, ok := extent(xs, axis.Log); ok && axis.Min == axis.Max && lo < hi {
		axis.Min, axis.Max = lo, hi
	}
	s := newScale(axis, xs, a, b)
	distinct := slices.Compact(slices.Sorted(slices.Values(xs)))
	if len(distinct) < 2 || len(distinct) > 8 {
		return s
	}
	texts := tickTexts(distinct, axis.Log)
	for i := 1; i < len(distinct); i++ {
		if s.at(distinct[i])-s.at(distinct[i-1]) < (textWidth(texts[i], 11, false)+textWidth(texts[i-1], 11, false))/2+6 {
			return s
		}
	}
	s.Ticks = distinct
	return s
}

// last is the index of the last finite point, -1 where there is none.
func (l Line) last() int {
	for i := min(len(l.X), len(l.Y)) - 1; i >= 0; i-- {
		if finite(l.X[i]) && finite(l.Y[i]) {
			return i
		}
	}
	return -1
}

// banded says whether there is a band to draw: one seed alone has none.
func (l Line) banded() bool {
	if !l.Band || len(l.Low) != len(l.Y) || len(l.High) != len(l.Y) {
		return false
	}
	for i := range l.Y {
		if l.Low[i] != l.High[i] {
			return true
		}
	}
	return false
}

func (l Line) label() string {
	if l.DivergedText != "" {
		return l.Name + ", diverged"
	}
	return l.Name
}

func (l Line) font() font {
	if l.Selected {
		return strongFont
	}
	return labelFont
}

// strokeWidth of a line: the selected one is thicker.
func (l Line) strokeWidth() float64 {
	if l.Selected {
		return 2.6
	}
	return l.Style.Width
}

// bandOpacity is weaker for the arms that are only there to compare with.
func (l Line) bandOpacity() float64 {
	if l.Selected || l.Arm == "" {
		return 0.16
	}
	return 0.1
}

// points are the finite points of a line in pixels.
func (f plotFrame) points(l Line) []point {
	pts := make([]point, 0, len(l.X))
	for i := range l.X {
		if finite(l.Y[i]) {
			pts = append(pts, point{f.x.at(l.X[i]), f.y.at(l.Y[i])})
		}
	}
	return pts
}

// end is where the label of a line belongs: its last point, moved to the edge of the area where it lies outside.
func (f plotFrame) end(l Line) point {
	i := l.last()
	return point{min(max(f.x.at(l.X[i]), f.area.X0), f.area.X1), min(max(f.y.at(l.Y[i]), f.area.Y0), f.area.Y1)}
}

// Draw implements Graphic.
func (p Plot) Draw(width float64) Drawing {
	f := p.frame(width)
	var g pen
	p.drawAxes(&g, f)
	if len(f.lines) == 0 && p.Empty != "" {
		g.halo((f.area.X0+f.area.X1)/2, (f.area.Y0+f.area.Y1)/2+4, fitText(p.Empty, 12, f.area.width(), false), font{size: 12, token: "ink-3"}, "middle")
	}
	for _, l := range f.lines {
		if l.banded() {
			g.area(clipArea(f.band(l), f.area), l.Style.Color, l.bandOpacity())
		}
	}
	for _, l := range f.lines {
		pts := f.points(l)
		if len(pts) == 1 && len(l.X) == 1 && len(l.Low) == 1 && len(l.High) == 1 && l.Low[0] < l.High[0] { // a point has a whisker for a band
			low, high := f.y.at(l.Low[0]), f.y.at(l.High[0])
			for _, piece := range clipLine([]point{{pts[0].X, low}, {pts[0].X, high}}, f.area) {
				g.path(piece, Style{Color: l.Style.Color}, 1.5)
			}
		}
		for _, piece := range clipLine(pts, f.area) {
			g.path(piece, l.Style, l.strokeWidth())
		}
		if l.Dots && roomy(pts) || len(pts) == 1 {
			for _, q := range pts {
				if f.area.holds(q) {
					g.sign(q, Style{Color: l.Style.Color, Shape: dotShape(l.Style.Shape)})
				}
			}
		}
		if e := f.end(l); l.DivergedText != "" && f.inside(l) {
			g.mark("path", "d", pathData([]point{{e.X - 4, e.Y - 4}, {e.X + 4, e.Y + 4}})+pathData([]point{{e.X + 4, e.Y - 4}, {e.X - 4, e.Y + 4}}), "stroke", cssVar("neg"), "stroke-width", "2", "fill", "none")
		}
	}
	f.drawLabels(&g)
	return Drawing{Width: width, Height: f.height, Body: g.String()}
}

// roomy says whether points lie far enough apart to be marked one by one.
func roomy(pts []point) bool {
	n := len(pts)
	return n > 1 && math.Abs(pts[n-1].X-pts[0].X)/float64(n-1) >= 9
}

// inside says whether the last point of a line is on the axes.
func (f plotFrame) inside(l Line) bool {
	i := l.last()
	return f.area.holds(point{f.x.at(l.X[i]), f.y.at(l.Y[i])})
}

// dotShape replaces the dashes, which mark a line, by a circle, which marks a point.
func dotShape(s Shape) Shape {
	if s == Dashes {
		return Circle
	}
	return s
}

// band is the outline of the interval around a line.
func (f plotFrame) band(l Line) []point {
	var up, down []point
	for i := range l.X {
		if finite(l.Low[i]) && finite(l.High[i]) {
			x := f.x.at(l.X[i])
			low := f.y.at(l.Low[i])
			if f.y.Log && l.Low[i] <= 0 { // infinitely far below: the band ends at the axis, without tearing at its neighbours
				low = f.area.Y1
			}
			up, down = append(up, point{x, f.y.at(l.High[i])}), append(down, point{x, low})
		}
	}
	slices.Reverse(down)
	return append(up, down...)
}

// drawAxes draws the title with the y axis in words, the grid, the ticks and the units.
func (p Plot) drawAxes(g *pen, f plotFrame) {
	if p.Title != "" {
		g.title(p.Title, p.axisWords(), f.width)
	}
	for i, t := range tickTexts(f.y.Ticks, p.Y.Log) {
		y := f.y.at(f.y.Ticks[i])
		g.line(f.area.X0, y, f.area.X1, y, "line", 1, "")
		g.text(f.area.X0-7, y+3.8, t, tickFont, "end")
	}
	g.line(f.area.X0, f.area.Y1, f.area.X1, f.area.Y1, "line-2", 1, "")
	unit := p.X.Name
	if p.X.Unit != "" {
		unit += ", " + p.X.Unit
	}
	if p.X.Log {
		unit += ", log scale"
	}
	free := math.Inf(-1)
	for i, t := range tickTexts(f.x.Ticks, p.X.Log) {
		x := f.x.at(f.x.Ticks[i])
		g.line(x, f.area.Y1, x, f.area.Y1+4, "line-2", 1, "")
		half := textWidth(t, 11, false) / 2
		if x-half < free {
			continue
		}
		free = x + half + 6
		g.text(x, f.area.Y1+16, t, tickFont, "middle")
	}
	g.text(f.area.X1, f.area.Y1+31, unit, unitFont, "end")
}

// axisWords is "validation, %, log scale": what the y axis measures, after the title.
func (p Plot) axisWords() string {
	var words []string
	if p.Y.Name != "" && !strings.EqualFold(p.Y.Name, p.Title) {
		words = append(words, p.Y.Name)
	}
	if p.Y.Unit != "" {
		words = append(words, p.Y.Unit)
	}
	if p.Y.Log {
		words = append(words, "log scale")
	}
	return strings.Join(words, ", ")
}
