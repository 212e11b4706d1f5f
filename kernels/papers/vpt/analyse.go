package vpt

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// analysis is the work of opening the trained arms of a run, measuring them and judging the claims, a slice at a time.
type analysis struct {
	env  lab.Env
	run  *run
	todo []func() error // the slices that are left; one may put others before the rest
}

// analyse prepares the analysis of a run. Every slice opens one trained arm, counts what it keeps, takes one of its updates
// apart, or does a part of what merging it is measured by.
func analyse(env lab.Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) lab.Slices {
	a := &analysis{env: env, run: &run{spec: spec}}
	for i, report := range arms {
		c, ok := newRacer(spec, report)
		if !ok {
			return func() (*lab.Analysis, error) {
				return nil, fmt.Errorf("the run names an unknown racer %q", report.Arm)
			}
		}
		a.run.racers = append(a.run.racers, c)
		for _, result := range trials {
			if result.Trial.Arm == i {
				c.results = append(c.results, result)
				a.todo = append(a.todo, func() error { return a.open(c, result) })
			}
		}
	}
	return a.advance
}

// advance does the next slice.
func (a *analysis) advance() (*lab.Analysis, error) {
	if len(a.todo) == 0 {
		r := a.run
		return &lab.Analysis{Figures: r.figures(), Claims: r.judge()}, nil
	}
	next := a.todo[0]
	a.todo = a.todo[1:]
	return nil, next()
}

// open puts a trained arm back together, and lists what is to be measured in it.
func (a *analysis) open(c *racer, result wire.TrialResult) error {
	t, err := newTrial(a.env, a.run.spec, result.Trial, course.Options{})
	if err != nil {
		return err
	}
	start := t.weights()
	if err := t.Restore(result.Trained); err != nil {
		return err
	}
	var work []func() error
	timed := c.tiles == nil
	if timed {
		c.tiles = &wire.TileSet{Name: c.report.Label, Arm: c.report.Arm}
		work = append(work, func() error { t.fitted.keep(c.tiles, t.spec.Int("batch")); return nil })
	}
	if result.Diverged == 0 {
		work = append(work, a.measuring(t, start, c, timed && a.env.Clock != nil)...)
	}
	a.todo = append(work, a.todo...)
	return nil
}
