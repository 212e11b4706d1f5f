package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

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
