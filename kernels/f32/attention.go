package f32

import "math"

// Attention keeps its probabilities, and works, with heads in lanes: four heads side by side as the innermost axis, in
// ceil(heads/4) groups, the missing heads of the last group zero. Where four is a multiple of the heads, four/heads
// examples share a group instead: those of example 0 come first, then those of example 1. Then every product of attention
// is a small matrix product whose numbers are vectors of four heads: no transposes, no sums across a vector, and softmax
// runs down a row for four heads at once. Queries, keys and values are copied into that form one group at a time.
//
// There are t queries and as many keys and values, or another number of them. For one group: q, o are [t][dh][4], k
// [dh][keys][4], v [keys][dh][4], scores, probabilities and bias [t][keys][4].
const lanes = 4

// sharing is how many examples share a group, and how many groups the heads of one example need.
func sharing(heads int) (share, groups int) {
	if heads > 0 && lanes%heads == 0 {
		return lanes / heads, 1
	}
	return 1, ceil(heads, lanes) / lanes
}

// spot is where head h of example i sits.
func spot(i, h, heads int) (group, lane int) {
	share, groups := sharing(heads)
	return i/share*groups + h/lanes, i%share*heads + h%lanes
}

// ProbsLen is the length of probs for n examples of t queries and some keys.
func ProbsLen(n, t, keys, heads int) int {
	share, groups := sharing(heads)
	return ceil(n, share) / share * groups * lanes * t * keys
}

// AttentionScratch is the length of the scratch of Attention and AttentionBack; bias says whether there is one.
func AttentionScratch(t, keys, heads, headDim int, bias bool) int {
	n := lanes * (4*max(t, keys)*headDim + t*keys)
	if bias {
		n += ProbsLen(1, t, keys, heads)
	}
	return n
}

// ProbsAt returns the probability that head h of example i gives to key when asked by query.
func ProbsAt(probs []float32, t, keys, heads, i, h, query, key int) float32 {
	group, lane := spot(i, h, heads)
	return probs[((group*t+query)*keys+key)*lanes+lane]
}

// CopyProbs writes the probabilities of example i, plainly [heads, t, keys], into dst.
func CopyProbs(dst, probs []float32, i, t, keys, heads int) {
	size := t * keys
	needs("CopyProbs", "dst", len(dst), heads*size)
	needs("CopyProbs", "probs", len(probs), ProbsLen(i+1, t, keys, heads))
	for h := range heads {
		group, lane := spot(i, h, heads)
		src := probs[group*size*lanes:][:size*lanes]
		for j, d := 0, dst[h*size:][:size]; j < len(d); j++ {
			d[j] = src[j*lanes+lane]
		}
	}
}

// Attention computes multi-head attention (Vaswani et al. 2017) of n examples, each of t queries and some keys:
// o = softmax(q·kᵀ/√dh + bias)·v for each head. Rows of q and o [n·t, heads·dh] are tokens that ask, rows of k and v
// [n·keys, heads·dh] those that are looked at; head h has the columns h·dh up to (h+1)·dh. The four may be column ranges
// of wider matrices. bias [heads, t, keys] serves all examples and may be nil. probs, of length ProbsLen, gets the
// probabilities, in an order that CopyProbs and ProbsAt know.
//
// Sums run in increasing column and in increasing key; a probability is exp((s - max)/√dh) times the reciprocal of the
// row's sum. With a bias the score s/√dh + bias takes the place of s/√dh.
func Attention(o Mat, probs []float32, q, k, v Mat, bias []float32, n, t, keys, heads int, scratch []float32) {
	a := newAttention("Attention", q, probs, n, t, keys, heads, bias, scratch)
	a.check(t, o)
	a.check(keys, k, v)
	if bias != nil {
		a.biasToLanes(bias)
	}
	for i := range a.sets {
		for g := range a.groups {
			p := a.probs(i, g)
			a.gather(a.x, q, t, i, g)
			a.gatherT(a.y, k, keys, i, g)
			a.gather(a.z, v, keys, i, g)
			lanesProduct(p, a.x, a.y, t, keys, a.dh, a.dh, 1) // q·kᵀ
			if bias == nil {
				lanesSoftmax(p, t, keys, a.scale)
			} else {
				scaleAdd(p, a.scale, a.bias(g))
				lanesSoftmax(p, t, keys, 1)
			}
			lanesProduct(a.u, p, a.z, t, a.dh, keys, keys, 1) // p·v
			a.scatter(o, a.u, t, i, g)
		}
	}
}

