package f32

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// paths runs a benchmark on both paths; the ratio is what the vectorised kernels bring.
func paths(b *testing.B, name string, flop float64, f func()) {
	for _, scalar := range []bool{false, true} {
		UseScalar(scalar)
		b.Run(name+"/"+Accelerated(), func(b *testing.B) { rate(b, flop, f) })
		UseScalar(false)
	}
}

// rate measures f in rounds of two milliseconds or more, twenty ticks of a browser's clock, and reports the rate of the
// best round beside the mean: on a machine that others use as well it says more.
func rate(b *testing.B, flop float64, f func()) {
	round := func(reps int) time.Duration {
		start := time.Now()
		for range reps {
			f()
		}
		return time.Since(start)
	}
	reps := 1
	for round(reps); min(round(reps), round(reps), round(reps)) < 2*time.Millisecond; {
		reps *= 2
	}
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		best = min(best, round(reps))
	}
	b.ReportMetric(flop*float64(reps)/float64(best), "best-GFLOP/s")
	b.ReportMetric(flop*float64(reps)*float64(b.N)/float64(b.Elapsed()), "GFLOP/s")
	b.ReportMetric(0, "ns/op") // of a round: says nothing
}

// plainLoop is the product as one would first write it in Go, the yardstick of the vectorised one.
func plainLoop(c, a, b []float32, m, k, n int) {
	clear(c)
	for i := range m {
		row := c[i*n:][:n]
		for x := range k {
			v, br := a[i*k+x], b[x*n:][:n]
			for j := range row {
				row[j] += float32(v * br[j])
			}
		}
	}
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{{544, 256, 64}, {544, 64, 256}, {544, 64, 64}, {2080, 384, 96}, {544, 4, 64}, {32, 10, 64}} {
		m, n, k := s[0], s[1], s[2]
		r := newRand(1)
		x, w, y := normal(r, m*k), normal(r, k*n), make([]float32, m*n)
		dw, pack, scratch := make([]float32, k*n), make([]float32, PanelLen(k, n)+PanelLen(n, k)), make([]float32, GemmTAScratch(m, k, n))
		flop := 2 * float64(m*n*k)
		name := fmt.Sprintf("%dx%dx%d", m, n, k)
		if m == 544 {
			b.Run("loop/"+name, func(b *testing.B) { rate(b, flop, func() { plainLoop(y, x, w, m, k, n) }) })
		}
		paths(b, "NN/"+name, flop, func() { Gemm(M(y, m, n), M(x, m, k), Pack(pack, M(w, k, n)), Mat{}, nil) })
		paths(b, "NT/"+name, flop, func() { Gemm(M(x, m, k), M(y, m, n), PackT(pack, M(w, k, n)), Mat{}, nil) })
		paths(b, "TN/"+name, flop, func() { GemmTA(M(dw, k, n), M(x, m, k), M(y, m, n), Mat{}, nil, scratch) })
	}
}

func BenchmarkAttention(b *testing.B) {
	for _, s := range [][3]int{{32, 17, 16}, {32, 65, 24}} {
		n, t, dh := s[0], s[1], s[2]
		const heads = 4
		d := heads * dh
		r := newRand(2)
		mat := func() Mat { return M(normal(r, n*t*d), n*t, d) }
		q, k, v, o, do, dq, dk, dv := mat(), mat(), mat(), mat(), mat(), mat(), mat(), mat()
		probs, scratch := make([]float32, ProbsLen(n, t, t, heads)), make([]float32, AttentionScratch(t, t, heads, dh, false))
		flop := 4 * float64(n*heads*t*t*dh)
		name := fmt.Sprintf("%dx%dx%d", n, t, d)
		paths(b, "forward/"+name, flop, func() { Attention(o, probs, q, k, v, nil, n, t, t, heads, scratch) })
		paths(b, "backward/"+name, 2*flop, func() { AttentionBack(dq, dk, dv, nil, do, probs, q, k, v, n, t, t, heads, scratch) })
	}
}

