package stage

import (
	"math"
	"strings"
	"testing"
)

func shown(t testing.TB) *Stage {
	t.Helper()
	s := New()
	f, b := sample(t, 32, 8, 4, 4, 64, 64, 4)
	if _, err := s.Handle(Input{Frame: &f}, b); err != nil {
		t.Fatal(err)
	}
	s.Paint()
	return s
}

func (s *Stage) centre(t testing.TB, match func(target) bool, row, col int) (x, y float64) {
	t.Helper()
	for i := len(s.Scene().targets) - 1; i >= 0; i-- {
		if g := s.scene.targets[i]; match(g) {
			r := inner(g.Rect, max(g.rows, 1), max(g.cols, 1), row, col)
			return r.X + r.W/2, r.Y + r.H/2
		}
	}
	t.Fatal("nothing to point at")
	return 0, 0
}

func input(g target) bool { return g.hit.Kind == HitPatch && g.cols > 0 }

func TestHoverPinEscape(t *testing.T) {
	s := shown(t)
	x, y := s.centre(t, input, 1, 2)
	if e := s.Move(x, y); len(e) != 1 || e[0].Petri != EventHover || e[0].Token != 7 || e[0].Text == "" || !s.Dirty() {
		t.Fatalf("hover: %+v", e)
	}
	s.Paint()
	if e := s.Move(x+1, y); e != nil || s.Dirty() {
		t.Fatalf("moving inside one patch draws again: %+v", e)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventPin || !e[0].Pinned || e[0].Token != 7 {
		t.Fatalf("click: %+v", e)
	}
	x2, y2 := s.centre(t, input, 3, 3)
	if e := s.Move(x2, y2); len(e) != 1 || e[0].Token != 7 || e[0].Key != 16 {
		t.Fatalf("a pinned query moved: %+v", e)
	}
	if s.Leave(); s.View.Query != 7 || s.View.Key != -1 {
		t.Fatalf("after leaving: %+v", s.View)
	}
	if e := s.Key("Escape"); len(e) != 1 || e[0].Petri != EventPin || e[0].Pinned || s.View.Query != 0 {
		t.Fatalf("Escape: %+v", e)
	}
	if e := s.Key("Escape"); len(e) != 1 || e[0].Petri != EventKey {
		t.Fatalf("a second Escape belongs to the page: %+v", e)
	}
	s.Move(x, y)
	if s.Leave(); s.View.Query != 0 {
		t.Fatalf("an unpinned query stays: %+v", s.View)
	}
}

func TestMapsScaleAndChoosers(t *testing.T) {
	s := shown(t)
	of := func(kind HitKind, layer, head int) func(target) bool {
		return func(g target) bool { return g.hit.Kind == kind && g.hit.Layer == layer && g.hit.Head == head }
	}
	x, y := s.centre(t, of(HitMap, 2, 4), 0, 0)
	if e := s.Move(x, y); len(e) != 1 || e[0].Key != 1 || e[0].Token != 0 {
		t.Fatalf("pointing at a map: %+v", e)
	}
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventSelect || e[0].Layer != 2 || e[0].Head != 4 {
		t.Fatalf("choosing a map: %+v", e)
	}
	x, y = s.centre(t, of(HitScale, 0, 0), 0, 0)
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventScale || !e[0].Shared {
		t.Fatalf("scale: %+v", e)
	}
	x, y = s.centre(t, of(HitLayer, 1, 0), 0, 0)
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventMatrix || e[0].Layer != 1 || e[0].Matrix != "q" {
		t.Fatalf("layer of the update: %+v", e)
	}
	x, y = s.centre(t, func(g target) bool { return g.hit.Matrix == "v" }, 0, 0)
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventMatrix || e[0].Layer != s.picture.Frame.Layer || e[0].Matrix != "v" {
		t.Fatalf("matrix of the update: %+v", e)
	}
	x, y = s.centre(t, func(g target) bool { return g.hit.Part == PartUpdate }, 9, 30)
	if s.Move(x, y); s.View.Row != 9 || s.View.Col != 30 {
		t.Fatalf("entry of the update: %+v", s.View)
	}
}

func TestKeysWalkOverEveryToken(t *testing.T) {
	s := shown(t)
	for _, step := range []struct {
		key  string
		want int
	}{{"ArrowLeft", 0}, {"ArrowRight", 1}, {"ArrowRight", 2}, {"ArrowDown", 6}, {"ArrowUp", 2}, {"ArrowUp", 2}, {"ArrowLeft", 1}, {"ArrowLeft", 0}, {"ArrowDown", 0}} {
		if s.Key(step.key); s.View.Query != step.want {
			t.Fatalf("%s leads to %d, want %d", step.key, s.View.Query, step.want)
		}
	}
	n := 4 * 5
	for i := range n {
		s.Key("]")
		if at := s.View.Layer*5 + s.View.Head; at != (i+1)%n {
			t.Fatalf("] leads to %d after %d", at, i)
		}
	}
	s.Key("[")
	if s.View.Layer != 3 || s.View.Head != 4 {
		t.Fatalf("[ leads to %d, %d", s.View.Layer, s.View.Head)
	}
	if e := s.Key(" "); len(e) != 1 || e[0].Petri != EventKey || e[0].Press != " " {
		t.Fatalf("space belongs to the page: %+v", e)
	}
}

func TestHandle(t *testing.T) {
	s := New()
	if e := s.Resize(640, 2); len(e) != 1 || e[0].Petri != EventSize || e[0].Height <= 0 {
		t.Fatalf("the first size: %+v", e)
	}
	f, b := sample(t, 32, 8, 4, 4, 64, 64, 4)
	e, err := s.Handle(Input{Frame: &f, Set: Set{"theme": "dark", "query": 40.0, "width": 3.0}}, b)
	if err != nil || len(e) != 1 || e[0].Petri != EventSize {
		t.Fatalf("%+v, %v", e, err)
	}
	if s.View.Theme != "dark" || s.View.Query != 16 || s.View.Width != 640 {
		t.Fatalf("view: %+v", s.View)
	}
	before := s.View
	for _, set := range []Set{{"theme": "pink"}, {"query": "x"}, {"query": 1.5}, {"light": "Z"}, {"colour": "red"}, {"theme": "light", "pinned": 1.0}} {
		if _, err := s.Handle(Input{Set: set}, nil); err == nil || !strings.HasPrefix(err.Error(), "stage: ") || s.View != before {
			t.Errorf("%v: %v, %+v", set, err, s.View)
		}
	}
	shownBefore := s.Picture()
	if _, err := s.Handle(Input{Frame: &f}, b[:1]); err == nil || s.Picture() != shownBefore {
		t.Error("a broken frame replaced a good one")
	}
	if e, _ := s.Handle(Input{Press: "ArrowRight"}, nil); len(e) != 1 || e[0].Petri != EventPin {
		t.Errorf("a key of the page: %+v", e)
	}
	s.Paint()
	if s.Handle(Input{Set: Set{"theme": "dark"}}, nil); s.Dirty() {
		t.Error("setting what is set draws again")
	}
}

func TestEmptyStage(t *testing.T) {
	s := New()
	if s.Move(3, 3) != nil || s.Press(3, 3) != nil || s.Picture() != nil || Describe(nil, s.View) == "" || Sentence(nil, s.View) != "" {
		t.Error("an empty stage reacts")
	}
	if img := s.Paint(); img.Rect.Dx() != 640 {
		t.Errorf("%v", img.Rect)
	}
	if columns, rows := Table(nil, s.View); columns != nil || rows != nil {
		t.Error("an empty stage has a table")
	}
}

func TestWords(t *testing.T) {
	s := shown(t)
	d := Describe(s.Picture(), s.View)
	for _, want := range []string{"Example 5 of 24", "arm qv:4", "after 120 steps", "The digit is 8", "says 8 with probability 0.70", "4 layers with 4 heads", "Layer 1, head 1: the class token looks most at", "Update of q in layer 3: 64 by 64, rank 4"} {
		if !strings.Contains(d, want) {
			t.Errorf("the description lacks %q: %s", want, d)
		}
	}
	columns, rows := Table(s.Picture(), s.View)
	if len(columns) != 1+4*5 || len(rows) != 17 || len(rows[0]) != len(columns) || rows[6][0] != "patch 2,2" {
		t.Errorf("table of %d columns and %d rows", len(columns), len(rows))
	}
	if thousands(1) != "1" || thousands(4096) != "4,096" || thousands(1234567) != "1,234,567" || weight(1) != "1.00" || weight(.126) != ".13" {
		t.Error("numbers")
	}
}

// A run that diverged has NaN everywhere: the stage stays whole and says so by a dash.
func TestDivergedRunIsDrawn(t *testing.T) {
	f, b := sample(t, 32, 8, 4, 4, 64, 64, 4)
	nan := float32(math.NaN())
	for _, buffer := range b[1:] {
		for i := range buffer {
			buffer[i] = nan
		}
	}
	for i := range f.Probs {
		f.Probs[i] = nan
	}
	s := New()
	if _, err := s.Handle(Input{Frame: &f, Set: Set{"shared": true}}, b); err != nil {
		t.Fatal(err)
	}
	s.Paint()
	if text := s.Scene().TextSVG("light"); !strings.Contains(text, ">–<") || strings.Contains(text, "Inf") || strings.Contains(text, `"NaN"`) {
		t.Error(text)
	}
}

func BenchmarkPaint(b *testing.B) {
	s := shown(b)
	s.Resize(642, 2)
	for b.Loop() {
		s.touch()
		s.Paint()
	}
}
