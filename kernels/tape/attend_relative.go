package tape

import "petri/kernels/f32"

// AttendRelative is Attend of maps of h×w tokens to themselves, with decomposed relative positions (Li et al. 2022, MViTv2;
// Kirillov et al. 2023): q, k and v [n, h·w, d] → [n, h·w, d]. The tables rh [2h-1, d/heads] and rw [2w-1, d/heads], the same
// for all heads, add q_i·rh[yi-yj+h-1] + q_i·rw[xi-xj+w-1] to the score of the pixels i, which asks, and j; this q is not
// divided by √(d/heads).
//
// What is kept is what Attend keeps: the tables add nothing to it, as the scores are not needed; but theirs needs q and v,
// as the gradient of k does.
func (q Var) AttendRelative(k, v Var, rh, rw *Param, heads, h, w int, name string) Var {
	const op = "attend relative"
	t, n := q.t, q.node()
	batch, tokens, d := q.tokens(op)
	if h <= 0 || w <= 0 || h*w != tokens {
		q.fail(op, "", Shape{batch, max(h, 1) * max(w, 1), d}, n.shape)
	}
	if heads <= 0 || d%heads != 0 {
		q.fail(op, "", Shape{batch, tokens, max(heads, 1)}, n.shape)
	}
	for i, p := range [2]*Param{rh, rw} {
		if want := (Shape{2*[2]int{h, w}[i] - 1, d / heads}); p.Value.Shape != want {
			q.fail(op, p.Name, want, p.Value.Shape)
		}
	}
	kn, vn := q.with(k), q.with(v)
	for _, at := range [2]*node{kn, vn} {
		if at.shape != n.shape {
			q.fail(op, "", n.shape, at.shape)
		}
	}
	qd, kd, vd, s := n.data, kn.data, vn.data, n.shape
	dq, dk, dv, tables := n.needs, kn.needs, vn.needs, !rh.Frozen || !rw.Frozen
	rows := batch * tokens

	o, od := t.fresh(op, s, dq || dk || dv || tables)
	probs := t.Arena.Floats(f32.ProbsLen(batch, tokens, tokens, heads))
	scratch := t.gradient(f32.AttentionRelativeScratch(h, w, heads, d/heads))
	f32.AttentionRelative(f32.M(od, rows, d), probs, f32.M(qd, rows, d), f32.M(kd, rows, d), f32.M(vd, rows, d),
		rh.Value.Data, rw.Value.Data, batch, h, w, heads, scratch)
	t.release(scratch)
	t.Ledger.ForwardFLOP += 2*product(rows, d, tokens) + product(rows, d, h+w)
	t.maps = append(t.maps, attention{name, probs, batch, tokens, tokens, heads})
	if !o.Trained() {
		return o
	}
	r := record{back: attendRelativeBack, out: o.i, x: q.i, y: k.i, z: v.i, w: rh, b: rw, dw: !rh.Frozen, db: !rw.Frozen, n: [3]int{heads, h, w}}
	r.keep[0] = t.keep(KeptProbs, probs)
	if dk || tables {
		t.keepNode(KeptHeads, q.i)
	}
	if dq {
		t.keepNode(KeptHeads, k.i)
	}
	if dq || dk || tables {
		t.keepNode(KeptHeads, v.i)
	}
	t.record(r)
	return o
}

func attendRelativeBack(t *Tape, r *record, do []float32) {
	s, heads, h, w := t.nodes[r.out].shape, r.n[0], r.n[1], r.n[2]
	tokens, d := s[1], s[2]
	rows := s[0] * tokens
	in, g, direct := t.attendSinks(r)
	var drh, drw []float32
	if r.dw {
		drh = r.w.zeroSink()
	}
	if r.db {
		drw = r.b.zeroSink()
	}
	scratch := t.gradient(f32.AttentionRelativeScratch(h, w, heads, d/heads))
	f32.AttentionRelativeBack(f32.M(g[0], rows, d), f32.M(g[1], rows, d), f32.M(g[2], rows, d), drh, drw, f32.M(do, rows, d),
		t.restore(&r.keep[0]), f32.M(t.read(r.x), rows, d), f32.M(t.read(r.y), rows, d), f32.M(t.read(r.z), rows, d),
		r.w.Value.Data, r.b.Value.Data, s[0], h, w, heads, scratch)
	t.release(scratch)
	t.Ledger.BackwardFLOP += 4*product(rows, d, tokens) + product(rows, d, h+w)
	if r.dw {
		t.Ledger.BackwardFLOP += product(rows, d, h)
	}
	if r.db {
		t.Ledger.BackwardFLOP += product(rows, d, w)
	}
	t.giveAll(in, g, direct)
}
