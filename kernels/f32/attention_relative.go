package f32

// AttentionRelativeScratch is the length of the scratch of AttentionRelative and AttentionRelativeBack.
func AttentionRelativeScratch(h, w, heads, headDim int) int {
	t := h * w
	own := 2*(2*h-1)*headDim + 2*(2*w-1)*headDim + t*(h+w) + 2*(h+w) + t
	return AttentionScratch(t, t, heads, headDim, false) + lanes*own
}

// AttentionRelative is Attention of n examples, each a map of h×w tokens that look at each other, with decomposed relative
// positions (Li et al. 2022, MViTv2; Kirillov et al. 2023): the score of the pixels i, which asks, and j is
// q_i·k_j/√dh + (q_i·rh[yi-yj+h-1] + q_i·rw[xi-xj+w-1]), with the tables rh [2h-1, dh] and rw [2w-1, dh] of all heads.
//
// A query meets no more than h rows of the one table and w of the other: two products of h and of w columns. Their sums are
// spread over the scores and forgotten, since backward needs the probabilities alone.
func AttentionRelative(o Mat, probs []float32, q, k, v Mat, rh, rw []float32, n, h, w, heads int, scratch []float32) {
	a, r := newRelative("AttentionRelative", q, probs, rh, rw, n, h, w, heads, scratch)
	t := h * w
	a.check(t, o, k, v)
	r.y.columns(rh)
	r.x.columns(rw)
	for i := range a.sets {
		for g := range a.groups {
			p := a.probs(i, g)
			a.gather(a.x, q, t, i, g)
			a.gatherT(a.y, k, t, i, g)
			a.gather(a.z, v, t, i, g)
			lanesProduct(p, a.x, a.y, t, t, a.dh, a.dh, 1) // q·kᵀ
			r.ask(a.x)
			r.spread(p, a.scale)
			lanesSoftmax(p, t, t, 1)
			lanesProduct(a.u, p, a.z, t, a.dh, t, t, 1) // p·v
			a.scatter(o, a.u, t, i, g)
		}
	}
}

// AttentionRelativeBack is the backward pass of AttentionRelative: from do it stores the gradients of q, k and v into dq, dk
// and dv, and adds those of the tables to drh and drw, which are nil where they are not wanted.
//
// An element of drh or drw is a sum over the tokens of a row or of a column in increasing order, these over rows or columns,
// groups of heads and examples in increasing order for each of the four places in a group; then over the places.
func AttentionRelativeBack(dq, dk, dv Mat, drh, drw []float32, do Mat, probs []float32, q, k, v Mat, rh, rw []float32, n, h, w, heads int, scratch []float32) {
	a, r := newRelative("AttentionRelativeBack", q, probs, rh, rw, n, h, w, heads, scratch)
	t := h * w
	a.check(t, dq, dk, dv, do, k, v)
	r.y.rows(rh)
	r.x.rows(rw)
	clear(r.y.sums)
	clear(r.x.sums)
	for i := range a.sets {
		for g := range a.groups {
			p, ds := a.probs(i, g), a.s
			a.gatherT(a.x, v, t, i, g)
			a.gather(a.y, do, t, i, g)
			lanesProduct(a.u, p, a.y, t, a.dh, t, 1, t) // dv = pᵀ·do
			a.scatter(dv, a.u, t, i, g)
			lanesProduct(ds, a.y, a.x, t, t, a.dh, a.dh, 1) // dp = do·vᵀ
			lanesSoftmaxBack(ds, p, nil, t, t, 1)
			r.gather(ds)
			a.gather(a.x, k, t, i, g)
			lanesProduct(a.u, ds, a.x, t, a.dh, t, t, 1) // dq = ds·k/√dh and what the tables add
			Scale(a.u[:t*a.dh*lanes], a.scale)
			r.answer(a.u, a.z)
			a.gather(a.y, q, t, i, g)
			a.scatter(dq, a.u, t, i, g)
			if drh != nil {
				r.y.learn(a.y, a.z)
			}
			if drw != nil {
				r.x.learn(a.y, a.z)
			}
			lanesProduct(a.u, ds, a.y, t, a.dh, t, 1, t) // dk = dsᵀ·q/√dh
			Scale(a.u[:t*a.dh*lanes], a.scale)
			a.scatter(dk, a.u, t, i, g)
		}
	}
	r.y.addTo(drh)
	r.x.addTo(drw)
}

// relative is what the positions of one group need, beside its attention.
type relative struct {
	h, w          int
	y, x          axis
	left, top, at []float32 // [2][h][4], [2][w][4] and [h·w][4], for spread
}

// axis is one of the two directions, with what a query of it meets: along y, the table rh and the rows of keys.
//
// Tables stand in reverse, so that what a query at place i meets of them, keys in increasing order, are n neighbours from
// n-1-i on.
type axis struct {
	n, dh       int       // places, columns of the table
	lines       int       // queries that share a place
	step, along int       // from a place to the next, and from one of these queries to the next, in tokens
	table       []float32 // [dh][2n-1][4] or [2n-1][dh][4], the same in all lanes
	sums        []float32 // [2n-1][dh][4], the gradient of the table
	part        []float32 // [tokens][n][4], products with the table, or their gradients
}

