package sam

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// run is a finished run, opened up for the analysis.
type run struct {
	spec   wire.Spec
	racers []*racing
}

// racing is one arm of a run over its seeds.
type racing struct {
	racer
	arm     wire.Arm
	spec    wire.Spec // the run as the arm sees it
	report  wire.ArmReport
	results []wire.TrialResult
}

// analyse prepares the reading of a run. All that it needs was measured by the trials.
func analyse(_ lab.Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) lab.Slices {
	return func() (*lab.Analysis, error) {
		r, err := opened(spec, trials, arms)
		if err != nil {
			return nil, err
		}
		return &lab.Analysis{Figures: r.figures(), Claims: r.judge()}, nil
	}
}

// opened sorts the trials of a run by their racers.
func opened(spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) (*run, error) {
	r := &run{spec: spec}
	knob, _ := description().Knob("arms")
	for i, report := range arms {
		arm, bad := knob.Arms.Parse(report.Arm)
		kind, ok := racerNamed(arm.Racer)
		if bad != nil || !ok {
			return nil, fmt.Errorf("the run names an unknown racer %q", report.Arm)
		}
		c := &racing{racer: kind, arm: arm, spec: spec.With(arm), report: report}
		for _, t := range trials {
			if t.Trial.Arm == i {
				c.results = append(c.results, t)
			}
		}
		r.racers = append(r.racers, c)
	}
	return r, nil
}

// find is the first racer of a name; one without knobs of its own goes before others. nil where there is none.
func (r *run) find(name string) (found *racing) {
	for _, c := range r.racers {
		if c.name == name && (found == nil || len(found.arm.Own) > 0 && len(c.arm.Own) == 0) {
			found = c
		}
	}
	return found
}

// trained lists the racers of which a trial has come.
func (r *run) trained() []*racing {
	var out []*racing
	for _, c := range r.racers {
		if len(c.results) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// level is a metric over the seeds that did not diverge, in percent.
func (c *racing) level(metric string) wire.Interval {
	var x []float64
	for _, t := range lab.Finite(c.results) {
		if v, ok := t.Metrics[metric]; ok {
			x = append(x, 100*v)
		}
	}
	return lab.Interval(x)
}

// measured is what the trials wrote down under a name, element by element over the seeds that did not diverge, times scale. Seeds that
// measured another number of things than the first are left out.
func (c *racing) measured(name string, scale float64) []wire.Interval {
	var out [][]float64
	for _, t := range lab.Finite(c.results) {
		x := t.Extra[name]
		if out == nil {
			out = make([][]float64, len(x))
		}
		if len(x) != len(out) {
			continue
		}
		for i, v := range x {
			out[i] = append(out[i], scale*v)
		}
	}
	ivs := make([]wire.Interval, len(out))
	for i, x := range out {
		ivs[i] = lab.Interval(x)
	}
	return ivs
}

// series is a line of a figure with its intervals, which one seed has not.
func (c *racing) series(x []float64, y []wire.Interval) wire.Series {
	s := wire.Series{Name: c.report.Label, Arm: c.report.Arm, Role: c.report.Role}
	for i, iv := range y {
		s.X, s.Y = append(s.X, x[i]), append(s.Y, iv.Mean)
		if len(iv.Values) > 1 {
			s.Low, s.High = append(s.Low, iv.Low), append(s.High, iv.High)
		}
	}
	return s
}
