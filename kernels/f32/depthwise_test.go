package f32

import (
	"fmt"
	"testing"

	"petri/kernels/ref64"
)

// windows are the geometries of the tests: every kernel and stride, sides that the stride divides and others, one pixel,
// and channels that fill vectors, nearly, and not at all.
func windows() (gs []Maps) {
	for _, k := range []int{1, 3, 5} {
		for _, stride := range []int{1, 2} {
			for _, side := range [][2]int{{1, 1}, {2, 3}, {4, 4}, {7, 5}} {
				for _, c := range []int{1, 5, 20} {
					gs = append(gs, Maps{N: 2, H: side[0], W: side[1], C: c, K: k, Stride: stride})
				}
			}
		}
	}
	return gs
}

func TestDepthwise(t *testing.T) {
	for _, g := range windows() {
		r := newRand(9)
		x, w, dy := normal(r, g.In()), normal(r, g.K*g.K*g.C), normal(r, g.OutLen())
		y := normal(r, g.OutLen())
		Depthwise(y, x, w, g)
		oracle := func(x, w []float64) []float64 { return ref64.Depthwise(x, w, g.N, g.H, g.W, g.C, g.K, g.Stride) }
		name := fmt.Sprintf("%+v", g)
		near(t, name, y, oracle(wide(x), wide(w)), 1e-5)

		dx, dw := normal(r, len(x)), normal(r, len(w))
		// The map is linear in each argument, so its gradient is exact: the adjoint, column by column of the identity.
		wantX, wantW := wide(dx), wide(dw)
		for i := range wantX {
			e := make([]float64, len(x))
			e[i] = 1
			wantX[i] += ref64.Dot(oracle(e, wide(w)), wide(dy))
		}
		for i := range wantW {
			e := make([]float64, len(w))
			e[i] = 1
			wantW[i] += ref64.Dot(oracle(wide(x), e), wide(dy))
		}
		frozen, weights := append([]float32(nil), dx...), append([]float32(nil), dw...)
		DepthwiseBack(frozen, nil, dy, nil, w, g)
		DepthwiseBack(nil, weights, dy, x, nil, g)
		DepthwiseBack(dx, dw, dy, x, w, g)
		near(t, name+" dx", dx, wantX, 1e-5)
		near(t, name+" dw", dw, wantW, 1e-5)
		sameBits(t, "dx with frozen weights", frozen, dx)
		sameBits(t, "dw with nothing below", weights, dw)
	}
}

// A hand-made case of the odd padding: 4 pixels, a window of 3, steps of 2 need one zero, and it stands at the end.
func TestDepthwisePadding(t *testing.T) {
	g := Maps{N: 1, H: 1, W: 4, C: 1, K: 3, Stride: 2}
	y := make([]float32, g.OutLen())
	w := []float32{0, 0, 0, 1, 10, 100, 0, 0, 0}
	Depthwise(y, []float32{1, 2, 3, 4}, w, g)
	sameBits(t, "padding", y, []float32{321, 43})
}

func TestDepthwiseAllocatesNothing(t *testing.T) {
	g := Maps{N: 2, H: 8, W: 8, C: 16, K: 3, Stride: 1}
	r := newRand(1)
	x, w, y := normal(r, g.In()), normal(r, 9*g.C), normal(r, g.OutLen())
	dx, dw := normal(r, g.In()), normal(r, 9*g.C)
	if n := testing.AllocsPerRun(10, func() { Depthwise(y, x, w, g); DepthwiseBack(dx, dw, y, x, w, g) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMapsErrors(t *testing.T) {
	for name, f := range map[string]func(){
		"length": func() { Depthwise(make([]float32, 3), make([]float32, 4), make([]float32, 9), Maps{1, 2, 2, 1, 3, 1}) },
		"stride": func() { Depthwise(make([]float32, 4), make([]float32, 4), make([]float32, 9), Maps{1, 2, 2, 1, 3, 0}) },
		"weight": func() { Depthwise(make([]float32, 4), make([]float32, 4), make([]float32, 8), Maps{1, 2, 2, 1, 3, 1}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(Error); !ok {
					t.Errorf("%s: no Error", name)
				}
			}()
			f()
		}()
	}
}
