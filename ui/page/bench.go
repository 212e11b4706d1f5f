package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// benchBar is the bar with which this machine is measured.
type benchBar struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the bar.
func (b *benchBar) Render() app.UI {
	s := b.Site.S
	m := &s.Bench
	measuring := m.Phase == state.Measuring
	training := s.Run != nil && s.Run.Phase.Busy()
	var note app.UI = app.Div().Hidden(true)
	if training {
		note = app.P().Class("note").Attr("role", "status").Body(
			app.Text("A run of "), app.A().Href(b.Site.href(readable(s.Run.Spec.Link(s.Run.Lab)))).Text(s.Run.Lab.Short),
			app.Text(" is under way and has the workers. Let it finish, or "), app.Button().Class("link").Type("button").OnClick(b.cancel).Text("cancel it"), app.Text(", and then measure."))
	}
	said := map[state.BenchPhase]string{state.Measuring: "This machine is being measured.", state.BenchDone: "The measurement is done.",
		state.BenchCancelled: "The measurement was cancelled.", state.BenchFailed: "The measurement has stopped."}[m.Phase]
	return app.Section().Class("benchbar").Aria("label", "Measure this machine").Body(
		app.Div().Class("row").Body(
			app.Button().ID("measure").Class("btn primary lg").Type("button").Disabled(measuring || training).Title("Measure (Space)").OnClick(b.quick).Text("Measure this machine"),
			app.Button().ID("thorough").Class("btn lg").Type("button").Disabled(measuring || training).OnClick(b.thorough).Text("Thoroughly"),
			b.progress(),
			app.Button().ID("bench-cancel").Class("btn").Type("button").Disabled(!measuring).OnClick(b.cancel).Text("Cancel"),
		),
		app.P().Class("sr").Attr("aria-live", "polite").Text(said), note, b.Site.faultNear("bench"))
}

func (b *benchBar) progress() app.UI {
	m := &b.Site.S.Bench
	lead, rest, right := "Not measured here yet", "", b.Site.benchTimes()
	share := 0.0
	switch r := m.Report; {
	case m.Phase == state.Measuring:
		lead, rest, share = "Measuring", ": "+m.What, m.Share
		right = clock(m.Left) + " left"
	case m.Phase == state.BenchDone:
		lead, rest, share = "Done", ", kept on this device", 1
	case m.Whole:
		lead, rest = "Measured "+r.Date, ", kept on this device"
	case m.Phase == state.BenchCancelled, m.Phase == state.BenchFailed:
		lead = "Stopped"
		if r != nil && len(r.Rows) > 0 {
			rest = ": what was measured is shown, not kept"
		}
	}
	percent := itoa(int(math.Round(100 * share)))
	return app.Div().Class("prog").Body(
		app.Div().Class("row").Body(app.Span().ID("bench-words").Body(app.B().Text(lead), app.Text(rest)), app.Span().Class("eta").Text(right)),
		app.Div().Class("bar").Attr("role", "progressbar").Aria("label", "Progress").Aria("valuemin", 0).Aria("valuemax", 100).Aria("valuenow", percent).Body(
			app.I().Style("width", percent+"%")))
}

func (b *benchBar) quick(app.Context, app.Event)    { b.Site.measure(state.BenchQuick) }
func (b *benchBar) thorough(app.Context, app.Event) { b.Site.measure(state.BenchThorough) }
func (b *benchBar) cancel(app.Context, app.Event)   { b.Site.do(state.Cancel{}) }

// benchTimes says how long the two measurements take.
func (s *Site) benchTimes() string {
	if s.host == nil {
		return ""
	}
	quick := s.S.BenchSeconds(state.BenchQuick, s.Data.Bench)
	return "takes about " + about(quick) + ", thoroughly " + about(s.S.BenchSeconds(state.BenchThorough, s.Data.Bench))
}

// measure begins to measure this machine.
func (s *Site) measure(l state.BenchLength) {
	if s.host == nil {
		return
	}
	painted, began := s.host.Visit()
	start := wire.BenchStart{Painted: painted, Page: began}
	if s.direct {
		start.Kernels = s.S.Ready
	}
	s.do(state.Measure{Length: l, Cases: s.Data.Bench, As: wire.BenchReport{Engine: s.Data.Catalog.Engine, Build: s.Data.Build, Date: s.S.Today,
		Where: "browser", Machine: s.host.Machine(), Cores: s.host.Cores(), Start: &start}})
}

