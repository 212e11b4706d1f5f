package chart

// clipLine cuts a line at the edges of a box and returns the pieces inside. Nothing is flattened onto an edge: a curve
// that leaves the axis is seen to leave it.
func clipLine(pts []point, b box) [][]point {
	var pieces [][]point
	var cur []point
	for i := 1; i < len(pts); i++ {
		p, q, ok := clipSegment(pts[i-1], pts[i], b)
		if !ok {
			continue
		}
		if len(cur) > 0 && cur[len(cur)-1] != p {
			pieces = append(pieces, cur)
			cur = nil
		}
		if len(cur) == 0 {
			cur = append(cur, p)
		}
		cur = append(cur, q)
	}
	if len(cur) > 0 {
		pieces = append(pieces, cur)
	}
	return pieces
}

// clipSegment is the part of pq inside the box (Liang and Barsky 1984).
func clipSegment(p, q point, b box) (point, point, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := q.X-p.X, q.Y-p.Y
	for _, e := range [4][2]float64{{-dx, p.X - b.X0}, {dx, b.X1 - p.X}, {-dy, p.Y - b.Y0}, {dy, b.Y1 - p.Y}} {
		switch d, r := e[0], e[1]; {
		case d == 0 && r < 0:
			return p, q, false
		case d < 0:
			t0 = max(t0, r/d)
		case d > 0:
			t1 = min(t1, r/d)
		}
	}
	if t0 > t1 {
		return p, q, false
	}
	a, c := p, q
	if t0 > 0 {
		a = point{p.X + t0*dx, p.Y + t0*dy}
	}
	if t1 < 1 {
		c = point{p.X + t1*dx, p.Y + t1*dy}
	}
	return a, c, true
}

// clipArea cuts a polygon at the edges of a box (Sutherland and Hodgman 1974).
func clipArea(pts []point, b box) []point {
	sides := []struct {
		inside func(point) bool
		cross  func(p, q point) point
	}{
		{func(p point) bool { return p.X >= b.X0 }, func(p, q point) point { return alongX(p, q, b.X0) }},
		{func(p point) bool { return p.X <= b.X1 }, func(p, q point) point { return alongX(p, q, b.X1) }},
		{func(p point) bool { return p.Y >= b.Y0 }, func(p, q point) point { return alongY(p, q, b.Y0) }},
		{func(p point) bool { return p.Y <= b.Y1 }, func(p, q point) point { return alongY(p, q, b.Y1) }},
	}
	for _, s := range sides {
		var out []point
		for i, q := range pts {
			p := pts[(i+len(pts)-1)%len(pts)]
			if s.inside(q) != s.inside(p) {
				out = append(out, s.cross(p, q))
			}
			if s.inside(q) {
				out = append(out, q)
			}
		}
		pts = out
	}
	return pts
}

func alongX(p, q point, x float64) point { return point{x, p.Y + (q.Y-p.Y)*(x-p.X)/(q.X-p.X)} }
func alongY(p, q point, y float64) point { return point{p.X + (q.X-p.X)*(y-p.Y)/(q.Y-p.Y), y} }
