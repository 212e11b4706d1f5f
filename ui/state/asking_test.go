package state

import (
	"testing"

	"petri/kernels/lab/wire"
)

// halted is a visitor with one click, answered by the shipped model, whose run was stopped before a racer had made a step.
func halted(t *testing.T) *stand {
	t.Helper()
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.do(Play{})
	st.do(Cancel{})
	st.event(0, wire.Event{Kind: wire.KindCancelled})
	return st
}

// training is a visitor with one click, answered by a racer that has made one step and goes on.
func training(t *testing.T) *stand {
	t.Helper()
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.do(Play{})
	before := len(st.effects)
	st.progress(0, 1, 0.5)
	st.answer(st.one(st.effects[before:], wire.AskPrompt), func(a *wire.Answer) { a.Arm, a.Step = st.s.Arm, 1 })
	return st
}

// A mask goes back in only with a prompt that says more of the same thing, and it is the one that the visitor had in front.
func TestWhatIsFedBack(t *testing.T) {
	st := pointing(t, 1)
	box := func(x float64) PlacePrompt {
		return PlacePrompt{Side: 64, Box: &wire.PromptBox{X0: x, Y0: 4, X1: x + 9, Y1: 20}}
	}
	masks := func(a *wire.Answer) { a.Masks, a.Chosen = make([]wire.AnswerMask, 4), 1 }
	one := st.one(st.do(box(4)), wire.AskPrompt)
	st.answer(one, masks)
	other := st.one(st.do(box(40)), wire.AskPrompt)
	if q := other.Message.Head.Ask.Prompt; q.From != 0 {
		t.Error("another box is answered with the mask of the box before")
	}
	st.answer(other, masks)
	minus := PlacePrompt{Side: 64, Point: &wire.PromptPoint{X: 44, Y: 10}}
	more := st.one(st.do(minus), wire.AskPrompt)
	if q := more.Message.Head.Ask.Prompt; q.From != other.Message.Head.Ask.Serial || q.Fed != 0 {
		t.Errorf("a click on what a box has found is asked with %+v", q)
	}
	st.answer(more, masks)
	st.do(UndoPrompt{})
	st.do(ChooseMask{2})
	if q := st.one(st.do(minus), wire.AskPrompt).Message.Head.Ask.Prompt; q.From != other.Message.Head.Ask.Serial || q.Fed != 3 {
		t.Errorf("the third mask was in front, and the next prompt is asked with %+v", q)
	}
	st.do(UndoPrompt{})
	if st.s.Prompting.Mask != 2 {
		t.Error("undo brings another mask forward than was there")
	}
}

// The racer that has nothing to learn is the shipped model, and is asked as that one.
func TestTheRacerThatIsShippedIsAskedAsThat(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(NewScene{}), wire.AskPrompt), nil)
	st.do(Play{})
	tr := st.trialOf(0)
	st.answer(st.one(st.event(0, wire.Event{Kind: wire.KindTrial, Trial: tr.ID, Result: &wire.TrialResult{Trial: tr.ID, Arm: tr.Arm}}, nil), wire.AskPrompt), nil)
	ask := st.one(st.do(click(40, 40)), wire.AskPrompt).Message
	if a := ask.Head.Ask; a.Model != wire.ModelShipped || a.Weights || a.Prompt.Points[0].X != 40 {
		t.Errorf("asked: %+v", a)
	}
}

// Without a racer to ask, another picture comes all the same: the shipped model brings it, and is asked for no masks.
func TestAPictureComesWithoutARacer(t *testing.T) {
	st := halted(t)
	ask := st.one(st.do(NewScene{By: 1}), wire.AskPrompt)
	if a := ask.Message.Head.Ask; a.Model != wire.ModelShipped || a.Picture.Key != "test/1" || len(a.Prompt.Points) > 0 {
		t.Fatalf("asked: %+v", a)
	}
	if out := st.answer(ask, nil); len(sent(out, wire.OpAsk)) > 0 || st.s.Frame.Frame.Answer.Key != "test/1" {
		t.Error("the picture is not on the stage, or is asked for again")
	}
	if out := st.do(click(5, 5)); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("the shipped model is asked what the visitor's own shall answer")
	}
	if st.s.Awaiting() {
		t.Error("the stage says that it is asking, and there is nobody to ask")
	}
}

// What was under the pointer goes with the tool.
func TestAnotherToolTakesThePointersMasksAway(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(hover(9, 9)), wire.AskPrompt), nil)
	if !st.s.Prompting.Hover {
		t.Fatal("nothing is under the pointer")
	}
	ask := st.one(st.do(ChooseTool{"box"}), wire.AskPrompt)
	st.answer(ask, nil)
	if len(ask.Message.Head.Ask.Prompt.Points) > 0 || st.s.Prompting.Hover {
		t.Error("the masks under the pointer stay")
	}
}

