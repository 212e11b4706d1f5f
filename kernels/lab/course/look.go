package course

import (
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// LookBatch is how many examples are looked at in one slice.
const LookBatch = 32

// TestAccuracy and ValidationAccuracy are metrics of a result: the share of examples named rightly, 0..1. A run has the
// first, one that tunes the second. Beside it stand its loss and, of both, train_loss, the mean of the last tenth.
const (
	TestAccuracy       = "test_accuracy"
	ValidationAccuracy = "validation_accuracy"
)

// score adds up an evaluation.
type score struct {
	at, right int
	loss      float64 // sum over examples
}

// watch looks at the next watched examples. A look that found no number leaves no point on the curve.
func (c *Course) watch() {
	if !c.evaluate(data.Validation, Watched) {
		return
	}
	if loss := c.score.loss / Watched; lab.IsFinite(loss) {
		c.evals = append(c.evals, wire.Eval{Step: c.step, Loss: loss, Accuracy: float64(c.score.right) / Watched})
	}
	if c.step == c.steps {
		c.enter(phaseTest)
	} else {
		c.enter(phaseTrain)
	}
}

// test looks at the next examples of the last phase.
func (c *Course) test() {
	split, n, accuracy, loss := data.Test, Tested, TestAccuracy, "test_loss"
	if c.plan.Options.Tune {
		split, n, accuracy, loss = data.Validation, Validation, ValidationAccuracy, "validation_loss"
	}
	if !c.evaluate(split, n) {
		return
	}
	c.metrics[accuracy] = float64(c.score.right) / float64(n)
	c.metric(loss, c.score.loss/float64(n))
	c.metric("train_loss", tail(c.loss, len(c.loss)/10+1))
	c.phase = phaseDone
}

// metric records a number that is one.
func (c *Course) metric(name string, x float64) {
	if lab.IsFinite(x) {
		c.metrics[name] = x
	}
}

// tail is the mean of the last n values.
func tail(x []float32, n int) float64 {
	sum := 0.0
	for _, v := range x[len(x)-n:] {
		sum += float64(v)
	}
	return sum / float64(n)
}

// evaluate looks at the next examples of a held-out split and reports whether n have been seen.
func (c *Course) evaluate(split data.Split, n int) (done bool) {
	s, m := &c.score, c.plan.Model
	k := min(LookBatch, n-s.at)
	c.heldOut(c.images, split, s.at, k)
	c.Look.Reset()
	logits := m.Forward(m.Input(c.Look, c.images[:k*data.Pixels]))
	classes := len(c.plan.Task.Classes)
	for j := range k {
		if lab.Argmax(logits.Data()[j*classes:(j+1)*classes]) == int(c.labels[j]) {
			s.right++
		}
	}
	s.loss += float64(float64(logits.CrossEntropy(c.labels[:k]).Item()) * float64(k))
	s.at += k
	return s.at == n
}

// heldOut writes k examples of a held-out split, from place at on, into images and their labels into c.labels.
func (c *Course) heldOut(images []float32, split data.Split, at, k int) {
	for j := range k {
		c.labels[j] = int32(c.plan.Task.Holdout.Image(images[j*data.Pixels:(j+1)*data.Pixels], split, at+j))
	}
}

// Validate implements lab.Specimen.
func (c *Course) Validate(n int) float64 {
	c.Ready()
	before := c.score
	c.score = score{}
	for !c.evaluate(data.Validation, n) {
	}
	right := c.score.right
	c.score = before
	return float64(right) / float64(n)
}

// Logits implements lab.Specimen.
func (c *Course) Logits(n int) []float32 {
	c.Ready()
	return c.LogitsOf(c.plan.Model, n)
}

// LogitsOf are what any model says of the first n validation examples, [n, classes].
func (c *Course) LogitsOf(m Model, n int) []float32 {
	var out []float32
	for at := 0; at < n; at += LookBatch {
		k := min(LookBatch, n-at)
		c.heldOut(c.images, data.Validation, at, k)
		c.Look.Reset()
		out = append(out, m.Forward(m.Input(c.Look, c.images[:k*data.Pixels])).Data()...)
	}
	return out
}
