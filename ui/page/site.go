package page

import (
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/stage"
	"petri/ui/state"
)

// Site is everything between the state and the browser: it carries effects out, and decides when which part of the page
// is drawn again. All of it runs on go-app's goroutine.
type Site struct {
	Data  Data
	S     *state.State
	host  Host // nil in a page rendered natively
	root  *Root
	disp  app.Dispatcher
	early []func() // what happened before the first page was mounted

	drawn    [parts]drawing
	figures  int  // how many of the report's figures are in the page
	due      bool // a pass of drawing is on its way
	room     *room
	lastPass float64
	played   float64 // when play was last pressed
	ticking  bool

	current   *wire.Report // what report returns
	reportAt  version
	staged    [3]int // what the stage has been given: frame, theme, prompts
	stageUp   bool
	stageSoon bool // the stage's iframe is about to be put into the page
	stageEver bool // it is there
	stageSays stage.Event
	stageHigh float64
	stageFail string
	stillOf   *state.Picture // what stillHTML shows
	stillHTML string
	stillAt   float64
	dishHTML  string // the picture of the shelf, as the page brought it along
	theme     string // "", "light" or "dark"
	themes    int
	composing composer
	sorts     chart.Sorts      // how tables of figures are sorted
	calls     map[string]*call // runs that scripts wait for, by run
	restored  map[string]bool  // labs whose last run has been asked for
	benchCall *call            // the measurement that a script waits for
	opened    bool             // a page has been opened
	direct    bool             // the first one was one that starts the workers
}

// call is a run that a script waits for.
type call struct {
	event  func(any)
	settle func(any, error)
}

// The site of this process: one in a browser. The generator makes one for every page it renders, from the same data.
var (
	configured Data
	browsing   *Site
)

// Register makes the pages known to go-app. It has to be called once, before anything is rendered.
func Register(d Data) {
	configured = d
	app.RouteWithRegexp(".*", &Root{})
}

// Start is Register in a browser. tell hands signals in, from any goroutine.
func Start(d Data, h Host) (tell func(Signal)) {
	chart.Use(h)
	s := newSite(d, h)
	browsing = s
	s.theme = h.Local("theme")
	// The pictures of recorded runs are in the page already: they need not be drawn again.
	s.stillHTML, s.dishHTML = h.Markup(".stage .fits"), h.Markup(".dish .fits")
	Register(d)
	return func(g Signal) { s.later(func() { s.hear(g) }) }
}

func newSite(d Data, h Host) *Site {
	workers := 1
	if h != nil {
		workers = min(max(1, h.Cores()), MaxWorkers)
	}
	s := &Site{Data: d, S: state.New(d.Catalog, d.Recorded, workers), host: h, calls: map[string]*call{}, restored: map[string]bool{}, sorts: chart.Sorts{}}
	s.S.Structures = d.Structures
	if h != nil {
		s.room = newRoom(workers, h, s.later)
		s.S.Today = h.Today()
		s.restoreMine()
		s.restoreBench()
	}
	return s
}

// MaxWorkers bounds the workers: each holds its own copy of weights and data.
const MaxWorkers = 8

// Paths lists the pages of a site as paths below its base.
func Paths(d Data) []string {
	paths := []string{"/", "/claims", "/how", "/credits", "/bench", "/404"}
	for _, l := range d.Catalog.Labs {
		paths = append(paths, "/"+l.ID)
	}
	return paths
}

// open shows the page of an address.
func (s *Site) open(u *url.URL) {
	path := strings.TrimPrefix(u.Path, s.Data.Base)
	s.do(state.Open{Path: path, Query: u.RawQuery})
	needs := s.S.Place == state.AtLab || s.S.Place == state.AtBench
	if !s.opened {
		s.opened, s.direct = true, needs
	}
	if s.host == nil || !needs {
		return
	}
	if s.S.Place == state.AtBench {
		s.host.Warm("")
		return
	}
	s.host.Warm(s.S.Spec.Canonical(s.S.Lab))
	s.restoreRun()
}

// later runs f on go-app's goroutine.
func (s *Site) later(f func()) {
	if s.disp == nil {
		s.early = append(s.early, f)
		return
	}
	s.disp.Dispatch(app.Dispatch{Mode: app.Next, Source: s.root, Function: func(app.Context) { f() }})
}

