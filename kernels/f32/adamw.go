package f32

import "math"

// AdamWStep holds the numbers of one AdamW step (Loshchilov and Hutter 2019) that are the same for all parameters.
// NewAdamWStep fills it.
type AdamWStep struct {
	Beta1, Rest1 float32 // β1 and 1-β1
	Beta2, Rest2 float32 // β2 and 1-β2
	Rate         float32 // learning rate / (1-β1^t)
	Root         float32 // 1/√(1-β2^t)
	Eps          float32
	Keep         float32 // 1 - learning rate · weight decay
}

// NewAdamWStep prepares step t, counted from 1, with learning rate lr and decoupled weight decay.
func NewAdamWStep(lr, beta1, beta2, eps, decay float64, t int) AdamWStep {
	return AdamWStep{
		Beta1: float32(beta1), Rest1: float32(1 - beta1),
		Beta2: float32(beta2), Rest2: float32(1 - beta2),
		Rate: float32(lr / (1 - power(beta1, t))),
		Root: float32(1 / math.Sqrt(1-power(beta2, t))),
		Eps:  float32(eps),
		Keep: float32(1 - float64(lr*decay)),
	}
}

// power is x**n for n >= 0, by squaring: math.Pow is not the same everywhere.
func power(x float64, n int) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y = float64(y * x)
		}
		x = float64(x * x)
	}
	return y
}

// AdamW updates the parameters p and their moments m and v from the gradients g, all of one length:
// m = β1·m + (1-β1)·g; v = β2·v + (1-β2)·g²; p = Keep·p - Rate·m / (√v·Root + Eps).
func AdamW(p, g, m, v []float32, s AdamWStep) {
	same("AdamW", "g", len(g), len(p))
	same("AdamW", "m", len(m), len(p))
	same("AdamW", "v", len(v), len(p))
	n := 0
	if fast {
		if n = len(p) &^ (width - 1); n > 0 {
			var t [lanes * 8]float32
			fill(t[:], s.Beta1, s.Rest1, s.Beta2, s.Rest2, s.Rate, s.Root, s.Eps, s.Keep)
			adamWVectors(n, &p[0], &g[0], &m[0], &v[0], &t[0])
		}
	}
	adamWScalar(p[n:], g[n:], m[n:], v[n:], &s)
}

// adamWScalar defines AdamW.
func adamWScalar(p, g, m, v []float32, s *AdamWStep) {
	for i, d := range g {
		mi := float32(m[i]*s.Beta1) + float32(d*s.Rest1)
		vi := float32(v[i]*s.Beta2) + float32(float32(d*d)*s.Rest2)
		m[i], v[i] = mi, vi
		p[i] = float32(p[i]*s.Keep) - float32(mi*s.Rate)/(float32(sqrt(vi)*s.Root)+s.Eps)
	}
}

// SGD updates the parameters p from the gradients g: d = g + decay·p; with a buffer m of the same length,
// m = momentum·m + d and p -= lr·m; with m nil, p -= lr·d.
func SGD(p, g, m []float32, lr, momentum, decay float32) {
	same("SGD", "g", len(g), len(p))
	if m != nil {
		same("SGD", "m", len(m), len(p))
	}
	n := 0
	if fast {
		if n = len(p) &^ (width - 1); n > 0 {
			var t [lanes * 3]float32
			fill(t[:], lr, decay, momentum)
			if m != nil {
				sgdVectors(n, &p[0], &g[0], &t[0], &m[0])
				m = m[n:]
			} else {
				sgdPlainVectors(n, &p[0], &g[0], &t[0])
			}
		}
	}
	sgdScalar(p[n:], g[n:], m, lr, momentum, decay)
}

// sgdScalar defines SGD.
func sgdScalar(p, g, m []float32, lr, momentum, decay float32) {
	for i, d := range g {
		d += float32(decay * p[i])
		if m != nil {
			d = float32(momentum*m[i]) + d
			m[i] = d
		}
		p[i] -= float32(lr * d)
	}
}
