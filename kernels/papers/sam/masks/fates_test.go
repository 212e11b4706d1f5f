package masks

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// The hand-made stack: up to three candidates per point of a picture of 16×16 pixels, by their logits. Everything outside the
// drawing is -3.
type drawn struct {
	dot       int
	predicted float64
	at        Box // where the drawing stands: its rows and columns are X1 - X0 by Y1 - Y0
	rows      string
}

const side = 16

var whole = []Box{{0, 0, side, side}}

var paper = wire.Everyone{Predicted: .88, Stability: .95, Offset: 1, Overlap: .7, Largest: 1}

// stack makes candidates.
func stack(t testing.TB, list []drawn) []Candidate {
	t.Helper()
	var found []Candidate
	for _, d := range list {
		v := make([]float32, side*side)
		for i := range v {
			v[i] = -3
		}
		rows := strings.Fields(d.rows)
		for y, row := range rows {
			if len(rows) != d.at.Y1-d.at.Y0 || len(row) != d.at.X1-d.at.X0 {
				t.Fatalf("a drawing does not fit its box %v", d.at)
			}
			for x, c := range row {
				v[(d.at.Y0+y)*side+d.at.X0+x] = map[rune]float32{'#': 3, '+': .5, '-': -.5, '.': -3}[c]
			}
		}
		found = append(found, Read(d.dot, d.predicted, v, side, Box{0, 0, side, side}))
	}
	return found
}

// solid is a drawing of a full box.
func solid(dot int, predicted float64, at Box) drawn {
	return drawn{dot, predicted, at, strings.Repeat(strings.Repeat("#", at.X1-at.X0)+"\n", at.Y1-at.Y0)}
}

var example = []drawn{
	solid(0, .95, Box{0, 0, 6, 6}),  // 0: kept
	solid(0, .93, Box{0, 0, 6, 6}),  // 1: the same box, worse
	{0, .99, Box{0, 0, 2, 1}, "--"}, // 2: empty: nothing lies above 0, nor above +1
	solid(1, .90, Box{0, 0, 6, 5}),  // 3: 30/36 of candidate 0
	solid(1, .50, Box{8, 8, 9, 9}),  // 4: low
	solid(1, .10, Box{9, 9, 12, 12}),
	{2, .91, Box{8, 0, 10, 4}, "## ## ## #-"},                    // 6: 7 of 8 is .875: unstable
	solid(2, .88, Box{8, 0, 12, 4}),                              // 7: at the bound is not above it
	solid(3, .88, Box{8, 0, 12, 4}),                              // 8: so its point is low
	solid(3, math.NaN(), Box{8, 0, 12, 4}),                       // 9: no number is not above anything
	{4, .89, Box{8, 0, 12, 5}, "#### #### #### #### ###+"},       // 10: 19 of 20 is .95: at the bound stays
	solid(5, .97, Box{0, 8, 10, 9}),                              // 11
	solid(6, .96, Box{0, 8, 7, 9}),                               // 12: 7/10 of candidate 11: not above the bound
	solid(6, .94, Box{0, 8, 8, 9}),                               // 13: 8/10
	solid(7, .92, Box{12, 12, 16, 16}),                           // 14: of equals the first
	solid(8, .92, Box{12, 12, 16, 16}),                           // 15
	{9, .98, Box{0, 11, 5, 16}, "##### #...# #.#.# #...# #####"}, // 16: a ring around an island
}

func points(n int) []wire.Dot {
	dots := make([]wire.Dot, n)
	for i := range dots {
		dots[i] = wire.Dot{X: float64(i), Y: .5}
	}
	return dots
}

// decide returns the survivors, and the fates in words.
func decide(dots []wire.Dot, asked int, found []Candidate, crops []Box, set wire.Everyone) (survivors []int, fates string) {
	for _, k := range Decide(dots, asked, found, crops, set) {
		survivors = append(survivors, k.Candidate)
	}
	var list []string
	for _, d := range dots {
		list = append(list, string(d.Fate))
	}
	return survivors, strings.Join(list, " ")
}

