package masks

// Candidate is one of the masks that the model gives for a point of the grid. It holds all that the filters ask for, so that
// they run again without the model, and without its logits: about 800 bytes at 64 pixels.
type Candidate struct {
	Dot       int     // the point of the grid
	Predicted float64 // IoU by the model's own estimate
	Mask      Mask    // in the whole picture
	Levels    Levels
	box       Box
}

// Levels counts the pixels above each of the logits -MaxOffset, -MaxOffset + 1/16, ... MaxOffset.
type Levels [2*MaxOffset*perLogit + 1]uint16

// MaxOffset is the largest offset of the logits for which stability can be had from Levels.
const MaxOffset = 4

// perLogit is a power of two, so that scaling a logit by it rounds nothing.
const perLogit = 16

// Read makes a candidate of logits [side, side] that the model gave for a crop of a picture of side×side pixels, 255 at most. Those of a
// smaller crop are shrunk to its size, linearly between the middles of pixels, and nothing is found outside it.
func Read(dot int, predicted float64, logits []float32, side int, crop Box) Candidate {
	c := Candidate{Dot: dot, Predicted: predicted}
	if crop == (Box{0, 0, side, side}) {
		c.Mask = Above(logits, side, 0)
		for _, v := range logits[:side*side] {
			c.Levels.count(v)
		}
	} else {
		c.Mask = New(side)
		for y := crop.Y0; y < crop.Y1; y++ {
			r0, r1, fy := between(y-crop.Y0, crop.Y1-crop.Y0, side)
			for x := crop.X0; x < crop.X1; x++ {
				c0, c1, fx := between(x-crop.X0, crop.X1-crop.X0, side)
				top := mix(logits[r0*side+c0], logits[r0*side+c1], fx)
				bottom := mix(logits[r1*side+c0], logits[r1*side+c1], fx)
				v := mix(top, bottom, fy)
				c.Levels.count(v)
				if v > 0 {
					c.Mask.Set(x, y)
				}
			}
		}
	}
	n := uint16(0)
	for i := len(c.Levels) - 1; i >= 0; i-- {
		n += c.Levels[i]
		c.Levels[i] = n
	}
	c.box = c.Mask.Box()
	return c
}

// between tells where pixel i of n lies in a row of from pixels: between which two, and how far from the first.
func between(i, n, from int) (a, b int, f float32) {
	// The middle (i + ½)·from/n - ½, in units of 1/2n of a pixel.
	at := max(0, (2*i+1)*from-n)
	a = min(at/(2*n), from-1)
	return a, min(a+1, from-1), float32(at-2*n*a) / float32(2*n)
}

func mix(a, b, f float32) float32 { return float32(a*(1-f)) + float32(b*f) }

// count notes a logit at the highest level below it; Read then adds them up. NaN lies above no level.
func (l *Levels) count(v float32) {
	const last = MaxOffset * perLogit
	if v *= perLogit; v > last {
		l[2*last]++
	} else if v > -last {
		k := int(v)
		if float32(k) < v { // v is rounded up: it lies above k-1, but not above k
			k++
		}
		l[k-1+last]++
	}
}

// Stability is that of the candidate's logits, see the function. The offset is taken to the next sixteenth, up to MaxOffset.
func (l *Levels) Stability(offset float64) float64 {
	const zero = MaxOffset * perLogit
	k := 0
	if at := float64(offset*perLogit) + 0.5; at >= zero {
		k = zero
	} else if at > 0 {
		k = int(at)
	}
	return share(int(l[zero+k]), int(l[zero-k]))
}

// Stability is the IoU of the pixels above +offset with those above -offset: how little the outline moves with the threshold.
// It is 0 where nothing lies above either. Source: Kirillov et al. 2023, appendix B.
func Stability(logits []float32, offset float64) float64 {
	inner, outer := 0, 0
	for _, v := range logits {
		if float64(v) > offset {
			inner++
		}
		if float64(v) > -offset {
			outer++
		}
	}
	return share(inner, outer)
}
