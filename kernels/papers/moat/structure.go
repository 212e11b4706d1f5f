package moat

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// structure is what a racer is built of, read off its net, with what may be changed in each part.
func structure(spec wire.Spec, name string) (wire.Structure, error) {
	arm, err := parseArm(name)
	if err != nil {
		return wire.Structure{}, err
	}
	c, err := configOf(spec, arm)
	if err != nil {
		return wire.Structure{}, err
	}
	n := newNet(nil, c)
	if err := n.begin(nil); err != nil {
		return wire.Structure{}, err
	}
	s := n.structure()
	s.Arm, s.Label = arm.String(), label(arm)
	for i := range s.Blocks {
		attend(&s.Blocks[i], arm, c)
	}
	s.Note = budget(spec, arm, s)
	return s, nil
}

// structure is the drawing of the net.
func (n *net) structure() wire.Structure {
	var s wire.Structure
	for _, b := range n.blocks {
		s.Blocks = append(s.Blocks, b.structure())
	}
	s.Blocks = append(s.Blocks, n.headStructure())
	for _, b := range s.Blocks {
		s.Params, s.FLOP = s.Params+b.Params, s.FLOP+b.FLOP
	}
	return s
}

// headWords are added to the head's label: what is new to a net that has learned another world.
var headWords = map[string]string{startHead: ", all that is trained", loraView: ", new", loraConv: ", new", startTuned: ", new; all is trained"}

// headStructure is the drawing of what reads the last map out.
func (n *net) headStructure() wire.StructureBlock {
	d := n.last[2]
	mean := wire.Part{Kind: "pool", Label: "mean over the map", Out: [3]int{1, 1, d}, Help: "All cells become one vector, their mean."}
	if n.read > 0 {
		mean.Label = fmt.Sprintf("mean over %d×%d cells", n.read, n.read)
		mean.Help = "Only the window at the top left answers. What lies elsewhere counts only if the blocks have carried it there."
	}
	parts := []wire.Part{mean,
		{Kind: "norm", Label: "layer norm", Out: mean.Out, Params: counted(n.norm), Help: "The vector is brought to mean 0 and variance 1."},
		{Kind: "linear", Label: fmt.Sprintf("linear, %d to %d", d, n.classes) + headWords[n.recipe.start], Out: [3]int{1, 1, n.classes}, Params: counted(n.head), FLOP: flop(d, n.classes), Help: "A score for each class."}}
	b := wire.StructureBlock{Name: "head", Kind: "head", In: n.last, Out: parts[2].Out, Branches: [][]wire.Part{parts}, Skips: [][]wire.Part{nil}, Plain: []bool{true}}
	for _, p := range parts {
		b.Params, b.FLOP = b.Params+p.Params, b.FLOP+p.FLOP
	}
	return b
}

// label names a racer for people.
func label(arm wire.Arm) string {
	knob, _ := description().Knob("arms")
	return knob.Arms.Label(arm)
}

// attend adds to the parts of a block what a visitor may do to them. Only the racer's own blocks can be changed, and the
// gate of the first stage.
func attend(b *wire.StructureBlock, arm wire.Arm, c config) {
	own := b.Kind != "stem" && b.Kind != "patches" && b.Kind != "position" && b.Kind != "head" && b.Name != blockName(1, 0)
	if c.recipe.stacked {
		own = own && b.Kind != "MBConv"
	}
	for i := range b.Branches {
		for _, chain := range [2][]wire.Part{b.Branches[i], b.Skips[i]} {
			for j := range chain {
				for _, o := range offers(chain[j].Kind, b, c, own) {
					if next, ok := edited(arm, o.name); ok {
						chain[j].Edits = append(chain[j].Edits, wire.Edit{Label: o.label, Arm: next})
					}
				}
			}
		}
	}
}

// offer is an edit in the words of a part's menu.
type offer struct{ name, label string }

