package data

import "math"

// Patterns is an endless Set that asks for a texture: one of six patterns of pen strokes covers the whole image, turned by any of
// 24 angles, moved and scaled at random, half of the images dark on light. A pattern has as much ink as another one: the shorter
// the strokes that it repeats, the closer they lie. Labels go round.
type Patterns struct{ Seed uint64 }

// tile is what a pattern repeats: strokes in a square cell of side 1.
type tile struct {
	name    string
	strokes [][2]point
}

var tiles = [...]tile{
	{"lines", [][2]point{{{0, .5}, {1, .5}}}},
	{"grid", [][2]point{{{0, .5}, {1, .5}}, {{.5, 0}, {.5, 1}}}},
	{"bricks", [][2]point{{{0, 0}, {1, 0}}, {{0, .5}, {1, .5}}, {{0, 0}, {0, .5}}, {{.5, .5}, {.5, 1}}}},
	{"zigzags", [][2]point{{{0, .25}, {.5, .75}}, {{.5, .75}, {1, .25}}}},
	{"triangles", [][2]point{{{.15, .8}, {.85, .8}}, {{.85, .8}, {.5, .2}}, {{.5, .2}, {.15, .8}}}},
	{"squares", [][2]point{{{.2, .2}, {.8, .2}}, {{.8, .2}, {.8, .8}}, {{.8, .8}, {.2, .8}}, {{.2, .8}, {.2, .2}}}},
}

// printed says with which pen, on which paper and with how much noise patterns are drawn.
var printed = look{pen: [2]float64{1.2, 1.8}, inverted: .5, light: [2]float64{.4, 1}, dark: [2]float64{0, .15}, gradient: .2, noise: .15}

// Classes names the patterns.
func (Patterns) Classes() []string {
	names := make([]string, len(tiles))
	for i := range tiles {
		names[i] = tiles[i].name
	}
	return names
}

// Len is 0: patterns never end.
func (Patterns) Len(Split) int { return 0 }

// Image writes example i of a split.
func (p Patterns) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(p.Seed, purposePatterns+uint64(s), uint64(i))
	label := i % len(tiles)
	p.draw(dst, &r, label)
	return label
}

func (Patterns) draw(dst []float32, r *stream, label int) {
	var f field
	f.clear()
	half := r.between(printed.pen[0], printed.pen[1]) / 2
	tiles[label].lay(&f, r, half+.5)
	f.coverage(&[Pixels]bool{}, float32(half), 0)
	printed.shade(dst, &f, r)
}

// lay draws the strokes of all cells that reach into the image. A cell of side s with strokes of length l has l/s² of them per
// pixel: with s = l·d that is 1/d for every length, the spacing of plain lines.
func (t *tile) lay(f *field, r *stream, reach float64) {
	length := 0.0
	for _, s := range t.strokes {
		x, y := s[1].x-s[0].x, s[1].y-s[0].y
		length += math.Sqrt(float64(x*x) + float64(y*y))
	}
	side := length * r.between(3.4, 4.6)
	axis := turn[r.below(len(turn))]
	u, v := r.unit(), r.unit()
	to := func(corner, q point) point { // from a cell to the image
		x, y := float64((corner.x+q.x)*side), float64((corner.y+q.y)*side)
		return point{15.5 + float64(axis.x*x) - float64(axis.y*y), 15.5 + float64(axis.y*x) + float64(axis.x*y)}
	}
	n := int(24/side) + 2 // the corners of the image are 22 pixels from its middle, and a pen is broad
	for j := -n; j < n; j++ {
		for i := -n; i < n; i++ {
			corner := point{u + float64(i), v + float64(j)}
			if m := to(corner, point{.5, .5}); math.Abs(m.x-15.5) > 17+side || math.Abs(m.y-15.5) > 17+side {
				continue
			}
			for _, s := range t.strokes {
				f.stroke(to(corner, s[0]), to(corner, s[1]), reach)
			}
		}
	}
}