func TestFatesOfAHandMadeStack(t *testing.T) {
	found := stack(t, example)
	for _, c := range []struct {
		what      string
		set       func(*wire.Everyone)
		survivors []int // large ones first; equals in the order of predicted IoU
		fates     string
	}{
		{"as in the paper", func(*wire.Everyone) {},
			[]int{0, 10, 16, 14, 11, 12}, "kept suppressed unstable low kept kept kept kept suppressed kept "},
		{"no filter of predicted IoU", func(s *wire.Everyone) { s.Predicted = 0 },
			[]int{0, 10, 16, 14, 11, 5, 12, 4}, "kept kept suppressed suppressed kept kept kept kept suppressed kept "},
		{"a stricter one", func(s *wire.Everyone) { s.Predicted = .95 },
			[]int{16, 11, 12}, "unstable low low low low kept kept low low kept "},
		{"stability at .96", func(s *wire.Everyone) { s.Stability = .96 },
			[]int{0, 16, 14, 11, 12}, "kept suppressed unstable low unstable kept kept kept suppressed kept "},
		{"stability at .8", func(s *wire.Everyone) { s.Stability = .8 },
			[]int{0, 10, 16, 14, 11, 12, 6}, "kept suppressed kept low kept kept kept kept suppressed kept "},
		{"no stability: empty masks still go", func(s *wire.Everyone) { s.Stability = 0 },
			[]int{0, 10, 16, 14, 11, 12, 6}, "kept suppressed kept low kept kept kept kept suppressed kept "},
		{"an offset within which no outline lies", func(s *wire.Everyone) { s.Offset = .25 },
			[]int{0, 10, 16, 14, 11, 12, 6}, "kept suppressed kept low kept kept kept kept suppressed kept "},
		{"boxes may overlap more", func(s *wire.Everyone) { s.Overlap = .85 },
			[]int{0, 3, 10, 16, 14, 11, 12}, "kept kept unstable low kept kept kept kept suppressed kept "},
		{"boxes may overlap less", func(s *wire.Everyone) { s.Overlap = .65 },
			[]int{0, 10, 16, 14, 11}, "kept suppressed unstable low kept kept suppressed kept suppressed kept "},
		{"granularity", func(s *wire.Everyone) { s.Smallest, s.Largest = 10.0/256, 20.0/256 },
			[]int{10, 16, 14, 11}, "size suppressed unstable low kept kept size kept suppressed kept "},
		{"a largest share of 0 is none", func(s *wire.Everyone) { s.Largest = 0 },
			[]int{0, 10, 16, 14, 11, 12}, "kept suppressed unstable low kept kept kept kept suppressed kept "},
		// 12 lies in 11, so that 3 pixels of 11 stay.
		{"a partition", func(s *wire.Everyone) { s.Partition = true },
			[]int{0, 10, 16, 14, 12, 11}, "kept suppressed unstable low kept kept kept kept suppressed kept "},
	} {
		set := paper
		c.set(&set)
		survivors, fates := decide(points(11), 10, found, whole, set)
		if !slices.Equal(survivors, c.survivors) || fates != c.fates {
			t.Errorf("%s:\nhave %v %q\nwant %v %q", c.what, survivors, fates, c.survivors, c.fates)
		}
	}
}

// What a point shows is its best mask; what a mask shows is its own.
func TestScoresOfFates(t *testing.T) {
	found := stack(t, example)
	dots := points(11)
	for i := range dots {
		dots[i].Fate, dots[i].Predicted, dots[i].Stability = "stale", 9, 9
	}
	stay := Decide(dots, 10, found, whole, paper)
	for _, c := range []struct {
		dot                  int
		predicted, stability float64
	}{
		{0, .95, 1},    // kept, though another has a higher predicted IoU
		{1, .90, 1},    // the suppressed one
		{2, .91, .875}, // the unstable one
		{3, .88, 1},
		{4, .89, .95},
		{10, 0, 0}, // not asked
	} {
		if d := dots[c.dot]; d.Predicted != c.predicted || d.Stability != c.stability || d.X != float64(c.dot) {
			t.Errorf("point %d shows %+v, want %v and %v", c.dot, d, c.predicted, c.stability)
		}
	}
	want := wire.FoundMask{Dot: 4, Predicted: .89, Stability: .95, True: -1, Area: 20}
	if stay[1].FoundMask != want {
		t.Errorf("the second mask is %+v, want %+v", stay[1].FoundMask, want)
	}
	for _, k := range stay {
		same(t, "mask", k.Mask, found[k.Candidate].Mask)
	}
	// Nothing lies above either threshold: 0/0 is no number, but this stability is.
	for _, least := range []float64{0, .95} {
		dots, set := points(1), paper
		set.Stability = least
		stay := Decide(dots, 1, stack(t, []drawn{{0, .99, Box{0, 0, 1, 1}, "."}}), whole, set)
		if len(stay) != 0 || dots[0] != (wire.Dot{Y: .5, Fate: "unstable", Predicted: .99}) {
			t.Errorf("an empty mask: %+v, %+v", stay, dots)
		}
	}
	// What is no number is low, and a file could not hold it.
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		for _, least := range []float64{0, .88} {
			dots, set := points(1), paper
			set.Predicted = least
			stay := Decide(dots, 1, stack(t, []drawn{solid(0, v, Box{0, 0, 4, 4})}), whole, set)
			if len(stay) != 0 || dots[0] != (wire.Dot{Y: .5, Fate: "low"}) {
				t.Errorf("predicted IoU %v: %+v, %+v", v, stay, dots)
			}
		}
	}
	// A point without candidates is low, and nothing asked is nothing found.
	if survivors, fates := decide(points(2), 1, nil, whole, paper); survivors != nil || fates != "low " {
		t.Errorf("no candidates: %v %q", survivors, fates)
	}
}

