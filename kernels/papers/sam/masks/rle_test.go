package masks

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Strings worked out by hand from COCO's rule.
func TestRunLengthsByHand(t *testing.T) {
	for _, c := range []struct {
		drawing string
		counts  []int
		packed  string
	}{
		// Down the columns ooo ##o oo#: the fourth run, 1, is told as 1 - 2 = -1, all bits of one group.
		{`.#.
		  .#.
		  ..#`, []int{3, 2, 3, 1}, "323O"},
		// 16 = 10000 would read as -16: a group of zeros follows, 16 + 32 + 48 = '`'.
		{`....
		  ....
		  ....
		  ....`, []int{16}, "`0"},
		// 0, then 9 = '9'.
		{`###
		  ###
		  ###`, []int{0, 9}, "09"},
		// 36 = 1 00100: 4 + 32 + 48 = 'T', then '1'.
		{`......
		  ......
		  ......
		  ......
		  ......
		  ......`, []int{36}, "T1"},
		// 0 1 20 1 3: 20 = 10100 needs a second group, 20 + 32 + 48 = 'd', '0'; 1 - 1 = 0; 3 - 20 = -17 = ...1 01111:
		// 15 + 32 + 48 = '_', then all ones, 31 + 48 = 'O'.
		{`#....
		  ....#
		  .....
		  .....
		  .....`, []int{0, 1, 20, 1, 3}, "01d00_O"},
	} {
		m := draw(t, c.drawing)
		if have := m.Counts(); !slices.Equal(have, c.counts) {
			t.Errorf("counts %v, want %v of%s", have, c.counts, show(m))
		}
		if have := Pack(c.counts); have != c.packed {
			t.Errorf("%v packed is %q, want %q", c.counts, have, c.packed)
		}
		if have, err := Unpack(c.packed, 100); err != nil || !slices.Equal(have, c.counts) {
			t.Errorf("%q unpacked is %v, %v; want %v", c.packed, have, err, c.counts)
		}
		back, err := FromCounts(c.counts, m.Side)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "and back", back, m)
	}
}

func TestRunLengthsOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, side := range []int{1, 7, 32, 64} {
		for range 30 {
			m := noise(r, side, r.Float64())
			counts, err := Unpack(Pack(m.Counts()), side*side+1)
			if err != nil {
				t.Fatal(err)
			}
			back, err := FromCounts(counts, side)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "there and back", back, m)
		}
	}
}

func TestBrokenRunLengths(t *testing.T) {
	for _, c := range []struct {
		packed string
		limit  int
		want   string
	}{
		{"32T", 9, "ends in the middle of run 3"},
		{"32 1", 9, `' ' at position 3`},
		{"3p", 9, `'p' at position 2`},
		{"32\xff", 9, "at position 3"},
		{"oooooo1", 9, "run 1 of the string of run lengths has more than 6 characters"},
		{"1111", 3, "more than 3 runs"},
	} {
		if have, err := Unpack(c.packed, c.limit); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gives %v, %v; want an error with %q", c.packed, have, err, c.want)
		}
	}
	for _, c := range []struct {
		counts []int
		want   string
	}{
		{[]int{3, -1, 7}, "run 2 has length -1"},
		{[]int{3, 2, 3}, "cover 8 pixels: want all 9 of 3 × 3"},
		{[]int{3, 7}, "the first 2 runs cover more than the 9 pixels of 3 × 3"},
		{[]int{1 << 62, 1 << 62}, "the first 1 runs cover more"},
		{[]int{1, 1<<63 - 1}, "the first 2 runs cover more"},
		{nil, "cover 0 pixels"},
	} {
		if m, err := FromCounts(c.counts, 3); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v gives %v, %v; want an error with %q", c.counts, m, err, c.want)
		}
	}
}

// Whatever is read is written as it was, but for zeros that COCO's own code would not write.
func FuzzUnpack(f *testing.F) {
	for _, s := range []string{"323O", "`0", "01d00_O", "oooooo", "", "OOO", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		counts, err := Unpack(s, 300)
		if err != nil {
			return
		}
		again, err := Unpack(Pack(counts), 300)
		if err != nil || !slices.Equal(again, counts) {
			t.Errorf("%q is %v, and packed and unpacked %v, %v", s, counts, again, err)
		}
		if m, err := FromCounts(counts, 16); err == nil {
			back, err := FromCounts(m.Counts(), 16)
			if err != nil || show(back) != show(m) {
				t.Errorf("%v does not come back: %v", counts, err)
			}
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add([]byte{0xff, 0x00, 0x18}, byte(5))
	f.Add([]byte{}, byte(1))
	f.Fuzz(func(t *testing.T, data []byte, s byte) {
		side := 1 + int(s)%40
		m := New(side)
		for i := range min(side*side, 8*len(data)) {
			if data[i/8]>>(i%8)&1 != 0 {
				m.Set(i%side, i/side)
			}
		}
		counts, err := Unpack(Pack(m.Counts()), side*side+1)
		if err != nil {
			t.Fatal(err)
		}
		back, err := FromCounts(counts, side)
		if err != nil || show(back) != show(m) {
			t.Errorf("a mask of side %d does not come back: %v%s", side, err, show(m))
		}
	})
}
