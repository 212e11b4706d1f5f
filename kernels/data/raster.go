package data

import "math"

// point is a place in a glyph's own box, x to the right and y down, both -1..1; after placing, in pixels.
type point struct{ x, y float64 }

// far is the squared distance of a pixel that no stroke comes near.
const far = 1 << 20

// field is the squared distance of every pixel centre to the nearest stroke, [32, 32], exact up to the reach that
// the strokes were drawn with and far beyond it.
type field [Pixels]float32

func (f *field) clear() {
	for i := range f {
		f[i] = far
	}
}

// stroke lowers the field around the segment from a to b: in each row the pixels that lie within reach of its line and
// of its bounding box.
func (f *field) stroke(a, b point, reach float64) {
	x0, x1 := window(math.Min(a.x, b.x)-reach, math.Max(a.x, b.x)+reach)
	y0, y1 := window(math.Min(a.y, b.y)-reach, math.Max(a.y, b.y)+reach)
	ax, ay := float32(a.x), float32(a.y)
	dx, dy := float32(b.x)-ax, float32(b.y)-ay
	inv, slope, slack := float32(0), float32(0), float32(2*Side)
	if square := float32(dx*dx) + float32(dy*dy); square > 0 {
		inv = 1 / square
		if steep := float32(dy * dy); steep > square/64 {
			slope = dx / dy
			slack = float32(reach*math.Sqrt(float64(square/steep))) + 1
		}
	}
	for y := y0; y < y1; y++ {
		py := float32(y) - ay
		mid := ax + float32(slope*py)
		from, to := max(x0, int(mid-slack)), min(x1, int(mid+slack)+1)
		row := f[y*Side : (y+1)*Side]
		for x := from; x < to; x++ {
			px := float32(x) - ax
			along := float32((float32(px*dx) + float32(py*dy)) * inv)
			if along < 0 {
				along = 0
			} else if along > 1 {
				along = 1
			}
			ex, ey := px-float32(along*dx), py-float32(along*dy)
			if d := float32(ex*ex) + float32(ey*ey); d < row[x] {
				row[x] = d
			}
		}
	}
}

// line draws the polyline through the points.
func (f *field) line(ps []point, reach float64) {
	for i := 1; i < len(ps); i++ {
		f.stroke(ps[i-1], ps[i], reach)
	}
}

// dots draws points along the polyline, spacing apart, the first and the last point among them.
func (f *field) dots(ps []point, spacing, reach float64) {
	f.stroke(ps[0], ps[0], reach)
	next := spacing
	for i := 1; i < len(ps); i++ {
		a, b := ps[i-1], ps[i]
		dx, dy := b.x-a.x, b.y-a.y
		l := math.Sqrt(float64(dx*dx) + float64(dy*dy))
		for next <= l {
			t := next / l
			p := point{a.x + float64(t*dx), a.y + float64(t*dy)}
			f.stroke(p, p, reach)
			next += spacing
		}
		next -= l
	}
}

// window rounds an interval outwards to whole pixels inside the image: lo .. hi-1.
func window(a, b float64) (lo, hi int) {
	lo, hi = int(math.Ceil(a)), int(math.Floor(b))+1
	return max(lo, 0), min(hi, Side)
}

// inside marks the pixel centres that lie inside a closed polygon, by the even-odd rule.
func inside(in *[Pixels]bool, ps []point) {
	var xs [maxPoints]float64
	for y := range Side {
		n, py := 0, float64(y)
		for i := 1; i < len(ps); i++ {
			a, b := ps[i-1], ps[i]
			if (a.y <= py) == (b.y <= py) {
				continue
			}
			t := (py - a.y) / (b.y - a.y)
			xs[n] = a.x + float64(t*(b.x-a.x))
			n++
		}
		if n == 0 {
			continue
		}
		row := in[y*Side : (y+1)*Side]
		for x := range row {
			for _, cross := range xs[:n] {
				row[x] = row[x] != (cross < float64(x))
			}
		}
	}
}

// cover is how much of a pixel lies inside an edge at signed distance d (negative inside): a ramp one pixel wide.
func cover(d float32) float32 {
	switch c := 0.5 - d; {
	case c < 0:
		return 0
	case c > 1:
		return 1
	default:
		return c
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
