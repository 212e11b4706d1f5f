package state

import (
	"slices"
	"testing"

	"petri/kernels/lab/wire"
)

// masks is a lab whose models are asked for masks; nothing of it is of a real paper.
func masks() wire.Catalog {
	c := toy()
	c.Labs[0].Prompts = &wire.Prompts{Title: "Answers", Split: "test", Scenes: 5, Side: 64, Live: 32, Every: wire.EveryoneKnobs()}
	return c
}

func pointing(t *testing.T, workers int) *stand {
	t.Helper()
	st := &stand{T: t, s: New(masks(), nil, workers)}
	st.do(Open{Path: "/toy"})
	return st
}

// asked are the asks of a kind in some effects.
func asked(effects []Effect, kind wire.AskKind) (list []Send) {
	for _, e := range sent(effects, wire.OpAsk) {
		if e.Message.Head.Ask.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// one is the only ask of a kind in some effects.
func (st *stand) one(effects []Effect, kind wire.AskKind) Send {
	st.Helper()
	list := asked(effects, kind)
	if len(list) != 1 {
		st.Fatalf("%d asks (%s), want 1", len(list), kind)
	}
	return list[0]
}

// answer plays the worker that was asked.
func (st *stand) answer(to Send, change func(*wire.Answer)) []Effect {
	h := to.Message.Head
	side := 64
	if h.Ask.Model == wire.ModelLive {
		side = 32
	}
	a := wire.Answer{Kind: h.Ask.Kind, Serial: h.Ask.Serial, Model: h.Ask.Model, Key: h.Ask.Picture.Key, Side: side, Prompt: h.Ask.Prompt, Objects: 3}
	if len(h.Ask.Prompt.Points) > 0 {
		a.Masks = []wire.AnswerMask{{Head: 1, Predicted: 0.5}, {Head: 2, Predicted: 0.9}, {Head: 3, Predicted: 0.7}}
		a.Chosen = 1
	}
	if change != nil {
		change(&a)
	}
	return st.do(FromWorker{Worker: to.Worker, Message: wire.Message[wire.Event]{
		Head: wire.Event{Kind: wire.KindAnswer, Run: h.Run, Answer: &a}, Buffers: [][]float32{make([]float32, 3*side*side)}}})
}

func hover(x, y float64) HoverAt {
	return HoverAt{Side: 64, Point: &wire.PromptPoint{X: x, Y: y, Label: 1}}
}
func click(x, y float64) PlacePrompt {
	return PlacePrompt{Side: 64, Point: &wire.PromptPoint{X: x, Y: y, Label: 1}}
}

func TestOfManyHoversOnlyTheNewestWaits(t *testing.T) {
	st := pointing(t, 2)
	first := st.one(st.do(hover(1, 1)), wire.AskPrompt)
	for i := range 20 {
		if out := st.do(hover(float64(i), 9)); len(sent(out, wire.OpAsk)) > 0 {
			t.Fatal("a second ask is sent while the first is under way")
		}
	}
	next := st.one(st.answer(first, nil), wire.AskPrompt)
	if at := next.Message.Head.Ask.Prompt.Points; len(at) != 1 || at[0].X != 19 {
		t.Errorf("then it asks about %v, not the newest", at)
	}
	if next.Worker != first.Worker {
		t.Error("the worker that has encoded the picture is not asked again")
	}
	if out := st.answer(next, nil); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("it asks though nothing has changed")
	}
}

func TestAStaleAnswerIsDropped(t *testing.T) {
	st := pointing(t, 1)
	old := st.one(st.do(click(1, 1)), wire.AskPrompt)
	st.do(NewScene{By: 1})
	next := st.one(st.answer(old, nil), wire.AskPrompt)
	if st.s.Prompting.Shown != nil {
		t.Error("an answer about the scene before is shown")
	}
	if key := next.Message.Head.Ask.Picture.Key; key != "test/1" {
		t.Errorf("the next ask is about %s", key)
	}
	st.answer(next, nil)
	if f := st.s.Frame; f == nil || f.Frame.Answer.Key != "test/1" || f.Frame.Height != 64 {
		t.Fatal("the new scene is not on the stage")
	}
	st.answer(next, func(a *wire.Answer) { a.Chosen = 2; a.Masks = make([]wire.AnswerMask, 3) })
	if len(st.s.Frame.Frame.Answer.Masks) != 0 {
		t.Error("a second answer to one ask is shown")
	}
}

func TestPointsAddUpUndoAndClear(t *testing.T) {
	st := pointing(t, 1)
	one := st.one(st.do(click(10, 10)), wire.AskPrompt)
	st.answer(one, nil)
	two := st.one(st.do(PlacePrompt{Side: 64, Point: &wire.PromptPoint{X: 20, Y: 20}}), wire.AskPrompt)
	q := two.Message.Head.Ask.Prompt
	if len(q.Points) != 2 || q.Points[1].Label != 0 || q.From != one.Message.Head.Ask.Serial || !q.Feed {
		t.Fatalf("the second prompt is %+v", q)
	}
	st.answer(two, nil)
	if out := st.do(hover(5, 5)); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("the pointer is asked about though something is placed")
	}
	if out := st.do(UndoPrompt{}); len(sent(out, wire.OpAsk)) > 0 || st.s.Frame.Frame.Answer.Serial != one.Message.Head.Ask.Serial {
		t.Error("undo does not show the answer that is known")
	}
	st.one(st.do(ClearPrompt{}), wire.AskPrompt)
	if !st.s.Prompting.Empty() {
		t.Error("clear leaves something")
	}
	for range 3 * keptPlaced {
		st.do(PlacePrompt{Side: 64, Point: &wire.PromptPoint{X: 1, Y: 1}})
	}
	if n := len(st.s.Prompting.history); n != keptPlaced {
		t.Errorf("%d prompts are kept", n)
	}
	for st.s.Prompting.CanUndo() {
		st.do(UndoPrompt{})
	}
	st.do(NewScene{By: 1})
	st.do(click(10, 10))
	st.do(ClearPrompt{})
	st.do(UndoPrompt{})
	if len(st.s.Prompting.Points) != 1 {
		t.Error("a clear cannot be taken back")
	}
	st.do(UndoPrompt{})
	if st.do(UndoPrompt{}); !st.s.Prompting.Empty() || st.s.Prompting.CanUndo() {
		t.Error("there is more to take back than was done")
	}
}

