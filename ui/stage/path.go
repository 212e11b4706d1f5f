package stage

import (
	"fmt"
	"image"
	"math"
)

// Point is a place in CSS pixels, or in pixels of a picture.
type Point struct{ X, Y float64 }

// Path is a set of lines, closed unless Open: filled by the rule of even and odd, drawn with a line, or both. Paths lie above
// rasters and below boxes.
type Path struct {
	Lines  [][]Point
	Open   bool
	Fill   Ink // Alpha 0 for none
	Stroke Ink
	Line   float64 // width; its middle is the path
	Dash   float64 // length of dashes and of the gaps between them, 0 for none
}

//go:noinline
func (s *Scene) fill(lines [][]Point, with Ink) {
	s.Paths = append(s.Paths, Path{Lines: lines, Fill: with})
}

// line draws lines, with a white rim where rim is more than 0, so that they are seen on every picture.
//
//go:noinline
func (s *Scene) line(lines [][]Point, open bool, with Ink, wide, dash, rim float64) {
	if rim > 0 {
		s.Paths = append(s.Paths, Path{Lines: lines, Open: open, Stroke: Ink{"mark", with.Alpha}, Line: wide + 2*rim})
	}
	s.Paths = append(s.Paths, Path{Lines: lines, Open: open, Stroke: with, Line: wide, Dash: dash})
}

// round is a circle as a polygon, turned by a part of its corners.
//
//go:noinline
func round(x, y, r float64, corners int, turn float64) []Point {
	line := make([]Point, corners)
	for i := range line {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + turn) / float64(corners))
		line[i] = Point{x + r*cos, y + r*sin}
	}
	return line
}

func (r Rect) line() []Point {
	return []Point{{r.X, r.Y}, {r.X + r.W, r.Y}, {r.X + r.W, r.Y + r.H}, {r.X, r.Y + r.H}}
}

// segments calls for every segment of a path, its dashes one by one where it has some.
func (p *Path) segments(draw func(a, b Point)) {
	for _, line := range p.Lines {
		rest, on := p.Dash, true
		for i, a := range line {
			b := line[(i+1)%len(line)]
			if i == len(line)-1 && p.Open {
				break
			}
			for {
				long, end := math.Hypot(b.X-a.X, b.Y-a.Y), b
				if p.Dash > 0 && long > rest {
					end = Point{a.X + (b.X-a.X)*rest/long, a.Y + (b.Y-a.Y)*rest/long}
				}
				if on {
					draw(a, end)
				}
				if end == b {
					rest -= long
					break
				}
				a, rest, on = end, p.Dash, !on
			}
		}
	}
}

// path paints with soft edges: what of each pixel is covered is collected first, so that crossing lines do not add up.
func (c *canvas) path(p Path) {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	lines := make([][]Point, len(p.Lines))
	for i, line := range p.Lines {
		lines[i] = make([]Point, len(line))
		for k, at := range line {
			at = Point{at.X * c.scale, at.Y * c.scale}
			lines[i][k] = at
			low, high = Point{min(low.X, at.X), min(low.Y, at.Y)}, Point{max(high.X, at.X), max(high.Y, at.Y)}
		}
	}
	if !(low.X <= high.X) {
		return
	}
	half := p.Line * c.scale / 2
	area := image.Rect(int(low.X-half)-1, int(low.Y-half)-1, int(high.X+half)+2, int(high.Y+half)+2).Intersect(c.img.Rect)
	if area.Empty() {
		return
	}
	if n := area.Dx() * area.Dy(); n > cap(c.cover) {
		c.cover = make([]uint8, n)
	}
	cover := c.cover[:area.Dx()*area.Dy()] // all 0: what is laid is taken from it
	if p.Fill.Alpha > 0 {
		inside(cover, area, lines)
		c.lay(cover, area, p.Fill)
	}
	if p.Stroke.Alpha > 0 && p.Line > 0 {
		half = max(half, 0.5)
		p.Lines, p.Dash = lines, p.Dash*c.scale
		p.segments(func(a, b Point) { stroke(cover, area, a, b, half) })
		c.lay(cover, area, p.Stroke)
	}
}

