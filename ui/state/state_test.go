package state

import (
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
)

// toy is a lab small enough to follow by hand; nothing of it is of a real paper.
func toy() wire.Catalog {
	return wire.Catalog{Engine: "7", Labs: []wire.Lab{{
		ID: "toy", Question: "Does it?", Short: "Toy",
		Stage:  wire.Stage{Title: "Look", Matrices: []string{"q", "v"}},
		Claims: []wire.Claim{{ID: "toy.a", Says: "a"}, {ID: "toy.b", Says: "b"}},
		Knobs: []wire.Knob{
			{Name: "arms", Kind: wire.KnobArms, Default: "head,q:1,qv:4,full", Arms: &wire.ArmKnob{
				Racers: []wire.Option{{Value: "head", Label: "head only", Role: wire.RoleFloor}, {Value: "full", Label: "all weights", Role: wire.RoleReference}},
				Parts:  []wire.Option{{Value: "q", Label: "q"}, {Value: "v", Label: "v"}},
				Number: "rank", Symbol: "r", Min: 1, Max: 64, Stops: []int{1, 4}, Most: 5}},
			{Name: "steps", Label: "Steps", Kind: wire.KnobInt, Default: "10", Min: 1, Max: 100, Step: 1},
			{Name: "seeds", Label: "Seeds", Kind: wire.KnobInt, Default: "2", Min: 1, Max: 5, Step: 1},
			{Name: "seed", Label: "Seed", Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1},
		},
	}}}
}

// stand drives a State and plays its workers.
type stand struct {
	*testing.T
	s       *State
	now     float64
	effects []Effect
}

func open(t *testing.T, workers int, query string) *stand {
	t.Helper()
	st := &stand{T: t, s: New(toy(), nil, workers)}
	st.do(Open{Path: "/toy", Query: query})
	return st
}

func (st *stand) do(e Event) []Effect {
	out := st.s.Apply(st.now, e)
	st.effects = append(st.effects, out...)
	return out
}

// sent lists the commands of one kind in some effects.
func sent(effects []Effect, op wire.Op) (list []Send) {
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.Message.Head.Op == op {
			list = append(list, s)
		}
	}
	return list
}

func (st *stand) event(worker int, h wire.Event, buffers ...[]float32) []Effect {
	if h.Run == "" {
		h.Run = st.s.Run.ID
	}
	return st.do(FromWorker{Worker: worker, Message: wire.Message[wire.Event]{Head: h, Buffers: buffers}})
}

func (st *stand) trialOf(worker int) *Trial {
	st.Helper()
	at := st.s.Workers[worker].Trial
	if at < 0 {
		st.Fatalf("worker %d has nothing to do", worker)
	}
	return &st.s.Run.Trials[at]
}

func (st *stand) progress(worker, step int, loss ...float32) {
	t := st.trialOf(worker)
	st.event(worker, wire.Event{Kind: wire.KindProgress, Trial: t.ID, Progress: &wire.Progress{
		Step: step, Steps: t.Steps, Loss: loss, Phase: "training", MsPerStep: 10}})
}

func (st *stand) finishTrial(worker int) []Effect {
	t := st.trialOf(worker)
	loss := make(wire.Losses, t.Steps)
	r := wire.TrialResult{Trial: t.ID, Arm: t.Arm, Trainable: 2, Loss: loss, Metrics: map[string]float64{"test_accuracy": 0.9 + 0.01*float64(t.ID.Seed)}, MsPerStep: 10}
	return st.event(worker, wire.Event{Kind: wire.KindTrial, Trial: t.ID, Result: &r}, []float32{float32(t.ID.Arm), float32(t.ID.Seed)})
}

func (st *stand) finishAll() {
	for n := 0; st.s.Run.Phase == Running; n++ {
		if n > 1000 {
			st.Fatal("the run does not end")
		}
		for w := range st.s.Workers {
			if st.s.Workers[w].Trial >= 0 {
				st.finishTrial(w)
			}
		}
	}
}

