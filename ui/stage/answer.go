package stage

import (
	"fmt"
	"slices"

	"petri/kernels/lab/wire/frame"
)

// A frame with an answer is of a model that is asked for masks. There the tokens of a View are pixels of the picture, 1+i in
// reading order: Query is where the keyboard's cursor stands, 0 for nowhere, and Key what the pointer is on. Layer and Head are
// the selected map of where the prompt looks, which lies over the picture while Pinned; Over, Tile, Row and Col are the layer,
// head and image token that the pointer is on there, Panel the mask that everything mode found and the pointer is on.

// Buffers of an answer, see frame.Answer.
const (
	bufColours = iota // [side, side, 3]
	bufMasks
	bufTruths
	bufLooks
	bufObjects
)

func (p *Picture) checkAnswer() error {
	f, a := &p.Frame, p.Answer
	masks, truths, every := len(a.Masks), len(a.Truths), p.every()
	if every {
		masks, truths = len(a.Found), 0
	} else if a.Kind != frame.AskPrompt {
		return fmt.Errorf("stage: no picture of an answer %q", a.Kind)
	}
	for _, n := range []int{masks, truths, len(a.Layers), a.Heads, a.Grid} {
		if n < 0 || n > mostSide {
			return fmt.Errorf("stage: an answer with a size of %d", n)
		}
	}
	if a.Side <= 0 || a.Side > mostSide || f.Height != a.Side || f.Width != a.Side {
		return fmt.Errorf("stage: an answer about %d pixels for a picture of %dx%d", a.Side, f.Height, f.Width)
	}
	pixels := a.Side * a.Side
	want := [bufCount]int{bufColours: 3 * pixels, bufMasks: masks * pixels, bufTruths: truths * pixels}
	if !every {
		want[bufLooks] = len(a.Layers) * a.Heads * a.Grid * a.Grid
	}
	if !every && len(p.buffers[bufObjects]) > 0 {
		want[bufObjects] = pixels
	}
	for i, n := range want {
		if len(p.buffers[i]) != n {
			return fmt.Errorf("stage: buffer %d holds %d numbers, the answer says %d", i, len(p.buffers[i]), n)
		}
	}
	if masks > 0 && !every && (a.Chosen < 0 || a.Chosen >= masks) {
		return fmt.Errorf("stage: mask %d of %d is chosen", a.Chosen, masks)
	}
	for _, m := range a.Masks {
		if m.Node < -1 || m.Node >= len(a.Truths) {
			return fmt.Errorf("stage: a mask is compared with truth %d of %d", m.Node, len(a.Truths))
		}
	}
	for _, m := range a.Found {
		if m.Dot < -1 || m.Dot >= len(a.Dots) {
			return fmt.Errorf("stage: a mask comes from point %d of %d", m.Dot, len(a.Dots))
		}
	}
	if a.Asked < 0 || a.Asked > len(a.Dots) {
		return fmt.Errorf("stage: %d of %d points have been asked", a.Asked, len(a.Dots))
	}
	for _, d := range a.Dots {
		if fateOf(d.Fate) < 0 {
			return fmt.Errorf("stage: no point becomes %q", d.Fate)
		}
	}
	return nil
}

// every reports whether the picture is of everything mode: found masks and their points.
func (p *Picture) every() bool {
	return p.Answer != nil && (p.Answer.Kind == frame.AskEvery || p.Answer.Kind == frame.AskImport)
}

// mask is one map [side, side] of a buffer of them.
func (p *Picture) mask(buffer, i int) []float32 {
	n := p.Height * p.Width
	return p.buffers[buffer][i*n:][:n]
}

// look is how strongly the last prompt token looks at each image token in one head, [grid, grid].
func (p *Picture) look(layer, head int) []float32 {
	n := p.Answer.Grid * p.Answer.Grid
	return p.buffers[bufLooks][(layer*p.Answer.Heads+head)*n:][:n]
}

// looks reports whether the answer says where the prompt looks.
func (p *Picture) looks() bool { return len(p.buffers[bufLooks]) > 0 && !p.every() }

