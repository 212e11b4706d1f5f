package moat

import (
	"fmt"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// ring is what one cell sees through some blocks: the set that was predicted from the windows of the net's parts, and the
// size of the gradient that was measured.
type ring struct {
	arm      string
	depth    int
	want     mask
	gradient []float32 // [h, w], the largest absolute gradient of a cell's channels
	outside  int       // cells outside the predicted set whose gradient is not exactly zero
	rows     int       // of the rectangle around all cells with a gradient
	cols     int
}

// The map of the probe: 28×28 cells in windows of 4×4. The cell asked about stands in the middle window, with three others
// on every side, so that the border does not cut the set of three blocks; of 24×24 cells it would.
const (
	ringMap    = 28
	ringWindow = 4
	ringCell   = 13*ringMap + 13
	ringWidth  = 16
)

// newRing measures what one cell sees through fresh blocks in evaluation mode. What a net can see is no matter of its
// weights: random ones let no path cancel.
func newRing(arm string, depth int) (ring, error) {
	parsed, err := parseArm(arm)
	if err != nil {
		return ring{}, err
	}
	n := &net{config: config{recipe: blocks(parsed.Racer), width: ringWidth / 2, depth: depth, kernel: 3, window: ringWindow}}
	in := [3]int{ringMap, ringMap, ringWidth}
	n.isotropicBlocks(kitchen{random: stream(0, "rings"), recipe: n.recipe, kernel: n.kernel}, in)
	out := newMask(ringMap, ringMap)
	out.on[ringCell] = true
	r := ring{arm: arm, depth: depth, want: n.Reach(out)}

	random := stream(0, "ring input")
	x := tape.NewParam("map", tape.Shape{1, ringMap, ringMap, ringWidth})
	nn.Normal(random, x.Value.Data, 1)
	r.gradient = n.field(tape.New(), x, ringCell)
	seen := newMask(ringMap, ringMap)
	for i, g := range r.gradient {
		seen.on[i] = g != 0
		if g != 0 && !r.want.on[i] {
			r.outside++
		}
	}
	r.rows, r.cols = seen.box()
	return r, nil
}

// field is the effective receptive field of a cell of the last map: the largest absolute gradient, over the channels of a
// place of x [1, h, w, c], of the sum of the cell's channels, [h, w]. In evaluation mode: batches must not leak.
func (n *net) field(t *tape.Tape, x *tape.Param, cell int) []float32 {
	defer n.fix()()
	t.Reset()
	y := n.Features(t.Leaf(x))
	one := tape.NewTensor(y.Shape())
	width := y.Shape().Width()
	for j := range width {
		one.Data[cell*width+j] = 1
	}
	t.BackwardFrom(y, one)
	h, w, c := x.Value.Shape[1], x.Value.Shape[2], x.Value.Shape[3]
	out := make([]float32, h*w)
	for i, g := range x.TakeGrad() {
		out[i/c] = max(out[i/c], g, -g)
	}
	return out
}

// fix freezes all weights and makes all norms use their running statistics, until the function that it returns is called.
func (n *net) fix() (restore func()) {
	var norms []*nn.BatchNorm
	for _, b := range n.blocks {
		b.parts(func(p part) {
			if p, ok := p.(*norm); ok && p.batch != nil && !p.batch.Fixed {
				p.batch.Fixed = true
				norms = append(norms, p.batch)
			}
		})
	}
	var frozen []*tape.Param
	for _, b := range n.blocks {
		b.Params(func(p *tape.Param) {
			if !p.Frozen {
				p.Frozen = true
				frozen = append(frozen, p)
			}
		})
	}
	return func() {
		for _, b := range norms {
			b.Fixed = false
		}
		for _, p := range frozen {
			p.Frozen = false
		}
	}
}

// measureRings does the whole measurement of the claim about windows, a net at a time.
func measureRings(add func(ring)) []func() error {
	var work []func() error
	for _, arm := range []string{armViTWindow, armMOATWindow} {
		for depth := 1; depth <= len(ringSides); depth++ {
			work = append(work, func() error {
				r, err := newRing(arm, depth)
				if err != nil {
					return fmt.Errorf("the probe of the windows: %w", err)
				}
				add(r)
				return nil
			})
		}
	}
	return work
}
