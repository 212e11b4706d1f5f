package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

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
		lab.Absent(c, add...)
		return
	}
	gain := difference(two, one)
	c.Here = fmt.Sprintf("r = %d: q, v beat q alone by %s", one.arm.Number, words.Interval(gain, 1, "points"))
	c.Why = fmt.Sprintf("The rule asks for %d point: %s.", placementPoints, lab.Sided(gain, placementPoints, 0))
	// Table 5 compares at an equal number of parameters, which q alone reaches with twice the rank.
	if rich := r.find(fmt.Sprintf("q:%d", 2*two.arm.Number)); rich != nil {
		equal := difference(two, rich)
		c.Why += fmt.Sprintf(" With equal numbers of parameters (%s against %s) it is %s, where Table 5 has 3.3 (73.7 against 70.4).", two.report.Arm, rich.report.Arm, words.Interval(equal, 1, "points"))
	}
	floor := difference(one, r.find("head"))
	c.Why += fmt.Sprintf(" Against the head, q alone gains %s.", words.Interval(floor, 1, "points"))
	c.Verdict = r.room(c, lab.Judge(gain, lab.Above, placementPoints))
	settle(c, two, one, r.find("full"), r.find("head"))
	at := paperRank(one.arm.Number)
	theirs := paperGain(paperTable6["qv"][at], paperTable6["q"][at])
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper", theirs, fmt.Sprintf("%s (r = %d)", words.Number(theirs, 1), at)), lab.Mark("here", gain, 1)}
	c.Axis = axis("points gained by q, v over q", placementPoints, c.Rows)
}
