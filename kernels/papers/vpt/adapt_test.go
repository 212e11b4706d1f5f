package vpt

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// specimen is a method and what is said of it.
type specimen struct {
	name    string
	method  Method
	start   float64 // how far from the model training starts at most; 0 is to the bit
	merges  bool
	blocks  [2]int // trained numbers in the blocks of V-tiny and V-small: appendix B of the specs, and what follows from it
	outside [2]int // of the blocks
}

// rounding is what the order of a sum changes in the logits.
const rounding = 1e-5

var specimens = []specimen{
	{"adaptformer", AdaptFormer{Bottleneck: 8, Scale: 0.1}, 0, false, [2]int{4384, 9840}, [2]int{}},
	{"adaptformer with dropout, unscaled", AdaptFormer{Bottleneck: 8, Scale: 1, Drop: 0.1}, 0, false, [2]int{4384, 9840}, [2]int{}},
	{"adaptformer in series", AdaptFormer{Bottleneck: 8, Scale: 0.1, Sequential: true}, rounding, false, [2]int{4384, 9840}, [2]int{}},
	{"houlsby", Houlsby{Bottleneck: 8}, 0.1, false, [2]int{8768, 19680}, [2]int{}},
	{"houlsby with norms", Houlsby{Bottleneck: 8, Norms: true}, 0.1, false, [2]int{8768 + 1024, 19680 + 2304}, [2]int{128, 192}},
	{"pfeiffer", Pfeiffer{Bottleneck: 8}, 0.1, false, [2]int{4384, 9840}, [2]int{}},
	{"pfeiffer behind attention", Pfeiffer{Bottleneck: 8, Place: AfterAttention, Norms: true}, 0.1, false, [2]int{4384 + 1024, 9840 + 2304}, [2]int{128, 192}},
	{"pfeiffer, mended", Pfeiffer{Bottleneck: 8, Start: ZeroUp}, rounding, false, [2]int{4384, 9840}, [2]int{}},
	{"ia3", IA3{}, 0, true, [2]int{1536, 3456}, [2]int{}},
	{"bitfit", BitFit{}, 0, true, [2]int{2816, 6336}, [2]int{128, 192}},
	{"ln", LayerNorms{}, 0, true, [2]int{1024, 2304}, [2]int{128, 192}},
	{"krona", KronA{First: 8, Scale: 1}, 0, true, [2]int{1024, 2496}, [2]int{}},
	{"krona, scaled", KronA{First: 4, Scale: 2.5}, 0, true, [2]int{4 * 2 * (16 + 256), 6 * 2 * (16 + 576)}, [2]int{}},
	{"lora", LoRA{Rank: 4, Alpha: 8}, 0, true, [2]int{4096, 9216}, [2]int{}},
	{"lora with dropout", LoRA{Rank: 1, Alpha: 2, Drop: 0.2}, 0, true, [2]int{1024, 2304}, [2]int{}},
	{"head", Head{}, 0, true, [2]int{}, [2]int{}},
	{"full", Full{}, 0, true, [2]int{199936, 671040}, [2]int{4160 + 64 + 1088 + 128, 1632 + 96 + 6240 + 192}},
	{"vpt-shallow", Prompting{Length: 5, Layers: 1}, 5, false, [2]int{5 * 64, 5 * 96}, [2]int{}},
	{"vpt-deep", Prompting{Length: 5, Layers: 4}, 5, false, [2]int{4 * 5 * 64, 4 * 5 * 96}, [2]int{}},
	{"prefix", Prefixing{Length: 5}, 5, false, [2]int{2 * 4 * 5 * 64, 2 * 6 * 5 * 96}, [2]int{}},
	{"compacter", Compacter{N: 4, Bottleneck: 8}, 0.1, false, [2]int{928, 1936}, [2]int{}},
	{"compacter with norms", Compacter{N: 2, Bottleneck: 6, Norms: true}, 0.1, false, [2]int{8 + 4*210 + 1024, 8 + 6*306 + 2304}, [2]int{128, 192}},
}

// dead is the baseline that cannot learn.
var dead = Pfeiffer{Bottleneck: 8, Start: ZeroBoth}

func randomly(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 77)) }

