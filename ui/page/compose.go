package page

import (
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
func (c *composer) text(g *wire.ArmKnob) string {
	o, part := c.method(g)
	text := o.Value
	if part {
		text += ":" + strings.TrimSpace(c.size(g, o))
	}
	for _, s := range c.Own {
		text += "~" + s.Name + "=" + strings.ReplaceAll(strings.TrimSpace(s.Value), ",", ".") // a comma would begin the next racer
	}
	return text
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
	pick := func(from []wire.Option) []app.UI {
		list := make([]app.UI, len(from))
		for i, o := range from {
			list[i] = app.Option().Value(o.Value).Selected(o.Value == chosen.Value).Text(or(o.Label, o.Value))
		}
		return list
	}
	body := []app.UI{
		app.P().Class("lb").Body(app.Label().For("compose-method").Text("New racer: " + g.Single)),
		app.Select().ID("compose-method").Aria("describedby", "compose-help").OnChange(k.setMethod).Body(
			app.OptGroup().Label("with a "+g.Number).Body(pick(g.Parts)...),
			app.OptGroup().Label("without").Body(pick(g.Racers)...)),
		app.P().ID("compose-help").Class("hint").Text(chosen.Help),
	}
	var size []app.UI // in a box that is always there: what follows keeps its place, and stays open
	if part {
		least, most := sizes(g, chosen)
		now := c.size(g, chosen)
		var stops []app.UI
		for _, n := range g.Stops {
			if n >= least && n <= most {
				stops = append(stops, app.Button().Class("chip").Type("button").DataSet("stop", n).Attr("aria-pressed", yes(now == itoa(n))).OnClick(k.setStop(n), n).Text(itoa(n)))
			}
		}
		size = append(size,
			app.Div().Class("kh").Body(
				app.P().Class("lb").ID("compose-number").Body(app.Label().For("compose-size").Body(app.Text(capital(g.Number)+" "), app.I().Text(or(chosen.Symbol, g.Symbol))), app.Span().Class("u").Text(" "+itoa(least)+" to "+itoa(most))),
				app.Input().ID("compose-size").Class("val").Type("text").Attr("inputmode", "numeric").AutoComplete(false).Attr("value", now).Aria("describedby", "add-why").OnInput(k.setSize).OnKeyDown(k.enter)),
			app.Div().Class("chips six").Attr("role", "group").Aria("labelledby", "compose-number").Body(stops...))
	}
	body = append(body, app.Div().Body(size...))
	if len(g.Own) > 0 {
		body = append(body, k.composeOwn(g))
	}
	arm, bad := s.Racer(c.text(g))
	says, why, try := "Add a racer", "", ""
	switch {
	case bad != nil:
		why, try = bad.Text, bad.Try
	case slices.Contains(s.Spec.Arms(), arm):
		why = s.ArmInfo(arm).Label + " is in the race already: choose another " + g.Single + " or " + g.Number + "."
	default:
		says = "Add " + s.ArmInfo(arm).Label
	}
	line := []app.UI{app.Text(why)}
	if try != "" {
		line = append(line, app.Text(" "), app.Button().ID("add-try").Class("link").Type("button").OnClick(k.try(try), try).Text("Take "+try))
	}
	body = append(body,
		app.Button().ID("add-arm").Class("btn").Type("button").Disabled(why != "").Aria("describedby", "add-why").OnClick(k.addOne).Text(says),
		app.P().ID("add-why").Class("hint").Aria("live", "polite").Hidden(why == "").Body(line...))
	return app.Div().Class("compose").Body(body...)
}

// composeOwn are the knobs that the new racer sets for itself.
func (k *knobs) composeOwn(g *wire.ArmKnob) app.UI {
	s := k.Site.S
	c := &k.Site.composing
	rows := make([]app.UI, 0, len(c.Own))
	more := []app.UI{app.Option().Value("").Text("Choose a knob …")}
	for _, name := range g.Own {
		knob, ok := s.Lab.Knob(name)
		if !ok {
			continue
		}
		i := slices.IndexFunc(c.Own, func(o wire.Setting) bool { return o.Name == name })
		if i < 0 {
			more = append(more, app.Option().Value(name).Text(knob.Label))
			continue
		}
		id, value := "own-"+name, c.Own[i].Value
		var control app.UI
		if knob.Kind == wire.KnobChoice {
			options := make([]app.UI, len(knob.Options))
			for j, o := range knob.Options {
				options[j] = app.Option().Value(o.Value).Selected(o.Value == value).Text(o.Label)
			}
			control = app.Select().ID(id).OnChange(k.setOwn(name), name).Body(options...)
		} else {
			control = app.Input().ID(id).Class("val").Type("text").Attr("inputmode", "decimal").AutoComplete(false).Attr("value", value).Aria("describedby", "add-why").OnInput(k.setOwn(name), name).OnKeyDown(k.enter)
		}
		rows = append(rows, app.Li().Class("ownrow").Body(
			app.Label().For(id).Text(knob.Label), control,
			app.Button().Class("tool").Type("button").Aria("label", "Leave out "+knob.Label).Title("As in the run").OnClick(k.dropOwn(name), name).Body(icon(iconCross))))
	}
	says := "with a knob of its own"
	if n := len(c.Own); n > 0 {
		says = "with " + itoa(n) + " " + plural(n, "knob", "knobs") + " of its own"
	}
	body := []app.UI{app.Summary().Text(says), app.Ul().Class("own").Body(rows...)}
	body = append(body, app.Select().ID("compose-own").Aria("label", "A knob that this racer sets for itself").Hidden(len(more) == 1).OnChange(k.addOwn).Body(more...))
	return app.Details().Class("owns").Body(body...)
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
	}
}

func (k *knobs) addOne(app.Context, app.Event) {
	k.Site.do(state.AddRacer{Text: k.Site.composing.text(k.grammar())}) // what was chosen stays: the next racer often differs by one thing only
}

// enter adds the racer from one of its fields.
func (k *knobs) enter(ctx app.Context, e app.Event) {
	if e.Get("key").String() != "Enter" {
		return
	}
	if arm, bad := k.Site.S.Racer(k.Site.composing.text(k.grammar())); bad == nil && !slices.Contains(k.Site.S.Spec.Arms(), arm) {
		k.addOne(ctx, e)
	}
}
