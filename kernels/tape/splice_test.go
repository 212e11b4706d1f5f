package tape

import (
	"testing"

	"petri/kernels/ref64"
)

// splice64 is Insert, or Replace where skip is p, of rows [p, d] or [n, p, d] at token at of x [n, m, d].
func splice64(x, rows []float64, n, m, d, at, skip, p int) []float64 {
	var y []float64
	for i := range n {
		own := rows[len(rows)/(p*d)/n*i*p*d:][:p*d] // the same ones where there are rows for one example only
		group := x[i*m*d:][:m*d]
		y = append(append(append(y, group[:at*d]...), own...), group[(at+skip)*d:]...)
	}
	return y
}

// spliceCases are the operations of methods that change the sequence of tokens.
var spliceCases = []opCase{
	{"insert", []Shape{{3, 4, 2}, {2, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Insert(1, t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return splice64(x[0], x[1], 3, 4, 2, 1, 0, 2) }},
	{"insert for each example, behind all", []Shape{{3, 4, 2}, {3, 5, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Insert(4, t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return splice64(x[0], x[1], 3, 4, 2, 4, 0, 5) }},
	{"insert twice", []Shape{{2, 3, 2}, {1, 2}},
		func(t *Tape, p []*Param) Var {
			x, rows := t.Leaf(p[0]).Scale(2), t.Leaf(p[1])
			return x.Insert(0, rows).Add(x.Insert(3, rows))
		},
		func(x [][]float64) []float64 {
			y := ref64.Add(x[0], x[0])
			return ref64.Add(splice64(y, x[1], 2, 3, 2, 0, 0, 1), splice64(y, x[1], 2, 3, 2, 3, 0, 1))
		}},
	{"insert its own rows", []Shape{{2, 3, 2}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.Insert(1, x) },
		func(x [][]float64) []float64 { return splice64(x[0], x[0], 2, 3, 2, 1, 0, 3) }},
	{"replace", []Shape{{3, 4, 2}, {2, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Replace(1, t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return splice64(x[0], x[1], 3, 4, 2, 1, 2, 2) }},
	{"replace all, for each example", []Shape{{3, 4, 2}, {3, 4, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(1).Replace(0, t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return x[1] }},
	{"replace twice, and what was there", []Shape{{2, 3, 2}, {1, 2}, {1, 2}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(2)
			return x.Replace(1, t.Leaf(p[1])).Replace(1, t.Leaf(p[2])).Add(x).Add(x.Replace(2, t.Leaf(p[1])))
		},
		func(x [][]float64) []float64 {
			y := ref64.Add(x[0], x[0])
			sum := ref64.Add(splice64(y, x[2], 2, 3, 2, 1, 1, 1), y)
			return ref64.Add(sum, splice64(y, x[1], 2, 3, 2, 2, 1, 1))
		}},
	{"repeat", []Shape{{2, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Repeat(3) },
		func(x [][]float64) []float64 {
			return append(append(append([]float64(nil), x[0]...), x[0]...), x[0]...)
		}},
	{"insert repeated rows", []Shape{{3, 2, 2}, {1, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Insert(1, t.Leaf(p[1]).Repeat(3)) },
		func(x [][]float64) []float64 { return splice64(x[0], x[1], 3, 2, 2, 1, 0, 1) }},
	{"tanh", []Shape{{7, 9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(2).Tanh() },
		func(x [][]float64) []float64 { return ref64.Tanh(ref64.Add(x[0], x[0])) }},
	{"attend to more keys", []Shape{{2, 3, 8}, {2, 5, 8}, {2, 5, 8}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Attend(t.Leaf(p[1]), t.Leaf(p[2]), 4, "map") },
		func(x [][]float64) []float64 {
			o, _ := ref64.CrossAttention(x[0], x[1], x[2], nil, 2, 3, 5, 4, 2)
			return o
		}},
	{"attend to fewer keys, which are the values, with a bias", []Shape{{3, 5, 4}, {3, 2, 4}, {2, 5, 2}},
		func(t *Tape, p []*Param) Var {
			k := t.Leaf(p[1])
			return t.Leaf(p[0]).AttendBias(k, k, t.Leaf(p[2]), 2, "map")
		},
		func(x [][]float64) []float64 {
			o, _ := ref64.CrossAttention(x[0], x[1], x[1], x[2], 3, 5, 2, 2, 2)
			return o
		}},
	{"attend to itself behind a prefix", []Shape{{2, 3, 8}, {2, 8}, {2, 8}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0])
			return x.Attend(x.Insert(0, t.Leaf(p[1])), x.Insert(0, t.Leaf(p[2])), 2, "map")
		},
		func(x [][]float64) []float64 {
			k, v := splice64(x[0], x[1], 2, 3, 8, 0, 0, 2), splice64(x[0], x[2], 2, 3, 8, 0, 0, 2)
			o, _ := ref64.CrossAttention(x[0], k, v, nil, 2, 3, 5, 2, 4)
			return o
		}},
}

func init() { opCases = append(opCases, spliceCases...) }

// What the new tokens cost: nothing by themselves; attention keeps what it reads, of queries and keys the numbers there are.
func TestSplicedTokensAreCounted(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int
		want   int
	}{
		{"insert", 0, 0},
		{"replace twice, and what was there", 0, 0},
		{"repeat", 0, 0},
		{"tanh", 0, 7 * 9},
		{"attend to more keys", 0, 2 * 4 * 3 * 5},                  // leaves belong to the model
		{"attend to itself behind a prefix", 0, 4*3*5 + 2*2*5*8},   // two heads of two examples
		{"attend to itself behind a prefix", 0b101, 4*3*5 + 2*5*8}, // dk: q is a leaf, the values are not
	} {
		checkKept(t, c.name, c.frozen, 4*c.want)
	}
}

// What was replaced gets a gradient of exactly 0, and only it.
func TestReplacedRowsGetNoGradient(t *testing.T) {
	ps, tape := leaves([]Shape{{2, 4, 3}, {2, 3}}), New()
	y := tape.Leaf(ps[0]).Replace(1, tape.Leaf(ps[1]))
	g := NewTensor(y.Shape())
	for i := range g.Data {
		g.Data[i] = 1
	}
	tape.BackwardFrom(y, g)
	for i, x := range ps[0].Grad {
		want := float32(1)
		if token := i / 3 % 4; token == 1 || token == 2 {
			want = 0
		}
		if x != want {
			t.Fatalf("gradient %d is %v, want %v", i, x, want)
		}
	}
	for i, x := range ps[1].Grad {
		if x != 2 {
			t.Fatalf("gradient %d of the rows is %v, want one of each example", i, x)
		}
	}
}

// The operations of attention are counted by queries and keys.
func TestOperationsOfAttentionToOtherKeys(t *testing.T) {
	ps, tape := leaves([]Shape{{2, 3, 8}, {2, 5, 8}}), New()
	k := tape.Leaf(ps[1])
	y := tape.Leaf(ps[0]).Attend(k, k, 4, "map")
	tape.BackwardFrom(y, NewTensor(y.Shape()))
	if got := tape.Ledger.ForwardFLOP; got != 2*2*(2*3*5*8) {
		t.Errorf("%d operations, want two products of %d", got, 2*(2*3*5*8))
	}
	if got := tape.Ledger.BackwardFLOP; got != 4*2*(2*3*5*8) {
		t.Errorf("%d operations backward, want four products of %d", got, 2*(2*3*5*8))
	}
	p := make([]float32, 4*3*5)
	if heads, queries, keys, ok := tape.Attention(p, "map", 1); !ok || heads != 4 || queries != 3 || keys != 5 {
		t.Fatalf("%d heads of %d queries and %d keys, %v", heads, queries, keys, ok)
	}
	for i := range 4 * 3 {
		if sum := ref64.Dot(ref64.Wide(p[i*5:][:5]), []float64{1, 1, 1, 1, 1}); !(sum > 1-1e-6 && sum < 1+1e-6) {
			t.Errorf("row %d sums to %v", i, sum)
		}
	}
}

func TestStepsWithSplicedTokensDoNotAllocate(t *testing.T) {
	ps, tape := leaves([]Shape{{3, 4, 8}, {2, 8}, {2, 8}}), New()
	step := func() {
		tape.Reset()
		x := tape.Leaf(ps[0]).Insert(1, tape.Leaf(ps[1]).Repeat(3)).Replace(1, tape.Leaf(ps[2]).Tanh())
		k := x.Insert(0, tape.Leaf(ps[1]))
		tape.Backward(x.Attend(k, k, 4, "map").MeanRows().CrossEntropy([]int32{1, 3, 0}))
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}
