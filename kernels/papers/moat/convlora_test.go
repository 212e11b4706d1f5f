package moat

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// updated is a convolution with an update of which nothing is zero.
func updated(t *testing.T, kind string, base part, rank int) *convLoRA {
	t.Helper()
	a, err := newConvLoRA(kind, base, rank, stream(3, "a"))
	if err != nil {
		t.Fatal(err)
	}
	nn.Normal(stream(4, "b"), a.B.Value.Data, 0.5)
	a.B.Touch()
	return a
}

func convolution(k, in, out, stride int, bias bool) *conv {
	c := &conv{nn.NewConv(stream(1, "conv"), "stem/conv", k, in, out, stride, 0.3, bias), ""}
	if bias {
		nn.Normal(stream(2, "bias"), c.B.Value.Data, 1)
	}
	return c
}

func dot1x1(in, out int) *pointwise {
	p := newPointwise(stream(1, "pointwise"), "shrink", in, out, true, "shrink", "")
	nn.Normal(stream(2, "bias"), p.B.Value.Data, 1)
	return p
}

// viewed is loralib's (B·A).view(out, in, k, k)[o, c, y, x], from its definition.
func viewed(a, b []float64, rank, in, k, o, c, y, x int) float64 {
	flat := (c*k+y)*k + x // inside of filter o
	row, col := o*k+flat/(in*k), flat%(in*k)
	sum := 0.0
	for j := range rank * k {
		sum += b[row*rank*k+j] * a[j*in*k+col]
	}
	return sum
}

