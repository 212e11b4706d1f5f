//go:build !js

package moat

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
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
			r := tr.Result()
			for i, loss := range r.Loss {
				if !lab.IsFinite(float64(loss)) || loss <= 0 {
					t.Errorf("%s: loss %d is %v", name, i, loss)
				}
			}
			if real := counted(tr.net); real != tr.net.closed() || r.Diverged != 0 {
				t.Errorf("%s: %d weights, %d by the closed form, broke %d", name, real, tr.net.closed(), r.Diverged)
			}
			if tr.arm.String() != name || label(arm) == label(wire.Arm{Racer: base}) {
				t.Errorf("%s is labelled %q", name, label(arm))
			}
		}
	}
	// Two edits that leave nothing are no racer: the link is refused, with one that would do.
	if _, err := parseArm("moat~nomix~noattn~se"); err == nil || !strings.Contains(err.Error(), "nomix and noattn cannot be in one racer") || !strings.Contains(err.Error(), "moat~nomix~se") {
		t.Errorf("an empty block: %v", err)
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
				if p.Edits == nil && p.Why == "" {
					t.Errorf("%s, %q: nothing can be done to %s of %s, and no reason is given", name, knobs, p.Label, b.Name)
				}
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

// menuOf finds the first part of a kind in a block, its label beginning as asked, and writes what it offers as
// "label: racer", and why not more.
func menuOf(t *testing.T, arm, knobs, block, kind, begins string) (offered []string, why string) {
	t.Helper()
	s, err := structure(linked(t, "moat?"+knobs), arm)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range s.Blocks {
		if b.Name != block {
			continue
		}
		for i := range b.Branches {
			for _, p := range append(slices.Clone(b.Branches[i]), b.Skips[i]...) {
				if p.Kind == kind && strings.HasPrefix(p.Label, begins) {
					for _, e := range p.Edits {
						offered = append(offered, e.Label+": "+e.Arm)
					}
					return offered, p.Why
				}
			}
		}
	}
	t.Fatalf("%s, %q: %s has no %s %q", arm, knobs, block, kind, begins)
	return nil, ""
}

// What a part offers, and why not more: each part has the way back from the edit that put it there.
func TestOffersOfParts(t *testing.T) {
	const second, third, gated = "stage2.block1", "stage3.block1", "stage1.block1"
	for _, c := range []struct {
		arm, knobs, block, kind, begins string
		offers                          []string // all of them
		why                             string   // a part of the reason; "" for none
	}{
		// Pooling: the stride goes back to the depth-wise convolution where one can carry it.
		{"moat~pool", "", second, "pool", "", []string{"stride in the depth-wise convolution instead: moat"}, ""},
		{"moat~pool~se", "", third, "pool", "", []string{"stride in the depth-wise convolution instead: moat~se"}, ""},
		{"moat~pool", "", second, "depthwise", "", []string{"remove the depth-wise convolution: moat~pool~nodw", "stride in the depth-wise convolution instead: moat"}, ""},
		{"moat", "", second, "depthwise", "", []string{"remove the depth-wise convolution: moat~nodw", "average pooling for its stride: moat~pool"}, ""},
		{"moat", "", "stage2.block2", "depthwise", "", []string{"remove the depth-wise convolution: moat~nodw"}, ""}, // it has no stride
		{"moat", "downsample=pool", second, "pool", "", nil, "The knob Down-sampling asks for pooling"},
		{"moat~pool", "downsample=pool", second, "pool", "", nil, "The knob Down-sampling asks for pooling"},
		{"vit", "", second, "pool", "", nil, "begins with attention"},
		{"attn-mbconv", "", second, "pool", "", nil, "begins with attention"},
		{"attn-mbconv~flip", "", second, "pool", "", nil, "attn + MBConv pools in whatever order"},
		{"moat~flip", "", second, "pool", "", []string{"the bottleneck first, with the stride in its depth-wise convolution: moat"}, "begins with attention"},
		{"moat~nomix", "", second, "pool", "", []string{"put the bottleneck back, with the stride in its depth-wise convolution: moat"}, "begins with attention"},
		{"moat~mlp", "", second, "pool", "", []string{"a bottleneck for the MLP, with the stride in its depth-wise convolution: moat"}, "begins with an MLP"},
		{"vit~noattn", "", second, "pool", "", nil, "begins with an MLP"},
		{"moat~nodw", "", second, "pool", "", []string{"put the depth-wise convolution back, with the stride in it: moat"}, "has been taken out"},
		{"moat~noattn~flip", "", second, "pool", "", []string{"the bottleneck first, with the stride in its depth-wise convolution: moat~noattn"}, "the order stays"},
		{"stacked~pool", "", second, "pool", "", []string{"stride in the depth-wise convolution instead: stacked"}, ""},
		{"stacked", "downsample=pool", second, "pool", "", nil, "The knob Down-sampling asks for pooling"},
		{"stacked~nodw", "", second, "pool", "", []string{"put the depth-wise convolution back, with the stride in it: stacked"}, "has been taken out"},
		{"vit", "", "head", "pool", "", nil, "the linear layer reads one vector"},
		// Gates: that of the racer's own blocks, and those of the MBConv stages.
		{"moat~se", "", second, "se", "", []string{"take the gate out: moat"}, ""},
		{"moat~se", "", gated, "se", "", []string{"remove the gate: moat~se~nose"}, ""},
		{"stacked", "", second, "se", "", []string{"remove the gate, in all MBConv stages: stacked~nose"}, ""},
		{"moat~nose", "", gated, "shrink", "", []string{"put the gate back before it: moat"}, "the same for all racers"},
		{"moat", "", gated, "expand", "", nil, "the same for all racers"},
		{"stacked", "", second, "expand", "", []string{"no expansion, in every bottleneck: stacked~noexpand"}, ""},
		{"moat", "task=cue", "stage2.block1", "shrink", "", []string{"no expansion: moat~noexpand"}, "no gate before it in the probe"},
		// The bottleneck's width.
		{"moat", "", second, "shrink", "", []string{"no expansion: moat~noexpand", "add squeeze-and-excitation before it: moat~se"}, ""},
		{"moat~noexpand", "", second, "shrink", "", []string{"widen four times again: moat", "add squeeze-and-excitation before it: moat~noexpand~se"}, ""},
		{"moat~noexpand", "", second, "expand", "", []string{"widen four times again: moat", "swap for an MLP: moat~mlp~noexpand", "remove the whole bottleneck: moat~nomix~noexpand", "change places with attention: moat~flip~noexpand"}, ""},
		// Norms: batch norm gives way to layer norm; only the norm before attention can go.
		{"moat", "", second, "norm", "batch norm", []string{"layer norm instead, everywhere: moat~ln"}, ""},
		{"moat", "", "stem", "norm", "batch norm", []string{"layer norm instead, everywhere: moat~ln"}, ""},
		{"moat", "", second, "norm", "layer norm", []string{"no norm before attention: moat~nonorm"}, ""},
		{"moat~ln", "", second, "norm", "layer norm", []string{"batch norm again, everywhere: moat"}, ""},
		{"moat~nomix~ln", "", second, "norm", "layer norm", []string{"no norm before attention: moat~nomix~nonorm~ln"}, ""},
		{"vit~noattn", "", second, "norm", "layer norm", nil, "could be left out"},
		{"moat", "", "head", "norm", "", nil, "could be left out"},
		// What a removed part leaves is put back from what stood beside it.
		{"moat~nonorm~nopos", "", second, "attention", "", []string{"put the position table back: moat~nonorm", "put the norm before attention back: moat~nopos", "remove attention: moat~noattn~nopos~nonorm", "change places with its partner: moat~flip~nopos~nonorm"}, ""},
		{"vit~nomix", "", second, "attention", "", []string{"remove the position table: vit~nomix~nopos", "put its partner back: vit"}, ""},
		{"vit~noattn", "", second, "mlp", "", []string{"swap for an inverted bottleneck: vit~mbconv~noattn", "put attention back: vit"}, ""},
		{"vit~mbconv", "", second, "shrink", "", []string{"no expansion: vit~mbconv~noexpand", "add squeeze-and-excitation before it: vit~mbconv~se", "swap for an MLP: vit"}, ""},
		{"moat~mlp", "", second, "act", "", []string{"swap for an inverted bottleneck: moat"}, "would be one matrix"},
		{"vit", "", second, "act", "", nil, "would be one matrix"},
		{"moat", "position=none", second, "attention", "", []string{"remove attention: moat~noattn", "change places with its partner: moat~flip"}, "The knob Positions takes the position table out"},
		{"moat", "position=learned", gated, "position", "", nil, "The knob Positions puts it there"},
		// Shortcuts have to fit.
		{"moat", "", second, "shortcut", "", nil, "the two could not be added"},
		// Updates of low rank: what has none says why, in the words of the error.
		{"moat~loraview", "", second, "depthwise", "", []string{"remove the depth-wise convolution: moat~nodw~loraview", "average pooling for its stride: moat~pool~loraview"}, "No LoRA here: it has 128 groups, one for each channel; adapt a dense convolution"},
		{"stacked~loraconv", "", gated, "depthwise", "", nil, "it has 64 groups"},
		{"moat~loraview", "", third, "attention", "", []string{"remove the position table: moat~nopos~loraview", "remove attention: moat~noattn~loraview", "change places with its partner: moat~flip~loraview"}, "it is no convolution"},
		{"moat~loraview", "", "stem", "conv", "", []string{"pretrain, freeze, and add LoRA down and up, everywhere: moat~loraconv", "start from random values, all trained: moat"}, ""},
		{"moat~tuned", "", "head", "linear", "", []string{"pretrain, and train the head alone: moat~head", "start from random values, all trained: moat"}, ""},
	} {
		offers, why := menuOf(t, c.arm, c.knobs, c.block, c.kind, c.begins)
		if !slices.Equal(offers, c.offers) {
			t.Errorf("%s, %q: %s of %s offers\n%q, want\n%q", c.arm, c.knobs, c.kind, c.block, offers, c.offers)
		}
		if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s, %q: %s of %s says %q, want %q", c.arm, c.knobs, c.kind, c.block, why, c.why)
		}
	}
}

