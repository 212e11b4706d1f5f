package nn

import "math"

// halfOf rounds x to the nearest IEEE 754 half-precision number, ties to even; what is too large becomes infinite.
func halfOf(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN stays one
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520 and above
		return sign | 0x7c00
	case b >= 0x38800000: // normal: drop 13 bits of the mantissa, the carry may run into the exponent
		return sign | uint16((b-0x38000000+0xfff+b>>13&1)>>13)
	case b < 0x33000000: // below half of the smallest number
		return sign
	}
	// Subnormal: the value in units of 2⁻²⁴.
	shift := 126 - b>>23
	m := b&0x7fffff | 0x800000
	half := uint32(1) << (shift - 1)
	return sign | uint16((m+half-1+m>>shift&1)>>shift)
}

// ofHalf is the value of a half-precision number; every one is a float32.
func ofHalf(h uint16) float32 {
	sign, e, m := uint32(h&0x8000)<<16, uint32(h>>10&31), uint32(h&0x3ff)
	switch {
	case e == 31:
		return math.Float32frombits(sign | 0x7f800000 | m<<13)
	case e > 0:
		return math.Float32frombits(sign | (e+112)<<23 | m<<13)
	}
	x := float32(float32(m) * (1.0 / (1 << 24))) // exact
	if sign != 0 {
		return -x
	}
	return x
}
