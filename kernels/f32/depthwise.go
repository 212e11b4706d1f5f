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

// taps are the pixels of a window that lie inside the maps along one axis: n of them, the first being tap of the window
// and pixel at of the maps.
type taps struct{ at, tap, n int }

// inside is what lies inside a side of n pixels of the window of result o.
func (g Maps) inside(o, n int) taps {
	at := o*g.Stride - g.before(n)
	tap := max(0, -at)
	return taps{at + tap, tap, min(g.K, n-at) - tap}
}

// outside is the same seen from pixel i of a side of n: the results whose windows hold it, in increasing order. Tap is that
// of the first result; from one to the next it falls by the stride.
func (g Maps) outside(i, n int) taps {
	i += g.before(n)
	out := (n + g.Stride - 1) / g.Stride
	at := max(0, (i-g.K+g.Stride)/g.Stride) // the first whose window ends behind i
	return taps{at, i - at*g.Stride, min(out-1, i/g.Stride) - at + 1}
}

// Depthwise convolves every channel with its own window (no bias): x [n, h, w, c], weight [k, k, c] →
// y [n, ⌈h/stride⌉, ⌈w/stride⌉, c]. An element of y is a sum that starts at 0 and runs along the rows of the window, over
// what lies inside the maps. y may not be x.
func Depthwise(y, x, weight []float32, g Maps) {
	g.check("Depthwise", len(x), len(y))
	same("Depthwise", "weight", len(weight), g.K*g.K*g.C)
	clear(y)
	h, w := g.Out()
	c := g.C
	win := sweep{c: c, y: c, x: g.Stride * c, xRow: g.W * c, xTap: c, wRow: g.K * c, wTap: c}
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H)
			win.rows = rows.n
			for ox := 0; ox < w; {
				t := g.inside(ox, g.W)
				n := 1
				for ox+n < w && g.alike(t, g.inside(ox+n, g.W)) {
					n++
				}
				win.taps = t.n
				win.add(y, x, weight, ((b*h+oy)*w+ox)*c, ((b*g.H+rows.at)*g.W+t.at)*c, (rows.tap*g.K+t.tap)*c, n)
				ox += n
			}
		}
	}
}

// alike says whether windows hold the same taps, so that they can go side by side.
func (g Maps) alike(a, b taps) bool { return a.tap == b.tap && a.n == b.n }

// DepthwiseBack is the backward pass of Depthwise: it adds to dx [n, h, w, c] and dweight [k, k, c], of which one may be
// nil, from dy. Both are sums over the pixels of the result in increasing order.
func DepthwiseBack(dx, dweight, dy, x, weight []float32, g Maps) {
	g.check("DepthwiseBack", g.In(), len(dy))
	if dx != nil {
		same("DepthwiseBack", "dx", len(dx), g.In())
		same("DepthwiseBack", "weight", len(weight), g.K*g.K*g.C)
		depthwiseInput(dx, dy, weight, g)
	}
	if dweight != nil {
		same("DepthwiseBack", "dweight", len(dweight), g.K*g.K*g.C)
		same("DepthwiseBack", "x", len(x), g.In())
		depthwiseWeight(dweight, dy, x, g)
	}
}

// depthwiseInput adds to dx: a window over dy that is seen from dx. Pixels that are stride apart are seen by the same taps.
func depthwiseInput(dx, dy, weight []float32, g Maps) {
	h, w := g.Out()
	c := g.C
	win := sweep{c: c, y: g.Stride * c, x: c, xRow: w * c, xTap: c, wRow: -g.Stride * g.K * c, wTap: -g.Stride * c}
	for b := range g.N {
		for iy := range g.H {
			rows := g.outside(iy, g.H)
			if win.rows = rows.n; rows.n <= 0 {
				continue
			}
			for first := range min(g.Stride, g.W) {
				for ix := first; ix < g.W; {
					t := g.outside(ix, g.W)
					n := 1
					for ix+n*g.Stride < g.W && g.alike(t, g.outside(ix+n*g.Stride, g.W)) {
						n++
					}
					if win.taps = t.n; t.n > 0 {
						win.add(dx, dy, weight, ((b*g.H+iy)*g.W+ix)*c, ((b*h+rows.at)*w+t.at)*c, (rows.tap*g.K+t.tap)*c, n)
					}
					ix += n * g.Stride
				}
			}
		}
	}
}

