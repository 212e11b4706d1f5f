package vpt

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judge gives a verdict on every claim.
func (r *run) judge() []wire.ClaimReport {
	rules := map[string]func(*wire.ClaimReport){
		claimDeep:     r.judgeDeep,
		claimLength:   r.judgeLength,
		claimMAE:      r.judgeMAE,
		claimParallel: r.judgeParallel,
		claimScale:    r.judgeScale,
		claimWidth:    r.judgeWidth,
		claimTokens:   r.judgeTokens,
		claimHead:     r.judgeHead,
		claimRate:     r.judgeRate,
		claimMemory:   r.judgeMemory,
	}
	var out []wire.ClaimReport
	for _, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear, Scale: r.scale(c.ID)}
		rules[c.ID](&report)
		out = append(out, report)
	}
	return out
}

// scale says how far these models are from the papers'.
func (r *run) scale(claim string) string {
	c := config(r.spec, 0)
	theirs := "ViT-B with 86 million weights, width 768 and 12 blocks"
	if strings.HasPrefix(claim, "peft") {
		theirs = "language models with up to billions of weights"
	}
	return fmt.Sprintf("%s; here width %d, %d blocks and %s training examples", theirs, c.Width, c.Depth, words.Count(r.spec.Int("train")))
}

// need is a racer without which a claim cannot be judged, and what to add where the run has it not.
type need struct {
	racer *racer
	add   string
}

// absent marks a claim whose racers are not all there.
func absent(c *wire.ClaimReport, needs ...need) bool {
	var add []string
	for _, n := range needs {
		if n.racer == nil {
			add = append(add, n.add)
		}
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
	}
	return len(add) > 0
}

// condition is one comparison of two racers, with its part of the verdict.
type condition struct {
	wire.Interval
	verdict wire.Verdict
	how     string // it came out
}

// compare judges the accuracy of a minus that of b. Racers that are both at the ceiling do not differ, but that is due to the
// task: it speaks neither for a claim nor against it.
func compare(a, b *racer, side lab.Side, limit float64) condition {
	d := difference(a, b)
	if x, y := level(a), level(b); len(d.Values) > 0 && min(x.Mean, y.Mean) >= ceiling {
		return condition{d, wire.Unclear, fmt.Sprintf("both are at the ceiling, with %s %% and %s %%", words.Number(x.Mean, 1), words.Number(y.Mean, 1))}
	}
	return condition{d, lab.Judge(d, side, limit), lab.Sided(d, limit, 0)}
}

// show writes what was measured.
func (d condition) show() string { return words.Interval(d.Interval, 1, "points") }

// room checks the condition of the claims about accuracy: unless one of the upper racers clearly beats the head on frozen
// features, there is nothing by which racers could differ.
func room(c *wire.ClaimReport, head *racer, upper ...*racer) {
	var said []string
	for _, u := range upper {
		gain := difference(u, head)
		if lab.Judge(gain, lab.Above, roomPoints) == wire.Holds {
			return
		}
		said = append(said, fmt.Sprintf("that of %s %s", u.name(), words.Interval(gain, 1, "points")))
	}
	c.Verdict = wire.Unclear
	c.Why += fmt.Sprintf(" But the gain over the head is not clearly above %d (%s): too little room to tell racers apart, so this stays unclear.", roomPoints, strings.Join(said, ", "))
}

// conclude ends a claim: a verdict on racers that diverged is taken back, as the seeds that are left were picked by their
// outcome, and rates that were borrowed are named.
func conclude(c *wire.ClaimReport, compared ...*racer) {
	var said []string
	for _, a := range compared {
		if from := a.borrowed(); from != "" {
			said = append(said, fmt.Sprintf("%s trained at the rate of %s", a.name(), from))
		}
	}
	if len(said) > 0 {
		c.Why += " No rate was found for them: " + words.List(said) + "."
	}
	for _, a := range compared {
		if seed, diverged := lab.Settle(c, a.name(), a.results); diverged {
			c.Here += fmt.Sprintf("; %s diverged with seed %d", a.name(), seed)
			return
		}
	}
}

// borrowed names the racer whose learning rate this one took, or says where else it is from; "" where the rate was found for
// the racer, by a search in the run or in the table.
func (c *racer) borrowed() string {
	switch lr := c.spec.Text("lr"); lr {
	case rateGrid:
		return ""
	case "auto":
	default:
		return "the link"
	}
	row, exact := rates().find(c.backbone(), c.spec.Text("task"), c.arm)
	plain := wire.NewSpec(description())
	if arm, bad := parseArm(row.Arm); bad == nil && exact && c.method == methodOf(plain, arm, c.size) {
		return ""
	}
	if row.Backbone != c.backbone() || row.Task != c.spec.Text("task") {
		return strings.Join([]string{row.Arm, "on", row.Backbone, "and", row.Task}, " ")
	}
	return row.Arm
}

// axis fits a scale around the values drawn on it.
func axis(name string, line float64, marks []wire.ClaimMark) *wire.ClaimAxis {
	lo, hi := min(0, line), max(0, line)
	for _, m := range marks {
		lo, hi = min(lo, m.Low), max(hi, m.High)
	}
	pad := max(0.08*(hi-lo), 0.1)
	return &wire.ClaimAxis{Name: name, Min: lo - pad, Max: hi + pad, Line: &line}
}
