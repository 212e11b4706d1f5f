package wire

import "petri/kernels/lab/wire/frame"

// Op is what a Command asks a worker to do.
type Op string

// The commands. Every answer carries the command's Run, so that late answers of an abandoned run can be dropped.
const (
	OpTrial   Op = "trial"   // train one arm with one seed; answers: progress, frame, trial
	OpReport  Op = "report"  // judge the trials of a finished run; answer: report
	OpLook    Op = "look"    // show a trained arm on another example; answer: frame. Buffers: the trial's trained weights
	OpWeights Op = "weights" // export a trained arm as safetensors; answer: file. Buffers: the trial's trained weights
	OpWarm    Op = "warm"    // fetch the files of a run and make a throw-away step; no answer
	OpBench   Op = "bench"   // Command.Bench, in a worker that does nothing else; answer: bench
	OpFocus   Op = "focus"   // change what frames show, also while training
	OpPause   Op = "pause"
	OpResume  Op = "resume"
	OpStep    Op = "step"   // one step of a paused trial, then pause again
	OpPace    Op = "pace"   // Command.Pace
	OpCancel  Op = "cancel" // stop the trial at hand; answer: cancelled
	OpRest    Op = "rest"   // leave the processor to the page, for RestMs at most; answer: resting
	OpGo      Op = "go"     // the rest is over
	// OpStructure says what the racers of a link are built of, and those of Command.Arms; answer: structure. It is
	// answered between two slices of whatever else is done.
	OpStructure Op = "structure"
	// OpAsk puts a prompt to a model: Command.Ask. Like OpStructure it is answered between two slices of whatever else is done;
	// answer: answer, or file.
	OpAsk Op = "ask"
)

// RestMs is the longest that a worker rests when it is asked to and hears nothing more, in milliseconds.
const RestMs = 500

// Command goes from the page to a worker.
type Command struct {
	Op    Op      `json:"op"`
	Run   string  `json:"run"`  // chosen by the page, echoed in every event
	Link  string  `json:"link"` // the run: "lora?arms=head,qv:4&seed=7"
	Trial TrialID `json:"trial"`
	Focus Focus   `json:"focus"`
	Pace  float64 `json:"pace"` // steps per second, 0 for as fast as it goes
	// Trials are the results to judge (OpReport), in the order of TrialIDs; Trained of each is in Message.Buffers.
	Trials []TrialResult `json:"trials,omitempty"`
	Bench  *BenchAsk     `json:"bench,omitempty"`
	Arms   []string      `json:"arms,omitempty"` // further racers to describe (OpStructure)
	Ask    *Ask          `json:"ask,omitempty"`
}

// TrialID names one arm and seed of a run by their positions.
type TrialID = frame.TrialID

// Focus is what the visitor looks at. It never changes the run.
type Focus struct {
	Trial   TrialID `json:"trial"`
	Example int     `json:"example"` // index into the examples of the stage
	Layer   int     `json:"layer"`   // block of the update matrix shown
	Matrix  string  `json:"matrix"`  // "q", "v", ...
	Token   int     `json:"token"`   // cell of the output map whose receptive field is shown; below 0: that in its middle
}

// Kind is what an Event reports.
type Kind string

// The events.
const (
	KindReady     Kind = "ready"     // a worker is up: Engine
	KindProgress  Kind = "progress"  // Progress
	KindFrame     Kind = "frame"     // Frame, tensors in Buffers
	KindTrial     Kind = "trial"     // Result, Trained in Buffers[0]
	KindReport    Kind = "report"    // Report
	KindBench     Kind = "bench"     // Bench
	KindFile      Kind = "file"      // File, bytes in Bytes
	KindCancelled Kind = "cancelled" // the trial was stopped
	KindResting   Kind = "resting"   // the worker rests
	KindStructure Kind = "structure" // Structures
	KindAnswer    Kind = "answer"    // Answer, tensors in Buffers
	KindError     Kind = "error"     // Error: what was wrong and what to do, one sentence each
)

