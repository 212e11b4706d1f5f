package vpt

import (
	"strconv"

	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// methodOf is the method of an arm with the knobs that it sees. What does not fit is told by the knobs, or else by Check.
func methodOf(spec wire.Spec, arm wire.Arm, c nn.Config) Method {
	number := func(knob string) float64 { x, _ := spec.Float(knob); return x }
	n, drop, norms := arm.Number, number("dropout"), spec.Text("norms") == normsTrained
	switch arm.Racer {
	case "head":
		return Head{}
	case "full", "scratch":
		return Full{}
	case "bitfit":
		return BitFit{}
	case "ln":
		return LayerNorms{}
	case "ia3":
		return IA3{}
	}
	switch arm.Name {
	case "vpt-shallow":
		return Prompting{Length: n, Layers: 1, Width: spec.Int("projection"), Drop: drop, Begin: Begin(spec.Text("init"))}
	case "vpt-deep":
		p := Prompting{Length: n, Layers: c.Depth, TopDown: spec.Text("order") == orderTop, Width: spec.Int("projection"), Drop: drop, Begin: Begin(spec.Text("init"))}
		if layers, err := strconv.Atoi(spec.Text("depth")); err == nil {
			p.Layers = layers
		}
		return p
	case "adaptformer":
		return AdaptFormer{Bottleneck: n, Scale: number("scale"), Drop: drop, Sequential: spec.Text("form") == formSequential}
	case "houlsby":
		return Houlsby{Bottleneck: n, Norms: norms}
	case "pfeiffer":
		p := Pfeiffer{Bottleneck: n, Place: Place(spec.Text("place")), Start: ZeroUp, Norms: norms}
		if spec.Text("start") == startOfficial {
			p.Start = ZeroBoth
		}
		return p
	case "lora":
		return LoRA{Rank: n, Alpha: number("alpha"), Drop: drop}
	case "prefix":
		return Prefixing{Length: n, Hidden: spec.Int("mlp")}
	case "krona":
		return KronA{First: n, Scale: 1}
	case "compacter":
		return Compacter{N: n, Bottleneck: spec.Int("neck"), Norms: norms}
	}
	panic("vpt: the racer " + arm.String() + " has no method")
}

// Named is the method of an arm at the default knobs, for a model of a size.
func Named(arm string, c nn.Config) (Method, error) {
	spec, err := wire.ParseQuery(description(), "arms="+arm)
	if err != nil {
		return nil, err
	}
	a, bad := parseArm(spec.Text("arms"))
	if bad != nil {
		return nil, bad
	}
	return methodOf(spec, a, c), nil
}

// atModel says whether training with a method starts at the frozen model, to the bit.
func atModel(m Method) bool {
	switch m := m.(type) {
	case Head, Full, BitFit, LayerNorms, IA3, LoRA, KronA:
		return true
	case AdaptFormer:
		return !m.Sequential
	case Prompting:
		return m.Length == 0
	case Prefixing:
		return m.Length == 0
	}
	return false
}

// setting is what the numbers of a method mean nothing without, and what neither their names nor their shapes tell.
func setting(m Method) string {
	switch m := m.(type) {
	case LoRA:
		return "alpha=" + number(m.Alpha)
	case AdaptFormer:
		s := "scale=" + number(m.Scale)
		if m.Sequential {
			s += "&form=" + formSequential
		}
		return s
	}
	return ""
}
