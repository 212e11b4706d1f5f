package stage

import (
	"math"
	"slices"
	"strings"
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

// pixelAt turns a place in CSS pixels into one in pixels of the picture, within it.
func (s *Stage) pixelAt(x, y float64) (px, py float64) {
	f, n := s.Scene().field, float64(s.picture.Width)
	in := func(x float64) float64 { return min(max(x*n/f.W, 0), n) }
	return in(x - f.X), in(y - f.Y)
}

// Down is a pointer that goes down, in CSS pixels: not says that it means "not this", by Shift or by its right button, finger
// that it is one. The stage is Holding the pointer then where the picture takes prompts there.
func (s *Stage) Down(x, y float64, not, finger bool) []Event {
	if !s.live() || !s.Scene().field.contains(x, y) {
		return nil
	}
	px, py := s.pixelAt(x, y)
	slop := slopMouse
	if finger {
		slop = slopFinger
	}
	return s.begin(px, py, slop*float64(s.picture.Width)/s.Scene().field.W, not)
}

func (s *Stage) begin(x, y, slop float64, not bool) []Event {
	q := s.View.Prompting
	h := hand{kind: GesturePoint, x0: x, y0: y, x1: x, y1: y, label: 1, object: -1, slop: slop}
	if not {
		h.label = 0
	}
	switch q.Tool {
	case ToolNot:
		h.label = 0
	case ToolBox:
		h.kind = GestureBox
	case ToolBrush, ToolPaint:
		h.kind, h.drags = GestureBrush, true
		if q.Tool == ToolPaint {
			h.kind = GesturePaint
		}
		h.pixels = s.dab(nil, x, y)
	case ToolMove:
		if h.object = s.picture.objectAt(x, y); h.object < 0 {
			return nil
		}
		h.kind = GestureMove
	}
	if b := q.Prompt.Box; b != nil && h.label == 1 && (h.kind == GesturePoint || h.kind == GestureBox) {
		reach := cornerNear * float64(s.picture.Width) / s.Scene().field.W
		for _, c := range [4][4]float64{{b.X0, b.Y0, b.X1, b.Y1}, {b.X1, b.Y0, b.X0, b.Y1}, {b.X0, b.Y1, b.X1, b.Y0}, {b.X1, b.Y1, b.X0, b.Y0}} {
			if math.Hypot(x-c[0], y-c[1]) <= reach { // a corner is taken: the one that faces it stays
				h.kind, h.x0, h.y0, h.drags = GestureBox, c[2], c[3], true
			}
		}
	}
	return s.hold(&h)
}

// hold sets what the hand does.
func (s *Stage) hold(h *hand) []Event {
	s.View.hand = h
	s.View.Key = -1
	s.touch()
	return nil
}

// drag leads the hand to another place.
func (s *Stage) drag(x, y float64) []Event {
	h := *s.View.hand
	if !h.drags {
		if math.Hypot(x-h.x0, y-h.y0) <= h.slop {
			return nil
		}
		h.drags = true
		if h.kind == GesturePoint && h.label == 1 {
			h.kind = GestureBox
		}
	}
	switch h.kind {
	case GesturePoint:
		return nil // it stays where it was set
	case GestureBrush, GesturePaint:
		steps := math.Ceil(2 * math.Hypot(x-h.x1, y-h.y1))
		h.pixels = slices.Clip(h.pixels) // the hand before this one keeps its own
		for i := 1.0; i <= steps; i++ {
			h.pixels = s.dab(h.pixels, h.x1+(x-h.x1)*i/steps, h.y1+(y-h.y1)*i/steps)
		}
	}
	h.x1, h.y1 = x, y
	return s.hold(&h)
}

// dab adds the pixels that a brush covers at a place.
func (s *Stage) dab(pixels []int, x, y float64) []int {
	side, r := s.picture.Width, float64(s.View.Prompting.size(s.picture.Width))/2
	low := func(x float64) int { return max(int(math.Floor(x-r)), 0) }
	high := func(x float64) int { return min(int(math.Ceil(x+r)), side) }
	for row := low(y); row < high(y); row++ {
		for col := low(x); col < high(x); col++ {
			near := math.Hypot(float64(col)+0.5-x, float64(row)+0.5-y) <= r || row == int(y) && col == int(x)
			if i := row*side + col; near && !slices.Contains(pixels, i) {
				pixels = append(pixels, i)
			}
		}
	}
	return pixels
}

// Up is the end of a press or drag.
func (s *Stage) Up(x, y float64) []Event {
	if !s.Holding() {
		return nil
	}
	s.Move(x, y)
	return s.finish()
}

// finish tells the page what the hand did.
func (s *Stage) finish() []Event {
	h := *s.View.hand
	g := Gesture{Kind: h.kind, X: h.x0, Y: h.y0, X1: h.x1, Y1: h.y1, Label: h.label, Object: h.object, Pixels: h.pixels}
	side := float64(s.picture.Width)
	switch h.kind {
	case GestureBox:
		g.X, g.X1 = ordered(h.x0, h.x1, side)
		g.Y, g.Y1 = ordered(h.y0, h.y1, side)
		if !h.drags {
			return s.hold(nil)
		}
	case GestureMove:
		if dx, dy := h.shift(); dx == 0 && dy == 0 {
			return s.hold(nil)
		}
	}
	h.x0, h.y0, h.x1, h.y1, h.done = g.X, g.Y, g.X1, g.Y1, true
	s.hold(&h)
	return []Event{s.gesture(g)}
}

// ordered puts two sides of a box in order, at least a pixel apart.
func ordered(a, b, most float64) (from, to float64) {
	from, to = min(a, b), max(a, b)
	if to-from < 1 {
		from = min(from, most-1)
		to = from + 1
	}
	return from, to
}

// shift is how far an object has been moved, in whole pixels.
func (h *hand) shift() (dx, dy int) {
	return int(math.Round(h.x1 - h.x0)), int(math.Round(h.y1 - h.y0))
}

// Long is a press that lasts: a finger says "not this" by it.
func (s *Stage) Long() []Event {
	if h := s.View.hand; !s.Holding() || h.kind != GesturePoint || h.drags {
		return nil
	}
	h := *s.View.hand
	h.label = 0
	s.View.hand = &h
	return s.finish()
}

// Cancel forgets what a pointer began.
func (s *Stage) Cancel() []Event {
	if s.Holding() {
		s.hold(nil)
	}
	return nil
}

func (s *Stage) gesture(g Gesture) Event {
	e := s.event(EventPrompt)
	e.Gesture = &g
	return e
}

// hover is the pointer over a picture with an answer.
func (s *Stage) hover(x, y float64) []Event {
	if s.Holding() {
		return s.drag(s.pixelAt(x, y))
	}
	p, v := s.picture, s.View
	v.letGo()
	h := s.Scene().Hit(x, y)
	switch h.Kind {
	case HitPatch:
		v.Key = h.Token
	case HitLook:
		v.Over, v.Tile, v.Row, v.Col = h.Layer, h.Head, h.Row, h.Col
	}
	v = p.clampAnswer(v)
	var events []Event
	if v.Over >= 0 || v.Panel != s.View.Panel {
		events = s.change(v, EventHover)
	} else {
		events = s.change(v, "")
	}
	if h.Kind != HitPatch {
		return append(events, s.unhover()...)
	}
	px, py := s.pixelAt(x, y)
	return append(events, s.point(px, py)...)
}

// point asks for what a prompt at a place would give, unless it was asked for next to it already.
func (s *Stage) point(x, y float64) []Event {
	q := s.View.Prompting
	at := Point{math.Floor(2 * x), math.Floor(2 * y)}
	if !s.live() || s.picture.every() || q.Tool != ToolPoint && q.Tool != ToolNot || s.hovers && at == s.hovered {
		return nil
	}
	s.hovers, s.hovered = true, at
	label := 1
	if q.Tool == ToolNot {
		label = 0
	}
	return []Event{s.gesture(Gesture{Kind: GestureHover, X: x, Y: y, Label: label, Object: -1})}
}

// unhover takes a prompt at the pointer back.
func (s *Stage) unhover() []Event {
	if !s.hovers {
		return nil
	}
	s.hovers = false
	return []Event{s.gesture(Gesture{Kind: GestureLeave, Object: -1})}
}

// leaveAnswer is the pointer leaving a picture with an answer.
func (s *Stage) leaveAnswer() []Event {
	if s.Holding() {
		return nil
	}
	v := s.View
	v.letGo()
	return append(s.change(v, EventHover), s.unhover()...)
}

// pressAnswer is a click beside the picture: a map of where the prompt looks is laid over it, or taken off.
func (s *Stage) pressAnswer(x, y float64) []Event {
	v := s.View
	h := s.Scene().Hit(x, y)
	if h.Kind != HitLook {
		return s.Move(x, y)
	}
	v.Pinned = !(v.Pinned && v.Layer == h.Layer && v.Head == h.Head)
	v.Layer, v.Head = h.Layer, h.Head
	return s.change(v, EventSelect)
}

// answerKey is a key on a picture with an answer. Arrows move a cursor, with Shift by eight pixels; Enter does what a click does,
// with Shift or as minus it says "not this"; B begins a box at the cursor and ends it; brackets walk over the maps. Every other
// key goes back to the page.
func (s *Stage) answerKey(name string) []Event {
	back := []Event{{Petri: EventKey, Press: strings.TrimPrefix(name, "Shift+"), Key: -1}}
	p, v := s.picture, s.View
	name, shifted := strings.CutPrefix(name, "Shift+")
	keys := v.hand != nil && v.hand.keys && !v.hand.done
	side := p.Width
	if strings.HasPrefix(name, "Arrow") {
		if v.Query == 0 {
			v.Query = 1 + side/2*side + side/2
		} else {
			by := 1
			if shifted {
				by = 8
			}
			c := p.pixel(v.Query)
			switch name {
			case "ArrowLeft":
				c.col -= by
			case "ArrowRight":
				c.col += by
			case "ArrowUp":
				c.row -= by
			case "ArrowDown":
				c.row += by
			}
			v.Query = p.under(spot{min(max(c.row, 0), side-1), min(max(c.col, 0), side-1)}, side, side)
		}
		v.letGo()
		s.change(v, "")
		x, y := s.cursor()
		if keys {
			return append(s.drag(x, y), s.event(EventPin))
		}
		return append(s.point(x, y), s.event(EventPin))
	}
	switch name {
	case "[", "]":
		if !p.looks() {
			return back
		}
		n := len(p.Answer.Layers) * p.Answer.Heads
		i := v.Layer*p.Answer.Heads + v.Head
		switch {
		case !v.Pinned:
		case name == "[":
			i += n - 1
		default:
			i++
		}
		v.Pinned, v.Layer, v.Head = true, i%n/p.Answer.Heads, i%n%p.Answer.Heads
		return s.change(v, EventSelect)
	case "Escape":
		if keys {
			return append(s.hold(nil), s.event(EventPin))
		}
	case "Enter", "-", "b", "B":
		if !s.live() {
			return back
		}
		if keys {
			return s.finish()
		}
		if v.Query == 0 {
			return s.answerKey("ArrowUp") // the cursor comes first
		}
		x, y := s.cursor()
		not := name == "-" || shifted && name == "Enter"
		s.begin(x, y, 0, not)
		h := s.View.hand
		if h == nil || h.done {
			return []Event{s.event(EventPin)} // there is nothing to move
		}
		next := *h
		next.keys = true
		if name == "b" || name == "B" {
			next = hand{kind: GestureBox, object: -1, label: 1, x1: x, y1: y, keys: true}
		}
		if next.kind == GestureBox {
			next.x0, next.y0, next.drags = math.Floor(x), math.Floor(y), true
		}
		s.hold(&next)
		if next.kind == GestureBox || next.kind == GestureMove {
			return []Event{s.event(EventPin)}
		}
		return s.finish()
	}
	return back
}

// cursor is the middle of the pixel at which the keyboard's cursor stands.
func (s *Stage) cursor() (x, y float64) {
	c := s.picture.pixel(s.View.Query)
	return float64(c.col) + 0.5, float64(c.row) + 0.5
}

// taken forgets a gesture that is done, when what the page sent shows that it has it.
func (s *Stage) taken(picture bool) {
	if h := s.View.hand; h != nil && h.done && (picture || h.kind != GestureMove && h.kind != GesturePaint) {
		s.View.hand = nil
	}
}
