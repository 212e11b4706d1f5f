package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// knobs are the settings of a run, in groups. Everything set here lives in the address.
type knobs struct {
	app.Compo
	Site *Site
	At   version

	open bool // on a phone: all groups, not the first alone
	own  bool // the knobs of single methods are there
}

// Render draws the knobs. The groups after the first fold away on a phone, where they would push the race off the
// screen.
func (k *knobs) Render() app.UI {
	s := k.Site.S
	var more []app.UI
	body := []app.UI{app.H2().Body(app.Text("Knobs "), app.Small().Body(
		app.Button().ID("defaults").Class("tool").Type("button").OnClick(k.defaults).Text("Defaults")))}
	group := ""
	var names []string
	var own []app.UI
	set := 0
	for _, knob := range s.Lab.Knobs {
		list := &more
		if knob.Group == s.Lab.Knobs[0].Group {
			list = &body
			if g := s.Lab.Knobs[0].Arms; g != nil && slices.Contains(g.Own, knob.Name) {
				if s.Spec.Text(knob.Name) != knob.Default {
					set++
				}
				own = append(own, k.knob(knob))
				continue
			}
		}
		if knob.Group != group {
			group = knob.Group
			names = append(names, strings.ToLower(group))
			*list = append(*list, app.H3().Class("eyebrow").Text(group))
		}
		*list = append(*list, k.knob(knob))
	}
	if len(own) > 0 {
		words := "Knobs of single methods"
		if set > 0 {
			words += ": " + itoa(set) + " changed"
		}
		body = append(body,
			press("btn ownbtn", "fold", "own", k.unfold, word(words)).Attr("aria-expanded", yes(k.own)),
			div("ownknobs", own...).Hidden(!k.own))
	}
	class, says := "", "Fewer knobs"
	if k.open {
		class = "open"
	} else if len(names) > 1 {
		says = "More knobs: " + strings.Join(names[1:], ", ")
	}
	body = append(body,
		app.Button().ID("more-knobs").Class("btn morebtn").Type("button").Aria("expanded", k.open).OnClick(k.fold).Text(says),
		app.Div().Class("more").Body(more...))
	return app.Section().ID("knobs").Class(class).Aria("label", "Knobs").Body(body...)
}

func (k *knobs) unfold(app.Context, app.Event) { k.own = !k.own }

func (k *knobs) fold(app.Context, app.Event) { k.open = !k.open }

func (k *knobs) defaults(app.Context, app.Event) { k.Site.do(state.Defaults{}) }

// knob is one setting: its name, its control, its help and its error.
func (k *knobs) knob(knob wire.Knob) app.UI {
	s := k.Site.S
	text := s.Spec.Text(knob.Name)
	var head, control app.UI
	id := "knob-" + knob.Name
	switch {
	case knob.Kind == wire.KnobArms:
		head, control = nil, k.arms(knob)
	case knob.Kind == wire.KnobChoice:
		control = k.choice(knob, id, text)
	case knob.Kind == wire.KnobAuto:
		head = &field{Site: k.Site, Name: knob.Name, Text: text, ID: id}
		control = k.auto(knob, text)
	case knob.Kind == wire.KnobInt && knob.Max-knob.Min < 8:
		head = k.stepper(knob, text)
	case knob.Max-knob.Min > 1e6:
		head = &field{Site: k.Site, Name: knob.Name, Text: text, ID: id}
	default:
		head = &field{Site: k.Site, Name: knob.Name, Text: text, ID: id}
		control = &slider{Site: k.Site, Knob: knob, Text: text}
	}
	name := []app.UI{app.Label().For(id).ID("name-" + knob.Name).Text(knob.Label)}
	if knob.Symbol != "" {
		name = append(name, app.I().Text(knob.Symbol))
	}
	if knob.Unit != "" {
		name = append(name, app.Span().Class("u").Text(knob.Unit))
	}
	row := []app.UI{app.Span().Class("kn").Body(name...)}
	if head != nil {
		row = append(row, head)
	}
	body := []app.UI{app.Div().Class("kh").Body(row...)}
	if control != nil {
		body = append(body, control)
	}
	body = append(body, app.P().ID("tip-"+knob.Name).Class("knobtip").Attr("role", "tooltip").Text(k.help(knob)), k.Site.faultNear(knob.Name))
	class := "knob"
	if wants, idle := s.Spec.Idle(knob); idle {
		class = "knob idle"
		body = append(body, app.P().Class("hint").Text("Matters only with "+k.setting(wants)+"."))
	} else if s.Spec.Unread(s.Lab, knob) {
		class = "knob idle"
		body = append(body, app.P().Class("hint").Text("No racer of this race reads it."))
	}
	return app.Div().Class(class).DataSet("knob", knob.Name).Body(body...)
}

