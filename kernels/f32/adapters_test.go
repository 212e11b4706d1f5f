package f32

import (
	"math"
	"testing"
)

// What passes a ReLU is what is above zero, and what is no number; the mask says which, and backward reads nothing else.
func TestReLU(t *testing.T) {
	nan := float32(math.NaN())
	x := make([]float32, 40)
	copy(x, []float32{1, -1, 0, float32(math.Copysign(0, -1)), nan, -2, 3})
	x[33] = 5
	y, mask, dy := make([]float32, 40), make([]uint32, ReLUWords(40)), make([]float32, 40)
	mask[0], mask[1] = 1<<9, 1<<5 // of an earlier step
	for i := range dy {
		dy[i] = float32(i + 1)
	}
	ReLU(y, mask, x)
	ReLUBack(dy, mask)
	for i, v := range x {
		passes := v > 0 || v != v
		if passes && y[i] != v && v == v || !passes && math.Float32bits(y[i]) != 0 {
			t.Errorf("ReLU of %v is %v", v, y[i])
		}
		if passes != (dy[i] == float32(i+1)) || !passes && dy[i] != 0 {
			t.Errorf("the gradient at %v is %v", v, dy[i])
		}
	}
	if y[4] == y[4] {
		t.Error("NaN is lost")
	}
}
