package moat

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
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

// absent marks a claim that cannot be judged and says what to add.
func absent(c *wire.ClaimReport, add ...string) {
	c.Verdict = wire.NotRun
	c.Here = "not measured in this run"
	c.Why = "To judge it, add " + words.List(add) + "."
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
		for _, t := range a.results {
			if t.Diverged > 0 {
				c.Why += fmt.Sprintf(" But %s diverged with seed %d, so this stays unclear; a smaller learning rate would settle it.", a.report.Label, t.Trial.Seed)
				c.Verdict = wire.Unclear
				return
			}
		}
	}
}

// sided words how an interval stands to a limit.
func sided(iv wire.Interval, limit float64) string {
	switch {
	case len(iv.Values) == 0:
		return "there is nothing to compare"
	case len(iv.Values) == 1:
		return "one seed alone decides nothing"
	case iv.High < limit:
		return "the whole interval lies below " + words.Number(limit, 0)
	case iv.Low > limit:
		return "the whole interval lies above " + words.Number(limit, 0)
	}
	return "the interval crosses " + words.Number(limit, 0) + ", and more seeds would narrow it"
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

func mark(name string, iv wire.Interval) wire.ClaimMark {
	return wire.ClaimMark{Name: name, Mean: iv.Mean, Low: iv.Low, High: iv.High, Text: words.Number(iv.Mean, 1)}
}

// judgeWindow compares measured gradients with predicted sets.
func (r *run) judgeWindow(c *wire.ClaimReport) {
	if len(r.rings) < 2*len(ringSides) { // both blocks at every depth
		c.Verdict, c.Here, c.Why = wire.NotRun, "not measured in this run", "The measurement of the windows did not come to its end."
		return
	}
	verdict := wire.Holds
	var vit, moat, wrong []string
	for _, g := range r.rings {
		side := ringWindow
		if g.arm == armMOATWindow {
			side = ringSides[g.depth-1]
			moat = append(moat, fmt.Sprintf("%d×%d", g.rows, g.cols))
		} else {
			vit = append(vit, fmt.Sprintf("%d×%d", g.rows, g.cols))
		}
		if g.outside > 0 || g.rows != side || g.cols != side {
			verdict = wire.Fails
			wrong = append(wrong, fmt.Sprintf("%s with %s reaches %d × %d cells, %d of them outside the predicted set", g.arm, many(g.depth, "block"), g.rows, g.cols, g.outside))
		}
	}
	c.Verdict = verdict
	c.Here = fmt.Sprintf("ViT in windows %s, MOAT in windows %s after one, two and three blocks", words.List(vit), words.List(moat))
	c.Why = "Outside the predicted sets every gradient is exactly zero, and each set's edge is reached."
	if len(wrong) > 0 {
		c.Why = words.Capital(strings.Join(wrong, "; ")) + "."
	}
	c.Scale = "a map of 28 × 28 cells with windows of 4 × 4 and untrained blocks of width 16: what can be seen is no matter of training"
}

func (r *run) judgeOrder(c *wire.ClaimReport) {
	found, missing := r.named(armViT, armAttnMBConv, armMOAT)
	if len(missing) > 0 {
		absent(c, missing...)
		return
	}
	one, two := difference(found[1], found[0]), difference(found[2], found[1])
	c.Here = fmt.Sprintf("MBConv for the MLP %s; before attention %s more", words.Interval(one, 1, "points"), words.Interval(two, 1, "points"))
	c.Verdict = lab.All(lab.Judge(one, lab.Above, 0), lab.Judge(two, lab.Above, 0))
	c.Why = fmt.Sprintf("First step: %s. Second step: %s.", sided(one, 0), sided(two, 0))
	if len(one.Values) < orderSeeds {
		c.Verdict = wire.Unclear
		c.Why += fmt.Sprintf(" This claim asks for %d seeds.", orderSeeds)
	}
	c.Rows = []wire.ClaimMark{mark("MBConv for MLP", one), mark("order reversed", two)}
	c.Axis = axis("points of accuracy gained by the step", 0, c.Rows)
	settle(c, found...)
}

func (r *run) judgeDownsample(c *wire.ClaimReport) {
	found, missing := r.named(armMOAT, "moat~pool")
	if len(missing) > 0 {
		absent(c, missing...)
		return
	}
	if r.spec.Text("downsample") == downPool {
		c.Verdict, c.Here = wire.NotRun, "both racers average"
		c.Why = "To judge it, set the knob for down-sampling to the strided convolution."
		return
	}
	d := difference(found[0], found[1])
	c.Here = fmt.Sprintf("the strided convolution brings %s", words.Interval(d, 1, "points"))
	c.Verdict = lab.Judge(d, lab.Above, 0)
	c.Why = words.Capital(sided(d, 0)) + "."
	c.Rows = []wire.ClaimMark{mark("strided minus pooled", d)}
	c.Axis = axis("points of accuracy", 0, c.Rows)
	settle(c, found...)
}

func (r *run) judgeProbe(c *wire.ClaimReport) {
	found, missing := r.named(armViTWindow, armMOATWindow)
	if r.spec.Text("task") != taskCue {
		missing = append(missing, "the far-window probe as the task")
	}
	if len(missing) > 0 {
		absent(c, missing...)
		return
	}
	chance := 100 / float64(classes[taskCue])
	var above [2]wire.Interval
	for i, f := range found {
		var x []float64
		for _, t := range lab.Finite(f.results) {
			x = append(x, 100*t.Metrics[metricAccuracy]-chance)
		}
		above[i] = lab.Interval(x)
	}
	c.Here = fmt.Sprintf("above chance, ViT in windows %s and MOAT in windows %s", words.Interval(above[0], 1, "points"), words.Interval(above[1], 1, "points"))
	c.Verdict = lab.All(lab.Judge(above[0], lab.Below, probeChance), lab.Judge(above[1], lab.Above, probeSolved))
	c.Why = fmt.Sprintf("ViT: %s. MOAT: %s.", sided(above[0], probeChance), sided(above[1], probeSolved))
	if r.spec.Text("window") == windowGlobal || r.spec.Int("depth") < 2 {
		c.Verdict = wire.Unclear
		c.Why += " With one window over everything, or a single block, the probe does not ask what it should."
	}
	c.Rows = []wire.ClaimMark{mark("ViT in windows", above[0]), mark("MOAT in windows", above[1])}
	c.Axis = axis("points above chance", probeSolved, c.Rows)
	settle(c, found...)
}

func (r *run) judgePosition(c *wire.ClaimReport) {
	found, missing := r.named(armMOAT, armNoPos)
	if r.spec.Text("position") != positionRelative {
		missing = append(missing, "the relative table as the knob for positions")
	}
	if len(missing) > 0 {
		absent(c, missing...)
		return
	}
	d := difference(found[0], found[1])
	c.Here = fmt.Sprintf("the table brings %s", words.Interval(d, 1, "points"))
	c.Verdict = lab.Judge(d, lab.Below, positionPoints)
	c.Why = words.Capital(sided(d, positionPoints)) + "."
	c.Rows = []wire.ClaimMark{{Name: "paper, MOAT-0", Mean: 0.3, Low: 0.3, High: 0.3, Text: "0.3"}, mark("here", d)}
	c.Axis = axis("points of accuracy that the table brings", positionPoints, c.Rows)
	settle(c, found...)
}

func (r *run) judgeData(c *wire.ClaimReport) {
	found, missing := r.named(armViT, "vit~few", "moat~noattn", "moat~noattn~few")
	if len(missing) > 0 {
		absent(c, missing...)
		return
	}
	few, all := difference(found[3], found[1]), difference(found[2], found[0])
	change := make([]float64, 0, len(few.Values))
	for i := range min(len(few.Values), len(all.Values)) {
		change = append(change, few.Values[i]-all.Values[i])
	}
	shrinks := lab.Interval(change)
	if len(few.Values) != len(all.Values) {
		shrinks = wire.Interval{}
	}
	c.Here = fmt.Sprintf("convolutions lead by %s with a tenth of the data and by %s with all of it", words.Interval(few, 1, "points"), words.Interval(all, 1, "points"))
	c.Verdict = lab.All(lab.Judge(few, lab.Above, 0), lab.Judge(shrinks, lab.Above, 0))
	c.Why = fmt.Sprintf("The lead with little data: %s. By how much it shrinks, %s: %s.", sided(few, 0), words.Interval(shrinks, 1, "points"), sided(shrinks, 0))
	c.Rows = []wire.ClaimMark{mark("lead, a tenth", few), mark("lead, all", all)}
	c.Axis = axis("points by which convolutions lead", 0, c.Rows)
	settle(c, found...)
}
