package moat

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab/wire"
)

// offers says what a visitor may do to the parts of a racer.
type offers struct {
	spec wire.Spec
	arm  wire.Arm
	config
}

// place is where a part stands.
type place struct {
	own    bool   // in a block of the racer's own, not in what stands before those
	shared bool   // in the first stage, where edits change no more than gate, norms and what is trained
	chain  []part // the branch
}

// offer adds to the drawing of the net what may be changed in each part.
func (o offers) offer(s *wire.Structure, n *net) {
	for i, b := range n.blocks {
		own, shared := ownBlock(b.name, n.config), !n.probe && b.name == blockName(1, 0)
		for j, br := range b.branches {
			for k, p := range br.main {
				at := &s.Blocks[i].Branches[j][k]
				at.Edits, at.Why = o.of(p, place{own, shared, br.main})
			}
			for k, p := range br.skip {
				s.Blocks[i].Skips[j][k].Why = beside(bare(p))
			}
		}
	}
	head := s.Blocks[len(n.blocks)].Branches[0]
	head[0].Why = "Every racer has it: the linear layer reads one vector."
	head[1].Why = optional
	head[2].Edits = o.head()
}

// ownBlock tells whether the recipe's attention and mixer make this block, or one that stands before them.
func ownBlock(name string, c config) bool {
	return strings.HasPrefix(name, "stage3.block") || strings.HasPrefix(name, "stage2.block") && (c.probe || !c.recipe.stacked)
}

// common is said of the first stage.
const common = "The first stage is the same for all racers."

// optional is said of norms that no edit takes out.
const optional = "It could be left out, but no racer of this lab goes without."

// menu is what is offered for one part.
type menu struct {
	offers
	edits []wire.Edit
	why   []string
}

// lead adds a racer, unless it is no other net under these knobs, none at all, or offered already.
func (m *menu) lead(to string, other bool, label string) {
	if !other || slices.ContainsFunc(m.edits, func(e wire.Edit) bool { return e.Arm == to }) {
		return
	}
	arm, err := parseArm(to)
	if err != nil {
		return
	}
	if r := recipeOf(m.spec, arm); r == m.recipe || !r.attention && r.mixer == "" {
		return
	}
	m.edits = append(m.edits, wire.Edit{Label: label, Arm: to})
}

// change offers one more edit.
func (m *menu) change(edit, label string) {
	to, other := edited(m.arm, edit)
	m.lead(to, other, label)
}

// undo offers the racer without an edit that it has.
func (m *menu) undo(edit, label string) {
	to, other := without(m.arm, edit)
	m.lead(to, other, label)
}

// only drops what leads to no recipe of a kind, of the offers from one on.
func (m *menu) only(from int, kind func(recipe) bool) {
	rest := slices.DeleteFunc(slices.Clone(m.edits[from:]), func(e wire.Edit) bool {
		arm, err := parseArm(e.Arm)
		return err != nil || !kind(recipeOf(m.spec, arm))
	})
	m.edits = append(m.edits[:from], rest...)
}

// say adds a reason why something is not offered.
func (m *menu) say(why string) {
	if why != "" {
		m.why = append(m.why, why)
	}
}

// of is what may be done to a part, and why not more.
func (o offers) of(p part, at place) ([]wire.Edit, string) {
	m := &menu{offers: o}
	switch p := bare(p).(type) {
	case *norm:
		m.norm(p, at)
	case *conv:
		m.change(loraView, "pretrain, freeze, and add LoRA as a view, everywhere")
		m.change(loraConv, "pretrain, freeze, and add LoRA down and up, everywhere")
		m.undoStart()
	case *pointwise:
		m.pointwise(p.kind, at)
	case *depthwise:
		if at.shared {
			m.say(common)
			break
		}
		m.change("nodw", "remove the depth-wise convolution"+m.everywhere())
		if p.Stride > 1 {
			m.change("pool", "average pooling for its stride")
		}
		if holds[pool](at.chain) {
			m.stride(at.own)
		}
	case pool:
		m.stride(at.own)
	case *excite:
		m.gate(at.own)
	case gelus:
		m.say("Without it the two layers of the MLP would be one matrix; no racer of this lab goes without.")
	case *attention:
		m.attention()
	case *places:
		m.say(m.knob("position", "puts it there; another choice takes it out"))
	}
	m.undoMixer(at)
	m.lora(p)
	return m.edits, strings.Join(m.why, " ")
}

