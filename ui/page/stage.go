package page

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
	"petri/ui/stage/still"
	"petri/ui/state"
)

// stagePanel holds the stage: the recorded picture before anything is loaded, then the iframe that draws live.
type stagePanel struct {
	app.Compo
	Site  *Site
	At    version
	table bool // the numbers are shown below the picture
}

// StageFrame is the id of the iframe.
const StageFrame = "stage-frame"

// Render draws the panel.
func (p *stagePanel) Render() app.UI {
	s := p.Site.S
	if s.Prompting != nil {
		return p.promptPanel()
	}
	sub := "nothing to show before the first step"
	examples := 0
	if f := s.Frame; f != nil {
		examples = f.Frame.Examples
		sub = p.about(f)
	}
	alone := !s.CanLook() || examples < 2
	why := "Another example"
	if alone {
		why = "A recorded run keeps one picture. Press play to look at others."
	}
	return app.Section().Class("panel stage").Aria("label", "Stage").Body(
		app.Div().Class("ph").Body(
			app.H2().Text(s.Lab.Stage.Title), app.Span().Class("sub").Text(sub),
			app.Div().Class("tools").Body(
				app.Button().Class("tool turn").Type("button").Aria("label", "Previous example").Title(why).Disabled(alone).OnClick(p.previous).Text("‹"),
				app.Button().Class("tool turn").Type("button").Aria("label", "Next example").Title(why).Disabled(alone).OnClick(p.next).Text("›"),
				app.Button().Class("tool").Type("button").Aria("pressed", strconv.FormatBool(p.table)).Disabled(s.Frame == nil).OnClick(p.showTable).Text("Table"),
				app.Button().Class("tool").Type("button").Disabled(s.Frame == nil).OnClick(p.svg).Text("SVG"),
				app.Button().Class("tool").Type("button").Disabled(s.Frame == nil).OnClick(p.png).Text("PNG"),
				app.Button().Class("tool").Type("button").Disabled(s.Frame == nil).OnClick(p.csv).Text("CSV"),
			)),
		p.picture(),
		p.tabled(),
		app.P().Class("sr").Attr("aria-live", "polite").Text(p.Site.pointed()),
		p.Site.faultNear("stage"),
	)
}

// about says of what the picture is. A recorded run kept the picture of one racer: with another one, another layer or
// another matrix chosen it says what shows that.
func (p *stagePanel) about(f *state.Picture) string {
	s := p.Site.S
	name := s.ArmInfo(f.Frame.Arm).Label
	if r := p.Site.finished(); r != nil && !f.Recorded {
		for _, a := range r.Arms {
			if a.Arm == f.Frame.Arm {
				name = a.Label // also while the knobs stand elsewhere
			}
		}
	}
	switch {
	case f.Recorded && s.Arm != "" && s.Arm != f.Frame.Arm:
		return fmt.Sprintf("recorded: %s, step %d · play to see %s", name, f.Frame.Step, s.ArmInfo(s.Arm).Label)
	case f.Recorded && f.Frame.Sized() && s.Focus.Token != f.Frame.Token:
		return fmt.Sprintf("recorded: %s, step %d · play to see what reaches another output", name, f.Frame.Step)
	case f.Recorded && !f.Frame.Sized() && (s.Focus.Layer != f.Frame.Layer || s.Focus.Matrix != f.Frame.Matrix):
		return fmt.Sprintf("recorded: %s, step %d · play to see %s in layer %d", name, f.Frame.Step, s.Focus.Matrix, s.Focus.Layer+1)
	case f.Recorded:
		return fmt.Sprintf("recorded: %s, step %d · a run shows the others", name, f.Frame.Step)
	}
	sub := fmt.Sprintf("%s · seed %d · step %d", name, f.Frame.Trial.Seed+1, f.Frame.Step)
	if f.Frame.Examples > 0 {
		sub += fmt.Sprintf(" · example %d of %d", f.Frame.Example+1, f.Frame.Examples)
	}
	return sub
}

// picture is the drawing itself.
func (p *stagePanel) picture() app.UI {
	site := p.Site
	if site.stageFail != "" || site.host == nil || !site.stageEver {
		return app.Div().Class("still").Body(site.still(), app.Div().Hidden(true))
	}
	frame := app.IFrame().ID(StageFrame).Class("stageframe").Title("Live picture of the run").Src("/"+site.Data.Files["stage/stage.html"]).Attr("scrolling", "no")
	class := "still"
	if site.stageUp && site.S.Frame != nil {
		class += " live"
		if site.stageHigh > 0 {
			frame = frame.Style("height", strconv.Itoa(int(site.stageHigh+0.5))+"px")
		}
	}
	// The still picture stays until the live one can take its place.
	var under app.UI = app.Div().Hidden(true)
	if class == "still" {
		under = site.still()
	}
	return app.Div().Class(class).Body(under, frame)
}

// still draws the frame at hand as SVG in the page's own colours.
func (s *Site) still() app.UI {
	f := s.S.Frame
	if f == nil {
		return app.P().Class("empty").Text("Press play: the picture comes with the first steps.")
	}
	if s.stillOf == nil && s.stillHTML != "" && f.Recorded {
		s.stillOf = f // the page came with this one
	}
	if s.stillOf != f && s.stillDue(f) {
		pictures, err := s.drawings(s.S.Lab, *f)
		if err != nil {
			return app.P().Class("empty").Text("The picture of this run cannot be drawn: " + err.Error())
		}
		s.stillOf, s.stillHTML = f, pictures
	}
	return app.Raw(s.stillHTML)
}

