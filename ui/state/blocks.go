package state

import (
	"fmt"
	"slices"

	"petri/kernels/lab/wire"
)

// Blocks is what the drawing of the racers shows: what they are built of, and what the visitor has chosen in it. The
// racer that is drawn is the one brought forward, State.Arm.
type Blocks struct {
	Known map[string]wire.Structure // by racer
	Stale bool                      // Known is of other knobs; the answer for these is on its way
	With  string                    // the racer it is compared with, as chosen: "" for the nearest, or NoRacer
	Block string                    // the chosen block, "" for the most telling one
	Part  string                    // the part whose edits are open, as the page numbers them; "" for none

	of      string // the knobs of Known, or of the answer that is on its way
	lab     string
	number  int    // of the last question
	run     string // that the answer will carry, "" while none is due
	worker  int
	retried bool
}

// NoRacer is Blocks.With where no comparison is wanted.
const NoRacer = "none"

// askAfter is how long knobs have to rest before a worker is asked, in milliseconds: they may be dragged.
const askAfter = 150

// wantBlocks sees to it that what the racers are built of is known: it came with the page, or a worker is asked.
func (s *State) wantBlocks() {
	b := &s.Blocks
	if s.Lab.Builder == nil {
		*b = Blocks{number: b.number}
		return
	}
	if of := s.blocksOf(s.Spec); of != b.of {
		if b.lab != s.Lab.ID {
			*b = Blocks{number: b.number, lab: s.Lab.ID}
		}
		b.of, b.run, b.Stale = of, "", true
		s.fault("blocks", "")
		if of == s.blocksOf(wire.NewSpec(s.Lab)) && len(s.Structures[s.Lab.ID]) > 0 {
			b.Known, b.Stale = map[string]wire.Structure{}, false
			for _, t := range s.Structures[s.Lab.ID] {
				b.Known[t.Arm] = t
			}
		}
	}
	s.V.Blocks++
	b.number++ // an earlier question that has not been sent yet is out of date
	if len(s.unknown()) > 0 {
		s.do(Wake{After: askAfter, Event: askBlocks{b.number}})
	}
}

// blocksOf is what structures depend on besides the racer.
func (s *State) blocksOf(spec wire.Spec) string {
	of := s.Lab.ID
	for _, k := range s.Lab.Builder.Knobs {
		of += "&" + k + "=" + spec.Text(k)
	}
	return of
}

// unknown lists the racers that the page may draw now and does not know.
func (s *State) unknown() (list []string) {
	if s.Lab.Builder == nil {
		return nil
	}
	for _, arm := range append(s.Spec.Arms(), s.Compared()) {
		if _, ok := s.Blocks.Known[arm]; arm != "" && (!ok || s.Blocks.Stale) {
			list = append(list, arm)
		}
	}
	return list
}

// askBlocks asks a worker, unless there was another question since.
type askBlocks struct{ number int }

func (e askBlocks) apply(s *State) {
	b := &s.Blocks
	if e.number != b.number || s.Place != AtLab || s.Lab.Builder == nil || s.Bench.Phase == Measuring {
		return
	}
	unknown := s.unknown()
	if len(unknown) == 0 {
		return
	}
	b.worker = s.idle()
	if s.Workers[b.worker].Cancel > 0 { // all are being stopped, and may be replaced
		s.do(Wake{After: CancelMs, Event: e})
		return
	}
	b.run = "blocks" + itoa(b.number)
	s.send(b.worker, wire.Command{Op: wire.OpStructure, Run: b.run, Link: s.Spec.Canonical(s.Lab), Arms: unknown})
}

// built takes a worker's answer.
func (s *State) built(h wire.Event) {
	b := &s.Blocks
	if h.Run != b.run || b.run == "" {
		return
	}
	b.run, b.retried = "", false
	s.V.Blocks++
	if h.Kind == wire.KindError {
		s.fault("blocks", sentence(fmt.Errorf("%s", h.Error)))
		return
	}
	if b.Stale || b.Known == nil {
		b.Known, b.Stale = map[string]wire.Structure{}, false
	}
	for _, t := range h.Structures {
		b.Known[t.Arm] = t
	}
	s.fault("blocks", "")
}