func TestEveryTrialRunsOnceAndFirstSeedsFirst(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 8, 20} {
		st := open(t, workers, "")
		st.do(Play{})
		st.finishAll()
		if st.s.Run.Phase != Judging {
			t.Fatalf("%d workers: phase %v, want judging", workers, st.s.Run.Phase)
		}
		var order []wire.TrialID
		for _, s := range sent(st.effects, wire.OpTrial) {
			order = append(order, s.Message.Head.Trial)
		}
		if len(order) != 8 {
			t.Fatalf("%d workers: %d trials were sent, want 8", workers, len(order))
		}
		for i, id := range order {
			if want := i / 4; id.Seed != want {
				t.Errorf("%d workers: trial %d is of seed %d, want %d: every racer must be seen before any is repeated", workers, i, id.Seed, want)
			}
			if slices.Contains(order[:i], id) {
				t.Errorf("%d workers: trial %v was sent twice", workers, id)
			}
		}
		if order[0].Arm != 2 {
			t.Errorf("the racer on the stage (qv:4) starts first, not arm %d", order[0].Arm)
		}
	}
}

func TestReportGetsTrialsInTheOrderOfTheSpec(t *testing.T) {
	st := open(t, 3, "")
	st.do(Play{})
	st.finishAll()
	reports := sent(st.effects, wire.OpReport)
	if len(reports) != 1 {
		t.Fatalf("%d reports were asked for, want 1", len(reports))
	}
	m := reports[0].Message
	for i, id := range st.s.Run.Spec.TrialIDs() {
		if m.Head.Trials[i].Trial != id {
			t.Errorf("trial %d is %v, want %v", i, m.Head.Trials[i].Trial, id)
		}
		if b := m.Buffers[i]; b[0] != float32(id.Arm) || b[1] != float32(id.Seed) {
			t.Errorf("trial %v travels with the weights of arm %v, seed %v", id, b[0], b[1])
		}
	}
}

func TestReportEndsTheRunAndKeepsVerdicts(t *testing.T) {
	st := open(t, 1, "")
	st.s.Today = "2026-11-23"
	st.do(Play{})
	st.finishAll()
	out := st.event(0, wire.Event{Kind: wire.KindReport, Report: &wire.Report{Engine: "7", Link: "toy",
		Claims: []wire.ClaimReport{{ID: "toy.a", Verdict: wire.Fails, Here: "0.6"}, {ID: "toy.b", Verdict: wire.NotRun}}}})
	if st.s.Source() != Yours || st.s.Run.Phase != Done {
		t.Fatalf("source %v, phase %v", st.s.Source(), st.s.Run.Phase)
	}
	if v := st.s.Mine["toy.a"]; v.Verdict != wire.Fails || v.Date != "2026-11-23" || v.Link != "toy" {
		t.Errorf("kept %+v", v)
	}
	if _, ok := st.s.Mine["toy.b"]; ok {
		t.Error("a claim that was not run is no verdict")
	}
	if !slices.ContainsFunc(out, func(e Effect) bool { _, ok := e.(KeepMine); return ok }) {
		t.Error("the verdicts are not stored")
	}
}

func TestLateAnswersAreDropped(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	old := st.s.Run.ID
	st.do(Cancel{})
	st.event(0, wire.Event{Kind: wire.KindCancelled, Run: old})
	st.do(Play{})
	id := st.trialOf(0).ID
	st.event(0, wire.Event{Kind: wire.KindProgress, Run: old, Trial: id, Progress: &wire.Progress{Step: 5, Steps: 10, Loss: wire.Losses{1, 2, 3, 4, 5}}})
	if n := len(st.trialOf(0).Loss); n != 0 {
		t.Errorf("%d losses of the cancelled run are on the screen", n)
	}
}

func TestWorkerThatDoesNotStopIsReplaced(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	st.do(Cancel{})
	if n := len(sent(st.effects, wire.OpCancel)); n != 2 {
		t.Fatalf("%d workers were told to stop, want 2", n)
	}
	st.now += 20
	st.event(0, wire.Event{Kind: wire.KindCancelled})
	st.now += CancelMs
	var replaced []int
	for _, e := range st.do(Tick{}) {
		if r, ok := e.(Replace); ok {
			replaced = append(replaced, r.Worker)
		}
	}
	if !slices.Equal(replaced, []int{1}) {
		t.Errorf("replaced %v, want only worker 1", replaced)
	}
	st.do(Play{})
	if st.s.Workers[0].Trial < 0 || st.s.Workers[1].Trial < 0 {
		t.Error("both workers must be at work again")
	}
}

