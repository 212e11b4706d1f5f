package tape

// Arena hands out memory that is taken back all at once. It grows during the first steps and then stands still.
type Arena struct {
	floats []float32
	used   int
	extra  [][]float32 // what did not fit since the last reset
	beyond int         // numbers in extra

	words     []uint32
	usedWords int
	moreWords [][]uint32
	beyondW   int
}

// align is the granularity of allocations, in numbers: a cache line.
const align = 16

func roundUp(n int) int { return (n + align - 1) / align * align }

// Floats returns n numbers of undefined value.
func (a *Arena) Floats(n int) []float32 {
	m := roundUp(n)
	if a.used+m <= len(a.floats) {
		x := a.floats[a.used:][:n:n]
		a.used += m
		return x
	}
	x := make([]float32, m)
	a.extra = append(a.extra, x)
	a.beyond += m
	return x[:n:n]
}

// Words returns n words of undefined value, for masks and indices.
func (a *Arena) Words(n int) []uint32 {
	m := roundUp(n)
	if a.usedWords+m <= len(a.words) {
		x := a.words[a.usedWords:][:n:n]
		a.usedWords += m
		return x
	}
	x := make([]uint32, m)
	a.moreWords = append(a.moreWords, x)
	a.beyondW += m
	return x[:n:n]
}

// Bytes is the memory handed out since the last reset: activations, what is kept of them, gradients of activations and
// scratch. Reset alone gives it back, so it is an upper bound of what a step needs at once.
func (a *Arena) Bytes() int { return 4 * (a.used + a.beyond + a.usedWords + a.beyondW) }

// reset takes everything back. What did not fit is added to the one slab, so that the next step of the same size does.
func (a *Arena) reset() {
	if a.beyond > 0 {
		a.floats = make([]float32, a.used+a.beyond)
		clear(a.extra)
		a.extra, a.beyond = a.extra[:0], 0
	}
	if a.beyondW > 0 {
		a.words = make([]uint32, a.usedWords+a.beyondW)
		clear(a.moreWords)
		a.moreWords, a.beyondW = a.moreWords[:0], 0
	}
	a.used, a.usedWords = 0, 0
}

// each visits all numbers handed out since the last reset.
func (a *Arena) each(visit func([]float32)) {
	visit(a.floats[:a.used])
	for _, x := range a.extra {
		visit(x)
	}
}
