package sam

import (
	"errors"
	"slices"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// everything is everything mode: a grid of points, each asked for its masks (Kirillov et al. 2023, §5 and appendix B). What the
// model said is kept, so that a filter can be moved without asking again.
type everything struct {
	of     *Model
	step   int
	shown  encoded // the picture: another may be asked about while this one is under way
	points int
	layers int
	dots   []wire.Dot
	crops  []masks.Box
	asked  int // dots that were asked
	crop   int // whose embedding is at hand; -1 for none
	embed  []float32
	found  []masks.Candidate
	kept   []masks.Kept
}

// atOnce is how many points are asked in one slice, dotsTold how many between two answers.
const (
	atOnce   = 16
	dotsTold = 32
)

// begin prepares the answer to an ask for everything: nothing is asked again where only filters changed.
func (e *everything) begin(p *prompter, m *Model, step int, ask wire.Ask, base func() *wire.Answer) (lab.Answering, error) {
	set := ask.Every
	if set.Side < 4 || set.Side > 32 || set.Crops < 0 || set.Crops > 1 {
		return nil, errors.New("everything mode takes 4 to 32 points along each side, and no or one layer of crops")
	}
	now := &p.picture
	if e.of != m || e.step != step || e.shown.key != now.key || e.shown.moves != now.moves || e.points != set.Side || e.layers != set.Crops {
		*e = everything{of: m, step: step, shown: *now, points: set.Side, layers: set.Crops, crop: -1}
		e.dots, e.crops = masks.Grid(m.Image, set.Side, set.Crops)
		ask.Sort = false // there is nothing to sort
	}
	told := e.asked
	return func() (lab.Reply, error) {
		if e.asked < len(e.dots) && !ask.Sort {
			if err := e.ask(p, m); err != nil {
				return lab.Reply{}, err
			}
		}
		done := e.asked == len(e.dots) || ask.Sort
		if !done && e.asked-told < dotsTold {
			return lab.Reply{}, nil
		}
		told = e.asked
		a := base()
		e.kept = thinned(masks.Decide(e.dots, e.asked, e.found, e.crops, set), e.dots)
		a.Dots, a.Asked, a.More = append([]wire.Dot(nil), e.dots...), e.asked, !done
		return lab.Reply{Answer: a, Buffers: e.shown.found(a, e.kept), Done: done}, nil
	}, nil
}

// mostFound is how many masks an answer holds: with every bar down and no suppression there would be thousands, and a worker's memory,
// once grown, does not shrink.
const mostFound = 400

// thinned keeps the mostFound masks with the best estimates, in their order. What goes counts as suppressed at its point.
func thinned(kept []masks.Kept, dots []wire.Dot) []masks.Kept {
	if len(kept) <= mostFound {
		return kept
	}
	sorted := slices.Clone(kept)
	byScore(sorted)
	least, stay, equals := sorted[mostFound-1].Predicted, kept[:0], 0
	for _, k := range sorted[:mostFound] {
		if k.Predicted == least {
			equals++ // that there is room for
		}
	}
	has := make([]bool, len(dots))
	for _, k := range kept {
		if k.Predicted < least || k.Predicted == least && equals == 0 {
			continue
		}
		if k.Predicted == least {
			equals--
		}
		stay = append(stay, k)
		has[k.Dot] = true
	}
	for i := range dots {
		if dots[i].Fate == frame.FateKept && !has[i] {
			dots[i].Fate = frame.FateSuppressed
		}
	}
	return stay
}

// ask asks the next points, all of one crop.
func (e *everything) ask(p *prompter, m *Model) error {
	at := e.dots[e.asked].Crop
	n := 1
	for n < atOnce && e.asked+n < len(e.dots) && e.dots[e.asked+n].Crop == at {
		n++
	}
	crop := e.crops[at]
	if e.crop != at {
		e.crop, e.embed = at, e.shown.embed
		if at > 0 {
			p.tape.Reset()
			e.embed = append([]float32(nil), m.Encode(p.tape, cut(e.shown.rgb, m.Image, crop)).Data()...)
		}
	}
	p.q.reset(n, 2, m.Width)
	scale := float64(m.Image) / float64(crop.X1-crop.X0)
	for i, d := range e.dots[e.asked:][:n] {
		m.prompt.set(&p.q, i, 0, kindForeground, float64((d.X-float64(crop.X0))*scale), float64((d.Y-float64(crop.Y0))*scale))
		m.prompt.set(&p.q, i, 1, kindPadding, 0, 0)
	}
	p.tape.Reset()
	x := p.tape.Input(tape.Tensor{Shape: tape.Shape{1, m.Tokens(), m.Width}, Data: e.embed}).Copies(n)
	from, to := m.Single()
	logits, scores := m.decode(x, &p.q, nil, from, to)
	if !finite(logits.Data()) || !finite(scores.Data()) {
		return errors.New("the model answers with numbers that are none: its training has diverged")
	}
	k, pixels := to-from, m.Pixels()
	for i := range n {
		for h := range k {
			j := i*k + h
			e.found = append(e.found, masks.Read(e.asked+i, float64(scores.Data()[j]), logits.Data()[j*pixels:][:pixels], m.Image, crop))
		}
	}
	e.asked += n
	return nil
}

// cut is a crop of a square picture at the size of the whole, linear between the middles of pixels.
func cut(rgb []float32, side int, crop masks.Box) []float32 {
	out := make([]float32, len(rgb))
	scale := float64(crop.X1-crop.X0) / float64(side)
	at := func(i, from int) (int, int, float32) {
		x := float64(from) + float64((float64(i)+0.5)*scale) - 0.5
		x = min(max(x, 0), float64(side-1))
		lo := int(x)
		return lo, min(lo+1, side-1), float32(x - float64(lo))
	}
	for y := range side {
		y0, y1, fy := at(y, crop.Y0)
		for x := range side {
			x0, x1, fx := at(x, crop.X0)
			for c := range 3 {
				top := mix(rgb[(y0*side+x0)*3+c], rgb[(y0*side+x1)*3+c], fx)
				low := mix(rgb[(y1*side+x0)*3+c], rgb[(y1*side+x1)*3+c], fx)
				out[(y*side+x)*3+c] = mix(top, low, fy)
			}
		}
	}
	return out
}

func mix(a, b, f float32) float32 { return a + float32(f*(b-a)) }

// found writes masks into an answer and its buffers: the picture, and [found, side, side].
func (e *encoded) found(a *wire.Answer, kept []masks.Kept) [][]float32 {
	side := a.Side
	out := make([]float32, len(kept)*side*side)
	var nodes []masks.Mask
	if e.scene != nil {
		for n := range e.scene.Nodes {
			nodes = append(nodes, e.node(n))
		}
	}
	for i, k := range kept {
		k.Mask.Write(out[i*side*side:][:side*side])
		f := k.FoundMask
		_, f.True = masks.Best(k.Mask, nodes)
		a.Found = append(a.Found, f)
	}
	return [][]float32{slices.Clone(e.rgb), out}
}

// export writes the masks that everything mode, or a file, gave last.
func (p *prompter) export() (lab.Reply, error) {
	if len(p.every.kept) == 0 {
		return lab.Reply{}, errors.New("there are no masks to export: run everything mode first")
	}
	text, err := masks.Export(p.every.kept, p.every.dots, p.every.crops)
	return lab.Reply{File: &wire.File{Name: "petri-sam-masks.json", Type: "application/json"}, Bytes: text, Done: true}, err
}
