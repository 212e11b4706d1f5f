package vpt

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/data/backbone"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// The tasks, as they are named in links.
const (
	taskDigits = "digits"
	taskStyle  = "style"
)

// glyphSeed is the first seed of the glyphs of a run: pretraining uses small ones.
const glyphSeed = 1 << 40

// newTask prepares the examples of one seed. They do not depend on the arm.
func newTask(env lab.Env, spec wire.Spec, seed uint64) (*course.Task, error) {
	n := spec.Int("train")
	t := &course.Task{}
	switch name := spec.Text("task"); name {
	case taskDigits:
		digits, err := course.Digits(env)
		if err != nil {
			return nil, err
		}
		t.Set, t.Holdout = digits, digits
		t.Train = data.Subset(digits.Len(data.Train), n, seed)
	case taskStyle:
		t.Set = data.Glyphs{World: data.WorldMStyle, Seed: glyphSeed + seed}
		t.Holdout = data.Glyphs{World: data.WorldMStyle, Seed: glyphSeed}
		t.Train = course.First(n)
	default:
		return nil, fmt.Errorf("there is no task %q", name)
	}
	t.Classes = t.Set.Classes()
	return t, nil
}

// backboneName is the pretrained model of a run, or of an arm.
func backboneName(spec wire.Spec) string {
	model, way, masked := strings.Cut(spec.Text("backbone"), "-")
	if !masked {
		way = "M"
	}
	return backbone.Name(model, way)
}

// needs names the files that a run reads.
func needs(spec wire.Spec) []string {
	var files []string
	for _, name := range spec.Arms() {
		if arm, bad := parseArm(name); bad == nil {
			if file := backbone.Asset(backboneName(spec.With(arm))); !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	if spec.Text("task") == taskDigits {
		files = append(files, data.DigitImages, data.DigitLabels)
	}
	return files
}
