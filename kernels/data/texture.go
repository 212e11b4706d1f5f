package data

// The five micro-textures. Each is made of light and dark pixels with a period of 4 in both directions, and a swatch of
// 8x8 holds 32 of either at every phase: no grey level tells two textures apart, while 3x3 neighbours do. A shift by 2
// turns light into dark, so the random phase inverts them as well.
const (
	rows     = iota // stripes along x
	columns         // stripes along y
	rising          // diagonal stripes, /
	falling         // diagonal stripes, \
	checks          // squares of 2x2
	textures        // how many there are
)

var textureNames = [textures]string{"rows", "columns", "rising", "falling", "checks"}

// lit says whether a texture is light at a place.
func lit(texture, x, y int) bool {
	switch texture {
	case rows:
		return y&2 == 0
	case columns:
		return x&2 == 0
	case rising:
		return (x+y)&2 == 0
	case falling:
		return (x-y)&2 == 0
	default:
		return (x^y)&2 == 0
	}
}

// Textures is an endless Set whose label needs both a local texture and a comparison across the image. Two swatches of
// 8x8 lie apart on noise, each of one of five textures. Ten classes: where both have texture t the label is t; where they
// differ it is 5 + Between(a, b). Either swatch alone leaves a choice of five labels, the best of them right half the
// time. Labels go round, and each swatch shows each texture equally often.
//
// A list of the textures found, whatever their places, is enough; but no sum of scores that each
// swatch gives to the classes tells the last five apart.
type Textures struct{ Seed uint64 }

// Between is the texture halfway between two: on a ring of five, exactly one is equally far from both. Halfway from a
// texture to itself is that texture.
func Between(a, b int) int { return 3 * (a + b) % textures }

// Classes names the five textures, then the five that lie between two others.
func (Textures) Classes() []string {
	var names []string
	for _, n := range textureNames {
		names = append(names, n)
	}
	for _, n := range textureNames {
		names = append(names, "between: "+n)
	}
	return names
}

// Len is 0: swatches never end.
func (Textures) Len(Split) int { return 0 }

// Image writes example i of a split.
func (t Textures) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(t.Seed, purposeTextures+uint64(s), uint64(i))
	label := i % (2 * textures)
	t.draw(dst, &r, label)
	return label
}

func (t Textures) draw(dst []float32, r *stream, label int) {
	a, b := t.pair(r, label)
	weave(dst, r, a, b)
}

// pair draws the textures of the two swatches.
func (Textures) pair(r *stream, label int) (a, b int) {
	apart := 1 + r.Below(textures-1) // on the ring, from the texture between them to either swatch
	if label < textures {
		return label, label
	}
	return (label + apart) % textures, (label - apart) % textures
}

// SameDifferent is an endless Set with two classes: two swatches as in Textures have the same texture (0) or two different
// ones (1). Labels take turns, and in either class each swatch shows each texture equally often, so that one swatch says
// nothing. A sum of scores for the two textures and a threshold are right in up to three of four examples if there are two
// textures (is one of them there twice?), in some 65 of 100 if there are five. It takes a comparison, which need not be
// attention: a count of textures in the whole image, squared, would do.
type SameDifferent struct {
	Seed uint64
	// Kinds is how many textures occur, 2 to 5, the first ones of their list; 0 stands for 2. The more there are, the
	// longer a network sees no slope to follow.
	Kinds int
}

// Classes are same and different.
func (SameDifferent) Classes() []string { return []string{"same", "different"} }

// Len is 0: swatches never end.
func (SameDifferent) Len(Split) int { return 0 }

// Image writes example i of a split.
func (d SameDifferent) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(d.Seed, purposeSame+uint64(s), uint64(i))
	label := i % 2
	d.draw(dst, &r, label)
	return label
}

func (d SameDifferent) draw(dst []float32, r *stream, label int) {
	a, b := d.pair(r, label)
	weave(dst, r, a, b)
}

// pair draws the textures of the two swatches.
func (d SameDifferent) pair(r *stream, label int) (a, b int) {
	kinds := max(d.Kinds, 2)
	if kinds > textures {
		panic("data: there are five textures")
	}
	a = r.Below(kinds)
	b = (a + 1 + r.Below(kinds-1)) % kinds
	if label == 0 {
		b = a
	}
	return a, b
}

const (
	swatchSide   = 8
	swatchPixels = swatchSide * swatchSide
	swatchApart  = 12 // least distance of two swatches, along x or y: a gap of 4 pixels
)

// swatch is a square of one texture: its corner, the phase of its texture, and how far its greys lie from the paper.
type swatch struct {
	x, y, px, py int
	contrast     float32
}

func (w *swatch) draw(r *stream) {
	w.x, w.y = r.Below(Side-swatchSide+1), r.Below(Side-swatchSide+1)
	w.px, w.py = r.Below(4), r.Below(4)
	w.contrast = float32(r.Between(.14, .3))
}

// weave paints noisy paper and two swatches. What it draws from the stream does not depend on their textures: with others
// the pixels of a swatch are permuted, and nothing else changes.
func weave(dst []float32, r *stream, first, second int) {
	paper(dst, r, .04, .1)
	var a, b swatch
	for {
		a.draw(r)
		b.draw(r)
		dx, dy := max(a.x-b.x, b.x-a.x), max(a.y-b.y, b.y-a.y)
		if max(dx, dy) >= swatchApart {
			break
		}
	}
	a.paint(dst, first)
	b.paint(dst, second)
}

// paint lays a texture over the paper. The first half of the paper's greys, row by row, goes to the light pixels and
// the second to the dark ones, so that every texture shows the same greys.
func (w *swatch) paint(dst []float32, texture int) {
	var under [swatchPixels]float32
	for y := range swatchSide {
		copy(under[y*swatchSide:(y+1)*swatchSide], dst[(w.y+y)*Side+w.x:])
	}
	light, dark := 0, swatchPixels/2
	for y := range swatchSide {
		row := dst[(w.y+y)*Side+w.x:][:swatchSide]
		for x := range row {
			if lit(texture, x+w.px, y+w.py) {
				row[x] = under[light] + w.contrast
				light++
			} else {
				row[x] = under[dark] - w.contrast
				dark++
			}
		}
	}
}

// paper fills an image with one grey between .42 and .58 and noise, whose amplitude is drawn from lo to hi.
func paper(dst []float32, r *stream, lo, hi float64) {
	grey, noise := float32(r.Between(.42, .58)), float32(r.Between(lo, hi))
	dst = dst[:Pixels]
	for i := 0; i < Pixels; i += 2 {
		bits := r.Uint64()
		dst[i] = grey + float32(noise*bell(uint32(bits)))
		dst[i+1] = grey + float32(noise*bell(uint32(bits>>32)))
	}
}
