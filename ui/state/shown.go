package state

import (
	"fmt"
	"math"

	"petri/kernels/lab/wire"
)

// Source says whose numbers are on the screen.
type Source int

// The sources.
const (
	Nothing  Source = iota // neither a run nor a recording
	Recorded               // the shipped run of the default knobs
	Live                   // the visitor's run, as far as it has come
	Yours                  // the visitor's finished run
)

// Source reports whose numbers Shown returns. What was on the screen stays until the live run has something to show: to
// draw the recorded run for half a second in between would be work for nothing.
func (s *State) Source() Source {
	if r := s.Run; r != nil && r.Lab.ID == s.Lab.ID {
		if r.Phase == Done {
			return Yours
		}
		for i := range r.Trials {
			if len(r.Trials[i].Loss) > 1 || r.Trials[i].Phase == Finished {
				return Live
			}
		}
		if s.finished() != r {
			return Yours
		}
	}
	if s.RecordedRun() != nil {
		return Recorded
	}
	return Nothing
}

// finished is the run whose results stand on the screen as the visitor's own: the run at hand, or the one before while
// nothing can be seen of this one.
func (s *State) finished() *Run {
	if s.before != nil && s.Run.Phase.Busy() && s.before.Lab.ID == s.Run.Lab.ID {
		return s.before
	}
	return s.Run
}

// Shown is the report on the screen: the recorded one, the finished one, or what a run under way would report by now.
// It is nil where there is nothing. The claims and figures of an unfinished run are empty.
func (s *State) Shown() *wire.Report {
	switch s.Source() {
	case Recorded:
		return s.RecordedRun()
	case Yours:
		return s.finished().Report
	case Live:
		return s.soFar()
	}
	return nil
}

// ShownSpec is the run that Shown reports.
func (s *State) ShownSpec() wire.Spec {
	switch s.Source() {
	case Live:
		return s.Run.Spec
	case Yours:
		return s.finished().Spec
	}
	if r := s.RecordedRun(); r != nil {
		if _, spec, err := wire.ParseLink(s.Catalog, r.Link); err == nil {
			return spec
		}
	}
	return wire.NewSpec(s.Lab)
}

// OfLink reports whether the numbers on the screen are those of the link: the knobs may have been set otherwise since.
func (s *State) OfLink() bool {
	return s.Source() != Nothing && s.ShownSpec().Canonical(s.Lab) == s.Spec.Canonical(s.Lab)
}

// soFar reports an unfinished run.
func (s *State) soFar() *wire.Report {
	r := s.Run
	rep := &wire.Report{Engine: s.Catalog.Engine, Lab: r.Lab.ID, Link: r.Spec.Link(r.Lab), Seed: r.Spec.Uint64("seed"), Seeds: r.Spec.Seeds()}
	for i, name := range r.Spec.Arms() {
		info := s.ArmInfo(name)
		arm := wire.ArmReport{Arm: name, Label: info.Label, Role: info.Role, Number: info.Number, Metrics: map[string]wire.Interval{}}
		var trials []*Trial
		values := map[string][]float64{}
		ms, n := 0.0, 0.0
		for k := range r.Trials {
			t := &r.Trials[k]
			if t.ID.Arm != i {
				continue
			}
			trials = append(trials, t)
			if t.MsStep > 0 {
				ms += t.MsStep
				n++
			}
			if step := divergedAt(t); step > 0 {
				if arm.Diverged == 0 || step < arm.Diverged {
					arm.Diverged = step
				}
				rep.Notes = append(rep.Notes, fmt.Sprintf("%s diverged at step %d with seed %d: its loss was no longer a number. A smaller learning rate would keep it finite.", info.Label, step, t.ID.Seed))
			}
			if t.Result == nil {
				continue
			}
			arm.Trainable, arm.Head, arm.Total, arm.LR, arm.Ledger = t.Result.Trainable, t.Result.Head, t.Result.Total, t.Result.LR, t.Result.Ledger
			if t.Result.Diverged > 0 {
				continue // as in the finished report: averages leave that seed out
			}
			for name, x := range t.Result.Metrics {
				values[name] = append(values[name], x)
			}
		}
		if t, ok := s.Blocks.Known[name]; ok && arm.Total == 0 && !s.Blocks.Stale {
			arm.Trainable, arm.Total = t.Params, t.Params // as the colour of its curve follows from it
		}
		if n > 0 {
			arm.MsPerStep = ms / n
		}
		for name, v := range values {
			arm.Metrics[name] = Interval(v)
		}
		arm.Curves = curves(trials, r.Lab.Scored())
		rep.Arms = append(rep.Arms, arm)
	}
	return rep
}

// divergedAt is the step at which the loss of a trial stopped being a number, 0 where it has not.
func divergedAt(t *Trial) int {
	if t.Result != nil && t.Result.Diverged > 0 {
		return t.Result.Diverged
	}
	for i, l := range t.Loss {
		if x := float64(l); math.IsNaN(x) || math.IsInf(x, 0) {
			return i + 1
		}
	}
	return 0
}

// Counts are the verdicts of a report.
type Counts struct{ Holds, Unclear, Fails, NotRun int }

// CountVerdicts sums up claims.
func CountVerdicts(claims []wire.ClaimReport) (c Counts) {
	for _, r := range claims {
		c.Add(r.Verdict)
	}
	return c
}

// Add counts one verdict.
func (c *Counts) Add(v wire.Verdict) {
	switch v {
	case wire.Holds:
		c.Holds++
	case wire.Fails:
		c.Fails++
	case wire.Unclear:
		c.Unclear++
	default:
		c.NotRun++
	}
}
