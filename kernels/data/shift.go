package data

// Inverted is a Set in other ink: what was light is dark, on light paper, whose grey and contrast vary a little from example to
// example. Labels and places are those of the set within; what is drawn depends on split and place alone.
type Inverted struct{ Set }

// Image writes example i of a split.
func (v Inverted) Image(dst []float32, s Split, i int) int {
	label := v.Set.Image(dst, s, i)
	var r stream
	r.start(0, purposeInverted+uint64(s), uint64(i))
	paper := float32(r.between(.8, 1))
	gain := paper * float32(r.between(.7, 1))
	for j, x := range dst[:Pixels] {
		dst[j] = paper - float32(gain*x)
	}
	return label
}

// Noisy is a Set seen by a bad sensor: noise is added to every pixel, and what leaves the range from 0 to 1 is clipped. How much
// noise there is varies from example to example. Labels and places are those of the set within; the noise depends on split and
// place alone.
type Noisy struct{ Set }

// Image writes example i of a split.
func (n Noisy) Image(dst []float32, s Split, i int) int {
	label := n.Set.Image(dst, s, i)
	var r stream
	r.start(0, purposeNoisy+uint64(s), uint64(i))
	noise := float32(r.between(.3, .9))
	dst = dst[:Pixels]
	for j := 0; j < Pixels; j += 2 {
		bits := r.pcg.Uint64()
		dst[j] = min(max(dst[j]+float32(noise*bell(uint32(bits))), 0), 1)
		dst[j+1] = min(max(dst[j+1]+float32(noise*bell(uint32(bits>>32))), 0), 1)
	}
	return label
}
