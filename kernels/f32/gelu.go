package f32

// Constants of the tanh form of GELU (Hendrycks and Gimpel 2016): ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
const (
	geluC0 = 0.7978845608028654                // √(2/π)
	geluC1 = 0.7978845608028654 * 0.044715     // coefficient of x³ inside of tanh
	geluC3 = 0.7978845608028654 * 0.044715 * 3 // of x² in its derivative
	// geluMax bounds what enters tanh. There, at an argument of 8.449, tanhRatio is exactly 1: beyond, y is x or -0 and
	// the derivative 1 or 0. (From tanhMax to there the ratio stays within its error.)
	geluMax = 5
)

// GELU writes the tanh form of the Gaussian error linear unit of x into y, and its derivative into dgelu unless that is
// nil: what backward then needs is one Mul, and nothing else has to be kept. y and dgelu may be x, not each other.
func GELU(y, dgelu, x []float32) {
	same("GELU", "y", len(y), len(x))
	if dgelu != nil {
		same("GELU", "dgelu", len(dgelu), len(x))
	}
	n := 0
	if fast {
		n = len(x) &^ (chunk - 1)
	}
	if dgelu == nil {
		if n > 0 {
			geluVectors(n, &x[0], &y[0], &geluTable[0])
		}
		geluScalar(y[n:], nil, x[n:])
		return
	}
	if n > 0 {
		geluBothVectors(n, &x[0], &y[0], &geluTable[0], &dgelu[0])
	}
	geluScalar(y[n:], dgelu[n:], x[n:])
}

// geluScalar defines GELU.
func geluScalar(y, dgelu, x []float32) {
	for i, v := range x {
		c := v
		if geluMax < c {
			c = geluMax
		}
		if c < -geluMax {
			c = -geluMax
		}
		c2 := float32(c * c)
		t := tanhRatio(float32(c * (geluC0 + float32(c2*geluC1))))
		h := float32(0.5 * (1 + t))
		y[i] = float32(v * h)
		if dgelu != nil {
			d := float32(float32(0.5*c) * (1 - float32(t*t)))
			dgelu[i] = h + float32(d*(geluC0+float32(c2*geluC3)))
		}
	}
}
