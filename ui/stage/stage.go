package stage

import (
	"image"
	"slices"
	"strings"
)

// Stage is the state of one stage: the picture, the view, and what must be drawn again. Its owner feeds it messages,
// pointer and keys, and asks for pixels when Dirty. It is not safe for concurrent use.
type Stage struct {
	View    View
	picture *Picture
	scene   *Scene
	img     *image.RGBA
	cover   []uint8 // scratch of painting
	dirty   bool
	height  float64 // last reported
	wanted  int     // the output position last asked for, or shown
	hovered Point   // where a picture that takes prompts told of the pointer, in half pixels
}

// New returns an empty stage.
func New() *Stage { return &Stage{View: NewView(), dirty: true, hovered: nowhere} }

// Dirty reports whether Paint would draw something new.
func (s *Stage) Dirty() bool { return s.dirty }

// Picture returns what is shown, nil before the first frame.
func (s *Stage) Picture() *Picture { return s.picture }

// Scene returns the scene of the present state.
func (s *Stage) Scene() *Scene {
	if s.scene == nil {
		s.scene = Build(s.picture, s.View)
	}
	return s.scene
}

// Paint draws into an image that is reused, and returns it.
func (s *Stage) Paint() *image.RGBA {
	sc := s.Scene()
	w, h := sc.Size(s.View.Scale)
	if s.img == nil || s.img.Rect.Dx() != w || s.img.Rect.Dy() != h {
		s.img = newImage(w, h)
	}
	c := canvas{s.img, s.View.Scale, s.View.Theme, s.cover}
	paint(&c, sc)
	s.cover, s.dirty = c.cover, false
	return s.img
}

func (s *Stage) touch() { s.scene, s.dirty = nil, true }

// Resize sets the size at which to draw.
func (s *Stage) Resize(width, scale float64) []Event {
	if width == s.View.Width && scale == s.View.Scale || width <= 0 || scale <= 0 {
		return s.sized(nil)
	}
	s.View.Width, s.View.Scale = width, scale
	s.touch()
	return s.sized(nil)
}

// Handle takes a message of the page. A frame that contradicts its buffers is refused and the picture stays.
func (s *Stage) Handle(in Input, buffers [][]float32) ([]Event, error) {
	if in.Frame != nil {
		p, err := NewPicture(*in.Frame, buffers)
		if err != nil {
			return nil, err
		}
		if old := s.picture; old != nil && (old.Sized() != p.Sized() || (old.Answer != nil) != (p.Answer != nil)) { // what was marked means something else there
			s.View.letGo()
			s.View.hand = nil
			s.View.Query, s.View.Pinned, s.View.Layer, s.View.Head = 0, false, 0, 0
		}
		if p.Sized() && (s.picture == nil || !s.picture.Sized()) {
			s.View.Layer = p.Frame.Layer
		}
		if old := s.picture; old != nil && p.Answer != nil {
			s.taken(!slices.Equal(old.buffers[bufColours], p.buffers[bufColours]))
			if old.Width != p.Width {
				s.View.hand = nil
			}
		}
		s.picture, s.wanted = p, p.Frame.Token
		s.View = p.clampView(s.View)
		s.touch()
	}
	if in.Prompting != nil {
		old := s.View.Prompting
		s.View.Prompting = in.Prompting
		s.taken(false)
		if !in.Prompting.Live || old != nil && old.Tool != in.Prompting.Tool {
			s.View.hand = nil
		}
		s.touch()
	}
	if in.Set != nil {
		v := s.View
		if err := in.Set.apply(&v); err != nil {
			return nil, err
		}
		v.Width, v.Scale = s.View.Width, s.View.Scale // these are the iframe's own
		if s.picture != nil {
			v = s.picture.clampView(v)
		}
		if v != s.View {
			s.View = v
			s.touch()
		}
	}
	var events []Event
	if in.Press != "" {
		if events = s.Key(in.Press); len(events) == 1 && events[0].Petri == EventKey {
			events = nil // the page has its own keys from itself: what the stage has no use for does not go back
		}
	}
	return s.sized(events), nil
}

// sized appends an event when the picture needs another height.
func (s *Stage) sized(events []Event) []Event {
	if h := s.Scene().H; h != s.height {
		s.height = h
		events = append(events, s.event(EventSize))
	}
	return events
}

func (s *Stage) event(name string) Event {
	e := Event{Petri: name, Token: s.View.Query, Key: s.View.Key, Layer: s.View.Layer, Head: s.View.Head,
		Pinned: s.View.Pinned, Shared: s.View.Shared, Height: s.Scene().H, Text: Sentence(s.picture, s.View)}
	if s.picture != nil {
		e.Matrix, e.Cell = s.picture.Matrix, s.picture.Frame.Token
	}
	return e
}

