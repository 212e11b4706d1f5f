package moat

import (
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// labID names the lab, in links and in its streams of random numbers.
const labID = "moat"

// Paper is the laboratory.
var Paper = lab.Paper{
	Lab:    description(),
	Lesson: lesson,
	Assets: needs,
	Arm: func(arm wire.Arm) lab.ArmInfo {
		knob, _ := description().Knob("arms")
		return lab.ArmInfo{Label: knob.Arms.Label(arm), Role: knob.Arms.Role(arm)}
	},
	NewTrial: func(env lab.Env, spec wire.Spec, id wire.TrialID) (lab.Trial, error) {
		return newTrial(env, spec, id, course.Options{})
	},
	Analyse:   analyse,
	Structure: structure,
	Tune:      tuning(),
	Specimen: func(env lab.Env, spec wire.Spec, id wire.TrialID, s lab.Sabotage) (lab.Specimen, error) {
		t, err := newTrial(env, spec, id, course.Options{Sabotage: s})
		if err == nil {
			t.Ready()
		}
		return t, err
	},
}
