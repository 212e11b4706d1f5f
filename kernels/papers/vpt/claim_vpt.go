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
	head, full, shallow, deep := r.find(on, isHead), r.find(on, isFull), r.find(on, isShallow), r.find(on, isDeep)
	if absent(c, need{head, "head"}, need{full, "full"}, need{shallow, "vpt-shallow:10"}, need{deep, "vpt-deep:10"}) {
		return
	}
	first, second, third := compare(deep, shallow, lab.Above, 0), compare(shallow, head, lab.Above, 0), compare(deep, full, lab.Above, -evenPoints)
	c.Here = fmt.Sprintf("%s beats %s by %s, which beats the head by %s; over full fine-tuning it gains %s", deep.name(), shallow.name(), first.show(), second.show(), third.show())
	c.Why = fmt.Sprintf("The rule asks for more than 0 twice: %s; %s.", first.how, second.how)
	if n := r.spec.Int("train"); n > smallTrain {
		third.verdict = wire.Unclear
		c.Why += fmt.Sprintf(" Full fine-tuning is compared where data is small, up to %d examples; here there are %s: to judge that, take train=100.", smallTrain, words.Count(n))
	} else {
		c.Why += fmt.Sprintf(" Against full fine-tuning it asks for more than %s: %s.", words.Number(-evenPoints, 0), third.how)
	}
	c.Verdict = lab.All(first.verdict, second.verdict, third.verdict)
	room(c, head, full, deep)
	conclude(c, head, shallow, deep, full)
	c.Rows = []wire.ClaimMark{lab.Mark("deep over shallow", first.Interval, 1), lab.Mark("shallow over head", second.Interval, 1), lab.Mark("deep over full", third.Interval, 1)}
	c.Axis = axis("points", 0, c.Rows)
}

// judgeLength: do more layers with prompts help, the first more than the last, and does the length matter?
func (r *run) judgeLength(c *wire.ClaimReport) {
	on := r.any()
	head, full := r.find(on, isHead), r.find(on, isFull)
	var all, one, low, high *racer
	lengths := r.sweep(on, isDeep)
	for _, deep := range lengths { // the first length that has all of them
		as := func(layers int, topDown bool) *racer {
			return r.find(on, func(o *racer) (float64, bool) {
				m, ok := o.method.(Prompting)
				return 0, ok && m.Length == deep.method.(Prompting).Length && m.Layers == layers && m.TopDown == topDown
			})
		}
		if a, b, d := as(1, false), as(2, false), as(2, true); all == nil && a != nil && b != nil && d != nil {
			all, one, low, high = deep, a, b, d
		}
	}
	long, short := ends(lengths)
	few := long == nil || len(lengths) < leastLengths || short > fewPrompts || long.method.(Prompting).Length < longPrompts*short
	if few {
		long = nil
	}
	if absent(c, need{head, "head"}, need{full, "full"}, need{long, "vpt-deep:1 and vpt-deep:50, for three lengths"},
		need{all, "vpt-deep:10 with vpt-deep:10~depth=1, vpt-deep:10~depth=2 and vpt-deep:10~depth=2~order=top-down"}) {
		return
	}
	top, bottom := best(lengths), worst(lengths)
	layers, order, length := compare(all, one, lab.Above, 0), compare(low, high, lab.Above, 0), compare(top, bottom, lab.Above, evenPoints)
	if top == bottom { // all alike on validation examples, or none finite
		length.verdict, length.how = wire.Fails, "no length is better than another on validation examples"
	}
	c.Here = fmt.Sprintf("with %s, all layers beat one by %s, the first two layers the last two by %s; %s beats %s by %s",
		howMany(all), layers.show(), order.show(), top.name(), bottom.name(), length.show())
	c.Why = fmt.Sprintf("The rule asks for more than 0 twice: %s; %s. Of the best length over the worst it asks for more than %d point: %s.", layers.how, order.how, evenPoints, length.how)
	c.Verdict = lab.All(layers.verdict, order.verdict, length.verdict)
	room(c, head, full)
	conclude(c, append([]*racer{head, full, one, low, high}, lengths...)...)
	c.Rows = []wire.ClaimMark{lab.Mark("all over one layer", layers.Interval, 1), lab.Mark("first over last two", order.Interval, 1), lab.Mark("best over worst length", length.Interval, 1)}
	c.Axis = axis("points", 0, c.Rows)
}

// howMany writes how many a racer has.
func howMany(c *racer) string {
	n := c.method.(Prompting).Length
	if n == 1 {
		return "1 prompt"
	}
	return fmt.Sprintf("%d prompts", n)
}

// ends are the racer with most prompts and the least number of them.
func ends(lengths []*racer) (long *racer, short int) {
	if len(lengths) == 0 {
		return nil, 0
	}
	return lengths[len(lengths)-1], lengths[0].method.(Prompting).Length
}

// worst is the racer with the worst score, the first of equals.
func worst(of []*racer) *racer {
	w := of[0]
	for _, c := range of {
		if c.score() < w.score() {
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
	var found [2][3]*racer
	for i, on := range []string{plain, plain + ofMAE} {
		for j, is := range []size{isHead, isFull, isDeep} {
			found[i][j] = r.find(on, is)
			needs = append(needs, need{found[i][j], []string{"head", "full", "vpt-deep:10"}[j] + "~backbone=" + on})
		}
	}
	if absent(c, needs...) {
		return
	}
	supervised, masked := compare(found[0][1], found[0][2], lab.Below, evenPoints), compare(found[1][1], found[1][2], lab.Above, evenPoints)
	c.Here = fmt.Sprintf("full fine-tuning beats VPT-deep by %s on the masked autoencoder and by %s on the supervised backbone", masked.show(), supervised.show())
	c.Why = fmt.Sprintf("The rule asks for more than %d point on the masked autoencoder: %s. It allows %d point on the supervised backbone: %s.", evenPoints, masked.how, evenPoints, supervised.how)
	c.Verdict = lab.All(masked.verdict, supervised.verdict)
	room(c, found[0][0], found[0][1])
	if c.Verdict != wire.Unclear { // once is enough to say so
		room(c, found[1][0], found[1][1])
	}
	conclude(c, append(found[0][:], found[1][:]...)...)
	c.Rows = []wire.ClaimMark{lab.Mark("masked autoencoder", masked.Interval, 1), lab.Mark("supervised", supervised.Interval, 1)}
	c.Axis = axis("points by which full fine-tuning beats VPT-deep", evenPoints, c.Rows)
}
