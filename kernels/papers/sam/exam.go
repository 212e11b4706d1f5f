package sam

import (
	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/tape"
)

// Clicks is how often the simulated user clicks in an exam.
const Clicks = 9

// exam scores a model on held-out scenes, one scene after the other: every node that can be asked for is clicked in its middle, then
// where the answer is most wrong.
type exam struct {
	m      *Model
	split  data.Split
	clicks int
	feed   bool // logits are fed back
	tape   *tape.Tape

	scene   scenes.Scene
	at      []int // nodes at a point
	visitor visitor
	nodes   []int
	truth   []float32 // [nodes, pixels]
	last    []float32 // [nodes, pixels]: logits
	placed  [][]click
	embed   []float32
	q       prompts

	Tally
}

// Tally is what an exam adds up.
type Tally struct {
	Asked    int             // prompts
	Oracle   float64         // sum over prompts of the best IoU of the masks for one click
	ByClicks [Clicks]float64 // sum of IoUs of the mask that is shown after each click
	Levels   [scenes.Levels]struct {
		Asked  int
		Oracle float64
	}
	Ambiguous       int       // clicks on at least two nodes
	Apart           int       // of these, those whose masks are different nodes, as many as there are, three at most
	Distinct        int       // of these, those whose masks overlap one another by less than 0.9
	Predicted, True []float64 // of every mask for one click: the estimate, and the IoU with the node at the click that it fits best
}

func newExam(m *Model, split data.Split, clicks int, feedback bool, on *tape.Tape) *exam {
	return &exam{m: m, split: split, clicks: min(clicks, Clicks), feed: feedback, tape: on, visitor: visitor{side: m.Image}}
}

// look examines the model on scene i.
func (e *exam) look(i int) {
	m, pixels := e.m, e.m.Pixels()
	e.scene.Draw(scenes.Shapes, e.split, i, m.Image, nil)
	x := examples{size: m.Image, scene: e.scene}
	e.nodes = e.nodes[:0]
	for n := range e.scene.Nodes {
		if x.asked(n) {
			e.nodes = append(e.nodes, n)
		}
	}
	n := len(e.nodes)
	if n == 0 {
		return
	}
	e.truth, e.last = sized(e.truth, n*pixels), sized(e.last, n*pixels)
	for len(e.placed) < n {
		e.placed = append(e.placed, make([]click, 0, Clicks))
	}
	for j, node := range e.nodes {
		e.scene.Mask(e.truth[j*pixels:][:pixels], node)
		c := e.scene.Nodes[node].Centre
		e.placed[j] = append(e.placed[j][:0], click{c.Y*m.Image + c.X, kindForeground})
	}
	e.tape.Reset()
	embedded := m.Encode(e.tape, e.scene.RGB)
	e.embed = append(e.embed[:0], embedded.Data()...)
	for c := range e.clicks {
		e.click(c)
	}
}

// click asks for all nodes after their next click.
func (e *exam) click(c int) {
	m, pixels, n := e.m, e.m.Pixels(), len(e.nodes)
	from, to := m.Several()
	if c == 0 {
		from, to = m.Single()
	}
	k := to - from
	e.q.reset(n, c+2, m.Width)
	for j := range n {
		for i, p := range e.placed[j] {
			m.prompt.set(&e.q, j, i, p.kind, float64(p.pixel%m.Image)+0.5, float64(p.pixel/m.Image)+0.5)
		}
		m.prompt.set(&e.q, j, c+1, kindPadding, 0, 0)
	}
	e.tape.Reset()
	x := e.tape.Input(tape.Tensor{Shape: tape.Shape{1, m.Tokens(), m.Width}, Data: e.embed}).Copies(n)
	var feed []float32
	if c > 0 && e.feed {
		feed = e.last
	}
	logits, scores := m.decode(x, &e.q, feed, from, to)
	for j := range n {
		truth := e.truth[j*pixels:][:pixels]
		all := logits.Data()[j*k*pixels:][:k*pixels]
		best := 0
		for h := 1; h < k; h++ {
			if scores.Data()[j*k+h] > scores.Data()[j*k+best] {
				best = h
			}
		}
		copy(e.last[j*pixels:][:pixels], all[best*pixels:])
		e.ByClicks[c] += overlap(all[best*pixels:][:pixels], truth)
		if c == 0 {
			e.first(e.nodes[j], e.placed[j][0].pixel, all, scores.Data()[j*k:][:k], truth)
		}
		if c+1 < e.clicks {
			next, done := e.visitor.next(truth, e.last[j*pixels:][:pixels])
			if done {
				next = e.placed[j][0]
			}
			e.placed[j] = append(e.placed[j], next)
		}
	}
}

// first adds up what the masks for one click tell.
func (e *exam) first(node, pixel int, all, scores, truth []float32) {
	pixels, k := len(truth), len(scores)
	oracle := 0.0
	e.at = e.scene.At(e.at[:0], pixel%e.m.Image, pixel/e.m.Image)
	var fits [4]int
	mask := make([]float32, pixels)
	best := make([]float64, k)
	for h := range k {
		oracle = max(oracle, overlap(all[h*pixels:][:pixels], truth))
	}
	for _, at := range e.at {
		e.scene.Mask(mask, at)
		for h := range k {
			if o := overlap(all[h*pixels:][:pixels], mask); o > best[h] {
				best[h], fits[h] = o, at+1
			}
		}
	}
	for h := range k {
		e.Predicted, e.True = append(e.Predicted, float64(scores[h])), append(e.True, best[h])
	}
	level := &e.Levels[e.scene.Nodes[node].Level]
	level.Asked++
	level.Oracle += oracle
	e.Asked++
	e.Oracle += oracle
	if len(e.at) < 2 || k < 2 {
		return
	}
	e.Ambiguous++
	found, alike := map[int]bool{}, false
	for h := range k {
		if fits[h] > 0 {
			found[fits[h]] = true
		}
		for g := range h {
			other := make([]float32, pixels)
			for i, z := range all[g*pixels:][:pixels] {
				if z > 0 {
					other[i] = 1
				}
			}
			alike = alike || overlap(all[h*pixels:][:pixels], other) >= 0.9
		}
	}
	if len(found) >= min(len(e.at), k) {
		e.Apart++
	}
	if !alike {
		e.Distinct++
	}
}

// MIoU is the mean over prompts after so many clicks, of the mask that is shown.
func (t *Tally) MIoU(clicks int) float64 { return t.ByClicks[clicks-1] / float64(max(t.Asked, 1)) }

// BestOf is the mean over prompts of the best mask for one click.
func (t *Tally) BestOf() float64 { return t.Oracle / float64(max(t.Asked, 1)) }
