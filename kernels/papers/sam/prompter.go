package sam

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam/masks"
	"petri/kernels/tape"
)

// prompter answers prompts, of the shipped model and of racers in training. A picture is encoded once for each state of a model.
type prompter struct {
	env     lab.Env
	shipped *Model
	tape    *tape.Tape
	picture encoded
	answers []answered // the last few, whose masks may be fed back
	every   everything
	q       prompts
}

// encoded is a picture as a model sees it.
type encoded struct {
	of    *Model
	step  int
	key   string
	moves string
	rgb   []float32     // [side, side, 3]
	embed []float32     // [tokens, d]
	scene *scenes.Scene // nil for a picture of the visitor's
	spent float64       // milliseconds of the encoder
}

// answered is what may be fed back of an answer.
type answered struct {
	serial, chosen int
	of             *Model
	logits         []float32 // [masks, side²]
}

// remembered is how many answers can be referred to: the visitor undoes.
const remembered = 16

func newPrompter(env lab.Env) lab.Prompter {
	p := &prompter{env: env, tape: tape.New()}
	p.tape.Infer = true
	return p
}

// asked is the model that an ask means.
func (p *prompter) asked(ask wire.Ask, live lab.Trial) (*Model, int, error) {
	if ask.Model == wire.ModelLive {
		t, ok := live.(*trial)
		if !ok {
			return nil, 0, errors.New("this racer takes no prompts")
		}
		m, step := t.current()
		return m, step, nil
	}
	if p.shipped == nil {
		m, err := shippedModel(p.env)
		if err != nil {
			return nil, 0, err
		}
		p.shipped = m
	}
	return p.shipped, 0, nil
}

// Begin implements lab.Prompter.
func (p *prompter) Begin(ask wire.Ask, buffers [][]float32, bytes []byte, live lab.Trial) (lab.Answering, error) {
	if ask.Kind == wire.AskExport {
		return p.export, nil
	}
	m, step, err := p.asked(ask, live)
	if err != nil {
		return nil, err
	}
	name := ""
	if t, ok := live.(*trial); ok {
		name = t.arm.String()
	}
	fresh, err := p.look(m, step, ask.Picture, buffers)
	if err != nil {
		return nil, err
	}
	shown := p.picture // an answer in the making keeps its own, whatever is asked about in between
	base := func() *wire.Answer {
		a := &wire.Answer{Arm: name, Step: step, Side: m.Image, EncoderMs: shown.spent, Encoded: fresh, Chosen: -1}
		if s := shown.scene; s != nil {
			a.Caption = sentence(s)
			for _, n := range s.Nodes {
				a.Objects = max(a.Objects, n.Object+1)
			}
		}
		return a
	}
	switch ask.Kind {
	case wire.AskPrompt:
		return func() (lab.Reply, error) {
			a := base()
			out, err := p.prompt(m, ask, buffers, a)
			return lab.Reply{Answer: a, Buffers: out, Done: true}, err
		}, nil
	case wire.AskEvery:
		return p.every.begin(p, m, step, ask, base)
	case wire.AskImport:
		kept, err := masks.Import(bytes, m.Image)
		if err != nil {
			return nil, err
		}
		return func() (lab.Reply, error) {
			p.every = everything{kept: kept}
			a := base()
			return lab.Reply{Answer: a, Buffers: shown.found(a, kept), Done: true}, nil
		}, nil
	}
	return nil, fmt.Errorf("there is no prompt of the kind %q", ask.Kind)
}

// sentence is the caption of a scene as it is read: captions are words, and a comma is one of them.
func sentence(s *scenes.Scene) string { return strings.ReplaceAll(s.Caption(), " , ", ", ") }

// ownSide is the side of a picture that a visitor brings, in pixels.
const ownSide = 64

// look encodes a picture, unless that was done already, and says whether it did.
func (p *prompter) look(m *Model, step int, from wire.Source, buffers [][]float32) (fresh bool, err error) {
	e, moves := &p.picture, fmt.Sprint(from.Moves)
	if e.of == m && e.step == step && e.key == from.Key && e.moves == moves && e.embed != nil {
		return false, nil
	}
	if e.key != from.Key || e.moves != moves || e.of == nil || e.of.Image != m.Image {
		rgb, scene, err := picture(m.Image, from, buffers)
		if err != nil {
			return false, err
		}
		e.rgb, e.scene = rgb, scene
	}
	begin := p.env.Now()
	p.tape.Reset()
	e.embed = append([]float32(nil), m.Encode(p.tape, e.rgb).Data()...)
	e.spent = p.env.Now() - begin
	e.of, e.step, e.key, e.moves = m, step, from.Key, moves
	return true, nil
}

