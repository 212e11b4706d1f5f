package lora

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// gaussian is a matrix of normal draws.
func gaussian(seed uint64, rows, cols int) *mat.Dense {
	r := random(seed)
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, r.NormFloat64())
		}
	}
	return m
}

func TestSimilarityOfASubspaceWithItself(t *testing.T) {
	_, u, _, ok := decompose(gaussian(1, 20, 6))
	if !ok {
		t.Fatal("no decomposition")
	}
	phi := similarity(u, u)
	for i := range 6 {
		for j := range 6 {
			if x := phi[i*6+j]; math.Abs(x-1) > 1e-12 {
				t.Errorf("φ(%d,%d) = %v: the smaller subspace lies in the larger", i+1, j+1, x)
			}
		}
	}
}

func TestSimilarityGrowsWithContainment(t *testing.T) {
	_, u1, _, _ := decompose(gaussian(1, 20, 6))
	_, u2, _, _ := decompose(gaussian(2, 20, 9))
	phi := similarity(u1, u2)
	for i := range 6 {
		for j := i + 1; j < 9; j++ { // beyond the diagonal the divisor stays and the sum grows
			if phi[i*9+j] < phi[i*9+j-1]-1e-12 {
				t.Errorf("φ(%d,%d) is below φ(%d,%d)", i+1, j+1, i+1, j)
			}
		}
	}
	// Two planes that share one axis: one of two squared cosines is 1.
	a := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})
	b := mat.NewDense(3, 2, []float64{1, 0, 0, 0, 0, 1})
	if got := similarity(a, b); got[0] != 1 || got[1] != 1 || got[2] != 1 || got[3] != .5 {
		t.Errorf("φ = %v, want 1 1 1 ½", got)
	}
}

func TestChanceIsTheMeanOverRandomSubspaces(t *testing.T) {
	const n, draws = 24, 300
	sum := make([]float64, 4*8)
	for d := range uint64(draws) {
		_, u1, _, _ := decompose(gaussian(2*d, n, 4))
		_, u2, _, _ := decompose(gaussian(2*d+1, n, 8))
		for i, x := range similarity(u1, u2) {
			sum[i] += x / draws
		}
	}
	for i := range 4 {
		for j := range 8 {
			if want := chance(i+1, j+1, n); math.Abs(sum[i*8+j]-want) > 0.02 {
				t.Errorf("φ(%d,%d) is %.3f over random subspaces, chance says %.3f", i+1, j+1, sum[i*8+j], want)
			}
		}
	}
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		sigma []float64
		want  int
	}{
		{[]float64{3, 1, 0}, 1}, // 9 of 10
		{[]float64{3, 1.1, 0}, 2},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 9},
		{[]float64{0, 0}, 0},
	} {
		if got := directions(c.sigma, energy); got != c.want {
			t.Errorf("directions(%v) = %d, want %d", c.sigma, got, c.want)
		}
	}
}

// TestAmplification builds an update along known directions of W: U'WV is then known, and so is the factor.
func TestAmplification(t *testing.T) {
	w := gaussian(3, 16, 12)
	sigma, u, v, _ := decompose(w)
	delta := mat.NewDense(16, 12, nil)
	for k, s := range []float64{7, 5} { // along the second and third directions of W
		var outer mat.Dense
		outer.Outer(s, u.ColView(k+1), v.ColView(k+1))
		delta.Add(delta, &outer)
	}
	up := &update{frozen: w, delta: delta, rank: 2}
	a, ok := up.amplify()
	if !ok {
		t.Fatal("no amplification")
	}
	if want := math.Hypot(7, 5); math.Abs(a.delta-want) > 1e-9 {
		t.Errorf("‖ΔW‖ = %v, want %v", a.delta, want)
	}
	if want := math.Hypot(sigma[1], sigma[2]); math.Abs(a.own-want) > 1e-9 {
		t.Errorf("‖UᵀWV‖ = %v, want %v", a.own, want)
	}
	if want := math.Hypot(sigma[0], sigma[1]); math.Abs(a.best-want) > 1e-9 {
		t.Errorf("W's own = %v, want %v", a.best, want)
	}
	// The random value is the root of a mean square over random directions.
	sum := 0.0
	const draws = 400
	for d := range uint64(draws) {
		_, ru, rv, _ := decompose(gaussian(10+d, 16, 12))
		p := projection(w, ru, rv, 2)
		sum += p * p / draws
	}
	if got := math.Sqrt(sum); math.Abs(got-a.random) > 0.05*a.random {
		t.Errorf("random directions give %v, the formula %v", got, a.random)
	}
	if _, ok := (&update{frozen: w, delta: mat.NewDense(16, 12, nil)}).amplify(); ok {
		t.Error("an update of zero has an amplification")
	}
	bad := mat.DenseCopyOf(delta)
	bad.Set(0, 0, math.NaN())
	if _, ok := (&update{frozen: w, delta: bad}).amplify(); ok {
		t.Error("a diverged update has an amplification")
	}
}
