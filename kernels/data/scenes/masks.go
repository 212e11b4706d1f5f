package scenes

import (
	"math"
	"math/bits"
)

// bitmap is a mask, one word for each row, the left pixel in the lowest bit.
type bitmap [Side]uint64

func (m *bitmap) has(x, y int) bool { return m[y]>>x&1 != 0 }

// measure fills in masks and what follows from them: areas, boxes, middles, holes.
func (s *Scene) measure() {
	for i := range s.masks {
		s.masks[i] = bitmap{}
	}
	for y := range s.Size {
		for x, o := range s.owner[y*s.Size : (y+1)*s.Size] {
			if o != 0 {
				s.masks[o-1][y] |= 1 << x
			}
		}
	}
	for i := len(s.Nodes) - 1; i >= 0; i-- { // parents come before their children
		n, m := &s.Nodes[i], &s.masks[i]
		if n.Parent >= 0 {
			above := &s.masks[n.Parent]
			for y, row := range m {
				above[y] |= row
			}
		}
		n.Area, n.Box = m.extent()
		n.Centre, n.Hole = Point{}, false
		if n.Area > 0 {
			n.Centre = m.deepest(n.Box)
			n.Hole = m.holed(n.Box)
		}
	}
}

// extent counts the pixels of a mask and finds its box.
func (m *bitmap) extent() (area int, b Box) {
	all := uint64(0)
	for y, row := range m {
		if row == 0 {
			continue
		}
		if all == 0 {
			b.Y0 = y
		}
		b.Y1 = y + 1
		all |= row
		area += bits.OnesCount64(row)
	}
	if all != 0 {
		b.X0, b.X1 = bits.TrailingZeros64(all), bits.Len64(all)
	}
	return area, b
}

// deepest is the pixel that lasts longest when the mask is eaten away from its edge, which includes that of the picture; of
// several the one nearest to their mean. Four neighbours and eight take turns: that eats octagons.
func (m *bitmap) deepest(b Box) Point {
	var now, next bitmap
	now = *m
	for round := 0; ; round++ {
		left := uint64(0)
		above := uint64(0)
		for y := b.Y0; y < b.Y1; y++ {
			below := uint64(0)
			if y+1 < b.Y1 {
				below = now[y+1]
			}
			row := now[y]
			kept := row & (row << 1) & (row >> 1)
			if round&1 == 0 {
				kept &= above & below
			} else {
				kept &= above & (above << 1) & (above >> 1) & below & (below << 1) & (below >> 1)
			}
			next[y] = kept
			left |= kept
			above = row
		}
		if left == 0 {
			return now.middle(b)
		}
		now = next
	}
}

// middle is the pixel of a mask nearest to the mean of all.
func (m *bitmap) middle(b Box) Point {
	n, sx, sy := 0, 0, 0
	for y := b.Y0; y < b.Y1; y++ {
		for row := m[y]; row != 0; row &= row - 1 {
			n++
			sx += bits.TrailingZeros64(row)
			sy += y
		}
	}
	best, at := math.MaxInt, Point{}
	for y := b.Y0; y < b.Y1; y++ {
		for row := m[y]; row != 0; row &= row - 1 {
			p := Point{bits.TrailingZeros64(row), y}
			dx, dy := n*p.X-sx, n*p.Y-sy // n times the distance: whole numbers
			if d := dx*dx + dy*dy; d < best {
				best, at = d, p
			}
		}
	}
	return at
}

// holed says whether something that is not of the mask is shut in by it: whether the outside, let in from around the box along
// rows and columns, leaves pixels dry.
func (m *bitmap) holed(b Box) bool {
	if b.X1-b.X0 < 3 || b.Y1-b.Y0 < 3 {
		return false
	}
	width := ^uint64(0)
	if b.X1-b.X0 < 64 {
		width = (1<<(b.X1-b.X0) - 1) << b.X0
	}
	sides := uint64(1)<<b.X0 | uint64(1)<<(b.X1-1)
	var wet bitmap
	for changed := true; changed; {
		changed = false
		for y := b.Y0; y < b.Y1; y++ {
			changed = wet.flow(m, y, b, width, sides) || changed
		}
		for y := b.Y1 - 1; y >= b.Y0; y-- {
			changed = wet.flow(m, y, b, width, sides) || changed
		}
	}
	for y := b.Y0; y < b.Y1; y++ {
		if width&^m[y] != wet[y] {
			return true
		}
	}
	return false
}

// flow lets water into one row from its neighbours and ends, and along it.
func (w *bitmap) flow(m *bitmap, y int, b Box, width, sides uint64) bool {
	free := width &^ m[y]
	row := w[y] | free&sides
	if y == b.Y0 || y == b.Y1-1 {
		row = free
	} else {
		row |= free & (w[y-1] | w[y+1])
	}
	for {
		more := row | free&(row<<1|row>>1)
		if more == row {
			break
		}
		row = more
	}
	changed := row != w[y]
	w[y] = row
	return changed
}
