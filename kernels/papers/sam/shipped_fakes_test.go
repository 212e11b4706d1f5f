//go:build !js

package sam

import (
	"reflect"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// fakeScenes are how many test scenes are searched for things that fakes cannot find.
const fakeScenes = 60

// alike is the difference of two colours, in each channel, below which one is taken for the other.
const alike = .15

// touches says whether a whole lies beside another one with hardly a difference between their pixels, at three places at least.
func touches(s *scenes.Scene, node int) bool {
	mine, n := s.Nodes[node].Object, 0
	for i := range s.Size * s.Size {
		for _, j := range [2]int{i + 1, i + s.Size} {
			if j >= s.Size*s.Size || j == i+1 && j%s.Size == 0 {
				continue
			}
			p, q := int(s.Instance[i])-1, int(s.Instance[j])-1
			if p != q && p >= 0 && q >= 0 && (p == mine || q == mine) && like(s, i, j) {
				n++
			}
		}
	}
	return n >= 3
}

// like says whether two pixels have about one colour.
func like(s *scenes.Scene, i, j int) bool {
	for c := range 3 {
		if v := s.RGB[3*i+c] - s.RGB[3*j+c]; v*v > alike*alike {
			return false
		}
	}
	return true
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
			if like(s, y*s.Size+x, start) {
				found.Set(x, y)
				todo = append(todo, y*s.Size+x)
			}
		}
	}
	return masks.IoU(found, truth)
}

// Wholes beside others of their colour, and wholes of two colours, are found, which filling like colours does not.
func TestShippedIsNoFloodFill(t *testing.T) {
	m, err := OpenShipped(assets.Read)
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
		if e.MIoU(fiveClicks) < .7 || e.BestOf() < .7 || e.BestOf() < filled+.15 {
			t.Errorf("wholes %s: an IoU of %.3f with one click and %.3f after five; filling gives %.3f", name, e.BestOf(), e.MIoU(fiveClicks), filled)
		}
	}
}

// The record is that of a finished training by this program's recipe, and says so of the file that is there.
func TestShippedRecord(t *testing.T) {
	e, err := Shown()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(e.Recipe, Recipes[0]) || e.File != Asset || e.HeldOut.Scenes != HeldOut {
		t.Errorf("%s was made by %+v and scored on %d scenes, the program has %+v and %d", e.File, e.Recipe, e.HeldOut.Scenes, Recipes[0], HeldOut)
	}
	file, err := assets.Read(Asset)
	if err != nil || len(file) != e.Bytes || len(file) > 1<<20 {
		t.Errorf("%d bytes, recorded %d, and no more than a megabyte is allowed (%v)", len(file), e.Bytes, err)
	}
	if last := len(e.Curve) - 1; last < 0 || e.Curve[last].Step != e.Recipe.Steps() {
		t.Errorf("the learning curve does not reach the last of %d steps", e.Recipe.Steps())
	}
}