// AttentionBack is the backward pass of Attention: from do, the gradient of its output, it stores the gradients of q,
// k and v into dq, dk and dv, and adds that of bias to dbias [heads, t, keys], which is nil where it is not wanted. q, k,
// v and probs are those of the forward pass; the bias itself is not needed.
//
// An element of dbias is a sum over the examples in increasing order. Where examples share a group, each place in the
// group has a sum of its own, and these are added in increasing order.
func AttentionBack(dq, dk, dv Mat, dbias []float32, do Mat, probs []float32, q, k, v Mat, n, t, keys, heads int, scratch []float32) {
	a := newAttention("AttentionBack", q, probs, n, t, keys, heads, dbias, scratch)
	a.check(t, dq, do)
	a.check(keys, dk, dv, k, v)
	clear(a.b)
	for i := range a.sets {
		for g := range a.groups {
			p, ds := a.probs(i, g), a.s
			a.gatherT(a.x, v, keys, i, g)
			a.gather(a.y, do, t, i, g)
			lanesProduct(a.u, p, a.y, keys, a.dh, t, 1, keys) // dv = pᵀ·do
			a.scatter(dv, a.u, keys, i, g)
			lanesProduct(ds, a.y, a.x, t, keys, a.dh, a.dh, 1) // dp = do·vᵀ
			if dbias == nil {
				lanesSoftmaxBack(ds, p, nil, t, keys, a.scale)
			} else {
				lanesSoftmaxBack(ds, p, a.bias(g), t, keys, a.scale)
			}
			a.gather(a.x, k, keys, i, g)
			lanesProduct(a.u, ds, a.x, t, a.dh, keys, keys, 1) // dq = ds·k
			a.gather(a.y, q, t, i, g)
			a.scatter(dq, a.u, t, i, g)
			lanesProduct(a.u, ds, a.y, keys, a.dh, t, 1, keys) // dk = dsᵀ·q
			a.scatter(dk, a.u, keys, i, g)
		}
	}
	if dbias != nil {
		a.addBias(dbias)
	}
}

// attention holds the sizes and the cut-up scratch of one call.
type attention struct {
	op            string
	n, heads, dh  int
	cells         int // of a score matrix: queries times keys
	share         int // examples in a group
	sets, groups  int // sets of examples, groups of each
	scale         float32
	all           []float32
	x, y, z, u, s []float32
	b             []float32 // bias in lanes, [groups][t][keys][4], or its gradient; empty without
}

func newAttention(op string, q Mat, probs []float32, n, t, keys, heads int, bias, scratch []float32) attention {
	if heads <= 0 || q.Cols%heads != 0 {
		panic(Error("f32: " + op + ": " + dims(q.Rows, q.Cols) + " does not split into " + dims(heads, 1) + " heads"))
	}
	dh := q.Cols / heads
	a := attention{op: op, n: n, cells: t * keys, heads: heads, dh: dh, all: probs}
	a.share, a.groups = sharing(heads)
	a.sets = ceil(n, a.share) / a.share
	q.check(op, "q", n*t, q.Cols)
	needs(op, "probs", len(probs), ProbsLen(n, t, keys, heads))
	needs(op, "scratch", len(scratch), AttentionScratch(t, keys, heads, dh, bias != nil))
	a.scale = float32(1 / math.Sqrt(float64(dh)))
	part := max(t, keys) * dh * lanes
	cut := func(size int) (p []float32) {
		p, scratch = scratch[:size], scratch[size:]
		return p
	}
	a.x, a.y, a.z, a.u = cut(part), cut(part), cut(part), cut(part)
	a.s = cut(a.cells * lanes)
	if bias != nil {
		same(op, "bias", len(bias), heads*a.cells)
		a.b = cut(a.groups * a.cells * lanes)
	}
	return a
}

// check says that matrices have rows rows for each example.
func (a *attention) check(rows int, ms ...Mat) {
	for _, m := range ms {
		m.check(a.op, "a matrix", a.n*rows, a.heads*a.dh)
	}
}

// probs is the part of all probabilities for group g of set i, [t][keys][4].
func (a *attention) probs(i, g int) []float32 {
	size := a.cells * lanes
	return a.all[(i*a.groups+g)*size:][:size]
}

// bias is the part of the bias for group g, [t][keys][4].
func (a *attention) bias(g int) []float32 {
	size := a.cells * lanes
	return a.b[g*size:][:size]
}

// seat is who sits in lane l of group g of set i; there may be nobody.
func (a *attention) seat(i, g, l int) (example, head int, taken bool) {
	if a.share > 1 {
		example = i*a.share + l/a.heads
		return example, l % a.heads, example < a.n
	}
	head = g*lanes + l
	return i, head, head < a.heads
}

