//go:build !js

package moat

import (
	"slices"
	"testing"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// square is the set of the cells of an n×n map in rows and columns from..to-1.
func square(n, from, to int) mask {
	m := newMask(n, n)
	for y := max(0, from); y < min(n, to); y++ {
		for x := max(0, from); x < min(n, to); x++ {
			m.on[y*n+x] = true
		}
	}
	return m
}

// lit is the set of places whose gradient is not exactly zero.
func lit(m mask, gradient []float32) mask {
	seen := newMask(m.h, m.w)
	for i, g := range gradient {
		seen.on[i] = g != 0
	}
	return seen
}

// probed is what a cell of a side×side map sees through blocks of a racer that keep the map: predicted and measured.
func probed(t *testing.T, recipe recipe, side, depth, cell int) (want, seen mask) {
	t.Helper()
	n := &net{config: config{recipe: recipe, width: ringWidth / 2, depth: depth, kernel: 3, window: ringWindow}}
	n.isotropicBlocks(kitchen{random: stream(0, "rings"), recipe: n.recipe, kernel: n.kernel}, [3]int{side, side, ringWidth})
	out := newMask(side, side)
	out.on[cell] = true
	x := tape.NewParam("map", tape.Shape{1, side, side, ringWidth})
	nn.Normal(stream(0, "ring input"), x.Value.Data, 1)
	return n.Reach(out), lit(out, n.field(tape.New(), x, cell))
}

// Claim: windows that do not move are enough for MOAT. The gradient is exactly zero outside 4×4 cells for ViT at every
// depth, and outside 6×6, 14×14 and 22×22 for MOAT, and it is not zero anywhere inside. The squares are written down here
// by hand: the window of cell 13 begins at 12.
func TestWindowsAndRings(t *testing.T) {
	for depth := 1; depth <= 3; depth++ {
		for arm, want := range map[string]mask{
			armViTWindow:  square(ringMap, 12, 16),
			armMOATWindow: square(ringMap, []int{11, 7, 3}[depth-1], []int{17, 21, 25}[depth-1]),
		} {
			r, err := newRing(arm, depth)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.want.on, want.on) {
				t.Errorf("%s, %d blocks: %d cells are predicted, want %d", arm, depth, r.want.size(), want.size())
			}
			if seen := lit(want, r.gradient); !slices.Equal(seen.on, want.on) || r.outside != 0 {
				t.Errorf("%s, %d blocks: a gradient in %d cells, %d of them outside, want %d and none", arm, depth, seen.size(), r.outside, want.size())
			}
			rows, cols := want.box()
			side := ringWindow
			if arm == armMOATWindow {
				side = ringSides[depth-1]
			}
			if r.rows != rows || r.cols != cols || rows != side {
				t.Errorf("%s, %d blocks: a rectangle of %d×%d, want %d×%d", arm, depth, r.rows, r.cols, side, side)
			}
		}
	}
}

// On a map of 24×24 cells the border would cut the third square: there is no window in whose middle three others fit on
// every side. Hence 28.
func TestSmallerMapCutsTheThirdRing(t *testing.T) {
	const side = 24
	recipe := blocks(armMOATWindow)
	for first := 0; first < side; first += ringWindow {
		for depth := 1; depth <= 3; depth++ {
			want, seen := probed(t, recipe, side, depth, first*side+first)
			rim := 1 + ringWindow*(depth-1)
			cut := square(side, first-rim, first+ringWindow+rim)
			if !slices.Equal(want.on, cut.on) || !slices.Equal(seen.on, cut.on) {
				t.Errorf("window at %d, %d blocks: %d cells predicted, %d seen, want %d", first, depth, want.size(), seen.size(), cut.size())
			}
			if rows, _ := seen.box(); depth == 3 && rows >= ringSides[2] {
				t.Errorf("window at %d: %d rows, so 24 cells would do", first, rows)
			}
		}
	}
}

