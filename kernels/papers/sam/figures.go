package sam

import "petri/kernels/lab/wire"

// figures are the panels below the race. Every caption is put together from the numbers of this run, but for the one of the model that
// comes with the site, which are recorded and say so.
func (r *run) figures() []wire.Figure {
	var out []wire.Figure
	for _, make := range []func() (wire.Figure, bool){r.clicksFigure, r.headsFigure, r.levelsFigure, r.roundsFigure, r.scoreFigure, r.everythingFigure,
		r.engineFigure, r.stagesFigure, r.costFigure, shippedFigure, r.ratesFigure} {
		if f, ok := make(); ok {
			out = append(out, f)
		}
	}
	return out
}
