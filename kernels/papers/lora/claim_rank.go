package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

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
	settle(c, high, low, r.find("full"), r.find("head"))
	c.Rows = []wire.ClaimMark{point("paper", paperRankGain, number(paperRankGain, 1)), mark("here", gain, 1)}
	c.Axis = axis(fmt.Sprintf("points gained by r = %d over r = 1", high.arm.Number), rankPoints, c.Rows)
}
