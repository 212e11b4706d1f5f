package tape

import "strconv"

// Shape is the length of up to four axes; axes that are absent are trailing zeros, so shapes compare with ==.
type Shape [4]int

// Rank is the number of axes.
func (s Shape) Rank() int {
	for i, n := range s {
		if n == 0 {
			return i
		}
	}
	return len(s)
}

// Len is the number of elements; of a shape without axes it is 0.
func (s Shape) Len() int {
	if s[0] == 0 {
		return 0
	}
	n := 1
	for _, m := range s[:s.Rank()] {
		n *= m
	}
	return n
}

// Width is the length of the last axis.
func (s Shape) Width() int {
	if r := s.Rank(); r > 0 {
		return s[r-1]
	}
	return 0
}

// Rows is the number of rows of Width elements.
func (s Shape) Rows() int {
	if w := s.Width(); w > 0 {
		return s.Len() / w
	}
	return 0
}

// withWidth is the shape with another last axis.
func (s Shape) withWidth(w int) Shape {
	s[s.Rank()-1] = w
	return s
}

// String writes the shape as "[32, 17, 64]". A length of -1 stands for any length and is written "..".
func (s Shape) String() string {
	text := "["
	for i, n := range s[:s.Rank()] {
		if i > 0 {
			text += ", "
		}
		if n < 0 {
			text += ".."
		} else {
			text += strconv.Itoa(n)
		}
	}
	return text + "]"
}

// ShapeError is the panic value for shapes that do not fit an operation.
type ShapeError struct {
	Op   string // "linear"
	Path string // the parameter or the block: "block0/q/w"; may be empty
	Want Shape  // -1 where any length would do
	Got  Shape
}

func (e ShapeError) Error() string {
	at := ""
	if e.Path != "" {
		at = " (" + e.Path + ")"
	}
	return "tape: " + e.Op + at + ": want shape " + e.Want.String() + ", got " + e.Got.String()
}
