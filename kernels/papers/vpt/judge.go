package vpt

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// rules are those of the claims.
var rules = map[string]func(*run, *wire.ClaimReport){
	claimDeep: (*run).judgeDeep, claimLength: (*run).judgeLength, claimMAE: (*run).judgeMAE,
	claimParallel: (*run).judgeParallel, claimScale: (*run).judgeScale, claimWidth: (*run).judgeWidth, claimTokens: (*run).judgeTokens,
	claimHead: (*run).judgeHead, claimRate: (*run).judgeRate, claimMemory: (*run).judgeMemory,
}

// judge gives a verdict on every claim.
func (r *run) judge() []wire.ClaimReport {
	var out []wire.ClaimReport
	for _, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear}
		if len(r.racers) > 0 {
			r.racers[0].scale(&report)
		} else {
			(&racer{spec: r.spec, size: config(r.spec, 0)}).scale(&report)
		}
		rules[c.ID](r, &report)
		out = append(out, report)
	}
	return out
}

// scale says how far the model of a racer that a claim compares is from the papers'.
func (c *racer) scale(claim *wire.ClaimReport) {
	theirs := "ViT-B with 86 million weights, width 768 and 12 blocks"
	if strings.HasPrefix(claim.ID, "peft") {
		theirs = "language models with up to billions of weights"
	}
	claim.Scale = fmt.Sprintf("%s; here width %d, %d blocks and %s training examples", theirs, c.size.Width, c.size.Depth, words.Count(c.spec.Int("train")))
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
	side    lab.Side
	limit   float64
	verdict wire.Verdict
	how     string // it came out
}

// compare judges the accuracy of a minus that of b. Racers that are both at the ceiling do not differ, but that is due to the
// task: it speaks neither for a claim nor against it.
func compare(a, b *racer, side lab.Side, limit float64) part {
	p := part{a: a, b: b, gain: difference(a, b), side: side, limit: limit, asks: "less than "}
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

// reversed says whether a condition failed by racers that clearly differ, in the other direction than it asks for. A difference
// that is only too small may be so for want of room.
func (p part) reversed() bool {
	if p.side == lab.Above {
		return p.verdict == wire.Fails && lab.Judge(p.gain, lab.Below, 0) == wire.Holds
	}
	return p.verdict == wire.Fails && lab.Judge(p.gain, lab.Above, 0) == wire.Holds
}

// decide judges a claim by its parts. Unless one of the upper racers clearly beats the head on frozen features, it cannot hold,
// see room; a verdict on racers whose rates were not found for them, or which diverged, is taken back: a handicap says nothing
// about a method, and the seeds that are left were picked by their outcome. Further racers are those among which some were picked.
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
		verdicts = append(verdicts, p.verdict)
		add(p.a, p.b)
		if p.a == p.b { // the best of several sizes is the one that it is compared with
			here = append(here, p.a.name()+" is itself the best on validation examples")
			why = append(why, p.asks+" of the best over "+p.b.name()+", which is the best itself")
			continue
		}
		here = append(here, p.what()+": "+words.Interval(p.gain, 1, "points"))
		why = append(why, p.asks+" of "+p.what()+": "+p.how)
		c.Rows = append(c.Rows, lab.Mark(p.what(), p.gain, 1))
	}
	c.Here = strings.Join(here, "; ")
	c.Why = "The rule asks for " + strings.Join(why, "; ") + "." + c.Why
	c.Verdict = lab.All(verdicts...)
	c.Axis = axis("points", parts[0].limit, c.Rows)
	parts[0].a.scale(c)
	room(c, parts, head, upper)
	add(head)
	add(upper...)
	add(further...)
	if said := strings.Join(borrowing(compared), "; "); said != "" {
		c.Verdict = wire.Unclear
		c.Why += " But not every rate was found for its racer, so this stays unclear: " + said + "; lr=grid would find them."
	}
	for _, a := range compared {
		if seed, diverged := lab.Settle(c, a.name(), a.results); diverged {
			c.Here += fmt.Sprintf("; %s diverged with seed %d", a.name(), seed)
			return
		}
	}
}

// room takes back that a claim holds where no upper racer clearly beats the head, and also that it fails, unless a condition is
// reversed: racers that are told apart all the same need no room. Without an upper racer the claim has no such condition.
func room(c *wire.ClaimReport, parts []part, head *racer, upper []*racer) {
	said := ""
	for _, u := range upper {
		gain := difference(u, head)
		if lab.Judge(gain, lab.Above, roomPoints) == wire.Holds {
			return
		}
		said += ", that of " + u.name() + " " + words.Interval(gain, 1, "points")
	}
	if said == "" || slices.ContainsFunc(parts, part.reversed) {
		return
	}
	c.Verdict = wire.Unclear
	c.Why += fmt.Sprintf(" But the gain over the head is not clearly above %d%s: too little room to tell racers apart, so this stays unclear.", roomPoints, said)
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
// the racer, by a search in the run or in the table, which holds for its budget alone.
func (c *racer) borrowed() string {
	switch lr := c.spec.Text("lr"); lr {
	case rateGrid:
		return ""
	case "auto":
	default:
		return "the link"
	}
	row, exact := rates().find(c.backbone(), c.spec.Text("task"), c.as)
	plain, err := wire.ParseQuery(description(), tuneKnobs)
	arm, bad := parseArm(row.Arm)
	if err != nil || bad != nil {
		return "nobody"
	}
	from := row.whose(c.backbone(), c.spec.Text("task"))
	var budget []string
	for _, knob := range []string{"train", "steps", "batch"} {
		if plain.Text(knob) != c.spec.Text(knob) {
			budget = append(budget, knob+"="+plain.Text(knob))
		}
	}
	switch {
	case len(budget) > 0:
		return from + " with " + words.List(budget)
	case exact && c.method == methodOf(plain, arm, c.size):
		return ""
	}
	return from
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
