package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/ref64"
)

// normal fills n numbers from a standard normal distribution.
func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0xf32)) }

// near fails unless got is within tol of want, absolutely for small numbers and relatively for large ones.
func near(t *testing.T, name string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= tol*math.Max(1, math.Abs(w))) {
			t.Fatalf("%s[%d] = %v, want %v (off by %.2g)", name, i, got[i], w, d)
		}
	}
}

var wide = ref64.Wide

// widths are [m, k, n] of products: those of the models, LoRA ranks, heads, and everything odd around the tiles.
var widths = [][3]int{
	{544, 64, 256}, {65, 96, 96}, {33, 384, 96}, {32, 64, 10}, {17, 64, 1}, {17, 1, 64}, {40, 96, 4}, {9, 4, 96},
	{1, 1, 1}, {2, 3, 5}, {3, 7, 17}, {5, 16, 16}, {7, 17, 33}, {1, 64, 31}, {140, 5, 18}, {300, 9, 20}, {4, 0, 6}, {0, 3, 3},
}

func TestGemm(t *testing.T) {
	for _, s := range widths {
		m, k, n := s[0], s[1], s[2]
		r := newRand(1)
		a, b, start, bias := normal(r, m*k), normal(r, k*n), normal(r, m*n), normal(r, n)
		want := ref64.Linear(wide(a), wide(b), nil, m, k, n)
		full := ref64.Add(ref64.Linear(wide(a), wide(b), wide(bias), m, k, n), wide(start))
		tol := 1e-6 * float64(k+4)

		packed := Pack(make([]float32, PanelLen(k, n)), M(b, k, n))
		c := normal(r, m*n)
		Gemm(M(c, m, n), M(a, m, k), packed, Mat{}, nil)
		near(t, "a·b", c, want, tol)
		Gemm(M(c, m, n), M(a, m, k), packed, M(start, m, n), bias)
		near(t, "start+bias+a·b", c, full, tol)
		copy(c, start)
		Gemm(M(c, m, n), M(a, m, k), packed, M(c, m, n), bias)
		near(t, "c+bias+a·b", c, full, tol)

		bt := ref64.Narrow(ref64.Transpose(wide(b), k, n))
		packed = PackT(make([]float32, PanelLen(k, n)), M(bt, n, k))
		Gemm(M(c, m, n), M(a, m, k), packed, M(start, m, n), bias)
		near(t, "PackT", c, full, tol)
	}
}

// Columns of wider matrices and every n-th row are views; nothing beside them is touched.
func TestGemmViews(t *testing.T) {
	const m, k, n = 7, 5, 18
	r := newRand(2)
	wideA, wideC, b := normal(r, m*3*k), normal(r, m*(n+9)), normal(r, k*n)
	a := Mat{Data: wideA[k:], Rows: m, Cols: k, Stride: 3 * k}
	c := Mat{Data: wideC[4:], Rows: m, Cols: n, Stride: n + 9}
	tight := make([]float32, 0, m*k)
	for i := range m {
		tight = append(tight, a.row(i)...)
	}
	want := wide(wideC)
	for i, v := range ref64.MatMul(wide(tight), wide(b), m, k, n) {
		want[4+i/n*(n+9)+i%n] = v
	}
	Gemm(c, a, Pack(make([]float32, PanelLen(k, n)), M(b, k, n)), Mat{}, nil)
	near(t, "view", wideC, want, 1e-5)
}

func TestGemmTA(t *testing.T) {
	for _, s := range widths {
		rows, p, q := s[0], s[1], s[2]
		r := newRand(3)
		a, b, start, sums := normal(r, rows*p), normal(r, rows*q), normal(r, p*q), normal(r, q)
		want := ref64.MatMul(ref64.Transpose(wide(a), rows, p), wide(b), p, rows, q)
		wantSums := wide(sums)
		for i, v := range b {
			wantSums[i%max(q, 1)] += float64(v)
		}
		scratch := make([]float32, GemmTAScratch(rows, p, q))
		tol := 1e-6 * float64(rows+4)
		c := normal(r, p*q)
		GemmTA(M(c, p, q), M(a, rows, p), M(b, rows, q), Mat{}, sums, scratch)
		near(t, "aᵀ·b", c, want, tol)
		near(t, "column sums", sums, wantSums, tol)
		copy(c, start)
		GemmTA(M(c, p, q), M(a, rows, p), M(b, rows, q), M(c, p, q), nil, scratch)
		near(t, "c+aᵀ·b", c, ref64.Add(wide(start), want), tol)
	}
}

