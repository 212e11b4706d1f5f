package sam

import "petri/kernels/lab/wire"

// labID names the lab, in links and in its streams of random numbers.
const labID = "sam"

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{ID: labID, Knobs: knobs(), Claims: claims()}
}

func knobs() []wire.Knob {
	return []wire.Knob{
		{Name: "arms", Label: "Racers", Group: "Model", Kind: wire.KnobArms, Default: "heads:1,heads:3",
			Arms: &wire.ArmKnob{Racers: options(), Most: 4, Own: []string{"rounds", "lr"}}},
		{Name: "rounds", Label: "Rounds", Group: "Training", Kind: wire.KnobInt, Default: "4", Min: 1, Max: 8, Step: 1},
		{Name: "scenes", Label: "Training scenes", Group: "Data", Kind: wire.KnobInt, Default: "4000", Min: 16, Max: 100000, Step: 1, Log: true},
		{Name: "lr", Label: "Learning rate", Symbol: "η", Group: "Budget", Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 1, Log: true},
		{Name: "batch", Label: "Batch", Symbol: "B", Group: "Budget", Kind: wire.KnobInt, Default: "16", Min: 1, Max: 64, Step: 1, Log: true},
		{Name: "steps", Label: "Steps", Group: "Budget", Kind: wire.KnobInt, Default: "200", Min: 1, Max: 5000, Step: 1, Log: true},
		{Name: "seeds", Label: "Seeds", Group: "Budget", Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5, Step: 1},
		{Name: "seed", Label: "First seed", Group: "Budget", Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1},
	}
}
