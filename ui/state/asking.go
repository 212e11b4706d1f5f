package state

import (
	"fmt"
	"slices"

	"petri/kernels/lab/wire"
)

// askRun begins the Run of every ask, so that its answers are known from those of a run: "ask12".
const askRun = "ask"

const (
	againMs  = 200 // least time between two asks about the same thing while a racer trains, in milliseconds
	filterMs = 150 // how long the knobs of everything mode rest before they are put to use: they may be dragged
)

// newPrompting begins with the lab on the page: with the recorded answer, where there is one.
func (s *State) newPrompting() {
	if s.Prompting != nil {
		s.stopEvery()
	}
	s.Prompting = nil
	d := s.Lab.Prompts
	if d == nil {
		return
	}
	p := &Prompting{lab: s.Lab.ID, Tool: "point", Model: wire.ModelShipped, Rule: wire.RulePaper, Feed: true, Mask: -1, All: true, Mode: ModePrompt, Every: d.Everyone(), foundAt: -1}
	s.Prompting = p
	s.scene(0, nil)
	s.V.Prompt++
	s.V.Every++
	if s.Ready > 0 { // once the knobs of the lab are there as well
		p.prompt.want = true
		s.do(Wake{Event: askAgain{}})
	}
	if s.Frame == nil || s.Frame.Frame.Answer == nil {
		s.Frame = nil
		return
	}
	a := s.Frame.Frame.Answer
	if split, index, ok := wire.ParseSceneKey(a.Key); ok && split == d.Split {
		s.scene(index, nil)
	}
	if a.Kind != wire.AskPrompt {
		p.Found, p.Mode = s.Frame, ModeEvery
		return
	}
	k := float64(d.Side) / float64(max(1, a.Side))
	p.Placed = Placed{Given: true, answer: s.Frame}
	for _, at := range a.Prompt.Points {
		p.Points = append(p.Points, scalePoint(at, k))
	}
	if a.Prompt.Box != nil {
		box := scaleBox(*a.Prompt.Box, k)
		p.Box = &box
	}
	p.Shown = s.Frame
}

// firstPicture asks as soon as a worker is up: for a picture, or about the recorded one, so that model and picture are there before
// the pointer is.
func (s *State) firstPicture() {
	if p := s.Prompting; p != nil && (p.Shown == nil || p.Shown.Recorded) {
		s.wantPrompt()
	}
}

// withoutRun is a run having been taken off the page.
func (s *State) withoutRun() {
	p := s.Prompting
	p.shipped = false
	if p.Model == wire.ModelLive {
		s.model(wire.ModelShipped)
	}
}

// withoutRacer is the racers being stopped: what the one on the stage was asked it will not answer any more.
func (s *State) withoutRacer() {
	p := s.Prompting
	if p == nil || p.Model != wire.ModelLive {
		return
	}
	if p.prompt.serial > 0 {
		p.prompt = question{want: true}
	}
	if p.every.serial > 0 {
		s.stopEvery()
		s.settleEvery()
	}
	s.askPrompt()
}

// otherRacer is another racer having come forward.
func (s *State) otherRacer() {
	s.Prompting.Mask = -1
	s.dropFound()
	s.V.Prompt++
	s.wantPrompt()
}

// began is a run having been started: from now on it is the visitor's own model that answers, unless one was chosen.
func (s *State) began() {
	p := s.Prompting
	switch {
	case p == nil:
	case p.Model == wire.ModelLive: // what the racers of the run before have answered is not of this one
		p.prompt.drop()
		p.answer, p.Mask = nil, -1
		for i := range p.history {
			p.history[i].answer, p.history[i].mask = nil, -1
		}
		s.dropFound()
		s.wantPrompt()
	case !p.shipped:
		s.model(wire.ModelLive)
	}
}

// racer is the trial that is asked as the live model: the chosen racer's first seed, nil before it has made a step. One that makes its
// masks first answers as far as its helper has come.
func (s *State) racer() *Trial {
	if s.Run == nil || s.Run.Lab.ID != s.Lab.ID {
		return nil
	}
	for i := range s.Run.Trials {
		if t := &s.Run.Trials[i]; t.Arm == s.Arm && t.ID.Seed == 0 && (t.Phase == Finished || t.Phase == Training && (t.Step > 0 || t.Words == "labelling")) {
			return t
		}
	}
	return nil
}

// LiveStep is how far the racer has been trained that is asked as the live model, 0 while its helper is; ok is false where there is none
// yet.
func (s *State) LiveStep() (step int, ok bool) {
	if t := s.racer(); t != nil {
		return t.Step, true
	}
	return 0, false
}

// another asks once more when the racer that answers has learnt something.
func (s *State) another(id wire.TrialID) {
	p := s.Prompting
	if p == nil || p.Model != wire.ModelLive || p.Mode != ModePrompt || p.pointer == nil && p.Empty() {
		return
	}
	if t := s.racer(); t != nil && t.ID == id && (s.now >= p.askedAt+againMs || t.Phase == Finished) {
		s.wantPrompt()
	}
}

