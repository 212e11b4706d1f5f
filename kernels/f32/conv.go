package f32

// Columns writes the windows of maps x [n, h, w, c] as the rows of a matrix, so that a convolution is a product: dst
// [n·h′·w′, k·k·c] for a result of h′×w′ pixels. What lies outside of the maps is zero.
func Columns(dst, x []float32, g Maps) {
	g.valid("Columns")
	same("Columns", "dst", len(dst), g.ColumnsLen())
	same("Columns", "x", len(x), g.In())
	h, w := g.Out()
	size, line := g.Window(), g.K*g.C
	list := g.across(make([]run, 0, runs))
	for b := range g.N {
		for y := range h {
			rows := g.inside(y, g.H)
			for ky := range g.K {
				d, row := (b*h+y)*w*size+ky*line, ky-rows.tap
				if row < 0 || row >= rows.n {
					for range w {
						clear(dst[d:][:line])
						d += size
					}
					continue
				}
				for _, r := range list {
					from, to := r.tap*g.C, (r.tap+r.taps.n)*g.C
					moveRows(dst[d+from:], x[((b*g.H+rows.at+row)*g.W+r.at)*g.C:], r.n, to-from, size, g.Stride*g.C)
					if to-from == line {
						d += r.n * size
						continue
					}
					for range r.n {
						clear(dst[d:][:from])
						clear(dst[d+to:][:line-to])
						d += size
					}
				}
			}
		}
	}
}

// ColumnsBack is the backward pass of Columns: it adds to dx [n, h, w, c] the rows of dcols, in increasing row.
func ColumnsBack(dx, dcols []float32, g Maps) {
	g.valid("ColumnsBack")
	same("ColumnsBack", "dcols", len(dcols), g.ColumnsLen())
	same("ColumnsBack", "dx", len(dx), g.In())
	h, w := g.Out()
	c, size := g.C, g.Window()
	list := g.back(make([]run, 0, runs))
	s := sweep{c: c, y: g.Stride * c, x: size, xRow: w*size - g.Stride*g.K*c, xTap: size - g.Stride*c}
	for b := range g.N {
		for y := range g.H {
			rows := g.outside(y, g.H)
			s.rows = rows.n
			for _, r := range list {
				if s.taps = r.taps.n; s.taps > 0 && s.rows > 0 {
					s.sum(dx, dcols, ((b*g.H+y)*g.W+r.pixel)*c, ((b*h+rows.at)*w+r.at)*size+(rows.tap*g.K+r.tap)*c, r.n)
				}
			}
		}
	}
}

// ColumnsLen is the number of elements that Columns writes, Window that of one window.
func (g Maps) ColumnsLen() int { h, w := g.Out(); return g.N * h * w * g.Window() }

// Window is described at ColumnsLen.
func (g Maps) Window() int { return g.K * g.K * g.C }

// moveRows copies c floats from each of n rows of x to y; rows lie dx and dy floats apart.
func moveRows(y, x []float32, n, c, dy, dx int) {
	wide, done := vectors(c)
	if wide > 0 {
		copyRowsWide(wide, n, &y[0], 4*dy, &x[0], 4*dx)
	}
	if wide < done {
		copyRowsOne(done-wide, n, &y[wide], 4*dy, &x[wide], 4*dx)
	}
	if done == c {
		return
	}
	for r := range n {
		yr, xr := y[r*dy+done:][:c-done], x[r*dx+done:][:c-done]
		for j, v := range xr { // faster than copy for a few
			yr[j] = v
		}
	}
}
