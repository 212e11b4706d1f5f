package f32

import "strconv"

// panel is the number of columns that the kernels of the matrix product compute side by side.
const panel = 16

// Panels is a matrix B [K, N] packed for Gemm: ceil(N/16) panels, each [K][16], zeros beyond column N.
type Panels struct {
	K, N int
	Data []float32
}

// PanelLen is the number of float32 that a packed [k, n] matrix takes.
func PanelLen(k, n int) int { return k * ceil(n, panel) }

// Pack writes b [k, n] into dst, which holds at least PanelLen(k, n) numbers.
func Pack(dst []float32, b Mat) Panels {
	b.check("Pack", "b", b.Rows, b.Cols)
	p := Panels{K: b.Rows, N: b.Cols, Data: dst[:0]}
	needs("Pack", "dst", len(dst), PanelLen(p.K, p.N))
	p.Data = dst[:PanelLen(p.K, p.N)]
	for j := 0; j < p.N; j += panel {
		packRows(p.Data[j*p.K:], b, 0, p.K, j)
	}
	return p
}

// PackT writes the transpose of b into dst: b is [n, k], the result multiplies as [k, n]. dst holds at least
// PanelLen(k, n) numbers.
func PackT(dst []float32, b Mat) Panels {
	b.check("PackT", "b", b.Rows, b.Cols)
	p := Panels{K: b.Cols, N: b.Rows, Data: dst[:0]}
	needs("PackT", "dst", len(dst), PanelLen(p.K, p.N))
	p.Data = dst[:PanelLen(p.K, p.N)]
	for j := 0; j < p.N; j += panel {
		packColumns(p.Data[j*p.K:], b, j)
	}
	return p
}

// packRows copies the 16 columns of b from column j on, rows from..to, into dst [to-from][16], with zeros beyond the
// last column.
func packRows(dst []float32, b Mat, from, to, j int) {
	w := min(panel, b.Cols-j)
	for i := from; i < to; i++ {
		d := dst[(i-from)*panel:][:panel]
		copy(d, b.Data[i*b.Stride+j:][:w])
		clear(d[w:])
	}
}

// packColumns copies the 16 rows of b from row i on, as columns, into dst [b.Cols][16], with zeros beyond the last row.
func packColumns(dst []float32, b Mat, i int) {
	w := min(panel, b.Rows-i)
	for r := range panel {
		if r >= w {
			for k := range b.Cols {
				dst[k*panel+r] = 0
			}
			continue
		}
		for k, v := range b.row(i + r) {
			dst[k*panel+r] = v
		}
	}
}

// Gemm computes c = start + bias + a·b, with c and start [m, n], a [m, k], b [k, n] packed and bias [n] added to every
// row.
//
// start.Data nil stands for zeros; start may be c itself (accumulate) or a residual stream. bias nil stands for zeros.
// No other argument may overlap c. Each element starts at start+bias (the zeros are added too, so -0 becomes +0), to
// which the products are added one by one in increasing k.
func Gemm(c, a Mat, b Panels, start Mat, bias []float32) {
	if a.Cols != b.K {
		panic(Error("f32: Gemm: a is " + dims(a.Rows, a.Cols) + ", b is " + dims(b.K, b.N)))
	}
	a.check("Gemm", "a", a.Rows, b.K)
	c.check("Gemm", "c", a.Rows, b.N)
	if start.Data != nil {
		start.check("Gemm", "start", a.Rows, b.N)
	}
	if bias != nil && len(bias) != b.N {
		panic(Error("f32: Gemm: bias holds " + strconv.Itoa(len(bias)) + " numbers, want " + strconv.Itoa(b.N)))
	}
	needs("Gemm", "b", len(b.Data), PanelLen(b.K, b.N))
	gemmScalar(c, a, b, start, bias)
}

// gemmScalar defines Gemm.
func gemmScalar(c, a Mat, b Panels, start Mat, bias []float32) {
	for j := 0; j < b.N; j += panel {
		w := min(panel, b.N-j)
		bp := b.Data[j*b.K:][:b.K*panel]
		for i := range a.Rows {
			var acc, first [panel]float32
			if start.Data != nil {
				copy(acc[:], start.Data[i*start.Stride+j:][:w])
			}
			if bias != nil {
				copy(first[:], bias[j:][:w])
			}
			for x := range acc {
				acc[x] += first[x]
			}
			for k, v := range a.row(i) {
				row := (*[panel]float32)(bp[k*panel:])
				for x := range acc {
					acc[x] += float32(v * row[x])
				}
			}
			copy(c.Data[i*c.Stride+j:][:w], acc[:])
		}
	}
}
