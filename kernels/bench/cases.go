package bench

import (
	"fmt"

	"petri/kernels/bench/reference"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/papers/moat"
	"petri/kernels/tape"
)

// Shapes are the products that engines are compared on, [m, n, k]: squares, and those of V-tiny (544 = 32 images of 17
// tokens) and V-small (2080 = 32 of 65).
var Shapes = [][3]int{{64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512},
	{544, 64, 64}, {544, 192, 64}, {544, 256, 64}, {2080, 64, 256}}

// Turned are the shapes that are measured with a transposed operand as well: what backward passes are made of.
var Turned = [][3]int{{544, 64, 64}, {544, 256, 64}, {2080, 64, 256}}

// SweepRun is the case of which sweeps are made, SweepSteps the training steps of one call.
const (
	SweepRun   = wire.SweepRun
	SweepSteps = wire.SweepSteps
)

// MOATLosses are the first five of wire.MOATStep, each taken before its step. They are what this engine gives on every machine; a change of
// the numerics that alters them raises wire.Engine.
var MOATLosses = [5]float64{2.556390, 2.664368, 2.537591, 2.601738, 2.922941}

// Cases lists everything that is measured, in the order of a report.
func Cases() []Case {
	var all []Case
	for _, s := range Shapes {
		all = append(all, productCase("nn", s))
	}
	for _, form := range []string{"nt", "tn"} {
		for _, s := range Turned {
			all = append(all, productCase(form, s))
		}
	}
	all = append(all, maskCases()...)
	return append(all,
		single("step/full", "training step, all weights, batch 32", 0, func() func() float64 { return step(false) }),
		single("step/lora", "training step, LoRA r = 4 on q and v, batch 32", 0, func() func() float64 { return step(true) }),
		single(wire.MOATStep, "training step, MOAT, batch 32", 0, moatStep),
		methodSteps(),
		single("infer/32", "inference, batch 32", 0, func() func() float64 { return inference(32) }),
		single("infer/1", "inference, batch 1", 0, func() func() float64 { return inference(1) }),
		single(SweepRun, fmt.Sprintf("a run of %d training steps, model and optimizer made anew", SweepSteps), 0, sweepRun),
	)
}

// productCase is c [m, n] = a·b with the packing of b, and of a where it is transposed, inside the call: nn with a [m, k]
// and b [k, n], nt with b stored as [n, k], tn with a stored as [k, m].
func productCase(form string, s [3]int) Case {
	m, n, k := s[0], s[1], s[2]
	name := map[string]string{"nn": "a·b", "nt": "a·bᵀ", "tn": "aᵀ·b"}[form]
	return single(fmt.Sprintf("product/%s/%dx%dx%d", form, m, n, k), fmt.Sprintf("product %s, %d×%d×%d", name, m, n, k),
		2*float64(m)*float64(n)*float64(k), func() func() float64 { return product(form, m, n, k) })
}

// product multiplies random matrices, the same as the peers do: zeros would let a kernel that skips them look fast. The
// value is the last element.
func product(form string, m, n, k int) func() float64 {
	a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	reference.Gaussian(a, 1, 1)
	reference.Gaussian(b, 1, 2)
	out, panels := f32.M(c, m, n), make([]float32, f32.PanelLen(k, n))
	last := func() float64 { return float64(c[len(c)-1]) }
	switch form {
	case "nt":
		return func() float64 {
			f32.Gemm(out, f32.M(a, m, k), f32.PackT(panels, f32.M(b, n, k)), f32.Mat{}, nil)
			return last()
		}
	case "tn":
		scratch := make([]float32, f32.GemmTAScratch(k, m, n))
		return func() float64 {
			f32.GemmTA(out, f32.M(a, k, m), f32.M(b, k, n), f32.Mat{}, nil, scratch)
			return last()
		}
	}
	return func() float64 {
		f32.Gemm(out, f32.M(a, m, k), f32.Pack(panels, f32.M(b, k, n)), f32.Mat{}, nil)
		return last()
	}
}

// step is one step of training on the tape, loss read back: all weights, or adapters and the head.
func step(lora bool) func() float64 {
	m := reference.Model(lora)
	images, labels := reference.Batch(reference.Images)
	t := tape.New()
	return stepOf(t, m, labels, func() tape.Var { return m.Forward(m.Input(t, images)) })
}

// stepOf is one step of what is trained of a model, on a tape that it resets first.
//
//go:noinline
func stepOf(t *tape.Tape, m nn.Module, labels []int32, logits func() tape.Var) func() float64 {
	opt := optim.NewAdamW(nn.Trainable(m), optim.Adam())
	return func() float64 {
		t.Reset()
		loss := logits().CrossEntropy(labels)
		t.Backward(loss)
		opt.Step(reference.Rate)
		return float64(loss.Item())
	}
}

// moatStep is one step of MOAT as its lab makes it at the default knobs, the batch drawn, the running statistics updated.
func moatStep() func() float64 {
	spec, err := wire.ParseQuery(moat.Paper.Lab, "arms=moat,vit&batch=32&steps=5000&lr=0.002&seeds=1")
	if err != nil {
		panic(err)
	}
	s, err := moat.Paper.Specimen(lab.Env{}, spec, wire.TrialID{}, lab.Sabotage{})
	if err != nil {
		panic(err)
	}
	return func() float64 {
		s.TrainStep()
		loss := s.Progress().Loss // those since it was last asked: one
		return float64(loss[len(loss)-1])
	}
}

// inference is one forward pass; the value is logit [0, 0].
func inference(n int) func() float64 {
	m := reference.Model(false)
	images, _ := reference.Batch(n)
	t := tape.New()
	t.Infer = true
	return func() float64 {
		t.Reset()
		return float64(m.Forward(m.Input(t, images)).Data()[0])
	}
}

// sweepRun trains a fresh model in every call; the value is its last loss.
func sweepRun() func() float64 {
	return func() float64 {
		next, loss := step(false), 0.0
		for range SweepSteps {
			loss = next()
		}
		return loss
	}
}
