package vpt

import (
	"petri/kernels/lab/wire"
)

// figures are the panels below the race. Every caption is put together from the numbers of this run.
func (r *run) figures() []wire.Figure {
	var out []wire.Figure
	for _, make := range []func() (wire.Figure, bool){r.measuredFigure, r.frontierFigure, r.lengthFigure, r.rankingsFigure, r.inspectorFigure, r.memoryFigure, r.keptFigure, r.mergeFigure} {
		if f, ok := make(); ok {
			out = append(out, f)
		}
	}
	return append(out, r.ratesFigure())
}

// trained lists the racers of which a trial has come.
func (r *run) trained() []*racer {
	var out []*racer
	for _, c := range r.racers {
		if len(c.results) > 0 {
			out = append(out, c)
		}
	}
	return out
}
