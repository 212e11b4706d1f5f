package page

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/ui/own"
	"petri/ui/state"
)

// drawer is a browser that does nothing but keep files: what is asked of it waits until the test lets it go on.
type drawer struct {
	Host
	wishes []own.Wish
	todo   []func()
	files  map[string][]byte
	full   bool
}

func (d *drawer) Now() float64                                   { return 0 }
func (d *drawer) After(float64, func())                          {}
func (d *drawer) Reveal(string)                                  {}
func (d *drawer) Send(int, wire.Message[wire.Command])           {}
func (d *drawer) Own(w own.Wish)                                 { d.wishes = append(d.wishes, w) }
func (d *drawer) Forget(prefix string)                           { d.todo = append(d.todo, func() { clear(d.files) }) }
func (d *drawer) Kept(prefix string, done func(values [][]byte)) {}
func (d *drawer) OwnPNG(side int, rgba []byte, done func([]byte, error)) {
	d.todo = append(d.todo, func() { done([]byte("a picture"), nil) })
}
func (d *drawer) Keep(key string, data []byte, done func(error)) {
	d.todo = append(d.todo, func() {
		if d.full {
			done(errors.New("no room"))
			return
		}
		d.files[key] = data
		done(nil)
	})
}

// pictured is a site with a lab that takes pictures, and its drawer.
func pictured(t *testing.T) (*Site, *drawer) {
	t.Helper()
	data := bricks()
	data.Catalog.Labs[0].Prompts = &wire.Prompts{Split: "test", Scenes: 5, Side: own.Side, Live: 32, Every: wire.EveryoneKnobs()}
	s := newSite(data, nil)
	d := &drawer{files: map[string][]byte{}}
	s.host, s.room = d, newRoom(1, d, s.later)
	s.do(state.Open{Path: "/bricks"})
	if s.S.Prompting == nil {
		t.Fatal("the lab asks nothing")
	}
	return s, d
}

// settle lets everything happen that waits.
func settle(s *Site, d *drawer) {
	for len(d.todo)+len(s.early) > 0 {
		run(&d.todo)
		run(&s.early)
	}
}

// square is a picture of one colour and opacity that was brought.
func square(from string, side int, opacity byte) own.Brought {
	return own.Brought{From: from, Name: "mine.png", Width: side + 2, Height: side, Side: side, RGBA: slices.Repeat([]byte{10, 20, 30, opacity}, side*side)}
}

// TestOwnPictureIsShown: what was done to a picture is said, it is asked about, and neither link nor report knows it.
func TestOwnPictureIsShown(t *testing.T) {
	s, _ := pictured(t)
	link := s.S.Link()
	s.brought(square(own.WishFile, 100, 0))
	p := s.S.Prompting
	if !p.Source.Own || p.Own.FullSide != 100 || p.Own.Pixels[0] != 1 || p.Own.Full[3] != 255 {
		t.Fatalf("shown: %+v", p.Source)
	}
	for _, said := range []string{"middle square", "laid over white", "scaled down to 64 by 64"} {
		if text := words(s.ownPanel()); !strings.Contains(text, said) {
			t.Errorf("%q is not said: %s", said, text)
		}
	}
	if s.S.Link() != link || strings.Contains(link, "mine") {
		t.Errorf("the link became %s", s.S.Link())
	}
	s.brought(square(own.WishPhoto, 64, 255))
	if text := words(s.ownPanel()); strings.Contains(text, "white") || strings.Contains(text, "scaled") || strings.Contains(text, "Keep on") {
		t.Errorf("of a photograph: %s", text)
	}
	s.ownFrom("yours")
	if s.S.Prompting.Own.FullSide != 100 || !strings.Contains(words(s.ownPanel()), "laid over white") {
		t.Error("the visitor's own picture does not come back")
	}
}