// The edit that takes the gates out of the stages before a racer's own blocks takes out all of them, and no other.
func TestEditOfGates(t *testing.T) {
	gates := func(arm string) (at []string) {
		s, err := structure(linked(t, "moat"), arm)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range s.Blocks {
			for _, p := range slices.Concat(b.Branches...) {
				if p.Kind == "se" {
					at = append(at, b.Name)
				}
			}
		}
		return at
	}
	for arm, want := range map[string]int{"moat": 1, "moat~nose": 0, "vit~nose": 0, "stacked": 5, "stacked~nose": 0, "moat~se": 5, "moat~se~nose": 4} {
		if got := gates(arm); len(got) != want {
			t.Errorf("%s has gates in %v, want %d", arm, got, want)
		}
	}
	if l := label(wire.Arm{Racer: armStacked, Edits: []string{"nose"}}); l != "stacked, no gate in MBConv stages" {
		t.Errorf("without gates it is called %q", l)
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
	arms := append([]string{"moat~pool", "moat~nose~ln", "moat~nomix~nopos", "attn-mbconv~noattn", "moat~se", "vit~flip", "moat~noattn", "moat~nodw", "stacked~mbconv", "attn-mbconv~flip", "moat~mlp", "moat~nomix"}, bases...)
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
						if counts := p.Kind != "norm" && p.Kind != "act" && p.Kind != "pool" && p.Kind != "position"; (p.FLOP > 0) != counts {
							t.Errorf("%s, %q: %s of %s counts %d operations", name, knobs, p.Label, b.Name, p.FLOP)
						}
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
			if c.name == "nose" || c.name == "ln" || slices.Contains(starts, c.name) {
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
			windows := 0
			for _, br := range b.branches {
				for _, p := range br.main {
					if d, ok := p.(*depthwise); ok {
						windows++
						if d.Stride != c.stride {
							t.Errorf("%s, %s: the windows go in steps of %d, want %d", c.arm, c.knobs, d.Stride, c.stride)
						}
					}
				}
			}
			if windows != 1 {
				t.Errorf("%s, %s: %d depth-wise convolutions in a block", c.arm, c.knobs, windows)
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
