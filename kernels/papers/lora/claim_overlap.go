package lora

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// judgeOverlap: do two ranks find the same first direction?
func (r *run) judgeOverlap(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	add := r.lacking("head", "full")
	low, high := r.overlapPair()
	if low == nil {
		add = append(add, "the same matrices with two ranks, such as qv:4 and qv:32")
	}
	if r.spec.Seeds() < 2 {
		add = append(add, "a second seed")
	}
	if len(add) > 0 {
		absent(c, add...)
		return
	}
	phi := lab.Interval(firstDirections(acrossSeeds(low, high)))
	floor := meanChance(acrossSeeds(low, high), 1, 1, r.width)
	c.Here = fmt.Sprintf("φ(1,1) of r = %d and r = %d on %s: %s, chance %s", low.arm.Number, high.arm.Number, letters(high.arm), interval(phi, 2, ""), number(floor, 3))
	c.Why = fmt.Sprintf("The rule asks for more than %s across seeds: %s.", number(overlapPhi, 2), sided(phi, overlapPhi, 2))
	if len(phi.Values) > 1 && phi.High < paperOverlap {
		c.Why += " It is below the paper's value all the same."
	}
	if same := lab.Interval(firstDirections(withinSeeds(low, high))); len(same.Values) > 0 {
		c.Why += fmt.Sprintf(" Two ranks that saw the same examples in the same order agree to %s.", interval(same, 2, ""))
	}
	c.Verdict = r.room(c, lab.Judge(phi, lab.Above, overlapPhi))
	settle(c, low, high)
	c.Rows = []wire.ClaimMark{point("paper", paperOverlap, "> 0.5"), mark("here", phi, 2), point("chance", floor, number(floor, 3))}
	c.Axis = axis("φ(1,1), 0 to 1", overlapPhi, c.Rows)
}

// overlapPair is the lower and the higher of the two largest ranks of one set of matrices.
func (r *run) overlapPair() (low, high *racer) {
	for _, set := range r.partSets() {
		if same := r.sameParts(set); len(same) > 1 {
			return same[1], same[0]
		}
	}
	return nil, nil
}

// firstDirections are φ(1,1) of pairs of trained arms, averaged over their matrices: one value per pair.
func firstDirections(pairs []pair) []float64 {
	var out []float64
	for _, p := range pairs {
		sum, n := 0.0, 0
		p.each(func(d1, d2 *mat.Dense) {
			sum += similarity(d1, d2)[0]
			n++
		})
		if n > 0 {
			out = append(out, sum/float64(n))
		}
	}
	return out
}

// meanChance is the chance of φ(i, j) averaged over the matrices of the first pair, which may read inputs of different
// widths; without a pair it is that of the given width.
func meanChance(pairs []pair, i, j, width int) float64 {
	if len(pairs) == 0 {
		return chance(i, j, width)
	}
	sum := 0.0
	for _, u := range pairs[0][0] {
		in, _ := u.delta.Dims()
		sum += chance(i, j, in)
	}
	return sum / float64(len(pairs[0][0]))
}

// pair are the updates of two trained arms, matrix by matrix.
type pair [2][]*update

// each visits the input directions of both sides of every matrix.
func (p pair) each(visit func(d1, d2 *mat.Dense)) {
	for i, u := range p[0] {
		d1, ok1 := u.inputDirections()
		d2, ok2 := p[1][i].inputDirections()
		if ok1 && ok2 {
			visit(d1, d2)
		}
	}
}

// acrossSeeds pairs the updates of a at one seed with those of b at the next, round the seeds, so that neither examples
// nor random starts are shared. Both arms must change the same matrices.
func acrossSeeds(a, b *racer) []pair {
	n := min(len(a.updates), len(b.updates))
	if n < 2 {
		return nil
	}
	return paired(a, b, n, func(i int) int { return (i + 1) % n })
}

// withinSeeds pairs two different arms at the same seed: other random starts of A, but the same examples in the same
// order.
func withinSeeds(a, b *racer) []pair {
	if a == b {
		return nil
	}
	return paired(a, b, min(len(a.updates), len(b.updates)), func(i int) int { return i })
}

func paired(a, b *racer, n int, other func(int) int) []pair {
	var out []pair
	for i := range n {
		j := other(i)
		if len(a.updates[i]) > 0 && len(a.updates[i]) == len(b.updates[j]) {
			out = append(out, pair{a.updates[i], b.updates[j]})
		}
	}
	return out
}
