package f32

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// chance draws sizes and numbers for one call of a kernel.
type chance struct {
	*rand.Rand
	odd int // one number in so many is out of the ordinary; 0 for none
}

// oddBits are zeros of both signs, infinities, NaN, the ends of the denormal and of the normal range, and numbers around
// which exp, tanh and GELU are clamped.
var oddBits = []uint32{0, 1 << 31, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 1, 0x80000007, 0x007fffff, 0x807fffff,
	0x00800000, 0x7f7fffff, 0xff7fffff, 0x42b17218, 0xc2ae999a, 0xc2b00000, 0x40a00000, 0xc0a00000, 0x40fcf84f, 0x3f800000}

// floats draws n numbers.
func (c chance) floats(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(c.NormFloat64() * 3)
		if c.odd > 0 && c.IntN(c.odd) == 0 {
			x[i] = math.Float32frombits(oddBits[c.IntN(len(oddBits))])
		}
	}
	return x
}

// size is 1 to 20, or a few more or less than a multiple of 16.
func (c chance) size() int {
	if c.IntN(2) == 0 {
		return 1 + c.IntN(20)
	}
	return 16*(1+c.IntN(9)) + c.IntN(5) - 2
}

// mat draws a matrix, often inside of a wider one.
func (c chance) mat(rows, cols int) Mat {
	stride := cols + []int{0, 0, 1, 5, 16}[c.IntN(5)]
	return Mat{Data: c.floats(rows*stride + cols), Rows: rows, Cols: cols, Stride: stride}
}

// some is x, or nil one time in three.
func (c chance) some(x []float32) []float32 {
	if c.IntN(3) == 0 {
		return nil
	}
	return x
}

// over is x itself one time in three, otherwise as many other numbers: a result that may overwrite an argument.
func (c chance) over(x []float32) []float32 {
	if c.IntN(3) == 0 {
		return x
	}
	return c.floats(len(x))
}

// start is nothing, the result itself or another matrix.
func (c chance) start(m Mat) Mat {
	return []Mat{{}, m, c.mat(m.Rows, m.Cols)}[c.IntN(3)]
}

// tokens draws the sizes of attention, its matrices and, half of the time, a bias. Half of the time there are as many keys
// as queries. Each letter of rows is a matrix: q for one whose rows are queries, k for keys.
func (c chance) tokens(rows string) (ms []Mat, bias []float32, n, t, keys, heads int, probs, scratch []float32) {
	n, t, heads = 1+c.IntN(3), 1+c.IntN(20), []int{1, 2, 3, 4, 4, 4, 6, 8}[c.IntN(8)]
	keys = t
	if c.IntN(2) == 0 {
		keys = 1 + c.IntN(20)
	}
	dh := 1 + c.IntN(20)
	for _, row := range rows {
		if row == 'q' {
			ms = append(ms, c.mat(n*t, heads*dh))
		} else {
			ms = append(ms, c.mat(n*keys, heads*dh))
		}
	}
	if c.IntN(2) == 0 {
		bias = c.floats(heads * t * keys)
	}
	return ms, bias, n, t, keys, heads, c.floats(ProbsLen(n, t, keys, heads)), c.floats(AttentionScratch(t, keys, heads, dh, bias != nil))
}

// maps draws the geometry of a window.
func (c chance) maps() Maps {
	return Maps{N: 1 + c.IntN(2), H: 1 + c.IntN(9), W: 1 + c.IntN(9), C: c.size(), K: 1 + c.IntN(5), Stride: 1 + c.IntN(3)}
}

