package tape

import (
	"math"
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
	maskLossCase("mask loss of the least", 3, 3, MaskLoss{From: 0, To: 3}),
	maskLossCase("mask loss of the mean", 3, 3, MaskLoss{From: 0, To: 3, Mean: true, Share: 0.5}),
	maskLossCase("mask loss of the least and some of the mean", 2, 4, MaskLoss{From: 1, To: 4, Share: 0.9}),
	maskLossCase("mask loss of one head", 2, 4, MaskLoss{From: 0, To: 1}),
	{"up conv", []Shape{{2, 3, 2, 5}, {5, 12}, {3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).UpConv(p[1], p[2]) },
		func(x [][]float64) []float64 { return ref64.UpConv(x[0], x[1], x[2], 2, 3, 2, 5, 3) }},
	{"up conv without bias, twice", []Shape{{1, 2, 3, 4}, {4, 16}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).UpConv(p[1], nil).UpConv(p[1], nil) },
		func(x [][]float64) []float64 {
			return ref64.UpConv(ref64.UpConv(x[0], x[1], nil, 1, 2, 3, 4, 4), x[1], nil, 1, 4, 6, 4, 4)
		}},
	{"copies", []Shape{{2, 3, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Copies(3) },
		func(x [][]float64) (y []float64) {
			for i := range 6 {
				y = append(y, x[0][i/3*6:][:6]...)
			}
			return y
		}},
	{"copies twice, and one", []Shape{{2, 3}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(2)
			return x.Copies(2).Add(x.Copies(2).Copies(1))
		},
		func(x [][]float64) (y []float64) {
			for i := range 4 {
				for _, v := range x[0][i/2*3:][:3] {
					y = append(y, 4*v)
				}
			}
			return y
		}},
	{"against", []Shape{{2, 3, 5}, {2, 18, 5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).Against(t.Leaf(p[1]).Scale(1)) },
		func(x [][]float64) []float64 { return against64(x[0], x[1], 2, 3, 18, 5) }},
	{"against itself, twice", []Shape{{2, 4, 8}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			return x.Against(x).Add(x.Against(x))
		},
		func(x [][]float64) []float64 {
			y := against64(x[0], x[0], 2, 4, 4, 8)
			return ref64.Add(y, y)
		}},
	{"add row", []Shape{{2, 3, 5}, {1, 5}, {5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).AddRow(p[1]).AddRow(p[2]) },
		func(x [][]float64) (y []float64) {
			for i, v := range x[0] {
				y = append(y, v+x[1][i%5]+x[2][i%5])
			}
			return y
		}},
	// What needs no operation of its own: a table for the tokens of every example, and rows of a table by their numbers.
	{"a table for every example", []Shape{{2, 3, 4}, {3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Prepend(nil, p[1]) },
		func(x [][]float64) (y []float64) {
			for i, v := range x[0] {
				y = append(y, v+x[1][i%12])
			}
			return y
		}},
	{"rows of a table by their numbers", []Shape{{4, 3}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).Reshape(Shape{1, 4, 3}).TakeRows([]int32{3, 0, 1, 1, 3, 3}).Reshape(Shape{2, 3, 3})
		},
		func(x [][]float64) (y []float64) {
			for _, i := range []int{3, 0, 1, 1, 3, 3} {
				y = append(y, x[0][i*3:][:3]...)
			}
			return y
		}},
}

func init() { opCases = append(opCases, maskCases...) }

// against64 is Against of rows x [n, k, c] and pixels p [n, pixels, c].
func against64(x, p []float64, n, k, pixels, c int) (y []float64) {
	for i := range n {
		y = append(y, ref64.MatMul(x[i*k*c:][:k*c], ref64.Transpose(p[i*pixels*c:][:pixels*c], pixels, c), k, c, pixels)...)
	}
	return y
}

// seenPixels is the size of the masks of the cases, and onObject the truth of the first pixels of all examples.
const seenPixels = 11

func onObject(n int) []float32 {
	y := make([]float32, n*seenPixels)
	for i := range y {
		if i*i%7 < 3 {
			y[i] = 1
		}
	}
	return y
}

