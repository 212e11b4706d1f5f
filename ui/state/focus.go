package state

import "petri/kernels/lab/wire"

// followed is the trial that the stage shows: the chosen racer's first seed where it is or was trained, else whichever
// trains first. -1 for none.
func (s *State) followed() int {
	if s.Run == nil {
		return -1
	}
	any := -1
	for i := range s.Run.Trials {
		t := &s.Run.Trials[i]
		if t.Phase != Waiting && t.Arm == s.Arm && t.ID.Seed == 0 {
			return i
		}
		if t.Phase == Training && any < 0 {
			any = i
		}
	}
	return any
}

// focus is what a worker should show.
func (s *State) focus() wire.Focus {
	f := s.Focus
	f.Trial = wire.TrialID{Arm: -1, Seed: -1}
	if i := s.followed(); i >= 0 {
		f.Trial = s.Run.Trials[i].ID
	}
	return f
}

// refocus tells the workers what to show; asked is true where the visitor wants to see it now, so that a trained arm
// is looked at again.
func (s *State) refocus(asked bool) {
	i := s.followed()
	if i < 0 {
		return
	}
	f := s.focus()
	for w := range s.Workers {
		if s.Workers[w].Trial >= 0 {
			s.do(Send{Worker: w, Message: wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpFocus, Run: s.Run.ID, Focus: f}}})
		}
	}
	t := &s.Run.Trials[i]
	if s.Prompting != nil {
		if asked && s.Prompting.Model == wire.ModelLive {
			s.otherRacer()
		}
		return
	}
	if asked && t.Phase == Finished {
		s.do(Send{Worker: s.idle(), Message: wire.Message[wire.Command]{
			Head:    wire.Command{Op: wire.OpLook, Run: s.Run.ID, Link: s.Run.link(), Trial: t.ID, Focus: f},
			Buffers: [][]float32{t.Result.Trained}}})
	}
}

// Look chooses what the stage shows: another example, or another update matrix. Fields below 0 or "" stay.
type Look struct {
	Example, Layer int
	Matrix         string
}

func (e Look) apply(s *State) {
	if e.Example >= 0 {
		s.Focus.Example = e.Example
	}
	if e.Layer >= 0 {
		s.Focus.Layer = e.Layer
	}
	if e.Matrix != "" {
		s.Focus.Matrix = e.Matrix
	}
	s.fault("stage", "")
	s.V.View++
	s.refocus(true)
}

// Reach asks which pixels reach a cell of the output map.
type Reach struct{ Cell int }

func (e Reach) apply(s *State) {
	s.Focus.Token = e.Cell
	s.fault("stage", "")
	s.V.View++
	s.refocus(true)
}

// newFocus is what the stage of a lab shows before anything was chosen.
func newFocus(lab wire.Lab) wire.Focus {
	return wire.Focus{Matrix: first(lab.Stage.Matrices), Token: -1}
}

// CanLook reports whether another example can be shown: a recorded run carries one picture only.
func (s *State) CanLook() bool { return s.Frame != nil && !s.Frame.Recorded }

// Point is the pointer over a token, or the keyboard on it; -1 for none.
type Point struct{ Token int }

func (e Point) apply(s *State) {
	if s.Pinned || s.Token == e.Token {
		return
	}
	s.Token = e.Token
	s.V.View++
}

// Pin keeps a token marked, or lets go of it.
type Pin struct {
	Token  int
	Pinned bool
}

func (e Pin) apply(s *State) {
	s.Token, s.Pinned = e.Token, e.Pinned
	s.V.View++
}

func (s *State) showRecordedFrame() {
	if p := s.Prompting; p != nil && p.lab == s.Lab.ID { // what the visitor points at stays
		s.withoutRun()
		return
	}
	s.Frame = nil
	s.V.Frame++
	defer s.newPrompting()
	r := s.RecordedRun()
	if r == nil || r.Frame == nil {
		return
	}
	s.Frame = &Picture{Frame: r.Frame.Frame, Buffers: r.Frame.Buffers, Recorded: true}
	f := &r.Frame.Frame
	s.Focus.Example, s.Focus.Layer, s.Focus.Matrix = f.Example, f.Layer, f.Matrix
	if f.Sized() {
		s.Focus.Token = f.Token
	}
}

// Weights exports the trained weights of the chosen racer's first seed.
type Weights struct{}

func (Weights) apply(s *State) {
	if s.Run != nil {
		for i := range s.Run.Trials {
			t := &s.Run.Trials[i]
			if t.Arm == s.Arm && t.ID.Seed == 0 && t.Phase == Finished {
				s.do(Send{Worker: s.idle(), Message: wire.Message[wire.Command]{
					Head:    wire.Command{Op: wire.OpWeights, Run: s.Run.ID, Link: s.Run.link(), Trial: t.ID},
					Buffers: [][]float32{t.Result.Trained}}})
				return
			}
		}
	}
	s.fault("share", "There are no trained weights of "+s.ArmInfo(s.Arm).Label+" yet: a recorded run keeps none. Press play, then export them.")
}
