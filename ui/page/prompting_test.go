package page

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/ui/pixels"
	"petri/ui/stage"
	"petri/ui/state"
)

// asking is a made-up lab whose models are asked for masks, with a recorded answer: a square in a square on grey.
func asking() Data {
	d := methods()
	lab := &d.Catalog.Labs[0]
	lab.Prompts = &wire.Prompts{Title: "Three answers", Model: "Trained on 64 px", Split: "test", Scenes: 32, Side: 64, Live: 32, Every: wire.EveryoneKnobs(),
		Seen: "Both models have seen only generated scenes. What they say of a photograph is a guess from those."}
	a, buffers := squares()
	d.Recorded[lab.ID] = &wire.Report{Engine: "7", Lab: lab.ID, Link: lab.ID,
		Frame: &wire.RecordedFrame{Frame: wire.Frame{Arm: "wide:8", Height: a.Side, Width: a.Side, Answer: &a}, Buffers: buffers}}
	return d
}

// squares is an answer to a click on a square of 8 pixels in one of 24, with the buffers that such an answer has.
func squares() (wire.Answer, [][]float32) {
	const n = 64
	rgb, logits, truth := make([]float32, 3*n*n), make([]float32, 3*n*n), make([]float32, 2*n*n)
	for i := range n * n {
		x, y := i%n, i/n
		inner, outer := x >= 20 && x < 28 && y >= 16 && y < 24, x >= 12 && x < 36 && y >= 8 && y < 32
		rgb[3*i], rgb[3*i+1], rgb[3*i+2] = 0.7, 0.7, 0.7
		if outer {
			rgb[3*i+1], rgb[3*i+2] = 0.2, 0.2
		}
		if inner {
			rgb[3*i], rgb[3*i+2] = 0.2, 0.8
		}
		for k, in := range []bool{inner, outer, x < 40} {
			logits[k*n*n+i] = -4
			if in {
				logits[k*n*n+i] = 4
			}
		}
		for k, in := range []bool{inner, outer} {
			if in {
				truth[k*n*n+i] = 1
			}
		}
	}
	a := wire.Answer{Kind: wire.AskPrompt, Serial: 1, Model: wire.ModelShipped, Key: "test/3", Side: n, Caption: "a red robot", Objects: 2,
		Prompt: wire.Prompt{Points: []wire.PromptPoint{{X: 24, Y: 20, Label: 1}}},
		Masks: []wire.AnswerMask{{Head: 1, Predicted: 0.81, Stability: 0.9, True: 1, Node: 0, Area: 64}, {Head: 2, Predicted: 0.95, Stability: 0.97, True: 0.99, Node: 1, Area: 576},
			{Head: 3, Predicted: 0.4, Stability: 0.5, True: -1, Node: -1, Area: 2560}},
		Chosen: 1, Truths: []wire.TrueNode{{Name: "eye", Level: "part", Area: 64}, {Name: "robot", Level: "whole", Area: 576}},
		EncoderMs: 41.2, DecoderMs: 1.73}
	return a, [][]float32{rgb, logits, truth, nil, nil}
}

// grid is an answer of everything mode about the same picture.
func grid() (wire.Answer, [][]float32) {
	a, b := squares()
	n := a.Side * a.Side
	masks := make([]float32, 2*n)
	copy(masks, b[2][n:])
	copy(masks[n:], b[2][:n])
	a.Kind, a.Masks, a.Truths, a.Prompt = wire.AskEvery, nil, nil, wire.Prompt{}
	a.Found = []wire.FoundMask{{Dot: 3, Predicted: 0.95, Stability: 0.97, True: 0.99, Area: 576}, {Dot: 7, Predicted: 0.9, Stability: 0.96, True: -1, Area: 64}}
	fates := []frame.Fate{frame.FateKept, frame.FateSuppressed, frame.FateSuppressed, frame.FateLow, frame.FateLow, frame.FateLow, frame.FateUnstable, frame.FateKept, frame.FateSize}
	for i := range 256 {
		a.Dots = append(a.Dots, wire.Dot{X: float64(i%16)*4 + 2, Y: float64(i/16)*4 + 2, Fate: fates[i%9], Predicted: float64(i%64) / 64})
	}
	a.Asked = 256
	return a, [][]float32{b[0], masks}
}

func askingAt(t *testing.T) *Site {
	t.Helper()
	s := newSite(asking(), nil)
	s.open(&url.URL{Path: "/methods"})
	s.takeAll()
	return s
}

