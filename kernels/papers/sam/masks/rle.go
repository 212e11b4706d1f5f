package masks

import "fmt"

// Counts are the run lengths of a mask as COCO has them: pixels down the first column, then the second, by turns outside and
// inside; the first run is outside, and may be 0.
func (m Mask) Counts() []int {
	var counts []int
	inside, run := false, 0
	for x := range m.Side {
		for y := range m.Side {
			if m.At(x, y) != inside {
				counts = append(counts, run)
				inside, run = !inside, 0
			}
			run++
		}
	}
	return append(counts, run)
}

// FromCounts is the mask of run lengths.
func FromCounts(counts []int, side int) (Mask, error) {
	m := New(side)
	at := 0
	for i, run := range counts {
		if run < 0 {
			return Mask{}, fmt.Errorf("run %d has length %d: want 0 or more", i+1, run)
		}
		if run > side*side-at {
			return Mask{}, fmt.Errorf("the first %d runs cover more than the %d pixels of %d × %d", i+1, side*side, side, side)
		}
		for end := at + run; at < end; at++ {
			if i&1 == 1 {
				m.Set(at/side, at%side)
			}
		}
	}
	if at != side*side {
		return Mask{}, fmt.Errorf("the runs cover %d pixels: want all %d of %d × %d", at, side*side, side, side)
	}
	return m, nil
}

// Pack writes run lengths as COCO's string: from the fourth on each is told by its difference from the last but one, in groups of
// five bits, low ones first, each a character from '0' on; 32 says that a group follows, and the highest of the last five bits
// is the sign.
func Pack(counts []int) string {
	var s []byte
	for i, v := range counts {
		if i > 2 {
			v -= counts[i-2]
		}
		for {
			group := byte(v & 31)
			v >>= 5
			if v == 0 && group&16 == 0 || v == -1 && group&16 != 0 {
				s = append(s, '0'+group)
				break
			}
			s = append(s, '0'+(group|32))
		}
	}
	return string(s)
}

// groups is how many groups of five bits a number may have: 30 bits, enough for a picture of 32,768 pixels along each side.
const groups = 6

// Unpack reads COCO's string, of at most limit runs.
func Unpack(s string, limit int) ([]int, error) {
	var counts []int
	for at := 0; at < len(s); {
		v, shift := 0, 0
		for more := true; more; at++ {
			if at == len(s) {
				return nil, fmt.Errorf("the string of run lengths ends in the middle of run %d", len(counts)+1)
			}
			c := int(s[at]) - '0'
			if c < 0 || c > 63 {
				return nil, fmt.Errorf("the string of run lengths has %q at position %d: want characters from '0' to 'o'", s[at], at+1)
			}
			if shift == 5*groups {
				return nil, fmt.Errorf("run %d of the string of run lengths has more than %d characters", len(counts)+1, groups)
			}
			v |= c & 31 << shift
			shift += 5
			more = c&32 != 0
			if !more && c&16 != 0 {
				v -= 1 << shift
			}
		}
		if len(counts) > 2 {
			v += counts[len(counts)-2]
		}
		if len(counts) == limit {
			return nil, fmt.Errorf("there are more than %d runs", limit)
		}
		counts = append(counts, v)
	}
	return counts, nil
}
