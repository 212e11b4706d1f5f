// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"fmt"
	"slices"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// reading is a set that notes of which splits it is read.
type reading struct {
	data.Set
	read map[data.Split]int
}

func (s reading) Image(dst []float32, split data.Split, i int) int {
	s.read[split]++
	return s.Set.Image(dst, split, i)
}

// watched notes what is read of the examples of a trial.
func watched(t *trial, read map[data.Split]int) {
	if _, done := t.task.Set.(reading); !done {
		t.task.Set, t.task.Holdout = reading{t.task.Set, read}, reading{t.task.Holdout, read}
	}
}

const gridKnobs = "&batch=4&train=64&steps=2&seeds=2&seed=5"

// gridTrial is the trial of a link's first arm and second seed in an Env.
func gridTrial(t *testing.T, env lab.Env, query string, opts course.Options) *trial {
	t.Helper()
	tr, err := newTrial(env, linked(t, query+gridKnobs), wire.TrialID{Seed: 1}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// endOfSearch runs a trial to its end: its result, how many slices it tuned, and what it read before it tested.
func endOfSearch(t *testing.T, tr *trial) (r wire.TrialResult, tuned int, read map[data.Split]int) {
	t.Helper()
	read = map[data.Split]int{}
	watched(tr, read)
	share := 0.0
	for done := false; !done; {
		p := tr.Progress()
		switch {
		case p.Phase == "tuning":
			if tuned++; tr.Step() > 0 || tr.Stepped() || p.Loaded < share || p.Loaded > 1 {
				t.Errorf("tuning after %d steps, %v of it done after %v", tr.Step(), p.Loaded, share)
			}
			share = p.Loaded
		case p.Phase != "testing" && read[data.Test] > 0:
			t.Errorf("%s reads the test split", p.Phase)
		}
		done = tr.Advance()
		if s := tr.search; s != nil && s.trial != nil {
			watched(s.trial.(*trial), read)
		}
	}
	if tuned > len(tuneGrid) && share < 8.0/9 { // of nine rates
		t.Errorf("while it tuned it told %v at last", share)
	}
	return tr.Result(), tuned, read
}

// A trial that looks for its rate takes the best of one grid by validation examples, and then trains as with that rate.
func TestGridFindsTheRate(t *testing.T) {
	for _, arm := range []string{"lora:2", "head"} {
		env := lab.Env{Asset: assets.Read}.Remember()
		r, tuned, read := endOfSearch(t, gridTrial(t, env, "arms="+arm+"&lr=grid", course.Options{}))
		scores := r.Extra[extraGrid]
		if len(scores) != len(tuneGrid) || tuned < len(tuneGrid)*course.Validation/course.LookBatch || read[data.Test] != course.Tested {
			t.Fatalf("%s: scores %v, found in %d slices; %d test examples were read", arm, scores, tuned, read[data.Test])
		}
		best := 0
		for i, rate := range tuneGrid {
			tune := gridTrial(t, shared, fmt.Sprintf("arms=%s&lr=%g", arm, rate), course.Options{Tune: true})
			for !tune.Advance() {
			}
			want := tune.Result()
			if score := want.Metrics[course.ValidationAccuracy]; want.Diverged == 0 && score != scores[i] || want.Diverged > 0 && scores[i] != 0 {
				t.Errorf("%s at %g scores %v, alone %v (diverged: %d)", arm, rate, scores[i], score, want.Diverged)
			}
			if scores[i] > scores[best] {
				best = i
			}
		}
		if r.LR != tuneGrid[best] || slices.Min(scores) == slices.Max(scores) {
			t.Errorf("%s takes the rate %g, of the scores %v", arm, r.LR, scores)
		}

		// As if the rate had been known, with the test and the curve.
		known := gridTrial(t, shared, fmt.Sprintf("arms=%s&lr=%g", arm, tuneGrid[best]), course.Options{})
		want, none, _ := endOfSearch(t, known)
		if r.Digest != want.Digest || r.Metrics[course.TestAccuracy] != want.Metrics[course.TestAccuracy] || !slices.Equal(r.Evals, want.Evals) {
			t.Errorf("%s: found %+v, known %+v", arm, r.Metrics, want.Metrics)
		}
		if none != 0 || want.Extra != nil {
			t.Errorf("%s: a known rate is looked for in %d slices, %v", arm, none, want.Extra)
		}

		// Once in a worker, whichever way the rate is asked for; the same bits where nothing is remembered.
		for query, env := range map[string]lab.Env{"arms=" + arm + "&lr=grid": env, "arms=" + arm + "~lr=grid&lr=0.02": env, "arms=" + arm + "~lr=grid": {Asset: assets.Read}} {
			worker := query != "arms="+arm+"~lr=grid"
			if !worker && arm == "head" { // it takes seconds
				continue
			}
			again, tuned, _ := endOfSearch(t, gridTrial(t, env, query, course.Options{}))
			if again.Digest != r.Digest || again.LR != r.LR || !slices.Equal(again.Extra[extraGrid], scores) || again.Metrics[course.TestAccuracy] != r.Metrics[course.TestAccuracy] {
				t.Errorf("%s: rate %v by %v, want %v by %v", query, again.LR, again.Extra, r.LR, scores)
			}
			if worker && tuned > 1+64/course.LookBatch || !worker && tuned < len(tuneGrid) {
				t.Errorf("%s was looked for in %d slices", query, tuned)
			}
		}

		// What was trained is put back without a search.
		restored := gridTrial(t, lab.Env{Asset: assets.Read}, "arms="+arm+"&lr=grid", course.Options{})
		if err := restored.Restore(r.Trained); err != nil {
			t.Fatal(err)
		}
		if p := restored.Progress().Phase; p != "training" || !slices.Equal(restored.Logits(40), known.Logits(40)) || restored.search.trial != nil || restored.search.scores != nil {
			t.Errorf("%s: a restored trial is %s, or says something else", arm, p)
		}
	}
}

// A step that is wanted before the search is over comes after it.
func TestGridIsReadyForAStep(t *testing.T) {
	a := gridTrial(t, shared, "arms=ln&lr=grid", course.Options{})
	a.Advance()
	a.TrainStep()
	b, _, _ := endOfSearch(t, gridTrial(t, shared, "arms=ln&lr=grid", course.Options{}))
	if r := a.Result(); r.LR != b.LR || r.LR == 0 || len(r.Loss) != 1 || r.Loss[0] != b.Loss[0] {
		t.Errorf("rate %v and losses %v, want %v and %v", r.LR, r.Loss, b.LR, b.Loss)
	}
}

// What is found in one run is found in others where nothing it depends on differs, and in no other.
func TestGridKnowsWhatItDependsOn(t *testing.T) {
	key := func(query string, seed int, opts course.Options) string {
		spec, err := wire.ParseQuery(description(), query)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrial(shared, spec, wire.TrialID{Arm: len(spec.Arms()) - 1, Seed: seed}, opts)
		if err != nil {
			t.Fatal(err)
		}
		return tr.search.key()
	}
	want := key("arms=lora:4&lr=grid&seeds=2&seed=3", 1, course.Options{})
	for _, same := range []string{"arms=head,lora:4&lr=grid&seeds=2&seed=3", "arms=full,lora:4~lr=grid&seeds=3&seed=3"} {
		if key(same, 1, course.Options{}) != want {
			t.Errorf("%s looks for another rate", same)
		}
	}
	if key("arms=lora:4&lr=grid&seed=4", 0, course.Options{}) != want {
		t.Error("the first trial of seed 4 is another one than the second of seed 3")
	}
	for _, other := range []string{"arms=lora:4&lr=grid&seeds=2&seed=4", "arms=lora:4&lr=grid&seeds=2&seed=3&steps=9", "arms=lora:4~backbone=vtiny-mae&lr=grid&seeds=2&seed=3",
		"arms=lora:4~alpha=2&lr=grid&seeds=2&seed=3", "arms=lora:4&lr=grid&seeds=2&seed=3&equal=memory", "arms=lora:4&lr=grid&seeds=2&seed=3&task=style", "arms=lora:5&lr=grid&seeds=2&seed=3"} {
		if key(other, 1, course.Options{}) == want {
			t.Errorf("%s takes the rate of another run", other)
		}
	}
	if key("arms=lora:4&lr=grid&seeds=2&seed=3", 1, course.Options{Sabotage: lab.Sabotage{Labels: true}}) == want {
		t.Error("a sabotaged run takes the rate of an honest one")
	}
}
