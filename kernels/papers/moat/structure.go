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
	offers{spec, arm, c}.offer(&s, n)
	s.Note = strings.TrimSpace(budget(spec, arm, s) + " " + startNote(spec, arm))
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
	if len(arm.Edits) > 0 && recipeOf(spec, arm) == recipeOf(spec, wire.Arm{Racer: arm.Racer}) {
		notes = append(notes, fmt.Sprintf("%s is the same net as %s under these knobs: it has nothing that the edit could change.", label(arm), label(wire.Arm{Racer: arm.Racer})))
	}
	if like := sameNet(spec, arm); like != "" {
		notes = append(notes, fmt.Sprintf("%s and %s are the same net under these knobs.", label(arm), like))
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
	if c, err := configOf(spec, wire.Arm{Racer: armMOAT}); err == nil && len(notes) == 0 && twins.Racer == armMOATWindow && racesWithoutWindows(spec) {
		if p, f := excess(s, newNet(nil, c).structure()); unequal(p, f) {
			notes = append(notes, fmt.Sprintf("Windows save work: %s has %s weights and %s operations compared with %s, which looks at the whole map. Compare it with racers in windows for equal cost.", label(arm), signed(p), signed(f), label(wire.Arm{Racer: armMOAT})))
		}
	}
	return strings.Join(append(notes, clamped(spec, arm)...), " ")
}

// sameNet is the label of a racer before this one in a race that is the same net and learns the same; "" where there is none.
func sameNet(spec wire.Spec, arm wire.Arm) string {
	own, err := configOf(spec, arm)
	if err != nil {
		return ""
	}
	for _, name := range spec.Arms() {
		if name == arm.String() {
			break
		}
		other, err := parseArm(name)
		if err != nil {
			continue
		}
		c, err := configOf(spec, other)
		if err == nil && c.seen() == own.seen() {
			return label(other)
		}
	}
	return ""
}

// seen is the size of a net without what makes no difference in it: windows as large as the map.
func (c config) seen() config {
	whole := c
	whole.recipe.window = false
	if c.recipe.window && (c.probe && (c.window == 0 || c.window >= data.Side/2) || !c.probe && c.sides() == whole.sides()) {
		c.recipe.window = false
	}
	if !c.recipe.window {
		c.window = 0
	}
	return c
}

// startNote says of a racer, or several, that more has been done for it than its cost tells; "" where none starts from a base.
func startNote(spec wire.Spec, arms ...wire.Arm) string {
	var names []string
	for _, arm := range arms {
		if recipeOf(spec, arm).start != "" {
			names = append(names, label(arm))
		}
	}
	done := fmt.Sprintf("trained on %d drawn glyphs for %s", len(data.WorldM.Classes()), many(spec.Int("steps"), "step"))
	switch len(names) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s starts from its own net, %s, which are not counted.", names[0], done)
	}
	return fmt.Sprintf("%d racers start from a net of their own blocks, %s, which are not counted: %s.", len(names), done, strings.Join(names, "; "))
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
		r := recipeOf(spec, arm)
		return err == nil && r.attention && !r.window
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
	if words.Number(100*math.Abs(x), 0) == "0" {
		return "as many"
	}
	if x < 0 {
		return words.Number(-100*x, 0) + " % fewer"
	}
	return words.Number(100*x, 0) + " % more"
}