// change sets a new view and returns the named event, if it has a name, where anything changed.
func (s *Stage) change(v View, name string) []Event {
	if v == s.View {
		return nil
	}
	s.View = v
	s.touch()
	if name == "" {
		return s.sized(nil)
	}
	return s.sized([]Event{s.event(name)})
}

// Move is the pointer at a point, in CSS pixels: it lights what lies there.
func (s *Stage) Move(x, y float64) []Event {
	if s.picture == nil {
		return nil
	}
	if s.picture.Answer != nil {
		return s.hover(x, y)
	}
	v := s.View
	v.letGo()
	switch h := s.Scene().Hit(x, y); h.Kind {
	case HitPatch:
		if !v.Pinned && (s.picture.Sized() || h.Token < s.picture.askers()) {
			v.Query = h.Token
		} else if h.Token != v.Query {
			v.Key = h.Token
		}
	case HitMap:
		v.Key = h.Token
		if s.picture.Sized() {
			v.Key, v.Over = -1, h.Layer
			if h.Token > 0 {
				g := s.picture.Grids[h.Layer]
				v.Key = s.picture.under(spot{(h.Token - 1) / g.Cols, (h.Token - 1) % g.Cols}, g.Rows, g.Cols)
			}
		}
	case HitCell:
		if h.Part == PartUpdate || h.Part == PartScatter {
			v.Row, v.Col = h.Row, h.Col
		}
	case HitTile:
		v.Panel, v.Tile, v.Row, v.Col = h.Panel, h.Tile, h.Row, h.Col
		if n := s.picture.Panels[h.Panel]; n.OverImage {
			v.Key = s.picture.under(spot{h.Row, h.Col}, n.Rows, n.Cols)
		}
	}
	return s.change(v, EventHover)
}

// Leave is the pointer leaving the stage: an unpinned query goes back to the class token, or to the middle.
func (s *Stage) Leave() []Event {
	if s.picture != nil && s.picture.Answer != nil {
		return s.leaveAnswer()
	}
	v := s.View
	v.letGo()
	if !v.Pinned {
		v.Query = 0
	}
	return s.change(v, EventHover)
}

// Press is a click or a tap at a point, in CSS pixels.
func (s *Stage) Press(x, y float64) []Event {
	if s.picture == nil {
		return nil
	}
	v := s.View
	switch h := s.Scene().Hit(x, y); h.Kind {
	case HitPatch:
		if s.picture.Answer != nil || !s.picture.Sized() && h.Token >= s.picture.askers() {
			return s.Move(x, y) // it does not look, or the press was no prompt
		}
		v.Pinned = !(v.Pinned && v.Query == h.Token)
		v.Query, v.Key = h.Token, -1
		events := s.change(v, EventPin)
		if v.Pinned {
			events = append(events, s.ask(h.Token)...)
		}
		return events
	case HitMap:
		v.Layer, v.Head = h.Layer, h.Head
		return s.change(v, EventSelect)
	case HitLook: // it is laid over the picture, or taken off
		v.Pinned = !v.Pinned || v.Layer != h.Layer || v.Head != h.Head
		v.Layer, v.Head = h.Layer, h.Head
		return s.change(v, EventSelect)
	case HitScale:
		v.Shared = !v.Shared
		return s.change(v, EventScale)
	case HitMatrix:
		e := s.event(EventMatrix)
		e.Layer, e.Matrix = s.picture.Frame.Layer, h.Matrix
		return []Event{e}
	case HitLayer:
		e := s.event(EventMatrix)
		e.Layer = h.Layer
		return []Event{e}
	case HitCell:
		return s.Move(x, y)
	case HitTile:
		events := s.Move(x, y)
		if s.picture.Panels[h.Panel].ID == panelField {
			events = append(events, s.ask(s.View.Key)...)
		}
		return events
	case HitShow:
		v.Card = 1 + h.Group
		v.letGo()
		return s.change(v, EventSelect)
	case HitPick:
		v.Pick[h.Group] = 1 + h.Panel
		v.letGo()
		return s.change(v, EventSelect)
	}
	return nil
}

