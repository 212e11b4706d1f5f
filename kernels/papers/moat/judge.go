package moat

import (
	"fmt"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judge gives a verdict on every claim.
func (r *run) judge() []wire.ClaimReport {
	rules := map[string]func(*wire.ClaimReport){
		claimWindow:     r.judgeWindow,
		claimOrder:      r.judgeOrder,
		claimDownsample: r.judgeDownsample,
		claimProbe:      r.judgeProbe,
		claimPosition:   r.judgePosition,
		claimData:       r.judgeData,
	}
	var out []wire.ClaimReport
	for _, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear, Scale: r.scale()}
		rules[c.ID](&report)
		out = append(out, report)
	}
	return out
}

// scale says how far these nets are from the paper's.
func (r *run) scale() string {
	return fmt.Sprintf("MOAT-0 has 27.8 million weights and reads 224 × 224 pixels of ImageNet; here width %d, 32 × 32 grey pixels and %s examples", r.spec.Int("width"), words.Count(r.spec.Int("train")))
}

// unasked marks a claim whose question the run does not ask under its knobs, and says why and what to set.
func unasked(c *wire.ClaimReport, here, why string) {
	c.Verdict, c.Here, c.Why = wire.NotRun, here, why
}

// named returns the racers of these names, and the names of those that are missing.
func (r *run) named(names ...string) (found []*racer, missing []string) {
	for _, n := range names {
		if c := r.find(n); c != nil {
			found = append(found, c)
		} else {
			missing = append(missing, n)
		}
	}
	return found, missing
}

// settle takes a verdict back where one of the racers that it compares diverged: the seeds that are left were picked by
// their outcome.
func settle(c *wire.ClaimReport, compared ...*racer) {
	for _, a := range compared {
		if _, diverged := lab.Settle(c, a.report.Label, a.results); diverged {
			return
		}
	}
}

// level is the test accuracy of a racer over its seeds, in percent.
func level(a *racer) wire.Interval {
	var x []float64
	for _, t := range lab.Finite(a.results) {
		x = append(x, 100*t.Metrics[course.TestAccuracy])
	}
	return cut(lab.Interval(x))
}

// chance is the accuracy in percent of a net that guesses.
func (r *run) chance() float64 { return 100 / float64(classes[r.spec.Text("task")]) }

// margin is the closeness at which a mean counts as being on its limit, which is not the same to the last bit on every machine.
const margin = 1e-9

// cramped says that a task leaves no room between two racers, as both are at the ceiling or both at chance, and what would
// make room; "" where it does leave some. Nets that are both perfect, or both know nothing, do not differ, but that is due
// to the task: it speaks neither for a claim nor against it.
func (r *run) cramped(a, b *racer) string {
	x, y := level(a), level(b)
	if len(x.Values) == 0 || len(y.Values) == 0 {
		return ""
	}
	both := fmt.Sprintf("%s (%s %%) and %s (%s %%) are both", a.report.Label, words.Number(x.Mean, 1), b.report.Label, words.Number(y.Mean, 1))
	switch {
	case min(x.Mean, y.Mean) >= 100-edgePoints-margin:
		return fmt.Sprintf("%s at the ceiling, and fewer steps or fewer training examples would leave room between them", both)
	case max(x.Mean, y.Mean) <= r.chance()+edgePoints+margin:
		return fmt.Sprintf("%s at chance, and more steps or more training examples would let them differ", both)
	}
	return ""
}

// compare judges the difference of two racers, a minus b, and says how it stands. It is unclear in a cramped task, whatever
// the interval.
func (r *run) compare(a, b *racer, side lab.Side, limit float64) (d wire.Interval, v wire.Verdict, why string) {
	d = difference(a, b)
	if why := r.cramped(a, b); why != "" {
		return d, wire.Unclear, why
	}
	return d, lab.Judge(d, side, limit), lab.Sided(d, limit, 0)
}

// axis fits a scale around the values drawn on it.
func axis(name string, line float64, marks []wire.ClaimMark) *wire.ClaimAxis {
	lo, hi := min(0, line), max(0, line)
	for _, m := range marks {
		lo, hi = min(lo, m.Low), max(hi, m.High)
	}
	pad := max(0.08*(hi-lo), 0.5)
	return &wire.ClaimAxis{Name: name, Min: lo - pad, Max: hi + pad, Line: &line}
}

// predicted is the side of the square of cells that a ring should fill.
func (g ring) predicted() int {
	if g.arm == armMOATWindow {
		return ringSides[g.depth-1]
	}
	return ringWindow
}

// astray says how a ring differs from what was predicted; "" where it does not.
func (g ring) astray() string {
	if side := g.predicted(); g.outside == 0 && g.rows == side && g.cols == side {
		return ""
	}
	return fmt.Sprintf("%s with %s reaches %d × %d cells, %s of them outside the predicted set", g.arm, many(g.depth, "block"), g.rows, g.cols, none(g.outside))
}

