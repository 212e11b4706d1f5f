package f32

// taRows is the number of rows that GemmTA packs at a time: a panel of a and one of b, 8.5 KiB each, stay in the
// first-level cache.
const taRows = 136

// GemmTAScratch is the length of GemmTA's scratch for a [rows, aCols] and b [rows, bCols].
func GemmTAScratch(rows, aCols, bCols int) int {
	return min(rows, taRows) * (ceil(aCols, panel) + ceil(bCols, panel))
}

// GemmTA computes c = start + aᵀ·b, with a [m, p], b [m, q], c and start [p, q]: the gradient of a weight from the
// layer's input and the gradient of its output.
//
// start.Data nil stands for zeros; start may be c itself. Each element starts there, and the products are added one by
// one in increasing row. colsum, nil or [q], gets the column sums of b added in increasing row: the gradient of a bias.
func GemmTA(c, a, b, start Mat, colsum, scratch []float32) {
	a.check("GemmTA", "a", b.Rows, a.Cols)
	b.check("GemmTA", "b", b.Rows, b.Cols)
	c.check("GemmTA", "c", a.Cols, b.Cols)
	if start.Data != nil {
		start.check("GemmTA", "start", a.Cols, b.Cols)
	}
	if colsum != nil {
		same("GemmTA", "colsum", len(colsum), b.Cols)
	}
	needs("GemmTA", "scratch", len(scratch), GemmTAScratch(a.Rows, a.Cols, b.Cols))
	if fast && a.Rows > 0 && c.Rows > 0 && c.Cols > 0 {
		gemmTAFast(c, a, b, start, colsum, scratch)
		return
	}
	gemmTAScalar(c, a, b, start, colsum)
}

// gemmTAFast is GemmTA with the vectorised kernels: blocks of rows of a and b are packed into panels, whose products are
// added to c block by block.
func gemmTAFast(c, a, b, start Mat, colsum, scratch []float32) {
	for from := 0; from < a.Rows; from += taRows {
		to := min(from+taRows, a.Rows)
		k := to - from
		pa, pb := scratch[:k*ceil(a.Cols, panel)], scratch[k*ceil(a.Cols, panel):]
		for i := 0; i < a.Cols; i += panel {
			packSome(pa[i*k:], a, from, to, i)
		}
		for j := 0; j < b.Cols; j += panel {
			packSome(pb[j*k:], b, from, to, j)
			if colsum != nil {
				addColumns(colsum[j:], pb[j*k:], k)
			}
			few := b.Cols-j < panel && a.Cols >= panel
			for i := 0; i < a.Cols; i += panel {
				if few {
					gemmTAFew(c, pa[i*k:], pb[j*k:], start, i, j, k)
				} else {
					gemmTATile(c, pa[i*k:], pb[j*k:], start, i, j, k)
				}
			}
		}
		start = c
	}
}

// packSome is packRows without the zeros where they would take time: the columns of a panel do not meet each other, and
// those that no matrix has are dropped.
func packSome(dst []float32, b Mat, from, to, j int) {
	w := b.Cols - j
	if w >= panel || w%lanes != 0 {
		packRows(dst, b, from, to, j)
		return
	}
	for x := 0; x < w; x += lanes {
		packRows4(to-from, &b.Data[from*b.Stride+j+x], 4*b.Stride, &dst[x])
	}
}

// gemmTATile adds k rows to 16 by 16 elements of c, from row i and column j on. What sticks out is computed in a buffer.
func gemmTATile(c Mat, pa, pb []float32, start Mat, i, j, k int) {
	rows, w := min(panel, c.Rows-i), min(panel, c.Cols-j)
	ini, irs := &zeros[0], 0
	if w == panel && rows%rowTile == 0 {
		if start.Data != nil {
			ini, irs = &start.Data[i*start.Stride+j], start.Stride
		}
		gemmColumnsTile(rows, k, &pa[0], &pb[0], &c.Data[i*c.Stride+j], 4*c.Stride, ini, 4*irs)
		return
	}
	var tile [panel * panel]float32
	if start.Data != nil {
		ini, irs = &tile[0], panel
		for r := range rows {
			copy(tile[r*panel:][:w], start.Data[(i+r)*start.Stride+j:])
		}
	}
	gemmColumnsTile(ceil(rows, rowTile), k, &pa[0], &pb[0], &tile[0], 4*panel, ini, 4*irs)
	for r := range rows {
		copy(c.Data[(i+r)*c.Stride+j:][:w], tile[r*panel:])
	}
}

// gemmTAFew is gemmTATile for the last columns of c where they are fewer than 16: with the roles of a and b exchanged
// they are rows, of which the kernel computes no more than needed. Each element is the same sum of the same products.
func gemmTAFew(c Mat, pa, pb []float32, start Mat, i, j, k int) {
	var tile [panel * panel]float32 // transposed
	rows, w := min(panel, c.Rows-i), min(panel, c.Cols-j)
	ini, irs := &zeros[0], 0
	if start.Data != nil {
		ini, irs = &tile[0], panel
		for r := range rows {
			for x, v := range start.Data[(i+r)*start.Stride+j:][:w] {
				tile[x*panel+r] = v
			}
		}
	}
	gemmColumnsTile(ceil(w, rowTile), k, &pb[0], &pa[0], &tile[0], 4*panel, ini, 4*irs)
	for r := range rows {
		for x, row := 0, c.Data[(i+r)*c.Stride+j:][:w]; x < w; x++ {
			row[x] = tile[x*panel+r]
		}
	}
}

// addColumns adds the sums of the columns of a panel [k][16] to the first 16 of sums, or as many as there are.
func addColumns(sums, p []float32, k int) {
	if len(sums) >= panel {
		columnSums16(k, &p[0], &sums[0])
		return
	}
	var all [panel]float32
	copy(all[:], sums)
	columnSums16(k, &p[0], &all[0])
	copy(sums, all[:])
}

// gemmTAScalar defines GemmTA.
func gemmTAScalar(c, a, b, start Mat, colsum []float32) {
	for i := range c.Rows {
		row := c.row(i)
		if start.Data == nil {
			clear(row)
		} else {
			copy(row, start.row(i))
		}
	}
	for r := range a.Rows {
		br := b.row(r)
		for i, v := range a.row(r) {
			row := c.row(i)[:len(br)]
			for j, w := range br {
				row[j] += float32(v * w)
			}
		}
		for j := range colsum {
			colsum[j] += br[j]
		}
	}
}
