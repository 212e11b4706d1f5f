//go:build !js

package moat

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/tape"
)

// forward is what one image costs, by the ledger of a tape that has seen it.
func forward(n *net) int64 {
	on := tape.New()
	on.Infer = true
	in := n.blocks[0].in
	n.Forward(n.Input(on, make([]float32, in[0]*in[1]*in[2])))
	return on.Ledger.ForwardFLOP
}

// Three ways to count agree, for every racer under knobs that change its size: the tensors of the net that was built, the
// closed form, and the drawing; of operations the ledger of a real image and the drawing.
func TestCountsAgree(t *testing.T) {
	for _, knobs := range []string{"", "task=cue", "task=digits&width=24&depth=3&kernel=5&window=2", "depth=1&width=8&position=learned&kernel=1", "window=global&position=none&downsample=pool",
		"task=cue&depth=3&window=8&position=learned", "task=same&window=8"} {
		for _, arm := range append([]string{"moat~noattn", "vit~mbconv", "moat~nodw~noexpand", "stacked~se", "moat~se~nose~ln", "attn-mbconv~nopos~nonorm", "vit~flip", "stacked~mbconv", "moat~nomix", "moat-window~mlp"}, bases...) {
			n := built(t, arm, knobs)
			s, err := structure(alone(t, arm, knobs), arm)
			if err != nil {
				t.Fatal(err)
			}
			if real := counted(n); real != n.closed() || real != s.Params {
				t.Errorf("%s, %q: %d weights, %d by the closed form, %d in the drawing", arm, knobs, real, n.closed(), s.Params)
			}
			if real := forward(n); real != s.FLOP {
				t.Errorf("%s, %q: %d operations, %d in the drawing", arm, knobs, real, s.FLOP)
			}
		}
	}
}

// The twins of the race cost the same: weights within 5 %, operations within 15 % of MOAT's at the default knobs. What is
// counted are the tensors and the ledger. One leaves the budget, where a table over 256 cells is an eighth of a small net,
// and says so.
func TestTwinsAreOfEqualCost(t *testing.T) {
	for _, task := range tasks {
		twin := built(t, armMOAT, "task="+task)
		inWindows := built(t, armMOATWindow, "task="+task)
		for _, arm := range bases {
			n := built(t, arm, "task="+task)
			against := twin
			if n.recipe.window {
				against = inWindows
			}
			p := float64(counted(n))/float64(counted(against)) - 1
			f := float64(forward(n))/float64(forward(against)) - 1
			bare := task == taskCue && arm == armNoPos
			if (math.Abs(p) > 0.05 || math.Abs(f) > 0.15) != bare {
				t.Errorf("%s, %s: %+.1f %% weights, %+.1f %% operations", task, arm, 100*p, 100*f)
			}
			if s, err := structure(alone(t, arm, "task="+task), arm); err != nil || strings.Contains(s.Note, "Not of equal cost") != bare {
				t.Errorf("%s, %s: %q (%v)", task, arm, s.Note, err)
			}
		}
	}
	// Windows on the large map of the probe save work: whoever races them against a whole map is told how much, and
	// whoever races windows only is not.
	for _, c := range []struct {
		link string
		told bool
	}{{"moat?arms=moat-window,moat&task=cue", true}, {"moat?arms=moat-window,vit-window&task=cue", false}, {"moat?arms=moat-window,moat", false}} {
		s, err := structure(linked(t, c.link), armMOATWindow)
		if err != nil || strings.Contains(s.Note, "Windows save work") != c.told || c.told && !strings.Contains(s.Note, "% fewer operations") {
			t.Errorf("%s: %q (%v)", c.link, s.Note, err)
		}
	}
	if twinParams != 0.05 || twinFLOP != 0.15 {
		t.Error("the program's limits are not those that this test knows")
	}
	// An unequal racer is told of, with a number.
	if s, err := structure(alone(t, "moat~noexpand", ""), "moat~noexpand"); err != nil || !strings.Contains(s.Note, "equal cost") || !strings.Contains(s.Note, "% fewer weights") {
		t.Errorf("a bottleneck without expansion is of equal cost: %q (%v)", s.Note, err)
	}
}

// The numbers of weights at the default knobs, pinned.
func TestGoldenCounts(t *testing.T) {
	for arm, want := range map[string][2]int{ // on textures, and in the probe
		armViT: {135042, 32728}, armAttnMBConv: {137530, 32680}, armMOAT: {134970, 32680}, armStacked: {134526, 32800},
		armNoPos: {133678, 28836}, armMOATWindow: {133946, 29032}, armViTWindow: {134018, 29080},
	} {
		if got := [2]int{counted(built(t, arm, "")), counted(built(t, arm, "task=cue"))}; got != want {
			t.Errorf("%s has %v weights, want %v", arm, got, want)
		}
	}
}

