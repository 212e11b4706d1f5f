//go:build js

// Command app runs the pages in a browser: it joins ui/page, which knows no JavaScript, to wasm/bridge, which knows
// nothing else.
package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/own"
	"petri/ui/page"
	"petri/ui/state"
	"petri/wasm/bridge"
)

func main() {
	// The page's heap is small and its garbage many short strings. Collections take 5 to 10 ms of the thread that also
	// draws, so fewer of them are worth a few megabytes.
	debug.SetGCPercent(400)
	text, err := bridge.Content()
	if err != nil {
		panic(err)
	}
	data, err := page.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	newHost(data)
	app.RunWhenOnBrowser()
}

// host is the browser as ui/page wants it.
type host struct {
	pool  *bridge.Pool
	stage *bridge.Stage
	store chan func(*bridge.Store, error) // work for the database, in order
	tell  func(page.Signal)
	warm  map[int]bool // workers that have made a throw-away step
	began float64      // when this program ran
	fed   bool         // a worker has the files of its run
	own   bridge.Own
}

func newHost(data page.Data) {
	h := &host{store: make(chan func(*bridge.Store, error), 64), warm: map[int]bool{}, began: bridge.Now()}
	h.own = bridge.Own{Address: data.Address("js/own.js"), Check: own.Check, Cut: own.CutOf,
		Tell: func(b bridge.Brought) { h.tell(page.Brought{Brought: own.Brought(b)}) }}
	assets := map[string]string{}
	for name := range data.Files {
		if strings.HasPrefix(name, "data/") || strings.HasPrefix(name, "weights/") {
			assets[name] = data.Address(name)
		}
	}
	h.pool = bridge.NewPool(bridge.Places{Exec: data.Address("wasm_exec.js"), Script: data.Address("js/worker.js"), Assets: assets},
		min(max(1, bridge.Cores()), page.MaxWorkers))
	h.pool.Event = func(worker int, m wire.Message[wire.Event]) {
		h.feeding(m.Head)
		h.tell(page.Told{Event: state.FromWorker{Worker: worker, Message: m}})
	}
	h.pool.Lost = func(worker int, err error) {
		h.tell(page.Told{Event: state.Lost{Worker: worker, Reason: err.Error()}})
	}
	h.tell = page.Start(data, h)
	h.stage = bridge.NewStage(page.StageFrame, func(text string) { h.tell(page.Staged{Text: []byte(text)}) })
	go h.serveStore(data.Base)
	bridge.OnKey(func(k bridge.Key) { h.tell(page.Pressed{Key: k.Name, Prevent: k.Prevent}) })
	bridge.OnMedia("(prefers-color-scheme: dark)", func() { h.tell(page.Themed{}) })
	bridge.OnWindow("petri:update", func() { h.tell(page.Updatable{}) })
	bridge.OnWindow("beforeinstallprompt", func() { h.tell(page.Updatable{}) })
	bridge.OnWindow("appinstalled", func() { h.tell(page.Updatable{}) })
	// The first collection takes a tenth of a second, because its code is new to the browser: not while something moves.
	bridge.Settled(func() { bridge.After(lead, func() { bridge.WhenIdle(runtime.GC) }) })
	site := page.Browsing()
	bridge.Publish(bridge.API{Labs: func() any { return data.Catalog.Labs }, Run: site.Run, Bench: site.Bench, Cancel: site.Stop})
}

// serveStore works through what is asked of the database.
func (h *host) serveStore(name string) {
	store, err := bridge.OpenStore(name)
	for f := range h.store {
		func() {
			defer bridge.Guard("the database", nil)
			f(store, err)
		}()
	}
}

