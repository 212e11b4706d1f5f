package tape

// Kind says what a kept tensor is, and is a row of the ledger.
type Kind uint8

// The kinds, with what one block of width d keeps of them per token under full training (MLP width 4d).
const (
	KeptNorm      Kind = iota // normalised rows and 1/σ of a layer norm: 2·(d+1)
	KeptInput                 // input of a dense layer or convolution whose weight is trained: 3·d + 4d; pixels that rows stand against
	KeptHeads                 // q, k, v: 3·d
	KeptProbs                 // attention after softmax: h·t
	KeptGELU                  // derivative of the activation: 4·d
	KeptMask                  // dropout, one bit for each element
	KeptLoss                  // gradient of what the loss looks at
	KeptBatchNorm             // normalised rows and 1/σ of a batch norm; no block of a transformer has one
	KeptSwish                 // derivative of Swish
	KeptGate                  // what Gate multiplies, and by what
	KeptWeight                // a weight that was made in the step, such as the rows of Against
	KeptTanh                  // derivative of tanh
	KeptReLU                  // what passed a ReLU, one bit for each element
	KeptPlaces                // which tokens were taken or put, a word each
	kinds
)

var kindNames = [kinds]string{"layer norm", "dense input", "q, k, v", "attention", "gelu", "dropout mask", "loss", "batch norm", "swish", "gate", "made weight", "tanh", "relu", "places"}

func (k Kind) String() string { return kindNames[k] }

// Kept is what backward will see of a tensor, in the arena.
type Kept struct {
	Data  []float32 // the tensor itself, or the values that a Keeper chose
	Index []uint32  // positions of these values, or the bits of a mask; nil where Data is the tensor itself
	Len   int       // length of the tensor
	Bytes int       // what the ledger counts
}

// Keeper decides what is kept. Dense, the default, keeps everything; a Keeper that keeps the largest values only is
// what Back Razor (Jiang et al. 2022) does: forward stays exact, backward sees a sparse copy.
type Keeper interface {
	// Keep is called during forward with the exact tensor, which stays valid until Reset but, unless the result refers
	// to it, counts as forgotten. Memory comes from the arena.
	Keep(a *Arena, kind Kind, x []float32) Kept
	// Restore writes what is left of the tensor into dst, k.Len long. It is not called where Dense(k).
	Restore(dst []float32, k Kept)
}

// Dense keeps tensors as they are, without a copy.
type Dense struct{}

// Keep implements Keeper.
func (Dense) Keep(_ *Arena, _ Kind, x []float32) Kept {
	return Kept{Data: x, Len: len(x), Bytes: 4 * len(x)}
}

// Restore implements Keeper.
func (Dense) Restore(dst []float32, k Kept) { copy(dst, k.Data) }

// whole tells whether backward can read the tensor in place.
func (k *Kept) whole() bool { return k.Index == nil && len(k.Data) == k.Len }

// keep passes a tensor that belongs to one operation through the Keeper.
func (t *Tape) keep(kind Kind, x []float32) Kept {
	k := t.Keeper.Keep(&t.Arena, kind, x)
	t.Ledger.add(t.scope, kind, k.Bytes)
	return k
}

// keepNode does the same for the result of an operation, once however many others ask.
func (t *Tape) keepNode(kind Kind, i int32) {
	n := t.origin(i)
	if n.isKept {
		return
	}
	n.isKept = true
	if n.leaf {
		// A parameter used as an activation lives in the model, not in the step.
		n.kept = Kept{Data: n.data, Len: len(n.data)}
		return
	}
	n.kept = t.keep(kind, n.data)
}

// restore is the tensor as backward sees it.
func (t *Tape) restore(k *Kept) []float32 {
	if k.whole() {
		return k.Data
	}
	x := t.Arena.Floats(k.Len)
	t.Keeper.Restore(x, *k)
	return x
}

// read is what is left of the result of an operation that was kept; of one that was not, its memory, whose content is
// undefined in backward.
func (t *Tape) read(i int32) []float32 {
	n := t.origin(i)
	if n.isKept {
		return t.restore(&n.kept)
	}
	return n.data
}

// origin is the node that owns the memory of node i.
func (t *Tape) origin(i int32) *node {
	if of := t.nodes[i].alias; of > 0 {
		i = of - 1
	}
	return &t.nodes[i]
}
