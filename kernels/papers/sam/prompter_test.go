package sam

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/kernels/papers/sam/masks"
)

// testPrompter answers with a model of random weights.
func testPrompter(c Config) *prompter {
	p := newPrompter(lab.Env{}).(*prompter)
	p.shipped = New(stream(3, "a test"), c)
	return p
}

// sceneAsk is a prompt on a validation scene.
func sceneAsk(serial, scene int, q wire.Prompt) wire.Ask {
	return wire.Ask{Kind: wire.AskPrompt, Serial: serial, Model: wire.ModelShipped, Rule: wire.RulePaper, Prompt: q,
		Picture: wire.Source{Key: wire.SceneKey("validation", scene, nil), Split: data.Validation.String(), Index: scene}}
}

// answerTo is the first thing that is said to an ask.
func answerTo(p *prompter, ask wire.Ask, buffers ...[]float32) (lab.Reply, error) {
	work, err := p.Begin(ask, buffers, nil, nil)
	if err != nil {
		return lab.Reply{}, err
	}
	return work()
}

// The paper's rule and that of the authors' exported model, on prompts of all kinds. said are the estimates of three masks for one prompt,
// and behind them that of the mask for several.
func TestSelectionRules(t *testing.T) {
	said := []float32{.3, .8, .5, .1}
	for _, c := range []struct {
		name          string
		several       bool
		tokens        int
		paper, export int
	}{
		{"one click, and the padding", false, 2, 1, 1},
		{"a lone box", false, 2, 1, 1},
		{"two clicks, and the padding", true, 3, 3, 3},
		{"a click and a box", true, 3, 3, 3},
		{"a click on a rough mask", true, 2, 3, 1}, // here the rules differ: the exported model does not count the mask
	} {
		if got := choose(said, wire.RulePaper, c.several, c.tokens); got != c.paper {
			t.Errorf("%s: the paper's rule shows mask %d, want %d", c.name, got, c.paper)
		}
		if got := choose(said, wire.RuleExport, c.several, c.tokens); got != c.export {
			t.Errorf("%s: the exported model's rule shows mask %d, want %d", c.name, got, c.export)
		}
	}
	if got := choose([]float32{.5}, wire.RulePaper, true, 3); got != 0 {
		t.Errorf("of one mask number %d is shown", got)
	}
}

// Only the mask for several prompts has ever seen a rough mask in training, so it answers one: a brushed mask, and a last answer that is
// fed back.
func TestARoughMaskIsAPrompt(t *testing.T) {
	p := testPrompter(Live(3))
	side := p.shipped.Image
	painted := make([]float32, side*side)
	for y := 8; y < 16; y++ {
		for x := 8; x < 16; x++ {
			painted[y*side+x] = 1
		}
	}
	chosen := func(ask wire.Ask, buffers ...[]float32) int {
		t.Helper()
		r, err := answerTo(p, ask, buffers...)
		if err != nil {
			t.Fatal(err)
		}
		return r.Answer.Masks[r.Answer.Chosen].Head
	}
	point := []wire.PromptPoint{{X: 9.5, Y: 9.5, Label: 1}}
	if h := chosen(sceneAsk(1, 3, wire.Prompt{Points: point, Feed: true})); h == 0 {
		t.Error("one click is answered by the mask for several prompts")
	}
	if h := chosen(sceneAsk(2, 3, wire.Prompt{Brush: true}), painted); h != 0 {
		t.Errorf("a brushed mask is answered by head %d", h)
	}
	if h := chosen(sceneAsk(3, 3, wire.Prompt{Box: &wire.PromptBox{X0: 2, Y0: 2, X1: 9, Y1: 9}, Feed: true, From: 1})); h != 0 {
		t.Errorf("a box with the last answer is answered by head %d", h)
	}
	if h := chosen(sceneAsk(4, 3, wire.Prompt{Box: &wire.PromptBox{X0: 2, Y0: 2, X1: 9, Y1: 9}, From: 1})); h == 0 {
		t.Error("a lone box is answered by the mask for several prompts")
	}
}

// The looks are those of the last point, whatever else there is; of a box without points, those of its second corner.
func TestWhoseLooksAreShown(t *testing.T) {
	p := testPrompter(Live(3))
	first := 1 + p.shipped.MaskTokens() // token of the prompt
	box, points := &wire.PromptBox{X0: 2, Y0: 3, X1: 20, Y1: 24}, []wire.PromptPoint{{X: 9.5, Y: 9.5, Label: 1}, {X: 28.5, Y: 2.5}}
	for i, c := range []struct {
		name  string
		q     wire.Prompt
		token int
	}{
		{"one point", wire.Prompt{Points: points[:1]}, first},
		{"two points", wire.Prompt{Points: points}, first + 1},
		{"a lone box", wire.Prompt{Box: box}, first + 1},
		{"two points and a box", wire.Prompt{Points: points, Box: box}, first + 1},
	} {
		r, err := answerTo(p, sceneAsk(1+i, 3, c.q))
		if err != nil {
			t.Fatal(err)
		}
		if want := p.attention(p.shipped, c.token); len(want) == 0 || !slices.Equal(r.Buffers[3], want) {
			t.Errorf("%s: the looks are of another token than number %d", c.name, c.token)
		}
		for other := range first + 2 {
			if other != c.token && slices.Equal(r.Buffers[3], p.attention(p.shipped, other)) {
				t.Errorf("%s: token %d looks the same", c.name, other)
			}
		}
	}
}

