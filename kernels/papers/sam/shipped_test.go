// The weights are in the native program only.

//go:build !js

package sam

import (
	"math"
	"slices"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// shippedPrompter answers with the shipped model.
func shippedPrompter(t *testing.T) (*prompter, Entry) {
	t.Helper()
	e, err := Shown()
	if err != nil {
		t.Fatal(err)
	}
	p := newPrompter(lab.Env{Asset: assets.Read}).(*prompter)
	if p.shipped, err = OpenShipped(assets.Read); err != nil {
		t.Fatal(err)
	}
	return p, e
}

// The shipped file scores what its entry says, within half a point: the exam is taken again, whole.
func TestShippedScore(t *testing.T) {
	if testing.Short() {
		t.Skip("the exam takes half a minute")
	}
	p, e := shippedPrompter(t)
	if e.Bytes > 1_000_000 || e.Numbers != p.shipped.Count()+p.shipped.Width || e.Recipe.Name != Recipes[0].Name {
		t.Errorf("%d bytes, %d numbers, recipe %s", e.Bytes, e.Numbers, e.Recipe.Name)
	}
	s := Examine(p.shipped, data.Test, e.HeldOut.Scenes, Clicks)
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 0.005 {
			t.Errorf("%s is %.4f, recorded are %.4f", what, got, want)
		}
	}
	near("the best of three for one click", s.BestOf, e.HeldOut.BestOf)
	near("the mask after five clicks", s.ByClicks[4], e.HeldOut.ByClicks[4])
	near("the rank correlation", s.Spearman, e.HeldOut.Spearman)
	if len(s.Areas) != p.shipped.Masks || len(e.HeldOut.Areas) != len(s.Areas) || slices.Min(s.Areas) <= 0 {
		t.Fatalf("%d masks have areas of %v, recorded are %v", p.shipped.Masks, s.Areas, e.HeldOut.Areas)
	}
	for h, a := range e.HeldOut.Areas {
		near("the area of a mask", s.Areas[h], a)
	}
	for _, bar := range []struct {
		what        string
		is, atLeast float64
	}{
		{"the best of three for one click", s.BestOf, 0.7},
		{"the mask after five clicks", s.ByClicks[4], 0.85},
		{"the rank correlation", s.Spearman, 0.6},
		{"the share of ambiguous clicks with different things", s.Apart, 0.6},
		{"the share of ambiguous clicks with different masks", s.Distinct, 0.6}, // three copies of one mask have none
		{"how much larger one mask usually is than another", slices.Max(s.Areas) / slices.Min(s.Areas), 1.5},
	} {
		if bar.is < bar.atLeast {
			t.Errorf("%s: %.4f, at least %v was to be reached", bar.what, bar.is, bar.atLeast)
		}
	}
	if s.Asked != e.HeldOut.Asked || s.Asked < 1000 {
		t.Errorf("%d things were asked for, recorded are %d", s.Asked, e.HeldOut.Asked)
	}
}

// The estimates belong to their masks: handed on to the next mask of the same click they rank far worse.
func TestEstimatesBelongToTheirMasks(t *testing.T) {
	p, _ := shippedPrompter(t)
	on := tape.New()
	on.Infer = true
	e := newExam(p.shipped, data.Test, 1, true, on)
	for i := range fakeScenes {
		e.look(i)
	}
	right, k := e.Spearman(), p.shipped.Masks
	handed := make([]float64, len(e.Predicted))
	for i := range handed {
		handed[i] = e.Predicted[i/k*k+(i+1)%k]
	}
	if swapped := masks.Spearman(handed, e.True); swapped > right-0.1 {
		t.Errorf("a rank correlation of %.3f with the right estimates, of %.3f with those of other masks", right, swapped)
	}
}

