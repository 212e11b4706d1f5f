package stage

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"
)

// views are the shapes that matter: every layout, both themes, odd pixel ratios.
func views() []View {
	var all []View
	for _, width := range []float64{280, 340, 499, 500, 560, 642, 900} {
		for _, scale := range []float64{1, 1.25, 2, 3} {
			v := NewView()
			v.Width, v.Scale = width, scale
			v.Coarse = width < 400
			all = append(all, v)
		}
	}
	return all
}

// shapes are the frames that the labs make: rank 4, rank 32, dense, V-small, its MLP both ways, no update at all.
var shapes = [][7]int{{32, 8, 4, 4, 64, 64, 4}, {32, 8, 4, 4, 64, 64, 32}, {32, 8, 4, 4, 64, 64, 0}, {32, 4, 6, 4, 96, 96, 1}, {32, 4, 6, 4, 96, 384, 8}, {32, 8, 4, 4, 256, 64, 2}, {32, 8, 4, 4, 0, 0, 0}}

func TestEverythingLiesInsideAndTextsDoNotCollide(t *testing.T) {
	for _, sh := range shapes {
		f, b := sample(t, sh[0], sh[1], sh[2], sh[3], sh[4], sh[5], sh[6])
		f.Matrices = []string{"q", "k", "v", "o", "fc1", "fc2"}
		if sh[4] == 0 {
			f.Matrices = nil
		}
		p, err := NewPicture(f, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views() {
			v.Query, v.Pinned, v.Row, v.Col = 6, true, 3, 4
			s := Build(p, v)
			where := fmt.Sprintf("shape %v at %v x%v", sh, v.Width, v.Scale)
			laidOut(t, where, s, nil)
			if t.Failed() {
				return
			}
		}
	}
}

// extent estimates the area of a text: half an em a letter is generous for the sans faces in use.
func extent(t Text) Rect {
	w := 0.0
	for _, r := range t.S {
		switch {
		case strings.ContainsRune(" .,:1ilfjt·'()", r):
			w += 0.3
		default:
			w += 0.56
		}
	}
	w *= t.Size
	if t.Turn {
		return Rect{t.X - t.Size*.8, t.Y - w/2, t.Size, w}
	}
	x := t.X
	switch t.Anchor {
	case Middle:
		x -= w / 2
	case End:
		x -= w
	}
	return Rect{x, t.Y - t.Size*.75, w, t.Size}
}

// A hit in the middle of every cell that is drawn names that cell.
func TestHitFindsWhatIsDrawn(t *testing.T) {
	p := picture(t, 4)
	for _, v := range views() {
		s, l := Build(p, v), newLayout(p, v)
		middle := func(r Rect) (float64, float64) { return r.X + r.W/2, r.Y + r.H/2 }
		for token := 1; token < p.Tokens; token++ {
			row, col := p.place(token)
			if h := s.Hit(middle(inner(l.input, 4, 4, row, col))); h.Kind != HitPatch || h.Token != token {
				t.Fatalf("patch %d of the input: %+v", token, h)
			}
			for layer := range p.Layers {
				for head := range p.Heads + 1 {
					strip, grid := l.cell(p, layer, head)
					if h := s.Hit(middle(inner(grid, 4, 4, row, col))); h != (Hit{Kind: HitMap, Layer: layer, Head: head, Token: token}) {
						t.Fatalf("patch %d of layer %d head %d: %+v", token, layer, head, h)
					}
					if h := s.Hit(middle(strip)); h != (Hit{Kind: HitMap, Layer: layer, Head: head}) {
						t.Fatalf("strip of layer %d head %d: %+v", layer, head, h)
					}
				}
			}
		}
		if h := s.Hit(middle(l.classBar)); h.Kind != HitPatch || h.Token != 0 {
			t.Fatalf("class bar: %+v", h)
		}
		if h := s.Hit(-5, -5); h.Kind != HitNone {
			t.Fatalf("outside: %+v", h)
		}
		var kinds []HitKind
		for _, target := range s.targets {
			kinds = append(kinds, target.hit.Kind)
			if v.Coarse && (target.hit.Kind == HitLayer || target.hit.Kind == HitMatrix || target.hit.Kind == HitScale) && target.H < 40 {
				t.Fatalf("a target for fingers is %v high", target.H)
			}
		}
		for _, want := range []HitKind{HitScale, HitMatrix, HitLayer, HitCell} {
			found := false
			for _, k := range kinds {
				found = found || k == want
			}
			if !found {
				t.Fatalf("nothing answers as %s", want)
			}
		}
	}
}

// Painted pixels are read back at the centres of cells: the map shows the weights, and the mark is where the query is.
func TestPaintShowsTheWeights(t *testing.T) {
	p := picture(t, 4)
	for _, scale := range []float64{1, 1.5, 2} {
		v := NewView()
		v.Scale, v.Query = scale, 6
		img, err := Render(p.Frame, p.buffers[:], v)
		if err != nil {
			t.Fatal(err)
		}
		l := newLayout(p, v)
		at := func(x, y float64) color.RGBA { return img.RGBAAt(int(x*scale), int(y*scale)) }
		for layer := range p.Layers {
			for head := range p.Heads + 1 {
				w := p.Weights(nil, layer, head, v.Query)
				_, top := strongest(w)
				strip, grid := l.cell(p, layer, head)
				for token := range p.Tokens {
					r := strip
					if token > 0 {
						row, col := p.place(token)
						r = inner(grid, 4, 4, row, col)
					}
					want := Viridis(w[token] / top)
					if got := at(r.X+r.W/2, r.Y+r.H/2); got != (color.RGBA{want.R, want.G, want.B, 255}) {
						t.Fatalf("x%v layer %d head %d token %d: %v, want %v", scale, layer, head, token, got, want)
					}
				}
				row, col := p.place(v.Query)
				if r := inner(grid, 4, 4, row, col); at(r.X+.5/scale, r.Y+.5/scale) != (color.RGBA{255, 255, 255, 255}) {
					t.Fatalf("x%v layer %d head %d: the query is not marked", scale, layer, head)
				}
			}
		}
		for i := 3; i < len(img.Pix); i += 4 {
			if img.Pix[i] != 255 {
				t.Fatal("a pixel is see-through")
			}
		}
	}
}

func TestSharedScaleComparesMaps(t *testing.T) {
	p := picture(t, 4)
	v := NewView()
	v.Shared = true
	s := Build(p, v)
	bright := 0
	for _, r := range s.Rasters {
		if strings.HasPrefix(r.Label, "Layer") {
			for _, c := range r.Cells {
				if c == Viridis(1) {
					bright++
				}
			}
		}
	}
	if bright != 1 {
		t.Errorf("%d cells at the bright end of one scale over all maps, want the one maximum", bright)
	}
}

func TestLightDimsTheRest(t *testing.T) {
	for _, part := range Parts {
		p := picture(t, 4)
		switch part {
		case PartField, PartRollout, PartTable, PartFilters, PartDistance:
			p = gridPicture(t)
		case PartTokens, PartPrompts, PartChange, PartScatter:
			p = tokenPicture(t, deep)
		case PartFates:
			f, b := everySample(t, 200)
			p = answerPicture(t, f, b)
		}
		v := NewView()
		before := len(Build(p, v).Boxes)
		v.Light = part
		if after := len(Build(p, v).Boxes); after <= before {
			t.Errorf("lighting %s changes nothing", part)
		}
	}
	v := NewView()
	v.Light = PartA
	dense := picture(t, 0)
	plain := v
	plain.Light = ""
	if a, b := len(Build(dense, v).Boxes), len(Build(dense, plain).Boxes); a != b {
		t.Error("a dense update has no A, yet lighting it dims the picture")
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	p := picture(t, 4)
	for _, theme := range []string{"", "light", "dark"} {
		text := SVG(Build(p, NewView()), theme, "a < b", "c & d", func(r Raster) string { return "data:," })
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if hasVariables := strings.Contains(text, "var(--"); hasVariables != (theme == "") {
			t.Errorf("theme %q: variables %v", theme, hasVariables)
		}
		for _, word := range []string{"head 1", "layer 4", "frozen", "says 8"} {
			if !strings.Contains(text, ">"+word) {
				t.Errorf("the picture does not say %q", word)
			}
		}
	}
}

// Cells smaller than a pixel are averaged, so that nothing disappears.
func TestAveragedKeepsTheMean(t *testing.T) {
	cells := make([]color.NRGBA, 8*8)
	for i := range cells {
		if (i%8+i/8)%2 == 0 {
			cells[i] = color.NRGBA{0, 0, 0, 255}
		}
	}
	v := View{Theme: "light", Scale: 1}
	s := &Scene{W: 4, H: 4, Rasters: []Raster{{Rect: Rect{0, 0, 4, 4}, Rows: 8, Cols: 8, Cells: cells}}}
	w, h := s.Size(v.Scale)
	img := newImage(w, h)
	Paint(img, s, v.Theme, v.Scale)
	for y := range h {
		for x := range w {
			if c := img.RGBAAt(x, y); math.Abs(float64(c.R)-127.5) > 1 {
				t.Fatalf("pixel %d,%d of a fine chessboard is %v", x, y, c)
			}
		}
	}
}

// Single cells of one colour that follow each other are one path, and grounds of one kind; what has no number is left out.
func TestCellsAndGroundsOfAKindAreOnePath(t *testing.T) {
	cell := func(x float64, c color.NRGBA) Raster {
		return Raster{Rect: Rect{x, 1, 4, 4}, Rows: 1, Cols: 1, Cells: []color.NRGBA{c}}
	}
	red, blue := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}
	ground := func(x float64, name string) Box { return Box{Rect: Rect{x, 1, 4, 4}, Fill: ink(name)} }
	s := &Scene{W: 50, H: 10, Rasters: []Raster{cell(0, red), cell(10, red), cell(20, blue), cell(30, color.NRGBA{}), cell(40, red)},
		Boxes: []Box{ground(0.125, "ink"), ground(10, "ink"), ground(20, "line")}}
	text := SVG(s, "light", "", "", nil)
	last := 0
	for _, want := range []string{
		`<path d="M0 1h4v4h-4zM10 1h4v4h-4z" fill="#FF0000"/>`, `<path d="M20 1h4v4h-4z" fill="#0000FF"/>`, `<path d="M40 1h4v4h-4z" fill="#FF0000"/>`,
		`<path d="M0.13 1h4v4h-4zM10 1h4v4h-4z" style="fill:#1B2126"/>`, `<rect x="20" y="1" width="4" height="4" style="fill:#E4E0D7"/>`,
	} {
		at := strings.Index(text, want)
		if at <= last {
			t.Fatalf("%s stands at %d, after %d, in %s", want, at, last, text)
		}
		last = at
	}
	if strings.Contains(text, "M30") {
		t.Error("what has no number is drawn")
	}
}

// Frames of one kind that follow each other are one path; what has a fill, a hatch or another line stays apart, in order.
func TestFramesOfAKindAreOnePath(t *testing.T) {
	line := func(x float64, of float64) Box {
		return Box{Rect: Rect{X: x, Y: 1, W: 4, H: 4}, Stroke: ink("line-2"), Line: of}
	}
	full := line(30, 1)
	full.Fill = ink("surface")
	s := &Scene{W: 50, H: 10, Boxes: []Box{line(0, 1), line(10, 1), line(20, 2), full, line(40, 1)}}
	text := SVG(s, "light", "", "", nil)
	var last int
	for _, want := range []string{
		`<path d="M0.5 1.5h3v3h-3zM10.5 1.5h3v3h-3z"`, `<rect x="21" y="2" width="2" height="2"`,
		`<rect x="30.5" y="1.5" width="3" height="3" style="fill:#`, `<rect x="40.5"`,
	} {
		at := strings.Index(text, want)
		if at <= last {
			t.Fatalf("%s stands at %d, after %d, in %s", want, at, last, text)
		}
		last = at
	}
	if n := strings.Count(text, "<path"); n != 1 {
		t.Errorf("%d paths", n)
	}
}
