package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// lab lays out the page of a laboratory. Its parts are components of their own, each with the versions of what it
// shows, so that a run under way redraws charts and progress and nothing else.
func (s *Site) lab(hidden bool) app.UI {
	source := s.S.Source()
	steps, seeds, batch := 0, 0, 0
	link := s.S.Lab.ID
	race, table := s.shown(partRace), s.shown(partTable)
	if race != nil {
		spec := s.S.ShownSpec()
		steps, seeds, batch, link = spec.Int("steps"), spec.Seeds(), spec.Int("batch"), race.Link
	}
	id := "main"
	if hidden {
		id = "hidden-lab" // the page that is read has the name
	}
	class := "bench"
	center := []app.UI{
		app.Div().Class("stagebox").Body(
			&stagePanel{Site: s, At: s.at(partStage)},
			&transport{Site: s, At: version{s.S.V.Progress, s.S.V.Results, s.S.V.Faults, s.S.V.Spec}},
		)}
	if s.S.Prompting != nil {
		class += " asks"
		center = append(center, &replies{Site: s, At: s.at(partAnswers)}, &everything{Site: s, At: s.at(partEvery)})
	} else {
		center = append(center, s.block())
	}
	return app.Main().ID(id).Class("wrap").Hidden(hidden).Body(
		&hero{Site: s, At: s.at(partHero)},
		app.Div().Class(class).Body(
			app.Article().Class("narr").Body(&lesson{Site: s, Lab: s.S.Lab.ID}, s.facts()),
			app.Div().Class("center").ID("stage").Body(append(center,
				&chart.Race{Arms: arms(race), Score: s.S.Lab.Scored(), Steps: steps, Seeds: seeds, Selected: s.S.Arm, Recorded: source == state.Recorded, Source: link, Rev: s.at(partRace)[0]},
				&chart.Ranks{Arms: arms(table), Score: s.S.Lab.Scored(), Selected: s.S.Arm, Title: "Racer by racer", Sub: s.tableSub(source), OnSelect: s.selectArm, Rev: s.at(partTable)[0]},
				&figures{Site: s, At: s.at(partBeside), Batch: batch, Most: s.figures})...,
			),
			app.Aside().Class("rail").Body(
				&knobs{Site: s, At: s.at(partKnobs)},
				&claimList{Site: s, At: s.at(partClaims)},
			),
			&figures{Site: s, At: s.at(partRest), Batch: batch, Rest: true, Most: s.figures},
		),
		app.Article().Class("below noembed").Body(&lesson{Site: s, Lab: s.S.Lab.ID, Below: true, At: s.at(partLesson)[0]}),
		&sharing{Site: s, At: s.at(partShare)},
		&origin{Site: s, At: s.at(partShare)},
	)
}

func arms(r *wire.Report) []wire.ArmReport {
	if r == nil {
		return nil
	}
	return r.Arms
}

func (s *Site) tableSub(source state.Source) string {
	spec := s.S.ShownSpec()
	n := spec.Seeds()
	seeds := "mean of " + strconv.Itoa(n) + " seeds, 95 % interval"
	if n == 1 {
		seeds = "one seed: no interval"
	}
	switch source {
	case state.Recorded:
		return seeds + ", recorded run"
	case state.Live:
		return seeds + ", as far as the run has come"
	}
	return seeds
}

func (s *Site) selectArm(_ app.Context, arm string) { s.do(state.SelectArm{Arm: arm}) }

func (s *Site) facts() app.UI {
	list := make([]app.UI, 0, 2*len(s.S.Lab.Facts)+2)
	for _, f := range s.S.Lab.Facts {
		list = append(list, app.Dt().Text(f.Name), app.Dd().Text(f.Text))
	}
	return app.Dl().Class("facts").Body(list...)
}