// A poisoned weight must not hide behind a zero: products are never skipped (0·NaN = NaN, 0·Inf = NaN).
func TestGemmKeepsNaN(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for _, n := range []int{1, 10, 16, 40} {
			const m, k = 5, 6
			a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
			b[2*n] = bad
			Gemm(M(c, m, n), M(a, m, k), Pack(make([]float32, PanelLen(k, n)), M(b, k, n)), Mat{}, nil)
			for i, v := range c {
				if isNaN(v) != (i%n == 0) {
					t.Fatalf("zeros times %v, width %d: c[%d] = %v", bad, n, i, v)
				}
			}
			ta := make([]float32, k*n)
			rows := make([]float32, m*n)
			rows[n] = bad
			GemmTA(M(ta, k, n), M(a, m, k), M(rows, m, n), Mat{}, nil, make([]float32, GemmTAScratch(m, k, n)))
			for i, v := range ta {
				if isNaN(v) != (i%n == 0) {
					t.Fatalf("zeros transposed times %v, width %d: c[%d] = %v", bad, n, i, v)
				}
			}
		}
	}
}

func isNaN(x float32) bool { return x != x }

func TestLayerNorm(t *testing.T) {
	for _, d := range []int{1, 3, 4, 10, 64, 96, 97} {
		const rows = 5
		r := newRand(4)
		x, gain, bias, dy := normal(r, rows*d), normal(r, d), normal(r, d), normal(r, rows*d)
		y, xhat, rstd := make([]float32, rows*d), make([]float32, rows*d), make([]float32, rows)
		LayerNorm(y, xhat, rstd, x, gain, bias, d)
		near(t, "LayerNorm", y, ref64.LayerNorm(wide(x), wide(gain), wide(bias), d), 1e-5)
		again := append([]float32(nil), x...)
		LayerNorm(again, nil, nil, again, gain, bias, d)
		sameBits(t, "LayerNorm in place", again, y)

		if d == 1 {
			continue // the output does not depend on x; differences of 0/√eps tell nothing
		}
		dx, dgain, dbias := normal(r, rows*d), normal(r, d), normal(r, d)
		wantX, wantG, wantB := wide(dx), wide(dgain), wide(dbias)
		f := func(x, g, b []float64) float64 { return ref64.Dot(ref64.LayerNorm(x, g, b, d), wide(dy)) }
		x64, g64, b64 := wide(x), wide(gain), wide(bias)
		wantX = ref64.Add(wantX, ref64.Grad(func(v []float64) float64 { return f(v, g64, b64) }, x64, 1e-5))
		wantG = ref64.Add(wantG, ref64.Grad(func(v []float64) float64 { return f(x64, v, b64) }, g64, 1e-5))
		wantB = ref64.Add(wantB, ref64.Grad(func(v []float64) float64 { return f(x64, g64, v) }, b64, 1e-5))
		frozen := append([]float32(nil), dx...)
		LayerNormBack(frozen, nil, nil, dy, xhat, rstd, gain, d)
		LayerNormBack(dx, dgain, dbias, dy, xhat, rstd, gain, d)
		near(t, "dx", dx, wantX, 1e-4)
		near(t, "dgain", dgain, wantG, 1e-5)
		near(t, "dbias", dbias, wantB, 1e-5)
		sameBits(t, "dx with frozen gain", frozen, dx)
	}
}

