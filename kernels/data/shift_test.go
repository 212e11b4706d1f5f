package data

import (
	"math"
	"testing"
)

// even is a set of images of one grey.
type even float32

func (even) Classes() []string { return []string{"a", "b"} }
func (even) Len(Split) int     { return 9 }
func (e even) Image(dst []float32, _ Split, i int) int {
	for j := range dst[:Pixels] {
		dst[j] = float32(e)
	}
	return i % 2
}

// A shift changes pictures and nothing else of a set.
func TestShiftsKeepTheSet(t *testing.T) {
	d := openDigits(t)
	a, b := make([]float32, Pixels), make([]float32, Pixels)
	for name, set := range map[string]Set{"inverted": Inverted{d}, "noisy": Noisy{d}} {
		if len(set.Classes()) != 10 {
			t.Errorf("%s: classes %v", name, set.Classes())
		}
		for s := Train; s <= Test; s++ {
			if set.Len(s) != d.Len(s) {
				t.Errorf("%s: %d examples of %s", name, set.Len(s), s)
			}
			for _, i := range []int{0, 7, d.Len(s) - 1} {
				if x, y := d.Image(a, s, i), set.Image(b, s, i); x != y || same(a, b) {
					t.Errorf("%s, %s %d: label %d became %d, or nothing has changed", name, s, i, x, y)
				}
			}
		}
	}
}

// Inverted ink is a falling straight line of the ink before.
func TestInvertedIsLinear(t *testing.T) {
	a, b := make([]float32, Pixels), make([]float32, Pixels)
	papers := map[float32]bool{}
	for i := range 50 {
		WorldM.Glyph(a, Train, i, 1)
		Inverted{Glyphs{WorldM, 1}}.Image(b, Train, i)
		paper := b[0] // the corner of a clean glyph is black
		papers[paper] = true
		low := 0
		for j := range b {
			if b[j] < b[low] {
				low = j
			}
		}
		gain := (paper - b[low]) / a[low]
		if !(paper >= .8 && paper <= 1 && gain >= .7*paper-1e-6 && gain <= paper) {
			t.Errorf("%d: ink of strength %v on paper of grey %v", i, gain, paper)
		}
		for j := range b {
			if math.Abs(float64(paper-gain*a[j]-b[j])) > 1e-6 {
				t.Fatalf("%d: %v became %v on paper of grey %v", i, a[j], b[j], paper)
			}
		}
	}
	if len(papers) < 50 {
		t.Errorf("50 examples have %d papers", len(papers))
	}
}

// The noise of an example belongs to its split and place, is the same whatever lies under it, and adds nothing in the mean.
func TestNoise(t *testing.T) {
	read := func(grey float32, s Split, i int) []float32 {
		img := make([]float32, Pixels)
		Noisy{even(grey)}.Image(img, s, i)
		return img
	}
	a := read(.5, Train, 3)
	if !same(a, read(.5, Train, 3)) {
		t.Error("the same example twice differs")
	}
	for _, b := range [][]float32{read(.5, Train, 4), read(.5, Validation, 3), read(.5, Test, 3)} {
		if n := equals(a, b); n > Pixels/4 { // clipped pixels may meet
			t.Errorf("another example shares the noise of %d pixels", n)
		}
	}
	for j, v := range read(.55, Train, 3) {
		if v < 1 && a[j] > 0 && math.Abs(float64(v-a[j])-.05) > 1e-6 {
			t.Fatalf("pixel %d: %v on grey .55, %v on grey .5", j, v, a[j])
		}
	}
	var amounts [2]float64 // least and largest mean deviation
	amounts[0] = 1
	for i := range 200 {
		mean, off := 0.0, 0.0
		for _, v := range read(.5, Train, i) {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%d: a value of %v", i, v)
			}
			mean += float64(v) / Pixels
			off += math.Abs(float64(v)-.5) / Pixels
		}
		if math.Abs(mean-.5) > .05 {
			t.Errorf("%d: the mean grey is %.3f", i, mean)
		}
		amounts[0], amounts[1] = min(amounts[0], off), max(amounts[1], off)
	}
	if amounts[0] < .09 || amounts[0] > .12 || amounts[1] < .23 {
		t.Errorf("the mean deviation goes from %.3f to %.3f", amounts[0], amounts[1])
	}
}
