package data

// World is a family of procedural glyphs: an alphabet and a way of drawing it. Backbones learn to name its glyphs.
type World struct {
	Name   string // "M": in recipes and file names
	Title  string // for people
	shapes []shape
	look   look
}

// The worlds.
var (
	// WorldM has clean pen strokes, light on dark: 14 letter-like glyphs.
	WorldM = World{Name: "M", Title: "clean strokes", shapes: strokes, look: clean}
	// WorldH has 16 geometric shapes and letters, filled, outlined or dotted, half of them dark on light, with a mild
	// gradient, stripes and noise.
	WorldH = World{Name: "H", Title: "mixed shapes", shapes: mixed, look: varied}
	// WorldMStyle has the glyphs of WorldM in a style that WorldM never shows: the task "style" transfers to it.
	WorldMStyle = World{Name: "M-style", Title: "dotted strokes", shapes: strokes, look: styled}
)

// look says how glyphs of a world are drawn. Amounts are of the grey scale 0..1, lengths in pixels.
type look struct {
	pen              [2]float64 // width of a stroke, uniform in [lo, hi)
	jitter           float64    // of corners, in units of the glyph's box
	sway             float64    // how far a glyph leans, slants and bends: 1 as pretraining has it
	filled, outlined float64    // shares of examples; solid shapes only are filled, letters get a bold pen instead
	dotted           float64    // share of examples; what remains is plain strokes
	spacing          float64    // of dots
	inverted         float64    // share of examples drawn dark on light
	light, dark      [2]float64 // grey of pen and paper
	gradient         float64    // largest change of the paper across the image
	stripes          float64    // largest amplitude of a striped texture on the paper
	noise            float64    // largest amplitude of noise, drawn per example
}

var (
	clean  = look{pen: [2]float64{1, 1.8}, jitter: .14, sway: 1, light: [2]float64{.85, 1}}
	varied = look{pen: [2]float64{1.2, 2.2}, jitter: .07, sway: 1, filled: .34, outlined: .33, dotted: .33, spacing: 3.1, inverted: .5,
		light: [2]float64{.7, 1}, dark: [2]float64{0, .15}, gradient: .2, stripes: .1, noise: .12}
	styled = look{pen: [2]float64{1.6, 2.2}, jitter: .08, sway: 1, dotted: 1, spacing: 3,
		light: [2]float64{.6, .9}, dark: [2]float64{0, .1}, gradient: .2, noise: .2}
)

// Classes names the glyphs in the order of their labels.
func (w World) Classes() []string {
	names := make([]string, len(w.shapes))
	for i, s := range w.shapes {
		names[i] = s.name
	}
	return names
}

// Glyph writes example index of a split into dst [32, 32] and returns its label. It is a pure function of its
// arguments and allocates nothing. Labels go round, so that any run of len(Classes) examples holds each class once.
func (w World) Glyph(dst []float32, split Split, index int, seed uint64) int {
	var r stream
	r.start(seed, uint64(split), uint64(index))
	label := index % len(w.shapes)
	w.look.draw(dst, &w.shapes[label], &r, upright)
	return label
}

// Glyphs is a World with a seed: an endless Set.
type Glyphs struct {
	World
	Seed uint64
}

// Len is 0: glyphs never end.
func (g Glyphs) Len(Split) int { return 0 }

// Image writes example i of a split.
func (g Glyphs) Image(dst []float32, s Split, i int) int { return g.Glyph(dst, s, i, g.Seed) }

// most points of a shape and most polylines, with room to spare: a test compares them with the alphabets.
const (
	maxPoints = 64
	maxLines  = 4
)

// placed is a shape brought to its place in the image, in pixels.
type placed struct {
	points [maxPoints]point
	end    [maxLines]int // line i is points[end[i-1]:end[i]]
	n      int
}

// line returns polyline i of the shape.
func (p *placed) line(i int) []point {
	if i == 0 {
		return p.points[:p.end[0]]
	}
	return p.points[p.end[i-1]:p.end[i]]
}

// upright turns nothing, to the bit.
var upright = point{1, 0}

