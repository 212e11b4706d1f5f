package vpt

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// The scatter shows so many validation examples, the first of which are those of the stage, and is made anew so often in a
// run: frames come many times a second, and the features cost as much as a few training steps.
const (
	scattered    = 64
	scatterTimes = 16
)

// scatter is what the frozen network and the trained one make of examples, on the axes of both; nil where there is nothing
// to be seen, as of a run that has diverged.
func (t *trial) scatter(z *frozen) *wire.Points {
	step, steps := t.Step(), t.spec.Int("steps")
	if p := z.points; p != nil && (step == p.Step || step < steps && step-p.Step < steps/scatterTimes) {
		return p
	}
	p := &wire.Points{Step: step}
	if z.features == nil {
		z.features, _ = t.features(z.model)
		centre(z.features, z.model.Width)
		z.axes, _ = principal(z.features, z.model.Width)
	}
	var trained []float32
	trained, p.Labels = t.features(t.fitted.Model)
	centre(trained, z.model.Width) // a shift of the whole cloud tells no class from another
	both := slices.Concat(z.features, trained)
	axes, shares := principal(both, z.model.Width)
	if axes == nil || z.axes == nil {
		z.points = nil
		return nil
	}
	// Axes have no sign: they get that of the frozen network's own, so that the clouds do not jump over.
	for i, a := range axes {
		if dot(a, z.axes[i]) < 0 {
			for j := range a {
				a[j] = -a[j]
			}
		}
		p.Shares = append(p.Shares, float32(shares[i]))
	}
	z.points, z.at = p, project(both, axes)
	return p
}

// features are the class tokens behind the final norm that a model makes of the examples [scattered, d], and their labels.
func (t *trial) features(model *nn.ViT) (rows []float32, labels []int) {
	images := make([]float32, course.LookBatch*data.Pixels)
	for at := 0; at < scattered; at += course.LookBatch {
		k := min(course.LookBatch, scattered-at)
		for j := range k {
			labels = append(labels, t.task.Holdout.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Validation, at+j))
		}
		t.Look.Reset()
		rows = append(rows, model.Features(model.Input(t.Look, images[:k*data.Pixels])).Data()...)
	}
	return rows, labels
}

// centre takes from rows [n, d] their mean.
func centre(rows []float32, d int) {
	n := len(rows) / d
	for j := range d {
		mean := 0.0
		for i := range n {
			mean += float64(rows[i*d+j]) / float64(n)
		}
		for i := range n {
			rows[i*d+j] -= float32(mean)
		}
	}
}

// principal is the two directions of unit length in which rows [n, d] of mean zero vary most, and the shares of their
// variance; nil where there is none or where a number is none.
func principal(rows []float32, d int) (axes [][]float64, shares []float64) {
	if !tape.Finite(rows) {
		return nil, nil
	}
	spread := mat.NewDense(len(rows)/d, d, nil)
	for i, x := range rows {
		spread.Set(i/d, i%d, float64(x))
	}
	var covariance mat.Dense
	covariance.Mul(spread.T(), spread)
	var svd mat.SVD
	if !svd.Factorize(&covariance, mat.SVDThin) {
		return nil, nil
	}
	values := svd.Values(nil)
	total := 0.0
	for _, s := range values {
		total += s
	}
	if !(total > 0) {
		return nil, nil
	}
	var u mat.Dense
	svd.UTo(&u)
	for i := range 2 {
		axes = append(axes, mat.Col(nil, i, &u))
		shares = append(shares, values[i]/total)
	}
	return axes, shares
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, x := range a {
		s += float64(x * b[i])
	}
	return s
}

// project is where rows [n, d] lie along axes: [n, axes].
func project(rows []float32, axes [][]float64) []float32 {
	d := len(axes[0])
	out := make([]float32, 0, len(rows)/d*len(axes))
	for ; len(rows) > 0; rows = rows[d:] {
		for _, a := range axes {
			s := 0.0
			for j, x := range rows[:d] {
				s += float64(float64(x) * a[j])
			}
			out = append(out, float32(s))
		}
	}
	return out
}
