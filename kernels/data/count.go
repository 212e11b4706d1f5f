package data

import "math"

// mostBlobs is how many there are at most.
const mostBlobs = 6

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
	long := r.Between(0, 1) // half the way, in radii of the pen
	b.pen = math.Sqrt((ink - float64(math.Pi/12*float64(soft*soft))) / (math.Pi + float64(4*long)))
	half := float64(long * b.pen)
	u := turn[r.Below(len(turn))]
	b.way = point{float64(half * u.x), float64(half * u.y)}
	b.out = b.pen + half + 1.25
}

// throw lets a blob fall anywhere inside the image and tells whether it keeps apart from others.
func (b *blob) throw(r *stream, others []blob) bool {
	b.at = point{r.Between(b.out, Side-1-b.out), r.Between(b.out, Side-1-b.out)}
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

// drawCount draws label+1 blobs.
func drawCount(dst []float32, r *stream, label int) {
	var f field
	spill(&f, r, label+1)
	counted.shade(dst, &f, r)
}

// spill covers pixels with n blobs. Ink and edge are drawn before anything that depends on how many there are.
func spill(f *field, r *stream, n int) {
	ink, soft, all := r.Between(70, 130), r.Between(.7, 2.2), 0.0
	var room [mostBlobs]blob
	blobs := room[:n]
	for i := range blobs {
		blobs[i].pen = r.Between(.7, 1.3) // its share, for now
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
