package chart

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// panel frames pictures: title, tools, the pictures or their data as a table, caption.
type panel struct {
	app.Compo
	Sheet    Sheet
	ID       string // file name of exports, and of the element
	Graphics []Graphic
	Data     Table // for CSV, where it is not that of the only picture
	Static   bool  // Data is the picture: a table and no drawing
	Class    string
	Sorts    Sorts  // where the order of a table is kept; nil where it cannot be sorted
	SortKey  string // of this table in Sorts
	Lead     app.UI // above the pictures; nil for nothing
	Below    app.UI // beneath the pictures; nil for nothing
	Rev      int

	table bool
}

// tableRows is how many rows the table view shows; the CSV has all.
const tableRows = 60

// Render draws the component.
func (p *panel) Render() app.UI {
	var body []app.UI
	if p.Lead != nil {
		body = append(body, p.Lead)
	}
	switch {
	case p.Static:
		body = append(body, sortedView(p.Data.sorted(p.Sorts[p.SortKey]), p.Sheet.Title, p.head))
	case p.table:
		for _, g := range p.Graphics {
			body = append(body, TableView(g.Table(), g.Alt()))
		}
	default:
		views := make([]app.UI, len(p.Graphics))
		for i, g := range p.Graphics {
			views[i] = &view{Graphic: g, Name: p.Sheet.Title + ", picture " + strconv.Itoa(i+1), Rev: p.Rev}
			if len(p.Graphics) == 1 {
				views[i].(*view).Name = p.Sheet.Title
			}
		}
		body = append(body, app.Div().Class("plots").Body(views...))
	}
	if p.Below != nil {
		body = append(body, p.Below)
	}
	if p.Sheet.Caption != "" {
		body = append(body, app.P().Class("cap").Text(label(p.Sheet.Caption)))
	}
	return app.Section().Class("panel", "figure", p.Class).ID(p.ID).Aria("label", p.Sheet.Title).Body(
		panelHead(p.Sheet.Title, p.Sheet.Sub, p.tools()), app.Div().Class("pb").Body(body...))
}

// panelHead is the title of a panel with its tools at the right.
func panelHead(title, sub string, tools []app.UI) app.UI {
	words := []app.UI{app.H2().Text(title)}
	if sub != "" {
		words = append(words, app.Span().Class("sub").Text(label(sub)))
	}
	return app.Div().Class("ph").Body(app.Div().Class("pt").Body(words...), app.Div().Class("tools").Body(tools...))
}

// tools are the buttons of a panel. A table needs no table view and is no picture.
func (p *panel) tools() []app.UI {
	tool := func(name, what string, do func()) app.HTMLButton {
		return app.Button().Type("button").Class("tool").Text(name).Aria("label", what+": "+p.Sheet.Title).
			OnClick(func(app.Context, app.Event) { do() }, name, p.ID) // the scope tells go-app these handlers apart
	}
	var out []app.UI
	if !p.Static {
		out = append(out,
			tool("Table", "View as table", func() { p.table = !p.table }).Aria("pressed", strconv.FormatBool(p.table)),
			tool("SVG", "Download as SVG", p.saveSVG),
			tool("PNG", "Download as PNG", p.savePNG))
	}
	return append(out, tool("CSV", "Download the data as CSV", p.saveCSV))
}

func (p *panel) saveSVG() {
	if browser != nil {
		svg, _, _ := p.Sheet.SVG(p.Graphics)
		browser.Save(fileName(p.ID, "svg"), "image/svg+xml", []byte(svg))
	}
}

func (p *panel) savePNG() {
	if browser != nil {
		svg, w, h := p.Sheet.SVG(p.Graphics)
		browser.SavePNG(fileName(p.ID, "png"), svg, w, h)
	}
}

func (p *panel) saveCSV() {
	if browser != nil {
		browser.Save(fileName(p.ID, "csv"), "text/csv", []byte(p.data().CSV()))
	}
}

// data is what the CSV holds.
func (p *panel) data() Table {
	if len(p.Data.Columns) == 0 && len(p.Graphics) > 0 {
		return p.Graphics[0].Table()
	}
	return p.Data
}

// head is the head of a column, a button where the rows can be sorted by it.
func (p *panel) head(i int, name string) app.UI {
	if p.Sorts == nil {
		return columnHead(i, name)
	}
	return app.Th().Scope("col").Aria("sort", p.Sorts[p.SortKey].aria(i+1)).Body(
		app.Button().Class("sort").Type("button").OnClick(p.sort(i+1), p.SortKey, i).Text(label(name)))
}

func (p *panel) sort(column int) app.EventHandler {
	return func(app.Context, app.Event) { p.Sorts[p.SortKey] = p.Sorts[p.SortKey].press(column) }
}

func columnHead(_ int, name string) app.UI { return app.Th().Scope("col").Text(label(name)) }

// TableView is a table without a panel around it, in a box that scrolls; name is for those who come by keyboard.
func TableView(t Table, name string) app.UI { return sortedView(t, name, columnHead) }

// sortedView shows a table with the heads that are given.
func sortedView(t Table, name string, column func(i int, name string) app.UI) app.UI {
	thin := t.Thin(tableRows)
	head := make([]app.UI, len(thin.Columns))
	for i, c := range thin.Columns {
		head[i] = column(i, c)
	}
	rows := make([]app.UI, len(thin.Rows))
	for i, r := range thin.Rows {
		cells := make([]app.UI, len(r))
		for k, c := range r {
			cells[k] = app.Td().Text(label(readable(c)))
		}
		rows[i] = app.Tr().Body(cells...)
	}
	body := []app.UI{app.Table().Class("data").Body(app.THead().Body(app.Tr().Body(head...)), app.TBody().Body(rows...))}
	out := []app.UI{app.Div().Class("tw", "tablebox").TabIndex(0).Attr("role", "region").Aria("label", name).Body(body...)}
	if len(thin.Rows) < len(t.Rows) {
		out = append(out, app.P().Class("faint").Text(strconv.Itoa(len(thin.Rows))+" of "+Count(len(t.Rows))+" rows; the CSV has all."))
	}
	return app.Div().Body(out...)
}

// readable groups the digits of a whole number, rounds a long fraction to three digits, and leaves every other cell alone.
func readable(cell string) string {
	if n, err := strconv.Atoi(cell); err == nil {
		return Count(n)
	}
	x, err := strconv.ParseFloat(cell, 64)
	if err != nil || len(cell) <= short && !strings.Contains(cell, "e") || !strings.ContainsAny(cell, ".e") || !finite(x) {
		return cell
	}
	return Number(x)
}

// short is up to how many characters a number with a fraction stays as it is: the column was written with equal decimals.
const short = 5
