package tape

import (
	"testing"

	"petri/kernels/ref64"
)

// turned64 is Turn of x [a, b, c].
func turned64(x []float64, a, b, c int) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[(i%c*b+i/c%b)*a+i/(b*c)] = v
	}
	return y
}

// madeCases are convolutions by weights that are made in the step.
var madeCases = []opCase{
	{"turn", []Shape{{2, 3, 5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Turn() },
		func(x [][]float64) []float64 { return turned64(x[0], 2, 3, 5) }},
	{"turn twice over", []Shape{{2, 3, 5}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]).Scale(1); return x.Turn().Add(x.Turn()) },
		func(x [][]float64) []float64 {
			y := turned64(x[0], 2, 3, 5)
			return ref64.Add(y, y)
		}},
	{"conv by a sum", []Shape{{2, 5, 4, 3}, {3, 3, 3, 6}, {3, 3, 3, 6}, {6}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).Scale(1).ConvBy(t.Leaf(p[1]).Add(t.Leaf(p[2])), p[3], 2)
		},
		func(x [][]float64) []float64 {
			return ref64.Conv(x[0], ref64.Add(x[1], x[2]), x[3], 2, 5, 4, 3, 6, 3, 2)
		}},
	{"one made kernel twice", []Shape{{2, 3, 3, 2}, {3, 3, 2, 2}},
		func(t *Tape, p []*Param) Var {
			w := t.Leaf(p[1]).Scale(1)
			return t.Leaf(p[0]).ConvBy(w, nil, 1).ConvBy(w, nil, 1)
		},
		func(x [][]float64) []float64 {
			return ref64.Conv(ref64.Conv(x[0], x[1], nil, 2, 3, 3, 2, 2, 3, 1), x[1], nil, 2, 3, 3, 2, 2, 3, 1)
		}},
	{"linear by a sum, to a residual", []Shape{{2, 3, 4}, {4, 5}, {4, 5}, {5}, {2, 3, 5}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).Scale(1).LinearByAdd(t.Leaf(p[1]).Add(t.Leaf(p[2])), p[3], t.Leaf(p[4]).Scale(1))
		},
		func(x [][]float64) []float64 {
			return ref64.Add(x[4], ref64.Linear(x[0], ref64.Add(x[1], x[2]), x[3], 6, 4, 5))
		}},
	{"one made weight twice", []Shape{{6, 4}, {4, 4}},
		func(t *Tape, p []*Param) Var {
			w := t.Leaf(p[1]).Scale(1)
			return t.Leaf(p[0]).LinearBy(w, nil).LinearBy(w, nil)
		},
		func(x [][]float64) []float64 {
			return ref64.Linear(ref64.Linear(x[0], x[1], nil, 6, 4, 4), x[1], nil, 6, 4, 4)
		}},
	{"a result by itself", []Shape{{4, 4}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]).Scale(1); return x.LinearBy(x, nil) },
		func(x [][]float64) []float64 { return ref64.Linear(x[0], x[0], nil, 4, 4, 4) }},
	{"conv by a product seen as a kernel", []Shape{{2, 4, 3, 4}, {10, 6}, {6, 8}},
		func(t *Tape, p []*Param) Var {
			w := t.Leaf(p[1]).Linear(p[2], nil).Reshape(Shape{5, 4, 4}).Turn().Reshape(Shape{2, 2, 4, 5})
			return t.Leaf(p[0]).ConvBy(w, nil, 1)
		},
		func(x [][]float64) []float64 {
			w := turned64(ref64.Linear(x[1], x[2], nil, 10, 6, 8), 5, 4, 4)
			return ref64.Conv(x[0], w, nil, 2, 4, 3, 4, 5, 2, 1)
		}},
}

func init() { opCases = append(opCases, madeCases...) }

// A made weight is kept for the gradient of what it is applied to, and that for the gradient of the weight.
func TestMadeWeightsAreCounted(t *testing.T) {
	count := func(name string, frozen int) int { return ledgerOf(t, name, frozen).Bytes() / 4 }
	const x, w = 2 * 5 * 4 * 3, 3 * 3 * 3 * 6
	for frozen, want := range map[int]int{0b0000: x + w, 0b0001: x, 0b0110: w, 0b0111: 0, 0b0100: x + w, 0b1111: 0} {
		if got := count("conv by a sum", frozen); got != want {
			t.Errorf("convolution, frozen %04b: %d numbers kept, want %d", frozen, got, want)
		}
	}
	for frozen, want := range map[int]int{0b00000: 6*4 + 4*5, 0b00001: 6 * 4, 0b00110: 4 * 5, 0b11111: 0} {
		if got := count("linear by a sum, to a residual", frozen); got != want {
			t.Errorf("dense layer, frozen %05b: %d numbers kept, want %d", frozen, got, want)
		}
	}
}

func TestStepsWithMadeWeightsDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 4, 4}, {10, 6}, {6, 8}, {5, 5}}), New()
	step := func() {
		tape.Reset()
		w := tape.Leaf(ps[1]).Linear(ps[2], nil).Reshape(Shape{5, 4, 4}).Turn().Reshape(Shape{2, 2, 4, 5})
		tape.Backward(tape.Leaf(ps[0]).ConvBy(w, nil, 1).LinearBy(tape.Leaf(ps[3]).Scale(2), nil).MeanRows().CrossEntropy([]int32{1, 3, 0}))
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

func TestMadeWeightShapeErrors(t *testing.T) {
	tape := New()
	tape.Enter("block7")
	maps, w := tape.Input(NewTensor(Shape{2, 4, 4, 3})), tape.Input(NewTensor(Shape{3, 1, 3, 5}))
	for want, f := range map[string]func(){
		"tape: conv (block7): want shape [3, 3, 3, ..], got [3, 1, 3, 5]": func() { maps.ConvBy(w, nil, 1) },
		"tape: turn (block7): want shape [.., .., ..], got [2, 4, 4, 3]":  func() { maps.Turn() },
	} {
		func() {
			defer func() {
				if e, ok := recover().(ShapeError); !ok || e.Error() != want {
					t.Errorf("panic %q, want %q", e, want)
				}
			}()
			f()
			t.Errorf("no panic, want %q", want)
		}()
	}
}