// offers are the edits of a part of a kind, in a block that is the racer's own or not.
func offers(kind string, b *wire.StructureBlock, c config, own bool) []offer {
	r := c.recipe
	if !own {
		if kind == "se" {
			return []offer{{"nose", "remove the gate"}}
		}
		if kind == "conv" {
			return []offer{{loraView, "pretrain, freeze, and add LoRA as a view, everywhere"}, {loraConv, "pretrain, freeze, and add LoRA down and up, everywhere"}}
		}
		if kind == "linear" {
			return []offer{{startHead, "pretrain, and train the head alone"}, {startTuned, "pretrain, and train everything"}}
		}
		if kind == "norm" && b.Name == blockName(1, 0) && !r.layer {
			return []offer{{"ln", "layer norm instead, everywhere"}}
		}
		return nil
	}
	both := r.attention && r.mixer != ""
	var out []offer
	add := func(when bool, name, label string) {
		if when {
			out = append(out, offer{name, label})
		}
	}
	switch kind {
	case "attention":
		add(r.table, "nopos", "remove the position table")
		add(both, "noattn", "remove attention")
		add(both, "flip", "change places with its partner")
	case "mlp":
		add(true, "mbconv", "swap for an inverted bottleneck")
		add(both, "nomix", "remove the MLP")
		add(both, "flip", "change places with attention")
	case "expand":
		add(r.expand, "noexpand", "no expansion")
		add(true, "mlp", "swap for an MLP")
		add(both, "nomix", "remove the whole bottleneck")
		add(both, "flip", "change places with attention")
	case "shrink":
		add(!r.se && !c.probe, "se", "add squeeze-and-excitation before it")
	case "depthwise":
		add(true, "nodw", "remove the depth-wise convolution")
		add(!r.pool && r.first && !c.probe, "pool", "average pooling for its stride")
	case "norm":
		add(r.norm && r.attention, "nonorm", "no norm before attention")
		batch := !c.probe || r.stacked || r.mixer == mixMBConv // a probe of Transformer blocks has no batch norm
		add(!r.layer && batch, "ln", "layer norm instead, everywhere")
	}
	return out
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

// Limits of what counts as equal cost.
const (
	twinParams = 0.05
	twinFLOP   = 0.15
)

// budget says by how much a racer leaves the budget of MOAT under the same knobs and with the same windows; "" while it
// keeps to it. Also where the knobs asked for windows that do not fit.
func budget(spec wire.Spec, arm wire.Arm, s wire.Structure) string {
	var notes []string
	twins := wire.Arm{Racer: armMOAT}
	if recipeOf(spec, arm).window {
		twins.Racer = armMOATWindow
	}
	start := recipeOf(spec, arm).start
	if len(arm.Edits) > 0 && recipeOf(spec, arm) == recipeOf(spec, wire.Arm{Racer: arm.Racer}) {
		notes = append(notes, fmt.Sprintf("%s is the same net as %s under these knobs: it has nothing that the edit could change.", label(arm), label(wire.Arm{Racer: arm.Racer})))
	}
	if own, err := configOf(spec, arm); err == nil && own.recipe.adapts() {
		own.recipe.start = "" // updates are added to the weights before use
		s = newNet(nil, own).structure()
	}
	if c, err := configOf(spec, twins); err == nil {
		if p, f := excess(s, newNet(nil, c).structure()); unequal(p, f) {
			notes = append(notes, fmt.Sprintf("Not of equal cost: %s has %s weights and %s operations compared with %s.", label(arm), signed(p), signed(f), label(twins)))
		}
	}
	if c, err := configOf(spec, wire.Arm{Racer: armMOAT}); err == nil && twins.Racer == armMOATWindow && racesWithoutWindows(spec) {
		if p, f := excess(s, newNet(nil, c).structure()); unequal(p, f) {
			notes = append(notes, fmt.Sprintf("Windows save work: %s has %s weights and %s operations compared with %s, which looks at the whole map. Compare it with racers in windows for equal cost.", label(arm), signed(p), signed(f), label(wire.Arm{Racer: armMOAT})))
		}
	}
	if start != "" {
		notes = append(notes, fmt.Sprintf("%s starts from its own net, trained on %d drawn glyphs for %s, which are not counted.", label(arm), len(data.WorldM.Classes()), many(spec.Int("steps"), "step")))
	}
	return strings.Join(append(notes, clamped(spec, arm)...), " ")
}

// excess is by which shares one net has more weights and operations than another.
func excess(s, twin wire.Structure) (params, flop float64) {
	return float64(s.Params)/float64(twin.Params) - 1, float64(s.FLOP)/float64(twin.FLOP) - 1
}

// unequal tells whether shares leave the limits of equal cost.
func unequal(params, flop float64) bool {
	return math.Abs(params) > twinParams || math.Abs(flop) > twinFLOP
}

// racesWithoutWindows tells whether a run has a racer whose attention sees the whole map.
func racesWithoutWindows(spec wire.Spec) bool {
	return slices.ContainsFunc(spec.Arms(), func(name string) bool {
		arm, err := parseArm(name)
		return err == nil && !recipeOf(spec, arm).window
	})
}

// clamped says where the windows asked for do not fit the maps.
func clamped(spec wire.Spec, arm wire.Arm) []string {
	c, err := configOf(spec, arm)
	if err != nil || !c.recipe.window || c.probe {
		return nil
	}
	sides := c.sides()
	switch {
	case c.window == 0 || c.window >= midSide:
		return []string{fmt.Sprintf("The maps are %d × %d and %d × %d cells, so these windows are the whole map.", midSide, midSide, lastSide, lastSide)}
	case c.window/2 < sides[1]:
		return []string{fmt.Sprintf("The second stage keeps windows of %d × %d cells: half of %d would be a cell alone.", sides[1], sides[1], c.window)}
	}
	return nil
}

// signed writes a difference as "12 % more".
func signed(x float64) string {
	if x < 0 {
		return words.Number(-100*x, 0) + " % fewer"
	}
	return words.Number(100*x, 0) + " % more"
}
