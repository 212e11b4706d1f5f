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
	a, every := p.Answer, p.every()
	masks, pixels := len(a.Masks), a.Side*a.Side
	want := [bufCount]int{bufColours: 3 * pixels}
	if every {
		masks = len(a.Found)
	} else {
		want[bufTruths], want[bufLooks] = len(a.Truths)*pixels, len(a.Layers)*a.Heads*a.Grid*a.Grid
		if len(p.buffers[bufObjects]) > 0 {
			want[bufObjects] = pixels
		}
	}
	want[bufMasks] = masks * pixels
	wrong := ""
	switch {
	case !every && a.Kind != frame.AskPrompt:
		wrong = "kind"
	case a.Side <= 0 || p.Height != a.Side || p.Width != a.Side || min(a.Heads, a.Grid) < 0 ||
		max(a.Side, masks, len(a.Truths), len(a.Layers), a.Heads, a.Grid) > mostSide:
		wrong = "size"
	case !every && masks > 0 && uint(a.Chosen) >= uint(masks):
		wrong = "choice"
	case uint(a.Asked) > uint(len(a.Dots)):
		wrong = "number of points"
	}
	for i := range a.Masks {
		if n := a.Masks[i].Node; n < -1 || n >= len(a.Truths) {
			wrong = "true mask"
		}
	}
	for i := range a.Found {
		if n := a.Found[i].Dot; n < -1 || n >= len(a.Dots) {
			wrong = "point of a mask"
		}
	}
	for i := range a.Dots {
		if fateOf(a.Dots[i].Fate) < 0 {
			wrong = "fate"
		}
	}
	if wrong != "" {
		return fmt.Errorf("stage: an answer with a wrong %s", wrong)
	}
	p.alone = &Prompting{Prompt: a.Prompt, Mask: a.Chosen, All: true, alone: true}
	return p.holds(&want)
}

// every reports whether the picture is of everything mode: found masks and their points.
func (p *Picture) every() bool {
	return p.Answer != nil && (p.Answer.Kind == frame.AskEvery || p.Answer.Kind == frame.AskImport)
}

// mask is one map [side, side] of a buffer of them.
//
//go:noinline
func (p *Picture) mask(buffer, i int) []float32 {
	n := p.Height * p.Width
	return p.buffers[buffer][i*n:][:n]
}

// look is how strongly the token of the last point, or of a lone box's second corner, looks at each image token in one head, [grid, grid].
//
//go:noinline
func (p *Picture) look(layer, head int) []float32 {
	n := p.Answer.Grid * p.Answer.Grid
	return p.buffers[bufLooks][(layer*p.Answer.Heads+head)*n:][:n]
}

// looks reports whether the answer says where the prompt looks.
func (p *Picture) looks() bool { return len(p.buffers[bufLooks]) > 0 && !p.every() }

// edge is the contour of a mask, kept: a picture is drawn many times. Masks of a prompt are logits, cut at 0, all others zeros
// and ones.
func (p *Picture) edge(buffer, i int) [][]Point {
	key := [2]int{buffer, i}
	if lines, ok := p.outlines[key]; ok {
		return lines
	}
	if p.outlines == nil {
		p.outlines = map[[2]int][][]Point{}
	}
	level, cuts := 0.5, 3
	if buffer == bufMasks && !p.every() {
		level, cuts = 0, 2
	}
	lines := contour(p.mask(buffer, i), p.Width, level, cuts)
	p.outlines[key] = lines
	return lines
}

// front is the mask in front.
func (p *Picture) front(q *Prompting) int {
	if uint(q.Mask) < uint(len(p.Answer.Masks)) {
		return q.Mask
	}
	return p.Answer.Chosen
}

// foundAt is the smallest mask that everything mode found over a pixel, of those that are switched on; -1 for none.
func (p *Picture) foundAt(q *Prompting, token int) int {
	if !p.every() || token <= 0 {
		return -1
	}
	for i := len(p.Answer.Found) - 1; i >= 0; i-- { // large ones come first
		if p.mask(bufMasks, i)[token-1] > 0.5 && !slices.Contains(q.Sort, i) {
			return i
		}
	}
	return -1
}

// objectAt is the object of a generated scene at a place of the picture, -1 for none.
func (p *Picture) objectAt(at Point) int {
	objects := p.buffers[bufObjects]
	if len(objects) == 0 {
		return -1
	}
	return int(objects[p.tokenAt(at)-1]) - 1
}

// tokenAt is the token of the pixel at a place of the picture.
func (p *Picture) tokenAt(at Point) int {
	return 1 + min(int(at.Y), p.Height-1)*p.Width + min(int(at.X), p.Width-1)
}

// clampAnswer brings a view's indices into the answer's ranges.
func (p *Picture) clampAnswer(v View) View {
	a, pixels := p.Answer, p.Height*p.Width
	if v.Prompting == nil || v.Prompting.alone { // a picture that stands alone shows the answer's own prompt, with all masks
		v.Prompting = p.alone
	}
	v.Query = min(max(v.Query, 0), pixels)
	if v.Key = min(v.Key, pixels); v.Key <= 0 {
		v.Key = -1
	}
	v.Panel = p.foundAt(v.Prompting, v.Key)
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

// fates are what may become of a point, in the order in which they are told, with the sign of each: a polygon of so many corners,
// or a cross.
var fates = [...]struct {
	fate       frame.Fate
	name, note string
	corners    int
	size, turn float64
	fill, rim  string
}{
	{frame.FateKept, "Kept", "a mask of its own", 16, 1.25, 0, "mark-pos", "mark"},
	{frame.FateSuppressed, "Suppressed", "a better mask covers it", 14, 0.9, 0, "mark", "mark-dark"},
	{frame.FateUnstable, "Unstable", "the outline moves", 4, 1.15, 0, "mark-dark", "mark"},
	{frame.FateLow, "Low score", "the model is unsure", 0, 0.6, 0, "mark-dark", ""},
	{frame.FateSize, "Wrong size", "too large or too small", 4, 1, 0.5, "mark-band", "mark-dark"},
	{frame.FateWaiting, "Waiting", "not asked yet", 8, 0.5, 0, "mark-dark", ""},
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
