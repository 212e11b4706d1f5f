package tape

import (
	"math/rand/v2"
	"testing"

	"petri/kernels/ref64"
)

// mapCases are the operations of networks on maps: attention in windows with relative positions, and gates.
var mapCases = []opCase{
	{"attend with a bias", []Shape{{2, 5, 12}, {2, 5, 12}, {2, 5, 12}, {4, 5, 5}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).AttendBias(t.Leaf(p[1]), t.Leaf(p[2]), t.Leaf(p[3]), 4, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.AttentionBias(x[0], x[1], x[2], x[3], 2, 5, 4, 3)
			return o
		}},
	{"two heads of three examples, to itself with a bias", []Shape{{3, 4, 6}, {2, 4, 4}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			return x.AttendBias(x, x, t.Leaf(p[1]), 2, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.AttentionBias(x[0], x[0], x[0], x[1], 3, 4, 2, 3)
			return o
		}},
	{"one bias twice", []Shape{{2, 3, 6}, {3, 3, 3}},
		func(t *Tape, p []*Param) Var {
			x, b := t.Leaf(p[0]), t.Leaf(p[1]).Scale(1)
			x = x.AttendBias(x, x, b, 3, "map")
			return x.AttendBias(x, x, b, 3, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.AttentionBias(x[0], x[0], x[0], x[1], 2, 3, 3, 2)
			o, _ = ref64.AttentionBias(o, o, o, x[1], 2, 3, 3, 2)
			return o
		}},
	{"relative bias", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { return t.RelativeBias(p[0], 3, 2) },
		func(x [][]float64) []float64 { return ref64.RelativeBias(x[0], 2, 3, 2, 3, 2) }},
	{"relative bias of a larger map", []Shape{{2, 3, 3}},
		func(t *Tape, p []*Param) Var { return t.RelativeBias(p[0], 3, 4) },
		func(x [][]float64) []float64 { return ref64.RelativeBias(x[0], 2, 2, 2, 3, 4) }},
	{"one table, two sizes", []Shape{{1, 5, 5}},
		func(t *Tape, p []*Param) Var { return t.RelativeBias(p[0], 2, 2).Add(t.RelativeBias(p[0], 4, 1)) },
		func(x [][]float64) []float64 {
			return ref64.Add(ref64.RelativeBias(x[0], 1, 3, 3, 2, 2), ref64.RelativeBias(x[0], 1, 3, 3, 4, 1))
		}},
	{"attention in windows with relative positions", []Shape{{2, 4, 6, 4}, {2, 3, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Windows(2)
			return x.AttendBias(x, x, t.RelativeBias(p[1], 2, 2), 2, "map").Unwindow(2, 4, 6)
		},
		func(x [][]float64) []float64 {
			w := windows64(x[0], 2, 4, 6, 4, 2)
			o, _ := ref64.AttentionBias(w, w, w, ref64.RelativeBias(x[1], 2, 2, 2, 2, 2), 12, 4, 2, 2)
			back := make([]float64, len(o)) // where each element goes is found by cutting numbers that say where they are
			at := make([]float64, len(o))
			for i := range at {
				at[i] = float64(i)
			}
			for i, to := range windows64(at, 2, 4, 6, 4, 2) {
				back[int(to)] = o[i]
			}
			return back
		}},
	{"windows", []Shape{{2, 4, 6, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Windows(2) },
		func(x [][]float64) []float64 { return windows64(x[0], 2, 4, 6, 3, 2) }},
	{"windows twice", []Shape{{1, 2, 4, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(2)
			return x.Windows(2).Add(x.Windows(2))
		},
		func(x [][]float64) []float64 {
			y := windows64(x[0], 1, 2, 4, 3, 2)
			return ref64.Add(ref64.Add(y, y), ref64.Add(y, y))
		}},
	{"the whole map as a window", []Shape{{2, 3, 3, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Windows(3).Unwindow(3, 3, 3).Windows(1) },
		func(x [][]float64) []float64 { return x[0] }},
	{"unwindow twice", []Shape{{4, 4, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			return x.Unwindow(2, 4, 4).Add(x.Unwindow(2, 4, 4)).Windows(2)
		},
		func(x [][]float64) []float64 { return ref64.Add(x[0], x[0]) }},
	{"swish", []Shape{{7, 9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(2).Swish() },
		func(x [][]float64) []float64 { return ref64.Swish(ref64.Add(x[0], x[0])) }},
	{"gate", []Shape{{2, 3, 2, 9}, {2, 9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).Gate(t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return ref64.Gate(x[0], x[1], 2, 6, 9) }},
	{"gate of tokens by their own mean, twice", []Shape{{2, 3, 4}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			g := x.MeanRows()
			return x.Gate(g).Gate(g)
		},
		func(x [][]float64) []float64 {
			mean := make([]float64, 8)
			for i, v := range x[0] {
				mean[i/12*4+i%4] += v / 3
			}
			return ref64.Gate(ref64.Gate(x[0], mean, 2, 3, 4), mean, 2, 3, 4)
		}},
	{"mean of pixels", []Shape{{2, 2, 3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).MeanRows() },
		func(x [][]float64) []float64 {
			y := make([]float64, 8)
			for i, v := range x[0] {
				y[i/24*4+i%4] += v / 6
			}
			return y
		}},
}

func init() { opCases = append(opCases, mapCases...) }

// windows64 cuts maps [n, h, w, c] into windows, pixel by pixel.
func windows64(x []float64, n, h, w, c, side int) []float64 {
	var y []float64
	for i := range n {
		for top := 0; top < h; top += side {
			for left := 0; left < w; left += side {
				for p := range side * side {
					y = append(y, x[((i*h+top+p/side)*w+left+p%side)*c:][:c]...)
				}
			}
		}
	}
	return y
}

// TestMapOpsKeep pins what the operations on maps keep, in floats.
func TestMapOpsKeep(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int // bit i: parameter i
		want   int
	}{
		{"attend with a bias", 0, 2 * 4 * 5 * 5}, // leaves belong to the model
		{"attend with a bias", 0b0111, 2 * 4 * 5 * 5},
		{"two heads of three examples, to itself with a bias", 0, 4 * 2 * 4 * 4}, // the fourth example is nobody
		{"relative bias", 0, 0},
		{"windows", 0, 0},
		{"unwindow twice", 0, 0},
		{"swish", 0, 7 * 9},
		{"gate", 0, 2*9 + 2*3*2*9},
		{"gate", 0b01, 2*9 + 2*3*2*9},
		{"gate", 0b10, 2 * 9},
	} {
		checkKept(t, c.name, c.frozen, 4*c.want)
	}
}

// TestBiasedAttentionMapsAreFoundByName: each window is an example.
func TestBiasedAttentionMapsAreFoundByName(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 6}, {2, 3, 3}}), New()
	x := tape.Leaf(ps[0])
	x.AttendBias(x, x, tape.RelativeBias(ps[1], 2, 2), 2, "block0/attn")
	x64 := ref64.Wide(ps[0].Value.Data)
	_, want := ref64.AttentionBias(x64, x64, x64, ref64.RelativeBias(ref64.Wide(ps[1].Value.Data), 2, 2, 2, 2, 2), 3, 4, 2, 3)
	p := make([]float32, 2*4*4)
	for i := range 3 {
		if heads, n, keys, ok := tape.Attention(p, "block0/attn", i); !ok || heads != 2 || n != 4 || keys != 4 {
			t.Fatalf("example %d: %d heads of %d tokens, %v", i, heads, n, ok)
		}
		near(t, "probabilities", p, want[i*len(p):][:len(p)], 1e-6)
	}
	if _, _, _, ok := tape.Attention(nil, "block0/attn", 3); ok {
		t.Error("the place of a fourth example in the group was taken for one")
	}
}

func TestMapStepsDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 4, 6}, {2, 5, 5}, {6, 3}, {3, 6}}), New()
	g := NewTensor(ps[0].Value.Shape)
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0])
		w := x.Windows(2)
		x = x.Add(w.AttendBias(w, w, tape.RelativeBias(ps[1], 2, 2), 2, "map").Unwindow(2, 4, 4))
		tape.BackwardFrom(x.Gate(x.MeanRows().Linear(ps[2], nil).Swish().Linear(ps[3], nil)), g)
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

