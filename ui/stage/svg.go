package stage

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// SVG writes a scene as a complete picture with words; href gives the address of a raster's pixels. Package still has
// the usual one, data: PNG, which would weigh on the stage's own program. An address that begins with # is that of a
// symbol in the page.
func SVG(s *Scene, theme, title, description string, href func(Raster) string) string {
	w := svgWriter{theme: theme, href: href}
	fmt.Fprintf(&w.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" font-family="%s">`,
		num(s.W), num(s.H), num(s.W), num(s.H), fonts)
	fmt.Fprintf(&w.b, "<title>%s</title><desc>%s</desc>", html.EscapeString(title), html.EscapeString(description))
	if theme != "" {
		fmt.Fprintf(&w.b, `<rect width="100%%" height="100%%" fill="%s"/>`, w.colour("surface"))
	}
	for rest := s.Rasters; len(rest) > 0; {
		rest = rest[w.rasters(rest):]
	}
	for _, p := range s.Paths {
		w.path(p)
	}
	for rest := s.Boxes; len(rest) > 0; {
		rest = rest[w.boxes(rest):]
	}
	for _, t := range s.Texts {
		w.text(t)
	}
	w.b.WriteString("</svg>")
	return w.b.String()
}

// TextSVG writes only the words, as the children of an <svg> that lies over the painted pixels.
func (s *Scene) TextSVG(theme string) string {
	w := svgWriter{theme: theme}
	for _, t := range s.Texts {
		w.text(t)
	}
	return w.b.String()
}

const (
	fonts  = `-apple-system, BlinkMacSystemFont, 'Segoe UI Variable Text', 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', system-ui, sans-serif`
	serifs = `'Iowan Old Style', Palatino, Cambria, Georgia, 'Liberation Serif', serif`
)

type svgWriter struct {
	b     strings.Builder
	theme string
	href  func(Raster) string
}

// num writes a length to a hundredth of a pixel.
func num(x float64) string { return strconv.FormatFloat(math.Round(100*x)/100, 'f', -1, 64) }

// colour is a CSS colour: a fixed one, or the page's variable with the light value as fallback.
func (w *svgWriter) colour(name string) string {
	c := Ink{name, 1}.Colour(w.theme)
	hex := fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
	if w.theme != "" || strings.HasPrefix(name, "mark") || strings.HasPrefix(name, "#") {
		return hex
	}
	return "var(--" + name + "," + hex + ")"
}

// paint writes a fill or stroke; variables only work in style, not in attributes.
func (w *svgWriter) paint(what string, i Ink) string {
	s := what + ":" + w.colour(i.Name)
	if i.Alpha < 1 {
		s += ";" + what + "-opacity:" + num(i.Alpha)
	}
	return s
}

// area writes a rectangle as a part of a path.
func (w *svgWriter) area(r Rect) {
	fmt.Fprintf(&w.b, "M%s %sh%sv%sh%sz", num(r.X), num(r.Y), num(r.W), num(r.H), num(-r.W))
}

// rasters writes the first of the rasters, and with it all single cells of its colour that follow, as one path. It returns
// how many it wrote.
func (w *svgWriter) rasters(all []Raster) int {
	if len(all[0].Cells) > 1 {
		w.raster(all[0])
		return 1
	}
	n, c := 1, all[0].Cells[0]
	for n < len(all) && len(all[n].Cells) == 1 && all[n].Cells[0] == c {
		n++
	}
	if c.A == 0 { // a diverged run has no number
		return n
	}
	w.b.WriteString(`<path d="`)
	for _, r := range all[:n] {
		w.area(r.Rect)
	}
	fmt.Fprintf(&w.b, `" fill="#%02X%02X%02X"/>`, c.R, c.G, c.B)
	return n
}