// A box is not given back as its own mask: the answer fits the thing much better than the box does, and hardly leaves the box.
func TestBoxesAreNotAnswers(t *testing.T) {
	p, _ := shippedPrompter(t)
	m := p.shipped
	var s scenes.Scene
	n, better, outside, area := 0, 0.0, 0, 0
	for i := range 40 {
		s.Draw(scenes.Shapes, data.Test, i, m.Image, nil)
		for k, node := range s.Nodes {
			whole := make([]float32, m.Pixels())
			s.Mask(whole, k)
			truth := masks.Above(whole, m.Image, 0.5)
			b := masks.Box(node.Box)
			filled := masks.New(m.Image)
			for y := b.Y0; y < b.Y1; y++ {
				for x := b.X0; x < b.X1; x++ {
					filled.Set(x, y)
				}
			}
			of := masks.IoU(filled, truth)
			if node.Level != scenes.Whole || node.Area < 200 || of > 0.7 { // what fills its box says nothing
				continue
			}
			a, out := p.ask(t, wire.Source{Key: wire.SceneKey("test", i, nil), Split: "test", Index: i},
				wire.Prompt{Box: &wire.PromptBox{X0: float64(b.X0), Y0: float64(b.Y0), X1: float64(b.X1), Y1: float64(b.Y1)}})
			mask := masks.Above(out[a.Chosen*m.Pixels():][:m.Pixels()], m.Image, 0)
			both, _ := masks.Overlap(mask, filled)
			n++
			better += masks.IoU(mask, truth) - of
			outside += mask.Area() - both
			area += mask.Area()
		}
	}
	if n < 20 {
		t.Fatalf("only %d things do not fill their box", n)
	}
	if gain, share := better/float64(n), float64(outside)/float64(area); gain < 0.15 || share > 0.05 {
		t.Errorf("the mask for a box fits the thing by %.3f better than the box, want 0.15; %.1f %% of it lies outside, at most 5 %% may", gain, 100*share)
	}
}

// A click on what is not meant takes it out of the mask.
func TestNegativeClicksCount(t *testing.T) {
	p, _ := shippedPrompter(t)
	m := p.shipped
	var s scenes.Scene
	n, obeyed := 0, 0
	for i := range 40 {
		s.Draw(scenes.Shapes, data.Test, i, m.Image, nil)
		for _, node := range s.Nodes {
			if node.Level != scenes.Part || node.Area < 40 {
				continue
			}
			whole := s.Nodes[node.Parent]
			if whole.Centre == node.Centre || whole.Area < 2*node.Area {
				continue
			}
			from := wire.Source{Key: wire.SceneKey("test", i, nil), Split: "test", Index: i}
			yes := wire.PromptPoint{X: float64(whole.Centre.X) + 0.5, Y: float64(whole.Centre.Y) + 0.5, Label: 1}
			no := wire.PromptPoint{X: float64(node.Centre.X) + 0.5, Y: float64(node.Centre.Y) + 0.5, Label: 0}
			at := node.Centre.Y*m.Image + node.Centre.X
			before, out := p.ask(t, from, wire.Prompt{Points: []wire.PromptPoint{yes, {X: no.X, Y: no.Y, Label: 1}}})
			if out[before.Chosen*m.Pixels()+at] <= 0 {
				continue // it was not in the mask
			}
			after, out := p.ask(t, from, wire.Prompt{Points: []wire.PromptPoint{yes, no}})
			n++
			if out[after.Chosen*m.Pixels()+at] <= 0 {
				obeyed++
			}
		}
	}
	t.Logf("%d of %d", obeyed, n)
	if n < 20 || float64(obeyed) < 0.9*float64(n) {
		t.Errorf("%d of %d clicks on what is not meant took it out of the mask, want nine of ten", obeyed, n)
	}
}

// ask is one answer of the shipped model, with the logits of its masks.
func (p *prompter) ask(t *testing.T, from wire.Source, q wire.Prompt) (*wire.Answer, []float32) {
	t.Helper()
	work, err := p.Begin(wire.Ask{Kind: wire.AskPrompt, Model: wire.ModelShipped, Picture: from, Prompt: q, Rule: wire.RulePaper}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := work()
	if err != nil {
		t.Fatal(err)
	}
	return r.Answer, r.Buffers[1]
}
