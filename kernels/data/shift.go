package data

// Shifted is a Set seen otherwise. Labels and places are those of the set within; what is added depends on split and place alone.
//
// In other ink, what was light is dark, on light paper, whose grey and contrast vary a little from example to example. A bad
// sensor adds noise to every pixel, clipped where it leaves the range from 0 to 1; how much of it varies from example to example.
type Shifted struct {
	Set
	Noisy bool // a bad sensor instead of other ink
}

// Image writes example i of a split.
func (v Shifted) Image(dst []float32, s Split, i int) int {
	label := v.Set.Image(dst, s, i)
	dst = dst[:Pixels]
	var r stream
	if v.Noisy {
		r.start(0, purposeNoisy+uint64(s), uint64(i))
		noise := float32(r.Between(.3, .9))
		for j := 0; j < Pixels; j += 2 {
			bits := r.Uint64()
			dst[j] = min(max(dst[j]+float32(noise*bell(uint32(bits))), 0), 1)
			dst[j+1] = min(max(dst[j+1]+float32(noise*bell(uint32(bits>>32))), 0), 1)
		}
		return label
	}
	r.start(0, purposeInverted+uint64(s), uint64(i))
	paper := float32(r.Between(.8, 1))
	gain := float32(paper * float32(r.Between(.7, 1)))
	for j, x := range dst {
		dst[j] = paper - float32(gain*x)
	}
	return label
}