// hero is the head of a lab's page: the question, the paper, what the claims say.
type hero struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the head.
func (h *hero) Render() app.UI {
	s := h.Site.S
	lab := s.Lab
	cite := []app.UI{app.Text(lab.Authors + ", "), app.Em().Text(lab.Title), app.Text(", " + lab.Venue + ".")}
	for _, l := range lab.Links {
		cite = append(cite, app.Text(" · "), outside(l.URL, l.Label))
	}
	return app.Div().Class("hero").Body(
		app.Div().Body(
			app.P().Class("eyebrow").Text(lab.Shelf),
			app.H1().Text(lab.Question),
			app.P().Class("cite").Body(cite...),
			h.verdicts(),
			h.Site.faultNear("link"),
			h.Site.faultNear("hero"),
		),
		app.Div().Class("heroend noembed").Body(
			app.Button().ID("share").Class("btn").Type("button").Title("Copy the link of this run (S)").OnClick(h.share).Body(icon(iconLink), app.Span().Text("Share run")),
			app.Button().Class("btn").Type("button").OnClick(h.cite).Text("Cite"),
		),
	)
}

// outside is a link that leaves the site, in a window of its own.
func outside(url, text string) app.UI {
	return app.A().Href(url).Rel("noopener").Text(text)
}

func (h *hero) verdicts() app.UI {
	s := h.Site.S
	r := h.Site.shown(partHero)
	if r == nil || len(r.Claims) == 0 {
		words := "no claim is judged yet"
		if s.Source() == state.Live {
			words = "claims are judged when the run is finished"
		}
		return app.P().Class("sum").Body(app.Span().Class("faint").Text(words))
	}
	c := state.CountVerdicts(r.Claims)
	words := "of the paper's claims, on your run"
	if s.Source() == state.Recorded {
		words = "of the paper's claims, on the recorded run"
		if slices.ContainsFunc(r.Claims, func(c wire.ClaimReport) bool { return c.Link != "" }) {
			words += "s"
		}
		if r.Recorded != nil && r.Recorded.Date != "" {
			words += " of " + r.Recorded.Date + ", engine " + r.Engine
		}
	}
	var list []app.UI
	for _, v := range []struct {
		n       int
		verdict wire.Verdict
		one     string
		many    string
	}{{c.Holds, wire.Holds, "holds", "hold"}, {c.Unclear, wire.Unclear, "unclear", "unclear"}, {c.Fails, wire.Fails, "fails", "fail"}, {c.NotRun, wire.NotRun, "not run", "not run"}} {
		if v.n == 0 {
			continue
		}
		word := v.many
		if v.n == 1 {
			word = v.one
		}
		list = append(list, app.A().Href("#claims").Class("verdict v-"+verdictClass(v.verdict)).Body(icon(verdictIcon(v.verdict)), app.Span().Text(strconv.Itoa(v.n)+" "+word)))
	}
	list = append(list, app.Span().Class("faint").Text(words))
	return app.P().Class("sum").Body(list...)
}

func (h *hero) share(app.Context, app.Event) { h.Site.share("hero") }
func (h *hero) cite(app.Context, app.Event) {
	h.Site.copy("hero", h.Site.S.Lab.BibTeX, "BibTeX copied")
}

func verdictIcon(v wire.Verdict) string {
	switch v {
	case wire.Holds:
		return iconHolds
	case wire.Fails:
		return iconFails
	case wire.Unclear:
		return iconUnclear
	}
	return iconNotRun
}

func verdictClass(v wire.Verdict) string {
	if v == wire.NotRun || v == "" {
		return "none"
	}
	return string(v)
}

func verdictWord(v wire.Verdict) string {
	switch v {
	case wire.Holds:
		return "Holds"
	case wire.Fails:
		return "Fails"
	case wire.Unclear:
		return "Unclear"
	}
	return "Not run"
}

