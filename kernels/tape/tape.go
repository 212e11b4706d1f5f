package tape

import "petri/kernels/f32"

// Tape remembers one step: what was computed, what is kept of it, and how to go back.
type Tape struct {
	Keeper Keeper // Dense unless set
	Ledger Ledger
	Arena  Arena
	// Infer switches differentiation off: nothing is recorded or kept and dropout passes its input through.
	Infer bool

	nodes   []node
	records []record
	maps    []attention
	idle    [][]float32 // gradients of activations that have served
	scope   string
	step    uint32 // counts Reset, so that a Var of an earlier step is found out
	done    bool   // Backward has run
}

// Var is the result of an operation: a handle that may be copied and dies at Reset.
type Var struct {
	t    *Tape
	i    int32
	step uint32
}

// node is one result.
type node struct {
	shape  Shape
	data   []float32
	grad   []float32 // during Backward, from the first writer until the node's own record has run
	name   string
	scope  string
	op     string
	kept   Kept
	isKept bool
	needs  bool  // a trained parameter lies below
	leaf   bool  // data belongs to a Param
	alias  int32 // 1 + the node that owns data; 0 for itself
}

// record is one step of Backward. back is a package function, never a closure: nothing is allocated for it.
type record struct {
	back    func(t *Tape, r *record, dy []float32)
	out     int32
	x, y, z int32 // nodes, as the operation uses them; -1 for none
	w, b    *Param
	dw, db  bool // w, b are trained
	keep    [2]Kept
	n       [3]int
	f       float32
}

// New returns an empty tape that keeps everything densely.
func New() *Tape { return &Tape{Keeper: Dense{}} }

// Reset ends the step: all Vars die, the arena is rewound and the ledger emptied.
func (t *Tape) Reset() {
	clear(t.nodes)
	clear(t.records)
	t.nodes, t.records, t.maps, t.idle = t.nodes[:0], t.records[:0], t.maps[:0], t.idle[:0]
	t.scope = ""
	t.done = false
	t.step++
	t.Arena.reset()
	t.Ledger.reset()
}

// Enter names the block that the next operations belong to, for the ledger and for messages. It returns the block
// before, to be restored by another Enter.
func (t *Tape) Enter(block string) (before string) {
	before, t.scope = t.scope, block
	return before
}

// Records is the number of operations that Backward would visit.
func (t *Tape) Records() int { return len(t.records) }

// Input brings data into the step by copying it. No gradient flows into it.
func (t *Tape) Input(x Tensor) Var {
	v := t.Blank(x.Shape)
	if len(x.Data) != x.Shape.Len() {
		panic(ShapeError{"input", t.scope, x.Shape, Shape{len(x.Data)}})
	}
	copy(v.Data(), x.Data)
	return v
}

// Blank is an Input whose Data the caller fills before use.
func (t *Tape) Blank(s Shape) Var {
	return t.result("input", s, t.Arena.Floats(s.Len()), false)
}

// Leaf uses a parameter as an activation of its own shape.
func (t *Tape) Leaf(p *Param) Var {
	needs := !p.Frozen && !t.Infer
	v := t.result("leaf", p.Value.Shape, p.Value.Data, needs)
	t.nodes[v.i].leaf = true
	if needs {
		t.record(record{back: leafBack, out: v.i, w: p})
	}
	return v
}

func leafBack(t *Tape, r *record, dy []float32) {
	if g, first := r.w.sink(); first {
		copy(g, dy)
	} else {
		f32.Add(g, dy)
	}
}

// result appends a node.
func (t *Tape) result(op string, s Shape, data []float32, needs bool) Var {
	t.nodes = append(t.nodes, node{shape: s, data: data, op: op, scope: t.scope, needs: needs && !t.Infer})
	return Var{t, int32(len(t.nodes) - 1), t.step}
}

// fresh appends a node of its own memory.
func (t *Tape) fresh(op string, s Shape, needs bool) (Var, []float32) {
	x := t.Arena.Floats(s.Len())
	return t.result(op, s, x, needs), x
}

// record appends a step of Backward.
func (t *Tape) record(r record) { t.records = append(t.records, r) }

// node is what the handle stands for.
func (x Var) node() *node {
	if x.t == nil || x.step != x.t.step {
		panic("tape: this Var belongs to no tape or to a step that has ended")
	}
	return &x.t.nodes[x.i]
}

// with checks that y belongs to the same step as x.
func (x Var) with(y Var) *node {
	if x.t != y.t {
		panic("tape: operands of two tapes")
	}
	return y.node()
}

// fail panics with the shape error of an operation at x.
func (x Var) fail(op, path string, want, got Shape) {
	if path == "" {
		path = x.t.scope
	}
	panic(ShapeError{op, path, want, got})
}

// Tape is the tape that x belongs to.
func (x Var) Tape() *Tape { return x.t }

// Shape is the shape of x.
func (x Var) Shape() Shape { return x.node().shape }

// Data is the memory of x, valid until Reset and not to be changed (but by the maker of a Blank).
func (x Var) Data() []float32 { return x.node().data }

// Value is x as a tensor, valid until Reset.
func (x Var) Value() Tensor { n := x.node(); return Tensor{n.shape, n.data} }

// Item is the value of a scalar, such as a loss.
func (x Var) Item() float32 {
	n := x.node()
	if n.shape != (Shape{1}) {
		x.fail("item", "", Shape{1}, n.shape)
	}
	return n.data[0]
}

// Trained tells whether a gradient flows into x: a trained parameter lies below.
func (x Var) Trained() bool { return x.node().needs }

// Named gives x a name for Lookup. The last one of a name counts.
func (x Var) Named(name string) Var {
	x.node().name = name
	return x
}

// Lookup finds a named result of this step. It is valid until Reset.
func (t *Tape) Lookup(name string) (Tensor, bool) {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if n := &t.nodes[i]; n.name == name && name != "" {
			return Tensor{n.shape, n.data}, true
		}
	}
	return Tensor{}, false
}

// Backward adds the gradient of a scalar to Grad of every trained parameter below it. It runs once per step.
func (t *Tape) Backward(loss Var) {
	n := loss.node()
	if n.shape != (Shape{1}) {
		loss.fail("backward", "", Shape{1}, n.shape)
	}
	if !n.needs {
		return
	}
	g := t.gradient(1)
	g[0] = 1
	t.backward(loss, g)
}

// BackwardFrom is Backward of Σ g·x, for an x of any shape and numbers g of the same shape: with 1 at one place and 0
// elsewhere, the gradient of that one element. It runs instead of Backward.
//
// What is to receive a gradient and is no weight, such as a picture, enters the step as the Leaf of a parameter.
func (t *Tape) BackwardFrom(x Var, g Tensor) {
	n := x.node()
	if g.Shape != n.shape || len(g.Data) != len(n.data) {
		x.fail("backward", "", n.shape, g.Shape)
	}
	if !n.needs {
		return
	}
	d := t.gradient(len(g.Data))
	copy(d, g.Data)
	t.backward(x, d)
}

// backward starts from the gradient g of x, which it takes over.
func (t *Tape) backward(x Var, g []float32) {
	if t.done {
		panic("tape: Backward runs once per step")
	}
	t.done = true
	x.node().grad = g
	for i := len(t.records) - 1; i >= 0; i-- {
		r := &t.records[i]
		dy := t.nodes[r.out].grad
		if dy == nil {
			continue // nothing that led to the loss
		}
		r.back(t, r, dy)
		if g := t.nodes[r.out].grad; g != nil {
			t.nodes[r.out].grad = nil
			t.release(g)
		}
	}
}
