//go:build js

// Command lab runs in every worker of the page: it hands commands to a lab.Session and lets it train, a turn at a
// time, with a look at the mailbox between turns.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
	"petri/wasm/bridge"
)

func main() {
	w := &worker{Worker: bridge.NewWorker()}
	w.session = w.fresh()
	w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindReady, Engine: wire.Engine, Build: bridge.Build}})
	for {
		w.serve()
	}
}

// worker is one worker: its mailbox, its session, and the commands that wait for files.
type worker struct {
	*bridge.Worker
	session   *lab.Session
	held      []wire.Message[wire.Command] // in order; the first waits for its files, the others for the first
	loading   bool
	working   bool    // the session has something to do
	collected float64 // when memory was last collected
	rested    float64 // until when the processor is left to the page
	warm      warmup
	bench     stopwatch       // what is being measured, between two commands
	at        wire.Command    // the last command that began work, to say whose a fault was
	asks      [3]wire.Command // and the last prompts: at a place, for a file, for everything
}

func (w *worker) fresh() *lab.Session {
	return lab.NewSession(lab.Env{Asset: w.Asset, Clock: w.Now}, papers.All)
}

// serve runs until something panics, which only a fault in the program makes it do. The fault is reported, and a
// fresh session goes on with the next command.
func (w *worker) serve() {
	defer bridge.Guard("the run", func(err error) {
		w.session, w.held, w.loading, w.working, w.warm = w.fresh(), nil, false, false, warmup{}
		w.fail(w.at, fmt.Errorf("%w. Press play to start again", err))
		for i, c := range w.asks { // the page waits for their answers; it passes over what has been answered
			if c.Ask != nil {
				w.fail(c, err)
			}
			w.asks[i] = wire.Command{}
		}
	})
	for {
		for _, m := range w.Take() {
			w.take(m)
		}
		if left := w.rested - w.Now(); left > 0 {
			w.Wait(left)
			continue
		}
		w.release()
		if w.warmed() {
			w.Tick()
			continue
		}
		w.working = w.session.Advance(w.emit)
		if w.working {
			w.collect(collectMs)
		}
		switch {
		case !w.working:
			if w.collected > 0 { // there was work
				w.collect(collectMs / 10) // not after every message of an idle worker
			}
			w.Wait(0)
		case w.session.Wait() > 0:
			w.Wait(w.session.Wait())
		default:
			w.Tick()
		}
	}
}

// collect frees what is no longer used, unless that was done less than so many milliseconds ago, and sees to it that
// there is room for what is thrown away until the next time. WebAssembly memory never shrinks, and left alone Go lets
// garbage grow to a share of all that lives, which here is mostly weights and data: a worker would hold more after 2,000
// steps than after 200. Steps make no garbage, pictures and messages make up to 4 MB a second. The first collection makes
// the room that the second gives back; each takes about 2 ms, because large arrays of numbers are not searched.
func (w *worker) collect(every float64) {
	if now := w.Now(); now-w.collected >= every {
		if w.collected == 0 {
			debug.SetGCPercent(gcPercent) // not earlier: a worker that begins should not look for garbage
		}
		runtime.GC()
		var spare [spareRoom / piece][]byte
		for i := range spare {
			spare[i] = make([]byte, piece)
		}
		runtime.KeepAlive(&spare) // garbage from here on
		runtime.GC()
		w.collected = now
	}
}

const (
	collectMs = 1000    // between two collections while there is work
	firstMs   = 150     // from the start of a trial to the first
	spareRoom = 6 << 20 // bytes
	piece     = 1 << 18 // of the spare room: in one piece it would find no place where small things are left
	gcPercent = 25      // for what comes in between: data and weights being unpacked
)

// emit sends an event; a report goes in pieces, each of which the page reads in a moment.
func (w *worker) emit(m wire.Message[wire.Event]) {
	if m.Head.Kind != wire.KindReport || m.Head.Report == nil {
		w.Emit(m)
		return
	}
	pieces := m.Head.Report.Pieces()
	for i := range pieces {
		e := m
		e.Head.Report, e.Head.More = &pieces[i], i+1 < len(pieces)
		w.Emit(e)
	}
}

