package vpt

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeDeep: are prompts in every layer ahead, and with little data ahead of all?
func (r *run) judgeDeep(c *wire.ClaimReport) {
	on := r.first(false)
	if on == "" && len(r.racers) > 0 {
		lab.Absent(c, "racers on a supervised backbone, such as backbone=vtiny")
		return
	}
	head, full, needs := r.anchors(on)
	deep, shallow := r.prompted(on, func(m Prompting) *racer {
		m.Layers, m.TopDown = 1, false
		return r.same(on, m)
	})
	twin := "vpt-shallow:10"
	if deep == nil {
		if deep = r.find(on, isDeep); deep != nil {
			twin = fmt.Sprintf("vpt-shallow:%d with the settings of %s", length(deep), deep.arm)
		}
	}
	if absent(c, append(needs, need{shallow, twin}, need{deep, "vpt-deep:10"})) {
		return
	}
	parts := []part{compare(deep, shallow, lab.Above, 0), compare(shallow, head, lab.Above, 0), compare(deep, full, lab.Above, -evenPoints)}
	if n := r.spec.Int("train"); n > smallTrain {
		parts[2].verdict = wire.Unclear
		c.Why = fmt.Sprintf(" The last is judged where data is small, up to %d examples; here there are %s: take train=100.", smallTrain, words.Count(n))
	}
	decide(c, parts, head, []*racer{full, deep})
}

// judgeLength: do more layers with prompts help, the first more than the last, and does the length matter?
func (r *run) judgeLength(c *wire.ClaimReport) {
	on := r.any()
	head, full, needs := r.anchors(on)
	var all, one, low, high, several *racer
	var lengths []*racer
	for _, lengths = range r.sweeps(on, isDeep) {
		all, several = nil, nil
		if n := len(lengths); n >= leastLengths && length(lengths[0]) <= fewPrompts && length(lengths[n-1]) >= longPrompts*length(lengths[0]) {
			several = lengths[0]
		}
		for _, deep := range lengths { // the first length that has all of them
			as := func(layers int, topDown bool) *racer {
				m := deep.method.(Prompting)
				m.Layers, m.TopDown = layers, topDown
				return r.same(on, m)
			}
			if one, low, high = as(1, false), as(2, false), as(2, true); one != nil && low != nil && high != nil {
				all = deep
				break
			}
		}
		if all != nil && several != nil {
			break
		}
	}
	if absent(c, append(needs, need{several, "vpt-deep:1 and vpt-deep:50, for three lengths"},
		need{all, "vpt-deep:10 with vpt-shallow:10, vpt-deep:10~depth=2 and vpt-deep:10~depth=2~order=top-down"})) {
		return
	}
	// Where an end is the best, it gains nothing over itself: then the number need not be tuned, only small or large.
	top := best(lengths)
	decide(c, []part{compare(all, one, lab.Above, 0), compare(low, high, lab.Above, 0),
		compare(top, lengths[0], lab.Above, evenPoints), compare(top, lengths[len(lengths)-1], lab.Above, evenPoints)}, head, []*racer{full}, lengths...)
}

// length is how many prompts a racer has.
func length(c *racer) int { return c.method.(Prompting).Length }

// judgeMAE: does the ranking turn round on a masked autoencoder?
func (r *run) judgeMAE(c *wire.ClaimReport) {
	plain := strings.TrimSuffix(r.first(true), ofMAE)
	if plain == "" {
		plain = r.first(false)
	}
	mae := plain + ofMAE
	ours, theirs := r.prompted(mae, func(m Prompting) *racer { return r.same(plain, m) })
	longer := "vpt-deep:10"
	if ours == nil { // say which of the two is missing
		if ours = r.find(mae, isDeep); ours != nil {
			longer = fmt.Sprintf("vpt-deep:%d", length(ours))
		} else {
			theirs = r.find(plain, isDeep)
		}
	}
	found := []*racer{r.find(mae, isHead), r.find(mae, isFull), ours, r.find(plain, isHead), r.find(plain, isFull), theirs}
	var needs []need
	for i, name := range []string{"head", "full", "vpt-deep:10"} {
		needs = append(needs, need{found[i], name + "~backbone=" + mae})
	}
	for i, name := range []string{"head", "full", longer} {
		needs = append(needs, need{found[3+i], name + "~backbone=" + plain})
	}
	if absent(c, needs) {
		return
	}
	parts := []part{compare(found[1], found[2], lab.Above, evenPoints), compare(found[4], found[5], lab.Below, evenPoints)}
	decide(c, parts, found[0], found[1:2], found...)
	if c.Verdict != wire.Unclear {
		room(c, parts, found[3], found[4:5])
	}
}
