package vpt

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// rules are those of the claims, in their order.
var rules = [...]func(*run, *wire.ClaimReport){(*run).judgeDeep, (*run).judgeLength, (*run).judgeMAE, (*run).judgeParallel, (*run).judgeScale,
	(*run).judgeWidth, (*run).judgeTokens, (*run).judgeHead, (*run).judgeRate, (*run).judgeMemory}

// judge gives a verdict on every claim.
func (r *run) judge() []wire.ClaimReport {
	var out []wire.ClaimReport
	for i, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear, Scale: r.scale(c.ID)}
		rules[i](r, &report)
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
func absent(c *wire.ClaimReport, needs []need) bool {
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

// part is one condition of a claim: how far the accuracy of racer a is above that of racer b.
type part struct {
	a, b    *racer
	gain    wire.Interval // in points, paired by seed
	asks    string        // "more than 0"
	limit   float64
	verdict wire.Verdict
	how     string // it came out
}

// compare judges the accuracy of a minus that of b. Racers that are both at the ceiling do not differ, but that is due to the
// task: it speaks neither for a claim nor against it.
func compare(a, b *racer, side lab.Side, limit float64) part {
	p := part{a: a, b: b, gain: difference(a, b), limit: limit, asks: "less than "}
	if side == lab.Above {
		p.asks = "more than "
	}
	p.asks += words.Number(limit, 0)
	p.verdict, p.how = lab.Judge(p.gain, side, limit), lab.Sided(p.gain, limit, 0)
	if x, y := level(a).Mean, level(b).Mean; min(x, y) >= ceiling {
		p.verdict, p.how = wire.Unclear, fmt.Sprintf("both are at the ceiling, with %s %% and %s %%", words.Number(x, 1), words.Number(y, 1))
	}
	return p
}

// what names the comparison.
func (p part) what() string { return p.a.name() + " over " + p.b.name() }

// decide judges a claim by its parts. Unless one of the upper racers clearly beats the head on frozen features, there is nothing
// by which racers could differ; a verdict on racers that diverged is taken back, as the seeds that are left were picked by their
// outcome; and rates that were borrowed are named. Further racers are those among which some were picked.
func decide(c *wire.ClaimReport, parts []part, head *racer, upper []*racer, further ...*racer) {
	var here, why []string
	var verdicts []wire.Verdict
	var compared []*racer
	add := func(list ...*racer) {
		for _, a := range list {
			if a != nil && !slices.Contains(compared, a) {
				compared = append(compared, a)
			}
		}
	}
	for _, p := range parts {
		here = append(here, p.what()+": "+words.Interval(p.gain, 1, "points"))
		why = append(why, p.asks+" of "+p.what()+": "+p.how)
		verdicts = append(verdicts, p.verdict)
		c.Rows = append(c.Rows, lab.Mark(p.what(), p.gain, 1))
		add(p.a, p.b)
	}
	c.Here = strings.Join(here, "; ")
	c.Why = "The rule asks for " + strings.Join(why, "; ") + "." + c.Why
	c.Verdict = lab.All(verdicts...)
	c.Axis = axis("points", parts[0].limit, c.Rows)
	room(c, head, upper)
	add(head)
	add(upper...)
	add(further...)
	if said := strings.Join(borrowing(compared), "; "); said != "" {
		c.Why += " No rate was found for all of them: " + said + "."
	}
	for _, a := range compared {
		if seed, diverged := lab.Settle(c, a.name(), a.results); diverged {
			c.Here += fmt.Sprintf("; %s diverged with seed %d", a.name(), seed)
			return
		}
	}
}

// room gives unclear in place of the verdict where no upper racer clearly beats the head. Without one the claim has no such
// condition.
func room(c *wire.ClaimReport, head *racer, upper []*racer) {
	said := ""
	for _, u := range upper {
		gain := difference(u, head)
		if lab.Judge(gain, lab.Above, roomPoints) == wire.Holds {
			return
		}
		said += ", that of " + u.name() + " " + words.Interval(gain, 1, "points")
	}
	if said != "" {
		c.Verdict = wire.Unclear
		c.Why += fmt.Sprintf(" But the gain over the head is not clearly above %d%s: too little room to tell racers apart, so this stays unclear.", roomPoints, said)
	}
}

// borrowing says of racers whose rates they trained at, where these were not found for them.
func borrowing(of []*racer) (said []string) {
	for _, a := range of {
		if from := a.borrowed(); from != "" {
			said = append(said, a.name()+" trained at the rate of "+from)
		}
	}
	return said
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
	row, exact := rates().find(c.backbone(), c.spec.Text("task"), c.as)
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
