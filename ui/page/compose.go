package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// composer is the racer being put together: of several parts with a number, or of one method with a size and knobs of its
// own.
type composer struct {
	Parts  map[string]bool
	Number int

	Method string // a part or a named racer; "" is the first part
	Size   string // as typed
	Sized  bool   // Size was typed or chosen
	Own    []wire.Setting
}

// method is what was chosen: one of the parts, or of the named racers.
func (c *composer) method(g *wire.ArmKnob) (o wire.Option, part bool) {
	for _, p := range g.Parts {
		if p.Value == c.Method {
			return p, true
		}
	}
	for _, r := range g.Racers {
		if r.Value == c.Method {
			return r, false
		}
	}
	return g.Parts[0], true
}

// sizes is the range of a part's number.
func sizes(g *wire.ArmKnob, part wire.Option) (least, most int) {
	if part.Max > 0 {
		return part.Min, part.Max
	}
	return g.Min, g.Max
}

// size is the number of a part: as typed, else the middle one of those that are offered.
func (c *composer) size(g *wire.ArmKnob, part wire.Option) string {
	if c.Sized || len(g.Stops) == 0 {
		return c.Size
	}
	least, most := sizes(g, part)
	return itoa(min(max(g.Stops[len(g.Stops)/2], least), most))
}

// text is the racer as links write it, whether or not it can race.
func (c *composer) text(lab wire.Lab) string {
	knob, _ := lab.Knob("arms")
	g := knob.Arms
	o, part := c.method(g)
	text := o.Value
	if part {
		text += ":" + strings.TrimSpace(c.size(g, o))
	}
	for _, s := range c.Own {
		if !reads(lab, s.Name, o.Value) {
			continue // kept for a method that does
		}
		text += "~" + s.Name + "=" + strings.ReplaceAll(strings.TrimSpace(s.Value), ",", ".") // a comma would begin the next racer
	}
	return text
}

// reads says whether a method or named racer reads a knob.
func reads(lab wire.Lab, knob, method string) bool {
	k, _ := lab.Knob(knob)
	return k.Reads(wire.Arm{Racer: method})
}

// take fills in a racer.
func (c *composer) take(g *wire.ArmKnob, text string) {
	a, err := g.Parse(text)
	if err != nil {
		return
	}
	c.Own = slices.Clone(a.Own)
	if c.Method = a.Racer; a.Racer == "" {
		c.Method, c.Size, c.Sized = a.Name, itoa(a.Number), true
	}
}

// composeOne puts a racer together from one method, its size, and knobs of its own.
func (k *knobs) composeOne(g *wire.ArmKnob) app.UI {
	s := k.Site.S
	c := &k.Site.composing
	chosen, part := c.method(g)
	list := []app.UI{heading("with a " + g.Number + ":")}
	for i, o := range append(slices.Clone(g.Parts), g.Racers...) {
		if i == len(g.Parts) {
			list = append(list, heading("without:"))
		}
		list = append(list, option(o.Value, cmp.Or(o.Label, o.Value), o.Value == chosen.Value))
	}
	var size []app.UI // in a box that is always there: what follows keeps its place, and stays open
	if part {
		least, most := sizes(g, chosen)
		now := c.size(g, chosen)
		var stops []app.UI
		for _, n := range g.Stops {
			if n >= least && n <= most {
				stops = append(stops, chip("chip", "stop", itoa(n), "", now == itoa(n), k.setStop(n), itoa(n)))
			}
		}
		size = []app.UI{
			div("kh", labelled("compose-size", capital(g.Number)+" ", cmp.Or(chosen.Symbol, g.Symbol), itoa(least)+" to "+itoa(most)),
				typed("compose-size", "numeric", now, k.setSize, k.enter)),
			group("chips six", capital(g.Number), stops...)}
	}
	arm, bad := s.Racer(c.text(s.Lab))
	says, why, try := "Add a racer", "", ""
	switch {
	case bad != nil:
		why, try = bad.Text, bad.Try
	case slices.Contains(s.Spec.Arms(), arm):
		why = s.ArmInfo(arm).Label + " is in the race already: choose another " + g.Single + " or " + g.Number + "."
	default:
		says = "Add " + s.ArmInfo(arm).Label
	}
	line := []app.UI{word(why + " ")}
	if try != "" {
		line = append(line, press("link", "try", try, k.try(try), word("Take "+try)))
	}
	body := []app.UI{
		labelled("compose-method", "New racer: "+g.Single, "", ""),
		choosing("compose-method", k.setMethod, list),
		para("hint", chosen.Help).ID("compose-help"),
		div("", size...),
		k.composeOwn(g),
		addButton(says, why != "", k.addOne),
		div("hint", line...).ID("add-why").Attr("aria-live", "polite").Hidden(why == "")}
	return div("compose", body...)
}

