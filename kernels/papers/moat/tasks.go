package moat

import (
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// The tasks, as they are named in links.
const (
	taskTexture = "texture"
	taskSame    = "same"
	taskCue     = "cue"
	taskDigits  = "digits"
)

// Sizes of the held-out sets. The digits have 1,000 for validation and 2,000 for test; the drawn worlds, which never end,
// are given as many.
const (
	watched    = 256  // validation examples looked at during training
	validation = 1000 // for tuning
	tested     = 2000 // once, at the end
	staged     = 24   // validation examples that the stage offers
)

// worldSeed is where the seeds of drawn examples begin.
const worldSeed = 1 << 41

// tenth is the share of the examples that a racer with the edit "few" learns from.
const tenth = 10

// task is what a trial learns: a labelled set and the places of its training examples.
type task struct {
	set     data.Set
	train   []int32 // places in the train split
	holdout data.Set
	classes []string
}

// newTask prepares the examples of one seed. They do not depend on the racer, but that "few" takes the first tenth of them.
func newTask(env lab.Env, spec wire.Spec, seed uint64, few bool) (*task, error) {
	n := spec.Int("train")
	t := &task{}
	switch name := spec.Text("task"); name {
	case taskDigits:
		digits, err := lab.Memo(env, "digits", func() (*data.Digits, error) { return data.OpenDigits(env.Asset) })
		if err != nil {
			return nil, err
		}
		t.set, t.holdout = digits, digits
		t.train = data.Subset(digits.Len(data.Train), min(n, mostDigits), seed)
	case taskTexture, taskSame, taskCue:
		world := func(seed uint64) data.Set {
			switch name {
			case taskTexture:
				return data.Textures{Seed: seed}
			case taskSame:
				return data.SameDifferent{Seed: seed}
			}
			return data.Cue{Seed: seed}
		}
		t.set, t.holdout = world(worldSeed+seed), world(worldSeed)
		t.train = make([]int32, n)
		for i := range t.train {
			t.train[i] = int32(i)
		}
	default:
		return nil, fmt.Errorf("there is no task %q", name)
	}
	if few {
		t.train = t.train[:max(1, len(t.train)/tenth)]
	}
	t.classes = t.set.Classes()
	return t, nil
}

// needs names the files that a run reads.
func needs(spec wire.Spec) []string {
	if spec.Text("task") == taskDigits {
		return []string{data.DigitImages, data.DigitLabels}
	}
	return nil
}
