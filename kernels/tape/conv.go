package tape

import "petri/kernels/f32"

// maps is the geometry of a window of k×k pixels over x [n, h, w, c].
func (x Var) maps(op, path string, k, stride int) f32.Maps {
	s := x.node().shape
	if s.Rank() != 4 {
		x.fail(op, path, Shape{-1, -1, -1, -1}, s)
	}
	if k < 1 || stride < 1 {
		panic("tape: " + op + " wants a window and steps of at least one pixel")
	}
	return f32.Maps{N: s[0], H: s[1], W: s[2], C: s[3], K: k, Stride: stride}
}

// Conv convolves maps in steps of stride pixels: x [n, h, w, in] · weight [k, k, in, out] + bias →
// [n, ⌈h/stride⌉, ⌈w/stride⌉, out]. bias [out] may be nil. The edge is padded with zeros as f32.Maps says; they take part in
// the sums, which run along the rows of the window, channels innermost.
//
// A window is a row of a matrix (f32.Columns), made for a few examples at a time and again in backward, so x is all that is
// kept, if, and only if, weight is trained. Operations are counted as if no window reached over the edge.
func (x Var) Conv(weight, bias *Param, stride int) Var {
	return x.conv(factor{p: weight}, bias, stride)
}

// ConvBy is Conv by a weight that was made in this step. Where x needs a gradient the weight is kept.
func (x Var) ConvBy(weight Var, bias *Param, stride int) Var {
	x.with(weight)
	return x.conv(factor{made: weight.i}, bias, stride)
}

func (x Var) conv(w factor, bias *Param, stride int) Var {
	t, n := x.t, x.node()
	ws := w.shape(t)
	g := x.maps("conv", w.name(), max(1, ws[0]), stride)
	if ws.Rank() != 4 || ws[0] != ws[1] || ws[2] != g.C {
		x.fail("conv", w.name(), Shape{max(1, ws[0]), max(1, ws[0]), g.C, -1}, ws)
	}
	out := ws[3]
	needs := n.needs || w.trained(t)
	var b []float32
	if bias != nil {
		if bias.Value.Shape != (Shape{out}) {
			x.fail("conv", bias.Name, Shape{out}, bias.Value.Shape)
		}
		b = bias.Value.Data
		needs = needs || !bias.Frozen
	}
	oh, ow := g.Out()
	xd := n.data
	y, yd := t.fresh("conv", Shape{g.N, oh, ow, out}, needs)
	panels, packed := w.panels(t)
	c := newConvChunks(t, g, out)
	for c.next() {
		c.cut(xd)
		f32.Gemm(c.result(yd), c.columns, panels, f32.Mat{}, b)
	}
	t.release(c.scratch)
	t.drop(packed)
	t.Ledger.ForwardFLOP += c.flop()
	if y.Trained() {
		r := record{back: convBack, out: y.i, x: x.i, z: w.made, w: w.p, b: bias, dw: w.trained(t), db: bias != nil && !bias.Frozen,
			n: [3]int{stride}}
		w.keep(t, x.i)
		t.record(r)
	}
	return y
}

func convBack(t *Tape, r *record, dy []float32) {
	w := r.factor()
	s, ws := t.nodes[r.x].shape, w.shape(t)
	g := f32.Maps{N: s[0], H: s[1], W: s[2], C: s[3], K: ws[0], Stride: r.n[0]}
	out := ws[3]
	var dx, db []float32
	if r.db {
		db = r.b.zeroSink()
	}
	if r.db && !r.dw {
		addRows(db, dy)
	}
	c := newConvChunks(t, g, out)
	if r.dw {
		x := t.read(r.x)
		d, first := w.sink(t)
		dw, start := f32.M(d, ws.Rows(), out), f32.Mat{}
		if !first {
			start = dw
		}
		scratch := t.gradient(f32.GemmTAScratch(c.columns.Rows, ws.Rows(), out))
		for c.next() {
			c.cut(x)
			f32.GemmTA(dw, c.columns, c.result(dy), start, db, scratch)
			start = dw
		}
		t.release(scratch)
		t.Ledger.BackwardFLOP += c.flop()
	}
	if t.nodes[r.x].needs {
		dx = t.zeroSink(r.x)
		panels, packed := w.panelsT(t)
		for c.restart(); c.next(); {
			f32.Gemm(c.columns, c.result(dy), panels, f32.Mat{}, nil)
			f32.ColumnsBack(c.part(dx), c.columns.Data[:c.columns.Rows*c.width], c.maps)
		}
		t.drop(packed)
		t.Ledger.BackwardFLOP += c.flop()
	}
	t.release(c.scratch)
}

// convBlock is about the number of floats of the columns that exist at a time: 256 KiB.
const convBlock = 1 << 16

// convChunks walks over the examples a few at a time, as many as fit convBlock, but one at least. Sums run in increasing
// pixel, so their bits do not depend on it.
type convChunks struct {
	all, most, from int // examples: of the batch, at a time, before the next chunk
	one             int // floats of an example of x
	pixels, width   int // pixels of an example of the result, floats of a window
	out             int // channels of the result
	scratch         []float32

	at      int      // the first example of the chunk
	maps    f32.Maps // its geometry
	columns f32.Mat
}

func newConvChunks(t *Tape, g f32.Maps, out int) convChunks {
	c := convChunks{all: g.N, out: out, maps: g}
	c.maps.N = 1
	c.one, c.width = c.maps.In(), c.maps.Window()
	c.pixels = c.maps.ColumnsLen() / c.width
	c.most = min(c.all, max(1, convBlock/c.maps.ColumnsLen()))
	c.scratch = t.gradient(c.most * c.pixels * c.width)
	c.shape(c.most)
	return c
}

// shape makes the chunk one of n examples.
func (c *convChunks) shape(n int) {
	c.maps.N = n
	c.columns = f32.M(c.scratch, n*c.pixels, c.width)
}

func (c *convChunks) restart() { c.from = 0 }

// next goes on to the next chunk.
func (c *convChunks) next() bool {
	n := min(c.most, c.all-c.from)
	if n <= 0 {
		return false
	}
	c.shape(n)
	c.at = c.from
	c.from += n
	return true
}

// cut writes the windows of the chunk into its columns.
func (c *convChunks) cut(x []float32) {
	f32.Columns(c.columns.Data[:c.columns.Rows*c.width], c.part(x), c.maps)
}

// part is the chunk's share of x or dx, result that of y or dy.
func (c *convChunks) part(x []float32) []float32 {
	return x[c.at*c.one:][:c.maps.In()]
}

func (c *convChunks) result(y []float32) f32.Mat {
	return f32.M(y[c.at*c.pixels*c.out:], c.columns.Rows, c.out)
}

// flop is the number of operations for all examples.
func (c *convChunks) flop() int64 { return product(c.all*c.pixels, c.width, c.out) }
