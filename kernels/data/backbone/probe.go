package backbone

import (
	"math"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// The budget of a probe, the same for all models: examples, passes over them, examples of a step, and peak rate.
const (
	ProbeExamples = 1400
	probePasses   = 50
	probeBatch    = 70
	probeRate     = .01
)

// Probe says how well one dense layer on the frozen features of the class token names what is seen. The layer starts at
// zero and learns from the first ProbeExamples examples of the train split (100 of each glyph of world M), in 1,000
// steps of 70 with AdamW, whose rate starts at .01 and falls along a cosine. Each feature is brought to mean 0 and
// variance 1 over these examples, as He et al. (2022) do with a batch norm. The score is that of the first n examples
// of another split.
func Probe(m *nn.ViT, set data.Set, split data.Split, n int) Score {
	x, labels := features(m, set, data.Train, ProbeExamples)
	shift, scale := standard(x, m.Width)
	normalise(x, shift, scale)

	head := nn.NewLinear(nil, "probe", m.Width, len(set.Classes()))
	opt := optim.NewAdamW(nn.Trainable(head), optim.Adam())
	const steps = probePasses * ProbeExamples / probeBatch
	rate := optim.Cosine(probeRate, 0, steps)
	order, places, batch := data.NewOrder(ProbeExamples, 1), make([]int32, probeBatch), make([]int32, probeBatch)
	t := tape.New()
	for step := range steps {
		order.Batch(places, step)
		t.Reset()
		in := t.Blank(tape.Shape{probeBatch, m.Width})
		for j, at := range places {
			copy(in.Data()[j*m.Width:][:m.Width], x[int(at)*m.Width:])
			batch[j] = labels[at]
		}
		t.Backward(head.Forward(in).CrossEntropy(batch))
		opt.Step(rate(step))
	}

	x, labels = features(m, set, split, n)
	normalise(x, shift, scale)
	t.Reset()
	t.Infer = true
	var s Score
	s.add(head.Forward(t.Input(tape.Tensor{Shape: tape.Shape{n, m.Width}, Data: x})), labels)
	s.finish()
	return s
}

// features are those of the first n examples of a split [n, d], and their labels.
func features(m *nn.ViT, set data.Set, split data.Split, n int) (x []float32, labels []int32) {
	const batch = 50
	t := tape.New()
	t.Infer = true
	images := make([]float32, batch*data.Pixels)
	for at := 0; at < n; at += batch {
		k := min(batch, n-at)
		for j := range k {
			labels = append(labels, int32(set.Image(images[j*data.Pixels:(j+1)*data.Pixels], split, at+j)))
		}
		t.Reset()
		x = append(x, m.Features(m.Input(t, images[:k*data.Pixels])).Data()...)
	}
	return x, labels
}

// standard is the mean of each column of x [.., d] and the inverse of its standard deviation.
func standard(x []float32, d int) (shift, scale []float32) {
	for c := range d {
		n, mean, variance := float64(len(x)/d), 0.0, 0.0
		for i := c; i < len(x); i += d {
			mean += float64(x[i])
		}
		mean /= n
		for i := c; i < len(x); i += d {
			v := float64(x[i]) - mean
			variance += float64(v * v)
		}
		shift = append(shift, float32(mean))
		scale = append(scale, float32(1/math.Sqrt(variance/n+1e-6)))
	}
	return shift, scale
}

// normalise shifts and scales the columns of x.
func normalise(x, shift, scale []float32) {
	for i := range x {
		c := i % len(shift)
		x[i] = float32((x[i] - shift[c]) * scale[c])
	}
}