// A point that says "not this" says nothing by itself: the pointer with that tool asks nothing.
func TestThePointerThatTakesAwayAsksNothing(t *testing.T) {
	st := pointing(t, 1)
	st.do(ChooseTool{"not"})
	if out := st.do(hover(5, 5)); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("it asks")
	}
	st.do(ChooseTool{"point"})
	st.one(st.do(hover(5, 5)), wire.AskPrompt)
}

func TestLeavingShowsWhatIsPlaced(t *testing.T) {
	st := pointing(t, 1)
	empty := st.one(st.do(NewScene{By: 1}), wire.AskPrompt)
	st.answer(empty, nil)
	over := st.one(st.do(hover(3, 3)), wire.AskPrompt)
	st.answer(over, nil)
	if !st.s.Prompting.Hover || len(st.s.Frame.Frame.Answer.Masks) != 3 {
		t.Fatal("the mask under the pointer is not shown")
	}
	if out := st.do(HoverAt{Side: 64}); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("leaving asks though the answer is known")
	}
	if st.s.Prompting.Hover || len(st.s.Frame.Frame.Answer.Masks) != 0 {
		t.Error("the mask stays when the pointer has left")
	}
}

func TestPlayAsksTheLiveModelUnlessOneWasChosen(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.do(Play{})
	if st.s.Prompting.Model != wire.ModelLive {
		t.Fatal("the visitor's own model is not asked")
	}
	if n := len(sent(st.effects, wire.OpAsk)); n != 1 {
		t.Fatalf("a racer is asked before it has made a step (%d asks)", n)
	}
	before := len(st.effects)
	st.progress(0, 1, 0.5)
	live := st.one(st.effects[before:], wire.AskPrompt)
	h := live.Message.Head
	if h.Ask.Model != wire.ModelLive || h.Link != st.s.Spec.Canonical(st.s.Lab) || h.Trial != st.trialOf(0).ID {
		t.Errorf("asked: %+v of %v in %s", h.Ask, h.Trial, h.Link)
	}
	if at := h.Ask.Prompt.Points[0]; at.X != 5 || at.Y != 10 {
		t.Errorf("the point is at %v on a picture of half the side", at)
	}
	st.answer(live, nil)
	frame := wire.Event{Kind: wire.KindFrame, Trial: st.trialOf(0).ID, Frame: &wire.Frame{}}
	if out := st.event(0, frame); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("it asks more than five times a second")
	}
	st.now += 250
	st.answer(st.one(st.event(0, frame), wire.AskPrompt), nil)
	st.do(ChooseModel{Model: wire.ModelShipped})
	st.do(Reset{})
	st.do(ChooseModel{Model: wire.ModelShipped})
	st.do(Play{})
	if st.s.Prompting.Model != wire.ModelShipped {
		t.Error("play overrides the visitor's choice")
	}
}

