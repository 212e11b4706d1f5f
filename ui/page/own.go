package page

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/own"
	"petri/ui/state"
)

// Pictures of the visitor's own. What is brought enters by state.OwnPicture; what cannot be read is told at "own", since an
// answer to the pointer takes away what stands at "prompt".

// ownKept is where the picture that the visitor keeps on this device is stored.
const ownKept = "own/"

// owned is what the page knows of the visitor's own pictures, beside the one that the state shows.
type owned struct {
	begun     bool
	from      string            // where the picture at hand came from
	notes     string            // what was done to it
	yours     *state.OwnPicture // the last one that is no photograph of the site's
	words     string            // what was done to that one
	kept      []byte            // the file that is kept on this device
	same      bool              // it is of yours
	scene     []byte            // the last scene, to paint on
	changes   int
	forgotten int // times
}

// ownPanel is where pictures are brought in, kept and forgotten.
func (s *Site) ownPanel() app.UI {
	p := s.S.Prompting
	if p == nil {
		return app.Div().Hidden(true)
	}
	at := version{s.own.changes, s.S.V.Faults}
	if p.Source.Own {
		at[2] = 1
	}
	return &ownPictures{Site: s, At: at}
}

// ownPictures is a row of sources, and what becomes of a picture of the visitor's.
type ownPictures struct {
	app.Compo
	Site *Site
	At   version
}

// OnMount makes the page ready for what is dropped or pasted, and looks for what was kept.
func (o *ownPictures) OnMount(app.Context) {
	s := o.Site
	if s.host == nil || s.own.begun {
		return
	}
	s.own.begun = true
	s.host.Own(own.Wish{})
	s.host.Kept(ownKept, func(values [][]byte) {
		s.later(func() {
			if len(values) > 0 && s.own.kept == nil {
				s.own.kept = values[0]
				s.ownChanged()
			}
		})
	})
}

// Render draws the row.
func (o *ownPictures) Render() app.UI {
	s := o.Site
	from, words := "scene", "Drop or paste a picture, too. It stays in this tab: nothing is sent, and no link or report holds it."
	if p := s.S.Prompting; p != nil && p.Source.Own {
		from, words = s.own.from, s.own.notes
	}
	var list []app.UI
	for _, source := range ownSources {
		name, text := source[0], source[1]
		if name == "yours" && s.own.yours == nil && s.own.kept == nil {
			continue
		}
		list = append(list, chip("chip word", "source", name, "", from == name, o.choose, text))
	}
	keep := app.Div().Hidden(true)
	if s.own.kept != nil || from == "yours" {
		says, same := "Keep on this device", s.own.same && s.own.kept != nil
		if same {
			says = "Kept on this device, in this browser's storage for this site"
		}
		tick := word("A picture is kept on this device.")
		if from == "yours" {
			if s.own.kept != nil && !same {
				says = "Keep on this device, in place of the one that is kept"
			}
			tick = app.Label().Class("switch").Body(app.Input().ID("own-keep").Type("checkbox").Checked(same).OnChange(o.keep), word(says))
		}
		keep = div("ownkeep", tick, press("btn", "forget", "own", o.forget, word("Forget")))
	}
	return group("panel", "Picture",
		div("ph", app.H2().Text("Picture")),
		div("pb", group("chips", "From", list...), para("cap", words).Attr("aria-live", "polite"), keep, s.faultNear("own"))).ID("own").DataSet("own", "")
}

// ownSources are where a picture may come from: a wish, a photograph that comes with the site (assets/data/photos), or what is
// here already.
var ownSources = [][2]string{{"scene", "Scene"}, {"cat", "Photo: cat"}, {"cup", "Photo: cup"}, {"astronaut", "Photo: astronaut"}, {"yours", "Your picture"},
	{own.WishFile, "Your file"}, {own.WishCamera, "Camera"}, {own.WishPaint, "Paint"}}

func (o *ownPictures) choose(ctx app.Context, _ app.Event) { o.Site.ownFrom(chosen(ctx, "source")) }

