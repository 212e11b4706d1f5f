package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// labID names the lab, in links and in its streams of random numbers.
const labID = "lora"

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

// describeArm says how a racer is shown.
func describeArm(arm wire.Arm) lab.ArmInfo {
	switch arm.Racer {
	case "head":
		return lab.ArmInfo{Label: "head only", Role: wire.RoleFloor}
	case "full":
		return lab.ArmInfo{Label: "full fine-tuning", Role: wire.RoleReference}
	case "scratch":
		return lab.ArmInfo{Label: "from scratch", Role: wire.RoleControl}
	}
	return lab.ArmInfo{Label: fmt.Sprintf("%s  r = %d", matrices(arm), arm.Number), Role: wire.RoleMethod}
}