func TestAFinishedRacerIsAskedWithItsWeights(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(NewScene{}), wire.AskPrompt), nil)
	st.do(Play{})
	id := st.trialOf(0).ID
	st.answer(st.one(st.finishTrial(0), wire.AskPrompt), nil)
	out := st.do(PlacePrompt{Side: 64, Brush: []int{0, 65}})
	ask := st.one(out, wire.AskPrompt).Message
	if ask.Head.Trial != id || len(ask.Buffers) != 2 {
		t.Fatalf("%v is asked with %d buffers, want the brush and the weights", ask.Head.Trial, len(ask.Buffers))
	}
	if b := ask.Buffers[0]; len(b) != 32*32 || b[0] != 1 || b[1] != 0 {
		t.Errorf("the brushed mask has %d pixels", len(b))
	}
	if w := ask.Buffers[1]; w[0] != float32(id.Arm) || w[1] != 0 {
		t.Errorf("the last buffer is %v", w)
	}
}

func TestALostWorkerIsAskedAgainTwice(t *testing.T) {
	st := pointing(t, 2)
	ask := st.one(st.do(click(1, 1)), wire.AskPrompt)
	for n := range 3 {
		out := st.do(Lost{Worker: ask.Worker, Reason: "it is gone"})
		if n == 2 {
			break
		}
		var again Event
		for _, e := range out {
			if w, ok := e.(Wake); ok {
				again = w.Event
			}
		}
		if again == nil {
			t.Fatalf("nobody is asked after loss %d", n+1)
		}
		ask = st.one(st.do(again), wire.AskPrompt)
	}
	if st.s.Faults["prompt"] == "" || st.s.Awaiting() {
		t.Error("after the third loss the page does not say so")
	}
}

