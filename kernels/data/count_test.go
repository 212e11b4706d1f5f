package data

import (
	"math"
	"slices"
	"testing"
)

// pieces counts the connected sets of pixels that are lighter than the middle of all greys.
func pieces(img []float32) (n int) {
	middle := (slices.Min(img) + slices.Max(img)) / 2
	var seen [Pixels]bool
	var visit func(x, y int)
	visit = func(x, y int) {
		if x < 0 || y < 0 || x >= Side || y >= Side || seen[y*Side+x] || img[y*Side+x] <= middle {
			return
		}
		seen[y*Side+x] = true
		visit(x-1, y)
		visit(x+1, y)
		visit(x, y-1)
		visit(x, y+1)
	}
	for i, v := range img {
		if v > middle && !seen[i] {
			n++
			visit(i%Side, i/Side)
		}
	}
	return n
}

// The label is the number of pieces: an observer with one threshold for the whole image finds it, but for the noise.
func TestCountIsHowMany(t *testing.T) {
	img := make([]float32, Pixels)
	right := 0
	const n = 3000
	for i := range n {
		if label := (Count{3}).Image(img, Test, i); pieces(img) == label+1 {
			right++
		}
	}
	t.Logf("%.1f %%", 100*float64(right)/n)
	if right < n*98/100 {
		t.Errorf("%d of %d are counted", right, n)
	}
	for i := range 600 { // without paper and noise there is no doubt
		var r stream
		var f field
		r.start(5, 77, uint64(i))
		blobs := 1 + i%len(counts)
		Count{}.spill(&f, &r, blobs)
		if n := pieces(f[:]); n != blobs {
			t.Errorf("%d blobs are in %d pieces", blobs, n)
		}
	}
}

// One stream drawn with every label has the same amount of ink.
func TestCountSharesItsInk(t *testing.T) {
	for i := range 200 {
		var sums [len(counts)]float64
		for label := range counts {
			var r stream
			var f field
			r.start(5, 77, uint64(i))
			Count{}.spill(&f, &r, label+1)
			for _, c := range f {
				sums[label] += float64(c)
			}
			if math.Abs(sums[label]/sums[0]-1) > .03 {
				t.Errorf("stream %d: %s blobs have %.1f of ink, one has %.1f", i, counts[label], sums[label], sums[0])
			}
		}
	}
}
