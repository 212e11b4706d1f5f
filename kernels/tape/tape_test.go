package tape

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// small is a step with every operation that keeps something.
func small(t *Tape, ps []*Param) Var {
	x := t.Leaf(ps[0]).Linear(ps[1], ps[2])
	h := x.LayerNorm(ps[3], ps[4])
	x = h.Attend(h, h, 2, "map").Add(x).Named("stream")
	x = x.GELU().LinearAdd(ps[5], nil, x)
	return x.Row(0).CrossEntropy([]int32{1, 3})
}

var smallShapes = []Shape{{2, 3, 6}, {6, 8}, {8}, {8}, {8}, {8, 8}}

func TestStepsDoNotAllocate(t *testing.T) {
	ps, tape := leaves(smallShapes), New()
	r := rand.New(rand.NewPCG(1, 1))
	step := func() {
		tape.Reset()
		before := tape.Enter("block0")
		loss := small(tape, ps).Add(tape.Leaf(ps[0]).Dropout(0.5, r).MeanRows().CrossEntropy([]int32{0, 1}))
		tape.Enter(before)
		tape.Lookup("stream")
		tape.Backward(loss)
		for _, p := range ps {
			p.TakeGrad()
			p.Touch()
		}
	}
	noGarbage(t, tape, step)
}

func TestGradientsGatherUntilTaken(t *testing.T) {
	ps, tape := leaves(smallShapes), New()
	back := func() {
		tape.Reset()
		tape.Backward(small(tape, ps))
	}
	back()
	once := append([]float32(nil), ps[1].Grad...)
	back()
	for i, g := range ps[1].Grad {
		if want := 2 * once[i]; !(math.Abs(float64(g-want)) <= 1e-6) {
			t.Fatalf("second backward: gradient %v, want twice %v", g, once[i])
		}
	}
	ps[1].TakeGrad()
	back()
	for i, g := range ps[1].Grad {
		if g != once[i] {
			t.Fatalf("after TakeGrad: gradient %v, want %v", g, once[i])
		}
	}
	ps[1].TakeGrad()
	for _, g := range ps[1].TakeGrad() { // no backward in between
		if g != 0 {
			t.Fatalf("a gradient that nobody wrote is %v", g)
		}
	}
}

