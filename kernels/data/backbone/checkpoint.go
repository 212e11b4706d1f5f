package backbone

import (
	"encoding/json"
	"fmt"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Checkpoint writes all that the next step depends on: weights, both moments, the number of steps. The examples
// follow from the number of steps, so a resumed training makes the same bits as one that was never stopped.
func (t *Training) Checkpoint(engine string) ([]byte, error) {
	steps, moments := t.opt.State()
	recipe, err := json.Marshal(t.Recipe)
	if err != nil {
		return nil, err
	}
	weights := &tape.Param{Name: "weights", Value: tape.Tensor{Shape: tape.Shape{t.opt.Len()}, Data: t.opt.Values()}}
	second := &tape.Param{Name: "moments", Value: tape.Tensor{Shape: tape.Shape{len(moments)}, Data: moments}}
	meta := map[string]string{"engine": engine, "recipe": string(recipe), "steps": strconv.Itoa(steps)}
	return nn.Save([]*tape.Param{weights, second}, meta, nn.F32)
}

// Resume continues from a checkpoint of the same recipe and engine, and refuses any other.
func (t *Training) Resume(file []byte, engine string) error {
	f, err := nn.Open(file)
	if err != nil {
		return fmt.Errorf("the checkpoint is damaged: %w", err)
	}
	recipe, err := json.Marshal(t.Recipe)
	if err != nil {
		return err
	}
	if f.Meta["recipe"] != string(recipe) || f.Meta["engine"] != engine {
		return fmt.Errorf("the checkpoint is of another recipe or engine (%s)", f.Meta["engine"])
	}
	steps, err := strconv.Atoi(f.Meta["steps"])
	if err != nil {
		return fmt.Errorf("the checkpoint does not say how many steps it has made")
	}
	weights, err := f.Tensor("weights")
	if err != nil {
		return err
	}
	moments, err := f.Tensor("moments")
	if err != nil {
		return err
	}
	if len(weights.Data) != t.opt.Len() {
		return fmt.Errorf("the checkpoint has %d weights, the model %d", len(weights.Data), t.opt.Len())
	}
	if err := t.opt.SetState(steps, moments.Data); err != nil {
		return err
	}
	copy(t.opt.Values(), weights.Data)
	for _, p := range t.opt.Params() {
		p.Touch()
	}
	t.Done = steps
	return nil
}
