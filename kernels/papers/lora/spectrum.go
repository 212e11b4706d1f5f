package lora

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// update is what training did to one matrix of one trained arm, in float64 for the analysis. Row convention: a token
// x [in] is mapped to x·W, so columns of u are directions in input space and columns of v in output space.
type update struct {
	block  int
	matrix string     // "q"
	frozen *mat.Dense // W₀ [in, out], the matrix before training
	delta  *mat.Dense // ΔW [in, out]
	a      *mat.Dense // factor A [in, rank]; nil for a dense update
	rank   int        // of the adapter; 0 for a dense update

	sigma []float64  // singular values of ΔW, falling
	u, v  *mat.Dense // singular vectors of ΔW, [in, k] and [out, k]
	input *mat.Dense // singular vectors of A, [in, rank]
	row   *amplification
}

// decompose fills the singular values and vectors of the update. It reports whether that was possible: a diverged
// arm has none.
func (u *update) decompose() bool {
	if u.sigma != nil {
		return true
	}
	var ok bool
	u.sigma, u.u, u.v, ok = decompose(u.delta)
	return ok
}

// decompose is the thin singular value decomposition of m.
func decompose(m *mat.Dense) (sigma []float64, u, v *mat.Dense, ok bool) {
	rows, cols := m.Dims()
	for i := range rows {
		for _, x := range m.RawRowView(i) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, nil, nil, false
			}
		}
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, nil, nil, false
	}
	u, v = new(mat.Dense), new(mat.Dense)
	svd.UTo(u)
	svd.VTo(v)
	return svd.Values(make([]float64, min(rows, cols))), u, v, true
}

// directions is how many singular directions hold a share of the energy Σσ².
func directions(sigma []float64, share float64) int {
	total := 0.0
	for _, s := range sigma {
		total += s * s
	}
	if total == 0 {
		return 0
	}
	sum := 0.0
	for i, s := range sigma {
		if sum += s * s; sum >= share*total {
			return i + 1
		}
	}
	return len(sigma)
}

// similarity is φ(i, j) = ‖U₁⁽ⁱ⁾ᵀU₂⁽ʲ⁾‖²_F / min(i, j) of Hu et al. 2021, eq. 4, for every i and j at once: 1 where the
// smaller subspace lies in the larger, 0 where they are orthogonal. u1 [n, a] and u2 [n, b] have orthonormal columns;
// the result is [a, b], row-major.
func similarity(u1, u2 *mat.Dense) []float64 {
	var c mat.Dense
	c.Mul(u1.T(), u2)
	rows, cols := c.Dims()
	phi := make([]float64, rows*cols)
	// Sums of squares over the leading i x j corner, as a summed-area table.
	for i := range rows {
		row := 0.0
		for j := range cols {
			x := c.At(i, j)
			row += x * x
			phi[i*cols+j] = row
			if i > 0 {
				phi[i*cols+j] += phi[(i-1)*cols+j]
			}
		}
	}
	for i := range rows {
		for j := range cols {
			phi[i*cols+j] /= float64(min(i, j) + 1)
		}
	}
	return phi
}

// chance is the expected φ(i, j) of two random subspaces of dimensions i and j in n dimensions: E‖U₁ᵀU₂‖² = ij/n, so
// max(i, j)/n. At width 12,288 it is next to nothing; at width 64 it is not.
func chance(i, j, n int) float64 { return float64(max(i, j)) / float64(n) }

// inputDirections are the left singular vectors of factor A [in, rank]: the directions of input space that the adapter
// reads, strongest first. (The paper stores A transposed and calls them right singular vectors.) A dense update has
// those of ΔW itself.
func (u *update) inputDirections() (*mat.Dense, bool) {
	if u.a == nil {
		ok := u.decompose()
		return u.u, ok
	}
	if u.input == nil {
		_, dirs, _, ok := decompose(u.a)
		if !ok {
			return nil, false
		}
		u.input = dirs
	}
	return u.input, true
}

// projection is ‖UᵀWV‖_F of Hu et al. 2021, Table 7: how much of W lies between the first k input and output
// directions of a decomposition.
func projection(w, u, v *mat.Dense, k int) float64 {
	in, _ := u.Dims()
	out, _ := v.Dims()
	var left, both mat.Dense
	left.Mul(u.Slice(0, in, 0, k).T(), w)
	both.Mul(&left, v.Slice(0, out, 0, k))
	return mat.Norm(&both, 2)
}

// amplification is the row of Table 7 that belongs to one update.
type amplification struct {
	delta  float64 // ‖ΔW‖_F
	own    float64 // ‖UᵀWV‖_F with U, V from ΔW
	random float64 // the same for random directions: root of its expected square, k·‖W‖_F / √(in·out)
	best   float64 // the same with U, V from W itself: the most that is possible
	k      int     // directions
}

// tableSeven is how many directions are compared at most, as in the paper's column r = 4.
const tableSeven = 4

// amplify measures one update, once; false where it has no decomposition or is zero.
func (u *update) amplify() (amplification, bool) {
	if u.row != nil {
		return *u.row, true
	}
	if !u.decompose() || u.sigma[0] == 0 {
		return amplification{}, false
	}
	sigma, wu, wv, ok := decompose(u.frozen)
	if !ok || sigma[0] == 0 {
		return amplification{}, false
	}
	in, out := u.frozen.Dims()
	k := tableSeven
	if u.rank > 0 {
		k = min(k, u.rank)
	}
	u.row = &amplification{
		k:      k,
		delta:  mat.Norm(u.delta, 2),
		own:    projection(u.frozen, u.u, u.v, k),
		random: float64(k) * mat.Norm(u.frozen, 2) / math.Sqrt(float64(in*out)),
		best:   projection(u.frozen, wu, wv, k),
	}
	return *u.row, true
}