func newRelative(op string, q Mat, probs, rh, rw []float32, n, h, w, heads int, scratch []float32) (attention, relative) {
	if h <= 0 || w <= 0 {
		panic(Error("f32: " + op + ": a map of " + dims(h, w)))
	}
	a := newAttention(op, q, probs, n, h*w, h*w, heads, nil, scratch)
	same(op, "rh", len(rh), (2*h-1)*a.dh)
	same(op, "rw", len(rw), (2*w-1)*a.dh)
	needs(op, "scratch", len(scratch), AttentionRelativeScratch(h, w, heads, a.dh))
	scratch = scratch[AttentionScratch(h*w, h*w, heads, a.dh, false):]
	cut := func(vectors int) (p []float32) {
		p, scratch = scratch[:lanes*vectors], scratch[lanes*vectors:]
		return p
	}
	r := relative{h: h, w: w, y: axis{n: h, dh: a.dh, lines: w, step: w, along: 1}, x: axis{n: w, dh: a.dh, lines: h, step: 1, along: w}}
	for _, x := range [2]*axis{&r.y, &r.x} {
		x.table, x.sums, x.part = cut((2*x.n-1)*a.dh), cut((2*x.n-1)*a.dh), cut(h*w*x.n)
	}
	r.left, r.top, r.at = cut(2*h), cut(2*w), cut(h*w)
	for i := range r.left[lanes*h:] {
		r.left[lanes*h+i] = 1
	}
	for i := range r.top[:lanes*w] {
		r.top[i] = 1
	}
	return a, r
}

// columns and rows put the table in lanes, in either of its forms.
func (x *axis) columns(table []float32) { x.fill(table, 1, 2*x.n-1) }
func (x *axis) rows(table []float32)    { x.fill(table, x.dh, 1) }

func (x *axis) fill(table []float32, row, column int) {
	for i := range 2*x.n - 1 {
		for z, v := range table[(2*x.n-2-i)*x.dh:][:x.dh] {
			fill(x.table[lanes*(i*row+z*column):], v)
		}
	}
}

// ask computes the products of the queries [tokens][dh][4] with what they meet of both tables.
func (r *relative) ask(q []float32) {
	for _, x := range [2]*axis{&r.y, &r.x} {
		for i := range x.n {
			at := i * x.step * lanes
			lanesProductOf(x.part[at*x.n:], q[at*x.dh:], x.table[(x.n-1-i)*lanes:],
				x.lines, x.n, x.dh, x.along*x.dh, 1, 2*x.n-1, x.along*x.n)
		}
	}
}

// spread turns scores p into p·scale + (0 + part of y + part of x): for one query, the latter is a product of [h][2] and
// [2][w].
func (r *relative) spread(p []float32, scale float32) {
	h, w := r.h, r.w
	cells := h * w * lanes
	for i := range h * w {
		copy(r.left[:lanes*h], r.y.part[i*h*lanes:])
		copy(r.top[lanes*w:], r.x.part[i*w*lanes:])
		lanesProductOf(r.at, r.left, r.top, h, w, 2, 1, h, w, w)
		scaleAdd(p[i*cells:][:cells], scale, r.at)
	}
}

// gather is spread the other way round: from the gradients of the scores, those of the parts.
func (r *relative) gather(ds []float32) {
	h, w := r.h, r.w
	ones := r.left[lanes*h:]
	lanesProductOf(r.y.part, ds, r.top, h*w*h, 1, w, w, 1, 1, 1)
	for i := range h * w {
		lanesProductOf(r.x.part[i*w*lanes:], ones, ds[i*h*w*lanes:], 1, w, h, 0, 1, w, w)
	}
}

// answer adds to dq what comes by way of the tables. work is as long.
func (r *relative) answer(dq, work []float32) {
	all := r.h * r.w * r.y.dh * lanes
	for _, x := range [2]*axis{&r.y, &r.x} {
		for i := range x.n {
			at := i * x.step * lanes
			lanesProductOf(work[at*x.dh:], x.part[at*x.n:], x.table[(x.n-1-i)*x.dh*lanes:],
				x.lines, x.dh, x.n, x.along*x.n, 1, x.dh, x.along*x.dh)
		}
		Add(dq[:all], work[:all])
	}
}

// learn adds the gradient of the table, from the queries.
func (x *axis) learn(q, work []float32) {
	size := x.n * x.dh * lanes
	for i := range x.n {
		at := i * x.step * lanes
		lanesProductOf(work, x.part[at*x.n:], q[at*x.dh:], x.n, x.dh, x.lines, 1, x.along*x.n, x.along*x.dh, x.dh)
		Add(x.sums[(x.n-1-i)*x.dh*lanes:][:size], work[:size])
	}
}

// addTo adds the sums of the four places to the gradient of the table, unless that is nil.
func (x *axis) addTo(dtable []float32) {
	for i := range dtable {
		s := x.sums[((2*x.n-2-i/x.dh)*x.dh+i%x.dh)*lanes:]
		dtable[i] += s[0] + s[1] + s[2] + s[3]
	}
}
