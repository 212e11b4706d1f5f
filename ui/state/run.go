package state

import (
	"fmt"
	"strconv"

	"petri/kernels/lab/wire"
)

// Phase is how far a run is.
type Phase int

// The phases of a run.
const (
	Running Phase = iota
	Paused
	Judging // all trials are finished, the report is being made
	Done
	Stopped // cancelled or failed; what is finished is kept, and play goes on with the rest
)

// Busy reports whether workers have something to do for the run, now or when it is resumed.
func (p Phase) Busy() bool { return p == Running || p == Paused || p == Judging }

// Run is one race: its trials and, at the end, its report.
type Run struct {
	ID      string
	Lab     wire.Lab
	Spec    wire.Spec
	Phase   Phase
	Trials  []Trial // in the order of Spec.TrialIDs, which is the order in which they start
	Report  *wire.Report
	pieces  *wire.Report // the report as far as it has arrived
	Begun   float64      // when play was pressed
	Worked  float64      // milliseconds spent running, pauses left out
	since   float64      // when it last began to run
	rate    float64      // share of the work done per millisecond, smoothed
	rateAt  float64
	rateHad float64
	retried int
	tunes   bool // trials look for their rates
	timed   bool // Worked is that of a finished run, brought back: judging it again adds nothing
	judge   int  // the worker that makes the report
}

// TrialPhase is how far a trial is.
type TrialPhase int

// The phases of a trial.
const (
	Waiting TrialPhase = iota
	Training
	Finished
)

// Trial is one arm with one seed.
type Trial struct {
	ID     wire.TrialID
	Arm    string
	Phase  TrialPhase
	Worker int
	Words  string  // what it is doing: "loading", "training", "testing"
	Loaded float64 // share of its files, of its search for a rate, or of what it makes to learn from
	tuned  float64 // share of that search so far
	labels bool    // it makes what it learns from before it trains,
	made   float64 // so much of which is done
	Step   int
	Steps  int
	Loss   wire.Losses
	Evals  []wire.Eval
	MsStep float64
	Result *wire.TrialResult
}

// Play starts, pauses or resumes, whichever the button now stands for.
type Play struct{}

func (Play) apply(s *State) {
	if s.measuring() {
		return
	}
	switch r := s.Run; {
	case r == nil, r.Phase == Done, r.Phase == Stopped && s.Changed():
		s.start(false)
	case r.Phase == Stopped:
		s.proceed()
	case r.Phase == Running:
		s.pause()
	case r.Phase == Paused:
		s.resume()
	}
}

// Step makes one step of every trial at hand, then rests.
type Step struct{}

func (Step) apply(s *State) {
	if s.measuring() {
		return
	}
	switch r := s.Run; {
	case r == nil, r.Phase == Done, r.Phase == Stopped:
		s.start(true)
		return
	case r.Phase == Judging:
		return
	case r.Phase == Running:
		s.pause()
	}
	s.stepAll()
}

func (s *State) stepAll() {
	for w := range s.Workers {
		if s.Workers[w].Trial >= 0 {
			s.send(w, wire.Command{Op: wire.OpStep, Run: s.Run.ID})
		}
	}
}

// Cancel stops the run. What is finished stays, and play goes on from there. It ends a measurement too.
type Cancel struct{}

func (Cancel) apply(s *State) {
	CancelBench{}.apply(s)
	if s.Run == nil || !s.Run.Phase.Busy() {
		return
	}
	s.halt()
	s.Run.Phase = Stopped
	s.V.Progress++
}

// Reset takes the run off the page and shows the recorded one again.
type Reset struct{}

func (Reset) apply(s *State) {
	if s.Run == nil {
		return
	}
	if s.Run.Phase.Busy() {
		s.halt()
	}
	s.do(Forget{Lab: s.Run.Lab.ID})
	s.Run = nil
	s.fault("run", "")
	s.showRecordedFrame()
	s.changedRun()
}

// SetPace chooses the speed.
type SetPace struct{ Pace Pace }

func (e SetPace) apply(s *State) {
	s.Pace = min(max(e.Pace, Slow), Full)
	s.V.Progress++
	if s.Run == nil {
		return
	}
	for w := range s.Workers {
		s.send(w, wire.Command{Op: wire.OpPace, Run: s.Run.ID, Pace: Paces[s.Pace].Steps})
	}
}

