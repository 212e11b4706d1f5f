//go:build js

package main

import "petri/kernels/lab/wire"

// warmup trains every racer of a page for a moment before anybody has pressed play, and throws the result away. A
// browser compiles hot code in earnest only while it runs, on processors that the visitor's own run would want for its
// steps and the page for its drawing.
type warmup struct {
	link  string // the run; "" when there is nothing to warm
	arm   int    // the racer at hand
	turns int    // that it has had
}

// warmTurns is what each racer gets, in turns of a session: about a tenth of a second.
const warmTurns = 8

const warmRun = "warm"

// warmed does a turn of a warm-up; false where there is none, or real work.
func (w *worker) warmed() bool {
	if w.warm.link == "" || w.working || len(w.held) > 0 {
		return false
	}
	if w.warm.turns == 0 {
		w.session.Handle(wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpTrial, Run: warmRun, Link: w.warm.link,
			Trial: wire.TrialID{Arm: w.warm.arm}, Focus: wire.Focus{Trial: wire.TrialID{Arm: -1}}}})
	}
	last := false // there is no such racer
	busy := w.session.Advance(func(m wire.Message[wire.Event]) {
		if m.Head.Run != warmRun { // an answer to something else
			w.Emit(m)
			return
		}
		last = last || m.Head.Kind == wire.KindError
	})
	last = last || w.warm.turns == 0 && !busy // or the session is paused
	if w.warm.turns++; last || w.warm.turns == warmTurns {
		next := warmup{w.warm.link, w.warm.arm + 1, 0}
		w.cool()
		if !last {
			w.warm = next
		}
	}
	return true
}

// cool ends a warm-up: before real work, whose events must not be mixed with those of the warm-up.
func (w *worker) cool() {
	began := w.warm.turns > 0
	w.warm = warmup{}
	if !began {
		return
	}
	w.session.Handle(wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpCancel, Run: warmRun}})
	w.session.Advance(func(m wire.Message[wire.Event]) {
		if m.Head.Run != warmRun {
			w.Emit(m)
		}
	})
}
