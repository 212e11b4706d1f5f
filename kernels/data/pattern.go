package data

import "math"

// tile is what a pattern repeats: strokes in a square cell of side 1, in the order of the labels.
type tile [][2]point

var tiles = [...]tile{
	{{{0, .5}, {1, .5}}},                     // lines
	{{{0, .5}, {1, .5}}, {{.5, 0}, {.5, 1}}}, // grid
	{{{0, 0}, {1, 0}}, {{0, .5}, {1, .5}}, {{0, 0}, {0, .5}}, {{.5, .5}, {.5, 1}}},           // bricks
	{{{0, .25}, {.5, .75}}, {{.5, .75}, {1, .25}}},                                           // zigzags
	{{{.15, .8}, {.85, .8}}, {{.85, .8}, {.5, .2}}, {{.5, .2}, {.15, .8}}},                   // triangles
	{{{.2, .2}, {.8, .2}}, {{.8, .2}, {.8, .8}}, {{.8, .8}, {.2, .8}}, {{.2, .8}, {.2, .2}}}, // squares
}

// printed says with which pen, on which paper and with how much noise patterns are drawn.
var printed = look{pen: [2]float64{1.2, 1.8}, inverted: .5, light: [2]float64{.4, 1}, dark: [2]float64{0, .15}, gradient: .2, noise: .15}

// drawPattern covers the image with a pattern.
func drawPattern(dst []float32, r *stream, label int) {
	var f field
	f.clear()
	half := r.Between(printed.pen[0], printed.pen[1]) / 2
	tiles[label].lay(&f, r, half+.5)
	f.coverage(&[Pixels]bool{}, float32(half), 0)
	printed.shade(dst, &f, r)
}

// lay draws the strokes of all cells that reach into the image. A cell of side s with strokes of length l has l/s² of them per
// pixel: with s = l·d that is 1/d for every length, the spacing of plain lines.
func (t *tile) lay(f *field, r *stream, reach float64) {
	length := 0.0
	for _, s := range *t {
		x, y := s[1].x-s[0].x, s[1].y-s[0].y
		length += math.Sqrt(float64(x*x) + float64(y*y))
	}
	side := float64(length * r.Between(3.4, 4.6))
	axis := turn[r.Below(len(turn))]
	u, v := r.Unit(), r.Unit()
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
			for _, s := range *t {
				f.stroke(to(corner, s[0]), to(corner, s[1]), reach)
			}
		}
	}
}
