package lora

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// judgeOverlap: do two ranks find the same first direction?
func (r *run) judgeOverlap(c *wire.ClaimReport) {
	c.Scale = r.scale(gpt3)
	var add []string
	low, high := r.overlapPair()
	if low == nil {
		add = append(add, "the same matrices with two ranks, such as qv:4 and qv:32")
	}
	if r.spec.Seeds() < 2 {
		add = append(add, "a second seed")
	}
	if len(add) > 0 {
		lab.Absent(c, add...)
		return
	}
	phi := lab.Interval(firstDirections(acrossSeeds(low, high)))
	if len(phi.Values) == 0 {
		unmeasured(c)
		settle(c, low, high)
		return
	}
	floor := meanChance(acrossSeeds(low, high), 1, 1, r.width)
	c.Here = fmt.Sprintf("φ(1,1) of r = %d and r = %d on %s: %s, chance %s", low.arm.Number, high.arm.Number, letters(high.arm), words.Interval(phi, 2, ""), words.Number(floor, 3))
	c.Why = fmt.Sprintf("The rule asks for more than %s across seeds: %s.", words.Number(overlapPhi, 2), lab.Sided(phi, overlapPhi, 2))
	if lab.Judge(phi, lab.Above, overlapPhi) == wire.Holds && phi.High < paperOverlap {
		c.Why += " It is below the paper's value all the same."
	}
	if same := lab.Interval(firstDirections(withinSeeds(low, high))); len(same.Values) > 0 {
		c.Why += fmt.Sprintf(" Two ranks that saw the same examples in the same order agree to %s.", words.Interval(same, 2, ""))
	}
	c.Verdict = lab.Judge(phi, lab.Above, overlapPhi)
	settle(c, low, high)
	c.Rows = []wire.ClaimMark{lab.MarkAt("paper", paperOverlap, "> 0.5"), lab.Mark("here", phi, 2), lab.MarkAt("chance", floor, words.Number(floor, 3))}
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

// acrossSeeds pairs the updates of a with one seed with those of b with the next, round the seeds that both have, so
// that neither examples nor random starts are shared.
func acrossSeeds(a, b *racer) []pair {
	seeds := commonSeeds(a, b)
	if len(seeds) < 2 {
		return nil
	}
	var out []pair
	for i, seed := range seeds {
		out = append(out, pair{a.updatesOf(seed), b.updatesOf(seeds[(i+1)%len(seeds)])})
	}
	return out
}

// withinSeeds pairs two different arms with the same seed: other random starts of A, but the same examples in the same
// order.
func withinSeeds(a, b *racer) []pair {
	if a == b {
		return nil
	}
	var out []pair
	for _, seed := range commonSeeds(a, b) {
		out = append(out, pair{a.updatesOf(seed), b.updatesOf(seed)})
	}
	return out
}

// commonSeeds are the seeds with which both racers have updates of as many matrices, in rising order. A cancelled or
// diverged trial leaves a hole, not a shift.
func commonSeeds(a, b *racer) []int {
	var out []int
	for _, t := range a.results {
		if n := len(a.updatesOf(t.Trial.Seed)); n > 0 && n == len(b.updatesOf(t.Trial.Seed)) {
			out = append(out, t.Trial.Seed)
		}
	}
	slices.Sort(out)
	return out
}
