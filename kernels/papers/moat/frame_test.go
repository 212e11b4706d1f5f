//go:build !js

package moat

import (
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// What the stage draws fits its description, for every racer and task, whatever was asked for.
func TestFrames(t *testing.T) {
	for _, task := range tasks {
		for _, arm := range append([]string{"moat~noattn", "moat~nodw", "vit~noattn", "moat~few"}, bases...) {
			tr := opened(t, arm, tiny+"&task="+task)
			tr.TrainStep()
			cells := tr.net.last[0] * tr.net.last[1]
			layers := len(tr.net.attentions())
			middle := tr.net.last[0]/2*tr.net.last[1] + tr.net.last[1]/2
			for _, c := range []struct {
				focus                 wire.Focus
				example, layer, token int
			}{
				{wire.Focus{}, 0, 0, 0},
				{wire.Focus{Token: -1}, 0, 0, middle},
				{wire.Focus{Example: 5, Layer: 2, Token: 3}, 5, min(2, max(0, layers-1)), 3},
				{wire.Focus{Example: 99, Layer: 99, Token: 9999}, course.Staged - 1, max(0, layers-1), cells - 1},
				{wire.Focus{Example: -4, Layer: -4, Token: -4}, 0, 0, middle},
			} {
				f, buffers := tr.Frame(c.focus)
				if f.Example != c.example || f.Layer != c.layer || f.Token != c.token || f.Examples != course.Staged || f.Step != 1 || f.Arm != arm {
					t.Errorf("%s, %s, %+v: example %d, layer %d, token %d of %s", task, arm, c.focus, f.Example, f.Layer, f.Token, f.Arm)
				}
				if len(f.Grids) != layers {
					t.Errorf("%s, %s: %d maps of %d layers", task, arm, len(f.Grids), layers)
				}
				checkFrame(t, task+" "+arm, f, buffers)
			}
		}
	}
}

// checkFrame holds the buffers of a frame to what its head says of them.
func checkFrame(t *testing.T, what string, f wire.Frame, buffers [][]float32) {
	t.Helper()
	if f.Height != data.Side || f.Width != data.Side || len(buffers) < 5 || len(buffers[0]) != data.Pixels || !f.Sized() {
		t.Fatalf("%s: %d×%d, %d buffers", what, f.Height, f.Width, len(buffers))
	}
	for i := 1; i < 5; i++ {
		if len(buffers[i]) != 0 {
			t.Errorf("%s: buffer %d, which other labs use, has %d numbers", what, i, len(buffers[i]))
		}
	}
	sum := float32(0)
	for _, p := range f.Probs {
		sum += p
	}
	if len(f.Probs) != len(f.Classes) || sum < 0.9999 || sum > 1.0001 || f.Label < 0 || f.Label >= len(f.Classes) {
		t.Errorf("%s: %d probabilities of %d classes, in all %v, label %d", what, len(f.Probs), len(f.Classes), sum, f.Label)
	}
	used := map[int]int{}
	take := func(name string, at, want int) []float32 {
		if at < 5 || at >= len(buffers) {
			t.Fatalf("%s: %s is in buffer %d of %d", what, name, at, len(buffers))
		}
		used[at]++
		if len(buffers[at]) != want {
			t.Errorf("%s: %s has %d numbers, want %d", what, name, len(buffers[at]), want)
		}
		if !tape.Finite(buffers[at]) {
			t.Errorf("%s: %s holds what is no number", what, name)
		}
		return buffers[at]
	}
	for _, g := range f.Grids {
		s := g.Side * g.Side
		if g.Name == "" || g.Rows%g.Side != 0 || g.Cols%g.Side != 0 || len(g.Distance) != g.Heads {
			t.Errorf("%s: the map %+v", what, g)
		}
		take(g.Name, g.Buffer, g.Rows*g.Cols/s*g.Heads*s*s)
	}
	rows, cols := f.OutRows, f.OutCols
	if rows*cols == 0 || f.Token >= rows*cols {
		t.Errorf("%s: cell %d of a map of %d×%d", what, f.Token, rows, cols)
	}
	panels := map[string]bool{}
	for _, p := range f.Panels {
		if p.Tiles == 0 && p.ID == "rollout" { // only why it is not there
			if p.Note == "" || p.Buffer != 0 || panels[p.ID] {
				t.Errorf("%s: the panel %+v", what, p)
			}
			panels[p.ID] = true
			continue
		}
		if p.ID == "" || p.Title == "" || p.Note == "" || panels[p.ID] || p.Scale != "viridis" && p.Scale != "diverging" || p.Labels != nil && len(p.Labels) != p.Tiles {
			t.Errorf("%s: the panel %+v", what, p)
		}
		panels[p.ID] = true
		x := take(p.ID, p.Buffer, p.Tiles*p.Rows*p.Cols)
		if p.Scale == "viridis" && slices.Min(x) < 0 {
			t.Errorf("%s: %s begins below 0", what, p.ID)
		}
		if p.ID != "field" {
			continue
		}
		// What is outlined is the predicted set, and nothing moves the cell from outside.
		for i, on := range take("outline", p.Outline, p.Rows*p.Cols) {
			if on != 0 && on != 1 || on == 0 && x[i] != 0 {
				t.Errorf("%s: pixel %d has the outline %v and the gradient %v", what, i, on, x[i])
				break
			}
		}
	}
	if !panels["field"] || panels["rollout"] != (len(f.Grids) > 0) || panels["table"] != panels["similarity"] {
		t.Errorf("%s: panels %v", what, panels)
	}
	for at := 5; at < len(buffers); at++ {
		if used[at] != 1 {
			t.Errorf("%s: buffer %d is used %d times", what, at, used[at])
		}
	}
}

// The field follows the cell that was asked for: in windows its outline is the window's, in the probe and pixel for pixel.
func TestFieldFollowsTheCell(t *testing.T) {
	tr := opened(t, armViTWindow, tiny+"&task=cue")
	for _, c := range []struct{ row, col int }{{0, 0}, {5, 9}, {15, 15}} {
		f, buffers := tr.Frame(wire.Focus{Token: c.row*16 + c.col})
		for _, p := range f.Panels {
			if p.ID != "field" {
				continue
			}
			for i, on := range buffers[p.Outline] {
				y, x := i/data.Side/8, i%data.Side/8 // a window of 4×4 cells of 2×2 pixels
				if (on == 1) != (y == c.row/4 && x == c.col/4) {
					t.Fatalf("cell %d, %d: pixel %d is outlined: %v", c.row, c.col, i, on)
				}
			}
		}
	}
}

// The panels of a layer are that layer's, and the table is turned so that what lies below is below.
func TestPanelsOfALayer(t *testing.T) {
	tr := opened(t, armMOAT, tiny)
	for i, a := range tr.net.attentions() {
		table := a.table.Table.Value.Data
		for j := range table {
			table[j] = float32(j)
		}
		f, buffers := tr.Frame(wire.Focus{Layer: i})
		for _, p := range f.Panels {
			switch p.ID {
			case "table":
				side := 2*a.side - 1
				if p.Layer != a.name || p.Rows != side || p.Cols != side || p.Tiles != a.heads {
					t.Errorf("layer %d: %+v", i, p)
				}
				if x := buffers[p.Buffer]; x[0] != float32(side*side-1) || x[side*side-1] != 0 {
					t.Errorf("layer %d: the table is not turned: %v first, %v last", i, x[0], x[side*side-1])
				}
			case "filters":
				if p.Layer != a.name || p.Rows != 3 || p.Tiles != mostFilters {
					t.Errorf("layer %d, %s: %+v", i, a.name, p)
				}
			}
		}
	}
}

// shown is a panel of a frame.
func shown(t *testing.T, f wire.Frame, id string) wire.Panel {
	t.Helper()
	for _, p := range f.Panels {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("%s has no panel %s", f.Arm, id)
	return wire.Panel{}
}

// The caption of the rollout holds the drop of the logit, here measured once more, an image at a time: of the cells that it
// marks, and the mean of several draws of as many among all cells.
func TestRolloutIsChecked(t *testing.T) {
	for _, arm := range []string{armMOAT, armViTWindow} {
		tr := opened(t, arm, tiny)
		for range 20 {
			tr.TrainStep()
		}
		f, buffers := tr.Frame(wire.Focus{Example: 2})
		p := shown(t, f, "rollout")
		image, weight := buffers[0], buffers[p.Buffer]
		before := slices.Clone(tr.logits(image))
		best := 0
		for i, x := range f.Probs {
			if x > f.Probs[best] {
				best = i
			}
		}
		grey := 0.0
		for _, x := range image {
			grey += float64(x) / float64(len(image))
		}
		fall := func(cells []int) float64 {
			painted := slices.Clone(image)
			for y := range data.Side {
				for x := range data.Side {
					if slices.Contains(cells, y*p.Rows/data.Side*p.Cols+x*p.Cols/data.Side) {
						painted[y*data.Side+x] = float32(grey)
					}
				}
			}
			return float64(before[best] - tr.logits(painted)[best])
		}
		cells := len(weight)
		k := cells / 5
		heaviest := slices.Clone(weight)
		slices.Sort(heaviest)
		var marked []int
		for i, x := range weight {
			if x >= heaviest[cells-k] {
				marked = append(marked, i)
			}
		}
		r, random, met := stream(0, "blank"), 0.0, false
		for range draws {
			drawn := r.Perm(cells)[:k]
			random += fall(drawn) / draws
			met = met || slices.ContainsFunc(drawn, func(c int) bool { return slices.Contains(marked, c) })
		}
		got, gotRandom := tr.blanked(image, before, weight, p.Rows)
		if want := fall(marked); len(marked) != k || math.Abs(got-want) > 1e-4 || math.Abs(gotRandom-random) > 1e-4 || got == 0 {
			t.Errorf("%s: %d of %d cells are marked; the logit drops by %v and %v, want %v and %v", arm, len(marked), cells, got, gotRandom, want, random)
		}
		if !met {
			t.Errorf("%s: no draw meets a marked cell, so it does not show that all are drawn from", arm)
		}
		if says := verdict(got, gotRandom); !strings.HasSuffix(p.Note, says) || !strings.Contains(says, "logit of the answer") || !strings.Contains(says, "mean of 4 draws") {
			t.Errorf("%s: the caption is %q, want %q at its end", arm, p.Note, says)
		}
		if again, _ := tr.Frame(wire.Focus{Example: 2}); shown(t, again, "rollout").Note != p.Note {
			t.Errorf("%s: the same picture has another caption when it is made again", arm)
		}
	}
}

// What follows from the check is said, by the numbers as they are written: no more than chance misleads.
func TestVerdictOfTheRollout(t *testing.T) {
	for _, c := range []struct {
		marked, random float64
		misleads       bool
	}{{1, 0.5, false}, {-0.1, -0.3, true}, {0.1, -0.3, false}, {0.51, 0.5, false}, {0.5, 0.5, true}, {0.504, 0.502, true}, {0.5, 1, true}, {-0.3, -0.1, true}, {0, 0, true}} {
		says := verdict(c.marked, c.random)
		if strings.Contains(says, "misleads") != c.misleads || strings.Contains(says, "More than chance") == c.misleads {
			t.Errorf("%v against %v: %q", c.marked, c.random, says)
		}
	}
	if says := verdict(math.NaN(), 0); strings.Contains(says, "chance") {
		t.Errorf("of numbers that are none: %q", says)
	}
}

// Where attention looks over a map too large to multiply through, the frame says so in place of the rollout.
func TestRolloutThatIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		arm, knobs string
		drawn      bool
	}{{armMOAT, "&task=cue", false}, {armMOATWindow, "&task=cue&window=global", false}, {armMOATWindow, "&task=cue&window=8", true}, {armMOAT, "", true}} {
		f, _ := opened(t, c.arm, tiny+c.knobs).Frame(wire.Focus{})
		p := shown(t, f, "rollout")
		if (p.Tiles == 1) != c.drawn || strings.HasPrefix(p.Note, "Left out: attention looks over 16 × 16 cells at once") == c.drawn {
			t.Errorf("%s%s: %+v", c.arm, c.knobs, p)
		}
	}
}

