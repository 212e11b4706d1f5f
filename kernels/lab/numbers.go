package lab

import "math"

// IsFinite tells numbers from what is none, or infinite.
func IsFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Argmax is the place of the largest value, the first of equals. Nothing is larger or smaller than NaN: where the first value
// is one, its place is 0.
func Argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
