package lab

import (
	"math"
	"testing"
)

func TestArgmaxIsTheFirstOfEquals(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		x    []float32
		want int
	}{{[]float32{1}, 0}, {[]float32{1, 3, 2, 3}, 1}, {[]float32{-3, -1}, 1}, {[]float32{nan, 1}, 0}, {[]float32{1, nan, 2}, 2}} {
		if got := Argmax(c.x); got != c.want {
			t.Errorf("%v: %d, want %d", c.x, got, c.want)
		}
	}
}

func TestIsFinite(t *testing.T) {
	for x, want := range map[float64]bool{0: true, -1e308: true, math.Inf(1): false, math.Inf(-1): false} {
		if IsFinite(x) != want {
			t.Errorf("%v: %v", x, !want)
		}
	}
	if IsFinite(math.NaN()) {
		t.Error("NaN counts as a number")
	}
}
