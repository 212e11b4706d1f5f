package tape

import "petri/kernels/f32"

// LayerNorm normalises every row to mean 0 and variance 1 and applies gain and bias [d]: [.., d] → [.., d].
//
// The normalised rows are kept where x or the gain needs a gradient, 1/σ of each row where x does.
func (x Var) LayerNorm(gain, bias *Param) Var {
	t, n := x.t, x.node()
	d := n.shape.Width()
	for _, p := range [2]*Param{gain, bias} {
		if p.Value.Shape != (Shape{d}) {
			x.fail("layer norm", p.Name, Shape{d}, p.Value.Shape)
		}
	}
	xd, s, below := n.data, n.shape, n.needs
	y, yd := t.fresh("layer norm", s, below || !gain.Frozen || !bias.Frozen)
	if !y.Trained() {
		f32.LayerNorm(yd, nil, nil, xd, gain.Value.Data, bias.Value.Data, d)
		return y
	}
	r := record{back: layerNormBack, out: y.i, x: x.i, w: gain, b: bias, dw: !gain.Frozen, db: !bias.Frozen}
	var xhat, rstd []float32
	if below || r.dw {
		xhat = t.Arena.Floats(len(xd))
	}
	if below {
		rstd = t.Arena.Floats(s.Rows())
	}
	f32.LayerNorm(yd, xhat, rstd, xd, gain.Value.Data, bias.Value.Data, d)
	if xhat != nil {
		r.keep[0] = t.keep(KeptNorm, xhat)
	}
	if rstd != nil {
		r.keep[1] = t.keep(KeptNorm, rstd)
	}
	t.record(r)
	return y
}

func layerNormBack(t *Tape, r *record, dy []float32) {
	var dx, dgain, dbias []float32
	if r.dw {
		dgain = r.w.zeroSink()
	}
	if r.db {
		dbias = r.b.zeroSink()
	}
	switch {
	case t.nodes[r.x].needs:
		dx = t.zeroSink(r.x)
	case !r.dw:
		addRows(dbias, dy)
		return
	}
	d := r.w.Value.Shape[0]
	rstd := t.restore(&r.keep[1])
	if dx == nil {
		rstd = t.gradient(len(dy) / d) // not read without dx
		defer t.release(rstd)
	}
	f32.LayerNormBack(dx, dgain, dbias, dy, t.restore(&r.keep[0]), rstd, r.w.Value.Data, d)
}
