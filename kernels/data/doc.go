// Package data holds what the models look at: procedural glyphs, textures, cues, blobs to be counted and letters turned, and
// the shipped handwritten digits, as they are, in other ink or under noise.
//
// Every image is 32x32 with one grey channel, float32 in 0..1, row-major. All but the digits are pure functions of (world,
// split, index, seed): nothing is stored, any example can be made again on any machine with the same bits, and no two splits
// share a random stream. To keep it so, nothing here calls sin, cos, exp or pow, whose last bits differ between
// processors, and every product that meets an addition is rounded first (float64(x*y) + z), so that no compiler fuses them.
//
// Axes: h, w pixels (32, 32); n examples; c classes.
package data

// Side is the height and width of every image, in pixels.
const Side = 32

// Pixels is the number of values of one image.
const Pixels = Side * Side

// Split names one of the disjoint parts of a set.
type Split uint8

// The splits. Learning rates are tuned on Validation; Test is read once, at the end of a run.
const (
	Train Split = iota
	Validation
	Test
)

// String names the split.
func (s Split) String() string {
	if int(s) < len(splits) {
		return splits[s]
	}
	return "unknown split"
}

var splits = [...]string{"train", "validation", "test"}

// Set is a labelled collection of images.
type Set interface {
	// Classes names the classes, in the order of the labels.
	Classes() []string
	// Len is the number of examples of a split; 0 for a split that never ends.
	Len(Split) int
	// Image writes example i of a split into dst [32, 32] and returns its label.
	Image(dst []float32, s Split, i int) int
}

// Fill writes the examples at the given places of a split into images [n, 32, 32] and labels [n].
func Fill(images []float32, labels []int32, set Set, s Split, places []int32) {
	for j, at := range places {
		labels[j] = int32(set.Image(images[j*Pixels:(j+1)*Pixels], s, int(at)))
	}
}
