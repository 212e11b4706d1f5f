package chart

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Figure is one panel of results, drawn by its kind.
type Figure struct {
	app.Compo
	Figure   wire.Figure
	Arms     []wire.ArmReport                  // for colours
	Selected string                            // arm
	Source   string                            // the run, written under exports
	OnSelect func(ctx app.Context, arm string) // of tiles: lets the visitor choose the racer; nil for not
	Sorts    Sorts                             // how tables are sorted, kept by the page
	Rev      int
}

// Render draws the component.
func (c *Figure) Render() app.UI {
	f := c.Figure
	p := &panel{ID: f.ID, Sheet: Sheet{f.Title, f.Sub, f.Caption, c.Source}, Rev: c.Rev}
	if len(f.Columns) > manyColumns || len(f.Heats) > manyHeats || cloud(f) {
		p.Class = "wide"
	}
	if f.Kind == wire.FigureTable {
		p.Static, p.Data, p.Sorts = true, Table{f.Columns, f.Rows}, c.Sorts
		lab, _, _ := strings.Cut(c.Source, "?")
		p.SortKey = lab + "/" + f.ID // labs name their figures alike
		return p
	}
	if f.Kind == wire.FigureTiles {
		return c.tiles(p)
	}
	if g, ok := GraphicOf(f, c.Arms, c.Selected); ok {
		p.Graphics = []Graphic{g}
	}
	return p
}

// Up to how many columns of a table, or maps, find room in half the width that the figures have.
const (
	manyColumns = 4
	manyHeats   = 4
)

// manyPoints is up to how many points with a name each find room in half the width.
const manyPoints = 3

// cloud says whether a figure has lines of one point each, whose names stand beside them, and many.
func cloud(f wire.Figure) bool {
	n := 0
	for _, s := range f.Series {
		if len(s.X) == 1 {
			n++
		}
	}
	return n > manyPoints
}

// GraphicOf is the picture of a figure; ok is false for a table and for a kind it does not know.
func GraphicOf(f wire.Figure, arms []wire.ArmReport, selected string) (g Graphic, ok bool) {
	switch f.Kind {
	case wire.FigureLines:
		return linesOf(f, arms, selected), true
	case wire.FigureHeat:
		return HeatMaps{Heats: f.Heats, X: f.X, Y: f.Y}, true
	case wire.FigureBars:
		axis := f.X
		if axis.Name == "" && axis.Unit == "" {
			axis = f.Y
		}
		return Bars{Value: axis, Bars: f.Bars, Selected: selected}, true
	}
	return nil, false
}

// fewPoints is up to how many points of a line are marked one by one.
const fewPoints = 12

// looseDashes tell apart lines that belong to no arm and have no role.
var looseDashes = []string{"", "6 3", "2 2", "8 3 2 3"}

// linesOf draws the series of a figure. Bands go to the selected arm, the floor and the reference, and to lines of no
// arm: where nobody races there is nothing to keep free.
func linesOf(f wire.Figure, arms []wire.ArmReport, selected string) Plot {
	styles := Palette(arms)
	p := Plot{Title: capitalize(f.Y.Name), X: f.X, Y: f.Y, Empty: "Nothing to show for these racers."}
	p.Y.Name = ""
	if p.Title == "" {
		p.Title = f.Title
	}
	loose := 0
	for _, s := range f.Series {
		n := min(len(s.X), len(s.Y))
		l := Line{Name: label(s.Name), Arm: s.Arm, X: s.X[:n], Y: s.Y[:n], Low: s.Low, High: s.High,
			Selected: s.Arm != "" && s.Arm == selected && s.Role != wire.RoleChance}
		_, known := index(arms, s.Arm)
		switch {
		case s.Role == wire.RoleChance:
			l.Style = chanceStyle
		case known:
			l.Style = styles.Of(s.Arm)
		case s.Role == wire.RoleFloor:
			l.Style = floorStyle
		case s.Role == wire.RoleReference:
			l.Style = referenceStyle
		case s.Role == wire.RoleControl:
			l.Style = controlStyle
		default:
			l.Style = plainStyle
			l.Style.Dash = looseDashes[loose%len(looseDashes)]
			l.Style.Shape = setShapes[loose%len(setShapes)]
			loose++
		}
		l.Band = l.Selected || s.Arm == "" || slices.Contains([]string{wire.RoleFloor, wire.RoleReference}, s.Role)
		l.Dots = n <= fewPoints && s.Role != wire.RoleChance
		p.Lines = append(p.Lines, l)
	}
	return p
}

func index(arms []wire.ArmReport, arm string) (int, bool) {
	i := slices.IndexFunc(arms, func(a wire.ArmReport) bool { return a.Arm == arm })
	return i, i >= 0
}
