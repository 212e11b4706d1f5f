package lora

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// most rows and columns of a map of similarities, as in the paper's Fig. 3.
const (
	phiRows = 8
	phiCols = 32
)

// overlapFigure compares the subspaces of two ranks, and of two seeds of the larger rank, with chance.
func (r *run) overlapFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "overlap", Kind: wire.FigureHeat, Title: "Do different updates find the same directions?",
		Sub: "φ(i, j): how much of the first i input directions of one lies in the first j of the other",
		X:   wire.Axis{Name: "j", Min: 1}, Y: wire.Axis{Name: "i", Min: 1}}
	low, high := r.overlapPair()
	if low == nil {
		return f, false
	}
	var text []string
	rows, cols := min(phiRows, low.arm.Number), min(phiCols, high.arm.Number)
	for _, m := range []struct {
		a, b  *racer
		pairs []pair
		seeds string
	}{
		{low, high, acrossSeeds(low, high), "other seed"},
		{low, high, withinSeeds(low, high), "same seed"},
		{high, high, acrossSeeds(high, high), "other seed"},
	} {
		phi := meanSimilarity(m.pairs)
		if phi == nil {
			continue
		}
		h := crop(phi, m.b.arm.Number, min(phiRows, m.a.arm.Number), cols)
		h.Title = fmt.Sprintf("r = %d against r = %d, %s", m.a.arm.Number, m.b.arm.Number, m.seeds)
		h.Note = "φ(1,1) = " + words.Number(h.Values[0], 2)
		f.Heats = append(f.Heats, h)
		text = append(text, fmt.Sprintf("%s for ranks %d and %d, %s", words.Number(h.Values[0], 2), m.a.arm.Number, m.b.arm.Number, m.seeds))
	}
	if len(f.Heats) == 0 {
		return f, false
	}
	pairs := append(acrossSeeds(low, high), withinSeeds(low, high)...)
	by := func(i, j int) float64 { return meanChance(pairs, i, j, r.width) }
	base := wire.Heat{Title: "chance", Rows: rows, Cols: cols, Scale: "viridis", Max: 1, Note: "φ(1,1) = " + words.Number(by(1, 1), 3)}
	for i := range rows {
		for j := range cols {
			base.Values = append(base.Values, by(i+1, j+1))
		}
	}
	f.Heats = append(f.Heats, base)
	f.X.Max, f.Y.Max = float64(cols), float64(rows)
	f.Caption = fmt.Sprintf("φ(1,1), over %s: %s; chance is %s. At width %d two random subspaces overlap the more the larger they are: φ(%d,%d) is %s by chance, so the corner tells most.",
		matrices(high.arm), strings.Join(text, "; "), words.Number(by(1, 1), 3), r.width, rows, cols, words.Number(by(rows, cols), 2))
	return f, true
}

// meanSimilarity averages φ over pairs and their matrices, row-major; nil where there is none.
func meanSimilarity(pairs []pair) []float64 {
	var phi []float64
	n := 0.0
	for _, p := range pairs {
		p.each(func(d1, d2 *mat.Dense) {
			s := similarity(d1, d2)
			if phi == nil {
				phi = make([]float64, len(s))
			}
			for j, x := range s {
				phi[j] += x
			}
			n++
		})
	}
	for j := range phi {
		phi[j] /= n
	}
	return phi
}

// crop takes the corner of a map with so many columns.
func crop(phi []float64, cols, keepRows, keepCols int) wire.Heat {
	h := wire.Heat{Rows: keepRows, Cols: min(keepCols, cols), Scale: "viridis", Max: 1}
	for i := range keepRows {
		h.Values = append(h.Values, phi[i*cols:][:h.Cols]...)
	}
	return h
}