func TestCancelKeepsWhatIsFinished(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	st.finishTrial(0)
	st.progress(0, 3, 1, 2, 3)
	st.do(Cancel{})
	st.event(0, wire.Event{Kind: wire.KindCancelled})
	if p := st.s.Progress(); p.Trials != 1 || p.Step != 10 {
		t.Errorf("after the cancel %d trials and %d steps are left, want 1 and 10", p.Trials, p.Step)
	}
	before := len(sent(st.effects, wire.OpTrial))
	st.do(Play{})
	st.finishAll()
	if n := len(sent(st.effects, wire.OpTrial)) - before; n != 7 {
		t.Errorf("going on trains %d trials, want the 7 that were left", n)
	}
}

func TestPauseStepResume(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	if out := st.do(Play{}); len(sent(out, wire.OpPause)) != 2 || st.s.Run.Phase != Paused {
		t.Fatalf("play while running must pause both workers, phase %v", st.s.Run.Phase)
	}
	if out := st.do(Step{}); len(sent(out, wire.OpStep)) != 2 {
		t.Error("a step goes to every worker with a trial")
	}
	worked := st.s.Run.Worked
	st.now += 5000
	st.do(Tick{})
	if st.s.Run.Worked != worked {
		t.Error("a pause counts as work")
	}
	if out := st.do(Play{}); len(sent(out, wire.OpResume)) != 2 || st.s.Run.Phase != Running {
		t.Error("play while paused must resume")
	}
}

func TestStepFromRestStartsPaused(t *testing.T) {
	st := open(t, 1, "")
	out := st.do(Step{})
	var ops []wire.Op
	for _, e := range out {
		if s, ok := e.(Send); ok {
			ops = append(ops, s.Message.Head.Op)
		}
	}
	pause, trial, step := slices.Index(ops, wire.OpPause), slices.Index(ops, wire.OpTrial), slices.Index(ops, wire.OpStep)
	if pause < 0 || trial < pause || step < trial {
		t.Fatalf("commands %v: want pause, then trial, then step", ops)
	}
}

func TestKnobsLiveInTheAddress(t *testing.T) {
	st := open(t, 1, "seed=7")
	if st.s.Link() != "toy?seed=7" {
		t.Fatalf("link %q", st.s.Link())
	}
	out := st.do(SetKnob{Name: "steps", Text: "20"})
	if a := out[len(out)-1].(Address); a.Link != "toy?steps=20&seed=7" || !a.Push {
		t.Errorf("address %+v", a)
	}
	out = st.do(SetKnob{Name: "steps", Text: "21", Dragging: true})
	if a := out[len(out)-1].(Address); a.Push {
		t.Error("dragging fills the history")
	}
	st.do(SetKnob{Name: "steps", Text: "1000"})
	if st.s.Spec.Int("steps") != 21 || st.s.Faults["steps"] != "Steps: 1000 is outside 1 to 100. Try 100." {
		t.Errorf("steps %d, fault %q: want the old value and the nearest valid one", st.s.Spec.Int("steps"), st.s.Faults["steps"])
	}
	st.do(SetKnob{Name: "seeds", Text: "3"})
	if len(st.s.Faults) != 0 {
		t.Errorf("faults %v after another knob was set", st.s.Faults)
	}
	st.do(SetKnob{Name: "seeds", Text: "2"})
	st.do(SetKnob{Name: "steps", Text: "10"})
	if st.s.Faults["steps"] != "" || st.s.Link() != "toy?seed=7" {
		t.Errorf("fault %q, link %q: a link holds only what differs", st.s.Faults["steps"], st.s.Link())
	}
}

func TestBadLinkSaysSoAndShowsTheDefault(t *testing.T) {
	st := open(t, 1, "setps=20")
	if f := st.s.Faults["link"]; !strings.Contains(f, "steps") {
		t.Errorf("fault %q does not name the nearest knob", f)
	}
	if st.s.Link() != "toy" {
		t.Errorf("link %q", st.s.Link())
	}
	st.do(Open{Path: "/nowhere"})
	if st.s.Place != Missing {
		t.Errorf("place %q", st.s.Place)
	}
}

func TestEmbedAndThemeAreNoKnobs(t *testing.T) {
	st := open(t, 1, "embed=1&theme=dark&nosw&seed=3")
	if !st.s.Embed || st.s.Faults["link"] != "" || st.s.Spec.Int("seed") != 3 {
		t.Errorf("embed %v, fault %q, seed %d", st.s.Embed, st.s.Faults["link"], st.s.Spec.Int("seed"))
	}
}

