package vpt

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// anchors are head and full fine-tuning on a backbone, as needs.
func (r *run) anchors(on string) (head, full *racer, needs []need) {
	head, full = r.find(on, isHead), r.find(on, isFull)
	return head, full, []need{{head, "head"}, {full, "full"}}
}

// judgeParallel: is the bottleneck beside the MLP no worse than behind it?
func (r *run) judgeParallel(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var beside, behind *racer
	for _, a := range r.on(on, func(o *racer) (float64, bool) { m, ok := o.method.(AdaptFormer); return 0, ok && !m.Sequential }) {
		twin := a.method.(AdaptFormer)
		twin.Sequential = true
		if b := r.find(on, func(o *racer) (float64, bool) { return 0, o.method == twin }); b != nil && beside == nil {
			beside, behind = r.find(on, func(o *racer) (float64, bool) { return 0, o.method == a.method }), b
		}
	}
	if absent(c, append(needs, need{beside, "adaptformer:8 and adaptformer:8~form=sequential"})...) {
		return
	}
	d := compare(beside, behind, lab.Above, -evenPoints)
	c.Here = fmt.Sprintf("%s: beside the MLP it gains %s over behind it", beside.name(), d.show())
	c.Why = fmt.Sprintf("The rule allows a loss of %d point: %s.", evenPoints, d.how)
	c.Verdict = d.verdict
	room(c, head, full)
	conclude(c, beside, behind, full, head)
	c.Rows = []wire.ClaimMark{lab.Mark("here", d.Interval, 1)}
	c.Axis = axis("points gained by the parallel form", -evenPoints, c.Rows)
}

// judgeScale: is 0.1 better than the ends?
func (r *run) judgeScale(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var low, middle, high *racer
	var scales []*racer
	for _, a := range r.on(on, isAdaptFormer) {
		scales = r.sweep(on, func(o *racer) (float64, bool) {
			m, ok := o.method.(AdaptFormer)
			s := m.Scale
			m.Scale = paperScale
			return s, ok && m == a.method
		})
		at := func(i int) float64 { return scales[i].method.(AdaptFormer).Scale }
		if last := len(scales) - 1; at(0) <= smallScale && at(last) >= largeScale {
			low, middle, high = scales[0], a, scales[last]
			for i, s := range scales {
				if at(i) == paperScale {
					middle = s
				}
			}
			break
		}
	}
	if absent(c, append(needs, need{middle, "adaptformer:8 with adaptformer:8~scale=0.01 and adaptformer:8~scale=0.2"})...) || untuned(c, low, middle, high) {
		return
	}
	less, more := compare(middle, low, lab.Above, 0), compare(middle, high, lab.Above, 0)
	c.Here = fmt.Sprintf("%s beats %s by %s and %s by %s", middle.name(), low.name(), less.show(), high.name(), more.show())
	c.Why = fmt.Sprintf("The rule asks for more than 0 twice: %s; %s.", less.how, more.how)
	for _, s := range scales {
		if s != low && s != middle && s != high {
			c.Why += fmt.Sprintf(" Over %s it gains %s.", s.name(), words.Interval(difference(middle, s), 1, "points"))
		}
	}
	c.Verdict = lab.All(less.verdict, more.verdict)
	room(c, head, full)
	conclude(c, low, middle, high, full, head)
	c.Rows = []wire.ClaimMark{lab.Mark("over the smallest", less.Interval, 1), lab.Mark("over the largest", more.Interval, 1)}
	c.Axis = axis("points gained by a scale of 0.1", 0, c.Rows)
}

// untuned marks a claim whose racers need a learning rate of their own and have none.
func untuned(c *wire.ClaimReport, of ...*racer) bool {
	var said []string
	for _, a := range of {
		if from := a.borrowed(); from != "" {
			said = append(said, fmt.Sprintf("%s trained at the rate of %s", a.name(), from))
		}
	}
	if len(said) == 0 {
		return false
	}
	lab.Absent(c, "lr=grid")
	c.Why += " The rule asks for a rate that was found for each: " + strings.Join(said, "; ") + "."
	return true
}

// width finds the AdaptFormer of a width, and the widest.
func (r *run) widths(on string) (all []*racer, of func(width int) *racer, widest *racer) {
	all = r.sweep(on, isAdaptFormer)
	if len(all) > 0 && bottleneck(all[len(all)-1]) >= largestWidth {
		widest = all[len(all)-1]
	}
	return all, func(width int) *racer {
		for _, a := range all {
			if bottleneck(a) == width {
				return a
			}
		}
		return nil
	}, widest
}

func bottleneck(c *racer) int { return c.method.(AdaptFormer).Bottleneck }