// wantPrompt asks about what is under the pointer or placed, now or as soon as the answer to the last ask has come.
func (s *State) wantPrompt() {
	if p := s.Prompting; p != nil {
		p.prompt.want = true
		s.askPrompt()
	}
}

// unseen reports whether the picture at hand is not on the stage yet though there is no racer to ask about it: the shipped model brings it,
// and is asked for no masks.
func (s *State) unseen() bool {
	p := s.Prompting
	return p.Model == wire.ModelLive && s.racer() == nil && !p.Current()
}

// askPrompt puts the prompt as it stands to a model, if that is wanted and nothing is under way.
func (s *State) askPrompt() {
	p := s.Prompting
	if p == nil || !p.prompt.want || p.prompt.serial > 0 {
		return
	}
	unseen := s.unseen()
	side := s.side()
	k := float64(side) / float64(max(1, s.Lab.Prompts.Side))
	m := wire.Message[wire.Command]{Head: wire.Command{Ask: &wire.Ask{Kind: wire.AskPrompt}}}
	m.Buffers = s.ownPixels()
	q, brush := s.PlacedOn(side)
	if p.pointer != nil {
		q = wire.Prompt{Points: []wire.PromptPoint{scalePoint(*p.pointer, k)}, Feed: p.Feed}
	} else {
		q.From, q.Fed = s.from()
	}
	if unseen {
		q = wire.Prompt{}
	}
	if q.Brush {
		mask := make([]float32, side*side)
		for _, i := range brush {
			mask[i] = 1
		}
		m.Buffers = append(m.Buffers, mask)
	}
	m.Head.Ask.Prompt = q
	p.prompt.hover, p.prompt.edits = p.pointer != nil, p.edits
	if s.put(&p.prompt, m, -1) {
		p.askedAt = s.now
		p.prompt.want = unseen // the racer, as soon as there is one
	}
	s.V.Prompt++
}

// from is the answer whose mask is fed back: that to what was placed before, by the same model on the same picture, where what is placed
// now adds to it. Another box in its place asks for another thing. fed is the mask that was in front, counted from 1, where the visitor
// had chosen it, else 0.
func (s *State) from() (serial, fed int) {
	p := s.Prompting
	if !p.Feed || len(p.history) == 0 {
		return 0, 0
	}
	last := p.history[len(p.history)-1]
	if a := last.answer; a != nil && !last.Given && p.adds(last.Placed) && a.Frame.Answer.Key == p.Source.Key && a.Frame.Answer.Model == s.Asked() && len(a.Frame.Answer.Masks) > 0 {
		return a.Frame.Answer.Serial, max(0, last.mask+1)
	}
	return 0, 0
}

// adds reports whether what is placed is what was placed before and more.
func (p *Prompting) adds(to Placed) bool {
	n := len(to.Points)
	return len(p.Points) >= n && slices.Equal(p.Points[:n], to.Points) && (len(to.Brush) == 0 || len(p.Brush) > 0) && (to.Box == nil || p.Box != nil && *p.Box == *to.Box)
}

// Asked is the model that answers: the live one, but where the racer on the stage has nothing to learn and is the shipped one.
func (s *State) Asked() string {
	p := s.Prompting
	if t := s.racer(); p.Model == wire.ModelLive && t != nil && t.Phase == Finished && t.Result.Trainable == 0 {
		return wire.ModelShipped
	}
	return p.Model
}

// side is how many pixels each side of the picture has for the model that is asked.
func (s *State) side() int {
	if s.Asked() == wire.ModelLive {
		return max(1, s.Lab.Prompts.Live)
	}
	return max(1, s.Lab.Prompts.Side)
}

// ownPixels are the buffers of a picture of the visitor's, of Prompts.Side for every model: the lab makes it smaller. None for a
// generated scene.
func (s *State) ownPixels() [][]float32 {
	if p := s.Prompting; p.Source.Own {
		return [][]float32{slices.Clone(p.Own.Pixels)}
	}
	return nil
}

// put sends a question to a worker; at names the one, -1 leaves the choice. It reports whether somebody could be asked; if not,
// the question stays wanted.
func (s *State) put(q *question, m wire.Message[wire.Command], at int) bool {
	p := s.Prompting
	if s.Place != AtLab || s.Bench.Phase == Measuring || len(s.Workers) == 0 {
		return false
	}
	m.Head.Op, m.Head.Link = wire.OpAsk, s.Spec.Canonical(s.Lab)
	model := s.Asked()
	if q == &p.export { // what has been found lies with the prompter: no model is asked
		model = wire.ModelShipped
	} else if q == &p.prompt && s.unseen() {
		model = wire.ModelShipped
	}
	if model == wire.ModelLive {
		t := s.racer()
		if t == nil {
			return false
		}
		m.Head.Link, m.Head.Trial = s.Run.link(), t.ID
		if t.Phase == Finished {
			m.Buffers, m.Head.Ask.Weights = append(m.Buffers, t.Result.Trained), true
		} else {
			at = t.Worker
		}
	}
	if at < 0 {
		at = s.idle()
		if w := s.Workers[min(p.worker, len(s.Workers)-1)]; (w.Trial < 0 || m.Head.Ask.Prompt.From > 0) && w.Cancel == 0 {
			at = p.worker // it has the picture's encoding, and the mask that is fed back
		}
	}
	if s.Workers[at].Cancel > 0 { // it is being stopped, and may be replaced
		s.do(Wake{After: CancelMs, Event: askAgain{}})
		return false
	}
	s.ids++
	q.want, q.serial, q.worker, p.worker = false, s.ids, at, at
	m.Head.Run = askRun + itoa(s.ids)
	a := m.Head.Ask
	a.Serial, a.Model, a.Picture, a.Rule, a.Every = s.ids, model, p.Source, p.Rule, p.Every
	s.do(Send{Worker: at, Message: m})
	return true
}

