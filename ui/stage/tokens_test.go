package stage

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire/frame"
)

// tokenShape is a sequence: of an image of 32 pixels in patches, with prompts in some layers.
type tokenShape struct {
	patch, prompts, drawn int
	from                  []string // of each layer
}

const (
	enter, replace, carried, keyed = frame.PromptsEnter, frame.PromptsReplace, frame.PromptsCarried, frame.PromptsKeys
)

var (
	deep    = tokenShape{8, 10, 10, []string{enter, replace, replace, replace}}
	shallow = tokenShape{8, 3, 3, []string{enter, carried, carried, carried}}
	late    = tokenShape{8, 4, 4, []string{"", "", enter, replace}}
	bare4   = tokenShape{8, 0, 0, []string{"", "", "", ""}}
	prefix  = tokenShape{8, 30, 24, []string{keyed, keyed, keyed, keyed}}
	many    = tokenShape{8, 200, 24, []string{enter, replace, carried, carried}}
	fine64  = tokenShape{4, 200, 24, []string{enter, replace, replace, replace, replace, replace}}
	one64   = tokenShape{4, 1, 1, []string{enter, carried, carried, carried, carried, carried}}
)

// tokenSample makes a frame with a sequence: attention is a softmax of noise, the frozen network's another, points are three
// clouds. Nothing in it is measured.
func tokenSample(t testing.TB, shape tokenShape) (frame.Frame, [][]float32) {
	t.Helper()
	const heads = 4
	r := rand.New(rand.NewPCG(9, 13))
	f, b := sample(t, 32, shape.patch, len(shape.from), heads, 0, 0, 0)
	f.Arm, f.Matrices, f.Matrix, f.Layer = "vpt-deep:10", nil, "", 0
	buffers := [][]float32{b[bufImage], nil, nil, nil, nil}
	hold := func(x []float32) int { buffers = append(buffers, x); return len(buffers) - 1 }
	rows := func(n, looked int) []float32 {
		var out []float32
		for range n {
			row, sum := make([]float64, looked), 0.0
			for k := range row {
				row[k] = math.Exp(1.5 * r.NormFloat64())
				sum += row[k]
			}
			for _, x := range row {
				out = append(out, float32(x/sum))
			}
		}
		return out
	}
	f.Sequence = &frame.Sequence{}
	for _, from := range shape.from {
		l := frame.Layer{From: from}
		if from != "" {
			l.Prompts, l.Drawn = shape.prompts, shape.drawn
		}
		asking, looked := l.Size(f.Tokens)
		l.Buffer = hold(rows(heads*asking, looked))
		f.Sequence.Layers = append(f.Sequence.Layers, l)
	}
	f.Sequence.Frozen = hold(rows(len(shape.from)*heads, f.Tokens-1))
	const n = 40
	points := frame.Points{Step: 90, Shares: []float32{.41, .18}}
	at := make([]float32, 4*n)
	for i := range n {
		points.Labels = append(points.Labels, i%10)
		for k, wide := range []float64{1, 2} { // the trained cloud is the wider one
			at[2*(k*n+i)] = float32(wide * (float64(i%3) + .3*r.NormFloat64()))
			at[2*(k*n+i)+1] = float32(wide * (float64(i%2) + .3*r.NormFloat64()))
		}
	}
	points.Buffer = hold(at)
	f.Sequence.Points = &points
	return f, buffers
}

