package moat

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// analysis is the work of opening the trained racers of a run and judging the claims, a slice at a time.
type analysis struct {
	env  lab.Env
	run  *run
	todo []func() error // the slices that are left
}

// analyse prepares the analysis of a run.
func analyse(env lab.Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) lab.Slices {
	a := &analysis{env: env, run: &run{spec: spec}}
	for i, report := range arms {
		arm, err := parseArm(report.Arm)
		if err != nil {
			return func() (*lab.Analysis, error) { return nil, fmt.Errorf("the run names an unknown racer: %w", err) }
		}
		c := &racer{arm: arm, report: report}
		a.run.racers = append(a.run.racers, c)
		for _, result := range trials {
			if result.Trial.Arm != i {
				continue
			}
			c.results = append(c.results, result)
			if len(c.results) == 1 {
				a.todo = append(a.todo, func() error { return a.open(c, result) })
			}
		}
	}
	a.todo = append(a.todo, measureRings(func(r ring) { a.run.rings = append(a.run.rings, r) })...)
	return a.advance
}

// advance does the next slice.
func (a *analysis) advance() (*lab.Analysis, error) {
	if len(a.todo) == 0 {
		r := a.run
		return &lab.Analysis{Notes: r.notes(), Figures: r.figures(), Claims: r.judge()}, nil
	}
	next := a.todo[0]
	a.todo = a.todo[1:]
	return nil, next()
}

// open puts the first trained net of a racer back together and measures it.
func (a *analysis) open(of *racer, result wire.TrialResult) error {
	s, err := structure(a.run.spec, of.report.Arm)
	if err != nil {
		return err
	}
	of.structure = s
	if result.Diverged > 0 {
		return nil
	}
	t, err := newTrial(a.env, a.run.spec, result.Trial, course.Options{})
	if err != nil {
		return err
	}
	if err := t.Restore(result.Trained); err != nil {
		return err
	}
	t.net.merge() // as it would be used
	of.perImage = t.perImage()
	of.layers, of.distances = t.distances()
	return nil
}

// notes are what a reader of the verdicts has to know.
func (r *run) notes() []string {
	var out []string
	var arms []wire.Arm
	for _, c := range r.racers {
		arms = append(arms, c.arm)
		if c.structure.Params == 0 { // none of its trials has come
			continue
		}
		if note := budget(r.spec, c.arm, c.structure); note != "" {
			out = append(out, note)
		}
	}
	if note := startNote(r.spec, arms...); note != "" {
		out = append(out, note)
	}
	if n := r.spec.Int("train"); r.spec.Text("task") == taskDigits && n > mostDigits {
		out = append(out, fmt.Sprintf("There are %d real digits to learn from, not %d: all of them were used.", mostDigits, n))
	}
	if r.spec.Text("task") == taskCue {
		out = append(out, "This task is a probe: the nets have no strides and no gates over the whole map, and answer from one window.")
	}
	return out
}