// measuredRings reports whether both blocks were measured at every depth.
func (r *run) measuredRings() bool { return len(r.rings) >= 2*len(ringSides) }

// judgeWindow compares measured gradients with predicted sets.
func (r *run) judgeWindow(c *wire.ClaimReport) {
	if !r.measuredRings() {
		unasked(c, "not measured in this run", "The measurement of the windows did not come to its end.")
		return
	}
	c.Verdict = wire.Holds
	var vit, moat, wrong []string
	for _, g := range r.rings {
		size := fmt.Sprintf("%d×%d", g.rows, g.cols)
		if g.arm == armMOATWindow {
			moat = append(moat, size)
		} else {
			vit = append(vit, size)
		}
		if astray := g.astray(); astray != "" {
			c.Verdict = wire.Fails
			wrong = append(wrong, astray)
		}
	}
	c.Here = fmt.Sprintf("ViT in windows %s, MOAT in windows %s after one, two and three blocks", words.List(vit), words.List(moat))
	c.Why = "Outside the predicted sets every gradient is exactly zero, and each set's edge is reached."
	if len(wrong) > 0 {
		c.Why = words.Capital(strings.Join(wrong, "; ")) + "."
	}
	c.Scale = "a map of 28 × 28 cells with windows of 4 × 4 and untrained blocks of width 16: what can be seen is no matter of training"
}

// strides reports whether MOAT halves its map by the stride of a convolution under the knobs of the run.
func (r *run) strides() bool {
	return r.spec.Text("task") != taskCue && r.spec.Text("downsample") != downPool
}

func (r *run) judgeOrder(c *wire.ClaimReport) {
	found, missing := r.named(armViT, armAttnMBConv, armMOAT)
	if len(missing) > 0 {
		lab.Absent(c, missing...)
		return
	}
	second := "order reversed"
	if r.strides() {
		second += ", and the stride in the convolution"
	}
	one, first, why := r.compare(found[1], found[0], lab.Above, 0)
	two, then, whyThen := r.compare(found[2], found[1], lab.Above, 0)
	c.Here = fmt.Sprintf("MBConv for the MLP %s; %s: %s more", words.Interval(one, 1, "points"), second, words.Interval(two, 1, "points"))
	c.Verdict = lab.All(first, then)
	c.Why = fmt.Sprintf("First step: %s. Second step: %s.", why, whyThen)
	if !r.strides() {
		c.Why += " With these knobs nothing strides, so the second step is the order alone."
	}
	if len(one.Values) < orderSeeds {
		c.Verdict = wire.Unclear
		c.Why += fmt.Sprintf(" This claim asks for %d seeds.", orderSeeds)
	}
	c.Rows = []wire.ClaimMark{lab.Mark("MBConv for MLP", one, 1), lab.Mark(second, two, 1)}
	c.Axis = axis("points of accuracy gained by the step", 0, c.Rows)
	settle(c, found...)
}

func (r *run) judgeDownsample(c *wire.ClaimReport) {
	found, missing := r.named(armMOAT, "moat~pool")
	if len(missing) > 0 {
		lab.Absent(c, missing...)
		return
	}
	switch { // both racers are the same net
	case r.spec.Text("task") == taskCue:
		unasked(c, "both racers are the same net", "The nets of the far-window probe have no strides, and no map is halved. To judge it, choose another task.")
		return
	case r.spec.Text("downsample") == downPool:
		unasked(c, "both racers average", "To judge it, set the knob for down-sampling to the strided convolution.")
		return
	}
	d, verdict, why := r.compare(found[0], found[1], lab.Above, 0)
	c.Here = fmt.Sprintf("the strided convolution brings %s", words.Interval(d, 1, "points"))
	c.Verdict = verdict
	c.Why = words.Capital(why) + "."
	c.Rows = []wire.ClaimMark{lab.Mark("strided minus pooled", d, 1)}
	c.Axis = axis("points of accuracy", 0, c.Rows)
	settle(c, found...)
}

// blindProbe says why the far-window probe does not ask its question under the knobs of the run: the Transformer sees the
// cue within its window, or MOAT cannot see it either. It is "" where the probe does ask.
func blindProbe(c config) string {
	switch {
	case c.window == 0:
		return "With one window over everything the cue lies in the window that answers, and a Transformer sees it without leaving that. To judge it, set windows of 4 or 2 cells."
	case c.window > data.CueWindow:
		return fmt.Sprintf("A window of %d × %d cells holds the cue and the cells that answer, and a Transformer sees it without leaving that. To judge it, set windows of 4 or 2 cells.", c.window, c.window)
	case c.kernel == 1:
		return "With a depth-wise window of 1 × 1 nothing crosses a window's edge, in MOAT neither. To judge it, set it to 3 or 5."
	case c.depth < data.Cue{}.Blocks():
		return fmt.Sprintf("With fewer than %d blocks MOAT does not reach every cue either. To judge it, set at least as many.", data.Cue{}.Blocks())
	}
	return ""
}

