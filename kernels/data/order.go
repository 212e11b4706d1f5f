package data

// Purposes of random streams that are not examples; the splits of glyphs are 0, 1, 2.
const (
	purposeOrder = 0x0eda + iota
	purposeSubset
	purposePatch
	purposeMask // and two more: a split is added
)

// Purposes of worlds other than glyphs; a split is added to each.
const (
	purposeTextures = 0x0f00 + iota<<4
	purposeSame
	purposeCue
	purposeScenes // one for each
	_
	_
	purposeInverted
	purposeNoisy
)

// permute writes a random permutation of 0 .. n-1 into p, a pure function of its arguments (Fisher and Yates, Durstenfeld's
// form). Index tells apart the permutations of one seed and purpose, such as the epochs of a run.
func permute(p []int32, seed, purpose, index uint64) {
	var r stream
	r.start(seed, purpose, index)
	for i := range p {
		p[i] = int32(i)
	}
	for i := len(p) - 1; i > 0; i-- {
		j := r.Below(i + 1)
		p[i], p[j] = p[j], p[i]
	}
}

// Subset chooses n of total examples: the first n of a random order that depends on the seed alone, so a smaller
// subset is the beginning of a larger one, and all arms of a seed learn from the same examples.
func Subset(total, n int, seed uint64) []int32 {
	p := make([]int32, total)
	permute(p, seed, purposeSubset, 0)
	return p[:n:n]
}

// Mask writes a random order of the len(order) patches of an example, a pure function of the other arguments: a masked
// autoencoder sees the first few and never the others.
func Mask(order []int32, split Split, index int, seed uint64) {
	permute(order, seed, purposeMask+uint64(split), uint64(index))
}

// Order says which examples each step of a run sees: every epoch goes through all n examples in a new random order,
// and batches follow one another across the end of an epoch. Step s of a seed sees the same examples whatever was
// asked before, so arms of one seed share their batches and a resumed run continues as if it had not stopped.
type Order struct {
	seed  uint64
	epoch uint64
	perm  []int32
}

// NewOrder is the order of n examples for a seed.
func NewOrder(n int, seed uint64) *Order {
	o := &Order{seed: seed, perm: make([]int32, n)}
	permute(o.perm, seed, purposeOrder, 0)
	return o
}

// Batch writes the places (0 .. n-1) of the examples of a step, counted from 0, into dst.
func (o *Order) Batch(dst []int32, step int) {
	n := uint64(len(o.perm))
	for j := range dst {
		at := uint64(step)*uint64(len(dst)) + uint64(j)
		if e := at / n; e != o.epoch {
			o.epoch = e
			permute(o.perm, o.seed, purposeOrder, e)
		}
		dst[j] = o.perm[at%n]
	}
}
