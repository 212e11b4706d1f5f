package vpt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
	"petri/kernels/nn"
)

// run is a finished run, opened up for the analysis.
type run struct {
	spec   wire.Spec
	racers []*racer
}

// racer is one arm of a run over its seeds.
type racer struct {
	arm      wire.Arm // as it is named
	as       wire.Arm // as it was trained
	report   wire.ArmReport
	spec     wire.Spec // the run as the arm sees it
	size     nn.Config // of its backbone
	method   Method    // with the size that it was trained with
	results  []wire.TrialResult
	measures []measure     // of the trials that did not diverge
	tiles    *wire.TileSet // of its first seed; nil before
}

// newRacer reads what an arm of a run is. ok is false for a name that is none.
func newRacer(spec wire.Spec, report wire.ArmReport) (*racer, bool) {
	arm, bad := parseArm(report.Arm)
	if bad != nil {
		return nil, false
	}
	c := &racer{arm: arm, report: report, spec: spec.With(arm)}
	c.size = config(c.spec, 0)
	c.size.Classes = report.Head / (c.size.Width + 1) // as trained, with biases
	c.spec, c.as = fair(c.spec, arm, c.size)
	c.method = methodOf(c.spec, c.as, c.size)
	return c, true
}

// backbone is what the racer adapts, as links name it.
func (c *racer) backbone() string { return c.spec.Text("backbone") }

// batch is how many examples a step of the racer has.
func (c *racer) batch() int { return c.spec.Int("batch") }

// ofMAE ends the names of backbones that were masked autoencoders.
const ofMAE = "-mae"

// score is the accuracy on validation examples at the last look, a mean over seeds, by which a claim picks among racers: test
// examples would flatter what they pick. It is negative where there is none, or where a seed diverged.
func (c *racer) score() float64 {
	sum := 0.0
	for _, t := range c.results {
		if len(t.Evals) == 0 || t.Diverged > 0 {
			return -1
		}
		sum += t.Evals[len(t.Evals)-1].Accuracy
	}
	if len(c.results) == 0 {
		return -1
	}
	return sum / float64(len(c.results))
}

// best is the racer with the best score, the first of equals; nil of none.
func best(of []*racer) *racer {
	if len(of) == 0 {
		return nil
	}
	return slices.MaxFunc(of, func(a, b *racer) int { return cmp.Compare(a.score(), b.score()) })
}

// size asks a method for the size that a claim compares; ok is false where the claim is not about it.
type size func(c *racer) (x float64, ok bool)

// on lists the racers on a backbone that a claim is about.
func (r *run) on(backbone string, is size) []*racer {
	var out []*racer
	for _, c := range r.racers {
		if _, ok := is(c); ok && c.backbone() == backbone {
			out = append(out, c)
		}
	}
	return out
}

// find is the racer on a backbone that a claim is about, of several the one with the best score; nil where there is none.
func (r *run) find(backbone string, is size) *racer { return best(r.on(backbone, is)) }

// sweep is the racers on a backbone that a claim is about by rising size, of several of a size the one with the best score.
func (r *run) sweep(backbone string, is size) []*racer {
	all := r.on(backbone, is)
	at := func(c *racer) float64 { x, _ := is(c); return x }
	slices.SortStableFunc(all, func(a, b *racer) int { return cmp.Compare(at(a), at(b)) })
	var out []*racer
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && at(all[j]) == at(all[i]) {
			j++
		}
		out = append(out, best(all[i:j]))
		i = j
	}
	return out
}

// sweeps splits the racers on a backbone that a claim is about, in the order of the run, into sweeps in which nothing but the size
// differs.
func (r *run) sweeps(backbone string, is size) [][]*racer {
	var out [][]*racer
	var done []Method
	for _, c := range r.on(backbone, is) {
		like := unsized(c.method)
		if slices.Contains(done, like) {
			continue
		}
		done = append(done, like)
		out = append(out, r.sweep(backbone, func(o *racer) (float64, bool) {
			x, ok := is(o)
			return x, ok && unsized(o.method) == like
		}))
	}
	return out
}

// unsized is a method without the size that claims compare.
func unsized(m Method) Method {
	switch m := m.(type) {
	case Prompting:
		m.Length = 0
		return m
	case AdaptFormer:
		m.Bottleneck = 0
		return m
	}
	return m
}