// everywhere is added where an edit changes the bottlenecks of another stage, too: those that stand before the Transformer
// blocks of a stacked net have the same recipe.
func (m *menu) everywhere() string {
	if m.recipe.stacked {
		return ", in every bottleneck"
	}
	return ""
}

// knob is a sentence about a knob.
func (m *menu) knob(name, does string) string {
	k, _ := description().Knob(name)
	return fmt.Sprintf("The knob %s %s.", k.Label, does)
}

// both tells whether a block has attention and a mixer.
func (m *menu) both() bool { return m.recipe.attention && m.recipe.mixer != "" }

// beside says why a part of a shortcut stays.
func beside(p part) string {
	if _, ok := p.(pool); ok {
		return "The branch beside it halves the map. Without it the two could not be added."
	}
	return "The branch beside it changes the number of channels. Without it the two could not be added."
}

func (m *menu) norm(p *norm, at place) {
	switch trunk(at.chain) {
	case trunkAttention:
		m.change("nonorm", "no norm before attention")
	case mixMLP:
		m.say(optional)
	default:
		if p.batch != nil {
			m.change("ln", "layer norm instead, everywhere")
		}
		m.undo("ln", "batch norm again, everywhere")
	}
}

func (m *menu) attention() {
	r := m.recipe
	if r.table {
		m.change("nopos", "remove the position table")
	}
	m.undo("nopos", "put the position table back")
	if m.spec.Text("position") != positionRelative {
		m.say(m.knob("position", "takes the position table out"))
	}
	m.undo("nonorm", "put the norm before attention back")
	if m.both() {
		m.change("noattn", "remove attention")
		m.change("flip", "change places with its partner")
	}
	m.undo("nomix", "put its partner back")
}

func (m *menu) pointwise(kind string, at place) {
	r, own := m.recipe, at.own
	if at.shared {
		m.say(common)
		if kind == "shrink" {
			m.undo("nose", "put the gate back before it"+m.inStages())
		}
		return
	}
	if kind == "mlp" {
		m.change("mbconv", "swap for an inverted bottleneck")
		if m.both() {
			m.change("nomix", "remove the MLP")
			m.change("flip", "change places with attention")
		}
		m.undo("noattn", "put attention back")
		return
	}
	if r.expand {
		m.change("noexpand", "no expansion"+m.everywhere())
	}
	m.undo("noexpand", "widen four times again"+m.everywhere())
	m.undo("nodw", "put the depth-wise convolution back"+m.everywhere())
	switch {
	case kind == "expand" && own:
		m.change("mlp", "swap for an MLP")
		if m.both() {
			m.change("nomix", "remove the whole bottleneck")
			m.change("flip", "change places with attention")
		}
		m.undo("noattn", "put attention back")
	case kind == "shrink" && m.probe:
		m.say("There is no gate before it in the probe: it would see the whole map.")
	case kind == "shrink" && own:
		m.change("se", "add squeeze-and-excitation before it")
	case kind == "shrink":
		m.undo("nose", "put the gate back before it"+m.inStages())
	}
}

func (m *menu) gate(own bool) {
	if own {
		m.undo("se", "take the gate out")
		return
	}
	m.change("nose", "remove the gate"+m.inStages())
}

// inStages is added to an offer about the gate of one block, where more blocks before the racer's own have one.
func (m *menu) inStages() string {
	if m.recipe.stacked {
		return ", in all MBConv stages"
	}
	return ""
}

// stride offers to halve the map in the depth-wise convolution, in place of pooling, and says what stands in the way.
func (m *menu) stride(own bool) {
	from := len(m.edits)
	m.undo("pool", "stride in the depth-wise convolution instead")
	m.undo("nodw", "put the depth-wise convolution back, with the stride in it")
	m.undo("nomix", "put the bottleneck back, with the stride in its depth-wise convolution")
	m.change("mbconv", "a bottleneck for the MLP, with the stride in its depth-wise convolution")
	m.change("flip", "the bottleneck first, with the stride in its depth-wise convolution")
	m.only(from, func(r recipe) bool { return !r.pool })
	m.say(m.pooled(own))
}

