package lab

import (
	"math"
	"slices"

	"petri/kernels/lab/wire"
)

// curvePoints bounds the points of a curve: what a chart can show.
const curvePoints = 200

// curves are the training loss, in bins of equal width, and the evaluations, over seeds. They reach as far as all seeds
// do.
func curves(of []wire.TrialResult, score wire.Score) []wire.Curve {
	steps := math.MaxInt
	for _, t := range of {
		steps = min(steps, len(t.Loss))
	}
	loss := wire.Curve{Name: "train_loss"}
	bin := max(1, (steps+curvePoints-1)/curvePoints)
	for from := 0; from < steps; from += bin {
		to := min(from+bin, steps)
		values := make([]float64, len(of))
		for i, t := range of {
			for _, l := range t.Loss[from:to] {
				values[i] += float64(l) / float64(to-from)
			}
		}
		point(&loss, to, values)
	}
	vloss, vacc := wire.Curve{Name: "validation_loss"}, wire.Curve{Name: score.Validation}
	for _, e := range of[0].Evals {
		evals, all := evalsAt(of, e.Step)
		if !all {
			continue
		}
		l, a := make([]float64, len(of)), make([]float64, len(of))
		for i, e := range evals {
			l[i], a[i] = e.Loss, e.Accuracy
		}
		point(&vloss, e.Step, l)
		point(&vacc, e.Step, a)
	}
	return []wire.Curve{loss, vloss, vacc}
}

// evalsAt are the evaluations of all trials after a step; all is false where one of them has none there.
func evalsAt(of []wire.TrialResult, step int) (evals []wire.Eval, all bool) {
	for _, t := range of {
		i := slices.IndexFunc(t.Evals, func(e wire.Eval) bool { return e.Step == step })
		if i < 0 {
			return nil, false
		}
		evals = append(evals, t.Evals[i])
	}
	return evals, true
}

// point adds the interval of values to a curve; a point that is not finite ends up nowhere, as JSON has no number for it.
func point(c *wire.Curve, step int, values []float64) {
	iv := Interval(values)
	if !IsFinite(iv.Low + iv.High) {
		return
	}
	c.Step = append(c.Step, step)
	c.Mean, c.Low, c.High = append(c.Mean, iv.Mean), append(c.Low, iv.Low), append(c.High, iv.High)
}
