package optim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// layers returns two matrices, a lying and a standing one, and a bias.
func layers() []*tape.Param {
	r := rand.New(rand.NewPCG(3, 4))
	ps := []*tape.Param{tape.NewParam("wide/w", tape.Shape{8, 24}), tape.NewParam("b", tape.Shape{24}), tape.NewParam("tall/w", tape.Shape{24, 8})}
	for _, p := range ps {
		for j := range p.Value.Data {
			p.Value.Data[j] = float32(r.NormFloat64())
		}
	}
	return ps
}

func newLayersMuon(ps []*tape.Param, decay float64) *Muon {
	c := Adam()
	c.Decay = decay
	return NewMuon(ps, MuonConfig{AdamWConfig: c, Momentum: 0.95, Share: 0.5}, func(p *tape.Param) bool { return p.Value.Shape.Rank() == 2 })
}

// slope gives every parameter that is not frozen a gradient of random numbers.
func slope(r *rand.Rand, ps ...*tape.Param) {
	for _, p := range ps {
		if p.Frozen {
			continue
		}
		g := make([]float32, p.Len())
		for i := range g {
			g[i] = float32(r.NormFloat64())
		}
		p.AddGrad(g, 1)
	}
}

func TestMuonAgainstFloat64(t *testing.T) {
	ps, r := layers(), rand.New(rand.NewPCG(5, 6))
	opt := newLayersMuon(ps, 0.1)
	var m, v [3][]float64
	for i, p := range ps {
		m[i], v[i] = make([]float64, p.Len()), make([]float64, p.Len())
	}
	for step := 1; step <= 12; step++ {
		if step > 1 { // the first one is made without any gradient: nothing may become NaN
			slope(r, ps...)
		}
		lr := 0.01 * float64(step)
		var want [3][]float64
		for i, p := range ps {
			value, grad := wide(p)
			if i == 1 {
				ref64.AdamW(value, grad, m[i], v[i], 0.5*lr, 0.9, 0.999, 1e-8, 0.1, step)
			} else {
				ref64.Muon(value, grad, m[i], p.Value.Shape.Rows(), p.Value.Shape.Width(), lr, 0.95, 0.1)
			}
			want[i] = value
		}
		opt.Step(lr)
		for i, p := range ps {
			near(t, p.Name, p.Value.Data, want[i])
		}
	}
}

// TestMuonStepsAreNearlyOrthogonal looks at the singular values of a step whose gradient has one direction a hundred times as strong as
// the rest: all come out alike, and their entries are as large as promised.
func TestMuonStepsAreNearlyOrthogonal(t *testing.T) {
	ps, r := layers(), rand.New(rand.NewPCG(7, 8))
	opt := newLayersMuon(ps, 0)
	for _, p := range []*tape.Param{ps[0], ps[2]} {
		rows, cols := p.Value.Shape.Rows(), p.Value.Shape.Width()
		g := make([]float32, p.Len())
		a, b := make([]float64, rows), make([]float64, cols)
		for i := range a {
			a[i] = r.NormFloat64()
		}
		for j := range b {
			b[j] = r.NormFloat64()
		}
		for i := range g {
			g[i] = float32(100*a[i/cols]*b[i%cols] + r.NormFloat64())
		}
		before := ref64.Wide(p.Value.Data)
		p.AddGrad(g, 1)
		opt.Step(1)
		square := 0.0
		for i, x := range p.Value.Data {
			before[i] = float64(x) - before[i]
			square += before[i] * before[i]
		}
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(rows, cols, before), mat.SVDNone) {
			t.Fatal("no singular values")
		}
		unit := 0.2 * math.Sqrt(float64(max(rows, cols)))
		for i, s := range svd.Values(nil) {
			if s < 0.6*unit || s > 1.3*unit {
				t.Errorf("%s: singular value %d is %.3f of what it should be", p.Name, i, s/unit)
			}
		}
		if rms := math.Sqrt(square / float64(p.Len())); rms < 0.14 || rms > 0.26 {
			t.Errorf("%s: the entries of a step have a root mean square of %.3f", p.Name, rms)
		}
	}
}

// TestMuonRestsWithoutGradient: with one gradient and then none, a matrix coasts for 20 steps and rests; another gradient moves it again.
func TestMuonRestsWithoutGradient(t *testing.T) {
	ps, r := layers(), rand.New(rand.NewPCG(11, 12))
	opt := newLayersMuon(ps, 0)
	slope(r, ps...)
	opt.Step(0.01)
	moved := 0
	for step := range 3000 {
		before := append([]float32(nil), ps[0].Value.Data...)
		opt.Step(0.01)
		if !slices.Equal(before, ps[0].Value.Data) {
			moved = step + 1
		}
	}
	if moved != 20 {
		t.Errorf("it moves for %d steps without a gradient", moved)
	}
	before := append([]float32(nil), ps[0].Value.Data...)
	slope(r, ps...)
	opt.Step(0.01)
	far := 0.0
	for i, x := range ps[0].Value.Data {
		far = max(far, math.Abs(float64(x-before[i])))
	}
	if !(far > 1e-4 && far < 0.1) {
		t.Errorf("a new gradient moves it by %v", far)
	}
}

// TestMuonIsAnOptimizer: a frozen matrix stays, a second one goes on from the state of the first, and steps allocate nothing.
func TestMuonIsAnOptimizer(t *testing.T) {
	a, b, r := layers(), layers(), rand.New(rand.NewPCG(9, 10))
	one, two := newLayersMuon(a, 0.5), newLayersMuon(b, 0.5)
	a[0].Frozen = true
	kept := append([]float32(nil), a[0].Value.Data...)
	for range 4 {
		slope(r, a...)
		one.Step(0.01)
	}
	for i, x := range kept {
		if a[0].Value.Data[i] != x {
			t.Fatal("a frozen matrix moved")
		}
	}
	a[0].Frozen = false
	copy(two.Values(), one.Values())
	if err := two.SetState(one.State()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		seed := r.Uint64()
		slope(rand.New(rand.NewPCG(seed, 1)), a...)
		slope(rand.New(rand.NewPCG(seed, 1)), b...)
		one.Step(0.01)
		two.Step(0.01)
	}
	if a[0].Value.Data[0] == kept[0] {
		t.Error("a thawed matrix does not move")
	}
	for i, x := range one.Values() {
		if math.Float32bits(x) != math.Float32bits(two.Values()[i]) {
			t.Fatalf("number %d: %v, want %v", i, two.Values()[i], x)
		}
	}
	if n := testing.AllocsPerRun(20, func() { one.Clip(1); one.Step(0.1) }); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
}