func TestGELU(t *testing.T) {
	var x []float32
	for v := -9.0; v < 9; v += 0.0131 {
		x = append(x, float32(v))
	}
	y, d := make([]float32, len(x)), make([]float32, len(x))
	GELU(y, d, x)
	near(t, "GELU", y, ref64.GELU(wide(x)), 2e-6)
	ones := make([]float64, len(x))
	for i := range ones {
		ones[i] = 1
	}
	for i, v := range wide(x) { // elementwise: one difference per element
		ones[i] = ref64.Grad(func(v []float64) float64 { return ref64.GELU(v)[0] }, []float64{v}, 1e-5)[0]
	}
	near(t, "GELU'", d, ones, 5e-6)

	alias := append([]float32(nil), x...)
	y2 := make([]float32, len(x))
	GELU(y2, alias, alias)
	sameBits(t, "GELU, derivative over x", alias, d)
	sameBits(t, "GELU beside it", y2, y)
	GELU(x, nil, x)
	sameBits(t, "GELU in place", x, y)

	far := []float32{1e30, -1e30, float32(math.Inf(1)), float32(math.NaN()), 0}
	GELU(far, d[:5], far)
	if far[0] != 1e30 || far[1] != 0 || far[2] != far[0]*1e30 || !isNaN(far[3]) || far[4] != 0 {
		t.Errorf("GELU of extremes: %v", far)
	}
	if d[0] != 1 || d[1] != 0 || d[2] != 1 || !isNaN(d[3]) || d[4] != 0.5 {
		t.Errorf("GELU' of extremes: %v", d[:5])
	}
}

func TestExp(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range [][2]float32{{0, 1}, {-inf, 0}, {inf, inf}, {-87, 0}, {-1e30, 0}, {89, inf}, {1e30, inf}} {
		if y := Exp32(c[0]); y != c[1] {
			t.Errorf("Exp32(%v) = %v, want %v", c[0], y, c[1])
		}
	}
	if !isNaN(Exp32(float32(math.NaN()))) {
		t.Error("Exp32(NaN) is a number")
	}
	for x := float32(-86.9); x < 88.7; x += 0.00831 {
		w := math.Exp(float64(x))
		if y := float64(Exp32(x)); math.Abs(y-w) > 1.2e-7*w {
			t.Fatalf("Exp32(%v) = %v, want %v", x, y, w)
		}
	}
	for x := float32(-12); x < 12; x += 0.00083 {
		if y, w := float64(Tanh32(x)), math.Tanh(float64(x)); math.Abs(y-w) > 4.5e-7 {
			t.Fatalf("Tanh32(%v) = %v, want %v", x, y, w)
		}
		if y, w := float64(Erf32(x)), math.Erf(float64(x)); math.Abs(y-w) > 4e-7 {
			t.Fatalf("Erf32(%v) = %v, want %v", x, y, w)
		}
	}
	if y := Tanh32(inf); y != 1 {
		t.Errorf("Tanh32(Inf) = %v", y)
	}
	for x := 1e-30; x < 1e30; x *= 1.37 {
		if y, w := logOf(x), math.Log(x); math.Abs(y-w) > 1e-13*math.Max(1, math.Abs(w)) {
			t.Fatalf("logOf(%v) = %v, want %v", x, y, w)
		}
	}
}

func TestSquaredError(t *testing.T) {
	r := newRand(7)
	for _, n := range []int{1, 7, 300} {
		x, y, d := normal(r, n), normal(r, n), make([]float32, n)
		loss := SquaredError(d, x, y)
		near(t, "loss", []float32{loss}, []float64{ref64.SquaredError(wide(x), wide(y))}, 1e-6)
		near(t, "dx", d, ref64.Grad(func(v []float64) float64 { return ref64.SquaredError(v, wide(y)) }, wide(x), 1e-5), 1e-6)
		if l := SquaredError(nil, x, y); l != loss {
			t.Errorf("the loss without gradient is %v, with it %v", l, loss)
		}
		if l := SquaredError(x, x, y); l != loss || x[n-1] != d[n-1] {
			t.Errorf("in place the loss is %v, apart %v", l, loss)
		}
	}
}

