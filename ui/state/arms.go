package state

import (
	"slices"
	"strings"

	"petri/kernels/lab/wire"
)

// ArmInfo is how a racer is shown before a report says so.
type ArmInfo struct {
	Label  string // "q, v  r = 4"
	Role   string
	Number int
}

// ArmInfo describes a racer of the lab on the page. A recorded run knows its own; others follow from the grammar.
func (s *State) ArmInfo(arm string) ArmInfo {
	if r := s.RecordedRun(); r != nil {
		for _, a := range r.Arms {
			if a.Arm == arm {
				return ArmInfo{a.Label, a.Role, a.Number}
			}
		}
	}
	info := ArmInfo{Label: arm, Role: wire.RoleControl}
	k, ok := s.Lab.Knob("arms")
	if !ok || k.Arms == nil {
		return info
	}
	a, err := k.Arms.Parse(arm)
	if err != nil {
		return info
	}
	if a.Racer == "" {
		sep := ", "
		return ArmInfo{Label: strings.Join(a.Parts, sep) + "  " + k.Arms.Symbol + " = " + itoa(a.Number), Role: wire.RoleMethod, Number: a.Number}
	}
	info.Label, info.Role = k.Arms.Label(a), k.Arms.Role(a)
	return info
}

// ToggleRacer lets a named racer take part, or not.
type ToggleRacer struct{ Racer string }

func (e ToggleRacer) apply(s *State) {
	arms := s.Spec.Arms()
	if i := slices.Index(arms, e.Racer); i >= 0 {
		s.setArms(slices.Delete(slices.Clone(arms), i, i+1))
		return
	}
	s.setArms(append(slices.Clone(arms), e.Racer))
}

// AddArm lets matrices with a number take part.
type AddArm struct {
	Parts  []string
	Number int
}

func (e AddArm) apply(s *State) {
	if len(e.Parts) == 0 {
		s.fault("arms", "Choose at least one matrix for the new racer.")
		return
	}
	k, _ := s.Lab.Knob("arms")
	text := strings.Join(e.Parts, "") + ":" + itoa(e.Number)
	arm, err := k.Arms.Parse(text)
	if err != nil {
		s.fault("arms", sentence(err))
		return
	}
	arms := s.Spec.Arms()
	if slices.Contains(arms, arm.String()) {
		s.fault("arms", s.ArmInfo(arm.String()).Label+" is already in the race.")
		return
	}
	// The method's racers stay together, in front of the controls that follow them.
	at := len(arms)
	for at > 0 && s.ArmInfo(arms[at-1]).Role != wire.RoleMethod {
		at--
	}
	if at == 0 {
		at = len(arms)
	}
	s.setArms(slices.Insert(slices.Clone(arms), at, arm.String()))
	if s.Faults["arms"] == "" {
		SelectArm{arm.String()}.apply(s)
	}
}

// RemoveArm takes a racer out.
type RemoveArm struct{ Arm string }

func (e RemoveArm) apply(s *State) {
	arms := slices.Clone(s.Spec.Arms())
	if i := slices.Index(arms, e.Arm); i >= 0 {
		s.setArms(slices.Delete(arms, i, i+1))
	}
}

// Room says how many racers may come or go: whether one may be taken out, and whether another one fits in.
func (s *State) Room() (less, more bool) {
	n := len(s.Spec.Arms())
	k, ok := s.Lab.Knob("arms")
	if !ok || k.Arms == nil {
		return false, false
	}
	return n > max(1, k.Arms.Least), n < k.Arms.Most
}

func (s *State) setArms(arms []string) {
	if len(arms) == 0 {
		s.fault("arms", "A race needs at least one racer.")
		return
	}
	SetKnob{Name: "arms", Text: strings.Join(arms, ",")}.apply(s)
}

// SelectArm brings a racer forward in the charts and on the stage.
type SelectArm struct{ Arm string }

func (e SelectArm) apply(s *State) {
	if s.Arm == e.Arm {
		return
	}
	s.Arm = e.Arm
	s.V.Arm++
	s.Blocks.Part = ""
	s.wantBlocks()
	s.refocus(true)
}
