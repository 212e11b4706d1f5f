package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

// rectangular is an adapter around a layer that is not square, so that a transposition shows, with both factors random.
func rectangular(rank int, alpha float64) *nn.LoRA {
	r := random(1)
	a := nn.NewLoRA(r, "block0/fc1", nn.NewLinear(r, "block0/fc1", 6, 10), rank, alpha)
	nn.Normal(r, a.B.Value.Data, 0.5)
	nn.Normal(r, a.Base.B.Value.Data, 0.5)
	for _, p := range nn.Collect(a) {
		p.Touch()
	}
	nn.Freeze(a.Base)
	return a
}

func output(a *nn.LoRA, x []float32, infer bool) []float32 {
	on := tape.New()
	on.Infer = infer
	y := a.Forward(on.Input(tape.Tensor{Shape: tape.Shape{len(x) / a.Base.In(), a.Base.In()}, Data: x}))
	return append([]float32(nil), y.Data()...)
}

func TestLoRAIsEquationThree(t *testing.T) {
	a := rectangular(3, 8)
	x := make([]float32, 4*6)
	nn.Normal(random(2), x, 1)
	y := output(a, x, false)
	wide := func(p *tape.Param) []float64 { return ref64.Wide(p.Value.Data) }
	base := ref64.Linear(ref64.Wide(x), wide(a.Base.W), wide(a.Base.B), 4, 6, 10)
	u := ref64.MatMul(ref64.Wide(x), wide(a.A), 4, 6, 3)
	branch := ref64.MatMul(u, wide(a.B), 4, 3, 10)
	for i := range y {
		if want := base[i] + 8.0/3*branch[i]; math.Abs(float64(y[i])-want) > 1e-5 {
			t.Fatalf("y[%d] = %v, want %v", i, y[i], want)
		}
	}
	delta := ref64.MatMul(wide(a.A), wide(a.B), 6, 3, 10)
	for i, d := range a.Delta() {
		if math.Abs(float64(d)-8.0/3*delta[i]) > 1e-5 {
			t.Fatalf("ΔW[%d] = %v, want %v", i, d, 8.0/3*delta[i])
		}
	}
}

// TestLoRAGradientsAgainstFloat64 adapts every matrix of a block and compares the gradients of all factors with central
// differences of a float64 mirror, in which the update is part of the weight.
func TestLoRAGradientsAgainstFloat64(t *testing.T) {
	c := nn.Config{Image: 4, Channels: 1, Patch: 2, Width: 8, Depth: 1, Heads: 2, Hidden: 12, Classes: 3}
	r := random(3)
	v := nn.NewViT(r, c)
	adapters := nn.AddLoRA(v, r, nil, []string{"q", "k", "v", "o", "fc1", "fc2"}, 2, 3, 0)
	for _, p := range nn.Collect(v) {
		nn.Normal(r, p.Value.Data, 0.5)
		p.Touch()
	}
	images, labels := make([]float32, 2*16), []int32{2, 0}
	nn.Normal(r, images, 1)

	values := map[string][]float64{}
	for _, p := range nn.Collect(v) {
		values[p.Name] = ref64.Wide(p.Value.Data)
	}
	patches := make([]float32, 2*4*4)
	nn.Patchify(patches, images, c)
	loss := func() float64 {
		dense := func(x []float64, path string, rows, in, out int) []float64 {
			w := values[path+"/w"]
			if a := values[path+"/lora_a"]; a != nil {
				w = append([]float64(nil), w...)
				for i, d := range ref64.MatMul(a, values[path+"/lora_b"], in, 2, out) {
					w[i] += 1.5 * d // α/r
				}
			}
			return ref64.Linear(x, w, values[path+"/b"], rows, in, out)
		}
		norm := func(x []float64, path string) []float64 {
			return ref64.LayerNorm(x, values[path+"/gain"], values[path+"/bias"], 8)
		}
		embedded := dense(ref64.Wide(patches), "patch", 8, 4, 8)
		var x []float64
		for e := range 2 {
			rows := append(append([]float64(nil), values["class"]...), embedded[e*32:(e+1)*32]...)
			x = append(x, ref64.Add(rows, values["position"])...)
		}
		h := norm(x, "block0/norm1")
		o, _ := ref64.Attention(dense(h, "block0/q", 10, 8, 8), dense(h, "block0/k", 10, 8, 8), dense(h, "block0/v", 10, 8, 8), 2, 5, 2, 4)
		x = ref64.Add(x, dense(o, "block0/o", 10, 8, 8))
		m := ref64.GELU(dense(norm(x, "block0/norm2"), "block0/fc1", 10, 8, 12))
		x = ref64.Add(x, dense(m, "block0/fc2", 10, 12, 8))
		class := append(append([]float64(nil), x[:8]...), x[40:48]...)
		return ref64.CrossEntropy(dense(norm(class, "norm"), "head", 2, 8, 3), labels, 2, 3)
	}

	on := tape.New()
	got := v.Forward(v.Input(on, images)).CrossEntropy(labels)
	if want := loss(); math.Abs(float64(got.Item())-want) > 1e-5*want {
		t.Fatalf("loss %v, want %v", got.Item(), want)
	}
	on.Backward(got)
	for _, a := range adapters {
		for _, p := range []*tape.Param{a.A, a.B} {
			exact := values[p.Name]
			want := ref64.Grad(func(x []float64) float64 { values[p.Name] = x; return loss() }, exact, 1e-5)
			values[p.Name] = exact
			scale := math.Sqrt(ref64.Dot(want, want) / float64(len(want)))
			for i, g := range p.TakeGrad() {
				if math.Abs(float64(g)-want[i]) > 2e-4*(scale+math.Abs(want[i])) {
					t.Fatalf("%s: gradient %d is %v, want %v", p.Name, i, g, want[i])
				}
			}
		}
		for _, p := range nn.Collect(a.Base) {
			if p.Fresh() {
				t.Errorf("%s is frozen, but has a gradient", p.Name)
			}
		}
	}
}

