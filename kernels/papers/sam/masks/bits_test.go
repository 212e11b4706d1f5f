package masks

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"petri/kernels/lab/wire"
)

// The same bits natively and in wasm: every step from logits, of crops as well, to a file and the scores of points.
func TestBits(t *testing.T) {
	dots, crops := Grid(64, 8, 1)
	found := many(rand.New(rand.NewPCG(8, 1)), dots, crops, 64)
	set := wire.Everyone{Predicted: .6, Stability: .8, Offset: 1, Overlap: .7, MinArea: 4, Smallest: .005, Largest: .9, Partition: true}
	stay := Decide(dots, len(dots), found, crops, set)
	file, err := Export(stay, dots, crops)
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	h.Write(file)
	for _, c := range found {
		fmt.Fprint(h, c.Levels)
	}
	for _, d := range dots {
		fmt.Fprint(h, d)
	}
	const want = "afc13312cd50f08d"
	if have := fmt.Sprintf("%016x", h.Sum64()); have != want || len(stay) < 10 {
		t.Errorf("%d masks with bits %s, want %s", len(stay), have, want)
	}
}
