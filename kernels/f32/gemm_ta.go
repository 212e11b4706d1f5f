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
	gemmTAScalar(c, a, b, start, colsum)
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
