package masks

import "math/bits"

// Clean closes the holes of a mask that have fewer than area pixels, then removes its islands that do; if all are so small, the
// largest stays, the first of equals. Both hang together over corners as well. It tells whether there was anything small, be it
// the only island; then the mask is a new one.
func Clean(m Mask, area int) (clean Mask, small bool) {
	if area <= 1 {
		return m, false
	}
	clean, holes := fill(m, area)
	clean, islands := prune(clean, area)
	return clean, holes || islands
}

// fill closes holes. Background at the edge of the picture may be one, as in the authors' generator; an empty mask has none.
func fill(m Mask, area int) (Mask, bool) {
	runs, sizes := regions(m, false)
	out, small := m, false
	for _, r := range runs {
		if sizes[r.first] < area && sizes[r.first] < m.Side*m.Side {
			if !small {
				out, small = m.copy(), true
			}
			out.set(r)
		}
	}
	return out, small
}

// prune removes islands.
func prune(m Mask, area int) (Mask, bool) {
	runs, sizes := regions(m, true)
	largest, small := 0, false
	for i, n := range sizes {
		if n > sizes[largest] {
			largest = i
		}
		small = small || n > 0 && n < area
	}
	if !small {
		return m, false
	}
	out := New(m.Side)
	for _, r := range runs {
		if sizes[r.first] >= area || r.first == largest {
			out.set(r)
		}
	}
	return out, true
}

// run is a row of pixels that hang together: from is in it, to is not. first is the first run of its region, which stands in for
// the region.
type run struct{ from, to, first int }

// regions finds the runs of all pixels that are in the mask, or are not, and the pixels of each region, by its first run.
func regions(m Mask, inside bool) (runs []run, sizes []int) {
	above, row := 0, 0 // where the runs of the row above begin, and those of this one
	for y := range m.Side {
		end := (y + 1) * m.Side
		for from := m.next(y*m.Side, end, inside); from < end; {
			to := m.next(from, end, !inside)
			at := len(runs)
			runs = append(runs, run{from, to, at})
			for above < row && runs[above].to < from-m.Side {
				above++ // it ends before a corner can touch, and so it does for all that follow
			}
			for i := above; i < row && runs[i].from <= to-m.Side; i++ {
				join(runs, i, at)
			}
			from = m.next(to, end, inside)
		}
		above, row = row, len(runs)
	}
	sizes = make([]int, len(runs))
	for i := range runs {
		runs[i].first = first(runs, i)
		sizes[runs[i].first] += runs[i].to - runs[i].from
	}
	return runs, sizes
}

// next is the first pixel from at on, before end, that is in the mask, or is not; end where there is none.
func (m Mask) next(at, end int, inside bool) int {
	flip := ^uint64(0)
	if inside {
		flip = 0
	}
	for at < end {
		if w := (m.Bits[at>>6] ^ flip) >> (at & 63); w != 0 {
			return min(at+bits.TrailingZeros64(w), end)
		}
		at = at&^63 + 64
	}
	return end
}

// first follows the runs that stand in for others.
func first(runs []run, i int) int {
	for runs[i].first != i {
		runs[i].first = runs[runs[i].first].first
		i = runs[i].first
	}
	return i
}

// join makes one region of those of two runs.
func join(runs []run, i, j int) {
	i, j = first(runs, i), first(runs, j)
	runs[max(i, j)].first = min(i, j)
}

// set puts a run into the mask.
func (m Mask) set(r run) {
	for i := r.from; i < r.to; i++ {
		m.Bits[i>>6] |= 1 << (i & 63)
	}
}

func (m Mask) copy() Mask { return Mask{m.Side, append([]uint64(nil), m.Bits...)} }
