package lab

import (
	"fmt"
	"slices"

	"petri/kernels/lab/wire"
)

// judging is a report in the making.
type judging struct {
	head wire.Command
	work *Reporter
}

// startReport prepares to judge the trials that came with a command.
func (s *Session) startReport(paper Paper, spec wire.Spec, m wire.Message[wire.Command]) error {
	if len(m.Buffers) < len(m.Head.Trials) {
		return fmt.Errorf("a report needs the trained weights of each of its %d trials, and %d came", len(m.Head.Trials), len(m.Buffers))
	}
	trials := append([]wire.TrialResult(nil), m.Head.Trials...)
	for i := range trials {
		trials[i].Trained = m.Buffers[i]
		// The digest is made again: it proves the weights that are judged, not what a message says of them. A racer that trained
		// nothing, such as a shipped model, has no weights here, and its digest is of those that it came with.
		if len(trials[i].Loss)+len(trials[i].Trained) > 0 {
			trials[i].Digest = Digest(trials[i].Loss, trials[i].Trained)
		}
	}
	work, err := NewReporter(s.env, paper, spec, trials)
	if err != nil {
		return err
	}
	s.report = &judging{head: m.Head, work: work}
	return nil
}

// judge does a turn of the report at hand.
func (s *Session) judge(emit Emit) {
	begin := s.env.Now()
	for {
		r, err := s.report.work.Advance()
		head := s.report.head
		switch {
		case err != nil:
			s.fail(emit, head, err)
			return
		case r != nil:
			s.report = nil
			emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindReport, Run: head.Run, Report: r}})
			return
		}
		if s.env.Clock == nil || s.env.Now()-begin >= turnMs {
			return
		}
	}
}

// next is the place in the queue of what may begin now, -1 for nothing: during a report only a look at a trained arm
// and its download.
func (s *Session) next() int {
	if s.report == nil {
		return min(len(s.queue), 1) - 1
	}
	return slices.IndexFunc(s.queue, func(q wire.Message[wire.Command]) bool {
		return q.Head.Op == wire.OpLook || q.Head.Op == wire.OpWeights
	})
}
