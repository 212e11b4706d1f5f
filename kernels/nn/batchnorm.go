package nn

import "petri/kernels/tape"

// BatchNorm is batch normalisation with gain and bias (Ioffe and Szegedy 2015). It normalises by the batch, or by what it
// remembers of batches on a tape for inference and where Fixed is set.
type BatchNorm struct {
	Gain, Bias *tape.Param // [d]
	Running    *tape.Running
	Fixed      bool // normalise as in evaluation, though parameters may be trained
}

// NewBatchNorm returns a batch norm of width d whose parameters are called name/gain (one) and name/bias (zero), and whose
// statistics are called name.
func NewBatchNorm(name string, d int) *BatchNorm {
	b := &BatchNorm{
		Gain:    tape.NewParam(name+"/gain", tape.Shape{d}),
		Bias:    tape.NewParam(name+"/bias", tape.Shape{d}),
		Running: tape.NewRunning(name, d),
	}
	for i := range b.Gain.Value.Data {
		b.Gain.Value.Data[i] = 1
	}
	return b
}

// Forward normalises columns: [.., d] → [.., d].
func (b *BatchNorm) Forward(x tape.Var) tape.Var {
	return x.BatchNorm(b.Gain, b.Bias, b.Running, !b.Fixed)
}

// Params implements Module.
func (b *BatchNorm) Params(visit func(*tape.Param)) { visit(b.Gain); visit(b.Bias) }

// Buffers implements Buffered.
func (b *BatchNorm) Buffers(visit func(*tape.Running)) { visit(b.Running) }

// Buffered is a module that remembers something of its batches besides its parameters.
type Buffered interface {
	// Buffers visits the statistics in a fixed order.
	Buffers(visit func(*tape.Running))
}

// Running lists the statistics of those modules that have some, in order, each once.
func Running(ms ...Module) []*tape.Running {
	var rs []*tape.Running
	seen := map[*tape.Running]bool{}
	for _, m := range ms {
		if b, ok := m.(Buffered); ok {
			b.Buffers(func(r *tape.Running) {
				if !seen[r] {
					seen[r] = true
					rs = append(rs, r)
				}
			})
		}
	}
	return rs
}

// FoldAfter is a dense layer that does what l and then n do in evaluation: x·(W·s) + b·s + shift with the scale s of each
// column of n.
func FoldAfter(l *Linear, n *BatchNorm) *Linear {
	f := twin(l)
	foldColumns(f.W, f.B, n)
	return f
}

// FoldBefore is a dense layer that does what n in evaluation and then l do: (x·s + shift)·W + b. It is no help before a
// convolution, whose zeros around the maps n would not have made.
func FoldBefore(n *BatchNorm, l *Linear) *Linear {
	f := twin(l)
	scale, shift := n.Running.Affine(n.Gain, n.Bias)
	w, out := f.W.Value.Data, f.Out()
	for i, s := range scale {
		for j := range out {
			f.B.Value.Data[j] += float32(shift[i] * w[i*out+j])
			w[i*out+j] = float32(w[i*out+j] * s)
		}
	}
	return f
}

// FoldConv is a convolution that does what c and then n do in evaluation.
func FoldConv(c *Conv, n *BatchNorm) *Conv {
	b := c.B
	if b == nil {
		b = tape.NewParam(c.W.Name+"/folded", n.Bias.Value.Shape)
	}
	f := &Conv{W: clone(c.W), B: clone(b), Stride: c.Stride}
	foldColumns(f.W, f.B, n)
	return f
}

// foldColumns makes w and b those of a product that n in evaluation follows.
func foldColumns(w, b *tape.Param, n *BatchNorm) {
	scale, shift := n.Running.Affine(n.Gain, n.Bias)
	for i := range w.Value.Data {
		w.Value.Data[i] = float32(w.Value.Data[i] * scale[i%len(scale)])
	}
	for j, s := range scale {
		b.Value.Data[j] = float32(b.Value.Data[j]*s) + shift[j]
	}
}

// twin is a dense layer with copies of the values, frozen.
func twin(l *Linear) *Linear { return &Linear{W: clone(l.W), B: clone(l.B)} }

// clone copies a parameter's value.
func clone(p *tape.Param) *tape.Param {
	q := tape.NewParam(p.Name, p.Value.Shape)
	copy(q.Value.Data, p.Value.Data)
	q.Frozen = true
	return q
}