// Event goes from a worker to the page.
type Event struct {
	Kind     Kind         `json:"kind"`
	Run      string       `json:"run"`
	Engine   string       `json:"engine,omitempty"`
	Build    string       `json:"build,omitempty"` // with KindReady: the build of the worker's program
	Trial    TrialID      `json:"trial"`
	Progress *Progress    `json:"progress,omitempty"`
	Frame    *Frame       `json:"frame,omitempty"`
	Result   *TrialResult `json:"result,omitempty"`
	Report   *Report      `json:"report,omitempty"`
	More     bool         `json:"more,omitempty"` // the report goes on in the next event; see Report.Pieces
	File     *File        `json:"file,omitempty"`
	Bench    *BenchAnswer `json:"bench,omitempty"`
	Error    string       `json:"error,omitempty"`
	// Structures are those of the link's racers in their order, then of the further ones that the command named.
	Structures []Structure `json:"structures,omitempty"`
	Answer     *Answer     `json:"answer,omitempty"`
}

// File is a download made by a worker; its bytes travel beside the header.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Message is a header with its tensors: what really travels. Buffers are transferred, not copied: the sender must
// not use them afterwards.
type Message[T any] struct {
	Head    T
	Buffers [][]float32
	Bytes   []byte
}

// Progress is what happened in a trial since the last Progress.
type Progress struct {
	Step      int     `json:"step"`  // steps done
	Steps     int     `json:"steps"` // steps in all
	First     int     `json:"first"` // step of Loss[0], counted from 1
	Loss      Losses  `json:"loss"`  // training loss of each step since
	Evals     []Eval  `json:"evals"` // evaluations since
	MsPerStep float64 `json:"ms_per_step"`
	Phase     string  `json:"phase"`            // "loading", "pretraining", "tuning", "labelling", "training", "testing": words for the progress bar
	Loaded    float64 `json:"loaded,omitempty"` // share, 0..1: of the assets that have arrived while Phase is "loading", of the work while it is "tuning" or "labelling"
}

// Eval is a look at held-out data during training: the validation split, never test.
type Eval struct {
	Step     int     `json:"step"`
	Loss     float64 `json:"loss"`
	Accuracy float64 `json:"accuracy"` // 0..1
}

// TrialResult is one arm trained with one seed.
type TrialResult struct {
	Trial     TrialID              `json:"trial"`
	Arm       string               `json:"arm"`
	As        string               `json:"as,omitempty"`    // the arm that was trained in its place, where a knob chose another size
	Batch     int                  `json:"batch,omitempty"` // examples per step, where they are not those of the knob
	Trainable int                  `json:"trainable"`
	Head      int                  `json:"head"`
	Total     int                  `json:"total"`
	LR        float64              `json:"lr"`
	Loss      Losses               `json:"loss"` // every step
	Evals     []Eval               `json:"evals"`
	Metrics   map[string]float64   `json:"metrics"`
	Ledger    Ledger               `json:"ledger"`
	MsPerStep float64              `json:"ms_per_step"`
	Extra     map[string][]float64 `json:"extra,omitempty"` // measurements that only this lab's report reads
	Diverged  int                  `json:"diverged"`        // step of the first loss that was not finite, 0 for none
	Digest    string               `json:"digest"`          // SHA-256 of the bits of Loss and Trained
	Trained   []float32            `json:"-"`               // trained weights, flat, in the order of the optimizer
}

// Frame is what the stage draws: one example seen by one arm at one step.
type Frame = frame.Frame

// Grid is one attention layer of a Frame, Panel a row of further pictures; Sequence is the tokens of a network that a method
// may add to, with its layers and the scatter of its features.
type (
	Grid          = frame.Grid
	Panel         = frame.Panel
	Sequence      = frame.Sequence
	SequenceLayer = frame.Layer
	Points        = frame.Points
)

// RecordedFrame is a Frame with its tensors inline, for recorded runs.
type RecordedFrame struct {
	Frame   Frame       `json:"frame"`
	Buffers [][]float32 `json:"buffers"`
}
