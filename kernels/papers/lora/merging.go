package lora

import (
	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Sizes of the measurement of merging.
const (
	mergeExamples = 64 // validation examples whose logits are compared
	mergeToggles  = 10
	mergeTimes    = 240 // forward passes of one digit that are timed, each way
	mergeBurst    = 12  // of them between two looks at the clock: a browser's ticks in tenths of a millisecond, one pass takes two
)

// merging lists the slices that merge a trained arm and compare. The times are taken only where timed, and where there
// is a clock.
func (a *analysis) merging(t *trial, of *racer, timed bool) []func() error {
	m := merge{arm: of, seed: t.id.Seed}
	var plain *nn.ViT
	var before []float32
	work := []func() error{
		func() (err error) {
			if plain, err = t.plain(); err != nil {
				return err
			}
			m.base, m.branch = t.operations(plain), t.operations(t.model)
			before = t.LogitsOf(t.model, mergeExamples)
			return nil
		},
		func() error {
			weights := make([][]float32, len(t.adapters))
			for i, ad := range t.adapters {
				weights[i] = append([]float32(nil), ad.Base.W.Value.Data...)
			}
			t.each((*Adapter).Merge)
			m.merged = t.operations(t.model)
			m.logits = largest(t.LogitsOf(t.model, mergeExamples), before)
			t.each((*Adapter).Unmerge)
			for range mergeToggles - 1 {
				t.each((*Adapter).Merge)
				t.each((*Adapter).Unmerge)
			}
			for i, ad := range t.adapters {
				m.drift = max(m.drift, largest(ad.Base.W.Value.Data, weights[i]))
			}
			return nil
		},
	}
	if timed && t.env.Clock != nil {
		work = append(work, t.timing(&m, &plain)...)
	}
	return append(work, func() error { a.merges = append(a.merges, m); return nil })
}

// timing lists the slices that take the median time of one forward pass of one digit through the base model, the
// merged and the unmerged one. They take turns, so that whatever else the machine does hits all three.
func (t *trial) timing(m *merge, plain **nn.ViT) []func() error {
	var models []*nn.ViT
	image := make([]float32, data.Pixels)
	times := make([][]float64, 3)
	work := []func() error{func() error {
		other, err := newTrial(t.env, t.spec, t.id, course.Options{})
		if err != nil {
			return err
		}
		if err := other.Restore(t.opt.Values()); err != nil {
			return err
		}
		other.each((*Adapter).Merge)
		models = []*nn.ViT{*plain, other.model, t.model}
		t.task.Holdout.Image(image, data.Validation, 0)
		return nil
	}}
	for range mergeTimes / mergeBurst {
		work = append(work, func() error {
			for i, model := range models {
				start := t.env.Clock()
				for range mergeBurst {
					t.Look.Reset()
					model.Forward(model.Input(t.Look, image))
				}
				times[i] = append(times[i], (t.env.Clock()-start)/mergeBurst)
			}
			return nil
		})
	}
	return append(work, func() error {
		m.baseMs, m.mergedMs, m.branchMs = lab.Median(times[0]), lab.Median(times[1]), lab.Median(times[2])
		return nil
	})
}

// each does something to all adapters.
func (t *trial) each(do func(*Adapter)) {
	for _, a := range t.adapters {
		do(a)
	}
}

// operations is what one forward pass of one example computes.
func (t *trial) operations(model *nn.ViT) int64 {
	on := tape.New()
	on.Infer = true
	model.Forward(model.Input(on, make([]float32, data.Pixels)))
	return on.Ledger.ForwardFLOP
}

// largest is the largest difference of two slices.
func largest(x, y []float32) float64 {
	d := append([]float32(nil), x...)
	f32.Axpy(d, -1, y)
	worst := 0.0
	for _, v := range d {
		worst = max(worst, float64(v), -float64(v))
	}
	return worst
}
