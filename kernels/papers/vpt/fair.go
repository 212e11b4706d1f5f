package vpt

import (
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// What the racers of a run share, as it is named in links. No choice is the fair one: each answers another question, and the
// ranking may differ (Lialin et al. 2023 ask for several).
const (
	equalSteps      = "steps"
	equalParameters = "parameters"
	equalMemory     = "memory"
)

// mostExamples is the largest batch of a run, that of the knob.
const mostExamples = 128

// fair is an arm, and the run as it sees it, as both are trained: where trained numbers are equal, the arm has the size that
// comes closest; where memory is, the run has the arm's own batch.
func fair(spec wire.Spec, arm wire.Arm, c nn.Config) (wire.Spec, wire.Arm) {
	switch spec.Text("equal") {
	case equalParameters:
		if arm.Racer == "" {
			arm.Number = sized(spec, arm, c)
		}
	case equalMemory:
		budget := stepBytes(Full{}, c, spec.Int("batch"))
		m, batch := methodOf(spec, arm, c), 1
		for n := 2; n <= mostExamples && stepBytes(m, c, n) <= budget; n++ {
			batch = n
		}
		spec = spec.Clone()
		spec.Values["batch"] = number(float64(batch))
	}
	return spec, arm
}

// fits says whether a racer as trained needs no more memory for a step than is equal for all: a batch of one may be too much.
func fits(run, spec wire.Spec, m Method, c nn.Config) error {
	if run.Text("equal") != equalMemory {
		return nil
	}
	budget, need := stepBytes(Full{}, c, run.Int("batch")), stepBytes(m, c, spec.Int("batch"))
	if need <= budget {
		return nil
	}
	return &wire.SpecError{Knob: "equal", Text: fmt.Sprintf("%s needs %s for a step of one example, more than the %s of full fine-tuning with %d: take a larger batch, or a smaller size",
		m.Name(), words.Bytes(need), words.Bytes(budget), run.Int("batch")), Nearest: "equal=" + equalSteps}
}

// sized is the number of an arm with which it trains about as many numbers as the knob says, the smaller one of two that are
// equally far.
func sized(spec wire.Spec, arm wire.Arm, c nn.Config) int {
	want := spec.Int("numbers")
	best, far := 0, 0
	lab, alone := description(), spec.Clone()
	for n := 1; n <= longest; n++ {
		arm.Number = n
		if alone.Set(lab, "arms", arm.Bare()) != nil || alone.Check(lab) != nil {
			continue
		}
		blocks, outside := methodOf(spec, arm, c).Count(c)
		if d := max(blocks+outside-want, want-blocks-outside); best == 0 || d < far {
			best, far = n, d
		}
	}
	return best
}

// stepBytes is the memory of one step with a number of examples, by the closed forms: weights, gradients, Adam's two moments,
// and what is kept for the backward pass.
func stepBytes(m Method, c nn.Config, examples int) int {
	full, outside := Full{}.Count(c)
	all, head := full+outside, c.Width*c.Classes+c.Classes
	trained, more := m.Count(c)
	trained += more
	own, norms := trained, false
	switch m := m.(type) {
	case Full, BitFit, LayerNorms: // these train numbers that the model has anyway
		own = 0
	case Houlsby:
		norms = m.Norms
	case Pfeiffer:
		norms = m.Norms
	case Compacter:
		norms = m.Norms
	}
	if norms { // so are these
		blocks, outside := countNorms(c)
		own -= blocks + outside
	}
	return 4*(all+head+own) + 3*4*(trained+head) + sum(m.Kept(c, examples))
}

func sum(rows []tape.Row) (bytes int) {
	for _, r := range rows {
		bytes += r.Bytes
	}
	return bytes
}
