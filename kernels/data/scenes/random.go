package scenes

import (
	"math/rand/v2"

	"petri/kernels/data"
)

// stream is a source of random numbers that lives on the stack.
type stream struct{ pcg rand.PCG }

// start begins the stream of one try at a scene. World and split make the one half of the generator's state, index and try the
// other, both through a bijection: no two scenes share a stream.
func (r *stream) start(world World, split data.Split, index, try int) {
	h := uint64(0xcbf29ce484222325) // FNV-1a
	for i := range len(world) {
		h = (h ^ uint64(world[i])) * 0x100000001b3
	}
	r.pcg.Seed(mix(h^uint64(split)<<56), mix(uint64(index)<<8|uint64(try&255)))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit is uniform in [0, 1).
func (r *stream) unit() float64 { return float64(float64(r.pcg.Uint64()>>11) * 0x1p-53) }

// between is uniform in [lo, hi).
func (r *stream) between(lo, hi float64) float64 { return lo + float64((hi-lo)*r.unit()) }

// chance is true with probability p.
func (r *stream) chance(p float64) bool { return r.unit() < p }

// below is uniform in 0 .. n-1, n small beside 2^53.
func (r *stream) below(n int) int { return int(float64(r.unit() * float64(n))) }

// sign is -1 or 1.
func (r *stream) sign() float64 { return float64(2*r.below(2) - 1) }
