package page

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/state"
)

// header is the bar at the top of every page.
type header struct {
	app.Compo
	Site  *Site
	At    int
	Theme int
}

// Render draws the bar.
func (h *header) Render() app.UI {
	s := h.Site
	end := []app.UI{app.Button().Class("btn ghost hide-s").Type("button").Aria("keyshortcuts", "?").OnClick(h.help).Body(app.Raw("<kbd>?</kbd>"), app.Span().Text("keys"))}
	if s.host != nil && s.host.UpdateReady() {
		end = append(end, app.Button().ID("update").Class("btn").Type("button").OnClick(h.update).Text("Update ready"))
	}
	if s.host != nil && s.host.Installable() {
		end = append(end, app.Button().ID("install").Class("btn hide-s").Type("button").OnClick(h.install).Body(icon(iconInstall), app.Span().Text("Install")))
	}
	end = append(end, h.themeButton())
	return app.Header().Class("top").Body(app.Div().Class("wrap").Body(
		app.A().Class("brand").Href(s.href("")).Aria("label", "Petri, all labs").Body(app.Raw(mark), app.Span().Text("Petri")),
		app.Nav().Class("nav").Aria("label", "Main").Body(
			s.navLink("", "Labs", s.S.Place == state.Home || s.S.Place == state.AtLab),
			s.navLink("claims", "Claims", s.S.Place == state.Claims),
			s.navLink("how", "How it works", s.S.Place == state.How),
			s.navLink("credits", "Credits", s.S.Place == state.Credits),
		),
		app.Div().Class("end").Body(end...),
	))
}

func (s *Site) navLink(path, text string, here bool) app.UI {
	// On a phone the first word has to do.
	first, rest, _ := strings.Cut(text, " ")
	a := app.A().Href(s.href(path)).Body(app.Text(first), app.Span().Class("hide-s").Text(strings.TrimSuffix(" "+rest, " ")))
	if here {
		a = a.Aria("current", "page")
	}
	return a
}

func (h *header) themeButton() app.UI {
	name, lines := "Theme: as the system", iconTheme
	switch h.Site.theme {
	case "light":
		name, lines = "Theme: light", iconSun
	case "dark":
		name, lines = "Theme: dark", iconMoon
	}
	return app.Button().ID("theme").Class("btn ghost icon").Type("button").Title(name).Aria("label", name).OnClick(h.nextTheme).Body(icon(lines))
}

func (h *header) nextTheme(app.Context, app.Event) { h.Site.nextTheme() }
func (h *header) help(app.Context, app.Event)      { h.Site.showHelp(true) }
func (h *header) update(app.Context, app.Event)    { h.Site.host.Update() }
func (h *header) install(app.Context, app.Event)   { h.Site.host.Install() }

func (s *Site) showHelp(open bool) {
	if s.host != nil {
		s.host.Dialog("help", open)
	}
}

// helpDialog lists the keys.
func helpDialog(s *Site) app.UI {
	rows := [][2]string{
		{"Space", "play, pause; measure, on the bench"}, {".", "one step"}, {"R", "reset to the recorded run"}, {"[ ]", "slower, faster"},
		{"S", "copy the link of this run"}, {"arrows", "on the stage: move the marked token"}, {"Enter", "on the stage: keep the token"}, {"Esc", "let go; close; cancel, on the bench"}, {"?", "this list"},
	}
	if s.S.Prompting != nil && s.S.Place == state.AtLab {
		rows = append(rows, promptKeys...)
	}
	list := make([]app.UI, 0, 2*len(rows))
	for _, r := range rows {
		list = append(list, app.Dt().Body(app.Raw("<kbd>"+r[0]+"</kbd>")), app.Dd().Text(r[1]))
	}
	return app.Dialog().ID("help").Aria("labelledby", "help-title").Body(
		app.Div().Class("ph").Body(app.H2().ID("help-title").Text("Keys"), app.Div().Class("tools").Body(
			app.Button().Class("tool").Type("button").OnClick(func(app.Context, app.Event) { s.showHelp(false) }).Text("Close"))),
		app.Dl().Class("keys").Body(list...),
		app.P().Class("faint").Text("Keys do nothing while you type."),
	)
}

// key acts on a key pressed outside of text fields.
func (s *Site) key(k Pressed) {
	use := func(e state.Event) {
		k.Prevent()
		s.do(e)
	}
	if k.Key == "?" {
		k.Prevent()
		s.showHelp(true)
		return
	}
	if s.S.Place == state.AtBench {
		switch k.Key {
		case " ":
			k.Prevent()
			s.measure(state.BenchQuick)
		case "Escape":
			use(state.CancelBench{})
		}
		return
	}
	if s.S.Place != state.AtLab {
		return
	}
	if s.promptKey(k.Key) {
		k.Prevent()
		return
	}
	switch k.Key {
	case " ":
		k.Prevent()
		s.play()
	case ".":
		use(state.Step{})
	case "r", "R":
		use(state.Reset{})
	case "[":
		use(state.SetPace{Pace: s.S.Pace - 1})
	case "]":
		use(state.SetPace{Pace: s.S.Pace + 1})
	case "s", "S":
		k.Prevent()
		s.share("hero")
	case "Escape":
		s.stagePress("Escape")
	}
}
