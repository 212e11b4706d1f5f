package lab

import (
	"fmt"
	"testing"

	"petri/kernels/lab/wire"
)

// An evaluation that one seed lacks shifts nothing: points are means over the same step.
func TestCurvesGoByStep(t *testing.T) {
	c := curves([]wire.TrialResult{
		{Evals: []wire.Eval{{Step: 0, Loss: 1}, {Step: 10, Loss: 2}, {Step: 20, Loss: 3}}},
		{Evals: []wire.Eval{{Step: 0, Loss: 1}, {Step: 20, Loss: 5}, {Step: 30, Loss: 9}}},
	}, wire.Lab{}.Scored())[1]
	if c.Name != "validation_loss" || fmt.Sprint(c.Step, c.Mean) != "[0 20] [1 4]" {
		t.Errorf("%s at %v is %v", c.Name, c.Step, c.Mean)
	}
}
