package data

import (
	"math"
	"testing"
)

// All patterns have as much ink: that of lines as far apart, less what strokes share where they meet.
func TestPatternsShareTheirInk(t *testing.T) {
	var mean [len(tiles)]float64
	const n = 400
	for label := range tiles {
		for i := range n {
			var r stream
			var f field
			r.start(5, 77, uint64(i))
			f.clear()
			tiles[label].lay(&f, &r, 1.25)
			f.coverage(&[Pixels]bool{}, .75, 0)
			for _, c := range f {
				mean[label] += float64(c) / n / Pixels
			}
		}
		t.Logf("%s: %.3f", tiles[label].name, mean[label])
	}
	for label, m := range mean {
		if want := 1.5 / 4; m > want+.02 || m < want-.06 {
			t.Errorf("%s covers %.3f of the image, want about %.3f", tiles[label].name, m, want)
		}
	}
}

// A pattern leaves no part of the image out.
func TestPatternsCoverTheImage(t *testing.T) {
	for label := range tiles {
		var drawn [4][4]int // by patch
		const n = 200
		for i := range n {
			var r stream
			var f field
			r.start(5, 77, uint64(i))
			f.clear()
			tiles[label].lay(&f, &r, 1)
			for j, d := range f {
				if d <= .25 {
					drawn[j/Side/8][j%Side/8]++
				}
			}
		}
		all := 0
		for _, row := range drawn {
			for _, k := range row {
				all += k
			}
		}
		for y, row := range drawn {
			for x, k := range row {
				if share := float64(k) * 16 / float64(all); math.Abs(share-1) > .1 {
					t.Errorf("%s: patch %d, %d has %.2f of its share of strokes", tiles[label].name, y, x, share)
				}
			}
		}
	}
}