// lostBlocks asks another time where the worker that was asked is gone.
func (s *State) lostBlocks(worker int, why string) {
	b := &s.Blocks
	if b.run == "" || b.worker != worker {
		return
	}
	b.run = ""
	if b.retried {
		s.fault("blocks", "What this racer is built of cannot be shown. "+sentence(fmt.Errorf("%s", why)))
		s.V.Blocks++
		return
	}
	b.retried = true
	s.do(Wake{After: askAfter, Event: askBlocks{b.number}})
}

// Asking reports whether the drawing waits for a worker.
func (s *State) Asking() bool { return len(s.unknown()) > 0 }

// Drawn is what the drawing shows: the racer brought forward, or, while a worker has not answered yet, the one that is
// most like it. ok is false where nothing is known.
func (s *State) Drawn() (t wire.Structure, ok bool) {
	for _, arm := range append([]string{s.Arm, s.Plain(s.Arm)}, s.Spec.Arms()...) {
		if t, ok = s.Blocks.Known[arm]; ok {
			return t, true
		}
	}
	return t, false
}

// Plain is a racer without its edits.
func (s *State) Plain(arm string) string {
	if k, ok := s.Lab.Knob("arms"); ok && k.Arms != nil {
		if a, err := k.Arms.Parse(arm); err == nil && a.Racer != "" {
			return a.Racer
		}
	}
	return arm
}

// Compared is the racer with which the drawn one is compared: the chosen one, else for a racer with edits the plain one;
// "" for none.
func (s *State) Compared() string {
	switch with := s.Blocks.With; {
	case with == NoRacer:
		return ""
	case with != "" && with != s.Arm:
		return with
	}
	if plain := s.Plain(s.Arm); plain != s.Arm {
		return plain
	}
	return ""
}

// Compare chooses the racer with which the drawn one is compared; see Blocks.With.
type Compare struct{ With string }

func (e Compare) apply(s *State) {
	s.Blocks.With = e.With
	s.wantBlocks()
}

// ChooseBlock shows a block of the network.
type ChooseBlock struct{ Name string }

func (e ChooseBlock) apply(s *State) {
	s.Blocks.Block, s.Blocks.Part = e.Name, ""
	s.V.Blocks++
}

// ChoosePart opens what can be done to a part of the block, or closes it.
type ChoosePart struct{ Part string }

func (e ChoosePart) apply(s *State) {
	if s.Blocks.Part == e.Part {
		e.Part = ""
	}
	s.Blocks.Part = e.Part
	s.V.Blocks++
}

// EditArm puts a racer in the place of the one that is drawn. Where it races already, it is brought forward, and the
// drawn one goes if that was a racer with edits that is taken back to the plain one and enough others are left.
type EditArm struct{ By string }

func (e EditArm) apply(s *State) {
	k, ok := s.Lab.Knob("arms")
	arms := slices.Clone(s.Spec.Arms())
	at := slices.Index(arms, s.Arm)
	if !ok || k.Arms == nil || at < 0 {
		return
	}
	by, err := k.Arms.Parse(e.By)
	if err != nil {
		s.fault("blocks", sentence(err))
		return
	}
	s.Blocks.Part = ""
	name := by.String()
	switch there := slices.Contains(arms, name); {
	case there && name == s.Plain(s.Arm) && len(arms) > max(1, k.Arms.Least):
		arms = slices.Delete(arms, at, at+1)
	case there:
		s.toast(s.ArmInfo(name).Label + " is in the race already: here it is")
		SelectArm{name}.apply(s)
		s.V.Blocks++
		return
	default:
		arms[at] = name
	}
	s.setArms(arms)
	if s.Faults["arms"] == "" {
		SelectArm{name}.apply(s)
		s.wantBlocks()
	}
}