// claimList judges the paper's claims beside the stage.
type claimList struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the claims.
func (c *claimList) Render() app.UI {
	s := c.Site.S
	r := c.Site.shown(partClaims)
	source := s.Source()
	words := "not run yet"
	switch source {
	case state.Recorded:
		words = "from the recorded run"
	case state.Live:
		words = "waiting for the run"
		if s.Run.Phase == state.Stopped {
			words = "the run was stopped"
		}
	case state.Yours:
		words = "from your run"
	}
	body := []app.UI{app.H2().Body(app.Text("Claims "), app.Small().Text(words))}
	waiting := source == state.Live && s.Run.Phase != state.Stopped
	for _, claim := range s.Lab.Claims {
		report := wire.ClaimReport{ID: claim.ID, At: claim.At, Says: claim.Says, Verdict: wire.NotRun, Paper: claim.Paper, Why: claim.Here}
		if r != nil {
			for _, x := range r.Claims {
				if x.ID == claim.ID {
					report = x
				}
			}
		}
		card := &chart.Claim{Claim: report, Waiting: waiting, Yours: source == state.Yours}
		switch {
		case report.Link != "":
			card.Other = c.Site.href(readable(report.Link))
		case report.Verdict == wire.NotRun && claim.Link != "":
			card.Judge = c.Site.href(readable(claim.Link))
		}
		body = append(body, card)
	}
	return app.Section().ID("claims").Aria("label", "Claims").Body(body...)
}

// figures are the panels of results: the first few below the race, beside the lesson, and the rest below both.
type figures struct {
	app.Compo
	Site  *Site
	At    version
	Batch int
	Rest  bool
	Most  int // how many figures there may be by now
}

// beside is how many panels stand below the race.
const beside = 5

// Render draws the panels.
func (f *figures) Render() app.UI {
	s := f.Site.S
	r := f.Site.shown(partBeside)
	if f.Rest {
		r = f.Site.shown(partRest)
	}
	if r == nil {
		return app.Div().Hidden(true)
	}
	panels := f.panels(r)
	if f.Rest {
		panels = panels[min(beside, len(panels)):]
		if len(panels) == 0 {
			return app.Div().Hidden(true)
		}
		return app.Div().Class("figs rest noembed").Body(panels...)
	}
	notes := make([]app.UI, len(r.Notes))
	for i, n := range r.Notes {
		notes[i] = app.P().Class("note").Text(n)
	}
	if s.Source() == state.Live {
		notes = append(notes, app.P().Class("note").Text("The other figures of your run come when it is finished."))
	}
	return app.Div().Class("closer noembed").Body(
		app.Div().Class("notes").Body(notes...),
		app.Div().Class("figs").Body(panels[:min(beside, len(panels))]...),
	)
}

// panels are all figures of a report. The ledger of the arms is shown where the report has no figure of its own for it,
// as while a run is under way.
func (f *figures) panels(r *wire.Report) []app.UI {
	arm := f.Site.S.Arm
	var panels []app.UI
	memory := false
	for i, fig := range r.Figures {
		memory = memory || fig.ID == "memory"
		if i >= f.Most {
			continue
		}
		if fig.Kind == wire.FigureTiles && f.Site.host == nil {
			// Twice every tensor, once to scale and once as a term, is too much for a page that is read before any program.
			panels = append(panels, app.Section().Class("panel", "figure").ID(fig.ID).Body(
				app.Div().Class("ph").Body(app.Div().Class("pt").Body(app.H2().Text(fig.Title))), app.Div().Class("pb").Body(app.P().Class("cap").Text(fig.Caption+" The tensors are drawn when the page's program is here."))))
			continue
		}
		panel := &chart.Figure{Figure: fig, Arms: r.Arms, Selected: arm, Source: r.Link, Sorts: f.Site.sorts}
		if fig.Kind == wire.FigureTiles {
			panel.OnSelect = f.Site.selectArm
		}
		panels = append(panels, panel)
	}
	if !memory {
		panels = append(panels, &chart.Memory{Arms: r.Arms, Selected: arm, Batch: f.Batch, Source: r.Link, Rev: f.At[1]})
	}
	return panels
}