// start begins a new race with the knobs as they stand.
func (s *State) start(paused bool) {
	if s.Run != nil && s.Run.Phase.Busy() {
		s.halt()
	}
	s.ids++
	r := &Run{ID: strconv.Itoa(s.ids), Lab: s.Lab, Spec: s.Spec.Clone(), Begun: s.now, since: s.now, judge: -1}
	arms := r.Spec.Arms()
	for _, id := range r.Spec.TrialIDs() {
		r.Trials = append(r.Trials, Trial{ID: id, Arm: arms[id.Arm], Worker: -1, Steps: r.Spec.Int("steps")})
	}
	s.before = nil
	if s.Run != nil && s.Run.Phase == Done {
		s.before = s.Run
	}
	s.Run, s.Last = r, ""
	s.fault("run", "")
	s.do(Forget{Lab: r.Lab.ID})
	if paused {
		r.Phase = Paused
	}
	for w := range s.Workers {
		s.prepare(w)
	}
	s.assign()
	s.began()
	if paused {
		s.stepAll()
	}
	s.changedRun()
}

// prepare tells a worker the pace, and whether it is paused: it remembers neither from one run to the next.
func (s *State) prepare(w int) {
	s.send(w, wire.Command{Op: wire.OpPace, Run: s.Run.ID, Pace: Paces[s.Pace].Steps})
	if s.Run.Phase == Paused {
		s.send(w, wire.Command{Op: wire.OpPause, Run: s.Run.ID})
	} else {
		s.send(w, wire.Command{Op: wire.OpResume, Run: s.Run.ID})
	}
}

// proceed goes on with what is left of a stopped run.
func (s *State) proceed() {
	s.ids++
	s.Run.ID = strconv.Itoa(s.ids) // answers to the commands before the stop are late ones
	s.Run.Phase, s.Run.since, s.Run.retried = Running, s.now, 0
	s.fault("run", "")
	for w := range s.Workers {
		s.prepare(w)
	}
	s.assign()
	s.changedRun()
}

func (s *State) pause() {
	s.clock()
	s.Run.Phase = Paused
	for w := range s.Workers {
		s.send(w, wire.Command{Op: wire.OpPause, Run: s.Run.ID})
	}
	s.V.Progress++
}

func (s *State) resume() {
	s.Run.Phase, s.Run.since, s.Run.rateAt = Running, s.now, 0
	for w := range s.Workers {
		s.send(w, wire.Command{Op: wire.OpResume, Run: s.Run.ID})
	}
	s.assign()
	s.V.Progress++
}

// clock adds the time since the run last began to run.
func (s *State) clock() {
	if s.Run.Phase == Running || s.Run.Phase == Judging {
		if !s.Run.timed {
			s.Run.Worked += s.now - s.Run.since
		}
		s.Run.since = s.now
	}
}

// halt stops every worker of the run. A worker that has not said within 100 ms that it stopped is replaced.
func (s *State) halt() {
	s.clock()
	for w := range s.Workers {
		at := &s.Workers[w]
		judging := s.Run.Phase == Judging && s.Run.judge == w
		if at.Trial < 0 && !judging {
			continue
		}
		if at.Trial >= 0 {
			s.Run.Trials[at.Trial].again()
		}
		at.Trial, at.Cancel = -1, s.now+CancelMs
		s.send(w, wire.Command{Op: wire.OpCancel, Run: s.Run.ID})
		s.do(Wake{After: CancelMs, Event: Tick{}})
	}
	s.Run.judge = -1
	s.withoutRacer()
}

// CancelMs is how long a worker may take to stop.
const CancelMs = 100

// again takes a trial back to its start.
func (t *Trial) again() {
	*t = Trial{ID: t.ID, Arm: t.Arm, Worker: -1, Steps: t.Steps}
}

// assign gives idle workers the next trials, and has the run judged after the last.
func (s *State) assign() {
	r := s.Run
	if r == nil || r.Phase != Running && r.Phase != Paused {
		return
	}
	given := false
	for w := range s.Workers {
		if s.Workers[w].Trial >= 0 || s.Workers[w].Cancel > 0 {
			continue
		}
		next := r.next(s.Arm)
		if next < 0 {
			break
		}
		t := &r.Trials[next]
		t.Phase, t.Worker, t.Words = Training, w, "starting"
		s.Workers[w].Trial = next
		given = true
		s.send(w, wire.Command{Op: wire.OpTrial, Run: r.ID, Link: r.link(), Trial: t.ID, Focus: s.focus()})
	}
	if given {
		s.refocus(false)
	}
	if r.finished() == len(r.Trials) {
		s.judge()
	}
}

// next is the trial to start next, -1 for none: the first that waits, but before all others the one that the stage
// wants to show. The order changes nothing in the result.
func (r *Run) next(arm string) int {
	for i := range r.Trials {
		if t := &r.Trials[i]; t.Phase == Waiting && t.Arm == arm && t.ID.Seed == 0 {
			return i
		}
	}
	for i := range r.Trials {
		if r.Trials[i].Phase == Waiting {
			return i
		}
	}
	return -1
}

