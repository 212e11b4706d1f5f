package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// manyRanks is how large a rank has to be before it tells anything to compare it with rank 1.
const manyRanks = 8

// judgeRank: what does a large rank gain over rank 1, on Wq and Wv?
func (r *run) judgeRank(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := append(r.lacking("head", "full"), r.lacking("qv:1")...)
	same := r.sameParts("qv")
	if len(same) == 0 || same[0].arm.Number < manyRanks {
		add = append(add, "qv:32")
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
		return
	}
	high, low := same[0], r.find("qv:1")
	gain := difference(high, low)
	c.Here = fmt.Sprintf("%s: r = %d beats r = 1 by %s", letters(high.arm), high.arm.Number, words.Interval(gain, 1, "points"))
	c.Why = fmt.Sprintf("The rule allows %d point: %s.", rankPoints, lab.Sided(gain, rankPoints, 0))
	if middle := r.find("qv:4"); middle != nil && middle != high {
		rest := difference(high, middle)
		c.Why += fmt.Sprintf(" From r = 4 on, the larger rank gains %s.", words.Interval(rest, 1, "points"))
	}
	c.Verdict = r.room(c, lab.Judge(gain, lab.Below, rankPoints))
	settle(c, high, low, r.find("full"), r.find("head"))
	at := paperRank(high.arm.Number)
	theirs := paperGain(paperTable6["qv"][at], paperTable6["qv"][1])
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper", theirs, fmt.Sprintf("%s (r = %d)", words.Number(theirs, 1), at)), lab.Mark("here", gain, 1)}
	c.Axis = axis(fmt.Sprintf("points gained by r = %d over r = 1", high.arm.Number), rankPoints, c.Rows)
}