func TestFatesAfterCleaning(t *testing.T) {
	found := stack(t, []drawn{
		{0, .99, Box{0, 0, 8, 8}, "######## ######## ######## ###.#### ######## ######## ######## ########"}, // a hole
		solid(1, .90, Box{0, 0, 8, 6}), // 48/64: suppressed at .7 from the start
		{2, .98, Box{8, 8, 16, 16}, "####.... ####.... ####.... ####.... ........ ........ ........ .......#"}, // an island far off
		solid(3, .89, Box{8, 8, 12, 12}), // its box is the one above without its island
		{4, .97, Box{10, 0, 14, 2}, "#.#. .#.#"},
	})
	set := paper
	if survivors, fates := decide(points(5), 5, found, whole, set); !slices.Equal(survivors, []int{0, 2, 3, 4}) || fates != "kept suppressed kept kept kept" {
		t.Errorf("without cleaning %v %q", survivors, fates)
	}
	set.MinArea = 4
	dots := points(5)
	stay := Decide(dots, 5, found, whole, set)
	// Candidate 2 loses its island, and then to candidate 3, which was left alone, though 2 has the higher predicted IoU.
	if len(stay) != 3 || stay[0].Candidate != 0 || stay[1].Candidate != 3 || stay[2].Candidate != 4 || dots[2].Fate != "suppressed" {
		t.Fatalf("after cleaning %+v, %+v", stay, dots)
	}
	same(t, "the hole", stay[0].Mask, block(side, Box{0, 0, 8, 8}))
	if stay[0].Area != 64 || found[0].Mask.Area() != 63 {
		t.Errorf("areas %d and %d, want 64, and 63 of the candidate, which stays as it was", stay[0].Area, found[0].Mask.Area())
	}
	// Granularity measures what is left.
	set.Largest = 63.0 / (side * side)
	if survivors, _ := decide(points(5), 5, found, whole, set); !slices.Equal(survivors, []int{3, 4}) {
		t.Errorf("with a largest area of 63: %v", survivors)
	}
}

// Of masks of equal area that of the smaller crop comes first.
func TestFatesOfCrops(t *testing.T) {
	dots, crops := Grid(side, 2, 1) // 4 points of the whole, then one of each crop
	// Overlap 512·16/1500 = 5, size 11, step 6.
	if len(dots) != 8 || crops[1] != (Box{0, 0, 11, 11}) || crops[4] != (Box{6, 6, 16, 16}) {
		t.Fatalf("%d points, crops %v", len(dots), crops)
	}
	found := stack(t, []drawn{
		solid(0, .99, Box{2, 2, 8, 8}),
		solid(0, .97, Box{0, 0, 16, 11}), // ends where crop 1 does, but has been found in the whole picture
		solid(4, .90, Box{2, 2, 8, 8}),   // of a smaller crop: stays, though its predicted IoU is lower
		solid(4, .95, Box{2, 2, 10, 8}),  // ends at the inner edge of crop 1, but for the tolerance
		solid(4, .91, Box{0, 0, 4, 4}),   // at edges of the picture only
		solid(7, .95, Box{8, 8, 14, 14}),
	})
	survivors, fates := decide(dots, len(dots), found, crops, paper)
	if want := []int{1, 5, 2, 4}; !slices.Equal(survivors, want) {
		t.Errorf("survivors %v, want %v", survivors, want)
	}
	if want := "kept low low low kept low low kept"; fates != want {
		t.Errorf("fates %q, want %q", fates, want)
	}
	// The same boxes in two crops of unequal size: the smaller one is crop 4, 10×10.
	found = stack(t, []drawn{solid(4, .99, Box{7, 7, 9, 9}), solid(7, .90, Box{8, 8, 14, 14})})
	found = append(found[:1], stack(t, []drawn{solid(7, .90, Box{8, 8, 9, 9})})...)
	set := paper
	set.Overlap = .2 // 1 of 4
	if survivors, _ := decide(dots, len(dots), found, crops, set); !slices.Equal(survivors, []int{1}) {
		t.Errorf("of two crops %v stay, want that of the smaller, 1", survivors)
	}
}

