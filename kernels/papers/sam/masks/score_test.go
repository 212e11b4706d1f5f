package masks

import (
	"math"
	"slices"
	"testing"
)

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		what string
		a, b []float64
		want float64
	}{
		{"any growing function", []float64{1, 2, 3, 4}, []float64{-5, 0, .1, 100}, 1},
		{"any falling one", []float64{1, 2, 3}, []float64{9, 4, 1}, -1},
		// Differences of ranks 1, -1, 0, 0: 1 - 6·2/(4·15).
		{"two neighbours swapped", []float64{1, 2, 3, 4}, []float64{2, 1, 3, 4}, 0.8},
		// Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5/sqrt(4.5·5).
		{"a tie", []float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 4.5 / math.Sqrt(22.5)},
		{"a constant", []float64{1, 1, 1}, []float64{1, 2, 3}, 0},
		{"one value", []float64{1}, []float64{1}, 0},
		{"none", nil, nil, 0},
	} {
		if have := Spearman(c.a, c.b); math.Abs(have-c.want) > 1e-15 {
			t.Errorf("%s: %v, want %v", c.what, have, c.want)
		}
	}
}

func TestHits(t *testing.T) {
	truths := []Mask{block(16, Box{0, 0, 10, 1}), block(16, Box{0, 4, 10, 5}), block(16, Box{0, 8, 10, 9})}
	found := []Mask{
		block(16, Box{0, 0, 10, 1}),  // the first, wholly
		block(16, Box{0, 0, 9, 1}),   // the first once more
		block(16, Box{0, 4, 8, 5}),   // the second at 0.8
		block(16, Box{0, 12, 4, 13}), // nothing
	}
	have := Hits(found, truths, []float64{.5, .8, .9})
	want := []Hit{{.5, 2.0 / 4, 2.0 / 3}, {.8, 2.0 / 4, 2.0 / 3}, {.9, 1.0 / 4, 1.0 / 3}}
	if !slices.Equal(have, want) {
		t.Errorf("hits %v, want %v", have, want)
	}
	if have := Hits(nil, truths, []float64{.5})[0]; have != (Hit{.5, 0, 0}) {
		t.Errorf("nothing found: %v", have)
	}
	if have := Hits(found, nil, []float64{.5})[0]; have != (Hit{.5, 0, 0}) {
		t.Errorf("nothing true: %v", have)
	}
}