func TestComposingTheRace(t *testing.T) {
	st := open(t, 1, "")
	st.do(AddArm{Parts: []string{"v"}, Number: 4})
	if got := st.s.Spec.Text("arms"); got != "head,q:1,qv:4,v:4,full" {
		t.Errorf("arms %q: a new racer joins those of the method", got)
	}
	if st.s.Arm != "v:4" {
		t.Errorf("the new racer is not brought forward: %q", st.s.Arm)
	}
	st.do(AddArm{Parts: []string{"q", "v"}, Number: 1})
	if !strings.Contains(st.s.Faults["arms"], "more than the 5") {
		t.Errorf("a sixth racer: fault %q", st.s.Faults["arms"])
	}
	for _, a := range []string{"head", "q:1", "qv:4", "v:4"} {
		st.do(RemoveArm{a})
	}
	st.do(RemoveArm{"full"})
	if st.s.Spec.Text("arms") != "full" || st.s.Faults["arms"] == "" {
		t.Errorf("arms %q, fault %q: a race needs a racer", st.s.Spec.Text("arms"), st.s.Faults["arms"])
	}
	st.do(ToggleRacer{"head"})
	if st.s.Spec.Text("arms") != "full,head" || st.s.Faults["arms"] != "" {
		t.Errorf("arms %q, fault %q", st.s.Spec.Text("arms"), st.s.Faults["arms"])
	}
}

func TestRestoreGoesOnWhereTheReloadCut(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	st.finishTrial(0)
	st.finishTrial(0)
	var kept []wire.TrialResult
	link := ""
	for _, e := range st.effects {
		if k, ok := e.(Keep); ok {
			kept, link = append(kept, k.Result), k.Link
		}
	}
	if len(kept) != 2 {
		t.Fatalf("%d trials were kept, want 2", len(kept))
	}
	again := open(t, 1, "")
	again.do(Restore{Lab: "toy", Link: link, Results: kept, Worked: 9000})
	if again.s.Run.Worked != 9000 {
		t.Errorf("the run worked for %v ms after the reload, 9000 before", again.s.Run.Worked)
	}
	if again.s.Source() != Live || again.s.Run.Phase != Stopped {
		t.Fatalf("source %v, phase %v", again.s.Source(), again.s.Run.Phase)
	}
	again.do(Play{})
	again.finishAll()
	if n := len(sent(again.effects, wire.OpTrial)); n != 6 {
		t.Errorf("%d trials were trained after the reload, want 6", n)
	}
	kept = nil
	for _, e := range again.effects {
		if k, ok := e.(Keep); ok {
			kept = append(kept, k.Result)
		}
	}
	for _, r := range st.effects {
		if k, ok := r.(Keep); ok {
			kept = append(kept, k.Result)
		}
	}
	done := open(t, 1, "")
	done.do(Restore{Lab: "toy", Link: link, Results: kept, Worked: 12000})
	done.now = 5000
	done.do(Tick{})
	if done.s.Run.Phase != Judging || done.s.Run.Worked != 12000 {
		t.Errorf("phase %v: the run worked for %v ms, and 12000 before the reload", done.s.Run.Phase, done.s.Run.Worked)
	}
	other := open(t, 1, "seed=1")
	other.do(Restore{Lab: "toy", Link: link, Results: kept})
	if other.s.Run != nil {
		t.Error("the trials of another run were restored")
	}
	if other.s.Last != "toy" {
		t.Errorf("the kept run is offered as %q", other.s.Last)
	}
}

func TestLostWorkerIsReplacedAndItsTrialDoneAgain(t *testing.T) {
	st := open(t, 1, "steps=3&seeds=1")
	st.do(Play{})
	first := st.trialOf(0).ID
	out := st.do(Lost{Worker: 0, Reason: "a worker stopped"})
	if !slices.ContainsFunc(out, func(e Effect) bool { r, ok := e.(Replace); return ok && r.Worker == 0 }) {
		t.Fatal("it is not replaced")
	}
	if again := sent(out, wire.OpTrial); len(again) != 1 || again[0].Message.Head.Trial != first {
		t.Fatalf("sent again: %v, want %v", again, first)
	}
	st.do(Lost{Worker: 0, Reason: "a worker stopped"})
	st.do(Lost{Worker: 0, Reason: "a worker stopped"})
	if st.s.Run.Phase != Stopped || !strings.Contains(st.s.Faults["run"], "A worker stopped") {
		t.Errorf("phase %v, fault %q: the third loss must end it", st.s.Run.Phase, st.s.Faults["run"])
	}
}

