package f32

import (
	"fmt"
	"testing"

	"petri/kernels/ref64"
)

// Maps and windows of the encoders of masks, and odd ones: more heads than a group has places, and fewer.
var relativeSizesOf = [][5]int{{2, 8, 8, 4, 8}, {1, 16, 16, 4, 16}, {16, 4, 4, 4, 16}, {3, 2, 3, 2, 5}, {5, 3, 2, 1, 4}, {2, 1, 4, 6, 3}, {1, 1, 1, 3, 2}}

func TestAttentionRelative(t *testing.T) {
	for _, s := range relativeSizesOf {
		n, h, w, heads, dh := s[0], s[1], s[2], s[3], s[4]
		tok, d := h*w, heads*dh
		r := newRand(uint64(tok))
		draw := func(n int) []float32 {
			x := normal(r, n)
			Scale(x, 0.5)
			return x
		}
		q, k, v, do := draw(n*tok*d), draw(n*tok*d), draw(n*tok*d), draw(n*tok*d)
		rh, rw := draw((2*h-1)*dh), draw((2*w-1)*dh)
		o, probs := draw(n*tok*d), make([]float32, ProbsLen(n, tok, tok, heads))
		scratch := draw(AttentionRelativeScratch(h, w, heads, dh))
		mat := func(x []float32) Mat { return M(x, n*tok, d) }
		AttentionRelative(mat(o), probs, mat(q), mat(k), mat(v), rh, rw, n, h, w, heads, scratch)
		want, wantProbs := ref64.AttentionRelative(wide(q), wide(k), wide(v), wide(rh), wide(rw), n, h, w, heads, dh)
		name := fmt.Sprint(s)
		near(t, name, o, want, 2e-6)
		plain := make([]float32, heads*tok*tok)
		for i := range n {
			CopyProbs(plain, probs, i, tok, tok, heads)
			near(t, name+" probabilities", plain, wantProbs[i*len(plain):][:len(plain)], 1e-6)
		}

		dq, dk, dv, drh, drw := draw(len(q)), draw(len(q)), draw(len(q)), draw(len(rh)), draw(len(rw))
		dh0, dw0 := append([]float32(nil), drh...), append([]float32(nil), drw...)
		AttentionRelativeBack(mat(dq), mat(dk), mat(dv), drh, drw, mat(do), probs, mat(q), mat(k), mat(v), rh, rw, n, h, w, heads, scratch)
		if tok > 20 { // the difference quotients of larger ones would take minutes
			continue
		}
		for i := range drh {
			drh[i] -= dh0[i]
		}
		for i := range drw {
			drw[i] -= dw0[i]
		}
		args := [][]float64{wide(q), wide(k), wide(v), wide(rh), wide(rw)}
		for i, got := range [][]float32{dq, dk, dv, drh, drw} {
			if n*tok > 30 && i < 3 {
				continue
			}
			grad := ref64.Grad(func(x []float64) float64 {
				a := append([][]float64(nil), args...)
				a[i] = x
				y, _ := ref64.AttentionRelative(a[0], a[1], a[2], a[3], a[4], n, h, w, heads, dh)
				return ref64.Dot(y, wide(do))
			}, args[i], 1e-5)
			near(t, fmt.Sprint(name, " gradient ", i), got, grad, 1e-5)
		}
	}
}

func TestMaskKernelsDoNotAllocate(t *testing.T) {
	for _, scalar := range []bool{false, true} {
		UseScalar(scalar)
		defer UseScalar(false)
		const n, h, w, heads, dh = 2, 3, 2, 4, 4
		r := newRand(4)
		mat := func() Mat { return M(normal(r, n*h*w*heads*dh), n*h*w, heads*dh) }
		q, o, dq, dk, dv := mat(), mat(), mat(), mat(), mat()
		rh, rw := normal(r, (2*h-1)*dh), normal(r, (2*w-1)*dh)
		probs, scratch := make([]float32, ProbsLen(n, h*w, h*w, heads)), make([]float32, AttentionRelativeScratch(h, w, heads, dh))
		if allocs := testing.AllocsPerRun(20, func() {
			AttentionRelative(o, probs, q, q, q, rh, rw, n, h, w, heads, scratch)
			AttentionRelativeBack(dq, dk, dv, rh, rw, o, probs, q, q, q, rh, rw, n, h, w, heads, scratch)
		}); allocs != 0 {
			t.Errorf("scalar %v: %v allocations", scalar, allocs)
		}
	}
}

// Attention with relative positions beside plain attention of the same maps: global and in windows, of both models.
func BenchmarkAttentionRelative(b *testing.B) {
	for _, s := range [][5]int{{4, 16, 16, 4, 16}, {64, 4, 4, 4, 16}, {16, 8, 8, 4, 8}, {64, 4, 4, 4, 8}} {
		n, h, w, heads, dh := s[0], s[1], s[2], s[3], s[4]
		tok, d := h*w, heads*dh
		r := newRand(2)
		mat := func() Mat { return M(normal(r, n*tok*d), n*tok, d) }
		q, k, v, o, do, dq, dk, dv := mat(), mat(), mat(), mat(), mat(), mat(), mat(), mat()
		rh, rw, drh, drw := normal(r, (2*h-1)*dh), normal(r, (2*w-1)*dh), make([]float32, (2*h-1)*dh), make([]float32, (2*w-1)*dh)
		probs, scratch := make([]float32, ProbsLen(n, tok, tok, heads)), make([]float32, AttentionRelativeScratch(h, w, heads, dh))
		flop := 12 * float64(n*heads*tok*tok*dh)
		name := fmt.Sprintf("%dx%dx%dx%d", n, h, w, d)
		paths(b, "plain/"+name, flop, func() {
			Attention(o, probs, q, k, v, nil, n, tok, tok, heads, scratch)
			AttentionBack(dq, dk, dv, nil, do, probs, q, k, v, n, tok, tok, heads, scratch)
		})
		paths(b, "relative/"+name, flop, func() {
			AttentionRelative(o, probs, q, k, v, rh, rw, n, h, w, heads, scratch)
			AttentionRelativeBack(dq, dk, dv, drh, drw, do, probs, q, k, v, rh, rw, n, h, w, heads, scratch)
		})
	}
}