// pooled says why the map is halved by pooling; "" where nothing but an edit asks for it.
func (m *menu) pooled(own bool) string {
	r := m.recipe
	switch {
	case own && r.attention && (r.mixer == "" || !r.first):
		return "This block begins with attention, which keeps the size of the map. There is no convolution to carry the stride, so pooling halves the map."
	case own && r.mixer == mixMLP:
		return "This block begins with an MLP, which sees every cell alone. There is no convolution to carry the stride, so pooling halves the map."
	case !r.spatial:
		return "The depth-wise convolution, which could carry the stride, has been taken out."
	case own && blocks(m.arm.Racer).pool:
		return fmt.Sprintf("%s pools in whatever order its parts stand. Of %s the depth-wise convolution carries the stride.", label(wire.Arm{Racer: m.arm.Racer}), label(wire.Arm{Racer: armMOAT}))
	case own && !r.first:
		return "This racer's order has attention first, and pooling with it. Attention has been taken out, the order stays."
	case m.spec.Text("downsample") == downPool:
		return m.knob("downsample", "asks for pooling in every racer; with its other choice the depth-wise convolution can carry the stride")
	}
	return ""
}

// undoMixer offers to undo the edit that has put the whole branch there.
func (m *menu) undoMixer(at place) {
	switch t := trunk(at.chain); {
	case t == mixMBConv && at.own:
		m.undo("mbconv", "swap for an MLP")
	case t == mixMLP:
		m.undo("mlp", "swap for an inverted bottleneck")
	}
}

// lora offers to take an update of low rank away, or says why a part has none where others have one.
func (m *menu) lora(p part) {
	if !m.recipe.adapts() {
		return
	}
	switch p.(type) {
	case *convLoRA:
		m.undoStart()
	case *depthwise, *attention, *excite:
		var no unadaptable
		if _, err := newConvLoRA(m.recipe.start, p, m.rank, nil); errors.As(err, &no) {
			m.say("No LoRA here: " + no.Why + ".")
		}
	}
}

func (m *menu) undoStart() {
	if m.recipe.start != "" {
		m.undo(m.recipe.start, "start from random values, all trained")
	}
}

// head is what may be done to the last layer.
func (o offers) head() []wire.Edit {
	m := &menu{offers: o}
	m.change(startHead, "pretrain, and train the head alone")
	m.change(startTuned, "pretrain, and train everything")
	m.undoStart()
	return m.edits
}

// trunkAttention is the trunk of a branch with attention.
const trunkAttention = "attention"

// trunk says what a branch is: one of the mixers, attention, or neither.
func trunk(chain []part) string {
	for _, p := range chain {
		switch p := bare(p).(type) {
		case *attention:
			return trunkAttention
		case *pointwise:
			if p.kind == "mlp" {
				return mixMLP
			}
			return mixMBConv
		}
	}
	return ""
}

// holds tells whether a part of a type is in a chain.
func holds[T part](chain []part) bool {
	return slices.ContainsFunc(chain, func(p part) bool { _, ok := p.(T); return ok })
}

// opposites are edits of which one takes the other back.
var opposites = map[string]string{"mbconv": "mlp", "mlp": "mbconv"}

// edited is a racer with one more edit; an edit that it has already is taken back, where that makes sense.
func edited(arm wire.Arm, edit string) (string, bool) {
	next := wire.Arm{Racer: arm.Racer}
	done := false
	for _, e := range arm.Edits {
		switch {
		case e == edit && edit == "flip", e == opposites[edit]:
			done = true // taking it back is the edit
		case slices.Contains(starts, edit) && slices.Contains(starts, e): // a racer starts in one way
		default:
			next.Edits = append(next.Edits, e)
		}
	}
	if !done {
		next.Edits = append(next.Edits, edit)
	}
	again, err := parseArm(next.String()) // brings the edits into their order
	if err != nil {
		return "", false
	}
	return again.String(), again.String() != arm.String()
}

// without is a racer without an edit that it has.
func without(arm wire.Arm, edit string) (string, bool) {
	at := slices.Index(arm.Edits, edit)
	if at < 0 {
		return "", false
	}
	return wire.Arm{Racer: arm.Racer, Edits: slices.Delete(slices.Clone(arm.Edits), at, at+1)}.String(), true
}