// TestGradientOfAPicture: a picture that enters as the leaf of a parameter gets the gradient of one element of a result, as
// effective receptive fields want it (Luo et al. 2016). Frozen weights get none and keep nothing for one; and the field of
// a window ends with the window.
func TestGradientOfAPicture(t *testing.T) {
	const h, w, c = 4, 6, 4
	ps := leaves([]Shape{{1, h, w, c}, {c, c}, {2, 3, 3}, {3, 3, c}})
	picture, weight, table, kernel := ps[0], ps[1], ps[2], ps[3]
	for _, p := range ps[1:] {
		p.Frozen = true
	}
	tape := New()
	one := NewTensor(picture.Value.Shape)
	field := func(at int, net func(x Var) Var) (reached [h * w]bool) {
		tape.Reset()
		picture.ClearGrad()
		y := net(tape.Leaf(picture))
		clear(one.Data)
		one.Data[at*c+1] = 1
		tape.BackwardFrom(y, one)
		for i, g := range picture.Grad {
			reached[i/c] = reached[i/c] || g != 0
		}
		return reached
	}
	attention := func(x Var) Var {
		v := x.Windows(2)
		q := v.Linear(weight, nil)
		return q.AttendBias(v, v, tape.RelativeBias(table, 2, 2), 2, "map").Unwindow(2, h, w).Add(x)
	}
	const at = 2*w + 3 // row 2, column 3: in the window of rows 2 and 3, columns 2 and 3
	inWindow := func(y, x, rim int) bool { return y >= 2-rim && y < 4+rim && x >= 2-rim && x < 4+rim }
	for i, reached := range field(at, attention) {
		if reached != inWindow(i/w, i%w, 0) {
			t.Errorf("attention alone, pixel (%d, %d): reached %v", i/w, i%w, reached)
		}
	}
	// With a convolution before it, the field gets a rim of one pixel.
	for i, reached := range field(at, func(x Var) Var { return attention(x.Depthwise(kernel, 1)) }) {
		if reached != inWindow(i/w, i%w, 1) {
			t.Errorf("convolution and attention, pixel (%d, %d): reached %v", i/w, i%w, reached)
		}
	}
	if kernel.Grad != nil || weight.Grad != nil || table.Grad != nil {
		t.Error("a frozen weight got a gradient")
	}

	// The numbers are those of the weighted sum of all elements.
	r := rand.New(rand.NewPCG(7, 8))
	for i := range one.Data {
		one.Data[i] = float32(r.NormFloat64())
	}
	g := append([]float32(nil), one.Data...)
	tape.Reset()
	picture.ClearGrad()
	tape.BackwardFrom(tape.Leaf(picture).Depthwise(kernel, 1), one)
	for i, v := range g {
		if one.Data[i] != v {
			t.Fatal("the weights of the sum have changed")
		}
	}
	want := ref64.Grad(func(x []float64) float64 {
		return ref64.Dot(ref64.Depthwise(x, ref64.Wide(kernel.Value.Data), 1, h, w, c, 3, 1), ref64.Wide(g))
	}, ref64.Wide(picture.Value.Data), 1e-5)
	near(t, "gradient of the picture", picture.Grad, want, 1e-6)
}