// The maps of MOAT: 8×8 pixels with two heads of 16, 4×4 with four, windows of 4×4 with two; with a bias and without.
func BenchmarkAttentionBias(b *testing.B) {
	for _, s := range [][4]int{{32, 64, 2, 16}, {32, 16, 4, 16}, {128, 16, 2, 16}} {
		n, t, heads, dh := s[0], s[1], s[2], s[3]
		d := heads * dh
		r := newRand(2)
		mat := func() Mat { return M(normal(r, n*t*d), n*t, d) }
		q, k, v, o, do, dq, dk, dv := mat(), mat(), mat(), mat(), mat(), mat(), mat(), mat()
		probs, scratch := make([]float32, ProbsLen(n, t, t, heads)), make([]float32, AttentionScratch(t, t, heads, dh, true))
		bias, dbias := normal(r, heads*t*t), make([]float32, heads*t*t)
		flop := 4 * float64(n*heads*t*t*dh)
		for _, w := range []struct {
			name        string
			bias, dbias []float32
		}{{"with", bias, dbias}, {"without", nil, nil}} {
			name := fmt.Sprintf("%dx%dx%dx%d, %s", n, t, heads, dh, w.name)
			paths(b, "forward/"+name, flop, func() { Attention(o, probs, q, k, v, w.bias, n, t, t, heads, scratch) })
			paths(b, "backward/"+name, 2*flop, func() {
				AttentionBack(dq, dk, dv, w.dbias, do, probs, q, k, v, n, t, t, heads, scratch)
			})
		}
	}
}

// What stands around it. best-GFLOP/s are elements per nanosecond: of the bias, of its table at another size, of the map.
func BenchmarkMapElements(b *testing.B) {
	const heads, side, n, pixels, c = 2, 8, 32, 256, 64
	const bias, table = heads * side * side * side * side, heads * (2*side - 1) * (2*side - 1)
	r := newRand(3)
	x, y, z := normal(r, bias), normal(r, table), normal(r, heads*27*27)
	m, dm, g, s := normal(r, n*pixels*c), normal(r, n*pixels*c), normal(r, n*c), normal(r, n*c)
	out := make([]float32, len(m))
	for _, k := range []struct {
		name string
		n    float64
		f    func()
	}{
		{"RelativeBias", bias, func() { RelativeBias(x, y, heads, side, side) }},
		{"RelativeBiasBack", bias, func() { clear(y); RelativeBiasBack(y, x, heads, side, side) }},
		{"Resize", table, func() { Resize(y, z, heads, 15, 15, 27, 27) }},
		{"ResizeBack", table, func() { clear(z); ResizeBack(z, y, heads, 15, 15, 27, 27) }},
		{"Gate", n * pixels * c, func() { Gate(out, s, m, g, n, pixels, c) }},
		{"GateBack dx", n * pixels * c, func() { clear(out); GateBack(out, nil, dm, nil, s, n, pixels, c) }},
		{"GateBack dg", n * pixels * c, func() { GateBack(nil, g, dm, m, s, n, pixels, c) }},
		{"Swish", n * c, func() { Swish(out[:n*c], dm[:n*c], g) }},
		{"Mul", n * pixels * c, func() { Mul(out, m) }},
	} {
		for i := range out {
			out[i] = 1
		}
		paths(b, k.name, k.n, k.f)
	}
}

// best-GFLOP/s are elements per nanosecond here; the vectors are those of one layer of V-tiny, batch 32.
func BenchmarkElements(b *testing.B) {
	const n, d = 544 * 64, 64
	r := newRand(3)
	x, y, z, w, v := normal(r, n), normal(r, n), normal(r, n), normal(r, n), make([]float32, n)
	one := make([]float32, n) // repeated products stay in range
	for i := range one {
		one[i] = 1
	}
	rstd, gain, bias := make([]float32, n/d), normal(r, d), normal(r, d)
	step := NewAdamWStep(1e-3, 0.9, 0.999, 1e-8, 0.01, 5)
	labels := make([]int32, n/d)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"Exp", func() { Exp(y, x) }},
		{"GELU", func() { GELU(y, nil, x) }},
		{"GELU+slope", func() { GELU(y, z, x) }},
		{"Mul", func() { Mul(w, one) }},
		{"Add", func() { Add(v, x) }},
		{"Axpy", func() { Axpy(v, 1e-6, x) }},
		{"Scale", func() { Scale(v, 1) }},
		{"AdamW", func() { AdamW(w, x, z, v, step) }},
		{"SGD", func() { SGD(w, x, v, 1e-6, 0.9, 0.01) }},
		{"SGD without momentum", func() { SGD(w, x, nil, 1e-6, 0, 0.01) }},
		{"LayerNorm", func() { LayerNorm(y, z, rstd, x, gain, bias, d) }},
		{"LayerNorm, nothing kept", func() { LayerNorm(y, nil, nil, x, gain, bias, d) }},
		{"LayerNorm back", func() { LayerNormBack(w, bias, bias, y, z, rstd, gain, d) }},
		{"LayerNorm back, frozen", func() { LayerNormBack(w, nil, nil, y, z, rstd, gain, d) }},
		{"LayerNorm back, weights", func() { LayerNormBack(nil, bias, bias, y, z, rstd, gain, d) }},
		{"Softmax", func() { Softmax(y, x, n/d, d) }},
		{"CrossEntropy", func() { CrossEntropy(y, x, labels, n/d, d) }},
		{"CrossEntropy, loss alone", func() { CrossEntropy(nil, x, labels, n/d, d) }},
		{"Pack", func() { Pack(y, M(x, d, n/d)) }},
		{"PackT", func() { PackT(y, M(x, n/d, d)) }},
	} {
		for i := range v {
			v[i], w[i], z[i] = 0.5, 1, x[i]
		}
		paths(b, c.name, n, c.f)
	}
}

