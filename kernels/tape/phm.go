package tape

// PHM makes a weight from parts that are much smaller, Σᵢ aᵢ⊗(sᵢ·uᵢ) (parameterised hypercomplex multiplication, Zhang et
// al. 2021; of low rank, Mahabadi et al. 2021): a [n, n, n], s [n, in/n, r], u [n, r, out/n] → [in, out].
//
// What is kept are the three parts, and of them what lives in the model counts as nothing; the products sᵢ·uᵢ are made again
// in backward.
func (a Var) PHM(s, u Var) Var {
	t, an, sn, un := a.t, a.node(), a.with(s), a.with(u)
	g := phm{n: an.shape[0], in: sn.shape[1], r: sn.shape[2], out: un.shape[2]}
	for _, c := range [3]struct{ want, got Shape }{
		{Shape{g.n, g.n, g.n}, an.shape},
		{Shape{g.n, g.in, g.r}, sn.shape},
		{Shape{g.n, g.r, g.out}, un.shape},
	} {
		if c.want != c.got || c.got.Rank() != 3 {
			a.fail("phm", "", c.want, c.got)
		}
	}
	ad, sd, ud := an.data, sn.data, un.data
	needs := an.needs || sn.needs || un.needs
	y, yd := t.fresh("phm", Shape{g.n * g.in, g.n * g.out}, needs)
	outer := t.gradient(g.n * g.in * g.out)
	g.outer(outer, sd, ud)
	g.sum(yd, ad, outer)
	t.release(outer)
	t.Ledger.ForwardFLOP += g.operations()
	if y.Trained() {
		for _, i := range [3]int32{a.i, s.i, u.i} {
			t.keepNode(KeptWeight, i)
		}
		t.record(record{back: phmBack, out: y.i, x: a.i, y: s.i, z: u.i, n: [3]int{g.in, g.r, g.out}})
	}
	return y
}

func phmBack(t *Tape, r *record, dy []float32) {
	g := phm{n: t.nodes[r.x].shape[0], in: r.n[0], r: r.n[1], out: r.n[2]}
	a, s, u := t.read(r.x), t.read(r.y), t.read(r.z)
	outer := t.gradient(g.n * g.in * g.out)
	if t.nodes[r.x].needs {
		g.outer(outer, s, u)
		g.back(t.zeroSink(r.x), nil, nil, dy, outer)
		t.Ledger.BackwardFLOP += product(g.n*g.n, g.in*g.out, g.n)
	}
	if t.nodes[r.y].needs || t.nodes[r.z].needs {
		clear(outer)
		g.back(nil, outer, a, dy, nil)
		t.Ledger.BackwardFLOP += product(g.n, g.n*g.n, g.in*g.out)
	}
	if t.nodes[r.y].needs {
		g.left(t.zeroSink(r.y), outer, u)
		t.Ledger.BackwardFLOP += product(g.n*g.in, g.out, g.r)
	}
	if t.nodes[r.z].needs {
		g.right(t.zeroSink(r.z), outer, s)
		t.Ledger.BackwardFLOP += product(g.n*g.r, g.in, g.out)
	}
	t.release(outer)
}

// phm are the sizes of a PHM: n terms, whose second factors are [in, out] of rank r.
type phm struct{ n, in, r, out int }

// operations counts those of the products.
func (g phm) operations() int64 {
	return product(g.n*g.in, g.r, g.out) + product(g.n*g.n, g.n, g.in*g.out)
}

// outer writes the products s·u of all terms: [n, in, r], [n, r, out] → [n, in, out].
func (g phm) outer(y, s, u []float32) {
	clear(y)
	for at := range g.n * g.in {
		row := y[at*g.out:][:g.out]
		for k, v := range s[at*g.r:][:g.r] {
			for j, w := range u[(at/g.in*g.r+k)*g.out:][:g.out] {
				row[j] += float32(v * w)
			}
		}
	}
}

// sum writes Σ a⊗outer.
func (g phm) sum(y, a, outer []float32) {
	clear(y)
	g.blocks(func(i, term, at int) {
		v := a[i]
		for j, w := range outer[term:][:g.out] {
			y[at+j] += float32(v * w)
		}
	})
}

// back adds to da the products of the blocks of dy with outer, or to douter those with a.
func (g phm) back(da, douter, a, dy, outer []float32) {
	g.blocks(func(i, term, at int) {
		d := dy[at:][:g.out]
		if da != nil {
			sum := da[i]
			for j, w := range outer[term:][:g.out] {
				sum += float32(d[j] * w)
			}
			da[i] = sum
			return
		}
		v := a[i]
		for j, w := range douter[term:][:g.out] {
			douter[term+j] = w + float32(v*d[j])
		}
	})
}

// blocks visits the rows of all blocks of the weight, term by term: element i of a, where the row of the term's second
// factor begins, and where that of the weight does.
func (g phm) blocks(visit func(i, term, at int)) {
	for i := range g.n * g.n * g.n {
		term, p, q := i/(g.n*g.n), i/g.n%g.n, i%g.n
		for row := range g.in {
			visit(i, (term*g.in+row)*g.out, ((p*g.in+row)*g.n+q)*g.out)
		}
	}
}

// left adds d·uᵀ to ds for all terms.
func (g phm) left(ds, d, u []float32) {
	for at := range g.n * g.in {
		row := d[at*g.out:][:g.out]
		for k := range g.r {
			sum := ds[at*g.r+k]
			for j, w := range u[(at/g.in*g.r+k)*g.out:][:g.out] {
				sum += float32(row[j] * w)
			}
			ds[at*g.r+k] = sum
		}
	}
}

// right adds sᵀ·d to du for all terms.
func (g phm) right(du, d, s []float32) {
	for at := range g.n * g.in {
		row := d[at*g.out:][:g.out]
		for k, v := range s[at*g.r:][:g.r] {
			to := du[(at/g.in*g.r+k)*g.out:][:g.out]
			for j := range to {
				to[j] += float32(v * row[j])
			}
		}
	}
}
