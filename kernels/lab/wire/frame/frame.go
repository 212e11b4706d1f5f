// Package frame holds what the stage needs of package wire, and imports no JSON: the stage's program must stay small,
// and encoding/json costs it a third of a megabyte. Everyone else uses the aliases in wire.
package frame

// TrialID names one arm and seed of a run by their positions.
type TrialID struct {
	Arm  int `json:"arm"`  // index into the arms of the run
	Seed int `json:"seed"` // 0 .. seeds-1
}

// Frame is what the stage draws: one example seen by one arm at one step. Tensors are float32, row-major.
type Frame struct {
	Arm      string    `json:"arm"`
	Trial    TrialID   `json:"trial"`
	Step     int       `json:"step"`
	Example  int       `json:"example"`
	Examples int       `json:"examples"`
	Height   int       `json:"height"` // of the image, pixels
	Width    int       `json:"width"`
	Patch    int       `json:"patch"`  // side of a patch, pixels
	Layers   int       `json:"layers"` // attention is [layers, heads, tokens, tokens]; token 0 is the class token
	Heads    int       `json:"heads"`
	Tokens   int       `json:"tokens"`
	Classes  []string  `json:"classes"`
	Label    int       `json:"label"`
	Probs    []float32 `json:"probs"`
	Matrices []string  `json:"matrices"` // those this arm changes
	Layer    int       `json:"layer"`    // whose update is shown
	Matrix   string    `json:"matrix"`
	Rows     int       `json:"rows"` // of the update ΔW [in, out]; 0 when this arm changes no matrix
	Cols     int       `json:"cols"`
	Rank     int       `json:"rank"` // of the factors; 0 for a dense update
	// Grids are the attention maps of a network whose layers have maps of their own sizes and no class token; then Layers,
	// Heads, Tokens and Patch are 0 and buffer 1 is empty. A network without attention may have panels only.
	Grids  []Grid  `json:"grids,omitempty"`
	Panels []Panel `json:"panels,omitempty"`
	Token  int     `json:"token"` // the cell of the last grid (or of the output map) whose field the panels show
	// Sequence is there where methods may add tokens: then Layers, Heads and Tokens are those of the network without any, and
	// buffers 1 to 4 are empty.
	Sequence *Sequence `json:"sequence,omitempty"`
	// OutRows and OutCols are the size of the output map where it is not that of the last grid: 0 where it is.
	OutRows int `json:"out_rows,omitempty"`
	OutCols int `json:"out_cols,omitempty"`
	// Answer is there where the model is one that is asked for masks: then Layers, Heads, Tokens, Patch, Classes and Probs are empty,
	// Height and Width are its Side, and the buffers are those of the answer.
	Answer *Answer `json:"answer,omitempty"`
	// Buffers: 0 image [height, width] 0..1; 1 attention; 2 update [rows, cols]; 3 factor A [rows, rank];
	// 4 factor B [rank, cols]. The last three may be empty.
}

// Sized reports whether the frame is of a network with maps of several sizes: it has grids or panels.
func (f *Frame) Sized() bool { return len(f.Grids)+len(f.Panels) > 0 }

// Sequence is the tokens of a vision transformer on their way through its layers, and what came of them. Tokens count as
// the class token, the patches, then the prompts that are drawn; where there are more prompts, the last column of the
// attention is what all others get together, and has no row.
type Sequence struct {
	Layers []Layer `json:"layers"`
	// Frozen is the buffer [layers, heads, patches]: how the class token of the frozen network looks at the patches.
	Frozen int `json:"frozen"`
	// Points is nil where a diverged run has no features.
	Points *Points `json:"points,omitempty"`
}

// Layer is one layer of a Sequence.
type Layer struct {
	From    string `json:"from"`    // where its prompts come from: one of the words below, "" without prompts
	Prompts int    `json:"prompts"` // beside the class token and the patches
	Drawn   int    `json:"drawn"`   // the first prompts, which have a column of their own
	// Buffer is the attention [heads, asking, looked at], softmax over the last. Asking are the class token, the patches and
	// the drawn prompts, unless they are keys.
	Buffer int `json:"buffer"`
}

// Where the prompts of a layer come from.
const (
	PromptsEnter   = "enter"   // the layer below has none
	PromptsReplace = "replace" // those of the layer below are thrown away
	PromptsCarried = "carried" // the layer below returns them
	PromptsKeys    = "keys"    // keys and values of this layer alone: they are looked at and do not look
)

// Size is how many tokens ask and how many are looked at, where the network has so many itself.
func (l *Layer) Size(tokens int) (asking, looked int) {
	asking, looked = tokens+l.Drawn, tokens+l.Drawn
	if l.From == PromptsKeys {
		asking = tokens
	}
	if l.Prompts > l.Drawn {
		looked++
	}
	return asking, looked
}

// Points are the class tokens behind the final norm of some examples, of the frozen network and of the one that is trained,
// each cloud about its own mean, along the two directions in which both together vary most.
type Points struct {
	Labels []int     `json:"labels"` // class of each example; the first are the examples of the stage
	Buffer int       `json:"buffer"` // [2, examples, 2]: frozen, then trained; along the first direction, the second
	Shares []float32 `json:"shares"` // of the variance of both clouds, along each direction
	Step   int       `json:"step"`   // of the trained ones: they are made anew now and then
}

// Grid is one attention layer over a map of rows×cols cells, row-major. Its buffer is [windows, heads, s, s]: windows of
// side×side cells (s = side²) in row-major order, row i of a window being what its cell i looks at. Side equal to Rows
// and Cols is one window over everything.
type Grid struct {
	Name   string `json:"name"` // "stage3.block1"
	Rows   int    `json:"rows"`
	Cols   int    `json:"cols"`
	Side   int    `json:"side"`
	Heads  int    `json:"heads"`
	Buffer int    `json:"buffer"`
	// Distance is the mean attention distance of each head, in pixels of the image.
	Distance []float32 `json:"distance"`
}

// Panel is a row of equal pictures of rows×cols numbers: depth-wise filters, position tables, a receptive field. What is
// over the image or over offsets stands as it is seen: of a table of relative positions, entry
// [dy + rows/2, dx + cols/2] is for a cell dy below and dx right of the one that asks.
//
// A panel of no tiles has no numbers: its note says why the picture is not there.
type Panel struct {
	ID     string   `json:"id"` // "field", "rollout", "table", "similarity", "filters"
	Title  string   `json:"title"`
	Note   string   `json:"note"`  // the caption that keeps it honest, one or two sentences
	Layer  string   `json:"layer"` // whose it is: "stage3.block1", "" for the whole network
	Rows   int      `json:"rows"`
	Cols   int      `json:"cols"`
	Tiles  int      `json:"tiles"`
	Labels []string `json:"labels,omitempty"` // of the tiles
	Scale  string   `json:"scale"`            // "viridis" from 0, or "diverging" about 0
	Buffer int      `json:"buffer"`           // [tiles, rows, cols]
	// Outline, where there is one, is the buffer of a set [rows, cols] of zeros and ones that is drawn as an outline.
	Outline int `json:"outline,omitempty"`
	// OverImage: the pictures cover the input image cell for cell, so that a pixel pointed at in one is pointed at in all.
	OverImage bool `json:"over_image,omitempty"`
}
