package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// metricAccuracy is the share of test examples named rightly, 0..1.
const metricAccuracy = "test_accuracy"

// judge gives a verdict on every claim. merges holds the measurements of the claim about merging.
func (r *run) judge(merges []merge) []wire.ClaimReport {
	rules := map[string]func(*wire.ClaimReport){
		claimRank:      r.judgeRank,
		claimPlacement: r.judgePlacement,
		claimOverlap:   r.judgeOverlap,
		claimMerge:     func(c *wire.ClaimReport) { r.judgeMerge(c, merges) },
		claimAmplify:   r.judgeAmplify,
		claimMemory:    r.judgeMemory,
	}
	var out []wire.ClaimReport
	for _, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear}
		rules[c.ID](&report)
		out = append(out, report)
	}
	return out
}

// scale says how far this model is from the paper's.
func (r *run) scale(theirs string) string {
	return fmt.Sprintf("%s; here width %d and %d blocks, images instead of text", theirs, r.width, r.blocks)
}

// gpt3 is the paper's largest model.
const gpt3 = "GPT-3 with 175 billion weights, width 12,288 and 96 blocks"

// absent marks a claim that cannot be judged and says what to add.
func absent(c *wire.ClaimReport, add ...string) {
	c.Verdict = wire.NotRun
	c.Here = "not measured in this run"
	c.Why = "To judge it, add " + words.List(add) + "."
}

// unmeasured marks a claim whose racers are there but left nothing to measure.
func unmeasured(c *wire.ClaimReport) {
	c.Verdict = wire.Unclear
	c.Here = "nothing could be measured"
	c.Why = "Too few seeds of the racers that it compares were trained to the end."
}

// room checks the condition of the claims about what was learned: unless full fine-tuning clearly beats a head on
// frozen features, there is nothing by which updates could differ. Where there is too little room it says so in c and
// gives unclear in place of the verdict.
func (r *run) room(c *wire.ClaimReport, verdict wire.Verdict) wire.Verdict {
	gain := difference(r.find("full"), r.find("head"), metricAccuracy, 100)
	if lab.Judge(gain, lab.Above, roomPoints) == wire.Holds {
		return verdict
	}
	c.Why += fmt.Sprintf(" But the gain of full fine-tuning over the head is %s, not clearly above %d: too little room to tell racers apart, so this stays unclear.", words.Interval(gain, 1, "points"), roomPoints)
	return wire.Unclear
}

// settle takes a verdict back where one of the racers that it compares diverged: the seeds that are left were picked by
// their outcome. The rules of these claims say so (see settled), and so do Here and Why.
func settle(c *wire.ClaimReport, compared ...*racer) {
	for _, a := range compared {
		for _, t := range a.results {
			if t.Diverged > 0 {
				c.Why += fmt.Sprintf(" But %s diverged with seed %d, so this stays unclear; a smaller learning rate would settle it.", a.name(), t.Trial.Seed)
				c.Here += fmt.Sprintf("; %s diverged with seed %d", a.name(), t.Trial.Seed)
				c.Verdict = wire.Unclear
				return
			}
		}
	}
}

// lacking lists which of the named racers the run has not.
func (r *run) lacking(names ...string) []string {
	var out []string
	for _, n := range names {
		if r.find(n) == nil {
			out = append(out, n)
		}
	}
	return out
}

// sided words how an interval stands to a limit.
func sided(iv wire.Interval, limit float64, decimals int) string {
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

// axis fits a scale around the values drawn on it.
func axis(name string, line float64, marks []wire.ClaimMark) *wire.ClaimAxis {
	lo, hi := min(0, line), max(0, line)
	for _, m := range marks {
		lo, hi = min(lo, m.Low), max(hi, m.High)
	}
	pad := 0.08 * (hi - lo)
	if lo < 0 {
		lo -= pad
	}
	return &wire.ClaimAxis{Name: name, Min: lo, Max: hi + pad, Line: &line}
}

func mark(name string, iv wire.Interval, decimals int) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: iv.Mean, Low: iv.Low, High: iv.High, Text: words.Number(iv.Mean, decimals)}
}

func point(name string, x float64, text string) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: x, Low: x, High: x, Text: text}
}

func verdict(holds bool) wire.Verdict {
	if holds {
		return wire.Holds
	}
	return wire.Fails
}
