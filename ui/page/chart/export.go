package chart

import (
	"math"
	"strconv"
	"strings"
)

// Sheet is what an exported picture says besides its drawings.
type Sheet struct {
	Title, Sub, Caption string
	Source              string // the run, in small print: its link, or that it is recorded
}

// Sizes of an exported sheet, in pixels.
const (
	sheetMargin = 20
	sheetSingle = 640 // width of one drawing alone
	sheetHalf   = 440 // width of each of two side by side
)

const (
	sansFonts  = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
	serifFonts = "Palatino, Charter, Georgia, Liberation Serif, serif"
)

// SVG writes drawings as a file of its own: light theme, colours and fonts inside, nothing to load.
func (s Sheet) SVG(graphics []Graphic) (svg string, width, height int) {
	columns, each := 1, float64(sheetSingle)
	if len(graphics) > 1 {
		columns, each = 2, sheetHalf
	}
	inside := each*float64(columns) + 28*float64(columns-1)
	var g pen
	y := float64(sheetMargin)
	if s.Title != "" {
		y += 15
		g.text(0, y, s.Title, font{size: 15, token: "ink", bold: true}, "start")
		if s.Sub != "" {
			for _, line := range wrapText(s.Sub, 12, inside) {
				y += 18
				g.text(0, y, line, labelFont, "start")
			}
		}
		y += 18
	}
	for first := 0; first < len(graphics); first += columns {
		tallest := 0.0
		for k := first; k < min(first+columns, len(graphics)); k++ {
			d := graphics[k].Draw(each)
			g.WriteString(`<g transform="translate(` + px(float64(k-first)*(each+28)) + " " + px(y) + `)">` + d.Body + "</g>")
			tallest = math.Max(tallest, d.Height)
		}
		y += tallest + 16
	}
	if s.Caption != "" {
		g.WriteString(`<g font-family="` + serifFonts + `">`)
		for _, line := range wrapText(s.Caption, 13.5, inside) {
			y += 19
			g.text(0, y, line, font{size: 13.5, token: "ink-2"}, "start")
		}
		g.WriteString("</g>")
	}
	if s.Source != "" {
		for _, line := range wrapText("Petri · "+s.Source, 11, inside) {
			y += 20
			g.text(0, y, line, tickFont, "start")
		}
	}
	w, h := math.Ceil(inside+2*sheetMargin), math.Ceil(y+sheetMargin)
	var out strings.Builder
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + px(w) + `" height="` + px(h) + `" viewBox="0 0 ` + px(w) + " " + px(h) + `" font-family="` + sansFonts + `">`)
	out.WriteString("<title>" + escape(s.Title) + "</title><desc>")
	for i, gr := range graphics {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(escape(gr.Alt()))
	}
	out.WriteString(`</desc><rect width="` + px(w) + `" height="` + px(h) + `" fill="` + light["surface"] + `"/>`)
	out.WriteString(`<g transform="translate(` + strconv.Itoa(sheetMargin) + ` 0)">` + resolve(g.String()) + "</g></svg>\n")
	return out.String(), int(w), int(h)
}

// fileName makes a name for a download: letters, digits and hyphens.
func fileName(s, ext string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	if name == "" {
		name = "figure"
	}
	return "petri-" + name + "." + ext
}