func TestSoftmaxAndCrossEntropy(t *testing.T) {
	for _, cols := range []int{1, 2, 10, 17, 65} {
		const rows = 6
		r := newRand(5)
		x := normal(r, rows*cols)
		Scale(x, 4)
		y := make([]float32, rows*cols)
		Softmax(y, x, rows, cols)
		near(t, "Softmax", y, ref64.Softmax(wide(x), rows, cols), 1e-6)

		labels := make([]int32, rows)
		for i := range labels {
			labels[i] = int32(r.IntN(cols))
		}
		d := make([]float32, rows*cols)
		loss := CrossEntropy(d, x, labels, rows, cols)
		near(t, "loss", []float32{loss}, []float64{ref64.CrossEntropy(wide(x), labels, rows, cols)}, 1e-6)
		near(t, "dlogits", d, ref64.Grad(func(v []float64) float64 {
			return ref64.CrossEntropy(v, labels, rows, cols)
		}, wide(x), 1e-5), 1e-6)
		if l := CrossEntropy(nil, x, labels, rows, cols); l != loss {
			t.Errorf("the loss without gradient is %v, with it %v", l, loss)
		}
		x[0] = float32(math.NaN())
		if l := CrossEntropy(d, x, labels, rows, cols); !isNaN(l) {
			t.Errorf("a NaN among %d logits gives the loss %v", cols, l)
		}
	}
}

func TestAttention(t *testing.T) {
	for _, s := range [][4]int{{2, 17, 4, 16}, {1, 65, 4, 24}, {3, 5, 1, 3}, {2, 6, 6, 4}, {1, 1, 2, 1}, {2, 9, 3, 5}} {
		n, tok, heads, dh := s[0], s[1], s[2], s[3]
		d := heads * dh
		size := n * tok * d
		r := newRand(6)
		qkv := normal(r, 3*size) // one wide matrix: q, k and v are views
		view := func(x []float32, i int) Mat {
			return Mat{Data: x[i*d:], Rows: n * tok, Cols: d, Stride: 3 * d}
		}
		part := func(x []float32, i int) []float64 {
			out := make([]float64, 0, size)
			for row := range n * tok {
				out = append(out, wide(view(x, i).row(row))...)
			}
			return out
		}
		probs, scratch := make([]float32, ProbsLen(n, tok, tok, heads)), make([]float32, AttentionScratch(tok, tok, heads, dh, false))
		o, do := make([]float32, size), normal(r, size)
		Attention(M(o, n*tok, d), probs, view(qkv, 0), view(qkv, 1), view(qkv, 2), nil, n, tok, tok, heads, scratch)
		q64, k64, v64 := part(qkv, 0), part(qkv, 1), part(qkv, 2)
		wantO, wantP := ref64.Attention(q64, k64, v64, n, tok, heads, dh)
		near(t, "o", o, wantO, 1e-5)
		plain := make([]float32, heads*tok*tok)
		for i := range n {
			CopyProbs(plain, probs, i, tok, tok, heads)
			near(t, "probs", plain, wantP[i*len(plain):][:len(plain)], 1e-5)
			if p := ProbsAt(probs, tok, tok, heads, i, heads-1, tok-1, 0); p != plain[(heads*tok-1)*tok] {
				t.Fatalf("ProbsAt gives %v, CopyProbs %v", p, plain[(heads*tok-1)*tok])
			}
		}
		if size > 1200 {
			continue // finite differences of the large ones take minutes; their kernels are the same
		}
		dqkv := make([]float32, 3*size)
		AttentionBack(view(dqkv, 0), view(dqkv, 1), view(dqkv, 2), nil, M(do, n*tok, d), probs,
			view(qkv, 0), view(qkv, 1), view(qkv, 2), n, tok, tok, heads, scratch)
		loss := func(q, k, v []float64) float64 {
			o, _ := ref64.Attention(q, k, v, n, tok, heads, dh)
			return ref64.Dot(o, wide(do))
		}
		near(t, "dq", ref64.Narrow(part(dqkv, 0)), ref64.Grad(func(x []float64) float64 { return loss(x, k64, v64) }, q64, 1e-5), 1e-4)
		near(t, "dk", ref64.Narrow(part(dqkv, 1)), ref64.Grad(func(x []float64) float64 { return loss(q64, x, v64) }, k64, 1e-5), 1e-4)
		near(t, "dv", ref64.Narrow(part(dqkv, 2)), ref64.Grad(func(x []float64) float64 { return loss(q64, k64, x) }, v64, 1e-5), 1e-4)
	}
}

