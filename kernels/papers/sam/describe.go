package sam

import "petri/kernels/lab/wire"

// labID names the lab, in links and in its streams of random numbers.
const labID = "sam"

// racer is one of the models that race: what of the paper's choices it keeps.
type racer struct {
	name     string
	masks    int  // for a single prompt
	mean     bool // trained with the mean of their losses
	feedback bool // the last logits are fed back
}

// racers are all there are.
var racers = []racer{
	{"heads:1", 1, false, true},
	{"heads:2", 2, false, true},
	{"heads:3", 3, false, true},
	{"heads:4", 4, false, true},
	{"heads:2-mean", 2, true, true},
	{"heads:3-mean", 3, true, true},
	{"heads:4-mean", 4, true, true},
	{"no-feedback", 3, false, false},
}

func racerNamed(name string) (racer, bool) {
	for _, r := range racers {
		if r.name == name {
			return r, true
		}
	}
	return racer{}, false
}

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{ID: labID, Knobs: knobs()}
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

func options() []wire.Option {
	var out []wire.Option
	for _, r := range racers {
		out = append(out, wire.Option{Value: r.name, Label: r.name})
	}
	return out
}

func learningRate(spec wire.Spec, arm wire.Arm) float64 {
	if x, set := spec.Float("lr"); set {
		return x
	}
	return 3e-3
}