// The caption of the field says what lets every pixel through, and where not every pixel comes through, how many do.
func TestCaptionOfTheField(t *testing.T) {
	for _, c := range []struct{ arm, knobs, says string }{
		{"moat~noattn~nose", "", "Every pixel can reach it: convolutions alone reach that far."},
		{"moat~noattn", "", "Every pixel can reach it: a gate (squeeze-and-excitation) looks at the whole map."},
		{armMOATWindow, "", "Every pixel can reach it: a gate (squeeze-and-excitation) looks at the whole map."},
		{armMOAT, "", "Every pixel can reach it: attention and a gate (squeeze-and-excitation) look at the whole map."},
		{"moat~nose", "", "Every pixel can reach it: attention looks at the whole map."},
		{armMOAT, "&task=cue", "Every pixel can reach it: attention looks at the whole map."},
		{"moat-window~nose", "", "Every pixel can reach it: convolutions and attention in windows together reach that far."},
		{armViTWindow, "&task=cue", "Outlined: the 8 × 8 pixels that convolutions and attention let through."},
		{"moat~noattn", "&task=cue", "Outlined: the 10 × 10 pixels that convolutions let through."},
	} {
		f, _ := opened(t, c.arm, tiny+c.knobs).Frame(wire.Focus{Token: -1})
		if p := shown(t, f, "field"); !strings.HasSuffix(p.Note, " "+c.says) {
			t.Errorf("%s%s: %q", c.arm, c.knobs, p.Note)
		}
	}
}