func TestMapShapeErrors(t *testing.T) {
	tape := New()
	tokens, maps := tape.Input(NewTensor(Shape{4, 4, 6})), tape.Input(NewTensor(Shape{2, 4, 6, 3}))
	table, odd := NewParam("block0/relative", Shape{2, 3, 3}), NewParam("block0/relative", Shape{2, 4, 3})
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"windows (block7): want shape [.., .., .., ..], got [4, 4, 6]", func() { tokens.Windows(2) }},
		{"windows (block7): want shape [2, 4, 8, 3], got [2, 4, 6, 3]", func() { maps.Windows(4) }},
		{"windows (block7): want shape [2, 4, 6, 3], got [2, 4, 6, 3]", func() { maps.Windows(0) }},
		{"unwindow (block7): want shape [.., .., ..], got [2, 4, 6, 3]", func() { maps.Unwindow(2, 4, 4) }},
		{"unwindow (block7): want shape [.., 6, 4, 6], got [.., 5, 4, 6]", func() { tokens.Unwindow(2, 5, 4) }},
		{"unwindow (block7): want shape [6, 4, 6], got [4, 4, 6]", func() { tokens.Unwindow(2, 6, 4) }},
		{"unwindow (block7): want shape [4, 1, 6], got [4, 4, 6]", func() { tokens.Unwindow(1, 2, 2) }},
		{"relative bias (block0/relative): want shape [.., 3, 3], got [2, 4, 3]", func() { tape.RelativeBias(odd, 2, 2) }},
		{"relative bias (block7): want shape [.., ..], got []", func() { tape.RelativeBias(table, 0, 2) }},
		{"attend (block7): want shape [2, 4, 4], got [4, 4, 6]", func() { tokens.AttendBias(tokens, tokens, tokens, 2, "") }},
		{"gate (block7): want shape [2, 3], got [4, 4, 6]", func() { maps.Gate(tokens) }},
		{"gate (block7): want shape [.., .., ..], got [2, 3]", func() { maps.MeanRows().Gate(tokens) }},
		{"backward (block7): want shape [4, 4, 6], got [2, 4, 6, 3]", func() { tape.BackwardFrom(tokens, maps.Value()) }},
	} {
		checkShapeError(t, tape, c.want, c.f)
	}
}
