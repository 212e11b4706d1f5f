package nn

import (
	"math"
	"math/rand/v2"
)

// Normal fills x with draws from a normal distribution of mean 0 (Marsaglia's polar method): the same numbers on every
// machine, because it uses square roots, and a logarithm whose operations are rounded one by one. With r nil x stays as
// it is: weights that are about to be read from elsewhere need no draws, which take a browser a tenth of a second.
func Normal(r *rand.Rand, x []float32, std float64) {
	if r == nil {
		return
	}
	for i := 0; i < len(x); i += 2 {
		var u, v, s float64
		for s >= 1 || s == 0 {
			u, v = float64(2*r.Float64())-1, float64(2*r.Float64())-1
			s = float64(u*u) + float64(v*v)
		}
		f := float64(std * math.Sqrt(float64(-2*ln(s))/s))
		x[i] = float32(float64(u * f))
		if i+1 < len(x) {
			x[i+1] = float32(float64(v * f))
		}
	}
}

// Uniform fills x with draws from [-bound, bound).
func Uniform(r *rand.Rand, x []float32, bound float64) {
	for i := range x {
		x[i] = float32(float64(bound * (float64(2*r.Float64()) - 1)))
	}
}

// ln is the natural logarithm of a positive, finite x within 1e-14: 2·artanh((m-1)/(m+1)) + e·ln 2 for x = m·2**e.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = float64(2*m), e-1
	}
	s := (m - 1) / (m + 1)
	z := float64(s * s)
	p := 0.0
	for k := 21; k >= 1; k -= 2 {
		p = float64(p*z) + 1/float64(k)
	}
	return float64(2*float64(s*p)) + float64(float64(e)*math.Ln2)
}