// base is a model whose norms and biases are not at their fresh ones and zeros.
func base(c nn.Config) *nn.ViT {
	r := randomly(1)
	m := nn.NewViT(r, c)
	for _, p := range nn.Collect(m) {
		if p.Value.Shape.Rank() == 1 {
			d := make([]float32, p.Len())
			nn.Normal(r, d, 0.1)
			f32.Add(p.Value.Data, d)
			p.Touch()
		}
	}
	return m
}

// fit puts a method into a fresh model.
func fit(t *testing.T, m Method, c nn.Config) *Fitted {
	t.Helper()
	f, err := m.Fit(base(c), randomly(2), randomly(3))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// batch draws examples.
func batch(c nn.Config, n int) (images []float32, labels []int32) {
	r := randomly(4)
	images = make([]float32, n*c.Pixels())
	nn.Normal(r, images, 1)
	for range n {
		labels = append(labels, int32(r.IntN(c.Classes)))
	}
	return images, labels
}

func logitsOf(m *nn.ViT, images []float32) []float32 {
	on := tape.New()
	on.Infer = true
	return append([]float32(nil), m.Forward(m.Input(on, images)).Data()...)
}

// apart is the largest difference.
func apart(x, y []float32) float64 {
	worst := 0.0
	for i, v := range x {
		worst = max(worst, math.Abs(float64(v)-float64(y[i])))
	}
	return worst
}

// step is one step of training.
func step(on *tape.Tape, m *nn.ViT, images []float32, labels []int32, opt optim.Optimizer, rate float64) {
	on.Reset()
	on.Backward(m.Forward(m.Input(on, images)).CrossEntropy(labels))
	opt.Step(rate)
}

// train makes steps on a small batch.
func train(f *Fitted, steps int, rate float64) {
	images, labels := batch(f.Model.Config, 4)
	on, opt := tape.New(), optim.NewAdamW(nn.Trainable(f.Model), optim.Adam())
	for range steps {
		step(on, f.Model, images, labels, opt, rate)
	}
}

func eachSpecimen(t *testing.T, check func(t *testing.T, s specimen)) {
	for _, s := range specimens {
		t.Run(s.name, func(t *testing.T) { check(t, s) })
	}
}

func TestMethodCounts(t *testing.T) {
	eachSpecimen(t, func(t *testing.T, s specimen) {
		for i, c := range []nn.Config{nn.VTiny(), nn.VSmall()} {
			blocks, outside := s.method.Count(c)
			if blocks != s.blocks[i] || outside != s.outside[i] {
				t.Errorf("%d numbers in the blocks and %d outside, want %d and %d", blocks, outside, s.blocks[i], s.outside[i])
			}
			f := fit(t, s.method, c)
			own := 0
			for _, p := range f.Own {
				own += p.Len()
			}
			trained, _ := nn.Count(f.Model)
			head, _ := nn.Count(f.Model.Head)
			if own != blocks+outside || trained != own+head {
				t.Errorf("%d numbers are trained besides a head of %d, %d of them told of, want %d", trained-head, head, own, blocks+outside)
			}
			if n := optim.NewAdamW(nn.Trainable(f.Model), optim.Adam()).Len(); n != trained {
				t.Errorf("the optimizer holds %d numbers, want %d", n, trained)
			}
			names := map[string]bool{}
			for _, p := range nn.Collect(f.Model) {
				if names[p.Name] {
					t.Errorf("two parameters are called %s", p.Name)
				}
				names[p.Name] = true
			}
		}
	})
}

func TestTrainingStartsAtTheModel(t *testing.T) {
	images, _ := batch(nn.VTiny(), 8)
	want := logitsOf(base(nn.VTiny()), images)
	eachSpecimen(t, func(t *testing.T, s specimen) {
		f := fit(t, s.method, nn.VTiny())
		switch d := apart(logitsOf(f.Model, images), want); {
		case d > s.start:
			t.Errorf("the logits differ by %v, promised are %v", d, s.start)
		case s.start > rounding && d < rounding:
			t.Errorf("the logits differ by %v only: is the method in place?", d)
		}
	})
	if d := apart(logitsOf(fit(t, dead, nn.VTiny()).Model, images), want); d > rounding {
		t.Errorf("dead adapters change the logits by %v", d)
	}
}

// TestFrozenStayAndTrainedMove: what is trained has moved after ten steps, and what is not is what it was after a hundred.
func TestFrozenStayAndTrainedMove(t *testing.T) {
	eachSpecimen(t, func(t *testing.T, s specimen) {
		f := fit(t, s.method, nn.VTiny())
		all := nn.Collect(f.Model)
		start := make([][]float32, len(all))
		for i, p := range all {
			start[i] = append([]float32(nil), p.Value.Data...)
		}
		images, labels := batch(f.Model.Config, 4)
		config := optim.Adam()
		config.Decay = 0.01
		on, opt := tape.New(), optim.NewAdamW(nn.Trainable(f.Model), config)
		for i := range 100 {
			step(on, f.Model, images, labels, opt, 1e-3)
			if i != 9 {
				continue
			}
			for j, p := range all {
				if !p.Frozen && !strings.HasSuffix(p.Name, "/k/b") && apart(p.Value.Data, start[j]) == 0 {
					t.Errorf("%s has not moved", p.Name)
				}
			}
		}
		for i, p := range all {
			if p.Frozen && !slices.Equal(p.Value.Data, start[i]) {
				t.Errorf("%s is frozen, but has moved", p.Name)
			}
		}
	})
}

// TestTheDeadAdapterStaysDead: of VPT's released baseline the bias behind the second matrix moves and nothing else ever does,
// whatever the optimizer; its gradients are zeros to the bit.
func TestTheDeadAdapterStaysDead(t *testing.T) {
	for name, optimizer := range map[string]func(ps []*tape.Param) (optim.Optimizer, float64){
		"sgd":  func(ps []*tape.Param) (optim.Optimizer, float64) { return optim.NewSGD(ps, 0.9, 0.001), 0.1 },
		"adam": func(ps []*tape.Param) (optim.Optimizer, float64) { return optim.NewAdamW(ps, optim.Adam()), 1e-2 },
	} {
		f := fit(t, dead, nn.VTiny())
		images, labels := batch(f.Model.Config, 4)
		opt, rate := optimizer(nn.Trainable(f.Model))
		on := tape.New()
		for range 200 {
			on.Reset()
			on.Backward(f.Model.Forward(f.Model.Input(on, images)).CrossEntropy(labels))
			for _, p := range f.Own {
				if up := strings.HasSuffix(p.Name, "/up/b"); !p.Fresh() || up == zeros(p.Grad) {
					t.Fatalf("%s: the gradient of %s is not as derived", name, p.Name)
				}
			}
			opt.Step(rate)
		}
		for _, p := range f.Own {
			if up := strings.HasSuffix(p.Name, "/up/b"); up == zeros(p.Value.Data) {
				t.Errorf("%s: after 200 steps %s is zero: %v", name, p.Name, !up)
			}
		}
	}
	f := fit(t, Pfeiffer{Bottleneck: 8, Start: ZeroUp}, nn.VTiny())
	train(f, 2, 1e-3)
	for _, p := range f.Own {
		if zeros(p.Value.Data) {
			t.Errorf("mended, %s is still zero after two steps", p.Name)
		}
	}
}

func zeros(x []float32) bool { return !slices.ContainsFunc(x, func(v float32) bool { return v != 0 }) }

// TestGradientsAlongTrainedTensors compares the gradient of every tensor with the change of the loss along it, as the battery
// of all papers does.
func TestGradientsAlongTrainedTensors(t *testing.T) {
	eachSpecimen(t, func(t *testing.T, s specimen) {
		source := rand.NewPCG(3, 77)
		f, err := s.method.Fit(base(nn.VTiny()), randomly(2), rand.New(source))
		if err != nil {
			t.Fatal(err)
		}
		train(f, 3, 1e-2) // away from a start where half the factors are zero
		images, labels := batch(f.Model.Config, 8)
		on := tape.New()
		loss := func() tape.Var {
			on.Reset()
			source.Seed(3, 77) // the same dropout in every pass
			return f.Model.Forward(f.Model.Input(on, images)).CrossEntropy(labels)
		}
		on.Backward(loss())
		total, checked := 0.0, 0
		grads := map[*tape.Param][]float32{}
		for _, p := range nn.Trainable(f.Model) {
			grads[p] = append([]float32(nil), p.TakeGrad()...)
			total += ref64.Dot(ref64.Wide(grads[p]), ref64.Wide(grads[p]))
		}
		for _, p := range nn.Trainable(f.Model) {
			g := grads[p]
			square := ref64.Dot(ref64.Wide(g), ref64.Wide(g))
			if square < 1e-4*total { // the change would drown in the loss's rounding
				continue
			}
			checked++
			slope := math.Sqrt(square)
			h := 0.005 / slope
			value := append([]float32(nil), p.Value.Data...)
			at := func(h float64) float64 {
				copy(p.Value.Data, value)
				f32.Axpy(p.Value.Data, float32(h/slope), g)
				p.Touch()
				return float64(loss().Item())
			}
			measured := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
			copy(p.Value.Data, value)
			p.Touch()
			if math.Abs(measured-slope) > 0.02*slope+1e-6/h {
				t.Errorf("%s: the loss changes by %.5g along the gradient, whose norm is %.5g", p.Name, measured, slope)
			}
		}
		if checked == 0 {
			t.Error("no gradient was large enough to check")
		}
	})
}

// TestPoisonReachesNoGradient: whatever is not in the ledger becomes NaN between forward and backward.
func TestPoisonReachesNoGradient(t *testing.T) {
	eachSpecimen(t, func(t *testing.T, s specimen) {
		gradients := func(poison bool) [][]float32 {
			f := fit(t, s.method, nn.VTiny())
			train(f, 1, 1e-2)
			images, labels := batch(f.Model.Config, 4)
			on := tape.New()
			loss := f.Model.Forward(f.Model.Input(on, images)).CrossEntropy(labels)
			if poison {
				on.Poison()
			}
			on.Backward(loss)
			var g [][]float32
			for _, p := range nn.Trainable(f.Model) {
				g = append(g, append([]float32(nil), p.TakeGrad()...))
			}
			return g
		}
		want := gradients(false)
		for i, g := range gradients(true) {
			if !slices.Equal(g, want[i]) { // NaN equals nothing
				t.Fatalf("the gradient of tensor %d is another one", i)
			}
		}
	})
}

func TestStepsDoNotAllocate(t *testing.T) {
	eachSpecimen(t, func(t *testing.T, s specimen) {
		f := fit(t, s.method, nn.VTiny())
		images, labels := batch(f.Model.Config, 2)
		on, opt := tape.New(), optim.NewAdamW(nn.Trainable(f.Model), optim.Adam())
		once := func() { step(on, f.Model, images, labels, opt, 1e-3) }
		once()
		once()
		if n := testing.AllocsPerRun(10, once); n != 0 {
			t.Errorf("%v allocations per step", n)
		}
	})
}

// TestMerged: what merges computes the same afterwards, in the operations of the base, and comes apart to the bit; what does
// not says why in one line and changes nothing.
func TestMerged(t *testing.T) {
	plain := base(nn.VTiny())
	images, _ := batch(plain.Config, 16)
	operations := func(m *nn.ViT) int64 {
		on := tape.New()
		on.Infer = true
		m.Forward(m.Input(on, images))
		return on.Ledger.ForwardFLOP
	}
	eachSpecimen(t, func(t *testing.T, s specimen) {
		f := fit(t, s.method, nn.VTiny())
		train(f, 10, 1e-2)
		want, weights := logitsOf(f.Model, images), weightsOf(f.Model)
		if d := apart(want, logitsOf(plain, images)); d < 1e-2 && len(f.Own) > 0 {
			t.Fatalf("ten steps change the logits by %v, so the comparison shows nothing", d)
		}
		err := f.Merge()
		if !s.merges {
			var e MergeError
			if !errors.As(err, &e) || e.Method != s.method.Name() || strings.Contains(err.Error(), "\n") {
				t.Errorf("merging gives the error %v", err)
			}
			if !slices.Equal(weightsOf(f.Model), weights) || !slices.Equal(logitsOf(f.Model, images), want) {
				t.Error("the refused merge has changed the model")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		once := weightsOf(f.Model)
		if d := apart(logitsOf(f.Model, images), want); d > 1e-4 {
			t.Errorf("merging changes the logits by %v", d)
		}
		if got, of := operations(f.Model), operations(plain); got != of {
			t.Errorf("merged, a pass takes %d operations, the base %d", got, of)
		}
		if err := f.Merge(); err != nil || !slices.Equal(weightsOf(f.Model), once) {
			t.Errorf("a second merge is none: %v", err)
		}
		f.Unmerge()
		f.Unmerge()
		if !slices.Equal(weightsOf(f.Model), weights) || !slices.Equal(logitsOf(f.Model, images), want) {
			t.Error("unmerged, it is another model")
		}
	})
}

func weightsOf(m *nn.ViT) []float32 {
	var w []float32
	for _, p := range nn.Collect(m) {
		w = append(w, p.Value.Data...)
	}
	return w
}

// A vector that has learned zeros merges as any other, and comes apart.
func TestIA3MergesZeros(t *testing.T) {
	f := fit(t, IA3{}, nn.VTiny())
	for _, p := range f.Own {
		nn.Normal(randomly(9), p.Value.Data, 1)
		p.Value.Data[3] = 0
		p.Touch()
	}
	images, _ := batch(f.Model.Config, 4)
	want := logitsOf(f.Model, images)
	if err := f.Merge(); err != nil {
		t.Fatal(err)
	}
	if d := apart(logitsOf(f.Model, images), want); d > 1e-4 {
		t.Errorf("merging changes the logits by %v", d)
	}
	f.Unmerge()
	if !slices.Equal(logitsOf(f.Model, images), want) {
		t.Error("unmerged, it is another model")
	}
}

// TestKeyBias: the gradient of the keys' bias is rounding and no more, and no output depends on it.
func TestKeyBias(t *testing.T) {
	f := fit(t, BitFit{}, nn.VTiny())
	images, labels := batch(f.Model.Config, 8)
	on := tape.New()
	on.Backward(f.Model.Forward(f.Model.Input(on, images)).CrossEntropy(labels))
	norm := map[string]float64{}
	for _, p := range f.Own {
		norm[p.Name] = math.Sqrt(ref64.Dot(ref64.Wide(p.Grad), ref64.Wide(p.Grad)))
	}
	for _, b := range f.Model.Blocks {
		if k, q := norm[b.Name+"/k/b"], norm[b.Name+"/q/b"]; k > 1e-5*q {
			t.Errorf("%s: the gradient of the keys' bias measures %v, that of the queries' %v", b.Name, k, q)
		}
	}
	want := logitsOf(f.Model, images)
	for _, p := range f.Own {
		if strings.HasSuffix(p.Name, "/k/b") {
			nn.Normal(randomly(5), p.Value.Data, 1)
			p.Touch()
		}
	}
	if d := apart(logitsOf(f.Model, images), want); d > 1e-4 {
		t.Errorf("another bias of the keys changes the logits by %v", d)
	}
}

func TestSizeErrors(t *testing.T) {
	c := nn.VTiny()
	for want, m := range map[string]Method{
		"adaptformer: a bottleneck of 0 leaves nothing: take 1 to 64":                                      AdaptFormer{Scale: 0.1},
		"adaptformer: a scale of 0 stops the branch: take 0.1, as the paper does":                          AdaptFormer{Bottleneck: 8},
		"adaptformer: a dropout of 1 is no probability below 1: take 0 to 0.9":                             AdaptFormer{Bottleneck: 8, Scale: 0.1, Drop: 1},
		"houlsby: a bottleneck of 65 is wider than the model's 64: take 1 to 64":                           Houlsby{Bottleneck: 65},
		"pfeiffer: a bottleneck of -3 leaves nothing: take 1 to 64":                                        Pfeiffer{Bottleneck: -3},
		"pfeiffer: a place of mlp is none: take ffn or attn":                                               Pfeiffer{Bottleneck: 8, Place: "mlp"},
		"krona: a first factor of 5 does not divide the width 64: take 1, 2, 4, 8, 16, 32 or 64":           KronA{First: 5, Scale: 1},
		"krona: a scale of 0 stops the update: take 1":                                                     KronA{First: 8},
		"compacter: a number of products of 3 does not divide the width 64: take 1, 2, 4, 8, 16, 32 or 64": Compacter{N: 3, Bottleneck: 6},
		"compacter: a bottleneck of 6 is no multiple of the 4 products: take 4, 8 and so on up to 64":      Compacter{N: 4, Bottleneck: 6},
		"lora: a rank of 65 is no restriction of a matrix of width 64: take 1 to 64":                       LoRA{Rank: 65, Alpha: 8},
		"lora: a rank of 0 leaves nothing: take 1 to 64":                                                   LoRA{Alpha: 8},
		"lora: a scale α of 0 stops the update: take 8":                                                    LoRA{Rank: 4},
		"lora: a dropout of 1 is no probability below 1: take 0 to 0.9":                                    LoRA{Rank: 4, Alpha: 8, Drop: 1},
		"compacter: a bottleneck of 80 is wider than the model's 64: take 1 to 64":                         Compacter{N: 4, Bottleneck: 80},
	} {
		model := base(c)
		_, err := m.Fit(model, randomly(2), randomly(3))
		var e SizeError
		if !errors.As(err, &e) || err.Error() != want || e.Method != m.Name() {
			t.Errorf("the error is %q, want %q", err, want)
		}
		if trained, all := nn.Count(model); trained != all || !slices.Equal(weightsOf(model), weightsOf(base(c))) {
			t.Errorf("%s: the refused method has changed the model", want)
		}
	}
	for _, s := range specimens {
		if err := s.method.Check(nn.VSmall()); err != nil {
			t.Errorf("%s does not fit V-small: %v", s.name, err)
		}
	}
}

// TestStarts checks the draws against their rules.
func TestStarts(t *testing.T) {
	spread := func(f *Fitted, name string) (most, deviation float64) {
		for _, p := range f.Own {
			if p.Name != name {
				continue
			}
			for _, v := range p.Value.Data {
				most = max(most, math.Abs(float64(v)))
				deviation += float64(v) * float64(v) / float64(p.Len())
			}
			return most, math.Sqrt(deviation)
		}
		t.Fatalf("there is no %s", name)
		return 0, 0
	}
	wide := nn.VTiny()
	uniform := func(f *Fitted, name string, bound float64) {
		t.Helper()
		if most, deviation := spread(f, name); most > bound || most < 0.9*bound || math.Abs(deviation-bound/math.Sqrt(3)) > 0.12*bound {
			t.Errorf("%s reaches to %v with a deviation of %v, want a uniform draw in ±%v", name, most, deviation, bound)
		}
	}
	normal := func(f *Fitted, name string, sigma float64) {
		t.Helper()
		if _, deviation := spread(f, name); math.Abs(deviation-sigma) > 0.15*sigma {
			t.Errorf("%s has a deviation of %v, want %v", name, deviation, sigma)
		}
	}
	zero := func(f *Fitted, names ...string) {
		t.Helper()
		for _, name := range names {
			if most, _ := spread(f, name); most != 0 {
				t.Errorf("%s does not start at zero", name)
			}
		}
	}
	a := fit(t, AdaptFormer{Bottleneck: 32, Scale: 0.1}, wide)
	uniform(a, "block0/adaptformer/down/w", 0.125)
	zero(a, "block0/adaptformer/down/b", "block0/adaptformer/up/w", "block0/adaptformer/up/b")
	h := fit(t, Houlsby{Bottleneck: 32}, wide)
	normal(h, "block1/o/adapter/down/w", 0.02)
	normal(h, "block3/fc2/adapter/up/w", 0.02)
	zero(h, "block2/o/adapter/down/b", "block2/fc2/adapter/up/b")
	k := fit(t, KronA{First: 4, Scale: 1}, wide)
	uniform(k, "block0/v/krona_b", 0.25)
	zero(k, "block0/q/krona_a")
	c := fit(t, Compacter{N: 8, Bottleneck: 64}, wide)
	normal(c, "compacter/a", 0.01)
	uniform(c, "block0/fc2/compacter/down/s", math.Sqrt(2)*math.Sqrt(6.0/9))
	zero(c, "block0/fc2/compacter/up/b")
}