// place moves a shape by a random affine map and bends and jitters it, then turns it by the angle whose cosine and sine
// are the coordinates of axis.
//
// The rotation comes from t in cos = (1-t²)/(1+t²), sin = 2t/(1+t²): division is rounded alike everywhere, and for
// the small angles here t is close to half the angle.
func (p *placed) place(s *shape, l *look, r *stream, axis point) {
	t := float64(l.sway * r.Between(-.16, .16)) // ±18 degrees
	tt := float64(t * t)
	c, u := (1-tt)/(1+tt), float64(2*t)/(1+tt)
	cos, sin := float64(c*axis.x)-float64(u*axis.y), float64(u*axis.x)+float64(c*axis.y)
	sx, sy := r.Between(5.4, 10), r.Between(6.5, 10.8) // half the box, in pixels
	shear := float64(l.sway * r.Between(-.3, .3))
	cx, cy := 15.5+r.Between(-3, 3), 15.5+r.Between(-3, 3)
	bendX, bendY := float64(l.sway*r.Between(-.25, .25)), float64(l.sway*r.Between(-.25, .25))

	k := 0
	p.n = len(s.lines)
	for i := range s.lines {
		o := &s.lines[i]
		from := k
		amount := l.jitter
		if o.curve {
			amount = 0
		}
		for j, q := range o.at {
			if last := len(o.at) - 1; j == last && last > 0 && q == o.at[0] {
				p.points[k] = p.points[from] // stays closed
				k++
				continue
			}
			x := q.x + r.Between(-amount, amount) + float64(bendX*(float64(q.y*q.y)-.4))
			y := q.y + r.Between(-amount, amount) + float64(bendY*(float64(q.x*q.x)-.4))
			x += float64(shear * y)
			x, y = float64(x*sx), float64(y*sy)
			p.points[k] = point{cx + float64(cos*x) - float64(sin*y), cy + float64(sin*x) + float64(cos*y)}
			k++
		}
		p.end[i] = k
	}
}

// draw writes one glyph of shape s in this look, turned to axis.
func (l *look) draw(dst []float32, s *shape, r *stream, axis point) {
	var p placed
	p.place(s, l, r, axis)

	half := float32(r.Between(l.pen[0], l.pen[1]) / 2)
	style := r.Unit()
	filled := style < l.filled
	outlined := !filled && style < l.filled+l.outlined
	dotted := !filled && !outlined && style < l.filled+l.outlined+l.dotted

	ring := float32(0)
	var in [Pixels]bool
	switch {
	case filled && s.solid: // polygons of a solid shape are one
		inside(&in, p.line(0))
	case filled: // a letter has no inside: a bold pen
		half += .9
	case outlined && !s.solid: // a hollow letter: both edges of a broad pen
		half, ring = .55, 1.6
	case dotted:
		half += .1
	}
	reach := float64(half+ring) + .5
	var f field
	f.clear()
	for i := range p.n {
		if dotted {
			f.dots(p.line(i), l.spacing, reach)
		} else {
			f.line(p.line(i), reach)
		}
	}
	f.coverage(&in, half, ring)
	l.shade(dst, &f, r)
}

// coverage turns the squared distances of f into the share of each pixel that is covered by the pen, 0..1.
func (f *field) coverage(in *[Pixels]bool, half, ring float32) {
	limit := half + ring + .5
	limit = float32(limit * limit)
	for i, d := range f {
		switch {
		case in[i]:
			f[i] = 1
		case d >= limit:
			f[i] = 0
		default:
			d = sqrt32(d)
			if ring > 0 {
				d -= ring
				if d < 0 {
					d = -d
				}
			}
			f[i] = cover(d - half)
		}
	}
}

// shade paints paper, texture, pen (where f is the coverage) and noise.
func (l *look) shade(dst []float32, f *field, r *stream) {
	pen, paper := float32(r.Between(l.light[0], l.light[1])), float32(r.Between(l.dark[0], l.dark[1]))
	gx, gy := float32(r.Between(-l.gradient, l.gradient)/Side), float32(r.Between(-l.gradient, l.gradient)/Side)
	stripe := float32(r.Between(0, l.stripes))
	sx, sy := float32(r.Between(-.25, .25)), float32(r.Between(-.25, .25)) // stripes per pixel
	noise := float32(r.Between(0, l.noise))
	inverted := r.Chance(l.inverted)
	dst = dst[:Pixels]

	if l.gradient == 0 && l.stripes == 0 && l.noise == 0 { // plain paper
		for i, c := range f {
			dst[i] = paper + float32(c*(pen-paper))
		}
	} else {
		for y := range Side {
			down := paper + float32(gy*(float32(y)-15.5)) - float32(gx*15.5)
			wave := float32(sy * float32(y))
			for x := range Side {
				i, px := y*Side+x, float32(x)
				v := down + float32(gx*px)
				v += float32(stripe * triangle(wave+float32(sx*px)))
				dst[i] = v + float32(f[i]*(pen-v))
			}
		}
		for i := 0; i < Pixels; i += 2 {
			bits := r.Uint64()
			dst[i] += float32(noise * bell(uint32(bits)))
			dst[i+1] += float32(noise * bell(uint32(bits>>32)))
		}
	}
	for i, v := range dst {
		if inverted {
			v = 1 - v
		}
		if v < 0 {
			v = 0
		} else if v > 1 {
			v = 1
		}
		dst[i] = v
	}
}

// bell is the sum of two uniform numbers, in -1..1: close enough to a Gaussian for noise, without exp or log.
func bell(bits uint32) float32 {
	return float32(float32(int32(bits&0xffff)+int32(bits>>16)-0xffff) * (1.0 / 0xffff))
}

// triangle is a wave of period 1 between -1 and 1: stripes without a sine.
func triangle(x float32) float32 {
	x -= float32(int32(x+64)) - 64 // floor: x is above -64 here
	if x > .5 {
		x = 1 - x
	}
	return 1 - float32(4*x)
}