// picture is what a source shows, at a model's size.
func picture(side int, from wire.Source, buffers [][]float32) ([]float32, *scenes.Scene, error) {
	if from.Own {
		if len(buffers) == 0 || len(buffers[0]) != 3*ownSide*ownSide {
			return nil, nil, fmt.Errorf("a picture of one's own comes as %d × %d pixels of three colours", ownSide, ownSide)
		}
		for _, v := range buffers[0] {
			if !(v >= 0 && v <= 1) {
				return nil, nil, errors.New("the colours of a picture lie between 0 and 1")
			}
		}
		return shrink(buffers[0], ownSide/side), nil, nil
	}
	split, ok := splitNamed[from.Split]
	if !ok || from.Index < 0 {
		return nil, nil, fmt.Errorf("there is no scene %d of the split %q", from.Index, from.Split)
	}
	s := &scenes.Scene{}
	moves := make([]scenes.Move, len(from.Moves))
	for i, m := range from.Moves {
		moves[i] = scenes.Move{Object: m.Object, DX: m.DX, DY: m.DY}
	}
	s.Draw(scenes.Shapes, split, from.Index, side, moves)
	return s.RGB, s, nil
}

var splitNamed = map[string]data.Split{data.Train.String(): data.Train, data.Validation.String(): data.Validation, data.Test.String(): data.Test}

// shrink is a square picture of three colours with each block of by×by pixels made one.
func shrink(rgb []float32, by int) []float32 {
	if by == 1 {
		return append([]float32(nil), rgb...)
	}
	side := ownSide / by
	out := make([]float32, side*side*3)
	for y := range ownSide {
		for x := range ownSide {
			for c := range 3 {
				out[(y/by*side+x/by)*3+c] += rgb[(y*ownSide+x)*3+c] / float32(by*by)
			}
		}
	}
	return out
}

// maxPoints is how many points one prompt may have: more would make the tokens outweigh the picture.
const maxPoints = 64

// prompt answers a prompt at a place.
func (p *prompter) prompt(m *Model, ask wire.Ask, buffers [][]float32, a *wire.Answer) ([][]float32, error) {
	q, side, pixels := ask.Prompt, m.Image, m.Pixels()
	if err := checkPrompt(q, side); err != nil {
		return nil, err
	}
	begin := p.env.Now()
	points := q.Points
	var feed []float32
	if q.Brush {
		var painted []float32
		if n := len(buffers); n > 0 {
			painted = buffers[n-1]
		}
		if len(painted) != pixels {
			return nil, fmt.Errorf("a brushed mask has %d pixels here, not %d", pixels, len(painted))
		}
		var middle wire.PromptPoint
		if feed, middle = brushed(painted, side); feed != nil {
			points = append([]wire.PromptPoint{middle}, points...)
		}
	} else if q.Feed && q.From > 0 {
		feed = p.fed(m, q)
	}
	if len(points) == 0 && q.Box == nil { // nothing is pointed at: the picture alone
		return [][]float32{slices.Clone(p.picture.rgb), nil, nil, nil, p.instances(pixels)}, nil
	}
	p.write(m, points, q.Box)
	p.tape.Reset()
	x := p.tape.Input(tape.Tensor{Shape: tape.Shape{1, m.Tokens(), m.Width}, Data: p.picture.embed})
	logits, scores := m.decode(x, &p.q, feed, 0, m.MaskTokens())
	a.DecoderMs = p.env.Now() - begin
	var out, said []float32
	heads := shownHeads(m)
	for _, h := range heads {
		out = append(out, logits.Data()[h*pixels:][:pixels]...)
		said = append(said, scores.Data()[h])
	}
	if !finite(out) || !finite(said) {
		return nil, errors.New("the model answers with numbers that are none: its training has diverged. Choose another racer, or a smaller rate")
	}
	truths, nodes := p.truths(points, q, side)
	k := m.MaskTokens()
	for i, h := range heads {
		z := out[i*pixels:][:pixels]
		mask := masks.Above(z, side, 0)
		am := wire.AnswerMask{Head: h, Predicted: float64(said[i]), Stability: masks.Stability(z, 1), True: -1, Node: -1, Area: mask.Area()}
		if m.Masks == 1 {
			am.Head = 1
		}
		if len(nodes) > 0 {
			am.Node, am.True = masks.Best(mask, nodes)
		}
		a.Masks = append(a.Masks, am)
	}
	several := len(points)
	if q.Box != nil {
		several++
	}
	if feed != nil { // a rough mask is a prompt as well: in training only the mask for several has seen one
		several++
	}
	a.Chosen = choose(said, ask.Rule, several > 1, p.q.k)
	for i, n := range truths {
		a.Truths = append(a.Truths, wire.TrueNode{Name: n.Name, Level: n.Level.String(), Area: nodes[i].Area()})
	}
	a.Layers, a.Heads, a.Grid = []string{"layer 1", "layer 2", "final"}, m.Heads, m.Grid()
	token := 1 + k + len(points) - 1
	if len(q.Points) == 0 && q.Box != nil {
		token = 1 + k + p.q.k - 1 // the second corner
	}
	maps := p.attention(m, token)
	p.answers = append(p.answers, answered{ask.Serial, a.Chosen, m, slices.Clone(out)})
	if len(p.answers) > remembered {
		p.answers = append(p.answers[:0], p.answers[1:]...)
	}
	true0 := make([]float32, len(nodes)*pixels)
	for i, n := range nodes {
		n.Write(true0[i*pixels:][:pixels])
	}
	return [][]float32{slices.Clone(p.picture.rgb), out, true0, maps, p.instances(pixels)}, nil
}

