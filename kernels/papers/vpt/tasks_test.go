// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// everyTask is each task with the number of its classes.
var everyTask = []struct {
	name    string
	classes int
}{{taskDigits, 10}, {taskStyle, 14}, {taskInverted, 10}, {taskNoise, 10}, {taskTexture, 6}, {taskCount, 6}, {taskOrientation, 8}}

// The knob offers every task once, and says its group.
func TestEveryTaskBelongsToAGroup(t *testing.T) {
	var names []string
	groups := map[string]int{}
	for _, o := range taskOptions() {
		group := Group(o.Value)
		names = append(names, o.Value)
		groups[group]++
		if group == "" || !strings.HasSuffix(o.Label, " ("+group+")") || o.Help == "" {
			t.Errorf("%s is called %q and belongs to the group %q", o.Value, o.Label, group)
		}
	}
	for i, task := range everyTask {
		if len(names) != len(everyTask) || names[i] != task.name {
			t.Fatalf("the tasks are %v", names)
		}
	}
	if len(groups) != 3 || groups[Natural] < 2 || groups[Specialised] < 2 || groups[Structured] < 2 {
		t.Errorf("the groups have %v tasks", groups)
	}
	if Group("digit") != "" || Group("") != "" {
		t.Error("what is no task has a group")
	}
}

// Every racer trains on every task: its head has the task's classes, its numbers are as many as the closed form says, and one
// step has a loss near that of a guess and moves the head.
func TestEveryRacerTrainsOnEveryTask(t *testing.T) {
	for _, task := range everyTask {
		for _, arm := range strings.Split(everyArm, ",") {
			tr := opened(t, "arms="+arm+"&task="+task.name, wire.TrialID{})
			head := nn.Collect(tr.fitted.Model.Head)[0].Value // [width, classes]
			before := slices.Clone(head.Data)
			if got := len(tr.task.Classes); got != task.classes || head.Shape[1] != got || tr.Closed() != len(tr.Trained()) {
				t.Errorf("%s on %s: %d classes, a head %v, %d numbers of which the closed form knows %d", arm, task.name, got, head.Shape, len(tr.Trained()), tr.Closed())
			}
			tr.Ready()
			tr.TrainStep()
			loss := float64(tr.Progress().Loss[0])
			if guess := math.Log(float64(task.classes)); math.Abs(loss-guess) > 1.5 {
				t.Errorf("%s on %s: the first loss is %.2f, that of a guess %.2f", arm, task.name, loss, guess)
			}
			if slices.Equal(head.Data, before) {
				t.Errorf("%s on %s: the head has not moved", arm, task.name)
			}
		}
	}
}

// Seeds have training examples of their own and the same held-out ones, and no held-out example is trained on.
func TestExamplesOfSeeds(t *testing.T) {
	read := func(set data.Set, s data.Split, places []int32) (images [][]float32, labels []int) {
		for _, i := range places {
			image := make([]float32, data.Pixels)
			labels = append(labels, set.Image(image, s, int(i)))
			images = append(images, image)
		}
		return images, labels
	}
	places := make([]int32, 64)
	for i := range places {
		places[i] = int32(i)
	}
	for _, task := range everyTask {
		var trained, validated, tested [2][][]float32
		var names [2][2][]int
		for seed := range 2 {
			of := opened(t, "arms=ln&task="+task.name, wire.TrialID{Seed: seed}).task
			if len(of.Train) != 64 || len(slices.Compact(slices.Sorted(slices.Values(of.Train)))) != 64 {
				t.Errorf("%s has the training examples %v", task.name, of.Train)
			}
			trained[seed], _ = read(of.Set, data.Train, of.Train)
			validated[seed], names[seed][0] = read(of.Holdout, data.Validation, places)
			tested[seed], names[seed][1] = read(of.Holdout, data.Test, places)
		}
		other := opened(t, "arms=lora:4&task="+task.name, wire.TrialID{Seed: 1}).task
		again, _ := read(other.Set, data.Train, other.Train)
		shared, leaked := 0, 0
		for i, image := range trained[1] {
			if !slices.Equal(image, again[i]) {
				t.Errorf("%s: example %d of a seed is another for another racer", task.name, i)
			}
			for j := range trained[0] {
				if slices.Equal(image, trained[0][j]) {
					shared++
				}
				for seed := range 2 {
					if slices.Equal(trained[seed][i], validated[0][j]) || slices.Equal(trained[seed][i], tested[0][j]) {
						leaked++
					}
				}
			}
		}
		if shared > 5 { // two draws of 64 digits of 7,000 may meet
			t.Errorf("%s: two seeds share %d of 64 examples", task.name, shared)
		}
		if leaked > 0 {
			t.Errorf("%s: %d held-out examples are trained on", task.name, leaked)
		}
		for i := range places {
			if !slices.Equal(validated[0][i], validated[1][i]) || !slices.Equal(tested[0][i], tested[1][i]) {
				t.Errorf("%s: held-out example %d depends on the seed", task.name, i)
			}
		}
		if !slices.Equal(names[0][0], names[1][0]) || !slices.Equal(names[0][1], names[1][1]) {
			t.Errorf("%s: held-out labels depend on the seed", task.name)
		}
	}
}

// The shifted digits are those of the task digits, label by label, in training and held out.
func TestShiftedDigitsAreTheSameDigits(t *testing.T) {
	plain := opened(t, "arms=ln", wire.TrialID{}).task
	a, b := make([]float32, data.Pixels), make([]float32, data.Pixels)
	for _, name := range []string{taskInverted, taskNoise} {
		shift := opened(t, "arms=ln&task="+name, wire.TrialID{}).task
		if !slices.Equal(shift.Train, plain.Train) {
			t.Errorf("%s trains on other digits", name)
		}
		for _, s := range []data.Split{data.Train, data.Validation, data.Test} {
			for i := range 30 {
				if x, y := plain.Holdout.Image(a, s, i), shift.Holdout.Image(b, s, i); x != y || slices.Equal(a, b) {
					t.Errorf("%s, %s %d: label %d is %d, or the picture is the same", name, s, i, x, y)
				}
			}
		}
	}
}

// A run asks for the digits if it reads them, and only then; all 7,000 of them can be trained on.
func TestNeeds(t *testing.T) {
	for _, task := range everyTask {
		spec := linked(t, "arms=ln&task="+task.name+"&train=7000")
		want := task.name == taskDigits || task.name == taskInverted || task.name == taskNoise
		files := needs(spec)
		if slices.Contains(files, data.DigitImages) != want || slices.Contains(files, data.DigitLabels) != want {
			t.Errorf("%s reads %v", task.name, files)
		}
		of, err := newTask(shared, spec, 3)
		if err != nil || len(of.Train) != 7000 || slices.Max(of.Train) != 6999 {
			t.Errorf("%s: %d training examples (%v)", task.name, len(of.Train), err)
		}
	}
	spec := linked(t, "")
	spec.Values["task"] = "digit"
	if _, err := newTask(shared, spec, 0); err == nil || !strings.Contains(err.Error(), `"digit"`) {
		t.Errorf("an unknown task: %v", err)
	}
}
