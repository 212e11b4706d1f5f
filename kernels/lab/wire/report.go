package wire

// Verdict is the outcome of checking one claim. The zero value of a check must be Unclear, never Holds.
type Verdict string

// The verdicts.
const (
	Unclear Verdict = "unclear"
	Holds   Verdict = "holds"
	Fails   Verdict = "fails"
	NotRun  Verdict = "not run" // the run lacks the arms that the claim compares
)

// Report is the result of one run, as `petri run -json` prints it and as `petri.run` resolves to.
type Report struct {
	Engine      string         `json:"engine"`
	Lab         string         `json:"lab"`
	Link        string         `json:"link"` // lora?... with what differs from the default
	Knobs       map[string]any `json:"knobs"`
	Seed        uint64         `json:"seed"`
	Seeds       int            `json:"seeds"`
	Arms        []ArmReport    `json:"arms"`
	Claims      []ClaimReport  `json:"claims"`
	Figures     []Figure       `json:"figures"`
	Notes       []string       `json:"notes,omitempty"` // what a reader must know: an arm diverged, a seed is missing
	Fingerprint string         `json:"fingerprint"`
	Recorded    *Recorded      `json:"recorded,omitempty"`
	Frame       *RecordedFrame `json:"frame,omitempty"` // the stage's picture of a recorded run
}

// Pieces takes a report apart: the first piece has everything but arms and figures, each of the others one arm or one
// figure. A page reads them one by one, so that a large report does not hold it up; Join puts them together again.
func (r Report) Pieces() []Report {
	head := r
	head.Arms, head.Figures = nil, nil
	pieces := []Report{head}
	for i := range r.Arms {
		pieces = append(pieces, Report{Arms: r.Arms[i : i+1]})
	}
	for i := range r.Figures {
		pieces = append(pieces, Report{Figures: r.Figures[i : i+1]})
	}
	return pieces
}

// Join adds a later piece.
func (r *Report) Join(piece Report) {
	r.Arms = append(r.Arms, piece.Arms...)
	r.Figures = append(r.Figures, piece.Figures...)
}

// Recorded says where and when a shipped run was made.
type Recorded struct {
	Date    string  `json:"date"`    // 2026-11-23
	Machine string  `json:"machine"` // "2 cores, linux/amd64"
	Seconds float64 `json:"seconds"`
	// Others are the further runs whose verdicts the report carries.
	Others []OtherRun `json:"others,omitempty"`
}

// OtherRun is a recorded run of which only verdicts are kept, and what proves them.
type OtherRun struct {
	Link        string    `json:"link"`
	Rates       []float64 `json:"rates"` // of its racers, with the first seed
	Fingerprint string    `json:"fingerprint"`
}

// Interval is a mean over seeds with its 95 % interval (Student's t). With one value Low and High equal Mean and no
// interval may be drawn.
type Interval struct {
	Mean   float64   `json:"mean"`
	Low    float64   `json:"low"`
	High   float64   `json:"high"`
	Values []float64 `json:"values"` // one per seed, in seed order
}

// ArmReport is one racer over all seeds.
type ArmReport struct {
	Arm       string              `json:"arm"`             // "qv:4"
	As        string              `json:"as,omitempty"`    // the arm that was trained in its place, where a knob chose another size
	Label     string              `json:"label"`           // "q, v  r = 4"
	Batch     int                 `json:"batch,omitempty"` // examples per step, where they are not those of the knob
	Role      string              `json:"role"`            // RoleFloor, RoleReference, RoleControl or RoleMethod
	Number    int                 `json:"number"`          // the rank; 0 where the arm has none
	Trainable int                 `json:"trainable"`       // parameters of the method, without the head
	Head      int                 `json:"head"`            // parameters of the new head, always trained
	Total     int                 `json:"total"`           // parameters of the backbone
	LR        float64             `json:"lr"`
	Metrics   map[string]Interval `json:"metrics"` // test_accuracy, test_loss, train_loss ...
	Ledger    Ledger              `json:"ledger"`
	MsPerStep float64             `json:"ms_per_step"` // median over steps (of a lab some of whose steps do less, over the others), mean over seeds; not part of the fingerprint
	Curves    []Curve             `json:"curves"`
	// Digests are TrialResult.Digest of each seed: the fingerprint is a hash of them, so one trial can be replayed alone.
	Digests []string `json:"digests"`
	// Diverged is the earliest step at which the loss of a seed was no longer a number, 0 where all stayed finite.
	Diverged int `json:"diverged,omitempty"`
}

// Roles of arms; they choose colour and line style.
const (
	RoleFloor     = "floor"
	RoleReference = "reference"
	RoleControl   = "control"
	RoleMethod    = "method"
)

// Ledger is what one training step of an arm keeps, in bytes, as the tape and the optimizer counted it.
type Ledger struct {
	KeptBytes      int         `json:"kept_bytes"`      // activations kept for backward, whole batch
	OptimizerBytes int         `json:"optimizer_bytes"` // moments
	GradientBytes  int         `json:"gradient_bytes"`
	TrainedBytes   int         `json:"trained_bytes"`
	FrozenBytes    int         `json:"frozen_bytes"`
	ForwardFLOP    int64       `json:"forward_flop"` // one training batch
	StepFLOP       int64       `json:"step_flop"`
	Parts          []LedgerRow `json:"parts"` // kept bytes by kind of tensor
}

// Total is all the memory of one training step.
func (l Ledger) Total() int {
	return l.FrozenBytes + l.TrainedBytes + l.GradientBytes + l.OptimizerBytes + l.KeptBytes
}