// mounted connects the site to the first page.
func (s *Site) mounted(ctx app.Context, r *Root) {
	s.root, s.disp = r, ctx.Dispatcher()
	for _, f := range s.early {
		f()
	}
	s.early = nil
}

// do folds an event into the state and carries out what follows.
func (s *Site) do(e state.Event) {
	now := 0.0
	if s.host != nil {
		now = s.host.Now()
	}
	for _, effect := range s.S.Apply(now, e) {
		s.effect(effect)
	}
	if s.host == nil {
		return
	}
	s.sameBuild(e)
	if s.S.Prompting != nil && s.stageUp { // a mask follows the pointer: it does not wait for the next drawing of the page
		s.stageSync()
	}
	s.tick()
	s.settleCalls(e)
	s.settleBench(e)
	s.refresh(quiet(e))
}

// sameBuild complains of a worker of another build than the page: a run of both would be of neither.
func (s *Site) sameBuild(e state.Event) {
	w, ok := e.(state.FromWorker)
	if !ok || w.Message.Head.Kind != wire.KindReady || w.Message.Head.Build == s.Data.Build || s.Data.Build == "" {
		return
	}
	s.S.Apply(s.host.Now(), state.Complain{Place: "run", Text: "A newer version of Petri has arrived while this page was open. Reload the page before you run anything: finished trials are kept."})
}

// quiet events come many times a second; what they change may wait for the next regular drawing.
func quiet(e state.Event) bool {
	switch e.(type) {
	case state.FromWorker, state.Tick, state.Point, state.HoverAt:
		return true
	}
	return false
}

func (s *Site) effect(e state.Effect) {
	if s.host == nil {
		return
	}
	switch e := e.(type) {
	case state.Send:
		s.room.command(e)
	case state.Replace:
		s.host.Replace(e.Worker)
	case state.Wake:
		s.host.After(e.After, func() { s.later(func() { s.do(e.Event) }) })
	case state.Address:
		s.address(e.Link, e.Push)
	case state.Keep: // in a turn of its own: what a racer has learnt takes a while to write
		s.host.After(0, func() { s.later(func() { s.keepTrial(e) }) })
	case state.Forget:
		s.host.Forget("run/" + e.Lab + "/")
	case state.KeepMine:
		s.keepMine(e.Mine)
	case state.KeepBench:
		s.keepBench(e.Report)
	case state.Download:
		s.host.Save(e.Name, e.Type, e.Data)
	}
}

// tick has the state look at the clock four times a second while a run or a measurement is under way.
func (s *Site) tick() {
	measuring := s.S.Bench.Phase == state.Measuring
	if s.ticking || !measuring && (s.S.Run == nil || !(s.S.Run.Phase == state.Running || s.S.Run.Phase == state.Judging)) {
		return
	}
	if measuring && s.host.Hidden() && !s.S.Bench.Report.Hidden {
		s.do(state.BenchHidden{})
		return
	}
	s.ticking = true
	s.host.After(250, func() {
		s.later(func() {
			s.ticking = false
			s.do(state.Tick{})
		})
	})
}

// hear takes what the host says.
func (s *Site) hear(g Signal) {
	switch g := g.(type) {
	case Told:
		if w, ok := g.Event.(state.FromWorker); ok && w.Message.Head.Kind == wire.KindResting {
			s.room.rests(w.Worker)
			return
		}
		s.do(g.Event)
	case Staged:
		s.stageSaid(g.Text)
	case Pressed:
		s.key(g)
	case Themed:
		s.themes++
		s.refresh(false)
	case Updatable:
		s.S.V.Place++
		s.refresh(false)
	}
}

// passEvery is the least time between two regular drawings, in milliseconds.
const passEvery = 100

// refresh draws what changed: at once after something the visitor did, else at most ten times a second.
func (s *Site) refresh(quiet bool) {
	if s.disp == nil || s.due {
		return
	}
	wait := 0.0
	if quiet {
		wait = max(0, s.lastPass+passEvery-s.host.Now())
	}
	s.due = true
	if !quiet {
		s.host.After(0, func() { s.later(s.pass) })
		return
	}
	s.host.After(wait, func() { s.later(s.draw) })
}