// Answers of a run before, of another rule, or of a racer as it was before it was finished are not shown as those of now.
func TestOldAnswersAreAskedAgain(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.answer(st.one(st.do(click(20, 20)), wire.AskPrompt), nil)
	st.answer(st.one(st.do(ChooseRule{wire.RuleExport}), wire.AskPrompt), nil)
	back := st.one(st.do(UndoPrompt{}), wire.AskPrompt)
	if back.Message.Head.Ask.Rule != wire.RuleExport {
		t.Error("by another rule")
	}
	st.answer(back, nil)

	st = training(t)
	every := st.one(st.do(RunEvery{}), wire.AskEvery)
	st.answer(every, func(a *wire.Answer) { a.Arm, a.Step = st.s.Arm, 1 })
	st.do(ToggleMask{1})
	st.finishTrial(0)
	if ask := st.one(st.do(ChooseMode{ModePrompt}), wire.AskPrompt); !ask.Message.Head.Ask.Weights {
		t.Error("the finished racer is not asked")
	}
	st.do(ChooseMode{ModeEvery})
	st.answer(st.one(st.do(ImportMasks{[]byte("{}")}), wire.AskImport), nil)
	if len(st.s.Prompting.Off) > 0 {
		t.Error("a mask of a file is switched off because another one was")
	}
	if st.s.Prompting.Mode != ModeEvery {
		t.Fatal("everything is not on the stage")
	}
	st.finishAll()
	st.event(0, wire.Event{Kind: wire.KindReport, Report: &wire.Report{Engine: "7", Link: "toy"}})
	st.do(Play{})
	if p := st.s.Prompting; p.Found != nil || p.answer != nil || p.Mode != ModePrompt || st.s.Frame.Frame.Answer.Kind == wire.AskEvery {
		t.Error("what the run before has found stays when it is run again")
	}
}

// A picture that the shipped model cannot bring is not asked for again and again.
func TestARefusedPictureIsAskedForOnce(t *testing.T) {
	st := halted(t)
	ask := st.one(st.do(NewScene{By: 1}), wire.AskPrompt)
	out := st.event(ask.Worker, wire.Event{Kind: wire.KindError, Run: ask.Message.Head.Run, Error: "the weights have another hash"})
	if n := len(asked(out, wire.AskPrompt)); n > 0 || st.s.Faults["prompt"] == "" {
		t.Errorf("%d asks, and the page says %q", n, st.s.Faults["prompt"])
	}
}

// A picture that a racer was asked for when it was stopped comes from the shipped model.
func TestAStoppedRacersPictureComes(t *testing.T) {
	st := training(t)
	live := st.one(st.do(NewScene{By: 1}), wire.AskPrompt)
	before := len(st.effects)
	st.do(Cancel{})
	st.event(0, wire.Event{Kind: wire.KindCancelled})
	st.answer(live, nil)
	for _, e := range st.effects[before:] {
		if w, ok := e.(Wake); ok {
			st.do(w.Event)
		}
	}
	if ask := st.one(st.effects[before:], wire.AskPrompt).Message.Head.Ask; ask.Model != wire.ModelShipped || ask.Picture.Key != "test/1" {
		t.Errorf("asked: %+v", ask)
	}
}

// Another rule, or a switch to and fro, changes nothing of what is fed back.
func TestSwitchesLeaveWhatIsFedBack(t *testing.T) {
	for _, events := range [][]Event{{ChooseRule{wire.RuleExport}}, {Switch{"feed"}, Switch{"feed"}}, {ChooseModel{wire.ModelLive}, ChooseModel{wire.ModelShipped}}} {
		st := pointing(t, 1)
		st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
		st.do(ChooseMask{2})
		ask := st.one(st.do(click(20, 20)), wire.AskPrompt)
		want := ask.Message.Head.Ask.Prompt
		st.answer(ask, nil)
		for _, e := range events {
			for _, a := range asked(st.do(e), wire.AskPrompt) {
				ask = a
				st.answer(a, nil)
			}
		}
		if got := ask.Message.Head.Ask.Prompt; want.Fed != 3 || got.From != want.From || got.Fed != want.Fed {
			t.Errorf("%T: fed back is mask %d of %d, before %d of %d", events[0], got.Fed, got.From, want.Fed, want.From)
		}
	}
}

// Answers that were under way when the rule, the run or the mode changed are not taken for those of now.
func TestAnswersUnderWayAreOfBefore(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	rule := st.one(st.do(ChooseRule{wire.RuleExport}), wire.AskPrompt)
	st.do(click(20, 20))
	st.answer(st.one(st.answer(rule, nil), wire.AskPrompt), nil)
	st.one(st.do(UndoPrompt{}), wire.AskPrompt)

	st = pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.do(Play{})
	st.finishAll()
	for range 3 { // until nothing is under way
		for _, ask := range asked(st.effects, wire.AskPrompt) {
			st.answer(ask, nil)
		}
	}
	st.event(0, wire.Event{Kind: wire.KindReport, Report: &wire.Report{Engine: "7", Link: "toy"}})
	late := st.one(st.do(click(30, 30)), wire.AskPrompt)
	st.do(Play{})
	st.answer(late, nil)
	if st.s.Prompting.answer != nil {
		t.Error("an answer of the run before is kept")
	}

	st = pointing(t, 1)
	st.answer(st.one(st.do(NewScene{}), wire.AskPrompt), nil)
	st.answer(st.one(st.do(hover(9, 9)), wire.AskPrompt), nil)
	st.answer(st.one(st.do(RunEvery{}), wire.AskEvery), nil)
	st.answer(st.one(st.do(ChooseTool{"box"}), wire.AskPrompt), nil)
	if st.s.Prompting.Hover {
		t.Error("masks under a pointer that is gone stay on the stage")
	}

	st = training(t)
	st.one(st.do(RunEvery{}), wire.AskEvery)
	st.finishTrial(0)
	st.one(st.do(CancelEvery{}), wire.AskPrompt)
}