// lay puts a colour over an area as far as it is covered.
func (c *canvas) lay(cover []uint8, area image.Rectangle, with Ink) {
	col := with.Colour(c.theme)
	alpha, rgb := int(col.A), [3]int{int(col.R), int(col.G), int(col.B)}
	wide := area.Dx()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		px := c.img.Pix[c.img.PixOffset(area.Min.X, y):]
		row := cover[:wide]
		for x, k := range row {
			if k > 0 {
				a := alpha * int(k) / 255
				for i, to := range rgb { // as over does, which would be a call for every pixel
					px[4*x+i] = uint8((int(px[4*x+i])*(255-a) + to*a + 127) / 255)
				}
				row[x] = 0
			}
		}
		cover = cover[wide:]
	}
}

// sublines is how many lines of each row of pixels are looked at for a fill.
const sublines = 4

// inside covers what lies inside of closed lines.
func inside(cover []uint8, area image.Rectangle, lines [][]Point) {
	crossings := make([][]float64, area.Dy()*sublines)
	for _, line := range lines {
		for i, a := range line {
			b := line[(i+1)%len(line)]
			if a.Y > b.Y {
				a, b = b, a
			}
			sub := func(y float64) int { return int(math.Ceil((y-float64(area.Min.Y))*sublines - 0.5)) }
			for k := max(sub(a.Y), 0); k < min(sub(b.Y), len(crossings)); k++ {
				y := float64(area.Min.Y) + (float64(k)+0.5)/sublines
				crossings[k] = append(crossings[k], a.X+(b.X-a.X)*(y-a.Y)/(b.Y-a.Y)-float64(area.Min.X))
			}
		}
	}
	wide := float64(area.Dx())
	for k, xs := range crossings {
		for i := range xs { // there are few
			for ; i > 0 && xs[i] < xs[i-1]; i-- {
				xs[i], xs[i-1] = xs[i-1], xs[i]
			}
		}
		row := cover[k/sublines*area.Dx():][:area.Dx()]
		for ; len(xs) > 1; xs = xs[2:] {
			from, to := max(xs[0], 0), min(xs[1], wide)
			const full = 255.0 / sublines
			x0, x1 := int(from), int(to)
			if from >= to {
				continue
			}
			if x0 == x1 {
				row[x0] += uint8((to - from) * full)
				continue
			}
			row[x0] += uint8((float64(x0+1) - from) * full)
			for x := x0 + 1; x < x1; x++ {
				row[x] += 255 / sublines
			}
			if x1 < len(row) {
				row[x1] += uint8((to - float64(x1)) * full)
			}
		}
	}
}

// stroke covers what lies within a distance of a segment.
func stroke(cover []uint8, area image.Rectangle, a, b Point, half float64) {
	r := half + 0.5
	x0, x1 := max(int(min(a.X, b.X)-r), area.Min.X), min(int(max(a.X, b.X)+r)+1, area.Max.X)
	y0, y1 := max(int(min(a.Y, b.Y)-r), area.Min.Y), min(int(max(a.Y, b.Y)+r)+1, area.Max.Y)
	dx, dy := b.X-a.X, b.Y-a.Y
	long := dx*dx + dy*dy
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px, py := float64(x)+0.5-a.X, float64(y)+0.5-a.Y
			along := 0.0
			if long > 0 {
				along = min(max((px*dx+py*dy)/long, 0), 1)
			}
			px, py = px-along*dx, py-along*dy
			d := px*px + py*py
			if d >= r*r {
				continue
			}
			at := (y-area.Min.Y)*area.Dx() + x - area.Min.X
			cover[at] = max(cover[at], uint8(255*min(r-math.Sqrt(d), 1)))
		}
	}
}

// path writes a path; steps are relative, to a tenth of a pixel.
func (w *svgWriter) path(p Path) {
	w.b.WriteString(`<path d="`)
	for _, line := range p.Lines {
		before := "M"
		var last Point
		for i, at := range line {
			at.X, at.Y = math.Round(10*at.X)/10, math.Round(10*at.Y)/10
			if i == 1 {
				before = "l"
			}
			fmt.Fprint(&w.b, before, num(at.X-last.X), " ", num(at.Y-last.Y))
			last, before = at, " "
		}
		if !p.Open {
			w.b.WriteString("z")
		}
	}
	style := "fill:none"
	if p.Fill.Alpha > 0 {
		style = "fill-rule:evenodd;" + w.paint("fill", p.Fill)
	}
	if p.Line > 0 {
		style += ";stroke-linejoin:round;" + w.paint("stroke", p.Stroke) + ";stroke-width:" + num(p.Line)
		if p.Dash > 0 {
			style += ";stroke-dasharray:" + num(p.Dash)
		} else {
			style += ";stroke-linecap:round"
		}
	}
	fmt.Fprintf(&w.b, `" style="%s"/>`, style)
}
