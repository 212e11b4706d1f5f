package tape

import (
	"testing"

	"petri/kernels/ref64"
)

// maskCases are the operations of networks that answer prompts with masks.
var maskCases = []opCase{
	{"attend relative", []Shape{{2, 6, 8}, {2, 6, 8}, {2, 6, 8}, {3, 2}, {5, 2}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).AttendRelative(t.Leaf(p[1]), t.Leaf(p[2]), p[3], p[4], 4, 2, 3, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.AttentionRelative(x[0], x[1], x[2], x[3], x[4], 2, 2, 3, 4, 2)
			return o
		}},
	{"two heads of three maps, to themselves, relative", []Shape{{3, 4, 6}, {3, 3}, {3, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			return x.AttendRelative(x, x, p[1], p[2], 2, 2, 2, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.AttentionRelative(x[0], x[0], x[0], x[1], x[2], 3, 2, 2, 2, 3)
			return o
		}},
	{"one table for both directions, twice", []Shape{{1, 4, 10}, {3, 2}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			y := x.AttendRelative(x, x, p[1], p[1], 5, 2, 2, "map")
			return y.AttendRelative(x, y, p[1], p[1], 5, 2, 2, "map")
		},
		func(x [][]float64) []float64 {
			y, _ := ref64.AttentionRelative(x[0], x[0], x[0], x[1], x[1], 1, 2, 2, 5, 2)
			z, _ := ref64.AttentionRelative(y, x[0], y, x[1], x[1], 1, 2, 2, 5, 2)
			return z
		}},
}

func init() { opCases = append(opCases, maskCases...) }

// What attention with relative positions keeps, in floats: probabilities, and of q, k and v what the wanted gradients need.
func TestAttendRelativeKeepsWhatItsGradientsNeed(t *testing.T) {
	const probs, one = 2 * 4 * 6 * 6, 2 * 6 * 8
	for frozen, want := range map[int]int{
		0b00000: probs + 3*one,
		0b11000: probs + 3*one, // tables frozen
		0b11110: probs + 2*one, // q trained
		0b11011: probs,         // v trained
		0b10111: probs + 2*one, // one table trained: q and v
		0b11111: 0,
	} {
		ps := leaves([]Shape{{2, 6, 8}, {2, 6, 8}, {2, 6, 8}, {3, 2}, {5, 2}})
		tape := New()
		var x [3]Var
		for i, p := range ps {
			p.Frozen = frozen>>i&1 == 1
			if i < 3 {
				x[i] = tape.Leaf(p).Scale(1) // a result of the step, unlike a leaf
			}
		}
		y := x[0].AttendRelative(x[1], x[2], ps[3], ps[4], 4, 2, 3, "map")
		if got := tape.Ledger.Bytes(); got != 4*want {
			t.Errorf("frozen %05b: %d bytes kept, want %d", frozen, got, 4*want)
		}
		if got, want := tape.Ledger.ForwardFLOP, int64(2*12*8*(2*6+2+3)); got != want {
			t.Errorf("%d operations, want %d", got, want)
		}
		if frozen != 0 {
			continue
		}
		tape.BackwardFrom(y, NewTensor(y.Shape()))
		if got, want := tape.Ledger.BackwardFLOP, int64(2*12*8*(4*6+2*(2+3))); got != want {
			t.Errorf("%d operations backward, want %d", got, want)
		}
	}
}

// The probabilities of a map are found by its name, example by example.
func TestRelativeAttentionMapsAreFoundByName(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 6}, {3, 3}, {3, 3}}), New()
	x := tape.Leaf(ps[0])
	x.AttendRelative(x, x, ps[1], ps[2], 2, 2, 2, "enc0/attn")
	x64 := ref64.Wide(ps[0].Value.Data)
	_, want := ref64.AttentionRelative(x64, x64, x64, ref64.Wide(ps[1].Value.Data), ref64.Wide(ps[2].Value.Data), 3, 2, 2, 2, 3)
	p := make([]float32, 2*4*4)
	for i := range 3 {
		if heads, n, keys, ok := tape.Attention(p, "enc0/attn", i); !ok || heads != 2 || n != 4 || keys != 4 {
			t.Fatalf("example %d: %d heads of %d tokens, %v", i, heads, n, ok)
		}
		near(t, "probabilities", p, want[i*len(p):][:len(p)], 1e-6)
	}
}

// With tables of zeros it is Attend.
func TestTablesOfZerosChangeNothing(t *testing.T) {
	ps, tape := leaves([]Shape{{2, 6, 8}, {3, 2}, {5, 2}}), New()
	clear(ps[1].Value.Data)
	clear(ps[2].Value.Data)
	x := tape.Leaf(ps[0])
	want := x.Attend(x, x, 4, "plain").Data()
	near(t, "result", x.AttendRelative(x, x, ps[1], ps[2], 4, 2, 3, "map").Data(), ref64.Wide(want), 1e-6)
}

func TestMaskStepsDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 6}, {3, 3}, {3, 3}}), New()
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0])
		x = x.AttendRelative(x, x, ps[1], ps[2], 2, 2, 2, "map")
		tape.Backward(x.MeanRows().CrossEntropy([]int32{1, 3, 0}))
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

func TestMaskShapeErrors(t *testing.T) {
	tape := New()
	tokens, other := tape.Input(NewTensor(Shape{2, 6, 8})), tape.Input(NewTensor(Shape{2, 5, 8}))
	rh, rw := NewParam("enc0/rh", Shape{3, 2}), NewParam("enc0/rw", Shape{5, 2})
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"attend relative (block7): want shape [2, 9, 8], got [2, 6, 8]", func() { tokens.AttendRelative(tokens, tokens, rh, rw, 4, 3, 3, "") }},
		{"attend relative (block7): want shape [2, 6, 3], got [2, 6, 8]", func() { tokens.AttendRelative(tokens, tokens, rh, rw, 3, 2, 3, "") }},
		{"attend relative (enc0/rw): want shape [3, 2], got [5, 2]", func() { tokens.AttendRelative(tokens, tokens, rw, rw, 4, 2, 3, "") }},
		{"attend relative (enc0/rh): want shape [5, 2], got [3, 2]", func() { tokens.AttendRelative(tokens, tokens, rh, rh, 4, 2, 3, "") }},
		{"attend relative (block7): want shape [2, 6, 8], got [2, 5, 8]", func() { tokens.AttendRelative(tokens, other, rh, rw, 4, 2, 3, "") }},
	} {
		func() {
			defer func() {
				e, ok := recover().(ShapeError)
				if !ok || e.Error() != "tape: "+c.want {
					t.Errorf("panic %q, want %q", e, c.want)
				}
			}()
			tape.Enter("block7")
			c.f()
			t.Errorf("no panic, want %q", c.want)
		}()
	}
}
