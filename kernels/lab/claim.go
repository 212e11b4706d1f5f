package lab

import (
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// Absent marks a claim that cannot be judged and says what to add.
func Absent(c *wire.ClaimReport, add ...string) {
	c.Verdict = wire.NotRun
	c.Here = "not measured in this run"
	c.Why = "To judge it, add " + words.List(add) + "."
}

// Settle takes a verdict back where a racer that the claim compares diverged with any of its seeds: the seeds that are left
// were picked by their outcome. It says so in Why, and returns the first such seed.
func Settle(c *wire.ClaimReport, racer string, results []wire.TrialResult) (seed int, diverged bool) {
	for _, t := range results {
		if t.Diverged > 0 {
			c.Why += fmt.Sprintf(" But %s diverged with seed %d, so this stays unclear; a smaller learning rate would settle it.", racer, t.Trial.Seed)
			c.Verdict = wire.Unclear
			return t.Trial.Seed, true
		}
	}
	return 0, false
}

// Sided words how an interval stands to a limit, which is written with so many decimals.
func Sided(iv wire.Interval, limit float64, decimals int) string {
	switch {
	case len(iv.Values) == 0:
		return "there is nothing to compare"
	case len(iv.Values) == 1:
		return "one seed alone decides nothing"
	case iv.High < limit:
		return "the whole interval lies below " + words.Number(limit, decimals)
	case iv.Low > limit:
		return "the whole interval lies above " + words.Number(limit, decimals)
	}
	return "the interval crosses " + words.Number(limit, decimals) + ", and more seeds would narrow it"
}

// Mark draws an interval on the axis of a claim, its mean written with so many decimals.
func Mark(name string, iv wire.Interval, decimals int) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: iv.Mean, Low: iv.Low, High: iv.High, Text: words.Number(iv.Mean, decimals)}
}

// MarkAt draws a number that has no interval, such as the paper's.
func MarkAt(name string, x float64, text string) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: x, Low: x, High: x, Text: text}
}
