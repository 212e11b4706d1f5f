package vpt

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// mean is that of something measured in all trials that did not diverge.
func (c *racer) mean(of func(measure) float64) (x float64, ok bool) {
	for _, m := range c.measures {
		x += of(m)
	}
	return x / float64(max(1, len(c.measures))), len(c.measures) > 0
}

// rank is the mean rank of the changes of weight matrices, over matrices and seeds; ok is false where none changed.
func (c *racer) rank() (x float64, ok bool) {
	n := 0.0
	for _, m := range c.measures {
		for _, r := range m.ranks {
			x, n = x+float64(r), n+1
		}
	}
	return x / max(1, n), n > 0
}

// added is how many operations of a forward pass a racer adds to those of the network, in percent, after merging where it can be
// merged.
func (c *racer) added() (float64, bool) {
	return c.mean(func(m measure) float64 { return 100 * (float64(m.merged)/float64(m.base) - 1) })
}

// cell writes a number of a table, which programs read too: without separators, and without decimals that are zeros; "-" where
// there is none.
func cell(x float64, ok bool, decimals int) string {
	if !ok {
		return "-"
	}
	s := fmt.Sprintf("%.*f", decimals, x)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func yes(x bool) string {
	if x {
		return "yes"
	}
	return "no"
}

// measuredFigure is the survey's table of methods, with every cell counted or timed in this run.
func (r *run) measuredFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "measured", Kind: wire.FigureTable, Title: "What does each method cost?",
		Sub: "numbers trained without the head; numbers of the network that training changed, after merging; mean rank of the changes of its weight matrices, by singular values; bytes and operations of one step; operations that are added to one image's forward pass, after merging where that is possible; 95 % intervals",
		Columns: []string{"Racer", "trained", "of network, %", "changed", "rank of change", "kept, kB", "optimizer, kB", "MFLOP a step", "ms a step",
			"added, % FLOP", "merges", "skips backprop", "accuracy, %"}}
	var thinnest, widest *racer
	for _, c := range r.trained() {
		l := c.report.Ledger
		changed, measured := c.mean(func(m measure) float64 { return float64(m.changed) })
		rank, ranked := c.rank()
		added, compared := c.added()
		merges := "-"
		if measured {
			merges = yes(c.measures[0].cannot == "")
		}
		f.Rows = append(f.Rows, []string{c.report.Label, cell(float64(c.report.Trainable), true, 0), cell(100*c.share(), true, 2), cell(changed, measured, 0),
			cell(rank, ranked, 1), cell(float64(l.KeptBytes)/1e3, true, 1), cell(float64(l.OptimizerBytes)/1e3, true, 1), cell(float64(l.StepFLOP)/1e6, true, 1),
			cell(c.report.MsPerStep, c.report.MsPerStep > 0, 1), cell(added, compared, 1), merges, yes(c.within() == 0), ranged(level(c))})
		if !ranked || c.report.Trainable == 0 {
			continue
		}
		if thinnest == nil || rank < first(thinnest.rank()) {
			thinnest = c
		}
		if widest == nil || changed > first(widest.mean(func(m measure) float64 { return float64(m.changed) })) {
			widest = c
		}
	}
	if len(f.Rows) == 0 {
		return f, false
	}
	f.Caption = "How many numbers are trained, how many change and in how many directions are three questions."
	if thinnest != nil {
		f.Caption += fmt.Sprintf(" The change of least rank is that of %s, %s; most numbers change with %s.", thinnest.name(), cell(first(thinnest.rank()), true, 1), widest.name())
	}
	return f, true
}

// first drops the second of two results.
func first[A, B any](a A, _ B) A { return a }

// mergeFigure compares answers, operations and time of merged methods with the network's.
func (r *run) mergeFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "merge", Kind: wire.FigureTable, Title: "Can it disappear into the weights?",
		Columns: []string{"Racer", "Δ logit", "apart, FLOP", "apart, ms", "merged, FLOP", "merged, ms"}}
	var why []string
	var base int64
	var baseMs []float64
	for _, c := range r.racers {
		if len(c.measures) == 0 || !c.measures[0].folds && c.measures[0].cannot == "" {
			continue
		}
		m := c.measures[0] // the one that was timed
		ms := func(x float64) string { return cell(x, x > 0, 3) }
		row := []string{c.report.Label, "-", fmt.Sprint(m.apart), ms(m.apartMs), "-", "-"}
		if m.folds {
			worst := 0.0
			for _, o := range c.measures {
				worst = max(worst, o.logits)
			}
			row[1], row[4], row[5] = words.Exponent(worst), fmt.Sprint(m.merged), ms(m.mergedMs)
		} else if said := (MergeError{c.method.Name(), m.cannot}).Error(); !slices.Contains(why, said) {
			why = append(why, said)
		}
		f.Rows = append(f.Rows, row)
		if base = max(base, m.base); m.baseMs > 0 {
			baseMs = append(baseMs, m.baseMs)
		}
	}
	if len(f.Rows) == 0 {
		return f, false
	}
	f.Sub = fmt.Sprintf("largest change of a logit of %d validation examples by merging, over all seeds; operations and time of one image, which takes the network alone %s operations", mergeExamples, words.Count(int(base)))
	if len(baseMs) > 0 {
		f.Sub += fmt.Sprintf(" and %s ms", words.Number(lab.Median(baseMs), 3))
	}
	f.Caption = "All of them can be merged."
	if len(why) > 0 {
		f.Caption = words.Capital(strings.Join(why, ". ")) + "."
	}
	return f, true
}
