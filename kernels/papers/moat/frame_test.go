//go:build !js

package moat

import (
	"slices"
	"testing"

	"petri/kernels/data"
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
				{wire.Focus{Example: 99, Layer: 99, Token: 9999}, staged - 1, max(0, layers-1), cells - 1},
				{wire.Focus{Example: -4, Layer: -4, Token: -4}, 0, 0, middle},
			} {
				f, buffers := tr.Frame(c.focus)
				if f.Example != c.example || f.Layer != c.layer || f.Token != c.token || f.Examples != staged || f.Step != 1 || f.Arm != arm {
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
	if !panels["field"] || len(f.Grids) > 0 && panels["table"] != panels["similarity"] {
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