// same is the racer on a backbone with exactly this method, of several the one with the best score; nil where there is none.
func (r *run) same(backbone string, m Method) *racer {
	return r.find(backbone, func(o *racer) (float64, bool) { return 0, o.method == m })
}

// prompted finds prompts in every layer that there are with the same length and settings for the other side of a comparison too,
// and that other side; of several lengths the largest, so that neither side has more tries. It is nil where there are none.
func (r *run) prompted(backbone string, other func(Prompting) *racer) (deep, twin *racer) {
	for _, c := range r.on(backbone, isDeep) {
		if o := other(c.method.(Prompting)); o != nil && (deep == nil || length(c) > length(deep)) {
			deep, twin = r.same(backbone, c.method), o
		}
	}
	return deep, twin
}

// first is the first backbone of the run, a masked autoencoder or not as asked; "" where it has none.
func (r *run) first(mae bool) string {
	for _, c := range r.racers {
		if strings.HasSuffix(c.backbone(), ofMAE) == mae {
			return c.backbone()
		}
	}
	return ""
}

// any is the first backbone of the run.
func (r *run) any() string {
	if len(r.racers) == 0 {
		return ""
	}
	return r.racers[0].backbone()
}

// What claims are about.

func named(name string) size {
	return func(c *racer) (float64, bool) { return 0, c.arm.Racer == name }
}

var (
	isHead = named("head")
	isFull = named("full")
)

// isDeep are prompts in all layers, by length.
func isDeep(c *racer) (float64, bool) {
	m, ok := c.method.(Prompting)
	return float64(m.Length), ok && m.Length > 0 && m.Layers == c.size.Depth
}

// isAdaptFormer are AdaptFormers in parallel form at the paper's scale, by width.
func isAdaptFormer(c *racer) (float64, bool) {
	m, ok := c.method.(AdaptFormer)
	return float64(m.Bottleneck), ok && !m.Sequential && m.Scale == paperScale
}

// anchors are the head and full fine-tuning on a backbone, also as needs.
func (r *run) anchors(on string) (head, full *racer, needs []need) {
	head, full = r.find(on, isHead), r.find(on, isFull)
	return head, full, []need{{head, "head"}, {full, "full"}}
}

// difference is the test accuracy of a minus that of b in points, paired by seed.
func difference(a, b *racer) wire.Interval {
	return lab.Difference(a.results, b.results, course.TestAccuracy, 100)
}

// level is the test accuracy in percent over the seeds that did not diverge.
func level(c *racer) wire.Interval {
	var x []float64
	for _, t := range lab.Finite(c.results) {
		if a, ok := t.Metrics[course.TestAccuracy]; ok {
			x = append(x, 100*a)
		}
	}
	return lab.Interval(x)
}

// lost is with how many seeds the racer diverged.
func (c *racer) lost() int { return len(c.results) - len(lab.Finite(c.results)) }

// survivors marks means over fewer seeds than were trained, as those that are left were picked by their outcome: " (2 of 3 seeds)".
func (c *racer) survivors() string {
	if c.lost() == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of %d seeds)", len(c.results)-c.lost(), len(c.results))
}

// unranked says of racers that they are left out, because they diverged; "" of none.
func unranked(of []string) string {
	if len(of) == 0 {
		return ""
	}
	return " Left out, as training diverged with a seed: " + words.List(of) + "."
}

// batches says whether the racers that were trained have different batches.
func (r *run) batches() bool {
	of := r.trained()
	return slices.ContainsFunc(of, func(c *racer) bool { return c.batch() != of[0].batch() })
}

// perStep is the batch of a step in sentences.
func (r *run) perStep() string {
	if r.batches() {
		return "each racer with its own batch"
	}
	if of := r.trained(); len(of) > 0 {
		return fmt.Sprintf("batch of %d", of[0].batch())
	}
	return fmt.Sprintf("batch of %d", r.spec.Int("batch"))
}

// share is what a racer trains, of all numbers of its backbone.
func (c *racer) share() float64 { return float64(c.report.Trainable) / float64(max(1, c.report.Total)) }