// maskLossCase is a loss of k masks of n examples, times 2, with the weights of the paper but for the IoU.
func maskLossCase(name string, n, k int, o MaskLoss) opCase {
	o.Focal, o.Dice, o.IoU, o.Alpha = 20, 1, 1.5, 0.25
	return opCase{name, []Shape{{n, k, seenPixels}, {n, k}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).MaskLoss(t.Leaf(p[1]), onObject(n), o).Scale(2)
		},
		func(x [][]float64) []float64 {
			sum, truth := 0.0, ref64.Wide(onObject(n))
			for i := range n {
				var least, at, mean, all float64
				for j := o.From; j < o.To; j++ {
					z, y := x[0][(i*k+j)*seenPixels:][:seenPixels], truth[i*seenPixels:][:seenPixels]
					focal, dice := ref64.FocalDice(z, y, 0.25)
					off := x[1][i*k+j] - ref64.MaskIoU(z, y)
					loss := 20*focal + dice
					if j == o.From || loss < least {
						least, at = loss, loss+1.5*off*off
					}
					mean += loss + 1.5*off*off
					all++
				}
				share := 1.0
				switch {
				case o.Mean:
					share = 0
				case o.Share != 0:
					share = float64(o.Share)
				}
				sum += share*at + (1-share)*mean/all
			}
			return []float64{2 * sum / float64(n)}
		}}
}

// The head of the least loss takes the whole gradient: the others get exactly 0, of their logits and of their scores, and
// what is upstream of them too. With equal losses it is the first that competes.
func TestLosingHeadsGetNoGradient(t *testing.T) {
	const n, k = 5, 4
	ps, tape := leaves([]Shape{{n, k, seenPixels}, {n, k}}), New()
	logits, scores := ps[0], ps[1]
	one := func(i, j int) []float32 { return logits.Value.Data[(i*k+j)*seenPixels:][:seenPixels] }
	for j := range k {
		copy(one(4, j), one(4, 0)) // a tie
	}
	o := MaskLoss{From: 1, To: 4, Focal: 20, Dice: 1, IoU: 1, Alpha: 0.25, Chosen: make([]int32, n), True: make([]float32, n*k)}
	loss := tape.Leaf(logits).MaskLoss(tape.Leaf(scores), onObject(n), o)
	tape.Backward(loss)
	if o.Chosen[4] != 1 {
		t.Errorf("of equals head %d was chosen, want the first", o.Chosen[4])
	}
	moved := map[int32]bool{}
	for i := range n {
		y := ref64.Wide(onObject(n)[i*seenPixels:][:seenPixels])
		loss := func(j int) float64 {
			focal, dice := ref64.FocalDice(ref64.Wide(one(i, j)), y, 0.25)
			return 20*focal + dice
		}
		moved[o.Chosen[i]] = true
		for j := range k {
			if want := ref64.MaskIoU(ref64.Wide(one(i, j)), y); float32(want) != o.True[i*k+j] {
				t.Errorf("example %d, head %d: true IoU %v, want %v", i, j, o.True[i*k+j], want)
			}
			lost := j != int(o.Chosen[i])
			if lost && j > 0 && loss(j) < loss(int(o.Chosen[i])) {
				t.Errorf("example %d: head %d was chosen, head %d has a smaller loss", i, o.Chosen[i], j)
			}
			some := scores.Grad[i*k+j] != 0
			for _, g := range logits.Grad[(i*k+j)*seenPixels:][:seenPixels] {
				some = some || g != 0
			}
			if some == lost {
				t.Errorf("example %d, head %d: gradient %v, lost %v", i, j, some, lost)
			}
		}
	}
	if len(moved) < 2 {
		t.Error("one head takes every example: the test shows nothing")
	}
}

// A loss that is no number is not passed over for a better head.
func TestMaskLossKeepsNaN(t *testing.T) {
	for j := range 3 {
		ps, tape := leaves([]Shape{{1, 3, seenPixels}, {1, 3}}), New()
		ps[0].Value.Data[j*seenPixels+2] = float32(math.NaN())
		o := MaskLoss{To: 3, Focal: 20, Dice: 1, IoU: 1, Alpha: 0.25, Chosen: make([]int32, 1)}
		if loss := tape.Leaf(ps[0]).MaskLoss(tape.Leaf(ps[1]), onObject(1), o).Item(); loss == loss || int(o.Chosen[0]) != j {
			t.Errorf("head %d of NaN: loss %v, head %d was chosen", j, loss, o.Chosen[0])
		}
	}
}

