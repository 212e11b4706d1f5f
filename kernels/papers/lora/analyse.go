package lora

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// analysis is the work of opening the trained arms of a run, measuring their updates and judging the claims, a slice
// at a time.
type analysis struct {
	env    lab.Env
	run    *run
	arms   []wire.ArmReport
	merges []merge
	todo   []func() error // the slices that are left; one may put others before the rest
}

// analyse prepares the analysis of a run. Every slice opens one trained arm, takes one update apart, or does a part of
// what merging an arm is measured by.
func analyse(env lab.Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) lab.Slices {
	c := config(spec)
	a := &analysis{env: env, arms: arms, run: &run{spec: spec, width: c.Width, blocks: c.Depth}}
	for i, report := range arms {
		arm, ok := parseArm(report.Arm)
		if !ok {
			return func() (*lab.Analysis, error) {
				return nil, fmt.Errorf("the run names an unknown racer %q", report.Arm)
			}
		}
		racer := &racer{arm: arm, report: report}
		a.run.racers = append(a.run.racers, racer)
		for _, result := range trials {
			if result.Trial.Arm == i {
				a.todo = append(a.todo, func() error { return a.open(racer, result) })
			}
		}
	}
	return a.advance
}

// advance does the next slice.
func (a *analysis) advance() (*lab.Analysis, error) {
	if len(a.todo) == 0 {
		r := a.run
		return &lab.Analysis{Notes: r.notes(), Figures: r.figures(a.merges, r.ratesFigure()), Claims: r.judge(a.merges)}, nil
	}
	next := a.todo[0]
	a.todo = a.todo[1:]
	return nil, next()
}

// open puts a trained arm back together, and lists what is to be measured in it.
func (a *analysis) open(of *racer, result wire.TrialResult) error {
	of.results = append(of.results, result)
	of.updates = append(of.updates, nil)
	if result.Diverged > 0 || !of.method() && of.arm.Racer != "full" {
		return nil
	}
	t, err := newTrial(a.env, a.run.spec, result.Trial, course.Options{})
	if err != nil {
		return err
	}
	if err := t.Restore(result.Trained); err != nil {
		return err
	}
	updates := t.updates(a.run.wanted(a.arms))
	of.updates[len(of.updates)-1] = updates
	var work []func() error
	for _, u := range updates {
		// What these find is kept: figures and claims ask again.
		work = append(work, func() error { u.amplify(); u.inputDirections(); return nil })
	}
	if of.method() {
		work = append(work, a.merging(t, of, len(of.results) == 1)...)
	}
	a.todo = append(work, a.todo...)
	return nil
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
