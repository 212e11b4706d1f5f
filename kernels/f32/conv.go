package f32

// Columns writes the windows of maps x [n, h, w, c] as the rows of a matrix, so that a convolution is a product: dst
// [n·h′·w′, k·k·c] for a result of h′×w′ pixels. What lies outside of the maps is zero.
func Columns(dst, x []float32, g Maps) {
	g.valid("Columns")
	same("Columns", "dst", len(dst), g.ColumnsLen())
	same("Columns", "x", len(x), g.In())
	line := g.K * g.C
	g.lines(func(d, i, from, to int) {
		row := dst[d:][:line]
		if from == to {
			clear(row)
			return
		}
		clear(row[:from])
		clear(row[to:])
		to -= from
		row, xs := row[from:][:to], x[i:][:to]
		if to > 16 {
			copy(row, xs)
			return
		}
		for j, v := range xs { // faster than copy for a few
			row[j] = v
		}
	})
}

// ColumnsBack is the backward pass of Columns: it adds to dx [n, h, w, c] the rows of dcols, in increasing row.
func ColumnsBack(dx, dcols []float32, g Maps) {
	g.valid("ColumnsBack")
	same("ColumnsBack", "dcols", len(dcols), g.ColumnsLen())
	same("ColumnsBack", "dx", len(dx), g.In())
	g.lines(func(d, i, from, to int) {
		if n := to - from; n > 0 {
			Add(dx[i:][:n], dcols[d+from:][:n])
		}
	})
}

// ColumnsLen is the number of elements that Columns writes, Window that of one window.
func (g Maps) ColumnsLen() int { h, w := g.Out(); return g.N * h * w * g.Window() }

// Window is described at ColumnsLen.
func (g Maps) Window() int { return g.K * g.K * g.C }

// lines visits the rows of all windows in order: element d of the columns is where a row of k·c elements begins, of which
// from..to lie inside the maps, from element i on.
func (g Maps) lines(visit func(d, i, from, to int)) {
	h, w := g.Out()
	top, left := g.before(g.H), g.before(g.W)
	d := 0
	for b := range g.N {
		for y := range h {
			for x := range w {
				ix := x*g.Stride - left
				from, to := max(0, -ix), min(g.K, g.W-ix)
				for ky := range g.K {
					if iy := y*g.Stride - top + ky; iy < 0 || iy >= g.H {
						visit(d, 0, 0, 0)
					} else {
						visit(d, ((b*g.H+iy)*g.W+ix+from)*g.C, from*g.C, to*g.C)
					}
					d += g.K * g.C
				}
			}
		}
	}
}
