package page

import (
	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// part is a piece of a page that is costly to draw. A pass draws one of those that changed, so that no task of the page
// grows long, however much an event has changed.
type part int

const (
	partStage part = iota
	partRace
	partTable
	partKnobs
	partClaims
	partHero
	partBeside
	partRest
	partLesson
	partShare
	partBlock
	partAnswers
	partEvery
	partPages // the shelf and the list of claims
	parts
)

// version is what a part was drawn from: the versions of the state that concern it.
type version [5]int

// drawing is a part as it stands on the screen. Its report stays the same pointer until the part is drawn again, so
// that components that compare their fields see at once that nothing has changed.
type drawing struct {
	version version
	report  *wire.Report
}

// version of a part by the state as it is.
func (s *Site) version(p part) version {
	v := &s.S.V
	source := int(s.S.Source())
	switch p {
	case partStage:
		if s.S.Prompting != nil {
			return version{v.Frame + v.Report + v.Prompt + v.Every, v.View, v.Arm, v.Faults + s.themes, v.Progress}
		}
		return version{v.Frame + v.Report, v.View, v.Arm, v.Faults, s.themes}
	case partRace:
		return version{v.Curves, v.Report, v.Arm, source}
	case partTable:
		return version{v.Results, v.Report, v.Arm, source}
	case partKnobs:
		return version{v.Spec, v.Faults, v.Results, v.Arm, v.Report + v.Blocks}
	case partClaims:
		return version{v.Report, phase(s.S), v.Place, source}
	case partHero:
		return version{v.Report, v.Place, v.Faults, source}
	case partBeside, partRest:
		return version{v.Report, v.Results, v.Arm, source}
	case partLesson:
		return version{v.Report}
	case partBlock:
		return version{v.Blocks, v.Spec, v.Arm, v.Faults}
	case partAnswers:
		return version{v.Prompt, v.Every, v.Arm, v.Faults, source}
	case partEvery:
		return version{v.Every, v.Faults}
	case partShare:
		return version{v.Report, v.Spec, v.Faults, v.Arm, source}
	}
	return version{v.Place, v.Mine}
}

// phase changes whenever claims begin or cease to wait for a run.
func phase(s *state.State) int {
	if s.Run == nil {
		return -1
	}
	return int(s.Run.Phase)
}

// take brings one part up to date.
func (s *Site) take(p part) {
	s.drawn[p] = drawing{s.version(p), s.report()}
}

// takeAll brings every part up to date: for a page's first drawing.
func (s *Site) takeAll() {
	for p := range parts {
		s.take(p)
	}
	s.figures = all
}

// all is more figures than any report has.
const all = 1 << 20

// takeNext brings the next part that changed up to date; more is true where others wait. The figures of a report that
// has just arrived come one by one.
func (s *Site) takeNext() (more bool) {
	found := false
	for p := range parts {
		if s.drawn[p].version == s.version(p) {
			continue
		}
		if found {
			return true
		}
		found = true
		if p == partBeside && s.drawn[p].report != s.report() {
			s.figures = 0
		}
		s.take(p)
	}
	r := s.report()
	if r == nil || s.figures >= len(r.Figures) {
		return false
	}
	if !found {
		s.figures++
	}
	return true
}

// report is what the state shows now, made once per change.
func (s *Site) report() *wire.Report {
	v := &s.S.V
	at := version{v.Curves, v.Results, v.Report, v.Place, int(s.S.Source())}
	if at != s.reportAt {
		s.current, s.reportAt = s.S.Shown(), at
	}
	return s.current
}

// at is the version at which a part is to be drawn.
func (s *Site) at(p part) version { return s.drawn[p].version }

// shown is the report from which a part is to be drawn.
func (s *Site) shown(p part) *wire.Report { return s.drawn[p].report }
