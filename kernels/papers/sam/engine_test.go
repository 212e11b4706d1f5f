package sam

import (
	"slices"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/papers/sam/masks"
)

const tiny = "&steps=4&batch=2&rounds=2&seeds=1"

// labels are what a racer of the engine learns from.
func labels(t *testing.T, arm string, opts course.Options) (*trial, []labelled) {
	t.Helper()
	s := specimen(t, "arms="+arm+tiny, opts)
	s.ready()
	return s, s.batch.labels
}

// The stages follow one another, are the same for every racer, and give each what it learns from.
func TestEngine(t *testing.T) {
	one, first := labels(t, armEngine1, course.Options{})
	two, second := labels(t, armEngine2, course.Options{})
	if len(first) == 0 || len(second) <= len(first) {
		t.Fatalf("stage 1 labels %d scenes, stages 1 and 2 %d", len(first), len(second))
	}
	for i, l := range first {
		if l.scene != second[i].scene || len(l.masks) != len(second[i].masks) || !slices.Equal(l.masks[0].Bits, second[i].masks[0].Bits) {
			t.Fatalf("label %d differs between racers of one seed", i)
		}
	}
	seen := map[int]bool{}
	for _, l := range second {
		if l.scene < engineFrom || seen[l.scene] {
			t.Errorf("scene %d is one that others learn from, or comes twice", l.scene)
		}
		seen[l.scene] = true
	}
	for _, s := range []*trial{one, two} {
		x := s.extra[extraStages]
		if len(x)%stageNumbers != 0 {
			t.Fatalf("%d numbers of jobs", len(x))
		}
		for i := 0; i < len(x); i += stageNumbers {
			if x[i+stageAsked]+x[i+stageAlone] != x[i+stageMasks] || x[i+stageIoU] > x[i+stageMasks] || x[i+stageClicks] < x[i+stageAsked] {
				t.Errorf("a job does not add up: %v", x[i:][:stageNumbers])
			}
		}
	}
	// An annotator's masks are finished: each fits something well enough, or was painted.
	x := one.extra[extraStages]
	if x[stageIoU] < engineGood*x[stageMasks] {
		t.Errorf("%v masks of stage 1 have an IoU of %v in all", x[stageMasks], x[stageIoU])
	}
	if one.phase != phaseWatch || one.engine != nil {
		t.Error("the racer does not begin")
	}
	one.TrainStep()
	if len(one.loss) != 1 {
		t.Errorf("%d steps", len(one.loss))
	}
}

// Automatic masks alone are those of the model, whatever it is sure of.
func TestEngineAlone(t *testing.T) {
	s, of := labels(t, armAuto, course.Options{})
	if s.broke > 0 {
		t.Fatal("there is nothing to learn from")
	}
	for _, l := range of {
		for _, m := range l.masks {
			if m.Area() < smallest {
				t.Errorf("a mask of %d pixels", m.Area())
			}
		}
	}
	x := s.extra[extraStages]
	last := x[len(x)-stageNumbers:]
	if last[stageOf] != 3 || last[stageClicks] != 0 || last[stageScenes] == 0 {
		t.Errorf("stage 3: %v", last)
	}
}

// The engine is a pure function of the seed, in slices that end no step.
func TestEngineSameSeedSameBits(t *testing.T) {
	digest := func(query string) string {
		s := specimen(t, query, course.Options{})
		for s.phase == phaseEngine {
			s.Advance()
			if s.Stepped() {
				t.Fatal("a slice of the engine counts as a step")
			}
		}
		s.TrainStep()
		s.TrainStep()
		return s.Result().Digest
	}
	first := digest("arms=engine:1" + tiny)
	if digest("arms=engine:1"+tiny) != first {
		t.Error("the same seed gives other bits")
	}
	if digest("arms=engine:1"+tiny+"&seed=1") == first {
		t.Error("another seed gives the same bits")
	}
}

// With other scenes' masks a label no longer fits its picture.
func TestEngineSabotage(t *testing.T) {
	_, honest := labels(t, armEngine1, course.Options{})
	_, wrong := labels(t, armEngine1, course.Options{Sabotage: lab.Sabotage{Labels: true}})
	for i := range honest {
		if next := honest[(i+1)%len(honest)]; honest[i].scene != wrong[i].scene || !slices.Equal(wrong[i].masks[0].Bits, next.masks[0].Bits) {
			t.Fatalf("scene %d has its own masks", i)
		}
	}
}

// Shares come from the counts, precision of no mask is none, and masks are matched in the order of their estimates.
func TestSurveyShares(t *testing.T) {
	var s survey
	s.found[0], s.hit[0], s.truths[0] = 4, 3, 6
	s.truths[1] = 6
	p, r := s.shares()
	if p[0] != 0.75 || r[0] != 0.5 || p[1] != -1 || r[1] != 0 {
		t.Errorf("precision %v, recall %v", p, r)
	}
	kept := []masks.Kept{{Candidate: 0}, {Candidate: 1}, {Candidate: 2}}
	kept[1].Predicted, kept[2].Predicted = 0.9, 0.9
	byScore(kept)
	if kept[0].Candidate != 1 || kept[1].Candidate != 2 || kept[2].Candidate != 0 {
		t.Errorf("sorted: %v", kept)
	}
}

// The bar lies where masks that were said to be as good have been good in the mean, and lets the surest few through in any case.
func TestBar(t *testing.T) {
	e := &engine{desk: &exam{}}
	e.desk.Predicted, e.desk.True = []float64{.1, .9, .5, .8}, []float64{0, .9, .4, .8}
	if got := e.bar(); got != .5 { // .9, .8 and .4 are .7 in the mean
		t.Errorf("the bar lies at %v", got)
	}
	e.desk.Predicted, e.desk.True = nil, nil
	for i := range 100 {
		e.desk.Predicted, e.desk.True = append(e.desk.Predicted, float64(i)/100), append(e.desk.True, 0)
	}
	if got := e.bar(); got != .95 {
		t.Errorf("where nothing is good the bar lies at %v, and should let a twentieth through", got)
	}
}