func TestOwnPicturesAndDraggedObjects(t *testing.T) {
	st := pointing(t, 1)
	st.do(OwnPicture{Name: "small.png", Pixels: make([]float32, 3)})
	if st.s.Faults["prompt"] == "" || st.s.Prompting.Source.Own {
		t.Fatal("a picture of the wrong size is taken")
	}
	pixels := make([]float32, 3*64*64)
	pixels[0] = 1
	own := st.one(st.do(OwnPicture{Name: "cat.png", Pixels: pixels}), wire.AskPrompt).Message
	if !own.Head.Ask.Picture.Own || len(own.Buffers) != 1 || own.Buffers[0][0] != 1 {
		t.Fatalf("asked: %+v", own.Head.Ask.Picture)
	}
	st.answer(Send{Message: own}, nil)
	st.s.Prompting.Model = wire.ModelLive
	if got := st.s.ownPixels(); len(got) != 1 || len(got[0]) != 3*64*64 || got[0][0] != 1 {
		t.Error("the live model, which makes it smaller by itself, does not get the picture as it is")
	}
	st.s.Prompting.Model = wire.ModelShipped
	if out := st.do(MoveObject{Side: 64, DX: 4}); len(sent(out, wire.OpAsk)) > 0 || len(st.s.Prompting.Source.Moves) > 0 {
		t.Error("objects of a photograph are dragged")
	}
	st.do(NewScene{})
	st.do(MoveObject{Side: 32, Object: 1, DX: 2, DY: -1})
	st.do(MoveObject{Side: 64, Object: 1, DX: 1})
	if s := st.s.Prompting.Source; s.Key != "test/0+1:5:-2" || s.Own || !slices.Equal(s.Moves, []wire.SceneMove{{Object: 1, DX: 5, DY: -2}}) {
		t.Errorf("the scene is %+v", s)
	}
	st.do(PutBack{})
	if st.s.Prompting.Source.Key != "test/0" {
		t.Error("what was dragged is not put back")
	}
	for i, key := range []string{"test/0+1:5:-2", "test/0+1:4:-2", "test/0"} { // undo puts the objects where they were
		st.do(UndoPrompt{})
		if got := st.s.Prompting.Source.Key; got != key {
			t.Errorf("after undo %d the scene is %s, want %s", i, got, key)
		}
	}
	st.do(MoveObject{Side: 64, Object: 1, DX: 3})
	st.do(PlacePrompt{Side: 64, Point: &wire.PromptPoint{X: 9, Y: 9, Label: 1}})
	st.do(UndoPrompt{})
	if p := st.s.Prompting; p.Source.Key != "test/0+1:3:0" || len(p.Points) > 0 && !p.Given {
		t.Errorf("undoing a point leaves %s and %d points", p.Source.Key, len(p.Points))
	}
	st.do(UndoPrompt{})
	if p := st.s.Prompting; p.Source.Key != "test/0" || p.CanUndo() {
		t.Errorf("undoing everything leaves %s", p.Source.Key)
	}
	for _, e := range st.effects {
		if a, ok := e.(Address); ok {
			t.Errorf("a prompt or a picture enters the link %s", a.Link)
		}
	}
}

// TestASearchThatFindsNothingLeavesTheStage: whatever ends a search before its first answer, the visitor can point again.
func TestASearchThatFindsNothingLeavesTheStage(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	free := func(how string) {
		t.Helper()
		if p := st.s.Prompting; p.Mode != ModePrompt || p.Running() || st.s.Frame != p.Shown {
			t.Errorf("%s: the stage stays in mode %q", how, p.Mode)
		}
	}
	st.do(ChooseMode{Mode: ModeEvery})
	free("the key for everything, with nothing found")
	st.do(RunEvery{})
	st.do(CancelEvery{})
	free("stop")
	run := st.one(st.do(RunEvery{}), wire.AskEvery)
	st.event(run.Worker, wire.Event{Kind: wire.KindError, Run: run.Message.Head.Run, Error: "the weights have another hash"})
	free("a model that cannot be read")
	if st.s.Faults["every"] == "" {
		t.Error("nothing says why")
	}
	st.do(ChooseModel{Model: wire.ModelLive})
	st.do(RunEvery{})
	free("a model that was never trained")
}

