package stage

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire/frame"
)

func TestNewPictureRefusesAnswersThatDoNotFit(t *testing.T) {
	one := func(spoil func(a *frame.Answer)) func(*frame.Frame, [][]float32) {
		return func(f *frame.Frame, _ [][]float32) { spoil(f.Answer) }
	}
	for name, spoil := range map[string]func(f *frame.Frame, b [][]float32){
		"a short picture":         func(_ *frame.Frame, b [][]float32) { b[0] = b[0][1:] },
		"a mask missing":          func(_ *frame.Frame, b [][]float32) { b[1] = b[1][64*64:] },
		"a truth missing":         func(_ *frame.Frame, b [][]float32) { b[2] = nil },
		"short looks":             func(_ *frame.Frame, b [][]float32) { b[3] = b[3][1:] },
		"short objects":           func(_ *frame.Frame, b [][]float32) { b[4] = b[4][1:] },
		"another height":          func(f *frame.Frame, _ [][]float32) { f.Height = 32 },
		"another width":           func(f *frame.Frame, _ [][]float32) { f.Width = 65 },
		"a side of nothing":       func(f *frame.Frame, b [][]float32) { f.Height, f.Width, f.Answer.Side, b[0] = 0, 0, 0, nil },
		"a huge side":             func(f *frame.Frame, _ [][]float32) { f.Height, f.Width, f.Answer.Side = 1<<40, 1<<40, 1<<40 },
		"one mask more":           one(func(a *frame.Answer) { a.Masks = append(a.Masks, frame.AnswerMask{}) }),
		"a mask chosen beyond":    one(func(a *frame.Answer) { a.Chosen = 3 }),
		"a mask chosen below":     one(func(a *frame.Answer) { a.Chosen = -1 }),
		"a truth that is missing": one(func(a *frame.Answer) { a.Masks[1].Node = 3 }),
		"a head more":             one(func(a *frame.Answer) { a.Heads++ }),
		"heads and grid below 0":  one(func(a *frame.Answer) { a.Heads, a.Grid = -4, 16 }),
		"another kind":            one(func(a *frame.Answer) { a.Kind = "export" }),
		"everything from a point": one(func(a *frame.Answer) { a.Kind = frame.AskEvery }),
		"more asked than there":   one(func(a *frame.Answer) { a.Asked = 1 }),
	} {
		f, b := answerSample(t)
		spoil(&f, b)
		if _, err := NewPicture(f, b); err == nil || !strings.HasPrefix(err.Error(), "stage: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(a *frame.Answer){
		"a fate of its own":       func(a *frame.Answer) { a.Dots[3].Fate = "lost" },
		"a point that is missing": func(a *frame.Answer) { a.Found[0].Dot = len(a.Dots) },
		"a mask more":             func(a *frame.Answer) { a.Found = append(a.Found, a.Found[0]) },
		"more asked than there":   func(a *frame.Answer) { a.Asked = len(a.Dots) + 1 },
		"asked below nothing":     func(a *frame.Answer) { a.Asked = -1 },
	} {
		f, b := everySample(t, 200)
		spoil(f.Answer)
		if _, err := NewPicture(f, b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// A refused frame leaves the picture that is shown.
	s := prompted(t, ToolPoint)
	old := s.Picture()
	f, b := answerSample(t)
	if _, err := s.Handle(Input{Frame: &f}, b[:2]); err == nil || s.Picture() != old {
		t.Error("a broken answer replaced a good one")
	}
	// A picture before any prompt is a picture.
	f.Answer.Masks, f.Answer.Truths, f.Answer.Layers, f.Answer.Heads, f.Answer.Grid, f.Answer.Prompt = nil, nil, nil, 0, 0, frame.Prompt{}
	if _, err := NewPicture(f, b[:1]); err != nil {
		t.Error(err)
	}
}

// answerViews are all shapes of the stage with everything switched on that there is.
func answerViews(kind string) (all []View) {
	for _, width := range []float64{280, 340, 500, 640, 819, 820, 1100} {
		for _, scale := range []float64{1, 1.25, 2} {
			v := NewView()
			v.Width, v.Scale = width, scale
			v.Prompting = &Prompting{Tool: ToolPoint, Mask: 1, All: true, Ring: true, Truth: true, Busy: true, Live: true, Brush: []int{70, 71, 5000, -4},
				Prompt: frame.Prompt{Points: []frame.PromptPoint{{X: 16.5, Y: 48.5, Label: 1}, {X: 30, Y: 30}}, Box: &frame.PromptBox{X0: 2, Y0: 3, X1: 40, Y1: 61}}}
			if kind == "alone" {
				v.Prompting = nil
			}
			v.Key, v.Query, v.Pinned, v.Head = 64*48+17, 1, true, 2
			all = append(all, v)
		}
	}
	return all
}

func answerKinds(t *testing.T) map[string]*Picture {
	bare, buffers := answerSample(t)
	bare.Answer.Masks, bare.Answer.Truths, bare.Answer.Layers = nil, nil, nil
	long, more := answerSample(t)
	long.Answer.Truths[0].Name = "a very long name of a thing that nobody would give to it in earnest"
	f, b := answerSample(t)
	e, eb := everySample(t, 200)
	i, ib := everySample(t, 256)
	i.Answer.Kind, i.Answer.Dots, i.Answer.Asked = frame.AskImport, nil, 0
	for k := range i.Answer.Found {
		i.Answer.Found[k].Dot = -1
	}
	return map[string]*Picture{"prompt": answerPicture(t, f, b), "alone": answerPicture(t, f, b), "long": answerPicture(t, long, more),
		"none": answerPicture(t, bare, [][]float32{buffers[0]}), "every": answerPicture(t, e, eb), "import": answerPicture(t, i, ib)}
}

func TestAnswersLieInsideAndTextsDoNotCollide(t *testing.T) {
	for kind, p := range answerKinds(t) {
		for _, v := range answerViews(kind) {
			s := Build(p, v)
			where := fmt.Sprintf("%s at %v x%v", kind, v.Width, v.Scale)
			if f := s.field; f.W != f.H || v.Width < besideFrom && math.Abs(f.W-v.Width) > 1 || f.W < 0.6*v.Width {
				t.Errorf("%s: the picture is %vx%v", where, f.W, f.H)
			}
			laidOut(t, where, s, func(Raster) bool { return true }) // masks lie on the picture
			for _, path := range s.Paths {
				for _, line := range path.Lines {
					for _, at := range line {
						if at.X < -14 || at.Y < -14 || at.X > s.W+14 || at.Y > s.H+14 || math.IsNaN(at.X+at.Y) {
							t.Fatalf("%s: a line leads to %v, the stage is %vx%v", where, at, s.W, s.H)
						}
					}
				}
			}
			if t.Failed() {
				return
			}
		}
	}
}

// What the pointer is on is what is drawn there, at every size: pixels of the picture and image tokens of the maps.
func TestAnswerHits(t *testing.T) {
	f, b := answerSample(t)
	p := answerPicture(t, f, b)
	for _, v := range answerViews("prompt") {
		s := Build(p, v)
		for _, c := range []spot{{0, 0}, {0, 63}, {63, 0}, {63, 63}, {48, 16}, {20, 41}} {
			r := inner(s.field, 64, 64, c.row, c.col)
			if h := s.Hit(r.X+r.W/2, r.Y+r.H/2); h != (Hit{Kind: HitPatch, Token: 1 + c.row*64 + c.col}) {
				t.Fatalf("%v at %v x%v: %+v", c, v.Width, v.Scale, h)
			}
		}
		seen := 0
		for _, g := range s.targets {
			if g.hit.Kind != HitLook {
				continue
			}
			seen++
			r := inner(g.Rect, 16, 16, 11, 3)
			want := Hit{Kind: HitLook, Layer: g.hit.Layer, Head: g.hit.Head, Row: 11, Col: 3}
			if h := s.Hit(r.X+r.W/2, r.Y+r.H/2); h != want {
				t.Fatalf("a map at %v x%v: %+v", v.Width, v.Scale, h)
			}
		}
		if seen != 12 {
			t.Fatalf("%d maps answer", seen)
		}
	}
}

// Painted pixels are read back: the picture's own colour far from everything, the mask's blue over it inside, white at the rim
// of a point, green in it.
func TestPaintShowsTheAnswer(t *testing.T) {
	f, b := answerSample(t)
	for _, scale := range []float64{1, 1.5, 2} {
		for _, width := range []float64{340, 640} {
			v := NewView()
			v.Scale, v.Width = scale, width
			img, err := Render(f, b, v)
			if err != nil {
				t.Fatal(err)
			}
			at := func(x, y float64) color.RGBA {
				k := math.Floor(width*scale) / scale / 64 * scale
				return img.RGBAAt(int(x*k), int(y*k))
			}
			own := func(x, y int) [3]float64 {
				i := 3 * (y*64 + x)
				return [3]float64{float64(b[0][i]) * 255, float64(b[0][i+1]) * 255, float64(b[0][i+2]) * 255}
			}
			far := func(got color.RGBA, want [3]float64) float64 {
				return max(math.Abs(float64(got.R)-want[0]), math.Abs(float64(got.G)-want[1]), math.Abs(float64(got.B)-want[2]))
			}
			if d := far(at(60.5, 5.5), own(60, 5)); d > 1 {
				t.Errorf("x%v: the picture differs by %v", scale, d)
			}
			blue := Ink{"mask", 1}.Colour("light")
			want := own(33, 41)
			for i, c := range []uint8{blue.R, blue.G, blue.B} {
				want[i] = .55*want[i] + .45*float64(c)
			}
			if d := far(at(33.5, 41.5), want); d > 4 {
				t.Errorf("x%v width %v: the mask's ground differs by %v", scale, width, d)
			}
			k := 64 / math.Floor(width*scale) * scale // pixels of the picture in a CSS pixel
			r := min(max(width/64, 6), 9) * k
			if c := at(16.5-r*.45, 48.5-r*.45); c.G < 100 || c.R > 80 {
				t.Errorf("x%v width %v: no green in the point: %v", scale, width, c)
			}
			if c := at(16.5, 48.5); c.R < 240 || c.G < 240 {
				t.Errorf("x%v width %v: no plus on the point: %v", scale, width, c)
			}
		}
	}
}

// labels are what rasters of a scene show.
func labels(s *Scene) (all []string) {
	for _, r := range s.Rasters {
		all = append(all, r.Label)
	}
	return all
}

func TestSwitchesOfAnAnswer(t *testing.T) {
	f, b := answerSample(t)
	p := answerPicture(t, f, b)
	v := NewView()
	q := Prompting{Tool: ToolPoint, Mask: 2}
	v.Prompting = &q
	few := Build(p, v)
	if slices.Contains(labels(few), "Logits from −1 to +1") {
		t.Error("a ring that is switched off is drawn")
	}
	all, ring, truth := q, q, q
	all.All, ring.Ring, truth.Truth = true, true, true
	v.Prompting = &all
	dashed := 0
	for _, path := range Build(p, v).Paths {
		if path.Dash > 0 && !path.Open {
			dashed++
		}
	}
	if dashed != 2 {
		t.Errorf("%d other answers are outlined", dashed)
	}
	v.Prompting = &truth
	n := 0
	for _, path := range Build(p, v).Paths {
		if path.Stroke.Name == "mark-true" && !path.Open {
			n++
			if len(path.Lines) != len(p.edge(bufTruths, 0)) {
				t.Error("the outline is not that of the truth that the mask is nearest to")
			}
		}
	}
	if n != 1 {
		t.Errorf("%d true outlines", n)
	}
	v.Prompting = &ring
	for _, r := range Build(p, v).Rasters {
		if r.Label != "Logits from −1 to +1" {
			continue
		}
		for i, c := range r.Cells {
			x := b[bufMasks][2*64*64+i]
			if (c.A > 0) != (x > -1 && x < 1) {
				t.Fatalf("a pixel of logit %v has opacity %d", x, c.A)
			}
		}
		n++
	}
	if n != 2 {
		t.Error("no ring")
	}
	if said(few) == said(Build(p, v)) {
		t.Error("the ring has no entry in the key")
	}
}

// Points of everything mode have signs of their own, and those that were not asked yet wait.
func TestFatesAreTold(t *testing.T) {
	f, b := everySample(t, 200)
	f.Answer.Dots[250].Fate = frame.FateKept // beyond what was asked: not yet told
	p := answerPicture(t, f, b)
	counts, sum := p.counts(), 0
	for _, n := range counts {
		sum += n
	}
	if sum != 256 || counts[len(fates)-1] != 56 {
		t.Errorf("counts %v", counts)
	}
	signs := map[string]bool{}
	for i := range fates {
		b := &builder{s: &Scene{}}
		b.glyphs(i, []Point{{20, 20}}, 5)
		line := b.s.Paths[0]
		signs[fmt.Sprint(line.Open, len(line.Lines[0]), line.Lines[0][0])] = true
	}
	if len(signs) != len(fates) {
		t.Errorf("%d shapes for %d fates", len(signs), len(fates))
	}
	words := said(Build(p, NewView()))
	for i, f := range fates {
		if !strings.Contains(words, f.name) || !strings.Contains(words, fmt.Sprint(counts[i])) {
			t.Errorf("no %q with %d in %s", f.name, counts[i], words)
		}
	}
	if !strings.Contains(words, "200 of 256 points asked") {
		t.Error(words)
	}
}

// The smallest mask under the pointer is lit and tells its numbers, unless it is switched off.
func TestPointingAtAFoundMask(t *testing.T) {
	f, b := everySample(t, 256)
	s := New()
	if _, err := s.Handle(Input{Frame: &f, Prompting: &Prompting{Tool: ToolPoint, Live: true}}, b); err != nil {
		t.Fatal(err)
	}
	at := func(x, y float64) (float64, float64) { return x * 10, y * 10 }
	hub := len(f.Answer.Found) - 1
	e := s.Move(at(16.5, 48.5))
	if len(e) != 1 || e[0].Petri != EventHover || !strings.Contains(e[0].Text, fmt.Sprintf("Mask %d: predicted IoU 0.93", hub+1)) || s.View.Panel != hub {
		t.Fatalf("%+v", e)
	}
	if e := s.Move(at(16.5, 48.9)); len(e) != 0 {
		t.Errorf("the same mask is told again: %+v", e)
	}
	s.Handle(Input{Prompting: &Prompting{Tool: ToolPoint, Live: true, Sort: []int{hub}}}, nil)
	if s.Move(at(17.5, 48.5)); s.View.Panel == hub || s.View.Panel < 0 {
		t.Errorf("a mask that is switched off is lit: %d", s.View.Panel)
	}
	if e := s.Leave(); len(e) != 1 || s.View.Panel != -1 {
		t.Errorf("%+v", e)
	}
}

// A lesson lights the picture, what is said of it, or where the prompt looks; what lies on the picture is dimmed with it.
func TestLessonsLightAnAnswer(t *testing.T) {
	f, b := answerSample(t)
	p := answerPicture(t, f, b)
	for _, part := range []Part{PartInput, PartAnswer, PartAttention} {
		v := NewView()
		plain := newImage(640, 1119)
		Paint(plain, Build(p, v), "light", 1)
		v.Light = part
		lit := newImage(640, 1119)
		Paint(lit, Build(p, v), "light", 1)
		if same := lit.RGBAAt(160, 480) == plain.RGBAAt(160, 480); same != (part == PartInput) { // the green of the point
			t.Errorf("%s: the picture is dimmed: %v", part, !same)
		}
	}
}

func TestAnswerWords(t *testing.T) {
	f, b := answerSample(t)
	p, v := answerPicture(t, f, b), NewView()
	d := Describe(p, v)
	for _, want := range []string{"64 by 64 pixels", "A red engine stands", "Model shipped", "1 point on it, 0 points off it", "In front: Mask 3 of 3, nearest to the whole “engine”",
		"predicted IoU 0.96, true IoU 0.95, stability 0.86, 560 pixels", "Mask 1 of 3, nearest to the subpart “hub”: predicted IoU 0.59", "over 16 by 16 image tokens: most strongly in layer"} {
		if !strings.Contains(d, want) {
			t.Errorf("no %q in %s", want, d)
		}
	}
	if s := Sentence(p, v); !strings.HasPrefix(s, "Mask 3 of 3") || strings.Contains(s, "Cursor") {
		t.Error(s)
	}
	v.Query = 1 + 48*64 + 16
	if s := Sentence(p, v); !strings.Contains(s, "Cursor at row 49, column 17, inside the mask") {
		t.Error(s)
	}
	v.Prompting = &Prompting{Tool: ToolBox, Mask: 0, Prompt: frame.Prompt{Box: &frame.PromptBox{}, Brush: true}}
	if d := Describe(p, v); !strings.Contains(d, "a box, a brushed mask") || !strings.Contains(d, "In front: Mask 1 of 3") {
		t.Error(d)
	}
	columns, rows := Table(p, v)
	if len(columns) != 4 || len(rows) != 3*7+256*12 {
		t.Errorf("%d columns, %d rows", len(columns), len(rows))
	}
	tables := Tables(p, v)
	if len(tables) != 2 || len(tables[0].Rows) != 3 || len(tables[1].Rows) != 256 || len(tables[1].Columns) != 13 {
		t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		for _, r := range table.Rows {
			if len(r) != len(table.Columns) {
				t.Fatalf("%s: %v under %v", table.Title, r, table.Columns)
			}
		}
	}
	// No truth is known of a picture of one's own, and an empty mask has no stability.
	f.Answer.Masks[2].True, f.Answer.Masks[2].Node, f.Answer.Masks[2].Stability = -1, -1, math.NaN()
	if d := Sentence(p, NewView()); d != "Mask 3 of 3: predicted IoU 0.96, stability –, 560 pixels." {
		t.Error(d)
	}

	e, eb := everySample(t, 200)
	p = answerPicture(t, e, eb)
	d = Describe(p, NewView())
	for _, want := range []string{"200 of 256 points asked, 4 masks", "Kept: 4.", "Waiting: 56.", "Mask 1: predicted IoU 0.93"} {
		if !strings.Contains(d, want) {
			t.Errorf("no %q in %s", want, d)
		}
	}
	tables = Tables(p, NewView())
	if len(tables) != 2 || len(tables[0].Rows) != 4 || len(tables[1].Rows) != 256 || tables[1].Rows[255][3] != "waiting" || tables[1].Rows[255][4] != "–" {
		t.Errorf("%v", tables[1].Rows[255])
	}
}

// A diverged model answers without numbers: the picture stays whole.
func TestAnswerWithoutNumbers(t *testing.T) {
	f, b := answerSample(t)
	nan := float32(math.NaN())
	for _, buffer := range []int{bufMasks, bufLooks} {
		for i := range b[buffer] {
			b[buffer][i] = nan
		}
	}
	for i := range f.Answer.Masks {
		f.Answer.Masks[i].Predicted = math.NaN()
	}
	v := NewView()
	v.Pinned, v.Prompting = true, &Prompting{Tool: ToolPoint, All: true, Ring: true, Truth: true}
	p := answerPicture(t, f, b)
	img := newImage(640, 1200)
	Paint(img, Build(p, v), "light", 1)
	if text := SVG(Build(p, v), "light", "", Describe(p, v), func(Raster) string { return "" }); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("numbers that are none are written")
	}
}

// TestAnswerPreview draws the samples as SVG, into PETRI_SHOTS where it is set.
func TestAnswerPreview(t *testing.T) {
	dir := os.Getenv("PETRI_SHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	for kind, p := range answerKinds(t) {
		for _, theme := range []string{"", "light", "dark"} {
			for _, width := range []float64{340, 640, 900} {
				v := NewView()
				v.Width = width
				text := SVG(Build(p, v), theme, "Sample <"+kind+">", Describe(p, v), func(r Raster) string { return dataURL(t, r) })
				d := xml.NewDecoder(strings.NewReader(text))
				for {
					if _, err := d.Token(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatal(err)
					}
				}
				if strings.Contains(text, "var(--") != (theme == "") || !strings.Contains(text, "fill-rule:evenodd") && kind != "none" {
					t.Errorf("%s %q: variables or masks are wrong", kind, theme)
				}
				if len(text) > 60_000 {
					t.Errorf("%s at %v: %d bytes", kind, width, len(text))
				}
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("stage-%s-%v-%s.svg", kind, width, theme)), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
