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
	Analyse: func(_ lab.Env, spec wire.Spec, _ []wire.TrialResult, arms []wire.ArmReport) lab.Slices {
		return func() (*lab.Analysis, error) {
			return &lab.Analysis{Figures: []wire.Figure{ratesFigure(spec, arms)}}, nil
		}
	},
	Tune: tuning(),
	Specimen: func(env lab.Env, spec wire.Spec, id wire.TrialID, s lab.Sabotage) (lab.Specimen, error) {
		return newTrial(env, spec, id, course.Options{Sabotage: s})
	},
}
