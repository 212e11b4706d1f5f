package f32

import (
	"strconv"
	"unsafe"
)

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
	if fast && w == panel && from < to {
		packRows16(to-from, &b.Data[from*b.Stride+j], 4*b.Stride, &dst[0])
		return
	}
	clear(dst[:(to-from)*panel])
	for i := from; i < to; i++ {
		d := dst[(i-from)*panel:][:panel]
		for x, v := range b.Data[i*b.Stride+j:][:w] { // faster than copy for a few
			d[x] = v
		}
	}
}

// packColumns copies the 16 rows of b from row i on, as columns, into dst [b.Cols][16], with zeros beyond the last row.
func packColumns(dst []float32, b Mat, i int) {
	w, done := min(panel, b.Rows-i), 0
	if fast && b.Cols > 0 && w >= lanes {
		if done = w &^ (lanes - 1); w < panel {
			clear(dst[:b.Cols*panel])
		}
		// Four rows of b become four columns, as four heads become lanes.
		gatherHeads(done/lanes, b.Cols, &b.Data[i*b.Stride], 4*lanes*b.Stride, 4*b.Stride, 8*b.Stride, &dst[0], 4*lanes, 4*panel)
	}
	for r := done; r < w; r++ {
		for k, v := range b.row(i + r) {
			dst[k*panel+r] = v
		}
	}
	for r := w; r < panel && done == 0; r++ {
		for k := range b.Cols {
			dst[k*panel+r] = 0
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
	if fast && b.K > 0 && a.Rows > 0 {
		gemmFast(c, a, b, start, bias)
		return
	}
	gemmScalar(c, a, b, start, bias)
}

// gemmBlock is about the number of floats of a that gemmFast multiplies by all panels before it goes on: half of a
// second-level cache of 512 KiB.
const gemmBlock = 1 << 16

// gemmFast is Gemm with the vectorised kernels, which take one panel and many rows.
func gemmFast(c, a Mat, b Panels, start Mat, bias []float32) {
	block := max(64, gemmBlock/b.K)
	for i := 0; i < a.Rows; i += block {
		rows := min(block, a.Rows-i)
		for j := 0; j < b.N; j += panel {
			if b.N-j < panel {
				gemmNarrow(c, a, b, start, bias, i, rows, j)
				continue
			}
			if start.Data == nil && bias == nil && rows%rowTile == 0 {
				gemmRowsFresh(rows, b.K, &a.Data[i*a.Stride], 4*a.Stride, &b.Data[j*b.K], &c.Data[i*c.Stride+j], 4*c.Stride)
				continue
			}
			ini, irs, add := &zeros[0], 0, &zeros[0]
			if start.Data != nil {
				ini, irs = &start.Data[i*start.Stride+j], start.Stride
			}
			if bias != nil {
				add = &bias[j]
			}
			gemmRows(rows, b.K, &a.Data[i*a.Stride], a.Stride, &b.Data[j*b.K], &c.Data[i*c.Stride+j], c.Stride, ini, irs, add)
		}
	}
}

// gemmRows computes rows of 16 columns: whole tiles, then single rows. Strides are in floats.
func gemmRows(rows, k int, a *float32, lda int, b, c *float32, ldc int, ini *float32, irs int, bias *float32) {
	tiled := rows - rows%rowTile
	if tiled > 0 {
		gemmRowsTile(tiled, k, a, 4*lda, b, c, 4*ldc, ini, 4*irs, bias)
	}
	if tiled < rows {
		gemmRowsOne(rows-tiled, k, ahead(a, tiled*lda), 4*lda, b, ahead(c, tiled*ldc), 4*ldc, ahead(ini, tiled*irs), 4*irs, bias)
	}
}

// ahead moves a pointer by n floats.
func ahead(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n)) }

// gemmNarrow computes rows i.. of the last panel, which has fewer than 16 columns: four or eight in place, other widths
// by way of a buffer that has 16.
func gemmNarrow(c, a Mat, b Panels, start Mat, bias []float32, i, rows, j int) {
	w := b.N - j
	var add [panel]float32
	if bias != nil {
		copy(add[:w], bias[j:])
	}
	if w == 4 || w == 8 {
		if n := rows &^ 3; n > 0 {
			ini, irs := &zeros[0], 0
			if start.Data != nil {
				ini, irs = &start.Data[i*start.Stride+j], start.Stride
			}
			gemmFewColumns(w, n, b.K, &a.Data[i*a.Stride], a.Stride, &b.Data[j*b.K], &c.Data[i*c.Stride+j], c.Stride, ini, irs, &add[0])
			i, rows = i+n, rows-n
		}
	}
	var tile [32 * panel]float32
	for end := i + rows; i < end; i += len(tile) / panel {
		n := min(len(tile)/panel, end-i)
		ini, irs := &zeros[0], 0
		if start.Data != nil {
			ini, irs = &tile[0], panel
			for r := range n {
				copy(tile[r*panel:][:w], start.Data[(i+r)*start.Stride+j:])
			}
		}
		whole := 0
		if w <= 8 {
			whole = n &^ 3
		}
		from, bp := &a.Data[i*a.Stride], &b.Data[j*b.K]
		if whole > 0 {
			gemmFewColumns(w, whole, b.K, from, a.Stride, bp, &tile[0], panel, ini, irs, &add[0])
		}
		if whole < n {
			gemmRows(n-whole, b.K, ahead(from, whole*a.Stride), a.Stride, bp, &tile[whole*panel], panel, ahead(ini, whole*irs), irs, &add[0])
		}
		for r := range n {
			copy(c.Data[(i+r)*c.Stride+j:][:w], tile[r*panel:])
		}
	}
}

// gemmFewColumns computes the first four or eight columns, whichever hold w, of a multiple of four rows.
func gemmFewColumns(w, rows, k int, a *float32, lda int, b, c *float32, ldc int, ini *float32, irs int, bias *float32) {
	if w <= 4 {
		gemmRowsFour(rows, k, a, 4*lda, b, c, 4*ldc, ini, 4*irs, bias)
	} else {
		gemmRowsEight(rows, k, a, 4*lda, b, c, 4*ldc, ini, 4*irs, bias)
	}
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
