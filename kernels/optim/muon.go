package optim

import (
	"math"

	"petri/kernels/f32"
	"petri/kernels/tape"
)

// Muon is momentum whose steps are made orthogonal (Jordan et al. 2024): a weight matrix moves by about the same amount in every
// direction that its gradients have pointed to, however weakly. Its steps are scaled as by Liu et al. 2025 (eq. 4), so that their
// entries are as large as AdamW's usually are. Parameters that are no matrices of a product, such as biases, norms and tables, are
// AdamW's.
//
// A step is as long whatever the gradient's size, so a matrix that gets none, such as that of a mask which always loses, would go on
// for ever where it was going. It coasts for as many steps as its momentum remembers, then it rests until there is a gradient again.
//
// The momentum of a matrix lies where AdamW would have its first moment, the number of steps without a gradient in the first place of
// the second, whose other places stay zero. So State and SetState are AdamW's.
type Muon struct {
	*AdamW
	share    float64
	momentum float32
	coast    float32 // steps without a gradient
	matrix   []bool  // of each parameter
	x, y     []float32
	a, b     []float32
	pack     []float32
}

// MuonConfig holds the constants of Muon.
type MuonConfig struct {
	AdamWConfig         // for what is no matrix; Decay holds for matrices as well
	Momentum    float64 // of matrices
	Share       float64 // the learning rate of what is no matrix, as a share of that of matrices
}

// NewMuon takes over the parameters that are not frozen. matrix says which of them are weights of products: [rows, columns] by what
// tape.Shape calls so.
func NewMuon(params []*tape.Param, c MuonConfig, matrix func(*tape.Param) bool) *Muon {
	o := &Muon{AdamW: NewAdamW(params, c.AdamWConfig), momentum: float32(c.Momentum), share: c.Share, coast: float32(math.Round(1 / (1 - c.Momentum)))}
	long, square, pack := 0, 0, 0
	for _, p := range o.params {
		is := matrix(p)
		o.matrix = append(o.matrix, is)
		if is {
			small, large := sides(p)
			long, square, pack = max(long, p.Len()), max(square, small*small), max(pack, f32.PanelLen(small, large), f32.PanelLen(large, small))
		}
	}
	o.x, o.y = make([]float32, long), make([]float32, long)
	o.a, o.b = make([]float32, square), make([]float32, square)
	o.pack = make([]float32, pack)
	return o
}

// sides are the shorter and the longer side of a matrix.
func sides(p *tape.Param) (small, large int) {
	r, c := p.Value.Shape.Rows(), p.Value.Shape.Width()
	return min(r, c), max(r, c)
}

// Step implements Optimizer. lr is the learning rate of matrices.
func (o *Muon) Step(lr float64) {
	o.steps++
	c := o.config
	step := f32.NewAdamWStep(float64(lr*o.share), c.Beta1, c.Beta2, c.Eps, c.Decay, o.steps)
	keep := float32(1 - float64(lr*c.Decay))
	from := 0
	for i, p := range o.params {
		to := from + p.Len()
		if !p.Frozen {
			p.TakeGrad()
			p.Touch()
			if o.matrix[i] {
				o.turn(p, from, to, lr, keep)
			} else {
				f32.AdamW(o.value[from:to], o.grad[from:to], o.m[from:to], o.v[from:to], step)
			}
		}
		from = to
	}
}

// turn moves one matrix, which lies from..to.
func (o *Muon) turn(p *tape.Param, from, to int, lr float64, keep float32) {
	value, grad, m, idle := o.value[from:to], o.grad[from:to], o.m[from:to], &o.v[from]
	small, large := sides(p)
	cols := p.Value.Shape.Width()
	place := func(i int) int { return i }
	if cols == small { // the iteration wants it lying
		place = func(i int) int { return i%cols*large + i/cols }
	}
	x, beta := o.x[:len(m)], o.momentum
	sum, still := 0.0, true
	for i, g := range grad {
		still = still && g == 0
		m[i] = float32(beta*m[i]) + float32((1-beta)*g)
		u := float32(beta*m[i]) + float32((1-beta)*g) // Nesterov's look ahead
		x[place(i)] = u
		sum += float64(float64(u) * float64(u))
	}
	*idle++
	if !still {
		*idle = 0
	}
	if sum == 0 || *idle > o.coast {
		f32.Scale(value, keep)
		return
	}
	f32.Scale(x, float32(1/math.Sqrt(sum)))
	o.orthogonal(x, small, large)
	rate := float32(lr * float64(muonScale*math.Sqrt(float64(large))))
	for i, v := range value {
		value[i] = float32(v*keep) - float32(rate*x[place(i)])
	}
}

// muonScale times the root of the longer side is the factor with which the entries of a step have a root mean square of about 0.2.
const muonScale = 0.2

// The quintic whose repetition drives all singular values in (0, 1] towards 1, and stops between about 0.7 and 1.2: five rounds of it.
const (
	quintic1, quintic3, quintic5 = 3.4445, -4.775, 2.0315
	quinticRounds                = 5
)

// orthogonal replaces x [small, large], of norm 1 at most, by about its nearest matrix with orthogonal rows: Newton and Schulz's
// iteration x ← c₁x + (c₃xxᵀ + c₅(xxᵀ)²)x.
func (o *Muon) orthogonal(x []float32, small, large int) {
	a, b, y := f32.M(o.a[:small*small], small, small), f32.M(o.b[:small*small], small, small), f32.M(o.y[:len(x)], small, large)
	m := f32.M(x, small, large)
	for range quinticRounds {
		f32.Gemm(a, m, f32.PackT(o.pack, m), f32.Mat{}, nil)
		f32.Gemm(b, a, f32.Pack(o.pack, a), f32.Mat{}, nil)
		for i, v := range a.Data {
			b.Data[i] = float32(quintic3*v) + float32(quintic5*b.Data[i])
		}
		f32.Gemm(y, b, f32.Pack(o.pack, m), f32.Mat{}, nil)
		for i, v := range y.Data {
			x[i] = float32(quintic1*x[i]) + v
		}
	}
}
