package f32

// Tanh writes the hyperbolic tangent of x into y, and its derivative 1 - y² into dtanh unless that is nil: what backward
// then needs is one Mul. y and dtanh may be x, not each other. Only short vectors need it so far, so it has no fast path.
func Tanh(y, dtanh, x []float32) {
	same("Tanh", "y", len(y), len(x))
	if dtanh != nil {
		same("Tanh", "dtanh", len(dtanh), len(x))
	}
	for i, v := range x {
		t := Tanh32(v)
		y[i] = t
		if dtanh != nil {
			dtanh[i] = 1 - float32(t*t)
		}
	}
}
