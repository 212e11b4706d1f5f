package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeAmplify: does the frozen matrix already have the directions of the update, without stressing them? It has them
// if they carry more of W than random ones do, and does not stress them if W's own carry far more.
func (r *run) judgeAmplify(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	arm := r.amplifyArm()
	if arm == nil {
		add = append(add, "q and v with a rank of 4 or more, such as qv:4")
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
		return
	}
	rows := amplifications(arm)
	if len(rows.best) == 0 {
		unmeasured(c)
		settle(c, arm)
		return
	}
	has, stress, factor := lab.Interval(rows.random), lab.Interval(rows.best), lab.Interval(rows.factor)
	theirs := paperAmplifyOwn / paperAmplifyRandom
	c.Here = fmt.Sprintf("%s: ‖UᵀWV‖ along the update is %s its value along random directions and %s of that along W's own; ‖ΔW‖ is %s times ‖UᵀWV‖",
		arm.name(), words.Interval(has, 1, "times"), words.Percent(stress.Mean), words.Short(factor.Mean))
	c.Why = fmt.Sprintf("The rule asks for %d times random, where the paper has %s: %s.", amplifyRandom, words.Number(theirs, 0), lab.Sided(has, amplifyRandom, 0))
	c.Why += fmt.Sprintf(" It also asks for less than %s of what W's own directions carry, where the paper has %s: %s.",
		words.Percent(amplifyOwn), words.Percent(paperAmplifyOwn/paperAmplifyBest), lab.Sided(stress, amplifyOwn, 1))
	c.Why += fmt.Sprintf(" The factor alone shows little: a random update of this size would have %s.", words.Short(lab.Interval(rows.blind).Mean))
	c.Verdict = r.room(c, lab.All(lab.Judge(has, lab.Above, amplifyRandom), lab.Judge(stress, lab.Below, amplifyOwn)))
	settle(c, arm, r.find("full"), r.find("head"))
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper", theirs, words.Number(theirs, 0)), lab.Mark("here", has, 1), lab.MarkAt("random", 1, "1")}
	c.Axis = axis("‖UᵀWV‖ against random directions, times", amplifyRandom, c.Rows)
}

// amplifyArm is the racer that Table 7 is made for: q and v at rank 4, or the smallest rank above it.
func (r *run) amplifyArm() *racer {
	var best *racer
	for _, c := range r.sameParts("qv") {
		if c.arm.Number >= tableSeven {
			best = c
		}
	}
	return best
}

// amplifyRows are means over the matrices of an arm, one value per seed.
type amplifyRows struct {
	random []float64 // ‖UᵀWV‖ along the update against random directions
	best   []float64 // the same against W's own directions
	factor []float64 // ‖ΔW‖ / ‖UᵀWV‖
	blind  []float64 // ‖ΔW‖ against the random value: the factor of an update that knows nothing of W
}

func amplifications(arm *racer) amplifyRows {
	var rows amplifyRows
	for _, updates := range arm.updates {
		var random, best, factor, blind, n float64
		for _, u := range updates {
			if a, ok := u.amplify(); ok {
				random += a.own / a.random
				best += a.own / a.best
				factor += a.delta / a.own
				blind += a.delta / a.random
				n++
			}
		}
		if n > 0 {
			rows.random, rows.best = append(rows.random, random/n), append(rows.best, best/n)
			rows.factor, rows.blind = append(rows.factor, factor/n), append(rows.blind, blind/n)
		}
	}
	return rows
}
