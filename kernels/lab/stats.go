package lab

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"petri/kernels/lab/wire"
)

// confidence is the level of every interval.
const confidence = 0.95

// Interval gathers one value per seed into a mean and its 95 % interval by Student's t. One value alone has no
// interval: Low and High are the mean.
func Interval(values []float64) wire.Interval {
	iv := wire.Interval{Values: values}
	if len(values) == 0 {
		return iv
	}
	iv.Mean = stat.Mean(values, nil)
	half := 0.0
	if n := float64(len(values)); n > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1 - (1-confidence)/2)
		half = t * stat.StdDev(values, nil) / math.Sqrt(n)
	}
	iv.Low, iv.High = iv.Mean-half, iv.Mean+half
	return iv
}

// Paired is the interval of the differences a − b, seed by seed. Arms of one seed share examples, order and head, so
// this is far narrower than the difference of two intervals. It needs as many a as b.
func Paired(a, b []float64) wire.Interval {
	d := make([]float64, min(len(a), len(b)))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return Interval(d)
}

// Difference is a metric of a racer's trials minus that of another's, paired by seed, times scale. Seeds that one of them
// lacks, or with which one of them diverged, are left out.
func Difference(a, b []wire.TrialResult, metric string, scale float64) wire.Interval {
	var x, y []float64
	for _, p := range Finite(a) {
		for _, q := range Finite(b) {
			if p.Trial.Seed != q.Trial.Seed {
				continue
			}
			u, okU := p.Metrics[metric]
			v, okV := q.Metrics[metric]
			if okU && okV {
				x, y = append(x, scale*u), append(y, scale*v)
			}
		}
	}
	return Paired(x, y)
}

// Median of values, 0 of none. The argument is not changed.
func Median(values []float64) float64 { return Quantile(values, 0.5) }

// Quantile of values between 0 and 1, by linear interpolation of the order statistics; 0 of none.
func Quantile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := append([]float64(nil), values...)
	slices.Sort(sorted)
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
