//go:build !js

package moat

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// empty is true of racers of whose block nothing is left.
func empty(arm wire.Arm) bool {
	r := recipeOf(wire.Spec{}, arm)
	return !r.attention && r.mixer == ""
}

// Every edit of every racer builds, trains two steps with a finite loss and shows itself, or says what is wrong.
func TestEveryEditTrains(t *testing.T) {
	for _, base := range bases {
		for _, c := range changes {
			name := base + "~" + c.name
			arm, err := parseArm(name)
			if err != nil || arm.String() != name {
				t.Errorf("%s is called %s (%v)", name, arm, err)
				continue
			}
			tr := opened(t, name, "batch=2&train=200&steps=2&seeds=1&lr=0.002&width=8&task=same")
			tr.TrainStep()
			tr.TrainStep()
			for i, loss := range tr.loss {
				if !finite(float64(loss)) || loss <= 0 {
					t.Errorf("%s: loss %d is %v", name, i, loss)
				}
			}
			if real := counted(tr.net); real != tr.net.closed() || tr.broke != 0 {
				t.Errorf("%s: %d weights, %d by the closed form, broke %d", name, real, tr.net.closed(), tr.broke)
			}
			if tr.arm.String() != name || label(arm) == label(wire.Arm{Racer: base}) {
				t.Errorf("%s is labelled %q", name, label(arm))
			}
		}
	}
	// Two edits that leave nothing: an error with a remedy, in the worker and in the builder.
	spec := linked(t, "moat?arms=moat,moat~nomix~noattn&"+tiny)
	_, first := newTrial(shared, spec, wire.TrialID{Arm: 1}, options{})
	_, second := structure(spec, "moat~nomix~noattn")
	for _, err := range []error{first, second} {
		if err == nil || !strings.Contains(err.Error(), "nothing is left") || !strings.Contains(err.Error(), "keep attention") {
			t.Errorf("an empty block: %v", err)
		}
	}
}

// An edit does what it says to the recipe. Those that a racer has already change nothing in it.
func TestEditsChangeTheBlock(t *testing.T) {
	idle := map[string]bool{ // what a racer has, or lacks, in any case
		"vit mlp": true, "vit-window mlp": true, "stacked mlp": true, "attn-mbconv mbconv": true, "moat mbconv": true, "moat-nopos mbconv": true, "moat-window mbconv": true,
		"moat-nopos nopos": true, "vit pool": true, "vit-window pool": true, "attn-mbconv pool": true,
		"vit nodw": true, "vit noexpand": true, "vit-window nodw": true, "vit-window noexpand": true,
	}
	spec := linked(t, "moat")
	for _, base := range bases {
		before := recipeOf(spec, wire.Arm{Racer: base})
		for _, c := range changes {
			after := recipeOf(spec, wire.Arm{Racer: base, Edits: []string{c.name}})
			if same := before == after; same != idle[base+" "+c.name] {
				t.Errorf("%s~%s: the recipe stays as it is: %v", base, c.name, same)
			}
		}
	}
}

// In whatever order edits are named, a racer has one name; what cannot be is refused.
func TestNamesAreCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"moat~se~pool": "moat~pool~se", "vit~few~mbconv": "vit~mbconv~few", "moat~pool~se": "moat~pool~se", "moat": "moat",
	} {
		if arm, err := parseArm(name); err != nil || arm.String() != want {
			t.Errorf("%s is called %s (%v), want %s", name, arm, err, want)
		}
	}
	for _, name := range []string{"moot", "moat~no", "~se", ""} {
		if arm, err := parseArm(name); err == nil {
			t.Errorf("%q is taken for %s", name, arm)
		}
	}
}