// The bias enters each head's scores, and its gradient gathers over the examples: with heads that fill a group, that do
// not, and with two or four examples in a group, the last of which is not full.
func TestAttentionBias(t *testing.T) {
	for _, s := range [][4]int{{2, 3, 4, 2}, {5, 4, 1, 3}, {3, 4, 2, 4}, {2, 3, 2, 8}, {2, 4, 3, 2}, {3, 3, 5, 1}, {1, 2, 8, 2}} {
		n, tok, heads, dh := s[0], s[1], s[2], s[3]
		d := heads * dh
		r := newRand(11)
		q, k, v, do := normal(r, n*tok*d), normal(r, n*tok*d), normal(r, n*tok*d), normal(r, n*tok*d)
		bias, dbias := normal(r, heads*tok*tok), normal(r, heads*tok*tok)
		o, dq, dk, dv := normal(r, len(q)), normal(r, len(q)), normal(r, len(q)), normal(r, len(q))
		probs, scratch := normal(r, ProbsLen(n, tok, tok, heads)), normal(r, AttentionScratch(tok, tok, heads, dh, true))
		m := func(x []float32) Mat { return M(x, n*tok, d) }
		Attention(m(o), probs, m(q), m(k), m(v), bias, n, tok, tok, heads, scratch)
		wantO, wantP := ref64.AttentionBias(wide(q), wide(k), wide(v), wide(bias), n, tok, heads, dh)
		near(t, "o", o, wantO, 1e-5)
		plain := make([]float32, heads*tok*tok)
		for i := range n {
			CopyProbs(plain, probs, i, tok, tok, heads)
			near(t, "probs", plain, wantP[i*len(plain):][:len(plain)], 1e-5)
		}

		want := wide(dbias)
		AttentionBack(m(dq), m(dk), m(dv), dbias, m(do), probs, m(q), m(k), m(v), n, tok, tok, heads, scratch)
		at := [4][]float64{wide(q), wide(k), wide(v), wide(bias)}
		grad := func(i int) []float64 {
			return ref64.Grad(func(x []float64) float64 {
				a := at
				a[i] = x
				o, _ := ref64.AttentionBias(a[0], a[1], a[2], a[3], n, tok, heads, dh)
				return ref64.Dot(o, wide(do))
			}, at[i], 1e-5)
		}
		near(t, "dq", dq, grad(0), 1e-4)
		near(t, "dk", dk, grad(1), 1e-4)
		near(t, "dv", dv, grad(2), 1e-4)
		near(t, "dbias", dbias, ref64.Add(want, grad(3)), 1e-4)

		// The other gradients do not depend on whether that of the bias is wanted.
		frozen := make([]float32, len(dq))
		AttentionBack(m(frozen), m(dk), m(dv), nil, m(do), probs, m(q), m(k), m(v), n, tok, tok, heads, scratch)
		sameBits(t, "dq with a frozen bias", frozen, dq)
	}
}

