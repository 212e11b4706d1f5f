package masks

import "math/bits"

// Mask is a set of pixels of a square picture.
type Mask struct {
	Side int
	Bits []uint64 // pixel (x, y) is bit y·Side + x; those behind the last pixel are 0
}

// Box is a rectangle of pixels: X1 and Y1 are excluded. That of an empty mask is the zero Box.
type Box struct{ X0, Y0, X1, Y1 int }

// New returns an empty mask.
func New(side int) Mask { return Mask{side, make([]uint64, (side*side+63)/64)} }

// Above returns the pixels of values [side, side] that lie above a threshold: 0 for logits, 0.5 for zeros and ones.
func Above(values []float32, side int, threshold float32) Mask {
	m := New(side)
	m.Fill(values, threshold)
	return m
}

// Fill makes the mask that of Above, in its own memory.
func (m Mask) Fill(values []float32, threshold float32) {
	for i := range m.Bits {
		w := uint64(0)
		for j, v := range values[i*64 : min(i*64+64, m.Side*m.Side)] {
			if v > threshold {
				w |= 1 << (j & 63)
			}
		}
		m.Bits[i] = w
	}
}

// At tells whether a pixel of the picture is in the mask.
func (m Mask) At(x, y int) bool {
	i := y*m.Side + x
	return m.Bits[i>>6]>>(i&63)&1 != 0
}

// Set puts a pixel into the mask.
func (m Mask) Set(x, y int) {
	i := y*m.Side + x
	m.Bits[i>>6] |= 1 << (i & 63)
}

// Write writes the mask into dst [Side, Side]: 1 inside, 0 elsewhere.
func (m Mask) Write(dst []float32) {
	for i := range dst[:m.Side*m.Side] {
		dst[i] = float32(m.Bits[i>>6] >> (i & 63) & 1)
	}
}

// Area is the number of pixels in the mask.
func (m Mask) Area() int {
	n := 0
	for _, w := range m.Bits {
		n += bits.OnesCount64(w)
	}
	return n
}

// Overlap counts the pixels in both masks and in either. They are of one size.
func Overlap(a, b Mask) (both, either int) {
	other := b.Bits[:len(a.Bits)]
	for i, w := range a.Bits {
		both += bits.OnesCount64(w & other[i])
		either += bits.OnesCount64(w | other[i])
	}
	return both, either
}

// IoU is the share of the pixels in either mask that are in both: 0 for two empty masks.
func IoU(a, b Mask) float64 { return share(Overlap(a, b)) }

// share is a/b, and 0 where there is nothing to share.
func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Box is the smallest box around the mask.
func (m Mask) Box() Box {
	b := Box{m.Side, m.Side, 0, 0}
	for y := range m.Side {
		row, end := y*m.Side, (y+1)*m.Side
		for from := m.next(row, end, true); from < end; {
			to := m.next(from, end, false)
			b = Box{min(b.X0, from-row), min(b.Y0, y), max(b.X1, to-row), y + 1}
			from = m.next(to, end, true)
		}
	}
	if b.Y1 == 0 {
		return Box{}
	}
	return b
}

// Area is the number of pixels in the box.
func (b Box) Area() int { return (b.X1 - b.X0) * (b.Y1 - b.Y0) }

// BoxIoU is the IoU of two boxes, 0 for two empty ones.
func BoxIoU(a, b Box) float64 {
	w := min(a.X1, b.X1) - max(a.X0, b.X0)
	h := min(a.Y1, b.Y1) - max(a.Y0, b.Y0)
	both := max(w, 0) * max(h, 0)
	return share(both, a.Area()+b.Area()-both)
}

// Best is the node that a mask fits best, the first of equals, and its IoU; -1 and -1 where there is none.
func Best(m Mask, nodes []Mask) (node int, iou float64) {
	node, iou = -1, -1
	for i, n := range nodes {
		if v := IoU(m, n); v > iou {
			node, iou = i, v
		}
	}
	return node, iou
}

// Partition gives every pixel to one mask at most, in place: masks are sorted, large ones first, and each lies on those before
// it. It returns the pixels that belong to none.
func Partition(sorted []Mask, side int) (free Mask) {
	free = New(side)
	for i := range free.Bits {
		free.Bits[i] = ^uint64(0)
	}
	if rest := side * side & 63; rest != 0 {
		free.Bits[len(free.Bits)-1] = 1<<rest - 1
	}
	for i := len(sorted) - 1; i >= 0; i-- {
		for j, f := range free.Bits {
			w := sorted[i].Bits[j]
			sorted[i].Bits[j] = w & f
			free.Bits[j] = f &^ w
		}
	}
	return free
}
