package lora

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
)

// Words for racers, in verdicts and captions.

// name is how sentences call the racer: "q, v at rank 4".
func (r *racer) name() string {
	if !r.method() {
		return r.report.Label
	}
	return fmt.Sprintf("%s at rank %d", matrices(r.arm), r.arm.Number)
}

// matrices writes the matrices of an arm for people.
func matrices(arm wire.Arm) string {
	if arm.Name == "all" {
		return "all six"
	}
	return letters(arm)
}

// letters writes the matrices of an arm: "qv" is "q, v".
func letters(arm wire.Arm) string { return strings.Join(arm.Parts, ", ") }
