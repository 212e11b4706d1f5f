package stage

import (
	"math"
	"slices"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// hand is what the visitor is doing on the picture, in its pixels, by pointer or by keys. The stage draws it at once; when it is
// done it stays drawn until the page has taken it. It is never changed: a View holds another one instead.
type hand struct {
	kind           string // of the gesture that comes of it
	x0, y0, x1, y1 float64
	label          int
	object         int
	pixels         []int   // of a stroke
	slop           float64 // what a pointer may stray before a press becomes a drag
	drags          bool
	keys           bool // made by keys: no pointer is down
	done           bool
}

// Reaches in CSS pixels: what a press may stray before it is a drag, and how near it is to a corner of a box to take it.
const (
	slopMouse  = 3.0
	slopFinger = 9.0
	cornerNear = 9.0
)

// live reports whether prompts are taken.
func (s *Stage) live() bool {
	return s.picture != nil && s.picture.Answer != nil && s.View.Prompting != nil && s.View.Prompting.Live
}

// Holding reports whether a pointer that went down on the picture is still followed there.
func (s *Stage) Holding() bool { h := s.View.hand; return h != nil && !h.done && !h.keys }

// perPixel is how many pixels of the picture a CSS pixel is.
func (s *Stage) perPixel() float64 { return float64(s.picture.Width) / s.Scene().field.W }

// pixelAt turns a place in CSS pixels into one in pixels of the picture, within it.
//
//go:noinline
func (s *Stage) pixelAt(x, y float64) Point {
	k, n := s.perPixel(), float64(s.picture.Width)
	return Point{min(max(x*k, 0), n), min(max(y*k, 0), n)}
}

// hold sets what the hand does.
//
//go:noinline
func (s *Stage) hold(h *hand) {
	s.View.hand = h
	s.View.Key = -1
	s.touch()
}

// tell makes an event, with what was done where something was.
//
//go:noinline
func (s *Stage) tell(name string, g *Gesture) []Event {
	e := s.event(name)
	e.Gesture = g
	return []Event{e}
}

// Down is a pointer that goes down, in CSS pixels: not says that it means "not this", by Shift or by its right button, finger
// that it is one. The stage is Holding the pointer then where the picture takes prompts there.
func (s *Stage) Down(x, y float64, not, finger bool) {
	if s.live() && s.Scene().field.contains(x, y) {
		slop := slopMouse
		if finger {
			slop = slopFinger
		}
		s.begin(s.pixelAt(x, y), slop*s.perPixel(), not)
	}
}

// begin puts the hand down at a place of the picture, where the tool has something to do.
func (s *Stage) begin(at Point, slop float64, not bool) {
	q := s.View.Prompting
	h := &hand{kind: q.Tool, x0: at.X, y0: at.Y, x1: at.X, y1: at.Y, label: 1, object: -1, slop: slop}
	if not || q.Tool == ToolNot {
		h.label = 0
	}
	switch q.Tool {
	case ToolBrush:
		h.drags = true
		h.pixels = s.dab(nil, at)
	case ToolMove:
		if h.object = s.picture.objectAt(at); h.object < 0 {
			return
		}
	case ToolBox:
	default:
		h.kind = GesturePoint
	}
	if b := q.Prompt.Box; b != nil && h.label == 1 && (h.kind == GesturePoint || h.kind == GestureBox) {
		far := Point{b.X0, b.Y0} // the corner that faces the nearest one
		if at.X < (b.X0+b.X1)/2 {
			far.X = b.X1
		}
		if at.Y < (b.Y0+b.Y1)/2 {
			far.Y = b.Y1
		}
		if math.Hypot(b.X0+b.X1-far.X-at.X, b.Y0+b.Y1-far.Y-at.Y) <= cornerNear*s.perPixel() { // a corner is taken
			h.kind, h.x0, h.y0, h.drags = GestureBox, far.X, far.Y, true
		}
	}
	s.hold(h)
}

// drag leads the hand to another place.
func (s *Stage) drag(at Point) {
	h := *s.View.hand
	if !h.drags && math.Hypot(at.X-h.x0, at.Y-h.y0) > h.slop {
		h.drags = true
		if h.kind == GesturePoint && h.label == 1 {
			h.kind = GestureBox
		}
	}
	if !h.drags || h.kind == GesturePoint { // a point stays where it was set
		return
	}
	if h.pixels != nil {
		steps := math.Ceil(2 * math.Hypot(at.X-h.x1, at.Y-h.y1))
		h.pixels = slices.Clip(h.pixels) // the hand before this one keeps its own
		for i := 1.0; i <= steps; i++ {
			h.pixels = s.dab(h.pixels, Point{h.x1 + (at.X-h.x1)*i/steps, h.y1 + (at.Y-h.y1)*i/steps})
		}
	}
	h.x1, h.y1 = at.X, at.Y
	s.hold(&h)
}

// dab adds the pixels that a brush covers at a place.
func (s *Stage) dab(pixels []int, at Point) []int {
	side := s.picture.Width
	r := float64(s.View.Prompting.size(side)) / 2
	here := s.picture.tokenAt(at) - 1
	for i := range side * side {
		near := math.Hypot(float64(i%side)+0.5-at.X, float64(i/side)+0.5-at.Y) <= r
		if (near || i == here) && !slices.Contains(pixels, i) {
			pixels = append(pixels, i)
		}
	}
	return pixels
}

// Up is the end of a press or drag.
func (s *Stage) Up(x, y float64) []Event {
	if !s.Holding() {
		return nil
	}
	s.drag(s.pixelAt(x, y))
	return s.finish()
}

// finish tells the page what the hand did, where it did something.
func (s *Stage) finish() []Event {
	h := *s.View.hand
	dx, dy := h.shift()
	if h.kind == GestureBox && !h.drags || h.kind == GestureMove && dx == 0 && dy == 0 {
		s.hold(nil)
		return nil
	}
	if h.kind == GestureBox {
		b, most := h.box(), float64(s.picture.Width-1)
		h.x0, h.y0 = min(b.X0, most), min(b.Y0, most)
		h.x1, h.y1, h.keys = max(b.X1, h.x0+1), max(b.Y1, h.y0+1), false
	}
	h.done = true
	s.hold(&h)
	return s.tell(EventPrompt, &Gesture{Kind: h.kind, X: h.x0, Y: h.y0, X1: h.x1, Y1: h.y1, Label: h.label, Object: h.object, Pixels: h.pixels})
}

// box is the one that the hand opens, its sides in order: by keys it goes around whole pixels.
func (h *hand) box() *frame.PromptBox {
	grow := 0.0
	if h.keys {
		grow = 0.5
	}
	return &frame.PromptBox{X0: min(h.x0, h.x1) - grow, Y0: min(h.y0, h.y1) - grow, X1: max(h.x0, h.x1) + grow, Y1: max(h.y0, h.y1) + grow}
}

// shift is how far an object has been moved, in whole pixels.
//
//go:noinline
func (h *hand) shift() (dx, dy int) {
	return int(math.Round(h.x1 - h.x0)), int(math.Round(h.y1 - h.y0))
}

// Long is a press that lasts: a finger says "not this" by it.
func (s *Stage) Long() []Event {
	if h := s.View.hand; s.Holding() && h.kind == GesturePoint && !h.drags {
		not := *h
		not.label = 0
		s.View.hand = &not
		return s.finish()
	}
	return nil
}

// Cancel forgets what a pointer began.
func (s *Stage) Cancel() {
	if s.Holding() {
		s.hold(nil)
	}
}

// taken forgets a gesture that is done, when what the page sent shows that it has it: of a move, another picture.
func (s *Stage) taken(picture bool) {
	if h := s.View.hand; h != nil && h.done && (picture || h.kind != GestureMove) {
		s.View.hand = nil
	}
}

// hover is the pointer over a picture with an answer.
func (s *Stage) hover(x, y float64) []Event {
	at := s.pixelAt(x, y)
	if s.Holding() {
		s.drag(at)
		return nil
	}
	v := s.View
	v.letGo()
	h := s.Scene().Hit(x, y)
	switch h.Kind {
	case HitPatch:
		v.Key = h.Token
	case HitLook:
		v.Over, v.Tile, v.Row, v.Col = h.Layer, h.Head, h.Row, h.Col
	}
	events := s.point(v)
	if h.Kind == HitPatch {
		return append(events, s.ghost(at)...)
	}
	return append(events, s.unhover()...)
}

// point sets what the pointer is on: the page hears of it where there is something to say.
func (s *Stage) point(v View) []Event {
	v = s.picture.clampAnswer(v)
	name := ""
	if v.Over >= 0 || v.Panel != s.View.Panel {
		name = EventHover
	}
	return s.change(v, name)
}

// ghost asks for what a prompt at a place would give, unless it was asked for next to it already.
func (s *Stage) ghost(at Point) []Event {
	q, half := s.View.Prompting, Point{math.Floor(2 * at.X), math.Floor(2 * at.Y)}
	if !s.live() || s.picture.every() || q.Tool != ToolPoint && q.Tool != ToolNot || half == s.hovered {
		return nil
	}
	s.hovered = half
	g := &Gesture{Kind: GestureHover, X: at.X, Y: at.Y, Object: -1}
	if q.Tool == ToolPoint {
		g.Label = 1
	}
	return s.tell(EventPrompt, g)
}

// nowhere is where no pointer is.
var nowhere = Point{-1, -1}

// unhover takes a prompt at the pointer back.
func (s *Stage) unhover() []Event {
	if s.hovered == nowhere {
		return nil
	}
	s.hovered = nowhere
	return s.tell(EventPrompt, &Gesture{Kind: GestureLeave, Object: -1})
}

// leaveAnswer is the pointer leaving a picture with an answer.
func (s *Stage) leaveAnswer() []Event {
	if s.Holding() {
		return nil
	}
	v := s.View
	v.letGo()
	return append(s.point(v), s.unhover()...)
}

// answerKey is a key on a picture with an answer; used is false where it belongs to the page. Arrows move a cursor, with Shift by
// eight pixels; Enter does what a press of the pointer does, with Shift or as minus it says "not this"; B begins a box at the
// cursor and ends it; brackets walk over the maps.
func (s *Stage) answerKey(name string) (events []Event, used bool) {
	name, shifted := strings.CutPrefix(name, "Shift+")
	p, v, h := s.picture, s.View, s.View.hand
	keys := h != nil && h.keys && !h.done // something was begun by keys
	by := 1
	if shifted {
		by = 8
	}
	dx, dy, not := 0, 0, shifted
	switch name {
	case "ArrowLeft":
		dx = -by
	case "ArrowRight":
		dx = by
	case "ArrowUp":
		dy = -by
	case "ArrowDown":
		dy = by
	case "[", "]":
		if !p.looks() {
			return nil, false
		}
		heads := p.Answer.Heads
		n, i := len(p.Answer.Layers)*heads, v.Layer*heads+v.Head
		if name == "[" {
			i += n - 1
		} else if v.Pinned {
			i++
		}
		v.Pinned, v.Layer, v.Head = true, i%n/heads, i%heads
		return s.change(v, EventSelect), true
	case "Escape":
		if keys {
			s.hold(nil)
		}
		return s.tell(EventPin, nil), keys
	case "-":
		not = true
	case "Enter", "b", "B":
	default:
		return nil, false
	}
	arrow := dx != 0 || dy != 0
	side := p.Width
	if !arrow && !s.live() {
		return nil, false
	}
	if v.Query == 0 { // the cursor comes first
		arrow, dx, dy = true, 0, 0
	}
	if arrow {
		c := p.pixel(v.Query)
		v.letGo()
		v.Query = p.under(spot{min(max(c.row+dy, 0), side-1), min(max(c.col+dx, 0), side-1)}, side, side)
		events = s.change(v, EventPin)
	}
	c := p.pixel(v.Query)
	at := Point{float64(c.col) + 0.5, float64(c.row) + 0.5}
	switch {
	case arrow && keys:
		s.drag(at)
	case arrow:
		return append(events, s.ghost(at)...), true
	case keys:
		return s.finish(), true
	default:
		s.hold(nil)
		s.begin(at, 0, not)
		next := hand{kind: GestureBox, object: -1, label: 1}
		if name != "b" && name != "B" {
			if s.View.hand == nil { // nothing to move is here
				break
			}
			next = *s.View.hand
		}
		next.keys = true
		if next.kind == GestureBox {
			next.x0, next.y0, next.x1, next.y1, next.drags = at.X, at.Y, at.X, at.Y, true
		}
		s.hold(&next)
		if next.kind != GestureBox && next.kind != GestureMove {
			return s.finish(), true
		}
	}
	return s.tell(EventPin, nil), true
}
