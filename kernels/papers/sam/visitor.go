package sam

// visitor is the simulated user of the tests: it clicks where the answer is most wrong (Kirillov et al. 2023, appendix D.1; the usual
// protocol of interactive segmentation). It draws nothing at random.
type visitor struct {
	side  int
	wrong []bool
	depth []int32
}

// next is the next click on a mask [side, side] of zeros and ones that was answered by logits: the pixel that lies deepest in what is
// missing or in what is too much; ties go to the first. done says that nothing is wrong.
func (v *visitor) next(truth, logits []float32) (at click, done bool) {
	n := v.side * v.side
	v.wrong, v.depth = sized(v.wrong, n), sized(v.depth, n)
	best := int32(0)
	for _, kind := range [2]int32{kindForeground, kindBackground} {
		for i := range v.wrong {
			inside, said := truth[i] > 0, logits[i] > 0
			v.wrong[i] = inside != said && inside == (kind == kindForeground)
		}
		deepen(v.depth, v.wrong, v.side)
		for i, d := range v.depth {
			if d > best {
				best, at = d, click{i, kind}
			}
		}
	}
	return at, best == 0
}

// deepen writes how far each pixel of a set lies from the nearest one outside of it, in steps of 3 to a side and 4 to a corner; outside
// of the picture counts as outside.
func deepen(depth []int32, set []bool, side int) {
	at := func(x, y int) int32 {
		if x < 0 || y < 0 || x >= side || y >= side {
			return 0
		}
		return depth[y*side+x]
	}
	for y := range side {
		for x := range side {
			i := y*side + x
			depth[i] = 0
			if set[i] {
				depth[i] = min(at(x-1, y)+3, at(x, y-1)+3, at(x-1, y-1)+4, at(x+1, y-1)+4)
			}
		}
	}
	for y := side - 1; y >= 0; y-- {
		for x := side - 1; x >= 0; x-- {
			if i := y*side + x; set[i] {
				depth[i] = min(depth[i], at(x+1, y)+3, at(x, y+1)+3, at(x+1, y+1)+4, at(x-1, y+1)+4)
			}
		}
	}
}