// calls makes one random call of each kernel and returns all that it may have written. Scratch starts with any numbers,
// and what a view leaves out is compared too.
var calls = map[string]func(c chance) [][]float32{
	"Pack, PackT, Gemm": func(c chance) [][]float32 {
		m, k, n := c.size(), c.size(), c.size()
		to, a := c.mat(m, n), c.mat(m, k)
		b := Pack(c.floats(PanelLen(k, n)), c.mat(k, n))
		if c.IntN(2) == 0 {
			b = PackT(c.floats(PanelLen(k, n)), c.mat(n, k))
		}
		Gemm(to, a, b, c.start(to), c.some(c.floats(n)))
		return [][]float32{b.Data, to.Data}
	},
	"GemmTA": func(c chance) [][]float32 {
		rows, p, q := 2*c.size(), c.size(), c.size()
		to, sums := c.mat(p, q), c.some(c.floats(q))
		GemmTA(to, c.mat(rows, p), c.mat(rows, q), c.start(to), sums, c.floats(GemmTAScratch(rows, p, q)))
		return [][]float32{to.Data, sums}
	},
	"Attention, CopyProbs, ProbsAt": func(c chance) [][]float32 {
		m, bias, n, t, keys, heads, probs, scratch := c.tokens("qqkk")
		Attention(m[0], probs, m[1], m[2], m[3], bias, n, t, keys, heads, scratch)
		plain := make([]float32, heads*t*keys)
		CopyProbs(plain, probs, n-1, t, keys, heads)
		return [][]float32{m[0].Data, probs, plain, {ProbsAt(probs, t, keys, heads, n-1, heads-1, t-1, 0)}}
	},
	"AttentionBack": func(c chance) [][]float32 {
		m, dbias, n, t, keys, heads, probs, scratch := c.tokens("qkkqqkk")
		AttentionBack(m[0], m[1], m[2], dbias, m[3], probs, m[4], m[5], m[6], n, t, keys, heads, scratch)
		return [][]float32{m[0].Data, m[1].Data, m[2].Data, dbias}
	},
	"AttentionRelative": func(c chance) [][]float32 {
		n, h, w, heads, dh := 1+c.IntN(3), 1+c.IntN(5), 1+c.IntN(5), []int{1, 2, 3, 4, 4, 4, 6, 8}[c.IntN(8)], 1+c.IntN(12)
		mat := func() Mat { return c.mat(n*h*w, heads*dh) }
		o, probs := mat(), c.floats(ProbsLen(n, h*w, h*w, heads))
		AttentionRelative(o, probs, mat(), mat(), mat(), c.floats((2*h-1)*dh), c.floats((2*w-1)*dh), n, h, w, heads,
			c.floats(AttentionRelativeScratch(h, w, heads, dh)))
		return [][]float32{o.Data, probs}
	},
	"FocalDice, FocalDiceBack, MaskIoU": func(c chance) [][]float32 {
		z, y := c.floats(c.size()), make([]float32, 0)
		for range z {
			y = append(y, float32(c.IntN(2)))
		}
		q, df := c.floats(len(z)), c.floats(len(z))
		alone := FocalDice(q, nil, z, y, 0.25)
		m := FocalDice(q, df, z, y, 0.25)
		slopes := append([]float32(nil), df...)
		FocalDiceBack(df, q, y, m, 20, 1)
		return [][]float32{q, df, slopes, {m.Focal, m.Dice, alone.Focal, alone.Dice, MaskIoU(z, y)}}
	},
	"AttentionRelativeBack": func(c chance) [][]float32 {
		n, h, w, heads, dh := 1+c.IntN(3), 1+c.IntN(5), 1+c.IntN(5), []int{1, 2, 3, 4, 4, 4, 6, 8}[c.IntN(8)], 1+c.IntN(12)
		mat := func() Mat { return c.mat(n*h*w, heads*dh) }
		rh, rw := c.floats((2*h-1)*dh), c.floats((2*w-1)*dh)
		drh, drw := c.some(c.floats(len(rh))), c.some(c.floats(len(rw)))
		dq, dk, dv := mat(), mat(), mat()
		AttentionRelativeBack(dq, dk, dv, drh, drw, mat(), c.floats(ProbsLen(n, h*w, h*w, heads)), mat(), mat(), mat(), rh, rw,
			n, h, w, heads, c.floats(AttentionRelativeScratch(h, w, heads, dh)))
		return [][]float32{dq.Data, dk.Data, dv.Data, drh, drw}
	},
	"RelativeBias, RelativeBiasBack, Resize, ResizeBack": func(c chance) [][]float32 { // the same on every path
		heads, h, w, th, tw := 1+c.IntN(5), 1+c.IntN(4), 1+c.IntN(4), 1+c.IntN(4), 1+c.IntN(4)
		full, table := c.floats(heads*(2*th-1)*(2*tw-1)), c.floats(heads*(2*h-1)*(2*w-1))
		bias := c.floats(heads * h * w * h * w)
		Resize(table, full, heads, 2*h-1, 2*w-1, 2*th-1, 2*tw-1)
		RelativeBias(bias, table, heads, h, w)
		RelativeBiasBack(table, bias, heads, h, w)
		ResizeBack(full, table, heads, 2*h-1, 2*w-1, 2*th-1, 2*tw-1)
		return [][]float32{full, table, bias}
	},
	"Sigmoid, Swish": func(c chance) [][]float32 {
		x := c.floats(c.size())
		y, z, d := c.over(x), c.floats(len(x)), c.some(c.floats(len(x)))
		Swish(z, d, x)
		Sigmoid(y, x)
		return [][]float32{y, z, d}
	},
	"Gate": func(c chance) [][]float32 {
		n, rows, d := 1+c.IntN(3), 1+c.IntN(20), c.size()
		y, s := c.floats(n*rows*d), c.floats(n*d)
		Gate(y, s, c.floats(n*rows*d), c.over(s), n, rows, d)
		return [][]float32{y, s}
	},
	"ReLU, ReLUBack, ReLUWords": func(c chance) [][]float32 {
		x := c.floats(c.size())
		mask := make([]uint32, ReLUWords(len(x)))
		y, dy := c.over(x), c.floats(len(x))
		ReLU(y, mask, x)
		ReLUBack(dy, mask)
		return [][]float32{y, dy}
	},
	"Times": func(c chance) [][]float32 {
		rows, d := c.size(), c.size()
		y := c.floats(rows * d)
		Times(y, c.floats(rows*d), c.floats(d))
		return [][]float32{y}
	},
	"TimesBack": func(c chance) [][]float32 {
		rows, d := c.size(), c.size()
		dx, dg := c.some(c.floats(rows*d)), c.some(c.floats(d))
		TimesBack(dx, dg, c.floats(rows*d), c.floats(rows*d), c.floats(d))
		return [][]float32{dx, dg}
	},
	"GateBack": func(c chance) [][]float32 {
		n, rows, d := 1+c.IntN(3), 1+c.IntN(20), c.size()
		dx, dg := c.some(c.floats(n*rows*d)), c.some(c.floats(n*d))
		GateBack(dx, dg, c.floats(n*rows*d), c.floats(n*rows*d), c.floats(n*d), n, rows, d)
		return [][]float32{dx, dg}
	},
	"Depthwise": func(c chance) [][]float32 {
		g := c.maps()
		y := c.floats(g.OutLen())
		Depthwise(y, c.floats(g.In()), c.floats(g.K*g.K*g.C), g)
		return [][]float32{y}
	},
	"DepthwiseBack": func(c chance) [][]float32 {
		g := c.maps()
		dx, dw := c.some(c.floats(g.In())), c.some(c.floats(g.K*g.K*g.C))
		DepthwiseBack(dx, dw, c.floats(g.OutLen()), c.floats(g.In()), c.floats(g.K*g.K*g.C), g)
		return [][]float32{dx, dw}
	},
	"Columns, ColumnsBack": func(c chance) [][]float32 {
		g := c.maps()
		cols, dx := c.floats(g.ColumnsLen()), c.floats(g.In())
		ColumnsBack(dx, cols, g)
		Columns(cols, c.floats(g.In()), g)
		return [][]float32{cols, dx}
	},
	"AvgPool, AvgPoolBack": func(c chance) [][]float32 {
		g := c.maps()
		y, dx := c.floats(g.OutLen()), c.floats(g.In())
		AvgPool(y, c.floats(g.In()), g)
		dy := c.floats(g.OutLen())
		AvgPoolBack(dx, dy, g)
		return [][]float32{y, dx, dy}
	},
	"BatchStats, InverseRoot": func(c chance) [][]float32 {
		rows, d := c.size(), c.size()
		mean, variance, root := c.floats(d), c.floats(d), c.floats(d)
		BatchStats(mean, variance, c.floats(rows*d), d)
		InverseRoot(root, variance, 1e-3)
		return [][]float32{mean, variance, root}
	},
	"BatchNorm": func(c chance) [][]float32 {
		rows, d := c.IntN(40), c.size()
		x := c.floats(rows * d)
		y, xhat := c.over(x), c.some(c.floats(rows*d))
		BatchNorm(y, xhat, x, c.floats(d), c.floats(d), c.floats(d), c.floats(d), d)
		return [][]float32{y, xhat}
	},
	"BatchSums": func(c chance) [][]float32 {
		rows, d := c.size(), c.size()
		sum, dot := c.floats(d), c.some(c.floats(d))
		BatchSums(sum, dot, c.floats(rows*d), c.floats(rows*d), d)
		return [][]float32{sum, dot}
	},
	"BatchNormBack": func(c chance) [][]float32 {
		rows, d := c.IntN(40), c.size()
		dy := c.floats(rows * d)
		dx := c.over(dy)
		BatchNormBack(dx, dy, c.floats(rows*d), c.floats(d), c.floats(d), c.floats(d), c.floats(d), c.floats(3*d), d)
		return [][]float32{dx}
	},
	"LayerNorm": func(c chance) [][]float32 {
		rows, d := c.IntN(40), c.size()
		x := c.floats(rows * d)
		y, xhat, rstd := c.over(x), c.some(c.floats(rows*d)), c.some(c.floats(rows))
		LayerNorm(y, xhat, rstd, x, c.floats(d), c.floats(d), d)
		return [][]float32{y, xhat, rstd}
	},
	"LayerNormBack": func(c chance) [][]float32 {
		rows, d := c.IntN(40), c.size()
		dx, dgain, dbias := c.some(c.floats(rows*d)), c.some(c.floats(d)), c.some(c.floats(d))
		LayerNormBack(dx, dgain, dbias, c.floats(rows*d), c.floats(rows*d), c.floats(rows), c.floats(d), d)
		return [][]float32{dx, dgain, dbias}
	},
	"GELU": func(c chance) [][]float32 {
		x := c.floats(c.size())
		y := c.over(x)
		var d []float32
		if c.IntN(3) > 0 {
			d = c.floats(len(x))
			if &y[0] != &x[0] {
				d = c.over(x)
			}
		}
		GELU(y, d, x)
		return [][]float32{y, d}
	},
	"Exp": func(c chance) [][]float32 {
		x := c.floats(c.size())
		for i := range x {
			x[i] = float32(x[i] * 20)
		}
		y := c.over(x)
		Exp(y, x)
		return [][]float32{y}
	},
	"Tanh": func(c chance) [][]float32 {
		x := c.floats(c.size())
		d, y := c.some(c.floats(len(x))), c.over(x)
		Tanh(y, d, x)
		return [][]float32{y, d}
	},
	"Exp32, Tanh32, Erf32": func(c chance) [][]float32 { // what the scalar loops call; the same on every path
		x := c.floats(1)[0]
		return [][]float32{{Exp32(x), Tanh32(x), Erf32(x)}}
	},
	"Mul, Add, Axpy, Scale": func(c chance) [][]float32 {
		x := c.floats(c.size())
		y := c.floats(len(x))
		switch c.IntN(4) {
		case 0:
			Mul(y, x)
		case 1:
			Add(y, x)
		case 2:
			Axpy(y, c.floats(1)[0], x)
		default:
			Scale(y, c.floats(1)[0])
		}
		return [][]float32{y}
	},
	"AdamW, NewAdamWStep": func(c chance) [][]float32 {
		n := c.size()
		p, g, m, v := c.floats(n), c.floats(n), c.floats(n), c.floats(n)
		AdamW(p, g, m, v, NewAdamWStep(0.01, 0.9, 0.999, 1e-8, 0.05, 1+c.IntN(3000)))
		return [][]float32{p, m, v}
	},
	"SGD": func(c chance) [][]float32 {
		n := c.size()
		p, g, m := c.floats(n), c.floats(n), c.some(c.floats(n))
		s := c.floats(3)
		SGD(p, g, m, s[0], s[1], s[2])
		return [][]float32{p, m}
	},
	"Softmax": func(c chance) [][]float32 {
		rows, cols := c.IntN(20), c.size()
		x := c.floats(rows * cols)
		y := c.over(x)
		Softmax(y, x, rows, cols)
		return [][]float32{y}
	},
	"CrossEntropy": func(c chance) [][]float32 {
		rows, classes := 1+c.IntN(20), c.size()
		x, labels := c.floats(rows*classes), make([]int32, rows)
		for i := range labels {
			labels[i] = int32(c.IntN(classes))
		}
		d := c.some(c.over(x))
		return [][]float32{{CrossEntropy(d, x, labels, rows, classes)}, d}
	},
	"SquaredError": func(c chance) [][]float32 {
		n := 1 + c.size()
		x, y := c.floats(n), c.floats(n)
		d := c.some(c.over(x))
		return [][]float32{{SquaredError(d, x, y)}, d}
	},
}