// TestForgettingReachesEveryWorker: whoever may still have the picture is told, and the scene comes back.
func TestForgettingReachesEveryWorker(t *testing.T) {
	st := pointing(t, 2)
	st.do(OwnPicture{Name: "cat.png", Pixels: make([]float32, 3*64*64)})
	out := st.do(ForgetOwn{Shown: true})
	told := map[int]bool{}
	for _, e := range sent(out, wire.OpAsk) {
		if e.Message.Head.Ask.Kind == wire.AskForget {
			told[e.Worker] = true
		}
	}
	if p := st.s.Prompting; len(told) != 2 || p.Own != nil || p.Source.Own {
		t.Errorf("%d workers are told to forget, the picture is %+v", len(told), p.Source)
	}
	ask := st.one(out, wire.AskPrompt)
	if ask.Message.Head.Ask.Picture.Own || len(ask.Message.Buffers) > 0 {
		t.Error("it is asked about again")
	}
}

// TestStoppingARunDropsWhatItsRacerWasAsked: the racer is gone before it answers, and that is no fault.
func TestStoppingARunDropsWhatItsRacerWasAsked(t *testing.T) {
	st := pointing(t, 1)
	st.answer(st.one(st.do(click(10, 20)), wire.AskPrompt), nil)
	st.do(Play{})
	before := len(st.effects)
	st.progress(0, 1, 0.5)
	live := st.one(st.effects[before:], wire.AskPrompt)
	st.do(Cancel{})
	st.event(live.Worker, wire.Event{Kind: wire.KindError, Run: live.Message.Head.Run, Error: "the trained weights of this racer are no longer here"})
	if f := st.s.Faults["prompt"]; f != "" {
		t.Errorf("the page says %q", f)
	}
}

func TestEverythingIsFilteredAgain(t *testing.T) {
	st := pointing(t, 2)
	run := st.one(st.do(RunEvery{}), wire.AskEvery)
	if run.Message.Head.Ask.Every.Side != 16 || st.s.Prompting.Mode != ModeEvery {
		t.Fatalf("asked: %+v", run.Message.Head.Ask.Every)
	}
	found := func(more bool) func(*wire.Answer) {
		return func(a *wire.Answer) {
			a.More, a.Dots, a.Found = more, make([]wire.Dot, 256), make([]wire.FoundMask, 4)
		}
	}
	st.answer(run, found(true))
	if !st.s.Prompting.Running() || st.s.Frame != st.s.Prompting.Found {
		t.Fatal("what has been found so far is not shown")
	}
	st.answer(run, found(false))
	if st.s.Prompting.Running() {
		t.Fatal("it does not end")
	}
	longer := st.one(st.do(RunEvery{}), wire.AskEvery)
	stop := st.one(st.do(CancelEvery{}), wire.AskStop)
	if stop.Worker != longer.Worker || st.s.Prompting.Running() {
		t.Errorf("worker %d is told to stop what worker %d does", stop.Worker, longer.Worker)
	}
	if out := st.do(CancelEvery{}); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("what does not run is stopped")
	}
	if p := st.s.Prompting; p.Found == nil || p.Mode != ModeEvery || st.s.Frame != p.Found {
		t.Error("a search that was stopped before it found anything takes the masks of the one before with it")
	}
	run = st.one(st.do(RunEvery{}), wire.AskEvery)
	st.answer(run, found(false))
	st.do(ToggleMask{Index: 2})
	var wakes []Wake
	for _, v := range []float64{0.7, 0.6, 2} {
		for _, e := range st.do(SetEvery{Name: "predicted", Value: v}) {
			wakes = append(wakes, e.(Wake))
		}
	}
	if out := st.do(wakes[0].Event); len(out) > 0 {
		t.Error("it asks while a knob is being dragged")
	}
	again := st.one(st.do(wakes[2].Event), wire.AskEvery)
	if a := again.Message.Head.Ask; a.Every.Predicted != 1 || !a.Sort || again.Worker != run.Worker {
		t.Errorf("worker %d is asked for %+v", again.Worker, a)
	}
	if len(st.s.Prompting.Off) > 0 {
		t.Error("other masks are switched off by the numbers of those before")
	}
	st.answer(again, found(false))
	if out := st.do(SetEvery{Name: "side", Value: 8}); len(out) > 0 || !st.s.Prompting.Stale {
		t.Error("another grid is asked without the visitor saying so")
	}
	st.do(SetEvery{Name: "smallest", Value: 0.4})
	st.do(SetEvery{Name: "largest", Value: 0.2})
	if e := st.s.Prompting.Every; e.Smallest > e.Largest {
		t.Errorf("granularity goes from %v to %v", e.Smallest, e.Largest)
	}
	st.one(st.do(ExportMasks{}), wire.AskExport)
	st.do(Lost{Worker: run.Worker})
	if out := st.do(ExportMasks{}); len(sent(out, wire.OpAsk)) > 0 || st.s.Faults["every"] == "" {
		t.Error("a new worker is asked for masks that it does not have")
	}
}

