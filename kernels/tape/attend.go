package tape

import "petri/kernels/f32"

// attention is the place of the probabilities of one Attend, for views.
type attention struct {
	name              string
	probs             []float32
	n, t, keys, heads int
}

// Attend is multi-head attention, softmax(q·kᵀ/√(d/h))·v for each head: q [n, t, d], k and v [n, keys, d] → [n, t, d],
// where keys is t unless something extends what is looked at. Head i is the i-th group of d/h columns. The probabilities
// of this step are found under name by Attention.
//
// The probabilities are kept; of q, k and v what the wanted gradients need: dq needs k and v, dk needs q and v, dv
// neither.
func (q Var) Attend(k, v Var, heads int, name string) Var { return q.attend(k, v, nil, heads, name) }

// AttendBias is Attend with a bias [heads, t, keys], the same for all examples: softmax(q·kᵀ/√(d/h) + bias)·v. Its gradient
// needs v, as that of q does.
func (q Var) AttendBias(k, v, bias Var, heads int, name string) Var {
	return q.attend(k, v, &bias, heads, name)
}

func (q Var) attend(k, v Var, bias *Var, heads int, name string) Var {
	t, n := q.t, q.node()
	s := n.shape
	if s.Rank() != 3 {
		q.fail("attend", "", Shape{-1, -1, -1}, s)
	}
	if heads <= 0 || s[2]%heads != 0 {
		q.fail("attend", "", Shape{s[0], s[1], max(heads, 1)}, s)
	}
	kn, vn := q.with(k), q.with(v)
	batch, tokens, d := s[0], s[1], s[2]
	keys := kn.shape[1]
	switch want := (Shape{batch, keys, d}); {
	case kn.shape.Rank() != 3 || kn.shape[0] != batch || kn.shape[2] != d:
		q.fail("attend", "", Shape{batch, -1, d}, kn.shape)
	case vn.shape != want:
		q.fail("attend", "", want, vn.shape)
	}
	qd, kd, vd := n.data, kn.data, vn.data
	dq, dk, dv := n.needs, kn.needs, vn.needs
	rows, looked := batch*tokens, batch*keys
	var bd []float32
	var db bool
	if bias != nil {
		bn := q.with(*bias)
		if want := (Shape{heads, tokens, keys}); bn.shape != want {
			q.fail("attend", "", want, bn.shape)
		}
		bd, db = bn.data, bn.needs
	}

	o, od := t.fresh("attend", s, dq || dk || dv || db)
	probs := t.Arena.Floats(f32.ProbsLen(batch, tokens, keys, heads))
	scratch := t.gradient(f32.AttentionScratch(tokens, keys, heads, d/heads, bias != nil))
	f32.Attention(f32.M(od, rows, d), probs, f32.M(qd, rows, d), f32.M(kd, looked, d), f32.M(vd, looked, d),
		bd, batch, tokens, keys, heads, scratch)
	t.release(scratch)
	t.Ledger.ForwardFLOP += 2 * product(rows, d, keys)
	t.maps = append(t.maps, attention{name, probs, batch, tokens, keys, heads})
	if !o.Trained() {
		return o
	}
	r := record{back: attendBack, out: o.i, x: q.i, y: k.i, z: v.i, n: [3]int{heads, none}}
	if db {
		r.n[1] = int(bias.i)
	}
	r.keep[0] = t.keep(KeptProbs, probs)
	if dk {
		t.keepNode(KeptHeads, q.i)
	}
	if dq {
		t.keepNode(KeptHeads, k.i)
	}
	if dq || dk || db {
		t.keepNode(KeptHeads, v.i)
	}
	t.record(r)
	return o
}

// none stands for a node that there is not.
const none = -1

func attendBack(t *Tape, r *record, do []float32) {
	s, heads := t.nodes[r.out].shape, r.n[0]
	batch, tokens, d := s[0], s[1], s[2]
	keys := t.nodes[r.y].shape[1]
	rows, looked := batch*tokens, batch*keys
	in, g, direct := t.attendSinks(r)
	var dbias []float32
	if r.n[1] != none {
		dbias = t.zeroSink(int32(r.n[1]))
	}
	scratch := t.gradient(f32.AttentionScratch(tokens, keys, heads, d/heads, dbias != nil))
	f32.AttentionBack(f32.M(g[0], rows, d), f32.M(g[1], looked, d), f32.M(g[2], looked, d), dbias, f32.M(do, rows, d),
		t.restore(&r.keep[0]), f32.M(t.read(r.x), rows, d), f32.M(t.read(r.y), looked, d), f32.M(t.read(r.z), looked, d),
		batch, tokens, keys, heads, scratch)
	t.release(scratch)
	t.Ledger.BackwardFLOP += 4 * product(rows, d, keys)
	t.giveAll(in, g, direct)
}

// attendSinks is where the gradients of q, k and v go: direct ones are written in place, the others are temporaries that are
// added or dropped.
func (t *Tape) attendSinks(r *record) (in [3]int32, g [3][]float32, direct [3]bool) {
	in = [3]int32{r.x, r.y, r.z}
	for i, at := range in {
		n := &t.nodes[at]
		repeated := i > 0 && at == in[0] || i > 1 && at == in[1]
		g[i], direct[i] = t.gradient(len(n.data)), n.needs && n.grad == nil && !repeated
	}
	return in, g, direct
}

// giveAll hands over what attendSinks has made.
func (t *Tape) giveAll(in [3]int32, g [3][]float32, direct [3]bool) {
	for i, at := range in {
		switch n := &t.nodes[at]; {
		case direct[i]:
			n.grad = g[i]
		case n.needs:
			t.give(at, g[i])
		default:
			t.release(g[i])
		}
	}
}

// Attention copies the probabilities [heads, queries, keys] of one example from the Attend of that name; row i holds what
// token i looks at. dst holds at least heads·queries·keys numbers, or is nil to ask for the sizes only. ok is false where
// this step has no such Attend or no such example.
func (t *Tape) Attention(dst []float32, name string, example int) (heads, queries, keys int, ok bool) {
	for i := len(t.maps) - 1; i >= 0; i-- {
		m := &t.maps[i]
		if m.name != name || example < 0 || example >= m.n {
			continue
		}
		if dst != nil {
			f32.CopyProbs(dst, m.probs, example, m.t, m.keys, m.heads)
		}
		return m.heads, m.t, m.keys, true
	}
	return 0, 0, 0, false
}
