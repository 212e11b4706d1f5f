package masks

// Clean closes the holes of a mask that have fewer than area pixels, then removes its islands that do; if all are so small, the
// largest stays, the first of equals. Both hang together over corners as well. It tells whether there was anything small, be it
// the only island; then the mask is a new one.
func Clean(m Mask, area int) (clean Mask, small bool) {
	if area <= 1 || m.Area() == 0 {
		return m, false
	}
	clean, holes := fill(m, area)
	clean, islands := prune(clean, area)
	return clean, holes || islands
}

// fill closes holes. Background at the edge of the picture may be one, as in the authors' generator.
func fill(m Mask, area int) (Mask, bool) {
	out := m
	changed := false
	regions(m, false, func(pixels []int32) {
		if len(pixels) < area {
			if !changed {
				out, changed = m.copy(), true
			}
			for _, i := range pixels {
				out.Bits[i>>6] |= 1 << (i & 63)
			}
		}
	})
	return out, changed
}

// prune removes islands.
func prune(m Mask, area int) (Mask, bool) {
	out, largest := New(m.Side), New(m.Side)
	small, most := 0, 0
	keep := func(into Mask, pixels []int32) {
		for _, i := range pixels {
			into.Bits[i>>6] |= 1 << (i & 63)
		}
	}
	large := false
	regions(m, true, func(pixels []int32) {
		if len(pixels) >= area {
			large = true
			keep(out, pixels)
			return
		}
		small++
		if len(pixels) > most {
			most = len(pixels)
			clear(largest.Bits)
			keep(largest, pixels)
		}
	})
	switch {
	case small == 0:
		return m, false
	case !large:
		return largest, true
	}
	return out, true
}

// regions calls each for every connected set of pixels that are in the mask, or are not, in the order of their first pixels.
func regions(m Mask, inside bool, each func(pixels []int32)) {
	n := m.Side
	seen := m.copy() // pixels that are not asked for count as seen
	if inside {
		for i := range seen.Bits {
			seen.Bits[i] = ^seen.Bits[i]
		}
	}
	var stack []int32
	visit := func(i int) {
		if seen.Bits[i>>6]>>(i&63)&1 == 0 {
			seen.Bits[i>>6] |= 1 << (i & 63)
			stack = append(stack, int32(i))
		}
	}
	for first := range n * n {
		stack = stack[:0]
		visit(first)
		for next := 0; next < len(stack); next++ {
			at := int(stack[next])
			x, y := at%n, at/n
			for v := max(y-1, 0); v <= min(y+1, n-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, n-1); u++ {
					visit(v*n + u)
				}
			}
		}
		if len(stack) > 0 {
			each(stack)
		}
	}
}

func (m Mask) copy() Mask { return Mask{m.Side, append([]uint64(nil), m.Bits...)} }