// An edit that takes another back does so: twice reversed is as before, and an MLP and a bottleneck take each other's place.
func TestOppositeEdits(t *testing.T) {
	for _, c := range []struct{ from, edit, to string }{
		{"moat", "flip", "moat~flip"}, {"moat~flip", "flip", "moat"},
		{"vit", "mbconv", "vit~mbconv"}, {"vit~mbconv", "mlp", "vit"},
		{"moat", "mlp", "moat~mlp"}, {"moat~mlp", "mbconv", "moat"},
		{"moat~se~few", "mlp", "moat~mlp~se~few"}, {"moat~mlp~se~few", "mbconv", "moat~se~few"},
		{"moat~few", "pool", "moat~pool~few"},
	} {
		arm, err := parseArm(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got, changed := edited(arm, c.edit); got != c.to || !changed {
			t.Errorf("%s with %s is %s (changed: %v), want %s", c.from, c.edit, got, changed, c.to)
		}
	}
	if got, changed := edited(wire.Arm{Racer: armMOAT, Edits: []string{"se"}}, "se"); changed {
		t.Errorf("an edit that a racer has already leads to %s", got)
	}
}

// Every edit that the drawing of a racer offers leads to another racer, which can be drawn, and which differs from it in
// what is drawn. Also one click further, where edits meet edits.
func TestOffersLeadSomewhere(t *testing.T) {
	for _, knobs := range []string{"", "task=cue"} {
		for _, base := range bases {
			visit(t, knobs, base, 1, map[string]bool{})
		}
	}
}

func visit(t *testing.T, knobs, name string, depth int, seen map[string]bool) {
	spec := alone(t, armStacked, knobs) // only its knobs matter
	s, err := structure(spec, name)
	if err != nil {
		t.Errorf("%s, %q: %v", name, knobs, err)
		return
	}
	offered := map[string]bool{}
	for _, b := range s.Blocks {
		for i := range b.Branches {
			for _, p := range append(slices.Clone(b.Branches[i]), b.Skips[i]...) {
				for _, e := range p.Edits {
					if offered[e.Arm] { // every block of the racer offers it
						continue
					}
					offered[e.Arm] = true
					arm, err := parseArm(e.Arm)
					if err != nil || arm.String() != e.Arm || e.Arm == name || e.Label == "" {
						t.Errorf("%s, %q: %s of %s leads to %q (%v)", name, knobs, e.Label, p.Label, e.Arm, err)
						continue
					}
					if empty(arm) {
						t.Errorf("%s, %q: %s leads to %s, of which nothing is left", name, knobs, e.Label, e.Arm)
						continue
					}
					next, err := structure(spec, e.Arm)
					if err != nil {
						t.Errorf("%s, %q: %s: %v", name, knobs, e.Arm, err)
					} else if drawn(next) == drawn(s) {
						t.Errorf("%s, %q: %s (%s) changes nothing that is drawn", name, knobs, e.Arm, e.Label)
					}
					if depth > 0 && !seen[e.Arm] {
						seen[e.Arm] = true
						visit(t, knobs, e.Arm, depth-1, seen)
					}
				}
			}
		}
	}
	if depth > 0 && len(offered) < 3 {
		t.Errorf("%s, %q: only %d edits are offered", name, knobs, len(offered))
	}
}

// drawn is what there is to see of a structure.
func drawn(s wire.Structure) string {
	var b strings.Builder
	for _, x := range s.Blocks {
		b.WriteString("\n" + x.Name + ":")
		for i := range x.Branches {
			b.WriteString(" |")
			for _, p := range append(slices.Clone(x.Branches[i]), x.Skips[i]...) {
				b.WriteString(" " + p.Label)
			}
		}
	}
	return b.String()
}

// What leaves a part enters the next one, branches and shortcuts end in one shape, and sums are sums.
func TestStructuresChain(t *testing.T) {
	arms := append([]string{"moat~se", "vit~flip", "moat~noattn", "moat~nodw", "stacked~mbconv", "attn-mbconv~flip", "moat~mlp", "moat~nomix"}, bases...)
	for _, knobs := range []string{"", "task=cue&position=learned", "width=24&depth=3&position=learned&downsample=pool"} {
		for _, name := range arms {
			n := built(t, name, knobs)
			s, err := structure(alone(t, name, knobs), name)
			if err != nil {
				t.Fatal(err)
			}
			if s.Arm != name || s.Label == "" {
				t.Errorf("%s, %q: drawn as %s, %q", name, knobs, s.Arm, s.Label)
			}
			params, flop := 0, int64(0)
			for k, b := range s.Blocks {
				if k == 0 && b.In != [3]int{32, 32, 1} || k > 0 && b.In != s.Blocks[k-1].Out {
					t.Errorf("%s, %q: %v enters %s", name, knobs, b.In, b.Name)
				}
				if len(b.Branches) != len(b.Skips) || len(b.Branches) != len(b.Plain) || len(b.Branches) == 0 {
					t.Fatalf("%s, %q: %s has %d branches, %d shortcuts", name, knobs, b.Name, len(b.Branches), len(b.Skips))
				}
				at := b.In
				blockParams, blockFLOP := 0, int64(0)
				for i, branch := range b.Branches {
					if len(branch) == 0 {
						t.Fatalf("%s, %q: %s has an empty branch", name, knobs, b.Name)
					}
					shape := branch[len(branch)-1].Out
					end := at
					if len(b.Skips[i]) > 0 {
						end = b.Skips[i][len(b.Skips[i])-1].Out
					}
					if !b.Plain[i] && end != shape {
						t.Errorf("%s, %q: branch %d of %s ends in %v, its shortcut in %v", name, knobs, i, b.Name, shape, end)
					}
					for _, p := range append(slices.Clone(branch), b.Skips[i]...) {
						blockParams, blockFLOP = blockParams+p.Params, blockFLOP+p.FLOP
						if p.Kind == "" || p.Label == "" || p.Help == "" {
							t.Errorf("%s, %q: a part of %s has kind %q, label %q, help %q", name, knobs, b.Name, p.Kind, p.Label, p.Help)
						}
					}
					at = shape
				}
				if b.Out != at || blockParams != b.Params || blockFLOP != b.FLOP {
					t.Errorf("%s, %q: %s ends in %v, says %v; %d of %d weights", name, knobs, b.Name, at, b.Out, blockParams, b.Params)
				}
				params, flop = params+b.Params, flop+b.FLOP
				if k < len(n.blocks) && (n.blocks[k].name != b.Name || counted(n.blocks[k]) != b.Params) {
					t.Errorf("%s, %q: %s is drawn with %d weights", name, knobs, b.Name, b.Params)
				}
			}
			if params != s.Params || flop != s.FLOP || len(s.Blocks) != len(n.blocks)+1 {
				t.Errorf("%s, %q: %d of %d weights, %d of %d operations, %d blocks", name, knobs, params, s.Params, flop, s.FLOP, len(s.Blocks))
			}
			if out := s.Blocks[len(s.Blocks)-1].Out; out != [3]int{1, 1, n.classes} {
				t.Errorf("%s, %q: ends in %v", name, knobs, out)
			}
		}
	}
}

// What all racers share is the same with every edit, but for those that name it: the gate, and layer norm everywhere.
func TestFirstStageIsShared(t *testing.T) {
	spec := linked(t, "moat")
	want, err := structure(spec, armMOAT)
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range bases {
		for _, c := range changes {
			if c.name == "nose" || c.name == "ln" || slices.Contains(starts, c.name) || base == armStacked && empty(wire.Arm{Racer: base, Edits: []string{c.name}}) {
				continue
			}
			got, err := structure(spec, base+"~"+c.name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				if a, b := got.Blocks[i], want.Blocks[i]; a.Params != b.Params || a.FLOP != b.FLOP || a.Name != b.Name || a.Kind != b.Kind {
					t.Errorf("%s~%s: %s has %d weights and %d operations, that of MOAT %d and %d", base, c.name, a.Name, a.Params, a.FLOP, b.Params, b.FLOP)
				}
			}
		}
	}
}

// Where a bottleneck opens a stage it halves the map by the stride of its windows, in CoAtNet's way of stacking too; with
// the edit or the knob it averages.
func TestStackedStrides(t *testing.T) {
	for _, c := range []struct {
		arm, knobs string
		stride     int
		pools      int
	}{{armStacked, "", 2, 0}, {"stacked~pool", "", 1, 1}, {armStacked, "downsample=pool", 1, 1}, {armMOAT, "", 2, 0}, {armAttnMBConv, "", 1, 0}} {
		n := built(t, c.arm, c.knobs)
		for _, b := range n.blocks {
			if b.name != blockName(2, 0) {
				continue
			}
			for _, p := range b.branches[len(b.branches)-1].main {
				if d, ok := p.(*depthwise); ok && d.Stride != c.stride {
					t.Errorf("%s, %s: the windows go in steps of %d, want %d", c.arm, c.knobs, d.Stride, c.stride)
				}
			}
			pools := 0
			for _, p := range b.branches[0].main {
				if _, ok := p.(pool); ok {
					pools++
				}
			}
			if c.arm != armAttnMBConv && pools != c.pools {
				t.Errorf("%s, %s: %d poolings, want %d", c.arm, c.knobs, pools, c.pools)
			}
		}
	}
}