func TestShapeErrorsNameOperationAndParameter(t *testing.T) {
	tape := New()
	a, b := tape.Input(NewTensor(Shape{2, 3, 4})), tape.Input(NewTensor(Shape{2, 3, 5}))
	m, maps := tape.Input(NewTensor(Shape{6, 4})), tape.Input(NewTensor(Shape{2, 4, 4, 3}))
	p := func(s ...int) *Param {
		var shape Shape
		copy(shape[:], s)
		return NewParam("block0/q/w", shape)
	}
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"linear (block0/q/w): want shape [2, 3, 6], got [2, 3, 4]", func() { a.Linear(p(6, 2), nil) }},
		{"linear (block0/q/w): want shape [.., ..], got [4]", func() { a.Linear(p(4), nil) }},
		{"linear (block0/q/w): want shape [2], got [3]", func() { a.Linear(p(4, 2), p(3)) }},
		{"linear add (block0/q/w): want shape [2, 3, 5], got [2, 3, 4]", func() { a.LinearAdd(p(4, 5), nil, a) }},
		{"layer norm (block0/q/w): want shape [4], got [5]", func() { a.LayerNorm(p(5), p(4)) }},
		{"add (block7): want shape [2, 3, 4], got [2, 3, 5]", func() { a.Add(b) }},
		{"conv (block0/q/w): want shape [.., .., .., ..], got [2, 3, 4]", func() { a.Conv(p(3, 3, 4, 5), nil, 1) }},
		{"conv (block0/q/w): want shape [3, 3, 3, ..], got [3, 3, 4, 5]", func() { maps.Conv(p(3, 3, 4, 5), nil, 1) }},
		{"conv (block0/q/w): want shape [3, 3, 3, ..], got [3, 1, 3, 5]", func() { maps.Conv(p(3, 1, 3, 5), nil, 1) }},
		{"conv (block0/q/w): want shape [5], got [4]", func() { maps.Conv(p(3, 3, 3, 5), p(4), 1) }},
		{"depthwise (block0/q/w): want shape [3, 3, 3], got [3, 3, 2]", func() { maps.Depthwise(p(3, 3, 2), 1) }},
		{"average pool (block7): want shape [.., .., .., ..], got [2, 3, 4]", func() { a.AvgPool(2) }},
		{"batch norm (block0/q/w): want shape [4], got [5]", func() { a.BatchNorm(p(4), p(5), NewRunning("n", 4), true) }},
		{"batch norm (n): want shape [4], got [5]", func() { a.BatchNorm(p(4), p(4), NewRunning("n", 5), true) }},
		{"reshape (block7): want shape [5, 5], got [6, 4]", func() { m.Reshape(Shape{5, 5}) }},
		{"attend (block7): want shape [2, .., 4], got [2, 3, 5]", func() { a.Attend(b, a, 2, "") }},
		{"attend (block7): want shape [2, 3, 4], got [2, 2, 4]", func() { a.Attend(a, a.Rows(0, 2), 2, "") }},
		{"attend (block7): want shape [2, 3, 3], got [2, 3, 4]", func() { a.Attend(a, a, 3, "") }},
		{"attend (block7): want shape [.., .., ..], got [6, 4]", func() { m.Attend(m, m, 2, "") }},
		{"prepend (block0/q/w): want shape [.., 4], got [1, 5]", func() { a.Prepend(p(1, 5), nil) }},
		{"prepend (block0/q/w): want shape [4, 4], got [3, 4]", func() { a.Prepend(p(1, 4), p(3, 4)) }},
		{"rows (block7): want shape [2, 4, 4], got [2, 3, 4]", func() { a.Rows(1, 4) }},
		{"row (block7): want shape [2, 4, 4], got [2, 3, 4]", func() { a.Row(3) }},
		{"insert (block7): want shape [.., 4], got [2, 3, 5]", func() { a.Insert(1, b) }},
		{"insert (block7): want shape [2, 4, 4], got [2, 3, 4]", func() { a.Insert(4, m) }},
		{"insert (block7): want shape [.., .., ..], got [6, 4]", func() { m.Insert(0, m) }},
		{"replace (block7): want shape [2, 7, 4], got [2, 3, 4]", func() { a.Replace(1, m) }},
		{"repeat (block7): want shape [.., ..], got [2, 3, 4]", func() { a.Repeat(2) }},
		{"mean rows (block7): want shape [.., .., ..], got [6, 4]", func() { m.MeanRows() }},
		{"concat (block7): want shape [2, 3, ..], got [6, 4]", func() { a.Concat(m) }},
		{"cross entropy (block7): want shape [2, ..], got [6, 4]", func() { m.CrossEntropy([]int32{0, 1}) }},
		{"cross entropy (block7): want shape [6, 5], got [6, 4]", func() { m.CrossEntropy([]int32{0, 1, 2, 3, 4, 0}) }},
		{"backward (block7): want shape [1], got [6, 4]", func() { tape.Backward(m) }},
		{"item (block7): want shape [1], got [6, 4]", func() { m.Item() }},
		{"input (block7): want shape [2, 3], got [5]", func() { tape.Input(Tensor{Shape{2, 3}, make([]float32, 5)}) }},
	} {
		checkShapeError(t, tape, c.want, c.f)
	}
}

func TestStaleAndForeignVarsAreFoundOut(t *testing.T) {
	wants := func(text string, f func()) {
		t.Helper()
		defer func() {
			if s, ok := recover().(string); !ok || !strings.Contains(s, text) {
				t.Errorf("panic %q, want one with %q", s, text)
			}
		}()
		f()
		t.Errorf("no panic, want %q", text)
	}
	one, two := New(), New()
	x, y := one.Input(NewTensor(Shape{2, 2})), two.Input(NewTensor(Shape{2, 2}))
	wants("two tapes", func() { x.Add(y) })
	one.Reset()
	wants("has ended", func() { x.Data() })
	wants("no tape", func() { Var{}.Data() })
	p := leaves([]Shape{{2, 3}})
	loss := two.Leaf(p[0]).CrossEntropy([]int32{0, 1})
	two.Backward(loss)
	wants("once per step", func() { two.Backward(loss) })
	wants("dropout", func() { y.Dropout(1, nil) })
	two.Reset()
	maps := two.Input(NewTensor(Shape{1, 2, 2, 1}))
	wants("depthwise wants", func() { maps.Depthwise(NewParam("w", Shape{3, 3, 1}), 0) })
	wants("average pool wants", func() { maps.AvgPool(0) })
	wants("Rehome a", func() { p[0].Rehome(nil, nil) })
}

