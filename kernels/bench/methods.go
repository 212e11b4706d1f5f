package bench

import (
	"strings"

	"petri/kernels/bench/reference"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/vpt"
	"petri/kernels/tape"
)

// methods are the racers of the lab of prompts whose steps are compared, at its default knobs.
var methods = []string{"full", "head", "bitfit", "ln", "ia3", "vpt-shallow:10", "vpt-deep:10", "prefix:5", "adaptformer:8", "houlsby:8", "pfeiffer:8",
	"lora:4", "krona:8", "compacter:4"}

// cachedHead is a step of the head alone as the lab makes it: what the frozen network says of the examples is computed once.
const cachedHead = "head/cached"

// methodSteps are training steps of the methods on the reference model and batch.
func methodSteps() Case {
	return Case{ID: wire.MethodSteps, Title: "training steps of the methods of adaptation, in turn, batch 32", turns: len(methods) + 1, prepare: takeTurns}
}

// parts are what takes turns. A worker, which measures them, does not need their names, and is spared the code.
func (c Case) parts() (list []wire.BenchCase) {
	if c.ID != wire.MethodSteps {
		return nil
	}
	add := func(id, label string) {
		list = append(list, wire.BenchCase{ID: c.ID + "/" + id, Title: "training step, " + label})
	}
	knob, _ := vpt.Paper.Lab.Knob("arms")
	for _, name := range methods {
		arm, err := knob.Arms.Parse(name)
		if err != nil {
			panic(err)
		}
		add(name, strings.ReplaceAll(vpt.Paper.Lab.ArmLabel(arm), "  ", " "))
	}
	add(cachedHead, "head only, features cached")
	return list
}

// takeTurns prepares a step of each method, in the order of the parts. One tape does for all, as one step is made at a time.
func takeTurns() (calls []func() float64) {
	images, labels := reference.Batch(reference.Images)
	t := tape.New()
	for _, name := range methods {
		m := reference.Model(false)
		method, err := vpt.Named(name, m.Config)
		if err == nil {
			_, err = method.Fit(m, lab.Stream("bench", 0, name), nil)
		}
		if err != nil {
			panic(err) // names and sizes are those above
		}
		calls = append(calls, stepOf(t, m, labels, func() tape.Var { return m.Forward(m.Input(t, images)) }))
	}
	m := reference.Model(false)
	t.Reset()
	features := append([]float32(nil), m.Features(m.Input(t, images)).Data()...)
	return append(calls, stepOf(t, m.Head, labels, func() tape.Var {
		x := t.Blank(tape.Shape{len(labels), m.Width})
		copy(x.Data(), features)
		return m.Head.Forward(x)
	}))
}
