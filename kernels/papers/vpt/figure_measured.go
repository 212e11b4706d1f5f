package vpt

import (
	"fmt"
	"slices"
	"strings"

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

// cell writes a number of a table, which programs read too: without separators; "-" where there is none.
func cell(x float64, ok bool, decimals int) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.*f", decimals, x)
}

// whole writes a number with a decimal where it has one: mean ranks are mostly whole.
func whole(x float64) string { return strings.TrimSuffix(cell(x, true, 1), ".0") }

func yes(x bool) string {
	if x {
		return "yes"
	}
	return "no"
}

// measuredFigure is the survey's table of methods, with every cell counted or timed in this run.
func (r *run) measuredFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "measured", Kind: wire.FigureTable, Title: "What does each method cost?",
		Sub: "counted or timed in this run; bytes and operations of one step, " + r.perStep() + "; 95 % intervals",
		Columns: []string{"Racer", "accuracy, %", "trained", "of network, %", "changed", "rank of change", "batch", "kept, kB", "optimizer, kB", "MFLOP a step", "ms a step",
			"added, % FLOP", "merges", "skips backprop"}}
	own := r.batches() // else there is no such column
	if !own {
		f.Columns = slices.Delete(f.Columns, batchColumn, batchColumn+1)
	}
	var cached []string // racers whose steps do not begin at the pictures
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
		ranks := "-"
		if ranked {
			ranks = whole(rank)
		}
		row := []string{c.report.Label, ranged(level(c)) + c.survivors(), cell(float64(c.report.Trainable), true, 0), cell(100*c.share(), true, 2), cell(changed, measured, 0),
			ranks, fmt.Sprint(c.batch()), cell(float64(l.KeptBytes)/1e3, true, 1), cell(float64(l.OptimizerBytes)/1e3, true, 1), cell(float64(l.StepFLOP)/1e6, true, 1),
			cell(c.report.MsPerStep, c.report.MsPerStep > 0, 2), cell(added, compared, 1), merges, yes(c.within() == 0)}
		if !own {
			row = slices.Delete(row, batchColumn, batchColumn+1)
		}
		f.Rows = append(f.Rows, row)
		if c.report.Trainable == 0 {
			cached = append(cached, c.name())
		}
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
		f.Caption += fmt.Sprintf(" The change of least rank, %s, is that of %s; most numbers change with %s.", whole(first(thinnest.rank())), thinnest.name(), widest.name())
	}
	if len(cached) > 0 && len(cached) < len(f.Rows) {
		f.Caption += fmt.Sprintf(" Operations and time of a step of %s begin at features that were computed once, before; those of the others have the pass through the network in them.", words.List(cached))
	}
	f.Caption += measuredTerms
	return f, true
}

// measuredTerms says what the columns are.
const measuredTerms = " Trained are numbers besides the head. Changed are numbers of the network itself, after merging. The rank is a mean over the matrices that changed: singular values above a millionth of the largest, and above what rounding to float32 alone makes. Operations are those of products of matrices: factors by which numbers are multiplied one by one, as with (IA)³, are not counted. Added is what one image's forward pass takes more, after merging where that can be done."

// batchColumn is where the table of methods has the batch, if it has one.
const batchColumn = 6

// first drops the second of two results.
func first[A, B any](a A, _ B) A { return a }

// mergeFigure compares answers, operations and time of merged methods with the network's.
func (r *run) mergeFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "merge", Kind: wire.FigureTable, Title: "Can it disappear into the weights?",
		Columns: []string{"Racer", "Δ logit", "apart, FLOP", "merged, FLOP", "network, ms", "apart, ms", "merged, ms"}}
	var reasons []string // each once, with the racers that it holds for
	of := map[string][]string{}
	var base int64
	for _, c := range r.racers {
		if len(c.measures) == 0 || !c.measures[0].folds && c.measures[0].cannot == "" {
			continue
		}
		m := c.measures[0] // the one that was timed
		ms := func(x float64) string { return cell(x, x > 0, 3) }
		row := []string{c.report.Label, "-", fmt.Sprint(m.apart), "-", ms(m.baseMs), ms(m.apartMs), "-"}
		if m.folds {
			worst := 0.0
			for _, o := range c.measures {
				worst = max(worst, o.logits)
			}
			row[1], row[3], row[6] = words.Exponent(worst), fmt.Sprint(m.merged), ms(m.mergedMs)
		} else {
			if of[m.cannot] == nil {
				reasons = append(reasons, m.cannot)
			}
			if name := c.sizeless(); !slices.Contains(of[m.cannot], name) {
				of[m.cannot] = append(of[m.cannot], name)
			}
		}
		f.Rows = append(f.Rows, row)
		base = max(base, m.base)
	}
	if len(f.Rows) == 0 {
		return f, false
	}
	f.Sub = fmt.Sprintf("largest change of a logit of %d validation examples by merging, over all seeds that did not diverge; operations and time of one image, which takes the network alone %s operations", mergeExamples, words.Count(int(base)))
	f.Caption = "It can be merged."
	if len(f.Rows) > 1 {
		f.Caption = "All of them can be merged."
	}
	for i, why := range reasons {
		said := words.Capital(MergeError{of[why][0], why}.Error())
		if more := of[why][1:]; len(more) > 0 {
			said += "; so with " + words.List(more)
		}
		if i == 0 {
			f.Caption = said + "."
		} else {
			f.Caption += " " + said + "."
		}
	}
	return f, true
}
