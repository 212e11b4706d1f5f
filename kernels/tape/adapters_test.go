package tape

import (
	"testing"

	"petri/kernels/ref64"
)

// adapterCases are the operations of adapters: activations that keep a bit, channels times a parameter, and weights made of
// Kronecker products.
var adapterCases = []opCase{
	{"relu", []Shape{{7, 9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(2).ReLU() },
		func(x [][]float64) []float64 { return ref64.ReLU(ref64.Add(x[0], x[0])) }},
	{"relu between dense layers", []Shape{{2, 3, 5}, {5, 7}, {7}, {7, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Linear(p[1], p[2]).ReLU().Linear(p[3], nil) },
		func(x [][]float64) []float64 {
			return ref64.Linear(ref64.ReLU(ref64.Linear(x[0], x[1], x[2], 6, 5, 7)), x[3], nil, 6, 7, 4)
		}},
	{"times", []Shape{{2, 3, 9}, {9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).Times(p[1]) },
		func(x [][]float64) []float64 { return ref64.Times(x[0], x[1]) }},
	{"times twice, of maps", []Shape{{2, 3, 2, 5}, {5}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.Times(p[1]).Times(p[1]).Add(x) },
		func(x [][]float64) []float64 {
			return ref64.Add(x[0], ref64.Times(ref64.Times(x[0], x[1]), x[1]))
		}},
	{"swap", []Shape{{2, 3, 5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Swap() },
		func(x [][]float64) []float64 {
			return append(ref64.Transpose(x[0][:15], 3, 5), ref64.Transpose(x[0][15:], 3, 5)...)
		}},
	{"swap twice over", []Shape{{2, 3, 5}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]).Scale(1); return x.Swap().Add(x.Swap()) },
		func(x [][]float64) []float64 {
			y := append(ref64.Transpose(x[0][:15], 3, 5), ref64.Transpose(x[0][15:], 3, 5)...)
			return ref64.Add(y, y)
		}},
	{"kron", []Shape{{2, 3, 10}, {2, 3}, {5, 4}}, // no factor is square, so that a transposition shows
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).Kron(p[1], p[2]) },
		func(x [][]float64) []float64 {
			return ref64.MatMul(x[0], ref64.Kron(x[1], x[2], 2, 3, 5, 4), 6, 10, 12)
		}},
	{"one row times two products of one pair", []Shape{{1, 6}, {2, 2}, {3, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Kron(p[1], p[2]).Kron(p[1], p[2]) },
		func(x [][]float64) []float64 {
			w := ref64.Kron(x[1], x[2], 2, 2, 3, 3)
			return ref64.MatMul(ref64.MatMul(x[0], w, 1, 6, 6), w, 1, 6, 6)
		}},
	{"phm", []Shape{{2, 2, 2}, {2, 3, 1}, {2, 1, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).PHM(t.Leaf(p[1]), t.Leaf(p[2])) },
		func(x [][]float64) []float64 { return ref64.PHM(x[0], x[1], x[2], 2, 3, 1, 4) }},
	{"phm of rank 2, of parts made in the step", []Shape{{3, 3, 3}, {3, 2, 2}, {3, 2, 5}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).Scale(1).PHM(t.Leaf(p[1]).Scale(1), t.Leaf(p[2]).Scale(1))
		},
		func(x [][]float64) []float64 { return ref64.PHM(x[0], x[1], x[2], 3, 2, 2, 5) }},
	{"two dense layers by phm of one first factor", []Shape{{5, 6}, {2, 2, 2}, {2, 3, 1}, {2, 1, 2}, {2, 2, 1}, {2, 1, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			x = x.LinearBy(t.Leaf(p[1]).PHM(t.Leaf(p[2]), t.Leaf(p[3])), nil)
			return x.LinearBy(t.Leaf(p[1]).PHM(t.Leaf(p[4]), t.Leaf(p[5])), nil)
		},
		func(x [][]float64) []float64 {
			y := ref64.MatMul(x[0], ref64.PHM(x[1], x[2], x[3], 2, 3, 1, 2), 5, 6, 4)
			return ref64.MatMul(y, ref64.PHM(x[1], x[4], x[5], 2, 2, 1, 3), 5, 4, 6)
		}},
}

