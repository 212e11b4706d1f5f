package page

import (
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// slider is the range control of a number. Log knobs move in factors.
type slider struct {
	app.Compo
	Site *Site
	Knob wire.Knob
	Text string
	// Every says that the knob is one of everything mode, which is kept in this page and in no link.
	Every bool
	at    int // position set last, so that the control is only moved when the value came from elsewhere
}

// travel is the number of positions of a log slider.
const travel = 120

// positions is how far the slider goes, from 0.
func positions(k wire.Knob) int {
	if k.Log || k.Step <= 0 {
		return travel
	}
	return int(math.Round((k.Max - k.Min) / k.Step))
}

// valueAt is the knob's text at a position: three significant digits, whole numbers for whole knobs.
func valueAt(k wire.Knob, position int) string {
	share := float64(position) / float64(positions(k))
	var x float64
	switch {
	case position <= 0:
		x = k.Min
	case position >= positions(k):
		x = k.Max
	case k.Log:
		x, _ = strconv.ParseFloat(strconv.FormatFloat(k.Min*math.Pow(k.Max/k.Min, share), 'g', 3, 64), 64)
	default:
		x = k.Min + float64(position)*k.Step
		x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64) // 0.15, not 0.15000000000000002
	}
	if k.Kind == wire.KnobInt {
		x = math.Round(x)
	}
	return strconv.FormatFloat(min(max(x, k.Min), k.Max), 'g', -1, 64)
}

// positionOf is the position closest to a knob's text.
func positionOf(k wire.Knob, text string) int {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	n := float64(positions(k))
	if k.Log {
		return int(math.Round(n * math.Log(x/k.Min) / math.Log(k.Max/k.Min)))
	}
	return int(math.Round(n * (x - k.Min) / (k.Max - k.Min)))
}

// next is the value one position up or down that differs: whole numbers share positions at the low end of a log knob.
func next(k wire.Knob, text string, by int) string {
	for p := positionOf(k, text) + by; p >= 0 && p <= positions(k); p += by {
		if v := valueAt(k, p); v != text {
			return v
		}
	}
	return text
}

// Render draws the control.
func (s *slider) Render() app.UI {
	n := positions(s.Knob)
	p := min(max(positionOf(s.Knob, s.Text), 0), n)
	value := decimals(s.Text)
	if s.Knob.Unit != "" {
		value += " " + s.Knob.Unit
	}
	return app.Input().ID(s.id("range-")).Type("range").Min(0).Max(n).Step(1).Attr("value", p).
		Style("--p", strconv.FormatFloat(100*float64(p)/float64(n), 'f', 1, 64)+"%").
		Aria("label", s.Knob.Label).Aria("valuetext", value).Aria("describedby", s.id("tip-")).
		OnInput(s.drag, s.Knob.Name).OnChange(s.drop, s.Knob.Name).OnKeyDown(s.key, s.Knob.Name)
}

// OnMount sets the position again: go-app sets attributes in any order, and a value set before its range is clipped.
func (s *slider) OnMount(app.Context) { s.place() }

// OnUpdate does the same after a change from elsewhere.
func (s *slider) OnUpdate(app.Context) { s.place() }

func (s *slider) place() {
	if s.Site.host == nil {
		return
	}
	p := positionOf(s.Knob, s.Text)
	if e := app.Window().GetElementByID(s.id("range-")); e.Truthy() && e.Get("value").String() != itoa(p) {
		e.Set("value", itoa(p))
	}
}

func (s *slider) drag(ctx app.Context, _ app.Event) { s.set(ctx, true) }
func (s *slider) drop(ctx app.Context, _ app.Event) { s.set(ctx, false) }

func (s *slider) set(ctx app.Context, dragging bool) {
	p, err := strconv.Atoi(ctx.JSSrc().Get("value").String())
	if err != nil {
		return
	}
	text := valueAt(s.Knob, p)
	if p == positionOf(s.Knob, s.now()) {
		text = s.now() // the value is finer than the slider: leave it
	}
	s.put(text, dragging)
}

// id names an element of the knob.
func (s *slider) id(kind string) string {
	if s.Every {
		kind += "every-"
	}
	return kind + s.Knob.Name
}

// now is the text of the knob as it stands.
func (s *slider) now() string {
	if s.Every {
		return knobText(s.Knob, s.Site.S.Prompting.Every.Get(s.Knob.Name))
	}
	return s.Site.S.Spec.Text(s.Knob.Name)
}

func (s *slider) put(text string, dragging bool) {
	if s.Every {
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			s.Site.do(state.SetEvery{Name: s.Knob.Name, Value: x})
		}
		return
	}
	s.Site.do(state.SetKnob{Name: s.Knob.Name, Text: text, Dragging: dragging})
}

// key moves by the next different value.
func (s *slider) key(_ app.Context, e app.Event) {
	by := map[string]int{"ArrowRight": 1, "ArrowUp": 1, "ArrowLeft": -1, "ArrowDown": -1}[e.Get("key").String()]
	if by == 0 {
		return
	}
	e.PreventDefault()
	s.put(next(s.Knob, s.now(), by), true)
}

// field is the number of a knob, to be typed over.
type field struct {
	app.Compo
	Site *Site
	Name string
	Text string
	ID   string
}

// Render draws the field.
func (f *field) Render() app.UI {
	return app.Input().ID(f.ID).Class("val").Type("text").Attr("inputmode", "decimal").AutoComplete(false).Spellcheck(false).Attr("value", decimals(f.Text)).
		Aria("describedby", "tip-"+f.Name).OnChange(f.change, f.Name).OnKeyDown(f.key, f.Name)
}

// decimals writes the text of a knob without an exponent: 0.00001 in place of 1e-05.
func decimals(text string) string {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.Contains(text, "e") {
		return text
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// OnUpdate writes a value that came from elsewhere; go-app leaves alone what it believes unchanged, even where the
// visitor has typed since.
func (f *field) OnUpdate(app.Context) { f.write() }

func (f *field) write() {
	if e := app.Window().GetElementByID(f.ID); e.Truthy() && e.Get("value").String() != decimals(f.Site.S.Spec.Text(f.Name)) {
		e.Set("value", decimals(f.Site.S.Spec.Text(f.Name)))
	}
}

func (f *field) change(ctx app.Context, _ app.Event) {
	f.Site.do(state.SetKnob{Name: f.Name, Text: ctx.JSSrc().Get("value").String()})
	f.write() // a refused number too: what stands in the field is what will run
}

func (f *field) key(ctx app.Context, e app.Event) {
	switch e.Get("key").String() {
	case "Enter":
		f.change(ctx, e)
	case "Escape":
		f.Site.do(state.Dismiss{Place: f.Name})
		f.write()
	}
}