// outline is the contour of a map of a buffer, kept: a picture is drawn many times.
func (p *Picture) outline(buffer, i int, level float64) [][]Point {
	key := [2]int{buffer, i}
	if lines, ok := p.outlines[key]; ok {
		return lines
	}
	if p.outlines == nil {
		p.outlines = map[[2]int][][]Point{}
	}
	lines := contour(p.mask(buffer, i), p.Width, level)
	p.outlines[key] = lines
	return lines
}

// prompting is what the page said of the prompts. A picture that stands alone shows the answer's own prompt, with all its masks.
func (p *Picture) prompting(v View) Prompting {
	if v.Prompting == nil {
		return Prompting{Prompt: p.Answer.Prompt, Mask: p.Answer.Chosen, All: true}
	}
	q := *v.Prompting
	if q.Mask < 0 || q.Mask >= len(p.Answer.Masks) {
		q.Mask = p.Answer.Chosen
	}
	return q
}

// foundAt is the smallest mask that everything mode found over a pixel, of those that are switched on; -1 for none.
func (p *Picture) foundAt(v View, token int) int {
	if !p.every() || token <= 0 {
		return -1
	}
	off := p.prompting(v).Sort
	for i := len(p.Answer.Found) - 1; i >= 0; i-- { // large ones come first
		if p.mask(bufMasks, i)[token-1] > 0.5 && !slices.Contains(off, i) {
			return i
		}
	}
	return -1
}

// objectAt is the object of a generated scene at a pixel, -1 for none.
func (p *Picture) objectAt(x, y float64) int {
	objects := p.buffers[bufObjects]
	if len(objects) == 0 {
		return -1
	}
	return int(objects[p.tokenAt(x, y)-1]) - 1
}

// tokenAt is the token of the pixel at a place.
func (p *Picture) tokenAt(x, y float64) int {
	in := func(x float64) int { return min(max(int(x), 0), p.Width-1) }
	return 1 + in(y)*p.Width + in(x)
}

// clampAnswer brings a view's indices into the answer's ranges.
func (p *Picture) clampAnswer(v View) View {
	a, pixels := p.Answer, p.Height*p.Width
	v.Query = min(max(v.Query, 0), pixels)
	if v.Key = min(v.Key, pixels); v.Key <= 0 {
		v.Key = -1
	}
	v.Panel = p.foundAt(v, v.Key)
	if !p.looks() {
		v.Layer, v.Head, v.Pinned, v.Over = 0, 0, false, -1
		return v
	}
	v.Layer, v.Head = min(max(v.Layer, 0), len(a.Layers)-1), min(max(v.Head, 0), a.Heads-1)
	if v.Over >= len(a.Layers) || v.Tile >= a.Heads || max(v.Row, v.Col) >= a.Grid || min(v.Tile, v.Row, v.Col) < 0 {
		v.Over = -1
	}
	return v
}

// fates are what may become of a point, in the order in which they are told.
var fates = [...]struct {
	fate frame.Fate
	name string
	note string
}{
	{frame.FateKept, "Kept", "a mask of its own"},
	{frame.FateSuppressed, "Suppressed", "a better mask covers the same thing"},
	{frame.FateUnstable, "Unstable", "the outline moves with the threshold"},
	{frame.FateLow, "Low score", "background, or the model is unsure"},
	{frame.FateSize, "Wrong size", "larger or smaller than wanted"},
	{frame.FateWaiting, "Waiting", "not asked yet"},
}

func fateOf(f frame.Fate) int {
	for i := range fates {
		if fates[i].fate == f {
			return i
		}
	}
	return -1
}

// fate is that of a point, waiting before it was asked.
func (p *Picture) fate(i int) int {
	if i >= p.Answer.Asked {
		return len(fates) - 1
	}
	return fateOf(p.Answer.Dots[i].Fate)
}

// counts is how many points came to each fate.
func (p *Picture) counts() (n [len(fates)]int) {
	for i := range p.Answer.Dots {
		n[p.fate(i)]++
	}
	return n
}
