package f32

import "math"

// lnEps is added to the variance.
const lnEps = 1e-5

// lanes4 adds up the four partial sums of LayerNorm.
func lanes4(s [4]float32) float32 { return (s[0] + s[1]) + (s[2] + s[3]) }

// LayerNorm normalises the rows of x [rows, d] to mean 0 and variance 1 and applies gain and bias [d]:
// y = xhat·gain + bias, xhat = (x - mean)·rstd, rstd = 1/√(variance + 1e-5).
//
// xhat [rows, d] and rstd [rows] are what backward reads; both may be nil when none follows. y may be x; xhat may not
// be x. Sums over a row are four partial sums, of the elements j with the same j mod 4, then (s0+s1)+(s2+s3).
func LayerNorm(y, xhat, rstd, x, gain, bias []float32, d int) {
	rows := rowsOf("LayerNorm", len(x), d)
	same("LayerNorm", "y", len(y), len(x))
	same("LayerNorm", "gain", len(gain), d)
	same("LayerNorm", "bias", len(bias), d)
	if xhat != nil {
		same("LayerNorm", "xhat", len(xhat), len(x))
	}
	if rstd != nil {
		same("LayerNorm", "rstd", len(rstd), rows)
	}
	if fast && d%lanes == 0 && rows > 0 {
		layerNormFast(y, xhat, rstd, x, gain, bias, rows, d)
		return
	}
	layerNormScalar(y, xhat, rstd, x, gain, bias, d)
}

// layerNormFast is LayerNorm for rows of a multiple of four. What is not wanted is written where it does no harm: xhat
// into y, which is written after it, rstd into a buffer.
func layerNormFast(y, xhat, rstd, x, gain, bias []float32, rows, d int) {
	var t [3 * lanes]float32
	fill(t[:], 1/float32(d), lnEps, 1)
	if xhat == nil {
		xhat = y
	}
	var unwanted [32]float32 // even, so that pairs of rows stay pairs
	for i := 0; i < rows; {
		n, r := rows-i, unwanted[:]
		if rstd != nil {
			r = rstd[i:]
		}
		if n = min(n, len(r)); n > 1 {
			n &^= 1
			layerNormPairs(n, d, &x[i*d], &y[i*d], &xhat[i*d], &r[0], &gain[0], &bias[0], &t[0])
		} else {
			layerNormOne(n, d, &x[i*d], &y[i*d], &xhat[i*d], &r[0], &gain[0], &bias[0], &t[0])
		}
		i += n
	}
}

// layerNormScalar defines LayerNorm.
func layerNormScalar(y, xhat, rstd, x, gain, bias []float32, d int) {
	inv := 1 / float32(d)
	for i := range len(x) / d {
		xr, yr := x[i*d:][:d], y[i*d:][:d]
		var s [4]float32
		for j, v := range xr {
			s[j&3] += v
		}
		mean := float32(lanes4(s) * inv)
		s = [4]float32{}
		for j, v := range xr {
			v -= mean
			s[j&3] += float32(v * v)
		}
		r := 1 / sqrt(float32(lanes4(s)*inv)+lnEps)
		if rstd != nil {
			rstd[i] = r
		}
		for j, v := range xr {
			h := float32((v - mean) * r)
			if xhat != nil {
				xhat[i*d+j] = h
			}
			yr[j] = float32(h*gain[j]) + bias[j]
		}
	}
}

// LayerNormBack is the backward pass of LayerNorm: from dy [rows, d] and what forward kept it adds
// rstd·(dy·gain - mean(dy·gain) - xhat·mean(dy·gain·xhat)) to dx, the sum over rows of dy·xhat to dgain and of dy to
// dbias. dx, dgain and dbias may be nil where nobody asks. Means over a row as in LayerNorm, sums over rows in
// increasing row.
func LayerNormBack(dx, dgain, dbias, dy, xhat, rstd, gain []float32, d int) {
	rows := rowsOf("LayerNormBack", len(dy), d)
	same("LayerNormBack", "xhat", len(xhat), len(dy))
	same("LayerNormBack", "rstd", len(rstd), rows)
	same("LayerNormBack", "gain", len(gain), d)
	if dx != nil {
		same("LayerNormBack", "dx", len(dx), len(dy))
	}
	if dgain != nil {
		same("LayerNormBack", "dgain", len(dgain), d)
	}
	if dbias != nil {
		same("LayerNormBack", "dbias", len(dbias), d)
	}
	// No lab trains one of gain and bias, or them with nothing below: plain Go.
	if fast && d%lanes == 0 && rows > 0 && dx != nil && (dgain == nil) == (dbias == nil) {
		layerNormBackFast(dx, dgain, dbias, dy, xhat, rstd, gain, rows, d)
		return
	}
	layerNormBackScalar(dx, dgain, dbias, dy, xhat, rstd, gain, d)
}

// layerNormBackFast is LayerNormBack for rows of a multiple of four: pairs of rows; of a batch an odd row is left at
// most.
func layerNormBackFast(dx, dgain, dbias, dy, xhat, rstd, gain []float32, rows, d int) {
	var t [3 * lanes]float32
	fill(t[:], 1/float32(d), lnEps, 1)
	even := rows &^ 1
	o := even * d
	switch {
	case even == 0:
	case dgain == nil:
		layerNormBackPairs(even, d, &dx[0], &dy[0], &xhat[0], &rstd[0], &gain[0], &t[0])
	default:
		layerNormBackWeights(even, d, &dx[0], &dy[0], &xhat[0], &rstd[0], &gain[0], &t[0], &dgain[0], &dbias[0])
	}
	layerNormBackScalar(dx[o:], dgain, dbias, dy[o:], xhat[o:], rstd[even:], gain, d)
}

// layerNormBackScalar defines LayerNormBack.
func layerNormBackScalar(dx, dgain, dbias, dy, xhat, rstd, gain []float32, d int) {
	inv := 1 / float32(d)
	for i := range len(dy) / d {
		dyr, hr := dy[i*d:][:d], xhat[i*d:][:d]
		for j := range dgain {
			dgain[j] += float32(dyr[j] * hr[j])
		}
		for j := range dbias {
			dbias[j] += dyr[j]
		}
		if dx == nil {
			continue
		}
		var a, b [4]float32
		for j, v := range dyr {
			t := float32(v * gain[j])
			a[j&3] += t
			b[j&3] += float32(t * hr[j])
		}
		m1, m2, r := float32(lanes4(a)*inv), float32(lanes4(b)*inv), rstd[i]
		for j, v := range dyr {
			t := float32(v*gain[j]) - m1
			t -= float32(hr[j] * m2)
			dx[i*d+j] += float32(t * r)
		}
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// rowsOf splits n numbers into rows of d.
func rowsOf(op string, n, d int) int {
	if d <= 0 || n%d != 0 {
		panic(Error("f32: " + op + ": " + dims(n, 1) + " numbers are no rows of " + dims(d, 1)))
	}
	return n / d
}
