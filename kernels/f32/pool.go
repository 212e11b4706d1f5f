package f32

// AvgPool is the mean over windows of k×k pixels in steps of g.Stride: x [n, h, w, c] → y [n, ⌈h/stride⌉, ⌈w/stride⌉, c].
// It is taken over the pixels inside the maps only. A sum runs along the rows of the window and is multiplied by
// 1/pixels. y may not be x.
func AvgPool(y, x []float32, g Maps) {
	g.check("AvgPool", len(x), len(y))
	g.pools(func(o, from, columns, rows int) {
		yo := y[o:][:g.C]
		copy(yo, x[from:])
		for r := range rows {
			for c := range columns {
				if r+c > 0 {
					Add(yo, x[from+(r*g.W+c)*g.C:][:g.C])
				}
			}
		}
		Scale(yo, 1/float32(rows*columns))
	})
}

// AvgPoolBack is the backward pass of AvgPool: it adds to dx [n, h, w, c] from dy, in increasing pixel of dy.
func AvgPoolBack(dx, dy []float32, g Maps) {
	g.check("AvgPoolBack", len(dx), len(dy))
	g.pools(func(o, from, columns, rows int) {
		a := 1 / float32(rows*columns)
		for r := range rows {
			for c := range columns {
				Axpy(dx[from+(r*g.W+c)*g.C:][:g.C], a, dy[o:][:g.C])
			}
		}
	})
}

// pools visits the windows that have a pixel inside the maps: element o of the result is made of rows × columns pixels,
// of which the first is at element from of the maps. With a "same" padding every window has one.
func (g Maps) pools(visit func(o, from, columns, rows int)) {
	h, w := g.Out()
	top, left := g.before(g.H), g.before(g.W)
	o := 0
	for b := range g.N {
		for y := range h {
			for x := range w {
				iy, ix := y*g.Stride-top, x*g.Stride-left
				y0, x0 := max(iy, 0), max(ix, 0)
				rows, columns := min(iy+g.K, g.H)-y0, min(ix+g.K, g.W)-x0
				visit(o, ((b*g.H+y0)*g.W+x0)*g.C, columns, rows)
				o += g.C
			}
		}
	}
}