// A picture of the visitor's comes at one size to every model.
func TestAPictureSuitsBothModels(t *testing.T) {
	own := make([]float32, 3*ownSide*ownSide)
	for i := range own {
		own[i] = float32(i/3%ownSide) / ownSide
	}
	for _, c := range []Config{Live(3), Shipped()} {
		ask := sceneAsk(1, 0, wire.Prompt{Points: []wire.PromptPoint{{X: 9.5, Y: 9.5, Label: 1}}})
		ask.Picture = wire.Source{Key: "own", Own: true}
		r, err := answerTo(testPrompter(c), ask, own)
		if err != nil {
			t.Fatalf("%d pixels: %v", c.Image, err)
		}
		picture := r.Buffers[0]
		if len(picture) != 3*c.Pixels() || !(picture[0] < picture[3] && picture[3*(c.Image-1)] > 0.9) || len(r.Answer.Masks) == 0 {
			t.Errorf("%d pixels: it came as %d numbers, with %d masks", c.Image, len(picture), len(r.Answer.Masks))
		}
	}
}

// An answer that is referred to is remembered, however often that is asked; others are forgotten.
func TestAnswersThatAreFedBackAreRemembered(t *testing.T) {
	p := testPrompter(Live(3))
	q := wire.Prompt{Points: []wire.PromptPoint{{X: 9.5, Y: 9.5, Label: 1}}, Feed: true}
	for serial := 1; serial <= 2*remembered; serial++ {
		if _, err := answerTo(p, sceneAsk(serial, 3, q)); err != nil {
			t.Fatal(err)
		}
		q.From = 1
	}
	if p.fed(p.shipped, wire.Prompt{From: 1}) == nil {
		t.Error("the answer that every prompt referred to is forgotten")
	}
	if p.fed(p.shipped, wire.Prompt{From: 2}) != nil || len(p.answers) != remembered {
		t.Errorf("%d answers are remembered", len(p.answers))
	}
	if p.fed(New(stream(4, "a test"), Live(3)), wire.Prompt{From: 1}) != nil {
		t.Error("an answer is fed to another model")
	}
}

// What cannot be answered is refused in a sentence: prompts that lie nowhere, buffers of other sizes or none at all, pictures of no
// colours, scenes that are not there.
func TestBadAsksAreRefused(t *testing.T) {
	p := testPrompter(Live(3))
	own := func(buffers ...[]float32) (wire.Ask, [][]float32) {
		a := sceneAsk(1, 0, wire.Prompt{Points: []wire.PromptPoint{{X: 1, Y: 1, Label: 1}}})
		a.Picture = wire.Source{Key: "own", Own: true}
		return a, buffers
	}
	at := func(q wire.Prompt, buffers ...[]float32) (wire.Ask, [][]float32) { return sceneAsk(1, 0, q), buffers }
	gone := sceneAsk(1, -1, wire.Prompt{})
	nowhere := sceneAsk(1, 0, wire.Prompt{})
	nowhere.Picture.Key, nowhere.Picture.Split = "elsewhere/0", "elsewhere" // a picture is known by its key
	kind := sceneAsk(1, 0, wire.Prompt{})
	kind.Kind = "guess"
	every := sceneAsk(1, 0, wire.Prompt{})
	every.Kind, every.Every.Side = wire.AskEvery, 1000
	file := sceneAsk(1, 0, wire.Prompt{})
	file.Kind = wire.AskImport
	export := sceneAsk(1, 0, wire.Prompt{})
	export.Kind = wire.AskExport
	grey := make([]float32, 3*ownSide*ownSide)
	grey[7] = 2
	type asking func() (wire.Ask, [][]float32)
	just := func(a wire.Ask) asking { return func() (wire.Ask, [][]float32) { return a, nil } }
	for says, ask := range map[string]asking{
		"brushed mask has 1024 pixels here, not 0": func() (wire.Ask, [][]float32) { return at(wire.Prompt{Brush: true}) },
		"brushed mask has 1024 pixels here, not 3": func() (wire.Ask, [][]float32) { return at(wire.Prompt{Brush: true}, make([]float32, 3)) },
		"lies outside": func() (wire.Ask, [][]float32) {
			return at(wire.Prompt{Points: []wire.PromptPoint{{X: 33, Y: 1, Label: 1}}})
		},
		"neither this nor not this": func() (wire.Ask, [][]float32) {
			return at(wire.Prompt{Points: []wire.PromptPoint{{X: 3, Y: 1, Label: 4}}})
		},
		"more than the 64": func() (wire.Ask, [][]float32) { return at(wire.Prompt{Points: make([]wire.PromptPoint, 65)}) },
		"is empty or leaves": func() (wire.Ask, [][]float32) {
			return at(wire.Prompt{Box: &wire.PromptBox{X0: 5, Y0: 1, X1: 5, Y1: 9}})
		},
		"64 × 64 pixels of three colours":  func() (wire.Ask, [][]float32) { return own() },
		"colours of a picture lie between": func() (wire.Ask, [][]float32) { return own(grey) },
		"no scene -1":                      just(gone),
		`of the split "elsewhere"`:         just(nowhere),
		"no prompt of the kind":            just(kind),
		"4 to 32 points":                   just(every),
		"the file of masks":                just(file),
		"there are no masks to export":     just(export),
	} {
		a, buffers := ask()
		if _, err := answerTo(p, a, buffers...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want something with %q", err, says)
		}
	}
	live := sceneAsk(1, 0, wire.Prompt{})
	live.Model = wire.ModelLive
	if _, err := answerTo(p, live); err == nil {
		t.Error("a racer that is not there answers")
	}
}