// checkPrompt refuses prompts that lie nowhere.
func checkPrompt(q wire.Prompt, side int) error {
	if len(q.Points) > maxPoints {
		return fmt.Errorf("%d points are more than the %d that one prompt may have: undo some, or clear", len(q.Points), maxPoints)
	}
	inside := func(x float64) bool { return x >= 0 && x <= float64(side) }
	for _, c := range q.Points {
		if !inside(c.X) || !inside(c.Y) || c.Label != 0 && c.Label != 1 {
			return fmt.Errorf("a point at %.4g, %.4g lies outside of the %d × %d pixels, or is neither this nor not this", c.X, c.Y, side, side)
		}
	}
	if b := q.Box; b != nil && !(inside(b.X0) && inside(b.Y0) && inside(b.X1) && inside(b.Y1) && b.X1 > b.X0 && b.Y1 > b.Y0) {
		return fmt.Errorf("a box from %.4g, %.4g to %.4g, %.4g is empty or leaves the %d × %d pixels", b.X0, b.Y0, b.X1, b.Y1, side, side)
	}
	return nil
}

// write brings one prompt into tokens: points, then the corners of the box, or the padding.
func (p *prompter) write(m *Model, points []wire.PromptPoint, b *wire.PromptBox) {
	k := len(points) + 1
	if b != nil {
		k++
	}
	p.q.reset(1, k, m.Width)
	for j, c := range points {
		m.prompt.set(&p.q, 0, j, int32(c.Label), c.X, c.Y)
	}
	if b == nil {
		m.prompt.set(&p.q, 0, k-1, kindPadding, 0, 0)
		return
	}
	m.prompt.set(&p.q, 0, k-2, kindTopLeft, b.X0, b.Y0)
	m.prompt.set(&p.q, 0, k-1, kindBottomRight, b.X1, b.Y1)
}

// brushLogit is the logit that a brushed pixel counts as, with the other sign where nothing was brushed.
const brushLogit = 4

// brushed turns a painted mask into logits and a click in its middle: in training a rough mask never came without a point. It is nil
// where nothing was painted.
func brushed(painted []float32, side int) ([]float32, wire.PromptPoint) {
	set, depth := make([]bool, len(painted)), make([]int32, len(painted))
	logits := make([]float32, len(painted))
	for i, v := range painted {
		set[i], logits[i] = v > 0, -brushLogit
		if set[i] {
			logits[i] = brushLogit
		}
	}
	deepen(depth, set, side)
	best := 0
	for i, d := range depth {
		if d > depth[best] {
			best = i
		}
	}
	if depth[best] == 0 {
		return nil, wire.PromptPoint{}
	}
	return logits, wire.PromptPoint{X: float64(best%side) + 0.5, Y: float64(best/side) + 0.5, Label: 1}
}

// fed are the logits of an earlier answer of the same model; nil where it is not remembered.
func (p *prompter) fed(m *Model, q wire.Prompt) []float32 {
	for i, a := range p.answers {
		if a.serial != q.From || a.of != m {
			continue
		}
		// It is remembered for as long as it is referred to: a racer in training is asked the same thing again and again.
		p.answers = append(slices.Delete(p.answers, i, i+1), a)
		at := a.chosen
		if q.Fed > 0 && q.Fed <= m.MaskTokens() {
			at = q.Fed - 1
		}
		return a.logits[at*m.Pixels():][:m.Pixels()]
	}
	return nil
}

// shownHeads are the masks of an answer in their order: those for a single prompt, then that for several.
func shownHeads(m *Model) []int {
	from, to := m.Single()
	var heads []int
	for h := from; h < to; h++ {
		heads = append(heads, h)
	}
	if from > 0 {
		heads = append(heads, 0)
	}
	return heads
}

