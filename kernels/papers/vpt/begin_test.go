// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"slices"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// Prompts that begin as patches are tokens of the frozen model, one of each drawn picture, at every layer where prompts enter.
func TestPromptsBeginAsPatches(t *testing.T) {
	for _, query := range []string{"arms=vpt-deep:40", "arms=vpt-deep:3~depth=2~order=top-down", "arms=vpt-shallow:3"} {
		tr := opened(t, query+"&init=patches", wire.TrialID{})
		model, prompts := tr.fitted.Model, tr.fitted.Model.Sequence.(*Prompts)
		model.Sequence = nil
		on := tape.New()
		on.Infer = true
		for block, rows := range prompts.Rows {
			if rows == nil {
				continue
			}
			for j := range rows.Value.Shape[0] {
				if prompt := rows.Value.Data[j*model.Width:][:model.Width]; !isToken(tr, on, block, prompt) {
					t.Fatalf("%s: prompt %d of block %d is no patch of a training picture", query, j, block)
				}
				if j == 1 {
					break // looking through all pictures takes its time
				}
			}
		}
	}
}

// isToken looks for a token among those of all training pictures in front of a block.
func isToken(tr *trial, on *tape.Tape, block int, want []float32) bool {
	m := tr.fitted.Model
	image := make([]float32, data.Pixels)
	for _, place := range tr.task.Train {
		tr.task.Set.Image(image, data.Train, int(place))
		on.Reset()
		x := m.Embed(m.Input(on, image))
		for _, b := range m.Blocks[:block] {
			x = b.Forward(x)
		}
		for token := 1; token < m.Tokens(); token++ {
			if slices.Equal(x.Data()[token*m.Width:][:m.Width], want) {
				return true
			}
		}
	}
	return false
}

// Prompts that begin at zero stay alike; those that begin at random do not.
func TestZeroPromptsStayAlike(t *testing.T) {
	for begin, alike := range map[string]bool{"zero": true, "random": false} {
		tr := opened(t, "arms=vpt-deep:3&init="+begin, wire.TrialID{})
		for range 3 {
			tr.TrainStep()
		}
		moved := false
		for block, rows := range tr.fitted.Model.Sequence.(*Prompts).Rows {
			d := tr.fitted.Model.Width
			x := rows.Value.Data
			if slices.Equal(x[:d], x[d:2*d]) != alike {
				t.Errorf("%s: two prompts of block %d are alike: %v", begin, block, !alike)
			}
			moved = moved || slices.ContainsFunc(x, func(v float32) bool { return v != 0 })
		}
		if !moved {
			t.Errorf("%s: prompts did not move", begin)
		}
	}
}
