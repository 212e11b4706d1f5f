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
	shallow, deep := r.find(on, isShallow), r.find(on, isDeep)
	if absent(c, append(needs, need{shallow, "vpt-shallow:10"}, need{deep, "vpt-deep:10"})) {
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
	var all, one, low, high *racer
	lengths := r.sweep(on, isDeep)
	for _, deep := range lengths { // the first length that has all of them
		as := func(layers int, topDown bool) *racer {
			return r.find(on, func(o *racer) (float64, bool) {
				m, ok := o.method.(Prompting)
				return 0, ok && m.Length == length(deep) && m.Layers == layers && m.TopDown == topDown
			})
		}
		if one, low, high = as(1, false), as(2, false), as(2, true); one != nil && low != nil && high != nil {
			all = deep
			break
		}
	}
	var several *racer
	if n := len(lengths); n >= leastLengths && length(lengths[0]) <= fewPrompts && length(lengths[n-1]) >= longPrompts*length(lengths[0]) {
		several = lengths[0]
	}
	if absent(c, append(needs, need{several, "vpt-deep:1 and vpt-deep:50, for three lengths"},
		need{all, "vpt-deep:10 with vpt-deep:10~depth=1, vpt-deep:10~depth=2 and vpt-deep:10~depth=2~order=top-down"})) {
		return
	}
	decide(c, []part{compare(all, one, lab.Above, 0), compare(low, high, lab.Above, 0), compare(best(lengths), worst(lengths), lab.Above, evenPoints)},
		head, []*racer{full}, lengths...)
}

// length is how many prompts a racer has.
func length(c *racer) int { return c.method.(Prompting).Length }

// worst is the racer with the worst score, the last of equals.
func worst(of []*racer) *racer {
	w := of[0]
	for _, c := range of {
		if c.score() <= w.score() {
			w = c
		}
	}
	return w
}

// judgeMAE: does the ranking turn round on a masked autoencoder?
func (r *run) judgeMAE(c *wire.ClaimReport) {
	plain := strings.TrimSuffix(r.first(true), ofMAE)
	if plain == "" {
		plain = r.first(false)
	}
	var needs []need
	var found []*racer
	for _, on := range []string{plain + ofMAE, plain} {
		for i, is := range []size{isHead, isFull, isDeep} {
			found = append(found, r.find(on, is))
			needs = append(needs, need{found[len(found)-1], []string{"head", "full", "vpt-deep:10"}[i] + "~backbone=" + on})
		}
	}
	if absent(c, needs) {
		return
	}
	decide(c, []part{compare(found[1], found[2], lab.Above, evenPoints), compare(found[4], found[5], lab.Below, evenPoints)}, found[0], found[1:2], found...)
	if c.Verdict != wire.Unclear {
		room(c, found[3], found[4:5])
	}
}
