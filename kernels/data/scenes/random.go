package scenes

import (
	"petri/kernels/data"
	"petri/kernels/data/random"
)

// stream is a source of random numbers that lives on the stack.
type stream struct{ random.Stream }

// start begins the stream of one try at a scene. World and split make the one half of the generator's state, index and try the
// other, both through a bijection: no two scenes share a stream.
func (r *stream) start(world World, split data.Split, index, try int) {
	h := uint64(0xcbf29ce484222325) // FNV-1a
	for i := range len(world) {
		h = (h ^ uint64(world[i])) * 0x100000001b3
	}
	r.Seed(random.Mix(h^uint64(split)<<56), random.Mix(uint64(index)<<8|uint64(try&255)))
}

// sign is -1 or 1.
func (r *stream) sign() float64 {
	if r.Below(2) == 0 {
		return -1
	}
	return 1
}
