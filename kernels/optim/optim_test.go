package optim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// some returns parameters [1, n] of odd sizes with draws from a normal distribution.
func some() []*tape.Param {
	r := rand.New(rand.NewPCG(1, 2))
	var ps []*tape.Param
	for i, n := range []int{37, 5, 64, 2} {
		p := tape.NewParam(fmt.Sprint("p", i), tape.Shape{1, n})
		for j := range p.Value.Data {
			p.Value.Data[j] = float32(r.NormFloat64())
		}
		ps = append(ps, p)
	}
	return ps
}

// backward gives every parameter that is not frozen a gradient, that of cross entropy at label 0.
func backward(ps ...*tape.Param) {
	for _, p := range ps {
		t := tape.New()
		t.Backward(t.Leaf(p).CrossEntropy([]int32{0}))
	}
}

// wide copies values and gradients to float64.
func wide(p *tape.Param) (value, grad []float64) {
	grad = make([]float64, p.Len())
	if p.Fresh() {
		grad = ref64.Wide(p.Grad)
	}
	return ref64.Wide(p.Value.Data), grad
}

func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= 1e-5*max(1, math.Abs(v))) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], v)
		}
	}
}

func TestAdamWAgainstFloat64(t *testing.T) {
	ps := some()
	c := AdamWConfig{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1}
	opt := NewAdamW(ps, c)
	m, v := map[string][]float64{}, map[string][]float64{}
	for _, p := range ps {
		m[p.Name], v[p.Name] = make([]float64, p.Len()), make([]float64, p.Len())
	}
	for step := 1; step <= 20; step++ {
		if step != 7 { // a step in which p1 gets no gradient: its moments still decay
			backward(ps[1])
		}
		backward(ps[0], ps[2], ps[3])
		lr := 0.01 * float64(step)
		want := map[string][]float64{}
		for _, p := range ps {
			value, grad := wide(p)
			ref64.AdamW(value, grad, m[p.Name], v[p.Name], lr, c.Beta1, c.Beta2, c.Eps, c.Decay, step)
			want[p.Name] = value
		}
		opt.Step(lr)
		for _, p := range ps {
			near(t, fmt.Sprintf("%s after step %d", p.Name, step), p.Value.Data, want[p.Name])
		}
	}
}

func TestSGDAgainstFloat64(t *testing.T) {
	for _, momentum := range []float64{0, 0.9} {
		ps := some()
		opt := NewSGD(ps, momentum, 0.1)
		velocity := map[string][]float64{}
		for _, p := range ps {
			velocity[p.Name] = make([]float64, p.Len())
		}
		for range 10 {
			backward(ps...)
			want := map[string][]float64{}
			for _, p := range ps {
				value, grad := wide(p)
				for i := range value {
					d := grad[i] + 0.1*value[i]
					velocity[p.Name][i] = momentum*velocity[p.Name][i] + d
					value[i] -= 0.05 * velocity[p.Name][i]
				}
				want[p.Name] = value
			}
			opt.Step(0.05)
			for _, p := range ps {
				near(t, p.Name, p.Value.Data, want[p.Name])
			}
		}
		bytes := 0
		if momentum > 0 {
			bytes = 4 * 108
		}
		if opt.StateBytes() != bytes {
			t.Errorf("momentum %v: %d bytes of state, want %d", momentum, opt.StateBytes(), bytes)
		}
	}
}

// TestFrozenIsLeftAlone freezes a parameter before and another one after the optimizer was made, the second between
// two that are trained, and thaws it later: weight decay included, no bit may change while it is frozen.
func TestFrozenIsLeftAlone(t *testing.T) {
	for name, make := range map[string]func([]*tape.Param) Optimizer{
		"adamw": func(ps []*tape.Param) Optimizer {
			return NewAdamW(ps, AdamWConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.5})
		},
		"sgd": func(ps []*tape.Param) Optimizer { return NewSGD(ps, 0.9, 0.5) },
	} {
		ps := some()
		ps[0].Frozen = true
		opt := make(ps)
		if opt.Len() != 71 || len(opt.Params()) != 3 || opt.GradientBytes() != 4*71 || len(opt.Values()) != 71 {
			t.Errorf("%s: holds %d numbers in %d parameters", name, opt.Len(), len(opt.Params()))
		}
		step := func() {
			backward(ps...)
			opt.Step(0.1)
		}
		step()
		ps[2].Frozen = true
		var before [4][]float32
		var versions [4]uint64
		for i, p := range ps {
			before[i] = append([]float32(nil), p.Value.Data...)
			versions[i] = p.Version()
		}
		step()
		step()
		for i, p := range ps {
			for j, x := range p.Value.Data {
				if same := math.Float32bits(x) == math.Float32bits(before[i][j]); same != p.Frozen {
					t.Fatalf("%s: %s[%d] was %v, is %v, frozen %v", name, p.Name, j, before[i][j], x, p.Frozen)
				}
			}
			if touched := p.Version() != versions[i]; touched == p.Frozen {
				t.Errorf("%s: %s touched %v, frozen %v", name, p.Name, touched, p.Frozen)
			}
		}
		ps[2].Frozen = false
		step()
		if ps[2].Value.Data[0] == before[2][0] {
			t.Errorf("%s: a thawed parameter does not move", name)
		}
	}
}

