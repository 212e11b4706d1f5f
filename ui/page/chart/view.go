package chart

import (
	"math"
	"reflect"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Widths at which a picture is drawn before the page has measured the room there is: one for phones, one for the rest.
// A container query shows the one that fits.
var narrowWidth, wideWidth = 326.0, 600.0

// leastWidth is below what no picture is squeezed.
const leastWidth = 220

// view shows a Graphic at the width it has, and reads values out under the pointer or by the arrow keys.
type view struct {
	app.Compo
	Graphic Graphic
	Name    string // what the picture is, for those who come by keyboard
	Rev     int

	width    float64 // 0 until measured
	cursor   *Cursor
	byKey    bool
	observer app.Value
	resized  app.Func

	drawn      Graphic // of which markup is the drawing
	drawnRev   int
	drawnWidth float64
	markup     string
}

// OnMount measures the room and watches it.
func (v *view) OnMount(ctx app.Context) {
	v.measure()
	observer := app.Window().Get("ResizeObserver")
	if app.IsServer || !observer.Truthy() {
		return
	}
	v.resized = app.FuncOf(func(app.Value, []app.Value) any {
		ctx.Dispatch(func(app.Context) { v.measure() })
		return nil
	})
	v.observer = observer.New(v.resized)
	v.observer.Call("observe", v.JSValue())
}

// OnDismount stops watching.
func (v *view) OnDismount() {
	if v.observer != nil {
		v.observer.Call("disconnect")
		v.resized.Release()
		v.observer, v.resized = nil, nil
	}
}

// measure takes over the width of the element; a hidden one has none and changes nothing.
func (v *view) measure() {
	if app.IsServer {
		return
	}
	if w := v.JSValue().Get("clientWidth"); w.Truthy() {
		v.width = math.Max(w.Float(), leastWidth)
	}
}

// Render draws the component.
func (v *view) Render() app.UI {
	if v.width == 0 {
		return app.Div().Class("plot").Body(
			app.Raw(inline(v.Graphic, narrowWidth, "chart plot-narrow")),
			app.Raw(inline(v.Graphic, wideWidth, "chart plot-wide")),
		)
	}
	if v.drawn == nil || v.drawnWidth != v.width || v.drawnRev != v.Rev || !reflect.DeepEqual(v.drawn, v.Graphic) {
		v.markup = inline(v.Graphic, v.width, "chart")
		v.drawn, v.drawnWidth, v.drawnRev = v.Graphic, v.width, v.Rev
	}
	// What is read comes last and into boxes that are always there: replacing the element that listens would cost it
	// the focus.
	var marks, read []app.UI
	spoken := ""
	if v.cursor != nil {
		if r := v.Graphic.Read(v.width, *v.cursor); len(r.Rows) > 0 {
			marks = append(marks, app.Raw(`<svg class="plot-marks" aria-hidden="true">`+r.Marks+`</svg>`))
			read = append(read, tooltip(r, v.width))
			if v.byKey {
				spoken = r.words()
			}
		}
	}
	return app.Div().Class("plot").Body(
		app.Raw(v.markup),
		app.Div().Class("plot-hit").TabIndex(0).Attr("role", "application").
			Attr("aria-label", strings.TrimSuffix(v.Name, "?")+". Arrow keys read the values, Escape leaves.").
			On("pointermove", v.point).On("pointerdown", v.point).On("pointerleave", v.leave).On("blur", v.leave).On("keydown", v.key),
		app.Div().Body(marks...), app.Div().Body(read...),
		app.P().Class("sr").Attr("aria-live", "polite").Text(spoken))
}

// inline is the svg element of a drawing on the page.
func inline(g Graphic, width float64, class string) string {
	d := g.Draw(width)
	return `<svg class="` + class + `" viewBox="0 0 ` + px(d.Width) + " " + px(d.Height) + `" width="` + px(d.Width) + `" height="` + px(d.Height) +
		`" role="img" aria-label="` + escape(g.Alt()) + `">` + d.Body + "</svg>"
}

// tooltip shows a reading beside its place, on the side where there is room.
func tooltip(r Reading, width float64) app.UI {
	rows := make([]app.UI, 0, len(r.Rows))
	for _, row := range r.Rows {
		dot := app.I()
		if row.Color != "" {
			dot = dot.Style("background", cssVar(row.Color))
		} else {
			dot = dot.Class("none")
		}
		class := "reading-row"
		if row.Strong {
			class += " hi"
		}
		rows = append(rows, app.Div().Class(class).Body(dot, app.Span().Text(label(row.Name)), app.B().Text(row.Text)))
	}
	tip := app.Div().Class("reading").Attr("aria-hidden", "true").Style("top", px(r.Y)+"px").
		Body(append([]app.UI{app.Div().Class("reading-head").Text(r.Head)}, rows...)...)
	tip = tip.Style("max-width", px(math.Max(r.X, width-r.X)-8)+"px")
	if r.X > width/2 {
		return tip.Style("right", px(width-r.X+12)+"px").Style("left", "auto")
	}
	return tip.Style("left", px(r.X+12)+"px").Style("right", "auto")
}

// words is a reading as a sentence.
func (r Reading) words() string {
	parts := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		parts[i] = row.Name + " " + row.Text
	}
	return r.Head + ": " + strings.Join(parts, ", ")
}

func (v *view) point(_ app.Context, e app.Event) {
	if c, ok := v.Graphic.Hit(v.width, e.Get("offsetX").Float(), e.Get("offsetY").Float()); ok {
		v.cursor = &c
	} else {
		v.cursor = nil
	}
	v.byKey = false
}

func (v *view) leave(app.Context, app.Event) { v.cursor = nil }

func (v *view) key(_ app.Context, e app.Event) {
	key := e.Get("key").String()
	if key == "Escape" {
		v.cursor = nil
		return
	}
	if c, ok := v.Graphic.Move(v.cursor, key); ok {
		e.PreventDefault()
		v.cursor, v.byKey = &c, true
	}
}

// label keeps the wide gap that sets a rank apart from its matrices: HTML and SVG would collapse two spaces.
func label(s string) string { return strings.ReplaceAll(s, "  ", "\u2002") }
