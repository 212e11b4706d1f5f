package backbone

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Checkpoint writes all that the next step depends on. The examples follow from the number of steps, so a resumed training makes the
// same bits as one that was never stopped.
func (t *Training) Checkpoint(engine string) ([]byte, error) {
	return SaveState(t.opt, t.Recipe, engine, nil)
}

// Resume continues from a checkpoint of the same recipe and engine, and refuses any other.
func (t *Training) Resume(file []byte, engine string) error {
	steps, err := LoadState(file, t.opt, t.Recipe, engine)
	if err == nil {
		t.Done = steps
	}
	return err
}

// Made is how many steps are made, of how many.
func (t *Training) Made() (done, of int) { return t.Done, t.Recipe.Steps }

// SaveState writes what an optimizer holds, weights, both moments and the number of steps, for a training by a recipe. more is kept
// beside it, as text; it may be nil.
func SaveState(opt *optim.AdamW, recipe any, engine string, more map[string]string) ([]byte, error) {
	steps, moments := opt.State()
	text, err := json.Marshal(recipe)
	if err != nil {
		return nil, err
	}
	weights := &tape.Param{Name: "weights", Value: tape.Tensor{Shape: tape.Shape{opt.Len()}, Data: opt.Values()}}
	second := &tape.Param{Name: "moments", Value: tape.Tensor{Shape: tape.Shape{len(moments)}, Data: moments}}
	meta := map[string]string{"engine": engine, "recipe": string(text), "steps": strconv.Itoa(steps)}
	maps.Copy(meta, more)
	return nn.Save([]*tape.Param{weights, second}, meta, nn.F32)
}

// LoadState puts back what SaveState wrote, and returns the number of steps. It refuses the state of another recipe or
// engine; what the optimizer held then stays.
func LoadState(file []byte, opt *optim.AdamW, recipe any, engine string) (steps int, err error) {
	f, err := nn.Open(file)
	if err != nil {
		return 0, fmt.Errorf("the checkpoint is damaged: %w", err)
	}
	text, err := json.Marshal(recipe)
	if err != nil {
		return 0, err
	}
	if f.Meta["recipe"] != string(text) || f.Meta["engine"] != engine {
		return 0, fmt.Errorf("the checkpoint is of another recipe or engine (%s)", f.Meta["engine"])
	}
	if steps, err = strconv.Atoi(f.Meta["steps"]); err != nil {
		return 0, errors.New("the checkpoint does not say how many steps it has made")
	}
	weights, err := f.Tensor("weights")
	if err != nil {
		return 0, err
	}
	moments, err := f.Tensor("moments")
	if err != nil {
		return 0, err
	}
	if len(weights.Data) != opt.Len() {
		return 0, fmt.Errorf("the checkpoint has %d weights, the model %d", len(weights.Data), opt.Len())
	}
	if err := opt.SetState(steps, moments.Data); err != nil {
		return 0, err
	}
	copy(opt.Values(), weights.Data)
	for _, p := range opt.Params() {
		p.Touch()
	}
	return steps, nil
}