// Bench measures for a script: window.petri.bench. A budget above 0 is the milliseconds for each case.
func (s *Site) Bench(quick bool, budget float64, event func(any), settle func(any, error)) {
	s.later(func() {
		l := state.BenchThorough
		if quick {
			l = state.BenchQuick
		}
		if budget > 0 {
			l = state.BenchLength{Budget: budget, Least: 3, Rounds: 1, Runs: 1, Steps: l.Steps}
		}
		if s.S.Bench.Phase == state.Measuring {
			settle(nil, errors.New("a measurement is under way; wait for it, or call petri.cancel() first"))
			return
		}
		if s.measure(l); s.S.Bench.Phase != state.Measuring {
			settle(nil, errors.New(or(s.S.Faults["bench"], "nothing could be measured")))
			return
		}
		s.benchCall = &call{event: event, settle: settle}
	})
}

// benchNews is what a script hears while it waits.
type benchNews struct {
	Kind  string         `json:"kind"` // "bench"
	What  string         `json:"what"`
	Share float64        `json:"share"`
	Left  float64        `json:"left"` // seconds
	Row   *wire.BenchRow `json:"row,omitempty"`
}

// settleBench tells a script what became of the measurement it waits for.
func (s *Site) settleBench(e state.Event) {
	c, b := s.benchCall, &s.S.Bench
	if c == nil {
		return
	}
	switch b.Phase {
	case state.Measuring:
		if _, ok := e.(state.FromWorker); ok {
			c.event(benchNews{"bench", b.What, b.Share, b.Left, b.Last})
		}
		return
	case state.BenchDone:
		c.settle(b.Report, nil)
	default:
		c.settle(nil, errors.New(or(s.S.Faults["bench"], "the measurement was cancelled")))
	}
	s.benchCall = nil
}

func (s *Site) keepBench(r *wire.BenchReport) {
	if text, err := json.Marshal(r); err == nil {
		s.host.SetLocal("bench", string(text))
	}
}

func (s *Site) restoreBench() {
	var r wire.BenchReport
	if err := json.Unmarshal([]byte(s.host.Local("bench")), &r); err == nil && len(r.Rows) > 0 {
		s.S.Apply(0, state.RestoreBench{Report: r})
	}
}

// benchPage says what is measured and shows what came of it, here and on the recorded machine.
type benchPage struct {
	app.Compo
	Site *Site
	At   version

	table bool
}

// bar is one measurement: how long it is drawn, and in words.
type bar struct {
	kind  string // "here", "ours" or "": recorded bars are hatched
	name  string
	value float64
	text  string
	note  string
}

// Render draws the page below its bar.
func (p *benchPage) Render() app.UI {
	s := p.Site
	r := s.S.Bench.Report
	if r == nil {
		r = &wire.BenchReport{}
	}
	var net, products []app.UI
	most := 0.0
	sets := make([][]bar, len(s.Data.Bench))
	for i, c := range s.Data.Bench {
		if sets[i] = p.bars(r, c); c.FLOP > 0 {
			for _, b := range sets[i] {
				most = max(most, b.value)
			}
		}
	}
	for i, c := range s.Data.Bench {
		switch {
		case c.ID == wire.SweepRun:
		case c.FLOP > 0:
			products = append(products, block(strings.TrimPrefix(c.Title, "product "), most, sets[i]))
		default:
			net = append(net, block(capital(c.Title), 0, sets[i]))
		}
	}
	body := []app.UI{p.whose(r)}
	if p.table {
		body = append(body, app.Section().Class("panel figure benchtable").Body(chart.TableView(p.numbers(r), "Everything that was measured")))
	} else {
		body = append(body,
			secth("Training and inference", "milliseconds, shorter is faster; each picture has its own scale from 0"),
			app.P().Class("why").Text("What you wait for. A training step runs the network forward and backward over 32 pictures and updates its weights: all of them, or the LoRA adapters. Inference is the forward pass alone. The network is a small vision transformer of width 64, the same for every engine."),
			app.Div().Class("blocks two").Body(net...),
			secth("Products", "GFLOP/s, longer is faster; one scale from 0 for all"),
			app.P().Class("why").Text("What a step is made of. Almost all of its time goes into products of matrices: squares for comparison, then the shapes of the networks here, 544 rows being 32 pictures of 17 tokens. With a transposed side, they are those of the backward pass. A GFLOP is 10⁹ multiplications and additions."),
			app.Div().Class("blocks").Body(products...),
			secth("Around them", ""),
			app.Div().Class("blocks").Body(p.sweep(r), p.start(r), p.memory(r)))
	}
	return app.Div().Body(append(body, p.method())...)
}

func secth(title, sub string) app.UI {
	return app.Div().Class("secth").Body(app.H2().Text(title), app.Span().Class("muted").Text(sub))
}

