package f32

import (
	"fmt"
	"math"
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

// truths draws n pixels, every third of which belongs to the object.
func truths(n int) []float32 {
	y := make([]float32, n)
	for i := 0; i < n; i += 3 {
		y[i] = 1
	}
	return y
}

func TestFocalDice(t *testing.T) {
	for _, n := range []int{1, 2, 7, 64, 1000} {
		for _, spread := range []float32{0.01, 1, 8} {
			z, y := normal(newRand(uint64(n)), n), truths(n)
			Scale(z, spread)
			name := fmt.Sprint(n, " pixels of ", spread)
			q, dz := make([]float32, n), make([]float32, n)
			m := FocalDice(q, dz, z, y, 0.25)
			focal, dice := ref64.FocalDice(wide(z), wide(y), 0.25)
			near(t, name, []float32{m.Focal, m.Dice, MaskIoU(z, y)}, []float64{focal, dice, ref64.MaskIoU(wide(z), wide(y))}, 3e-7)
			if alone := FocalDice(q, nil, z, y, 0.25); alone != m {
				t.Errorf("%s: %v, without slopes %v", name, m, alone)
			}
			FocalDiceBack(dz, q, y, m, 20, 3)
			want := ref64.Grad(func(z []float64) float64 {
				focal, dice := ref64.FocalDice(z, wide(y), 0.25)
				return 20*focal + 3*dice
			}, wide(z), 1e-5)
			near(t, name+": gradient", dz, want, 1e-6)
		}
	}
}

// Far from 0 the logarithm neither overflows nor is lost, and 0 itself is outside of the mask.
func TestFocalDiceOfSureMasks(t *testing.T) {
	z, y := []float32{90, -90, 200, -200, 0, 20}, []float32{1, 0, 0, 1, 1, 1}
	q, df := make([]float32, 6), make([]float32, 6)
	m := FocalDice(q, df, z, y, 0.25)
	// Of the sure ones the wrong two count as 200 each; log 2 at the middle; the last one loses e^-20, times e^-40.
	want := (0.75*200 + 0.25*200 + 0.25*0.25*math.Ln2) / 6
	near(t, "focal", []float32{m.Focal}, []float64{want}, 1e-6)
	near(t, "slopes", df, []float64{0, 0, 0.75, -0.25, -0.25 * 0.25 * (math.Ln2 + 0.5), 0}, 1e-6)
	if got := MaskIoU(z, y); got != 2.0/5 {
		t.Errorf("IoU %v, want 2 of 5", got)
	}
	if got := MaskIoU([]float32{-1, 0}, []float32{0, 0}); got != 1 {
		t.Errorf("two empty masks: IoU %v", got)
	}
	z[2] = float32(math.NaN())
	if m := FocalDice(q, nil, z, y, 0.25); !isNaN(m.Focal) || !isNaN(m.Dice) {
		t.Error("NaN is lost")
	}
}

func TestLog1p(t *testing.T) {
	for i := range 1 << 12 {
		u := float32(i) / (1<<12 - 1)
		for _, u := range []float32{u, u * u * u * u * u} {
			want := math.Log1p(float64(u))
			if got := log1p(u); !(math.Abs(float64(got)-want) <= 2.5e-7*want) {
				t.Fatalf("log1p(%v) = %v, want %v", u, got, want)
			}
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
		y := truths(len(q.Data))
		probs, scratch := make([]float32, ProbsLen(n, h*w, h*w, heads)), make([]float32, AttentionRelativeScratch(h, w, heads, dh))
		if allocs := testing.AllocsPerRun(20, func() {
			AttentionRelative(o, probs, q, q, q, rh, rw, n, h, w, heads, scratch)
			AttentionRelativeBack(dq, dk, dv, rh, rw, o, probs, q, q, q, rh, rw, n, h, w, heads, scratch)
			FocalDiceBack(dq.Data, dk.Data, y, FocalDice(dk.Data, dq.Data, q.Data, y, 0.25), 20, 1)
			MaskIoU(q.Data, y)
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

// best-GFLOP/s are pixels per nanosecond: of a mask compared, with and without its slopes, and of its gradient.
func BenchmarkMasks(b *testing.B) {
	const n = 3 * 1024
	z, y := normal(newRand(7), n), truths(n)
	q, df, work := make([]float32, n), make([]float32, n), make([]float32, n)
	m := FocalDice(q, df, z, y, 0.25)
	paths(b, "FocalDice", n, func() { FocalDice(work, df, z, y, 0.25) })
	paths(b, "FocalDice alone", n, func() { FocalDice(work, nil, z, y, 0.25) })
	paths(b, "FocalDiceBack", n, func() { copy(work, df); FocalDiceBack(work, q, y, m, 20, 1) })
	paths(b, "MaskIoU", n, func() { MaskIoU(z, y) })
}
