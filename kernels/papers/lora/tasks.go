package lora

import (
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// The tasks, as they are named in links.
const (
	taskDigits   = "digits"
	taskShuffled = "shuffled"
	taskWound    = "wound"
	taskStyle    = "style"
)

// Seeds that are no seed of a run.
const (
	patchSeed = 0x10a   // the one shuffle of the pixels in a patch
	glyphSeed = 1 << 40 // glyphs of a run: pretraining uses small seeds
)

// newTask prepares the examples of one seed. They do not depend on the arm.
func newTask(env lab.Env, spec wire.Spec, seed uint64) (*course.Task, error) {
	n := spec.Int("train")
	t := &course.Task{}
	switch name := spec.Text("task"); name {
	case taskDigits, taskShuffled:
		digits, err := course.Digits(env)
		if err != nil {
			return nil, err
		}
		t.Set = digits
		if name == taskShuffled {
			t.Set = data.Shuffle(digits, config(spec).Patch, patchSeed)
		}
		t.Holdout = t.Set
		t.Train = data.Subset(digits.Len(data.Train), n, seed)
	case taskWound, taskStyle:
		world := data.WorldM
		if spec.Text("world") == "H" {
			world = data.WorldH
		}
		if name == taskStyle {
			world = data.WorldMStyle
		}
		t.Set = data.Glyphs{World: world, Seed: glyphSeed + seed}
		t.Holdout = data.Glyphs{World: world, Seed: glyphSeed}
		t.Train = course.First(n)
	default:
		return nil, fmt.Errorf("there is no task %q", name)
	}
	t.Classes = t.Set.Classes()
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
