package lab

import (
	"fmt"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// desk drives a session in a test: it collects events and owns the clock.
type desk struct {
	*Session
	now    float64
	events []wire.Message[wire.Event]
}

func newDesk() *desk {
	d := &desk{}
	d.Session = NewSession(Env{Clock: func() float64 { d.now += 1; return d.now }}, []Paper{toy()})
	return d
}

func (d *desk) send(c wire.Command, buffers ...[]float32) {
	d.Handle(wire.Message[wire.Command]{Head: c, Buffers: buffers})
}

// turn lets the session work once and returns what it said.
func (d *desk) turn() (said []wire.Message[wire.Event], busy bool) {
	at := len(d.events)
	busy = d.Advance(func(m wire.Message[wire.Event]) { d.events = append(d.events, m) })
	return d.events[at:], busy
}

// finish works until nothing is left.
func (d *desk) finish(t *testing.T) {
	t.Helper()
	for range 10000 {
		if _, busy := d.turn(); !busy {
			return
		}
	}
	t.Fatal("the session is busy for ever")
}

// kinds writes the kinds of all events so far.
func (d *desk) kinds() string {
	var k []string
	for _, e := range d.events {
		k = append(k, string(e.Head.Kind))
	}
	return strings.Join(k, " ")
}

func (d *desk) last() wire.Message[wire.Event] {
	if len(d.events) == 0 {
		return wire.Message[wire.Event]{}
	}
	return d.events[len(d.events)-1]
}

func TestTrialRunsToItsResult(t *testing.T) {
	d := newDesk()
	d.send(wire.Command{Op: wire.OpTrial, Run: "r1", Link: "toy?steps=50", Trial: wire.TrialID{Arm: 1, Seed: 1}, Focus: wire.Focus{Trial: wire.TrialID{Arm: 1, Seed: 1}}})
	d.finish(t)
	e := d.last()
	if e.Head.Kind != wire.KindTrial || e.Head.Run != "r1" || e.Head.Trial != (wire.TrialID{Arm: 1, Seed: 1}) {
		t.Fatalf("the last event is %+v", e.Head)
	}
	if len(e.Buffers) != 1 || e.Buffers[0][0] != 100 {
		t.Errorf("trained weights %v, want 50 steps of 2", e.Buffers)
	}
	steps := 0
	for _, e := range d.events {
		if p := e.Head.Progress; p != nil {
			if p.First != steps+1 {
				t.Errorf("progress starts at step %d after %d", p.First, steps)
			}
			steps += len(p.Loss)
		}
	}
	if steps != 50 {
		t.Errorf("progress told of %d losses, want 50", steps)
	}
	if !strings.Contains(d.kinds(), "frame") {
		t.Error("no picture of the trial looked at")
	}
}

func TestOnlyTheTrialLookedAtIsPictured(t *testing.T) {
	d := newDesk()
	d.send(wire.Command{Op: wire.OpTrial, Link: "toy?steps=500", Focus: wire.Focus{Trial: wire.TrialID{Arm: 1}}})
	d.finish(t)
	if strings.Contains(d.kinds(), "frame") {
		t.Error("a picture of a trial that nobody looks at")
	}
}

func TestPauseStepResume(t *testing.T) {
	d := newDesk()
	d.send(wire.Command{Op: wire.OpTrial, Link: "toy?steps=1000"})
	d.turn()
	d.turn()
	d.send(wire.Command{Op: wire.OpPause})
	if _, busy := d.turn(); busy {
		t.Fatal("a paused session is busy")
	}
	at := d.run.trial.(*toyTrial).step
	d.turn()
	if now := d.run.trial.(*toyTrial).step; now != at {
		t.Fatalf("it stepped from %d to %d while paused", at, now)
	}
	d.send(wire.Command{Op: wire.OpStep})
	d.send(wire.Command{Op: wire.OpStep})
	d.finish(t)
	if now := d.run.trial.(*toyTrial).step; now != at+2 {
		t.Errorf("two single steps went from %d to %d", at, now)
	}
	if d.last().Head.Kind != wire.KindFrame {
		t.Errorf("after a single step came %s, want a picture", d.last().Head.Kind)
	}
	d.send(wire.Command{Op: wire.OpFocus, Focus: wire.Focus{Example: 7}})
	d.finish(t)
	if f := d.last().Head.Frame; f == nil || f.Example != 7 {
		t.Error("a change of focus while paused shows nothing")
	}
	d.send(wire.Command{Op: wire.OpResume})
	d.finish(t)
	if d.last().Head.Kind != wire.KindTrial {
		t.Errorf("after resume it ended with %s", d.last().Head.Kind)
	}
}

func TestPaceHoldsTheStepsBack(t *testing.T) {
	d := newDesk()
	d.send(wire.Command{Op: wire.OpTrial, Link: "toy?steps=100000"})
	d.send(wire.Command{Op: wire.OpPace, Pace: 10}) // a step every 100 ms
	d.turn()
	start := d.now
	for d.now < start+1000 {
		d.turn()
		d.now += min(20, d.Wait())
	}
	if n := d.run.trial.(*toyTrial).step; n < 8 || n > 12 {
		t.Errorf("%d steps in a second at 10 per second", n)
	}
	d.send(wire.Command{Op: wire.OpPace, Pace: 0})
	d.turn()
	if d.Wait() != 0 {
		t.Error("it still waits at full speed")
	}
}

func TestCancelStopsTheTrialAndDropsTheLine(t *testing.T) {
	d := newDesk()
	for arm := range 2 {
		d.send(wire.Command{Op: wire.OpTrial, Run: "r1", Link: "toy?steps=100000", Trial: wire.TrialID{Arm: arm}})
	}
	d.send(wire.Command{Op: wire.OpTrial, Run: "r2", Link: "toy?steps=3"})
	d.turn()
	d.turn()
	d.send(wire.Command{Op: wire.OpCancel, Run: "r1"})
	said, _ := d.turn()
	if len(said) != 1 || said[0].Head.Kind != wire.KindCancelled || said[0].Head.Run != "r1" {
		t.Fatalf("the next turn after cancel said %+v", said)
	}
	d.finish(t)
	for _, e := range d.events {
		if e.Head.Kind == wire.KindTrial && e.Head.Run == "r1" {
			t.Error("a cancelled run has a result")
		}
	}
	if d.last().Head.Run != "r2" || d.last().Head.Kind != wire.KindTrial {
		t.Errorf("the other run did not go on: %s", d.kinds())
	}
}

func TestErrorsAreSentences(t *testing.T) {
	for link, want := range map[string]string{
		"toy?mode=shape":   "block0/q/w",
		"toy?mode=missing": "reload the page",
		"toy?mode=fin":     "try mode=fine",
		"tay":              "try toy",
	} {
		d := newDesk()
		d.send(wire.Command{Op: wire.OpTrial, Run: "r", Link: link})
		d.send(wire.Command{Op: wire.OpTrial, Run: "next", Link: "toy"})
		d.finish(t)
		first := d.events[0].Head
		if first.Kind != wire.KindError || first.Run != "r" || !strings.Contains(first.Error, want) {
			t.Errorf("%s: %s %q, want an error with %q", link, first.Kind, first.Error, want)
		}
		if e := d.last().Head; e.Kind != wire.KindTrial || e.Run != "next" {
			t.Errorf("%s: the session did not go on: %s", link, d.kinds())
		}
	}
	for _, id := range []wire.TrialID{{Arm: 2}, {Arm: -1}, {Seed: 9}} {
		d := newDesk()
		d.send(wire.Command{Op: wire.OpTrial, Link: "toy", Trial: id})
		d.finish(t)
		if d.last().Head.Kind != wire.KindError {
			t.Errorf("trial %+v of a run with two arms and seeds: %s", id, d.kinds())
		}
	}
}

func TestBugsStayLoud(t *testing.T) {
	d := newDesk()
	d.send(wire.Command{Op: wire.OpTrial, Link: "toy?mode=bug"})
	defer func() {
		if recover() == nil {
			t.Error("an index out of range became a message")
		}
	}()
	d.finish(t)
}

func TestReportLookAndWeights(t *testing.T) {
	d := newDesk()
	var trials []wire.TrialResult
	var trained [][]float32
	lab, spec, _ := wire.ParseLink(d.catalog, "toy")
	for _, id := range spec.TrialIDs() {
		d.send(wire.Command{Op: wire.OpTrial, Link: "toy", Trial: id})
		d.finish(t)
		trials, trained = append(trials, *d.last().Head.Result), append(trained, d.last().Buffers[0])
		trials[len(trials)-1].Trained = nil // it travels as a buffer
	}
	d.send(wire.Command{Op: wire.OpReport, Run: "r", Link: "toy", Trials: trials}, trained...)
	d.finish(t)
	r := d.last().Head.Report
	if r == nil {
		t.Fatalf("no report: %+v", d.last().Head)
	}
	if len(r.Fingerprint) != 64 || len(r.Arms) != 2 || r.Arms[1].Metrics["accuracy"].Mean != 10.5 || r.Arms[0].Label != "size 1" {
		t.Errorf("report %+v", r)
	}
	if got := Fingerprint(lab, spec, trials); got != r.Fingerprint {
		t.Errorf("fingerprint %s from the trials, %s in the report", got, r.Fingerprint)
	}

	d.send(wire.Command{Op: wire.OpLook, Link: "toy", Trial: wire.TrialID{Arm: 1}, Focus: wire.Focus{Example: 3}}, []float32{42})
	d.finish(t)
	if e := d.last(); e.Head.Frame == nil || e.Head.Frame.Example != 3 || e.Buffers[0][0] != 42 {
		t.Errorf("look: %+v", e.Head)
	}
	d.send(wire.Command{Op: wire.OpLook, Link: "toy", Trial: wire.TrialID{Arm: 1}, Focus: wire.Focus{Example: 4}}) // without weights: the same again
	d.finish(t)
	if e := d.last(); e.Head.Frame == nil || e.Head.Frame.Example != 4 || e.Buffers[0][0] != 42 {
		t.Errorf("second look: %+v", e.Head)
	}
	d.send(wire.Command{Op: wire.OpLook, Link: "toy", Trial: wire.TrialID{Arm: 0}})
	d.finish(t)
	if d.last().Head.Kind != wire.KindError {
		t.Error("a look at a trial that is not there")
	}
	d.send(wire.Command{Op: wire.OpWeights, Link: "toy", Trial: wire.TrialID{Arm: 1}}, []float32{7})
	d.finish(t)
	if e := d.last(); e.Head.Kind != wire.KindFile || e.Head.File.Name != "toy" || len(e.Bytes) != 1 || e.Bytes[0] != 7 {
		t.Errorf("weights: %+v %v", e.Head, e.Bytes)
	}
	d.send(wire.Command{Op: wire.OpWeights, Link: "toy", Trial: wire.TrialID{Arm: 1}}, []float32{7, 8})
	d.finish(t)
	if d.last().Head.Kind != wire.KindError {
		t.Error("weights of the wrong length were taken")
	}
}

// A report is made in slices: the worker can be cancelled in the middle, and shows a trained arm in between.
func TestReportInSlices(t *testing.T) {
	at := func(link string) *desk {
		d := &desk{}
		d.Session = NewSession(Env{}, []Paper{toy()}) // without a clock every slice is a turn
		_, spec, trials := toyRun(t, link)
		var trained [][]float32
		for i := range trials {
			trained = append(trained, trials[i].Trained)
		}
		if len(trials) != len(spec.TrialIDs()) {
			t.Fatal("the run is not complete")
		}
		d.send(wire.Command{Op: wire.OpReport, Run: "r", Link: link, Trials: trials}, trained...)
		d.turn()
		d.turn()
		return d
	}
	d := at("toy")
	if len(d.events) != 0 {
		t.Fatalf("after the first slice: %s", d.kinds())
	}
	d.send(wire.Command{Op: wire.OpTrial, Run: "r2", Link: "toy"})
	d.send(wire.Command{Op: wire.OpLook, Link: "toy", Focus: wire.Focus{Example: 3}}, []float32{42})
	if said, busy := d.turn(); len(said) != 1 || said[0].Head.Kind != wire.KindFrame || !busy {
		t.Errorf("a look in the middle of a report said %+v", said)
	}
	d.finish(t)
	if k := d.kinds(); !strings.HasPrefix(k, "frame report progress") {
		t.Errorf("the report, then what waits in line: %s", k)
	}
	d = at("toy")
	d.send(wire.Command{Op: wire.OpCancel, Run: "r"})
	d.finish(t)
	if k := d.kinds(); k != "cancelled" {
		t.Errorf("a cancelled report: %s", k)
	}
	d = at("toy?mode=unreadable")
	d.send(wire.Command{Op: wire.OpTrial, Run: "r2", Link: "toy"})
	d.finish(t)
	if e := d.events[0].Head; e.Kind != wire.KindError || e.Run != "r" || d.last().Head.Kind != wire.KindTrial {
		t.Errorf("a report that fails: %s", d.kinds())
	}
}

func TestNeeds(t *testing.T) {
	d := newDesk()
	if n, err := d.Needs(wire.Command{Op: wire.OpTrial, Link: "toy?mode=shape"}); err != nil || fmt.Sprint(n) != "[weights/shape]" {
		t.Errorf("Needs = %v, %v", n, err)
	}
	if n, err := d.Needs(wire.Command{Op: wire.OpPause}); err != nil || n != nil {
		t.Errorf("Needs of a pause = %v, %v", n, err)
	}
	if _, err := d.Needs(wire.Command{Link: "toy?x=1"}); err == nil {
		t.Error("Needs took a bad link")
	}
}

// What racers are built of is said between two slices of whatever is done, also while paused, and changes nothing of it.
func TestStructures(t *testing.T) {
	d := newDesk()
	ask := wire.Command{Op: wire.OpStructure, Run: "b1", Link: "toy?steps=7&arms=a:2,a:1", Arms: []string{"a:3", "a:1", "aa:3"}}
	if n, err := d.Needs(ask); err != nil || n != nil {
		t.Errorf("it needs the files %v (%v)", n, err)
	}
	arms := func(e wire.Event) string {
		var list []string
		for _, s := range e.Structures {
			list = append(list, s.Arm)
		}
		return strings.Join(list, " ")
	}
	d.send(ask)
	d.finish(t)
	if e := d.last().Head; e.Kind != wire.KindStructure || e.Run != "b1" || arms(e) != "a:2 a:1 a:3" || e.Structures[0].Params != 7 {
		t.Errorf("an idle session says %+v", e)
	}
	d.send(wire.Command{Op: wire.OpTrial, Run: "r", Link: "toy?steps=1000"})
	d.turn()
	d.turn()
	d.send(ask)
	if said, busy := d.turn(); len(said) != 1 || said[0].Head.Kind != wire.KindStructure || !busy {
		t.Errorf("while it trains it says %+v", said)
	}
	d.send(wire.Command{Op: wire.OpPause})
	d.turn()
	d.send(ask)
	d.finish(t)
	if e := d.last().Head; e.Kind != wire.KindStructure {
		t.Errorf("while it is paused it says %s", e.Kind)
	}
	for _, bad := range []string{"toy?mode=missing", "toy?mode=shape", "toy?arms=b:1", "tyo"} {
		d.send(wire.Command{Op: wire.OpStructure, Run: "r", Link: bad})
		d.finish(t)
		if e := d.last().Head; e.Kind != wire.KindError || e.Run != "r" || e.Error == "" {
			t.Errorf("%s: it says %+v", bad, e)
		}
	}
	d.send(wire.Command{Op: wire.OpResume})
	d.finish(t)
	if e := d.last().Head; e.Kind != wire.KindTrial || e.Result.Trained != nil && e.Result.Trained[0] != 1000 {
		t.Errorf("the trial that went on meanwhile ended with %+v", e)
	}
	p := toy()
	p.Structure = nil
	d.Session = NewSession(Env{}, []Paper{p})
	d.send(ask)
	d.finish(t)
	if e := d.last().Head; e.Kind != wire.KindError {
		t.Errorf("a lab without structures says %s", e.Kind)
	}
}
