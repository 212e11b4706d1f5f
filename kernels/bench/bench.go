// Package bench measures what the engine is judged by: a product, a training step, a LoRA step and inference, each with
// the machine's vector instructions and with the scalar loops that define the same bits.
//
// The numbers are for the machine and moment at hand. The same rows run natively and, through page, in a browser.
package bench

import (
	"math"
	"math/rand/v2"
	"strings"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Row is one measurement.
type Row struct {
	Name   string  `json:"name"`
	Fast   float64 `json:"fast"`   // milliseconds, the best call
	Scalar float64 `json:"scalar"` // the same with scalar loops; 0 where it was not measured
	FLOP   float64 `json:"flop"`   // floating-point operations of one call, 0 where they are not counted
}

// Report is all rows of one place.
type Report struct {
	Path string `json:"path"` // what f32 uses: "avx2", "simd128", "scalar"
	Rows []Row  `json:"rows"`
}

// Measure runs every row for about budget milliseconds by the given clock, which counts milliseconds.
func Measure(clock func() float64, budget float64) Report {
	r := Report{Path: f32.Accelerated()}
	for _, c := range cases() {
		row := Row{Name: c.name, FLOP: c.flop}
		call := c.prepare()
		row.Fast = best(clock, budget, call)
		f32.UseScalar(true)
		row.Scalar = best(clock, budget, call)
		f32.UseScalar(false)
		r.Rows = append(r.Rows, row)
	}
	return r
}

// best is the shortest time of a call. The first calls grow arenas and are thrown away. Clocks of browsers are coarse,
// so short calls are timed several at once.
func best(clock func() float64, budget float64, call func()) float64 {
	call()
	start := clock()
	call()
	once := clock() - start
	group := 1
	for once*float64(group) < 2 && group < 1<<16 {
		group *= 2
		if once == 0 {
			start = clock()
			for range group {
				call()
			}
			once = (clock() - start) / float64(group)
		}
	}
	shortest := math.Inf(1)
	for end := clock() + budget; clock() < end; {
		start := clock()
		for range group {
			call()
		}
		shortest = min(shortest, (clock()-start)/float64(group))
	}
	return shortest
}

// measured is one row before it is measured.
type measured struct {
	name    string
	flop    float64
	prepare func() func()
}

// The product of the first MLP layer: 32 images of 17 tokens, 256 to 64.
const rows, inner, columns = 544, 256, 64

func cases() []measured {
	return []measured{
		{"product 544x256x64, packing included", 2 * rows * inner * columns, product},
		{"V-tiny, full step, batch 32", 0, func() func() { return step("", 32) }},
		{"V-tiny, LoRA step (q, v, r = 4), batch 32", 0, func() func() { return step("qv", 32) }},
		{"V-tiny, inference, batch 32", 0, func() func() { return inference(32) }},
		{"V-tiny, inference, batch 1", 0, func() func() { return inference(1) }},
	}
}

// product multiplies random matrices: zeros would let a kernel that skips them look fast.
func product() func() {
	r := rand.New(rand.NewPCG(1, 2))
	a, b, c := make([]float32, rows*inner), make([]float32, inner*columns), make([]float32, rows*columns)
	nn.Normal(r, a, 1)
	nn.Normal(r, b, 1)
	panels := make([]float32, f32.PanelLen(inner, columns))
	return func() {
		f32.Gemm(f32.M(c, rows, columns), f32.M(a, rows, inner), f32.Pack(panels, f32.M(b, inner, columns)), f32.Mat{}, nil)
	}
}

// batch is n glyphs with their labels.
func batch(n int) (images []float32, labels []int32) {
	images, labels = make([]float32, n*data.Pixels), make([]int32, n)
	places := make([]int32, n)
	for i := range places {
		places[i] = int32(i)
	}
	data.Fill(images, labels, data.Glyphs{World: data.WorldM}, data.Train, places)
	return images, labels
}

func model() *nn.ViT {
	c := nn.VTiny()
	c.Classes = len(data.WorldM.Classes())
	return nn.NewViT(rand.New(rand.NewPCG(3, 4)), c)
}

// step is one step of training: all weights, or adapters of rank 4 on the named matrices and the head.
func step(adapted string, n int) func() {
	m := model()
	if adapted != "" {
		adapt(m, adapted)
	}
	images, labels := batch(n)
	t := tape.New()
	opt := optim.NewAdamW(nn.Trainable(m), optim.Adam())
	return func() {
		t.Reset()
		loss := m.Forward(m.Input(t, images)).CrossEntropy(labels)
		t.Backward(loss)
		opt.Step(1e-4)
	}
}

func inference(n int) func() {
	m := model()
	images, _ := batch(n)
	t := tape.New()
	t.Infer = true
	return func() {
		t.Reset()
		m.Forward(m.Input(t, images))
	}
}

// adapter is LoRA as small as a benchmark wants it: rank 4, scale 1.
type adapter struct {
	nn.Layer
	a, b *tape.Param
}

func adapt(m *nn.ViT, names string) {
	r := rand.New(rand.NewPCG(5, 6))
	nn.Freeze(m)
	nn.Walk(m, func(path string, old nn.Layer) nn.Layer {
		_, name, inBlock := strings.Cut(path, "/")
		if !inBlock || !strings.Contains(names, name) {
			return old
		}
		l := old.(*nn.Linear)
		ad := &adapter{old, tape.NewParam(path+"/a", tape.Shape{l.In(), 4}), tape.NewParam(path+"/b", tape.Shape{4, l.Out()})}
		nn.Normal(r, ad.a.Value.Data, .05)
		nn.Normal(r, ad.b.Value.Data, .05)
		return ad
	})
	nn.Thaw(m.Head)
}

// Forward implements nn.Layer.
func (l *adapter) Forward(x tape.Var) tape.Var {
	return x.Linear(l.a, nil).LinearAdd(l.b, nil, l.Layer.Forward(x))
}

// ForwardAdd implements nn.Layer.
func (l *adapter) ForwardAdd(x, residual tape.Var) tape.Var {
	return x.Linear(l.a, nil).LinearAdd(l.b, nil, l.Layer.ForwardAdd(x, residual))
}

// Params implements nn.Module.
func (l *adapter) Params(visit func(*tape.Param)) {
	l.Layer.Params(visit)
	visit(l.a)
	visit(l.b)
}