// The consequence that the view has and its shapes hide: with six channels and k = 3, row o·3 + i of B·A holds channels 2i
// and 2i + 1 of filter o, all nine pixels of each.
func TestViewPutsBlocksOfChannelsInRows(t *testing.T) {
	const in, out, k = 6, 2, 3
	for i := range k {
		a, err := newConvLoRA(loraView, convolution(k, in, out, 1, false), 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.A.Value.Shape != (tape.Shape{3, 18}) || a.B.Value.Shape != (tape.Shape{6, 3}) {
			t.Fatalf("A is %v, B %v", a.A.Value.Shape, a.B.Value.Shape)
		}
		for j := range a.A.Value.Data {
			a.A.Value.Data[j] = float32(j + 1)
		}
		a.B.Value.Data[(1*k+i)*k+2] = 1 // row i of filter 1 is the last row of A
		on := tape.New()
		d := a.update(on).Data()
		for y := range k {
			for x := range k {
				for c := range in {
					want := float32(0)
					if c/2 == i {
						want = float32(2*18 + c%2*9 + y*3 + x + 1)
					}
					at := ((y*k+x)*in + c) * out
					if d[at] != 0 || d[at+1] != want {
						t.Errorf("i = %d, channel %d, pixel (%d, %d): %v and %v, want 0 and %v", i, c, y, x, d[at], d[at+1], want)
					}
				}
			}
		}
	}
}

// Also where k does not divide the channels, so that blocks begin in the middle of one.
func TestUpdatesByDefinition(t *testing.T) {
	for _, c := range []struct{ k, in, out, rank int }{{3, 6, 4, 2}, {3, 1, 5, 2}, {3, 4, 3, 1}, {2, 3, 5, 3}, {1, 4, 6, 2}} {
		view, pair := updated(t, loraView, convolution(c.k, c.in, c.out, 1, false), c.rank), updated(t, loraConv, convolution(c.k, c.in, c.out, 1, false), c.rank)
		on := tape.New()
		v, p := view.update(on).Data(), pair.update(on).Data()
		a, b := ref64.Wide(view.A.Value.Data), ref64.Wide(view.B.Value.Data)
		down, up := ref64.Wide(pair.A.Value.Data), ref64.Wide(pair.B.Value.Data)
		for i := range v {
			o, ch, x, y := i%c.out, i/c.out%c.in, i/(c.out*c.in)%c.k, i/(c.out*c.in*c.k)
			if want := viewed(a, b, c.rank, c.in, c.k, o, ch, y, x); math.Abs(float64(v[i])-want) > 1e-5 {
				t.Fatalf("%+v, view, filter %d, channel %d, pixel (%d, %d): %v, want %v", c, o, ch, y, x, v[i], want)
			}
			want := 0.0
			for r := range c.rank {
				want += down[(i/c.out)*c.rank+r] * up[r*c.out+o]
			}
			if math.Abs(float64(p[i])-want) > 1e-5 {
				t.Fatalf("%+v, pair, number %d: %v, want %v", c, i, p[i], want)
			}
		}
		if n, want := view.A.Len()+view.B.Len(), c.rank*c.k*c.k*(c.in+c.out); n != want {
			t.Errorf("%+v: a view of %d numbers, want %d", c, n, want)
		}
		if n, want := pair.A.Len()+pair.B.Len(), c.rank*c.k*c.k*c.in+c.rank*c.out; n != want {
			t.Errorf("%+v: a pair of %d numbers, want %d", c, n, want)
		}
	}
}

// At the start a convolution with an update does what it does alone, to the bit; merged it does what the branch did.
func TestUpdatesStartAtNothingAndMerge(t *testing.T) {
	for name, make := range map[string]func() part{
		"3×3, stride 2": func() part { return convolution(3, 6, 8, 2, false) },
		"3×3":           func() part { return convolution(3, 1, 8, 1, false) },
		"2×2 and bias":  func() part { return convolution(2, 6, 8, 2, true) },
		"1×1":           func() part { return dot1x1(6, 8) },
	} {
		for _, kind := range []string{loraView, loraConv} {
			base := make()
			a := updated(t, kind, base, 2)
			on := tape.New()
			x := on.Blank(tape.Shape{2, 5, 4, a.in})
			nn.Normal(stream(5, "x"), x.Data(), 1)
			alone := base.Forward(x)
			residual := on.Blank(alone.Shape())
			nn.Normal(stream(6, "residual"), residual.Data(), 1)
			both := alone.Add(residual)
			if end, ok := base.(adder); ok {
				both = end.ForwardAdd(x, residual)
			}
			learned := append([]float32(nil), a.B.Value.Data...)
			clear(a.B.Value.Data)
			a.B.Touch()
			if d := gap(a.Forward(x), alone) + gap(a.ForwardAdd(x, residual), both); d != 0 {
				t.Errorf("%s, %s: with B = 0 it differs by %g", name, kind, d)
			}
			copy(a.B.Value.Data, learned)
			a.B.Touch()
			y, z := a.Forward(x), a.ForwardAdd(x, residual)
			if gap(y, alone) < 0.01 {
				t.Errorf("%s, %s: the update changes nothing", name, kind)
			}
			a.Merge()
			a.Merge()
			if d := max(gap(a.Forward(x), y), gap(a.ForwardAdd(x, residual), z), gap(base.Forward(x), y)); d > 1e-5 {
				t.Errorf("%s, %s: merged it differs by %g", name, kind, d)
			}
			for _, p := range nn.Collect(base) {
				if !p.Frozen {
					t.Errorf("%s, %s: %s is not frozen", name, kind, p.Name)
				}
			}
		}
	}
}

// gap is the largest difference of two results.
func gap(x, y tape.Var) float64 {
	most := 0.0
	for i, v := range x.Data() {
		most = max(most, math.Abs(float64(v-y.Data()[i])))
	}
	return most
}

// On 1×1 windows the two are one: of one size, drawn alike, and with the same B the same update, whether the convolution is a
// dense layer or not. On larger windows they are not.
func TestKindsAreTheSameOnOnePixel(t *testing.T) {
	for name, make := range map[string]func() part{"a dense layer": func() part { return dot1x1(6, 8) }, "a convolution": func() part { return convolution(1, 6, 8, 1, true) }} {
		view, pair := updated(t, loraView, make(), 2), updated(t, loraConv, make(), 2)
		for r := range 2 {
			for i := range 6 {
				if view.A.Value.Data[r*6+i] != pair.A.Value.Data[i*2+r] {
					t.Errorf("%s: A[%d, %d] is drawn as %v and %v", name, r, i, view.A.Value.Data[r*6+i], pair.A.Value.Data[i*2+r])
				}
			}
			for o := range 8 {
				view.B.Value.Data[o*2+r] = pair.B.Value.Data[r*8+o]
			}
		}
		view.B.Touch()
		on := tape.New()
		if d := gap(view.update(on), pair.update(on)); d != 0 {
			t.Errorf("%s: the updates differ by %g", name, d)
		}
		x := on.Blank(tape.Shape{1, 3, 4, 6})
		nn.Normal(stream(5, "x"), x.Data(), 1)
		if d := gap(view.Forward(x), pair.Forward(x)); d > 1e-6 {
			t.Errorf("%s: the results differ by %g", name, d)
		}
	}
	if view, pair := updated(t, loraView, convolution(3, 6, 8, 1, false), 2), updated(t, loraConv, convolution(3, 6, 8, 1, false), 2); view.A.Len()+view.B.Len() == pair.A.Len()+pair.B.Len() {
		t.Error("on 3×3 windows they have as many numbers")
	}
}

// What cannot be adapted says so, with a remedy.
func TestWhatCannotBeAdapted(t *testing.T) {
	for name, c := range map[string]struct {
		base part
		kind string
		rank int
		want []string
	}{
		"groups":     {&depthwise{nn.NewDepthwise(nil, "stage2.block1/mbconv/depthwise", 3, 64, 1, 1)}, loraView, 4, []string{"stage2.block1/mbconv/depthwise", "64 groups", "adapt a dense convolution"}},
		"not square": {&conv{&nn.Conv{W: tape.NewParam("odd/w", tape.Shape{3, 1, 4, 8}), Stride: 1}, ""}, loraConv, 4, []string{"odd/w", "3×1", "square"}},
		"pooling":    {pool{}, loraView, 4, []string{"no convolution"}},
		"no rank":    {dot1x1(2, 2), loraView, 0, []string{"rank would be 0"}},
		"no kind":    {dot1x1(2, 2), "lora", 1, []string{`"lora"`}},
	} {
		_, err := newConvLoRA(c.kind, c.base, c.rank, nil)
		var typed unadaptable
		if !errors.As(err, &typed) || typed.Why == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", name, err, want)
			}
		}
	}
}