func TestRefusalsAreSaidInPlace(t *testing.T) {
	st := pointing(t, 1)
	bad := st.one(st.do(ImportMasks{Data: []byte("{")}), wire.AskImport)
	if string(bad.Message.Bytes) != "{" {
		t.Error("the file does not travel")
	}
	st.do(FromWorker{Worker: 0, Message: wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Run: bad.Message.Head.Run, Error: "this is no list of masks"}}})
	if st.s.Faults["every"] != "This is no list of masks." || st.s.Prompting.Running() {
		t.Errorf("the page says %q", st.s.Faults["every"])
	}
}

func TestTheRecordedAnswerIsTheFirst(t *testing.T) {
	c := masks()
	a := wire.Answer{Kind: wire.AskPrompt, Key: "test/3", Side: 32, Masks: make([]wire.AnswerMask, 3), Prompt: wire.Prompt{Points: []wire.PromptPoint{{X: 4, Y: 5, Label: 1}}}}
	r := &wire.Report{Engine: "7", Lab: "toy", Link: "toy", Frame: &wire.RecordedFrame{Frame: wire.Frame{Height: 32, Width: 32, Answer: &a}}}
	st := &stand{T: t, s: New(c, map[string]*wire.Report{"toy": r}, 1)}
	st.do(Open{Path: "/toy"})
	p := st.s.Prompting
	if p.Source.Index != 3 || p.Points[0].X != 8 || p.Points[0].Y != 10 || p.Shown == nil {
		t.Fatalf("it begins with %+v of %+v", p.Placed, p.Source)
	}
	ready := wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindReady, Engine: "7"}}
	st.now = 5
	first := st.one(st.do(FromWorker{Message: ready}), wire.AskPrompt)
	if at := first.Message.Head.Ask.Prompt.Points; len(at) != 1 || at[0].X != 8 || first.Message.Head.Ask.Picture.Key != "test/3" {
		t.Errorf("the first ask is %+v", first.Message.Head.Ask)
	}
	st.answer(first, nil)
	if out := st.do(FromWorker{Message: ready}); len(sent(out, wire.OpAsk)) > 0 {
		t.Error("a second worker is asked the same")
	}
	ask := st.one(st.do(click(1, 1)), wire.AskPrompt)
	if n := len(ask.Message.Head.Ask.Prompt.Points); n != 1 {
		t.Errorf("the visitor's first click is one of %d points", n)
	}
	if ask.Message.Head.Ask.Prompt.From != 0 {
		t.Error("a recorded mask is fed back")
	}
}

func TestScaledPixels(t *testing.T) {
	if got := stroke(stroke([]int{4, 7}, []int{2, 4, 9}, false), []int{4, 9}, true); !slices.Equal(got, []int{2, 7}) {
		t.Errorf("strokes leave %v", got)
	}
	if got := scalePixels([]int{3, 99}, 2, 4); !slices.Equal(got, []int{10, 11, 14, 15}) {
		t.Errorf("larger: %v", got)
	}
	if got := scalePixels([]int{1, 4, 14}, 4, 2); !slices.Equal(got, []int{0, 3}) {
		t.Errorf("smaller: %v", got)
	}
}
