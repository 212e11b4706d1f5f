package stage

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"petri/kernels/lab/wire/frame"
)

// prompted is a stage with the sample's answer, which takes prompts. Its picture is 640 CSS pixels wide, ten for each of its own.
func prompted(t testing.TB, tool string) *Stage {
	t.Helper()
	s := New()
	f, b := answerSample(t)
	if _, err := s.Handle(Input{Frame: &f, Prompting: &Prompting{Tool: tool, Prompt: f.Answer.Prompt, Mask: 2, Live: true}}, b); err != nil {
		t.Fatal(err)
	}
	s.Paint()
	return s
}

// gestured takes the one gesture out of events.
func gestured(t testing.TB, events []Event) *Gesture {
	t.Helper()
	var g *Gesture
	for _, e := range events {
		if e.Petri == EventPrompt {
			if g != nil || e.Gesture == nil || e.Text == "" {
				t.Fatalf("%+v", events)
			}
			g = e.Gesture
		}
	}
	return g
}

func TestPressesBecomePoints(t *testing.T) {
	for _, c := range []struct {
		tool  string
		not   bool
		label int
	}{{ToolPoint, false, 1}, {ToolPoint, true, 0}, {ToolNot, false, 0}, {ToolNot, true, 0}} {
		for _, size := range []struct{ width, scale float64 }{{640, 1}, {340, 2}, {900, 1.25}} {
			s := prompted(t, c.tool)
			s.Resize(size.width, size.scale)
			k := s.Scene().field.W / 64
			if s.Down(16.25*k, 48.5*k, c.not, false); !s.Holding() {
				t.Fatal("a press on the picture is not followed")
			}
			s.Move(16.25*k+2, 48.5*k+1) // a hand is not quite still
			g := gestured(t, s.Up(16.25*k+2, 48.5*k+1))
			if g == nil || g.Kind != GesturePoint || math.Abs(g.X-16.25) > 1e-9 || math.Abs(g.Y-48.5) > 1e-9 || g.Label != c.label || s.Holding() {
				t.Fatalf("%+v at %v: %+v", c, size, g)
			}
			// The point stays drawn until the page has it.
			n := len(s.Scene().Paths)
			q := *s.View.Prompting
			s.Handle(Input{Prompting: &q}, nil)
			if after := len(s.Scene().Paths); after >= n {
				t.Errorf("%d lines with the point, %d when the page has not taken it", n, after)
			}
		}
	}
}

func TestDragsBecomeBoxes(t *testing.T) {
	s := prompted(t, ToolPoint)
	s.Down(400, 300, false, false)
	if s.Move(402, 302); s.View.hand.kind != GesturePoint {
		t.Error("3 pixels are no drag")
	}
	before := len(s.Scene().Paths)
	if s.Move(100, 120); s.View.hand.kind != GestureBox || len(s.Scene().Paths) <= before {
		t.Error("a box is not drawn while it is dragged")
	}
	g := gestured(t, s.Up(105, 700))
	if want := (&Gesture{Kind: GestureBox, X: 10.5, Y: 30, X1: 40, Y1: 64, Label: 1, Object: -1}); !reflect.DeepEqual(g, want) {
		t.Errorf("%+v, want %+v", g, want)
	}
	// Not this, dragged, stays a point where it began; a box tool that is only pressed does nothing; flat boxes get a pixel.
	s = prompted(t, ToolPoint)
	s.Down(400, 300, true, false)
	s.Move(100, 100)
	if g := gestured(t, s.Up(100, 100)); g == nil || g.Kind != GesturePoint || g.X != 40 || g.Y != 30 || g.Label != 0 {
		t.Errorf("%+v", g)
	}
	s = prompted(t, ToolBox)
	s.Down(400, 300, false, false)
	if g := gestured(t, s.Up(401, 300)); g != nil || s.View.hand != nil {
		t.Errorf("%+v", g)
	}
	s.Down(630, 300, false, false)
	if g := gestured(t, s.Up(900, 300)); g == nil || g.X1 != 64 || g.X > 63 || g.Y1-g.Y != 1 {
		t.Errorf("%+v", g)
	}
	// A corner of the box that is there is taken, and the one that faces it stays.
	q := *s.View.Prompting
	q.Prompt.Box = &frame.PromptBox{X0: 10, Y0: 12, X1: 30, Y1: 40}
	s.Handle(Input{Prompting: &q}, nil)
	s.Down(304, 117, false, false)
	if g := gestured(t, s.Up(350, 150)); g == nil || g.Kind != GestureBox || g.X != 10 || g.Y != 15 || g.X1 != 35 || g.Y1 != 40 {
		t.Errorf("%+v", g)
	}
}

