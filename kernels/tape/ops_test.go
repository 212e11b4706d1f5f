package tape

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/ref64"
)

// opCase is one operation, or a few of them, on leaves of the given shapes, and the same in float64.
type opCase struct {
	name   string
	shapes []Shape
	build  func(t *Tape, p []*Param) Var
	mirror func(x [][]float64) []float64
}

var labels = []int32{2, 0, 4}

var opCases = []opCase{
	{"linear", []Shape{{2, 3, 5}, {5, 7}, {7}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Linear(p[1], p[2]) },
		func(x [][]float64) []float64 { return ref64.Linear(x[0], x[1], x[2], 6, 5, 7) }},
	{"linear without bias", []Shape{{6, 5}, {5, 18}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Linear(p[1], nil) },
		func(x [][]float64) []float64 { return ref64.Linear(x[0], x[1], nil, 6, 5, 18) }},
	{"linear add", []Shape{{2, 3, 5}, {5, 7}, {7}, {2, 3, 7}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).LinearAdd(p[1], p[2], t.Leaf(p[3])) },
		func(x [][]float64) []float64 { return ref64.Add(x[3], ref64.Linear(x[0], x[1], x[2], 6, 5, 7)) }},
	{"linear add to itself", []Shape{{6, 5}, {5, 5}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.LinearAdd(p[1], nil, x) },
		func(x [][]float64) []float64 { return ref64.Add(x[0], ref64.Linear(x[0], x[1], nil, 6, 5, 5)) }},
	{"one weight twice", []Shape{{6, 5}, {5, 5}, {5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Linear(p[1], p[2]).Linear(p[1], p[2]) },
		func(x [][]float64) []float64 {
			return ref64.Linear(ref64.Linear(x[0], x[1], x[2], 6, 5, 5), x[1], x[2], 6, 5, 5)
		}},
	{"one input for three products", []Shape{{6, 5}, {5, 4}, {5, 4}, {5, 4}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(2)
			return x.Linear(p[3], nil).Add(x.LinearAdd(p[2], nil, x.Linear(p[1], nil)))
		},
		func(x [][]float64) []float64 {
			sum := ref64.Add(ref64.Add(x[1], x[2]), x[3])
			y := ref64.Linear(x[0], sum, nil, 6, 5, 4)
			return ref64.Add(y, y)
		}},
	{"layer norm", []Shape{{2, 3, 8}, {8}, {8}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).LayerNorm(p[1], p[2]) },
		func(x [][]float64) []float64 { return ref64.LayerNorm(x[0], x[1], x[2], 8) }},
	{"pre-norm residual", []Shape{{6, 8}, {8}, {8}, {8, 8}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			return x.LayerNorm(p[1], p[2]).LinearAdd(p[3], nil, x)
		},
		func(x [][]float64) []float64 {
			return ref64.Add(x[0], ref64.Linear(ref64.LayerNorm(x[0], x[1], x[2], 8), x[3], nil, 6, 8, 8))
		}},
	{"attend", []Shape{{2, 5, 12}, {2, 5, 12}, {2, 5, 12}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Attend(t.Leaf(p[1]), t.Leaf(p[2]), 4, "map") },
		func(x [][]float64) []float64 { o, _ := ref64.Attention(x[0], x[1], x[2], 2, 5, 4, 3); return o }},
	{"attend, three heads", []Shape{{2, 4, 6}, {2, 4, 6}, {2, 4, 6}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Attend(t.Leaf(p[1]), t.Leaf(p[2]), 3, "map") },
		func(x [][]float64) []float64 { o, _ := ref64.Attention(x[0], x[1], x[2], 2, 4, 3, 2); return o }},
	{"attend to itself", []Shape{{2, 5, 8}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.Attend(x, x, 2, "map") },
		func(x [][]float64) []float64 { o, _ := ref64.Attention(x[0], x[0], x[0], 2, 5, 2, 4); return o }},
	{"depthwise", []Shape{{2, 5, 4, 3}, {3, 3, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Depthwise(p[1], 1) },
		func(x [][]float64) []float64 { return ref64.Depthwise(x[0], x[1], 2, 5, 4, 3, 3, 1) }},
	{"depthwise, stride 2, twice", []Shape{{1, 7, 6, 4}, {5, 5, 4}, {3, 3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Depthwise(p[1], 2).Depthwise(p[2], 2) },
		func(x [][]float64) []float64 {
			return ref64.Depthwise(ref64.Depthwise(x[0], x[1], 1, 7, 6, 4, 5, 2), x[2], 1, 4, 3, 4, 3, 2)
		}},
	{"conv", []Shape{{2, 5, 4, 3}, {3, 3, 3, 6}, {6}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Conv(p[1], p[2], 1) },
		func(x [][]float64) []float64 { return ref64.Conv(x[0], x[1], x[2], 2, 5, 4, 3, 6, 3, 1) }},
	{"conv without bias, stride 2, twice", []Shape{{1, 7, 6, 1}, {5, 5, 1, 4}, {3, 3, 4, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Conv(p[1], nil, 2).Conv(p[2], nil, 2) },
		func(x [][]float64) []float64 {
			return ref64.Conv(ref64.Conv(x[0], x[1], nil, 1, 7, 6, 1, 4, 5, 2), x[2], nil, 1, 4, 3, 4, 2, 3, 2)
		}},
	{"one kernel twice", []Shape{{2, 3, 3, 2}, {3, 3, 2, 2}, {2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Conv(p[1], p[2], 1).Conv(p[1], p[2], 1) },
		func(x [][]float64) []float64 {
			return ref64.Conv(ref64.Conv(x[0], x[1], x[2], 2, 3, 3, 2, 2, 3, 1), x[1], x[2], 2, 3, 3, 2, 2, 3, 1)
		}},
	{"average pool", []Shape{{2, 5, 4, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).AvgPool(2) },
		func(x [][]float64) []float64 { return ref64.AvgPool(x[0], 2, 5, 4, 3, 2) }},
	{"batch norm", []Shape{{2, 3, 2, 5}, {5}, {5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).BatchNorm(p[1], p[2], NewRunning("bn", 5), true) },
		func(x [][]float64) []float64 {
			mean, variance := ref64.BatchStats(x[0], 5)
			return ref64.BatchNorm(x[0], mean, variance, x[1], x[2], 5)
		}},
	{"batch norm and residual", []Shape{{6, 8}, {8}, {8}, {8, 8}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Scale(1)
			return x.BatchNorm(p[1], p[2], NewRunning("bn", 8), true).LinearAdd(p[3], nil, x)
		},
		func(x [][]float64) []float64 {
			mean, variance := ref64.BatchStats(x[0], 8)
			return ref64.Add(x[0], ref64.Linear(ref64.BatchNorm(x[0], mean, variance, x[1], x[2], 8), x[3], nil, 6, 8, 8))
		}},
	{"batch norm in evaluation", []Shape{{2, 3, 5}, {5}, {5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).BatchNorm(p[1], p[2], seen5(), false) },
		func(x [][]float64) []float64 {
			r := seen5()
			return ref64.BatchNorm(x[0], ref64.Wide(r.Mean), ref64.Wide(r.Var), x[1], x[2], 5)
		}},
	{"linear on maps", []Shape{{2, 3, 2, 5}, {5, 7}, {7}, {2, 3, 2, 7}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).LinearAdd(p[1], p[2], t.Leaf(p[3])) },
		func(x [][]float64) []float64 { return ref64.Add(x[3], ref64.Linear(x[0], x[1], x[2], 12, 5, 7)) }},
	{"reshape", []Shape{{2, 3, 2, 5}, {5, 4}},
		func(t *Tape, p []*Param) Var {
			return t.Leaf(p[0]).Reshape(Shape{2, 6, 5}).Linear(p[1], nil).Reshape(Shape{2, 3, 2, 4})
		},
		func(x [][]float64) []float64 { return ref64.Linear(x[0], x[1], nil, 12, 5, 4) }},
	{"both shapes of one result", []Shape{{2, 6, 5}, {5, 4}, {3, 3, 5}, {5, 5}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Linear(p[3], nil)
			maps := x.Reshape(Shape{2, 3, 2, 5})
			return maps.Depthwise(p[2], 1).Reshape(Shape{2, 6, 5}).Add(x).Add(maps.Reshape(Shape{2, 6, 5})).Linear(p[1], nil)
		},
		func(x [][]float64) []float64 {
			h := ref64.Linear(x[0], x[3], nil, 12, 5, 5)
			y := ref64.Add(ref64.Depthwise(h, x[2], 2, 3, 2, 5, 3, 1), ref64.Add(h, h))
			return ref64.Linear(y, x[1], nil, 12, 5, 4)
		}},
	{"gelu", []Shape{{7, 9}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(2).GELU() },
		func(x [][]float64) []float64 { return ref64.GELU(ref64.Add(x[0], x[0])) }},
	{"add", []Shape{{3, 4}, {3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Add(t.Leaf(p[1])) },
		func(x [][]float64) []float64 { return ref64.Add(x[0], x[1]) }},
	{"add to itself", []Shape{{3, 4}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.Add(x) },
		func(x [][]float64) []float64 { return ref64.Add(x[0], x[0]) }},
	{"scale", []Shape{{3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Scale(-1.5) },
		func(x [][]float64) []float64 {
			y := make([]float64, len(x[0]))
			for i, v := range x[0] {
				y[i] = -1.5 * v
			}
			return y
		}},
	{"prepend", []Shape{{2, 3, 4}, {2, 4}, {5, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Prepend(p[1], p[2]) },
		func(x [][]float64) []float64 {
			y := prepend64(x[0], x[1], 2, 3*4)
			return ref64.Add(y, append(append([]float64(nil), x[2]...), x[2]...))
		}},
	{"prepend without table", []Shape{{2, 3, 4}, {1, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Prepend(p[1], nil) },
		func(x [][]float64) []float64 { return prepend64(x[0], x[1], 2, 3*4) }},
	{"table alone", []Shape{{2, 3, 4}, {3, 4}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Prepend(nil, p[1]) },
		func(x [][]float64) []float64 {
			return ref64.Add(x[0], append(append([]float64(nil), x[1]...), x[1]...))
		}},
	{"rows", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Rows(1, 4) },
		func(x [][]float64) []float64 { return append(append([]float64(nil), x[0][3:12]...), x[0][18:27]...) }},
	{"rows that overlap", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { x := t.Leaf(p[0]); return x.Rows(0, 3).Add(x.Rows(2, 5)) },
		func(x [][]float64) []float64 {
			a := append(append([]float64(nil), x[0][:9]...), x[0][15:24]...)
			return ref64.Add(a, append(append([]float64(nil), x[0][6:15]...), x[0][21:30]...))
		}},
	{"row", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Row(2) },
		func(x [][]float64) []float64 { return append(append([]float64(nil), x[0][6:9]...), x[0][21:24]...) }},
	{"mean rows", []Shape{{2, 5, 3}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).MeanRows() },
		func(x [][]float64) []float64 {
			y := make([]float64, 6)
			for i, v := range x[0] {
				y[i/15*3+i%3] += v / 5
			}
			return y
		}},
	{"concat", []Shape{{2, 3, 4}, {2, 3, 2}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).Concat(t.Leaf(p[1])) },
		func(x [][]float64) []float64 {
			var y []float64
			for i := range 6 {
				y = append(append(y, x[0][4*i:][:4]...), x[1][2*i:][:2]...)
			}
			return y
		}},
	{"cross entropy", []Shape{{3, 5}},
		func(t *Tape, p []*Param) Var { return t.Leaf(p[0]).CrossEntropy(labels) },
		func(x [][]float64) []float64 { return []float64{ref64.CrossEntropy(x[0], labels, 3, 5)} }},
	{"two losses", []Shape{{3, 6}, {6, 5}},
		func(t *Tape, p []*Param) Var {
			x := t.Leaf(p[0]).Linear(p[1], nil)
			return x.CrossEntropy(labels).Add(x.Scale(0.5).CrossEntropy(labels).Scale(3))
		},
		func(x [][]float64) []float64 {
			y := ref64.Linear(x[0], x[1], nil, 3, 6, 5)
			a := ref64.CrossEntropy(y, labels, 3, 5)
			for i := range y {
				y[i] /= 2
			}
			return []float64{a + 3*ref64.CrossEntropy(y, labels, 3, 5)}
		}},
}

// seen5 are statistics of five channels that some batches have left.
func seen5() *Running {
	return &Running{Name: "bn", Mean: []float32{0.5, -1, 0, 2, 0.25}, Var: []float32{1, 0.25, 4, 0.0625, 2}, Updates: 3}
}

// prepend64 puts tokens before each of n groups of x.
func prepend64(x, tokens []float64, n, group int) []float64 {
	var y []float64
	for i := range n {
		y = append(append(y, tokens...), x[i*group:][:group]...)
	}
	return y
}

// leaves returns trainable parameters with draws from a normal distribution.
func leaves(shapes []Shape) []*Param {
	r := rand.New(rand.NewPCG(5, 6))
	ps := make([]*Param, len(shapes))
	for i, s := range shapes {
		ps[i] = NewParam(string(rune('a'+i)), s)
		for j := range ps[i].Value.Data {
			ps[i].Value.Data[j] = float32(r.NormFloat64())
		}
	}
	return ps
}

// run computes the case and the gradient of Σ weight·result, poisoned in between if asked.
func (c *opCase) run(ps []*Param, poison bool) (value []float32, tape *Tape) {
	t := New()
	y := c.build(t, ps)
	value = append(value, y.Data()...)
	if poison {
		t.Poison()
	}
	if y.Trained() {
		g := t.gradient(len(value))
		for i := range g {
			g[i] = weight(i)
		}
		t.backward(y, g)
	}
	return value, t
}

// weight is the gradient of the result, dyadic so that float32 holds it.
func weight(i int) float32 {
	if i == 0 {
		return 1
	}
	return float32(i%7-3) / 4
}

func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	size := 1.0
	for _, v := range want {
		size = max(size, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tolerance*size) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], v)
		}
	}
}

