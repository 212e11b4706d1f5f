package state

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
)

// FromWorker is an event that a worker sent.
type FromWorker struct {
	Worker  int
	Message wire.Message[wire.Event]
}

func (e FromWorker) apply(s *State) {
	h := e.Message.Head
	switch h.Kind {
	case wire.KindReady:
		if s.Ready == 0 {
			s.Ready = s.now
			s.firstPicture()
		}
		if h.Engine != s.Catalog.Engine {
			s.fault("run", fmt.Sprintf("This page is of engine %s and its workers are of engine %s. Reload the page to bring them together.", s.Catalog.Engine, h.Engine))
		}
		return
	case wire.KindCancelled:
		s.Workers[e.Worker].Cancel = 0
		s.assign()
		return
	case wire.KindFile:
		if h.File != nil {
			s.do(Download{Name: h.File.Name, Type: h.File.Type, Data: e.Message.Bytes})
		}
		return
	}
	if h.Kind == wire.KindAnswer || h.Kind == wire.KindError && strings.HasPrefix(h.Run, askRun) {
		s.answered(e.Worker, h, e.Message.Buffers)
		return
	}
	if h.Kind == wire.KindStructure || h.Kind == wire.KindError && h.Run == s.Blocks.run && h.Run != "" {
		s.built(h)
		return
	}
	if b := &s.Bench; b.Phase == Measuring && h.Run == b.run {
		switch {
		case h.Kind == wire.KindBench && h.Bench != nil && len(b.jobs) > 0:
			s.measured(e.Worker, h.Bench)
		case h.Kind == wire.KindError:
			s.troubled(h.Error)
		}
		return
	}
	if s.Run == nil || h.Run != s.Run.ID {
		return // a late answer of a run that is gone
	}
	switch h.Kind {
	case wire.KindProgress:
		s.progress(e.Worker, h)
	case wire.KindFrame:
		if s.Prompting != nil {
			s.another(h.Trial)
		} else if h.Frame != nil {
			s.Frame = &Picture{Frame: *h.Frame, Buffers: e.Message.Buffers}
			s.V.Frame++
		}
	case wire.KindTrial:
		s.finish(e.Worker, h, e.Message.Buffers)
	case wire.KindReport:
		s.report(h.Report, h.More)
	case wire.KindError:
		s.failed(e.Worker, h)
	}
}

// training is the trial that a worker speaks of, nil for one that it no longer has.
func (s *State) training(worker int, id wire.TrialID) *Trial {
	at := s.Workers[worker].Trial
	if at < 0 || s.Run.Trials[at].ID != id {
		return nil
	}
	return &s.Run.Trials[at]
}

func (s *State) progress(worker int, h wire.Event) {
	t, p := s.training(worker, h.Trial), h.Progress
	if t == nil || p == nil {
		return
	}
	t.Words, t.Loaded = p.Phase, p.Loaded
	s.V.Progress++
	switch p.Phase {
	case "loading":
		return
	case "tuning":
		t.tuned, s.Run.tunes = p.Loaded, true
	case "labelling":
		t.made = p.Loaded
		for i := range s.Run.Trials { // the others of its kind will, too
			if u := &s.Run.Trials[i]; kind(u.Arm) == kind(t.Arm) {
				u.labels = true
			}
		}
	default:
		t.tuned, t.made = 1, 1 // it trains: there is nothing left to find or to make
	}
	t.Step, t.Steps, t.MsStep = p.Step, p.Steps, p.MsPerStep
	s.askPrompt() // there may be a racer to ask from now on
	s.another(t.ID)
	if len(p.Loss) > 0 || len(p.Evals) > 0 {
		t.Loss = append(t.Loss, p.Loss...)
		t.Evals = append(t.Evals, p.Evals...)
		s.V.Curves++
		if len(t.Loss) > 1 {
			s.before = nil // from here on this run is shown
		}
	}
}

// kind is what racers of one kind share of their names: of "engine:12" and "engine:3~lr=0.01" it is "engine".
func kind(arm string) string {
	if i := strings.IndexAny(arm, ":~"); i >= 0 {
		return arm[:i]
	}
	return arm
}

func (s *State) finish(worker int, h wire.Event, buffers [][]float32) {
	t := s.training(worker, h.Trial)
	if t == nil || h.Result == nil {
		return
	}
	r := *h.Result
	if len(buffers) > 0 {
		r.Trained = buffers[0]
	}
	t.Result, t.Phase, t.Worker, t.Step = &r, Finished, -1, t.Steps
	t.tuned, t.made = 1, 1
	t.Loss, t.Evals, t.MsStep = r.Loss, r.Evals, r.MsPerStep
	s.Workers[worker].Trial = -1
	s.clock()
	s.do(Keep{Lab: s.Run.Lab.ID, Link: s.Run.link(), Result: r, Worked: s.Run.Worked})
	s.V.Curves++
	s.V.Results++
	s.V.Progress++
	s.assign()
	s.askPrompt() // there may be a racer to ask from now on
	s.another(t.ID)
}

