package masks

import (
	"cmp"
	"slices"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
)

// Kept is a mask that everything mode keeps.
type Kept struct {
	wire.FoundMask     // True is -1 until the mask is matched with a truth
	Candidate      int // index of the candidate it came from
	Mask           Mask
}

// fate is how far a candidate comes, worst first.
type fate int

const (
	low fate = iota
	unstable
	suppressed
	size
	kept
)

var names = [...]wire.Fate{low: frame.FateLow, unstable: frame.FateUnstable, suppressed: frame.FateSuppressed, size: frame.FateSize, kept: frame.FateKept}

// Decide filters candidates as the authors' generator does, in its order: predicted IoU (above), stability (at least), the edges
// of crops, suppression of boxes in each crop by predicted IoU, suppression between crops in which masks of smaller crops win,
// removal of small regions, and a second suppression in which masks that it left alone win. Granularity and the partition
// come after. It returns the masks that stay, large ones first.
//
// The first asked of dots have been asked; their candidates are sorted by dot. Decide writes what became of them into dots, with
// the scores of the best of their masks: the one that came furthest, of those the one with the highest predicted IoU. A mask that
// ends at an inner edge of a crop counts as suppressed: it goes on outside, where another crop, or the whole picture, is to find
// it. So does one of which the partition leaves nothing. Size is the fate of a point of which a mask would stay but for
// granularity.
//
// A threshold of 0 or less is no filter, as there; a largest share of 0 is none either. A predicted IoU that is no finite number
// is low. Decide has no memory: call it again when a knob moves or further dots have been asked.
func Decide(dots []wire.Dot, asked int, found []Candidate, crops []Box, set wire.Everyone) []Kept {
	side := crops[0].X1
	fates := make([]fate, len(found))
	stability := make([]float64, len(found))
	var order []int // the candidates that are left, best first
	for from := 0; from < len(found); {
		crop := dots[found[from].Dot].Crop
		var left []int
		for ; from < len(found) && dots[found[from].Dot].Crop == crop; from++ {
			c := &found[from]
			stability[from] = c.Levels.Stability(set.Offset)
			switch {
			case !finite(c.Predicted) || set.Predicted > 0 && c.Predicted <= set.Predicted:
			case !(stability[from] >= set.Stability) || c.box == Box{}:
				fates[from] = unstable
			default:
				fates[from] = suppressed
				if !cut(c.box, crops[crop], side) {
					left = append(left, from)
				}
			}
		}
		order = append(order, suppress(left, found, func(i int) float64 { return found[i].Predicted }, set.Overlap)...)
	}
	if len(crops) > 1 {
		order = suppress(order, found, func(i int) float64 { return -float64(crops[dots[found[i].Dot].Crop].Area()) }, set.Overlap)
	}
	stay := make([]Kept, 0, len(order))
	boxes, untouched := make([]Box, 0, len(order)), make([]float64, 0, len(order))
	for _, i := range order {
		m, changed := Clean(found[i].Mask, set.MinArea)
		score := 1.0
		if changed {
			score = 0
		}
		boxes, untouched = append(boxes, m.Box()), append(untouched, score)
		stay = append(stay, Kept{Candidate: i, Mask: m, FoundMask: wire.FoundMask{
			Dot: found[i].Dot, Predicted: found[i].Predicted, Stability: stability[i], True: -1, Area: m.Area(),
		}})
	}
	if set.MinArea > 0 {
		var second []Kept
		for _, k := range NMS(boxes, untouched, set.Overlap) {
			second = append(second, stay[k])
		}
		stay = second
	}
	all := float64(side * side)
	stay = slices.DeleteFunc(stay, func(k Kept) bool {
		share := float64(k.Area) / all
		out := share < set.Smallest || set.Largest > 0 && share > set.Largest
		if out {
			fates[k.Candidate] = size
		}
		return out
	})
	largeFirst(stay)
	if set.Partition {
		stay = apart(stay, side)
	}
	for _, k := range stay {
		fates[k.Candidate] = kept
	}
	tell(dots, asked, found, fates, stability)
	return stay
}

// largeFirst sorts masks by area; equals keep their order.
func largeFirst(stay []Kept) {
	slices.SortStableFunc(stay, func(a, b Kept) int { return cmp.Compare(b.Area, a.Area) })
}

// suppress is NMS among some of the candidates.
func suppress(some []int, found []Candidate, score func(i int) float64, threshold float64) []int {
	boxes, scores := make([]Box, len(some)), make([]float64, len(some))
	for k, i := range some {
		boxes[k], scores[k] = found[i].box, score(i)
	}
	order := NMS(boxes, scores, threshold)
	for k, at := range order {
		order[k] = some[at]
	}
	return order
}

// apart makes a partition of masks, large ones first, and drops those of which nothing is left.
func apart(stay []Kept, side int) []Kept {
	split := make([]Mask, len(stay))
	for i, k := range stay {
		split[i] = k.Mask.copy()
	}
	Partition(split, side)
	for i := range stay {
		stay[i].Mask, stay[i].Area = split[i], split[i].Area()
	}
	largeFirst(stay)
	return slices.DeleteFunc(stay, func(k Kept) bool { return k.Area == 0 })
}

// tell writes the fates of the best candidates into their dots.
func tell(dots []wire.Dot, asked int, found []Candidate, fates []fate, stability []float64) {
	for i := range dots {
		dots[i].Fate, dots[i].Predicted, dots[i].Stability = frame.FateWaiting, 0, 0
		if i < asked {
			dots[i].Fate = frame.FateLow
		}
	}
	best := -1
	for i, c := range found {
		if !finite(c.Predicted) {
			continue // low, and not to be shown
		}
		if best < 0 || found[best].Dot != c.Dot || fates[i] > fates[best] || fates[i] == fates[best] && c.Predicted > found[best].Predicted {
			best = i
			d := &dots[c.Dot]
			d.Fate, d.Predicted, d.Stability = names[fates[i]], c.Predicted, stability[i]
		}
	}
}

// finite tells whether a number is neither infinite nor NaN.
func finite(v float64) bool { return v-v == 0 }
