package stage

import (
	"fmt"
	"math"

	"petri/kernels/lab/wire/frame"
)

// Buffers of a frame, see frame.Frame.
const (
	bufImage = iota
	bufAttention
	bufUpdate
	bufA
	bufB
	bufCount
)

// Picture is a frame with its tensors, checked: every buffer that is there has the length its header promises.
type Picture struct {
	frame.Frame
	buffers [][]float32  // at least bufCount
	with    *frame.Layer // the last layer of a sequence that has prompts, nil without
	// outlines of an answer's masks, by buffer and number, made when they are first drawn
	outlines map[[2]int][][]Point
	alone    *Prompting // what is drawn of an answer where the page has not said how
}

// NewPicture checks a frame against its buffers. A frame without update or factors has empty buffers there.
func NewPicture(f frame.Frame, buffers [][]float32) (*Picture, error) {
	p := &Picture{Frame: f, buffers: make([][]float32, max(bufCount, len(buffers)))}
	copy(p.buffers, buffers)
	if p.Answer != nil {
		if err := p.checkAnswer(); err != nil {
			return nil, err
		}
		return p, nil
	}
	if p.Sized() {
		if err := p.checkGrids(); err != nil {
			return nil, err
		}
		return p, nil
	}
	if f.Patch <= 0 || f.Height <= 0 || f.Width <= 0 || f.Height%f.Patch != 0 || f.Width%f.Patch != 0 {
		return nil, fmt.Errorf("stage: image %dx%d does not split into patches of %d", f.Height, f.Width, f.Patch)
	}
	if want := 1 + p.gridRows()*p.gridCols(); f.Tokens != want {
		return nil, fmt.Errorf("stage: %d tokens for %d patches and a class token", f.Tokens, want-1)
	}
	if p.Sequence != nil {
		if err := p.checkSequence(); err != nil {
			return nil, err
		}
		return p, nil
	}
	if f.Layers <= 0 || f.Heads <= 0 {
		return nil, fmt.Errorf("stage: %d layers of %d heads", f.Layers, f.Heads)
	}
	if f.Rows < 0 || f.Cols < 0 || f.Rank < 0 {
		return nil, fmt.Errorf("stage: update %dx%d of rank %d", f.Rows, f.Cols, f.Rank)
	}
	want := [bufCount]int{f.Height * f.Width, f.Layers * f.Heads * f.Tokens * f.Tokens, f.Rows * f.Cols, f.Rows * f.Rank, f.Rank * f.Cols}
	if err := p.holds(&want); err != nil {
		return nil, err
	}
	return p, nil
}

// holds checks the lengths of the buffers.
func (p *Picture) holds(want *[bufCount]int) error {
	for i, n := range want {
		if len(p.buffers[i]) != n {
			return fmt.Errorf("stage: buffer %d holds %d numbers, the frame says %d", i, len(p.buffers[i]), n)
		}
	}
	return nil
}

func (p *Picture) gridRows() int { return p.Height / p.Patch }
func (p *Picture) gridCols() int { return p.Width / p.Patch }

// place returns row and column of a patch token in the grid.
func (p *Picture) place(token int) (row, col int) {
	return (token - 1) / p.gridCols(), (token - 1) % p.gridCols()
}

// Name says a token in words: "the class token", "patch 2,3" (row, column, counted from 1).
func (p *Picture) Name(token int) string {
	if p.Sized() {
		if token <= 0 {
			return "the middle"
		}
		return "pixel " + p.pixel(token).String()
	}
	if token == 0 {
		return "the class token"
	}
	if token >= p.Tokens {
		return p.promptName(token)
	}
	row, col := p.place(token)
	return fmt.Sprintf("patch %d,%d", row+1, col+1)
}

// Weights appends to dst the attention of one query over all tokens; head equal to Heads is the mean of the heads. What a
// layer has not gets 0, and a query that a layer has not gives no numbers (NaN).
func (p *Picture) Weights(dst []float64, layer, head, query int) []float64 {
	maps, asking, looked := p.maps(layer)
	from, to := head, head+1
	if head == p.Heads {
		from, to = 0, p.Heads
	}
	at := len(dst)
	for range p.tokens() {
		dst = append(dst, 0)
	}
	if query >= asking {
		for i := range dst[at:] {
			dst[at+i] = math.NaN()
		}
		return dst
	}
	for h := from; h < to; h++ {
		for i, x := range maps[(h*asking+query)*looked:][:looked] {
			dst[at+i] += float64(x) / float64(to-from)
		}
	}
	return dst
}

// strongest returns the token with the largest weight, and that weight: NaN where a diverged run has no number.
//
//go:noinline
func strongest(weights []float64) (token int, weight float64) {
	weight = math.NaN()
	for i, w := range weights {
		if w > weight || math.IsNaN(weight) && !math.IsNaN(w) {
			token, weight = i, w
		}
	}
	return token, weight
}

// largest returns the largest magnitude of finite values, 0 for none.
//
//go:noinline
func largest(x []float32) float64 {
	m := 0.0
	for _, v := range x {
		if a := math.Abs(float64(v)); a > m && !math.IsInf(a, 0) {
			m = a
		}
	}
	return m
}

// norm is the Frobenius norm.
func norm(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return math.Sqrt(s)
}

// clampView brings a view's indices into the picture's ranges.
func (p *Picture) clampView(v View) View {
	if p.Answer != nil {
		return p.clampAnswer(v)
	}
	if p.Sized() {
		return p.clampGrids(v)
	}
	in := func(x, n int) int { return min(max(x, 0), n-1) }
	if p.Sequence != nil && v.Query >= p.askers() { // a prompt of another racer
		v.Query, v.Pinned = 0, false
	}
	if p.Sequence != nil && p.Sequence.Points != nil && v.Row >= len(p.Sequence.Points.Labels) {
		v.Row = -1
	}
	v.Query = in(v.Query, p.askers())
	v.Key = min(max(v.Key, -1), p.tokens()-1)
	v.Layer = in(v.Layer, p.Layers)
	v.Head = in(v.Head, p.Heads+1)
	return v
}
