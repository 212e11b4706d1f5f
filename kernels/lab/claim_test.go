package lab

import (
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

func TestAbsentSaysWhatToAdd(t *testing.T) {
	c := wire.ClaimReport{Verdict: wire.Holds}
	Absent(&c, "a", "b", "c")
	if c.Verdict != wire.NotRun || c.Here == "" || c.Why != "To judge it, add a, b and c." {
		t.Errorf("%+v", c)
	}
}

func TestSettleTakesVerdictsBack(t *testing.T) {
	fine := []wire.TrialResult{{Trial: wire.TrialID{Seed: 0}}, {Trial: wire.TrialID{Seed: 1}}}
	c := wire.ClaimReport{Verdict: wire.Holds, Why: "So it is."}
	if _, diverged := Settle(&c, "a", fine); diverged || c.Verdict != wire.Holds || c.Why != "So it is." {
		t.Errorf("nothing diverged, and %+v", c)
	}
	broken := append(fine, wire.TrialResult{Trial: wire.TrialID{Seed: 2}, Diverged: 5}, wire.TrialResult{Trial: wire.TrialID{Seed: 3}, Diverged: 1})
	if seed, diverged := Settle(&c, "a", broken); !diverged || seed != 2 || c.Verdict != wire.Unclear || !strings.Contains(c.Why, "So it is. But a diverged with seed 2,") {
		t.Errorf("seed %d, %+v", seed, c)
	}
}

func TestSided(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{nil, "there is nothing to compare"},
		{[]float64{3}, "one seed alone decides nothing"},
		{[]float64{1, 1.1, 1.2}, "the whole interval lies below 2.5"},
		{[]float64{3, 3.1, 3.2}, "the whole interval lies above 2.5"},
		{[]float64{1, 2, 5}, "the interval crosses 2.5, and more seeds would narrow it"},
	} {
		if got := Sided(Interval(c.values), 2.5, 1); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
}

func TestMarks(t *testing.T) {
	if m := Mark("here", wire.Interval{Mean: 2.26, Low: 1, High: 3}, 1); m != (wire.ClaimMark{Name: "here", Mean: 2.26, Low: 1, High: 3, Text: "2.3"}) {
		t.Errorf("%+v", m)
	}
	if m := MarkAt("paper", 0.3, "about 0.3"); m != (wire.ClaimMark{Name: "paper", Mean: 0.3, Low: 0.3, High: 0.3, Text: "about 0.3"}) {
		t.Errorf("%+v", m)
	}
	if Verdict(true) != wire.Holds || Verdict(false) != wire.Fails {
		t.Error("a condition has another verdict")
	}
}
