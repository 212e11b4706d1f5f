package vpt

import (
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// Paper is the laboratory.
var Paper = lab.Paper{
	Lab:    description(),
	Lesson: lesson,
	Assets: needs,
	Arm:    describeArm,
	NewTrial: func(env lab.Env, spec wire.Spec, id wire.TrialID) (lab.Trial, error) {
		return newTrial(env, spec, id, course.Options{})
	},
	Analyse: analyse,
	Tune:    tuning(),
	Specimen: func(env lab.Env, spec wire.Spec, id wire.TrialID, s lab.Sabotage) (lab.Specimen, error) {
		return newTrial(env, spec, id, course.Options{Sabotage: s})
	},
}
