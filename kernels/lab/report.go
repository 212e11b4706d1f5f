package lab

import (
	"errors"
	"fmt"
	"strconv"

	"petri/kernels/lab/wire"
)

// MakeReport gathers the trials of a run, in any order, into the report that the page shows and `petri run` prints.
// Trials may be missing, as after a cancelled run: the notes say so and there is no fingerprint then.
func MakeReport(env Env, paper Paper, spec wire.Spec, trials []wire.TrialResult) (wire.Report, error) {
	work, err := NewReporter(env, paper, spec, trials)
	if err != nil {
		return wire.Report{}, err
	}
	for {
		if r, err := work.Advance(); r != nil || err != nil {
			if err != nil {
				return wire.Report{}, err
			}
			return *r, nil
		}
	}
}

// Reporter is a report in the making.
type Reporter struct {
	report   wire.Report
	analysis Slices
}

// NewReporter gathers the trials, as MakeReport does, and leaves their analysis to Advance.
func NewReporter(env Env, paper Paper, spec wire.Spec, trials []wire.TrialResult) (*Reporter, error) {
	if len(trials) == 0 {
		return nil, errors.New("nothing to report: no trial of this run is finished")
	}
	trials, missing := arrange(spec, trials)
	r := wire.Report{
		Engine:      wire.Engine,
		Lab:         paper.Lab.ID,
		Link:        spec.Link(paper.Lab),
		Knobs:       knobValues(paper.Lab, spec),
		Seed:        spec.Uint64("seed"),
		Seeds:       spec.Seeds(),
		Fingerprint: Fingerprint(paper.Lab, spec, trials),
	}
	for i, name := range spec.Arms() {
		var of []wire.TrialResult
		for _, t := range trials {
			if t.Trial.Arm == i {
				of = append(of, t)
			}
		}
		r.Arms = append(r.Arms, armReport(paper, name, of))
		for _, t := range of {
			if t.Diverged > 0 {
				r.Notes = append(r.Notes, fmt.Sprintf("%s diverged at step %d with seed %d: its loss was no longer a number. Averages leave that seed out. A smaller learning rate would keep it finite.", name, t.Diverged, t.Trial.Seed))
			}
		}
	}
	for _, id := range missing {
		r.Notes = append(r.Notes, fmt.Sprintf("%s was not trained with seed %d, so there is no fingerprint.", spec.Arms()[id.Arm], id.Seed))
	}
	if spec.Seeds() == 1 {
		r.Notes = append(r.Notes, "One seed is one draw: there are no intervals, and every verdict is unclear. Take at least two, better five.")
	}
	return &Reporter{r, paper.Analyse(env, spec, trials, r.Arms)}, nil
}

// Advance does the next slice of the analysis and returns the report after the last one, nil before.
func (r *Reporter) Advance() (*wire.Report, error) {
	a, err := r.analysis()
	if a == nil || err != nil {
		return nil, err
	}
	r.report.Figures, r.report.Claims = a.Figures, a.Claims
	r.report.Notes = append(r.report.Notes, a.Notes...)
	return &r.report, nil
}

// arrange brings trials into the order of the spec and lists those that are missing.
func arrange(spec wire.Spec, trials []wire.TrialResult) (sorted []wire.TrialResult, missing []wire.TrialID) {
	for _, id := range spec.TrialIDs() {
		found := false
		for _, t := range trials {
			if t.Trial == id {
				sorted, found = append(sorted, t), true
				break
			}
		}
		if !found {
			missing = append(missing, id)
		}
	}
	return sorted, missing
}

// knobValues writes each knob as JSON would: arms as a list, numbers as numbers, choices and "auto" as text.
func knobValues(lab wire.Lab, spec wire.Spec) map[string]any {
	values := map[string]any{}
	for _, k := range lab.Knobs {
		text := spec.Text(k.Name)
		values[k.Name] = text
		switch k.Kind {
		case wire.KnobArms:
			values[k.Name] = spec.Arms()
		case wire.KnobInt, wire.KnobFloat, wire.KnobAuto:
			if x, err := strconv.ParseFloat(text, 64); err == nil {
				values[k.Name] = x
			}
		}
	}
	return values
}

// armReport gathers one arm over its seeds; of may be empty.
func armReport(paper Paper, name string, of []wire.TrialResult) wire.ArmReport {
	r := wire.ArmReport{Arm: name, Label: name, Metrics: map[string]wire.Interval{}}
	if knob, ok := paper.Lab.Knob("arms"); ok {
		if arm, err := knob.Arms.Parse(name); err == nil {
			info := paper.Arm(arm)
			r.Label, r.Role, r.Number = info.Label, info.Role, arm.Number
		}
	}
	if len(of) == 0 {
		return r
	}
	first := of[0]
	if knob, ok := paper.Lab.Knob("arms"); ok && first.As != "" {
		if as, err := knob.Arms.Parse(first.As); err == nil {
			r.Label, r.Number = paper.Arm(as).Label, as.Number
		}
	}
	r.As, r.Batch = first.As, first.Batch
	r.Trainable, r.Head, r.Total, r.LR, r.Ledger = first.Trainable, first.Head, first.Total, first.LR, first.Ledger
	times := make([]float64, len(of))
	for i, t := range of {
		times[i] = t.MsPerStep
		r.Digests = append(r.Digests, t.Digest)
		if t.Diverged > 0 && (r.Diverged == 0 || t.Diverged < r.Diverged) {
			r.Diverged = t.Diverged
		}
	}
	r.MsPerStep = Interval(times).Mean
	finite := Finite(of)
	if len(finite) == 0 {
		r.Curves = curves(of, paper.Lab.Scored())
		return r
	}
	for metric := range finite[0].Metrics { // into a map again: the order does not matter
		if values, all := MetricValues(finite, metric); all {
			r.Metrics[metric] = Interval(values)
		}
	}
	r.Curves = curves(finite, paper.Lab.Scored())
	return r
}

// Finite leaves the trials out that diverged: a network of NaN names the first class whatever it sees, so its accuracy
// is a number that means nothing.
func Finite(trials []wire.TrialResult) []wire.TrialResult {
	var out []wire.TrialResult
	for _, t := range trials {
		if t.Diverged == 0 {
			out = append(out, t)
		}
	}
	return out
}

// MetricValues returns one metric of several trials; all is false where one of them lacks it.
func MetricValues(trials []wire.TrialResult, metric string) (values []float64, all bool) {
	for _, t := range trials {
		x, ok := t.Metrics[metric]
		if !ok {
			return nil, false
		}
		values = append(values, x)
	}
	return values, len(values) > 0
}
