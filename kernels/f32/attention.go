package f32

import "math"

// Attention keeps its probabilities, and works, with heads in lanes: four heads side by side as the innermost axis, in
// ceil(heads/4) groups, the missing heads of the last group zero. Then every product of attention is a small matrix
// product whose numbers are vectors of four heads: no transposes, no sums across a vector, and softmax runs down a row
// for four heads at once. Queries, keys and values are copied into that form one example and group at a time.
//
// For one example and group: q, k, v, o are [t][dh][4], scores and probabilities [t][t][4].
const lanes = 4

// ProbsLen is the length of probs for n examples of t tokens.
func ProbsLen(n, t, heads int) int { return n * ceil(heads, lanes) * t * t }

// AttentionScratch is the length of the scratch of Attention and AttentionBack.
func AttentionScratch(t, heads, headDim int) int { return lanes * (5*t*headDim + t*t) }

// ProbsAt returns the probability that head h of example i gives to key when asked by query.
func ProbsAt(probs []float32, t, heads, i, h, query, key int) float32 {
	group := i*(ceil(heads, lanes)/lanes) + h/lanes
	return probs[((group*t+query)*t+key)*lanes+h%lanes]
}

// CopyProbs writes the probabilities of example i, plainly [heads, t, t], into dst.
func CopyProbs(dst, probs []float32, i, t, heads int) {
	needs("CopyProbs", "dst", len(dst), heads*t*t)
	needs("CopyProbs", "probs", len(probs), ProbsLen(i+1, t, heads))
	for h := range heads {
		group := i*(ceil(heads, lanes)/lanes) + h/lanes
		src := probs[group*t*t*lanes:][:t*t*lanes]
		for j, d := 0, dst[h*t*t:][:t*t]; j < len(d); j++ {
			d[j] = src[j*lanes+h%lanes]
		}
	}
}

// Attention computes multi-head attention (Vaswani et al. 2017) of n examples of t tokens: o = softmax(q·kᵀ/√dh)·v for
// each head. Rows of q, k, v and o [n·t, heads·dh] are tokens, head h has the columns h·dh up to (h+1)·dh; the four may
// be column ranges of wider matrices. probs, of length ProbsLen, gets the probabilities, in an order that CopyProbs and
// ProbsAt know.
//
// Sums run in increasing column and in increasing key; a probability is exp((s - max)/√dh) times the reciprocal of the
// row's sum.
func Attention(o Mat, probs []float32, q, k, v Mat, n, t, heads int, scratch []float32) {
	a := newAttention("Attention", q, probs, n, t, heads, scratch)
	a.checkAll(o, k, v)
	for i := range n {
		for g := range a.groups {
			a.gather(a.x, q, i, g)
			a.gather(a.y, k, i, g)
			a.gather(a.z, v, i, g)
			p := a.probs(i, g)
			lanesNT(p, a.x, a.y, t, t, a.dh)
			lanesSoftmax(p, t, t, a.scale)
			lanesNN(a.u, p, a.z, t, a.dh, t, t*lanes, lanes)
			a.scatter(o, a.u, i, g)
		}
	}
}

// AttentionBack is the backward pass of Attention: from do, the gradient of its output, it stores the gradients of q,
// k and v into dq, dk and dv. q, k, v and probs are those of the forward pass.
func AttentionBack(dq, dk, dv, do Mat, probs []float32, q, k, v Mat, n, t, heads int, scratch []float32) {
	a := newAttention("AttentionBack", q, probs, n, t, heads, scratch)
	a.checkAll(dq, dk, dv, do, k, v)
	for i := range n {
		for g := range a.groups {
			p, ds := a.probs(i, g), a.s
			a.gather(a.z, v, i, g)
			a.gather(a.w, do, i, g)
			lanesNN(a.u, p, a.w, t, a.dh, t, lanes, t*lanes) // dv = pᵀ·do
			a.scatter(dv, a.u, i, g)
			lanesNT(ds, a.w, a.z, t, t, a.dh) // dp = do·vᵀ
			lanesSoftmaxBack(ds, p, t, t, a.scale)
			a.gather(a.x, q, i, g)
			a.gather(a.y, k, i, g)
			lanesNN(a.u, ds, a.y, t, a.dh, t, t*lanes, lanes) // dq = ds·k
			a.scatter(dq, a.u, i, g)
			lanesNN(a.u, ds, a.x, t, a.dh, t, lanes, t*lanes) // dk = dsᵀ·q
			a.scatter(dk, a.u, i, g)
		}
	}
}

// attention holds the sizes and the cut-up scratch of one call.
type attention struct {
	op               string
	n, t, heads, dh  int
	groups           int
	scale            float32
	all              []float32
	x, y, z, w, u, s []float32
}

