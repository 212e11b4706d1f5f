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
	// Buffers: 0 image [height, width] 0..1; 1 attention; 2 update [rows, cols]; 3 factor A [rows, rank];
	// 4 factor B [rank, cols]. The last three may be empty.
}
