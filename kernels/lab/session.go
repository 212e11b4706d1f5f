package lab

import (
	"fmt"
	"runtime"
	"slices"

	"petri/kernels/lab/wire"
)

// Emit hands an event to whoever drives a session. The buffers belong to the receiver.
type Emit func(wire.Message[wire.Event])

// Rhythm of a session, in milliseconds. Without a clock every slice is its own turn.
const (
	turnMs     = 14  // work between two looks at the mailbox
	progressMs = 80  // between two reports of progress
	frameMs    = 120 // between two pictures
)

// Session is the state machine of one worker: commands in, events out, and in between slices of work. It starts
// nothing by itself; its driver calls Handle for each message and Advance as long as that reports work.
//
// One trial is trained, or one report made, at a time. Commands that need work wait in line, but a look at a trained
// arm goes between two slices of a report, what racers are built of between two slices of anything; pause, step, pace,
// focus and cancel act at once.
type Session struct {
	env     Env
	papers  []Paper
	catalog wire.Catalog

	queue  []wire.Message[wire.Command]
	run    *running  // the trial being trained, or nil
	report *judging  // the report being made, or nil; never both
	held   *held     // the trained arm looked at last
	asked  [3]*asked // prompts that wait for their answers: at a place, for a file, for everything; nil for none

	paused bool
	steps  int     // steps asked for while paused
	pace   float64 // steps per second, 0 for as fast as it goes
	due    float64 // when the next step may start, by the clock
	focus  wire.Focus
}

// running is a trial at hand.
type running struct {
	head         wire.Command
	trial        Trial
	lastProgress float64
	lastFrame    float64
	shown        bool   // the focus has been shown since it changed
	keep         string // the run's canonical link, where prompts may be put to the trial once it is finished; "" elsewhere
}

// held is a finished trial that was put back together, to be looked at again.
type held struct {
	link  string
	id    wire.TrialID
	trial Trial
}

// NewSession returns the session of one worker. Files that its trials decode are kept in memory between trials.
func NewSession(env Env, papers []Paper) *Session {
	s := &Session{env: env.Remember(), papers: papers, catalog: wire.Catalog{Engine: wire.Engine}}
	for _, p := range papers {
		s.catalog.Labs = append(s.catalog.Labs, p.Lab)
	}
	return s
}

// Needs names the files that a command's work will read, so that they can be fetched before it is handled.
func (s *Session) Needs(c wire.Command) ([]string, error) {
	if c.Link == "" || c.Op == wire.OpStructure {
		return nil, nil
	}
	paper, spec, err := s.parse(c.Link)
	if err != nil {
		return nil, err
	}
	if c.Op == wire.OpAsk {
		if paper.Prompting == nil || c.Ask == nil {
			return nil, fmt.Errorf("the lab %s takes no prompts", paper.Lab.ID)
		}
		return paper.Prompting.Assets(*c.Ask), nil
	}
	return paper.Assets(spec), nil
}

// Handle takes one command. The events that it causes come from the next Advance.
func (s *Session) Handle(m wire.Message[wire.Command]) {
	switch m.Head.Op {
	case wire.OpFocus:
		s.focus = m.Head.Focus
		if s.run != nil {
			s.run.shown = false
		}
	case wire.OpPause:
		s.paused, s.steps = true, 0
	case wire.OpResume:
		s.paused, s.steps, s.due = false, 0, 0
	case wire.OpStep:
		s.paused = true
		s.steps++
	case wire.OpPace:
		s.pace, s.due = m.Head.Pace, 0
	case wire.OpAsk:
		if m.Head.Ask != nil {
			s.ask(m)
		}
	case wire.OpCancel:
		// Work of the run that has not begun is dropped; what is under way is told by Advance.
		kept := s.queue[:0]
		for _, q := range s.queue {
			if q.Head.Run != m.Head.Run || m.Head.Run == "" {
				kept = append(kept, q)
			}
		}
		s.queue = append(kept, m)
	default:
		if m.Head.Op == wire.OpTrial {
			s.focus = m.Head.Focus
		}
		s.queue = append(s.queue, m)
	}
}

// Wait is how long the driver may sleep before the next Advance has work, in milliseconds: more than 0 only when a
// pace holds the trial back.
func (s *Session) Wait() float64 {
	if s.run == nil || s.paused || s.due == 0 {
		return 0
	}
	return max(0, s.due-s.env.Now())
}

