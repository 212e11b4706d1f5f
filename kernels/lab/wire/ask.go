package wire

import "petri/kernels/lab/wire/frame"

// What the stage reads of prompts and answers; see package frame.
type (
	AskKind     = frame.AskKind
	Prompt      = frame.Prompt
	PromptPoint = frame.PromptPoint
	PromptBox   = frame.PromptBox
	Answer      = frame.Answer
	AnswerMask  = frame.AnswerMask
	TrueNode    = frame.TrueNode
	FoundMask   = frame.FoundMask
	Fate        = frame.Fate
	Dot         = frame.Dot
)

// The kinds of asks.
const (
	AskPrompt = frame.AskPrompt
	AskEvery  = frame.AskEvery
	AskImport = frame.AskImport
	AskExport = frame.AskExport
	AskStop   = frame.AskStop
	AskForget = frame.AskForget
)

// The models that can be asked.
const (
	ModelShipped = "shipped" // the trained one that comes with the site
	ModelLive    = "live"    // the racer of Command.Link and Command.Trial, as far as it has been trained
)

// Ask is a prompt: a picture, what the visitor points at, and what the answer shall hold. It never changes a run.
//
// A live racer that is being trained answers between two slices of its training; one that is finished is put back together from
// its trained weights. Command.Run is that of the ask ("ask12"), not of a run: the racer
// is known by Command.Link and Command.Trial.
//
// A prompt without anything placed is answered too: by the picture, without masks. The masks of an answer can be fed back
// (Prompt.From) while it is one of the last few; of another nothing is.
type Ask struct {
	Kind    AskKind  `json:"kind"`
	Sort    bool     `json:"sort,omitempty"`    // of AskEvery: sort what the points that were asked have given, and ask no others
	Serial  int      `json:"serial"`            // chosen by the page, echoed
	Model   string   `json:"model"`             // ModelShipped or ModelLive
	Weights bool     `json:"weights,omitempty"` // the last of Message.Buffers is the trained weights of the live racer
	Picture Source   `json:"picture"`
	Prompt  Prompt   `json:"prompt"`
	Rule    string   `json:"rule"` // RulePaper or RuleExport
	Every   Everyone `json:"every"`
}

// Source is where a picture comes from.
type Source struct {
	Key   string      `json:"key"`   // names the picture: the encoding is kept under it
	Own   bool        `json:"own"`   // of the visitor: Message.Buffers[0] is [side, side, 3], 0..1, of Prompts.Side for every model
	Split string      `json:"split"` // of a generated scene: "train", "validation", "test"
	Index int         `json:"index"`
	Moves []SceneMove `json:"moves,omitempty"` // objects that the visitor dragged
}

// SceneMove shifts one object of a scene, in pixels of 64.
type SceneMove struct {
	Object int `json:"object"`
	DX     int `json:"dx"`
	DY     int `json:"dy"`
}

// The two rules by which one mask is chosen. They differ where a rough mask comes with one point or box (Kirillov et al. 2023,
// and the authors' export).
const (
	RulePaper  = "paper"  // one point or box: the best of the three; several, a rough mask being one: the mask of its own for several
	RuleExport = "export" // the authors' exported model: a bonus that counts prompt tokens, the padding point included
)

// Everyone is how everything is looked for, as in the authors' generator. The model has run already where only filters changed.
type Everyone struct {
	Side      int     `json:"side"`      // points along each side: 4 .. 32
	Predicted float64 `json:"predicted"` // masks below this predicted IoU go
	Stability float64 `json:"stability"` // masks below this stability go
	Offset    float64 `json:"offset"`    // of the logits, for stability: 1
	Overlap   float64 `json:"overlap"`   // of two boxes with a larger IoU the worse goes
	Crops     int     `json:"crops"`     // layers of crops: 0 or 1
	MinArea   int     `json:"min_area"`  // holes and islands of fewer pixels are closed and removed
	Smallest  float64 `json:"smallest"`  // granularity: shares of the picture that a mask may cover, 0..1
	Largest   float64 `json:"largest"`
	Partition bool    `json:"partition"` // every pixel belongs to one mask at most: small ones lie on large ones
}
