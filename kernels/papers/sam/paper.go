package sam

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
	Analyse:   analyse,
	Prompting: &lab.Prompting{Assets: promptNeeds, New: newPrompter},
	Tune:      tuning(),
	Specimen: func(env lab.Env, spec wire.Spec, id wire.TrialID, s lab.Sabotage) (lab.Specimen, error) {
		return newTrial(env, spec, id, course.Options{Sabotage: s})
	},
}

// promptNeeds names the files that an answer needs.
func promptNeeds(ask wire.Ask) []string {
	if ask.Model == wire.ModelShipped {
		return []string{Asset}
	}
	return nil
}