// composeOwn are the knobs that the new racer sets for itself.
func (k *knobs) composeOwn(g *wire.ArmKnob) app.UI {
	s := k.Site.S
	c := &k.Site.composing
	method, _ := c.method(g)
	var rows []app.UI
	more := []app.UI{option("", "Choose a knob …", false)}
	for _, name := range g.Own {
		knob, ok := s.Lab.Knob(name)
		if !ok || !reads(s.Lab, name, method.Value) {
			continue
		}
		i := slices.IndexFunc(c.Own, func(o wire.Setting) bool { return o.Name == name })
		if i < 0 {
			more = append(more, option(name, knob.Label, false))
			continue
		}
		id, set, value := "own-"+name, k.setOwn(name), c.Own[i].Value
		var control app.UI
		if knob.Kind == wire.KnobChoice {
			var options []app.UI
			for _, o := range knob.Options {
				options = append(options, option(o.Value, o.Label, o.Value == value))
			}
			control = choosing(id, set, options)
		} else {
			control = typed(id, "decimal", value, set, k.enter)
		}
		rows = append(rows, div("ownrow", labelled(id, knob.Label, "", ""), control,
			press("tool", "drop", name, k.dropOwn(name), icon(iconCross)).Attr("aria-label", "Leave out "+knob.Label)))
	}
	says := "with a knob of its own"
	if n := len(rows); n > 0 {
		says = "with " + itoa(n) + " " + plural(n, "knob", "knobs") + " of its own"
	}
	return app.Details().Class("owns").Hidden(len(g.Own) == 0).Body(app.Summary().Text(says), div("", rows...),
		choosing("compose-own", k.addOwn, more).Attr("aria-label", "A knob that this racer sets for itself").Hidden(len(more) == 1))
}

// What follows makes elements: chains of go-app's methods take much room wherever they stand.

func heading(text string) app.UI { return app.Option().Disabled(true).Text(text) }

func choosing(id string, change app.EventHandler, options []app.UI) app.HTMLSelect {
	return app.Select().ID(id).OnChange(change, id).Body(options...)
}

func typed(id, mode, value string, input, key app.EventHandler) app.UI {
	return app.Input().ID(id).Class("val").Type("text").Attr("inputmode", mode).Attr("autocomplete", "off").Attr("value", value).
		Attr("aria-describedby", "add-why").OnInput(input, id).OnKeyDown(key, id)
}

func labelled(id, text, symbol, unit string) app.UI {
	return app.Div().Class("lb").Body(app.Label().For(id).Body(app.Text(text), app.I().Text(symbol)), app.Span().Class("u").Text(" "+unit))
}

func chip(class, name, value, title string, pressed bool, click app.EventHandler, text string) app.HTMLButton {
	return press(class, name, value, click, app.Text(text)).Attr("aria-pressed", yes(pressed)).Title(title)
}

func addButton(text string, disabled bool, add app.EventHandler) app.UI {
	return app.Button().ID("add-arm").Class("btn").Type("button").Disabled(disabled).Attr("aria-describedby", "add-why").OnClick(add).Text(text)
}

// grammar is that of the lab's racers.
func (k *knobs) grammar() *wire.ArmKnob {
	knob, _ := k.Site.S.Lab.Knob("arms")
	return knob.Arms
}

func (k *knobs) setMethod(ctx app.Context, _ app.Event) {
	k.Site.composing.Method = ctx.JSSrc().Get("value").String()
}

func (k *knobs) setStop(n int) app.EventHandler {
	return func(app.Context, app.Event) { k.Site.composing.Size, k.Site.composing.Sized = itoa(n), true }
}

func (k *knobs) setSize(ctx app.Context, _ app.Event) {
	k.Site.composing.Size, k.Site.composing.Sized = ctx.JSSrc().Get("value").String(), true
}

func (k *knobs) addOwn(ctx app.Context, _ app.Event) {
	at := ctx.JSSrc()
	name := at.Get("value").String()
	at.Set("value", "")
	knob, ok := k.Site.S.Lab.Knob(name)
	if !ok {
		return
	}
	value := k.Site.S.Spec.Text(name)
	if _, err := strconv.ParseFloat(value, 64); err != nil && knob.Kind == wire.KnobAuto {
		value = someRate
	}
	k.Site.composing.set(k.grammar(), name, value)
}

// set gives the racer a knob of its own, in the order in which links write them.
func (c *composer) set(g *wire.ArmKnob, knob, value string) {
	var own []wire.Setting
	for _, name := range g.Own {
		i := slices.IndexFunc(c.Own, func(o wire.Setting) bool { return o.Name == name })
		switch {
		case name == knob:
			own = append(own, wire.Setting{Name: name, Value: value})
		case i >= 0:
			own = append(own, c.Own[i])
		}
	}
	c.Own = own
}

func (k *knobs) setOwn(name string) app.EventHandler {
	return func(ctx app.Context, _ app.Event) {
		k.Site.composing.set(k.grammar(), name, ctx.JSSrc().Get("value").String())
	}
}

func (k *knobs) dropOwn(name string) app.EventHandler {
	return func(app.Context, app.Event) {
		c := &k.Site.composing
		c.Own = slices.DeleteFunc(slices.Clone(c.Own), func(o wire.Setting) bool { return o.Name == name })
	}
}

func (k *knobs) try(text string) app.EventHandler {
	return func(app.Context, app.Event) {
		k.Site.composing.take(k.grammar(), text)
		if at := app.Window().GetElementByID("compose-method"); at.Truthy() { // the button goes, and would take the focus with it
			at.Call("focus", map[string]any{"preventScroll": true})
		}
	}
}

func (k *knobs) addOne(app.Context, app.Event) {
	k.Site.do(state.AddRacer{Text: k.Site.composing.text(k.Site.S.Lab)}) // what was chosen stays: the next racer often differs by one thing only
}

// enter adds the racer from one of its fields.
func (k *knobs) enter(ctx app.Context, e app.Event) {
	if e.Get("key").String() != "Enter" {
		return
	}
	if arm, bad := k.Site.S.Racer(k.Site.composing.text(k.Site.S.Lab)); bad == nil && !slices.Contains(k.Site.S.Spec.Arms(), arm) {
		k.addOne(ctx, e)
	}
}
