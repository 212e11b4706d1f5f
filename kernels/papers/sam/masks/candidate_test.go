package masks

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestStabilityByHand(t *testing.T) {
	// 3 lie above +1, and 3 + 2 + 1 above -1: on the bounds themselves is not above.
	map6 := []float32{3, 2, 1.0625, 1, 0, -0.9375, -1, -2, float32(math.NaN())}
	if s := Stability(map6, 1); s != 3.0/6 {
		t.Errorf("stability %v, want 3 of 6", s)
	}
	if s := Stability([]float32{-3, -2, -1}, 1); s != 0 {
		t.Errorf("nothing above either: %v, want 0, and not NaN", s)
	}
	if s := Stability([]float32{-0.5, -0.5}, 1); s != 0 {
		t.Errorf("nothing above the upper: %v, want 0", s)
	}
	if s := Stability([]float32{5, -5}, 1); s != 1 {
		t.Errorf("steep logits: %v, want 1", s)
	}
}

func TestLevelsGiveStability(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	const side = 16
	v := make([]float32, side*side)
	for range 20 {
		for i := range v {
			v[i] = float32(r.NormFloat64()*2 + 0.5)
			if r.IntN(3) == 0 {
				v[i] = float32(r.IntN(200)-100) / 16 // on the levels
			}
		}
		v[0], v[1], v[2], v[3] = float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e30
		c := Read(0, 1, v, side, Box{0, 0, side, side})
		for k := 0; k <= MaxOffset*perLogit; k++ {
			offset := float64(k) / perLogit
			if have, want := c.Levels.Stability(offset), Stability(v, offset); have != want {
				t.Fatalf("at offset %v stability %v, want %v", offset, have, want)
			}
		}
		if have, want := c.Levels.Stability(99), Stability(v, MaxOffset); have != want {
			t.Errorf("at a large offset %v, want that of the largest, %v", have, want)
		}
		if have := c.Levels.Stability(-1); have != 1 {
			t.Errorf("below offset 0 %v, want 1", have)
		}
		if have := c.Levels.Stability(math.NaN()); have != 1 {
			t.Errorf("at no offset %v, want that of 0", have)
		}
		if want := Above(v, side, 0); c.Levels[MaxOffset*perLogit] != uint16(want.Area()) {
			t.Errorf("%d pixels above 0, want %d", c.Levels[MaxOffset*perLogit], want.Area())
		}
	}
}

// The left half of a crop lies above 0, and so does the left half of its window, and nothing beyond.
func TestReadOfACrop(t *testing.T) {
	const side = 16
	v := make([]float32, side*side)
	for i := range v {
		v[i] = -2
		if i%side < side/2 {
			v[i] = 2
		}
	}
	for _, b := range Crops(side, 1)[1:] {
		c := Read(3, 0.5, v, side, b)
		middle := (b.X0 + b.X1) / 2
		same(t, "half of a crop", c.Mask, block(side, Box{b.X0, b.Y0, middle, b.Y1}))
		if n := int(c.Levels[0]); n != b.Area() {
			t.Errorf("%d pixels counted, want those of the crop, %d", n, b.Area())
		}
	}
	// A plane stays a plane where it is not cut off at the edge: x of the crop's own pixels, from the middle of the first.
	for i := range v {
		v[i] = float32(i % side)
	}
	for x := 1; x < 7; x++ {
		a, b, f := between(x, 8, side)
		if have, want := mix(v[a], v[b], f), float32(2*x)+0.5; have != want {
			t.Errorf("pixel %d of 8 reads %v of 16, want %v", x, have, want)
		}
	}
}
