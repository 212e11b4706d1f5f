package masks

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNMSOrderAndTies(t *testing.T) {
	a, near, far := Box{0, 0, 10, 10}, Box{0, 0, 10, 9}, Box{20, 20, 30, 30}
	for _, c := range []struct {
		what      string
		boxes     []Box
		scores    []float64
		threshold float64
		want      []int
	}{
		{"the better one stays", []Box{a, near, far}, []float64{.8, .9, .7}, .7, []int{1, 2}},
		{"of equals the first stays", []Box{near, a, far}, []float64{.9, .9, .9}, .7, []int{0, 2}},
		{"in the order of scores", []Box{far, a}, []float64{.5, .6}, .7, []int{1, 0}},
		{"at the threshold both stay", []Box{a, {0, 0, 10, 7}}, []float64{.9, .8}, .7, []int{0, 1}},
		{"above it they do not", []Box{a, {0, 0, 10, 8}}, []float64{.9, .8}, .7, []int{0}},
		// The middle one goes, so that the last, which only it covers, stays.
		{"who is gone suppresses none", []Box{{0, 0, 10, 10}, {0, 2, 10, 12}, {0, 4, 10, 14}}, []float64{.9, .8, .7}, .6, []int{0, 2}},
		{"empty boxes do not meet", []Box{{}, {}}, []float64{1, 1}, .7, []int{0, 1}},
		{"nothing", nil, nil, .7, []int{}},
	} {
		if have := NMS(c.boxes, c.scores, c.threshold); !slices.Equal(have, c.want) {
			t.Errorf("%s: %v, want %v", c.what, have, c.want)
		}
	}
}

func TestNMSOfRandomBoxes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 50 {
		var boxes []Box
		var scores []float64
		for range 40 {
			x, y := r.IntN(20), r.IntN(20)
			boxes = append(boxes, Box{x, y, x + 1 + r.IntN(12), y + 1 + r.IntN(12)})
			scores = append(scores, float64(r.IntN(10))/10)
		}
		kept := NMS(boxes, scores, .4)
		for i := range boxes {
			beaten := false
			for _, k := range kept {
				before := scores[k] > scores[i] || scores[k] == scores[i] && k < i
				if k != i && before && BoxIoU(boxes[i], boxes[k]) > .4 {
					beaten = true
				}
			}
			if stays := slices.Contains(kept, i); stays == beaten {
				t.Fatalf("box %d stays %v, though a better one that stays covers it: %v", i, stays, beaten)
			}
		}
	}
}