// More keys than queries, as under a prefix, and fewer: with a bias and without, in all ways of sharing a group.
func TestAttentionOfOtherKeys(t *testing.T) {
	for _, s := range [][5]int{{2, 3, 5, 4, 2}, {3, 5, 3, 4, 3}, {5, 4, 6, 1, 3}, {3, 2, 7, 2, 4}, {2, 3, 1, 3, 2}, {1, 1, 4, 8, 2}} {
		n, tok, keys, heads, dh := s[0], s[1], s[2], s[3], s[4]
		d := heads * dh
		r := newRand(13)
		q, do, k, v := normal(r, n*tok*d), normal(r, n*tok*d), normal(r, n*keys*d), normal(r, n*keys*d)
		o, dq, dk, dv := normal(r, len(q)), normal(r, len(q)), normal(r, len(k)), normal(r, len(k))
		ask, look := func(x []float32) Mat { return M(x, n*tok, d) }, func(x []float32) Mat { return M(x, n*keys, d) }
		for _, bias := range [][]float32{nil, normal(r, heads*tok*keys)} {
			var dbias []float32
			at := [4][]float64{wide(q), wide(k), wide(v), nil}
			if bias != nil {
				dbias, at[3] = make([]float32, len(bias)), wide(bias)
			}
			probs, scratch := normal(r, ProbsLen(n, tok, keys, heads)), normal(r, AttentionScratch(tok, keys, heads, dh, bias != nil))
			Attention(ask(o), probs, ask(q), look(k), look(v), bias, n, tok, keys, heads, scratch)
			wantO, wantP := ref64.CrossAttention(at[0], at[1], at[2], at[3], n, tok, keys, heads, dh)
			near(t, "o", o, wantO, 1e-5)
			plain := make([]float32, heads*tok*keys)
			for i := range n {
				CopyProbs(plain, probs, i, tok, keys, heads)
				near(t, "probs", plain, wantP[i*len(plain):][:len(plain)], 1e-5)
			}
			if p := ProbsAt(probs, tok, keys, heads, n-1, heads-1, tok-1, keys-1); p != plain[len(plain)-1] {
				t.Fatalf("ProbsAt gives %v, CopyProbs %v", p, plain[len(plain)-1])
			}
			AttentionBack(ask(dq), look(dk), look(dv), dbias, ask(do), probs, ask(q), look(k), look(v), n, tok, keys, heads, scratch)
			for i, got := range [][]float32{dq, dk, dv, dbias} {
				if got == nil {
					continue
				}
				near(t, [4]string{"dq", "dk", "dv", "dbias"}[i], got, ref64.Grad(func(x []float64) float64 {
					a := at
					a[i] = x
					o, _ := ref64.CrossAttention(a[0], a[1], a[2], a[3], n, tok, keys, heads, dh)
					return ref64.Dot(o, wide(do))
				}, at[i], 1e-5), 1e-4)
			}
		}
	}
}

// Examples are independent: alone, the bits of each are those it has among others, wherever it sits in a group.
func TestAttentionOfOneExample(t *testing.T) {
	for _, heads := range []int{1, 2, 3, 4, 6} {
		const n, tok, dh = 7, 5, 3
		d := heads * dh
		size := tok * d
		r := newRand(12)
		q, k, v, do := normal(r, n*size), normal(r, n*size), normal(r, n*size), normal(r, n*size)
		bias, scratch := normal(r, heads*tok*tok), make([]float32, AttentionScratch(tok, tok, heads, dh, true))
		run := func(from, n int) (out [4][]float32, plain []float32) {
			m := func(x []float32) Mat { return M(x[from*size:][:n*size], n*tok, d) }
			to := func(i int) Mat { out[i] = make([]float32, n*size); return M(out[i], n*tok, d) }
			probs := make([]float32, ProbsLen(n, tok, tok, heads))
			Attention(to(0), probs, m(q), m(k), m(v), bias, n, tok, tok, heads, scratch)
			AttentionBack(to(1), to(2), to(3), nil, m(do), probs, m(q), m(k), m(v), n, tok, tok, heads, scratch)
			plain = make([]float32, heads*tok*tok)
			CopyProbs(plain, probs, n-1, tok, tok, heads)
			return out, plain
		}
		all, last := run(0, n)
		for i := range n {
			one, plain := run(i, 1)
			for j := range all {
				sameBits(t, "one of many", all[j][i*size:][:size], one[j])
			}
			if i == n-1 {
				sameBits(t, "probabilities", last, plain)
			}
		}
	}
}