// Every kernel gives the same bits on both paths, over random shapes, views and overlaps, with ordinary numbers, with a
// few odd ones and with many.
func TestKernelsAgree(t *testing.T) {
	rounds := uint64(400)
	if testing.Short() {
		rounds = 60
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			for seed := range rounds {
				run := func(scalar bool) [][]float32 {
					UseScalar(scalar)
					defer UseScalar(false)
					return call(chance{rand.New(rand.NewPCG(seed, 0xd1ff)), []int{0, 50, 3}[seed%3]})
				}
				want, got := run(true), run(false)
				for i := range want {
					sameBits(t, name, got[i], want[i])
				}
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// No kernel is left out of the comparison: whatever this package exports is called above.
func TestAllKernelsAreCompared(t *testing.T) {
	fset := token.NewFileSet()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for name := range calls {
		for _, n := range strings.Split(name, ", ") {
			called[n] = true
		}
	}
	no := []string{"M", "Accelerated", "UseScalar", "SelfTest", "PanelLen", "GemmTAScratch", "AttentionScratch", "AttentionRelativeScratch", "ProbsLen"}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.IsExported() && !called[fn.Name.Name] && !slices.Contains(no, fn.Name.Name) {
				t.Errorf("%s is not compared", fn.Name.Name)
			}
		}
	}
}
