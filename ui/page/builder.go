package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// builder draws what the chosen racer is built of, and lets the visitor change it part by part. It draws whatever the
// structure says and knows no block by name.
type builder struct {
	app.Compo
	Site *Site
	At   version

	folded bool
	table  bool
	held   int // presses whose button may go: see holdFocus
}

// block is the builder of a lab; a lab without one has an empty place there.
func (s *Site) block() app.UI {
	if s.S.Lab.Builder == nil {
		return app.Div().Hidden(true)
	}
	return &builder{Site: s, At: s.at(partBlock)}
}

// sight is what is to be drawn: the racer, the one that it is compared with, and a block of each.
type sight struct {
	one, two     wire.Structure
	against      bool // there is a second one
	at           wire.StructureBlock
	beside       wire.StructureBlock
	pair         bool // the second one has a block of the same name
	marks, other chart.Marks
}

// look gathers what is to be drawn; ok is false where nothing is known yet.
func (b *builder) look() (v sight, ok bool) {
	s := b.Site.S
	if v.one, ok = s.Drawn(); !ok || len(v.one.Blocks) == 0 {
		return v, false
	}
	v.one.Label = s.ArmInfo(v.one.Arm).Label
	v.at = telling(v.one, s.Blocks.Block)
	if with := s.Compared(); with != "" && with != v.one.Arm {
		if v.two, v.against = s.Blocks.Known[with]; v.against {
			v.two.Label = s.ArmInfo(with).Label
			v.beside, v.pair = blockOf(v.two, v.at.Name)
		}
	}
	if v.pair {
		v.marks, v.other = chart.Compare(v.at, v.beside)
	}
	return v, true
}

func blockOf(t wire.Structure, name string) (wire.StructureBlock, bool) {
	i := slices.IndexFunc(t.Blocks, func(b wire.StructureBlock) bool { return b.Name == name })
	if i < 0 {
		return wire.StructureBlock{}, false
	}
	return t.Blocks[i], true
}

