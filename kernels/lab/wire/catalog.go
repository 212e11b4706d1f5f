package wire

import (
	"maps"
	"slices"
)

// Catalog is all that the interface knows about the labs.
type Catalog struct {
	Engine string `json:"engine"`
	Labs   []Lab  `json:"labs"`
}

// Lab describes one paper's laboratory.
type Lab struct {
	ID       string  `json:"id"`       // "lora": the name in links and on the command line
	Title    string  `json:"title"`    // the paper's title
	Short    string  `json:"short"`    // "LoRA"
	Question string  `json:"question"` // the page's headline: "How small can an update be?"
	Authors  string  `json:"authors"`
	Venue    string  `json:"venue"` // "ICLR 2022"
	Year     int     `json:"year"`
	Shelf    string  `json:"shelf"` // "Adapt", "See", "Speak", "Embody"
	Idea     string  `json:"idea"`  // two sentences, plain words
	Links    []Link  `json:"links"` // paper, official code
	Facts    []Fact  `json:"facts"` // model, data, budget: shown under the lesson
	Knobs    []Knob  `json:"knobs"`
	Claims   []Claim `json:"claims"`
	Stage    Stage   `json:"stage"`
	BibTeX   string  `json:"bibtex"`
	// Builder is there where the lab can say what its racers are built of: its page draws them, part by part.
	Builder *Builder `json:"builder,omitempty"`
	// Score is what racers are judged by; nil is accuracy. Read it by Scored.
	Score *Score `json:"score,omitempty"`
	// Prompts is there where the models are asked for masks: the stage takes prompts.
	Prompts *Prompts `json:"prompts,omitempty"`
}

// Builder describes the drawing of a lab's racers.
type Builder struct {
	Title string   `json:"title"` // "The block"
	Knobs []string `json:"knobs"` // on which structures depend, besides the racers: "width", "depth"
}

// Link is a labelled address.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Fact is one line of the summary under a lesson.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Claim is a falsifiable sentence of the paper and the rule by which this lab judges it.
type Claim struct {
	ID    string `json:"id"`    // "lora.rank"
	At    string `json:"at"`    // "Table 6"
	Says  string `json:"says"`  // the paper's claim in our words
	Paper string `json:"paper"` // the paper's own numbers, as text
	Here  string `json:"here"`  // what has to be seen here for it to hold
	Needs string `json:"needs"` // the arms without which it cannot be judged, as text
	// Link is a run that can judge it, where the default run cannot: "vpt?arms=...&seeds=5". It is recorded as well.
	Link string `json:"link,omitempty"`
}

// Stage says what the stage of a lab can show.
type Stage struct {
	Title    string   `json:"title"`    // "Where it looks"
	Matrices []string `json:"matrices"` // names for Focus.Matrix: "q", "k", ...
	// Arm is the racer of the default run whose picture goes with its record; "" for the method in the middle of the field.
	Arm string `json:"arm,omitempty"`
}

// KnobKind is how a knob's text is read and which control shows it.
type KnobKind string

// The kinds of knobs.
const (
	KnobInt    KnobKind = "int"    // Min..Max in steps of Step
	KnobFloat  KnobKind = "float"  // Min..Max
	KnobChoice KnobKind = "choice" // one of Options
	KnobAuto   KnobKind = "auto"   // "auto", one of Options or a float in Min..Max
	KnobArms   KnobKind = "arms"   // comma-separated arms, see Arms
)

// Knob is one setting of a lab: its name in links, its range and the words that explain it.
type Knob struct {
	Name    string   `json:"name"`   // in links and on the command line: "train"
	Label   string   `json:"label"`  // beside the control: "Training digits"
	Symbol  string   `json:"symbol"` // the paper's symbol, "α", or ""
	Unit    string   `json:"unit"`
	Help    string   `json:"help"` // one or two sentences, shown on hover and focus
	Kind    KnobKind `json:"kind"`
	Group   string   `json:"group"`   // heading under which the knob stands: "Method", "Data", "Budget"
	Default string   `json:"default"` // canonical text
	Min     float64  `json:"min"`
	Max     float64  `json:"max"`
	Step    float64  `json:"step"`
	Log     bool     `json:"log"` // the slider moves in factors
	Options []Option `json:"options,omitempty"`
	Arms    *ArmKnob `json:"arms,omitempty"`
	// When names the values that other knobs must have for this one to do anything: {"task": "wound"}. Any value is taken
	// all the same; Spec.Idle tells, and the page can grey the knob out.
	When map[string]string `json:"when,omitempty"`
	// Of names the parts and racers that read this knob, where not all do. Others cannot set it for themselves.
	Of []string `json:"of,omitempty"`
}