// pass draws one heavy part and all light ones, then leaves the browser a turn before the next: no task grows long.
// go-app draws with its next frame, not now; what is deferred comes after that.
func (s *Site) pass() {
	s.due = false
	s.lastPass = s.host.Now()
	more := s.takeNext()
	s.due = more
	s.stageSync()
	s.disp.Dispatch(app.Dispatch{Mode: app.Update, Source: s.root, Function: func(app.Context) {}})
	s.disp.Dispatch(app.Dispatch{Mode: app.Defer, Source: s.root, Function: func(app.Context) {
		if more {
			s.host.After(0, func() { s.later(s.draw) })
			return
		}
		s.room.leave()
	}})
}

// draw makes a pass once there is room for it.
func (s *Site) draw() { s.room.make(s.crowded(), s.pass) }

// address puts the link of the knobs into the address bar.
func (s *Site) address(link string, push bool) {
	if s.S.Place != state.AtLab {
		return
	}
	page := s.root.page
	if page == nil {
		return
	}
	u := *page.URL()
	path, query, _ := strings.Cut(link, "?")
	u.Path = s.Data.Base + "/" + path
	if s.S.Embed {
		query = strings.TrimPrefix(query+"&embed=1", "&")
	}
	u.RawQuery, u.Fragment = readable(query), ""
	if u.String() == page.URL().String() {
		return
	}
	if push {
		s.root.push(&u)
		return
	}
	page.ReplaceURL(&u)
}

// readable keeps the commas and colons of arms as they are: both may stand in a query.
func readable(query string) string {
	return strings.NewReplacer("%2C", ",", "%3A", ":").Replace(query)
}

// href is the address of a page of this site.
func (s *Site) href(path string) string {
	if path == "" {
		return s.Data.Base + "/"
	}
	return s.Data.Base + "/" + path
}

// link is the full address of the run on the screen.
func (s *Site) link() string {
	u := &url.URL{}
	if s.root != nil && s.root.page != nil {
		u = s.root.page.URL()
	}
	path, query, _ := strings.Cut(s.S.Link(), "?")
	full := url.URL{Scheme: u.Scheme, Host: u.Host, Path: s.Data.Base + "/" + path, RawQuery: readable(query)}
	return full.String()
}

// keepTrial stores a finished trial on this device.
func (s *Site) keepTrial(e state.Keep) {
	m := wire.Message[keptTrial]{Head: keptTrial{Engine: s.Data.Catalog.Engine, Link: e.Link, Result: e.Result, Worked: e.Worked}, Buffers: [][]float32{e.Result.Trained}}
	data, err := wire.Encode(m)
	if err == nil {
		key := "run/" + e.Lab + "/" + itoa(e.Result.Trial.Arm) + "." + itoa(e.Result.Trial.Seed)
		s.host.Keep(key, data, func(err error) { s.later(func() { s.storeFault(err) }) })
		return
	}
	s.storeFault(err)
}

// keptTrial is a finished trial as it is stored.
type keptTrial struct {
	Engine string           `json:"engine"`
	Link   string           `json:"link"`
	Result wire.TrialResult `json:"result"`
	Worked float64          `json:"worked"` // milliseconds of the run
}

func (s *Site) storeFault(err error) {
	text := ""
	if err != nil {
		text = "This device keeps no more (" + err.Error() + "), so a reload would lose this run. Export the report to be safe."
	}
	s.do(state.Complain{Place: "store", Text: text})
}

// restoreRun brings back the last run of the lab, once; another than the one on the page is offered (see openLast).
func (s *Site) restoreRun() {
	lab := s.S.Lab.ID
	if s.restored[lab] {
		return
	}
	s.restored[lab] = true
	s.host.Kept("run/"+lab+"/", func(values [][]byte) {
		link := ""
		var results []wire.TrialResult
		worked := 0.0
		for _, v := range values {
			m, err := wire.Decode[keptTrial](v)
			if err != nil || m.Head.Engine != s.Data.Catalog.Engine || link != "" && m.Head.Link != link || len(m.Buffers) != 1 {
				continue
			}
			link, worked = m.Head.Link, max(worked, m.Head.Worked)
			r := m.Head.Result
			r.Trained = m.Buffers[0]
			results = append(results, r)
		}
		s.later(func() { s.do(state.Restore{Lab: lab, Link: link, Results: results, Worked: worked}) })
	})
}

