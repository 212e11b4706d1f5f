package stage

import "image/color"

// Rect is an area in CSS pixels.
type Rect struct{ X, Y, W, H float64 }

func (r Rect) contains(x, y float64) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// grow moves every side outwards.
func (r Rect) grow(by float64) Rect { return Rect{r.X - by, r.Y - by, r.W + 2*by, r.H + 2*by} }

// Raster is a picture of equal cells, drawn without smoothing where cells are larger than pixels.
type Raster struct {
	Rect
	Rows, Cols int
	Cells      []color.NRGBA // row-major
	Label      string        // what it shows, for SVG readers
}

// Box is a rectangle: filled, hatched, outlined, or several of these. The outline lies inside.
type Box struct {
	Rect
	Fill   Ink // Alpha 0 for none
	Stroke Ink
	Line   float64 // width of the outline
	Hatch  Ink     // diagonal lines: the second sign of "frozen"
}

// Anchor is where a text's X lies in it.
type Anchor int

// The anchors, named as in SVG.
const (
	Start Anchor = iota
	Middle
	End
)

// Text is one line of words; Y is its baseline.
type Text struct {
	X, Y   float64
	Size   float64
	Anchor Anchor
	Ink    Ink
	Bold   bool
	Serif  bool // formulae
	Italic bool
	Turn   bool // reads upwards
	S      string
}

// Scene is a picture as data, in CSS pixels: rasters below paths below boxes below texts.
type Scene struct {
	W, H    float64
	Rasters []Raster
	Paths   []Path
	Boxes   []Box
	Texts   []Text
	targets []target
	field   Rect // the picture that takes prompts, where there is one
}

// target is an area that answers to the pointer.
type target struct {
	Rect
	hit  Hit
	rows int // cells of the area; 0 for one cell
	cols int
}

// These are called in some hundred places. Inlined, each place would grow the slice and copy the large struct by itself. With
// some other functions of this package that are not inlined for the same reason, it would make the page 37 KB larger, compressed.

//go:noinline
func (s *Scene) box(b Box) { s.Boxes = append(s.Boxes, b) }

//go:noinline
func (s *Scene) text(t Text) { s.Texts = append(s.Texts, t) }

//go:noinline
func (s *Scene) raster(r Raster) { s.Rasters = append(s.Rasters, r) }

//go:noinline
func (s *Scene) target(r Rect, h Hit, rows, cols int) {
	s.targets = append(s.targets, target{r, h, rows, cols})
}

// mark outlines a cell so that it is seen on every colour: a white square with a dark inner line.
func (s *Scene) mark(r Rect) {
	s.box(Box{Rect: r, Stroke: ink("mark"), Line: 1.5})
	s.box(Box{Rect: r.grow(-1.5), Stroke: ink("mark-dark"), Line: 1})
}

// markBar outlines the thin bar of the class token from outside: a mark on it would leave nothing of its colour.
func (s *Scene) markBar(r Rect, line float64) {
	s.box(Box{Rect: r.grow(1 + line), Stroke: ink("ink"), Line: line})
}

// point outlines the cell under the pointer, dark outside and white inside, so that it differs from a mark.
func (s *Scene) point(r Rect) {
	s.box(Box{Rect: r, Stroke: ink("mark-dark"), Line: 1})
	s.box(Box{Rect: r.grow(-1), Stroke: ink("mark"), Line: 1})
}

// HitKind is what lies under a point.
type HitKind string

// The kinds of hits.
const (
	HitNone   HitKind = ""
	HitPatch  HitKind = "patch"  // Token, in the input picture
	HitMap    HitKind = "map"    // Layer, Head, Token
	HitMatrix HitKind = "matrix" // Matrix
	HitLayer  HitKind = "layer"  // Layer
	HitScale  HitKind = "scale"  // the switch of the colour scale
	HitCell   HitKind = "cell"   // Part, Row, Col of the drawn matrix
	HitTile   HitKind = "tile"   // Panel, Tile, Row, Col
	HitShow   HitKind = "show"   // Group: a button that shows a group of panels
	HitPick   HitKind = "pick"   // Group, Panel: a button that chooses among panels of one name
	HitLook   HitKind = "look"   // Layer, Head, Row, Col: where a prompt looks
)

// Hit is the answer of a hit test.
type Hit struct {
	Kind   HitKind
	Layer  int
	Head   int
	Token  int
	Matrix string
	Part   Part
	Row    int
	Col    int
	Panel  int
	Tile   int
	Group  int
}

// Hit finds what lies at a point in CSS pixels. Later targets lie above earlier ones.
func (s *Scene) Hit(x, y float64) Hit {
	for i := len(s.targets) - 1; i >= 0; i-- {
		t := s.targets[i]
		if !t.contains(x, y) {
			continue
		}
		h := t.hit
		if t.cols > 0 {
			row := min(int((y-t.Y)/t.H*float64(t.rows)), t.rows-1)
			col := min(int((x-t.X)/t.W*float64(t.cols)), t.cols-1)
			if h.Kind == HitCell || h.Kind == HitTile || h.Kind == HitLook {
				h.Row, h.Col = row, col
			} else {
				h.Token = 1 + row*t.cols + col
			}
		}
		return h
	}
	return Hit{}
}