// Reads says whether an arm reads a knob.
func (k Knob) Reads(a Arm) bool {
	return len(k.Of) == 0 || slices.Contains(k.Of, a.Racer) || slices.ContainsFunc(a.Parts, func(p string) bool { return slices.Contains(k.Of, p) })
}

// Idle says whether a knob does nothing in a run, and which setting would make it matter: "task=wound".
func (s Spec) Idle(k Knob) (wants string, idle bool) {
	for _, name := range slices.Sorted(maps.Keys(k.When)) {
		if s.Values[name] != k.When[name] {
			return name + "=" + k.When[name], true
		}
	}
	return "", false
}

// Unread says whether no racer of a run reads a knob.
func (s Spec) Unread(lab Lab, k Knob) bool {
	arms, ok := lab.Knob("arms")
	if !ok || len(k.Of) == 0 {
		return false
	}
	for _, text := range s.Arms() {
		if a, err := arms.Arms.Parse(text); err != nil || k.Reads(a) {
			return false
		}
	}
	return true
}

// Option is one value of a choice.
type Option struct {
	Role  string `json:"role,omitempty"` // of a racer or an edit: RoleFloor, RoleReference or RoleControl
	Value string `json:"value"`
	Label string `json:"label"`
	Help  string `json:"help"`
	// Needs names the values that other knobs must have for this one to be possible: {"backbone": "vtiny"}, or one of several,
	// {"backbone": "vsmall|vsmall-mae"}.
	// Spec.Check holds it; the page greys the option out.
	Needs map[string]string `json:"needs,omitempty"`
	Of    []string          `json:"of,omitempty"` // of an edit: the racers that it can be made to; any where it is empty
	// Min and Max are the range of the number of a part that has one of its own: Max is 0 elsewhere.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
	// Symbol is what papers call the number of this part, where it is not ArmKnob.Symbol.
	Symbol string `json:"symbol,omitempty"`
}

// Divisor says that the number of a part divides another one, where other knobs stand as in When.
type Divisor struct {
	Part string            `json:"part"`
	When map[string]string `json:"when,omitempty"`
	Of   int               `json:"of,omitempty"`   // this number
	Knob string            `json:"knob,omitempty"` // or that of this knob
	Name string            `json:"name"`           // what it is: "width"
}

// ArmKnob is the grammar of the arms of a lab: named racers, perhaps with edits ("moat~se~nodw"), or a set of parts with
// a number ("qv:4"), or one part with a number where Single says so ("vpt-deep:10"). A lab without a Number has named racers
// only.
type ArmKnob struct {
	Racers  []Option `json:"racers"`  // head, full, scratch
	Parts   []Option `json:"parts"`   // q, k, v, o, fc1, fc2
	Aliases []Option `json:"aliases"` // "all" for every part: Value is the alias, Help the parts it stands for
	Number  string   `json:"number"`  // what the number is: "rank"
	Symbol  string   `json:"symbol"`  // "r"
	Min     int      `json:"min"`
	Max     int      `json:"max"`
	Stops   []int    `json:"stops"` // the numbers offered as chips: 1 2 4 8 16 32
	Most    int      `json:"most"`  // how many arms may race at once
	// Edits are changes of named racers, in the order in which links write them: "se", "nodw".
	Edits []Option `json:"edits,omitempty"`
	// Never are edits that no racer has all of: those that would leave nothing of it, or contradict each other.
	Never [][]string `json:"never,omitempty"`
	Least int        `json:"least,omitempty"` // how many arms make a race; 0 is 1
	// Single says that an arm has one part, and what such a part is: "method". Its name is then no prefix of another's.
	Single   string    `json:"single,omitempty"`
	Divisors []Divisor `json:"divisors,omitempty"` // which Spec.Check holds
	// Own are the knobs that an arm may set for itself, in the order in which links write them: "vpt-deep:10~depth=2". They are
	// choices and numbers.
	Own []string `json:"own,omitempty"`
}
