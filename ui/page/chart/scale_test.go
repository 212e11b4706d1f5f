package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"petri/kernels/lab/wire"
)

func TestScalesHaveThreeToFiveTicksInsideAndReachAllData(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		log := r.IntN(2) == 0
		lo := math.Pow(10, 6*r.Float64()-4)
		hi := lo * (1 + math.Pow(10, 5*r.Float64()-1.5))
		if !log && r.IntN(2) == 0 {
			lo, hi = lo-hi, hi/2
		}
		axis := wire.Axis{Log: log}
		fixed := r.IntN(2) == 0
		if fixed {
			axis.Min, axis.Max = lo, hi
		}
		s := newScale(axis, []float64{lo, hi, math.NaN(), math.Inf(1)}, 200, 0)
		if n := len(s.Ticks); n < 3 || n > 5 {
			t.Fatalf("%v to %v, log %v, fixed %v: ticks %v", lo, hi, log, fixed, s.Ticks)
		}
		if !slices.IsSorted(s.Ticks) || s.Ticks[0] < s.Lo-1e-9*math.Abs(s.Lo) || s.Ticks[len(s.Ticks)-1] > s.Hi+1e-9*math.Abs(s.Hi) {
			t.Fatalf("ticks %v are not inside %v to %v", s.Ticks, s.Lo, s.Hi)
		}
		if s.Lo > lo+1e-9*math.Abs(lo) || s.Hi < hi-1e-9*math.Abs(hi) {
			t.Fatalf("%v to %v does not hold %v to %v", s.Lo, s.Hi, lo, hi)
		}
		if v := s.value(s.at((lo + hi) / 2)); math.Abs(v-(lo+hi)/2) > 1e-9*math.Abs(hi) {
			t.Fatalf("value of at of %v is %v", (lo+hi)/2, v)
		}
	}
}

func TestTickTexts(t *testing.T) {
	for _, c := range []struct {
		ticks []float64
		log   bool
		want  []string
	}{
		{[]float64{0, 0.5, 1}, false, []string{"0", "0.5", "1.0"}},
		{[]float64{-2, 0, 2}, false, []string{"−2", "0", "2"}},
		{[]float64{0, 5000, 10000}, false, []string{"0", "5,000", "10,000"}},
		{[]float64{0.1, 1, 10}, true, []string{"0.1", "1", "10"}},
		{[]float64{1e-4, 1e-3}, true, []string{"1e−4", "0.001"}},
	} {
		if got := tickTexts(c.ticks, c.log); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.ticks, got, c.want)
		}
	}
}

func TestEmptyAndConstantDataHaveAnAxis(t *testing.T) {
	for _, data := range [][]float64{nil, {math.NaN()}, {3, 3}, {0}, {-1, -1}} {
		for _, log := range []bool{false, true} {
			s := newScale(wire.Axis{Log: log}, data, 0, 1)
			if !(s.Lo < s.Hi) || len(s.Ticks) < 3 || log && s.Lo <= 0 {
				t.Errorf("%v, log %v: %+v", data, log, s)
			}
		}
	}
}

func TestSpreadKeepsOrderGapAndBoundsAndMovesLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		want := make([]float64, 1+r.IntN(12))
		for i := range want {
			want[i] = 200 * r.Float64()
		}
		got := spread(want, 14, 0, 200)
		for i := range want {
			if got[i] < -1e-9 || got[i] > 200+1e-9 {
				t.Fatalf("%v outside", got[i])
			}
			for j := range want {
				if want[i] < want[j] && got[j]-got[i] < 14-1e-9 {
					t.Fatalf("%v and %v ended %v apart", want[i], want[j], got[j]-got[i])
				}
			}
		}
	}
	if got := spread([]float64{80, 20, 50}, 14, 0, 100); !slices.Equal(got, []float64{80, 20, 50}) {
		t.Errorf("positions that are far apart moved to %v", got)
	}
	if got := spread([]float64{50, 50}, 14, 0, 100); !slices.Equal(got, []float64{43, 57}) {
		t.Errorf("two at one place went to %v", got)
	}
	if got := spread(make([]float64, 20), 14, 0, 100); got[0] != 0 || got[19] != 100 {
		t.Errorf("what cannot fit is not set evenly: %v", got)
	}
}

func TestLinesAreClippedNotFlattened(t *testing.T) {
	b := box{0, 0, 100, 100}
	pieces := clipLine([]point{{-50, 50}, {50, 50}, {50, 150}, {70, 150}, {70, 50}, {90, 50}}, b)
	want := [][]point{{{0, 50}, {50, 50}, {50, 100}}, {{70, 100}, {70, 50}, {90, 50}}}
	if len(pieces) != 2 || !slices.Equal(pieces[0], want[0]) || !slices.Equal(pieces[1], want[1]) {
		t.Errorf("%v, want %v", pieces, want)
	}
	area := clipArea([]point{{-10, -10}, {50, -10}, {50, 50}, {-10, 50}}, b)
	for _, p := range area {
		if !b.holds(p) {
			t.Errorf("%v of a clipped area lies outside", p)
		}
	}
	if len(area) != 4 {
		t.Errorf("a corner of a square has corners %v", area)
	}
}