func TestOpsAgainstFloat64(t *testing.T) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) {
			ps := leaves(c.shapes)
			x := make([][]float64, len(ps))
			for i, p := range ps {
				x[i] = ref64.Wide(p.Value.Data)
			}
			value, _ := c.run(ps, false)
			near(t, "result", value, c.mirror(x), 2e-6)
			for i, p := range ps {
				want := ref64.Grad(func(at []float64) float64 {
					y := append([][]float64(nil), x...)
					y[i] = at
					sum := 0.0
					for j, v := range c.mirror(y) {
						sum += float64(weight(j)) * v
					}
					return sum
				}, x[i], 1e-5)
				near(t, "gradient of "+p.Name, p.Grad, want, 1e-5)
			}
		})
	}
}

// TestGradientsNeedOnlyWhatIsKept goes through every choice of frozen parameters: the gradients of the others must be
// the same bits as when all are trained, although less is kept and everything else is NaN.
func TestGradientsNeedOnlyWhatIsKept(t *testing.T) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) {
			all := leaves(c.shapes)
			_, full := c.run(all, false)
			for frozen := range 1 << len(all) {
				ps := leaves(c.shapes)
				for i, p := range ps {
					p.Frozen = frozen>>i&1 == 1
				}
				_, tape := c.run(ps, true)
				for i, p := range ps {
					if p.Frozen {
						if p.Grad != nil {
							t.Fatalf("frozen %b: %s got a gradient", frozen, p.Name)
						}
						continue
					}
					if !p.Fresh() {
						t.Fatalf("frozen %b: %s got no gradient", frozen, p.Name)
					}
					for j, g := range p.Grad {
						if math.Float32bits(g) != math.Float32bits(all[i].Grad[j]) {
							t.Fatalf("frozen %b: gradient of %s[%d] = %v, want %v", frozen, p.Name, j, g, all[i].Grad[j])
						}
					}
				}
				if got, most := tape.Ledger.Bytes(), full.Ledger.Bytes(); got > most {
					t.Errorf("frozen %b keeps %d bytes, more than %d with all trained", frozen, got, most)
				}
				if frozen == 1<<len(all)-1 && (tape.Records() != 0 || tape.Ledger.Bytes() != 0) {
					t.Errorf("all frozen: %d records, %d bytes kept", tape.Records(), tape.Ledger.Bytes())
				}
			}
		})
	}
}

