package page

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/state"
)

// Root is every page. There is one component for all addresses, so that the stage's iframe stays alive while the
// visitor reads another page: go-app takes down everything when the component of a route changes.
type Root struct {
	app.Compo
	site *Site
	ctx  app.Context
	page app.Page
}

// OnInit finds the site and, in a browser, opens the address before the first drawing.
func (r *Root) OnInit() {
	r.site = browsing
	if r.site == nil {
		r.site = newSite(configured, nil)
		return
	}
	r.site.root = r
	r.site.open(app.Window().URL())
	r.site.takeAll()
}

// OnPreRender opens the address for which the generator asks.
func (r *Root) OnPreRender(ctx app.Context) {
	r.page = ctx.Page()
	r.site.root = r
	r.site.open(ctx.Page().URL())
	r.site.takeAll()
	r.describe()
}

// OnMount connects the site to go-app.
func (r *Root) OnMount(ctx app.Context) {
	r.ctx, r.page = ctx, ctx.Page()
	r.site.mounted(ctx, r)
	r.describe()
}

// OnNav follows the address, after a link or the back button.
func (r *Root) OnNav(ctx app.Context) {
	r.page = ctx.Page()
	before := r.site.S.Place
	r.site.open(ctx.Page().URL())
	r.describe()
	if before != r.site.S.Place {
		r.site.takeAll() // another page is drawn at once, not part by part
	}
	if r.site.host != nil && before != r.site.S.Place && ctx.Page().URL().Fragment == "" {
		app.Window().Call("scrollTo", 0, 0)
	}
}

// push makes an entry in the visitor's history.
func (r *Root) push(u *url.URL) {
	if r.ctx != nil {
		r.ctx.NavigateTo(u)
	}
}

// describe sets the title and the description of the page.
func (r *Root) describe() {
	s := r.site.S
	title, text := "Petri", "Small, real laboratories of vision papers: train them in your own browser and see their claims checked live."
	switch s.Place {
	case state.AtLab:
		title, text = s.Lab.Question+" · "+s.Lab.Short+" · Petri", s.Lab.Idea
	case state.Claims:
		title, text = "Claims · Petri", "Every claim that Petri's labs check, with its verdict."
	case state.How:
		title, text = "How it works · Petri", "What runs where, why a link gives the same bits on every machine, and how a claim is judged."
	case state.Credits:
		title, text = "Credits · Petri", "Where data and weights come from, and the licences of what Petri is built with."
	case state.AtBench:
		title, text = "Bench · Petri", "Measure what Petri's kernels reach on this machine, beside the recorded figures of other engines."
	case state.Missing:
		title = "No such page · Petri"
	}
	r.page.SetTitle(title)
	r.page.SetDescription(text)
}

// Render draws the page.
func (r *Root) Render() app.UI {
	s := r.site
	body := []app.UI{
		s.sheet(),
		app.A().Class("skip").Href("#main").Text("Skip to the content"),
		&header{Site: s, At: s.S.V.Place, Theme: s.themes},
	}
	atLab := s.S.Place == state.AtLab
	// A lab that was opened once stays in the page, hidden, while others are read.
	if s.S.Lab.ID != "" && (atLab || s.stageEver) {
		body = append(body, s.lab(!atLab))
	} else {
		body = append(body, app.Div().Hidden(true))
	}
	switch s.S.Place {
	case state.AtLab:
		body = append(body, app.Div().Hidden(true))
	case state.Home:
		body = append(body, &home{Site: s, At: s.at(partPages)})
	case state.Claims:
		body = append(body, &claimsPage{Site: s, At: s.at(partPages)})
	case state.How:
		body = append(body, s.howPage())
	case state.Credits:
		body = append(body, s.creditsPage())
	case state.AtBench:
		v := s.S.V
		body = append(body, app.Main().ID("main").Class("wrap text benchmark").Body(
			&benchPage{Site: s, At: version{v.Bench, v.BenchAt, v.Faults, v.Progress, v.Place}}))
	default:
		body = append(body, s.missingPage())
	}
	body = append(body, s.footer(), helpDialog(s), s.toast())
	return app.Div().ID("petri").Body(body...)
}

// sheet is the style sheet of this page alone, where it has one.
func (s *Site) sheet() app.UI {
	name := string(s.S.Place)
	if s.S.Place == state.AtLab {
		name = s.S.Lab.ID
	}
	name = "css/" + name + ".css"
	if s.Data.Files[name] == "" {
		return app.Div().Hidden(true)
	}
	return app.Raw(`<link href="` + s.Data.Address(name) + `" rel="stylesheet">`)
}

func (s *Site) toast() app.UI {
	class := "toast"
	if s.S.Toast != "" {
		class += " on"
	}
	return app.Div().Class(class).Attr("role", "status").Text(s.S.Toast)
}

func (s *Site) footer() app.UI {
	return app.Footer().Body(app.Div().Class("wrap").Body(
		app.Span().Text("Petri runs in your browser. Nothing you make leaves it."),
		app.A().Href(s.href("how")).Text("How it works"),
		app.A().Href(s.href("claims")).Text("All claims"),
		app.A().Href(s.href("bench")).Text("Bench"),
		app.A().Href(s.href("credits")).Text("Credits and licences"),
		app.Span().Class("faint mono").Text("engine "+s.Data.Catalog.Engine),
	))
}