// openLast opens the run that is kept on this device.
func (s *Site) openLast() {
	u := *s.root.page.URL()
	_, query, _ := strings.Cut(s.S.Last, "?")
	u.RawQuery, u.Fragment = readable(query), ""
	delete(s.restored, s.S.Lab.ID)
	s.root.push(&u)
}

func (s *Site) keepMine(mine map[string]state.Verdict) {
	if text, err := json.Marshal(mine); err == nil {
		s.host.SetLocal("claims", string(text))
	}
}

func (s *Site) restoreMine() {
	var mine map[string]state.Verdict
	if err := json.Unmarshal([]byte(s.host.Local("claims")), &mine); err == nil {
		s.S.Apply(0, state.RestoreMine{Mine: mine})
	}
}

// settleCalls tells scripts what became of the runs they wait for.
func (s *Site) settleCalls(e state.Event) {
	if len(s.calls) == 0 {
		return
	}
	r := s.S.Run
	if w, ok := e.(state.FromWorker); ok && r != nil {
		if c := s.calls[r.ID]; c != nil && w.Message.Head.Run == r.ID {
			switch h := w.Message.Head; h.Kind {
			case wire.KindProgress, wire.KindTrial:
				c.event(h)
			}
		}
	}
	for id, c := range s.calls {
		switch {
		case r == nil || r.ID != id:
			delete(s.calls, id)
			c.settle(nil, errors.New("another run took its place"))
		case r.Phase == state.Done:
			delete(s.calls, id)
			c.settle(r.Report, nil)
		case r.Phase == state.Stopped:
			delete(s.calls, id)
			text := s.S.Faults["run"]
			if text == "" {
				text = "the run was cancelled"
			}
			c.settle(nil, errors.New(text))
		}
	}
}

// Run starts a run for a script: window.petri.run.
func (s *Site) Run(lab string, knobs map[string]string, event func(any), settle func(any, error)) {
	s.later(func() {
		l, spec, err := wire.ParseLink(s.Data.Catalog, lab)
		for _, k := range l.Knobs { // in a fixed order, so that of several mistakes always the same is told
			if text, ok := knobs[k.Name]; ok && err == nil {
				err = spec.Set(l, k.Name, text)
			}
		}
		for name := range knobs {
			if _, ok := l.Knob(name); !ok && err == nil {
				err = spec.Set(l, name, knobs[name])
			}
		}
		if err == nil && (s.S.Run != nil && s.S.Run.Phase.Busy() || s.S.Bench.Phase == state.Measuring) {
			err = errors.New("a run or a measurement is under way; wait for it, or call petri.cancel() first")
		}
		if err != nil {
			settle(nil, err)
			return
		}
		s.do(state.RunSpec{Lab: l, Spec: spec})
		s.calls[s.S.Run.ID] = &call{event: event, settle: settle}
	})
}

// Stop cancels the run at hand: window.petri.cancel.
func (s *Site) Stop() { s.later(func() { s.do(state.Cancel{}) }) }

// Browsing is the site of this browser.
func Browsing() *Site { return browsing }

// isDark reports whether the page is dark now.
func (s *Site) isDark() bool {
	switch s.theme {
	case "light", "dark":
		return s.theme == "dark"
	}
	return s.host != nil && s.host.Dark()
}

// nextTheme goes round: as the system says, light, dark.
func (s *Site) nextTheme() {
	s.theme = map[string]string{"": "light", "light": "dark", "dark": ""}[s.theme]
	s.themes++
	s.S.V.Place++
	if s.host != nil {
		s.host.SetLocal("theme", s.theme)
		s.host.SetRoot("data-theme", s.theme)
		s.refresh(false)
	}
}

func clock(seconds float64) string {
	if math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return ""
	}
	n := int(math.Ceil(seconds))
	switch {
	case n < 100:
		return itoa(n) + " s"
	case n < 3600:
		return itoa((n+59)/60) + " min"
	}
	return itoa(n/3600) + " h " + itoa(n%3600/60) + " min"
}
