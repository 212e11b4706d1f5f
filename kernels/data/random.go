package data

import "petri/kernels/data/random"

// stream is a source of random numbers that lives on the stack.
type stream struct{ random.Stream }

// start begins the stream named by seed and two words of purpose.
func (s *stream) start(seed, purpose, index uint64) {
	s.Seed(random.Mix(seed+0x9e3779b97f4a7c15), random.Mix(purpose<<48^index))
}
