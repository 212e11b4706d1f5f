package tape

import (
	"math"
	"testing"

	"petri/kernels/ref64"
)

var (
	taken  = []int32{4, 0, 2, 2, 3, 1} // [2, 3] of five tokens, out of order
	twice  = []int32{1, 1, 0, 4}       // [2, 2]
	places = []int32{3, 0, 1, 4}       // [2, 2]
	apart  = []int32{4, 2, 0, 3}       // [2, 2]
	full   = []int32{2, 0, 1, 1, 2, 0} // [2, 3] of three
	target = []float32{1, -2, .5, 0, 3, -1, 2, .25, -.75, 1.5, 0, 4}
)

var placeCases = []opCase{
	{"take rows", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).TakeRows(taken) },
		func(x [][]float64) []float64 { return ref64.TakeRows(x[0], taken, 2, 5, 3) }},
	{"take a row twice, and others", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			return x.TakeRows(twice).Add(x.Rows(1, 3))
		},
		func(x [][]float64) []float64 {
			y := append(append([]float64(nil), x[0][3:9]...), x[0][18:24]...)
			return ref64.Add(ref64.TakeRows(x[0], twice, 2, 5, 3), y)
		}},
	{"put rows", []Shape{{2, 2, 3}, {1, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).PutRows(places, 5, p[1]) },
		func(x [][]float64) []float64 { return ref64.PutRows(x[0], x[1], places, 2, 5, 3) }},
	{"put rows in two ways", []Shape{{2, 2, 3}, {1, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			return x.PutRows(places, 5, p[1]).Add(x.PutRows(apart, 5, p[1]))
		},
		func(x [][]float64) []float64 {
			return ref64.Add(ref64.PutRows(x[0], x[1], places, 2, 5, 3), ref64.PutRows(x[0], x[1], apart, 2, 5, 3))
		}},
	{"put rows everywhere", []Shape{{2, 3, 4}, {1, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).PutRows(full, 3, p[1]) },
		func(x [][]float64) []float64 { return ref64.PutRows(x[0], x[1], full, 2, 3, 4) }},
	{"what is put is taken", []Shape{{2, 2, 3}, {1, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).PutRows(places, 5, p[1]).TakeRows(places) },
		func(x [][]float64) []float64 { return x[0] }},
	{"squared error", []Shape{{2, 2, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).SquaredError(target) },
		func(x [][]float64) []float64 { return []float64{ref64.SquaredError(x[0], ref64.Wide(target))} }},
	{"squared errors of tokens that are hidden, weighed", []Shape{{2, 2, 3}, {1, 3}, {3, 2}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).PutRows(places, 5, p[1])
			return x.TakeRows(taken).Linear(p[2], nil).SquaredError(target).Add(x.Linear(p[2], nil).TakeRows(taken).SquaredError(target).Scale(2))
		},
		func(x [][]float64) []float64 {
			y := ref64.TakeRows(ref64.PutRows(x[0], x[1], places, 2, 5, 3), taken, 2, 5, 3)
			return []float64{3 * ref64.SquaredError(ref64.Linear(y, x[2], nil, 6, 3, 2), ref64.Wide(target))}
		}},
}

func init() { opCases = append(opCases, placeCases...) }

// TestPlacesAreKeptAsWords: a word per token that was taken or put, and nothing where nothing is trained.
func TestPlacesAreKeptAsWords(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int // bit i: parameter i
		want   int // bytes
		kind   Kind
	}{
		{"take rows", 0, 4 * 6, KeptPlaces},
		{"take rows", 1, 0, KeptPlaces},
		{"put rows", 0, 4 * 10, KeptPlaces},
		{"put rows", 0b01, 4 * 10, KeptPlaces},
		{"put rows", 0b10, 4 * 10, KeptPlaces},
		{"put rows", 0b11, 0, KeptPlaces},
		{"squared error", 0, 4 * 12, KeptLoss},
		{"squared error", 1, 0, KeptLoss},
	} {
		l := ledgerOf(t, c.name, c.frozen)
		if l.Of(c.kind) != c.want || l.Bytes() != c.want || l.ForwardFLOP != 0 || l.BackwardFLOP != 0 {
			t.Errorf("%s, frozen %b: %d bytes kept, %d of them %v, want %d; %d and %d operations, want none", c.name, c.frozen,
				l.Bytes(), l.Of(c.kind), c.kind, c.want, l.ForwardFLOP, l.BackwardFLOP)
		}
	}
}

// TestWhatIsNotTakenIsNotSeen: a token that is not taken may be no number at all.
func TestWhatIsNotTakenIsNotSeen(t *testing.T) {
	x := leaves([]Shape{{2, 5, 3}})[0]
	nan := float32(math.NaN())
	copy(x.Value.Data[3:], []float32{nan, nan, nan}) // token 1 of the first example
	tape := New()
	loss := tape.Leaf(x).TakeRows(taken).SquaredError(make([]float32, 18))
	tape.Backward(loss)
	if !Finite(loss.Data()) || !Finite(x.Grad) {
		t.Errorf("loss %v, gradient %v", loss.Data(), x.Grad)
	}
	for i, g := range x.Grad[3:6] {
		if g != 0 {
			t.Errorf("gradient %v of a number that nobody looked at, %d", g, i)
		}
	}
}

func TestPlacesMustFit(t *testing.T) {
	tape := New()
	x, blank, wide := tape.Input(NewTensor(Shape{2, 5, 3})), NewParam("mask", Shape{1, 3}), NewParam("mask", Shape{1, 4})
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"take rows (block7): want shape [2, 6, 3], got [2, 5, 3]", func() { x.TakeRows([]int32{0, 5}) }},
		{"take rows (block7): want shape [2], got [2, 5, 3]", func() { x.TakeRows([]int32{0, -1}) }},
		{"take rows (places): want shape [2, ..], got [3]", func() { x.TakeRows([]int32{0, 1, 2}) }},
		{"take rows (places): want shape [2, ..], got []", func() { x.TakeRows(nil) }},
		{"put rows (places): want shape [2, 5], got [2]", func() { x.PutRows([]int32{0, 1}, 9, blank) }},
		{"put rows (mask): want shape [1, 3], got [1, 4]", func() { x.PutRows(make([]int32, 10), 9, wide) }},
		{"put rows (block7): want shape [2, 10, 3], got [2, 9, 3]", func() { x.PutRows([]int32{0, 1, 2, 3, 9, 0, 1, 2, 3, 4}, 9, blank) }},
		{"squared error (block7): want shape [2, 5, 3], got [4]", func() { x.SquaredError(target[:4]) }},
	} {
		checkShapeError(t, tape, c.want, c.f)
	}
	defer func() {
		if s, _ := recover().(string); s != "tape: put rows: two tokens of an example at one place" {
			t.Errorf("panic %q", s)
		}
	}()
	x.PutRows(make([]int32, 10), 9, blank)
}

func TestPlacedStepsDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{2, 5, 3}, {1, 3}, {3, 2}}), New()
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0]).TakeRows(places).PutRows(places, 5, ps[1])
		tape.Backward(x.TakeRows(taken).Linear(ps[2], nil).SquaredError(target))
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}