func tokenPicture(t testing.TB, shape tokenShape) *Picture {
	t.Helper()
	f, b := tokenSample(t, shape)
	p, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewPictureRefusesSequencesThatDoNotFit(t *testing.T) {
	for name, spoil := range map[string]func(f *frame.Frame, b [][]float32) [][]float32{
		"no buffers":           func(*frame.Frame, [][]float32) [][]float32 { return nil },
		"a short image":        func(_ *frame.Frame, b [][]float32) [][]float32 { b[0] = b[0][1:]; return b },
		"a missing token":      func(f *frame.Frame, b [][]float32) [][]float32 { f.Tokens--; return b },
		"a layer missing":      func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers = f.Sequence.Layers[1:]; return b },
		"no layers":            func(f *frame.Frame, b [][]float32) [][]float32 { f.Layers, f.Sequence.Layers = 0, nil; return b },
		"no heads":             func(f *frame.Frame, b [][]float32) [][]float32 { f.Heads = 0; return b },
		"a head more":          func(f *frame.Frame, b [][]float32) [][]float32 { f.Heads++; return b },
		"a prompt more":        func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].Prompts++; return b },
		"prompts from nowhere": func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].From = ""; return b },
		"keys among prompts":   func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].From = keyed; return b },
		"drawn below zero":     func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].Drawn = -1; return b },
		"more drawn than are":  func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].Drawn = 11; return b },
		"a short layer":        func(_ *frame.Frame, b [][]float32) [][]float32 { b[6] = b[6][1:]; return b },
		"a buffer not there":   func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].Buffer = 99; return b },
		"a buffer below zero":  func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Layers[1].Buffer = -1; return b },
		"no frozen network":    func(f *frame.Frame, b [][]float32) [][]float32 { f.Sequence.Frozen = 0; return b },
		"a point more": func(f *frame.Frame, b [][]float32) [][]float32 {
			f.Sequence.Points.Labels = append(f.Sequence.Points.Labels, 1)
			return b
		},
		"one direction": func(f *frame.Frame, b [][]float32) [][]float32 {
			f.Sequence.Points.Shares = f.Sequence.Points.Shares[1:]
			return b
		},
	} {
		f, b := tokenSample(t, deep)
		s := New()
		if _, err := s.Handle(Input{Frame: &f}, b); err != nil {
			t.Fatal(err)
		}
		before := s.Picture()
		f, b = tokenSample(t, deep)
		b = spoil(&f, b)
		if _, err := s.Handle(Input{Frame: &f}, b); err == nil || !strings.HasPrefix(err.Error(), "stage: ") || s.Picture() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every row that is there sums to one over all that is looked at, and is what is stored; one that is not gives no numbers.
func TestWeightsOfSequences(t *testing.T) {
	for _, shape := range []tokenShape{deep, shallow, late, bare4, prefix, many} {
		p := tokenPicture(t, shape)
		for layer := range p.Layers {
			l := &p.Sequence.Layers[layer]
			asking, looked := l.Size(p.Tokens)
			for query := range p.askers() {
				for head := range p.Heads + 1 {
					w := p.Weights(nil, layer, head, query)
					if len(w) != p.tokens() {
						t.Fatalf("%+v: %d weights of %d tokens", shape, len(w), p.tokens())
					}
					if query >= asking {
						if !math.IsNaN(w[0]) || p.has(layer, query) {
							t.Fatalf("%+v, layer %d: token %d is not there and looks with %v", shape, layer, query, w[0])
						}
						continue
					}
					sum := 0.0
					for k, x := range w {
						sum += x
						if k >= looked && x != 0 {
							t.Fatalf("%+v, layer %d: %v for token %d of %d", shape, layer, x, k, looked)
						}
						if head < p.Heads && k < looked && x != float64(p.buffers[l.Buffer][(head*asking+query)*looked+k]) {
							t.Fatalf("%+v, layer %d: not what is stored", shape, layer)
						}
					}
					if math.Abs(sum-1) > 1e-5 {
						t.Fatalf("%+v, layer %d: token %d looks with %v in all", shape, layer, query, sum)
					}
				}
			}
		}
	}
}

// The change is that of shares of the patches: nothing where both rows differ by a factor, and in all zero.
func TestChanges(t *testing.T) {
	p := tokenPicture(t, deep)
	m := p.Tokens - 1
	_, looked := p.Sequence.Layers[0].Size(p.Tokens)
	asking, frozen := looked, p.buffers[p.Sequence.Frozen]
	now := p.buffers[p.Sequence.Layers[0].Buffer]
	for i := range m { // the first head of the first layer gives prompts two thirds and changes nothing among patches
		now[1+i] = frozen[i] / 3
	}
	if top := most(p.changes(nil, 0, 0)); top != 0 {
		t.Errorf("rows that differ by a factor change by %v", top)
	}
	for head := range p.Heads + 1 {
		sum, moved := 0.0, 0.0
		for _, x := range p.changes(nil, 1, head) {
			sum, moved = sum+x, moved+math.Abs(x)
		}
		if math.Abs(sum) > 1e-3 || moved < .1 {
			t.Errorf("head %d: the changes sum to %v of %v", head, sum, moved)
		}
	}
	// One head by hand.
	h, at := 2, p.Sequence.Layers[1].Buffer
	row, before := p.buffers[at][h*asking*looked+1:][:m], frozen[(p.Heads+h)*m:][:m]
	a, b := 0.0, 0.0
	for i := range m {
		a, b = a+float64(row[i]), b+float64(before[i])
	}
	for i, x := range p.changes(nil, 1, h) {
		if want := float64(row[i])/a - float64(before[i])/b; math.Abs(x-want) > noChange {
			t.Errorf("patch %d: %v, want %v", i, x, want)
		}
	}
	const none = "Nothing has changed."
	if strings.Contains(said(Build(p, NewView())), none) {
		t.Error("there are changes, and the picture says that there are none")
	}
	row[0] = float32(math.NaN())
	if x := p.changes(nil, 1, h); !math.IsNaN(x[0]) || !math.IsNaN(most(x)) {
		t.Error("a diverged run has a change")
	}
	p = tokenPicture(t, bare4)
	for layer := range p.Layers { // every class token looks as in the frozen network
		for head := range p.Heads {
			copy(p.buffers[p.Sequence.Layers[layer].Buffer][head*p.Tokens*p.Tokens+1:][:m], p.buffers[p.Sequence.Frozen][(layer*p.Heads+head)*m:])
		}
	}
	if !strings.Contains(said(Build(p, NewView())), none) || p.mostChange() != 0 {
		t.Errorf("without a change of %v the picture does not say so", p.mostChange())
	}
}

// tokenShapes are pictures that are hard to lay out.
func tokenShapes(t *testing.T) map[string]*Picture {
	all := map[string]*Picture{"deep": tokenPicture(t, deep), "shallow": tokenPicture(t, shallow), "late": tokenPicture(t, late), "no prompts": tokenPicture(t, bare4),
		"prefix": tokenPicture(t, prefix), "many": tokenPicture(t, many), "many and fine": tokenPicture(t, fine64), "one and fine": tokenPicture(t, one64)}
	add := func(name string, change func(f *frame.Frame, b [][]float32)) {
		f, b := tokenSample(t, deep)
		change(&f, b)
		p, err := NewPicture(f, b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = p
	}
	add("no points", func(f *frame.Frame, _ [][]float32) { f.Sequence.Points = nil })
	add("points in one place", func(f *frame.Frame, b [][]float32) { clear(b[f.Sequence.Points.Buffer]) })
	add("points that are none", func(f *frame.Frame, b [][]float32) {
		for i := range b[f.Sequence.Points.Buffer] {
			b[f.Sequence.Points.Buffer][i] = float32(math.NaN())
		}
	})
	add("a point far out", func(f *frame.Frame, b [][]float32) { b[f.Sequence.Points.Buffer][7] = 300 })
	add("long classes", func(f *frame.Frame, _ [][]float32) {
		f.Classes = nil
		for i := range 24 {
			f.Classes = append(f.Classes, fmt.Sprintf("a long class %d", i))
		}
		f.Probs, f.Label = make([]float32, 24), 23
		f.Probs[23] = 1
		for i := range f.Sequence.Points.Labels {
			f.Sequence.Points.Labels[i] = i % 24
		}
	})
	add("no numbers", func(f *frame.Frame, b [][]float32) {
		for _, x := range b[bufCount:] {
			for i := range x {
				x[i] = float32(math.NaN())
			}
		}
	})
	return all
}

func TestSequencesLieInsideAndTextsDoNotCollide(t *testing.T) {
	for name, p := range tokenShapes(t) {
		for _, v := range views() {
			for _, shared := range []bool{false, true} {
				v.Shared = shared
				v.Query, v.Pinned, v.Key, v.Layer, v.Head, v.Row = p.askers()-1, true, p.tokens()-1, 1, 2, 3
				s := Build(p, v)
				where := fmt.Sprintf("%s at %v x%v", name, v.Width, v.Scale)
				for _, o := range s.Boxes {
					if _, known := tokens[o.Fill.Name]; o.Fill.Alpha > 0 && !known {
						t.Errorf("%s: a box of %q", where, o.Fill.Name)
					}
					if o.X < -4 || o.X+o.W > s.W+4 || o.Y < -4 || o.Y+o.H > s.H+4 || math.IsNaN(o.X+o.Y+o.W+o.H) {
						t.Errorf("%s: a box of %q at %+v is outside %vx%v", where, o.Fill.Name, o.Rect, s.W, s.H)
					}
				}
				laidOut(t, where, s, func(r Raster) bool { return r.W == dot && r.H == dot })
				if t.Failed() {
					return
				}
			}
		}
	}
}

// Pointing and lighting do not move anything.
func TestSequencesKeepTheirHeight(t *testing.T) {
	for name, p := range tokenShapes(t) {
		for _, width := range []float64{340, 640, 900} {
			v := NewView()
			v.Width = width
			high := Build(p, v).H
			for what, change := range map[string]func(v *View){
				"a query":      func(v *View) { v.Query, v.Pinned = p.askers()-1, true },
				"a patch":      func(v *View) { v.Query, v.Pinned = p.Tokens-1, true },
				"a key":        func(v *View) { v.Key = p.tokens() - 1 },
				"a point":      func(v *View) { v.Row = 38 },
				"the lesson":   func(v *View) { v.Light = PartScatter },
				"another head": func(v *View) { v.Layer, v.Head = 3, p.Heads },
			} {
				w := v
				change(&w)
				if h := Build(p, w).H; h != high {
					t.Errorf("%s, width %v: with %s the height is %v, without %v", name, width, what, h, high)
				}
			}
		}
	}
}

// A hit in the middle of what answers names it: every token of every layer, every patch of every map, every point.
func TestSequenceHits(t *testing.T) {
	for name, p := range tokenShapes(t) {
		for _, v := range views() {
			s := Build(p, v)
			seen, maps, points := map[int]int{}, 0, map[int]bool{}
			for _, g := range s.targets {
				rows, cols := max(g.rows, 1), max(g.cols, 1)
				for i := range rows * cols {
					r := inner(g.Rect, rows, cols, i/cols, i%cols)
					h := s.Hit(r.X+r.W/2, r.Y+r.H/2)
					want := g.hit
					switch {
					case want.Kind == HitCell: // points lie on each other
						points[want.Row] = true
						if h.Kind != HitCell {
							t.Fatalf("%s at %v: a point answers with %+v", name, v.Width, h)
						}
						continue
					case g.cols > 0:
						want.Token = 1 + i
						if want.Kind == HitMap {
							maps++
						}
					case want.Kind == HitPatch:
						seen[want.Token]++
					case want.Kind == HitMap:
						h.Token, h.Head, want.Head = 0, 0, 0 // the rim of a map, which lies below the map itself; a layer's number
					}
					if h != want {
						t.Fatalf("%s at %v: %+v where %+v is drawn", name, v.Width, h, want)
					}
				}
			}
			if n := 2 * p.Layers * (p.Heads + 1) * (p.Tokens - 1); maps != n {
				t.Fatalf("%s: %d patches of maps answer, want %d", name, maps, n)
			}
			for token := range p.tokens() {
				want := 0
				for layer := range p.Layers {
					if p.has(layer, token) {
						want++
					}
				}
				if token == 0 {
					want++ // the bar beside the image
				}
				if seen[token] != want {
					t.Fatalf("%s: token %d answers %d times, want %d", name, token, seen[token], want)
				}
			}
			if p.Sequence.Points != nil && strings.HasPrefix(name, "deep") && len(points) != len(p.Sequence.Points.Labels) {
				t.Fatalf("%s: %d points answer", name, len(points))
			}
		}
	}
}

// Painted pixels are read back: prompts that are new are orange, those that are carried on pale, patches are the image's, the
// strips and maps show the weights, and the change its sign.
func TestPaintShowsTheSequence(t *testing.T) {
	for _, shape := range []tokenShape{deep, shallow, late} {
		p := tokenPicture(t, shape)
		v := NewView()
		v.Scale, v.Head = 2, p.Heads
		s := Build(p, v)
		w, h := s.Size(2)
		img := newImage(w, h)
		Paint(img, s, v.Theme, 2)
		at := func(x, y float64) color.RGBA { return img.RGBAAt(int(x*2), int(y*2)) }
		is := func(c color.NRGBA) color.RGBA {
			px := []uint8{255, 255, 255, 255}
			over(px, c)
			return color.RGBA{px[0], px[1], px[2], 255}
		}
		layerOf := map[int]int{}
		for _, g := range s.targets {
			if g.hit.Kind != HitPatch || g.cols > 0 || g.H > 60 {
				continue
			}
			layer := layerOf[g.hit.Token]
			for !p.has(layer, g.hit.Token) {
				layer++
			}
			layerOf[g.hit.Token] = layer + 1
			weights := p.Weights(nil, layer, v.Head, 0)
			_, top := strongest(weights)
			if got, want := at(g.X+g.W/2, g.Y+g.H-1.5), is(Viridis(weights[g.hit.Token]/top)); got != want {
				t.Fatalf("%+v: the strip of token %d in layer %d is %v, want %v", shape, g.hit.Token, layer, got, want)
			}
			if g.hit.Token < p.Tokens {
				continue
			}
			want := ink("train")
			if p.Sequence.Layers[layer].From == carried {
				want = ink("train-soft")
			}
			if got := at(g.X+g.W/2, g.Y+(g.H-heatHigh)/2); got != is(want.Colour("light")) {
				t.Fatalf("%+v: prompt %d of layer %d is %v, want %s", shape, g.hit.Token, layer, got, want.Name)
			}
		}
		n := 0
		for _, g := range s.targets {
			if g.hit.Kind != HitMap || g.cols == 0 {
				continue
			}
			n++
			for i := range p.Tokens - 1 {
				r := inner(g.Rect, g.rows, g.cols, i/g.cols, i%g.cols)
				got := at(r.X+r.W/2, r.Y+r.H/2)
				weights := p.Weights(nil, g.hit.Layer, g.hit.Head, 0)
				_, top := strongest(weights[:p.Tokens])
				changes := p.changes(nil, g.hit.Layer, g.hit.Head)
				a, c := is(Viridis(weights[1+i]/top)), is(Diverging(changes[i]/most(changes)))
				if n <= p.Layers*(p.Heads+1) && got != a || n > p.Layers*(p.Heads+1) && got != c {
					t.Fatalf("%+v: map %d, patch %d is %v, want %v or %v", shape, n, i, got, a, c)
				}
			}
		}
		if n != 2*p.Layers*(p.Heads+1) {
			t.Errorf("%d maps", n)
		}
	}
}

// A struck box is drawn below each prompt that is replaced, an arrow above each that is new; in no other place.
func TestPromptsEnterAndAreReplaced(t *testing.T) {
	for _, c := range []struct {
		shape        tokenShape
		struck, news int
	}{{deep, 3 * 10, 4 * 10}, {shallow, 0, 3}, {late, 4, 2 * 4}, {bare4, 0, 0}, {prefix, 0, 4 * 25}} {
		p := tokenPicture(t, c.shape)
		v := NewView()
		v.Width = 900 // one line for all
		struck, arrows := 0, 0
		s := Build(p, v)
		for _, o := range s.Boxes {
			if o.H == 7 && o.Stroke.Name == "line-2" {
				struck++
			}
			if o.Fill.Name == "train" && o.H == 1 && o.W == 7 {
				arrows++
			}
		}
		if struck != c.struck || arrows != c.news {
			t.Errorf("%+v: %d are struck out, %d arrows, want %d and %d", c.shape, struck, arrows, c.struck, c.news)
		}
	}
}

// Both clouds are drawn on one scale: a point of the wider one lies as much further out.
func TestCloudsShareTheirScale(t *testing.T) {
	p := tokenPicture(t, deep)
	s := Build(p, NewView())
	n := len(p.Sequence.Points.Labels)
	var drawn []Raster
	for _, r := range s.Rasters {
		if r.W == dot && r.H == dot {
			drawn = append(drawn, r)
		}
	}
	if len(drawn) != 2*n {
		t.Fatalf("%d points", len(drawn))
	}
	// They are drawn class by class, the examples of a class in order.
	byExample := make([]Raster, 2*n)
	at := 0
	for cloud := range 2 {
		for class := range 10 {
			for i, label := range p.Sequence.Points.Labels {
				if label == class {
					byExample[cloud*n+i] = drawn[at]
					at++
				}
			}
		}
	}
	drawn = byExample
	scale := 0.0
	for i := 1; i < 2*n; i++ {
		trained, first := i >= n, 0
		if trained {
			first = n
		}
		if i == first {
			continue
		}
		x, y, _ := p.point(trained, i-first)
		x0, y0, _ := p.point(trained, 0)
		dx, dy := drawn[i].X-drawn[first].X, drawn[first].Y-drawn[i].Y
		if scale == 0 {
			scale = dx / (x - x0)
		}
		if scale <= 0 || math.Abs(dx-scale*(x-x0)) > 1e-6 || math.Abs(dy-scale*(y-y0)) > 1e-6 {
			t.Fatalf("point %d of the cloud %v is %v, %v away from the first, want %v, %v", i-first, trained, dx, dy, scale*(x-x0), scale*(y-y0))
		}
	}
	for i, class := range p.Sequence.Points.Labels {
		if drawn[i].Cells[0] != hue(class) || drawn[n+i].Cells[0] != hue(class) {
			t.Errorf("example %d has the colours %v and %v", i, drawn[i].Cells[0], drawn[n+i].Cells[0])
		}
	}
}

// Every colour of a class is seen on the ground of both themes, and none is that of what is trained.
func TestHuesAreSeen(t *testing.T) {
	light := func(c color.NRGBA) float64 {
		sum := 0.0
		for i, x := range []uint8{c.R, c.G, c.B} {
			v := float64(x) / 255
			if v <= 0.03928 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += v * []float64{.2126, .7152, .0722}[i]
		}
		return sum
	}
	for i := range classHues {
		for _, theme := range []string{"light", "dark"} {
			a, b := light(hue(i)), light(ink("surface").Colour(theme))
			if c := (max(a, b) + .05) / (min(a, b) + .05); c < 3 {
				t.Errorf("colour %d has a contrast of %.2f in the %s theme", i, c, theme)
			}
		}
		if slices.Index(classHues[:], classHues[i]) != i || hue(i) == ink("train").Colour("light") {
			t.Errorf("colour %d is there already", i)
		}
	}
}

func shownTokens(t testing.TB, shape tokenShape) *Stage {
	t.Helper()
	s := New()
	f, b := tokenSample(t, shape)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil {
		t.Fatal(err)
	}
	s.Paint()
	return s
}

func TestSequencePointer(t *testing.T) {
	s := shownTokens(t, deep)
	p := s.picture
	token := func(n int) func(target) bool {
		return func(g target) bool { return g.hit.Kind == HitPatch && g.cols == 0 && g.hit.Token == n }
	}
	x, y := s.centre(t, token(p.Tokens+2), 0, 0)
	if e := s.Move(x, y); len(e) != 1 || e[0].Petri != EventHover || e[0].Token != p.Tokens+2 || !strings.Contains(e[0].Text, "prompt 3 looks most at") {
		t.Fatalf("hover over a prompt: %+v", e)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventPin || !e[0].Pinned || !strings.Contains(said(s.Scene()), "Attention from prompt 3") {
		t.Fatalf("a click on a prompt: %+v", e)
	}
	x, y = s.centre(t, token(5), 0, 0)
	if e := s.Move(x, y); len(e) != 1 || e[0].Token != p.Tokens+2 || e[0].Key != 5 || !strings.Contains(e[0].Text, "from prompt 3 to patch 2,1") {
		t.Fatalf("a patch while a prompt is kept: %+v", e)
	}
	x, y = s.centre(t, func(g target) bool { return g.hit.Kind == HitCell && g.hit.Row == 7 }, 0, 0)
	if e := s.Move(x, y); len(e) != 1 || s.View.Row < 0 || !strings.Contains(e[0].Text, "Ringed: example ") {
		t.Fatalf("a point: %+v", e)
	}
	if e := s.Key("Escape"); len(e) != 1 || e[0].Pinned || s.View.Query != 0 {
		t.Fatalf("Escape: %+v", e)
	}
	// Another racer's picture comes, which has no such prompt.
	x, y = s.centre(t, token(p.Tokens+2), 0, 0)
	s.Press(x, y)
	f, b := tokenSample(t, bare4)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil || s.View.Query != 0 || s.View.Pinned {
		t.Fatalf("%v, %+v", err, s.View)
	}
	// Keys do not ask: pointing at one asks how strongly it is looked at, and a click keeps nothing.
	s = shownTokens(t, prefix)
	p = s.picture
	for _, n := range []int{p.Tokens + 4, p.tokens() - 1} {
		x, y = s.centre(t, token(n), 0, 0)
		e := s.Move(x, y)
		if len(e) != 1 || e[0].Token != 0 || e[0].Key != n {
			t.Fatalf("hover over key %d: %+v", n, e)
		}
		if s.Press(x, y); s.View.Pinned || s.View.Query != 0 {
			t.Fatalf("a click on key %d: %+v", n, s.View)
		}
	}
}

// The keyboard reaches every token that looks, and comes back.
func TestKeysWalkOverPrompts(t *testing.T) {
	s := shownTokens(t, shallow)
	p := s.picture
	for _, step := range []struct {
		key  string
		want int
	}{{"ArrowLeft", 0}, {"ArrowRight", p.Tokens}, {"ArrowDown", p.Tokens}, {"ArrowRight", p.Tokens + 1}, {"ArrowRight", p.Tokens + 2}, {"ArrowRight", 1}, {"ArrowDown", 5},
		{"ArrowLeft", p.Tokens + 2}, {"ArrowLeft", p.Tokens + 1}, {"ArrowLeft", p.Tokens}, {"ArrowLeft", 0}, {"ArrowUp", 0}} {
		if s.Key(step.key); s.View.Query != step.want {
			t.Fatalf("%s leads to %d, want %d", step.key, s.View.Query, step.want)
		}
	}
	for range p.Layers * (p.Heads + 1) {
		s.Key("]")
	}
	if s.View.Layer != 0 || s.View.Head != 0 {
		t.Errorf("] does not come round: %+v", s.View)
	}
	s = shownTokens(t, prefix)
	if s.Key("ArrowRight"); s.View.Query != 1 {
		t.Errorf("a key asks: token %d", s.View.Query)
	}
}

func TestSequenceWords(t *testing.T) {
	v := NewView()
	for _, c := range []struct {
		shape tokenShape
		says  []string
	}{
		{deep, []string{"Prompts: layer 1, 10 enter, which get ", "layer 2, replaced by 10 new", "Features of 40 examples, frozen and after 90 steps", "41.0 % and 18.0 %"}},
		{shallow, []string{"layer 1, 3 enter", "layer 4, 3 carried on"}},
		{late, []string{"layer 1, none; layer 2, none; layer 3, 4 enter"}},
		{bare4, []string{"The method adds no tokens."}},
		{prefix, []string{"layer 1, 30 keys of its own"}},
	} {
		p := tokenPicture(t, c.shape)
		text := Describe(p, v)
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%+v: %q is not in %q", c.shape, want, text)
			}
		}
		if strings.Contains(text, "weight matrix") || strings.Contains(text, "digit") {
			t.Errorf("%+v: %q", c.shape, text)
		}
		tables := Tables(p, v)
		if len(tables) != 4 || len(tables[0].Rows) != p.tokens() || len(tables[1].Rows) != p.Layers || len(tables[2].Rows) != p.Tokens-1 || len(tables[3].Rows) != 40 {
			t.Fatalf("%+v: %d tables", c.shape, len(tables))
		}
		for _, n := range tables {
			for _, r := range n.Rows {
				if len(r) != len(n.Columns) {
					t.Fatalf("%s: %d cells in a row of %d columns", n.Title, len(r), len(n.Columns))
				}
			}
		}
		for layer := range p.Layers { // what a layer has not is no zero
			got := tables[0].Rows[p.tokens()-1][1+layer*(p.Heads+1)]
			if (got == "") == p.has(layer, p.tokens()-1) {
				t.Errorf("%+v: %q for the last token in layer %d", c.shape, got, layer+1)
			}
		}
	}
	p := tokenPicture(t, late)
	v.Query = p.Tokens
	if s := Sentence(p, v); s != "Layer 1 has no prompts." {
		t.Errorf("%q", s)
	}
	if words := said(Build(p, v)); !strings.Contains(words, "layer 1 has no prompts") {
		t.Errorf("the readout says:\n%s", words)
	}
	if words := said(Build(tokenPicture(t, fine64), NewView())); !strings.Contains(words, "the other 176 prompts") {
		t.Errorf("nothing says what is hatched:\n%s", words)
	}
}

func TestSequenceSVG(t *testing.T) {
	for name, p := range tokenShapes(t) {
		for _, theme := range []string{"", "dark"} {
			text := SVG(Build(p, NewView()), theme, "a < b", "c & d", func(r Raster) string { return "data:," })
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if strings.Contains(text, "NaN") || strings.Contains(text, "#000000") {
				t.Errorf("%s, theme %q: what is no number is drawn", name, theme)
			}
		}
	}
}
