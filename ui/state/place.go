package state

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"petri/kernels/lab/wire"
)

// Open is a page having been opened: by a link, by the visitor's back button, or at the start.
type Open struct {
	Path  string // below the base of the site, "lora" or "/lora/"
	Query string // without "?"
}

func (e Open) apply(s *State) {
	place, lab := s.Place, s.Lab.ID
	e.open(s)
	if s.Place != place || s.Place == AtLab && s.Lab.ID != lab { // a lab warms its workers up, which would spoil the times
		CancelBench{Why: "The measurement was cancelled because another page was opened."}.apply(s)
	}
}

func (e Open) open(s *State) {
	path := strings.Trim(strings.TrimSuffix(strings.Trim(e.Path, "/"), "index.html"), "/")
	path = strings.TrimSuffix(path, ".html")
	values, _ := url.ParseQuery(e.Query)
	s.Embed = values.Get("embed") == "1"
	s.V.Place++
	s.fault("link", "")
	switch Place(path) {
	case Home, Claims, How, Credits, AtBench:
		s.Place = Place(path)
		return
	}
	lab, ok := s.Catalog.Lab(path)
	if !ok {
		s.Place = Missing
		return
	}
	other := s.Place != AtLab || s.Lab.ID != lab.ID
	s.Place = AtLab
	spec, err := wire.ParseQuery(lab, knobsOnly(e.Query))
	if err != nil {
		spec = wire.NewSpec(lab)
		s.fault("link", "This link cannot be run as it is: "+err.Error()+". The default run is shown instead.")
	}
	if other && s.Lab.ID != lab.ID {
		s.Lab, s.Frame, s.Token, s.Pinned, s.Arm = lab, nil, -1, false, ""
		s.Focus = newFocus(lab)
		s.showRecordedFrame()
	}
	s.Lab = lab
	s.setSpec(spec)
	if s.Run != nil && s.Run.Lab.ID != lab.ID && !s.Run.Phase.Busy() {
		s.Run = nil
	}
	s.V.Report++
	s.V.Curves++
	s.askPrompt() // what was wanted when another page was opened
}

// knobsOnly drops what a page's address may hold besides knobs: the switches of the start script.
func knobsOnly(query string) string {
	var keep []string
	for _, pair := range strings.Split(query, "&") {
		switch name, _, _ := strings.Cut(pair, "="); name {
		case "", "embed", "theme", "nosw":
		default:
			keep = append(keep, pair)
		}
	}
	return strings.Join(keep, "&")
}

// Link is the address of the knobs as they stand: "lora?seed=7".
func (s *State) Link() string { return s.Spec.Link(s.Lab) }

// SetKnob changes a knob. Dragging is a change that will be followed by others: it makes no entry in the history.
type SetKnob struct {
	Name, Text string
	Dragging   bool
}

func (e SetKnob) apply(s *State) {
	spec := s.Spec.Clone()
	err := spec.Set(s.Lab, e.Name, e.Text)
	if err == nil {
		err = spec.Check(s.Lab)
	}
	if err != nil {
		s.fault(e.Name, sentence(err))
		return
	}
	for _, k := range s.Lab.Knobs { // what was refused before has been put back: no complaint outlives the next change
		s.fault(k.Name, "")
	}
	if spec.Text(e.Name) == s.Spec.Text(e.Name) && !e.Dragging && s.Spec.Text(e.Name) == e.Text {
		s.do(Address{Link: s.Link(), Push: false})
		return
	}
	s.setSpec(spec)
	s.do(Address{Link: s.Link(), Push: !e.Dragging})
}

// sentence is an error as a sentence of the page.
func sentence(err error) string {
	var spec *wire.SpecError
	text := err.Error()
	if errors.As(err, &spec) && spec.Plain != "" {
		text = spec.Plain
	} else if spec != nil && spec.Nearest != "" {
		text = spec.Text + ". Try " + spec.Nearest + "."
	} else if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (s *State) setSpec(spec wire.Spec) {
	s.Spec = spec
	s.V.Spec++
	defer s.wantBlocks()
	arms := spec.Arms()
	if slices.Contains(arms, s.Arm) {
		return
	}
	// Of the same racer with other edits, or without: so the visitor's back button takes back an edit.
	like := slices.IndexFunc(arms, func(a string) bool { return s.Arm != "" && s.Plain(a) == s.Plain(s.Arm) })
	if like >= 0 {
		s.Arm = arms[like]
	} else {
		s.Arm = s.favourite(arms)
	}
	s.V.Arm++
	if p := s.Prompting; p != nil && p.lab == s.Lab.ID && p.Model == wire.ModelLive {
		s.otherRacer()
	}
}

// favourite is the racer that is brought forward before the visitor chose one: that of the lab's picture, else the middle one of
// the method's.
func (s *State) favourite(arms []string) string {
	if slices.Contains(arms, s.Lab.Stage.Arm) {
		return s.Lab.Stage.Arm
	}
	var method []string
	for _, a := range arms {
		if s.ArmInfo(a).Role == wire.RoleMethod {
			method = append(method, a)
		}
	}
	if len(method) == 0 {
		return first(arms)
	}
	return method[len(method)/2]
}

// Defaults puts every knob back to its default.
type Defaults struct{}

func (Defaults) apply(s *State) {
	s.setSpec(wire.NewSpec(s.Lab))
	for _, k := range s.Lab.Knobs {
		s.fault(k.Name, "")
	}
	s.do(Address{Link: s.Link(), Push: true})
}

// AsRun puts the knobs back to those of the run on the screen.
type AsRun struct{}

func (AsRun) apply(s *State) {
	if s.Run == nil {
		return
	}
	s.setSpec(s.Run.Spec.Clone())
	s.do(Address{Link: s.Link(), Push: true})
}

// Dismiss takes an error off the page.
type Dismiss struct{ Place string }

func (e Dismiss) apply(s *State) { s.fault(e.Place, "") }

// Complain shows an error of the page itself in place.
type Complain struct{ Place, Text string }

func (e Complain) apply(s *State) { s.fault(e.Place, e.Text) }

// Say shows a short word that something has worked.
type Say struct{ Text string }

func (e Say) apply(s *State) { s.toast(e.Text) }

// ToastOver ends the word that Say showed, unless another came since.
type ToastOver struct{ Number int }

func (e ToastOver) apply(s *State) {
	if e.Number == s.V.Toast {
		s.toast("")
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