// judgeProbe holds each racer to a limit of its own. There is no ceiling here to beware of, as the claim is that one racer
// is near it and the other at chance.
func (r *run) judgeProbe(c *wire.ClaimReport) {
	found, missing := r.named(armViTWindow, armMOATWindow)
	if r.spec.Text("task") != taskCue {
		missing = append(missing, "the far-window probe as the task")
	}
	if len(missing) > 0 {
		lab.Absent(c, missing...)
		return
	}
	config, err := configOf(r.spec, found[0].arm)
	if err != nil {
		unasked(c, "not measured in this run", words.Capital(err.Error())+".")
		return
	}
	if why := blindProbe(config); why != "" {
		unasked(c, "the probe does not ask this with these knobs", why)
		return
	}
	var above [2]wire.Interval
	for i, f := range found {
		above[i] = level(f)
		above[i].Mean, above[i].Low, above[i].High = above[i].Mean-r.chance(), above[i].Low-r.chance(), above[i].High-r.chance()
	}
	c.Here = fmt.Sprintf("above chance, ViT in windows %s and MOAT in windows %s", words.Interval(above[0], 1, "points"), words.Interval(above[1], 1, "points"))
	c.Verdict = lab.All(lab.Judge(above[0], lab.Below, probeChance), lab.Judge(above[1], lab.Above, probeSolved))
	c.Why = fmt.Sprintf("ViT: %s. MOAT: %s.", lab.Sided(above[0], probeChance, 0), lab.Sided(above[1], probeSolved, 0))
	c.Rows = []wire.ClaimMark{lab.Mark("ViT in windows", above[0], 1), lab.Mark("MOAT in windows", above[1], 1)}
	c.Axis = axis("points above chance", probeSolved, c.Rows)
	settle(c, found...)
}

func (r *run) judgePosition(c *wire.ClaimReport) {
	found, missing := r.named(armMOAT, armNoPos)
	if r.spec.Text("position") != positionRelative {
		missing = append(missing, "the relative table as the knob for positions")
	}
	if len(missing) > 0 {
		lab.Absent(c, missing...)
		return
	}
	d, verdict, why := r.compare(found[0], found[1], lab.Below, positionPoints)
	c.Here = fmt.Sprintf("the table brings %s", words.Interval(d, 1, "points"))
	c.Verdict = verdict
	c.Why = words.Capital(why) + "."
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper, MOAT-0", 0.3, "0.3"), lab.Mark("here", d, 1)}
	c.Axis = axis("points of accuracy that the table brings", positionPoints, c.Rows)
	settle(c, found...)
}

// judgeData asks for two things: that convolutions lead with little data, and that they lead by less with all of it. The
// second needs room with little and with all: a ceiling makes any lead shrink, and chance hides one.
func (r *run) judgeData(c *wire.ClaimReport) {
	found, missing := r.named(armViT, "vit~few", "moat~noattn", "moat~noattn~few")
	if len(missing) > 0 {
		lab.Absent(c, missing...)
		return
	}
	if r.spec.Text("task") == taskCue {
		unasked(c, "the far-window probe does not ask this", "Convolutions alone may not reach the cue of the far-window probe, however much data there is. To judge it, choose another task.")
		return
	}
	few, leads, why := r.compare(found[3], found[1], lab.Above, 0)
	all := difference(found[2], found[0])
	change := make([]float64, 0, len(few.Values))
	for i := range min(len(few.Values), len(all.Values)) {
		change = append(change, few.Values[i]-all.Values[i])
	}
	less := lab.Interval(change)
	if len(few.Values) != len(all.Values) {
		less = wire.Interval{}
	}
	shrinks, whyLess := lab.Judge(less, lab.Above, 0), lab.Sided(less, 0, 0)
	if little := r.cramped(found[3], found[1]); little != "" {
		shrinks, whyLess = wire.Unclear, "with a tenth of the data "+little
	}
	if much := r.cramped(found[2], found[0]); much != "" {
		shrinks, whyLess = wire.Unclear, "with all of the data "+much
	}
	c.Here = fmt.Sprintf("MOAT without attention leads the ViT-like net by %s with a tenth of the data and by %s with all of it", words.Interval(few, 1, "points"), words.Interval(all, 1, "points"))
	c.Verdict = lab.All(leads, shrinks)
	c.Why = fmt.Sprintf("The lead with little data of MOAT without attention over the ViT-like net: %s. By how much it shrinks, %s: %s.", why, words.Interval(less, 1, "points"), whyLess)
	c.Rows = []wire.ClaimMark{lab.Mark("lead, a tenth", few, 1), lab.Mark("lead, all", all, 1)}
	c.Axis = axis("points by which MOAT without attention leads", 0, c.Rows)
	settle(c, found...)
}
