package sam

import (
	"math"
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// Clicks is how often the simulated user clicks in an exam.
const Clicks = 9

// examined is the least share of a picture that what is asked for in an exam covers: 16 pixels of 64×64. Of less, a row of pixels more
// or less decides.
const examined = 0.004

// exam scores a model on held-out scenes, one scene after the other: every node that can be asked for is clicked in its middle, or
// anywhere, then where the answer is most wrong.
type exam struct {
	m        *Model
	split    data.Split
	clicks   int
	anywhere bool // the first click is a pixel of the node that is drawn at random, the same for every model
	feed     bool // logits are fed back
	picks    bool // the visitor takes the best of the masks for one click, whatever the model says of them
	tape     *tape.Tape

	scene   scenes.Scene
	visitor visitor
	pool    []masks.Mask // memory of nodes, said and shown
	mask    []float32
	nodes   []masks.Mask // of all nodes of the scene
	wanted  []int        // those that are asked for
	truth   []float32    // [wanted, pixels]
	last    []float32    // [wanted, pixels]: logits
	at      []int        // nodes at a point
	there   []masks.Mask // their masks
	said    []masks.Mask // the answers to one click
	shown   masks.Mask   // the one that is shown
	ious    []float64    // [wanted]: of the mask that was shown last
	placed  [][]click
	embed   []float32
	q       prompts

	Tally
}

// Tally is what an exam adds up.
type Tally struct {
	Asked    int             // prompts
	loss     float64         // sum over prompts of the loss for one click
	Oracle   float64         // sum over prompts of the best IoU of the masks for one click
	ByClicks [Clicks]float64 // sum of IoUs of the mask that is shown after each click
	Levels   [scenes.Levels]struct {
		Asked  int
		Oracle float64
	}
	Ambiguous       int               // clicks on at least two nodes
	Apart           int               // of these, those whose masks are different nodes, as many as there are, one for each mask at most
	Distinct        int               // of these, those whose masks overlap one another by less than 0.9
	Cost            [2]int64          // operations of products: of a picture, and of a prompt with one click
	heads           int               // masks for one click
	Areas           [maxMasks]float64 // sum over prompts of the share of the picture that each mask for one click covers
	Predicted, True []float64         // of every mask for one click: the estimate, and the IoU with the node at the click that it fits best
}

func newExam(m *Model, split data.Split, clicks int, feedback bool, on *tape.Tape) *exam {
	e := &exam{m: m, feed: feedback, tape: on, visitor: visitor{side: m.Image}, shown: masks.New(m.Image)}
	for range maxMasks {
		e.said = append(e.said, masks.New(m.Image))
	}
	e.begin(split, clicks)
	return e
}

// begin starts another exam of the same model, in the same memory.
func (e *exam) begin(split data.Split, clicks int) {
	e.split, e.clicks, e.anywhere = split, min(clicks, Clicks), false
	e.Tally = Tally{Predicted: e.Predicted[:0], True: e.True[:0]}
}

// look examines the model on scene i.
func (e *exam) look(i int) {
	if !e.open(i, nil) {
		return
	}
	for c := range e.clicks {
		e.click(c)
	}
}

// open draws scene i, encodes it and points at the middle of every node that can be asked for, and that is one of those that only picks,
// where it is not nil. It returns false where there is none.
func (e *exam) open(i int, only func(node int) bool) bool {
	m, pixels := e.m, e.m.Pixels()
	e.scene.Draw(scenes.Shapes, e.split, i, m.Image, nil)
	e.wanted, e.mask = e.wanted[:0], sized(e.mask, pixels)
	for len(e.pool) < len(e.scene.Nodes) {
		e.pool = append(e.pool, masks.New(m.Image))
	}
	e.nodes = e.pool[:len(e.scene.Nodes)]
	for n := range e.scene.Nodes {
		e.scene.Mask(e.mask, n)
		e.nodes[n].Fill(e.mask, 0.5)
	}
	for n := range e.scene.Nodes {
		if askable(&e.scene, n) && float64(e.scene.Nodes[n].Area) >= examined*float64(pixels) && (only == nil || only(n)) {
			e.wanted = append(e.wanted, n)
		}
	}
	n := len(e.wanted)
	if n == 0 {
		return false
	}
	e.ious = sized(e.ious, n)
	e.truth, e.last = sized(e.truth, n*pixels), sized(e.last, n*pixels)
	for len(e.placed) < n {
		e.placed = append(e.placed, make([]click, 0, Clicks))
	}
	for j, node := range e.wanted {
		e.nodes[node].Write(e.truth[j*pixels:][:pixels])
		e.placed[j] = append(e.placed[j][:0], click{e.start(i, node, e.truth[j*pixels:][:pixels]), kindForeground})
	}
	e.tape.Reset()
	embedded := m.Encode(e.tape, e.scene.RGB)
	e.embed = append(e.embed[:0], embedded.Data()...)
	e.Cost[0] = e.tape.Ledger.ForwardFLOP
	return true
}

// start is the pixel of the first click on a node of scene i.
func (e *exam) start(i, node int, truth []float32) int {
	c := e.scene.Nodes[node].Centre
	if !e.anywhere {
		return c.Y*e.m.Image + c.X
	}
	left := rand.New(rand.NewPCG(streamAnywhere, uint64(i)<<16|uint64(node))).IntN(e.scene.Nodes[node].Area)
	for at, v := range truth {
		if v > 0 {
			if left == 0 {
				return at
			}
			left--
		}
	}
	return c.Y*e.m.Image + c.X // not reached: a node has as many pixels as its area
}

// streamAnywhere is the source of random first clicks.
const streamAnywhere = 0x5a35

// click asks for all nodes after their next click.
func (e *exam) click(c int) {
	m, pixels, n := e.m, e.m.Pixels(), len(e.wanted)
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
	if c == 0 {
		e.Cost[1] = e.tape.Ledger.ForwardFLOP / int64(n)
		loss := logits.MaskLoss(scores, e.truth, tape.MaskLoss{To: k, Focal: focalWeight, Dice: 1, IoU: 1, Alpha: focalAlpha, Share: 1})
		e.loss += float64(float64(loss.Item()) * float64(n))
	}
	for j := range n {
		truth := e.nodes[e.wanted[j]]
		all := logits.Data()[j*k*pixels:][:k*pixels]
		best := 0
		for h := 1; h < k; h++ {
			if scores.Data()[j*k+h] > scores.Data()[j*k+best] {
				best = h
			}
		}
		copy(e.last[j*pixels:][:pixels], all[best*pixels:])
		e.shown.Fill(all[best*pixels:][:pixels], 0)
		e.ious[j] = masks.IoU(e.shown, truth)
		e.ByClicks[c] += e.ious[j]
		if c == 0 {
			h, iou := e.first(e.wanted[j], e.placed[j][0].pixel, all, scores.Data()[j*k:][:k], truth)
			if e.picks {
				copy(e.last[j*pixels:][:pixels], all[h*pixels:])
				e.ious[j] = iou
			}
		}
		if c+1 < e.clicks {
			next, done := e.visitor.next(e.truth[j*pixels:][:pixels], e.last[j*pixels:][:pixels])
			if done {
				next = e.placed[j][0]
			}
			e.placed[j] = append(e.placed[j], next)
		}
	}
}

// first adds up what the masks for one click tell. It returns the best of them, and its IoU.
func (e *exam) first(node, pixel int, all, scores []float32, truth masks.Mask) (best int, oracle float64) {
	side, pixels, k := e.m.Image, e.m.Pixels(), len(scores)
	said := e.said[:k]
	e.heads = k
	for h := range k {
		said[h].Fill(all[h*pixels:][:pixels], 0)
		e.Areas[h] += float64(said[h].Area()) / float64(pixels)
		if iou := masks.IoU(said[h], truth); iou > oracle {
			best, oracle = h, iou
		}
	}
	e.at = e.scene.At(e.at[:0], pixel%side, pixel/side)
	there := e.there[:0]
	for _, at := range e.at {
		there = append(there, e.nodes[at])
	}
	e.there = there
	var fits [maxMasks]int
	for h, mask := range said {
		var fit float64
		if fits[h], fit = masks.Best(mask, there); fit <= 0 {
			fits[h] = -1 // it is empty, or beside them all: none of them
		}
		e.Predicted, e.True = append(e.Predicted, float64(scores[h])), append(e.True, fit)
	}
	level := &e.Levels[e.scene.Nodes[node].Level]
	level.Asked++
	level.Oracle += oracle
	e.Asked++
	e.Oracle += oracle
	if len(there) < 2 || k < 2 {
		return best, oracle
	}
	e.Ambiguous++
	found, alike := 0, false
	for h := range k {
		again := fits[h] < 0
		for g := range h {
			again = again || fits[g] == fits[h]
			alike = alike || masks.IoU(said[h], said[g]) >= alikeIoU
		}
		if !again {
			found++
		}
	}
	if found >= min(len(there), k) {
		e.Apart++
	}
	if !alike {
		e.Distinct++
	}
	return best, oracle
}

// alikeIoU is the IoU from which two masks count as one.
const alikeIoU = 0.9

// maxMasks is the largest number of masks for one click.
const maxMasks = 4

// MIoU is the mean over prompts after so many clicks, of the mask that is shown.
func (t *Tally) MIoU(clicks int) float64 { return t.ByClicks[clicks-1] / float64(max(t.Asked, 1)) }

// Loss is the mean over prompts of the training loss for one click.
func (t *Tally) Loss() float64 { return t.loss / float64(max(t.Asked, 1)) }

// Spearman is the rank correlation of estimated and true IoU over all masks for one click.
func (t *Tally) Spearman() float64 { return masks.Spearman(t.Predicted, t.True) }

// BestOf is the mean over prompts of the best mask for one click.
func (t *Tally) BestOf() float64 { return t.Oracle / float64(max(t.Asked, 1)) }

// Score is what a model reaches on held-out scenes: means over everything that can be asked for, 0..1.
type Score struct {
	Scenes   int             `json:"scenes"`
	Asked    int             `json:"asked"`
	BestOf   float64         `json:"best_of_three"` // IoU of the best of the masks for one click in the middle
	ByClicks [Clicks]float64 `json:"by_clicks"`     // IoU of the mask that is shown after each click
	Levels   [3]float64      `json:"levels"`        // BestOf of wholes, parts and subparts
	Spearman float64         `json:"spearman"`      // rank correlation of estimated and true IoU of the masks for one click
	Apart    float64         `json:"apart"`         // share of ambiguous clicks whose masks are different nodes
	Distinct float64         `json:"distinct"`      // share of ambiguous clicks whose masks overlap by less than 0.9
	Areas    []float64       `json:"areas"`         // share of the picture that each mask for one click covers, mean over prompts
}

// Examine scores a model on the first n scenes of a split.
func Examine(m *Model, split data.Split, n, clicks int) Score {
	on := tape.New()
	on.Infer = true
	e := newExam(m, split, clicks, true, on)
	for i := range n {
		e.look(i)
	}
	return e.score(n)
}

func (t *Tally) score(scenes int) Score {
	s := Score{Scenes: scenes, Asked: t.Asked, BestOf: short(t.BestOf()), Spearman: short(t.Spearman())}
	for c := range s.ByClicks {
		s.ByClicks[c] = short(t.MIoU(c + 1))
	}
	for l, of := range t.Levels {
		s.Levels[l] = short(of.Oracle / float64(max(of.Asked, 1)))
	}
	s.Apart = short(float64(t.Apart) / float64(max(t.Ambiguous, 1)))
	s.Distinct = short(float64(t.Distinct) / float64(max(t.Ambiguous, 1)))
	for _, a := range t.Areas[:t.heads] { // of a mask that is always empty, 0
		s.Areas = append(s.Areas, short(a/float64(max(t.Asked, 1))))
	}
	return s
}

// short rounds a share to four digits.
func short(x float64) float64 { return math.Round(float64(1e4*x)) / 1e4 }