// choose is the mask that a rule shows, as an index into said: the estimates of the masks for a single prompt, and behind them that of
// the mask for several. tokens are those of the prompt, the padding among them.
func choose(said []float32, rule string, several bool, tokens int) int {
	if len(said) == 1 {
		return 0
	}
	best, last := 0, len(said)-1
	for i, x := range said[:last] {
		if x > said[best] {
			best = i
		}
	}
	if rule == wire.RuleExport {
		// The authors' exported model adds (tokens - 2.5)·1000 to the estimate of mask 0.
		if float64(said[last])+float64((float64(tokens)-2.5)*1000) > float64(said[best]) {
			return last
		}
		return best
	}
	if several {
		return last
	}
	return best
}

// truths are the nodes of the scene that a prompt may mean: those at the first point that says this, or the one that a box fits best.
func (p *prompter) truths(points []wire.PromptPoint, q wire.Prompt, side int) ([]scenes.Node, []masks.Mask) {
	s := p.picture.scene
	if s == nil {
		return nil, nil
	}
	var nodes []int
	for _, c := range points {
		if c.Label == 1 {
			nodes = s.At(nil, min(int(c.X), side-1), min(int(c.Y), side-1))
			break
		}
	}
	if b := q.Box; len(nodes) == 0 && b != nil {
		asked := masks.Box{X0: round(b.X0), Y0: round(b.Y0), X1: round(b.X1), Y1: round(b.Y1)}
		best := 0.0
		for i, n := range s.Nodes {
			if o := masks.BoxIoU(asked, masks.Box(n.Box)); o > best {
				best, nodes = o, []int{i}
			}
		}
	}
	var out []scenes.Node
	var all []masks.Mask
	for _, n := range nodes {
		out, all = append(out, s.Nodes[n]), append(all, p.picture.node(n))
	}
	return out, all
}

func round(x float64) int { return int(math.Floor(x + 0.5)) }

// node is the mask of a node of the scene.
func (e *encoded) node(n int) masks.Mask {
	s := e.scene
	dst := make([]float32, s.Size*s.Size)
	s.Mask(dst, n)
	return masks.Above(dst, s.Size, 0.5)
}

// instances are the objects of the scene by pixel, nil where there is no scene.
func (p *prompter) instances(pixels int) []float32 {
	if p.picture.scene == nil {
		return nil
	}
	out := make([]float32, pixels)
	for i, v := range p.picture.scene.Instance {
		out[i] = float32(v)
	}
	return out
}

// attention copies what a token looked at in the picture: [layers, heads, grid, grid].
func (p *prompter) attention(m *Model, token int) []float32 {
	var out []float32
	for _, name := range [3]string{"decoder/layer0/ask", "decoder/layer1/ask", "decoder/final"} {
		heads, queries, keys, ok := p.tape.Attention(nil, name, 0)
		if !ok || token >= queries {
			return nil
		}
		all := make([]float32, heads*queries*keys)
		p.tape.Attention(all, name, 0)
		for h := range heads {
			out = append(out, all[(h*queries+token)*keys:][:keys]...)
		}
	}
	return out
}

func finite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// example is the answer of a model to a click in the middle of the deepest thing of a scene that can be asked for: what the stage shows
// before a visitor has pointed at anything.
func (p *prompter) example(m *Model, step int, split data.Split, i int) (*wire.Answer, [][]float32) {
	from := wire.Source{Key: wire.SceneKey(split.String(), i, nil), Split: split.String(), Index: i}
	if _, err := p.look(m, step, from, nil); err != nil {
		return &wire.Answer{Side: m.Image, Chosen: -1}, nil
	}
	x := examples{size: m.Image, scene: *p.picture.scene}
	best := -1
	for n, node := range x.scene.Nodes {
		if x.asked(n) && (best < 0 || node.Level > x.scene.Nodes[best].Level || node.Level == x.scene.Nodes[best].Level && node.Area > x.scene.Nodes[best].Area) {
			best = n
		}
	}
	a := &wire.Answer{Kind: wire.AskPrompt, Step: step, Key: from.Key, Side: m.Image, Caption: sentence(&x.scene), Chosen: -1}
	ask := wire.Ask{Kind: wire.AskPrompt, Rule: wire.RulePaper}
	if best >= 0 {
		c := x.scene.Nodes[best].Centre
		ask.Prompt.Points = []wire.PromptPoint{{X: float64(c.X) + 0.5, Y: float64(c.Y) + 0.5, Label: 1}}
	}
	a.Prompt = ask.Prompt
	buffers, err := p.prompt(m, ask, nil, a)
	if err != nil { // of a racer that has diverged: the picture alone
		return a, [][]float32{slices.Clone(p.picture.rgb), nil, nil, nil, p.instances(m.Pixels())}
	}
	return a, buffers
}
