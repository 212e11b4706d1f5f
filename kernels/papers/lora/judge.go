package lora

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// metricAccuracy is the share of test examples named rightly, 0..1.
const metricAccuracy = "test_accuracy"

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

// absent marks a claim that cannot be judged and says what to add.
func absent(c *wire.ClaimReport, add ...string) {
	c.Verdict = wire.NotRun
	c.Here = "not measured in this run"
	c.Why = "To judge it, add " + list(add) + "."
}

// room checks the condition of every claim about what was learned: unless full fine-tuning clearly beats a head on
// frozen features, there is nothing by which updates could differ. It fills c and returns false where it is missing.
func (r *run) room(c *wire.ClaimReport, verdict wire.Verdict) wire.Verdict {
	gain := difference(r.find("full"), r.find("head"), metricAccuracy, 100)
	if lab.Judge(gain, lab.Above, roomPoints) == wire.Holds {
		return verdict
	}
	c.Why += fmt.Sprintf(" But the gain of full fine-tuning over the head is %s, not clearly above %d: too little room to tell racers apart, so this stays unclear.", interval(gain, 1, "points"), roomPoints)
	return wire.Unclear
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

// sided words how an interval stands to a limit.
func sided(iv wire.Interval, limit float64, decimals int) string {
	switch {
	case len(iv.Values) < 2:
		return "one seed alone decides nothing"
	case iv.High < limit:
		return "the whole interval lies below " + number(limit, decimals)
	case iv.Low > limit:
		return "the whole interval lies above " + number(limit, decimals)
	}
	return "the interval crosses " + number(limit, decimals) + ", and more seeds would narrow it"
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

func mark(name string, iv wire.Interval, decimals int) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: iv.Mean, Low: iv.Low, High: iv.High, Text: number(iv.Mean, decimals)}
}

func point(name string, x float64, text string) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: x, Low: x, High: x, Text: text}
}