func newAttention(op string, q Mat, probs []float32, n, t, heads int, scratch []float32) attention {
	if heads <= 0 || q.Cols%heads != 0 {
		panic(Error("f32: " + op + ": " + dims(q.Rows, q.Cols) + " does not split into " + dims(heads, 1) + " heads"))
	}
	dh := q.Cols / heads
	a := attention{op: op, n: n, t: t, heads: heads, dh: dh, groups: ceil(heads, lanes) / lanes, all: probs}
	q.check(op, "q", n*t, q.Cols)
	needs(op, "probs", len(probs), ProbsLen(n, t, heads))
	needs(op, "scratch", len(scratch), AttentionScratch(t, heads, dh))
	a.scale = float32(1 / math.Sqrt(float64(dh)))
	part := t * dh * lanes
	cut := func(size int) (p []float32) {
		p, scratch = scratch[:size], scratch[size:]
		return p
	}
	a.x, a.y, a.z, a.w, a.u = cut(part), cut(part), cut(part), cut(part), cut(part)
	a.s = cut(t * t * lanes)
	return a
}

func (a *attention) checkAll(ms ...Mat) {
	for _, m := range ms {
		m.check(a.op, "a matrix", a.n*a.t, a.heads*a.dh)
	}
}

// probs is the part of all probabilities for example i and group g, [t][t][4].
func (a *attention) probs(i, g int) []float32 {
	size := a.t * a.t * lanes
	return a.all[(i*a.groups+g)*size:][:size]
}

// gather copies the four heads of group g of example i into lanes.
func (a *attention) gather(dst []float32, m Mat, i, g int) {
	for r := range a.t {
		src, d := m.row(i*a.t+r), dst[r*a.dh*lanes:][:a.dh*lanes]
		for l := range lanes {
			if h := g*lanes + l; h < a.heads {
				for x, v := range src[h*a.dh:][:a.dh] {
					d[x*lanes+l] = v
				}
				continue
			}
			for x := range a.dh {
				d[x*lanes+l] = 0
			}
		}
	}
}

// scatter is gather the other way round.
func (a *attention) scatter(m Mat, src []float32, i, g int) {
	for r := range a.t {
		d, s := m.row(i*a.t+r), src[r*a.dh*lanes:][:a.dh*lanes]
		for l := range min(lanes, a.heads-g*lanes) {
			for x, row := 0, d[(g*lanes+l)*a.dh:][:a.dh]; x < a.dh; x++ {
				row[x] = s[x*lanes+l]
			}
		}
	}
}

// lanesNN computes c[x][y] = Σ_z a[x][z]·b[z][y] for x < m, y < n, z < k in four lanes, z increasing. ax and az are the
// distances of a's x and z, so that a may be read transposed; b [k][n][4] and c [m][n][4] are contiguous.
func lanesNN(c, a, b []float32, m, n, k, ax, az int) {
	for x := range m {
		row := c[x*n*lanes:][:n*lanes]
		clear(row)
		for z := range k {
			av := (*[lanes]float32)(a[x*ax+z*az:])
			bz := b[z*n*lanes:][:n*lanes]
			for j := 0; j < len(row); j += lanes {
				cv, bv := (*[lanes]float32)(row[j:]), (*[lanes]float32)(bz[j:])
				for l := range cv {
					cv[l] += float32(av[l] * bv[l])
				}
			}
		}
	}
}

// lanesNT computes c[x][y] = Σ_z a[x][z]·b[y][z] for x < m, y < n, z < k in four lanes, z increasing; a [m][k][4],
// b [n][k][4], c [m][n][4].
func lanesNT(c, a, b []float32, m, n, k int) {
	for x := range m {
		ar := a[x*k*lanes:][:k*lanes]
		for y := range n {
			br := b[y*k*lanes:][:k*lanes]
			var s [lanes]float32
			for z := 0; z < len(ar); z += lanes {
				av, bv := (*[lanes]float32)(ar[z:]), (*[lanes]float32)(br[z:])
				for l := range s {
					s[l] += float32(av[l] * bv[l])
				}
			}
			copy(c[(x*n+y)*lanes:], s[:])
		}
	}
}

// lanesSoftmax turns m rows of n scores in four lanes into probabilities, in place: exp((s - max)·scale) times the
// reciprocal of the sum in increasing column.
func lanesSoftmax(s []float32, m, n int, scale float32) {
	for i := range m {
		row := s[i*n*lanes:][:n*lanes]
		for l := range lanes {
			most := row[l]
			for j := l; j < len(row); j += lanes {
				if most < row[j] {
					most = row[j]
				}
			}
			var sum float32
			for j := l; j < len(row); j += lanes {
				row[j] = Exp32(float32((row[j] - most) * scale))
				sum += row[j]
			}
			sum = 1 / sum
			for j := l; j < len(row); j += lanes {
				row[j] *= sum
			}
		}
	}
}

// lanesSoftmaxBack turns gradients of probabilities d into gradients of scores, in place: p·(d - Σ p·d)·scale, the sum
// in increasing column.
func lanesSoftmaxBack(d, p []float32, m, n int, scale float32) {
	for i := range m {
		dr, pr := d[i*n*lanes:][:n*lanes], p[i*n*lanes:][:n*lanes]
		for l := range lanes {
			var sum float32
			for j := l; j < len(dr); j += lanes {
				sum += float32(pr[j] * dr[j])
			}
			for j := l; j < len(dr); j += lanes {
				dr[j] = float32(pr[j]*(dr[j]-sum)) * scale
			}
		}
	}
}