func (h *host) Now() float64                  { return bridge.Now() }
func (h *host) Today() string                 { return time.Now().Format("2006-01-02") }
func (h *host) After(ms float64, f func())    { bridge.After(ms, f) }
func (h *host) Painted(f func())              { bridge.AfterPaint(f) }
func (h *host) Cores() int                    { return bridge.Cores() }
func (h *host) Machine() string               { return bridge.Agent() }
func (h *host) Visit() (float64, float64)     { return bridge.Painted(), h.began }
func (h *host) Hidden() bool                  { return bridge.Hidden() }
func (h *host) Show(message []byte) bool      { return h.stage.Show(message) }
func (h *host) Dark() bool                    { return bridge.Media("(prefers-color-scheme: dark)") }
func (h *host) SetRoot(name, value string)    { bridge.Root(name, value) }
func (h *host) Dialog(id string, open bool)   { bridge.Dialog(id, open) }
func (h *host) Markup(selector string) string { return bridge.Markup(selector) }
func (h *host) Reveal(selector string)        { bridge.Reveal(selector) }
func (h *host) SetLocal(key, text string)     { _ = bridge.SetLocal(key, text) } // without storage there is no memory
func (h *host) Local(key string) string {
	text, _ := bridge.Local(key)
	return text
}
func (h *host) Copy(text string, done func(error))  { bridge.Copy(text, done) }
func (h *host) Save(name, mime string, data []byte) { bridge.Download(name, mime, data) }
func (h *host) Installable() bool                   { return bridge.Installable() }
func (h *host) Install()                            { bridge.Install() }
func (h *host) UpdateReady() bool                   { return bridge.UpdateReady() }
func (h *host) Update()                             { bridge.Update() }
func (h *host) SavePNG(name, svg string, width, height int) {
	bridge.PNG(svg, float64(width), float64(height), func(data []byte, err error) {
		if err != nil {
			h.tell(page.Told{Event: state.Complain{Place: "share", Text: "The picture could not be drawn (" + err.Error() + "). Export it as SVG instead."}})
			return
		}
		bridge.Download(name, "image/png", data)
	})
}

// Warm starts the workers and has each make a throw-away step: V8 takes its time over the first one.
func (h *host) Warm(link string) {
	bridge.WhenIdle(func() {
		if link == "" {
			h.pool.Start()
			return
		}
		for w := range h.pool.Size() {
			if !h.warm[w] {
				h.warm[w] = true
				h.pool.Send(w, wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpWarm, Link: link}})
			}
		}
	})
}

// The stage takes a processor for a while. lead is what the workers get to make their first step before it comes into a
// place that is seen; aside is how long a page must have had nothing to do before it comes into one that is not. Both in
// milliseconds after all else is loaded.
const lead, aside = 1000, 3000

// Stage says when the stage is to be loaded: when its place in the page is seen, or when the page has nothing else left
// to load and to do. Kernels, weights and data come first in any case: without them there is nothing live to show.
func (h *host) Stage(place string, load func()) {
	once := false
	now := func() {
		if !once {
			once = true
			load()
		}
	}
	bridge.Settled(func() {
		bridge.After(lead, func() { bridge.WhenSeen(place, func() bool { return once }, now) })
		bridge.After(aside, func() { bridge.WhenIdle(now) })
	})
}

// feeding tells the start of the page once a worker has the files of its run.
func (h *host) feeding(e wire.Event) {
	if p := e.Progress; p != nil && !h.fed && (p.Phase != "loading" || p.Loaded >= 1) {
		h.fed = true
		bridge.Fed()
	}
}

func (h *host) Send(worker int, m wire.Message[wire.Command]) { h.pool.Send(worker, m) }
func (h *host) Replace(worker int) {
	delete(h.warm, worker)
	h.pool.Replace(worker)
}

// Own asks for a picture of the visitor's own. The empty wish waits until nothing else is left to load.
func (h *host) Own(w own.Wish) {
	ask := func() { h.own.Ask(w.What, w.Name, w.Address, w.File, w.Scene) }
	if w.What == "" {
		bridge.Settled(ask)
		return
	}
	ask()
}

// OwnPNG writes pixels as a file.
func (h *host) OwnPNG(side int, rgba []byte, done func([]byte, error)) {
	bridge.Go("keeping a picture", func() { done(h.own.PNG(side, rgba)) })
}

// Keep stores a value.
func (h *host) Keep(key string, data []byte, done func(error)) {
	h.store <- func(s *bridge.Store, err error) {
		if err == nil {
			err = s.Put(key, data)
		}
		done(err)
	}
}

// Kept reads all values below a prefix.
func (h *host) Kept(prefix string, done func([][]byte)) {
	h.store <- func(s *bridge.Store, err error) {
		if err != nil {
			return // nothing was kept, then
		}
		keys, _ := s.Keys(prefix)
		var values [][]byte
		for _, k := range keys {
			if v, err := s.Get(k); err == nil && v != nil {
				values = append(values, v)
			}
		}
		done(values)
	}
}

// Forget removes all values below a prefix.
func (h *host) Forget(prefix string) {
	h.store <- func(s *bridge.Store, err error) {
		if err == nil {
			_ = s.Delete(prefix) // what stays is not of the present run and is passed over when read
		}
	}
}