func TestFingers(t *testing.T) {
	s := prompted(t, ToolPoint)
	s.Down(400, 300, false, true)
	if s.Move(406, 305); s.View.hand.drags {
		t.Error("a finger that rolls a little drags")
	}
	g := gestured(t, s.Long())
	if g == nil || g.Kind != GesturePoint || g.Label != 0 || g.X != 40 || s.Holding() {
		t.Errorf("a long press: %+v", g)
	}
	if s.Up(400, 300) != nil {
		t.Error("the finger that is lifted after it says something more")
	}
	s.Down(400, 300, false, true)
	s.Move(430, 340)
	if g := gestured(t, s.Long()); g != nil {
		t.Errorf("a drag that lasts is a long press: %+v", g)
	}
	if s.Cancel(); s.Holding() || s.View.hand != nil {
		t.Error("a cancelled drag is still there")
	}
	s = prompted(t, ToolBrush)
	s.Down(400, 300, false, true)
	if g := gestured(t, s.Long()); g != nil || !s.Holding() {
		t.Error("a brush that rests says something")
	}
}

func TestStrokes(t *testing.T) {
	s := prompted(t, ToolBrush)
	s.Handle(Input{Prompting: &Prompting{Tool: ToolBrush, Live: true, Size: 1}}, nil)
	s.Down(105, 205, false, false)
	s.Move(155, 205) // one coalesced move over five pixels leaves no gap
	g := gestured(t, s.Up(155, 225))
	want := []int{}
	for x := 10; x <= 15; x++ {
		want = append(want, 20*64+x)
	}
	want = append(want, 21*64+15, 22*64+15)
	if g == nil || g.Kind != GestureBrush || g.Label != 1 || !slices.Equal(g.Pixels, want) {
		t.Errorf("%+v, want %v", g, want)
	}
	if cells := s.Scene().Rasters[1].Cells; cells[20*64+12].A == 0 || cells[0].A != 0 {
		t.Error("the stroke is not drawn")
	}
	// A stroke is the page's as soon as it speaks of prompts.
	q := *s.View.Prompting
	if s.Handle(Input{Prompting: &q}, nil); s.View.hand != nil {
		t.Errorf("the stroke stays: %+v", s.View.hand)
	}
	s = prompted(t, ToolBrush)
	s.Handle(Input{Prompting: &Prompting{Tool: ToolBrush, Live: true, Brush: []int{20*64 + 10, 20*64 + 30}}}, nil)
	s.Down(105, 205, true, false)
	if cells := s.Scene().Rasters[1].Cells; cells[20*64+10].A != 0 || cells[20*64+30].A == 0 {
		t.Error("a stroke that takes away is not drawn so")
	}
	if g := gestured(t, s.Up(105, 205)); g == nil || g.Label != 0 || !slices.Contains(g.Pixels, 20*64+10) {
		t.Errorf("%+v", g)
	}
}

func TestObjectsMove(t *testing.T) {
	s := prompted(t, ToolMove)
	if s.Down(20, 20, false, false); s.Holding() {
		t.Error("the background can be moved")
	}
	s.Down(450, 140, false, false) // the balloon
	s.Move(400, 160)
	g := s.Scene().Rasters[1].Cells
	picture := s.Scene().Rasters[0].Cells
	if g[16*64+40] != picture[14*64+45] || g[14*64+53].A == 0 || g[14*64+53] == picture[14*64+53] {
		t.Error("the object is not drawn where it is moved to, or not marked where it was")
	}
	if got := gestured(t, s.Up(400, 160)); got == nil || got.Kind != GestureMove || got.Object != 1 || got.X != 45 || got.Y != 14 || got.X1 != 40 || got.Y1 != 16 {
		t.Errorf("%+v", got)
	}
	s.Down(450, 140, false, false)
	if got := gestured(t, s.Up(451, 141)); got != nil {
		t.Errorf("a move by nothing: %+v", got)
	}
}

