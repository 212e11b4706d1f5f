package vpt

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// measure is what training has made of one arm with one seed.
type measure struct {
	changed int    // numbers of the network that are not what they were, after merging
	ranks   []int  // of the changes of the blocks' matrices, those that changed
	cannot  string // why the method cannot be merged; empty where it can
	folds   bool   // it has something to merge
	logits  float64
	// Operations of one image: the network without the method, with it, and with it merged.
	base, apart, merged int64
	// Medians of the time of one image in milliseconds, interleaved; 0 without a clock.
	baseMs, apartMs, mergedMs float64
}

// Sizes of the measurement of merging.
const (
	mergeExamples = 64 // validation examples whose logits are compared
	mergeBursts   = 10 // looks at the clock, each way
	burstTokens   = 12 * 17
	rankTolerance = 1e-6 // of the largest singular value: what is smaller counts as none
)

// weights copies what the network itself consists of, by name: not what a method has added, and not the head.
func (t *trial) weights() map[string][]float32 {
	own := map[string]bool{}
	t.network().Backbone().Params(func(p *tape.Param) { own[p.Name] = true })
	w := map[string][]float32{}
	t.fitted.Model.Backbone().Params(func(p *tape.Param) {
		if own[p.Name] {
			w[p.Name] = slices.Clone(p.Value.Data)
		}
	})
	return w
}

// network is a model of the arm's size that no method has entered, with random weights: for names, operations and times.
func (t *trial) network() *nn.ViT { return nn.NewViT(stream(0, "network"), t.fitted.Model.Config) }

// measuring lists the slices that merge a trained arm and compare it with its start.
func (a *analysis) measuring(t *trial, start map[string][]float32, c *racer, timed bool) []func() error {
	m := measure{cannot: t.fitted.cannot, folds: len(t.fitted.folds) > 0}
	model, plain := t.fitted.Model, t.network()
	var before []float32
	work := []func() error{func() error {
		m.base, m.apart = t.operations(plain), t.operations(model)
		m.merged = m.apart
		before = t.LogitsOf(model, mergeExamples)
		return nil
	}}
	if timed && (m.folds || m.cannot != "") {
		work = append(work, a.timing(t, &m, plain)...)
	}
	work = append(work, func() error {
		if t.fitted.Merge() == nil && m.folds {
			m.merged = t.operations(model)
			m.logits = largest(t.LogitsOf(model, mergeExamples), before)
		}
		var changes []func() error
		model.Backbone().Params(func(p *tape.Param) {
			old := start[p.Name]
			n := 0
			for i, x := range old {
				if x != p.Value.Data[i] {
					n++
				}
			}
			m.changed += n
			if n > 0 && strings.HasPrefix(p.Name, "block") && p.Value.Shape.Rank() == 2 {
				changes = append(changes, func() error {
					m.ranks = append(m.ranks, rank(p.Value.Data, old, p.Value.Shape.Rows(), p.Value.Shape.Width()))
					return nil
				})
			}
		})
		a.todo = append(append(changes, func() error { c.measures = append(c.measures, m); return nil }), a.todo...)
		return nil
	})
	return work
}

// rank is the number of directions in which a matrix [rows, cols] has changed, by the singular values of the change. Those
// count that are above rankTolerance of the largest, and above what the rounding of the matrix to float32 alone makes.
func rank(now, before []float32, rows, cols int) int {
	d := mat.NewDense(rows, cols, nil)
	most := 0.0
	for i, x := range now {
		d.Set(i/cols, i%cols, float64(x)-float64(before[i]))
		most = max(most, math.Abs(float64(x)))
	}
	var svd mat.SVD
	if !svd.Factorize(d, mat.SVDNone) {
		return 0
	}
	sigma := svd.Values(nil)
	least := max(rankTolerance*sigma[0], most*0x1p-24*(math.Sqrt(float64(rows))+math.Sqrt(float64(cols))))
	n := 0
	for n < len(sigma) && sigma[n] > least {
		n++
	}
	return n
}

// timing lists the slices that take the median time of one image through the network, the method beside it, and the merged
// method where there is one. They take turns, so that whatever else the machine does hits all.
func (a *analysis) timing(t *trial, m *measure, plain *nn.ViT) []func() error {
	image := make([]float32, data.Pixels)
	models := []*nn.ViT{plain, t.fitted.Model}
	times := make([][]float64, 3)
	burst := max(1, burstTokens/t.fitted.Model.Tokens())
	work := []func() error{func() error {
		t.task.Holdout.Image(image, data.Validation, 0)
		if !m.folds {
			return nil
		}
		other, err := newTrial(t.env, t.run, t.id, course.Options{})
		if err != nil {
			return err
		}
		if err := other.Restore(t.opt.Values()); err != nil {
			return err
		}
		models = append(models, other.fitted.Model)
		return other.fitted.Merge()
	}}
	for range mergeBursts {
		work = append(work, func() error {
			for i, model := range models {
				start := t.env.Clock()
				for range burst {
					t.Look.Reset()
					model.Forward(model.Input(t.Look, image))
				}
				times[i] = append(times[i], (t.env.Clock()-start)/float64(burst))
			}
			return nil
		})
	}
	return append(work, func() error {
		m.baseMs, m.apartMs, m.mergedMs = lab.Median(times[0]), lab.Median(times[1]), lab.Median(times[2])
		return nil
	})
}

// operations is what one forward pass of one image computes.
func (t *trial) operations(model *nn.ViT) int64 {
	on := tape.New()
	on.Infer = true
	model.Forward(model.Input(on, make([]float32, data.Pixels)))
	return on.Ledger.ForwardFLOP
}

// largest is the largest difference of two slices.
func largest(x, y []float32) float64 {
	d := slices.Clone(x)
	f32.Axpy(d, -1, y)
	worst := 0.0
	for _, v := range d {
		worst = max(worst, math.Abs(float64(v)))
	}
	return worst
}