// TestKeptBytes pins what each operation keeps, in floats.
func TestKeptBytes(t *testing.T) {
	for _, c := range []struct {
		name   string
		frozen int // bit i: parameter i
		want   int
	}{
		{"linear", 0, 0}, // the leaf belongs to the model
		{"one weight twice", 0, 6 * 5},
		{"one input for three products", 0, 6 * 5},
		{"one input for three products", 0b1110, 0},
		{"one input for three products", 0b1101, 6 * 5},
		{"layer norm", 0, 6*8 + 6},
		{"layer norm", 0b001, 6 * 8},
		{"layer norm", 0b011, 0},
		{"layer norm", 0b110, 6*8 + 6},
		{"conv", 0, 0},
		{"conv without bias, stride 2, twice", 0, 4 * 3 * 4},
		{"conv without bias, stride 2, twice", 0b100, 0},
		{"average pool", 0, 0},
		{"batch norm", 0, 12*5 + 5},
		{"batch norm", 0b001, 12 * 5},
		{"batch norm", 0b011, 0},
		{"batch norm", 0b110, 12*5 + 5},
		{"batch norm in evaluation", 0, 6*5 + 5},
		{"batch norm in evaluation", 0b001, 6 * 5},
		{"batch norm in evaluation", 0b010, 5},
		{"batch norm in evaluation", 0b011, 0},
		{"reshape", 0, 0},
		{"both shapes of one result", 0, 2 * 12 * 5}, // the input of the depth-wise convolution and that of the second product
		{"attend", 0, 2 * 4 * 5 * 5},
		{"gelu", 0, 7 * 9},
		{"cross entropy", 0, 3 * 5},
		{"prepend", 0, 0},
		{"concat", 0, 0},
	} {
		checkKept(t, c.name, c.frozen, 4*c.want)
	}
}

