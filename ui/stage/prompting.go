package stage

import "petri/kernels/lab/wire/frame"

// Prompting is what the page tells the stage of the prompts at hand, beside the answer, which comes as a frame. The page owns
// them: it undoes, clears and keeps them. The stage draws them, and reports gestures.
type Prompting struct {
	Tool   string       `json:"tool"`   // ToolPoint, ...
	Prompt frame.Prompt `json:"prompt"` // what is placed; drawn even before an answer to it has come
	Brush  []int        `json:"brush"`  // pixels painted, row-major
	Hover  bool         `json:"hover"`  // the answer shown is one to the pointer, not to what is placed
	Mask   int          `json:"mask"`   // of the answer's masks, the one in front
	All    bool         `json:"all"`    // the outlines of the others as well
	Ring   bool         `json:"ring"`   // the band between the logits -1 and +1
	Truth  bool         `json:"truth"`  // outline of the true mask
	Sort   []int        `json:"sort"`   // of everything mode: masks that are switched off, by index
	Busy   bool         `json:"busy"`   // an answer is awaited
	Live   bool         `json:"live"`   // prompts are taken: without a model that answers the picture is only looked at
	Size   int          `json:"size"`   // of the brush: pixels across, 0 for what suits the picture

	alone bool // made by the stage for a picture of which the page said nothing
}

// size is how wide the brush is, in pixels of the picture.
func (q *Prompting) size(side int) int {
	if q.Size > 0 {
		return min(q.Size, side)
	}
	return max(side/20, 1)
}

// The tools.
const (
	ToolPoint = "point" // click: this. With Shift or the right button: not this. Dragging opens a box
	ToolNot   = "not"   // click: not this
	ToolBox   = "box"
	ToolBrush = "brush"
	ToolMove  = "move" // drag an object of a generated scene
)

// Gesture is what the visitor did on the picture, in pixels of the picture from its top left corner.
type Gesture struct {
	Kind   string  `json:"kind"` // GestureHover, ...
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	X1     float64 `json:"x1"` // of a box and of a move: where it ended
	Y1     float64 `json:"y1"`
	Label  int     `json:"label"`  // of a point: 1 this, 0 not this; of a stroke: 0 takes away, by Shift or the right button
	Object int     `json:"object"` // of a move: the object at the start, counted from 0; else -1
	Pixels []int   `json:"pixels"` // of a brush stroke: the pixels it touched, row-major
}

// The kinds of gestures.
const (
	GestureHover = "hover"
	GestureLeave = "leave"
	GesturePoint = "point"
	GestureBox   = "box"
	GestureBrush = "brush"
	GestureMove  = "move"
)

// EventPrompt is the event of a gesture: Event.Gesture.
const EventPrompt = "prompt"
