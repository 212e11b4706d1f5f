package frame

// AskKind is what a prompt wants.
type AskKind string

// The kinds of asks. Of each kind the last one counts: a later ask takes the place of one that waits or is under way.
const (
	AskPrompt AskKind = "prompt" // masks for points, a box, a brushed mask
	AskEvery  AskKind = "every"  // masks for everything, from a grid of points; answers come as they are found
	AskImport AskKind = "import" // masks from a file of COCO run lengths, in Message.Bytes
	AskExport AskKind = "export" // the masks of the last AskEvery or AskImport as COCO run lengths; answer: KindFile
	AskStop   AskKind = "stop"   // ends an AskEvery or AskImport that waits or is under way; there is no answer
	AskForget AskKind = "forget" // drops all asks, and every picture and answer that is kept for the next one; there is no answer
)

// Prompt is what the visitor points at, in pixels of the picture as the answer's Side counts them, from its top left corner:
// the middle of the first pixel is at 0.5, 0.5.
type Prompt struct {
	Points []PromptPoint `json:"points,omitempty"`
	Box    *PromptBox    `json:"box,omitempty"`
	// Brush says that there is a rough mask [side, side] of zeros and ones: the last of Message.Buffers, but for trained weights.
	Brush bool `json:"brush,omitempty"`
	// Feed gives the last answer's own mask back to the model with the next prompt, as in training.
	Feed bool `json:"feed"`
	// From is the serial of the answer whose mask is fed back, 0 for none.
	From int `json:"from,omitempty"`
	// Fed is 1 + the index of the mask of that answer, 0 for its chosen one.
	Fed int `json:"fed,omitempty"`
}

// PromptPoint is a click.
type PromptPoint struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	Label int     `json:"label"` // 1 this, 0 not this
}

// PromptBox is a box by its corners.
type PromptBox struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Answer is what a model makes of an Ask.
type Answer struct {
	Kind    AskKind `json:"kind"`
	Serial  int     `json:"serial"`
	Model   string  `json:"model"`
	Arm     string  `json:"arm,omitempty"` // of a live model
	Step    int     `json:"step"`          // of a live model's training
	Key     string  `json:"key"`           // of the picture
	Side    int     `json:"side"`          // pixels along each side, of picture and masks
	Caption string  `json:"caption"`       // of a generated scene
	Objects int     `json:"objects"`       // of a generated scene: what can be dragged
	Prompt  Prompt  `json:"prompt"`        // what was asked

	// Of AskPrompt. Masks are those for one prompt (heads 1 to 3), then that for several (head 0): the rule chooses. Buffers: 0 the picture [side, side, 3] 0..1; 1 the logits of the masks [masks, side, side], above 0 inside;
	// 2 the true masks of Truths [truths, side, side]; 3 attention of the token of the last point, or of a lone box's second corner, [layers, heads, grid, grid];
	// 4 for a generated scene, 1 + the object at each pixel [side, side], else empty.
	Masks  []AnswerMask `json:"masks,omitempty"`
	Chosen int          `json:"chosen"` // of Masks, by the rule
	Truths []TrueNode   `json:"truths,omitempty"`
	Layers []string     `json:"layers,omitempty"` // "layer 1", "layer 2", "final"
	Heads  int          `json:"heads,omitempty"`
	Grid   int          `json:"grid,omitempty"` // image tokens along each side
	// EncoderMs is what the picture cost, once; Encoded says that it was this answer that paid. 0 where there is no clock.
	EncoderMs float64 `json:"encoder_ms"`
	Encoded   bool    `json:"encoded"`
	DecoderMs float64 `json:"decoder_ms"`

	// Of AskEvery and AskImport. Buffers: 0 the picture; 1 the masks [found, side, side] of zeros and ones, large ones first.
	Found []FoundMask `json:"found,omitempty"`
	Dots  []Dot       `json:"dots,omitempty"`  // all points of the grid, in the order in which they are asked
	Asked int         `json:"asked,omitempty"` // dots that have been asked so far
	More  bool        `json:"more,omitempty"`  // further answers to this ask follow
}

// AnswerMask is one mask of an answer.
type AnswerMask struct {
	Head      int     `json:"head"`      // 0 is the mask for several prompts, 1..3 those for one
	Predicted float64 `json:"predicted"` // IoU by the model's own estimate
	Stability float64 `json:"stability"`
	True      float64 `json:"true"` // IoU with Truths[Node], the best of those asked for; below 0 where no truth exists
	Node      int     `json:"node"` // index into Truths, -1 for none
	Area      int     `json:"area"`
}

// TrueNode is a whole, part or subpart at the first positive point, or the one that a box fits best.
type TrueNode struct {
	Name  string `json:"name"`
	Level string `json:"level"`
	Area  int    `json:"area"`
}

// FoundMask is a mask that everything mode kept.
type FoundMask struct {
	Dot       int     `json:"dot"` // index into Dots; -1 for an imported mask
	Predicted float64 `json:"predicted"`
	Stability float64 `json:"stability"`
	True      float64 `json:"true"` // IoU with the best node of the scene, below 0 where no truth exists
	Area      int     `json:"area"`
}

// Fate is what became of a point of the grid.
type Fate string

// The fates, that of a point's best mask: kept before suppressed before unstable before low.
const (
	FateWaiting    Fate = ""           // not asked yet
	FateKept       Fate = "kept"       // at least one of its masks stays
	FateSuppressed Fate = "suppressed" // a better mask covers the same thing
	FateUnstable   Fate = "unstable"   // the outline moves with the threshold
	FateLow        Fate = "low"        // the model is not sure of any
	FateSize       Fate = "size"       // larger or smaller than granularity allows
)

// Dot is one point of the grid.
type Dot struct {
	X         float64 `json:"x"` // in pixels of the picture
	Y         float64 `json:"y"`
	Fate      Fate    `json:"fate"`
	Predicted float64 `json:"predicted"` // of its best mask
	Stability float64 `json:"stability"`
	Crop      int     `json:"crop,omitempty"` // 0 the whole picture, 1.. a crop
}
