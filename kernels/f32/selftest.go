package f32

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
)

// SelfTest runs every kernel on fixed pseudo-random inputs and returns the SHA-256, in hexadecimal, of the bits of all
// results, NaN written as one fixed pattern. Every machine, browser and path must return the same: compare it natively,
// in a browser, and with UseScalar(true).
func SelfTest() string {
	h := sha256.New()
	for seed := range uint64(6) {
		battery(seed, seed%2 == 1, func(_ string, out []float32) {
			buf := make([]byte, 0, 4*len(out))
			for _, v := range out {
				bits := math.Float32bits(v)
				if v != v {
					bits = 0x7fc00000
				}
				buf = binary.LittleEndian.AppendUint32(buf, bits)
			}
			h.Write(buf)
		})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// battery calls every kernel with sizes and numbers drawn from seed and hands the results to emit. Where wild is set,
// some inputs are zeros, negative zeros, infinities, NaN or far out of range.
func battery(seed uint64, wild bool, emit func(name string, out []float32)) {
	r := rand.New(rand.NewPCG(seed, 0x5e1f))
	size := func(most int) int { return 1 + r.IntN(most) }
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x { // roughly normal, of exactly representable steps: no library function is involved
			x[i] = float32((float32(r.Uint32()>>8) + float32(r.Uint32()>>8) - (1 << 24)) * (1.0 / (1 << 23)))
			if wild && r.IntN(40) == 0 {
				odd := [...]uint32{0x80000000, 0, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f000000, 0x00000007, 0xc2b00000}
				x[i] = math.Float32frombits(odd[r.IntN(len(odd))])
			}
		}
		return x
	}
	view := func(rows, cols int) Mat { // sometimes inside of a wider matrix
		stride := cols + [...]int{0, 0, 1, 7}[r.IntN(4)]
		return Mat{Data: draw(rows*stride + cols), Rows: rows, Cols: cols, Stride: stride}
	}
	maybe := func(x []float32) []float32 {
		if r.IntN(3) == 0 {
			return nil
		}
		return x
	}

	for range 12 {
		m, k, n := size(70), size(90), size(90)
		c, a, start := view(m, n), view(m, k), Mat{}
		switch r.IntN(3) {
		case 0:
			start = c
		case 1:
			start = view(m, n)
		}
		pack := make([]float32, PanelLen(k, n))
		var b Panels
		if r.IntN(2) == 0 {
			b = Pack(pack, view(k, n))
		} else {
			b = PackT(pack, view(n, k))
		}
		emit("Pack", b.Data)
		Gemm(c, a, b, start, maybe(draw(n)))
		emit("Gemm", c.Data)

		rows := size(300)
		c, start = view(k, n), Mat{}
		switch r.IntN(3) {
		case 0:
			start = c
		case 1:
			start = view(k, n)
		}
		sums := maybe(draw(n))
		GemmTA(c, view(rows, k), view(rows, n), start, sums, make([]float32, GemmTAScratch(rows, k, n)))
		emit("GemmTA", c.Data)
		emit("GemmTA sums", sums)
	}
	for range 6 {
		n, t, heads, dh := size(3), size(20), size(9), size(26)
		if r.IntN(2) == 0 {
			heads = 4
		}
		mat := func() Mat { return view(n*t, heads*dh) }
		q, k, v, o := mat(), mat(), mat(), mat()
		probs, scratch := make([]float32, ProbsLen(n, t, t, heads)), make([]float32, AttentionScratch(t, t, heads, dh, false))
		Attention(o, probs, q, k, v, nil, n, t, t, heads, scratch)
		emit("Attention", o.Data)
		for i, plain := 0, make([]float32, heads*t*t); i < n; i++ { // whatever the order in which they are kept
			CopyProbs(plain, probs, i, t, t, heads)
			emit("Attention probs", plain)
		}
		dq, dk, dv := mat(), mat(), mat()
		AttentionBack(dq, dk, dv, nil, mat(), probs, q, k, v, n, t, t, heads, scratch)
		emit("AttentionBack dq", dq.Data)
		emit("AttentionBack dk", dk.Data)
		emit("AttentionBack dv", dv.Data)
	}
	for range 6 {
		rows, d := size(50), size(30)
		if r.IntN(3) > 0 {
			d *= lanes
		}
		x, gain, bias := draw(rows*d), draw(d), draw(d)
		y, xhat, rstd := draw(rows*d), draw(rows*d), draw(rows)
		LayerNorm(y, xhat, rstd, x, gain, bias, d)
		emit("LayerNorm", y)
		emit("LayerNorm xhat", xhat)
		emit("LayerNorm rstd", rstd)
		LayerNorm(y, maybe(xhat), maybe(rstd), x, gain, bias, d)
		emit("LayerNorm, nothing kept", y)
		dx, dgain, dbias := draw(rows*d), maybe(draw(d)), maybe(draw(d))
		LayerNormBack(dx, dgain, dbias, draw(rows*d), xhat, rstd, gain, d)
		emit("LayerNormBack dx", dx)
		emit("LayerNormBack dgain", dgain)
		emit("LayerNormBack dbias", dbias)
	}
	for range 6 {
		n := size(500)
		x, y, z := draw(n), draw(n), draw(n)
		for i := range x {
			x[i] = float32(x[i] * 12)
		}
		GELU(y, z, x)
		emit("GELU", y)
		emit("GELU'", z)
		GELU(y, nil, x)
		emit("GELU alone", y)
		for i := range x {
			z[i] = float32(10 * x[i])
		}
		Exp(y, z)
		emit("Exp", y)
		p, g, m, v := draw(n), draw(n), draw(n), draw(n)
		for i := range v {
			v[i] = float32(v[i] * v[i])
		}
		AdamW(p, g, m, v, NewAdamWStep(0.01, 0.9, 0.999, 1e-8, 0.05, size(2000)))
		emit("AdamW p", p)
		emit("AdamW m", m)
		emit("AdamW v", v)
		SGD(p, g, maybe(m), 0.1, 0.9, 0.01)
		emit("SGD", p)
		Mul(p, x)
		emit("Mul", p)
		Add(p, g)
		emit("Add", p)
		Axpy(p, 0.37, m)
		emit("Axpy", p)
		Scale(p, -1.7)
		emit("Scale", p)
		for i := range x {
			x[i], y[i] = Tanh32(x[i]), Erf32(x[i])
		}
		emit("Tanh32", x)
		emit("Erf32", y)
	}
	for range 6 {
		n, heads, h, w, dh := size(5), size(6), size(4), size(4), size(9)
		t, d := h*w, heads*dh
		full, table := draw(heads*49), draw(heads*(2*h-1)*(2*w-1))
		bias, dbias := draw(heads*t*t), draw(heads*t*t)
		Resize(table, full, heads, 2*h-1, 2*w-1, 7, 7)
		emit("Resize", table)
		RelativeBias(bias, table, heads, h, w)
		emit("RelativeBias", bias)
		mat := func() Mat { return view(n*t, d) }
		q, k, v, o := mat(), mat(), mat(), mat()
		probs, scratch := make([]float32, ProbsLen(n, t, t, heads)), make([]float32, AttentionScratch(t, t, heads, dh, true))
		Attention(o, probs, q, k, v, bias, n, t, t, heads, scratch)
		emit("Attention with a bias", o.Data)
		dq, dk, dv := mat(), mat(), mat()
		AttentionBack(dq, dk, dv, dbias, mat(), probs, q, k, v, n, t, t, heads, scratch)
		emit("AttentionBack with a bias dq", dq.Data)
		emit("AttentionBack with a bias dk", dk.Data)
		emit("AttentionBack with a bias dv", dv.Data)
		emit("AttentionBack dbias", dbias)
		RelativeBiasBack(table, dbias, heads, h, w)
		emit("RelativeBiasBack", table)
		ResizeBack(full, table, heads, 2*h-1, 2*w-1, 7, 7)
		emit("ResizeBack", full)
	}
	for range 6 {
		n, rows, c := size(3), size(20), size(70)
		x, g, y, s := draw(n*rows*c), draw(n*c), draw(n*rows*c), draw(n*c)
		Swish(s, maybe(y[:n*c]), g)
		emit("Swish", s)
		emit("Swish'", y[:n*c])
		Gate(y, s, x, g, n, rows, c)
		emit("Gate", y)
		dx, dg := maybe(draw(n*rows*c)), maybe(draw(n*c))
		GateBack(dx, dg, y, x, s, n, rows, c)
		emit("GateBack dx", dx)
		emit("GateBack dg", dg)
	}
	for range 6 {
		g := Maps{N: size(2), H: size(9), W: size(9), C: size(70), K: size(4), Stride: size(3)}
		x, y, dx := draw(g.In()), draw(g.OutLen()), draw(g.In())
		weight, dweight := draw(g.K*g.K*g.C), draw(g.K*g.K*g.C)
		Depthwise(y, x, weight, g)
		emit("Depthwise", y)
		DepthwiseBack(dx, dweight, y, x, weight, g)
		emit("DepthwiseBack dx", dx)
		emit("DepthwiseBack dweight", dweight)
		cols := draw(g.ColumnsLen())
		ColumnsBack(dx, cols, g)
		emit("ColumnsBack", dx)
		Columns(cols, x, g)
		emit("Columns", cols)
		AvgPool(y, x, g)
		emit("AvgPool", y)
		AvgPoolBack(dx, y, g)
		emit("AvgPoolBack", dx)
	}
	for range 6 {
		rows, d := size(150), size(70)
		x, y, dy := draw(rows*d), draw(rows*d), draw(rows*d)
		mean, rstd, gain, bias := draw(d), draw(d), draw(d), draw(d)
		BatchStats(mean, rstd, x, d)
		emit("BatchStats mean", mean)
		emit("BatchStats variance", rstd)
		InverseRoot(rstd, rstd, 1e-3)
		emit("InverseRoot", rstd)
		xhat := draw(rows * d)
		BatchNorm(y, xhat, x, mean, rstd, gain, bias, d)
		emit("BatchNorm", y)
		emit("BatchNorm xhat", xhat)
		sum, dot := draw(d), draw(d)
		BatchSums(sum, dot, dy, xhat, d)
		emit("BatchSums", sum)
		emit("BatchSums dot", dot)
		BatchNormBack(dy, dy, xhat, rstd, gain, sum, dot, draw(3*d), d)
		emit("BatchNormBack", dy)
	}
	for range 4 {
		rows, classes := size(40), size(40)
		x, y := draw(rows*classes), draw(rows*classes)
		labels := make([]int32, rows)
		for i := range labels {
			labels[i] = int32(r.IntN(classes))
		}
		Softmax(y, x, rows, classes)
		emit("Softmax", y)
		loss := CrossEntropy(y, x, labels, rows, classes)
		emit("CrossEntropy", append(y, loss, CrossEntropy(nil, x, labels, rows, classes)))
	}
	for range 6 {
		n, heads, h, w, dh := size(3), size(6), size(5), size(5), size(9)
		t, d := h*w, heads*dh
		rh, rw := draw((2*h-1)*dh), draw((2*w-1)*dh)
		mat := func() Mat { return view(n*t, d) }
		q, k, v, o := mat(), mat(), mat(), mat()
		probs, scratch := make([]float32, ProbsLen(n, t, t, heads)), make([]float32, AttentionRelativeScratch(h, w, heads, dh))
		AttentionRelative(o, probs, q, k, v, rh, rw, n, h, w, heads, scratch)
		emit("AttentionRelative", o.Data)
		dq, dk, dv, drh, drw := mat(), mat(), mat(), draw(len(rh)), draw(len(rw))
		AttentionRelativeBack(dq, dk, dv, drh, drw, mat(), probs, q, k, v, rh, rw, n, h, w, heads, scratch)
		emit("AttentionRelativeBack dq", dq.Data)
		emit("AttentionRelativeBack dk", dk.Data)
		emit("AttentionRelativeBack dv", dv.Data)
		emit("AttentionRelativeBack drh", drh)
		emit("AttentionRelativeBack drw", drw)
	}
	for range 6 {
		z := draw(size(300))
		y, p, df := draw(len(z)), draw(len(z)), draw(len(z))
		for i := range z {
			z[i] = float32(z[i] * 6)
			y[i] = float32(r.IntN(2))
		}
		m := FocalDice(p, df, z, y, 0.25)
		emit("FocalDice", []float32{m.Focal, m.Dice, MaskIoU(z, y)})
		emit("FocalDice q", p)
		FocalDiceBack(df, p, y, m, 20, 1)
		emit("FocalDiceBack", df)
	}
}
