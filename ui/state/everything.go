package state

import (
	"math"

	"petri/kernels/lab/wire"
)

// RunEvery looks for everything in the picture at hand.
type RunEvery struct{}

func (RunEvery) apply(s *State) {
	if p := s.Prompting; p != nil {
		if p.Found != nil {
			p.earlier = &search{p.Found, p.foundAt, p.Stale}
		}
		p.Found, p.Off, p.Stale = nil, nil, false
		s.wantEvery(question{want: true, kind: wire.AskEvery})
	}
}

// ImportMasks reads masks from a file of COCO run lengths onto the picture at hand.
type ImportMasks struct{ Data []byte }

func (e ImportMasks) apply(s *State) {
	if s.Prompting != nil {
		s.wantEvery(question{want: true, kind: wire.AskImport, bytes: e.Data})
	}
}

func (s *State) wantEvery(q question) {
	p := s.Prompting
	p.every = q
	s.fault("every", "")
	s.V.Every++
	s.askEvery()
	if q.kind == wire.AskEvery && p.Running() {
		s.mode(ModeEvery)
	}
	s.settleEvery()
}

// search is what one search for everything has found.
type search struct {
	found  *Picture
	worker int // that has the masks, -1 for none
	stale  bool
}

// settleEvery is for a search that has ended without anything to show: what was found before is shown again, or what is pointed at.
func (s *State) settleEvery() {
	p := s.Prompting
	if p.Running() || p.Found != nil {
		return
	}
	if e := p.earlier; e != nil {
		p.Found, p.foundAt, p.Stale, p.earlier = e.found, e.worker, e.stale, nil
		s.showFound()
		return
	}
	s.mode(ModePrompt)
}

// askEvery puts the question of everything mode that is wanted. Other than of prompts a later one takes the place of one that is
// under way: that may take seconds.
func (s *State) askEvery() {
	p := s.Prompting
	if p == nil || !p.every.want || p.every.serial > 0 {
		return
	}
	m := wire.Message[wire.Command]{Head: wire.Command{Ask: &wire.Ask{Kind: p.every.kind, Sort: p.every.sort}}, Bytes: p.every.bytes}
	m.Buffers = s.ownPixels()
	at := -1
	if p.Found != nil {
		at = p.foundAt // where the model has run already
	}
	if !s.put(&p.every, m, at) && p.Model == wire.ModelLive && s.racer() == nil {
		p.every.drop()
		s.settleEvery()
		s.fault("every", "Your own model has not been trained yet. Press play, or ask the one that came with the page.")
	}
	s.V.Every++
}

// CancelEvery stops a search for everything. What it has found so far stays.
type CancelEvery struct{}

func (CancelEvery) apply(s *State) {
	if s.Prompting != nil {
		s.stopEvery()
		s.settleEvery()
		s.refresh()
		s.V.Every++
	}
}

// stopEvery drops the question of everything mode, and tells the worker that is about to answer it.
func (s *State) stopEvery() {
	q := &s.Prompting.every
	if q.serial > 0 && q.worker < len(s.Workers) {
		s.do(Send{Worker: q.worker, Message: wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpAsk, Ask: &wire.Ask{Kind: wire.AskStop}}}})
	}
	q.drop()
}

// SetEvery changes a knob of everything mode by its name in wire.Everyone.
type SetEvery struct {
	Name  string
	Value float64
}

func (e SetEvery) apply(s *State) {
	p := s.Prompting
	if p == nil || math.IsNaN(e.Value) {
		return
	}
	for _, k := range s.Lab.Prompts.Every {
		if k.Name == e.Name {
			e.Value = min(max(e.Value, k.Min), k.Max)
		}
	}
	before := p.Every
	if !p.Every.Set(e.Name, e.Value) || p.Every == before {
		return
	}
	switch e.Name { // the two ends do not cross
	case "smallest":
		p.Every.Largest = max(p.Every.Largest, e.Value)
	case "largest":
		p.Every.Smallest = min(p.Every.Smallest, e.Value)
	}
	s.V.Every++
	if p.Found == nil && !p.Running() {
		return
	}
	if e.Name == "side" || e.Name == "crops" { // the model has to run again: when the visitor says so
		p.Stale = true
		return
	}
	p.filters++
	s.do(Wake{After: filterMs, Event: filter{p.filters}})
}

// DefaultEvery puts the knobs of everything mode back.
type DefaultEvery struct{}

func (DefaultEvery) apply(s *State) {
	if p := s.Prompting; p != nil {
		for _, k := range s.Lab.Prompts.Every {
			d := s.Lab.Prompts.Everyone()
			SetEvery{Name: k.Name, Value: d.Get(k.Name)}.apply(s)
		}
	}
}

// filter asks again with other filters, unless they have changed since.
type filter struct{ number int }

func (e filter) apply(s *State) {
	p := s.Prompting
	if p == nil || e.number != p.filters || p.Found == nil && !p.Running() {
		return
	}
	if p.Found != nil && len(p.Found.Frame.Answer.Dots) == 0 {
		return // imported masks were not found by a model, which could sort them again
	}
	if p.Stale { // the grid that is shown, not the one that the knobs name by now
		return
	}
	p.Off = nil
	s.wantEvery(question{want: true, kind: wire.AskEvery, sort: !p.Running()}) // a search that was stopped does not go on
}

// ToggleMask switches one of the masks of everything off, or on again; below 0 all of them on.
type ToggleMask struct{ Index int }

func (e ToggleMask) apply(s *State) {
	p := s.Prompting
	if p == nil {
		return
	}
	if p.Off == nil || e.Index < 0 {
		p.Off = map[int]bool{}
	}
	if e.Index >= 0 {
		p.Off[e.Index] = !p.Off[e.Index]
	}
	s.V.Every++
}

// ChooseMode shows on the stage what is pointed at, or everything.
type ChooseMode struct{ Mode string }

func (e ChooseMode) apply(s *State) {
	if p := s.Prompting; p != nil && (e.Mode != ModeEvery || p.Found != nil || p.Running()) {
		s.mode(e.Mode)
		s.refresh()
	}
}

func (s *State) mode(mode string) {
	p := s.Prompting
	if p.Mode == mode {
		return
	}
	p.Mode, p.pointer = mode, nil
	pic := p.Shown
	if mode == ModeEvery {
		pic = p.Found
	}
	if pic != nil {
		s.Frame = pic
		s.V.Frame++
	}
	s.V.Prompt++
	s.V.Every++
}

// ExportMasks has the masks of everything written as COCO run lengths, by the worker that has them.
type ExportMasks struct{}

func (ExportMasks) apply(s *State) {
	p := s.Prompting
	switch {
	case p == nil:
	case p.Found == nil:
		s.fault("every", "There are no masks to write yet. Look for everything first.")
	case p.foundAt < 0:
		s.fault("every", "The worker that had these masks is gone. Look again, then write them.")
	case !s.put(&p.export, wire.Message[wire.Command]{Head: wire.Command{Ask: &wire.Ask{Kind: wire.AskExport}}}, p.foundAt): // the file comes as a download
		s.fault("every", "The masks cannot be written at the moment, because their worker is being stopped or measured. Try again in a second.")
	}
}
