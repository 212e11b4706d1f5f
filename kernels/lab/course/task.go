package course

import (
	"petri/kernels/data"
	"petri/kernels/lab"
)

// Sizes of the held-out sets. The digits have 1,000 examples for validation and 2,000 for test; the drawn worlds, which never
// end, are given as many.
const (
	Watched    = 256  // validation examples looked at during training
	Validation = 1000 // for tuning
	Tested     = 2000 // once, at the end
	Staged     = 24   // validation examples that the stage offers
)

// Task is what a trial learns: a labelled set and the places of its training examples.
type Task struct {
	Set     data.Set
	Train   []int32  // places in the train split of Set
	Holdout data.Set // validation and test; the same for all seeds
	Classes []string
}

// Digits are the shipped digits, decoded once per worker. It fails where their files are missing or damaged.
func Digits(env lab.Env) (*data.Digits, error) {
	return lab.Memo(env, "digits", func() (*data.Digits, error) { return data.OpenDigits(env.Asset) })
}

// First are the places 0 to n-1: the training examples of a set that never ends, which has a seed of its own.
func First(n int) []int32 {
	places := make([]int32, n)
	for i := range places {
		places[i] = int32(i)
	}
	return places
}