// LedgerRow is a named share of the kept bytes.
type LedgerRow struct {
	Name  string `json:"name"` // "q, k, v", "gelu", "layer norm"
	Bytes int    `json:"bytes"`
}

// Curve is one quantity over the steps of a run, aggregated over seeds.
type Curve struct {
	Name string    `json:"name"` // train_loss, validation_loss, validation_accuracy
	Step []int     `json:"step"`
	Mean []float64 `json:"mean"`
	Low  []float64 `json:"low"`
	High []float64 `json:"high"`
}

// ClaimReport is a claim judged by one run.
type ClaimReport struct {
	ID      string      `json:"id"`
	At      string      `json:"at"`
	Says    string      `json:"says"`
	Verdict Verdict     `json:"verdict"`
	Paper   string      `json:"paper"` // the paper's number, as text
	Here    string      `json:"here"`  // ours, as text, with its interval
	Scale   string      `json:"scale"` // the difference of scale, as text
	Why     string      `json:"why"`   // the rule and how it came out
	Axis    *ClaimAxis  `json:"axis,omitempty"`
	Rows    []ClaimMark `json:"rows,omitempty"` // what is drawn on the axis, paper first
	// Link is the run that judged it, where that is not the run of the report: a recorded report carries verdicts of the runs
	// that Claim.Link names.
	Link string `json:"link,omitempty"`
}

// ClaimAxis is the scale on which paper and run are drawn one above the other.
type ClaimAxis struct {
	Name string   `json:"name"` // "points, r = 1 minus r = 32"
	Min  float64  `json:"min"`
	Max  float64  `json:"max"`
	Line *float64 `json:"line,omitempty"` // the threshold of the rule, or chance
}

// ClaimMark is a value with its interval on a ClaimAxis.
type ClaimMark struct {
	Name string  `json:"name"` // "paper", "here", "chance"
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Text string  `json:"text"`
}

// FigureKind says how a figure is drawn.
type FigureKind string

// The kinds of figures.
const (
	FigureLines FigureKind = "lines"
	FigureHeat  FigureKind = "heat"
	FigureBars  FigureKind = "bars"
	FigureTable FigureKind = "table"
	FigureTiles FigureKind = "tiles" // tensors to scale: Figure.Tiles
)

// Figure is one panel of results below the race, as data: the interface draws it by its kind and offers SVG, PNG, CSV.
type Figure struct {
	ID      string     `json:"id"` // "spectrum"
	Kind    FigureKind `json:"kind"`
	Title   string     `json:"title"`
	Sub     string     `json:"sub"`
	Caption string     `json:"caption"` // the finding, from this run's numbers
	X       Axis       `json:"x"`
	Y       Axis       `json:"y"`
	Series  []Series   `json:"series,omitempty"`
	Heats   []Heat     `json:"heats,omitempty"`
	Bars    []Bar      `json:"bars,omitempty"`
	Columns []string   `json:"columns,omitempty"`
	Rows    [][]string `json:"rows,omitempty"`
	Tiles   []TileSet  `json:"tiles,omitempty"`
}

// Axis is a labelled scale. Min equal to Max means "fit the data".
type Axis struct {
	Name string  `json:"name"`
	Unit string  `json:"unit"`
	Log  bool    `json:"log"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// Series is one line of a figure.
type Series struct {
	Name string    `json:"name"`
	Arm  string    `json:"arm"`  // gives the colour; "" for none
	Role string    `json:"role"` // RoleChance and the roles of arms
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
}

// RoleChance marks what chance alone would give.
const RoleChance = "chance"

// Heat is one matrix of a figure, row-major.
type Heat struct {
	Title  string    `json:"title"`
	Rows   int       `json:"rows"`
	Cols   int       `json:"cols"`
	Values []float64 `json:"values"`
	Scale  string    `json:"scale"` // "viridis" or "diverging" (symmetric about 0)
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Note   string    `json:"note"`
}

// Bar is one stacked bar.
type Bar struct {
	Name  string    `json:"name"`
	Arm   string    `json:"arm"`
	Parts []BarPart `json:"parts"`
}

// BarPart is a coloured share of a bar. Role is frozen, train, act, grad, optimizer or chance.
type BarPart struct {
	Name  string  `json:"name"`
	Role  string  `json:"role"`
	Value float64 `json:"value"`
	Text  string  `json:"text"`
}

// TileSet is all that one racer keeps for the backward pass of a step, tensor by tensor, and how that compares with the closed
// form of its method. Tiles come in the order of the forward pass.
type TileSet struct {
	Name   string `json:"name"`
	Arm    string `json:"arm"`
	Tiles  []Tile `json:"tiles"`
	Terms  []Term `json:"terms,omitempty"`  // within the blocks
	Apart  []Term `json:"apart,omitempty"`  // outside of them: embedding, final norm, head, loss, what a method adds
	Packed int    `json:"packed,omitempty"` // bytes of packed copies of weights: made again when needed, so not kept
}

// Tile is one kept tensor.
type Tile struct {
	Block string `json:"b"` // "block 1", "head"
	Kind  string `json:"k"` // "attention", "gelu"
	Bytes int    `json:"n"`
}

// Term is one line of a comparison, in bytes: what the closed form says of a kind of tensor in a place, and what the tape
// counted there.
type Term struct {
	Block    string `json:"b"`
	Kind     string `json:"k"`
	Closed   int    `json:"c"`
	Measured int    `json:"m"`
}
