package page

import (
	"cmp"
	"encoding/json"
	"errors"
	"html"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// benchPage says what is measured and shows what came of it, here and on the recorded machine.
type benchPage struct {
	app.Compo
	Site *Site
	At   version

	table bool
}

// bar is the bar with which the machine is measured.
func (b *benchPage) bar() app.UI {
	s := b.Site
	m, r := &s.S.Bench, s.S.Run
	measuring := m.Phase == state.Measuring
	training := r != nil && r.Phase.Busy()
	button := func(id, class, text string, off bool, do app.EventHandler) app.UI {
		return app.Button().ID(id).Class(class).Type("button").Disabled(off).OnClick(do, id).Text(text)
	}
	note := []app.UI{s.faultNear("bench")}
	if training {
		note = append(note, app.Div().Class("note").Body(
			app.Raw(`<p>A run of <a href="`+html.EscapeString(s.href(readable(r.Spec.Link(r.Lab))))+`">`+r.Lab.Short+`</a> is under way and has the workers. Let it finish, or cancel it, and then measure.</p>`),
			button("bench-halt", "link", "Cancel the run", false, b.cancel)))
	}
	return app.Section().Class("benchbar").Body(
		app.Div().Class("row").Body(
			button("measure", "btn primary lg", "Measure this machine", measuring || training, b.quick),
			button("thorough", "btn lg", "Thoroughly", measuring || training, b.thorough),
			app.Raw(b.progress()),
			button("bench-cancel", "btn", "Cancel", !measuring, b.cancel)),
		app.P().Class("sr").Attr("aria-live", "polite").Text(benchSaid[m.Phase]), app.Div().Body(note...))
}

// benchSaid is what a listener hears of a measurement.
var benchSaid = [...]string{"", "This machine is being measured.", "The measurement is done.", "The measurement was cancelled.", "The measurement has stopped."}

func (b *benchPage) progress() string {
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
	case m.Phase != state.BenchIdle:
		lead = "Stopped"
		if r != nil && len(r.Rows) > 0 {
			rest = ": what was measured is shown, not kept"
		}
	}
	percent := itoa(int(math.Round(100 * share)))
	return `<div class="prog"><div class="row"><span id="bench-words"><b>` + lead + `</b>` + html.EscapeString(rest) + `</span><span class="eta">` + right +
		`</span></div><div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" aria-valuenow="` + percent + `"><i style="width:` + percent + `%"></i></div></div>`
}

