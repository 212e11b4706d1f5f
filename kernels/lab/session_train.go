package lab

import "petri/kernels/lab/wire"

// train does a turn of the trial at hand.
func (s *Session) train(emit Emit) {
	begin := s.env.Now()
	for !s.paused || s.steps > 0 {
		if s.due > 0 && s.env.Now() < s.due {
			break
		}
		done := s.run.trial.Advance()
		if s.run.trial.Stepped() {
			s.steps = max(0, s.steps-1)
			s.run.shown = s.run.shown && !s.paused // a single step is worth a picture
			if s.pace > 0 && s.env.Clock != nil {
				s.due = max(s.due, begin) + 1000/s.pace
			}
		}
		if done {
			s.finish(emit)
			return
		}
		if s.env.Clock == nil || s.env.Now()-begin >= turnMs {
			break
		}
	}
	now := s.env.Now()
	if s.env.Clock == nil || s.paused || now-s.run.lastProgress >= progressMs {
		s.run.lastProgress = now
		p := s.run.trial.Progress()
		s.emit(emit, wire.Event{Kind: wire.KindProgress, Progress: &p}, nil)
	}
	if s.wantsFrame() {
		s.run.lastFrame, s.run.shown = s.env.Now(), true
		f, buffers := s.run.trial.Frame(s.focus)
		s.emit(emit, wire.Event{Kind: wire.KindFrame, Frame: &f}, buffers)
	}
}

// wantsFrame says whether the trial at hand is the one looked at and its picture is old.
func (s *Session) wantsFrame() bool {
	if s.run == nil || s.focus.Trial != s.run.head.Trial {
		return false
	}
	if s.paused && s.steps == 0 {
		return !s.run.shown
	}
	return !s.run.shown || s.env.Clock == nil || s.env.Now()-s.run.lastFrame >= frameMs
}

// finish emits the last progress, the last picture and the result.
func (s *Session) finish(emit Emit) {
	p := s.run.trial.Progress()
	s.emit(emit, wire.Event{Kind: wire.KindProgress, Progress: &p}, nil)
	if s.focus.Trial == s.run.head.Trial {
		f, buffers := s.run.trial.Frame(s.focus)
		s.emit(emit, wire.Event{Kind: wire.KindFrame, Frame: &f}, buffers)
	}
	r := s.run.trial.Result()
	s.emit(emit, wire.Event{Kind: wire.KindTrial, Result: &r}, [][]float32{r.Trained})
	if s.run.keep != "" { // a prompt may be under way that knows nothing of the end yet, and brings no weights
		s.held = &held{link: s.run.keep, id: s.run.head.Trial, trial: s.run.trial}
	}
	s.run = nil
}

// emit fills in whose event it is.
func (s *Session) emit(emit Emit, e wire.Event, buffers [][]float32) {
	e.Run, e.Trial = s.run.head.Run, s.run.head.Trial
	emit(wire.Message[wire.Event]{Head: e, Buffers: buffers})
}
