package stage

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"petri/kernels/lab/wire/frame"
)

// golden is the colour of a mask among many: hues a golden angle apart, of one saturation and lightness, seen on both grounds.
func golden(i int) string {
	h := math.Mod(float64(i)*137.508+205, 360) / 60
	part := func(shift float64) int { // of a hue in HSL, saturation .66, lightness .5
		k := math.Mod(h+shift, 6)
		return int(255*(0.5+0.33*min(max(math.Abs(k-3)-2, -1), 1)) + 0.5)
	}
	return fmt.Sprintf("#%02X%02X%02X", part(0), part(4), part(2))
}

// found draws the masks of everything mode, large ones below, and the points by what became of them.
func (b *builder) found() {
	p, v, a := b.p, b.v, b.p.Answer
	for i := range a.Found {
		if slices.Contains(b.said.Sort, i) {
			continue
		}
		with := golden(i)
		fill, line := Ink{with, 0.5}, Path{Lines: b.onPicture(p.outline(bufMasks, i, 0.5)), Stroke: ink("mark"), Line: 1.5}
		if v.Panel >= 0 && v.Panel != i {
			fill.Alpha = 0.22
		}
		b.s.path(Path{Lines: line.Lines, Fill: fill})
		if v.Panel == i {
			b.s.rimmed(line, ink("mark-dark"), 1.25)
		} else {
			b.s.path(line)
		}
	}
	if len(a.Dots) == 0 {
		return
	}
	apart := b.l.input.W / math.Sqrt(float64(len(a.Dots)))
	r := min(max(apart*0.15, 1.5), 5)
	for fate := len(fates) - 1; fate >= 0; fate-- { // those that were kept lie on top
		var places []Point
		for i, d := range a.Dots {
			if p.fate(i) == fate {
				x, y := b.spotAt(d.X, d.Y)
				places = append(places, Point{x, y})
			}
		}
		b.glyphs(fates[fate].fate, places, r)
	}
	if v.Panel >= 0 && a.Found[v.Panel].Dot >= 0 { // the point that it came from
		d := a.Dots[a.Found[v.Panel].Dot]
		x, y := b.spotAt(d.X, d.Y)
		b.s.rimmed(Path{Lines: [][]Point{round(x, y, r+3.5, 20)}, Stroke: ink("mark-dark"), Line: 1.5}, ink("mark"), 0.75)
	}
}

// glyphs draws the sign of a fate at some places: each has a shape of its own.
func (b *builder) glyphs(fate frame.Fate, places []Point, r float64) {
	if len(places) == 0 {
		return
	}
	p := Path{Stroke: ink("mark-dark"), Line: max(0.3*r, 1)}
	for _, at := range places {
		switch fate {
		case frame.FateKept:
			p.Lines = append(p.Lines, round(at.X, at.Y, 1.25*r, 16))
		case frame.FateSuppressed:
			p.Lines = append(p.Lines, round(at.X, at.Y, 0.9*r, 14))
		case frame.FateUnstable:
			p.Lines = append(p.Lines, round(at.X, at.Y, 1.15*r, 4))
		case frame.FateLow:
			p.Lines = append(p.Lines, cross(at.X, at.Y, 0.6*r)...)
		case frame.FateSize:
			p.Lines = append(p.Lines, Rect{at.X - 0.7*r, at.Y - 0.7*r, 1.4 * r, 1.4 * r}.line())
		default:
			p.Lines = append(p.Lines, round(at.X, at.Y, 0.35*r, 8))
		}
	}
	switch fate {
	case frame.FateKept:
		p.Fill, p.Stroke = ink("mark-pos"), ink("mark")
	case frame.FateSuppressed:
		p.Fill = ink("mark")
	case frame.FateUnstable:
		p.Fill, p.Stroke = ink("mark-dark"), ink("mark")
	case frame.FateLow:
		p.Open = true
		b.s.rimmed(p, Ink{"mark", 0.6}, 0.5)
		return
	case frame.FateSize:
		p.Fill = ink("mark-band")
	default:
		p.Fill, p.Stroke = Ink{"mark-dark", 0.5}, Ink{"mark", 0.6}
	}
	b.s.path(p)
}

// fates draws how many points came to what, in as many columns as there is room for, and returns the y below.
func (b *builder) fates(r Rect) float64 {
	a := b.p.Answer
	y := b.paragraph("Fate of each point", r.X, r.Y-3, r.W, Text{Size: small, Bold: true, Ink: ink("ink")})
	says := fmt.Sprintf("%d points, %d masks", len(a.Dots), len(a.Found))
	if a.Asked < len(a.Dots) {
		says = fmt.Sprintf("%d of %d points asked, %d masks", a.Asked, len(a.Dots), len(a.Found))
	}
	y = b.paragraph(says, r.X, y, r.W, Text{Size: micro, Ink: ink("ink-3")}) + 8
	counts := b.p.counts()
	columns := min(max(int((r.W+cardApart)/(190+cardApart)), 1), 3)
	wide := (r.W - cardApart*float64(columns-1)) / float64(columns)
	const high = 42.0
	for i, f := range fates {
		c := Rect{r.X + float64(i%columns)*(wide+cardApart), y + float64(i/columns)*high, wide, high - 8}
		b.s.box(Box{Rect: Rect{c.X, c.Y, c.W, 1}, Fill: ink("line")})
		b.glyphs(f.fate, []Point{{c.X + 9, c.Y + 13}}, 5)
		b.s.text(Text{X: c.X + 24, Y: c.Y + 17, Size: small, Bold: true, Ink: ink("ink"), S: f.name})
		b.s.text(Text{X: c.X + c.W, Y: c.Y + 20, Size: 17, Anchor: End, Serif: true, Ink: ink("ink"), S: strconv.Itoa(counts[i])})
		b.s.text(Text{X: c.X + 24, Y: c.Y + 31, Size: micro, Ink: ink("ink-3"), S: cut(f.note, micro, c.W-60)})
		b.part(PartFates, c)
	}
	return y + math.Ceil(float64(len(fates))/float64(columns))*high
}
