package vpt

import (
	"errors"
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// rateGrid is the value of the knob lr with which every trial finds its rate itself.
const rateGrid = "grid"

// extraGrid names the scores of a trial's own grid in its result: validation accuracy at each rate of tuneGrid.
const extraGrid = "grid"

// search trains an arm once at every rate of tuneGrid, from the same start on the same examples with the same steps, and
// judges it on the validation examples. Trials of the same arm and seed in one worker share what was found.
type search struct {
	env    lab.Env
	spec   wire.Spec // of the arm alone, with the rate left to find
	opts   course.Options
	trial  lab.Trial // at the rate of place len(scores)
	scores []float64
}

func newSearch(t *trial) *search {
	spec := t.run.Clone()
	spec.Values["arms"], spec.Values["seed"], spec.Values["seeds"] = t.arm.Without("lr").String(), fmt.Sprint(t.seed), "1"
	spec.Values["lr"] = rateGrid
	opts := t.opts
	opts.Tune = true
	return &search{env: t.env, spec: spec, opts: opts}
}

// key names what a search finds: all that its outcome depends on.
func (s *search) key() string {
	return fmt.Sprint("grid ", s.opts, " ", s.spec.Canonical(description()))
}

// slice does the next slice and reports whether all rates were tried. A rate at which training breaks scores nothing.
func (s *search) slice() (done bool) {
	if len(s.scores) == 0 && s.trial == nil {
		if known, err := lab.Memo(s.env, s.key(), func() ([]float64, error) { return nil, errUnknown }); err == nil {
			s.scores = known
		}
	}
	if len(s.scores) == len(tuneGrid) {
		return true
	}
	if s.trial == nil {
		spec := s.spec.Clone()
		spec.Values["lr"] = number(tuneGrid[len(s.scores)])
		t, err := newTrial(s.env, spec, wire.TrialID{}, s.opts)
		if err != nil { // cannot be: the trial that searches was made of the same parts
			panic(err)
		}
		s.trial = t
	}
	if s.trial.Advance() {
		r := s.trial.Result()
		score := r.Metrics[course.ValidationAccuracy]
		if r.Diverged > 0 {
			score = 0
		}
		s.scores, s.trial = append(s.scores, score), nil
	}
	if len(s.scores) < len(tuneGrid) {
		return false
	}
	lab.Memo(s.env, s.key(), func() ([]float64, error) { return s.scores, nil })
	return true
}

// errUnknown keeps a look into the memory from leaving anything there.
var errUnknown = errors.New("not tried yet")

// share is how much is done, 0..1.
func (s *search) share() float64 { return float64(len(s.scores)) / float64(len(tuneGrid)) }

// best is the rate with the best score, the smaller one of equals.
func (s *search) best() float64 {
	at := 0
	for i, x := range s.scores {
		if x > s.scores[at] {
			at = i
		}
	}
	return tuneGrid[at]
}
