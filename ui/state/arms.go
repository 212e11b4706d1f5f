package state

import (
	"cmp"
	"errors"
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

// ArmInfo describes a racer of the lab on the page. A run of this link knows its own, and so does a recorded one; others follow
// from the grammar.
func (s *State) ArmInfo(arm string) ArmInfo {
	if s.Source() == Yours { // a run says which size a racer took where sizes follow from what is equal
		if r := s.finished().Report; r != nil {
			for _, a := range r.Arms {
				if a.Arm == arm && s.OfLink() {
					return ArmInfo{a.Label, a.Role, a.Number}
				}
			}
		}
	}
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
	return ArmInfo{Label: s.Lab.ArmLabel(a), Role: k.Arms.Role(a), Number: a.Number}
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
	AddRacer{strings.Join(e.Parts, "") + ":" + itoa(e.Number)}.apply(s)
}

// AddRacer lets a racer take part, as links write it: "adaptformer:8~scale=1".
type AddRacer struct{ Text string }

func (e AddRacer) apply(s *State) {
	arm, err := s.Racer(e.Text)
	if err != nil {
		s.fault("arms", sentence(err))
		return
	}
	arms := s.Spec.Arms()
	if slices.Contains(arms, arm) {
		s.fault("arms", s.ArmInfo(arm).Label+" is already in the race.")
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
	s.setArms(slices.Insert(slices.Clone(arms), at, arm))
	if s.Faults["arms"] == "" {
		SelectArm{arm}.apply(s)
	}
}

// Racer is a racer as links write it, checked as one more in the race as it stands. Its error names the nearest one that
// would do, if there is one, as Try.
func (s *State) Racer(text string) (arm string, bad *BadRacer) {
	spec := s.Spec.Clone()
	err := spec.Set(s.Lab, "arms", text+","+spec.Text("arms"))
	if err == nil {
		arm = spec.Arms()[0]
		err = spec.Check(s.Lab)
	}
	if err == nil {
		return arm, nil
	}
	bad = &BadRacer{Text: sentence(err)}
	var said *wire.SpecError
	if errors.As(err, &said) {
		near, _, _ := strings.Cut(strings.TrimPrefix(said.Nearest, "arms="), ",")
		bad.Text = cmp.Or(said.Plain, sentence(errors.New(said.Text)))
		if near != text {
			bad.Try = near
		}
	}
	return "", bad
}

// BadRacer is why a racer cannot take part.
type BadRacer struct{ Text, Try string }

func (b *BadRacer) Error() string { return b.Text }

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
