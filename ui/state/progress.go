package state

import (
	"math"

	"petri/kernels/lab/wire"
)

// Progress is what the transport shows.
type Progress struct {
	Share   float64 // of the work, 0..1
	Step    int     // steps of all trials together
	Steps   int
	Trials  int // finished
	All     int
	Left    float64 // seconds, NaN while nobody knows
	Words   string  // what is being done, where it is not simply training
	Loading float64 // share of the files while they are loaded, of the search for rates or of masks while Words tell of them; else 1
}

// Progress sums up the run at hand.
func (s *State) Progress() Progress {
	r := s.Run
	p := Progress{Left: math.NaN(), Loading: 1}
	if r == nil {
		return p
	}
	p.All = len(r.Trials)
	loading, pretraining, tuning, labelling, testing, training := 0, 0, 0, 0, 0, 0
	tuned, made := 0.0, 0.0
	for i := range r.Trials {
		t := &r.Trials[i]
		p.Step += t.Step
		p.Steps += t.Steps
		switch t.Phase {
		case Finished:
			p.Trials++
		case Training:
			training++
			if t.Words == "pretraining" {
				pretraining++
			}
			if t.Words == "tuning" {
				tuning++
				tuned += t.Loaded
			}
			if t.Words == "labelling" {
				labelling++
				made += t.Loaded
			}
			if t.Words == "testing" {
				testing++
			}
			if t.Words == "loading" || t.Words == "starting" && t.Step == 0 {
				loading++
				p.Loading = min(p.Loading, t.Loaded)
			}
		}
	}
	if training > 0 && loading == training && p.Step == 0 {
		p.Words = "Loading weights and data"
	} else {
		p.Loading = 1
	}
	if training > 0 && pretraining == training {
		p.Words = "Training the nets to start from"
	}
	if training > 0 && tuning == training {
		p.Words = "Finding learning rates"
		p.Loading = tuned / float64(tuning) // the page writes it behind the words
	}
	if training > 0 && labelling == training {
		p.Words = "Making masks to learn from"
		p.Loading = made / float64(labelling)
	}
	if training > 0 && testing == training {
		p.Words = "Testing"
	}
	p.Share = r.share(s.weights())
	switch {
	case r.Phase == Judging:
		p.Words = "Checking the claims"
	case r.Phase == Done:
		p.Share = 1
	case r.rate > 0:
		p.Left = (1 - p.Share) / r.rate / 1000
	}
	return p
}

// weights are the relative costs of a step of each arm: as measured in this run, else as recorded, else all the same.
func (s *State) weights() []float64 {
	arms := s.Run.Spec.Arms()
	w := make([]float64, len(arms))
	for i := range s.Run.Trials {
		if t := &s.Run.Trials[i]; t.MsStep > 0 && t.Step > 4 {
			w[t.ID.Arm] = t.MsStep
		}
	}
	recorded := s.Recorded[s.Run.Lab.ID]
	ratio := 0.0 // this machine against the recording one
	if recorded != nil {
		n := 0.0
		for i, a := range arms {
			if ms := recordedMs(recorded, a); ms > 0 && w[i] > 0 {
				ratio += w[i] / ms
				n++
			}
		}
		if n > 0 {
			ratio /= n
		}
	}
	sum, n := 0.0, 0.0
	for i, a := range arms {
		if w[i] == 0 && recorded != nil && ratio > 0 {
			w[i] = recordedMs(recorded, a) * ratio
		}
		if w[i] > 0 {
			sum += w[i]
			n++
		}
	}
	for i := range w {
		if w[i] == 0 {
			w[i] = 1
			if n > 0 {
				w[i] = sum / n
			}
		}
	}
	return w
}

func recordedMs(r *wire.Report, arm string) float64 {
	for _, a := range r.Arms {
		if a.Arm == arm {
			return a.MsPerStep
		}
	}
	return 0
}

// tuneWork is how many trainings a search for a rate is taken for, beside the one that follows: labs try a grid of nine.
const tuneWork = 9

// labelWork is how many trainings go by while a racer makes what it learns from: the helper's, and labelling.
const labelWork = 1.5

// share is how much of the run's work is done, 0..1, by the cost of each arm's steps.
func (r *Run) share(weights []float64) float64 {
	done, all := 0.0, 0.0
	for i := range r.Trials {
		t := &r.Trials[i]
		w := weights[t.ID.Arm]
		done += w * float64(t.Step)
		all += w * float64(t.Steps)
		if r.tunes {
			done += w * float64(t.Steps) * tuneWork * t.tuned
			all += w * float64(t.Steps) * tuneWork
		}
		if t.labels {
			done += w * float64(t.Steps) * labelWork * t.made
			all += w * float64(t.Steps) * labelWork
		}
	}
	if all == 0 {
		return 0
	}
	return done / all
}

// measure updates the smoothed speed of the run: an exponential mean with a time constant of four seconds.
func (r *Run) measure(now float64, weights []float64) {
	share := r.share(weights)
	if r.rateAt == 0 || share < r.rateHad {
		r.rateAt, r.rateHad = now, share
		return
	}
	dt := now - r.rateAt
	if dt < 200 || share == 0 {
		return
	}
	rate := (share - r.rateHad) / dt
	if r.rate == 0 {
		r.rate = rate
	} else {
		k := 1 - math.Exp(-dt/4000)
		r.rate += k * (rate - r.rate)
	}
	r.rateAt, r.rateHad = now, share
}
