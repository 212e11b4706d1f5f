package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"petri/kernels/bench/reference"
	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// training is everything that one step of V-tiny needs.
type training struct {
	model  *nn.ViT
	opt    optim.Optimizer
	tape   *tape.Tape
	images []float32
	labels []int32
	loss   float32
}

func newTraining(v *nn.ViT, batch int) *training {
	images, labels := reference.Batch(batch)
	return &training{model: v, opt: optim.NewAdamW(nn.Trainable(v), optim.Adam()), tape: tape.New(), images: images, labels: labels}
}

func (s *training) step() {
	s.tape.Reset()
	loss := s.model.Forward(s.model.Input(s.tape, s.images)).CrossEntropy(s.labels)
	s.loss = loss.Item()
	s.tape.Backward(loss)
	s.opt.Step(1e-4)
}

func (s *training) infer() {
	s.tape.Reset()
	s.loss = s.model.Forward(s.model.Input(s.tape, s.images)).Data()[0]
}

// run measures f, and the best call beside the mean: on a machine that others use as well it says more.
func run(b *testing.B, f func()) {
	for range 3 {
		f()
	}
	b.ReportAllocs()
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best)/1e6, "best-ms")
}

func BenchmarkFullStep(b *testing.B) { run(b, newTraining(reference.Model(false), 32).step) }

func BenchmarkLoRAStep(b *testing.B) { run(b, newTraining(reference.Model(true), 32).step) }

func BenchmarkSmallFullStep(b *testing.B) {
	run(b, newTraining(nn.NewViT(rand.New(rand.NewPCG(1, 2)), nn.VSmall()), 32).step)
}

func benchmarkInference(b *testing.B, batch int) {
	s := newTraining(reference.Model(false), batch)
	s.tape.Infer = true
	run(b, s.infer)
}

func BenchmarkInference32(b *testing.B) { benchmarkInference(b, 32) }

func BenchmarkInference1(b *testing.B) { benchmarkInference(b, 1) }

func BenchmarkFullStepScalar(b *testing.B) {
	f32.UseScalar(true)
	defer f32.UseScalar(false)
	run(b, newTraining(reference.Model(false), 32).step)
}