// stillDue reports whether the still picture is worth drawing again: it costs a few tens of milliseconds. A live frame
// has the stage for that; only where the stage has failed does the still follow the run, once a second.
func (s *Site) stillDue(f *state.Picture) bool {
	if s.stillHTML == "" || f.Recorded || s.host == nil {
		return true
	}
	if s.stageFail == "" || s.host.Now() < s.stillAt+1000 {
		return false
	}
	s.stillAt = s.host.Now()
	return true
}

// drawings is a picture drawn twice, for a wide and for a narrow place; the style sheet shows the one that fits, so that
// words keep their size on a phone. The maps are the same in both and stand in the page once.
func (s *Site) drawings(lab wire.Lab, f state.Picture) (string, error) {
	p, err := stage.NewPicture(f.Frame, f.Buffers)
	if err != nil {
		return "", err
	}
	var sheet still.Sheet
	draw := func(width float64) string {
		v := s.view()
		v.Width = width
		v.Layer = max(0, f.Frame.Layer)
		v.Pinned = s.S.Pinned && s.S.Token >= 0
		return sheet.Draw(stage.Build(p, v), "", lab.Stage.Title, stage.Describe(p, v)) // theme "" follows the page
	}
	wide := draw(640)
	if s.host == nil && (f.Frame.Sequence != nil || f.Frame.Answer != nil) {
		// The page as it is written has one drawing of such a frame, which has twice as many maps as others, or masks and maps: the
		// second one would take the page over what it may weigh. A narrow window has the wide one, small, until the page's program draws its own.
		return `<div class="fits">` + sheet.Symbols() + wide + `</div>`, nil
	}
	narrow := draw(340)
	return `<div class="fits">` + sheet.Symbols() + `<div class="wide">` + wide + `</div><div class="narrow">` + narrow + `</div></div>`, nil
}

func (p *stagePanel) previous(app.Context, app.Event) { p.turn(-1) }
func (p *stagePanel) next(app.Context, app.Event)     { p.turn(1) }

func (p *stagePanel) turn(by int) {
	f := p.Site.S.Frame
	if f == nil || f.Frame.Examples == 0 {
		return
	}
	n := f.Frame.Examples
	p.Site.do(state.Look{Example: (p.Site.S.Focus.Example + by + n) % n, Layer: -1})
}

func (p *stagePanel) svg(app.Context, app.Event) { p.export(false) }
func (p *stagePanel) png(app.Context, app.Event) { p.export(true) }

func (p *stagePanel) export(pixels bool) {
	site := p.Site
	if site.S.Frame == nil || site.host == nil {
		return
	}
	theme := "light"
	if site.isDark() {
		theme = "dark"
	}
	picture, err := stage.NewPicture(site.S.Frame.Frame, site.S.Frame.Buffers)
	if err != nil {
		site.do(state.Complain{Place: "stage", Text: "The picture cannot be exported: " + err.Error() + "."})
		return
	}
	v := site.view()
	scene := stage.Build(picture, v)
	svg := still.Draw(scene, theme, site.S.Lab.Stage.Title, stage.Describe(picture, v))
	name := "petri-" + site.S.Lab.ID + "-stage"
	if pixels {
		site.host.SavePNG(name+".png", svg, int(scene.W), int(scene.H))
		return
	}
	site.host.Save(name+".svg", "image/svg+xml", []byte(svg))
}

func readStage(text []byte) (e stage.Event, err error) {
	err = json.Unmarshal(text, &e)
	return e, err
}

// stageOpen puts the iframe into the page.
func (s *Site) stageOpen() {
	s.stageEver = true
	s.S.V.View++ // nothing else has changed: the panel is to be drawn again for this
	s.refresh(false)
}

// stageSync gives the stage what it does not have yet: the latest frame, the theme.
func (s *Site) stageSync() {
	if s.host == nil || s.S.Place != state.AtLab {
		return
	}
	if !s.stageEver && !s.stageSoon { // the still picture does until then
		s.stageSoon = true
		s.host.Stage(".panel.stage", func() { s.later(s.stageOpen) })
	}
	if !s.stageUp {
		return
	}
	if s.staged[1] != s.themes {
		theme := "light"
		if s.isDark() {
			theme = "dark"
		}
		s.staged[1] = s.themes
		s.stageSet(stage.Set{"theme": theme})
	}
	var in stage.Input
	var buffers [][]float32
	v := &s.S.V
	if f := s.S.Frame; f != nil && s.staged[0] != v.Frame {
		s.staged[0] = v.Frame
		in.Frame, buffers = &f.Frame, f.Buffers
	}
	if s.staged[2] != v.Prompt+v.Every || in.Frame != nil {
		s.staged[2] = v.Prompt + v.Every
		in.Prompting = s.prompting()
	}
	if in.Frame != nil || in.Prompting != nil {
		s.stageShow(in, buffers)
	}
}

func (s *Site) stageSet(set stage.Set) { s.stageShow(stage.Input{Set: set}, nil) }

func (s *Site) stagePress(key string) { s.stageShow(stage.Input{Press: key}, nil) }

func (s *Site) stageShow(in stage.Input, buffers [][]float32) {
	if s.host == nil || !s.stageUp {
		return
	}
	data, err := wire.Encode(wire.Message[stage.Input]{Head: in, Buffers: buffers})
	if err != nil || !s.host.Show(data) {
		s.stageUp = false // it says when it is up again
	}
}

// finished is the report of the visitor's own run, nil where another one or an unfinished one is shown.
func (s *Site) finished() *wire.Report {
	if s.S.Source() != state.Yours {
		return nil
	}
	return s.S.Shown()
}