// depthwiseWeight adds to dweight.
func depthwiseWeight(dweight, dy, x []float32, g Maps) {
	h, w := g.Out()
	c := g.C
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H)
			for ox := 0; ox < w; {
				t := g.inside(ox, g.W)
				n := 1
				for ox+n < w && g.alike(t, g.inside(ox+n, g.W)) {
					n++
				}
				o := ((b*h+oy)*w + ox) * c
				for r := range rows.n {
					i, k := ((b*g.H+rows.at+r)*g.W+t.at)*c, ((rows.tap+r)*g.K+t.tap)*c
					tap := 0
					for ; tap+3 <= t.n; tap += 3 {
						sumTaps(dweight[k+tap*c:][:3*c], x[i+tap*c:], dy[o:], n, c, g.Stride*c, c)
					}
					for ; tap < t.n; tap++ {
						sumRows(dweight[k+tap*c:][:c], x[i+tap*c:], dy[o:], n, g.Stride*c, c)
					}
				}
				ox += n
			}
		}
	}
}

// sweep is a row of windows of rows × taps pixels. How far to go is in floats: from pixel to pixel of y and x, and inside of
// a window from row to row and from tap to tap, of x and of the weights.
type sweep struct {
	c, y, x          int
	rows, xRow, wRow int
	taps, xTap, wTap int
}

// add adds windows over x to n pixels of y, of c channels each. An element is a sum that starts at y and runs along the rows
// of its window. yo, xo and wo are where y, x and w begin.
func (g *sweep) add(y, x, w []float32, yo, xo, wo, n int) {
	done := 0
	if fast {
		if wide := g.c &^ (chunk - 1); wide > 0 {
			windowWide(wide, n, &y[yo], 4*g.y, &x[xo], 4*g.x, g.rows, 4*g.xRow, 4*g.wRow, g.taps, 4*g.xTap, 4*g.wTap, &w[wo])
			done = wide
		}
		if rest := (g.c - done) &^ (width - 1); rest > 0 {
			windowOne(rest, n, &y[yo+done], 4*g.y, &x[xo+done], 4*g.x, g.rows, 4*g.xRow, 4*g.wRow, g.taps, 4*g.xTap, 4*g.wTap, &w[wo+done])
			done += rest
		}
	}
	if done == g.c {
		return
	}
	for p := range n { // this defines add
		yp := y[yo+p*g.y:][:g.c]
		for r := range g.rows {
			for t := range g.taps {
				xt, wt := x[xo+p*g.x+r*g.xRow+t*g.xTap:][:g.c], w[wo+r*g.wRow+t*g.wTap:][:g.c]
				for j := done; j < g.c; j++ {
					yp[j] += float32(xt[j] * wt[j])
				}
			}
		}
	}
}

// sumTaps is three times sumRows: y has three rows of c floats, and each sum reads x c floats behind the one before.
func sumTaps(y, x, w []float32, n, c, dx, dw int) {
	done := 0
	if fast {
		if wide := c &^ (chunk - 1); wide > 0 {
			tapsWide(wide, n, &y[0], 4*c, &x[0], 4*dx, 4*c, &w[0], 4*dw)
			done = wide
		}
		if rest := (c - done) &^ (width - 1); rest > 0 {
			tapsOne(rest, n, &y[done], 4*c, &x[done], 4*dx, 4*c, &w[done], 4*dw)
			done += rest
		}
	}
	if done == c {
		return
	}
	for r := range n { // this defines sumTaps
		wr := w[r*dw:][:c]
		for t := range 3 {
			yt, xt := y[t*c:][:c], x[r*dx+t*c:][:c]
			for j := done; j < c; j++ {
				yt[j] += float32(xt[j] * wr[j])
			}
		}
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
