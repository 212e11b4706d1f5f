package stage

import (
	"strings"
	"testing"
)

// said joins the words of a scene.
func said(s *Scene) string {
	var b strings.Builder
	for _, t := range s.Texts {
		b.WriteString(t.S + "\n")
	}
	return b.String()
}

// A new head is zero: all classes are equal, and the order in which they are stored is no guess.
func TestEqualClassesAreNoGuess(t *testing.T) {
	p := picture(t, 4)
	if p.undecided() {
		t.Fatal("the sample has a guess")
	}
	for i := range p.Probs {
		p.Probs[i] = 1 / float32(len(p.Probs))
	}
	words := said(Build(p, NewView()))
	if !strings.Contains(words, "no guess yet") || strings.Contains(words, "says ") || strings.Contains(words, "wrong") || strings.Contains(words, "right:") {
		t.Errorf("with equal classes the picture says:\n%s", words)
	}
	if text := Describe(p, NewView()); !strings.Contains(text, "no guess yet") || strings.Contains(text, "the model says") {
		t.Errorf("with equal classes the description is %q", text)
	}
}

// Before the first step the update is zero: its scale has one value, without a sign.
func TestScaleOfAZeroUpdate(t *testing.T) {
	p := picture(t, 4)
	clear(p.buffers[bufUpdate])
	words := "\n" + said(Build(p, NewView()))
	if strings.Contains(words, "−0") || !strings.Contains(words, "\n0\n‖ΔW‖ = 0\n") {
		t.Errorf("the words are:\n%s", words)
	}
}

// The sign between update and product stands free of both at every width.
func TestEquationHasItsSign(t *testing.T) {
	const half = 26.0 // of the width of the sign in its size
	for _, width := range []float64{300, 340, 420, 520, 640, 900} {
		p, v := picture(t, 4), NewView()
		v.Width = width
		s := Build(p, v)
		found := false
		for _, text := range s.Texts {
			if text.S != "= α/r ·" {
				continue
			}
			found = true
			if text.X-half < 0 || text.X+half > width {
				t.Errorf("width %v: the sign at %v leaves the stage", width, text.X)
			}
			for _, r := range s.Rasters {
				if text.Y > r.Y && text.Y-8 < r.Y+r.H && text.X+half > r.X && text.X-half < r.X+r.W {
					t.Errorf("width %v: the sign at %v lies on %s", width, text.X, r.Label)
				}
			}
		}
		if !found {
			t.Errorf("width %v: no sign between update and product", width)
		}
	}
}