// The gradients of both factors against central differences in float64.
func TestUpdateGradients(t *testing.T) {
	const in, out, k, rank, stride = 4, 3, 3, 2, 2
	base := convolution(k, in, out, stride, false)
	w := ref64.Wide(base.W.Value.Data)
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 2*5*4*in)
	for i := range x {
		x[i] = float64(float32(r.NormFloat64()))
	}
	weights := make([]float64, 2*3*2*out)
	for i := range weights {
		weights[i] = float64(float32(r.NormFloat64()))
	}
	for _, kind := range []string{loraView, loraConv} {
		a := updated(t, kind, base, rank)
		loss := func(fa, fb []float64) float64 {
			sum := make([]float64, len(w))
			for i := range sum {
				o, c, px, py := i%out, i/out%in, i/(out*in)%k, i/(out*in*k)
				sum[i] = w[i]
				if kind == loraView {
					sum[i] += viewed(fa, fb, rank, in, k, o, c, py, px)
					continue
				}
				for j := range rank {
					sum[i] += fa[i/out*rank+j] * fb[j*out+o]
				}
			}
			return ref64.Dot(ref64.Conv(x, sum, nil, 2, 5, 4, in, out, k, stride), weights)
		}
		fa, fb := ref64.Wide(a.A.Value.Data), ref64.Wide(a.B.Value.Data)
		on := tape.New()
		input := on.Blank(tape.Shape{2, 5, 4, in})
		for i, v := range x {
			input.Data()[i] = float32(v)
		}
		y := a.Forward(input)
		g := tape.NewTensor(y.Shape())
		for i, v := range weights {
			g.Data[i] = float32(v)
		}
		on.BackwardFrom(y, g)
		for name, c := range map[string]struct{ got, want []float64 }{
			"A": {ref64.Wide(a.A.TakeGrad()), ref64.Grad(func(v []float64) float64 { return loss(v, fb) }, fa, 1e-4)},
			"B": {ref64.Wide(a.B.TakeGrad()), ref64.Grad(func(v []float64) float64 { return loss(fa, v) }, fb, 1e-4)},
		} {
			for i := range c.want {
				if math.Abs(c.got[i]-c.want[i]) > 1e-4*max(1, math.Abs(c.want[i])) {
					t.Fatalf("%s, gradient of %s, number %d: %v, want %v", kind, name, i, c.got[i], c.want[i])
				}
			}
		}
		if base.W.Fresh() {
			t.Errorf("%s: the frozen kernel got a gradient", kind)
		}
	}
}
