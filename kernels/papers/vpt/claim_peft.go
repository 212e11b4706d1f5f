package vpt

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// sweepOfRates is one arm at several rates: racers that differ in the rate alone, or one that searched for it.
type sweepOfRates struct {
	name   string // of the racer without its rate
	of     []*racer
	full   bool
	racers string // the racer in links, without its rate
}

// rateSweeps gathers the racers that differ in the rate alone, in the order of the run.
func (r *run) rateSweeps() []*sweepOfRates {
	var out []*sweepOfRates
	for _, c := range r.racers {
		if c.arm.Racer == "head" || c.arm.Racer == "scratch" {
			continue
		}
		arm := c.arm.Without("lr")
		at := slices.IndexFunc(out, func(s *sweepOfRates) bool { return s.racers == arm.String() })
		if at < 0 {
			at = len(out)
			out = append(out, &sweepOfRates{name: joined(describeArm(arm).Label), full: c.arm.Racer == "full", racers: arm.String()})
		}
		out[at].of = append(out[at].of, c)
	}
	return out
}

// tried is a rate and the validation accuracy that it led to.
type tried struct{ rate, score float64 }

// rates lists what was tried with a seed. A rate at which training diverged has no score.
func (s *sweepOfRates) rates(seed int) []tried {
	var out []tried
	for _, c := range s.of {
		for _, t := range c.results {
			switch {
			case t.Trial.Seed != seed:
			case len(t.Extra[extraGrid]) == len(tuneGrid):
				for i, score := range t.Extra[extraGrid] {
					out = append(out, tried{tuneGrid[i], score})
				}
			case t.Diverged > 0 || len(t.Evals) == 0:
				out = append(out, tried{t.LR, 0})
			default:
				out = append(out, tried{t.LR, t.Evals[len(t.Evals)-1].Accuracy})
			}
		}
	}
	return out
}

// best is the rate with the best score, the smaller one of equals, and whether it is the smallest or the largest that was tried.
// ok is false where too few were.
func (s *sweepOfRates) best(seed int) (rate float64, lowest, highest, ok bool) {
	all := s.rates(seed)
	if len(all) < leastRates {
		return 0, false, false, false
	}
	at := all[0]
	low, high := at.rate, at.rate
	for _, t := range all {
		if t.score > at.score || t.score == at.score && t.rate < at.rate {
			at = t
		}
		low, high = min(low, t.rate), max(high, t.rate)
	}
	return at.rate, at.rate == low, at.rate == high, at.score > 0
}

// anywhere says whether the best rate is known with any seed of the run.
func (s *sweepOfRates) anywhere(seeds int) bool {
	for seed := range seeds {
		if _, _, _, ok := s.best(seed); ok {
			return true
		}
	}
	return false
}

// judgeRate: how far above that of full fine-tuning is the best rate of a method?
func (r *run) judgeRate(c *wire.ClaimReport) {
	var here, how, ends, lost []string
	var verdicts []wire.Verdict
	sweeps, seeds := r.rateSweeps(), r.spec.Seeds()
	var full *sweepOfRates
	for _, s := range sweeps {
		if s.full && full == nil && s.anywhere(seeds) {
			full = s
		}
	}
	if full == nil {
		lab.Absent(c, "full and a method at five rates or more each, with lr=grid")
		return
	}
	full.of[0].scale(c)
	limit := math.Pow(10, halfStep)
	for _, s := range sweeps {
		if s.full || s.of[0].backbone() != full.of[0].backbone() || !s.anywhere(seeds) {
			continue
		}
		var logs []float64
		flatters, slights := false, false
		for seed := range seeds {
			a, aLow, aHigh, okA := s.best(seed)
			b, bLow, bHigh, okB := full.best(seed)
			if !okA || !okB {
				lost = append(lost, fmt.Sprintf("%s with seed %d", s.name, seed))
				continue
			}
			logs = append(logs, math.Log10(a/b))
			flatters, slights = flatters || aLow || bHigh, slights || aHigh || bLow
		}
		iv := lab.Interval(logs)
		v := lab.Judge(iv, lab.Above, halfStep)
		if v == wire.Holds && flatters || v == wire.Fails && slights {
			v = wire.Unclear
			ends = append(ends, s.name)
		}
		verdicts = append(verdicts, v)
		times := wire.Interval{Values: iv.Values}
		if len(logs) > 0 {
			times.Mean, times.Low, times.High = math.Pow(10, iv.Mean), math.Pow(10, iv.Low), math.Pow(10, iv.High)
		}
		here = append(here, fmt.Sprintf("%s %s", s.name, words.Interval(times, 1, "times")))
		how = append(how, s.name+", "+lab.Sided(times, limit, 1))
		if len(logs) > 0 {
			mark := lab.Mark(s.name, iv, 1)
			mark.Text = words.Number(times.Mean, 1) + " times"
			c.Rows = append(c.Rows, mark)
		}
	}
	if len(verdicts) == 0 {
		lab.Absent(c, "a method at five rates or more, such as lora:4 with lr=grid")
		return
	}
	c.Here = "the best rate against that of full fine-tuning: " + words.List(here)
	c.Why = fmt.Sprintf("The rule asks for more than %s: %s.", words.Number(limit, 1), strings.Join(how, "; "))
	if len(ends) > 0 {
		c.Why += " But a best rate lies at an end of those tried, and may lie beyond, for " + words.List(ends) + "."
	}
	c.Verdict = lab.All(verdicts...)
	if len(lost) > 0 {
		c.Verdict = wire.Unclear
		c.Why += " But there is no best rate to compare for " + words.List(lost) + ", so this stays unclear."
	}
	c.Axis = axis("best rate against that of full fine-tuning, powers of ten", halfStep, c.Rows)
}

