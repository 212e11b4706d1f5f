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

// run is pixels whose windows lie inside the maps in the same way: n of them, from pixel to pixel by the sweep's steps.
type run struct {
	taps
	pixel, n int
}

// runs is how many of them are expected at most; a list of more goes to the heap.
const runs = 16

// across appends the runs of a row of results, in their order.
func (g Maps) across(list []run) []run {
	_, w := g.Out()
	for x := range w {
		t := g.inside(x, g.W)
		if last := len(list) - 1; last >= 0 && list[last].tap == t.tap && list[last].taps.n == t.n {
			list[last].n++
		} else {
			list = append(list, run{t, x, 1})
		}
	}
	return list
}

// back appends the runs of a row of the maps, seen from there: pixels that are stride apart are seen by the same taps.
func (g Maps) back(list []run) []run {
	for first := range min(g.Stride, g.W) {
		begin := len(list)
		for x := first; x < g.W; x += g.Stride {
			t := g.outside(x, g.W)
			if last := len(list) - 1; last >= begin && list[last].tap == t.tap && list[last].taps.n == t.n {
				list[last].n++
			} else {
				list = append(list, run{t, x, 1})
			}
		}
	}
	return list
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
	list := g.across(make([]run, 0, runs))
	s := sweep{c: c, y: c, x: g.Stride * c, xRow: g.W * c, xTap: c, wRow: g.K * c, wTap: c}
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H)
			s.rows = rows.n
			for _, r := range list {
				s.taps = r.taps.n
				s.add(y, x, weight, ((b*h+oy)*w+r.pixel)*c, ((b*g.H+rows.at)*g.W+r.at)*c, (rows.tap*g.K+r.tap)*c, r.n)
			}
		}
	}
}

// DepthwiseBack is the backward pass of Depthwise: it adds to dx [n, h, w, c] and dweight [k, k, c], of which one may be
// nil, from dy. Both are sums over the pixels of the result in increasing order.
func DepthwiseBack(dx, dweight, dy, x, weight []float32, g Maps) {
	g.check("DepthwiseBack", g.In(), len(dy))
	h, w := g.Out()
	c := g.C
	if dx != nil {
		same("DepthwiseBack", "dx", len(dx), g.In())
		same("DepthwiseBack", "weight", len(weight), g.K*g.K*g.C)
		list := g.back(make([]run, 0, runs))
		s := sweep{c: c, y: g.Stride * c, x: c, xRow: w * c, xTap: c, wRow: -g.Stride * g.K * c, wTap: -g.Stride * c}
		for b := range g.N {
			for iy := range g.H {
				rows := g.outside(iy, g.H)
				s.rows = rows.n
				for _, r := range list {
					if s.taps = r.taps.n; s.taps > 0 && s.rows > 0 {
						s.add(dx, dy, weight, ((b*g.H+iy)*g.W+r.pixel)*c, ((b*h+rows.at)*w+r.at)*c, (rows.tap*g.K+r.tap)*c, r.n)
					}
				}
			}
		}
	}
	if dweight == nil {
		return
	}
	same("DepthwiseBack", "dweight", len(dweight), g.K*g.K*g.C)
	same("DepthwiseBack", "x", len(x), g.In())
	list := g.across(make([]run, 0, runs))
	for b := range g.N {
		for oy := range h {
			rows := g.inside(oy, g.H)
			for row := range rows.n {
				for _, r := range list {
					o := ((b*h+oy)*w + r.pixel) * c
					i, k := ((b*g.H+rows.at+row)*g.W+r.at)*c, ((rows.tap+row)*g.K+r.tap)*c
					sumTaps(dweight[k:][:r.taps.n*c], x[i:], dy[o:], r.n, c, g.Stride*c, c)
				}
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
	wide, done := vectors(g.c)
	if wide > 0 {
		windowWide(wide, n, &y[yo], 4*g.y, &x[xo], 4*g.x, g.rows, 4*g.xRow, g.taps, 4*g.xTap, 4*g.wRow, 4*g.wTap, &w[wo])
	}
	if wide < done {
		windowOne(done-wide, n, &y[yo+wide], 4*g.y, &x[xo+wide], 4*g.x, g.rows, 4*g.xRow, g.taps, 4*g.xTap, 4*g.wRow, 4*g.wTap, &w[wo+wide])
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

// sum is add with the pixels of the windows as they are: what add does where all weights are 1.
func (g *sweep) sum(y, x []float32, yo, xo, n int) {
	wide, done := vectors(g.c)
	if wide > 0 {
		windowSumWide(wide, n, &y[yo], 4*g.y, &x[xo], 4*g.x, g.rows, 4*g.xRow, g.taps, 4*g.xTap)
	}
	if wide < done {
		windowSumOne(done-wide, n, &y[yo+wide], 4*g.y, &x[xo+wide], 4*g.x, g.rows, 4*g.xRow, g.taps, 4*g.xTap)
	}
	if done == g.c {
		return
	}
	for p := range n { // this defines sum
		yp := y[yo+p*g.y:][:g.c]
		for r := range g.rows {
			for t := range g.taps {
				xt := x[xo+p*g.x+r*g.xRow+t*g.xTap:][:g.c]
				for j := done; j < g.c; j++ {
					yp[j] += xt[j]
				}
			}
		}
	}
}

// sumTaps is sumRows for the rows of y, of c floats each: the sum of each reads x c floats behind the one before.
func sumTaps(y, x, w []float32, n, c, dx, dw int) {
	for len(y) > 0 {
		t := min(3, len(y)/c)
		if t == 1 {
			sumRows(y, x, w, n, dx, dw)
			return
		}
		sumSome(y[:t*c], x, w, t, n, c, dx, dw)
		y, x = y[t*c:], x[t*c:]
	}
}

// sumSome is sumTaps for two or three taps.
func sumSome(y, x, w []float32, taps, n, c, dx, dw int) {
	from, to := vectors(c)
	if from > 0 {
		if taps == 2 {
			taps2Wide(from, n, &y[0], 4*c, &x[0], 4*dx, 4*c, &w[0], 4*dw)
		} else {
			taps3Wide(from, n, &y[0], 4*c, &x[0], 4*dx, 4*c, &w[0], 4*dw)
		}
	}
	if from < to {
		if taps == 2 {
			taps2One(to-from, n, &y[from], 4*c, &x[from], 4*dx, 4*c, &w[from], 4*dw)
		} else {
			taps3One(to-from, n, &y[from], 4*c, &x[from], 4*dx, 4*c, &w[from], 4*dw)
		}
	}
	if to == c {
		return
	}
	for r := range n { // this defines sumTaps
		wr := w[r*dw:][:c]
		for t := range taps {
			yt, xt := y[t*c:][:c], x[r*dx+t*c:][:c]
			for j := to; j < c; j++ {
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
