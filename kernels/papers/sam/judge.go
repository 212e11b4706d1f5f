package sam

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
		claimAmbiguity: r.judgeAmbiguity, claimClicks: r.judgeClicks, claimScore: r.judgeScore, claimEngine: r.judgeEngine,
	}
	var out []wire.ClaimReport
	for _, c := range claims() {
		report := wire.ClaimReport{ID: c.ID, At: c.At, Says: c.Says, Paper: c.Paper, Verdict: wire.Unclear, Scale: r.scale(Live(3))}
		rules[c.ID](&report)
		out = append(out, report)
	}
	return out
}

// scale says how far a model is from the paper's.
func (r *run) scale(c Config) string {
	return fmt.Sprintf("ViT-H on pictures of 1,024 pixels a side and a billion masks; here width %d, %d blocks, %d × %d pixels of drawn scenes and %s weights", c.Width, c.Depth, c.Image, c.Image, words.Count(c.Count()))
}

// absent marks a claim whose racers are not all there.
func (r *run) absent(c *wire.ClaimReport, names ...string) bool {
	var add []string
	for _, n := range names {
		if r.find(n) == nil {
			add = append(add, n)
		}
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
	}
	return len(add) > 0
}

// part is one condition of a claim.
type part struct {
	what    string // is measured
	iv      wire.Interval
	side    lab.Side
	limit   float64
	unit    string
	digits  int // behind the point
	verdict wire.Verdict
}

// condition judges a part.
func condition(what string, iv wire.Interval, side lab.Side, limit float64, unit string, digits int) part {
	return part{what, iv, side, limit, unit, digits, lab.Judge(iv, side, limit)}
}

// decide judges a claim by its parts, draws the first of them, and takes the verdict back where a racer was handicapped, or where seeds
// that are left were picked by their outcome.
func decide(c *wire.ClaimReport, axis string, drawn int, parts []part, compared ...*racing) {
	var here, why []string
	var verdicts []wire.Verdict
	for i, p := range parts {
		name := strings.TrimSuffix(p.what, ":")
		verdicts = append(verdicts, p.verdict)
		here = append(here, p.what+" "+words.Interval(p.iv, p.digits, p.unit))
		asks := "more than "
		if p.side == lab.Below {
			asks = "less than "
		}
		why = append(why, asks+words.Number(p.limit, decimals(p.limit))+" of "+name+": "+lab.Sided(p.iv, p.limit, decimals(p.limit)))
		if i < drawn && len(p.iv.Values) > 0 {
			c.Rows = append(c.Rows, lab.Mark(name, p.iv, p.digits))
		}
	}
	c.Here = strings.Join(here, "; ")
	c.Why = "The rule asks for " + strings.Join(why, "; ") + "." + c.Why
	c.Verdict = lab.All(verdicts...)
	c.Axis = fit(axis, parts[0].limit, c.Rows)
	settle(c, compared)
}

// settle takes a verdict back that racers with rates of others, or lost seeds, would carry.
func settle(c *wire.ClaimReport, compared []*racing) {
	var said []string
	for _, a := range compared {
		if from := a.borrowed(); from != "" {
			said = append(said, a.report.Label+" trained at the rate of "+from)
		}
	}
	if len(said) > 0 {
		c.Verdict = wire.Unclear
		c.Why += " But not every rate was found for its racer with this budget, so this stays unclear: " + strings.Join(said, "; ") + "."
	}
	for _, a := range compared {
		if _, diverged := lab.Settle(c, a.report.Label, a.results); diverged {
			return
		}
	}
}

// decimals are those that a limit is written with.
func decimals(limit float64) int {
	if limit != float64(int(limit)) {
		return 1
	}
	return 0
}

// fit makes a scale around the values drawn on it.
func fit(name string, line float64, marks []wire.ClaimMark) *wire.ClaimAxis {
	lo, hi := min(0, line), max(0, line)
	for _, m := range marks {
		lo, hi = min(lo, m.Low), max(hi, m.High)
	}
	pad := max(0.08*(hi-lo), 0.05)
	return &wire.ClaimAxis{Name: name, Min: lo - pad, Max: hi + pad, Line: &line}
}

// difference is a metric of a minus that of b in points, paired by seed.
func difference(a, b *racing, metric string) wire.Interval {
	return lab.Difference(a.results, b.results, metric, 100)
}