// whose says which numbers are of which machine.
func (p *benchPage) whose(r *wire.BenchReport) app.UI {
	here := "Nothing has been measured on this machine yet. Solid bars will stand here when it has."
	if r.Date != "" {
		here = fmt.Sprintf("Measured %s in %s; %s, kernels: %s, engine %s.", r.Date, r.Machine, cores(r.Cores), r.Path, r.Engine)
		if r.Hidden {
			here += " The page was out of sight for part of the time, when browsers slow it down: do not trust these times, measure again."
		}
	}
	recorded := "No figures of other engines are shipped with this copy of Petri."
	if e := p.Site.Data.Peers; e != nil {
		var names []string
		for _, x := range e.Engines {
			names = append(names, strings.TrimSpace(x.Name+" "+x.Version))
		}
		recorded = fmt.Sprintf("Recorded %s on another machine, %s, %s, in %s: %s. Ratios are within that machine. Solid and hatched bars are of different machines: compare like with like.",
			e.Date, e.Machine, cores(e.Cores), e.Browser, strings.Join(names, ", "))
	}
	tool := func(id, name string, off bool, do func()) app.UI {
		return app.Button().ID(id).Class("btn").Type("button").Disabled(off).OnClick(func(app.Context, app.Event) { do() }, id).Text(name)
	}
	none := len(r.Rows) == 0
	view := "View as table"
	if p.table {
		view = "View as bars"
	}
	return app.Div().Class("whose").Body(
		app.Dl().Body(
			app.Dt().Body(app.I().Class("key here"), app.Text("here")), app.Dd().ID("bench-here").Text(here),
			app.Dt().Body(app.I().Class("key"), app.Text("recorded")), app.Dd().Text(recorded)),
		app.Div().Class("cta").Body(
			tool("bench-table", view, false, func() { p.table = !p.table }),
			tool("bench-json", "Export JSON", none, func() { p.save(r) }),
			tool("bench-csv", "CSV", none, func() {
				p.Site.host.Save("petri-bench.csv", "text/csv", []byte(p.numbers(r).CSV()))
			}),
			tool("bench-copy", "Copy as text", none, func() { p.Site.copy("bench", r.Text(p.Site.Data.Peers), "Measurements copied") })))
}

func (p *benchPage) save(r *wire.BenchReport) {
	if text, err := json.MarshalIndent(r, "", " "); err == nil {
		p.Site.host.Save("petri-bench.json", "application/json", append(text, '\n'))
	}
}

func cores(n int) string { return itoa(n) + " " + plural(n, "core", "cores") }

// bars are the measurements of a case: here, then as recorded.
func (p *benchPage) bars(r *wire.BenchReport, c wire.BenchCase) []bar {
	length := func(ms float64) float64 {
		if c.FLOP > 0 && ms > 0 {
			return c.FLOP / ms / 1e6
		}
		return ms
	}
	here := bar{kind: "here", name: "Petri, here"}
	if row := r.Row(c.ID); row.Best > 0 {
		here.value = length(row.Best)
		here.text = chart.Number(here.value)
		if row.Scalar > 0 {
			here.note = chart.Number(math.Round(10*row.Scalar/row.Best)/10) + "× scalar"
		}
	}
	out := []bar{here}
	if e := p.Site.Data.Peers; e != nil {
		for _, x := range e.Engines {
			row, ok := e.Row(c.ID, x.ID)
			if !ok || row.Best <= 0 {
				continue
			}
			b := bar{name: x.Name, value: length(row.Best)}
			b.text = chart.Number(b.value)
			if x.ID == ours {
				b.kind, b.name = "ours", x.Name+", recorded"
			} else {
				b.note = ratioWords(row.Ratio)
			}
			out = append(out, b)
		}
	}
	return out
}

// ours is the engine of the recorded figures that is Petri.
const ours = "petri"

// ratioWords tells the ratio of an engine's time to ours.
func ratioWords(ratio float64) string {
	switch {
	case ratio <= 0:
		return ""
	case ratio > 1.02:
		return shortNumber(ratio) + "× slower"
	case ratio < 0.98:
		return shortNumber(1/ratio) + "× faster"
	}
	return "the same"
}

