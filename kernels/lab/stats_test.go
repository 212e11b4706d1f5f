package lab

import (
	"math"
	"testing"

	"petri/kernels/lab/wire"
)

func TestIntervalIsStudentT(t *testing.T) {
	// t(0.975) for 1, 2 and 4 degrees of freedom is 12.7062, 4.30265 and 2.77645 in any printed table.
	for _, c := range []struct {
		values     []float64
		mean, half float64
	}{
		{[]float64{1, 3}, 2, 12.7062 * math.Sqrt2 / math.Sqrt2},
		{[]float64{1, 2, 3}, 2, 4.30265 * 1 / math.Sqrt(3)},
		{[]float64{1, 2, 3, 4, 5}, 3, 2.77645 * math.Sqrt(2.5) / math.Sqrt(5)},
		{[]float64{7}, 7, 0},
		{[]float64{4, 4, 4}, 4, 0},
	} {
		iv := Interval(c.values)
		if math.Abs(iv.Mean-c.mean) > 1e-12 || math.Abs(iv.High-iv.Mean-c.half) > 1e-4 || math.Abs(iv.Mean-iv.Low-c.half) > 1e-4 {
			t.Errorf("Interval(%v) = %v [%v, %v], want %v ± %v", c.values, iv.Mean, iv.Low, iv.High, c.mean, c.half)
		}
	}
	if iv := Interval(nil); iv.Mean != 0 || iv.Low != 0 || iv.High != 0 {
		t.Errorf("Interval of nothing = %v", iv)
	}
}

func TestPairedRemovesWhatSeedsShare(t *testing.T) {
	a, b := []float64{10, 50, 90}, []float64{9, 49.1, 88.9}
	iv := Paired(a, b)
	if math.Abs(iv.Mean-1) > 1e-9 || iv.High-iv.Low > 1 {
		t.Errorf("Paired = %v [%v, %v]; the seeds' own spread of 40 should be gone", iv.Mean, iv.Low, iv.High)
	}
}

// Trials are compared with those of the same seed, wherever they stand in their lists, and only where both have a number.
func TestDifferencesArePairedBySeed(t *testing.T) {
	trials := func(values ...float64) (of []wire.TrialResult) {
		for seed, x := range values {
			of = append(of, wire.TrialResult{Trial: wire.TrialID{Seed: seed}, Metrics: map[string]float64{"accuracy": x}})
		}
		return of
	}
	a, b := trials(60, 70, 80, 90, 95), trials(50, 60, 70, 80, 85)
	a[4].Metrics = nil
	b[3].Diverged = 7
	iv := Difference(a[1:], b, "accuracy", 2)
	if len(iv.Values) != 2 || iv.Values[0] != 20 || iv.Values[1] != 20 {
		t.Errorf("the differences are %v, want 20 for seeds 1 and 2", iv.Values)
	}
	if iv := Difference(a, nil, "accuracy", 1); len(iv.Values) != 0 {
		t.Errorf("a difference from nothing: %v", iv)
	}
}

func TestQuantiles(t *testing.T) {
	x := []float64{9, 1, 5}
	if m := Median(x); m != 5 {
		t.Errorf("Median = %v", m)
	}
	if x[0] != 9 {
		t.Error("Median sorted its argument")
	}
	if q := Quantile([]float64{0, 10}, 0.25); q != 2.5 {
		t.Errorf("Quantile = %v", q)
	}
	if Median(nil) != 0 {
		t.Error("Median of nothing")
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		side   Side
		limit  float64
		want   wire.Verdict
	}{
		{"clearly below", []float64{.1, .2, .3}, Below, 1, wire.Holds},
		{"clearly above a limit it should stay below", []float64{3.1, 3.2, 3.3}, Below, 1, wire.Fails},
		{"above", []float64{3.1, 3.2, 3.3}, Above, 1, wire.Holds},
		{"below a limit it should pass", []float64{.1, .2, .3}, Above, 1, wire.Fails},
		{"interval crosses", []float64{0, 1, 4}, Below, 1, wire.Unclear},
		{"one seed", []float64{99}, Above, 1, wire.Unclear},
		{"nothing", nil, Above, 1, wire.Unclear},
		{"closer than the platforms agree", []float64{1 + 1e-10, 1 + 1e-10}, Above, 1, wire.Unclear},
		{"no number", []float64{math.NaN(), 1}, Above, 1, wire.Unclear},
	} {
		if got := Judge(Interval(c.values), c.side, c.limit); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAllVerdicts(t *testing.T) {
	for _, c := range []struct {
		in   []wire.Verdict
		want wire.Verdict
	}{
		{nil, wire.Unclear},
		{[]wire.Verdict{wire.Holds, wire.Holds}, wire.Holds},
		{[]wire.Verdict{wire.Holds, wire.Unclear}, wire.Unclear},
		{[]wire.Verdict{wire.Unclear, wire.Fails}, wire.Fails},
		{[]wire.Verdict{wire.Holds, ""}, wire.Unclear},
	} {
		if got := All(c.in...); got != c.want {
			t.Errorf("All(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}