// sharing is the bar with the run's address, its fingerprint and the exports.
type sharing struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the bar.
func (b *sharing) Render() app.UI {
	s := b.Site.S
	r := b.Site.shown(partShare)
	print, what := "", "no run yet"
	switch s.Source() {
	case state.Yours:
		what = "your run"
	case state.Recorded:
		what = "the recorded run"
	case state.Live:
		what = "your run has no fingerprint before it is finished"
	}
	export := map[state.Source]string{state.Recorded: "Export the recorded run", state.Live: "Export your run so far", state.Yours: "Export your run"}[s.Source()]
	switch {
	case !s.OfLink(): // a fingerprint beside the link of another run would be a lie
		what = "press play to get the fingerprint of this link"
	case r != nil && r.Fingerprint != "":
		print = r.Fingerprint
	}
	info := []app.UI{app.Div().Class("url").Title(b.Site.link()).Text(trimScheme(b.Site.link()))}
	line := app.P().Class("print").Body(app.Span().Class("faint").Text("engine "+s.Catalog.Engine+" · "+what), app.Text(" "))
	if print != "" {
		line = app.P().Class("print").Body(
			app.Span().Class("faint").Text("engine "+s.Catalog.Engine+" · "+what+" · fingerprint "),
			app.Button().ID("fingerprint").Class("link mono").Type("button").Title("Copy the whole fingerprint").DataSet("print", print).OnClick(b.copyPrint).Text(short(print)))
	}
	info = append(info, line, b.Site.faultNear("share"))
	return app.Section().Class("panel sharebar noembed").Aria("label", "Share and export").Body(
		app.Div().Class("what").Body(info...),
		app.Div().Class("grp").Body(
			app.Button().Class("btn primary").Type("button").OnClick(b.link).Text("Copy link"),
			app.Button().Class("btn").Type("button").OnClick(b.embed).Text("Embed"),
		),
		app.Div().Class("grp").Body(
			app.Span().Class("faint").Text(cmp.Or(export, "Export")),
			app.Button().ID("export-json").Class("btn").Type("button").Disabled(r == nil).Title("The whole report of the run that is shown").OnClick(b.json).Text("JSON"),
			app.Button().ID("export-weights").Class("btn").Type("button").Title("Trained weights of "+s.ArmInfo(s.Arm).Label+" in your run, first seed, as safetensors").OnClick(b.weights).Text("Weights"),
		),
	)
}

// origin is the line below an embedded bench: what it is of, and where the whole page stands.
type origin struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the line.
func (o *origin) Render() app.UI {
	s := o.Site.S
	body := []app.UI{app.B().Text(s.Lab.Short), app.Text(" in Petri · "),
		app.A().Href(o.Site.href(readable(s.Link()))).Target("_blank").Rel("noopener").OnClick(outward).Text("open the whole page")}
	if r := o.Site.shown(partShare); r != nil && r.Fingerprint != "" && s.OfLink() {
		body = append(body, app.Text(" · fingerprint "), app.Span().Class("mono").Text(short(r.Fingerprint)))
	}
	return app.P().Class("origin").Body(body...)
}

// outward keeps a click from go-app, which would open a link of this site in place, whatever its target.
func outward(_ app.Context, e app.Event) { e.Call("stopPropagation") }

// short shows the ends of a fingerprint, in groups that can be read out.
func short(print string) string {
	p := strings.TrimPrefix(print, "sha256:")
	if len(p) < 20 {
		return p
	}
	return p[:4] + " " + p[4:8] + " … " + p[len(p)-4:]
}

func trimScheme(link string) string {
	_, rest, ok := strings.Cut(link, "://")
	if !ok {
		return link
	}
	return rest
}

func (b *sharing) link(app.Context, app.Event) { b.Site.share("share") }
func (b *sharing) embed(app.Context, app.Event) {
	link := b.Site.link()
	sep := "?"
	if strings.Contains(link, "?") {
		sep = "&"
	}
	b.Site.copy("share", `<iframe src="`+strings.ReplaceAll(link+sep+"embed=1", "&", "&amp;")+`" width="100%" height="900" title="`+b.Site.S.Lab.Short+` in Petri"></iframe>`, "Embedding code copied")
}
func (b *sharing) json(app.Context, app.Event)    { b.Site.exportReport() }
func (b *sharing) weights(app.Context, app.Event) { b.Site.do(state.Weights{}) }
func (b *sharing) copyPrint(app.Context, app.Event) {
	if r := b.Site.shown(partShare); r != nil {
		b.Site.copy("share", r.Fingerprint, "Fingerprint copied")
	}
}
