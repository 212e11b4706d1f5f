package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeMemory: how much of the memory of training is left?
func (r *run) judgeMemory(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	full := r.find("full")
	add := r.lacking("full")
	arm := r.thin()
	if arm == nil {
		add = append(add, "qv:4")
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
		return
	}
	if len(full.results) == 0 || len(arm.results) == 0 {
		lab.Absent(c, "the seeds that were not trained")
		return
	}
	ours, whole := arm.report.Ledger, full.report.Ledger
	share := float64(ours.Total()) / float64(whole.Total())
	kept := float64(ours.KeptBytes) / float64(whole.KeptBytes)
	rest := float64(ours.Total()-ours.KeptBytes) / float64(whole.Total()-whole.KeptBytes)
	c.Here = fmt.Sprintf("%s needs %s, full fine-tuning %s: %s of it", arm.name(), words.Bytes(ours.Total()), words.Bytes(whole.Total()), words.Percent(share))
	c.Why = fmt.Sprintf("The rule asks for at most %s. Weights, gradients and optimizer come to %s of what full fine-tuning needs for them, what is kept for the backward pass to %s; with batches of %d the latter is %s of the memory of full fine-tuning.",
		words.Percent(memoryShare), words.Percent(rest), words.Percent(kept), r.spec.Int("batch"), words.Percent(float64(whole.KeptBytes)/float64(whole.Total())))
	c.Verdict = lab.Verdict(share <= memoryShare)
	if len(arm.results) < 2 {
		c.Verdict = wire.Unclear
		c.Why += " One seed alone decides nothing."
	}
	theirs := paperMemoryLoRA / paperMemoryFull
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper", 100*theirs, words.Percent(theirs)), lab.MarkAt("here", 100*share, words.Percent(share))}
	c.Axis = axis("memory of one training step, % of full fine-tuning", 100*memoryShare, c.Rows)
	c.Axis.Max = 100
}

// thin is the racer on q and v with the largest rank up to 4, the paper's own choice; nil without one.
func (r *run) thin() *racer {
	for _, a := range r.sameParts("qv") {
		if a.arm.Number <= 4 {
			return a
		}
	}
	return nil
}