func (b *benchPage) quick(app.Context, app.Event)    { b.Site.measure(state.BenchQuick) }
func (b *benchPage) thorough(app.Context, app.Event) { b.Site.measure(state.BenchThorough) }
func (b *benchPage) cancel(app.Context, app.Event)   { b.Site.do(state.Cancel{}) }

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
	s.do(state.Measure{Length: l, Cases: s.Data.Bench, Direct: s.direct, As: wire.BenchReport{Engine: s.Data.Catalog.Engine, Build: s.Data.Build, Date: s.S.Today,
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
			l = state.BenchLength{Budget: budget, Least: 3, Turns: 2, Rounds: 1, Runs: 1, Steps: l.Steps}
		}
		if s.S.Bench.Phase == state.Measuring {
			settle(nil, errors.New("a measurement is under way; wait for it, or call petri.cancel() first"))
			return
		}
		if s.measure(l); s.S.Bench.Phase != state.Measuring {
			settle(nil, errors.New(cmp.Or(s.S.Faults["bench"], "nothing could be measured")))
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
		c.settle(nil, errors.New(cmp.Or(s.S.Faults["bench"], "the measurement was cancelled")))
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

// span is one measurement: how long it is drawn, and in words.
type span struct {
	kind  string // "here", "ours" or "": recorded bars are hatched
	name  string
	value float64
	text  string
	note  string
}

// Render draws the component.
func (p *benchPage) Render() app.UI {
	s := p.Site
	r := s.S.Bench.Report
	if r == nil {
		r = &wire.BenchReport{}
	}
	tool := func(id, name string, off bool, do func()) app.UI {
		return app.Button().ID(id).Class("btn").Type("button").Disabled(off).OnClick(func(app.Context, app.Event) { do() }, id).Text(name)
	}
	none := len(r.Rows) == 0
	view, shown := "View as table", app.UI(nil)
	if p.table {
		view = "View as bars"
		shown = app.Section().Class("panel figure benchtable").Body(chart.TableView(p.numbers(r), "Everything that was measured"))
	} else {
		shown = app.Raw(p.pictures(r))
	}
	return app.Div().Body(
		app.Raw(benchHead),
		p.bar(),
		app.Div().Class("whose").Body(app.Raw(p.whose(r)), app.Div().Class("cta").Body(
			tool("bench-table", view, false, func() { p.table = !p.table }),
			tool("bench-json", "Export JSON", none, p.save),
			tool("bench-csv", "CSV", none, func() {
				s.host.Save("petri-bench.csv", "text/csv", []byte(p.numbers(s.S.Bench.Report).CSV()))
			}),
			tool("bench-copy", "Copy as text", none, p.copy))),
		shown, app.Raw(benchMethod))
}

// copy puts the table on the clipboard, as programs paste it into cells.
func (p *benchPage) copy() {
	t := p.numbers(p.Site.S.Bench.Report)
	text := ""
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		text += strings.Join(row, "\t") + "\n"
	}
	p.Site.copy("bench", text, "Measurements copied")
}

// pictures are the bars of everything that is measured, in one element.
func (p *benchPage) pictures(r *wire.BenchReport) string {
	var net, products strings.Builder
	methods, most := "", 0.0
	sets := make([][]span, len(p.Site.Data.Bench))
	for i, c := range p.Site.Data.Bench {
		if sets[i] = p.bars(r, c); c.FLOP > 0 {
			for _, b := range sets[i] {
				most = max(most, b.value)
			}
		}
	}
	for i, c := range p.Site.Data.Bench {
		switch {
		case c.ID == wire.SweepRun:
		case len(c.Parts) > 0:
			methods += p.methods(r, c)
		case c.FLOP > 0:
			products.WriteString(block(strings.TrimPrefix(c.Title, "product "), most, sets[i], ""))
		default:
			net.WriteString(block(capital(c.Title), 0, sets[i], ""))
		}
	}
	return `<div><div class="secth"><h2>Training and inference</h2><span class="muted">milliseconds, shorter is faster; each picture has its own scale from 0</span></div>
<p class="why">What you wait for. A training step runs the network forward and backward over 32 pictures and updates its weights: all of them, or the LoRA adapters. Inference is the forward pass alone. The network is a small vision transformer of width 64, the same for every engine; the steps of MOAT and of masks are those of their labs, as are the encoding of a picture of 64 × 64 pixels, a prompt and everything mode by the shipped model, and are of this engine only. “× scalar” is how many times as fast as plain Go loops the vector kernels are.</p>
<div class="blocks two">` + net.String() + `</div>
` + methods + `
<div class="secth"><h2>Products</h2><span class="muted">GFLOP/s, longer is faster; one scale from 0 for all</span></div>
<p class="why">What a step is made of. Almost all of its time goes into products of matrices: squares for comparison, then the shapes of the networks here, 544 rows being 32 pictures of 17 tokens. With a transposed side, they are those of the backward pass. A GFLOP is 10⁹ multiplications and additions.</p>
<div class="blocks">` + products.String() + `</div>
<div class="secth"><h2>Around them</h2><span class="muted">cores, start and memory</span></div>
<div class="blocks two">` + p.sweep(r) + p.start(r) + p.memory(r) + p.opened(r) + `</div></div>`
}

// methods are the steps of the methods of adaptation, as one table of bars.
func (p *benchPage) methods(r *wire.BenchReport, c wire.BenchCase) string {
	var bars []span
	for _, m := range c.Parts {
		b := measuredBar(strings.TrimPrefix(m.Title, "training step, "), r.Row(m.ID).Median, chart.Number)
		if ratio := r.OfFull(m.ID); ratio > 0 {
			b.note = strconv.FormatFloat(ratio, 'g', 2, 64) + "× full"
		}
		bars = append(bars, b)
	}
	return `<div class="methods">` + block("Training step of each method, batch 32", 0, bars,
		"Milliseconds, here the median, and how many times that of full fine-tuning it is. The methods of the lab of prompts take turns on the same network, a sample of each and then the next. In the lab the head alone is trained on cached features, since a frozen network never says anything else of an example.") + `</div>`
}

// whose says which numbers are of which machine.
func (p *benchPage) whose(r *wire.BenchReport) string {
	here := "Nothing has been measured on this machine yet. Solid bars will stand here when it has."
	if r.Date != "" {
		here = "Measured " + r.Date + " in " + r.Machine + ", " + cores(r.Cores)
		if r.Path != "" {
			here += ", with the " + r.Path + " kernels of engine " + r.Engine
		}
		here += "."
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
		recorded = "Measured " + e.Date + " on another machine (" + e.Machine + ", " + cores(e.Cores) + ") in " + e.Browser + ": " + strings.Join(names, ", ") +
			". The ratios are within that machine. Solid and hatched bars are of different machines, so compare like with like."
	}
	return `<dl><dt><i class="key here"></i>here</dt><dd id="bench-here">` + html.EscapeString(here) + `</dd><dt><i class="key"></i>recorded</dt><dd>` + html.EscapeString(recorded) + `</dd></dl>`
}

// save exports the report. Like all handlers here it looks for the report when it is used: go-app keeps those of the
// first drawing.
func (p *benchPage) save() {
	r := p.Site.S.Bench.Report
	if text, err := json.MarshalIndent(r, "", " "); err == nil {
		p.Site.host.Save("petri-bench.json", "application/json", append(text, '\n'))
	}
}

func cores(n int) string { return itoa(n) + " " + plural(n, "core", "cores") }

// bars are the measurements of a case: here, then as recorded.
func (p *benchPage) bars(r *wire.BenchReport, c wire.BenchCase) []span {
	length := func(ms float64) float64 {
		if c.FLOP > 0 && ms > 0 {
			return c.FLOP / ms / 1e6
		}
		return ms
	}
	here := span{kind: "here", name: "Petri, here"}
	if row := r.Row(c.ID); row.Best > 0 {
		here.value = length(row.Best)
		here.text = chart.Number(here.value)
		if row.Scalar > 0 {
			here.note = shortNumber(row.Scalar/row.Best) + "× scalar"
		}
	}
	out := []span{here}
	if e := p.Site.Data.Peers; e != nil {
		for _, x := range e.Engines {
			row, ok := e.Row(c.ID, x.ID)
			if !ok || row.Best <= 0 {
				continue
			}
			b := span{name: x.Name, value: length(row.Best)}
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
	case ratio > 1.05:
		return shortNumber(ratio) + "× slower"
	case ratio < 0.95:
		return shortNumber(1/ratio) + "× faster"
	}
	return "about the same"
}

func shortNumber(x float64) string {
	if x < 9.95 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// block draws bars on one scale from 0 to most, or to the longest of them.
func block(title string, most float64, bars []span, words string) string {
	for _, b := range bars {
		most = max(most, b.value)
	}
	out := `<section class="block"><h3>` + title + `</h3><ul>`
	for _, b := range bars {
		drawn, text := "", "–"
		if b.value > 0 {
			drawn, text = `<i style="width:`+strconv.FormatFloat(100*b.value/most, 'f', 1, 64)+`%"></i>`, b.text
		}
		out += `<li class="` + b.kind + `"><span>` + html.EscapeString(b.name) + `</span><div>` + drawn + `</div><b>` + text + `</b><em>` + b.note + `</em></li>`
	}
	if words != "" {
		words = `<p class="cap">` + words + `</p>`
	}
	return out + `</ul>` + words + `</section>`
}

// measuredBar is a bar of this machine.
func measuredBar(name string, value float64, text func(float64) string) span {
	return span{kind: "here", name: name, value: value, text: text(value)}
}

func (p *benchPage) sweep(r *wire.BenchReport) string {
	w := r.Sweep
	if w == nil {
		w = &wire.BenchSweep{}
	}
	bars := []span{measuredBar("one worker", w.One, seconds), measuredBar("all workers", w.All, seconds)}
	words := "A race is many separate runs, and every core takes some. Equal runs are timed one after the other on one worker, and shared among all."
	switch {
	case w.Ratio > 0:
		bars[1].name = itoa(w.Workers) + " workers"
		bars[1].note = shortNumber(w.Ratio) + "× as fast"
		words += " Here: " + itoa(w.Runs) + " runs of " + itoa(w.Steps) + " steps, the shortest of " + itoa(w.Rounds) + " " + plural(w.Rounds, "round", "rounds") + "."
	case p.Site.host != nil && p.Site.host.Cores() == 1:
		words = "This browser offers one core, so runs follow one another: there is nothing to share and nothing to compare."
	}
	return block("A sweep, on one worker and on all", 0, bars, words)
}

func seconds(ms float64) string {
	if ms < 1000 {
		return itoa(int(math.Round(ms))) + " ms"
	}
	return chart.Number(ms/1000) + " s"
}

func (p *benchPage) start(r *wire.BenchReport) string {
	at := r.Start
	if at == nil {
		at = &wire.BenchStart{}
	}
	bars := []span{measuredBar("text to read", at.Painted, seconds), measuredBar("page at work", at.Page, seconds),
		measuredBar("kernels ready", at.Kernels, seconds), measuredBar("first step", at.Step, seconds)}
	return block("From the link to the first step", 0, bars,
		"The first three count from when this page was asked for; the last from the start of a fresh worker to its first finished training step. A visit that began on a page without kernels has no time for them.")
}

// opened shows how long the engines took from opening a page to its first step, where that was recorded.
func (p *benchPage) opened(r *wire.BenchReport) string {
	bars := p.bars(r, wire.BenchCase{ID: "start/step"})[1:]
	if len(bars) == 0 {
		return ""
	}
	for i := range bars {
		bars[i].text = seconds(bars[i].value)
	}
	return block("From opening a page to its first step", 0, bars, "As recorded, for each engine on a page of its own: fetching its program from the same machine, compiling it, making the network and training one step.")
}

func (p *benchPage) memory(r *wire.BenchReport) string {
	size := func(n float64) string { return chart.Bytes(int(n)) }
	bars := []span{measuredBar("after 200 steps", 0, size), measuredBar("later", 0, size)}
	for i, m := range r.Memory {
		bars[min(i, 1)] = measuredBar("after "+chart.Count(m.Steps)+" steps", float64(m.Bytes), size)
	}
	if more := bars[1].value - bars[0].value; bars[1].value > 0 {
		if bars[1].note = "no growth"; more != 0 {
			bars[1].note = "+" + size(more)
		}
	}
	return block("Memory of a worker that trains", 0, bars,
		"A step reuses the memory of the one before. A worker that grew would in the end take the tab down with it. Counted is the whole WebAssembly memory of the worker, which never shrinks.")
}

// benchHead says what the page is for.
const benchHead = `<div><h1>How fast is it here?</h1><p class="lede">Petri trains in plain Go, compiled to WebAssembly, one worker for each core. This page measures what that gives on the machine before you, and draws it beside what other engines gave on a recorded one.</p></div>`

// benchMethod says how it is measured.
const benchMethod = `<div class="prose cols"><section><h2>How it is measured</h2><p>One worker measures while the others and the page rest. A case is warmed up first, since browsers compile hot code while it runs. Then it is called again and again; a call too short for the browser’s clock is timed several at once. Shown is the best: what disturbs a computer only ever makes it slower. The table has the median too; where the two are far apart, something else was at work.</p></section>
<section><h2>Times the scalar loop</h2><p>Each kernel exists twice: as a plain loop in Go, which defines its result, and in the machine’s vector instructions, which must give the same bits. The ratio says what the second is worth. Sums keep one order and nothing is fused, so that a run is the same run everywhere; an engine without that promise may go faster.</p></section>
<section><h2>What it does not say</h2><p>A warm phone, a laptop on battery or a tab beside a video will measure less. And speed is not the point of a network of this size: that a class of thirty can train it on whatever they brought is.</p></section>
<section><h2>Without this page</h2><p><code>go run . bench</code> measures the same kernels natively, with <code>-browser</code> this page too, in a browser without a window; <code>-json</code> prints both as the reports that Export JSON writes. Scripts on any page of Petri call <code>petri.bench({quick: true})</code>.</p></section></div>`

// numbers is everything that was measured, as a table.
func (p *benchPage) numbers(r *wire.BenchReport) chart.Table {
	columns, rows := wire.BenchTable(*r, p.Site.Data.Peers, p.Site.Data.Bench)
	return chart.Table{Columns: columns, Rows: rows}
}
