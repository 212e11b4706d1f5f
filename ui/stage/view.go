package stage

import (
	"fmt"
	"math"
	"slices"

	"petri/kernels/lab/wire/frame"
)

// View is what the visitor chose to see. It never changes a run. Make one with NewView.
type View struct {
	Theme  string  `json:"theme"`  // "light" or "dark"
	Width  float64 `json:"width"`  // CSS pixels; the iframe sets it from its own size
	Scale  float64 `json:"scale"`  // device pixels per CSS pixel; likewise
	Coarse bool    `json:"coarse"` // fingers: larger targets
	Query  int     `json:"query"`  // token whose attention is shown, 0 for the class token, or the middle where there is none
	Pinned bool    `json:"pinned"` // the query stays when the pointer leaves
	Key    int     `json:"key"`    // token pointed at in a map, -1 for none
	Layer  int     `json:"layer"`  // selected map; also the block whose update is shown
	Head   int     `json:"head"`   // selected map; equal to Frame.Heads for the mean of the heads
	Row    int     `json:"row"`    // cell of the drawn ΔW pointed at, -1 for none
	Col    int     `json:"col"`
	Shared bool    `json:"shared"` // one colour scale for all maps instead of each map's own maximum
	Light  Part    `json:"light"`  // part of the picture lit by the lesson, "" for none

	// Of a picture with grids, whose tokens are pixels (see grids.go):
	Over  int    `json:"over"`  // the layer whose map the pointer is over, -1 for none
	Panel int    `json:"panel"` // the panel that Row and Col are of, -1 for none
	Tile  int    `json:"tile"`
	Card  int    `json:"-"` // 1 + the group of panels that has the shared place, 0 for the first
	Pick  [8]int `json:"-"` // for each group of panels, 1 + the one chosen; 0 follows the selected layer
}

// NewView returns the view before anything was touched: the class token asks, or the middle where there is none, and the
// first map of the first layer is selected.
func NewView() View {
	return View{Theme: "light", Width: 640, Scale: 1, Key: -1, Row: -1, Col: -1, Over: -1, Panel: -1, Tile: -1}
}

// letGo forgets what the pointer was over.
func (v *View) letGo() { v.Key, v.Row, v.Col, v.Over, v.Panel, v.Tile = -1, -1, -1, -1, -1, -1 }

// Part names a region of the picture that words in the lesson can light.
type Part string

// The parts: the names that a lesson may use in {stage=...}.
const (
	PartInput     Part = "x"         // the digit and its patches
	PartAttention Part = "attention" // all maps
	PartClass     Part = "class"     // the strips of the class token
	PartFrozen    Part = "W0"        // the frozen matrix, drawn to scale
	PartUpdate    Part = "dW"        // ΔW
	PartA         Part = "A"
	PartB         Part = "B"
	PartAnswer    Part = "answer" // the predicted classes

	PartField    Part = "field"    // the receptive field of one output
	PartRollout  Part = "rollout"  // attention of all layers multiplied
	PartTable    Part = "table"    // tables of relative positions, and how alike positions are
	PartFilters  Part = "filters"  // depth-wise filters
	PartDistance Part = "distance" // mean attention distances

	PartTokens  Part = "tokens"  // the token sequence, layer by layer
	PartPrompts Part = "prompts" // the prompts in it
	PartChange  Part = "change"  // the class token's look against that of the frozen network
	PartScatter Part = "scatter" // features of examples, before and after
)

// Parts lists the names that a lesson may light.
var Parts = []Part{PartInput, PartAttention, PartClass, PartFrozen, PartUpdate, PartA, PartB, PartAnswer,
	PartField, PartRollout, PartTable, PartFilters, PartDistance, PartTokens, PartPrompts, PartChange, PartScatter}

// Input is a message from the page to the stage: the header of a wire message, whose buffers belong to Frame. Absent
// parts change nothing.
type Input struct {
	Frame *frame.Frame `json:"frame,omitempty"`
	Set   Set          `json:"set,omitempty"`   // what changes in the View
	Press string       `json:"press,omitempty"` // a key pressed in the page for the stage: "ArrowLeft"
	// Prompting is the whole state of the prompts, whenever it changes.
	Prompting *Prompting `json:"prompting,omitempty"`
}

// Set names the fields of a View that change, by their JSON names: Set{"theme": "dark"}, Set{"light": "B"}. A value
// of the wrong type is an error of Handle; width and scale are ignored, the iframe knows them better.
type Set map[string]any

// apply changes a view. It is all or nothing.
func (s Set) apply(v *View) error {
	next := *v
	fields := map[string]any{"theme": &next.Theme, "coarse": &next.Coarse, "query": &next.Query, "pinned": &next.Pinned, "key": &next.Key,
		"layer": &next.Layer, "head": &next.Head, "row": &next.Row, "col": &next.Col, "shared": &next.Shared, "light": (*string)(&next.Light)}
	for name, value := range s {
		field, known := fields[name]
		if !known {
			if name == "width" || name == "scale" {
				continue
			}
			return fmt.Errorf("stage: a view has no %q", name)
		}
		ok := false
		switch f := field.(type) {
		case *string:
			*f, ok = value.(string)
		case *bool:
			*f, ok = value.(bool)
		case *int:
			switch x := value.(type) {
			case float64: // what JSON and JavaScript call a number
				*f, ok = int(x), x == math.Trunc(x)
			case int:
				*f, ok = x, true
			}
		}
		if !ok {
			return fmt.Errorf("stage: %s cannot be %v", name, value)
		}
	}
	if next.Theme != "light" && next.Theme != "dark" {
		return fmt.Errorf("stage: there is no theme %q", next.Theme)
	}
	if next.Light != "" && !slices.Contains(Parts, next.Light) {
		return fmt.Errorf("stage: there is no part %q to light", next.Light)
	}
	*v = next
	return nil
}

// Event goes from the stage to the page.
type Event struct {
	Petri  string  `json:"petri"` // one of the names below
	Token  int     `json:"token"` // the query
	Key    int     `json:"key"`   // the token pointed at in a map, -1 for none
	Layer  int     `json:"layer"`
	Head   int     `json:"head"`   // equal to Frame.Heads for the mean
	Matrix string  `json:"matrix"` // of the update shown: "q"
	Cell   int     `json:"cell"`   // of the output map: the one whose receptive field is wanted
	Pinned bool    `json:"pinned"`
	Shared bool    `json:"shared"`
	Height float64 `json:"height"` // CSS pixels that the picture needs at its width
	Press  string  `json:"press"`  // a key that the stage did not use
	Text   string  `json:"text"`   // what the picture now says, one or two sentences for a live region
	// Gesture is what EventPrompt tells.
	Gesture *Gesture `json:"gesture,omitempty"`
}

// The names of events.
const (
	EventReady  = "ready"  // the program is up; no other field
	EventSize   = "size"   // Height changed
	EventHover  = "hover"  // Token or Key changed
	EventPin    = "pin"    // Pinned changed
	EventSelect = "select" // Layer or Head changed
	EventMatrix = "matrix" // another update is wanted: Layer and Matrix
	EventOutput = "output" // another output position is wanted: Cell
	EventScale  = "scale"  // Shared changed
	EventFailed = "failed" // Text says what went wrong; the page should show SVG instead
	EventKey    = "key"    // Press, for the shortcuts of the page
)
