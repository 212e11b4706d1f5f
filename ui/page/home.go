package page

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// home is the shelf.
type home struct {
	app.Compo
	Site *Site
	At   [2]int
}

// Render draws the page.
func (h *home) Render() app.UI {
	return app.Main().ID("main").Class("wrap").Body(app.H1().Text("Petri"))
}

type claimsPage struct {
	app.Compo
	Site *Site
	At   [2]int
}

// Render draws the page.
func (c *claimsPage) Render() app.UI {
	return app.Main().ID("main").Class("wrap").Body(app.H1().Text("Claims"))
}

func howPage() app.UI { return app.Main().ID("main").Class("wrap").Body(app.H1().Text("How it works")) }
func (s *Site) creditsPage() app.UI {
	return app.Main().ID("main").Class("wrap").Body(app.H1().Text("Credits"))
}
func (s *Site) missingPage() app.UI {
	return app.Main().ID("main").Class("wrap").Body(app.H1().Text("No such page"))
}
