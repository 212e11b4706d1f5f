//go:build !js

package sam

import (
	"os"
	"path/filepath"
	"testing"

	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// fakeScenes are how many test scenes are searched for things that fakes cannot find.
const fakeScenes = 60

// shippedAnswers is a prompter with the shipped weights.
func shippedAnswers(t *testing.T) *prompter {
	t.Helper()
	return newPrompter(lab.Env{Asset: func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join("..", "..", "..", "assets", filepath.FromSlash(name)))
	}}).(*prompter)
}

// touches says whether a whole lies beside another one of its colour.
func touches(s *scenes.Scene, node int) bool {
	colour := map[int]string{}
	for _, n := range s.Nodes {
		if n.Level == scenes.Whole {
			colour[n.Object] = n.Colour
		}
	}
	mine := s.Nodes[node].Object
	for i := range s.Size * (s.Size - 1) {
		for _, j := range [2]int{i + s.Size, i + 1} { // a row's last pixel and the next one's first: once in a while, and harmless
			p, q := int(s.Instance[i])-1, int(s.Instance[j])-1
			if p != q && p >= 0 && q >= 0 && (p == mine || q == mine) && colour[p] == colour[q] {
				return true
			}
		}
	}
	return false
}

// flood is the IoU of a whole and the pixels that are reached from its centre over colours like that one's: no model at all.
func flood(s *scenes.Scene, node int, truth masks.Mask) float64 {
	start := s.Nodes[node].Centre.Y*s.Size + s.Nodes[node].Centre.X
	found := masks.New(s.Size)
	todo := []int{start}
	found.Set(start%s.Size, start/s.Size)
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, d := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			x, y := i%s.Size+d[0], i/s.Size+d[1]
			if x < 0 || y < 0 || x >= s.Size || y >= s.Size || found.At(x, y) {
				continue
			}
			like := true
			for c := range 3 {
				v := s.RGB[3*(y*s.Size+x)+c] - s.RGB[3*start+c]
				like = like && v*v <= .15*.15
			}
			if like {
				found.Set(x, y)
				todo = append(todo, y*s.Size+x)
			}
		}
	}
	return masks.IoU(found, truth)
}

// Wholes beside others of their colour, and wholes of two colours, are found, which filling like colours does not.
func TestShippedIsNoFloodFill(t *testing.T) {
	p := shippedAnswers(t)
	m, _, err := p.asked(wire.Ask{Model: wire.ModelShipped}, nil)
	if err != nil {
		t.Fatal(err)
	}
	on := tape.New()
	on.Infer = true
	for name, is := range map[string]func(s *scenes.Scene, node int) bool{
		"touching":       touches,
		"of two colours": func(s *scenes.Scene, node int) bool { return s.Nodes[node].Second != "" },
	} {
		e := newExam(m, data.Test, fiveClicks, true, on)
		filled := 0.0
		for i := range fakeScenes {
			if !e.open(i, func(n int) bool { return e.scene.Nodes[n].Level == scenes.Whole && is(&e.scene, n) }) {
				continue
			}
			for _, n := range e.wanted {
				filled += flood(&e.scene, n, e.nodes[n])
			}
			for c := range fiveClicks {
				e.click(c)
			}
		}
		if e.Asked < 20 {
			t.Fatalf("%d wholes %s", e.Asked, name)
		}
		filled /= float64(e.Asked)
		t.Logf("%d wholes %s: best of three %.3f, after five clicks %.3f, filled %.3f", e.Asked, name, e.BestOf(), e.MIoU(fiveClicks), filled)
		if e.MIoU(fiveClicks) < .7 || e.BestOf() < filled+.15 {
			t.Errorf("wholes %s: an IoU of %.3f with one click and %.3f after five; filling gives %.3f", name, e.BestOf(), e.MIoU(fiveClicks), filled)
		}
	}
}

// The mask for a box is the thing and not the box, and hardly leaves it; a click that says "not this" takes away what it lies on.
func TestShippedAnswersBoxesAndNegativeClicks(t *testing.T) {
	p := shippedAnswers(t)
	shown := func(scene int, q wire.Prompt) masks.Mask {
		t.Helper()
		r, err := answerTo(p, sceneAsk(1, scene, q))
		if err != nil {
			t.Fatal(err)
		}
		side := r.Answer.Side
		return masks.Above(r.Buffers[1][r.Answer.Chosen*side*side:][:side*side], side, 0)
	}
	var s scenes.Scene
	boxes, gain, outside, area := 0, 0.0, 0, 0
	clicks, taken := 0, 0
	for i := range fakeScenes {
		s.Draw(scenes.Shapes, data.Validation, i, Shipped().Image, nil)
		for n, node := range s.Nodes {
			if node.Level != scenes.Whole || node.Area < 100 {
				continue
			}
			row := make([]float32, s.Size*s.Size)
			s.Mask(row, n)
			truth := masks.Above(row, s.Size, 0.5)
			full := masks.New(s.Size)
			for y := node.Box.Y0; y < node.Box.Y1; y++ {
				for x := node.Box.X0; x < node.Box.X1; x++ {
					full.Set(x, y)
				}
			}
			if plain := masks.IoU(full, truth); plain < .6 { // it is no rectangle
				got := shown(i, wire.Prompt{Box: &wire.PromptBox{X0: float64(node.Box.X0), Y0: float64(node.Box.Y0), X1: float64(node.Box.X1), Y1: float64(node.Box.Y1)}})
				boxes++
				gain += masks.IoU(got, truth) - plain
				both, _ := masks.Overlap(got, full)
				area += got.Area()
				outside += got.Area() - both
			}
			// A click in the middle, and one that says "not this" on a part of the answer that lies outside of the thing or far from it.
			at := wire.PromptPoint{X: float64(node.Centre.X) + .5, Y: float64(node.Centre.Y) + .5, Label: 1}
			two := shown(i, wire.Prompt{Points: []wire.PromptPoint{at, at}})
			far, most := -1, 16
			for j := range row {
				dx, dy := j%s.Size-node.Centre.X, j/s.Size-node.Centre.Y
				if d := dx*dx + dy*dy; two.At(j%s.Size, j/s.Size) && d > most {
					far, most = j, d
				}
			}
			if far < 0 {
				continue
			}
			clicks++
			not := wire.PromptPoint{X: float64(far%s.Size) + .5, Y: float64(far/s.Size) + .5}
			if !shown(i, wire.Prompt{Points: []wire.PromptPoint{at, not}}).At(far%s.Size, far/s.Size) {
				taken++
			}
		}
	}
	t.Logf("%d boxes: better than the box by %.3f, %.3f of the masks outside of it; %d of %d negative clicks take their pixel away", boxes, gain/float64(boxes), float64(outside)/float64(area), taken, clicks)
	if boxes < 20 || gain/float64(boxes) < .15 || float64(outside) > .05*float64(area) {
		t.Errorf("%d boxes around things that are none: masks are better than the box by an IoU of %.3f, and %.3f of them lies outside", boxes, gain/float64(boxes), float64(outside)/float64(area))
	}
	if clicks < 20 || float64(taken) < .7*float64(clicks) {
		t.Errorf("%d of %d clicks that say \"not this\" take their pixel away", taken, clicks)
	}
}