func (w *svgWriter) raster(r Raster) {
	href := w.href(r)
	if strings.HasPrefix(href, "#") {
		fmt.Fprintf(&w.b, `<use x="%s" y="%s" width="%s" height="%s" href="%s"/>`, num(r.X), num(r.Y), num(r.W), num(r.H), href)
		return
	}
	fmt.Fprintf(&w.b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/>`,
		num(r.X), num(r.Y), num(r.W), num(r.H), href)
}

// boxes writes the first of the boxes, and with it all that follow as outlines or as grounds of the same kind: a map of 64
// filters has as many frames, which are one path. It returns how many it wrote.
func (w *svgWriter) boxes(all []Box) int {
	n, flat := 1, all[0].flat()
	for n < len(all) && (flat && all[n].flat() && all[n].Fill == all[0].Fill ||
		all[0].outline() && all[n].outline() && all[n].Stroke == all[0].Stroke && all[n].Line == all[0].Line) {
		n++
	}
	if n == 1 {
		w.box(all[0])
		return 1
	}
	w.b.WriteString(`<path d="`)
	for _, b := range all[:n] {
		r := b.Rect
		if !flat {
			r = b.inner()
		}
		w.area(r)
	}
	if flat {
		fmt.Fprintf(&w.b, `" style="%s"/>`, w.paint("fill", all[0].Fill))
		return n
	}
	fmt.Fprintf(&w.b, `" style="fill:none;%s;stroke-width:%s"/>`, w.paint("stroke", all[0].Stroke), num(all[0].Line))
	return n
}

// outline says whether the box is a frame and nothing else.
func (b Box) outline() bool {
	return b.Fill.Alpha == 0 && b.Hatch.Alpha == 0 && b.Stroke.Alpha > 0 && b.Line > 0
}

// flat says whether the box is a ground and nothing else.
func (b Box) flat() bool {
	return b.Fill.Alpha > 0 && b.Hatch.Alpha == 0 && (b.Stroke.Alpha == 0 || b.Line == 0)
}

// inner is the middle of the box's line, which lies within the box.
func (b Box) inner() Rect {
	r := b.grow(-b.Line / 2)
	r.W, r.H = max(r.W, 0), max(r.H, 0)
	return r
}

func (w *svgWriter) box(b Box) {
	style := "fill:none"
	if b.Fill.Alpha > 0 {
		style = w.paint("fill", b.Fill)
	}
	r := b.Rect
	if b.Stroke.Alpha > 0 && b.Line > 0 {
		style += ";" + w.paint("stroke", b.Stroke) + ";stroke-width:" + num(b.Line)
		r = b.inner()
	}
	fmt.Fprintf(&w.b, `<rect x="%s" y="%s" width="%s" height="%s" style="%s"/>`, num(r.X), num(r.Y), num(r.W), num(r.H), style)
	if b.Hatch.Alpha > 0 {
		w.hatch(b)
	}
}

// hatch writes the diagonals one by one, clipped to the box by their end points: a pattern would need an id, which
// must be unique in the page.
func (w *svgWriter) hatch(b Box) {
	var d strings.Builder
	for k := float64(hatchEvery); k < b.W+b.H; k += hatchEvery {
		x0, y0 := k, 0.0
		if x0 > b.W {
			x0, y0 = b.W, k-b.W
		}
		x1, y1 := 0.0, k
		if y1 > b.H {
			x1, y1 = k-b.H, b.H
		}
		fmt.Fprintf(&d, "M%s %sL%s %s", num(b.X+x0), num(b.Y+y0), num(b.X+x1), num(b.Y+y1))
	}
	fmt.Fprintf(&w.b, `<path d="%s" style="fill:none;%s"/>`, d.String(), w.paint("stroke", b.Hatch))
}

func (w *svgWriter) text(t Text) {
	style := w.paint("fill", t.Ink)
	if t.Bold {
		style += ";font-weight:600"
	}
	if t.Italic {
		style += ";font-style:italic"
	}
	if t.Serif {
		style += ";font-family:" + serifs
	}
	fmt.Fprintf(&w.b, `<text x="%s" y="%s" font-size="%s" text-anchor="%s" style="%s"`,
		num(t.X), num(t.Y), num(t.Size), [...]string{"start", "middle", "end"}[t.Anchor], style)
	if t.Turn {
		fmt.Fprintf(&w.b, ` transform="rotate(-90 %s %s)"`, num(t.X), num(t.Y))
	}
	fmt.Fprintf(&w.b, `>%s</text>`, html.EscapeString(t.S))
}