func TestErrorOfATrialStopsTheRunInPlace(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	st.event(0, wire.Event{Kind: wire.KindError, Trial: st.trialOf(0).ID, Error: "weights/x could not be loaded; check the connection"})
	if st.s.Run.Phase != Stopped || !strings.Contains(st.s.Faults["run"], "Weights/x could not be loaded") {
		t.Errorf("phase %v, fault %q", st.s.Run.Phase, st.s.Faults["run"])
	}
	if len(sent(st.effects, wire.OpCancel)) != 1 {
		t.Error("the other worker goes on")
	}
}

func TestIntervalIsStudents(t *testing.T) {
	// Four digits of t(0.975, 2) = 4.3027; mean 2, standard deviation 1, n = 3.
	iv := Interval([]float64{1, 2, 3})
	if half := 4.302653 / math.Sqrt(3); math.Abs(iv.Mean-2) > 1e-12 || math.Abs(iv.High-2-half) > 1e-6 || math.Abs(2-iv.Low-half) > 1e-6 {
		t.Errorf("%+v", iv)
	}
	if one := Interval([]float64{5}); one.Low != 5 || one.High != 5 {
		t.Errorf("one value has an interval: %+v", one)
	}
}

func TestCurvesGrowWithTheSeeds(t *testing.T) {
	a := &Trial{Steps: 4, Loss: wire.Losses{4, 3, 2}, Evals: []wire.Eval{{Step: 2, Loss: 1, Accuracy: .5}}}
	b := &Trial{Steps: 4, Loss: wire.Losses{2}}
	c := curves([]*Trial{a, b}, wire.Lab{}.Scored())
	if got := c[0].Mean; !slices.Equal(got, []float64{3, 3, 2}) {
		t.Errorf("mean loss %v, want 3, 3, 2", got)
	}
	if c[0].High[0] == c[0].Low[0] || c[0].High[1] != c[0].Low[1] {
		t.Error("a band belongs where two seeds are, and nowhere else")
	}
	if c := curves([]*Trial{a, b, {Steps: 4}}, wire.Lab{}.Scored()); c[0].High[0] != c[0].Low[0] {
		t.Error("a band before the last seed has come so far")
	}
	if len(c[2].Step) != 1 || c[2].Mean[0] != .5 {
		t.Errorf("accuracy %+v", c[2])
	}
}

// TestDivergedRacerIsTold: a run under way says at which step a racer's loss stopped being a number.
func TestDivergedRacerIsTold(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	st.progress(0, 3, 2.3, 4.5, float32(math.NaN()))
	arm := slices.Index(st.s.Spec.Arms(), st.trialOf(0).Arm)
	if r := st.s.Shown(); r.Arms[arm].Diverged != 3 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "step 3") {
		t.Errorf("diverged at %d, notes %q", r.Arms[arm].Diverged, r.Notes)
	}
}

func TestDivergedLossIsNoPoint(t *testing.T) {
	c := curves([]*Trial{{Steps: 3, Loss: wire.Losses{1, float32(math.NaN()), float32(math.Inf(1))}}}, wire.Lab{}.Scored())
	if len(c[0].Step) != 1 {
		t.Errorf("%d points, want the finite one", len(c[0].Step))
	}
}

func TestRecordedRunStaysUntilTheLiveOneHasSomethingToShow(t *testing.T) {
	recorded := &wire.Report{Lab: "toy", Link: "toy", Recorded: &wire.Recorded{Date: "2026-11-23"}}
	st := &stand{T: t, s: New(toy(), map[string]*wire.Report{"toy": recorded}, 1)}
	st.do(Open{Path: "toy"})
	st.do(Play{})
	if st.s.Source() != Recorded || st.s.Shown() != recorded {
		t.Fatalf("source %v right after play", st.s.Source())
	}
	st.progress(0, 2, 2.3, 2.2)
	if st.s.Source() != Live || st.s.Shown().Recorded != nil {
		t.Errorf("source %v after two steps", st.s.Source())
	}
	st.do(Reset{})
	if st.s.Source() != Recorded {
		t.Errorf("source %v after reset", st.s.Source())
	}
}