// judgeWidth: does a wider bottleneck stop to help?
func (r *run) judgeWidth(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	_, of, wide := r.widths(on)
	narrow, middle := of(1), of(middleWidth)
	if absent(c, append(needs, need{narrow, "adaptformer:1"}, need{middle, "adaptformer:8"}, need{wide, "adaptformer:32"})...) {
		return
	}
	rise, rest := compare(middle, narrow, lab.Above, 0), compare(wide, middle, lab.Below, evenPoints)
	c.Here = fmt.Sprintf("from 1 to %d the width gains %s, from there to %d %s", middleWidth, rise.show(), bottleneck(wide), rest.show())
	c.Why = fmt.Sprintf("The rule asks for more than 0 at first: %s. It allows %d point afterwards: %s.", rise.how, evenPoints, rest.how)
	c.Verdict = lab.All(rise.verdict, rest.verdict)
	room(c, head, full)
	conclude(c, narrow, middle, wide, full, head)
	theirs := paperMiddle - paperNarrow
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper, 1 to 64", theirs, words.Number(theirs, 1)), lab.Mark(fmt.Sprintf("1 to %d", middleWidth), rise.Interval, 1),
		lab.Mark(fmt.Sprintf("%d to %d", middleWidth, bottleneck(wide)), rest.Interval, 1)}
	c.Axis = axis("points gained by width", evenPoints, c.Rows)
}

// judgeTokens: do many prompts harm, and does a wide bottleneck not?
func (r *run) judgeTokens(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	lengths := r.sweep(on, isDeep)
	long, short := ends(lengths)
	if len(lengths) < 2 || long.method.(Prompting).Length < manyPrompts || short >= manyPrompts {
		long = nil
	}
	widths, _, wide := r.widths(on)
	if len(widths) < 2 {
		wide = nil
	}
	if absent(c, append(needs, need{long, "vpt-deep:10 and vpt-deep:50"}, need{wide, "adaptformer:8 and adaptformer:32"})...) ||
		untuned(c, append(append([]*racer{}, lengths...), widths...)...) {
		return
	}
	top, good := best(lengths), best(widths)
	fall, flat := fallen(top, long, lab.Above), fallen(good, wide, lab.Below)
	c.Here = fmt.Sprintf("%s: %s over %s; %s: %s over %s", top.name(), fall.show(), long.name(), good.name(), flat.show(), wide.name())
	c.Why = fmt.Sprintf("The rule asks for a fall of more than %d point of VPT-deep: %s. Of AdaptFormer it asks for less: %s.", evenPoints, fall.how, flat.how)
	c.Verdict = lab.All(fall.verdict, flat.verdict)
	room(c, head, full)
	conclude(c, append(append([]*racer{head, full}, lengths...), widths...)...)
	c.Rows = []wire.ClaimMark{lab.Mark("VPT-deep", fall.Interval, 1), lab.Mark("AdaptFormer", flat.Interval, 1)}
	c.Axis = axis("points lost by the largest size", evenPoints, c.Rows)
}

// fallen compares the best of several sizes with the largest, which may be the best: then nothing is lost.
func fallen(top, largest *racer, side lab.Side) condition {
	if top == largest {
		return condition{verdict: lab.Verdict(side == lab.Below), how: "the largest is the best", Interval: difference(top, top)}
	}
	return compare(top, largest, side, evenPoints)
}

// judgeHead: how far is AdaptFormer above a linear head, with how few numbers?
func (r *run) judgeHead(c *wire.ClaimReport) {
	on := r.first(true)
	if on == "" {
		on = r.any()
	}
	head := r.find(on, isHead)
	var arm *racer
	for _, a := range r.sweep(on, isAdaptFormer) { // rising, so that the widest wins
		if a.share() < headShare && a.report.Total > 0 {
			arm = a
		}
	}
	if absent(c, need{head, "head"}, need{arm, "adaptformer:4, which trains less than 2 %"}) {
		return
	}
	d := compare(arm, head, lab.Above, headPoints)
	c.Here = fmt.Sprintf("%s trains %s of the backbone's numbers and beats the head by %s", arm.name(), words.Percent(arm.share()), d.show())
	c.Why = fmt.Sprintf("The rule asks for less than %s and more than %d points: %s.", words.Percent(headShare), headPoints, d.how)
	c.Verdict = d.verdict
	if at := level(head); at.Mean > 100-headPoints {
		c.Verdict = wire.Unclear
		c.Why += fmt.Sprintf(" But the head alone reaches %s %%, which leaves no room for that: unclear.", words.Number(at.Mean, 1))
	}
	conclude(c, arm, head)
	c.Rows = []wire.ClaimMark{lab.Mark("here", d.Interval, 1)}
	c.Axis = axis("points gained over the head", headPoints, c.Rows)
}