// The entries of the table that the pixels of a map of 2×2 read, by hand: the table counts from the upper left, so that
// its middle, 11, is the pixel itself, 12 looks one to the left and 21 one up.
func TestRelativeBiasByHand(t *testing.T) {
	table := []float32{0, 1, 2, 10, 11, 12, 20, 21, 22}
	bias := make([]float32, 16)
	RelativeBias(bias, table, 1, 2, 2)
	sameBits(t, "bias", bias, []float32{
		11, 10, 1, 0,
		12, 11, 2, 1,
		21, 20, 11, 10,
		22, 21, 12, 11,
	})
	counts := make([]float32, 9)
	for i := range bias {
		bias[i] = 1
	}
	RelativeBiasBack(counts, bias, 1, 2, 2)
	sameBits(t, "how often each is read", counts, []float32{1, 2, 1, 2, 4, 2, 1, 2, 1})
}

func TestRelativeBiasAndResize(t *testing.T) {
	for _, s := range [][5]int{{2, 3, 3, 3, 3}, {3, 2, 4, 2, 4}, {1, 3, 3, 2, 2}, {2, 2, 3, 4, 2}, {2, 4, 4, 1, 1}, {1, 1, 1, 3, 2}, {1, 1, 3, 1, 2}} {
		heads, th, tw, h, w := s[0], s[1], s[2], s[3], s[4]
		r := newRand(13)
		full, small := normal(r, heads*(2*th-1)*(2*tw-1)), make([]float32, heads*(2*h-1)*(2*w-1))
		bias, dbias := normal(r, heads*h*w*h*w), normal(r, heads*h*w*h*w)
		Resize(small, full, heads, 2*h-1, 2*w-1, 2*th-1, 2*tw-1)
		RelativeBias(bias, small, heads, h, w)
		oracle := func(x []float64) []float64 { return ref64.RelativeBias(x, heads, th, tw, h, w) }
		near(t, "bias", bias, oracle(wide(full)), 1e-6)
		if th == h && tw == w {
			sameBits(t, "a table of the right size", small, full)
		}

		dsmall, dfull := make([]float32, len(small)), normal(r, len(full))
		want := ref64.Add(wide(dfull), ref64.Grad(func(x []float64) float64 {
			return ref64.Dot(oracle(x), wide(dbias))
		}, wide(full), 1e-3))
		RelativeBiasBack(dsmall, dbias, heads, h, w)
		ResizeBack(dfull, dsmall, heads, 2*h-1, 2*w-1, 2*th-1, 2*tw-1)
		near(t, "dtable", dfull, want, 1e-5)
	}
}

// The ends and the middle of a table stay where they are.
func TestResizeKeepsTheEnds(t *testing.T) {
	y := make([]float32, 7)
	Resize(y, []float32{0, 3, 9}, 1, 1, 7, 1, 3)
	near(t, "wider", y, []float64{0, 1, 2, 3, 5, 7, 9}, 1e-6)
	Resize(y[:1], []float32{0, 3, 9}, 1, 1, 1, 1, 3)
	near(t, "middle", y[:1], []float64{3}, 0)
}

func TestTanh(t *testing.T) {
	x := append(normal(newRand(14), 40), 0, 9, -9, 1e30)
	y, d := make([]float32, len(x)), make([]float32, len(x))
	Tanh(y, d, x)
	near(t, "tanh", y, ref64.Tanh(wide(x)), 1e-6)
	want := make([]float64, len(x))
	for i, v := range wide(x) {
		want[i] = ref64.Grad(func(v []float64) float64 { return ref64.Tanh(v)[0] }, []float64{v}, 1e-5)[0]
	}
	near(t, "tanh'", d, want, 1e-6)
	alone := make([]float32, len(x))
	Tanh(alone, nil, x)
	sameBits(t, "tanh without its derivative", alone, y)
}

