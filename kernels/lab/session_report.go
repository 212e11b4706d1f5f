package lab

import (
	"fmt"

	"petri/kernels/lab/wire"
)

// report judges the trials that came with a command.
func (s *Session) report(paper Paper, spec wire.Spec, m wire.Message[wire.Command], emit Emit) error {
	if len(m.Buffers) < len(m.Head.Trials) {
		return fmt.Errorf("a report needs the trained weights of each of its %d trials, and %d came", len(m.Head.Trials), len(m.Buffers))
	}
	trials := append([]wire.TrialResult(nil), m.Head.Trials...)
	for i := range trials {
		trials[i].Trained = m.Buffers[i]
		// The digest is made again: it proves the weights that are judged, not what a message says of them.
		trials[i].Digest = Digest(trials[i].Loss, trials[i].Trained)
	}
	r, err := MakeReport(s.env, paper, spec, trials)
	if err != nil {
		return err
	}
	emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindReport, Run: m.Head.Run, Report: &r}})
	return nil
}
