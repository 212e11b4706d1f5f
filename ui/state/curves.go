package state

import (
	"math"

	"petri/kernels/lab/wire"
)

// t975 is Student's t at 97.5 % for 1, 2, 3 ... degrees of freedom: half of a 95 % interval in standard errors.
var t975 = [...]float64{12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157}

// Interval is the mean of values over seeds with its 95 % interval by Student's t; one value has none.
func Interval(values []float64) wire.Interval {
	iv := wire.Interval{Values: values}
	n := float64(len(values))
	if n == 0 {
		return iv
	}
	for _, v := range values {
		iv.Mean += v / n
	}
	iv.Low, iv.High = iv.Mean, iv.Mean
	if len(values) < 2 {
		return iv
	}
	ss := 0.0
	for _, v := range values {
		ss += (v - iv.Mean) * (v - iv.Mean)
	}
	half := t975[min(len(values)-2, len(t975)-1)] * math.Sqrt(ss/(n-1)/n)
	iv.Low, iv.High = iv.Mean-half, iv.Mean+half
	return iv
}

// curvePoints bounds the points of a curve, as in recorded reports.
const curvePoints = 200

// curves are the curves of an arm as far as its seeds have come. A point is the mean over the seeds that have reached
// it, so the first seed is seen at once. The band comes when all have: before that, an interval of two out of five
// seeds would cover the picture and shrink to nothing a minute later.
func curves(trials []*Trial, score wire.Score) []wire.Curve {
	loss, vloss, vacc := wire.Curve{Name: "train_loss"}, wire.Curve{Name: "validation_loss"}, wire.Curve{Name: score.Validation}
	longest, steps := 0, 1
	for _, t := range trials {
		longest, steps = max(longest, len(t.Loss)), max(steps, t.Steps)
	}
	bin := max(1, (steps+curvePoints-1)/curvePoints)
	for from := 0; from < longest; from += bin {
		var values []float64
		for _, t := range trials {
			if to := min(from+bin, t.Steps); len(t.Loss) >= to {
				sum := 0.0
				for _, l := range t.Loss[from:to] {
					sum += float64(l)
				}
				values = append(values, sum/float64(to-from))
			}
		}
		addPoint(&loss, min(from+bin, steps), values, len(trials))
	}
	for e := 0; ; e++ {
		var l, a []float64
		step := 0
		for _, t := range trials {
			if e < len(t.Evals) {
				step = t.Evals[e].Step
				l, a = append(l, t.Evals[e].Loss), append(a, t.Evals[e].Accuracy)
			}
		}
		if len(l) == 0 {
			break
		}
		addPoint(&vloss, step, l, len(trials))
		addPoint(&vacc, step, a, len(trials))
	}
	return []wire.Curve{loss, vloss, vacc}
}

func addPoint(c *wire.Curve, step int, values []float64, seeds int) {
	iv := Interval(values)
	if len(values) < seeds {
		iv.Low, iv.High = iv.Mean, iv.Mean
	}
	if sum := iv.Low + iv.High; len(values) == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return
	}
	c.Step = append(c.Step, step)
	c.Mean, c.Low, c.High = append(c.Mean, iv.Mean), append(c.Low, iv.Low), append(c.High, iv.High)
}
