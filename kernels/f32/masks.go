package f32

import "math"

// MaskTerms is what FocalDice finds of one mask.
type MaskTerms struct {
	Focal, Dice float32
	off, on     float32 // the slope of dice by the probability of a pixel outside and inside of the object
}

// FocalDice compares a mask with the truth: logits z and y, which is 1 for pixels of the object and 0 for others.
//
// Focal is the mean over the pixels of -a·(1-q)²·log q (Lin et al. 2017), with q the probability that is given to the truth
// and a = alpha for pixels of the object, 1-alpha for others. Dice is 1 - (2·Σ s·y + 1)/(Σ s + Σ y + 1) with s = sigmoid(z)
// (Milletari et al. 2016). Both are summed in float64, in increasing pixel.
//
// It writes q into q, and the slope of a pixel's share of focal by z, as long as it is not divided by their number, into df
// unless that is nil; FocalDiceBack reads both.
func FocalDice(q, df, z, y []float32, alpha float32) MaskTerms {
	same("FocalDice", "q", len(q), len(z))
	same("FocalDice", "y", len(y), len(z))
	if df != nil {
		same("FocalDice", "df", len(df), len(z))
	}
	const sign = 1 << 31
	for i, v := range z {
		q[i] = math.Float32frombits(math.Float32bits(v) | sign) // -|z|
	}
	Exp(q, q)
	y = y[:len(q)]
	base, step := 1-alpha, float32(2*alpha)-1
	var focal, both, spilled, truth float64
	for i, v := range z {
		t := y[i]
		side := float32(2*t) - 1
		bits := math.Float32bits(float32(v * side))
		wrong := uint32(int32(bits) >> 31) // all ones where the pixel is on the wrong side of 0: no branch to foresee
		u := q[i]
		hi := 1 / (1 + u)
		lo := float32(u * hi)
		right := pick(wrong, lo, hi)
		miss := pick(wrong, hi, lo)
		nl := log1p(u) + math.Float32frombits((bits^sign)&wrong) // -log q
		w := float32((base + float32(t*step)) * float32(miss*miss))
		focal += float64(float32(w * nl))
		both += float64(float32(t * right))
		spilled += float64(float32((1 - t) * miss))
		truth += float64(t)
		q[i] = right
		if df != nil {
			df[i] = -float32(float32(side*w) * (float32(2*float32(right*nl)) + miss))
		}
	}
	sum, hit := both+spilled+truth+1, float64(2*both)+1
	off := hit / float64(sum*sum)
	return MaskTerms{float32(focal / float64(len(z))), float32(1 - hit/sum), float32(off), float32(off - 2/sum)}
}

// FocalDiceBack turns the slopes of FocalDice in dz into the gradient of focal·Focal + dice·Dice with respect to the logits,
// in place.
func FocalDiceBack(dz, q, y []float32, m MaskTerms, focal, dice float32) {
	same("FocalDiceBack", "q", len(q), len(dz))
	same("FocalDiceBack", "y", len(y), len(dz))
	focal /= float32(len(dz))
	off := float32(dice * m.off)
	step := float32(dice*m.on) - off
	y, q = y[:len(dz)], q[:len(dz)]
	for i, d := range dz {
		slope := float32(q[i] * (1 - q[i])) // that of sigmoid, whichever side the truth is on
		dz[i] = float32(focal*d) + float32((off+float32(y[i]*step))*slope)
	}
}

// MaskIoU is the intersection over union of the pixels with a logit above 0 and those of the object; of two empty masks, 1.
func MaskIoU(z, y []float32) float32 {
	same("MaskIoU", "y", len(y), len(z))
	both, any := 0, 0
	for i, v := range z {
		in, is := 0, 0
		if v > 0 {
			in = 1
		}
		if y[i] > 0 {
			is = 1
		}
		both += in & is
		any += in | is
	}
	if any == 0 {
		return 1
	}
	return float32(both) / float32(any)
}

// pick is a where the bits of which are ones and b where they are zeros.
func pick(which uint32, a, b float32) float32 {
	return math.Float32frombits(math.Float32bits(a)&which | math.Float32bits(b)&^which)
}

// log1p returns log(1+u) for u from 0 to 1, within two units in the last place: twice the series of artanh(u/(2+u)).
func log1p(u float32) float32 {
	s := u / (2 + u)
	z := float32(s * s)
	p := float32(1.0 / 13)
	p = float32(p*z) + 1.0/11
	p = float32(p*z) + 1.0/9
	p = float32(p*z) + 1.0/7
	p = float32(p*z) + 1.0/5
	p = float32(p*z) + 1.0/3
	return float32(2 * (s + float32(s*float32(p*z))))
}