// judgeRank: what does a large rank gain over rank 1?
func (r *run) judgeRank(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	var low, high, middle *racer
	for _, set := range r.partSets() {
		same := r.sameParts(set)
		if len(same) > 1 && same[0].arm.Number >= 8 && same[len(same)-1].arm.Number == 1 {
			high, low = same[0], same[len(same)-1]
			for _, m := range same {
				if m.arm.Number == 4 {
					middle = m
				}
			}
			break
		}
	}
	if high == nil {
		add = append(add, r.lacking("qv:1")...)
		if same := r.sameParts("qv"); len(same) == 0 || same[0].arm.Number < 8 {
			add = append(add, "qv:32")
		}
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	gain := difference(high, low, metricAccuracy, 100)
	c.Here = fmt.Sprintf("%s: r = %d beats r = 1 by %s", letters(high.arm), high.arm.Number, interval(gain, 1, "points"))
	c.Why = fmt.Sprintf("The rule allows %d point: %s.", rankPoints, sided(gain, rankPoints, 0))
	if middle != nil && middle != high {
		rest := difference(high, middle, metricAccuracy, 100)
		c.Why += fmt.Sprintf(" From r = 4 on, the larger rank gains %s.", interval(rest, 1, "points"))
	}
	c.Verdict = r.room(c, lab.Judge(gain, lab.Below, rankPoints))
	c.Rows = []wire.ClaimMark{point("paper", paperRankGain, number(paperRankGain, 1)), mark("here", gain, 1)}
	c.Axis = axis(fmt.Sprintf("points gained by r = %d over r = 1", high.arm.Number), rankPoints, c.Rows)
}

// judgePlacement: what does the second matrix gain?
func (r *run) judgePlacement(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	var one, two *racer
	for _, q := range r.sameParts("q") { // falling rank, so the smallest shared one wins
		if qv := r.find(fmt.Sprintf("qv:%d", q.arm.Number)); qv != nil {
			one, two = q, qv
		}
	}
	if one == nil {
		add = append(add, r.lacking("q:1", "qv:1")...)
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	gain := difference(two, one, metricAccuracy, 100)
	c.Here = fmt.Sprintf("r = %d: q, v beat q alone by %s", one.arm.Number, interval(gain, 1, "points"))
	c.Why = fmt.Sprintf("The rule asks for %d point: %s.", placementPoints, sided(gain, placementPoints, 0))
	// Table 5 compares at an equal number of parameters, which q alone reaches with twice the rank.
	if rich := r.find(fmt.Sprintf("q:%d", 2*two.arm.Number)); rich != nil {
		equal := difference(two, rich, metricAccuracy, 100)
		c.Why += fmt.Sprintf(" With equal numbers of parameters (%s against %s) it is %s, where Table 5 has 3.3 (73.7 against 70.4).", two.report.Arm, rich.report.Arm, interval(equal, 1, "points"))
	}
	floor := difference(one, r.find("head"), metricAccuracy, 100)
	c.Why += fmt.Sprintf(" Against the head, q alone gains %s.", interval(floor, 1, "points"))
	c.Verdict = r.room(c, lab.Judge(gain, lab.Above, placementPoints))
	c.Rows = []wire.ClaimMark{point("paper", paperPlacementGain, number(paperPlacementGain, 1)), mark("here", gain, 1)}
	c.Axis = axis("points gained by q, v over q", placementPoints, c.Rows)
}

// judgeOverlap: do two ranks find the same first direction?
func (r *run) judgeOverlap(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	low, high := r.overlapPair()
	if low == nil {
		add = append(add, "the same matrices with two ranks, such as qv:4 and qv:32")
	}
	if r.spec.Seeds() < 2 {
		add = append(add, "a second seed")
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	phi := lab.Interval(firstDirections(acrossSeeds(low, high)))
	floor := meanChance(acrossSeeds(low, high), 1, 1, r.width)
	c.Here = fmt.Sprintf("φ(1,1) of r = %d and r = %d on %s: %s, chance %s", low.arm.Number, high.arm.Number, letters(high.arm), interval(phi, 2, ""), number(floor, 3))
	c.Why = fmt.Sprintf("The rule asks for more than %s across seeds: %s.", number(overlapPhi, 2), sided(phi, overlapPhi, 2))
	if len(phi.Values) > 1 && phi.High < paperOverlap {
		c.Why += " It is below the paper's value all the same."
	}
	if same := lab.Interval(firstDirections(withinSeeds(low, high))); len(same.Values) > 0 {
		c.Why += fmt.Sprintf(" Two ranks that saw the same examples in the same order agree to %s.", interval(same, 2, ""))
	}
	c.Verdict = r.room(c, lab.Judge(phi, lab.Above, overlapPhi))
	c.Rows = []wire.ClaimMark{point("paper", paperOverlap, "> 0.5"), mark("here", phi, 2), point("chance", floor, number(floor, 3))}
	c.Axis = axis("φ(1,1), 0 to 1", overlapPhi, c.Rows)
}

// overlapPair is the lower and the higher of the two largest ranks of one set of matrices.
func (r *run) overlapPair() (low, high *racer) {
	for _, set := range r.partSets() {
		if same := r.sameParts(set); len(same) > 1 {
			return same[1], same[0]
		}
	}
	return nil, nil
}

// firstDirections are φ(1,1) of pairs of trained arms, averaged over their matrices: one value per pair.
func firstDirections(pairs []pair) []float64 {
	var out []float64
	for _, p := range pairs {
		sum, n := 0.0, 0
		p.each(func(d1, d2 *mat.Dense) {
			sum += similarity(d1, d2)[0]
			n++
		})
		if n > 0 {
			out = append(out, sum/float64(n))
		}
	}
	return out
}

// meanChance is the chance of φ(i, j) averaged over the matrices of the first pair, which may read inputs of different
// widths; without a pair it is that of the given width.
func meanChance(pairs []pair, i, j, width int) float64 {
	if len(pairs) == 0 {
		return chance(i, j, width)
	}
	sum := 0.0
	for _, u := range pairs[0][0] {
		in, _ := u.delta.Dims()
		sum += chance(i, j, in)
	}
	return sum / float64(len(pairs[0][0]))
}

// pair are the updates of two trained arms, matrix by matrix.
type pair [2][]*update

// each visits the input directions of both sides of every matrix.
func (p pair) each(visit func(d1, d2 *mat.Dense)) {
	for i, u := range p[0] {
		d1, ok1 := u.inputDirections()
		d2, ok2 := p[1][i].inputDirections()
		if ok1 && ok2 {
			visit(d1, d2)
		}
	}
}

// acrossSeeds pairs the updates of a at one seed with those of b at the next, round the seeds, so that neither examples
// nor random starts are shared. Both arms must change the same matrices.
func acrossSeeds(a, b *racer) []pair {
	n := min(len(a.updates), len(b.updates))
	if n < 2 {
		return nil
	}
	return paired(a, b, n, func(i int) int { return (i + 1) % n })
}

// withinSeeds pairs two different arms at the same seed: other random starts of A, but the same examples in the same
// order.
func withinSeeds(a, b *racer) []pair {
	if a == b {
		return nil
	}
	return paired(a, b, min(len(a.updates), len(b.updates)), func(i int) int { return i })
}

func paired(a, b *racer, n int, other func(int) int) []pair {
	var out []pair
	for i := range n {
		j := other(i)
		if len(a.updates[i]) > 0 && len(a.updates[i]) == len(b.updates[j]) {
			out = append(out, pair{a.updates[i], b.updates[j]})
		}
	}
	return out
}

// judgeMerge: does a merged update change the answers or the work?
func (r *run) judgeMerge(c *wire.ClaimReport, merges []merge) {
	c.Scale = "GPT-2 medium, width 1,024 and 24 blocks, on a graphics card; here width " + fmt.Sprint(r.width) + fmt.Sprintf(" and %d blocks in one thread", r.blocks)
	if len(merges) == 0 {
		absent(c, "a racer with matrices, such as qv:4")
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
	m := merges[0]
	c.Here = fmt.Sprintf("largest change of a logit %s, of a weight after ten merges and unmerges %s", scientific(logits), scientific(drift))
	if m.timed() {
		c.Here += fmt.Sprintf("; one digit takes %s ms in the base model, %s merged, %s unmerged", number(m.baseMs, 3), number(m.mergedMs, 3), number(m.branchMs, 3))
	}
	conditions := []wire.Verdict{verdict(logits < mergeLogits), verdict(drift < mergeDrift), verdict(same)}
	c.Verdict = lab.All(conditions...)
	c.Why = fmt.Sprintf("Merged, the model does %s operations per digit, the base model %s, unmerged %s.", count(int(m.merged)), count(int(m.base)), count(int(m.branch)))
	if len(seeds) < 2 {
		c.Verdict = wire.Unclear
		c.Why += " One seed alone decides nothing."
	}
	limits := []string{}
	if logits >= mergeLogits {
		limits = append(limits, "a logit changes by more than "+scientific(mergeLogits))
	}
	if drift >= mergeDrift {
		limits = append(limits, "a weight drifts by more than "+scientific(mergeDrift))
	}
	if !same {
		limits = append(limits, "the work differs")
	}
	if len(limits) > 0 {
		c.Why += " " + strings.ToUpper(limits[0][:1]) + list(limits)[1:] + "."
	}
	// Added work is what latency comes from and does not depend on what else the machine does, so the axis shows it.
	extra := func(ops int64) float64 { return 100 * (float64(ops)/float64(m.base) - 1) }
	c.Rows = []wire.ClaimMark{
		point("paper, merged", 0, "0 %"),
		point("here, merged", extra(m.merged), number(extra(m.merged), 1)+" %"),
		point("here, unmerged", extra(m.branch), number(extra(m.branch), 1)+" %"),
	}
	c.Axis = axis("added operations, %", 0, c.Rows)
}

func verdict(holds bool) wire.Verdict {
	if holds {
		return wire.Holds
	}
	return wire.Fails
}

// judgeAmplify: does the frozen matrix already have the directions that the update stresses?
func (r *run) judgeAmplify(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	arm := r.amplifyArm()
	if arm == nil {
		add = append(add, "a racer with a rank of 4 or more, such as qv:4")
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	rows := amplifications(arm)
	ratio, factor := lab.Interval(rows.own), lab.Interval(rows.factor)
	theirs := paperAmplifyOwn / paperAmplifyRandom
	c.Here = fmt.Sprintf("%s: ‖UᵀWV‖ along the update is %s its value along random directions; ‖ΔW‖ is %s times ‖UᵀWV‖", arm.name(), interval(ratio, 2, "times"), number(factor.Mean, 1))
	c.Why = fmt.Sprintf("The rule asks for %d times random, where the paper has %s: %s.", amplifyRandom, number(theirs, 0), sided(ratio, amplifyRandom, 0))
	c.Why += fmt.Sprintf(" The factor alone shows little: a random update of this size would have %s.", number(lab.Interval(rows.blind).Mean, 1))
	c.Verdict = r.room(c, lab.Judge(ratio, lab.Above, amplifyRandom))
	c.Rows = []wire.ClaimMark{point("paper", theirs, number(theirs, 0)), mark("here", ratio, 2), point("random", 1, "1")}
	c.Axis = axis("‖UᵀWV‖ against random directions, times", amplifyRandom, c.Rows)
}

// amplifyArm is the arm that Table 7 is made for: rank 4 where there is one, else the smallest rank above it.
func (r *run) amplifyArm() *racer {
	var best *racer
	for _, set := range r.partSets() {
		for _, c := range r.sameParts(set) {
			if c.arm.Number >= tableSeven && (best == nil || c.arm.Number < best.arm.Number) {
				best = c
			}
		}
	}
	return best
}

// amplifyRows are means over the matrices of an arm, one value per seed.
type amplifyRows struct {
	own    []float64 // ‖UᵀWV‖ along the update against random
	factor []float64 // ‖ΔW‖ / ‖UᵀWV‖
	blind  []float64 // ‖ΔW‖ against the random value: the factor of an update that knows nothing of W
}

func amplifications(arm *racer) amplifyRows {
	var rows amplifyRows
	for _, updates := range arm.updates {
		var own, factor, blind, n float64
		for _, u := range updates {
			if a, ok := u.amplify(); ok {
				own += a.own / a.random
				factor += a.delta / a.own
				blind += a.delta / a.random
				n++
			}
		}
		if n > 0 {
			rows.own, rows.factor, rows.blind = append(rows.own, own/n), append(rows.factor, factor/n), append(rows.blind, blind/n)
		}
	}
	return rows
}

// judgeMemory: how much of the memory of training is left?
func (r *run) judgeMemory(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	full := r.find("full")
	add := r.lacking("full")
	var arm *racer
	for _, a := range r.sameParts("qv") {
		if a.arm.Number <= 4 && arm == nil {
			arm = a
		}
	}
	if arm == nil {
		add = append(add, "qv:4")
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	if len(full.results) == 0 || len(arm.results) == 0 {
		absent(c, "the seeds that were not trained")
		return
	}
	ours, whole := arm.report.Ledger, full.report.Ledger
	share := float64(total(ours)) / float64(total(whole))
	kept := float64(ours.KeptBytes) / float64(whole.KeptBytes)
	rest := float64(total(ours)-ours.KeptBytes) / float64(total(whole)-whole.KeptBytes)
	c.Here = fmt.Sprintf("%s needs %s, full fine-tuning %s: %s of it", arm.name(), bytes(total(ours)), bytes(total(whole)), percent(share))
	c.Why = fmt.Sprintf("The rule asks for at most %s. Weights, gradients and optimizer shrink to %s, as the paper says; what is kept for the backward pass shrinks to %s only, and with batches of %d it is %s of the memory of full fine-tuning.",
		percent(memoryShare), percent(rest), percent(kept), r.spec.Int("batch"), percent(float64(whole.KeptBytes)/float64(total(whole))))
	c.Verdict = verdict(share <= memoryShare)
	if len(arm.results) < 2 {
		c.Verdict = wire.Unclear
		c.Why += " One seed alone decides nothing."
	}
	theirs := paperMemoryLoRA / paperMemoryFull
	c.Rows = []wire.ClaimMark{point("paper", 100*theirs, percent(theirs)), point("here", 100*share, percent(share))}
	c.Axis = axis("memory of one training step, % of full fine-tuning", 100*memoryShare, c.Rows)
	c.Axis.Max = 100
}

// total is all the memory of one training step.
func total(l wire.Ledger) int {
	return l.FrozenBytes + l.TrainedBytes + l.GradientBytes + l.OptimizerBytes + l.KeptBytes
}

// percent writes a share, with a decimal where it is small.
func percent(x float64) string {
	if x < 0.1 {
		return number(100*x, 1) + " %"
	}
	return number(100*x, 0) + " %"
}
