package f32

// SquaredError returns the mean of (x - y)² and writes its gradient with respect to x, 2·(x - y)/len(x), into dx unless
// that is nil. dx may be x. The mean is summed in float64, in increasing index.
func SquaredError(dx, x, y []float32) (loss float32) {
	same("SquaredError", "y", len(y), len(x))
	if dx != nil {
		same("SquaredError", "dx", len(dx), len(x))
	}
	total, scale := 0.0, 2/float32(len(x))
	for i, v := range x {
		d := v - y[i]
		total += float64(float64(d) * float64(d))
		if dx != nil {
			dx[i] = float32(d * scale)
		}
	}
	return float32(total / float64(len(x)))
}