// telling is the chosen block, else the one in which most can be changed.
func telling(t wire.Structure, name string) wire.StructureBlock {
	if b, ok := blockOf(t, name); ok {
		return b
	}
	best, most := 0, -1
	for i, b := range t.Blocks {
		n := 0
		for _, parts := range append(slices.Clone(b.Branches), b.Skips...) {
			for _, p := range parts {
				n += 1 + 100*min(1, len(p.Edits))
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return t.Blocks[best]
}

// Render draws the panel.
func (b *builder) Render() app.UI {
	s := b.Site.S
	v, ok := b.look()
	sub := ""
	if ok {
		sub = v.one.Label + " · " + cost(v.one.Params, v.one.FLOP) + " an image"
	}
	shown := ok && !b.folded
	fold := "Fold"
	if b.folded {
		fold = "Unfold"
	}
	body := []app.UI{b.Site.faultNear("blocks")}
	if s.Asking() && s.Faults["blocks"] == "" {
		words := "A worker is looking up what " + s.ArmInfo(s.Arm).Label + " is built of."
		if ok {
			words += " Until then: " + v.one.Label + "."
			switch {
			case s.Blocks.Stale:
				words = "A worker is looking up the blocks for these knobs. Until then: those of the knobs before."
			case v.one.Arm == s.Arm:
				words = "A worker is looking up what the other racers are built of."
			}
		}
		body = append(body, app.P().Class("note").Attr("role", "status").Text(words))
	}
	switch {
	case shown && b.table:
		list := []wire.Structure{v.one}
		if v.against {
			list = append(list, v.two)
		}
		body = append(body, b.choices(v), chart.TableView(chart.StructureTable(list...), "Parts of "+v.one.Label), para("cap", counting))
	case shown:
		body = append(body, b.choices(v), b.sums(v), b.network(v), b.drawings(v), para("cap", counting))
	}
	return app.Section().ID("block").Class("panel figure builder noembed").Attr("aria-label", s.Lab.Builder.Title).Body(
		div("ph",
			div("pt", app.H2().Text(s.Lab.Builder.Title), app.Span().Class("sub").Text(sub)),
			div("tools",
				tool(fold, "", b.fold).ID("block-fold").Attr("aria-expanded", yes(!b.folded)),
				tool("Table", "View as table: every part of every block", b.asTable).Attr("aria-pressed", yes(b.table)).Disabled(!shown),
				tool("SVG", "Download the block as SVG", b.svg).Disabled(!shown),
				tool("PNG", "Download the block as PNG", b.png).Disabled(!shown),
				tool("CSV", "Download every part as CSV", b.csv).Disabled(!shown),
			)),
		app.Div().ID("block-body").Class("pb").Hidden(b.folded).Body(body...),
	)
}

// counting says what the FLOPs of a structure leave out: whatever a tape's ledger does not count.
const counting = "FLOPs count the multiplications and additions of convolutions, linear layers and attention's two products, forward, for one image; " +
	"norms, activations such as GELU, softmax, pooling, sums and the product with a gate count none."

// cost writes parameters and operations.
func cost(params int, flop int64) string { return chart.Params(params) + " · " + chart.FLOP(flop) }

// choices say which racer is drawn and which one it is compared with.
func (b *builder) choices(v sight) app.UI {
	s := b.Site.S
	arms := s.Spec.Arms()
	racers := make([]app.UI, len(arms))
	for i, a := range arms {
		racers[i] = press("chip word", "drawn", a, b.choose(a), app.Text(s.ArmInfo(a).Label)).Attr("aria-pressed", yes(a == s.Arm))
	}
	now := s.Compared()
	options := []app.UI{option(state.NoRacer, "nothing", now == "")}
	offer := func(a, where string) {
		if a != s.Arm {
			options = append(options, option(a, s.ArmInfo(a).Label+where, a == now))
		}
	}
	for _, a := range arms {
		offer(a, ", in the race")
	}
	if k, ok := s.Lab.Knob("arms"); ok && k.Arms != nil {
		for _, r := range k.Arms.Racers {
			if !slices.Contains(arms, r.Value) {
				offer(r.Value, "")
			}
		}
	}
	body := []app.UI{
		group("chips", "The racer that is drawn", racers...),
		app.Label().Class("with").Body(app.Text("compared with"), app.Select().ID("block-with").OnChange(b.compare).Body(options...)),
	}
	if plain := s.Plain(s.Arm); plain != s.Arm {
		name := s.ArmInfo(plain).Label
		back := []app.UI{press("btn", "edit", plain, b.edit(plain), app.Text("Back to the plain "+name)).ID("block-plain")}
		if _, more := s.Room(); more && !slices.Contains(arms, plain) {
			back = append(back, press("btn", "race", plain, b.race(plain), app.Text("Race it against "+name)).ID("block-both"))
		}
		body = append(body, div("cta", back...))
	}
	return div("choices", body...)
}

// sums compares the whole networks, in words.
func (b *builder) sums(v sight) app.UI {
	var body []app.UI
	if v.against {
		body = append(body, app.P().Class("sums").Body(app.Text("Against "+v.two.Label+" ("+cost(v.two.Params, v.two.FLOP)+"): "),
			bold(difference(float64(v.one.Params), float64(v.two.Params), "parameters")+", "+difference(float64(v.one.FLOP), float64(v.two.FLOP), "FLOPs"))))
	}
	for _, t := range []wire.Structure{v.one, v.two} {
		if t.Note != "" {
			body = append(body, para("note", t.Note))
		}
	}
	return app.Div().Body(body...)
}

// difference writes "parameters +12.3 %", "as many parameters".
func difference(x, from float64, what string) string {
	if x == from {
		return "as many " + what
	}
	return what + " " + chart.Change(x, from)
}

// network is the row of all blocks.
func (b *builder) network(v sight) app.UI {
	nodes := make([]app.UI, len(v.one.Blocks))
	for i, x := range v.one.Blocks {
		class, words := "node", ""
		if v.against {
			other, ok := blockOf(v.two, x.Name)
			marks, _ := chart.Compare(x, other)
			switch {
			case !ok:
				class, words = "node only", chart.Only.Words()
			case x.Kind != other.Kind || len(marks) > 0 || x.Params != other.Params:
				class, words = "node differs", chart.Differs.Words()
			}
		}
		body := []app.UI{bold(capital(x.Kind)), word(chart.Dims(x.Out)), word(chart.Count(x.Params) + " par."), word(chart.FLOP(x.FLOP))}
		if words != "" {
			body = append(body, said(words))
		}
		nodes[i] = app.Li().Body(press(class, "block", x.Name, b.open(x.Name), body...).Attr("aria-pressed", yes(x.Name == v.at.Name)).Title(x.Name))
	}
	in := v.one.Blocks[0].In
	return div("net",
		app.P().Class("ctitle").Body(bold("The network"), app.Text(" from an image of "+chart.Dims(in)+" to the answer; the numbers are each block's own")),
		app.Ul().Attr("aria-label", "Blocks of "+v.one.Label).On("keydown", b.arrows("[data-block]"), "net").Body(nodes...))
}

// drawings are the chosen block and, beside it, that of the other racer.
func (b *builder) drawings(v sight) app.UI {
	body := []app.UI{b.drawing(v.one, v.at, v.marks, true)}
	switch {
	case v.pair:
		body = append(body, b.drawing(v.two, v.beside, v.other, false))
	case v.against:
		body = append(body, para("cap", v.two.Label+" has no block "+v.at.Name+"."))
	}
	return div("plots", body...)
}

// drawing is a block: its branches one below the other, each a chain of parts beside its shortcut. Only the chosen
// racer's parts can be changed.
func (b *builder) drawing(t wire.Structure, x wire.StructureBlock, marks chart.Marks, own bool) app.UI {
	body := []app.UI{
		app.H3().Attr("tabindex", "-1").Body(app.Text(t.Label+" "), app.Small().Text(x.Name+" · "+x.Kind+" · "+cost(x.Params, x.FLOP))),
	}
	at := x.In
	for i, parts := range x.Branches {
		way := []app.UI{edge(at)}
		for k, p := range parts {
			way = append(way, b.part(t, p, chart.PartID(i, k, false), marks, own), edge(p.Out))
			at = p.Out
		}
		skip, ok := chart.Skip(x, i)
		if !ok {
			body = append(body, div("branch plain", div("way", way...)))
			continue
		}
		way = append(way, app.P().Class("add").Title("plus the shortcut").Text("+"))
		mark := marks[chart.SkipID(i)]
		lane := make([]app.UI, 0, len(skip)+1)
		for k, p := range skip {
			lane = append(lane, b.part(t, p, chart.PartID(i, k, true), marks, own))
		}
		if len(skip) == 0 {
			lane = append(lane, app.P().Class(markClass("id", mark)).Text("identity"))
		}
		if words := mark.Words(); words != "" {
			lane = append(lane, said("shortcut "+words))
		}
		class := "branch"
		if len(skip) > 0 {
			class = "branch parts"
		}
		body = append(body, div(class, div("way", way...), group("lane", "Shortcut", lane...)))
	}
	body = append(body, edge(x.Out))
	scope := "other"
	if own {
		scope = "own"
	}
	return group("draw "+scope, chart.Block{Racer: t.Label, Block: x, Marks: marks}.Alt(), body...).On("keydown", b.arrows(".draw."+scope+" [data-part]"), scope)
}

// edge is what flows from one part to the next.
func edge(s [3]int) app.UI { return app.P().Class("edge").Body(word(chart.Dims(s))) }

func markClass(class string, m chart.Mark) string {
	return class + map[chart.Mark]string{chart.Only: " only", chart.Differs: " differs"}[m]
}

// part is one box. It opens what the part does and what can be done to it.
func (b *builder) part(t wire.Structure, p wire.Part, id string, marks chart.Marks, own bool) app.UI {
	s := b.Site.S
	mark := marks[id]
	body := []app.UI{bold(p.Label)}
	if p.Params > 0 {
		body = append(body, word(chart.Params(p.Params)))
	}
	if p.FLOP > 0 { // see counting
		body = append(body, word(chart.FLOP(p.FLOP)))
	}
	if words := mark.Words(); words != "" {
		body = append(body, said(words))
	}
	class := markClass("node", mark)
	name := id
	if !own {
		name = "other " + id
	}
	open := s.Blocks.Part == name
	button := press(class, "part", name, b.toggle(name), body...).Attr("aria-expanded", yes(open)).Title(p.Help)
	if !open { // the box stays the same element when it is opened, and keeps the focus
		return div("opened", button, app.Div().Hidden(true))
	}
	menu := []app.UI{app.P().Text(p.Help)}
	if p.Why != "" {
		menu = append(menu, app.P().Text(p.Why))
	}
	switch {
	case len(p.Edits) == 0 && p.Why != "": // the reason is all there is to say
	case len(p.Edits) == 0:
		menu = append(menu, para("faint", "Nothing can be changed here."))
	case !own:
		menu = append(menu, para("faint", "Bring "+t.Label+" forward to change it."))
	case s.Arm != t.Arm:
		menu = append(menu, para("faint", "It can be changed once the worker has answered."))
	default:
		edits := make([]app.UI, len(p.Edits))
		for i, e := range p.Edits {
			edits[i] = press("btn", "edit", e.Arm, b.edit(e.Arm), app.Text(capital(e.Label)))
		}
		menu = append(menu, div("cta", edits...))
	}
	return div("opened", button, div("partmenu", menu...))
}

// Elements that come often: a chain of go-app's methods takes room wherever it stands.

func press(class, name, value string, click app.EventHandler, body ...app.UI) app.HTMLButton {
	return app.Button().Class(class).Type("button").DataSet(name, value).OnClick(click, name, value).Body(body...)
}

func tool(text, label string, click app.EventHandler) app.HTMLButton {
	return app.Button().Class("tool").Type("button").Attr("aria-label", cmp.Or(label, text)).OnClick(click, text).Text(text)
}

func div(class string, body ...app.UI) app.HTMLDiv { return app.Div().Class(class).Body(body...) }

func group(class, label string, body ...app.UI) app.HTMLDiv {
	return div(class, body...).Attr("role", "group").Attr("aria-label", label)
}

func para(class, text string) app.HTMLP { return app.P().Class(class).Text(text) }

func word(text string) app.UI { return app.Span().Text(text) }

func bold(text string) app.UI { return app.B().Text(text) }

func said(text string) app.UI { return app.Em().Text(text) }

func option(value, text string, chosen bool) app.UI {
	return app.Option().Value(value).Selected(chosen).Text(text)
}

func (b *builder) fold(app.Context, app.Event)    { b.folded = !b.folded }
func (b *builder) asTable(app.Context, app.Event) { b.table = !b.table }

func (b *builder) choose(arm string) app.EventHandler {
	return func(app.Context, app.Event) { b.Site.do(state.SelectArm{Arm: arm}) }
}

func (b *builder) open(block string) app.EventHandler {
	return func(app.Context, app.Event) { b.Site.do(state.ChooseBlock{Name: block}) }
}

func (b *builder) toggle(part string) app.EventHandler {
	return func(app.Context, app.Event) { b.Site.do(state.ChoosePart{Part: part}) }
}

func (b *builder) compare(ctx app.Context, _ app.Event) {
	b.Site.do(state.Compare{With: ctx.JSSrc().Get("value").String()})
}

func (b *builder) edit(by string) app.EventHandler {
	return func(app.Context, app.Event) {
		b.holdFocus()
		b.Site.do(state.EditArm{By: by})
	}
}

func (b *builder) race(arm string) app.EventHandler {
	return func(app.Context, app.Event) {
		b.holdFocus()
		b.Site.do(state.ToggleRacer{Racer: arm})
	}
}

// The button that was pressed goes once a worker has answered and its racer is drawn. So the page looks every
// refocusEvery milliseconds whether what had the focus has gone, refocusTries times.
const (
	refocusEvery = 50
	refocusTries = 60
)

// holdFocus gives the focus to the drawing when the button that had it is gone, so that the keyboard goes on from there.
func (b *builder) holdFocus() {
	h := b.Site.host
	if h == nil {
		return
	}
	b.held++
	mine, tries := b.held, 0
	var look func()
	look = func() {
		doc := app.Window().Get("document")
		head := doc.Call("querySelector", "#block .draw h3")
		if tries++; b.held != mine || tries > refocusTries { // a later press looks for itself
			return
		}
		if head.Truthy() && doc.Get("activeElement").Get("tagName").String() == "BODY" {
			head.Call("focus", map[string]any{"preventScroll": true})
		}
		h.After(refocusEvery, look) // the drawing itself may be made anew
	}
	h.After(refocusEvery, look)
}

// arrows moves the focus among the boxes that a selector finds; Escape closes what is open.
func (b *builder) arrows(selector string) app.EventHandler {
	return func(_ app.Context, e app.Event) {
		key := e.Get("key").String()
		at := e.Get("target")
		if key == "Escape" && b.Site.S.Blocks.Part != "" {
			e.PreventDefault()
			b.Site.do(state.ChoosePart{Part: b.Site.S.Blocks.Part})
			return
		}
		if !at.Call("matches", selector).Truthy() {
			return
		}
		all := app.Window().Get("document").Call("querySelectorAll", "#block "+selector)
		last := all.Length() - 1
		now := 0
		for i := range all.Length() {
			if all.Index(i).Equal(at) {
				now = i
			}
		}
		switch key {
		case "ArrowDown", "ArrowRight":
			now = min(now+1, last)
		case "ArrowUp", "ArrowLeft":
			now = max(now-1, 0)
		case "Home":
			now = 0
		case "End":
			now = last
		default:
			return
		}
		e.PreventDefault()
		all.Index(now).Call("focus")
	}
}

// sheet is the picture for a file.
func (b *builder) sheet() (chart.Sheet, []chart.Graphic, bool) {
	v, ok := b.look()
	if !ok {
		return chart.Sheet{}, nil, false
	}
	s := b.Site.S
	graphics := []chart.Graphic{chart.Block{Racer: v.one.Label, Block: v.at, Marks: v.marks}}
	var caption []string
	if v.pair {
		graphics = append(graphics, chart.Block{Racer: v.two.Label, Block: v.beside, Marks: v.other, Other: true})
	}
	if v.against {
		caption = append(caption, "The whole of "+v.one.Label+" against "+v.two.Label+": "+difference(float64(v.one.Params), float64(v.two.Params), "parameters")+", "+
			difference(float64(v.one.FLOP), float64(v.two.FLOP), "FLOPs")+".")
	}
	if v.one.Note != "" {
		caption = append(caption, v.one.Note)
	}
	caption = append(caption, counting)
	return chart.Sheet{Title: s.Lab.Builder.Title, Sub: v.one.Label + ": " + cost(v.one.Params, v.one.FLOP) + " an image", Caption: strings.Join(caption, " "), Source: s.Link()}, graphics, true
}

func (b *builder) svg(app.Context, app.Event) {
	if sheet, graphics, ok := b.sheet(); ok && b.Site.host != nil {
		svg, _, _ := sheet.SVG(graphics)
		b.Site.host.Save("petri-"+b.Site.S.Lab.ID+"-block.svg", "image/svg+xml", []byte(svg))
	}
}

func (b *builder) png(app.Context, app.Event) {
	if sheet, graphics, ok := b.sheet(); ok && b.Site.host != nil {
		svg, w, h := sheet.SVG(graphics)
		b.Site.host.SavePNG("petri-"+b.Site.S.Lab.ID+"-block.png", svg, w, h)
	}
}

func (b *builder) csv(app.Context, app.Event) {
	if v, ok := b.look(); ok && b.Site.host != nil {
		list := []wire.Structure{v.one}
		if v.against {
			list = append(list, v.two)
		}
		b.Site.host.Save("petri-"+b.Site.S.Lab.ID+"-block.csv", "text/csv", []byte(chart.StructureTable(list...).CSV()))
	}
}