// The weights in kernels and matrices alone of a MOAT that reads three channels: 129 thousand, as the design counted
// them by hand. Here once more, block by block.
func TestNanoMOATHas129ThousandWeightsInKernels(t *testing.T) {
	n := built(t, armMOAT, "")
	c := n.config
	c.channels = 3
	matrices := func(m *net) int {
		sum := 0
		m.Params(func(p *tape.Param) {
			if strings.HasSuffix(p.Name, "/w") {
				sum += p.Len()
			}
		})
		return sum
	}
	mbconv := func(in, out int) int {
		short := 0
		if in != out {
			short = in * out
		}
		return in*4*out + 9*4*out + 4*out*out + short
	}
	moat := func(in, out int) int { return mbconv(in, out) + 4*out*out }
	const stem, gate, head = 9*3*16 + 9*16*16, 2 * 64 * 4, 64 * 10
	want := stem + mbconv(16, 16) + gate + moat(16, 32) + moat(32, 32) + moat(32, 64) + moat(64, 64) + head
	if got := matrices(newNet(nil, c)); got != want || (got+500)/1000 != 129 {
		t.Errorf("%d weights in kernels and matrices, by hand %d", got, want)
	}
	// Grey images save two channels of the stem's first convolution; all else are norms, biases and tables.
	all, kernels := counted(n), matrices(n)
	says := fmt.Sprintf("%d thousand weights in kernels and matrices, %d thousand in norms", (kernels+500)/1000, (all-kernels+500)/1000)
	if kernels != want-2*9*16 || !strings.Contains(description().Facts[0].Text, says) {
		t.Errorf("with one channel %d of %d weights are in kernels: %q, the lab says %q", kernels, all, says, description().Facts[0].Text)
	}
}

// A table has (2h-1)(2w-1) numbers for each head. The table of a 2×2 map by hand: cell i asks, cell j answers.
func TestPositionTables(t *testing.T) {
	for _, c := range []struct {
		arm, knobs string
		heads      [4]int
		sides      [4]int
	}{
		{armMOAT, "", [4]int{2, 2, 4, 4}, [4]int{8, 8, 4, 4}},
		{armViT, "", [4]int{2, 2, 4, 4}, [4]int{8, 8, 4, 4}},
		{armMOATWindow, "", [4]int{2, 2, 4, 4}, [4]int{4, 4, 2, 2}},
		{armMOATWindow, "window=2", [4]int{2, 2, 4, 4}, [4]int{2, 2, 2, 2}},
		{armMOATWindow, "window=global", [4]int{2, 2, 4, 4}, [4]int{8, 8, 4, 4}},
		{armMOAT, "width=8", [4]int{1, 1, 2, 2}, [4]int{8, 8, 4, 4}},
	} {
		layers := built(t, c.arm, c.knobs).attentions()
		if len(layers) != 4 {
			t.Fatalf("%s has %d attention layers", c.arm, len(layers))
		}
		for i, a := range layers {
			want := c.heads[i] * (2*c.sides[i] - 1) * (2*c.sides[i] - 1)
			if a.heads != c.heads[i] || a.side != c.sides[i] || a.table.Table.Len() != want {
				t.Errorf("%s, %q, %s: %d heads, windows of %d, a table of %d, want %d", c.arm, c.knobs, a.name, a.heads, a.side, a.table.Table.Len(), want)
			}
		}
	}
	for _, arm := range []string{armNoPos, "moat~nopos", "vit~nopos"} {
		for _, a := range built(t, arm, "").attentions() {
			if a.table != nil {
				t.Errorf("%s has a table in %s", arm, a.name)
			}
		}
	}
	a := newAttention(stream(0, "table"), "a", 16, 16, 2, 2, 2, true)
	table := a.table.Table.Value.Data
	for i := range table {
		table[i] = float32(i)
	}
	got := a.table.Bias(tape.New(), 2, 2).Data()
	for i, want := range []float32{
		4, 3, 1, 0, // the cell at the top left and those right of it, below it, and both
		5, 4, 2, 1,
		7, 6, 4, 3,
		8, 7, 5, 4,
	} {
		if got[i] != want {
			t.Errorf("cell %d asks cell %d: entry %v, want %v", i/4, i%4, got[i], want)
		}
	}
}

// The maps are those that the lab speaks of.
func TestShapes(t *testing.T) {
	for _, arm := range bases {
		if n := built(t, arm, ""); n.last != [3]int{4, 4, 64} {
			t.Errorf("%s ends with a map of %v", arm, n.last)
		}
		if n := built(t, arm, "task=cue"); n.last != [3]int{16, 16, 32} || n.read != data.CueWindow {
			t.Errorf("%s ends the probe with a map of %v, read in %d cells", arm, n.last, n.read)
		}
	}
}
