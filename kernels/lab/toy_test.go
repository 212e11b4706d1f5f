package lab

import (
	"errors"
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// toy is a lab whose trials are over at once: what drives trials is tested with it. Each step adds the arm's number to
// the only weight; the evaluation after the last step takes one slice.
func toy() Paper {
	return Paper{
		Lab: wire.Lab{ID: "toy", Builder: &wire.Builder{Title: "The block", Knobs: []string{"mode"}}, Knobs: []wire.Knob{
			{Name: "arms", Kind: wire.KnobArms, Default: "a:1,a:2", Arms: &wire.ArmKnob{Parts: []wire.Option{{Value: "a"}}, Number: "size", Min: 1, Max: 9, Most: 4}},
			{Name: "steps", Kind: wire.KnobInt, Default: "5", Min: 1, Max: 1e6},
			{Name: "mode", Kind: wire.KnobChoice, Default: "fine", Options: []wire.Option{{Value: "fine"}, {Value: "shape"}, {Value: "bug"}, {Value: "missing"}, {Value: "unreadable"}}},
			{Name: "seeds", Kind: wire.KnobInt, Default: "2", Min: 1, Max: 5},
			{Name: "seed", Kind: wire.KnobInt, Default: "0", Min: 0, Max: 1e6},
		}},
		Assets: func(s wire.Spec) []string { return []string{"weights/" + s.Text("mode")} },
		Structure: func(spec wire.Spec, arm string) (wire.Structure, error) {
			switch spec.Text("mode") {
			case "missing":
				return wire.Structure{}, errors.New("there is no such block; choose another")
			case "shape":
				panic(tape.ShapeError{Op: "linear", Path: "block0/q/w", Want: tape.Shape{-1, 3}, Got: tape.Shape{2, 4}})
			}
			return wire.Structure{Label: arm, Params: spec.Int("steps"), Blocks: []wire.StructureBlock{{Name: "a", Kind: "stem"}}}, nil
		},
		Arm: func(a wire.Arm) ArmInfo { return ArmInfo{Label: "size " + fmt.Sprint(a.Number), Role: wire.RoleMethod} },
		NewTrial: func(_ Env, spec wire.Spec, id wire.TrialID) (Trial, error) {
			if spec.Text("mode") == "missing" {
				return nil, errors.New("the weights are missing; reload the page")
			}
			return &toyTrial{spec: spec, id: id}, nil
		},
		Analyse: func(_ Env, spec wire.Spec, trials []wire.TrialResult, _ []wire.ArmReport) Slices {
			read := 0 // one trial a slice
			return func() (*Analysis, error) {
				if spec.Text("mode") == "unreadable" {
					return nil, errors.New("a trial cannot be read; run it again")
				}
				if read++; read < len(trials) {
					return nil, nil
				}
				return &Analysis{Notes: []string{fmt.Sprintf("%d trials", len(trials))}}, nil
			}
		},
	}
}

type toyTrial struct {
	spec    wire.Spec
	id      wire.TrialID
	step    int
	told    int
	stepped bool
	weight  float32
}

func (t *toyTrial) Advance() bool {
	t.stepped = false
	if t.step == t.spec.Int("steps") {
		return true
	}
	switch t.spec.Text("mode") {
	case "shape":
		panic(tape.ShapeError{Op: "linear", Path: "block0/q/w", Want: tape.Shape{-1, 3}, Got: tape.Shape{2, 4}})
	case "bug":
		_ = []int{}[t.step]
	}
	t.step++
	t.stepped = true
	t.weight += float32(t.id.Arm + 1)
	return false
}
func (t *toyTrial) Stepped() bool { return t.stepped }
func (t *toyTrial) Progress() wire.Progress {
	p := wire.Progress{Step: t.step, Steps: t.spec.Int("steps"), First: t.told + 1}
	for ; t.told < t.step; t.told++ {
		p.Loss = append(p.Loss, float32(t.told))
	}
	return p
}
func (t *toyTrial) Frame(f wire.Focus) (wire.Frame, [][]float32) {
	return wire.Frame{Trial: t.id, Step: t.step, Example: f.Example}, [][]float32{{t.weight}}
}
func (t *toyTrial) Result() wire.TrialResult {
	r := wire.TrialResult{Trial: t.id, Arm: t.spec.Arms()[t.id.Arm], Metrics: map[string]float64{"accuracy": float64(t.weight) + float64(t.id.Seed)}, Trained: []float32{t.weight}}
	for i := range t.step {
		r.Loss = append(r.Loss, float32(i))
	}
	r.Digest = Digest(r.Loss, r.Trained)
	return r
}
func (t *toyTrial) Restore(w []float32) error {
	if len(w) != 1 {
		return errors.New("one weight is wanted")
	}
	t.weight, t.step = w[0], t.spec.Int("steps")
	return nil
}
func (t *toyTrial) Export() (wire.File, []byte, error) {
	return wire.File{Name: "toy"}, []byte{byte(t.weight)}, nil
}