// judgeAmbiguity: do three masks find what one has to miss, and are they different?
func (r *run) judgeAmbiguity(c *wire.ClaimReport) {
	if r.absent(c, armSingle, armThree) {
		return
	}
	one, three := r.find(armSingle), r.find(armThree)
	compared := []*racing{one, three}
	parts := []part{
		condition("the best of three masks over one:", difference(three, one, testMIoU), lab.Above, bestPoints, "points", 1),
		condition("clicks with different masks:", three.level(testApart), lab.Above, apartPercent, "%", 1),
	}
	if grey := r.find(armGrey); grey != nil {
		parts = append(parts, condition("the best of three masks over that without a picture:", difference(three, grey, testMIoU), lab.Above, 0, "points", 1))
		compared = append(compared, grey)
	} else {
		c.Why = " Whether three masks look at the picture at all is not judged: it wants no-picture."
	}
	decide(c, "points of IoU, best of three masks minus one", 1, parts, compared...)
}

// judged is the racer that a claim about one model is judged on: the shipped one where it races.
func (r *run) judged() *racing {
	if c := r.find(armShipped); c != nil {
		return c
	}
	return r.find(armThree)
}

// size is that of the racer's model.
func (c *racing) size() Config {
	if c.shipped {
		return Shipped()
	}
	return Live(c.masks)
}

// judgeClicks: does the mask get better with clicks, and does feedback help?
func (r *run) judgeClicks(c *wire.ClaimReport) {
	on := r.judged()
	if on == nil {
		lab.Absent(c, "shipped or heads:3")
		return
	}
	c.Scale = r.scale(on.size())
	compared := []*racing{on}
	parts := []part{
		condition(fmt.Sprintf("%s at five clicks:", on.report.Label), on.level(testFive), lab.Above, fiveIoU, "%", 1),
		on.leastGain(extraClicks, "the least gain of a click"),
	}
	if y := on.measured(extraAnywhere, 100); len(y) == Clicks {
		parts = append(parts, condition("with a first click anywhere, at five clicks:", y[fiveClicks-1], lab.Above, fiveIoU, "%", 1),
			on.leastGain(extraAnywhere, "the least gain of a click there"))
	}
	with, without := r.find(armThree), r.find(armBlind)
	if with != nil && without != nil {
		parts = append(parts, condition("feedback at five clicks:", difference(with, without, testFive), lab.Above, 0, "points", 1))
		compared = append(compared, without)
		if with != on {
			compared = append(compared, with)
		}
	} else {
		c.Why = " The part about feedback is not judged: it wants heads:3 and no-feedback."
	}
	decide(c, "IoU in % at five clicks", 1, parts, compared...)
}

// ordinals name clicks by the number of those before them.
var ordinals = [Clicks]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"}

// leastGain is the condition on the steps from click to click. One speaks for all: one that fails, or else the one whose interval reaches
// lowest.
func (c *racing) leastGain(of, words string) part {
	worst, at := wire.Interval{}, 0
	for click := 1; click < Clicks; click++ {
		d := c.step(of, click)
		if at == 0 || d.Low < worst.Low {
			worst, at = d, click
		}
		if lab.Judge(d, lab.Above, -fallPoints) == wire.Fails {
			worst, at = d, click
			break
		}
	}
	return condition(fmt.Sprintf("%s, the %s:", words, ordinals[at]), worst, lab.Above, -fallPoints, "points", 1)
}

// step is what the click behind so many adds to the IoU, in points.
func (c *racing) step(of string, clicks int) wire.Interval {
	var x []float64
	for _, t := range lab.Finite(c.results) {
		if y := t.Extra[of]; len(y) == Clicks {
			x = append(x, 100*(y[clicks]-y[clicks-1]))
		}
	}
	return lab.Interval(x)
}

// judgeScore: does the estimate rank the masks?
func (r *run) judgeScore(c *wire.ClaimReport) {
	on := r.judged()
	if on == nil {
		lab.Absent(c, "heads:3 or shipped")
		return
	}
	c.Scale = r.scale(on.size())
	var x []float64
	for _, t := range lab.Finite(on.results) {
		if v, ok := t.Metrics[testSpearman]; ok {
			x = append(x, v)
		}
	}
	decide(c, "rank correlation of estimated and true IoU", 1, []part{
		condition("rank correlation of "+on.report.Label+":", lab.Interval(x), lab.Above, rankLimit, "", 2),
	}, on)
}

// judgeEngine: does each stage add something, and are automatic masks nearly enough?
func (r *run) judgeEngine(c *wire.ClaimReport) {
	if r.absent(c, armEngine1, armEngine2, armEngine3, armAuto) {
		return
	}
	first, second, all, auto := r.find(armEngine1), r.find(armEngine2), r.find(armEngine3), r.find(armAuto)
	decide(c, "points of IoU on held-out scenes", 3, []part{
		condition("stage 2 adds", difference(second, first, testMIoU), lab.Above, 0, "points", 1),
		condition("stage 3 adds", difference(all, second, testMIoU), lab.Above, 0, "points", 1),
		condition("stage 3 alone over all stages:", difference(auto, all, testMIoU), lab.Above, -autoPoints, "points", 1),
	}, first, second, all, auto)
}
