package tape

import (
	"math"
	"testing"

	"petri/kernels/f32"
	"petri/kernels/ref64"
)

// maps is a step with convolutions, pooling and batch norms.
func maps(t *Tape, ps []*Param, r *Running) Var {
	x := t.Leaf(ps[0]).Conv(ps[1], ps[2], 2)
	x = x.BatchNorm(ps[3], ps[4], r, true).GELU().Depthwise(ps[5], 1).AvgPool(2)
	s := x.Shape()
	return x.Reshape(Shape{s[0], s[1] * s[2], s[3]}).MeanRows().CrossEntropy([]int32{1, 3, 0})
}

var mapsShapes = []Shape{{3, 9, 8, 2}, {3, 3, 2, 8}, {8}, {8}, {8}, {3, 3, 8}}

func TestStepsOfMapsDoNotAllocate(t *testing.T) {
	ps, tape, r := leaves(mapsShapes), New(), NewRunning("bn", 8)
	step := func() {
		tape.Reset()
		tape.Backward(maps(tape, ps, r))
		r.Update()
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

// A batch whose columns do not fit convBlock goes in chunks, the last one smaller, and gives the same bits as the whole.
func TestConvInChunks(t *testing.T) {
	g := f32.Maps{N: 5, H: 20, W: 20, C: 8, K: 3, Stride: 1}
	const out = 4
	size := g.Window()
	if most := convBlock / (g.ColumnsLen() / g.N); most < 2 || g.N%most == 0 {
		t.Fatalf("%d examples at a time out of %d", most, g.N)
	}
	ps, tape := leaves([]Shape{{g.N, g.H, g.W, g.C}, {g.K, g.K, g.C, out}, {out}}), New()
	x := tape.Leaf(ps[0])
	y := x.Conv(ps[1], ps[2], 1)
	if got, want := tape.Ledger.ForwardFLOP, product(g.N*20*20, size, out); got != want {
		t.Errorf("%d operations, want %d", got, want)
	}
	value := append([]float32(nil), y.Data()...)
	near(t, "result", value, ref64.Conv(ref64.Wide(ps[0].Value.Data), ref64.Wide(ps[1].Value.Data), ref64.Wide(ps[2].Value.Data),
		g.N, g.H, g.W, g.C, out, g.K, 1), 2e-6)
	dy := tape.gradient(len(value))
	for i := range dy {
		dy[i] = weight(i)
	}
	rows := len(dy) / out
	d := f32.M(append([]float32(nil), dy...), rows, out)
	tape.backward(y, dy)
	if got, want := tape.Ledger.BackwardFLOP, 2*product(rows, size, out); got != want {
		t.Errorf("%d operations backward, want %d", got, want)
	}

	cols := make([]float32, g.ColumnsLen())
	f32.Columns(cols, ps[0].Value.Data, g)
	dw, db := make([]float32, size*out), make([]float32, out)
	f32.GemmTA(f32.M(dw, size, out), f32.M(cols, rows, size), d, f32.Mat{}, db, make([]float32, f32.GemmTAScratch(rows, size, out)))
	dx := make([]float32, g.In())
	f32.Gemm(f32.M(cols, rows, size), d, f32.PackT(make([]float32, f32.PanelLen(out, size)), f32.M(ps[1].Value.Data, size, out)), f32.Mat{}, nil)
	f32.ColumnsBack(dx, cols, g)
	for i, want := range [][]float32{dx, dw, db} {
		for j, v := range want {
			if math.Float32bits(v) != math.Float32bits(ps[i].Grad[j]) {
				t.Fatalf("gradient of %s[%d] is %v, want %v", ps[i].Name, j, ps[i].Grad[j], v)
			}
		}
	}
}

func TestRunningFollowsBatches(t *testing.T) {
	r := NewRunning("bn", 2)
	gain, bias := NewParam("gain", Shape{2}), NewParam("bias", Shape{2})
	copy(gain.Value.Data, []float32{1, 1})
	tape := New()
	batch := func(training bool, x ...float32) []float32 {
		tape.Reset()
		v := tape.Blank(Shape{len(x) / 2, 2})
		copy(v.Data(), x)
		return v.BatchNorm(gain, bias, r, training).Data()
	}
	batch(true, 1, 10, 3, 30)
	if r.Mean[0] != 0 || r.Var[0] != 1 {
		t.Errorf("forward alone changed the statistics to %v, %v", r.Mean, r.Var)
	}
	r.Update()
	if r.Mean[0] != 2 || r.Mean[1] != 20 || r.Var[0] != 1 || r.Var[1] != 100 || r.Updates != 1 {
		t.Errorf("after the first batch: %+v", r)
	}
	batch(false, 5, 5, 7, 7)
	tape.Infer = true
	batch(true, 5, 5, 7, 7)
	tape.Infer = false
	r.Update()
	if r.Updates != 1 || r.Mean[0] != 2 {
		t.Errorf("evaluation left something to fold in: %+v", r)
	}
	// Weights fall by .9: of batches with the means 2, 5 and -1 the running mean is (.81·2 + .9·5 - 1)/(.81 + .9 + 1).
	for _, m := range []float32{5, -1} {
		batch(true, m-1, 0, m+1, 0)
		r.Update()
	}
	if want := (.81*2 + .9*5 - 1) / 2.71; !(math.Abs(float64(r.Mean[0])-want) <= 1e-6) {
		t.Errorf("running mean %v, want %v", r.Mean[0], want)
	}
	if want := 81.0 / 2.71; !(math.Abs(float64(r.Var[1])-want) <= 1e-5) {
		t.Errorf("running variance %v, want %v", r.Var[1], want)
	}
	// In evaluation the rows are normalised by these, and Affine says the same in one scale and one shift.
	scale, shift := r.Affine(gain, bias)
	for i, v := range batch(false, 3, 4, -5, 6) {
		x := []float32{3, 4, -5, 6}[i]
		want := (float64(x) - float64(r.Mean[i%2])) / math.Sqrt(float64(r.Var[i%2])+1e-3)
		if !(math.Abs(float64(v)-want) <= 1e-5) || !(math.Abs(float64(x*scale[i%2]+shift[i%2])-want) <= 1e-5) {
			t.Errorf("%v becomes %v, want %v", x, v, want)
		}
	}
	if k := KeptBatchNorm.String(); k != "batch norm" {
		t.Errorf("kept under %q", k)
	}
}

// Kinds that older reports hold keep their places.
func TestKindsKeepTheirPlaces(t *testing.T) {
	for i, want := range []string{"layer norm", "dense input", "q, k, v", "attention", "gelu", "dropout mask", "loss", "batch norm"} {
		if got := Kind(i).String(); got != want {
			t.Errorf("kind %d is %q, want %q", i, got, want)
		}
	}
}
