package f32

import "strconv"

// Maps is the geometry of a sliding window over maps [n, h, w, c], channels side by side: a window of k×k pixels moves
// in steps of stride pixels. The edge is padded with zeros until the result has ⌈h/stride⌉ × ⌈w/stride⌉ pixels; where
// their number is odd, the extra one stands at the end. (That is the "same" padding of TensorFlow, in which the official
// MOAT is written. With a stride of 2 and an even side it differs from a padding of k/2 on all sides.)
type Maps struct{ N, H, W, C, K, Stride int }

// Out is the number of rows and columns of the result.
func (g Maps) Out() (h, w int) {
	return (g.H + g.Stride - 1) / g.Stride, (g.W + g.Stride - 1) / g.Stride
}

// In and OutLen are the number of elements of the maps and of the result.
func (g Maps) In() int { return g.N * g.H * g.W * g.C }

// OutLen is described at In.
func (g Maps) OutLen() int { h, w := g.Out(); return g.N * h * w * g.C }

// before is how many zeros stand before a side of n pixels.
func (g Maps) before(n int) int {
	out := (n + g.Stride - 1) / g.Stride
	return max(0, (out-1)*g.Stride+g.K-n) / 2
}

// span is the range of results [from, to) whose pixel number tap of the window lies inside a side of n pixels.
func (g Maps) span(n, tap int) (from, to int) {
	shift := g.before(n) - tap // result o reads pixel o·stride - shift
	out := (n + g.Stride - 1) / g.Stride
	if shift > 0 {
		from = (shift + g.Stride - 1) / g.Stride
	}
	if last := n - 1 + shift; last >= 0 {
		to = min(out, last/g.Stride+1)
	}
	return min(from, to), to
}

// check panics where the sizes make no sense or do not fit.
func (g Maps) check(op string, x, y int) {
	g.valid(op)
	same(op, "x", x, g.In())
	same(op, "y", y, g.OutLen())
}

// valid panics where the sizes make no sense.
func (g Maps) valid(op string) {
	if g.N < 0 || g.H <= 0 || g.W <= 0 || g.C <= 0 || g.K <= 0 || g.Stride <= 0 {
		panic(Error("f32: " + op + ": a window of " + strconv.Itoa(g.K) + " in steps of " + strconv.Itoa(g.Stride) + " over maps of " + dims(g.H, g.W) + "x" + strconv.Itoa(g.C)))
	}
}

// rows visits the pixels that meet in the window, a run at a time and in the order of the definition: for every result
// pixel first the rows of the window, then its columns. A run is n pixels: of the result from o on, one after another, of
// the maps from i on, stride apart. Both count elements.
func (g Maps) rows(visit func(o, i, tap, n int)) {
	h, w := g.Out()
	top, left := g.before(g.H), g.before(g.W)
	for b := range g.N {
		for y := range h {
			for ky := range g.K {
				iy := y*g.Stride - top + ky
				if iy < 0 || iy >= g.H {
					continue
				}
				for kx := range g.K {
					from, to := g.span(g.W, kx)
					if from == to {
						continue
					}
					ix := from*g.Stride - left + kx
					visit(((b*h+y)*w+from)*g.C, ((b*g.H+iy)*g.W+ix)*g.C, ky*g.K+kx, to-from)
				}
			}
		}
	}
}

// Depthwise convolves every channel with its own window (no bias): x [n, h, w, c], weight [k, k, c] →
// y [n, ⌈h/stride⌉, ⌈w/stride⌉, c]. An element of y is a sum that starts at 0 and runs along the rows of the window, over
// what lies inside the maps. y may not be x.
func Depthwise(y, x, weight []float32, g Maps) {
	g.check("Depthwise", len(x), len(y))
	same("Depthwise", "weight", len(weight), g.K*g.K*g.C)
	clear(y)
	g.rows(func(o, i, tap, n int) {
		mulRows(y[o:], x[i:], weight[tap*g.C:][:g.C], n, g.C, g.Stride*g.C)
	})
}

// DepthwiseBack is the backward pass of Depthwise: it adds to dx [n, h, w, c] and dweight [k, k, c], of which one may be
// nil, from dy. Elements of dweight are sums over the pixels of the result in increasing order.
func DepthwiseBack(dx, dweight, dy, x, weight []float32, g Maps) {
	g.check("DepthwiseBack", g.In(), len(dy))
	if dx != nil {
		same("DepthwiseBack", "dx", len(dx), g.In())
		same("DepthwiseBack", "weight", len(weight), g.K*g.K*g.C)
		g.rows(func(o, i, tap, n int) {
			mulRows(dx[i:], dy[o:], weight[tap*g.C:][:g.C], n, g.Stride*g.C, g.C)
		})
	}
	if dweight != nil {
		same("DepthwiseBack", "dweight", len(dweight), g.K*g.K*g.C)
		same("DepthwiseBack", "x", len(x), g.In())
		g.rows(func(o, i, tap, n int) {
			sumRows(dweight[tap*g.C:][:g.C], x[i:], dy[o:], n, g.Stride*g.C, g.C)
		})
	}
}

// mulRows adds x·w to y for n rows of len(w) floats, which lie dy and dx floats apart.
func mulRows(y, x, w []float32, n, dy, dx int) {
	c, done := len(w), 0
	if fast && n > 0 {
		if done = c &^ (width - 1); done > 0 {
			mulRowsVectors(done, n, &y[0], 4*dy, &x[0], 4*dx, &w[0])
		}
	}
	if done == c {
		return
	}
	for r := range n { // this defines mulRows
		yr, xr := y[r*dy:][:c], x[r*dx:][:c]
		for j := done; j < c; j++ {
			yr[j] += float32(xr[j] * w[j])
		}
	}
}

// sumRows adds Σ x·w to y, over n rows of len(y) floats in their order, which lie dx and dw floats apart.
func sumRows(y, x, w []float32, n, dx, dw int) {
	c, done := len(y), 0
	if fast && n > 0 {
		if done = c &^ (width - 1); done > 0 {
			sumRowsVectors(done, n, &y[0], &x[0], 4*dx, &w[0], 4*dw)
		}
	}
	if done == c {
		return
	}
	for r := range n { // this defines sumRows
		xr, wr := x[r*dx:][:c], w[r*dw:][:c]
		for j := done; j < c; j++ {
			y[j] += float32(xr[j] * wr[j])
		}
	}
}