func TestPackedWeightsFollowTheVersion(t *testing.T) {
	w := leaves([]Shape{{3, 4}})[0]
	tape := New()
	out := func() float32 {
		tape.Reset()
		x := tape.Blank(Shape{1, 3})
		copy(x.Data(), []float32{1, 0, 0})
		return x.Linear(w, nil).Data()[0]
	}
	first := out()
	if first != w.Value.Data[0] {
		t.Fatalf("product %v, want %v", first, w.Value.Data[0])
	}
	w.Value.Data[0] = 42
	if got := out(); got != first {
		t.Errorf("the weight was packed again although its version is the same: %v", got)
	}
	w.Touch()
	if got := out(); got != 42 {
		t.Errorf("after Touch the product is %v, want 42", got)
	}
}

func TestInferenceKeepsNothing(t *testing.T) {
	ps, tape := leaves(smallShapes), New()
	train := small(tape, ps).Item()
	kept := tape.Ledger.Bytes()
	tape.Reset()
	tape.Infer = true
	loss := small(tape, ps)
	if loss.Item() != train {
		t.Errorf("loss %v, in training %v", loss.Item(), train)
	}
	if tape.Records() != 0 || tape.Ledger.Bytes() != 0 || kept == 0 {
		t.Errorf("%d records, %d bytes kept (in training %d)", tape.Records(), tape.Ledger.Bytes(), kept)
	}
	tape.Backward(loss)
	if ps[1].Fresh() {
		t.Error("inference left a gradient")
	}
	x := tape.Leaf(ps[0])
	if x.Dropout(0.5, nil) != x {
		t.Error("dropout is not the identity in inference")
	}
}

// TestDetachCutsTheGradient: of d/dx of Σ (x·w + detach(x·v)) only w's part arrives, and v gets nothing.
func TestDetachCutsTheGradient(t *testing.T) {
	ps := leaves([]Shape{{2, 3}, {3, 4}, {3, 4}})
	tape := New()
	x := tape.Leaf(ps[0])
	side := x.Linear(ps[2], nil)
	records := tape.Records()
	y := x.LinearAdd(ps[1], nil, side.Detach())
	tape.Poison()
	g := tape.gradient(8)
	for i := range g {
		g[i] = 1
	}
	tape.backward(y, g)
	if ps[2].Fresh() {
		t.Error("a gradient went through Detach")
	}
	for i := range 3 {
		var want float32
		for j := range 4 {
			want += ps[1].Value.Data[4*i+j]
		}
		if got := ps[0].Grad[i]; !(math.Abs(float64(got-want)) <= 1e-6) {
			t.Errorf("gradient %v, want %v", got, want)
		}
	}
	if records != 2 {
		t.Errorf("%d records before Detach, want 2", records)
	}
}

// TestDetachedInputCountsOnce: a tensor and its detached twin are the same memory.
func TestDetachedInputCountsOnce(t *testing.T) {
	ps, tape := leaves([]Shape{{2, 3}, {3, 4}, {3, 4}}), New()
	x := tape.Leaf(ps[0]).Scale(2)
	x.Linear(ps[1], nil)
	x.Detach().Detach().Linear(ps[2], nil)
	if got := tape.Ledger.Bytes(); got != 4*6 {
		t.Errorf("%d bytes kept, want 24", got)
	}
}

func TestDropout(t *testing.T) {
	const n, p = 20000, 0.25
	x := leaves([]Shape{{n}})[0]
	for i := range x.Value.Data {
		x.Value.Data[i] = 3
	}
	tape := New()
	y := tape.Leaf(x).Dropout(p, rand.New(rand.NewPCG(1, 2)))
	if got, want := tape.Ledger.Of(KeptMask), n/8; got != want {
		t.Errorf("%d bytes kept, want a bit per element, %d", got, want)
	}
	value := append([]float32(nil), y.Data()...)
	tape.Poison()
	g := tape.gradient(n)
	for i := range g {
		g[i] = 1
	}
	tape.backward(y, g)
	dropped := 0
	for i, v := range value {
		switch {
		case v == 0 && x.Grad[i] == 0:
			dropped++
		case v == 4 && x.Grad[i] == float32(4)/3:
		default:
			t.Fatalf("value %v, gradient %v", v, x.Grad[i])
		}
	}
	if sigma := math.Sqrt(n * p * (1 - p)); math.Abs(float64(dropped)-n*p) > 4*sigma {
		t.Errorf("%d of %d dropped, expected %v ± %v", dropped, n, n*p, sigma)
	}
	tape.Reset()
	again := tape.Leaf(x).Dropout(p, rand.New(rand.NewPCG(1, 2))).Data()
	for i, v := range value {
		if again[i] != v {
			t.Fatal("the same generator drops other elements")
		}
	}
}

