package page

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/page/chart"
	"petri/ui/stage"
)

// look is the picture on the stage and the view of it, as far as the page knows.
func (s *Site) look() (*stage.Picture, stage.View) {
	v := s.view()
	if s.S.Frame == nil {
		return nil, v
	}
	p, err := stage.NewPicture(s.S.Frame.Frame, s.S.Frame.Buffers)
	if err != nil {
		return nil, v
	}
	return p, v
}

// view is how the page draws the picture by itself: with the token that is marked.
func (s *Site) view() stage.View {
	v := stage.NewView()
	if s.S.Token >= 0 {
		v.Query = s.S.Token
	}
	v.Prompting = s.prompting()
	return v
}

// numbers is the picture as a table: where the marked token looks, in every map.
func (s *Site) numbers() chart.Table {
	columns, rows := stage.Table(s.look())
	return chart.Table{Columns: columns, Rows: rows}
}

// tabled shows the numbers below the picture while they are wanted.
func (p *stagePanel) tabled() app.UI {
	picture, view := p.Site.look()
	if !p.table || picture == nil {
		return app.Div().Hidden(true)
	}
	tables := stage.Tables(picture, view)
	if len(tables) == 0 {
		return app.Div().Hidden(true)
	}
	var body []app.UI // several stand in one box, each with its title
	for _, t := range tables {
		if len(tables) > 1 {
			body = append(body, app.P().Class("cap").Body(app.B().Text(t.Title)))
		}
		body = append(body, tableOf(t))
	}
	name := tables[0].Title
	if len(tables) > 1 {
		name = "The numbers of the picture"
	}
	return app.Div().Class("stagetable").Body(
		app.P().Class("cap").Text(stage.Describe(picture, view)),
		app.Div().Class("tw", "tablebox").TabIndex(0).Attr("role", "region").Aria("label", name).Body(body...),
	)
}

func tableOf(t stage.Numbers) app.UI {
	head := make([]app.UI, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = app.Th().Scope("col").Text(c)
	}
	rows := make([]app.UI, len(t.Rows))
	for i, r := range t.Rows {
		cells := make([]app.UI, len(r))
		for k, c := range r {
			if k == 0 {
				cells[k] = app.Th().Scope("row").Text(c)
				continue
			}
			cells[k] = app.Td().Text(c)
		}
		rows[i] = app.Tr().Body(cells...)
	}
	return app.Table().Class("data").Body(app.THead().Body(app.Tr().Body(head...)), app.TBody().Body(rows...))
}

func (p *stagePanel) showTable(app.Context, app.Event) { p.table = !p.table }

func (p *stagePanel) csv(app.Context, app.Event) {
	if site := p.Site; site.host != nil && site.S.Frame != nil {
		what := "attention"
		if site.S.Frame.Frame.Answer != nil {
			what = "masks"
		}
		site.host.Save("petri-"+site.S.Lab.ID+"-"+what+".csv", "text/csv", []byte(site.numbers().CSV()))
	}
}
