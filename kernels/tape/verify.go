package tape

import "math"

// Poison overwrites every result of this step that is not kept with NaN. Gradients must not change: a test calls it
// between forward and Backward and compares the bits. Values are read before.
func (t *Tape) Poison() {
	var kept, saved [][]float32
	remember := func(k *Kept) {
		kept = append(kept, k.Data)
		saved = append(saved, append([]float32(nil), k.Data...))
	}
	for i := range t.nodes {
		if n := &t.nodes[i]; n.isKept && !n.leaf {
			remember(&n.kept)
		}
	}
	for i := range t.records {
		for j := range t.records[i].keep {
			remember(&t.records[i].keep[j])
		}
	}
	nan := float32(math.NaN())
	t.Arena.each(func(x []float32) {
		for i := range x {
			x[i] = nan
		}
	})
	for i, x := range kept {
		copy(x, saved[i])
	}
}

// Fault is the first result that is not a finite number.
type Fault struct {
	Op    string // "linear"
	Block string // "block2"; empty outside of blocks
	Name  string // of the result, if it has one
	Index int
	Value float32
}

// FirstFault looks through the results of this step in the order they were made. ok is false where all are finite.
// Looking at the loss alone with Finite is cheaper.
func (t *Tape) FirstFault() (f Fault, ok bool) {
	for i := range t.nodes {
		n := &t.nodes[i]
		if j := notFinite(n.data); j >= 0 {
			return Fault{n.op, n.scope, n.name, j, n.data[j]}, true
		}
	}
	return Fault{}, false
}

// Finite tells whether all numbers are finite.
func Finite(x []float32) bool { return notFinite(x) < 0 }

func notFinite(x []float32) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
