package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

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
	gain := difference(r.find("full"), r.find("head"))
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
		if seed, diverged := lab.Settle(c, a.name(), a.results); diverged {
			c.Here += fmt.Sprintf("; %s diverged with seed %d", a.name(), seed)
			return
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