func TestHoverAsksOncePerPlace(t *testing.T) {
	s := prompted(t, ToolPoint)
	if g := gestured(t, s.Move(165, 485)); !reflect.DeepEqual(g, &Gesture{Kind: GestureHover, X: 16.5, Y: 48.5, Label: 1, Object: -1}) {
		t.Fatalf("%+v", g)
	}
	if e := s.Move(166, 486); e != nil {
		t.Errorf("the same half pixel is asked for again: %+v", e)
	}
	if g := gestured(t, s.Move(172, 486)); g == nil {
		t.Error("the next place is not asked for")
	}
	if g := gestured(t, s.Leave()); g == nil || g.Kind != GestureLeave {
		t.Errorf("%+v", g)
	}
	if e := s.Leave(); e != nil {
		t.Errorf("it leaves twice: %+v", e)
	}
	for _, q := range []Prompting{{Tool: ToolPoint}, {Tool: ToolBrush, Live: true}, {Tool: ToolMove, Live: true}} {
		s.Handle(Input{Prompting: &q}, nil)
		if g := gestured(t, s.Move(300, 300)); g != nil {
			t.Errorf("%+v: %+v", q, g)
		}
	}
	s.Handle(Input{Prompting: &Prompting{Tool: ToolPoint}}, nil)
	if s.Down(300, 300, false, false); s.Holding() {
		t.Error("a picture that takes no prompts follows the pointer")
	}
	if e := s.Press(300, 300); gestured(t, e) != nil {
		t.Errorf("%+v", e)
	}
}

func TestMapsLieOverThePicture(t *testing.T) {
	s := prompted(t, ToolPoint)
	x, y := s.centre(t, func(g target) bool { return g.hit.Kind == HitLook && g.hit.Layer == 1 && g.hit.Head == 2 }, 11, 3)
	if s.Down(x, y, false, false); s.Holding() {
		t.Fatal("a map takes prompts")
	}
	if e := s.Move(x, y); len(e) != 1 || e[0].Petri != EventHover || s.View.Over != 1 || s.View.Tile != 2 || s.View.Row != 11 || s.View.Col != 3 {
		t.Fatalf("%+v", e)
	}
	before := len(s.Scene().Rasters)
	if e := s.Press(x, y); len(e) != 1 || e[0].Petri != EventSelect || e[0].Layer != 1 || e[0].Head != 2 || !e[0].Pinned || len(s.Scene().Rasters) != before+1 {
		t.Fatalf("%+v", e)
	}
	if e := s.Key("]"); len(e) != 1 || s.View.Layer != 1 || s.View.Head != 3 {
		t.Errorf("%+v", e)
	}
	if s.Key("["); s.View.Head != 2 {
		t.Error("[ does not go back")
	}
	if s.Press(x, y); s.View.Pinned {
		t.Error("a second click does not take the map off")
	}
	f, b := everySample(t, 100)
	s.Handle(Input{Frame: &f}, b)
	if e := s.Key("]"); len(e) != 1 || e[0].Petri != EventKey {
		t.Errorf("without maps the key belongs to the page: %+v", e)
	}
}

