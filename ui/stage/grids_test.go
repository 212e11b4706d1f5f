package stage

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"

	"petri/kernels/lab/wire/frame"
)

func TestNewPictureRefusesGridsThatDoNotFit(t *testing.T) {
	for name, spoil := range map[string]func(f *frame.Frame, b [][]float32) [][]float32{
		"no buffers":          func(*frame.Frame, [][]float32) [][]float32 { return nil },
		"a short image":       func(_ *frame.Frame, b [][]float32) [][]float32 { b[0] = b[0][1:]; return b },
		"an image of nothing": func(f *frame.Frame, b [][]float32) [][]float32 { f.Height, b[0] = 0, nil; return b },
		"a short map":         func(f *frame.Frame, b [][]float32) [][]float32 { k := f.Grids[1].Buffer; b[k] = b[k][1:]; return b },
		"windows of 5":        func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[0].Side = 5; return b },
		"windows of nothing":  func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[0].Side = 0; return b },
		"a head more":         func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[0].Heads++; return b },
		"rows below zero":     func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[2].Rows = -4; return b },
		"a huge map":          func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[2].Rows = 1 << 40; return b },
		"a distance missing": func(f *frame.Frame, b [][]float32) [][]float32 {
			f.Grids[2].Distance = f.Grids[2].Distance[1:]
			return b
		},
		"a buffer not there":    func(f *frame.Frame, b [][]float32) [][]float32 { f.Grids[2].Buffer = len(b); return b },
		"a buffer below zero":   func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[0].Buffer = -1; return b },
		"a panel's tile more":   func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[2].Tiles++; return b },
		"a panel of no rows":    func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[0].Rows = 0; return b },
		"a label missing":       func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[2].Labels = f.Panels[2].Labels[1:]; return b },
		"another scale":         func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[1].Scale = "rainbow"; return b },
		"a short outline":       func(f *frame.Frame, b [][]float32) [][]float32 { k := f.Panels[0].Outline; b[k] = b[k][1:]; return b },
		"tiles of no size":      func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[1].Rows, f.Panels[1].Cols = 0, 0; return b },
		"cells of no tile":      func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[1].Tiles = 0; return b },
		"an outline not there":  func(f *frame.Frame, b [][]float32) [][]float32 { f.Panels[0].Outline = 99; return b },
		"an output outside":     func(f *frame.Frame, b [][]float32) [][]float32 { f.Token = 16; return b },
		"an output below zero":  func(f *frame.Frame, b [][]float32) [][]float32 { f.Token = -1; return b },
		"an output map of rows": func(f *frame.Frame, b [][]float32) [][]float32 { f.OutRows = 4; return b },
	} {
		f, b := gridSample(t)
		s := New()
		if _, err := s.Handle(Input{Frame: &f}, b); err != nil {
			t.Fatal(err)
		}
		before := s.Picture()
		f, b = gridSample(t)
		b = spoil(&f, b)
		if _, err := s.Handle(Input{Frame: &f}, b); err == nil || !strings.HasPrefix(err.Error(), "stage: ") || s.Picture() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWindowsHoldWhatIsStored(t *testing.T) {
	p := gridPicture(t)
	for layer := range p.Grids {
		g := &p.Grids[layer]
		s := g.Side * g.Side
		for row := range g.Rows {
			for col := range g.Cols {
				c := spot{row, col}
				from := p.under(c, g.Rows, g.Cols)
				if p.over(from, g.Rows, g.Cols) != c {
					t.Fatalf("%s: the pixel in the middle of cell %v lies in cell %v", g.Name, c, p.over(from, g.Rows, g.Cols))
				}
				first, sum := window(g, c), 0.0
				for k := range s {
					to := spot{first.row + k/g.Side, first.col + k%g.Side}
					w, inside := p.weightTo(layer, 1, from, p.under(to, g.Rows, g.Cols))
					at := ((row/g.Side*(g.Cols/g.Side)+col/g.Side)*g.Heads + 1) * s * s
					at += (row%g.Side*g.Side+col%g.Side)*s + k
					if want := p.buffers[g.Buffer][at]; !inside || w != float64(want) {
						t.Fatalf("%s from %v to %v: %v %v, want %v", g.Name, c, to, w, inside, want)
					}
					sum += w
				}
				if math.Abs(sum-1) > 1e-5 {
					t.Fatalf("%s: the weights of cell %v sum to %v", g.Name, c, sum)
				}
			}
		}
	}
	if _, inside := p.weightTo(0, 0, p.under(spot{3, 3}, 16, 16), p.under(spot{3, 4}, 16, 16)); inside {
		t.Error("a cell looks out of its window")
	}
}

func TestEvenDistance(t *testing.T) {
	p := gridPicture(t)
	for i := range p.Grids {
		g := &p.Grids[i]
		sum, n := 0.0, g.Side*g.Side
		for a := range n {
			for b := range n {
				dy, dx := float64(a/g.Side-b/g.Side)*32/float64(g.Rows), float64(a%g.Side-b%g.Side)*32/float64(g.Cols)
				sum += math.Hypot(dy, dx) / float64(n*n)
			}
		}
		if got := p.evenDistance(g); math.Abs(got-sum) > 1e-9 {
			t.Errorf("%s: %v, counted %v", g.Name, got, sum)
		}
	}
}

// gridShapes are pictures that are hard to lay out.
func gridShapes(t *testing.T) map[string]*Picture {
	all := map[string]*Picture{}
	add := func(name string, change func(f *frame.Frame, b *[][]float32)) {
		f, b := gridSample(t)
		change(&f, &b)
		p, err := NewPicture(f, b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = p
	}
	add("as it is", func(*frame.Frame, *[][]float32) {})
	add("six layers of eight heads", func(f *frame.Frame, b *[][]float32) {
		f.Grids, f.Panels, f.Token = nil, f.Panels[:2], 0
		for i := range 6 {
			*b = append(*b, make([]float32, 8*16*16))
			f.Grids = append(f.Grids, frame.Grid{Name: fmt.Sprintf("stage%d.block12", i), Rows: 4, Cols: 4, Side: 4, Heads: 8, Buffer: len(*b) - 1, Distance: []float32{1, 2, 3, 4, 5, 6, 17, 18}})
		}
	})
	add("one layer, no panels, no distances", func(f *frame.Frame, _ *[][]float32) {
		f.Grids, f.Panels, f.Token = f.Grids[1:2], nil, 9
		f.Grids[0].Distance = nil
	})
	add("convolutions only", func(f *frame.Frame, _ *[][]float32) {
		f.Grids, f.OutRows, f.OutCols, f.Panels = nil, 4, 4, append(f.Panels[:1:1], f.Panels[6:]...)
	})
	add("convolutions only, no output map", func(f *frame.Frame, _ *[][]float32) { f.Grids, f.Token, f.Panels = nil, 0, f.Panels[6:] })
	add("long classes", func(f *frame.Frame, _ *[][]float32) {
		f.Classes = []string{"a cue in the left neighbour", "nothing", "a cue in the right neighbour"}
		f.Label, f.Probs = 2, []float32{.2, .1, .7}
	})
	add("no guess, a long class", func(f *frame.Frame, _ *[][]float32) {
		f.Classes, f.Label, f.Probs = []string{"left", "right"}, 1, []float32{.5, .5}
	})
	add("a wide image", func(f *frame.Frame, b *[][]float32) {
		f.Height, (*b)[0] = 16, (*b)[0][:16*32]
		f.Panels = f.Panels[1:]
	})
	add("a note in place of a picture", noteOnly)
	add("many filters", func(f *frame.Frame, b *[][]float32) {
		*b = append(*b, make([]float32, 384*9))
		f.Panels[6].Tiles, f.Panels[6].Buffer = 384, len(*b)-1
	})
	return all
}

// noteOnly leaves of the rollout the note why it is not there.
func noteOnly(f *frame.Frame, _ *[][]float32) {
	f.Panels[1] = frame.Panel{ID: "rollout", Title: "Attention rollout", Note: "Left out: attention looks over 16 × 16 cells at once here."}
}

// A note is written, said and lit in place of the picture, and nothing else of the picture changes: it takes no place among
// the cards, no card is shown that was not, and no table stands for it.
func TestNoteInPlaceOfAPicture(t *testing.T) {
	f, b := gridSample(t)
	noteOnly(&f, &b)
	with, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	f, b = gridSample(t)
	f.Panels = append(f.Panels[:1:1], f.Panels[2:]...)
	without, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []float64{340, 640, 1000} {
		v := NewView()
		v.Width = width
		s, plain := Build(with, v), Build(without, v)
		note := 0.0 // where it begins
		for _, text := range s.Texts {
			if text.S == "Attention rollout" {
				note = text.Y
			}
		}
		if words := said(s); note == 0 || !strings.Contains(words, "Left out: attention") || s.H <= plain.H || s.H > plain.H+90 {
			t.Errorf("width %v: the note begins at %v of %v; without it the picture is %v high: %s", width, note, s.H, plain.H, words)
		}
		if len(s.Rasters) != len(plain.Rasters) || len(s.Texts) <= len(plain.Texts) {
			t.Fatalf("width %v: %d maps and %d texts, without the note %d and %d", width, len(s.Rasters), len(s.Texts), len(plain.Rasters), len(plain.Texts))
		}
		for i, r := range s.Rasters {
			if o := plain.Rasters[i]; r.Label != o.Label || r.Rect != o.Rect && (width >= wideFrom || r.Y < note) {
				t.Errorf("width %v: %s at %+v, without the note %s at %+v", width, r.Label, r.Rect, o.Label, o.Rect)
			}
			if width >= wideFrom && r.Y > note {
				t.Errorf("width %v: the note stands above %s", width, r.Label)
			}
		}
		v.Light = PartRollout
		if lit := Build(with, v); len(lit.Boxes) <= len(s.Boxes) || lit.H != s.H {
			t.Errorf("width %v: the lesson does not light the note", width)
		}
	}
	v := NewView()
	if d := Describe(with, v); !strings.Contains(d, "Attention rollout. Left out: attention looks over 16 by 16 cells") {
		t.Errorf("the description is %s", d)
	}
	if a, o := len(Tables(with, v)), len(Tables(without, v)); a != o {
		t.Errorf("%d tables, without the note %d", a, o)
	}
	_, rows := Table(with, v)
	if _, others := Table(without, v); len(rows) != len(others) {
		t.Errorf("%d rows in the file, without the note %d", len(rows), len(others))
	}
}

func TestGridsLieInsideAndTextsDoNotCollide(t *testing.T) {
	for name, p := range gridShapes(t) {
		for _, v := range append(views(), func() []View { v := NewView(); v.Width = 1000; return []View{v} }()...) {
			for _, shared := range []bool{false, true} {
				v.Shared = shared
				v.Query, v.Pinned, v.Key, v.Layer, v.Head = 1+9*32+13, true, 1+3*32+30, 1, 2
				s := Build(p, v)
				where := fmt.Sprintf("%s at %v x%v", name, v.Width, v.Scale)
				laidOut(t, where, s, nil)
				for _, g := range s.targets {
					if v.Coarse && (g.hit.Kind == HitScale || g.hit.Kind == HitPick || g.hit.Kind == HitShow) && g.H < 40 {
						t.Fatalf("%s: a target for fingers is %v high", where, g.H)
					}
				}
				if t.Failed() {
					return
				}
			}
		}
	}
}

// Pointing and lighting do not move anything.
func TestGridsKeepTheirHeight(t *testing.T) {
	p := gridPicture(t)
	for _, width := range []float64{340, 640, 1000} {
		v := NewView()
		v.Width = width
		high := Build(p, v).H
		for name, change := range map[string]func(v *View){
			"a query":      func(v *View) { v.Query, v.Pinned = 1+31*32+31, true },
			"a key":        func(v *View) { v.Query, v.Key = 1, 1+31*32+31 },
			"a tile":       func(v *View) { v.Panel, v.Tile, v.Row, v.Col = 2, 1, 3, 3 },
			"the lesson":   func(v *View) { v.Light = PartFilters },
			"the field":    func(v *View) { v.Light = PartField },
			"another card": func(v *View) { v.Card = 4 },
			"the mean":     func(v *View) { v.Head = 2 },
		} {
			w := v
			change(&w)
			if h := Build(p, w).H; h != high {
				t.Errorf("width %v: with %s the height is %v, without %v", width, name, h, high)
			}
		}
	}
}

func TestGridHits(t *testing.T) {
	p := gridPicture(t)
	for _, v := range views() {
		s := Build(p, v)
		maps, tiles := map[[3]int]bool{}, map[int]bool{}
		for _, g := range s.targets {
			if g.cols == 0 {
				continue
			}
			for i := range g.rows * g.cols {
				r := inner(g.Rect, g.rows, g.cols, i/g.cols, i%g.cols)
				h := s.Hit(r.X+r.W/2, r.Y+r.H/2)
				want := g.hit
				switch want.Kind {
				case HitTile:
					want.Row, want.Col = i/g.cols, i%g.cols
					tiles[want.Panel] = true
				default:
					want.Token = 1 + i
					maps[[3]int{want.Layer, want.Head, g.rows}] = true
				}
				if h != want {
					t.Fatalf("width %v: %+v where %+v is drawn", v.Width, h, want)
				}
			}
		}
		// the image, and every head of three layers and their means
		if len(maps) != 1+3+3+5 {
			t.Fatalf("width %v: %d maps answer", v.Width, len(maps))
		}
		if !tiles[0] || v.Width < 500 && len(tiles) != 5 {
			t.Fatalf("width %v: the panels %v answer", v.Width, tiles)
		}
	}
}

// Painted pixels are read back: the window shows its weights, the rest of the map none.
func TestPaintShowsTheWindow(t *testing.T) {
	p := gridPicture(t)
	v := NewView()
	v.Scale, v.Query = 2, p.under(spot{5, 9}, 16, 16)
	s := Build(p, v)
	w, h := s.Size(2)
	img := newImage(w, h)
	Paint(img, s, v.Theme, 2)
	for _, g := range s.targets {
		if g.hit.Kind != HitMap || g.cols == 0 || g.hit.Layer == v.Layer && g.hit.Head == v.Head {
			continue
		}
		grid := &p.Grids[g.hit.Layer]
		c := p.over(v.Query, grid.Rows, grid.Cols)
		weights := p.windowWeights(nil, g.hit.Layer, g.hit.Head, c)
		_, top := strongest(weights)
		first := window(grid, c)
		for row := range grid.Rows {
			for col := range grid.Cols {
				if max(row-c.row, c.row-row) < 2 && max(col-c.col, c.col-col) < 2 {
					continue // the mark
				}
				r := inner(g.Rect, grid.Rows, grid.Cols, row, col)
				got := img.RGBAAt(int((r.X+r.W/2)*2), int((r.Y+r.H/2)*2))
				want := ink("sunk").Colour("light")
				if window(grid, spot{row, col}) == first {
					want = Viridis(weights[(row-first.row)*grid.Side+col-first.col] / top)
				}
				if got != (color.RGBA{want.R, want.G, want.B, 255}) {
					t.Fatalf("%s head %d cell %d,%d: %v, want %v", grid.Name, g.hit.Head, row, col, got, want)
				}
			}
		}
	}
}

// The outline goes once around the set: its length is the number of borders between inside and outside.
func TestOutlineIsTheBorder(t *testing.T) {
	p := gridPicture(t)
	b := &builder{p: p, s: &Scene{}}
	b.outline(0, Rect{0, 0, 32, 32})
	long := 0.0
	for _, e := range b.s.Boxes {
		if e.Fill.Name == "mark" {
			long += max(e.W, e.H) - 1.5
		}
	}
	want := 0
	for row := 0; row <= 32; row++ {
		for col := 0; col <= 32; col++ {
			for _, o := range [][2]int{{row - 1, col}, {row, col - 1}} {
				if p.outlined(0, row, col) != p.outlined(0, o[0], o[1]) {
					want++
				}
			}
		}
	}
	if math.Abs(long-float64(want)) > 1e-9 || want == 0 {
		t.Errorf("the outline is %v cells long, the border %d", long, want)
	}
}

func shownGrids(t testing.TB) *Stage {
	t.Helper()
	s := New()
	f, b := gridSample(t)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil {
		t.Fatal(err)
	}
	s.Paint()
	return s
}

// at is the middle of a cell of the last target that matches.
func (s *Stage) at(t testing.TB, row, col int, match func(h Hit) bool) (x, y float64) {
	t.Helper()
	return s.centre(t, func(g target) bool { return match(g.hit) && g.cols > 0 }, row, col)
}

func TestGridPointer(t *testing.T) {
	s := shownGrids(t)
	image := func(h Hit) bool { return h.Kind == HitPatch }
	field := func(h Hit) bool { return h.Kind == HitTile && h.Panel == 0 }
	x, y := s.at(t, 20, 9, image)
	if e := s.Move(x, y); len(e) != 1 || e[0].Petri != EventHover || e[0].Token != 1+20*32+9 || !strings.Contains(e[0].Text, "cell 11,5 looks most at") {
		t.Fatalf("hover: %+v", e)
	}
	x, y = s.at(t, 2, 30, image)
	e := s.Press(x, y)
	if len(e) != 2 || e[0].Petri != EventPin || !e[0].Pinned || e[1].Petri != EventOutput || e[1].Cell != 3 {
		t.Fatalf("click: %+v", e)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventPin || e[0].Pinned {
		t.Fatalf("a second click lets go and asks for nothing: %+v", e)
	}
	s.Press(x, y)
	// The answer comes as a frame.
	f, b := gridSample(t)
	f.Token = 3
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil || s.View.Query != 1+2*32+30 || !s.View.Pinned {
		t.Fatalf("the mark does not stay: %v, %+v", err, s.View)
	}
	x, y = s.at(t, 31, 0, field)
	if e := s.Move(x, y); len(e) != 1 || e[0].Key != 1+31*32 || !strings.Contains(e[0].Text, "outside the predicted set") {
		t.Fatalf("pointing at the field: %+v", e)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventOutput || e[0].Cell != 12 {
		t.Fatalf("clicking the field: %+v", e)
	}
	x, y = s.at(t, 3, 1, func(h Hit) bool { return h.Kind == HitMap && h.Layer == 2 && h.Head == 3 })
	if e := s.Move(x, y); len(e) != 1 || s.View.Over != 2 || s.View.Key != 1+28*32+12 || !strings.Contains(e[0].Text, "outside its window") {
		t.Fatalf("pointing at a map: %+v, %+v", e, s.View)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventSelect || e[0].Layer != 2 || e[0].Head != 3 {
		t.Fatalf("choosing a map: %+v", e)
	}
	if s.Leave(); s.View.Key != -1 || s.View.Over != -1 || s.View.Query != 1+2*32+30 {
		t.Fatalf("after leaving: %+v", s.View)
	}
	x, y = s.centre(t, func(g target) bool { return g.hit.Kind == HitShow && g.hit.Group == 4 }, 0, 0)
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventSelect || !strings.Contains(said(s.Scene()), "Depth-wise filters") {
		t.Fatalf("choosing a card: %+v", e)
	}
	x, y = s.centre(t, func(g target) bool { return g.hit.Kind == HitPick && g.hit.Panel == 0 }, 0, 0)
	if s.Press(x, y); s.View.Pick[4] != 1 {
		t.Fatalf("choosing a layer: %+v", s.View)
	}
	x, y = s.at(t, 1, 2, func(h Hit) bool { return h.Kind == HitTile && h.Panel == 6 && h.Tile == 5 })
	if e := s.Move(x, y); len(e) != 1 || !strings.HasPrefix(e[0].Text, "Depth-wise filters, stage1.block1, tile 6, row 2, column 3: ") {
		t.Fatalf("pointing at a filter: %+v", e)
	}
}

func TestGridKeys(t *testing.T) {
	s := shownGrids(t)
	if e := s.Key("ArrowRight"); len(e) != 1 || e[0].Petri != EventPin || s.picture.over(s.View.Query, 16, 16) != (spot{8, 9}) {
		t.Fatalf("right from the middle: %+v", e)
	}
	for range 20 {
		s.Key("ArrowUp")
		s.Key("ArrowLeft")
	}
	if s.picture.over(s.View.Query, 16, 16) != (spot{0, 0}) {
		t.Fatalf("the arrows end at %v", s.picture.pixel(s.View.Query))
	}
	if e := s.Key("Enter"); len(e) != 1 || e[0].Petri != EventOutput || e[0].Cell != 0 || !s.View.Pinned {
		t.Fatalf("Enter asks: %+v", e)
	}
	if e := s.Key("Enter"); len(e) != 1 || e[0].Petri != EventPin || e[0].Pinned {
		t.Fatalf("a second Enter lets go: %+v", e)
	}
	if e := s.Key("Escape"); len(e) != 2 || e[0].Petri != EventPin || e[0].Token != 0 || e[1].Petri != EventOutput || e[1].Cell != 10 {
		t.Fatalf("Escape: %+v", e)
	}
	if e := s.Key("Escape"); len(e) != 1 || e[0].Petri != EventKey {
		t.Fatalf("a second Escape belongs to the page: %+v", e)
	}
	seen := map[[2]int]bool{}
	for range 3 + 3 + 5 {
		seen[[2]int{s.View.Layer, s.View.Head}] = true
		s.Key("]")
	}
	if len(seen) != 11 || s.View.Layer != 0 || s.View.Head != 0 {
		t.Fatalf("] walks over %d maps", len(seen))
	}
	if s.Key("["); s.View.Layer != 2 || s.View.Head != 4 {
		t.Fatalf("[ leads to %d, %d", s.View.Layer, s.View.Head)
	}
	if e := s.Key("3"); len(e) != 1 || e[0].Petri != EventSelect || !strings.Contains(said(s.Scene()), "Relative position table") {
		t.Fatalf("3 shows the third group: %+v", e)
	}
	if s.Key("3"); s.View.Pick[2] != 1 { // after the last, that of the selected layer, comes the first
		t.Fatalf("3 again shows the next layer: %+v", s.View.Pick)
	}
	if e := s.Key("8"); len(e) != 1 || e[0].Petri != EventKey {
		t.Fatalf("there is no eighth group: %+v", e)
	}
}

// One stage shows both kinds: what was marked in one means nothing in the other.
func TestGridsAfterPatches(t *testing.T) {
	s := shown(t)
	s.Key("ArrowRight")
	s.Key("]")
	f, b := gridSample(t)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil || s.View.Query != 0 || s.View.Pinned || s.View.Head != 0 {
		t.Fatalf("%v, %+v", err, s.View)
	}
	s.Key("ArrowRight")
	s.Paint()
	f, b = sample(t, 32, 8, 4, 4, 64, 64, 4)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil || s.View.Query != 0 || s.View.Pinned {
		t.Fatalf("%v, %+v", err, s.View)
	}
	s.Paint()
}

func TestGridWords(t *testing.T) {
	p := gridPicture(t)
	v := NewView()
	d := Describe(p, v)
	for _, want := range []string{"Example 5 of 24", "arm moat", "It is 8; the model says 8 with probability 0.70", "stage2.block1 over 16 by 16 cells in windows of 4 by 4, mean distance of its heads 3.5 px and 2.6 px", "cell 9,9 looks most at",
		"Effective receptive field: 32 by 32", "Of output 3,2 of 4 by 4. Inside the outline: 100 %.", "It knows no class", "Depth-wise filters, stage2.block1: 32 pictures of 3 by 3"} {
		if !strings.Contains(d, want) {
			t.Errorf("the description lacks %q: %s", want, d)
		}
	}
	columns, rows := Table(p, v)
	want := 16*3 + 64*3 + 16*5 + 3 + 3 + 5
	for i := range p.Panels {
		want += p.Panels[i].Tiles * p.Panels[i].Rows * p.Panels[i].Cols
	}
	want += 32 * 32 // the predicted set
	if len(columns) != 6 || len(rows) != want {
		t.Errorf("a table of %d columns and %d rows, want 6 and %d", len(columns), len(rows), want)
	}
	tables := Tables(p, v)
	if len(tables) != 3+1+len(p.Panels) {
		t.Errorf("%d tables", len(tables))
	}
	for _, n := range tables {
		for _, r := range n.Rows {
			if len(r) != len(n.Columns) {
				t.Fatalf("%s: a row of %d under %d columns", n.Title, len(r), len(n.Columns))
			}
		}
	}
	if old := Tables(picture(t, 4), v); len(old) != 1 || old[0].Title != "Attention from the class token to every token" || len(old[0].Rows) != 17 {
		t.Errorf("the tables of a picture of patches: %+v", old)
	}
	if percent(1) != "100 %" || percent(.99999) != "over 99.9 %" || percent(.5) != "50.0 %" {
		t.Error("shares")
	}
}

func TestGridSVGIsWellFormed(t *testing.T) {
	text := SVG(Build(gridPicture(t), NewView()), "", "a < b", "c & d", func(Raster) string { return "data:," })
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, word := range []string{"stage3.block1", "head 4", "Mean attention distance", "Effective receptive field"} {
		if !strings.Contains(text, ">"+word) {
			t.Errorf("the picture does not say %q", word)
		}
	}
}

// A run that diverged has NaN everywhere.
func TestDivergedGridsAreDrawn(t *testing.T) {
	f, b := gridSample(t)
	nan := float32(math.NaN())
	for _, buffer := range b[1:] {
		for i := range buffer {
			buffer[i] = nan
		}
	}
	for i := range f.Probs {
		f.Probs[i] = nan
	}
	for i := range f.Grids {
		for k := range f.Grids[i].Distance {
			f.Grids[i].Distance[k] = nan
		}
	}
	for _, shared := range []bool{false, true} {
		s := New()
		if _, err := s.Handle(Input{Frame: &f, Set: Set{"shared": shared}}, b); err != nil {
			t.Fatal(err)
		}
		s.Paint()
		if text := s.Scene().TextSVG("light"); !strings.Contains(text, ">–<") || strings.Contains(text, "Inf") || strings.Contains(text, "NaN") {
			t.Error(text)
		}
		if d := Describe(s.Picture(), s.View); strings.Contains(d, "Inf") {
			t.Error(d)
		}
		Table(s.Picture(), s.View)
		Tables(s.Picture(), s.View)
	}
}

func BenchmarkGrids(b *testing.B) {
	s := shownGrids(b)
	s.Resize(642, 2)
	for b.Loop() {
		s.touch()
		s.Paint()
	}
}

// laidOut checks that everything of a scene lies inside and that nothing covers anything else. free tells rasters that may lie on
// each other and below words, such as points of a scatter; nil where there are none.
func laidOut(t *testing.T, where string, s *Scene, free func(Raster) bool) {
	t.Helper()
	loose := func(r Raster) bool { return free != nil && free(r) }
	for _, r := range s.Rasters {
		if r.X < -1 || r.Y < -1 || r.X+r.W > s.W+1 || r.Y+r.H > s.H+1 || !(r.W > 0) || !(r.H > 0) {
			t.Errorf("%s: raster %s at %+v is outside %vx%v", where, r.Label, r.Rect, s.W, s.H)
		}
		if len(r.Cells) != r.Rows*r.Cols || len(r.Cells) == 0 {
			t.Errorf("%s: raster %s has %d cells for %dx%d", where, r.Label, len(r.Cells), r.Rows, r.Cols)
		}
	}
	for i, a := range s.Rasters {
		for _, o := range s.Rasters[i+1:] {
			if !(loose(a) && loose(o)) && overlapsAny(a.Rect.grow(-.5), []Rect{o.Rect}) {
				t.Errorf("%s: %s and %s overlap", where, a.Label, o.Label)
			}
		}
	}
	for i, a := range s.Texts {
		ra := extent(a)
		if ra.X < -1 || ra.X+ra.W > s.W+8 || ra.Y < -2 || ra.Y+ra.H > s.H+2 {
			t.Errorf("%s: %q at %+v is outside %vx%v", where, a.S, ra, s.W, s.H)
		}
		for _, o := range s.Texts[i+1:] {
			if overlapsAny(ra.grow(-1), []Rect{extent(o).grow(-1)}) {
				t.Errorf("%s: %q and %q overlap", where, a.S, o.S)
			}
		}
		for _, r := range s.Rasters {
			if !loose(r) && overlapsAny(ra.grow(-1), []Rect{r.Rect}) {
				t.Errorf("%s: %q lies on %s", where, a.S, r.Label)
			}
		}
	}
}