func TestLedgerCountsByBlockAndKind(t *testing.T) {
	ps, tape := leaves(smallShapes), New()
	tape.Enter("block3")
	h := tape.Leaf(ps[0]).Linear(ps[1], ps[2]).LayerNorm(ps[3], ps[4])
	tape.Enter("")
	h.GELU()
	const norm, gelu = 4 * (6*8 + 6), 4 * 6 * 8
	if got := tape.Ledger.In("block3"); got != norm {
		t.Errorf("block3 keeps %d bytes, want %d", got, norm)
	}
	if got := tape.Ledger.In(""); got != gelu {
		t.Errorf("outside: %d bytes, want %d", got, gelu)
	}
	rows := tape.Ledger.Rows()
	if len(rows) != 2 || rows[0] != (Row{"block3", KeptNorm, norm}) || rows[1] != (Row{"", KeptGELU, gelu}) {
		t.Errorf("rows %v", rows)
	}
	if kinds := tape.Ledger.Kinds(); len(kinds) != 2 || kinds[0].Kind.String() != "layer norm" || kinds[1].Bytes != gelu {
		t.Errorf("kinds %v", kinds)
	}
	if got, want := tape.Ledger.ForwardFLOP, int64(2*6*6*8); got != want {
		t.Errorf("%d operations, want %d", got, want)
	}
	tape.Reset()
	if l := &tape.Ledger; l.Bytes() != 0 || l.ForwardFLOP != 0 || l.BackwardFLOP != 0 || len(l.Rows()) != 0 {
		t.Error("Reset does not empty the ledger")
	}
}

// miser keeps every other number, to see that all of backward goes through the Keeper.
type miser struct{ kept map[Kind]int }

func (m miser) Keep(a *Arena, kind Kind, x []float32) Kept {
	k := Kept{Data: a.Floats((len(x) + 1) / 2), Index: a.Words(1), Len: len(x), Bytes: 4 * ((len(x) + 1) / 2)}
	for i := range k.Data {
		k.Data[i] = x[2*i]
	}
	m.kept[kind] += len(x)
	return k
}

func (m miser) Restore(dst []float32, k Kept) {
	clear(dst)
	for i, v := range k.Data {
		dst[2*i] = v
	}
}

func TestKeeperDecidesWhatBackwardSees(t *testing.T) {
	dense, ps := leaves(smallShapes), leaves(smallShapes)
	exact, sparse := New(), New()
	keeper := miser{map[Kind]int{}}
	sparse.Keeper = keeper
	a, b := small(exact, dense), small(sparse, ps)
	if a.Item() != b.Item() {
		t.Errorf("the Keeper changed forward: %v, want %v", b.Item(), a.Item())
	}
	total := 0
	for _, n := range keeper.kept {
		total += 4 * n
	}
	if got := exact.Ledger.Bytes(); total != got {
		t.Errorf("the Keeper saw %d bytes, the dense ledger counts %d", total, got)
	}
	if got, most := sparse.Ledger.Bytes(), exact.Ledger.Bytes()/2+4*len(sparse.records); got > most {
		t.Errorf("%d bytes kept, want about half of %d", got, exact.Ledger.Bytes())
	}
	sparse.Poison()
	exact.Backward(a)
	sparse.Backward(b)
	// Of the last dense layer's input and of the gradient of the logits every other column is zero now, and with them
	// the rows and columns of its gradient.
	for i, g := range ps[5].Grad {
		switch want := dense[5].Grad[i]; {
		case (i/8%2 == 1 || i%2 == 1) && g != 0:
			t.Fatalf("gradient %v from what was not kept", g)
		case i/8%2 == 0 && i%2 == 0 && !(math.Abs(float64(g-want)) <= 1e-5*math.Abs(float64(want))):
			t.Fatalf("gradient %v, want %v", g, want)
		}
	}
}

