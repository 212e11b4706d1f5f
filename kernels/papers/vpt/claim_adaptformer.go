package vpt

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeParallel: is the bottleneck beside the MLP no worse than behind it?
func (r *run) judgeParallel(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var beside, behind *racer
	for _, a := range r.on(on, isAdaptFormer) {
		twin := a.method.(AdaptFormer)
		twin.Sequential = true
		if behind = r.same(on, twin); behind != nil {
			beside = r.same(on, a.method)
			break
		}
	}
	if absent(c, append(needs, need{beside, "adaptformer:8 and adaptformer:8~form=sequential"})) {
		return
	}
	decide(c, []part{compare(beside, behind, lab.Above, -evenPoints)}, head, []*racer{full})
}

// judgeScale: is 0.1 better than the ends?
func (r *run) judgeScale(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var low, middle, high *racer
	for _, a := range r.on(on, isAdaptFormer) {
		like := a.method.(AdaptFormer)
		scales := r.sweep(on, func(o *racer) (float64, bool) {
			m, ok := o.method.(AdaptFormer)
			like.Scale = m.Scale
			return m.Scale, ok && m == like
		})
		low, high = scales[0], scales[len(scales)-1]
		if low.method.(AdaptFormer).Scale > smallScale || high.method.(AdaptFormer).Scale < largeScale {
			continue
		}
		for _, s := range scales {
			if s.method == a.method {
				middle = s
			}
		}
		break
	}
	if absent(c, append(needs, need{middle, "adaptformer:8 with adaptformer:8~scale=0.01 and adaptformer:8~scale=0.2"})) {
		return
	}
	decide(c, []part{compare(middle, low, lab.Above, 0), compare(middle, high, lab.Above, 0)}, head, []*racer{full})
}

// judgeWidth: does a wider bottleneck stop to help?
func (r *run) judgeWidth(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var narrow, middle, wide *racer
	for _, sweep := range r.sweeps(on, isAdaptFormer) {
		narrow, middle, wide = nil, nil, nil
		for _, a := range sweep {
			switch b := width(a); {
			case b == 1:
				narrow = a
			case b == middleWidth:
				middle = a
			case b >= largestWidth:
				wide = a
			}
		}
		if narrow != nil && middle != nil && wide != nil {
			break
		}
	}
	if absent(c, append(needs, need{narrow, "adaptformer:1"}, need{middle, "adaptformer:8"}, need{wide, "adaptformer:32"})) {
		return
	}
	theirs := paperMiddle - paperNarrow
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper (MAE, CIFAR-100), b = 64 over b = 1", theirs, words.Number(theirs, 1))}
	decide(c, []part{compare(middle, narrow, lab.Above, 0), compare(wide, middle, lab.Below, evenPoints)}, head, []*racer{full})
}

// width is that of a racer's bottleneck.
func width(c *racer) int { return c.method.(AdaptFormer).Bottleneck }

// judgeTokens: do many prompts harm, and does a wide bottleneck not?
func (r *run) judgeTokens(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var long, wide *racer
	var lengths, widths []*racer
	for _, lengths = range r.sweeps(on, isDeep) {
		if n := len(lengths); n > 1 && length(lengths[n-1]) >= manyPrompts && length(lengths[0]) < manyPrompts {
			long = lengths[n-1]
			break
		}
	}
	for _, widths = range r.sweeps(on, isAdaptFormer) {
		if n := len(widths); n > 1 && width(widths[n-1]) >= largestWidth {
			wide = widths[n-1]
			break
		}
	}
	all := append(append([]*racer{}, lengths...), widths...)
	if absent(c, append(needs, need{long, "vpt-deep:10 and vpt-deep:50"}, need{wide, "adaptformer:8 and adaptformer:32"})) {
		return
	}
	// Where the largest is the best, it loses nothing against itself.
	decide(c, []part{compare(best(lengths), long, lab.Above, evenPoints), compare(best(widths), wide, lab.Below, evenPoints)}, head, []*racer{full}, all...)
}

// judgeHead: how far is AdaptFormer above a linear head, with how few numbers?
func (r *run) judgeHead(c *wire.ClaimReport) {
	on := r.first(true)
	if on == "" {
		on = r.any()
	}
	head := r.find(on, isHead)
	var arm *racer
	for _, sweep := range r.sweeps(on, isAdaptFormer) {
		for _, a := range sweep { // rising, so that the widest wins
			if a.report.Total > 0 && a.share() < headShare {
				arm = a
			}
		}
		if arm != nil {
			break
		}
	}
	if absent(c, []need{{head, "head"}, {arm, "adaptformer:4, which trains less than 2 %"}}) {
		return
	}
	p := compare(arm, head, lab.Above, headPoints)
	c.Why = fmt.Sprintf(" It trains %s of the backbone's numbers.", words.Percent(arm.share()))
	if at := level(head).Mean; at > 100-headPoints {
		p.verdict = wire.Unclear
		c.Why += fmt.Sprintf(" The head alone reaches %s %%, which leaves no room for that.", words.Number(at, 1))
	}
	decide(c, []part{p}, head, nil)
}
