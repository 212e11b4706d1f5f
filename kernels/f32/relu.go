package f32

// ReLU writes max(x, 0) into y and sets bit i of mask where x[i] passes: what backward then needs is one bit for each
// element. mask, of ReLUWords words, may be nil; y may be x. What is no number passes, so that it is found.
func ReLU(y []float32, mask []uint32, x []float32) {
	same("ReLU", "y", len(y), len(x))
	if mask != nil {
		same("ReLU", "mask", len(mask), ReLUWords(len(x)))
		clear(mask)
	}
	for i, v := range x {
		if v <= 0 {
			y[i] = 0
			continue
		}
		y[i] = v
		if mask != nil {
			mask[i>>5] |= 1 << (i & 31)
		}
	}
}

// ReLUBack sets the elements of dy to zero that did not pass.
func ReLUBack(dy []float32, mask []uint32) {
	same("ReLUBack", "mask", len(mask), ReLUWords(len(dy)))
	for i := range dy {
		if mask[i>>5]>>(i&31)&1 == 0 {
			dy[i] = 0
		}
	}
}

// ReLUWords is the length of the mask of n elements.
func ReLUWords(n int) int { return ceil(n, 32) / 32 }