// What these operations keep, in floats.
func TestMaskOpsKeep(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int
		want   int
	}{
		{"mask loss of the least", 0, 3*3*seenPixels + 3*3},
		{"mask loss of the least", 0b01, 3 * 3},
		{"mask loss of the least", 0b10, 3 * 3 * seenPixels},
		{"up conv", 0, 2 * 3 * 2 * 5},
		{"up conv", 0b010, 0},
		{"up conv without bias, twice", 0, 4 * 2 * 3 * 4}, // the first input is a leaf
		{"copies", 0, 0},
		{"against", 0, 2*3*5 + 2*18*5},
		{"against", 0b01, 2 * 3 * 5}, // of frozen rows: the rows
		{"against", 0b10, 2 * 18 * 5},
		{"add row", 0, 0},
		{"a table for every example", 0, 0},
		{"rows of a table by their numbers", 0, 6},
	} {
		checkKept(t, c.name, c.frozen, 4*c.want)
	}
}

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
	ps, tape := leaves([]Shape{{3, 4, 6}, {3, 3}, {3, 3}, {6, 4}, {6, 24}, {6}, {6}}), New()
	truth, o := make([]float32, 6*16), MaskLoss{To: 4, Focal: 20, Dice: 1, IoU: 1, Alpha: 0.25, Chosen: make([]int32, 6), True: make([]float32, 24)}
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0])
		x = x.AttendRelative(x, x, ps[1], ps[2], 2, 2, 2, "map")
		x = x.Copies(2).AddRow(ps[6])
		pixels := x.Reshape(Shape{6, 2, 2, 6}).UpConv(ps[4], ps[5]).Reshape(Shape{6, 16, 6})
		tape.Backward(x.Against(pixels).MaskLoss(tape.Leaf(ps[3]), truth, o))
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
	scores, maps := tape.Input(NewTensor(Shape{2, 6})), tape.Input(NewTensor(Shape{2, 2, 3, 8}))
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"attend relative (block7): want shape [2, 9, 8], got [2, 6, 8]", func() { tokens.AttendRelative(tokens, tokens, rh, rw, 4, 3, 3, "") }},
		{"attend relative (block7): want shape [2, 6, 3], got [2, 6, 8]", func() { tokens.AttendRelative(tokens, tokens, rh, rw, 3, 2, 3, "") }},
		{"attend relative (enc0/rw): want shape [3, 2], got [5, 2]", func() { tokens.AttendRelative(tokens, tokens, rw, rw, 4, 2, 3, "") }},
		{"attend relative (enc0/rh): want shape [5, 2], got [3, 2]", func() { tokens.AttendRelative(tokens, tokens, rh, rh, 4, 2, 3, "") }},
		{"attend relative (block7): want shape [2, 6, 8], got [2, 5, 8]", func() { tokens.AttendRelative(tokens, other, rh, rw, 4, 2, 3, "") }},
		{"up conv (enc0/rh): want shape [.., .., .., ..], got [2, 6, 8]", func() { tokens.UpConv(rh, nil) }},
		{"up conv (enc0/rh): want shape [8, 4], got [3, 2]", func() { maps.UpConv(rh, nil) }},
		{"up conv (enc0/rw): want shape [3], got [5, 2]", func() { maps.UpConv(NewParam("w", Shape{8, 12}), rw) }},
		{"copies (block7): want shape [..], got []", func() { tokens.Copies(0) }},
		{"against (block7): want shape [2, .., 8], got [2, 6]", func() { tokens.Against(scores) }},
		{"against (block7): want shape [.., .., ..], got [2, 6]", func() { scores.Against(tokens) }},
		{"add row (enc0/rh): want shape [1, 8], got [3, 2]", func() { tokens.AddRow(rh) }},
		{"mask loss (predicted): want shape [2, 6], got [2, 5, 8]", func() { tokens.MaskLoss(other, nil, MaskLoss{To: 1}) }},
		{"mask loss (truth): want shape [2, 8], got [3]", func() { tokens.MaskLoss(scores, make([]float32, 3), MaskLoss{To: 1}) }},
		{"mask loss (heads): want shape [2, 7, 8], got [2, 6, 8]", func() { tokens.MaskLoss(scores, make([]float32, 16), MaskLoss{To: 7}) }},
		{"mask loss (heads): want shape [2, 2, 8], got [2, 6, 8]", func() { tokens.MaskLoss(scores, make([]float32, 16), MaskLoss{From: 1}) }},
		{"mask loss (chosen or true): want shape [2, 6], got [3]", func() {
			tokens.MaskLoss(scores, make([]float32, 16), MaskLoss{To: 1, Chosen: make([]int32, 3)})
		}},
	} {
		checkShapeError(t, tape, c.want, c.f)
	}
}
