package masks

import (
	"cmp"
	"math"
	"slices"
)

// Spearman is the rank correlation of two lists of equal length; equal values share the middle of their ranks. It is 0 where
// one of the lists is constant, or shorter than two: then nothing is ranked.
func Spearman(a, b []float64) float64 {
	// Ranks doubled are whole numbers, so that sums of their products are exact for lists of some thousands.
	ra, rb := ranks(a), ranks(b)
	n := len(ra)
	var ab, aa, bb float64
	for i := range ra {
		x, y := float64(ra[i]-n-1), float64(rb[i]-n-1) // from their mean
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(float64(aa*bb))
}

// ranks are twice the ranks of values, counted from 1.
func ranks(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	r := make([]int, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			r[i] = from + 1 + to
		}
		from = to
	}
	return r
}

// Hit is how well a set of masks finds the true ones at one threshold of IoU.
type Hit struct {
	IoU       float64 // a true mask is found by a mask that fits it at least so well
	Precision float64 // share of masks that find a true one; 0 without masks
	Recall    float64 // share of true masks that are found; 0 without true masks
}

// Hits matches masks, sorted by predicted IoU, best first, with true ones: each takes the one it fits best of those that are not
// found yet, so that a second mask of the same thing counts against precision.
func Hits(found, truths []Mask, thresholds []float64) []Hit {
	iou := make([]float64, len(found)*len(truths))
	for i, f := range found {
		for j, t := range truths {
			iou[i*len(truths)+j] = IoU(f, t)
		}
	}
	hits := make([]Hit, len(thresholds))
	taken := make([]bool, len(truths))
	for k, threshold := range thresholds {
		clear(taken)
		n := 0
		for i := range found {
			best := -1
			for j := range truths {
				v := iou[i*len(truths)+j]
				if !taken[j] && v >= threshold && (best < 0 || v > iou[i*len(truths)+best]) {
					best = j
				}
			}
			if best >= 0 {
				taken[best] = true
				n++
			}
		}
		hits[k] = Hit{threshold, share(n, len(found)), share(n, len(truths))}
	}
	return hits
}
