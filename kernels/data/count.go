package data

import "math"

// Count is an endless Set that asks how many: one to six blobs, round or longish, light on dark, that keep apart. They share
// one amount of ink, drawn alike for every number and not in equal parts, so that neither the grey of the image nor a single blob
// says much; and their edges are more or less soft, so that the greys of all edges together say little. Labels go round; label n
// is n+1 blobs.
type Count struct{ Seed uint64 }

var counts = [...]string{"one", "two", "three", "four", "five", "six"}

// Classes are the numbers.
func (Count) Classes() []string { return append([]string(nil), counts[:]...) }

// Len is 0: blobs never end.
func (Count) Len(Split) int { return 0 }

// Image writes example i of a split.
func (c Count) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(c.Seed, purposeCount+uint64(s), uint64(i))
	label := i % len(counts)
	c.draw(dst, &r, label)
	return label
}

// counted is how blobs are drawn: on uneven, noisy paper.
var counted = look{light: [2]float64{.7, 1}, dark: [2]float64{0, .15}, gradient: .2, noise: .15}

// blob is what a round pen leaves on a straight way. Lengths are in pixels.
type blob struct {
	at, way  point   // the middle, and from there to the end
	pen, out float64 // radius of the pen, and of a circle that keeps other blobs away
}

// size makes a blob of so much ink, in pixels, with an edge as broad as soft. With a straight ramp for an edge, a disc of
// radius r has π(r² + soft²/12) of it.
func (b *blob) size(r *stream, ink, soft float64) {
	long := r.between(0, 1) // half the way, in radii of the pen
	b.pen = math.Sqrt((ink - float64(math.Pi/12*float64(soft*soft))) / (math.Pi + float64(4*long)))
	half := float64(long * b.pen)
	u := turn[r.below(len(turn))]
	b.way = point{float64(half * u.x), float64(half * u.y)}
	b.out = b.pen + half + 1.25
}

// throw lets a blob fall anywhere inside the image and tells whether it keeps apart from others.
func (b *blob) throw(r *stream, others []blob) bool {
	b.at = point{r.between(b.out, Side-1-b.out), r.between(b.out, Side-1-b.out)}
	for i := range others {
		o := &others[i]
		x, y, apart := b.at.x-o.at.x, b.at.y-o.at.y, b.out+o.out
		if float64(x*x)+float64(y*y) < float64(apart*apart) {
			return false
		}
	}
	return true
}

// cover adds the share of each pixel that a blob covers.
func (b *blob) cover(on *field, soft float64) {
	var f field
	f.clear()
	f.stroke(point{b.at.x - b.way.x, b.at.y - b.way.y}, point{b.at.x + b.way.x, b.at.y + b.way.y}, b.pen+soft/2)
	for i, d := range f {
		if d < far {
			on[i] += cover((sqrt32(d) - float32(b.pen)) / float32(soft))
		}
	}
}

func (c Count) draw(dst []float32, r *stream, label int) {
	var f field
	c.spill(&f, r, label+1)
	counted.shade(dst, &f, r)
}

// spill covers pixels with n blobs. Ink and edge are drawn before anything that depends on how many there are.
func (Count) spill(f *field, r *stream, n int) {
	ink, soft, all := r.between(70, 130), r.between(.7, 2.2), 0.0
	var room [len(counts)]blob
	blobs := room[:n]
	for i := range blobs {
		blobs[i].pen = r.between(.7, 1.3) // its share, for now
		all += blobs[i].pen
	}
	for i := range blobs {
		blobs[i].size(r, float64(ink*(blobs[i].pen/all)), soft)
	}
	for i, tries := 0, 0; i < n; tries++ {
		if tries == 200 { // no room: all from the beginning
			i, tries = 0, 0
		}
		if blobs[i].throw(r, blobs[:i]) {
			i++
		}
	}
	for i := range blobs {
		blobs[i].cover(f, soft)
	}
}
