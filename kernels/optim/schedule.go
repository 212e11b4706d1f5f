package optim

import "math"

// Cosine returns the learning rate of steps 0 to total-1: it rises linearly to peak over the first warm steps (the
// first one already moves) and falls to 0 along half a cosine (Loshchilov and Hutter 2017), reaching it after the last.
func Cosine(peak float64, warm, total int) func(step int) float64 {
	return func(step int) float64 {
		switch {
		case step < warm:
			return float64(peak*float64(step+1)) / float64(warm)
		case step >= total:
			return 0
		}
		x := float64(step-warm) / float64(total-warm)
		return float64(peak * float64(0.5*(1+cosPi(x))))
	}
}

// Constant is the same rate at every step, after a linear rise over the first warm ones.
func Constant(rate float64, warm int) func(step int) float64 {
	return func(step int) float64 {
		if step < warm {
			return float64(rate*float64(step+1)) / float64(warm)
		}
		return rate
	}
}

// cosPi is cos(π·x) for x in [0, 1] within 1e-15, by its Taylor series around the nearest quarter. Its operations are
// rounded one by one: the same bits on every machine, which math.Cos does not promise.
func cosPi(x float64) float64 {
	switch {
	case x > 0.5:
		return -cosPi(1 - x)
	case x > 0.25:
		return series(float64(math.Pi*(0.5-x)), 1) // sin
	}
	return series(float64(math.Pi*x), 0)
}

// series is the Taylor series of cos (odd = 0) or sin (odd = 1) of y in [0, π/4].
func series(y float64, odd int) float64 {
	z := float64(y * y)
	sum := 1.0
	for k := 18 + odd; k > 1; k -= 2 {
		sum = 1 - float64(float64(z*sum)/float64(k*(k-1)))
	}
	if odd == 1 {
		return float64(y * sum)
	}
	return sum
}
