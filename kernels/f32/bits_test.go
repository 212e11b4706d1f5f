package f32

import "testing"

// wantHash is what SelfTest returns on every machine and path: it changes when SelfTest learns of a kernel, and else only
// when a definition changes, which makes a new version of the engine.
const wantHash = "422c3550f487fad70efe770744da574f3b0d6e30a9ff1e59ca2f5959a23f4edd"

// scalarOnly forces the scalar path for the rest of a test.
func scalarOnly(t testing.TB) {
	UseScalar(true)
	t.Cleanup(func() { UseScalar(false) })
}

func TestSelfTest(t *testing.T) {
	if h := SelfTest(); h != wantHash {
		t.Errorf("%s path: SelfTest is %s, want %s", Accelerated(), h, wantHash)
	}
	scalarOnly(t)
	if h := SelfTest(); h != wantHash {
		t.Errorf("scalar path: SelfTest is %s, want %s", h, wantHash)
	}
}

// Both paths give the same bits for hundreds of shapes and views, with and without wild numbers.
func TestPathsAgree(t *testing.T) {
	if Accelerated() == "scalar" {
		t.Log("this machine has the scalar path only: the comparison is with itself")
	}
	type result struct {
		name string
		out  []float32
	}
	seeds := uint64(40)
	if testing.Short() {
		seeds = 6
	}
	for seed := range seeds {
		var want []result
		UseScalar(true)
		battery(1000+seed, seed%2 == 1, func(name string, out []float32) {
			want = append(want, result{name, append([]float32(nil), out...)})
		})
		UseScalar(false)
		i := 0
		battery(1000+seed, seed%2 == 1, func(name string, out []float32) {
			if name != want[i].name {
				t.Fatalf("seed %d: result %d is %s, was %s", seed, i, name, want[i].name)
			}
			sameBits(t, name, out, want[i].out)
			i++
		})
	}
}

// The battery hashes numbers, not a field of NaN or of constants.
func TestBatteryMoves(t *testing.T) {
	var a, b []float32
	battery(1, false, func(_ string, out []float32) { a = append(a, out...) })
	battery(2, false, func(_ string, out []float32) { b = append(b, out...) })
	finite, same := 0, 0
	for i := range min(len(a), len(b)) {
		if a[i]-a[i] == 0 {
			finite++
		}
		if a[i] == b[i] {
			same++
		}
	}
	if finite < 9*min(len(a), len(b))/10 || same > len(a)/10 {
		t.Errorf("of %d numbers %d are finite and %d do not depend on the seed", min(len(a), len(b)), finite, same)
	}
}

func TestKernelsDoNotAllocate(t *testing.T) {
	for _, scalar := range []bool{false, true} {
		UseScalar(scalar)
		defer UseScalar(false)
		const m, k, n, tok, heads = 34, 20, 26, 17, 4
		r := newRand(9)
		a, b, c, bias, start := normal(r, m*k), normal(r, k*n), normal(r, m*n), normal(r, n), normal(r, m*n)
		pack, scratch := make([]float32, PanelLen(k, n)), make([]float32, GemmTAScratch(m, k, n))
		dw := make([]float32, k*n)
		q, do := normal(r, 2*tok*16), normal(r, 2*tok*16)
		o, dq, dk, dv := make([]float32, len(q)), make([]float32, len(q)), make([]float32, len(q)), make([]float32, len(q))
		mat := func(x []float32) Mat { return M(x, 2*tok, 16) }
		probs, work := make([]float32, ProbsLen(2, tok, tok, heads)), make([]float32, AttentionScratch(tok, tok, heads, 4, false))
		x, y, z, g, mom, vel := normal(r, m*k), normal(r, m*k), normal(r, m*k), normal(r, m*k), normal(r, m*k), make([]float32, m*k)
		rstd, gain, shift := make([]float32, m), normal(r, k), normal(r, k)
		labels := make([]int32, m)
		for name, f := range map[string]func(){
			"Gemm": func() { Gemm(M(c, m, n), M(a, m, k), Pack(pack, M(b, k, n)), M(start, m, n), bias) },
			"GemmT": func() {
				Gemm(M(c, m, n), M(a, m, k), PackT(pack, Mat{Data: b, Rows: n, Cols: k, Stride: k}), Mat{}, nil)
			},
			"GemmTA": func() { GemmTA(M(dw, k, n), M(a, m, k), M(c, m, n), Mat{}, bias, scratch) },
			"Attention": func() {
				Attention(mat(o), probs, mat(q), mat(q), mat(q), nil, 2, tok, tok, heads, work)
				AttentionBack(mat(dq), mat(dk), mat(dv), nil, mat(do), probs, mat(q), mat(q), mat(q), 2, tok, tok, heads, work)
			},
			"attention with a bias, gates": func() {
				bias, dbias := c[:2*25], dw[:2*25]
				two := func(x []float32) Mat { return M(x[:15*8], 15, 8) }
				Attention(two(o), probs, two(q), two(q), two(q), bias, 3, 5, 5, 2, work)
				AttentionBack(two(dq), two(dk), two(dv), dbias, two(do), probs, two(q), two(q), two(q), 3, 5, 5, 2, work)
				Resize(y[:9], x[:25], 1, 3, 3, 5, 5)
				RelativeBias(c[:16], y[:9], 1, 2, 2)
				RelativeBiasBack(y[:9], c[:16], 1, 2, 2)
				ResizeBack(x[:25], y[:9], 1, 3, 3, 5, 5)
				Swish(y, z, x)
				Gate(y[:160], z[:20], x[:160], g[:20], 2, 8, 10)
				GateBack(y[:160], z[:20], x[:160], x[:160], g[:20], 2, 8, 10)
			},
			"LayerNorm": func() {
				LayerNorm(y, z, rstd, x, gain, shift, k)
				LayerNorm(y, nil, nil, x, gain, shift, k)
				LayerNormBack(x, gain, shift, y, z, rstd, gain, k)
			},
			"elements": func() {
				GELU(y, z, x)
				Exp(y, x)
				Mul(y, x)
				Add(y, x)
				Axpy(y, 0.5, x)
				Scale(y, 0.5)
				AdamW(x, g, mom, vel, NewAdamWStep(0.1, 0.9, 0.99, 1e-8, 0, 3))
				SGD(x, g, mom, 0.1, 0.9, 0)
			},
			"loss": func() { Softmax(z, y, m, k); CrossEntropy(z, y, labels, m, k) },
		} {
			if allocs := testing.AllocsPerRun(20, f); allocs != 0 {
				t.Errorf("%s, scalar %v: %v allocations", name, scalar, allocs)
			}
		}
	}
}
