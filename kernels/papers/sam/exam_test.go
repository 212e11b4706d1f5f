package sam

import (
	"testing"

	"petri/kernels/data"
	"petri/kernels/tape"
)

// The first click of an exam lies in the middle of what is asked for, or anywhere on it: then elsewhere, but on it, and for every model
// at the same place.
func TestFirstClicks(t *testing.T) {
	at := func(m *Model, anywhere bool) (pixels []int) {
		on := tape.New()
		on.Infer = true
		e := newExam(m, data.Validation, 1, true, on)
		e.anywhere = anywhere
		for scene := range 8 {
			if !e.open(scene, nil) {
				continue
			}
			for j, node := range e.wanted {
				pixel := e.placed[j][0].pixel
				if e.truth[j*m.Pixels()+pixel] != 1 {
					t.Errorf("scene %d: the first click on node %d lies beside it", scene, node)
				}
				pixels = append(pixels, pixel)
			}
		}
		return pixels
	}
	one, two := New(stream(1, "a test"), Live(3)), New(stream(2, "a test"), Live(1))
	middle, a, b := at(one, false), at(one, true), at(two, true)
	moved := 0
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("two models are clicked at pixels %d and %d", a[i], b[i])
		}
		if a[i] != middle[i] {
			moved++
		}
	}
	if moved < len(a)/2 {
		t.Errorf("of %d clicks anywhere %d are not in the middle", len(a), moved)
	}
}
