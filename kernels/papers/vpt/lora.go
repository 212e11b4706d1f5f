package vpt

import (
	"math/rand/v2"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// LoRA adds to the query and value matrices of every block the product of two thin ones, (α/r)·A·B (Hu et al. 2022): see
// nn.LoRA. B is zero, so training starts at the frozen model, to the bit.
type LoRA struct {
	Rank  int
	Alpha float64 // α: the product is scaled by α/r
	Drop  float64 // probability of dropout of what the product reads, in training alone
}

// loraOn are the layers that LoRA is put around, the paper's own choice.
var loraOn = []string{"q", "v"}

// Name implements Method.
func (LoRA) Name() string { return "lora" }

// Check implements Method.
func (m LoRA) Check(c nn.Config) error {
	if m.Rank < 1 || m.Rank > c.Width {
		why := "leaves nothing"
		if m.Rank > c.Width {
			why = "is no restriction of a matrix of width " + strconv.Itoa(c.Width)
		}
		return SizeError{m.Name(), "rank", strconv.Itoa(m.Rank), why, "1 to " + strconv.Itoa(c.Width)}
	}
	if !(m.Alpha > 0) {
		return SizeError{m.Name(), "scale α", number(m.Alpha), "stops the update", "8"}
	}
	if !(m.Drop >= 0 && m.Drop < 1) {
		return SizeError{m.Name(), "dropout", number(m.Drop), "is no probability below 1", "0 to 0.9"}
	}
	return nil
}

// Fit implements Method.
func (m LoRA) Fit(model *nn.ViT, init, drop *rand.Rand) (*Fitted, error) {
	if err := m.Check(model.Config); err != nil {
		return nil, err
	}
	var folds []fold
	for _, a := range nn.AddLoRA(model, init, drop, loraOn, m.Rank, m.Alpha, m.Drop) {
		folds = append(folds, &thin{LoRA: a})
	}
	return fitted(m, model, folds, ""), nil
}

// Count implements Method.
func (m LoRA) Count(c nn.Config) (blocks, outside int) {
	return c.Depth * len(loraOn) * m.Rank * 2 * c.Width, 0
}

// Kept implements Method.
func (m LoRA) Kept(c nn.Config, examples int) []tape.Row {
	return KeptLoRA(c, examples, m.Rank, m.Drop > 0, loraOn...)
}

// thin is an adapter that comes apart to the bit: taking the product out again would leave rounding behind.
type thin struct {
	*nn.LoRA
	saved
}

func (t *thin) merge() {
	if !t.merged() {
		t.save(t.Base)
		t.Merge()
	}
}

func (t *thin) unmerge() {
	if t.merged() {
		t.Unmerge()
		t.restore(t.Base)
	}
}