// ledgerOf is what an operation of opCases leaves in the ledger; bit i of frozen freezes its parameter i.
func ledgerOf(t *testing.T, name string, frozen int) *Ledger {
	t.Helper()
	for _, o := range opCases {
		if o.name != name {
			continue
		}
		ps := leaves(o.shapes)
		for i, p := range ps {
			p.Frozen = frozen>>i&1 == 1
		}
		_, tape := o.run(ps, false)
		return &tape.Ledger
	}
	t.Fatalf("there is no operation %q", name)
	return nil
}

// checkKept compares the bytes that an operation keeps.
func checkKept(t *testing.T, name string, frozen, want int) {
	t.Helper()
	if got := ledgerOf(t, name, frozen).Bytes(); got != want {
		t.Errorf("%s, frozen %b: %d bytes kept, want %d", name, frozen, got, want)
	}
}

// TestAttendKeepsWhatItsGradientsNeed covers the bilinear part: dq needs k and v, dk needs q and v, dv neither.
func TestAttendKeepsWhatItsGradientsNeed(t *testing.T) {
	const probs, one = 2 * 4 * 5 * 5, 2 * 5 * 12
	for frozen, want := range map[int]int{
		0b000: probs + 3*one,
		0b110: probs + 2*one, // q trained
		0b101: probs + 2*one, // k trained
		0b011: probs,         // v trained
		0b010: probs + 2*one, // q and v trained, as LoRA does in the lowest block
		0b111: 0,
	} {
		ps := leaves([]Shape{{2, 5, 12}, {2, 5, 12}, {2, 5, 12}})
		tape := New()
		var x [3]Var
		for i, p := range ps {
			p.Frozen = frozen>>i&1 == 1
			x[i] = tape.Leaf(p).Scale(1) // a result of the step, unlike a leaf
		}
		x[0].Attend(x[1], x[2], 4, "map")
		if got := tape.Ledger.Bytes(); got != 4*want {
			t.Errorf("frozen %03b: %d bytes kept, want %d", frozen, got, 4*want)
		}
	}
}
