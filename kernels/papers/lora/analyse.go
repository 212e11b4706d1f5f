package lora

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// analyse opens the trained arms of a run, measures their updates and judges the claims.
func analyse(env lab.Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) (lab.Analysis, error) {
	c := config(spec)
	r := &run{spec: spec, width: c.Width, blocks: c.Depth}
	var merges []merge
	for i, report := range arms {
		arm, ok := parseArm(report.Arm)
		if !ok {
			return lab.Analysis{}, fmt.Errorf("the run names an unknown racer %q", report.Arm)
		}
		racer := &racer{arm: arm, report: report}
		r.racers = append(r.racers, racer)
		for _, result := range trials {
			if result.Trial.Arm != i {
				continue
			}
			racer.results = append(racer.results, result)
			var updates []*update
			if result.Diverged == 0 && (racer.method() || arm.Racer == "full") {
				t, err := newTrial(env, spec, result.Trial, options{})
				if err != nil {
					return lab.Analysis{}, err
				}
				if err := t.Restore(result.Trained); err != nil {
					return lab.Analysis{}, err
				}
				updates = t.updates(r.wanted(arms))
				if racer.method() {
					m, err := t.measureMerge(racer, len(racer.results) == 1)
					if err != nil {
						return lab.Analysis{}, err
					}
					merges = append(merges, m)
				}
			}
			racer.updates = append(racer.updates, updates)
		}
	}
	return lab.Analysis{Notes: r.notes(), Figures: r.figures(merges, r.ratesFigure()), Claims: r.judge(merges)}, nil
}

// notes are what a reader of the verdicts has to know about the task.
func (r *run) notes() []string {
	switch r.spec.Text("task") {
	case taskShuffled:
		return []string{"This task is a control: the patch embedding reads scrambled strokes and stays frozen for thin updates. If a thin update does as well as a thick one here, flat curves on the digits prove little."}
	case taskWound:
		return []string{fmt.Sprintf("This task is a control: a matrix of rank %d was added to Wq and Wv of every block, so the rank that a full repair needs is known.", r.spec.Int("wound"))}
	}
	return nil
}

// wanted are the matrices whose updates are looked at where all are trained: those that some racer adapts, q and v
// without one.
func (r *run) wanted(arms []wire.ArmReport) map[string]bool {
	parts := map[string]bool{}
	for _, a := range arms {
		if arm, ok := parseArm(a.Arm); ok {
			for _, p := range arm.Parts {
				parts[p] = true
			}
		}
	}
	if len(parts) == 0 {
		parts["q"], parts["v"] = true, true
	}
	return parts
}

// updates are what training did to the arm's matrices, in the order in which they run.
func (t *trial) updates(wanted map[string]bool) []*update {
	var out []*update
	for _, l := range t.layers() {
		block, part := split(l.path)
		if !wanted[part] {
			continue
		}
		in, cols := l.base.In(), l.base.Out()
		u := &update{block: block, matrix: part, delta: dense(in, cols, l.delta(t))}
		if l.adapter != nil {
			u.rank = l.adapter.Rank()
			u.a = dense(in, u.rank, l.adapter.A.Value.Data)
			u.frozen = dense(in, cols, l.base.W.Value.Data)
		} else {
			u.frozen = dense(in, cols, t.before[l.path])
		}
		out = append(out, u)
	}
	return out
}

// dense copies float32 numbers into a matrix of gonum.
func dense(rows, cols int, x []float32) *mat.Dense {
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = float64(v)
	}
	return mat.NewDense(rows, cols, d)
}

// Sizes of the measurement of merging.
const (
	mergeExamples = 64 // validation examples whose logits are compared
	mergeToggles  = 10
	mergeTimes    = 200 // forward passes of one digit that are timed, each way
)

// measureMerge merges a trained arm and compares. The times are taken only where timed, and where there is a clock.
func (t *trial) measureMerge(of *racer, timed bool) (merge, error) {
	m := merge{arm: of, seed: t.id.Seed}
	plain, err := t.plain()
	if err != nil {
		return m, err
	}
	m.base = t.operations(plain)
	m.branch = t.operations(t.model)
	before := t.logits(t.model, mergeExamples)

	weights := make([][]float32, len(t.adapters))
	for i, a := range t.adapters {
		weights[i] = append([]float32(nil), a.Base.W.Value.Data...)
	}
	t.each((*Adapter).Merge)
	m.merged = t.operations(t.model)
	m.logits = largest(t.logits(t.model, mergeExamples), before)
	for i := range mergeToggles {
		t.each((*Adapter).Unmerge)
		if i < mergeToggles-1 {
			t.each((*Adapter).Merge)
		}
	}
	for i, a := range t.adapters {
		m.drift = max(m.drift, largest(a.Base.W.Value.Data, weights[i]))
	}
	if timed && t.env.Clock != nil {
		if err := t.timeMerge(&m, plain); err != nil {
			return m, err
		}
	}
	return m, nil
}

// timeMerge takes the median time of one forward pass of one digit through the base model, the merged and the unmerged
// one. They take turns, so that whatever else the machine does hits all three.
func (t *trial) timeMerge(m *merge, plain *nn.ViT) error {
	other, err := newTrial(t.env, t.spec, t.id, options{})
	if err != nil {
		return err
	}
	if err := other.Restore(t.opt.Values()); err != nil {
		return err
	}
	other.each((*Adapter).Merge)
	models := []*nn.ViT{plain, other.model, t.model}
	image := make([]float32, data.Pixels)
	t.task.holdout.Image(image, data.Validation, 0)
	times := make([][]float64, len(models))
	for range mergeTimes {
		for i, model := range models {
			start := t.env.Clock()
			t.look.Reset()
			model.Forward(model.Input(t.look, image))
			times[i] = append(times[i], t.env.Clock()-start)
		}
	}
	m.baseMs, m.mergedMs, m.branchMs = lab.Median(times[0]), lab.Median(times[1]), lab.Median(times[2])
	return nil
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
