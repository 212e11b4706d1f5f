package chart

import (
	"html"
	"math"
	"strconv"
	"strings"
)

// pen writes SVG markup. Colours are custom properties in presentation attributes, so that one drawing follows the theme
// on the page and becomes a file of its own when they are replaced (see Standalone).
type pen struct{ strings.Builder }

// point is a place in a drawing, in CSS pixels; y grows downwards.
type point struct{ X, Y float64 }

// box is an axis-parallel rectangle of a drawing.
type box struct{ X0, Y0, X1, Y1 float64 }

func (b box) width() float64  { return b.X1 - b.X0 }
func (b box) height() float64 { return b.Y1 - b.Y0 }

func (b box) holds(p point) bool { return p.X >= b.X0 && p.X <= b.X1 && p.Y >= b.Y0 && p.Y <= b.Y1 }

func (b box) overlaps(c box) bool { return b.X0 < c.X1 && c.X0 < b.X1 && b.Y0 < c.Y1 && c.Y0 < b.Y1 }

// px writes a coordinate with at most one decimal.
func px(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

func escape(s string) string { return html.EscapeString(s) }

func cssVar(token string) string { return "var(--" + token + ")" }

// open starts an element; attrs are names and values in turn, and empty values are left out.
func (p *pen) open(tag string, attrs ...string) {
	p.WriteByte('<')
	p.WriteString(tag)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			p.WriteString(" " + attrs[i] + `="` + html.EscapeString(attrs[i+1]) + `"`)
		}
	}
}

// mark writes an element without content.
func (p *pen) mark(tag string, attrs ...string) {
	p.open(tag, attrs...)
	p.WriteString("/>")
}

func (p *pen) line(x0, y0, x1, y1 float64, token string, width float64, dash string) {
	p.mark("line", "x1", px(x0), "y1", px(y0), "x2", px(x1), "y2", px(y1), "stroke", cssVar(token), "stroke-width", px(width), "stroke-dasharray", dash)
}

func (p *pen) rect(b box, token string, more ...string) {
	p.mark("rect", append([]string{"x", px(b.X0), "y", px(b.Y0), "width", px(b.width()), "height", px(b.height()), "fill", cssVar(token)}, more...)...)
}

func (p *pen) circle(c point, r float64, token string) {
	p.mark("circle", "cx", px(c.X), "cy", px(c.Y), "r", px(r), "fill", cssVar(token))
}

// text writes one line; anchor is start, middle or end.
func (p *pen) text(x, y float64, s string, f font, anchor string) {
	if anchor == "start" {
		anchor = ""
	}
	p.open("text", append([]string{"x", px(x), "y", px(y), "text-anchor", anchor}, f.attrs()...)...)
	p.WriteString(">" + html.EscapeString(s) + "</text>")
}

// halo writes a line of text that stays readable on top of lines. The outline is an element of its own: not every
// program that opens an exported file knows paint-order.
func (p *pen) halo(x, y float64, s string, f font, anchor string) {
	if anchor == "start" {
		anchor = ""
	}
	p.open("text", append([]string{"x", px(x), "y", px(y), "text-anchor", anchor, "stroke", cssVar("surface"), "stroke-width", "4",
		"stroke-linejoin", "round", "aria-hidden", "true"}, f.attrs()...)...)
	p.WriteString(">" + html.EscapeString(s) + "</text>")
	p.text(x, y, s, f, anchor)
}

// font is how text is set.
type font struct {
	size  float64
	token string
	bold  bool
}

var (
	tickFont   = font{size: 11, token: "ink-3"}
	unitFont   = font{size: 11, token: "ink-2"}
	labelFont  = font{size: 12, token: "ink-2"}
	strongFont = font{size: 12, token: "ink", bold: true}
)

func (f font) attrs() []string {
	weight := ""
	if f.bold {
		weight = "700"
	}
	return []string{"font-size", px(f.size), "fill", cssVar(f.token), "font-weight", weight}
}

// path writes an open line through points.
func (p *pen) path(pts []point, s Style, width float64) {
	if len(pts) == 0 {
		return
	}
	p.mark("path", "d", pathData(pts), "fill", "none", "stroke", s.CSS(), "stroke-width", px(width), "stroke-dasharray", s.Dash, "stroke-linejoin", "round", "stroke-linecap", "butt")
}

// area writes a filled polygon.
func (p *pen) area(pts []point, token string, opacity float64) {
	if len(pts) < 3 {
		return
	}
	p.mark("path", "d", pathData(pts)+"Z", "fill", cssVar(token), "fill-opacity", strconv.FormatFloat(opacity, 'g', 3, 64))
}

func pathData(pts []point) string {
	b := make([]byte, 0, 12*len(pts))
	for i, q := range pts {
		c := byte('L')
		if i == 0 {
			c = 'M'
		}
		b = append(append(b, c), px(q.X)...)
		b = append(append(b, ' '), px(q.Y)...)
	}
	return string(b)
}

// sign draws the shape of a style, about 7 pixels wide, centred.
func (p *pen) sign(c point, s Style) {
	fill := []string{"fill", s.CSS()}
	switch s.Shape {
	case Circle:
		p.circle(c, 3, s.Color)
	case Square:
		p.mark("rect", append([]string{"x", px(c.X - 2.7), "y", px(c.Y - 2.7), "width", "5.4", "height", "5.4"}, fill...)...)
	case Triangle:
		p.mark("path", append([]string{"d", pathData([]point{{c.X, c.Y - 3.5}, {c.X + 3.5, c.Y + 2.8}, {c.X - 3.5, c.Y + 2.8}}) + "Z"}, fill...)...)
	case Diamond:
		p.mark("path", append([]string{"d", pathData([]point{{c.X, c.Y - 3.8}, {c.X + 3.8, c.Y}, {c.X, c.Y + 3.8}, {c.X - 3.8, c.Y}}) + "Z"}, fill...)...)
	case Dashes:
		p.line(c.X-4, c.Y, c.X-1, c.Y, s.Color, 1.6, "")
		p.line(c.X+1, c.Y, c.X+4, c.Y, s.Color, 1.6, "")
	}
}

// hatch fills a box with the diagonal lines that mean frozen, on the soft grey.
func (p *pen) hatch(b box) {
	p.rect(b, "frozen-soft")
	var d strings.Builder
	const gap = 4.5
	for s := math.Ceil((b.X0+b.Y0)/gap) * gap; s < b.X1+b.Y1; s += gap { // the line x + y = s
		a := point{math.Max(b.X0, s-b.Y1), 0}
		c := point{math.Min(b.X1, s-b.Y0), 0}
		if a.X < c.X {
			a.Y, c.Y = s-a.X, s-c.X
			d.WriteString(pathData([]point{a, c}))
		}
	}
	if d.Len() > 0 {
		p.mark("path", "d", d.String(), "fill", "none", "stroke", cssVar("frozen"), "stroke-width", "1")
	}
}

// title writes the heading of a picture: bold, and after a comma what it measures.
func (p *pen) title(bold, rest string, width float64) {
	p.open("text", append([]string{"x", "0", "y", "12"}, labelFont.attrs()...)...)
	p.WriteString("><tspan")
	p.WriteString(` font-weight="700" fill="` + cssVar("ink") + `">` + escape(bold) + "</tspan>")
	if rest != "" {
		p.WriteString(escape(fitText(", "+rest, 12, width-textWidth(bold, 12, true), false)))
	}
	p.WriteString("</text>")
}