// help is the explanation of a knob, with its range and default.
func (k *knobs) help(knob wire.Knob) string {
	text := knob.Help
	switch knob.Kind {
	case wire.KnobInt, wire.KnobFloat:
		text += " From " + plain(knob.Min) + " to " + plain(knob.Max) + "; " + knob.Default + " by default."
	case wire.KnobAuto:
		text += " From " + plain(knob.Min) + " to " + plain(knob.Max) + "."
	}
	if knob.Kind == wire.KnobChoice || knob.Kind == wire.KnobAuto {
		for _, o := range knob.Options {
			if o.Value == k.Site.S.Spec.Text(knob.Name) {
				text += " " + o.Help
			}
		}
	}
	return text
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// unmet says why an option of a knob cannot be chosen, "" where it can: it needs another knob to stand elsewhere, or
// what is chosen there needs this one as it is. The knobs go through in the lab's order, not the map's.
func unmet(s *state.State, knob wire.Knob, o wire.Option) string {
	for _, k := range s.Lab.Knobs {
		now := s.Spec.Text(k.Name)
		if want, ok := o.Met(k.Name, now); !ok {
			return "needs " + k.Label + ": " + optionLabel(k, want)
		}
		for _, chosen := range k.Options {
			if _, ok := chosen.Met(knob.Name, o.Value); !ok && chosen.Value == now {
				return "not with " + k.Label + ": " + chosen.Label
			}
		}
	}
	return ""
}

// setting writes "task=wound" in the words of the page: "Task: wound".
func (k *knobs) setting(text string) string {
	name, value, _ := strings.Cut(text, "=")
	other, ok := k.Site.S.Lab.Knob(name)
	if !ok {
		return text
	}
	return other.Label + ": " + optionLabel(other, value)
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func optionLabel(k wire.Knob, value string) string {
	for _, o := range k.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func (k *knobs) choice(knob wire.Knob, id, text string) app.UI {
	s := k.Site.S
	if len(knob.Options) <= 2 {
		buttons := make([]app.UI, len(knob.Options))
		var hint []app.UI // a title is not seen on a phone, nor on a disabled button
		for i, o := range knob.Options {
			why := unmet(s, knob, o)
			title := o.Help
			if why != "" {
				title = why
				hint = append(hint, app.P().Class("hint").Text(capital(o.Label)+": "+why+"."))
			}
			buttons[i] = app.Button().Type("button").Attr("aria-pressed", yes(o.Value == text)).Title(title).
				Disabled(why != "").OnClick(k.choose(knob.Name, o.Value), knob.Name, o.Value).Text(o.Label)
		}
		return app.Div().Body(append([]app.UI{
			app.Div().ID(id).Class("seg wide").Attr("role", "group").Aria("labelledby", "name-"+knob.Name).Aria("describedby", "tip-"+knob.Name).Body(buttons...),
		}, hint...)...)
	}
	options := make([]app.UI, len(knob.Options))
	for i, o := range knob.Options {
		label := o.Label
		why := unmet(s, knob, o)
		if why != "" {
			label += " (" + why + ")"
		}
		options[i] = app.Option().Value(o.Value).Selected(o.Value == text).Disabled(why != "").Text(label)
	}
	menu := app.Select().ID(id).Aria("describedby", "tip-"+knob.Name).OnChange(k.pick(knob.Name), knob.Name).Body(options...)
	if text == knob.Default {
		return menu
	}
	// A choice of one's own is explained where it was made: a tooltip is not seen on a phone.
	for _, o := range knob.Options {
		if o.Value == text {
			return app.Div().Body(menu, app.P().Class("hint").Text(o.Help))
		}
	}
	return menu
}

func (k *knobs) choose(name, value string) app.EventHandler {
	return func(app.Context, app.Event) { k.Site.do(state.SetKnob{Name: name, Text: value}) }
}

func (k *knobs) pick(name string) app.EventHandler {
	return func(ctx app.Context, _ app.Event) {
		k.Site.do(state.SetKnob{Name: name, Text: ctx.JSSrc().Get("value").String()})
	}
}

func (k *knobs) stepper(knob wire.Knob, text string) app.UI {
	n, _ := strconv.Atoi(text)
	step := max(1, int(knob.Step))
	return app.Div().ID("knob-"+knob.Name).Class("stepper").Attr("role", "group").Aria("labelledby", "name-"+knob.Name).Aria("describedby", "tip-"+knob.Name).Body(
		app.Button().Type("button").Aria("label", "Fewer: "+knob.Label).Disabled(float64(n) <= knob.Min).OnClick(k.choose(knob.Name, itoa(n-step)), knob.Name, n-step).Text("−"),
		app.Output().Attr("aria-live", "polite").Text(text),
		app.Button().Type("button").Aria("label", "More: "+knob.Label).Disabled(float64(n) >= knob.Max).OnClick(k.choose(knob.Name, itoa(n+step)), knob.Name, n+step).Text("+"),
	)
}

// someRate is the number that the knob begins with where the visitor wants one for all.
const someRate = "0.003"

// auto is a choice between the tuned values, one number for all racers, and what else the knob offers. The values in use
// are listed.
func (k *knobs) auto(knob wire.Knob, text string) app.UI {
	number := knob.Default
	if number == "auto" {
		number = someRate
	}
	one := true
	hint := ""
	var buttons []app.UI
	add := func(value, label, help string, on bool) {
		buttons = append(buttons, chip("", "set", value, help, on, k.choose(knob.Name, value), label))
		if on {
			one, hint = false, help
		}
	}
	add("auto", "each its own", "", text == "auto")
	for _, o := range knob.Options {
		add(o.Value, o.Label, o.Help, text == o.Value)
	}
	buttons = append(buttons, chip("", "set", number, "", one, k.choose(knob.Name, number), "one for all"))
	body := []app.UI{group("seg wide", knob.Label, buttons...)}
	if hint != "" {
		body = append(body, para("hint", hint))
	}
	if one {
		body = append(body, &slider{Site: k.Site, Knob: knob, Text: text})
	}
	return div("", body...)
}

// arms composes the race: named racers as chips, the method's racers as a list, and chips for a new one.
func (k *knobs) arms(knob wire.Knob) app.UI {
	s := k.Site.S
	arms := s.Spec.Arms()
	rates := map[string]float64{}
	lr := s.Spec.Text("lr")
	if r := k.Site.shown(partKnobs); r != nil && lr == s.ShownSpec().Text("lr") {
		for _, a := range r.Arms {
			rates[a.Arm] = a.LR
		}
	}
	styles := k.styles(knob, arms)
	// Where there is nothing to compose, chips are all there is: what would be refused is said beforehand. Such a control
	// keeps the focus, which the last removal may have put there.
	less, more := s.Room()
	chips := len(knob.Arms.Parts) == 0
	named := make([]app.UI, 0, len(knob.Arms.Racers))
	for _, r := range knob.Arms.Racers {
		in := slices.Contains(arms, r.Value)
		named = append(named, chip("chip word", "racer", r.Value, r.Help, in, k.toggle(r.Value), r.Label).Attr("aria-disabled", yes(chips && (in && !less || !in && !more))))
	}
	heads := []app.UI{word("in the race")}
	_, hasRate := s.Lab.Knob("lr")
	if hasRate {
		heads = append(heads, word("learning rate"))
	}
	rows := make([]app.UI, 0, len(arms))
	for _, a := range arms {
		info := s.ArmInfo(a)
		class := "armrow"
		if a == s.Arm {
			class += " sel"
		}
		rate := decimals(lr) // "auto" until a run has said which rate that is
		if parsed, err := knob.Arms.Parse(a); err == nil {
			rate = decimals(s.Spec.With(parsed).Text("lr"))
		}
		if x := rates[a]; x > 0 {
			rate = decimals(strconv.FormatFloat(x, 'g', 2, 64))
		}
		rows = append(rows, app.Li().Class(class).DataSet("arm", a).Body(
			app.Button().Class("pickarm").Type("button").Attr("aria-pressed", yes(a == s.Arm)).Title("Bring this racer forward").OnClick(k.selectArm(a), a).Body(
				app.I().Class("dot").Style("background", styles.Of(a).CSS()), app.Span().Text(info.Label)),
			app.Span().Class("rate mono").Title("Peak learning rate").Hidden(rate == "").Text(rate),
			app.Button().Class("tool").Type("button").Aria("label", "Remove "+info.Label).Attr("aria-disabled", yes(chips && !less)).Title("Take out of the race").OnClick(k.remove(a), a).Body(icon(iconCross)),
		))
	}
	return app.Div().ID("knob-arms").Class("arms").Attr("role", "group").Aria("labelledby", "name-arms").Aria("describedby", "tip-arms").Body(
		app.Div().Class("armhead").Body(heads...),
		app.Ul().Class("armlist").Body(rows...),
		app.Div().Class("chips named").Body(named...),
		k.compose(knob),
	)
}

// styles are the looks of the racers: as in the charts where those show them, else by what the racers are built of.
func (k *knobs) styles(knob wire.Knob, arms []string) chart.Styles {
	if knob.Arms.Number != "" && knob.Arms.Single == "" {
		return chart.PaletteOfNames(arms)
	}
	list := make([]wire.ArmReport, len(arms))
	for i, a := range arms {
		info := k.Site.S.ArmInfo(a)
		list[i] = wire.ArmReport{Arm: a, Role: info.Role, Number: info.Number, Trainable: k.Site.S.Blocks.Known[a].Params}
	}
	if r := k.Site.shown(partKnobs); r != nil {
		same := len(r.Arms) == len(arms)
		for i, a := range r.Arms {
			same = same && a.Arm == arms[i]
		}
		if same {
			list = r.Arms
		}
	}
	return chart.Palette(list)
}

// full says why racers cannot be added or taken out, "" where both can be done.
func full(less, more bool, g *wire.ArmKnob) string {
	switch {
	case !less && !more:
		return "This race is of " + itoa(max(1, g.Least)) + " racers."
	case !less && g.Least > 1:
		return itoa(g.Least) + " racers at least: add another one before you take one out."
	case !more:
		return itoa(g.Most) + " racers at most: take one out before you add another one."
	}
	return ""
}

// compose puts a new racer together from matrices and a number.
func (k *knobs) compose(knob wire.Knob) app.UI {
	if len(knob.Arms.Parts) == 0 {
		less, more := k.Site.S.Room()
		text := full(less, more, knob.Arms)
		if text == "" && k.Site.S.Lab.Builder != nil {
			text = "Click a part of a block to make a racer of your own."
		}
		return app.P().ID("arms-why").Class("hint").Hidden(text == "").Text(text)
	}
	if knob.Arms.Single != "" {
		return k.composeOne(knob.Arms)
	}
	c := &k.Site.composing
	parts := make([]app.UI, 0, len(knob.Arms.Parts))
	for _, p := range knob.Arms.Parts {
		parts = append(parts, chip("chip", "part", p.Value, p.Help, c.Parts[p.Value], k.part(p.Value), p.Label))
	}
	stops := make([]app.UI, 0, len(knob.Arms.Stops))
	for _, n := range knob.Arms.Stops {
		stops = append(stops, chip("chip", "stop", itoa(n), "", c.Number == n, k.stop(n), itoa(n)))
	}
	name := c.name(knob.Arms)
	why := ""
	switch {
	case len(c.list(knob.Arms)) == 0:
		why = "Choose at least one matrix."
	case name == "":
		why = "Choose a " + knob.Arms.Number + "."
	case slices.Contains(k.Site.S.Spec.Arms(), name):
		why = k.Site.S.ArmInfo(name).Label + " is in the race already: choose other matrices or another " + knob.Arms.Number + "."
	}
	says := "Add a racer"
	if name != "" {
		says = "Add " + name
	}
	return app.Div().Class("compose").Body(
		app.P().Class("lb").ID("compose-parts").Text("New racer: matrices"),
		app.Div().Class("chips six").Attr("role", "group").Aria("labelledby", "compose-parts").Body(parts...),
		app.P().Class("lb").ID("compose-number").Body(app.Text(strings.ToUpper(knob.Arms.Number[:1])+knob.Arms.Number[1:]+" "), app.I().Text(knob.Arms.Symbol)),
		app.Div().Class("chips six").Attr("role", "group").Aria("labelledby", "compose-number").Body(stops...),
		addButton(says, why != "", k.add),
		app.P().ID("add-why").Class("hint").Hidden(why == "").Text(why),
	)
}

// name is the racer put together so far as links write it, "" while something is missing.
func (c *composer) name(g *wire.ArmKnob) string {
	parts := c.list(g)
	if len(parts) == 0 || c.Number == 0 {
		return ""
	}
	arm, err := g.Parse(strings.Join(parts, "") + ":" + itoa(c.Number))
	if err != nil {
		return ""
	}
	return arm.String()
}

func (c *composer) list(g *wire.ArmKnob) (parts []string) {
	for _, p := range g.Parts {
		if c.Parts[p.Value] {
			parts = append(parts, p.Value)
		}
	}
	return parts
}

func (k *knobs) toggle(racer string) app.EventHandler {
	return func(_ app.Context, e app.Event) {
		if !off(e) {
			k.Site.do(state.ToggleRacer{Racer: racer})
		}
	}
}

// off tells whether the control that was pressed says that it does nothing now.
func off(e app.Event) bool {
	at := e.Get("currentTarget")
	says := at.Call("getAttribute", "aria-disabled")
	return says.Type() == app.TypeString && says.String() != "false"
}

func (k *knobs) selectArm(arm string) app.EventHandler {
	return func(app.Context, app.Event) { k.Site.do(state.SelectArm{Arm: arm}) }
}

func (k *knobs) remove(arm string) app.EventHandler {
	return func(_ app.Context, e app.Event) {
		if !off(e) {
			k.Site.do(state.RemoveArm{Arm: arm})
		}
	}
}

func (k *knobs) part(part string) app.EventHandler {
	return func(app.Context, app.Event) {
		c := &k.Site.composing
		if c.Parts == nil {
			c.Parts = map[string]bool{}
		}
		c.Parts[part] = !c.Parts[part]
	}
}

func (k *knobs) stop(n int) app.EventHandler {
	return func(app.Context, app.Event) { k.Site.composing.Number = n }
}

func (k *knobs) add(app.Context, app.Event) {
	knob, _ := k.Site.S.Lab.Knob("arms")
	c := &k.Site.composing
	k.Site.do(state.AddArm{Parts: c.list(knob.Arms), Number: c.Number}) // its matrices stay chosen: the next racer often differs by its number only
}