func TestOwnRunStaysUntilTheNextHasSomethingToShow(t *testing.T) {
	recorded := &wire.Report{Lab: "toy", Link: "toy", Recorded: &wire.Recorded{Date: "2026-11-23"}}
	st := &stand{T: t, s: New(toy(), map[string]*wire.Report{"toy": recorded}, 1)}
	st.do(Open{Path: "toy"})
	own := &wire.Report{Engine: "7", Link: "toy"}
	done := func() {
		st.finishAll()
		st.event(0, wire.Event{Kind: wire.KindReport, Report: own})
	}
	shows := func(when string, source Source, report *wire.Report) {
		t.Helper()
		if got := st.s.Shown(); st.s.Source() != source || report != nil && got != report {
			t.Errorf("%s: source %v, report %p, want %v, %p", when, st.s.Source(), got, source, report)
		}
	}
	st.do(Play{})
	done()
	shows("after a run", Yours, own)
	first := st.s.ShownSpec().Canonical(st.s.Lab)
	st.do(Play{})
	shows("after the next press of play", Yours, own)
	if again := st.s.ShownSpec().Canonical(st.s.Lab); again != first {
		t.Errorf("the knobs are said to be %s, the run on the screen had %s", again, first)
	}
	st.progress(0, 2, 2.3, 2.2)
	shows("after two steps", Live, nil)
	done()
	shows("after the second run", Yours, own)
	st.do(Play{})
	st.do(Cancel{})
	shows("after a run that was cancelled at once", Recorded, recorded)
}

func TestTimeLeft(t *testing.T) {
	st := open(t, 1, "steps=100&seeds=1")
	st.do(Play{})
	for i := 1; i <= 20; i++ { // one step a second, 400 in all
		st.now += 1000
		st.progress(0, i, 1)
		st.do(Tick{})
	}
	if left := st.s.Progress().Left; math.Abs(left-380) > 5 {
		t.Errorf("%.0f s left, want about 380", left)
	}
}

func TestStageFollowsTheChosenRacer(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	out := st.do(SelectArm{"head"})
	want := wire.TrialID{Arm: 0, Seed: 0}
	focus := sent(out, wire.OpFocus)
	if len(focus) != 2 {
		t.Fatalf("%d workers heard of it, want 2", len(focus))
	}
	for _, f := range focus {
		if f.Message.Head.Focus.Trial != want {
			t.Errorf("worker %d shows %v, want %v", f.Worker, f.Message.Head.Focus.Trial, want)
		}
	}
	st.finishAll()
	if out := st.do(Look{Example: 3, Layer: -1}); len(sent(out, wire.OpLook)) != 1 || sent(out, wire.OpLook)[0].Message.Head.Focus.Example != 3 {
		t.Error("another example of a trained racer has to be asked for, with its weights")
	}
}

func TestStageAsksForAnotherOutput(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	if f := st.s.Focus; f.Token != -1 {
		t.Errorf("before anything was chosen output %d is wanted, not the middle", f.Token)
	}
	focus := sent(st.do(Reach{Cell: 5}), wire.OpFocus)
	if len(focus) != 2 || focus[0].Message.Head.Focus.Token != 5 {
		t.Errorf("while training: %+v", focus)
	}
	st.finishAll()
	if look := sent(st.do(Reach{Cell: 0}), wire.OpLook); len(look) != 1 || look[0].Message.Head.Focus.Token != 0 {
		t.Errorf("of a trained racer: %+v", look)
	}
	if look := sent(st.do(Look{Example: 1, Layer: -1}), wire.OpLook); len(look) != 1 || look[0].Message.Head.Focus.Token != 0 {
		t.Errorf("another example does not keep the output: %+v", look)
	}
}

// A recorded picture says which output it is of.
func TestRecordedOutput(t *testing.T) {
	st := open(t, 1, "")
	st.s.Recorded = map[string]*wire.Report{"toy": {Frame: &wire.RecordedFrame{Frame: wire.Frame{Token: 7, Panels: make([]frame.Panel, 1)}}}}
	if st.s.showRecordedFrame(); st.s.Focus.Token != 7 {
		t.Errorf("output %d is wanted, the picture is of 7", st.s.Focus.Token)
	}
}