// ask wants the receptive field of the output over a token's pixel, 0 for the middle; nothing where it is shown or
// wanted already.
func (s *Stage) ask(token int) []Event {
	p := s.picture
	if !p.Sized() || token < 0 {
		return nil
	}
	if rows, _ := p.outSize(); rows == 0 || p.output(token) == s.wanted {
		return nil
	}
	s.wanted = p.output(token)
	e := s.event(EventOutput)
	e.Cell = s.wanted
	return []Event{e}
}

// Key is a key by its DOM name. Arrows move the query, Enter keeps it and asks for the output there, Escape lets go,
// brackets walk over the maps, a digit shows a group of panels or the next one of it; every other key goes back to the page.
// A key of several letters has "Shift+" in front while Shift is held, which only a picture with an answer minds.
func (s *Stage) Key(name string) []Event {
	if s.picture != nil && s.picture.Answer != nil {
		if events, used := s.answerKey(name); used {
			return events
		}
		name = strings.TrimPrefix(name, "Shift+")
		return []Event{{Petri: EventKey, Press: name, Key: -1}}
	}
	name = strings.TrimPrefix(name, "Shift+")
	back := []Event{{Petri: EventKey, Press: name, Key: -1}}
	if s.picture == nil {
		return back
	}
	p, v := s.picture, s.View
	v.Key = -1
	if p.Sized() {
		v.letGo()
	}
	switch name {
	case "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown":
		if p.Sized() {
			v.Query, v.Pinned = p.stepGrids(v, name), true
		} else {
			v.Query, v.Pinned = p.step(v.Query, name), true
		}
		return s.change(v, EventPin)
	case "Enter":
		if e := s.ask(v.Query); e != nil { // the first Enter asks, and keeps; the next lets go
			v.Pinned = true
			return append(s.change(v, EventPin), e...)
		}
		v.Pinned = !v.Pinned
		return s.change(v, EventPin)
	case "Escape":
		e := s.ask(0)
		if v == s.View && !v.Pinned && v.Query == 0 && e == nil {
			return back
		}
		v.Pinned, v.Query = false, 0
		return append(s.change(v, EventPin), e...)
	case "[", "]":
		if p.Sized() {
			return s.walk(v, name == "]")
		}
		n := p.Layers * (p.Heads + 1)
		i := v.Layer*(p.Heads+1) + v.Head
		if name == "[" {
			i += n - 1
		} else {
			i++
		}
		i %= n
		v.Layer, v.Head = i/(p.Heads+1), i%(p.Heads+1)
		return s.change(v, EventSelect)
	}
	if i := strings.Index("12345678", name); i >= 0 && len(name) == 1 && p.Sized() {
		if groups := p.groups(); i < len(groups) {
			if p.hidden(v, i, groups) {
				v.Card = 1 + i
			} else if n := len(groups[i].panels); n > 1 {
				v.Pick[i] = 1 + (slices.Index(groups[i].panels, p.picked(v, i, groups[i]))+1)%n
			}
			return s.change(v, EventSelect)
		}
	}
	return back
}

// walk selects the next or the previous map of layers with different numbers of heads.
func (s *Stage) walk(v View, on bool) []Event {
	n := len(s.picture.Grids)
	switch {
	case n == 0:
	case on && v.Head < s.picture.heads(v.Layer):
		v.Head++
	case on:
		v.Layer, v.Head = (v.Layer+1)%n, 0
	case v.Head > 0:
		v.Head--
	default:
		v.Layer = (v.Layer + n - 1) % n
		v.Head = s.picture.heads(v.Layer)
	}
	return s.change(v, EventSelect)
}

// step walks over the tokens: the class token stands left of the first column, as in the picture, and between them prompts.
func (p *Picture) step(token int, arrow string) int {
	rows, cols := p.gridRows(), p.gridCols()
	last := p.askers() - 1
	switch {
	case token == 0 && arrow != "ArrowRight":
		return 0
	case token == 0 && last >= p.Tokens:
		return p.Tokens
	case token == 0 || token == last && token >= p.Tokens && arrow == "ArrowRight":
		return 1
	case token >= p.Tokens:
		switch {
		case arrow == "ArrowRight":
			return token + 1
		case arrow == "ArrowLeft" && token > p.Tokens:
			return token - 1
		case arrow == "ArrowLeft":
			return 0
		}
		return token
	}
	row, col := p.place(token)
	switch arrow {
	case "ArrowLeft":
		if col == 0 && last >= p.Tokens {
			return last
		}
		if col == 0 {
			return 0
		}
		col--
	case "ArrowRight":
		col = min(col+1, cols-1)
	case "ArrowUp":
		row = max(row-1, 0)
	case "ArrowDown":
		row = min(row+1, rows-1)
	}
	return 1 + row*cols + col
}