// answerTo plays the worker: it answers what an event asks.
func answerTo(s *Site, e state.Event, a wire.Answer, buffers [][]float32) {
	for _, effect := range s.S.Apply(0, e) {
		if send, ok := effect.(state.Send); ok && send.Message.Head.Ask != nil {
			a.Serial, a.Key = send.Message.Head.Ask.Serial, send.Message.Head.Ask.Picture.Key
			s.do(state.FromWorker{Worker: send.Worker, Message: wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindAnswer, Answer: &a}, Buffers: buffers}})
		}
	}
	s.takeAll()
}

func TestThePageSaysWhatTheModelAnswers(t *testing.T) {
	s := askingAt(t)
	page := words(&stagePanel{Site: s}) + " " + words(&replies{Site: s})
	for _, want := range []string{"scene 4 of 32: a red robot", "1 point", "encoder 41 ms , once", "decoder 1.7 ms per prompt", "Yours, not trained yet", "robot whole, 576 px by the rule",
		"eye part, 64 px", "answer 3", "no truth: nothing drawn is here", "predicted 0.95", "stability 0.97", "As in the paper", "only generated scenes", "Feed the last mask back",
		"3 answers to 1 point. In front: robot, whole. Predicted IoU 0.95, true 0.99, stability 0.97."} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q:\n%s", want, page)
		}
	}
	front := 0
	for _, b := range buttons.FindAllString(markup(&replies{Site: s}), -1) {
		if strings.Contains(b, `data-mask="`) && !strings.Contains(b, `aria-pressed="false"`) {
			front++
			if !strings.Contains(b, `id="answer-1"`) {
				t.Errorf("in front is %s", b)
			}
		}
	}
	if front != 1 {
		t.Errorf("%d masks are in front", front)
	}
	s.do(state.ChooseMask{Mask: 0})
	if q := s.prompting(); q.Mask != 0 || len(q.Prompt.Points) != 1 || q.Tool != stage.ToolPoint || !q.Live {
		t.Errorf("the stage is told %+v", q)
	}
	a, b := squares()
	for i := range a.Masks {
		a.Masks[i].True, a.Masks[i].Node = -1, -1
	}
	answerTo(s, state.OwnPicture{Name: "cat.png", Pixels: make([]float32, 3*64*64)}, a, b)
	for from, says := range map[string]string{"cat": "no truth: this is a photograph", "yours": "no truth: this picture is yours"} {
		s.own.from = from
		if page := words(&replies{Site: s}); !strings.Contains(page, says) || strings.Contains(page, " true 0") {
			t.Errorf("the page does not say %q", says)
		}
	}
}

func TestTheShelfShowsWhatIsCutOut(t *testing.T) {
	s := askingAt(t)
	if card := markup(s.cardPicture(s.S.Lab)); strings.Count(card, "<image") != 2 {
		t.Errorf("the card is %.200s", card)
	}
}

func TestGesturesBecomePrompts(t *testing.T) {
	s := askingAt(t)
	s.gesture(&stage.Gesture{Kind: stage.GesturePoint, X: 3, Y: 4, Label: 1})
	s.gesture(&stage.Gesture{Kind: stage.GesturePoint, X: 5, Y: 6})
	s.gesture(&stage.Gesture{Kind: stage.GestureBox, X: 20, Y: 30, X1: 10, Y1: 12})
	s.gesture(&stage.Gesture{Kind: stage.GestureBrush, Pixels: []int{1, 2, 3}, Label: 1})
	s.gesture(&stage.Gesture{Kind: stage.GestureBrush, Pixels: []int{2}})
	p := s.S.Prompting
	if !slices.Equal(p.Points, []wire.PromptPoint{{X: 3, Y: 4, Label: 1}, {X: 5, Y: 6}}) || *p.Box != (wire.PromptBox{X0: 10, Y0: 12, X1: 20, Y1: 30}) || !slices.Equal(p.Brush, []int{1, 3}) {
		t.Fatalf("placed: %+v, box %+v", p.Placed, p.Box)
	}
	if got := s.askedWords(); got != "2 points, 1 box, a brushed mask of 2 pixels" {
		t.Errorf("it says %q", got)
	}
	s.gesture(&stage.Gesture{Kind: stage.GestureMove, Object: 1, X: 3, Y: 4, X1: 8, Y1: 2})
	if got := p.Source.Key; got != "test/3+1:5:-2" {
		t.Errorf("the scene is %s", got)
	}
	for _, key := range []string{"u", "U", "C", "n"} {
		if !s.promptKey(key) {
			t.Errorf("%s is no key", key)
		}
	}
	if p.Source.Index != 4 || !p.Empty() {
		t.Error("keys do nothing")
	}
	for _, key := range []string{" ", "r", "s", ".", "?", "[", "Escape"} {
		if s.promptKey(key) {
			t.Errorf("%q belongs to the run", key)
		}
	}
}

