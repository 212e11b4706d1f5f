package lab

import (
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// Paper is one laboratory: its description as data, and the functions that make and judge its runs. A Paper holds no
// state: everything that a run needs arrives in Env and wire.Spec.
type Paper struct {
	Lab    wire.Lab
	Lesson string // the lesson as Markdown, read when the site is generated

	// Assets names the files that a run reads, as paths below assets/.
	Assets func(wire.Spec) []string

	// Arm describes one racer: its label on the page and its role, which chooses colour and line style.
	Arm func(wire.Arm) ArmInfo

	// NewTrial prepares one arm with one seed. It returns an error for assets that are missing or damaged.
	NewTrial func(Env, wire.Spec, wire.TrialID) (Trial, error)

	// Analyse prepares the reading of the finished trials of a run, which returns its figures and verdicts. arms has
	// the trials' metrics, already gathered over seeds, in the order of the spec.
	Analyse func(env Env, spec wire.Spec, trials []wire.TrialResult, arms []wire.ArmReport) Slices

	// Structure says what a racer is built of, read off its own model; nil where Lab.Builder is. It needs no files, and
	// is called between two steps of training: a few milliseconds are its budget.
	Structure func(spec wire.Spec, arm string) (wire.Structure, error)

	// Prompting answers prompts; nil where the lab takes none.
	Prompting *Prompting

	// Tune is how the table of learning rates is made; nil where nothing is tuned.
	Tune *Tuning

	// Specimen opens one arm up for the battery of tests.
	Specimen func(Env, wire.Spec, wire.TrialID, Sabotage) (Specimen, error)
}

// Structures are those of the racers of a run in their order, then of further racers, each once.
func (p Paper) Structures(spec wire.Spec, further ...string) ([]wire.Structure, error) {
	if p.Structure == nil {
		return nil, fmt.Errorf("the lab %s does not say what its racers are built of", p.Lab.ID)
	}
	knob, ok := p.Lab.Knob("arms")
	if !ok || knob.Arms == nil {
		return nil, fmt.Errorf("the lab %s has no racers", p.Lab.ID)
	}
	var list []wire.Structure
	seen := map[string]bool{}
	for _, text := range append(spec.Arms(), further...) {
		arm, bad := knob.Arms.Parse(text)
		if bad != nil {
			return nil, bad
		}
		name := arm.String()
		if seen[name] {
			continue
		}
		seen[name] = true
		s, err := p.Structure(spec, name)
		if err != nil {
			return nil, err
		}
		s.Arm = name
		list = append(list, s)
	}
	return list, nil
}

// ArmInfo is how one racer is shown.
type ArmInfo struct {
	Label string // "q, v  r = 4"
	Role  string // wire.RoleFloor, ...
}

// Slices is a work of several slices, so that whoever drives it can read commands in between: each call does the next
// one, and the last returns the analysis. After an error it is not called again.
type Slices func() (*Analysis, error)

// Analysis is what a paper finds in a run beyond the metrics of its arms.
type Analysis struct {
	Figures []wire.Figure
	Claims  []wire.ClaimReport
	Notes   []string
}

// Env is all that a trial gets from outside: files and, where there is one, a clock. Neither may change a bit of the
// result.
type Env struct {
	Asset func(name string) ([]byte, error)
	Clock func() float64 // milliseconds from any start; nil where time is of no interest
	memo  map[string]any
}

// Remember returns an Env that keeps what Memo makes, so that the trials of one worker decode each file once.
func (e Env) Remember() Env {
	if e.memo == nil {
		e.memo = map[string]any{}
	}
	return e
}

// Memo returns the value remembered under a key, making it the first time. Trials must not change what it returns.
func Memo[T any](e Env, key string, make func() (T, error)) (T, error) {
	if v, ok := e.memo[key].(T); ok {
		return v, nil
	}
	v, err := make()
	if err == nil && e.memo != nil {
		e.memo[key] = v
	}
	return v, err
}

// Now reads the clock, 0 where there is none.
func (e Env) Now() float64 {
	if e.Clock == nil {
		return 0
	}
	return e.Clock()
}

// Trial trains one arm with one seed, a slice at a time, so that whoever drives it can read commands in between.
type Trial interface {
	// Advance does the next slice: one training step, or a few batches of an evaluation. It reports whether the
	// trial is finished.
	Advance() (done bool)
	// Stepped reports whether the last slice ended a training step: pause and pace count those.
	Stepped() bool
	// Progress reports what happened since the last call.
	Progress() wire.Progress
	// Frame shows what the arm sees now. The buffers are copies.
	Frame(wire.Focus) (wire.Frame, [][]float32)
	// Result is the finished trial; Trained is a copy.
	Result() wire.TrialResult
	// Restore puts trained weights back, as they were in Result().Trained; afterwards Frame and Export show them.
	Restore(trained []float32) error
	// Export writes the trained weights as a file for the visitor.
	Export() (wire.File, []byte, error)
}

// Tuning is how a paper's table of learning rates is made: every case is trained at every rate of one grid with every
// seed, and judged on held-out data that is not the test split.
type Tuning struct {
	File   string // of the table, as a path in the repository
	Grid   []float64
	Seeds  []uint64
	Cases  func() []TuneCase
	Trial  func(Env, wire.Spec) (Trial, error) // a trial that ends with Metric instead of the test split
	Metric string
	Table  func(scores map[string][]float64) ([]byte, error) // mean of Metric at each rate, by the name of the case
}

// TuneCase is one row of the table.
type TuneCase struct {
	Name string
	Link func(rate float64, seed uint64) string
}

// Sabotage asks for a control in place of an honest run.
type Sabotage struct {
	Labels   bool // every example gets another example's label
	Backbone bool // random weights in place of the pretrained ones
}

// Specimen is a trial opened up for the battery of tests, which every paper has to pass.
type Specimen interface {
	Trial
	// Params lists all parameters, trained and frozen.
	Params() []*tape.Param
	// Trained lists the numbers that the optimizer changes, the first of Result().Trained.
	Trained() []float32
	// Measured is how many further numbers of Result().Trained training measures instead of learning: running statistics.
	// Behind them may stand a frozen base that no file holds.
	Measured() int
	// Closed is the number of trained parameters by the closed form of the paper, the head included.
	Closed() int
	// Forward computes the loss of the batch of a step on a tape that it resets first.
	Forward(on *tape.Tape, step int) tape.Var
	// TrainStep does the next training step, and nothing else.
	TrainStep()
	// Logits are those of the first n validation examples.
	Logits(n int) []float32
	// Validate is the accuracy on the first n validation examples, 0..1.
	Validate(n int) float64
	// Origin are the logits of the model before the method was added to it, with the same head; nil where the paper does not
	// promise that training starts there.
	Origin(n int) ([]float32, error)
	// Import puts weights written by Export back and refuses those of another base.
	Import(file []byte) error
}
