package tape

import "petri/kernels/f32"

// bnEps is added to the variance, bnKeep is the share of the running statistics that an update leaves: as in the official
// MOAT the one, the other .99 there, for runs of a hundred times as many steps.
const (
	bnEps  = 1e-3
	bnKeep = 0.9
)

// Running is what a batch norm remembers of the batches it has seen, for evaluation. It belongs to the model, is no
// parameter and gets no gradient.
//
// A step in training leaves the statistics of its batch here, and only Update folds them in: forward is a pure function of
// parameters and input. Of several batch norms with one Running the last counts.
type Running struct {
	Name      string
	Mean, Var []float32 // [d]
	Updates   int       // how often Update has folded in a batch

	mean, variance []float32 // of the last batch in training
	waits          bool      // they were not folded in
}

// NewRunning returns statistics of width d before the first batch: mean 0, variance 1.
func NewRunning(name string, d int) *Running {
	r := &Running{Name: name, Mean: make([]float32, d), Var: make([]float32, d), mean: make([]float32, d), variance: make([]float32, d)}
	for i := range r.Var {
		r.Var[i] = 1
	}
	return r
}

// Update folds the statistics of the last batch in training into the running ones; without a new one it does nothing. They
// are means of all batches so far with weights that fall by bnKeep from each to the one before, so the first batch counts
// in full (as Adam corrects its averages).
func (r *Running) Update() {
	if !r.waits {
		return
	}
	r.waits = false
	if r.Updates++; r.Updates == 1 {
		copy(r.Mean, r.mean)
		copy(r.Var, r.variance)
		return
	}
	left := 1.0
	for range min(r.Updates, 400) { // of more than 400 nothing is left in float32
		left = float64(left * bnKeep)
	}
	a := float32((1 - bnKeep) / (1 - left))
	for j, v := range r.mean {
		r.Mean[j] += float32(a * (v - r.Mean[j]))
		r.Var[j] += float32(a * (r.variance[j] - r.Var[j]))
	}
}

// BatchNorm normalises every column of x [.., d] and applies gain and bias [d] (Ioffe and Szegedy 2015): in training to
// mean 0 and variance 1 over all rows of the batch, which r gets to know; otherwise, and on a tape for inference, by r's
// running statistics. Variances are divided by the number of rows, and 1e-3 is added.
//
// The normalised rows are kept where the gain, or in training x, needs a gradient, 1/σ of each column where x does.
func (x Var) BatchNorm(gain, bias *Param, r *Running, training bool) Var {
	t, n := x.t, x.node()
	d := n.shape.Width()
	for _, p := range [2]*Param{gain, bias} {
		if p.Value.Shape != (Shape{d}) {
			x.fail("batch norm", p.Name, Shape{d}, p.Value.Shape)
		}
	}
	if len(r.Mean) != d || len(r.Var) != d {
		x.fail("batch norm", r.Name, Shape{d}, Shape{len(r.Mean)})
	}
	training = training && !t.Infer
	xd, s, below := n.data, n.shape, n.needs
	y, yd := t.fresh("batch norm", s, below || !gain.Frozen || !bias.Frozen)
	mean, variance := r.Mean, r.Var
	if training {
		if len(r.mean) != d { // a Running that was not made by NewRunning
			r.mean, r.variance = make([]float32, d), make([]float32, d)
		}
		mean, variance = r.mean, r.variance
		f32.BatchStats(mean, variance, xd, d)
		r.waits = true
	}
	rstd := t.Arena.Floats(d)
	f32.InverseRoot(rstd, variance, bnEps)
	var xhat []float32
	rec := record{back: batchNormBack, out: y.i, x: x.i, w: gain, b: bias, dw: !gain.Frozen, db: !bias.Frozen}
	if y.Trained() && (rec.dw || below && training) {
		xhat = t.Arena.Floats(len(xd))
	}
	f32.BatchNorm(yd, xhat, xd, mean, rstd, gain.Value.Data, bias.Value.Data, d)
	if !y.Trained() {
		return y
	}
	if xhat != nil {
		rec.keep[0] = t.keep(KeptBatchNorm, xhat)
	}
	if below {
		rec.keep[1] = t.keep(KeptBatchNorm, rstd)
	}
	if training {
		rec.n[0] = 1
	}
	t.record(rec)
	return y
}

func batchNormBack(t *Tape, r *record, dy []float32) {
	below, training := t.nodes[r.x].needs, r.n[0] == 1
	d := r.w.Value.Shape[0]
	var xhat, dot []float32
	work := t.gradient(5 * d)
	sum := work[:d]
	clear(sum)
	if r.dw || below && training {
		xhat = t.restore(&r.keep[0])
		dot = work[d : 2*d]
		clear(dot)
	}
	if dot != nil || r.db {
		f32.BatchSums(sum, dot, dy, xhat, d)
	}
	if r.dw {
		f32.Add(r.w.zeroSink(), dot)
	}
	if r.db {
		f32.Add(r.b.zeroSink(), sum)
	}
	if below {
		rstd := t.restore(&r.keep[1])
		if training {
			f32.BatchNormBack(dy, dy, xhat, rstd, r.w.Value.Data, sum, dot, work[2*d:], d)
		} else {
			scale := work[2*d : 3*d]
			copy(scale, r.w.Value.Data)
			f32.Mul(scale, rstd)
			for i := 0; i < len(dy); i += d {
				f32.Mul(dy[i:][:d], scale)
			}
		}
		t.pass(r, r.x)
	}
	t.release(work)
}

// Affine is the batch norm in evaluation as one scale and one shift of each column, for folding it into a product.
func (r *Running) Affine(gain, bias *Param) (scale, shift []float32) {
	d := len(r.Mean)
	scale, shift = make([]float32, d), make([]float32, d)
	f32.InverseRoot(scale, r.Var, bnEps)
	f32.Mul(scale, gain.Value.Data)
	for j := range shift {
		shift[j] = bias.Value.Data[j] - float32(r.Mean[j]*scale[j])
	}
	return scale, shift
}