func TestReportInPieces(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	st.finishAll()
	pieces := wire.Report{Lab: "toy", Fingerprint: "f", Arms: []wire.ArmReport{{Arm: "head"}, {Arm: "full"}}}.Pieces()
	for i := range pieces {
		if st.s.Source() == Yours {
			t.Fatal("the report counts before it is whole")
		}
		st.event(0, wire.Event{Kind: wire.KindReport, Report: &pieces[i], More: i+1 < len(pieces)})
	}
	if r := st.s.Run.Report; st.s.Source() != Yours || r.Fingerprint != "f" || len(r.Arms) != 2 {
		t.Errorf("source %v, report %+v", st.s.Source(), r)
	}
}

// TestFingerprintOfLink: numbers on the screen count as those of the link only while the knobs are theirs.
func TestFingerprintOfLink(t *testing.T) {
	st := open(t, 1, "")
	if st.s.OfLink() {
		t.Error("numbers of the link before anything has run")
	}
	st.s.Recorded = map[string]*wire.Report{"toy": {Lab: "toy", Link: "toy"}}
	if !st.s.OfLink() {
		t.Error("the recorded run is not that of the default link")
	}
	st.do(SetKnob{Name: "steps", Text: "20"})
	if st.s.OfLink() {
		t.Error("the recorded run counts as that of another link")
	}
	st.do(SetKnob{Name: "steps", Text: "10"})
	if !st.s.OfLink() {
		t.Error("the recorded run is not that of its own link again")
	}
}

// many is a lab of methods with a size and knobs of their own; nothing of it is of a real paper.
func many() wire.Catalog {
	c := toy()
	lab := &c.Labs[0]
	lab.Knobs[0] = wire.Knob{Name: "arms", Kind: wire.KnobArms, Default: "head,wide:8,full", Arms: &wire.ArmKnob{
		Racers: []wire.Option{{Value: "head", Label: "head only", Role: wire.RoleFloor}, {Value: "full", Label: "all weights", Role: wire.RoleReference}},
		Parts:  []wire.Option{{Value: "wide", Label: "Wide", Symbol: "b"}, {Value: "split", Label: "Split"}},
		Number: "size", Symbol: "n", Min: 1, Max: 64, Stops: []int{1, 4}, Most: 4, Single: "method", Own: []string{"scale"},
		Divisors: []wire.Divisor{{Part: "split", Of: 64, Name: "width"}}}}
	lab.Knobs = append(lab.Knobs, wire.Knob{Name: "scale", Label: "Scale", Symbol: "s", Kind: wire.KnobFloat, Default: "0.1", Min: 0.01, Max: 10})
	return c
}

func TestLabelsOfMethodsAreThoseOfTheLab(t *testing.T) {
	st := &stand{T: t, s: New(many(), nil, 1)}
	st.do(Open{Path: "/toy", Query: "arms=head,wide:8~scale=2,full~scale=2"})
	for arm, want := range map[string]ArmInfo{
		"head":         {"head only", wire.RoleFloor, 0},
		"wide:8":       {"Wide  b = 8", wire.RoleMethod, 8},
		"split:4":      {"Split  n = 4", wire.RoleMethod, 4},
		"full":         {"all weights", wire.RoleReference, 0},
		"full~scale=2": {"all weights, s = 2", wire.RoleMethod, 0}, // a reference with a knob of its own is none
	} {
		if got := st.s.ArmInfo(arm); got != want {
			t.Errorf("%s: %+v, want %+v", arm, got, want)
		}
	}
	st.do(Play{})
	st.progress(0, 3, 2, 1, 0.5)
	for _, a := range st.s.Shown().Arms {
		if want := st.s.ArmInfo(a.Arm).Label; a.Label != want {
			t.Errorf("while it runs %s is called %q, before %q", a.Arm, a.Label, want)
		}
	}
}

