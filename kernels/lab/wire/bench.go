package wire

// BenchCase is one thing that is measured, as the page knows it.
type BenchCase struct {
	ID    string      `json:"id"`
	Title string      `json:"title"`
	FLOP  float64     `json:"flop,omitempty"`  // of one call, where they are counted
	Parts []BenchCase `json:"parts,omitempty"` // what takes turns, one sample of each and then the next; nil for a single thing
}

// SweepRun is the case of which sweeps are made, SweepSteps the training steps of one call.
const (
	SweepRun   = "sweep/run"
	SweepSteps = 40
)

// MOATStep is the case of a step of the MOAT lab. No other engine is measured on it.
const MOATStep = "step/moat"

// MethodSteps is the case of the methods of adaptation, whose steps take turns, MethodFull the part that all others are held
// against. No other engine is measured on them.
const (
	MethodSteps = "methods"
	MethodFull  = MethodSteps + "/full"
)

// MaskCases begins the names of what a visitor of the lab of masks waits for. No other engine is measured on them.
const MaskCases = "masks/"

// BenchAsk asks a worker (OpBench) to time a case of package bench. A case stays prepared until another one is asked
// for, so that its samples can be taken in rounds, between those of others.
type BenchAsk struct {
	Case    string `json:"case"`             // "product/nn/544x256x64", "step/full", "infer/32"
	Samples int    `json:"samples"`          // timed samples wanted, 0 for none; a short call is repeated within a sample
	Calls   int    `json:"calls,omitempty"`  // further calls that are not timed one by one, made before the samples
	Fresh   bool   `json:"fresh,omitempty"`  // begin anew: new weights, first step
	First   int    `json:"first,omitempty"`  // calls to begin a case with, 0 for as many as have Values to be checked
	Copy    int    `json:"copy,omitempty"`   // bytes copied in from JavaScript before each call of a case that begins now
	Scalar  bool   `json:"scalar,omitempty"` // with the scalar loops that define the same bits
}

// BenchAnswer is what a worker measured (KindBench).
type BenchAnswer struct {
	Case   string    `json:"case"`
	Scalar bool      `json:"scalar,omitempty"`
	Path   string    `json:"path"`             // "simd128", "avx2" or "scalar"
	Ms     []float64 `json:"ms"`               // of one call, by sample; where parts take turns, by turn
	Values []float64 `json:"values,omitempty"` // with the answer that prepared the case: what its first calls computed
	Bytes  int       `json:"bytes"`            // memory that the worker's program holds; where nothing was timed, garbage was collected first
	At     float64   `json:"at"`               // milliseconds since the worker began, when the very first call was done; 0 unless prepared now
}

// BenchReport is what was measured on one machine, in one place: natively or in a browser.
type BenchReport struct {
	Engine  string      `json:"engine"`
	Build   string      `json:"build,omitempty"`
	Date    string      `json:"date"`    // 2026-11-24
	Where   string      `json:"where"`   // "native" or "browser"
	Machine string      `json:"machine"` // processor and system, or what the browser says of itself
	Cores   int         `json:"cores"`
	Path    string      `json:"path"` // "simd128", "avx2" or "scalar"
	Rows    []BenchRow  `json:"rows"`
	Sweep   *BenchSweep `json:"sweep,omitempty"`
	Start   *BenchStart `json:"start,omitempty"`
	Memory  []BenchHeld `json:"memory,omitempty"`
	Hidden  bool        `json:"hidden,omitempty"` // the page was out of sight for part of the time, when browsers may slow it down
}

// BenchRow is one case: milliseconds of one call.
type BenchRow struct {
	Case    string    `json:"case"`
	Title   string    `json:"title"`
	FLOP    float64   `json:"flop,omitempty"` // of one call, where they are counted
	Samples int       `json:"samples"`
	Best    float64   `json:"best"`
	Median  float64   `json:"median"`
	Scalar  float64   `json:"scalar,omitempty"` // the best with scalar loops, 0 where not measured
	Values  []float64 `json:"values,omitempty"` // losses of the first steps, logit [0,0]
}

// BenchSweep compares a sweep of equal runs on one worker and on all. Both are timed in turn; the shortest of the rounds
// counts.
type BenchSweep struct {
	Runs    int     `json:"runs"`
	Steps   int     `json:"steps"` // of each run
	Workers int     `json:"workers"`
	Rounds  int     `json:"rounds"`
	One     float64 `json:"one"` // milliseconds on one worker
	All     float64 `json:"all"` // on all workers
	Ratio   float64 `json:"ratio"`
}

// BenchStart is how this visit began, in milliseconds since the page was asked for; 0 where the browser does not say.
type BenchStart struct {
	Painted float64 `json:"painted"` // text could be read
	Page    float64 `json:"page"`    // the page's program ran
	Kernels float64 `json:"kernels"` // the first worker had its kernels
	Step    float64 `json:"step"`    // a fresh worker: from its start to its first finished training step
}

// BenchHeld is the memory that a worker's program holds after a number of full training steps.
type BenchHeld struct {
	Steps int `json:"steps"`
	Bytes int `json:"bytes"`
}

// Peers is what other engines reached beside ours on the same cases, recorded in one interleaved run: the content of
// kernels/bench/peers/result.json.
type Peers struct {
	Date    string       `json:"date"`
	Machine string       `json:"machine"` // processor and system
	Cores   int          `json:"cores"`
	Browser string       `json:"browser"` // name and version
	Engines []PeerEngine `json:"engines"` // ours first
	Rows    []PeerRow    `json:"rows"`
}

// PeerEngine is one engine.
type PeerEngine struct {
	ID      string `json:"id"` // "petri", "jax-js", "tfjs-wasm", "ort", "c-simd128"
	Name    string `json:"name"`
	Version string `json:"version"`
}

// PeerRow is one case on one engine: milliseconds of one call. The case "start/step" is the time from opening a page to
// its first finished training step.
type PeerRow struct {
	Case    string    `json:"case"`
	Engine  string    `json:"engine"`
	Samples int       `json:"samples"`
	Best    float64   `json:"best"`
	Median  float64   `json:"median"`
	Ratio   float64   `json:"ratio"` // its best over ours: above 1, ours is faster
	Values  []float64 `json:"values,omitempty"`
}
