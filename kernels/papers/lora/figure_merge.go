package lora

import (
	"fmt"

	"petri/kernels/lab/wire"
)

// merge is what merging one trained arm changes and costs.
type merge struct {
	arm    *racer
	seed   int
	logits float64 // largest difference of a logit, merged against unmerged
	drift  float64 // largest difference of a weight after ten merges and unmerges
	base   int64   // operations of one forward pass: the base model,
	merged int64   // with the update merged,
	branch int64   // with the update as a branch
	// Medians of one forward pass of one digit, interleaved; 0 without a clock.
	baseMs, mergedMs, branchMs float64
}

func (m merge) timed() bool { return m.baseMs > 0 }

func mergeFigure(merges []merge) (wire.Figure, bool) {
	f := wire.Figure{ID: "merge", Kind: wire.FigureTable, Title: "Does a merged update cost anything?",
		Columns: []string{"Racer", "Δ logit", "Δ weight", "Merged", "ms", "Apart", "ms"}}
	if len(merges) == 0 {
		return f, false
	}
	first := merges[0]
	f.Sub = fmt.Sprintf("largest changes by merging and by ten merges and unmerges; operations for one digit, %s in the base model; first seed", count(int(first.base)))
	worst, same := 0.0, true
	var slow *merge
	for i, m := range merges {
		if m.seed != first.seed {
			continue
		}
		ms := func(x float64) string {
			if !m.timed() {
				return "–"
			}
			return number(x, 3)
		}
		f.Rows = append(f.Rows, []string{m.arm.report.Label, scientific(m.logits), scientific(m.drift),
			count(int(m.merged)), ms(m.mergedMs), count(int(m.branch)), ms(m.branchMs)})
		worst, same = max(worst, m.logits), same && m.merged == m.base
		if m.timed() && (slow == nil || m.branchMs/m.baseMs > slow.branchMs/slow.baseMs) {
			slow = &merges[i]
		}
	}
	work := "leaves the number of operations at the base model's"
	if !same {
		work = "changes the number of operations"
	}
	f.Caption = fmt.Sprintf("Merging changes no logit by more than %s and %s.", scientific(worst), work)
	if slow != nil {
		f.Caption += fmt.Sprintf(" Apart, %s takes %s times the base model's time for one digit; merged, %s times.", slow.arm.name(),
			number(slow.branchMs/slow.baseMs, 2), number(slow.mergedMs/slow.baseMs, 2))
	}
	return f, true
}
