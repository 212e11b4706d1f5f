package moat

import (
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// The tasks, as they are named in links.
const (
	taskTexture = "texture"
	taskSame    = "same"
	taskCue     = "cue"
	taskDigits  = "digits"
)

// worldSeed is where the seeds of drawn examples begin.
const worldSeed = 1 << 41

// tenth is the share of the examples that a racer with the edit "few" learns from.
const tenth = 10

// newTask prepares the examples of one seed. They do not depend on the racer, but that "few" takes the first tenth of them.
func newTask(env lab.Env, spec wire.Spec, seed uint64, few bool) (*course.Task, error) {
	n := spec.Int("train")
	t := &course.Task{}
	switch name := spec.Text("task"); name {
	case taskDigits:
		digits, err := course.Digits(env)
		if err != nil {
			return nil, err
		}
		t.Set, t.Holdout = digits, digits
		t.Train = data.Subset(digits.Len(data.Train), min(n, mostDigits), seed)
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
		t.Set, t.Holdout = world(worldSeed+seed), world(worldSeed)
		t.Train = course.First(n)
	default:
		return nil, fmt.Errorf("there is no task %q", name)
	}
	if few {
		t.Train = t.Train[:max(1, len(t.Train)/tenth)]
	}
	t.Classes = t.Set.Classes()
	return t, nil
}

// needs names the files that a run reads.
func needs(spec wire.Spec) []string {
	if spec.Text("task") == taskDigits {
		return []string{data.DigitImages, data.DigitLabels}
	}
	return nil
}
