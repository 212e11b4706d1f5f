package data

// Shuffled is a Set whose pixels are permuted inside every patch, by one permutation for all patches of all images.
// Nothing is lost (the permutation can be undone), and a model that reads each patch through one matrix could learn
// the task as before; but its first layer, if frozen, now looks at scrambled strokes.
type Shuffled struct {
	Set
	patch int
	perm  []int32 // [patch²]: place i shows pixel perm[i]
}

// Shuffle permutes the pixels inside each patch x patch square of a set's images. The permutation depends on the
// patch size and the seed alone.
func Shuffle(s Set, patch int, seed uint64) *Shuffled {
	return &Shuffled{Set: s, patch: patch, perm: PatchPermutation(patch, seed)}
}

// PatchPermutation is the permutation of the patch² pixels of a patch, row-major.
func PatchPermutation(patch int, seed uint64) []int32 {
	p := make([]int32, patch*patch)
	permute(p, seed, purposePatch, uint64(patch))
	return p
}

// Image writes example i with its patches scrambled.
func (s *Shuffled) Image(dst []float32, split Split, i int) int {
	label := s.Set.Image(dst, split, i)
	var patch [Pixels]float32 // one patch before it is scrambled
	for y0 := 0; y0 < Side; y0 += s.patch {
		for x0 := 0; x0 < Side; x0 += s.patch {
			for y := range s.patch {
				copy(patch[y*s.patch:(y+1)*s.patch], dst[(y0+y)*Side+x0:])
			}
			for j, from := range s.perm {
				dst[(y0+j/s.patch)*Side+x0+j%s.patch] = patch[from]
			}
		}
	}
	return label
}
