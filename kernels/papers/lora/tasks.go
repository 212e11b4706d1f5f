package lora

import (
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// The tasks, as they are named in links.
const (
	taskDigits   = "digits"
	taskShuffled = "shuffled"
	taskWound    = "wound"
	taskStyle    = "style"
)

// Sizes of the held-out sets. The digits have 1,000 for validation and 2,000 for test; glyphs, which never end, are
// given as many.
const (
	watched    = 256  // validation examples looked at during training
	validation = 1000 // for tuning
	tested     = 2000 // once, at the end
	staged     = 24   // validation examples that the stage offers
)

// Seeds that are no seed of a run.
const (
	patchSeed = 0x10a   // the one shuffle of the pixels in a patch
	glyphSeed = 1 << 40 // glyphs of a run: pretraining uses small seeds
)

// task is what a trial learns: a labelled set and the places of its training examples.
type task struct {
	set     data.Set
	train   []int32 // places in the train split, in the order of data.Subset
	classes []string
	holdout data.Set // validation and test; the same for all seeds
}

// newTask prepares the examples of one seed. They do not depend on the arm.
func newTask(env lab.Env, spec wire.Spec, seed uint64) (*task, error) {
	n := spec.Int("train")
	t := &task{}
	switch name := spec.Text("task"); name {
	case taskDigits, taskShuffled:
		digits, err := lab.Memo(env, "digits", func() (*data.Digits, error) { return data.OpenDigits(env.Asset) })
		if err != nil {
			return nil, err
		}
		t.set = digits
		if name == taskShuffled {
			t.set = data.Shuffle(digits, config(spec).Patch, patchSeed)
		}
		t.holdout = t.set
		t.train = data.Subset(digits.Len(data.Train), n, seed)
	case taskWound, taskStyle:
		world := data.WorldM
		if spec.Text("world") == "H" {
			world = data.WorldH
		}
		if name == taskStyle {
			world = data.WorldMStyle
		}
		t.set = data.Glyphs{World: world, Seed: glyphSeed + seed}
		t.holdout = data.Glyphs{World: world, Seed: glyphSeed}
		t.train = make([]int32, n)
		for i := range t.train {
			t.train[i] = int32(i)
		}
	default:
		return nil, fmt.Errorf("there is no task %q", name)
	}
	t.classes = t.set.Classes()
	return t, nil
}

// needs names the files that a run reads.
func needs(spec wire.Spec) []string {
	files := []string{weightsAsset(spec)}
	switch spec.Text("task") {
	case taskDigits, taskShuffled:
		files = append(files, data.DigitImages, data.DigitLabels)
	}
	return files
}
