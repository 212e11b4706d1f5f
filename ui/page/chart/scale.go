package chart

import (
	"math"
	"slices"
	"strconv"

	"petri/kernels/lab/wire"
)

// scale maps values of an axis onto pixels and knows its ticks.
type scale struct {
	Lo, Hi float64 // of the axis
	A, B   float64 // pixels at Lo and Hi
	Log    bool
	Ticks  []float64
}

// at returns the pixel of a value. On a log scale a value that is not positive lies infinitely far below.
func (s scale) at(v float64) float64 {
	lo, hi := s.Lo, s.Hi
	if s.Log {
		if v <= 0 {
			v = s.Lo * 1e-9
		}
		v, lo, hi = math.Log(v), math.Log(lo), math.Log(hi)
	}
	return s.A + (s.B-s.A)*(v-lo)/(hi-lo)
}

// value is the inverse of at.
func (s scale) value(p float64) float64 {
	t := (p - s.A) / (s.B - s.A)
	if s.Log {
		return math.Exp(math.Log(s.Lo) + t*(math.Log(s.Hi)-math.Log(s.Lo)))
	}
	return s.Lo + t*(s.Hi-s.Lo)
}

// newScale fits an axis to data, unless the axis says its own range, and picks three to five ticks. It returns a scale
// from 0 to 1 where there is nothing to fit.
func newScale(axis wire.Axis, data []float64, a, b float64) scale {
	s := scale{A: a, B: b, Log: axis.Log}
	lo, hi, ok := extent(data, axis.Log)
	fixed := axis.Min != axis.Max && !(axis.Log && axis.Min <= 0)
	switch {
	case fixed:
		lo, hi = axis.Min, axis.Max
	case !ok && axis.Log:
		lo, hi = 0.1, 1
	case !ok:
		lo, hi = 0, 1
	case lo == hi && axis.Log:
		lo, hi = lo/2, hi*2
	case lo == hi:
		pad := math.Max(math.Abs(lo)*0.1, 1e-9)
		lo, hi = lo-pad, hi+pad
	}
	if axis.Log {
		s.Lo, s.Hi, s.Ticks = logTicks(lo, hi, fixed)
	} else {
		s.Lo, s.Hi, s.Ticks = linearTicks(lo, hi, fixed)
	}
	return s
}

// extent returns the least and largest finite value, of the positive ones on a log axis.
func extent(data []float64, log bool) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range data {
		if finite(v) && (!log || v > 0) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	return lo, hi, lo <= hi
}

// linearTicks picks the step 1, 2, 2.5 or 5 times a power of ten that gives three to five ticks and the least empty
// space; a range that is not fixed is widened to whole steps.
func linearTicks(lo, hi float64, fixed bool) (float64, float64, []float64) {
	best, from, to, bestLo, bestHi := math.Inf(1), 0.0, 0.0, lo, hi
	step := 0.0
	top := math.Pow(10, math.Ceil(math.Log10(hi-lo)))
	for _, unit := range []float64{1, 0.5, 0.25, 0.2, 0.1, 0.05, 0.025, 0.02} {
		st := top * unit
		f, t := math.Ceil(lo/st-1e-9), math.Floor(hi/st+1e-9)
		l, h := lo, hi
		if !fixed {
			f, t = math.Floor(lo/st+1e-9), math.Ceil(hi/st-1e-9)
			l, h = f*st, t*st
		}
		n := t - f + 1
		cost := (h-l)/(hi-lo) + 0.05*math.Abs(n-4)
		if n < 3 || n > 5 {
			cost += 10 + math.Abs(n-4)
		}
		if cost < best {
			best, from, to, step, bestLo, bestHi = cost, f, t, st, l, h
		}
	}
	var ticks []float64
	for k := from; k <= to; k++ {
		ticks = append(ticks, tidy(k*step))
	}
	if !fixed {
		bestLo, bestHi = tidy(bestLo), tidy(bestHi)
	}
	return bestLo, bestHi, ticks
}

// tidy removes the last bits that a multiplication by a decimal step leaves.
func tidy(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// logSeries are the ticks offered within each factor of ten.
var logSeries = [][]float64{{1, 2, 5}, {1, 3}, {1}}

// logTicks picks the densest series with at most five ticks. Below one factor of ten it falls back to even steps.
func logTicks(lo, hi float64, fixed bool) (float64, float64, []float64) {
	if !fixed {
		lo, hi = logSnap(lo, false), logSnap(hi, true)
	}
	for _, series := range logSeries {
		if t := logSeriesTicks(lo, hi, series, 1); len(t) >= 3 && len(t) <= 5 {
			return lo, hi, t
		}
	}
	for skip := 2; skip < 20; skip++ { // many decades: every second, third ...
		if t := logSeriesTicks(lo, hi, []float64{1}, skip); len(t) >= 3 && len(t) <= 5 {
			return lo, hi, t
		}
	}
	_, _, t := linearTicks(lo, hi, true)
	return lo, hi, t
}

// logSeriesTicks lists m·10^k within lo..hi, for the mantissas m and every skip-th k.
func logSeriesTicks(lo, hi float64, mantissas []float64, skip int) []float64 {
	var t []float64
	first := int(math.Floor(math.Log10(lo)))
	for k := first - (((first % skip) + skip) % skip); k <= int(math.Ceil(math.Log10(hi))); k += skip {
		for _, m := range mantissas {
			if v := tidyLog(m, k); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				t = append(t, v)
			}
		}
	}
	return t
}

// tidyLog is m·10^k without the rounding of Pow for negative k.
func tidyLog(m float64, k int) float64 {
	if k < 0 {
		return m / math.Pow(10, float64(-k))
	}
	return m * math.Pow(10, float64(k))
}

// logSnap moves a bound outwards to the next of 1, 1.5, 2, 3, 5, 7 times a power of ten.
func logSnap(v float64, up bool) float64 {
	k := int(math.Floor(math.Log10(v)))
	steps := []float64{1, 1.5, 2, 3, 5, 7, 10}
	if up {
		for _, m := range steps {
			if x := tidyLog(m, k); x >= v*(1-1e-9) {
				return x
			}
		}
	}
	for _, m := range slices.Backward(steps) {
		if x := tidyLog(m, k); x <= v*(1+1e-9) {
			return x
		}
	}
	return v
}

// tickTexts writes ticks with as many decimals as the finest of them needs, and common to all on a linear axis.
func tickTexts(ticks []float64, log bool) []string {
	out := make([]string, len(ticks))
	decimals := 0
	for i, t := range ticks {
		out[i] = Number(t)
		for d := 0; d <= 6; d++ {
			if math.Abs(t-math.Round(t*math.Pow(10, float64(d)))/math.Pow(10, float64(d))) < 1e-9*math.Max(1, math.Abs(t)) {
				decimals = max(decimals, d)
				break
			}
		}
	}
	lo, hi, ok := extent(ticks, false)
	if log || !ok || math.Max(math.Abs(lo), math.Abs(hi)) >= 1e6 || decimals > 4 {
		return out
	}
	for i, t := range ticks {
		if out[i] = fixed(t, decimals); decimals == 0 {
			out[i] = Count(int(math.Round(t)))
		}
		if t == 0 {
			out[i] = "0"
		}
	}
	return out
}
