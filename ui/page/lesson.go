package page

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
	"petri/ui/state"
)

// lesson is one part of the narrative of a lab: what stands beside the stage, or what follows below the race; a rule
// in the text parts them. The text is HTML made when the site was generated. In it, an element with
// data-stage lights a part of the stage while it is pointed at or has the focus, and a link whose address is only a
// query sets knobs.
type lesson struct {
	app.Compo
	Site  *Site
	Lab   string
	Below bool                        // the second part
	At    int                         // version of the report, which may answer a question
	found map[string]wire.ClaimReport // what runs have answered, by claim
}

// Render draws the text.
func (l *lesson) Render() app.UI {
	html, below, _ := strings.Cut(l.Site.Data.Lessons[l.Lab], "<hr>")
	if l.Below {
		html = below
	}
	return app.Div().Class("prose").OnMouseOver(l.light).OnMouseOut(l.dark).On("focusin", l.light).On("focusout", l.dark).OnChange(l.chose).OnClick(l.clicked).Body(
		app.Raw("<div>" + html + "</div>"))
}

// clicked brings the play button into view once a question has set up its run: it may be screens away.
func (l *lesson) clicked(_ app.Context, e app.Event) {
	if l.Site.host == nil || !e.Get("target").Call("closest", `section.ask a[href^="?"]`).Truthy() {
		return
	}
	l.Site.host.After(setUpMs, func() {
		if play := app.Window().GetElementByID("play"); play.Truthy() {
			play.Call("scrollIntoView", map[string]any{"block": "center"})
			play.Call("focus", map[string]any{"preventScroll": true})
		}
	})
}

// setUpMs is how long the page may take to follow the link of a question, in milliseconds.
const setUpMs = 150

func (l *lesson) light(_ app.Context, e app.Event) {
	target := e.Get("target").Call("closest", "[data-stage]")
	if target.Truthy() {
		l.Site.stageSet(stage.Set{"light": target.Get("dataset").Get("stage").String()})
	}
}

func (l *lesson) dark(_ app.Context, e app.Event) {
	if e.Get("target").Call("closest", "[data-stage]").Truthy() {
		l.Site.stageSet(stage.Set{"light": ""})
	}
}

// pointed is the text alternative of what the stage shows, kept for a live region.
func (s *Site) pointed() string {
	if s.stageSays.Text != "" {
		return s.stageSays.Text
	}
	if f := s.S.Frame; f != nil {
		if p, err := stage.NewPicture(f.Frame, f.Buffers); err == nil {
			return stage.Sentence(p, stage.NewView())
		}
	}
	return ""
}

// stageSaid takes what the stage says.
func (s *Site) stageSaid(text []byte) {
	e, err := readStage(text)
	if err != nil {
		return
	}
	if e.Petri != stage.EventKey {
		s.stageSays = e
	}
	switch e.Petri {
	case stage.EventReady:
		s.stageUp = true
		s.staged = [3]int{-1, -1, -1}
		s.stageSync()
		s.S.V.View++
		s.refresh(false)
	case stage.EventSize:
		s.stageHigh = e.Height
		s.S.V.View++
		s.refresh(false)
	case stage.EventHover:
		s.do(state.Point{Token: e.Token})
	case stage.EventPin:
		s.do(state.Pin{Token: e.Token, Pinned: e.Pinned})
	case stage.EventMatrix:
		s.do(state.Look{Example: -1, Layer: e.Layer, Matrix: e.Matrix})
	case stage.EventSelect: // panels of a network with maps of several sizes are of the selected layer
		if f := s.S.Frame; f != nil && f.Frame.Sized() && e.Layer != s.S.Focus.Layer {
			s.do(state.Look{Example: -1, Layer: e.Layer})
		}
	case stage.EventOutput:
		s.do(state.Reach{Cell: e.Cell})
	case stage.EventPrompt:
		s.gesture(e.Gesture)
	case stage.EventKey:
		s.key(Pressed{Key: e.Press, Prevent: func() {}})
	case "failed":
		s.stageFail = e.Text
		s.S.V.View++
		s.refresh(false)
	}
}
