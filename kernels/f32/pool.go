package f32

// AvgPool is the mean over windows of k×k pixels: x [n, h, w, c] → y [n, ⌈h/stride⌉, ⌈w/stride⌉, c]. It is taken over the
// pixels inside the maps only. A sum starts at 0, runs along the rows of the window and is multiplied by 1/pixels. y may
// not be x.
func AvgPool(y, x []float32, g Maps) {
	g.check("AvgPool", len(x), len(y))
	clear(y)
	h, w := g.Out()
	c := g.C
	list := g.across(make([]run, 0, runs))
	s := sweep{c: c, y: c, x: g.Stride * c, xRow: g.W * c, xTap: c}
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H)
			s.rows = rows.n
			for _, r := range list {
				s.taps = r.taps.n
				o := ((b*h+oy)*w + r.pixel) * c
				s.sum(y, x, o, ((b*g.H+rows.at)*g.W+r.at)*c, r.n)
				Scale(y[o:][:r.n*c], 1/float32(s.rows*s.taps))
			}
		}
	}
}

// AvgPoolBack is the backward pass of AvgPool: it adds to dx [n, h, w, c] from dy, in increasing pixel of dy, which it
// multiplies by 1/pixels in place.
func AvgPoolBack(dx, dy []float32, g Maps) {
	g.check("AvgPoolBack", len(dx), len(dy))
	h, w := g.Out()
	c := g.C
	list := g.across(make([]run, 0, runs))
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H).n
			for _, r := range list {
				Scale(dy[((b*h+oy)*w+r.pixel)*c:][:r.n*c], 1/float32(rows*r.taps.n))
			}
		}
	}
	list = g.back(list[:0])
	s := sweep{c: c, y: g.Stride * c, x: c, xRow: w * c, xTap: c}
	for b := range g.N {
		for iy := range g.H {
			rows := g.outside(iy, g.H)
			s.rows = rows.n
			for _, r := range list {
				if s.taps = r.taps.n; s.taps > 0 && s.rows > 0 {
					s.sum(dx, dy, ((b*g.H+iy)*g.W+r.pixel)*c, ((b*h+rows.at)*w+r.at)*c, r.n)
				}
			}
		}
	}
}
