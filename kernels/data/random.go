package data

import "math/rand/v2"

// stream is a source of random numbers that lives on the stack.
type stream struct{ pcg rand.PCG }

// start begins the stream named by seed and two words of purpose.
func (s *stream) start(seed, purpose, index uint64) {
	s.pcg.Seed(mix(seed+0x9e3779b97f4a7c15), mix(purpose<<48^index))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014): PCG's first outputs resemble each other when its
// seeds do, and neighbouring examples must not.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit is uniform in [0, 1).
func (s *stream) unit() float64 { return float64(float64(s.pcg.Uint64()>>11) * 0x1p-53) }

// between is uniform in [lo, hi).
func (s *stream) between(lo, hi float64) float64 { return lo + float64((hi-lo)*s.unit()) }

// chance is true with probability p.
func (s *stream) chance(p float64) bool { return s.unit() < p }

// below is uniform in 0 .. n-1, n small beside 2^53.
func (s *stream) below(n int) int { return int(float64(s.unit() * float64(n))) }
