package wire

// Structure is what one racer is built of, read off its own model: the page draws blocks from it and knows none.
type Structure struct {
	Arm    string           `json:"arm"`    // as in links, with its edits: "moat~se"
	Label  string           `json:"label"`  // "MOAT"
	Params int              `json:"params"` // of the whole network
	FLOP   int64            `json:"flop"`   // forward, one image
	Blocks []StructureBlock `json:"blocks"` // in the order in which they run, the stem first and the head last
	// Note says in one sentence where the knobs take this racer out of the budget of its twins, and by how much; else "".
	Note string `json:"note,omitempty"`
}

// StructureBlock is one block of a network.
type StructureBlock struct {
	Name     string   `json:"name"` // "stage2.block1": its scope in the ledger
	Kind     string   `json:"kind"` // "stem", "MBConv", "MOAT", "Transformer", "head"
	In       [3]int   `json:"in"`   // rows, columns, channels
	Out      [3]int   `json:"out"`
	Params   int      `json:"params"`
	FLOP     int64    `json:"flop"`     // forward, one image
	Branches [][]Part `json:"branches"` // residual branches one after another, each a chain of parts
	Skips    [][]Part `json:"skips"`    // the shortcut of each branch; an empty chain is the identity
	Plain    []bool   `json:"plain"`    // the branch has no shortcut at all, such as the stem
}

// Part is one box of a block's drawing.
type Part struct {
	Kind   string `json:"kind"`  // "norm", "expand", "depthwise", "se", "shrink", "attention", "mlp", "pool", "conv", "linear", "act"
	Label  string `json:"label"` // "3×3 depth-wise, stride 2"
	Help   string `json:"help"`  // one sentence: what it does
	Out    [3]int `json:"out"`   // shape after it: rows, columns, channels
	Params int    `json:"params"`
	FLOP   int64  `json:"flop"`
	Edits  []Edit `json:"edits,omitempty"` // what a visitor may do to it
	// Why says in sentences why something that a visitor may look for is not among Edits, or why nothing is; else "".
	Why string `json:"why,omitempty"`
}

// Edit is a change of a part: the racer that has it, to take the place of the drawn one.
type Edit struct {
	Label string `json:"label"` // "remove", "swap for an MLP"
	Arm   string `json:"arm"`   // "moat~nodw"
}