// ownFrom takes a picture from a source.
func (s *Site) ownFrom(name string) {
	w := own.Wish{What: name}
	switch name {
	case "scene":
		s.do(state.NewScene{})
		return
	case "yours":
		if s.own.yours != nil {
			s.own.from, s.own.notes = "yours", s.own.words
			s.own.changes++
			s.do(*s.own.yours)
			return
		}
		w.What, w.File = own.WishKept, s.own.kept
	case own.WishPaint:
		if p := s.S.Prompting; p != nil {
			s.ownScene(p)
			w.Scene = s.own.scene
			if p.Own != nil {
				w.File = own.Grid(p.Own.Pixels, own.Side)
			}
		}
	case own.WishFile, own.WishCamera:
	default:
		w = own.Wish{What: own.WishPhoto, Name: name, Address: s.Data.Address("data/photos/" + name + ".jpg")}
	}
	s.host.Own(w)
}

func (s *Site) ownChanged() {
	s.own.changes++
	s.refresh(false)
}

// ownScene keeps the scene at hand to paint on, before a picture takes its place.
func (s *Site) ownScene(p *state.Prompting) {
	if p.Source.Own || p.Shown == nil {
		return
	}
	if a, b := p.Shown.Frame.Answer, p.Shown.Buffers; a != nil && len(b) > 0 && a.Side > 0 && len(b[0]) == 3*a.Side*a.Side {
		s.own.scene = own.Grid(b[0], a.Side)
	}
}

// brought takes what came of a wish. The scene on the screen stays where there is no picture.
func (s *Site) brought(b own.Brought) {
	p := s.S.Prompting
	if p == nil {
		return // another page is read by now
	}
	if b.Why != "" {
		s.do(state.Complain{Place: "own", Text: own.Words(b.Why)})
		s.host.After(revealAfter, func() { s.host.Reveal("#own .fault") })
		return
	}
	s.ownScene(p)
	made := b.Make()
	pic := state.OwnPicture{Name: b.Name, Pixels: made.Pixels, Full: b.RGBA, FullSide: b.Side}
	s.own.from, s.own.notes = b.Name, made.Notes
	if b.From != own.WishPhoto {
		s.own.from, s.own.yours, s.own.words, s.own.same = "yours", &pic, made.Notes, b.From == own.WishKept
	}
	s.own.changes++
	s.do(state.Dismiss{Place: "own"})
	s.do(pic)
	s.host.Reveal(".panel.stage")
}

// revealAfter is how long a fault is given to be drawn before it is looked for, in milliseconds.
const revealAfter = 200

// keep is the box being ticked or not. It shows what is so: it changes once that is done.
func (o *ownPictures) keep(ctx app.Context, _ app.Event) {
	s := o.Site
	ctx.JSSrc().Set("checked", s.own.same)
	s.keepOwn(!s.own.same)
}

// keepOwn writes the visitor's picture to this device, or takes it away again.
func (s *Site) keepOwn(on bool) {
	pic, turn := s.own.yours, s.own.forgotten
	if pic == nil {
		return
	}
	if !on {
		s.host.Forget(ownKept)
		s.own.kept, s.own.same = nil, false
		s.own.forgotten++
		s.ownChanged()
		return
	}
	stored := func(file []byte, err error) {
		switch {
		case s.own.forgotten != turn: // meanwhile
		case err != nil:
			s.do(state.Complain{Place: "own", Text: "This device did not keep the picture (" + err.Error() + "). It stays in this tab."})
		default:
			s.own.kept, s.own.same = file, s.own.yours == pic
			s.ownChanged()
		}
	}
	s.host.OwnPNG(pic.FullSide, pic.Full, func(file []byte, err error) {
		s.later(func() {
			if err != nil || s.own.forgotten != turn {
				stored(nil, err)
				return
			}
			s.host.Keep(ownKept+"picture", file, func(err error) { s.later(func() { stored(file, err) }) })
		})
	})
}

func (o *ownPictures) forget(app.Context, app.Event) { o.Site.forgetOwn() }

// forgetOwn drops the visitor's picture from this device and from this tab.
func (s *Site) forgetOwn() {
	shown := s.own.from == "yours"
	s.host.Forget(ownKept)
	s.host.Own(own.Wish{What: own.WishForget})
	s.own = owned{begun: true, scene: s.own.scene, changes: s.own.changes + 1, forgotten: s.own.forgotten + 1}
	s.do(state.Dismiss{Place: "own"})
	s.do(state.ForgetOwn{Shown: shown})
	s.do(state.Say{Text: "Forgotten: neither this device nor this tab has the picture"})
}
