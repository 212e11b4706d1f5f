package lora

import (
	"cmp"
	"fmt"
	"slices"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
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
		Columns: []string{"Racer", "Δ logit", "Δ weight", "merged, ops", "merged, ms", "apart, ops", "apart, ms"}}
	if len(merges) == 0 {
		return f, false
	}
	first := merges[0]
	f.Sub = fmt.Sprintf("largest change of a logit by merging, of a weight by ten merges and unmerges, over all seeds; operations and time of one digit, %s operations in the base model", words.Count(int(first.base)))
	worst, same := 0.0, true
	for _, m := range perRacer(merges) {
		ms := func(x float64) string {
			if !m.timed() {
				return ""
			}
			return words.Number(x, 3)
		}
		f.Rows = append(f.Rows, []string{m.arm.report.Label, words.Exponent(m.logits), words.Exponent(m.drift),
			fmt.Sprint(m.merged), ms(m.mergedMs), fmt.Sprint(m.branch), ms(m.branchMs)})
		worst, same = max(worst, m.logits), same && m.merged == m.base
	}
	work := "leaves the number of operations at the base model's"
	if !same {
		work = "changes the number of operations"
	}
	f.Caption = fmt.Sprintf("Merging changes no logit by more than %s and %s.", words.Scientific(worst), work)
	if slow := heaviest(merges); slow.timed() {
		f.Caption += fmt.Sprintf(" Apart, %s takes %s times the base model's time for one digit; merged, %s times.", slow.arm.name(),
			words.Number(slow.branchMs/slow.baseMs, 2), words.Number(slow.mergedMs/slow.baseMs, 2))
	}
	return f, true
}

// perRacer joins the seeds of each racer: the largest changes over all of them, and the first time that was taken. The
// operations are those of every seed, unless merging does change them: then those of a seed where it does.
func perRacer(merges []merge) []merge {
	var out []merge
	for _, m := range merges {
		at := slices.IndexFunc(out, func(o merge) bool { return o.arm == m.arm })
		if at < 0 {
			out = append(out, m)
			continue
		}
		o := &out[at]
		o.logits, o.drift = max(o.logits, m.logits), max(o.drift, m.drift)
		if m.merged != m.base {
			o.merged = m.merged
		}
		if !o.timed() {
			o.baseMs, o.mergedMs, o.branchMs = m.baseMs, m.mergedMs, m.branchMs
		}
	}
	return out
}

// heaviest is the racer whose update adds most operations while it stands apart: the one that merging helps most, and
// the example of both the claim and the caption. Operations are counted, so it is the same on every machine.
func heaviest(merges []merge) merge {
	return slices.MaxFunc(perRacer(merges), func(a, b merge) int { return cmp.Compare(a.branch-a.base, b.branch-b.base) })
}