// A prompt on another picture, while everything mode is at work on one, changes nothing of what that finds.
func TestEverythingKeepsItsPicture(t *testing.T) {
	all := func(between bool) (r lab.Reply) {
		p := testPrompter(Live(3))
		ask := sceneAsk(1, 3, wire.Prompt{})
		ask.Kind, ask.Every = wire.AskEvery, wire.Everyone{Side: 6, Overlap: .9, Crops: 1, Offset: 1}
		work, err := p.Begin(ask, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for !r.Done {
			if between {
				if _, err := answerTo(p, sceneAsk(2, 4, wire.Prompt{Points: []wire.PromptPoint{{X: 9.5, Y: 9.5, Label: 1}}})); err != nil {
					t.Fatal(err)
				}
			}
			if r, err = work(); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	want, got := all(false), all(true)
	if len(want.Answer.Found) == 0 {
		t.Fatal("nothing is found, so nothing is compared")
	}
	if got.Answer.Caption != want.Answer.Caption || !slices.Equal(got.Answer.Found, want.Answer.Found) || !slices.Equal(got.Answer.Dots, want.Answer.Dots) {
		t.Error("a prompt on another picture changes what is found")
	}
	for i := range want.Buffers {
		if !slices.Equal(got.Buffers[i], want.Buffers[i]) {
			t.Errorf("a prompt on another picture changes buffer %d", i)
		}
	}
}

// A search that was stopped is sorted by other filters as far as it came, and goes on when it is asked for again.
func TestStoppedSearchIsSorted(t *testing.T) {
	p := testPrompter(Live(3))
	ask := sceneAsk(1, 3, wire.Prompt{})
	ask.Kind, ask.Every = wire.AskEvery, wire.Everyone{Side: 8, Overlap: .9, Offset: 1}
	begin := func() lab.Answering {
		t.Helper()
		work, err := p.Begin(ask, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return work
	}
	work := begin()
	for range 2 {
		if _, err := work(); err != nil {
			t.Fatal(err)
		}
	}
	ask.Sort, ask.Every.Largest = true, .5
	r, err := begin()()
	if err != nil || !r.Done || r.Answer.Asked != 2*atOnce || r.Answer.More {
		t.Fatalf("sorted: %d of %d points are asked, done %v, %v", r.Answer.Asked, len(r.Answer.Dots), r.Done, err)
	}
	ask.Sort = false
	work = begin()
	for !r.Done || r.Answer.Asked == 2*atOnce {
		if r, err = work(); err != nil {
			t.Fatal(err)
		}
		if r.Answer == nil {
			r.Answer = &wire.Answer{}
		}
	}
	if r.Answer.Asked != 64 {
		t.Errorf("asked for again it ends after %d points", r.Answer.Asked)
	}
}

// With every bar down an answer keeps the masks with the best estimates, as many as fit, and says so at the points of the others.
func TestAnswersAreThinned(t *testing.T) {
	dots := make([]wire.Dot, 600)
	var kept []masks.Kept
	for i := range dots {
		dots[i].Fate = frame.FateKept
		kept = append(kept, masks.Kept{FoundMask: wire.FoundMask{Dot: i, Predicted: float64(i%100) / 100}})
	}
	out := thinned(kept, dots)
	lost := 0
	for i, d := range dots {
		if d.Fate == frame.FateSuppressed {
			lost++
			if i%100 >= 34 {
				t.Fatalf("point %d lost its mask of %v", i, float64(i%100)/100)
			}
		}
	}
	if len(out) != mostFound || lost != len(dots)-mostFound {
		t.Errorf("%d masks stay, %d points lost theirs", len(out), lost)
	}
	if few := thinned(kept[:10], dots[:10]); len(few) != 10 {
		t.Errorf("of ten masks %d stay", len(few))
	}
}