// askAgain asks what is still wanted.
type askAgain struct{}

func (askAgain) apply(s *State) {
	s.askPrompt()
	s.askEvery()
}

// answered takes what a worker says to an ask.
func (s *State) answered(worker int, h wire.Event, buffers [][]float32) {
	p := s.Prompting
	if p == nil {
		return
	}
	if h.Kind == wire.KindError {
		s.refused(h)
		return
	}
	a := h.Answer
	if a == nil || a.Side <= 0 || len(buffers) == 0 {
		return
	}
	q := &p.every
	if a.Kind == wire.AskPrompt {
		q = &p.prompt
	}
	if q.serial == 0 || a.Serial != q.serial {
		return // of a question that nobody asks any more
	}
	if !a.More {
		q.serial, q.lost = 0, 0
	}
	if a.Key == p.Source.Key {
		pic := s.pictured(a, buffers)
		if a.Kind == wire.AskPrompt {
			if !q.hover && q.edits == p.edits {
				p.answer = pic
			}
			s.fault("prompt", "")
			if !q.hover || p.pointer != nil { // else the pointer has left, or has become another tool
				s.show(pic, q.hover)
			}
		} else {
			p.Found, p.foundAt, p.earlier, p.Off = pic, worker, nil, nil // other masks have other numbers
			s.fault("every", "")
			s.showFound()
		}
	}
	s.askPrompt()
	s.askEvery()
}

// pictured makes a frame of an answer, as the stage draws it.
func (s *State) pictured(a *wire.Answer, buffers [][]float32) *Picture {
	f := wire.Frame{Arm: a.Arm, Step: a.Step, Height: a.Side, Width: a.Side, Example: s.Prompting.Source.Index, Examples: s.Lab.Prompts.Scenes, Answer: a}
	if t := s.racer(); t != nil && a.Model == wire.ModelLive {
		f.Trial = t.ID
	}
	return &Picture{Frame: f, Buffers: buffers}
}

// show puts an answer to a prompt on the stage.
func (s *State) show(pic *Picture, hover bool) {
	p := s.Prompting
	p.Shown, p.Hover = pic, hover
	s.V.Prompt++
	if p.Mode == ModePrompt {
		s.Frame = pic
		s.V.Frame++
	}
}

func (s *State) showFound() {
	s.V.Every++
	if p := s.Prompting; p.Mode == ModeEvery {
		s.Frame = p.Found
		s.V.Frame++
	}
}

// refused is an ask that a worker could not answer.
func (s *State) refused(h wire.Event) {
	p := s.Prompting
	place, q := "every", &p.every
	if h.Run == askRun+itoa(p.prompt.serial) {
		place, q = "prompt", &p.prompt
	} else if h.Run == askRun+itoa(p.export.serial) {
		q = &p.export
	} else if h.Run != askRun+itoa(p.every.serial) {
		return
	}
	q.serial = 0
	s.fault(place, sentence(fmt.Errorf("%s", h.Error)))
	s.V.Prompt++
	s.V.Every++
	if q != &p.prompt || !s.unseen() { // else it would be refused again, and again
		s.askPrompt()
	}
	s.askEvery()
	s.settleEvery()
}

// lostAsk asks another time what a worker was asked that is gone.
func (s *State) lostAsk(worker int, why string) {
	p := s.Prompting
	if p == nil {
		return
	}
	if p.foundAt == worker {
		p.foundAt = -1
	}
	if e := p.earlier; e != nil && e.worker == worker {
		e.worker = -1
	}
	for i, q := range []*question{&p.prompt, &p.every} {
		if q.serial == 0 || q.worker != worker {
			continue
		}
		q.serial = 0
		q.lost++
		if q.lost > 2 {
			q.drop()
			s.fault([]string{"prompt", "every"}[i], "The model did not answer. "+sentence(fmt.Errorf("%s", why)))
		} else {
			q.want = true
			s.do(Wake{After: askAfter, Event: askAgain{}})
		}
	}
	s.settleEvery()
	s.V.Prompt++
	s.V.Every++
}