func TestEverythingIsCounted(t *testing.T) {
	s := askingAt(t)
	a, b := grid()
	answerTo(s, state.RunEvery{}, a, b)
	page := words(&everything{Site: s})
	for _, want := range []string{"256 points", "Kept 57", "Suppressed 58", "Unstable 28", "Low score 85", "Wrong size 28", "cut 0.88", "2 are kept", "mask 1 576 px, predicted 0.95, stability 0.97, true 0.99",
		"mask 2 64 px, predicted 0.90", "Points along a side", "16", "Granularity from", "One mask a pixel", "Look again"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q:\n%s", want, page)
		}
	}
	if s.S.Frame.Frame.Answer.Kind != wire.AskEvery {
		t.Error("the stage does not show it")
	}
	label := labels(s.S.Prompting.Found, map[int]bool{1: true})
	if label[20*64+24] != 0 || label[0] != -1 {
		t.Error("a mask that is switched off is drawn")
	}
	if label := labels(s.S.Prompting.Found, nil); label[20*64+24] != 1 || label[10*64+14] != 0 {
		t.Error("small masks do not lie on large ones")
	}
	if s.S.Prompting.Every.Side != 16 {
		t.Fatal("the grid has other sides")
	}
	(&slider{Site: s, Knob: wire.EveryoneKnobs()[0], Every: true}).put("8", false)
	if s.S.Prompting.Every.Side != 8 || !strings.Contains(words(&everything{Site: s}), "Look again to ask it") {
		t.Error("the slider moves nothing")
	}
	if strings.Contains(s.S.Link(), "side") {
		t.Error("a knob of everything mode enters the link")
	}
}

func TestCutOutsHaveTheSizeOfThePicture(t *testing.T) {
	s := askingAt(t)
	m, i, ok := s.front()
	key := s.S.Prompting.Source.Key
	s.S.Prompting.Source.Key = "own/1"
	if _, _, ok := s.front(); ok {
		t.Error("a new picture is cut out with the mask of the one before")
	}
	s.S.Prompting.Source.Key = key
	if i != 1 || !ok {
		t.Fatalf("mask %d is in front, %v", i, ok)
	}
	img := cutOut(m, nil)
	if b := img.Bounds(); b.Dx() != 24 || b.Dy() != 24 || img.NRGBAAt(0, 0).A != 255 || img.NRGBAAt(0, 0).G != 51 {
		t.Errorf("the cut-out is %v, %v", b, img.NRGBAAt(0, 0))
	}
	if _, err := png.Decode(bytes.NewReader(pixels.PNG(img))); err != nil {
		t.Error(err)
	}
	full := bytes.Repeat([]byte{9, 8, 7, 255}, 256*256)
	large := cutOut(m, &state.OwnPicture{Full: full, FullSide: 256})
	if b := large.Bounds(); b.Dx() != 96 || large.NRGBAAt(48, 48).B != 7 {
		t.Errorf("of a picture of 256 pixels it is %v", b)
	}
	m.at = make([]float32, 64*64)
	if cutOut(m, nil) != nil {
		t.Error("an empty mask has a cut-out")
	}
}

func TestRunLengthsGoDownTheColumns(t *testing.T) {
	m := mask{side: 3, at: []float32{1, -1, -1, 1, 1, -1, -1, 1, -1}}
	if got := m.runs(); !slices.Equal(got, []int{0, 2, 2, 2, 3}) {
		t.Errorf("runs are %v", got)
	}
	if box, area := m.bounds(); box != [4]int{0, 0, 2, 3} || area != 4 {
		t.Errorf("bounds are %v of %d pixels", box, area)
	}
	text, err := json.Marshal(cocoMask{})
	if err != nil || !strings.Contains(string(text), `"segmentation":{"size":[0,0]`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestHundredths(t *testing.T) {
	for x, want := range map[float64]string{0.456: "0.46", -0.001: "0.00", -0.013: "−0.01", 1: "1.00"} {
		if got := hundredths(x); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
	}
}
