package sam

import (
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// racer is one of the models that race: what of the paper's choices it keeps.
type racer struct {
	name     string
	masks    int  // for a single prompt
	mean     bool // trained with the mean of their losses
	feedback bool // the last logits are fed back
	blind    bool // sees no picture
	shipped  bool // the model that comes with the site: it is looked at, not trained
	stages   []int
	label    string
	role     string
	help     string
}

// Names of racers that claims compare.
const (
	armSingle  = "heads:1"
	armThree   = "heads:3"
	armBlind   = "no-feedback"
	armGrey    = "no-picture"
	armShipped = "shipped"
	armEngine1 = "engine:1"
	armEngine2 = "engine:12"
	armEngine3 = "engine:123"
	armAuto    = "engine:3"
)

// racers are all there are. Those of the data engine learn from masks that its stages have made, see engine.go.
var racers = []racer{
	{name: armSingle, masks: 1, feedback: true, label: "one mask", role: wire.RoleReference,
		help: "One mask for every prompt: a click that may mean three things gets one answer."},
	{name: "heads:2", masks: 2, feedback: true, label: "two masks", role: wire.RoleMethod, help: "Two masks for a single prompt; the nearest learns."},
	{name: armThree, masks: 3, feedback: true, label: "three masks", role: wire.RoleMethod,
		help: "The paper's model: three masks for a single prompt, of which only the nearest to the truth learns, and a fourth for several prompts."},
	{name: "heads:4", masks: 4, feedback: true, label: "four masks", role: wire.RoleMethod, help: "Four masks for a single prompt; the nearest learns."},
	{name: "heads:2-mean", masks: 2, mean: true, feedback: true, label: "two masks, mean loss", role: wire.RoleControl,
		help: "Two masks that all learn from every truth: nothing tells them apart."},
	{name: "heads:3-mean", masks: 3, mean: true, feedback: true, label: "three masks, mean loss", role: wire.RoleControl,
		help: "Three masks that all learn from every truth: nothing tells them apart."},
	{name: "heads:4-mean", masks: 4, mean: true, feedback: true, label: "four masks, mean loss", role: wire.RoleControl,
		help: "Four masks that all learn from every truth: nothing tells them apart."},
	{name: armBlind, masks: 3, label: "no feedback", role: wire.RoleControl,
		help: "Three masks, but the last answer is not given back with the next click: the model sees points alone."},
	{name: armGrey, masks: 3, feedback: true, blind: true, label: "no picture", role: wire.RoleFloor,
		help: "The paper's model, shown a grey square in place of every picture: what prompts alone tell. Whoever is no better has learned where things lie and how large they are, not what they look like."},
	{name: armShipped, masks: 3, feedback: true, shipped: true, label: "shipped", role: wire.RoleReference,
		help: "The model that comes with the site, with 64 × 64 pixels and five times the weights. It was trained before: here it takes the exam only, each seed on other scenes."},
	{name: armEngine1, masks: 3, feedback: true, stages: []int{1}, label: "engine, stage 1", role: wire.RoleMethod,
		help: "Learns from masks that a simulated annotator has clicked with the help of a model that is trained again now and then."},
	{name: armEngine2, masks: 3, feedback: true, stages: []int{1, 2}, label: "engine, stages 1 and 2", role: wire.RoleMethod,
		help: "And from scenes in which the model fills in what it is sure of, and the annotator adds what is missing."},
	{name: armEngine3, masks: 3, feedback: true, stages: []int{1, 2, 3}, label: "engine, all stages", role: wire.RoleMethod,
		help: "And from scenes that everything mode has labelled alone."},
	{name: armAuto, masks: 3, feedback: true, stages: []int{3}, label: "engine, stage 3 alone", role: wire.RoleMethod,
		help: "Learns from the masks alone that everything mode has made; the model that made them is that of the stages before."},
}

func racerNamed(name string) (racer, bool) {
	for _, r := range racers {
		if r.name == name {
			return r, true
		}
	}
	return racer{}, false
}

// options are the racers as the page offers them.
func options() []wire.Option {
	var out []wire.Option
	for _, r := range racers {
		out = append(out, wire.Option{Value: r.name, Label: r.label, Role: r.role, Help: r.help})
	}
	return out
}

// describeArm says how a racer is shown, with the knobs that it sets for itself.
func describeArm(arm wire.Arm) lab.ArmInfo {
	r, _ := racerNamed(arm.Racer)
	return lab.ArmInfo{Label: description().ArmLabel(arm), Role: r.role}
}

// needs names the files that a run reads: the weights of the shipped model, where it races.
func needs(spec wire.Spec) []string {
	knob, _ := description().Knob("arms")
	for _, name := range spec.Arms() {
		if arm, bad := knob.Arms.Parse(name); bad == nil && arm.Racer == armShipped {
			return []string{Asset}
		}
	}
	return nil
}
