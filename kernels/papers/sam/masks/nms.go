package masks

import (
	"cmp"
	"slices"
)

// NMS is greedy suppression of boxes that are not the maximum: in the order of their scores, highest first and lower index first
// among equals, a box stays unless its IoU with one that stayed is above the threshold. It returns the indexes of those that
// stay, in that order.
func NMS(boxes []Box, scores []float64, threshold float64) []int {
	order := make([]int, len(boxes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	kept := order[:0]
next:
	for _, i := range order {
		for _, k := range kept {
			if BoxIoU(boxes[i], boxes[k]) > threshold {
				continue next
			}
		}
		kept = append(kept, i)
	}
	return kept
}
