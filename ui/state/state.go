package state

import (
	"petri/kernels/lab/wire"
)

// Place is a page of the site.
type Place string

// The places. A lab's page has the lab's ID as its path.
const (
	Home    Place = ""
	Claims  Place = "claims"
	How     Place = "how"
	Credits Place = "credits"
	AtBench Place = "bench"
	AtLab   Place = "lab"
	Missing Place = "404"
)

// State is what the pages show. Read it freely; change it only through Apply.
type State struct {
	Catalog  wire.Catalog
	Recorded map[string]*wire.Report
	// Structures are, by lab, what the racers of the default run and all named ones are built of.
	Structures map[string][]wire.Structure

	Place Place
	Embed bool // stage and knobs only
	Lab   wire.Lab
	Spec  wire.Spec // the knobs as they stand, not yet run perhaps
	Arm   string    // the racer that charts and stage bring forward

	Run     *Run // the run on the screen, nil before the first
	before  *Run // the finished run that was there when it began
	Pace    Pace
	Workers []Worker
	Mine    map[string]Verdict // by claim: the verdicts of the visitor's own runs
	Bench   Bench
	Blocks  Blocks
	// Prompting is nil in a lab whose models are asked for nothing.
	Prompting *Prompting
	Ready     float64 // when the first worker was up, 0 before

	Frame  *Picture
	Focus  wire.Focus // example, layer and matrix of the stage; Trial is filled in when it is sent
	Token  int        // the token under the pointer or kept, -1 for none
	Pinned bool

	Faults map[string]string // by place: what went wrong there and what to do
	Last   string            // link of a run kept on this device that is not the one on the page, "" for none
	Toast  string            // a short word that an action has worked
	Today  string            // date, for the verdicts kept

	V   Versions
	now float64
	ids int
	out []Effect
}

// Versions count changes, so that each part of a page is drawn again only when it has to be.
type Versions struct {
	Place, Spec, Arm, Curves, Results, Report, Progress, Frame, View, Mine, Faults, Toast, Bench, BenchAt, Blocks, Prompt, Every int
}

// Picture is a frame of the stage with its tensors.
type Picture struct {
	Frame    wire.Frame
	Buffers  [][]float32
	Recorded bool
}

// Pace is the speed of a run.
type Pace int

// The paces, from slow to as fast as the machine goes.
const (
	Slow Pace = iota
	Medium
	Full
)

// Paces describe the speeds: their label and steps per second of each racer, 0 for as fast as it goes.
var Paces = []struct {
	Label string
	Steps float64
}{{"2/s", 2}, {"20/s", 20}, {"max", 0}}

// Worker is one worker as the schedule sees it.
type Worker struct {
	Trial  int     // index into Run.Trials of what it trains, -1 for nothing
	Cancel float64 // when it has to have stopped, 0 where nothing was cancelled
}

// New returns the state of a page with a number of workers.
func New(catalog wire.Catalog, recorded map[string]*wire.Report, workers int) *State {
	s := &State{Catalog: catalog, Recorded: recorded, Pace: Full, Token: -1,
		Mine: map[string]Verdict{}, Faults: map[string]string{}, Workers: make([]Worker, workers)}
	for i := range s.Workers {
		s.Workers[i].Trial = -1
	}
	return s
}

// Event is something that happened.
type Event interface{ apply(s *State) }

// Apply folds an event in at a time in milliseconds and returns what the page has to do about it, in order.
func (s *State) Apply(now float64, e Event) []Effect {
	s.now = max(s.now, now)
	e.apply(s)
	out := s.out
	s.out = nil
	return out
}

// RecordedRun returns the shipped run of the lab on the page, nil where there is none.
func (s *State) RecordedRun() *wire.Report { return s.Recorded[s.Lab.ID] }

// Changed reports whether the knobs differ from those of the run on the screen.
func (s *State) Changed() bool {
	return s.Run != nil && s.Run.Spec.Canonical(s.Run.Lab) != s.Spec.Canonical(s.Lab)
}

func (s *State) fault(place, text string) {
	if s.Faults[place] == text {
		return
	}
	if text == "" {
		delete(s.Faults, place)
	} else {
		s.Faults[place] = text
	}
	s.V.Faults++
}

func (s *State) toast(text string) {
	s.Toast = text
	s.V.Toast++
	if text != "" {
		s.do(Wake{After: 2600, Event: ToastOver{Number: s.V.Toast}})
	}
}

// do adds an effect. It is called in a hundred places, and inlined it would weigh more than they do.
//
//go:noinline
func (s *State) do(e Effect) { s.out = append(s.out, e) }