// full tells whether every lane of group g of set i is taken.
func (a *attention) full(i, g int) bool {
	return (i+1)*a.share <= a.n && (a.share > 1 || (g+1)*lanes <= a.heads)
}

// apart are the distances from lane 0 to lane 1 and from lane 0 to lane 2, where heads lie head and examples example
// apart.
func (a *attention) apart(head, example int) (one, two int) {
	switch a.share {
	case 1:
		return head, 2 * head
	case 2:
		return head, example
	}
	return example, 2 * example
}

// biasToLanes copies the bias [heads, t, keys] into lanes, once for every example of a group.
func (a *attention) biasToLanes(bias []float32) {
	size := a.cells
	for g := range a.groups {
		dst := a.bias(g)
		if fast && a.full(0, g) && size > 0 {
			one, two := a.apart(4*size, 0)
			gatherHeads(1, size, &bias[g*lanes*size], 0, one, two, &dst[0], 0, 4*lanes)
			continue
		}
		clear(dst)
		for l := range lanes {
			h := g*lanes + l
			if a.share > 1 {
				h = l % a.heads
			}
			if h < a.heads {
				for j, v := range bias[h*size:][:size] {
					dst[j*lanes+l] = v
				}
			}
		}
	}
}

// addBias adds what gathered in lanes to the gradient of the bias [heads, t, keys].
func (a *attention) addBias(dbias []float32) {
	for h := range a.heads {
		group, lane := spot(0, h, a.heads)
		src := a.bias(group)
		for j, d := 0, dbias[h*a.cells:][:a.cells]; j < len(d); j++ {
			sum := src[j*lanes+lane]
			for l := lane + a.heads; l < lanes && a.share > 1; l += a.heads {
				sum += src[j*lanes+l]
			}
			d[j] += sum
		}
	}
}

// gather copies group g of set i of a matrix of t rows for each example into lanes: [t][dh][4].
func (a *attention) gather(dst []float32, m Mat, t, i, g int) { a.toLanes(dst, m, t, i, g, a.dh, 1) }

// gatherT is gather transposed: [dh][t][4].
func (a *attention) gatherT(dst []float32, m Mat, t, i, g int) { a.toLanes(dst, m, t, i, g, 1, t) }

// toLanes copies element x of row r of every head to dst[r·dr + x·dx], in numbers of four floats.
func (a *attention) toLanes(dst []float32, m Mat, t, i, g, dr, dx int) {
	if fast && a.full(i, g) && a.dh > 0 && t > 0 {
		one, two := a.apart(4*a.dh, 4*t*m.Stride)
		gatherHeads(t, a.dh, &m.row(i * a.share * t)[g*lanes*a.dh], 4*m.Stride, one, two, &dst[0], 4*lanes*dr, 4*lanes*dx)
		return
	}
	for l := range lanes {
		example, head, taken := a.seat(i, g, l)
		for r := range t {
			d := dst[r*dr*lanes:]
			if !taken {
				for x := range a.dh {
					d[x*dx*lanes+l] = 0
				}
				continue
			}
			for x, v := range m.row(example*t + r)[head*a.dh:][:a.dh] {
				d[x*dx*lanes+l] = v
			}
		}
	}
}

// scatter is gather the other way round.
func (a *attention) scatter(m Mat, src []float32, t, i, g int) {
	if fast && a.full(i, g) && a.dh > 0 && t > 0 {
		one, two := a.apart(4*a.dh, 4*t*m.Stride)
		scatterHeads(t, a.dh, &src[0], 4*lanes*a.dh, one, two, &m.row(i * a.share * t)[g*lanes*a.dh], 4*m.Stride, 4*lanes)
		return
	}
	for l := range lanes {
		example, head, taken := a.seat(i, g, l)
		if !taken {
			continue
		}
		for r := range t {
			s := src[r*a.dh*lanes:]
			d := m.row(example*t + r)[head*a.dh:][:a.dh]
			for x := range d {
				d[x] = s[x*lanes+l]
			}
		}
	}
}

// lanesProduct computes c[x][y] = Σ_z a[x][z]·b[z][y] for x < m, y < n, z < k in four lanes, z increasing from 0. ax
// and az are the distances of a's x and z, in numbers of four floats, so that a may be read transposed; b [k][n][4] and
// c [m][n][4] are contiguous.
func lanesProduct(c, a, b []float32, m, n, k, ax, az int) {
	lanesProductOf(c, a, b, m, n, k, ax, az, n, n)
}