func TestClip(t *testing.T) {
	ps := some()
	opt := NewAdamW(ps, Adam())
	backward(ps...)
	ps[3].Frozen = true // takes no part
	sum := 0.0
	for _, p := range ps[:3] {
		_, g := wide(p)
		sum += ref64.Dot(g, g)
	}
	norm := math.Sqrt(sum)
	before := append([]float32(nil), ps[0].Grad...)
	if got := opt.Clip(10 * norm); math.Abs(got-norm) > 1e-12 || ps[0].Grad[0] != before[0] {
		t.Errorf("norm %v, want %v; below the limit nothing may change", got, norm)
	}
	if got := opt.Clip(norm / 4); math.Abs(got-norm) > 1e-12 {
		t.Errorf("norm %v, want %v", got, norm)
	}
	for i, g := range ps[0].Grad {
		if math.Abs(float64(g)-float64(before[i])/4) > 1e-7 {
			t.Fatalf("gradient %v, want a quarter of %v", g, before[i])
		}
	}
	if got := opt.Norm(); math.Abs(got-norm/4) > 1e-6*norm {
		t.Errorf("norm after clipping %v, want %v", got, norm/4)
	}
	ps[0].Grad[3] = float32(math.NaN())
	kept := ps[0].Grad[0]
	if got := opt.Clip(1e-9); !math.IsNaN(got) || ps[0].Grad[0] != kept {
		t.Error("a norm that is no number must be returned and change nothing")
	}
}

func TestSlabsKeepValuesAndGradients(t *testing.T) {
	ps := some()
	want := append([]float32(nil), ps[2].Value.Data...)
	backward(ps...)
	grad := append([]float32(nil), ps[2].Grad...)
	opt := NewAdamW(ps, Adam())
	for i := range want {
		if ps[2].Value.Data[i] != want[i] || ps[2].Grad[i] != grad[i] {
			t.Fatal("moving into the slab changed a value or a gradient")
		}
	}
	if &opt.Values()[37+5] != &ps[2].Value.Data[0] {
		t.Error("the parameter does not live in the slab")
	}
	if opt.StateBytes() != 8*opt.Len() {
		t.Errorf("%d bytes of state for %d numbers", opt.StateBytes(), opt.Len())
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	ps := some()
	for _, opt := range []Optimizer{NewAdamW(ps, Adam()), NewSGD(ps, 0.9, 0)} {
		if n := testing.AllocsPerRun(20, func() { opt.Clip(1); opt.Step(0.1) }); n != 0 {
			t.Errorf("%T: %v allocations per step", opt, n)
		}
	}
}

// TestStateContinues: a second optimizer that starts from state and values of the first makes the same next step.
func TestStateContinues(t *testing.T) {
	a, b := some(), some()
	one, two := NewAdamW(a, Adam()), NewAdamW(b, Adam())
	for range 5 {
		backward(a...)
		one.Step(0.01)
	}
	copy(two.Values(), one.Values())
	if err := two.SetState(one.State()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		backward(a...)
		backward(b...)
		one.Step(0.01)
		two.Step(0.01)
	}
	for i, x := range one.Values() {
		if math.Float32bits(x) != math.Float32bits(two.Values()[i]) {
			t.Fatalf("number %d: %v, want %v", i, two.Values()[i], x)
		}
	}
	if err := two.SetState(3, nil); err == nil {
		t.Error("moments of another length were taken")
	}
}

func TestCosine(t *testing.T) {
	rate := Cosine(0.4, 5, 25)
	for step := range 30 {
		want := 0.0
		switch {
		case step < 5:
			want = 0.4 * float64(step+1) / 5
		case step < 25:
			want = 0.2 * (1 + math.Cos(math.Pi*float64(step-5)/20))
		}
		if got := rate(step); math.Abs(got-want) > 1e-15 {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	if rate(4) != 0.4 || rate(5) != 0.4 || rate(25) != 0 {
		t.Error("the peak or the end is missed")
	}
	flat := Constant(0.3, 2)
	if flat(0) != 0.15 || flat(1) != 0.3 || flat(1000) != 0.3 {
		t.Error("constant is not")
	}
}

func TestCosPi(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := cosPi(x), math.Cos(math.Pi*x); math.Abs(got-want) > 4e-16 {
			t.Errorf("cos(π·%v) = %v, want %v", x, got, want)
		}
	}
}