func (r *Run) finished() int {
	n := 0
	for i := range r.Trials {
		if r.Trials[i].Phase == Finished {
			n++
		}
	}
	return n
}

func (r *Run) link() string { return r.Spec.Canonical(r.Lab) }

// judge has one worker make the report. The trained weights go with it: figures are made from them.
func (s *State) judge() {
	s.clock()
	r := s.Run
	r.Phase = Judging
	r.pieces = nil
	r.judge = s.idle()
	m := wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpReport, Run: r.ID, Link: r.link()}}
	for i := range r.Trials {
		m.Head.Trials = append(m.Head.Trials, *r.Trials[i].Result)
		m.Buffers = append(m.Buffers, r.Trials[i].Result.Trained)
	}
	s.do(Send{Worker: r.judge, Message: m})
	s.V.Progress++
}

// idle is a worker with nothing to do, or the first.
func (s *State) idle() int {
	for w := range s.Workers {
		if s.Workers[w].Trial < 0 && s.Workers[w].Cancel == 0 {
			return w
		}
	}
	return 0
}

func (s *State) send(w int, c wire.Command) {
	s.do(Send{Worker: w, Message: wire.Message[wire.Command]{Head: c}})
}

// changedRun marks everything that shows the run.
func (s *State) changedRun() {
	s.V.Curves++
	s.V.Results++
	s.V.Report++
	s.V.Progress++
}

// Tick is time passing while a run is under way.
type Tick struct{}

func (Tick) apply(s *State) {
	if s.Bench.Phase == Measuring {
		s.benchClock()
	}
	for w := range s.Workers {
		if c := s.Workers[w].Cancel; c > 0 && s.now >= c {
			s.Workers[w].Cancel = 0
			s.do(Replace{Worker: w})
			s.lostBlocks(w, "The worker that was asked did not answer.")
			s.lostAsk(w, "The worker that was asked did not answer.")
			if s.Run != nil {
				s.prepare(w)
			}
		}
	}
	if s.Run != nil {
		s.assign()
		if s.Run.Phase == Running || s.Run.Phase == Judging {
			s.clock()
			s.Run.measure(s.now, s.weights())
			s.V.Progress++
		}
	}
}

// Lost is a worker that is gone.
type Lost struct {
	Worker int
	Reason string
}

func (e Lost) apply(s *State) {
	if b := &s.Bench; b.Phase == Measuring && b.used[e.Worker] {
		s.troubled(e.Reason)
		return
	}
	s.lostBlocks(e.Worker, e.Reason)
	s.lostAsk(e.Worker, e.Reason)
	at := &s.Workers[e.Worker]
	trial := at.Trial
	*at = Worker{Trial: -1}
	r := s.Run
	if r == nil || trial < 0 && r.judge != e.Worker {
		return
	}
	if trial >= 0 {
		r.Trials[trial].again()
	}
	r.retried++
	if r.retried > 2 {
		s.failRun(e.Reason)
		return
	}
	s.do(Replace{Worker: e.Worker})
	s.prepare(e.Worker)
	if r.judge == e.Worker {
		s.judge()
		return
	}
	s.assign()
}

// failRun stops the run and says why beside the transport.
func (s *State) failRun(reason string) {
	if s.Run.Phase.Busy() {
		s.halt()
	}
	s.Run.Phase = Stopped
	s.fault("run", fmt.Sprintf("The run stopped. %s", sentence(fmt.Errorf("%s", reason))))
	s.changedRun()
}

func itoa(n int) string { return strconv.Itoa(n) }

// RunSpec starts a run that a script asked for, whatever page is open. On the lab's page its knobs follow.
type RunSpec struct {
	Lab  wire.Lab
	Spec wire.Spec
}

func (e RunSpec) apply(s *State) {
	if s.measuring() {
		return
	}
	if s.Lab.ID != e.Lab.ID {
		s.Lab, s.Frame, s.Token, s.Pinned, s.Arm = e.Lab, nil, -1, false, ""
		s.Focus = newFocus(e.Lab)
		s.showRecordedFrame()
	}
	s.setSpec(e.Spec.Clone())
	s.do(Address{Link: s.Link(), Push: false})
	s.start(false)
}

// Restart begins a new run with the knobs as they stand, whatever the one on the screen is doing.
type Restart struct{}

func (Restart) apply(s *State) {
	if !s.measuring() {
		s.start(false)
	}
}
