package chart

// Graphic is a picture that can be drawn at any width, read out and written as a table.
type Graphic interface {
	// Draw returns the picture at a width in CSS pixels.
	Draw(width float64) Drawing
	// Alt says in words and numbers what the picture shows.
	Alt() string
	// Table is the data of the picture.
	Table() Table
	// Hit finds what lies under a point of the drawing.
	Hit(width, x, y float64) (Cursor, bool)
	// Move answers an arrow key, Home or End; from is nil where nothing is read yet. ok is false for other keys.
	Move(from *Cursor, key string) (to Cursor, ok bool)
	// Read returns the values at a cursor and the marks that show where it is.
	Read(width float64, c Cursor) Reading
}

// Cursor is a place in a Graphic: which of its parts, and the position within.
type Cursor struct{ Part, Row, Col int }

// Drawing is SVG markup without the svg element around it, and its size in CSS pixels.
type Drawing struct {
	Width, Height float64
	Body          string
}

// Reading is what is shown at a Cursor.
type Reading struct {
	X, Y  float64 // where the tooltip belongs
	Head  string
	Rows  []ReadingRow
	Marks string // SVG markup drawn over the picture
}

// ReadingRow is one value of a Reading.
type ReadingRow struct {
	Name, Text string
	Color      string // token of the mark before the name, "" for none
	Strong     bool
}

// moveIn steps an index by an arrow key within 0..n-1.
func moveIn(i, n int, key, back, forth string) (int, bool) {
	switch key {
	case back:
		return max(i-1, 0), true
	case forth:
		return min(i+1, n-1), true
	}
	return i, false
}