func TestGateAndSwish(t *testing.T) {
	for _, s := range [][3]int{{2, 5, 3}, {3, 4, 16}, {1, 7, 37}, {2, 1, 8}} {
		n, rows, c := s[0], s[1], s[2]
		r := newRand(14)
		x, g, dy := normal(r, n*rows*c), normal(r, n*c), normal(r, n*rows*c)
		y, sig := normal(r, len(x)), normal(r, len(g))
		Gate(y, sig, x, g, n, rows, c)
		near(t, "Gate", y, ref64.Gate(wide(x), wide(g), n, rows, c), 1e-6)
		near(t, "Sigmoid", sig, ref64.Sigmoid(wide(g)), 1e-6)
		dx, dg := normal(r, len(x)), normal(r, len(g))
		f := func(x, g []float64) float64 { return ref64.Dot(ref64.Gate(x, g, n, rows, c), wide(dy)) }
		wantX := ref64.Add(wide(dx), ref64.Grad(func(v []float64) float64 { return f(v, wide(g)) }, wide(x), 1e-5))
		wantG := ref64.Grad(func(v []float64) float64 { return f(wide(x), v) }, wide(g), 1e-5)
		GateBack(dx, dg, dy, x, sig, n, rows, c)
		near(t, "dx", dx, wantX, 1e-5)
		near(t, "dg", dg, wantG, 1e-5)
	}
	var x []float32
	for v := -20.0; v < 20; v += 0.0731 {
		x = append(x, float32(v))
	}
	y, d := make([]float32, len(x)), make([]float32, len(x))
	Swish(y, d, x)
	near(t, "Swish", y, ref64.Swish(wide(x)), 1e-6)
	want := make([]float64, len(x))
	for i, v := range wide(x) {
		want[i] = ref64.Grad(func(v []float64) float64 { return ref64.Swish(v)[0] }, []float64{v}, 1e-5)[0]
	}
	near(t, "Swish'", d, want, 1e-6)
}

func TestAdamW(t *testing.T) {
	const n = 37
	r := newRand(7)
	p := normal(r, n)
	m, v := make([]float32, n), make([]float32, n)
	p64, m64, v64 := wide(p), wide(m), wide(v)
	for step := 1; step <= 20; step++ {
		g := normal(r, n)
		AdamW(p, g, m, v, NewAdamWStep(0.01, 0.9, 0.999, 1e-8, 0.05, step))
		ref64.AdamW(p64, wide(g), m64, v64, 0.01, 0.9, 0.999, 1e-8, 0.05, step)
	}
	near(t, "p", p, p64, 1e-5)
	near(t, "m", m, m64, 1e-6)
	near(t, "v", v, v64, 1e-6)
}

func TestSGD(t *testing.T) {
	p, m := []float32{1, -2}, []float32{0, 0}
	SGD(p, []float32{0.5, 1}, m, 0.1, 0.9, 0.01) // d = 0.51, 0.98
	SGD(p, []float32{0.5, 1}, m, 0.1, 0.9, 0)    // m = 0.9·0.51 + 0.5, 0.9·0.98 + 1
	near(t, "momentum", p, []float64{1 - 0.051 - 0.0959, -2 - 0.098 - 0.1882}, 1e-6)
	SGD(p, []float32{1, 1}, nil, 0.5, 0.9, 0)
	near(t, "plain", p, []float64{1 - 0.051 - 0.0959 - 0.5, -2 - 0.098 - 0.1882 - 0.5}, 1e-6)
}

func TestElementwise(t *testing.T) {
	r := newRand(8)
	for _, n := range []int{0, 1, 7, 16, 100} {
		x, y := normal(r, n), normal(r, n)
		mul, add, axpy, scale := wide(y), wide(y), wide(y), wide(y)
		for i := range x {
			mul[i] *= float64(x[i])
			add[i] += float64(x[i])
			axpy[i] += 0.3 * float64(x[i])
			scale[i] *= 0.3
		}
		for _, c := range []struct {
			name string
			f    func(y []float32)
			want []float64
		}{
			{"Mul", func(y []float32) { Mul(y, x) }, mul},
			{"Add", func(y []float32) { Add(y, x) }, add},
			{"Axpy", func(y []float32) { Axpy(y, 0.3, x) }, axpy},
			{"Scale", func(y []float32) { Scale(y, 0.3) }, scale},
		} {
			z := append([]float32(nil), y...)
			c.f(z)
			near(t, c.name, z, c.want, 1e-6)
		}
	}
}

// sameBits fails unless both slices hold the same bits; any NaN equals any NaN.
func sameBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(isNaN(got[i]) && isNaN(want[i])) {
			t.Fatalf("%s[%d] = %v (%#x), want %v (%#x)", name, i, got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}