func TestKeysPrompt(t *testing.T) {
	s := prompted(t, ToolPoint)
	e := s.Key("ArrowUp")
	if g := gestured(t, e); g == nil || g.Kind != GestureHover || g.X != 32.5 || g.Y != 32.5 || s.View.Query != 1+32*64+32 {
		t.Fatalf("the cursor does not begin in the middle: %+v", e)
	}
	s.Key("ArrowUp")
	s.Key("Shift+ArrowLeft")
	if s.View.Query != 1+31*64+24 {
		t.Fatalf("the cursor is at %d", s.View.Query)
	}
	for key, label := range map[string]int{"Enter": 1, "Shift+Enter": 0, "-": 0} {
		if g := gestured(t, s.Key(key)); g == nil || g.Kind != GesturePoint || g.X != 24.5 || g.Y != 31.5 || g.Label != label {
			t.Errorf("%s: %+v", key, g)
		}
	}
	if g := gestured(t, s.Key("b")); g != nil {
		t.Errorf("%+v", g)
	}
	s.Key("Shift+ArrowRight")
	s.Key("ArrowDown")
	if s.Holding() {
		t.Error("keys hold no pointer")
	}
	if g := gestured(t, s.Key("B")); g == nil || g.Kind != GestureBox || g.X != 24 || g.Y != 31 || g.X1 != 33 || g.Y1 != 33 {
		t.Errorf("%+v", g)
	}
	s.Key("B")
	if e := s.Key("Escape"); len(e) != 1 || e[0].Petri != EventPin || s.View.hand != nil {
		t.Errorf("Escape gives a box up: %+v", e)
	}
	for _, key := range []string{"Escape", "u", "Backspace", " ", ".", "r", "s", "?", "Shift+F5"} {
		want := key
		if key == "Shift+F5" {
			want = "F5"
		}
		if e := s.Key(key); len(e) != 1 || e[0].Petri != EventKey || e[0].Press != want {
			t.Errorf("%q belongs to the page: %+v", key, e)
		}
		if e, _ := s.Handle(Input{Press: key}, nil); len(e) != 0 {
			t.Errorf("%q came from the page and goes back: %+v", key, e)
		}
	}
	s.Handle(Input{Prompting: &Prompting{Tool: ToolPoint}}, nil)
	if e := s.Key("Enter"); len(e) != 1 || e[0].Petri != EventKey {
		t.Errorf("without a model Enter belongs to the page: %+v", e)
	}

	// An object is taken up and put down; a dab is painted.
	s = prompted(t, ToolMove)
	s.View.Query = 1 + 14*64 + 45
	if g := gestured(t, s.Key("Enter")); g != nil || s.View.hand == nil {
		t.Fatalf("%+v", g)
	}
	s.Key("Shift+ArrowDown")
	if g := gestured(t, s.Key("Enter")); g == nil || g.Kind != GestureMove || g.Object != 1 || g.Y1-g.Y != 8 || g.X1 != g.X {
		t.Errorf("%+v", g)
	}
	s.View.Query = 1
	if g := gestured(t, s.Key("Enter")); g != nil || s.View.hand != nil {
		t.Errorf("nothing is there to move: %+v", g)
	}
	s = prompted(t, ToolBrush)
	s.View.Query = 1 + 64
	if g := gestured(t, s.Key("Enter")); g == nil || g.Kind != GestureBrush || !slices.Contains(g.Pixels, 64) {
		t.Errorf("%+v", g)
	}
}

// The picture changes under the hand: another tool, another size, another lab.
func TestHandLetsGo(t *testing.T) {
	s := prompted(t, ToolBox)
	s.Down(100, 100, false, false)
	s.Move(200, 200)
	f, b := answerSample(t)
	if s.Handle(Input{Frame: &f}, b); !s.Holding() {
		t.Error("a late answer ends a drag")
	}
	if s.Handle(Input{Prompting: &Prompting{Tool: ToolBrush, Live: true}}, nil); s.Holding() {
		t.Error("another tool goes on with the drag")
	}
	s.Down(100, 100, false, false)
	other, ob := sample(t, 32, 8, 4, 4, 64, 64, 4)
	if _, err := s.Handle(Input{Frame: &other}, ob); err != nil || s.Holding() {
		t.Errorf("another picture keeps the hand: %v", err)
	}
	if s.Down(100, 100, false, false); s.Holding() || s.Up(100, 100) != nil || s.Long() != nil {
		t.Error("a picture of attention takes prompts")
	}
}
