package f32

// RelativeBias spreads tables of relative positions over pairs of pixels: table [heads, 2h-1, 2w-1] →
// bias [heads, h·w, h·w], bias[k][i][j] = table[k][yi-yj+h-1][xi-xj+w-1] for the pixels i = (yi, xi), which asks, and
// j = (yj, xj), which is looked at.
func RelativeBias(bias, table []float32, heads, h, w int) {
	relativeSizes("RelativeBias", len(bias), len(table), heads, h, w)
	relativeRows(heads, h, w, func(at, from int) {
		row, src := bias[at:][:w], table[from:][:w]
		for x := range row {
			row[x] = src[w-1-x]
		}
	})
}

// RelativeBiasBack is the backward pass of RelativeBias: it adds to dtable. An element of it is a sum in increasing i.
func RelativeBiasBack(dtable, dbias []float32, heads, h, w int) {
	relativeSizes("RelativeBiasBack", len(dbias), len(dtable), heads, h, w)
	relativeRows(heads, h, w, func(at, from int) {
		row, dst := dbias[at:][:w], dtable[from:][:w]
		for x, v := range row {
			dst[w-1-x] += v
		}
	})
}

func relativeSizes(op string, bias, table, heads, h, w int) {
	same(op, "bias", bias, heads*h*w*h*w)
	same(op, "table", table, heads*max(0, 2*h-1)*max(0, 2*w-1))
}

// relativeRows visits the rows of maps that a pixel looks at, w elements of bias at a time, which are as many elements of
// the table from the last to the first.
func relativeRows(heads, h, w int, visit func(bias, table int)) {
	at := 0
	for k := range heads {
		for i := range h * w {
			for yj := range h {
				visit(at, (k*(2*h-1)+i/w-yj+h-1)*(2*w-1)+i%w)
				at += w
			}
		}
	}
}

// Resize stretches n planes x [n, h, w] to y [n, oh, ow] by bilinear interpolation. The ends meet: the first and the last
// row and column stay what they are, and those between lie at equal distances; a single one takes the middle. (That is
// what others call aligned corners.) Along each axis a result is (1-f)·x[i] + f·x[i+1], columns before rows.
func Resize(y, x []float32, n, oh, ow, h, w int) {
	same("Resize", "y", len(y), n*oh*ow)
	same("Resize", "x", len(x), n*h*w)
	for i := range y {
		a, b, f := between(i/ow%oh, oh, h)
		c, d, g := between(i%ow, ow, w)
		plane := x[i/(oh*ow)*h*w:][:h*w]
		top := float32((1-g)*plane[a*w+c]) + float32(g*plane[a*w+d])
		bottom := float32((1-g)*plane[b*w+c]) + float32(g*plane[b*w+d])
		y[i] = float32((1-f)*top) + float32(f*bottom)
	}
}

// ResizeBack is the backward pass of Resize: it adds to dx, in increasing element of dy.
func ResizeBack(dx, dy []float32, n, oh, ow, h, w int) {
	same("ResizeBack", "dy", len(dy), n*oh*ow)
	same("ResizeBack", "dx", len(dx), n*h*w)
	for i, v := range dy {
		a, b, f := between(i/ow%oh, oh, h)
		c, d, g := between(i%ow, ow, w)
		plane := dx[i/(oh*ow)*h*w:][:h*w]
		top, bottom := float32((1-f)*v), float32(f*v)
		plane[a*w+c] += float32((1 - g) * top)
		plane[a*w+d] += float32(g * top)
		plane[b*w+c] += float32((1 - g) * bottom)
		plane[b*w+d] += float32(g * bottom)
	}
}

// between is where number i of out points lies among n points that end where they do: behind point lo by the share f of
// the way to hi.
func between(i, out, n int) (lo, hi int, f float32) {
	at, of := i*(n-1), out-1
	if out == 1 {
		at, of = n-1, 2
	}
	lo = at / of
	return lo, min(lo+1, n-1), float32(at%of) / float32(of)
}