// take hands a command on, or holds it back until its files are there, so that the worker can be cancelled while it
// loads.
func (w *worker) take(m wire.Message[wire.Command]) {
	switch m.Head.Op {
	case wire.OpRest:
		w.rested = w.Now() + wire.RestMs
		w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindResting, Run: m.Head.Run}})
	case wire.OpGo:
		w.rested = 0
	case wire.OpBench:
		w.cool()
		w.measure(m.Head)
	case wire.OpTrial, wire.OpReport, wire.OpLook, wire.OpWeights, wire.OpWarm:
		w.held = append(w.held, m)
	case wire.OpStructure: // which is no work: a warm-up goes on
		w.session.Handle(m)
	case wire.OpAsk: // which overtakes what waits for files, unless it needs some itself
		switch a := m.Head.Ask; {
		case a == nil:
		case a.Kind == wire.AskPrompt:
			w.asks[0] = m.Head
		case a.Kind == wire.AskExport:
			w.asks[1] = m.Head
		case a.Kind == wire.AskStop:
			w.asks[2] = wire.Command{}
			w.unhold(wire.AskEvery, wire.AskImport)
		case a.Kind == wire.AskForget:
			clear(w.asks[:])
			w.unhold(wire.AskPrompt, wire.AskExport, wire.AskEvery, wire.AskImport)
		default:
			w.asks[2] = m.Head
		}
		if names, err := w.session.Needs(m.Head); err != nil || !w.Has(names) {
			w.held = append(w.held, m)
		} else {
			w.session.Handle(m)
		}
	case wire.OpCancel: // which cannot wait
		w.rested = 0
		w.cool()
		kept := w.held[:0]
		for _, h := range w.held {
			if h.Head.Run != m.Head.Run {
				kept = append(kept, h)
			}
		}
		w.held = kept
		w.session.Handle(m)
	default:
		w.cool()
		w.session.Handle(m)
	}
}

// unhold drops the asks of some kinds that wait for files.
func (w *worker) unhold(kinds ...wire.AskKind) {
	w.held = slices.DeleteFunc(w.held, func(m wire.Message[wire.Command]) bool {
		return m.Head.Op == wire.OpAsk && m.Head.Ask != nil && slices.Contains(kinds, m.Head.Ask.Kind)
	})
}

// release hands on the held commands whose files are there, in order, and fetches what the first of the others needs.
func (w *worker) release() {
	for len(w.held) > 0 && !w.loading {
		m := w.held[0]
		names, err := w.session.Needs(m.Head)
		if err == nil && !w.Has(names) {
			w.load(m.Head, names)
			return
		}
		w.held = w.held[1:]
		if err != nil {
			w.fail(m.Head, err)
			continue
		}
		if m.Head.Op == wire.OpAsk {
			w.session.Handle(m)
			continue
		}
		if m.Head.Op == wire.OpWarm {
			// A run without files has them all: the page waits for that before it starts its stage.
			w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindProgress, Run: m.Head.Run, Trial: m.Head.Trial,
				Progress: &wire.Progress{Phase: "loading", Loaded: 1}}})
			if w.at.Op == "" { // what has trained is warm, and its events must not be mixed with those of a warm-up
				w.warm = warmup{link: m.Head.Link}
			}
			continue
		}
		w.cool()
		w.collect(0)
		w.collected -= collectMs - firstMs // the new trial settles into what the old one left: soon make room again
		w.at, w.working = m.Head, true
		w.session.Handle(m)
	}
}

func (w *worker) load(c wire.Command, names []string) {
	w.loading = true
	w.Fetch(names, func(share float64) {
		w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindProgress, Run: c.Run, Trial: c.Trial,
			Progress: &wire.Progress{Phase: "loading", Loaded: share}}})
	}, func(err error) {
		w.loading = false
		if err == nil {
			return
		}
		if c.Op != wire.OpWarm {
			w.fail(c, err)
		}
		if len(w.held) > 0 && w.held[0].Head.Run == c.Run && w.held[0].Head.Trial == c.Trial {
			w.held = w.held[1:]
		}
	})
}

func (w *worker) fail(c wire.Command, err error) {
	w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Run: c.Run, Trial: c.Trial, Error: err.Error()}})
}
