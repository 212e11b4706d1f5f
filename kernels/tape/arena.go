package tape

// Arena hands out memory that is taken back all at once. It grows during the first steps and then stands still.
type Arena struct {
	floats shelf[float32]
	words  shelf[uint32]
}

// align is the granularity of allocations, in numbers: a cache line.
const align = 16

// Floats returns n numbers of undefined value.
func (a *Arena) Floats(n int) []float32 { return a.floats.take(n) }

// Words returns n words of undefined value, for masks and indices.
func (a *Arena) Words(n int) []uint32 { return a.words.take(n) }

// Bytes is the memory handed out since the last reset: activations, what is kept of them, gradients of activations and
// scratch. Reset alone gives it back, so it is an upper bound of what a step needs at once.
func (a *Arena) Bytes() int { return 4 * (a.floats.taken + a.words.taken) }

// reset takes everything back.
func (a *Arena) reset() {
	a.floats.reset()
	a.words.reset()
}

// each visits all numbers handed out since the last reset, and some that lie between them.
func (a *Arena) each(visit func([]float32)) {
	for i, c := range a.floats.chunks[:min(a.floats.at+1, len(a.floats.chunks))] {
		if i == a.floats.at {
			c = c[:a.floats.used]
		}
		visit(c)
	}
}

// shelf is memory in chunks that are filled one after another. Chunks are never joined into a larger one: a heap that has
// seen several trials holds many holes of moderate size and none of a great one, so joining would make it grow.
type shelf[T any] struct {
	chunks [][]T
	at     int // chunk being filled
	used   int // of that chunk
	taken  int // handed out since the last reset
}

// Sizes of chunks, in numbers: each is twice as large as the one before, up to 4 MiB. What a request leaves of a chunk is
// lost for the step.
const (
	firstChunk = 1 << 14
	largeChunk = 1 << 20
)

// take returns n numbers.
func (s *shelf[T]) take(n int) []T {
	m := (n + align - 1) / align * align
	s.taken += m
	for ; s.at < len(s.chunks); s.at, s.used = s.at+1, 0 {
		if c := s.chunks[s.at]; s.used+m <= len(c) {
			x := c[s.used:][:n:n]
			s.used += m
			return x
		}
	}
	s.chunks = append(s.chunks, make([]T, max(m, min(firstChunk<<min(len(s.chunks), 20), largeChunk))))
	s.used = m
	return s.chunks[s.at][:n:n]
}

func (s *shelf[T]) reset() { s.at, s.used, s.taken = 0, 0, 0 }