// judgeMemory: do methods that train few numbers keep as little?
func (r *run) judgeMemory(c *wire.ClaimReport) {
	on := r.any()
	full := r.find(on, isFull)
	thin := r.on(on, func(o *racer) (float64, bool) {
		return 0, o.report.Trainable > 0 && o.share() < thinShare && len(o.results) > 0
	})
	var several *racer
	var kinds []string // a method counts once, whatever racers of it there are
	for _, o := range thin {
		if name := o.method.Name(); !slices.Contains(kinds, name) {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) >= leastThin {
		several = thin[0]
	}
	if absent(c, []need{{full, "full"}, {several, "methods that train few numbers, such as bitfit, lora:4 and vpt-deep:10"}}) {
		return
	}
	if slices.ContainsFunc(thin, func(o *racer) bool { return o.batch() != full.batch() }) {
		lab.Absent(c, "equal batches, which is equal="+equalSteps)
		return
	}
	full.scale(c)
	whole := full.report.Ledger.KeptBytes
	if whole == 0 {
		lab.Absent(c, "the seeds that were not trained")
		return
	}
	part := func(x float64) string { return words.Number(100*x, 1) + " %" }
	kept := func(o *racer) float64 { return float64(o.report.Ledger.KeptBytes) / float64(whole) }
	least := slices.MinFunc(thin, func(a, b *racer) int { return a.report.Ledger.KeptBytes - b.report.Ledger.KeptBytes })
	var fewer, more *racer // the pair whose ranking turns round most
	for _, a := range thin {
		for _, b := range thin {
			if a.method.Name() != b.method.Name() && a.report.Trainable < b.report.Trainable && kept(a) > kept(b) && (fewer == nil || kept(a)-kept(b) > kept(fewer)-kept(more)) {
				fewer, more = a, b
			}
		}
	}
	c.Here = fmt.Sprintf("of %d methods that train less than %s, %s keeps least: %s of what full fine-tuning keeps", len(kinds), words.Percent(thinShare), least.name(), part(kept(least)))
	c.Why = fmt.Sprintf("The rule asks for more than %s of every such racer.", words.Percent(keptShare))
	if fewer != nil {
		c.Why += fmt.Sprintf(" It asks for two methods that change places, and there are: %s trains %s and keeps %s, %s %s and %s.", fewer.name(), numbers(fewer.report.Trainable), part(kept(fewer)),
			more.name(), numbers(more.report.Trainable), part(kept(more)))
	} else {
		c.Why += " It also asks for two methods that change places, and there are none: who trains fewer keeps less."
	}
	c.Verdict = lab.All(lab.Verdict(kept(least) > keptShare), lab.Verdict(fewer != nil))
	if len(full.results) < 2 {
		c.Verdict = wire.Unclear
		c.Why += " One seed alone decides nothing."
	}
	for _, o := range thin {
		c.Rows = append(c.Rows, lab.MarkAt(o.name(), 100*kept(o), part(kept(o))))
	}
	c.Axis = axis("kept for the backward pass, % of full fine-tuning", 100*keptShare, c.Rows)
}

// numbers writes how many numbers are trained.
func numbers(n int) string { return words.Count(n) + " numbers" }
