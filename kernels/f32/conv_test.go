package f32

import (
	"fmt"
	"math"
	"testing"

	"petri/kernels/ref64"
)

// A convolution by Columns and Gemm, and its backward pass, against the oracle and its adjoint.
func TestColumns(t *testing.T) {
	for _, g := range windows() {
		const out = 3
		r := newRand(11)
		size := g.K * g.K * g.C
		x, w := normal(r, g.In()), normal(r, size*out)
		cols := normal(r, g.ColumnsLen())
		Columns(cols, x, g)
		rows := len(cols) / size
		y := make([]float32, rows*out)
		Gemm(M(y, rows, out), M(cols, rows, size), Pack(make([]float32, PanelLen(size, out)), M(w, size, out)), Mat{}, nil)
		name := fmt.Sprintf("%+v", g)
		near(t, name, y, ref64.Conv(wide(x), wide(w), nil, g.N, g.H, g.W, g.C, out, g.K, g.Stride), 1e-5)

		// Columns is linear: its adjoint is what ColumnsBack adds.
		dcols, dx := normal(r, len(cols)), normal(r, len(x))
		want := wide(dx)
		for i := range want {
			e := make([]float32, len(x))
			e[i] = 1
			Columns(cols, e, g)
			want[i] += ref64.Dot(wide(cols), wide(dcols))
		}
		ColumnsBack(dx, dcols, g)
		near(t, name+" dx", dx, want, 1e-5)
	}
}

func TestAvgPool(t *testing.T) {
	for _, g := range windows() {
		g.Stride = g.K
		r := newRand(12)
		x, y := normal(r, g.In()), normal(r, g.OutLen())
		AvgPool(y, x, g)
		oracle := func(x []float64) []float64 { return ref64.AvgPool(x, g.N, g.H, g.W, g.C, g.K) }
		name := fmt.Sprintf("%+v", g)
		near(t, name, y, oracle(wide(x)), 1e-6)
		dy, dx := normal(r, len(y)), normal(r, len(x))
		want := wide(dx)
		for i := range want {
			e := make([]float64, len(x))
			e[i] = 1
			want[i] += ref64.Dot(oracle(e), wide(dy))
		}
		AvgPoolBack(dx, dy, g)
		near(t, name+" dx", dx, want, 1e-6)
	}
}

// Of windows at the edge only what lies inside counts: TensorFlow's average pooling, not a mean with zeros.
func TestAvgPoolEdge(t *testing.T) {
	y := make([]float32, 4)
	AvgPool(y, []float32{1, 3, 10, 5, 7, 20, 100, 200, 400}, Maps{N: 1, H: 3, W: 3, C: 1, K: 2, Stride: 2})
	sameBits(t, "means", y, []float32{4, 15, 150, 400})
}

func TestBatchNorm(t *testing.T) {
	for _, rows := range []int{1, 2, 63, 64, 65, 200} {
		for _, d := range []int{1, 5, 8, 37, 96} {
			r := newRand(13)
			x, gain, bias := normal(r, rows*d), normal(r, d), normal(r, d)
			for i := range x {
				x[i] += float32(i % d)
			}
			mean, variance, rstd := normal(r, d), normal(r, d), normal(r, d)
			BatchStats(mean, variance, x, d)
			InverseRoot(rstd, variance, 1e-3)
			y, xhat := normal(r, len(x)), normal(r, len(x))
			BatchNorm(y, xhat, x, mean, rstd, gain, bias, d)
			name := fmt.Sprintf("%dx%d", rows, d)
			wantMean, wantVar := ref64.BatchStats(wide(x), d)
			near(t, name+" mean", mean, wantMean, 1e-5)
			near(t, name+" variance", variance, wantVar, 1e-4)
			near(t, name, y, ref64.BatchNorm(wide(x), wantMean, wantVar, wide(gain), wide(bias), d), 1e-3)

			alone := append([]float32(nil), x...)
			BatchNorm(alone, nil, alone, mean, rstd, gain, bias, d)
			sameBits(t, name+" in place", alone, y)

			dy := normal(r, len(x))
			sum, dot, work := make([]float32, d), make([]float32, d), make([]float32, 3*d)
			BatchSums(sum, dot, dy, xhat, d)
			dx := normal(r, len(x))
			BatchNormBack(dx, dy, xhat, rstd, gain, sum, dot, work, d)
			BatchNormBack(dy, dy, xhat, rstd, gain, sum, dot, work, d)
			sameBits(t, name+" dx in place", dy, dx)
			for j := range d { // a shift of a column changes nothing, so its gradient adds up to 0
				total, size := 0.0, 0.0
				for i := j; i < len(dx); i += d {
					total += float64(dx[i])
					size += math.Abs(float64(dx[i]))
				}
				if !(math.Abs(total) <= 1e-4*(size+float64(rstd[j]))) {
					t.Fatalf("%s: the gradient of column %d adds up to %v, of %v", name, j, total, size)
				}
			}
		}
	}
}

// One long sum in float32 of numbers far from 0 would be off by a thousandth; blocks are not.
func TestBatchStatsOfManyRows(t *testing.T) {
	const rows, d = 50000, 3
	r := newRand(14)
	x := normal(r, rows*d)
	for i := range x {
		x[i] += 10
	}
	mean, variance := make([]float32, d), make([]float32, d)
	BatchStats(mean, variance, x, d)
	wantMean, wantVar := ref64.BatchStats(wide(x), d)
	near(t, "mean", mean, wantMean, 1e-6)
	near(t, "variance", variance, wantVar, 1e-5)
}

func TestConvKernelsDoNotAllocate(t *testing.T) {
	g := Maps{N: 2, H: 8, W: 8, C: 16, K: 3, Stride: 2}
	r := newRand(1)
	x, y, cols := normal(r, g.In()), normal(r, g.OutLen()), normal(r, g.ColumnsLen())
	a, b, work := normal(r, 16), normal(r, 16), make([]float32, 48)
	if n := testing.AllocsPerRun(10, func() {
		Columns(cols, x, g)
		ColumnsBack(x, cols, g)
		AvgPool(y, x, g)
		AvgPoolBack(x, y, g)
		BatchStats(a, b, x, 16)
		InverseRoot(b, b, 1)
		BatchNorm(x, nil, x, a, b, a, b, 16)
		BatchSums(a, b, x, x, 16)
		BatchNormBack(x, x, x, a, b, a, b, work, 16)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
