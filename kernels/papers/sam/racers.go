package sam

import "petri/kernels/lab/wire"

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