func (s *State) report(piece *wire.Report, more bool) {
	if piece == nil || s.Run.Phase != Judging {
		return
	}
	if s.Run.pieces == nil {
		s.Run.pieces = piece
	} else {
		s.Run.pieces.Join(*piece)
	}
	if more {
		return
	}
	r := s.Run.pieces
	s.Run.pieces = nil
	s.clock()
	s.Run.Report, s.Run.Phase, s.Run.judge = r, Done, -1
	if last := len(s.Run.Trials) - 1; !s.Run.timed { // once more, with the time of the whole run
		s.do(Keep{Lab: s.Run.Lab.ID, Link: s.Run.link(), Result: *s.Run.Trials[last].Result, Worked: s.Run.Worked})
	}
	for _, c := range r.Claims {
		if c.Verdict != wire.NotRun {
			s.Mine[c.ID] = Verdict{Verdict: c.Verdict, Here: c.Here, Paper: c.Paper, Link: r.Link, Engine: r.Engine, Date: s.Today}
		}
	}
	s.V.Mine++
	s.do(KeepMine{Mine: s.Mine})
	s.changedRun()
}

// failed is a command that a worker could not carry out. A trial or the report stops the run; a look at a trained arm
// or an export only says so where it was asked for.
func (s *State) failed(worker int, h wire.Event) {
	if s.training(worker, h.Trial) == nil && s.Run.judge != worker {
		s.fault("stage", sentence(fmt.Errorf("%s", h.Error)))
		return
	}
	if at := s.Workers[worker].Trial; at >= 0 {
		s.Run.Trials[at].again()
		s.Workers[worker].Trial = -1
	}
	s.Run.judge = -1
	s.failRun(h.Error)
}

// Verdict is what a run of the visitor's said about a claim.
type Verdict struct {
	Verdict wire.Verdict `json:"verdict"`
	Here    string       `json:"here"`
	Paper   string       `json:"paper"`
	Link    string       `json:"link"`
	Engine  string       `json:"engine"`
	Date    string       `json:"date"`
}

// RestoreMine brings back the verdicts kept on this device. Those of another engine are left out: they could not be
// made again.
type RestoreMine struct{ Mine map[string]Verdict }

func (e RestoreMine) apply(s *State) {
	for id, v := range e.Mine {
		if v.Engine == s.Catalog.Engine {
			s.Mine[id] = v
		}
	}
	s.V.Mine++
}

// Restore brings back the finished trials of the last run of a lab, after a reload.
type Restore struct {
	Lab, Link string
	Results   []wire.TrialResult
	Worked    float64 // milliseconds that it had worked when the last of them was finished
}

func (e Restore) apply(s *State) {
	if s.Run != nil || s.Bench.Phase == Measuring || s.Place != AtLab || s.Lab.ID != e.Lab || len(e.Results) == 0 {
		return
	}
	if s.Spec.Canonical(s.Lab) != e.Link {
		// Another run is on the page, by a link perhaps. The kept one is offered, not forced upon the visitor.
		if _, spec, err := wire.ParseLink(s.Catalog, e.Link); err == nil {
			s.Last = spec.Link(s.Lab)
			s.V.Progress++
		}
		return
	}
	s.Last = ""
	s.ids++
	r := &Run{ID: itoa(s.ids), Lab: s.Lab, Spec: s.Spec.Clone(), Phase: Stopped, judge: -1, since: s.now, Worked: e.Worked}
	arms := r.Spec.Arms()
	for _, id := range r.Spec.TrialIDs() {
		t := Trial{ID: id, Arm: arms[id.Arm], Worker: -1, Steps: r.Spec.Int("steps")}
		for _, res := range e.Results {
			if res.Trial == id && res.Arm == t.Arm {
				t.Phase, t.Step, t.Result, t.Loss, t.Evals, t.MsStep = Finished, t.Steps, &res, res.Loss, res.Evals, res.MsPerStep
				t.tuned, t.made = 1, 1
			}
		}
		r.Trials = append(r.Trials, t)
	}
	s.Run = r
	if r.finished() == len(r.Trials) {
		r.timed = e.Worked > 0
		s.judge()
	}
	s.changedRun()
	s.refocus(true)
	s.askPrompt()
}
