package lab

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
)

// asked is a prompt that is being answered.
type asked struct {
	m    wire.Message[wire.Command]
	work Answering // nil before the first slice
}

// ask takes a prompt. Of each kind the last one counts; what is pointed at goes before a file to be written, and both before
// everything, which a file of what it has found so far does not end.
func (s *Session) ask(m wire.Message[wire.Command]) {
	at := 2
	switch m.Head.Ask.Kind {
	case wire.AskPrompt:
		at = 0
	case wire.AskExport:
		at = 1
	case wire.AskStop:
		s.asked[at] = nil
		return
	case wire.AskForget:
		clear(s.asked[:])
		for key := range s.env.memo {
			if strings.HasPrefix(key, prompterKey) {
				delete(s.env.memo, key)
			}
		}
		return
	}
	s.asked[at] = &asked{m: m}
}

// prompterKey begins the keys under which prompters are remembered.
const prompterKey = "prompter "

// asking is the place of the prompt that is to be answered next, nil where none waits.
func (s *Session) asking() **asked {
	for i := range s.asked {
		if s.asked[i] != nil {
			return &s.asked[i]
		}
	}
	return nil
}

// reply does the next slice of an answer.
func (s *Session) reply(at **asked, emit Emit) {
	a := *at
	head := a.m.Head
	// What goes wrong, and what panics for shapes that cannot be, ends this answer alone: a mended prompt may follow.
	*at = nil
	if a.work == nil {
		work, err := s.begin(a.m)
		if err != nil {
			s.failAsk(emit, head, err)
			return
		}
		a.work = work
	}
	r, err := a.work()
	if err != nil {
		s.failAsk(emit, head, err)
		return
	}
	if !r.Done && *at == nil {
		*at = a
	}
	e := wire.Event{Run: head.Run, Trial: head.Trial}
	switch {
	case r.Answer != nil:
		r.Answer.Kind, r.Answer.Serial, r.Answer.Model, r.Answer.Key = head.Ask.Kind, head.Ask.Serial, head.Ask.Model, head.Ask.Picture.Key
		r.Answer.Prompt = head.Ask.Prompt
		e.Kind, e.Answer = wire.KindAnswer, r.Answer
	case r.File != nil:
		e.Kind, e.File = wire.KindFile, r.File
	default:
		return
	}
	emit(wire.Message[wire.Event]{Head: e, Buffers: r.Buffers, Bytes: r.Bytes})
}

// failAsk says what was wrong with a prompt. Its Run is that of the ask, so no run is hurt.
func (s *Session) failAsk(emit Emit, head wire.Command, err error) {
	emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Run: head.Run, Trial: head.Trial, Error: err.Error()}})
}

// begin finds who answers.
func (s *Session) begin(m wire.Message[wire.Command]) (Answering, error) {
	paper, spec, err := s.parse(m.Head.Link)
	if err != nil {
		return nil, err
	}
	if paper.Prompting == nil {
		return nil, fmt.Errorf("the lab %s takes no prompts", paper.Lab.ID)
	}
	ask, buffers := *m.Head.Ask, m.Buffers
	var live Trial
	if ask.Model == wire.ModelLive {
		if live, buffers, err = s.live(paper, spec, m); err != nil {
			return nil, err
		}
	}
	p, err := Memo(s.env, prompterKey+paper.Lab.ID, func() (Prompter, error) { return paper.Prompting.New(s.env), nil })
	if err != nil {
		return nil, err
	}
	return p.Begin(ask, buffers, m.Bytes, live)
}

// live is the racer that a prompt is for: the one in training, or one that is put back together. It returns the buffers without its
// weights.
func (s *Session) live(paper Paper, spec wire.Spec, m wire.Message[wire.Command]) (Trial, [][]float32, error) {
	c, buffers := m.Head, m.Buffers
	if c.Trial.Arm < 0 || c.Trial.Arm >= len(spec.Arms()) || c.Trial.Seed < 0 || c.Trial.Seed >= spec.Seeds() {
		return nil, nil, fmt.Errorf("the run has no trial of arm %d and seed %d", c.Trial.Arm, c.Trial.Seed)
	}
	var weights [][]float32
	if n := len(buffers); c.Ask.Weights && n > 0 {
		buffers, weights = buffers[:n-1], buffers[n-1:]
	}
	// One whose weights come along is finished: what is in training under its name is another, such as that of a warm-up.
	if weights == nil && s.run != nil && s.run.head.Link == c.Link && s.run.head.Trial == c.Trial {
		return s.run.trial, buffers, nil
	}
	t, err := s.restore(paper, spec, wire.Message[wire.Command]{Head: c, Buffers: weights})
	return t, buffers, err
}