// Advance does a turn of work of at most a few milliseconds, or a single slice where one takes longer, and emits what
// came of it. It reports whether there is more to do now; paused and idle sessions have nothing.
//
// It is the one place where the engine's typed panics end: they become an error event, and the session goes on.
func (s *Session) Advance(emit Emit) (busy bool) {
	head := s.current()
	defer func() {
		switch e := recover().(type) {
		case nil:
		case runtime.Error: // an index out of range, a nil map: a bug of ours, which stays loud
			panic(e)
		case error: // tape.ShapeError, f32.Error: shapes that a combination of knobs made impossible
			if head.Op == wire.OpAsk {
				s.failAsk(emit, head, e)
			} else {
				s.fail(emit, head, e)
			}
			busy = s.pending()
		default:
			panic(e)
		}
	}()
	if i := s.waiting(wire.OpCancel); i >= 0 {
		m := s.queue[i]
		s.queue = append(s.queue[:i], s.queue[i+1:]...)
		ev := wire.Event{Kind: wire.KindCancelled, Run: m.Head.Run, Trial: m.Head.Trial}
		if s.run != nil && (m.Head.Run == "" || m.Head.Run == s.run.head.Run) {
			ev.Trial = s.run.head.Trial
			s.run = nil
		}
		if s.report != nil && (m.Head.Run == "" || m.Head.Run == s.report.head.Run) {
			s.report = nil
		}
		emit(wire.Message[wire.Event]{Head: ev})
		return s.pending()
	}
	if i := s.waiting(wire.OpStructure); i >= 0 {
		head = s.queue[i].Head
		s.queue = slices.Delete(s.queue, i, i+1)
		s.describe(head, emit)
		return s.pending()
	}
	if at := s.asking(); at != nil {
		head = (*at).m.Head
		s.reply(at, emit)
		return s.pending()
	}
	if s.run != nil {
		s.train(emit)
		return s.pending()
	}
	if i := s.next(); i >= 0 {
		m := s.queue[i]
		s.queue = slices.Delete(s.queue, i, i+1)
		head = m.Head
		if err := s.start(m, emit); err != nil {
			s.fail(emit, head, err)
		}
		return s.pending()
	}
	if s.report != nil {
		s.judge(emit)
	}
	return s.pending()
}

// current is the command whose work Advance would do now.
func (s *Session) current() wire.Command {
	switch {
	case s.run != nil:
		return s.run.head
	case s.report != nil:
		return s.report.head
	case len(s.queue) > 0:
		return s.queue[0].Head
	}
	return wire.Command{}
}

// describe says what the racers of a link are built of.
func (s *Session) describe(c wire.Command, emit Emit) {
	paper, spec, err := s.parse(c.Link)
	var list []wire.Structure
	if err == nil {
		list, err = paper.Structures(spec, c.Arms...)
	}
	if err != nil {
		s.fail(emit, c, err)
		return
	}
	emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindStructure, Run: c.Run, Structures: list}})
}

// waiting finds a command in the queue, -1 for none.
func (s *Session) waiting(op wire.Op) int {
	for i, q := range s.queue {
		if q.Head.Op == op {
			return i
		}
	}
	return -1
}

// pending says whether the next Advance would do something.
func (s *Session) pending() bool {
	switch {
	case s.waiting(wire.OpCancel) >= 0, s.waiting(wire.OpStructure) >= 0, s.asking() != nil:
		return true
	case s.run != nil:
		return !s.paused || s.steps > 0 || s.wantsFrame()
	}
	return s.report != nil || len(s.queue) > 0
}

// fail reports what was wrong with a command and gives its trial up.
func (s *Session) fail(emit Emit, head wire.Command, err error) {
	if s.run != nil && head.Op == s.run.head.Op && head.Run == s.run.head.Run && head.Trial == s.run.head.Trial {
		s.run = nil
	}
	if s.report != nil && head.Op == wire.OpReport {
		s.report = nil
	}
	emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Run: head.Run, Trial: head.Trial, Error: err.Error()}})
}

// parse reads a link against the session's papers.
func (s *Session) parse(link string) (Paper, wire.Spec, error) {
	lab, spec, err := wire.ParseLink(s.catalog, link)
	if err != nil {
		return Paper{}, spec, err
	}
	for _, p := range s.papers {
		if p.Lab.ID == lab.ID {
			return p, spec, nil
		}
	}
	return Paper{}, spec, fmt.Errorf("there is no lab %q", lab.ID)
}

// start begins the work of one command.
func (s *Session) start(m wire.Message[wire.Command], emit Emit) error {
	c := m.Head
	paper, spec, err := s.parse(c.Link)
	if err != nil {
		return err
	}
	if c.Trial.Arm < 0 || c.Trial.Arm >= len(spec.Arms()) || c.Trial.Seed < 0 || c.Trial.Seed >= spec.Seeds() {
		return fmt.Errorf("the run has no trial of arm %d and seed %d", c.Trial.Arm, c.Trial.Seed)
	}
	switch c.Op {
	case wire.OpTrial:
		t, err := paper.NewTrial(s.env, spec, c.Trial)
		if err != nil {
			return err
		}
		s.run = &running{head: c, trial: t}
		if paper.Prompting != nil {
			s.run.keep = spec.Canonical(paper.Lab)
		}
		s.due = 0
		return nil
	case wire.OpWarm: // the driver's business: it has no answer
		return nil
	case wire.OpReport:
		return s.startReport(paper, spec, m)
	case wire.OpLook:
		t, err := s.restore(paper, spec, m)
		if err != nil {
			return err
		}
		f, buffers := t.Frame(c.Focus)
		emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindFrame, Run: c.Run, Trial: c.Trial, Frame: &f}, Buffers: buffers})
		return nil
	case wire.OpWeights:
		t, err := s.restore(paper, spec, m)
		if err != nil {
			return err
		}
		file, data, err := t.Export()
		if err != nil {
			return err
		}
		emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindFile, Run: c.Run, Trial: c.Trial, File: &file}, Bytes: data})
		return nil
	}
	return fmt.Errorf("a worker cannot do %q", c.Op)
}
