package lora

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeMerge: does a merged update change the answers or the work?
func (r *run) judgeMerge(c *wire.ClaimReport, merges []merge) {
	c.Scale = "GPT-2 medium, width 1,024 and 24 blocks, on a graphics card; here width " + fmt.Sprint(r.width) + fmt.Sprintf(" and %d blocks in one thread", r.blocks)
	if len(merges) == 0 {
		lab.Absent(c, "a racer with matrices, such as qv:4")
		return
	}
	var logits, drift float64
	same := true
	seeds := map[int]bool{}
	for _, m := range merges {
		logits, drift = max(logits, m.logits), max(drift, m.drift)
		same = same && m.merged == m.base
		seeds[m.seed] = true
	}
	m := heaviest(merges)
	c.Here = fmt.Sprintf("largest change of a logit %s, of a weight after ten merges and unmerges %s", words.Scientific(logits), words.Scientific(drift))
	if m.timed() {
		c.Here += fmt.Sprintf("; with %s one digit takes %s ms in the base model, %s merged, %s unmerged", m.arm.name(), words.Number(m.baseMs, 3), words.Number(m.mergedMs, 3), words.Number(m.branchMs, 3))
	}
	conditions := []wire.Verdict{lab.Verdict(logits < mergeLogits), lab.Verdict(drift < mergeDrift), lab.Verdict(same)}
	c.Verdict = lab.All(conditions...)
	c.Why = fmt.Sprintf("With %s merged, the model does %s operations per digit, the base model %s, unmerged %s.", m.arm.name(), words.Count(int(m.merged)), words.Count(int(m.base)), words.Count(int(m.branch)))
	if len(seeds) < 2 {
		c.Verdict = wire.Unclear
		c.Why += " One seed alone decides nothing."
	}
	limits := []string{}
	if logits >= mergeLogits {
		limits = append(limits, "a logit changes by more than "+words.Scientific(mergeLogits))
	}
	if drift >= mergeDrift {
		limits = append(limits, "a weight drifts by more than "+words.Scientific(mergeDrift))
	}
	if !same {
		limits = append(limits, "the work differs")
	}
	if len(limits) > 0 {
		c.Why += " " + strings.ToUpper(limits[0][:1]) + words.List(limits)[1:] + "."
	}
	// Added work is what latency comes from and does not depend on what else the machine does, so the axis shows it.
	extra := func(ops int64) float64 { return 100 * (float64(ops)/float64(m.base) - 1) }
	c.Rows = []wire.ClaimMark{
		lab.MarkAt("paper, merged", 0, "0 %"),
		lab.MarkAt("here, merged", extra(m.merged), added(extra(m.merged))),
		lab.MarkAt("here, unmerged", extra(m.branch), added(extra(m.branch))),
	}
	c.Axis = axis("added operations, %", 0, c.Rows)
}

// added writes a number of percent; none at all without a decimal.
func added(x float64) string {
	if x == 0 {
		return "0 %"
	}
	return words.Number(x, 1) + " %"
}
