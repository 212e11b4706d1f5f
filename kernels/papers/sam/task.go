package sam

import (
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/data/scenes"
)

// examples draws pictures with the masks to be found on them, one scene after the other.
type examples struct {
	size  int
	per   int // masks of each picture
	scene scenes.Scene
	nodes []int
}

// smallest is the area of a mask that is asked for, in pixels: of fewer nothing can be seen.
const smallest = 6

// largest is the share of a picture that a mask may cover: the paper dropped masks of more than 90 % (appendix A).
const largest = 0.9

// fill writes scene i of a split into picture [size, size, 3], and per of its masks into truth [per, size²]. Which ones, rng
// says: the level is drawn first, then a node of that level, so that wholes, parts and subparts are asked for equally often. It returns
// false for a scene on which nothing can be asked.
func (x *examples) fill(picture, truth []float32, split data.Split, i int, rng *rand.Rand) bool {
	x.scene.Draw(scenes.Shapes, split, i, x.size, nil)
	copy(picture, x.scene.RGB)
	pixels := x.size * x.size
	for j := range x.per {
		node := x.pick(rng)
		if node < 0 {
			return false
		}
		x.scene.Mask(truth[j*pixels:][:pixels], node)
	}
	return true
}

// pick draws a node to ask for, -1 where there is none.
func (x *examples) pick(rng *rand.Rand) int {
	first := rng.IntN(int(scenes.Levels))
	for l := range int(scenes.Levels) {
		level := scenes.Level((first + l) % int(scenes.Levels))
		x.nodes = x.nodes[:0]
		for n := range x.scene.Nodes {
			if x.scene.Nodes[n].Level == level && x.asked(n) {
				x.nodes = append(x.nodes, n)
			}
		}
		if len(x.nodes) > 0 {
			return x.nodes[rng.IntN(len(x.nodes))]
		}
	}
	return -1
}

// asked says whether a node can be asked for.
func (x *examples) asked(n int) bool { return askable(&x.scene, n) }

// askable says whether a node of a scene can be asked for.
func askable(s *scenes.Scene, n int) bool {
	a := s.Nodes[n].Area
	return a >= smallest && float64(a) <= largest*float64(s.Size*s.Size)
}
