// Package random is the source from which worlds are drawn: small, on the stack, and the same numbers on every machine. Who owns a world
// says how its streams are named.
package random

import "math/rand/v2"

// Stream is a source of random numbers. It is seeded before use.
type Stream struct{ pcg rand.PCG }

// Seed begins a stream. Both halves should have gone through Mix.
func (s *Stream) Seed(a, b uint64) { s.pcg.Seed(a, b) }

// Mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection: PCG's first outputs resemble each other when its seeds
// do, and neighbouring examples must not.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Uint64 is uniform over all numbers of 64 bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Unit is uniform in [0, 1).
func (s *Stream) Unit() float64 { return float64(float64(s.Uint64()>>11) * 0x1p-53) }

// Between is uniform in [lo, hi).
func (s *Stream) Between(lo, hi float64) float64 { return lo + float64((hi-lo)*s.Unit()) }

// Chance is true with probability p.
func (s *Stream) Chance(p float64) bool { return s.Unit() < p }

// Below is uniform in 0 .. n-1, n small beside 2^53.
func (s *Stream) Below(n int) int { return int(float64(s.Unit() * float64(n))) }
