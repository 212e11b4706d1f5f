package stage

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
)

// maskInk names the colour of a mask among many.
func maskInk(i int) string {
	c := MaskColour(i)
	return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
}

// found draws the masks of everything mode, large ones below, and the points by what became of them.
func (b *builder) found() {
	p, a, lit := b.p, b.p.Answer, b.v.Panel
	for i := range a.Found {
		if slices.Contains(b.v.Prompting.Sort, i) {
			continue
		}
		edge, fill, line, rim := b.onPicture(p.edge(bufMasks, i)), 0.6, "mark", 0.0
		switch {
		case lit == i:
			line, rim = "mark-dark", 1.25
		case lit >= 0:
			fill = 0.3
		}
		b.s.fill(edge, Ink{maskInk(i), fill})
		b.s.line(edge, false, ink(line), 1.5, 0, rim)
	}
	r := min(max(b.s.field.W/math.Sqrt(float64(len(a.Dots)+1))*0.15, 1.5), 5)
	for fate := len(fates) - 1; fate >= 0; fate-- { // those that were kept lie on top
		var places []Point
		for i := range a.Dots {
			if p.fate(i) == fate {
				places = append(places, b.spotAt(a.Dots[i].X, a.Dots[i].Y))
			}
		}
		b.glyphs(fate, places, r)
	}
	if lit >= 0 && a.Found[lit].Dot >= 0 { // the point that it came from
		d := &a.Dots[a.Found[lit].Dot]
		at := b.spotAt(d.X, d.Y)
		b.s.line([][]Point{round(at.X, at.Y, r+3.5, 20, 0)}, false, ink("mark-dark"), 1.5, 0, 0.75)
	}
}

// glyphs draws the sign of a fate at some places: each has a shape of its own.
func (b *builder) glyphs(fate int, places []Point, r float64) {
	f := &fates[fate]
	p := Path{Open: f.corners == 0, Line: max(0.3*r, 1)}
	for _, at := range places {
		if p.Open {
			p.Lines = append(p.Lines, cross(at, f.size*1.4*r, 0.5)...)
		} else {
			p.Lines = append(p.Lines, round(at.X, at.Y, f.size*r, f.corners, f.turn))
		}
	}
	switch {
	case p.Open:
		p.Stroke = Ink{f.fill, 0.62}
	case f.rim == "":
		p.Fill, p.Line = Ink{f.fill, 0.4}, 0
	default:
		p.Fill, p.Stroke = ink(f.fill), ink(f.rim)
	}
	if p.Lines != nil {
		b.s.Paths = append(b.s.Paths, p)
	}
}

// fates draws how many points came to what, in as many columns as there is room for, and returns the y below.
func (b *builder) fates(r Rect) float64 {
	y := b.heading("Fate of each point", b.p.askedWords(), r) + 8
	counts := b.p.counts()
	const apart, high = 20.0, 42.0
	columns := min(max(int((r.W+apart)/(150+apart)), 1), 3)
	wide := (r.W - apart*float64(columns-1)) / float64(columns)
	for i := range fates {
		f := &fates[i]
		c := Rect{r.X + float64(i%columns)*(wide+apart), y + float64(i/columns)*high, wide, high - 8}
		b.s.box(Box{Rect: Rect{c.X, c.Y, c.W, 1}, Fill: ink("line")})
		b.square(Rect{c.X, c.Y + 5, 18, 18}, 1, []color.NRGBA{{196, 196, 194, 255}}, f.name) // the ground of the picture, in both themes
		b.glyphs(i, []Point{{c.X + 9, c.Y + 14}}, 5)
		b.s.text(Text{X: c.X + 24, Y: c.Y + 17, Size: small, Bold: true, Ink: ink("ink"), S: f.name})
		b.s.text(Text{X: c.X + c.W, Y: c.Y + 20, Size: 17, Anchor: End, Serif: true, Ink: ink("ink"), S: strconv.Itoa(counts[i])})
		b.word(c.X+24, c.Y+31, Start, "ink-3", cut(f.note, micro, c.W-24))
		b.part(PartFates, c)
	}
	return y + high*float64((len(fates)+columns-1)/columns)
}