// lanesProductOf is lanesProduct where the rows of b lie bz apart and those of c lie cx apart.
func lanesProductOf(c, a, b []float32, m, n, k, ax, az, bz, cx int) {
	if fast && m > 0 && n > 0 && k > 0 {
		lanesProductFast(c, a, b, m, n, k, ax, az, bz, cx)
		return
	}
	lanesProductScalar(c, a, b, m, n, k, ax, az, bz, cx)
}

// lanesProductScalar defines lanesProductOf.
func lanesProductScalar(c, a, b []float32, m, n, k, ax, az, bz, cx int) {
	for x := range m {
		row := c[x*cx*lanes:][:n*lanes]
		clear(row)
		for z := range k {
			av := (*[lanes]float32)(a[(x*ax+z*az)*lanes:])
			from := b[z*bz*lanes:][:n*lanes]
			for j := 0; j < len(row); j += lanes {
				cv, bv := (*[lanes]float32)(row[j:]), (*[lanes]float32)(from[j:])
				for l := range cv {
					cv[l] += float32(av[l] * bv[l])
				}
			}
		}
	}
}

// lanesProductFast is lanesProductOf in tiles of two rows and width columns, and what is left of either.
func lanesProductFast(c, a, b []float32, m, n, k, ax, az, bz, cx int) {
	const four = 4 * lanes // bytes
	even, whole := m&^1, n-n%width
	if even > 0 {
		if whole > 0 {
			lanesProductTile(even, whole, k, &a[0], four*ax, four*az, &b[0], four*bz, &c[0], four*cx)
		}
		if whole < n {
			lanesProductTileOne(even, n-whole, k, &a[0], four*ax, four*az, &b[whole*lanes], four*bz, &c[whole*lanes], four*cx)
		}
	}
	if even < m {
		last, row := a[even*ax*lanes:], c[even*cx*lanes:]
		if whole > 0 {
			lanesProductRow(1, whole, k, &last[0], four*ax, four*az, &b[0], four*bz, &row[0], four*cx)
		}
		if whole < n {
			lanesProductRowOne(1, n-whole, k, &last[0], four*ax, four*az, &b[whole*lanes], four*bz, &row[whole*lanes], four*cx)
		}
	}
}

// lanesSoftmax turns m rows of n scores in four lanes into probabilities, in place: exp((s - max)·scale) times the
// reciprocal of the sum in increasing column.
func lanesSoftmax(s []float32, m, n int, scale float32) {
	if fast && m > 0 && n > 0 {
		var t [lanes * expConstants]float32
		fillExp(t[:], scale)
		lanesSoftmaxRows(m, n, &s[0], &t[0])
		return
	}
	lanesSoftmaxScalar(s, m, n, scale)
}

// lanesSoftmaxScalar defines lanesSoftmax.
func lanesSoftmaxScalar(s []float32, m, n int, scale float32) {
	for i := range m {
		row := s[i*n*lanes:][:n*lanes]
		for l := range min(lanes, len(row)) {
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
				row[j] = float32(row[j] * sum)
			}
		}
	}
}

// lanesSoftmaxBack turns gradients of probabilities d into gradients of scores, in place: p·(d - Σ p·d)·scale, the sum
// in increasing column. Before the factor scale, it adds them to sum unless that is nil.
func lanesSoftmaxBack(d, p, sum []float32, m, n int, scale float32) {
	if fast && m > 0 && n > 0 {
		t := [lanes]float32{scale, scale, scale, scale}
		if sum == nil {
			lanesSoftmaxBackRows(m, n, &d[0], &p[0], &t[0])
		} else {
			lanesSoftmaxBackSums(m, n, &d[0], &p[0], &t[0], &sum[0])
		}
		return
	}
	lanesSoftmaxBackScalar(d, p, sum, m, n, scale)
}

// lanesSoftmaxBackScalar defines lanesSoftmaxBack.
func lanesSoftmaxBackScalar(d, p, sums []float32, m, n int, scale float32) {
	for i := range m {
		dr, pr := d[i*n*lanes:][:n*lanes], p[i*n*lanes:][:n*lanes]
		for l := range lanes {
			var sum float32
			for j := l; j < len(dr); j += lanes {
				sum += float32(pr[j] * dr[j])
			}
			for j := l; j < len(dr); j += lanes {
				g := float32(pr[j] * (dr[j] - sum))
				if sums != nil {
					sums[i*n*lanes+j] += g
				}
				dr[j] = float32(g * scale)
			}
		}
	}
}