func init() { opCases = append(opCases, adapterCases...) }

// What the operations of adapters keep, in bytes.
func TestAdaptersKeep(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int // bit i: parameter i
		want   int
	}{
		{"relu", 0, 4 * 2}, // 63 bits
		{"relu between dense layers", 0, 4 * (2 + 6*7)},
		{"relu between dense layers", 0b1000, 4 * 2},
		{"relu between dense layers", 0b0111, 4 * 6 * 7},
		{"times", 0, 4 * 6 * 9},
		{"times", 0b01, 4 * 6 * 9},
		{"times", 0b10, 0},
		{"times twice, of maps", 0, 4 * 12 * 5}, // the first reads a leaf, which belongs to the model
		{"swap", 0, 0},
		{"kron", 0, 4 * (6*10 + 6*4*2)},
		{"kron", 0b010, 4 * 6 * 10},
		{"kron", 0b100, 4 * 6 * 4 * 2},
		{"kron", 0b110, 0},
		{"phm", 0, 0},
		{"phm of rank 2, of parts made in the step", 0, 4 * (27 + 12 + 30)},
		{"two dense layers by phm of one first factor", 0, 4 * (5*6 + 6*4 + 5*4 + 4*6)},
		{"two dense layers by phm of one first factor", 0b000001, 4 * (5*6 + 5*4 + 4*6)},
	} {
		checkKept(t, c.name, c.frozen, c.want)
	}
}

// A product with a⊗b is as cheap as its factors: that it is never made shows in the operations.
func TestKronCostsItsFactors(t *testing.T) {
	ps, tape := leaves([]Shape{{5, 64}, {8, 8}, {8, 8}}), New()
	y := tape.Leaf(ps[0]).Kron(ps[1], ps[2])
	tape.BackwardFrom(y, NewTensor(y.Shape()))
	if want := product(5, 64, 8) * 2; tape.Ledger.ForwardFLOP != want || tape.Ledger.BackwardFLOP != 2*want {
		t.Errorf("%d and %d operations, want %d and twice as many", tape.Ledger.ForwardFLOP, tape.Ledger.BackwardFLOP, want)
	}
}

func TestStepsOfAdaptersDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 6}, {6}, {2, 2}, {3, 3}, {2, 2, 2}, {2, 3, 1}, {2, 1, 5}}), New()
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0]).Times(ps[1]).Kron(ps[2], ps[3]).ReLU()
		w := tape.Leaf(ps[4]).PHM(tape.Leaf(ps[5]), tape.Leaf(ps[6]))
		tape.Backward(x.LinearBy(w, nil).MeanRows().CrossEntropy([]int32{1, 3, 0}))
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

func TestShapeErrorsOfAdapters(t *testing.T) {
	tape := New()
	tape.Enter("block7")
	x := tape.Input(NewTensor(Shape{2, 4, 6}))
	p := func(s Shape) *Param { return NewParam("block7/q/l", s) }
	leaf := func(s Shape) Var { return tape.Leaf(p(s)) }
	for want, f := range map[string]func(){
		"tape: times (block7/q/l): want shape [6], got [5]":            func() { x.Times(p(Shape{5})) },
		"tape: swap (block7): want shape [.., .., ..], got [4, 6]":     func() { tape.Input(NewTensor(Shape{4, 6})).Swap() },
		"tape: kron (block7/q/l): want shape [2, 4, 8], got [2, 4, 6]": func() { x.Kron(p(Shape{2, 2}), p(Shape{4, 4})) },
		"tape: kron (block7/q/l): want shape [.., ..], got [6]":        func() { x.Kron(p(Shape{6}), p(Shape{1, 1})) },
		"tape: phm (block7): want shape [2, 2, 2], got [2, 2, 3]":      func() { leaf(Shape{2, 2, 3}).PHM(leaf(Shape{2, 3, 1}), leaf(Shape{2, 1, 3})) },
		"tape: phm (block7): want shape [2, 1, 3], got [3, 1, 3]":      func() { leaf(Shape{2, 2, 2}).PHM(leaf(Shape{2, 3, 1}), leaf(Shape{3, 1, 3})) },
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