// Layers of a small MOAT, batch 32.
func BenchmarkMaps(b *testing.B) {
	for _, g := range []Maps{{32, 16, 16, 128, 3, 1}, {32, 16, 16, 128, 3, 2}, {32, 8, 8, 256, 3, 1}, {32, 4, 4, 512, 3, 1}} {
		r := newRand(4)
		x, w, y := normal(r, g.In()), normal(r, 9*g.C), normal(r, g.OutLen())
		dx, dw := normal(r, g.In()), normal(r, 9*g.C)
		flop := 2 * 9 * float64(g.OutLen())
		name := fmt.Sprintf("%dx%dx%d/%d", g.H, g.W, g.C, g.Stride)
		paths(b, "Depthwise/"+name, flop, func() { Depthwise(y, x, w, g) })
		paths(b, "Depthwise dx/"+name, flop, func() { DepthwiseBack(dx, nil, y, nil, w, g); Scale(dx, 0.1) })
		paths(b, "Depthwise dw/"+name, flop, func() { DepthwiseBack(nil, dw, y, x, nil, g) })
	}
	for _, g := range []Maps{{28, 32, 32, 1, 3, 2}, {1, 16, 16, 32, 3, 1}} { // elements of the columns, as many as are made at once
		r := newRand(5)
		x, cols := normal(r, g.In()), normal(r, g.ColumnsLen())
		name := fmt.Sprintf("%dx%dx%d/%d", g.H, g.W, g.C, g.Stride)
		paths(b, "Columns/"+name, float64(len(cols)), func() { Columns(cols, x, g) })
		paths(b, "Columns back/"+name, float64(len(cols)), func() { ColumnsBack(x, cols, g) })
	}
	g := Maps{32, 16, 16, 32, 2, 2}
	r := newRand(6)
	x, y := normal(r, g.In()), normal(r, g.OutLen())
	paths(b, "AvgPool", float64(len(x)), func() { AvgPool(y, x, g) })
	paths(b, "AvgPool back", float64(len(x)), func() { AvgPoolBack(x, y, g) })
	for _, s := range [][2]int{{8192, 32}, {8192, 128}, {2048, 256}} { // elements of the maps
		rows, d := s[0], s[1]
		x, y, h, dy := normal(r, rows*d), normal(r, rows*d), normal(r, rows*d), normal(r, rows*d)
		a, v, gain, bias, work := normal(r, d), normal(r, d), normal(r, d), normal(r, d), normal(r, 3*d)
		name, n := fmt.Sprintf("%dx%d", rows, d), float64(rows*d)
		paths(b, "BatchStats/"+name, n, func() { BatchStats(a, v, x, d) })
		paths(b, "BatchNorm/"+name, n, func() { BatchNorm(y, h, x, a, v, gain, bias, d) })
		paths(b, "BatchSums/"+name, n, func() { BatchSums(a, v, dy, h, d) })
		clear(a)
		clear(v)
		paths(b, "BatchNormBack/"+name, n, func() { BatchNormBack(y, dy, h, gain, bias, a, v, work, d) })
	}
}
