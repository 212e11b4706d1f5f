package moat

// mask is a set of cells of a map, row-major.
type mask struct {
	h, w int
	on   []bool
}

func newMask(h, w int) mask { return mask{h, w, make([]bool, h*w)} }

// size is the number of cells in the set.
func (m mask) size() int {
	n := 0
	for _, on := range m.on {
		if on {
			n++
		}
	}
	return n
}

// or adds the cells of another set of the same map.
func (m mask) or(o mask) mask {
	both := newMask(m.h, m.w)
	for i := range both.on {
		both.on[i] = m.on[i] || o.on[i]
	}
	return both
}

// box is the smallest rectangle around the set: rows and columns.
func (m mask) box() (rows, cols int) {
	top, bottom, left, right := m.h, -1, m.w, -1
	for y := range m.h {
		for x := range m.w {
			if m.on[y*m.w+x] {
				top, bottom, left, right = min(top, y), max(bottom, y), min(left, x), max(right, x)
			}
		}
	}
	return bottom - top + 1, right - left + 1
}

// slide is the set of cells of an h×w map that a window of k×k cells in steps of stride meets where the result is in
// the set. The edge is padded as f32.Maps says.
func (m mask) slide(h, w, k, stride int) mask {
	in := newMask(h, w)
	before := func(n int) int { return max(0, ((n+stride-1)/stride-1)*stride+k-n) / 2 }
	top, left := before(h), before(w)
	for y := range m.h {
		for x := range m.w {
			if !m.on[y*m.w+x] {
				continue
			}
			for dy := range k {
				for dx := range k {
					iy, ix := y*stride-top+dy, x*stride-left+dx
					if iy >= 0 && iy < h && ix >= 0 && ix < w {
						in.on[iy*w+ix] = true
					}
				}
			}
		}
	}
	return in
}

// windows fills every window of side×side cells in which the set has one.
func (m mask) windows(side int) mask {
	all := newMask(m.h, m.w)
	for y := range m.h {
		for x := range m.w {
			if !m.on[y*m.w+x] {
				continue
			}
			top, left := y/side*side, x/side*side
			for dy := range side {
				for dx := range side {
					all.on[(top+dy)*m.w+left+dx] = true
				}
			}
		}
	}
	return all
}

// whole is every cell, where the set has any.
func (m mask) whole() mask {
	all := newMask(m.h, m.w)
	if m.size() > 0 {
		for i := range all.on {
			all.on[i] = true
		}
	}
	return all
}
