package lora

import "petri/kernels/lab/wire"

// figures are the panels below the race. Every caption is put together from the numbers of this run.
func (r *run) figures(merges []merge, rates wire.Figure) []wire.Figure {
	var out []wire.Figure
	add := func(f wire.Figure, ok bool) {
		if ok {
			out = append(out, f)
		}
	}
	add(r.spectrumFigure())
	add(r.overlapFigure())
	add(r.amplifyFigure())
	add(r.memoryFigure())
	add(r.keptFigure())
	add(mergeFigure(merges))
	return append(out, rates)
}