func TestFirstFaultIsAValue(t *testing.T) {
	ps, tape := leaves(smallShapes), New()
	small(tape, ps)
	if f, ok := tape.FirstFault(); ok {
		t.Fatalf("fault %v in a sound step", f)
	}
	tape.Reset()
	ps[3].Value.Data[2] = float32(math.Inf(1)) // the gain of the layer norm
	tape.Enter("block1")
	loss := small(tape, ps)
	f, ok := tape.FirstFault()
	if !ok || f.Op != "layer norm" || f.Block != "block1" || f.Index != 2 {
		t.Errorf("fault %+v, want the layer norm of block1 at 2", f)
	}
	if Finite(loss.Data()) {
		t.Error("the loss is finite")
	}
	tape.Backward(loss) // does not panic
	if Finite([]float32{1, float32(math.NaN())}) || !Finite([]float32{1, math.MaxFloat32}) {
		t.Error("Finite is wrong")
	}
}

func TestAttentionMapsAreFoundByName(t *testing.T) {
	tape := New()
	ps := leaves([]Shape{{2, 5, 12}})
	x := tape.Leaf(ps[0])
	x.Attend(x, x, 3, "block0/attn")
	heads, n, keys, ok := tape.Attention(nil, "block0/attn", 1)
	if !ok || heads != 3 || n != 5 || keys != 5 {
		t.Fatalf("%d heads of %d tokens, %v", heads, n, ok)
	}
	p := make([]float32, heads*n*n)
	tape.Attention(p, "block0/attn", 1)
	for i := range heads * n {
		sum := 0.0
		for _, v := range p[i*n:][:n] {
			sum += float64(v)
		}
		if !(math.Abs(sum-1) <= 1e-6) {
			t.Errorf("row %d sums to %v", i, sum)
		}
	}
	if _, _, _, ok := tape.Attention(nil, "block0/attn", 2); ok {
		t.Error("an example that does not exist was found")
	}
	tape.Reset()
	if _, _, _, ok := tape.Attention(nil, "block0/attn", 0); ok {
		t.Error("a map of the step before was found")
	}
}

func TestLookup(t *testing.T) {
	tape := New()
	x := tape.Blank(Shape{2, 2}).Named("x")
	y, ok := tape.Lookup("x")
	if !ok || y.Shape != (Shape{2, 2}) || &y.Data[0] != &x.Data()[0] {
		t.Errorf("%v %v", y, ok)
	}
	if _, ok := tape.Lookup(""); ok {
		t.Error("an empty name was found")
	}
	if x.Value().Shape != x.Shape() || x.Tape() != tape {
		t.Error("the handle knows another tensor")
	}
}

// The list of single tensors has what the rows add up.
func TestLedgerListsTensors(t *testing.T) {
	on := New()
	for range 2 { // Reset empties the list
		on.Reset()
		p := NewParam("p", Shape{3, 4})
		x := on.Leaf(p)
		on.Enter("block0")
		x = x.GELU().Scale(2).GELU()
		on.Enter("")
		on.Backward(x.CrossEntropy([]int32{1, 0, 3}))
		rows := map[Row]int{}
		for _, r := range on.Ledger.Tensors() {
			rows[Row{Block: r.Block, Kind: r.Kind}] += r.Bytes
		}
		for _, r := range on.Ledger.Rows() {
			if got := rows[Row{Block: r.Block, Kind: r.Kind}]; got != r.Bytes {
				t.Errorf("%d bytes of %s in %q one by one, %d in all", got, r.Kind, r.Block, r.Bytes)
			}
		}
		if n := len(on.Ledger.Tensors()); n != 3 {
			t.Errorf("%d tensors, want two derivatives and the loss", n)
		}
	}
}

// noGarbage takes steps on a tape: from the third on they allocate nothing, and its arena does not grow.
func noGarbage(t *testing.T, on *Tape, step func()) {
	t.Helper()
	step()
	step()
	bytes := on.Arena.Bytes()
	if n := testing.AllocsPerRun(50, step); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
	if got := on.Arena.Bytes(); got != bytes {
		t.Errorf("a later step takes %d bytes, the second %d", got, bytes)
	}
}

// checkShapeError runs what must be refused, in a block of that name.
func checkShapeError(t *testing.T, tape *Tape, want string, f func()) {
	t.Helper()
	defer func() {
		e, ok := recover().(ShapeError)
		if !ok || e.Error() != "tape: "+want {
			t.Errorf("panic %q, want %q", e, want)
		}
	}()
	tape.Enter("block7")
	f()
	t.Errorf("no panic, want %q", want)
}