// TestOwnFaultsKeepTheScene: a picture that cannot be had leaves the scene, and an answer to the pointer leaves the words.
func TestOwnFaultsKeepTheScene(t *testing.T) {
	s, _ := pictured(t)
	key := s.S.Prompting.Source.Key
	s.brought(own.Brought{From: own.WishDrop, Why: "SVG"})
	s.do(state.Dismiss{Place: "prompt"})
	if s.S.Prompting.Source.Key != key || !strings.Contains(words(s.ownPanel()), "drawing without pixels") {
		t.Errorf("%s: %s", s.S.Prompting.Source.Key, words(s.ownPanel()))
	}
	s.brought(square(own.WishDrop, 64, 255))
	if strings.Contains(words(s.ownPanel()), "drawing without pixels") {
		t.Error("the words stay when a picture has come")
	}
}

// TestOwnIsKeptOnlyWhenAsked: nothing is written before the box is ticked; what is forgotten stays so, however the device is
// behind; a device that is full says so.
func TestOwnIsKeptOnlyWhenAsked(t *testing.T) {
	s, d := pictured(t)
	s.brought(square(own.WishCamera, 64, 255))
	if settle(s, d); len(d.files) != 0 {
		t.Fatal("a picture is kept though nobody asked for it")
	}
	s.keepOwn(true)
	if settle(s, d); len(d.files) != 1 || !s.own.same || !strings.Contains(words(s.ownPanel()), "Kept on this device") {
		t.Fatalf("%d files; %s", len(d.files), words(s.ownPanel()))
	}
	s.brought(square(own.WishPaint, 64, 255))
	if s.own.same || s.own.kept == nil || !strings.Contains(words(s.ownPanel()), "Keep on this device") {
		t.Error("the next picture passes for the one that is kept")
	}
	s.keepOwn(false)
	if settle(s, d); len(d.files) != 0 || s.own.kept != nil {
		t.Error("it is kept after all")
	}

	s.keepOwn(true)
	s.forgetOwn() // before the file is written
	if settle(s, d); len(d.files) != 0 || s.own.kept != nil || s.own.yours != nil || s.S.Prompting.Source.Own {
		t.Error("something is left of what was forgotten")
	}
	if w := d.wishes[len(d.wishes)-1]; w.What != own.WishForget {
		t.Error("a painting is left")
	}
	s.brought(square(own.WishFile, 64, 255))
	s.keepOwn(true)
	run(&d.todo) // the file is made
	run(&s.early)
	s.forgetOwn() // before it is stored
	if settle(s, d); len(d.files) != 0 || s.own.kept != nil {
		t.Error("something is stored of what was forgotten")
	}

	s.brought(square(own.WishFile, 64, 255))
	d.full = true
	s.keepOwn(true)
	if settle(s, d); s.own.kept != nil || !strings.Contains(words(s.ownPanel()), "did not keep the picture (no room)") {
		t.Errorf("a full device: %s", words(s.ownPanel()))
	}
}

// TestPaintingBeginsWithWhatIsShown: the last scene and the picture at hand are offered as 64 by 64 pixels.
func TestPaintingBeginsWithWhatIsShown(t *testing.T) {
	s, d := pictured(t)
	paint := func() own.Wish {
		s.ownFrom(own.WishPaint)
		return d.wishes[len(d.wishes)-1]
	}
	if w := paint(); w.Scene != nil || w.File != nil {
		t.Error("there is something to begin with before anything was shown")
	}
	s.S.Prompting.Shown = &state.Picture{Frame: wire.Frame{Answer: &wire.Answer{Side: 32}}, Buffers: [][]float32{slices.Repeat([]float32{1}, 3*32*32)}}
	if w := paint(); len(w.Scene) != 4*64*64 || w.Scene[0] != 255 || w.File != nil {
		t.Errorf("of a scene: %d and %d bytes", len(w.Scene), len(w.File))
	}
	s.brought(square(own.WishFile, 64, 255))
	if w := paint(); len(w.Scene) != 4*64*64 || !slices.Equal(w.File[:4], []byte{10, 20, 30, 255}) {
		t.Errorf("of a picture: %d and %d bytes", len(w.Scene), len(w.File))
	}
}
