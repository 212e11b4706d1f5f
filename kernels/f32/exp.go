package f32

import "math"

// Constants of exp. The argument is split as n·ln 2 + r with ln 2 in two parts (the first short enough that n times it
// is exact); exp(r) is Cephes' polynomial of degree five in r² and r.
const (
	expMax   = 89         // above, the result is +Inf
	expMin   = -87.3      // below -86.99, the result is 0
	expLog2E = 1.44269504 // 1/ln 2
	expRound = 12582912   // 1.5·2²³: adding it rounds to an integer, which then sits in the low bits
	expLn2Hi = 0.693359375
	expLn2Lo = -2.12194440e-4
	expHalf  = 126 << 23 // bits of ½

	expP0 = 1.9875691500e-4
	expP1 = 1.3981999507e-3
	expP2 = 8.3334519073e-3
	expP3 = 4.1665795894e-2
	expP4 = 1.6666665459e-1
	expP5 = 5.0000001201e-1
)

// Exp32 returns e**x, within one unit in the last place. It is 0 below -86.99 and +Inf above 88.73.
func Exp32(x float32) float32 {
	if expMax < x {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	t := float32(x*expLog2E) + expRound
	n := t - expRound
	r := x - float32(n*expLn2Hi)
	r -= float32(n * expLn2Lo)
	p := float32(expP0)
	p = float32(p*r) + expP1
	p = float32(p*r) + expP2
	p = float32(p*r) + expP3
	p = float32(p*r) + expP4
	p = float32(p*r) + expP5
	p = float32(p*float32(r*r)) + r
	p += 1
	// Times 2**(n-1), then doubled: 2**128 is no float32, and n = -126 gives 0.
	p = float32(p * math.Float32frombits(math.Float32bits(t)<<23+expHalf))
	return p + p
}

// Exp writes e**x into y, element by element as Exp32; y may be x.
func Exp(y, x []float32) {
	same("Exp", "y", len(y), len(x))
	n := 0
	if fast {
		if n = len(x) &^ (chunk - 1); n > 0 {
			expVectors(n, &x[0], &y[0], &expTable[0])
		}
	}
	expScalar(y[n:], x[n:])
}

func expScalar(y, x []float32) {
	for i, v := range x {
		y[i] = Exp32(v)
	}
}

// Constants of tanh: an odd polynomial of degree 13 over an even one of degree 6, good up to tanhMax, where float32
// reaches 1 (the approximation that Eigen uses).
const (
	tanhMax = 7.90531110763549805

	tanhP13 = -2.76076847742355e-16
	tanhP11 = 2.00018790482477e-13
	tanhP9  = -8.60467152213735e-11
	tanhP7  = 5.12229709037114e-08
	tanhP5  = 1.48572235717979e-05
	tanhP3  = 6.37261928875436e-04
	tanhP1  = 4.89352455891786e-03

	tanhQ6 = 1.19825839466702e-06
	tanhQ4 = 1.18534705686654e-04
	tanhQ2 = 2.26843463243900e-03
	tanhQ0 = 4.89352518554385e-03
)

// Tanh32 returns the hyperbolic tangent of x, within 4e-7.
func Tanh32(x float32) float32 {
	if tanhMax < x {
		x = tanhMax
	}
	if x < -tanhMax {
		x = -tanhMax
	}
	return tanhRatio(x)
}

// tanhRatio is tanh for |u| <= tanhMax.
func tanhRatio(u float32) float32 {
	z := float32(u * u)
	p := float32(tanhP13)
	p = float32(p*z) + tanhP11
	p = float32(p*z) + tanhP9
	p = float32(p*z) + tanhP7
	p = float32(p*z) + tanhP5
	p = float32(p*z) + tanhP3
	p = float32(p*z) + tanhP1
	p = float32(p * u)
	q := float32(tanhQ6)
	q = float32(q*z) + tanhQ4
	q = float32(q*z) + tanhQ2
	q = float32(q*z) + tanhQ0
	return p / q
}

// Erf32 returns the error function of x, within 3e-7: the Taylor series near 0, elsewhere the approximation of
// Abramowitz and Stegun, 7.1.26.
func Erf32(x float32) float32 {
	a := x
	if a < 0 {
		a = -a
	}
	if a < 0.5 {
		z := float32(x * x)
		p := float32(1.0 / 9360)
		p = float32(p*z) - 1.0/1320
		p = float32(p*z) + 1.0/216
		p = float32(p*z) - 1.0/42
		p = float32(p*z) + 1.0/10
		p = float32(p*z) - 1.0/3
		p = float32(p*z) + 1
		return float32(1.12837917 * float32(x*p))
	}
	t := 1 / (1 + float32(0.3275911*a))
	p := float32(1.061405429)
	p = float32(p*t) - 1.453152027
	p = float32(p*t) + 1.421413741
	p = float32(p*t) - 0.284496736
	p = float32(p*t) + 0.254829592
	y := 1 - float32(float32(p*t)*Exp32(-float32(a*a)))
	if x < 0 {
		return -y
	}
	return y
}

// logTerms are the coefficients of artanh, the last one first.
var logTerms = [...]float64{1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1}

// logOf returns the natural logarithm of a positive, finite x within 1e-13, made of float64 operations that are
// rounded one by one: 2·artanh((m-1)/(m+1)) + e·ln 2 for x = m·2**e.
func logOf(x float64) float64 {
	m, e := math.Frexp(x) // m in [½, 1)
	if m < math.Sqrt2/2 {
		m, e = float64(2*m), e-1
	}
	s := (m - 1) / (m + 1)
	z := float64(s * s)
	p := 0.0
	for _, c := range logTerms {
		p = float64(p*z) + c
	}
	return float64(2*float64(s*p)) + float64(float64(e)*math.Ln2)
}
