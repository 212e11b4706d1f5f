package lab

import (
	"errors"

	"petri/kernels/lab/wire"
)

// restore puts a trained arm back together. Without weights it returns the one that was looked at last, if that is
// the same.
func (s *Session) restore(paper Paper, spec wire.Spec, m wire.Message[wire.Command]) (Trial, error) {
	link := spec.Canonical(paper.Lab)
	same := s.held != nil && s.held.link == link && s.held.id == m.Head.Trial
	if len(m.Buffers) == 0 || len(m.Buffers[0]) == 0 {
		if !same {
			return nil, errors.New("the trained weights of this racer are no longer here; run it again to look at it")
		}
		return s.held.trial, nil
	}
	if !same {
		t, err := paper.NewTrial(s.env, spec, m.Head.Trial)
		if err != nil {
			return nil, err
		}
		s.held = &held{link: link, id: m.Head.Trial, trial: t}
	}
	if err := s.held.trial.Restore(m.Buffers[0]); err != nil {
		s.held = nil
		return nil, err
	}
	return s.held.trial, nil
}