func TestPartitionOfFates(t *testing.T) {
	found := stack(t, []drawn{
		{0, .95, Box{0, 0, 8, 8}, "######## ######## ######## ######## ######## ######## ######## ########"},
		solid(1, .94, Box{0, 0, 8, 4}),
		solid(2, .93, Box{0, 4, 8, 8}),
	})
	set := paper
	set.Partition = true
	dots := points(3)
	stay := Decide(dots, 3, found, whole, set)
	if len(stay) != 2 || stay[0].Candidate != 1 || stay[1].Candidate != 2 || dots[0].Fate != "suppressed" {
		t.Errorf("of a whole under its two halves: %+v, %+v", stay, dots)
	}
	if a := found[0].Mask.Area(); a != 64 {
		t.Errorf("the candidate has lost pixels: %d of 64 are left", a)
	}
}

// Whatever the knobs are: a mask that stays belongs to a kept point and the other way round, a partition holds no pixel twice,
// and looking again gives the same.
func TestFatesOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for range 60 {
		dots, crops := Grid(32, 4, r.IntN(2))
		found := many(r, dots, crops, 32)
		set := wire.Everyone{
			Predicted: r.Float64(), Stability: r.Float64(), Offset: 2 * r.Float64(), Overlap: .2 + .8*r.Float64(), MinArea: r.IntN(5),
			Smallest: .1 * r.Float64(), Largest: r.Float64(), Partition: r.IntN(2) == 0,
		}
		asked := len(dots)
		stay := Decide(dots, asked, found, crops, set)
		keeps := make([]bool, len(dots))
		free := New(32)
		for i, k := range stay {
			keeps[k.Dot] = true
			if k.Mask.Area() != k.Area || k.Area == 0 || found[k.Candidate].Dot != k.Dot {
				t.Fatalf("mask %d: %+v", i, k.FoundMask)
			}
			if i > 0 && k.Area > stay[i-1].Area {
				t.Fatal("large masks do not come first")
			}
			if both, _ := Overlap(free, k.Mask); set.Partition && both > 0 {
				t.Fatalf("%d pixels of mask %d belong to two", both, i)
			}
			for j, w := range k.Mask.Bits {
				free.Bits[j] |= w
			}
		}
		for i, d := range dots {
			if keeps[i] != (d.Fate == "kept") || d.Fate == "" {
				t.Fatalf("point %d is %q, and keeps a mask: %v", i, d.Fate, keeps[i])
			}
		}
		before := slices.Clone(dots)
		again := Decide(dots, asked, found, crops, set)
		if !slices.Equal(dots, before) || len(again) != len(stay) {
			t.Fatal("a second look gives something else")
		}
		for i := range again {
			same(t, "again", again[i].Mask, stay[i].Mask)
		}
	}
}

// many makes three candidates for each point: smooth bumps about it.
func many(r *rand.Rand, dots []wire.Dot, crops []Box, side int) []Candidate {
	var found []Candidate
	v := make([]float32, side*side)
	for i, d := range dots {
		for head := range 3 {
			bump(v, side, r.Float64()*float64(side), r.Float64()*float64(side), float64(side*(head+1))/8*(.5+r.Float64()))
			found = append(found, Read(i, .5+.5*r.Float64(), v, side, crops[d.Crop]))
		}
	}
	return found
}

// bump is a cone of logits that is 0 at a radius.
func bump(v []float32, side int, x, y, radius float64) {
	for i := range v {
		dx, dy := float64(i%side)+.5-x, float64(i/side)+.5-y
		v[i] = float32(4 * (radius - math.Sqrt(float64(dx*dx)+float64(dy*dy))))
	}
}

func BenchmarkRead(b *testing.B) {
	v := make([]float32, 64*64)
	bump(v, 64, 30, 30, 12)
	for b.Loop() {
		Read(0, .9, v, 64, Box{0, 0, 64, 64})
	}
}

func BenchmarkFates(b *testing.B) {
	dots, crops := Grid(64, 16, 0)
	found := many(rand.New(rand.NewPCG(7, 1)), dots, crops, 64)
	for _, c := range []struct {
		name string
		set  wire.Everyone
	}{
		{"paper", paper},
		{"all", wire.Everyone{Offset: 1, Overlap: 1, MinArea: 4, Partition: true}}, // nothing is filtered: the most work
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Decide(dots, len(dots), found, crops, c.set)
			}
		})
	}
}