func shortNumber(x float64) string {
	if x < 9.95 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// block draws bars on one scale from 0 to most, or to the longest of them.
func block(title string, most float64, bars []bar, words ...string) app.UI {
	for _, b := range bars {
		most = max(most, b.value)
	}
	list := make([]app.UI, 0, len(bars))
	for _, b := range bars {
		width, text := "0", b.text
		if b.value > 0 {
			width = strconv.FormatFloat(100*b.value/most, 'f', 1, 64) + "%"
		} else {
			text = "–"
		}
		list = append(list, app.Li().Class(b.kind).Body(app.Span().Text(b.name), app.Div().Body(app.I().Style("width", width)), app.B().Text(text), app.Em().Text(b.note)))
	}
	body := []app.UI{app.H3().Text(title), app.Ul().Body(list...)}
	for _, w := range words {
		body = append(body, app.P().Class("cap").Text(w))
	}
	return app.Section().Class("block").Body(body...)
}

func (p *benchPage) sweep(r *wire.BenchReport) app.UI {
	w := wire.BenchSweep{}
	if r.Sweep != nil {
		w = *r.Sweep
	}
	bars := []bar{{kind: "here", name: "one worker", value: w.One, text: seconds(w.One)}, {kind: "here", name: "all workers", value: w.All, text: seconds(w.All)}}
	words := "A race is many separate runs, and every core takes some. Timed are equal runs, one after the other on one worker and shared among all."
	switch {
	case w.Ratio > 0:
		bars[1].name = itoa(w.Workers) + " workers"
		bars[1].note = shortNumber(w.Ratio) + "× as fast"
		words += fmt.Sprintf(" Here: %d runs of %d steps, the shortest of %d %s.", w.Runs, w.Steps, w.Rounds, plural(w.Rounds, "round", "rounds"))
	case p.Site.host != nil && p.Site.host.Cores() == 1:
		words = "This browser offers one core, so runs follow one another: there is nothing to share and nothing to compare."
	}
	return block("A sweep, on one worker and on all", 0, bars, words)
}

func seconds(ms float64) string {
	if ms < 1000 {
		return chart.Number(ms) + " ms"
	}
	return chart.Number(ms/1000) + " s"
}

func (p *benchPage) start(r *wire.BenchReport) app.UI {
	at := wire.BenchStart{}
	if r.Start != nil {
		at = *r.Start
	}
	b := func(name string, ms float64) bar { return bar{kind: "here", name: name, value: ms, text: seconds(ms)} }
	bars := []bar{b("text to read", at.Painted), b("page at work", at.Page), b("kernels ready", at.Kernels), b("first step", at.Step)}
	return block("From the link to the first step", 0, bars,
		"The first three count from when this page was asked for, the last from the start of a fresh worker to its first finished training step. A visit that began on a page without kernels has no time for them.")
}

func (p *benchPage) memory(r *wire.BenchReport) app.UI {
	bars := []bar{{kind: "here", name: "after 200 steps"}, {kind: "here", name: "later"}}
	words := "A step reuses the memory of the one before. A worker that grew would in the end take the tab down with it."
	for i, m := range r.Memory {
		if i < len(bars) {
			bars[i].name, bars[i].value, bars[i].text = "after "+chart.Count(m.Steps)+" steps", float64(m.Bytes), chart.Bytes(m.Bytes)
		}
	}
	if m := r.Memory; len(m) == 2 {
		if bars[1].note = "no growth"; m[1].Bytes != m[0].Bytes {
			bars[1].note = "+" + chart.Bytes(m[1].Bytes-m[0].Bytes)
		}
	}
	return block("Memory of a worker that trains", 0, bars, words)
}

// method says how it is measured.
func (p *benchPage) method() app.UI {
	para := func(title, text string) app.UI {
		return app.Section().Body(app.H2().Text(title), app.P().Text(text))
	}
	return app.Div().Class("prose cols").Body(
		para("How it is measured", "One worker measures while the others and the page rest. A case is warmed up first, since browsers compile hot code while it runs. Then it is called again and again; a call too short for the browser's clock is timed several at once. Shown is the best: what disturbs a computer only ever makes it slower. The table has the median too; where the two are far apart, something else was at work."),
		para("Times the scalar loop", "Each kernel exists twice: as a plain loop in Go, which defines its result, and in the machine's vector instructions, which must give the same bits. The ratio says what the second is worth. Sums keep one order and nothing is fused, on every machine, so that a run is the same run everywhere; an engine without that promise may go faster."),
		para("What it does not say", "A phone that is warm, a laptop on battery or a tab beside a video will measure less. And speed is not the point of a network of this size: that a class of thirty can train it on whatever they brought is."),
		para("Without this page", "The command go run . bench measures the same kernels natively, with -browser also this page in a browser without a window, and with -json prints both as the reports that Export JSON writes."))
}

// numbers is everything that was measured, as a table.
func (p *benchPage) numbers(r *wire.BenchReport) chart.Table {
	columns, rows := wire.BenchTable(*r, p.Site.Data.Peers, p.Site.Data.Bench)
	return chart.Table{Columns: columns, Rows: rows}
}