// The measurement can fail. Batch norm that looks at its batch carries something from every cell to every other, and so
// does squeeze-and-excitation, whose whole map the prediction knows of.
func TestLeaksAreSeen(t *testing.T) {
	const side, cell = 28, ringCell
	n := &net{config: config{recipe: blocks(armMOATWindow), width: ringWidth / 2, depth: 1, kernel: 3, window: ringWindow}}
	n.isotropicBlocks(kitchen{random: stream(0, "rings"), recipe: n.recipe, kernel: n.kernel}, [3]int{side, side, ringWidth})
	x := tape.NewParam("map", tape.Shape{1, side, side, ringWidth})
	nn.Normal(stream(0, "ring input"), x.Value.Data, 1)
	out := newMask(side, side)
	out.on[cell] = true
	predicted := n.Reach(out)

	on := tape.New() // as field does it, but in training mode
	y := n.Features(on.Leaf(x))
	one := tape.NewTensor(y.Shape())
	for j := range ringWidth {
		one.Data[cell*ringWidth+j] = 1
	}
	on.BackwardFrom(y, one)
	outside := 0
	for i, g := range x.TakeGrad() {
		if g != 0 && !predicted.on[i/ringWidth] {
			outside++
		}
	}
	if outside == 0 {
		t.Error("batch norm in training mode leaks nothing out of the predicted set, so the zeros in evaluation show nothing")
	}

	gated := blocks(armMOATWindow)
	gated.se = true
	k := kitchen{random: stream(0, "rings"), recipe: gated, kernel: 3}
	b := k.block(at{"gated", [3]int{side, side, ringWidth}, ringWidth, 1, ringWindow}, 0)
	m := &net{config: config{recipe: gated}, blocks: []*block{b}}
	want, seen := m.Reach(out), lit(out, m.field(tape.New(), x, cell))
	if want.size() != side*side || seen.size() != side*side {
		t.Errorf("a gate over the whole map lets %d cells through, %d are predicted, of %d", seen.size(), want.size(), side*side)
	}
}

// The predicted set and the gradient of the whole net agree to the pixel, for every racer and edits that change what is
// seen, in the middle, in a corner and at an edge: the gradient is exactly zero outside, and reaches all of the set.
func TestReachIsTheGradient(t *testing.T) {
	on := tape.New()
	narrow := 0
	for _, knobs := range []string{"width=8", "width=8&task=cue", "width=8&task=cue&depth=3&window=2&kernel=5", "width=8&window=2&depth=1&kernel=1&downsample=pool&position=learned"} {
		arms := []string{"moat~noattn~nose", "moat-window~nose", "vit-window~nose", "moat-window~pool~nose", "moat-window~nodw~nose", "moat-window~flip~nose", "stacked~noattn~nose", "moat-window~mlp~nose", "moat-window~ln~nose", "moat-window~se~nose", "attn-mbconv~noattn~nose", "moat-window~nomix~nose", "vit-window~mbconv~nose~noexpand"}
		for _, arm := range append(arms, bases...) {
			n := built(t, arm, knobs)
			x := tape.NewParam("image", tape.Shape{1, data.Side, data.Side, 1})
			nn.Normal(stream(0, "reach input"), x.Value.Data, 1)
			rows, cols := n.last[0], n.last[1]
			for _, cell := range []int{rows/2*cols + cols/2, 0, rows*cols - 1, cols - 1, cols/4 + 1} {
				out := newMask(rows, cols)
				out.on[cell] = true
				want := n.Reach(out)
				seen := lit(want, n.field(on, x, cell))
				if want.size() < len(want.on) {
					narrow++
				}
				for i := range seen.on {
					if seen.on[i] && !want.on[i] {
						t.Errorf("%s, %q, cell %d: pixel %d moves it and is not in the predicted set", arm, knobs, cell, i)
						break
					}
				}
				if seen.size() != want.size() {
					t.Errorf("%s, %q, cell %d: %d pixels have a gradient, %d are predicted", arm, knobs, cell, seen.size(), want.size())
				}
			}
		}
	}
	if narrow < 60 {
		t.Errorf("only %d predicted sets are smaller than the image", narrow)
	}
}

// A set follows each kind of part as its definition says, on a map small enough to write down.
func TestMasks(t *testing.T) {
	one := func(h, w, at int) mask {
		m := newMask(h, w)
		m.on[at] = true
		return m
	}
	draw := func(m mask) string {
		s := ""
		for i, on := range m.on {
			if i > 0 && i%m.w == 0 {
				s += "/"
			}
			s += map[bool]string{false: ".", true: "#"}[on]
		}
		return s
	}
	for want, m := range map[string]mask{
		"##../##../..../....": one(4, 4, 0).slide(4, 4, 3, 1), // 3×3 in the corner
		"###./###./###./....": one(2, 2, 0).slide(4, 4, 3, 2), // the padding of an even map stands at its end
		"..../..../..##/..##": one(2, 2, 3).slide(4, 4, 2, 2),
		"..##/..##/..../....": one(4, 4, 7).windows(2),
		"####/####/####/####": one(4, 4, 7).whole(),
		"..../..../..../....": newMask(4, 4).whole(),
	} {
		if got := draw(m); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if rows, cols := one(4, 4, 7).or(one(4, 4, 13)).box(); rows != 3 || cols != 3 {
		t.Errorf("a rectangle of %d×%d, want 3×3", rows, cols)
	}
}