// TestFirstStepOfLoRA: with B = 0 the gradient of A is exactly 0 and that of B is not; it grows with α/r.
func TestFirstStepOfLoRA(t *testing.T) {
	gradients := func(rank int, alpha float64) (a, b []float32) {
		ad := rectangular(rank, alpha)
		clear(ad.B.Value.Data)
		ad.B.Touch()
		on := tape.New()
		x := make([]float32, 4*6)
		nn.Normal(random(2), x, 1)
		on.Backward(ad.Forward(on.Input(tape.Tensor{Shape: tape.Shape{4, 6}, Data: x})).CrossEntropy([]int32{1, 2, 3, 4}))
		return ad.A.TakeGrad(), ad.B.TakeGrad()
	}
	a, b8 := gradients(2, 8)
	for i, g := range a {
		if g != 0 {
			t.Fatalf("gradient %d of A is %v at the first step", i, g)
		}
	}
	_, b4 := gradients(2, 4)
	moved := false
	for i := range b8 {
		moved = moved || b8[i] != 0
		if math.Abs(float64(b8[i]-2*b4[i])) > 1e-6 {
			t.Fatalf("twice the α gives %v where %v is due", b8[i], 2*b4[i])
		}
	}
	if !moved {
		t.Error("B has no gradient at the first step")
	}
}

func TestStartOfLoRA(t *testing.T) {
	a := nn.NewLoRA(random(5), "block0/q", nn.NewLinear(random(6), "block0/q", 64, 64), 64, 8)
	if a.Rank() != 64 || a.Scale != 0.125 {
		t.Errorf("rank %d and scale %v, want 64 and 8/64: nothing may be clipped", a.Rank(), a.Scale)
	}
	most, sum := 0.0, 0.0
	for _, x := range a.A.Value.Data {
		most = max(most, math.Abs(float64(x)))
		sum += float64(x) * float64(x)
	}
	if most > 0.125 || most < 0.124 {
		t.Errorf("the largest entry of A is %v, want just under 1/√64", most)
	}
	if v := sum / 4096; math.Abs(v-0.125*0.125/3) > 3e-4 {
		t.Errorf("the variance of A is %v, want that of a uniform draw", v)
	}
	for _, x := range a.B.Value.Data {
		if x != 0 {
			t.Fatal("B does not start at zero")
		}
	}
}

func TestLoRAMergesAndUnmerges(t *testing.T) {
	a := rectangular(3, 8)
	x := make([]float32, 4*6)
	nn.Normal(random(2), x, 1)
	want := output(a, x, true)
	before := append([]float32(nil), a.Base.W.Value.Data...)
	a.Merge()
	once := append([]float32(nil), a.Base.W.Value.Data...)
	a.Merge()
	if largest(a.Base.W.Value.Data, once) != 0 {
		t.Error("a second merge adds the update again")
	}
	if d := largest(output(a, x, true), want); d > 1e-5 {
		t.Errorf("merging changes the output by %v", d)
	}
	for range 10 {
		a.Unmerge()
		a.Merge()
	}
	a.Unmerge()
	a.Unmerge()
	if d := largest(a.Base.W.Value.Data, before); d > 1e-5 || d == largest(once, before) {
		t.Errorf("after ten merges and unmerges W has drifted by %v", d)
	}
	if d := largest(output(a, x, true), want); d > 1e-5 {
		t.Errorf("unmerged, the output differs by %v", d)
	}
}

func TestLoRADropsInTheBranchAndInTrainingOnly(t *testing.T) {
	a := rectangular(3, 8)
	x := make([]float32, 40*6)
	nn.Normal(random(2), x, 1)
	plain, still := output(a, x, false), output(a, x, true)
	a.Drop, a.Rand = 0.5, random(7)
	if largest(output(a, x, true), still) != 0 {
		t.Error("dropout acts outside of training")
	}
	if largest(output(a, x, false), plain) == 0 {
		t.Error("dropout does nothing in training")
	}
	clear(a.B.Value.Data)
	a.B.Touch()
	zero := rectangular(3, 8)
	clear(zero.B.Value.Data)
	zero.B.Touch()
	if largest(output(a, x, false), output(zero, x, false)) != 0 {
		t.Error("dropout reaches the frozen path")
	}
}

// largest is the largest difference of two slices.
func largest(x, y []float32) float64 {
	worst := 0.0
	for i, v := range x {
		worst = max(worst, math.Abs(float64(v)-float64(y[i])))
	}
	return worst
}