func TestARacerIsCheckedBeforeItIsAdded(t *testing.T) {
	st := &stand{T: t, s: New(many(), nil, 1)}
	st.do(Open{Path: "/toy"})
	if arm, bad := st.s.Racer("wide:8~scale=2.0"); bad != nil || arm != "wide:8~scale=2" {
		t.Errorf("its canonical text is %q, %v", arm, bad)
	}
	for text, want := range map[string]BadRacer{
		"split:7":        {"Split:7: 7 does not divide the width 64; there are: 1, 2, 4, 8, 16, 32, 64.", "split:8"},
		"wide:99":        {"Size \"99\" of wide is not between 1 and 64.", "wide:64"},
		"wide:8~scale=x": {"Scale: “x” is not a number. Try 0.1.", "wide:8~scale=0.1"},
	} {
		arm, bad := st.s.Racer(text)
		if bad == nil || arm != "" || *bad != want {
			t.Errorf("%s: %q, %+v, want %+v", text, arm, bad, want)
		}
	}
	if st.do(AddRacer{"split:7"}); !strings.Contains(st.s.Faults["arms"], "does not divide") || len(st.s.Spec.Arms()) != 3 {
		t.Errorf("one that does not fit: %q, %v", st.s.Faults["arms"], st.s.Spec.Arms())
	}
	st.do(AddRacer{"wide:8~scale=2.0"})
	if got := st.s.Spec.Text("arms"); got != "head,wide:8,wide:8~scale=2,full" || st.s.Arm != "wide:8~scale=2" {
		t.Errorf("the race is %s, forward is %s", got, st.s.Arm)
	}
	if st.do(AddRacer{"wide:8~scale=2"}); !strings.Contains(st.s.Faults["arms"], "already in the race") {
		t.Errorf("the same once more: %q", st.s.Faults["arms"])
	}
	if _, bad := st.s.Racer("wide:16"); bad == nil || bad.Try != "" || !strings.Contains(bad.Text, "Take one out first") {
		t.Errorf("one too many: %+v", bad)
	}
}

// Racers that make what they learn from say so, and how far they are; those that are being tested as well.
func TestMakingMasksAndTestingAreTold(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	tell := func(worker int, p wire.Progress) {
		p.Steps = 10
		st.event(worker, wire.Event{Kind: wire.KindProgress, Trial: st.trialOf(worker).ID, Progress: &p})
	}
	tell(0, wire.Progress{Phase: "labelling", Loaded: 0.2})
	tell(1, wire.Progress{Phase: "labelling", Loaded: 0.4})
	p := st.s.Progress()
	if p.Words != "Making masks to learn from" || math.Abs(p.Loading-0.3) > 1e-9 {
		t.Errorf("both make masks: %q, %v", p.Words, p.Loading)
	}
	// Eight trials of ten steps; those of these two kinds, two seeds each, have the work of fifteen before it.
	if want := 0.6 * 15 / (8*10 + 4*15); math.Abs(p.Share-want) > 1e-9 {
		t.Errorf("the share of the work is %v, want %v", p.Share, want)
	}
	tell(0, wire.Progress{Phase: "training", Step: 1})
	if p := st.s.Progress(); p.Words != "" {
		t.Errorf("one trains, and the run says %q", p.Words)
	}
	tell(0, wire.Progress{Phase: "testing", Step: 10})
	tell(1, wire.Progress{Phase: "testing", Step: 10})
	if p := st.s.Progress(); p.Words != "Testing" {
		t.Errorf("both are tested, and the run says %q", p.Words)
	}
}

func TestSearchForRatesIsTold(t *testing.T) {
	st := open(t, 2, "")
	st.do(Play{})
	tune := func(worker int, share float64) {
		st.event(worker, wire.Event{Kind: wire.KindProgress, Trial: st.trialOf(worker).ID, Progress: &wire.Progress{Phase: "tuning", Loaded: share, Steps: 10}})
	}
	tune(0, 0.2)
	if p := st.s.Progress(); p.Words != "" {
		t.Errorf("one of two workers looks for a rate, and the run says %q", p.Words)
	}
	tune(1, 0.4)
	p := st.s.Progress()
	if p.Words != "Finding learning rates" || math.Abs(p.Loading-0.3) > 1e-9 {
		t.Errorf("both look: %q, %v", p.Words, p.Loading)
	}
	// Eight trials of ten steps, and nine trainings more for each: two of them are at 0.2 and 0.4 of those.
	if want := 0.6 * 9 / (8 * 10); math.Abs(p.Share-want) > 1e-9 {
		t.Errorf("the share of the work is %v, want %v", p.Share, want)
	}
	st.progress(0, 5, 1, 0.5)
	if p := st.s.Progress(); p.Words != "" || p.Loading != 1 || math.Abs(p.Share-(1.4*9+0.5)/80) > 1e-9 {
		t.Errorf("one trains: %+v", p)
	}
	st.finishAll()
	if p := st.s.Progress(); p.Share != 1 {
		t.Errorf("at the end the share is %v", p.Share)
	}
}
