package sam

import (
	"math/rand/v2"
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// decoder is the mask decoder (Kirillov et al. 2023, appendix A and figure 14): tokens and picture look at each other twice, then
// every mask token becomes the weights of a linear classifier over the upscaled picture.
type decoder struct {
	Config
	score  *tape.Param // [1, d]: the token that estimates IoUs
	masks  *tape.Param // [mask tokens, d]
	layers []*twoWay
	final  *attention
	norm   *nn.LayerNorm
	up1    *upConv // d → d/4
	upNorm *nn.LayerNorm
	up2    *upConv // d/4 → d/8
	hyper  []mlp   // of each mask token: d → d → d → d/8
	judge  mlp     // d → d → d → mask tokens
}

// twoWay is one layer: self-attention of the tokens, tokens look at the picture, an MLP, the picture looks at the tokens. A norm
// follows each.
type twoWay struct {
	first           bool
	self, ask, tell *attention
	mlp             mlp
	norm            [4]*nn.LayerNorm
}

// upConv is a transposed convolution of 2×2 windows that do not overlap.
type upConv struct{ w, b *tape.Param }

func newUpConv(r *rand.Rand, name string, in, out int) *upConv {
	u := &upConv{tape.NewParam(name+"/w", tape.Shape{in, 4 * out}), tape.NewParam(name+"/b", tape.Shape{out})}
	// The framework's fan-in of a transposed convolution counts its outputs.
	spread(r, u.w.Value.Data, 4*out)
	spread(r, u.b.Value.Data, 4*out)
	return u
}

func newDecoder(r *rand.Rand, c Config) *decoder {
	d, x := c.Width, c.cross()
	m := &decoder{Config: c,
		score: newTable(r, "decoder/score", tape.Shape{1, d}),
		masks: newTable(r, "decoder/masks", tape.Shape{c.MaskTokens(), d}),
		final: newAttention(r, "decoder/final", d, x, c.Heads).near(), norm: nn.NewLayerNorm("decoder/norm", d),
		up1: newUpConv(r, "decoder/up1", d, c.fine()), upNorm: nn.NewLayerNorm("decoder/upnorm", c.fine()), up2: newUpConv(r, "decoder/up2", c.fine(), c.finest()),
		judge: newMLP(r, "decoder/judge", d, d, d, c.MaskTokens()),
	}
	for i := range decoderLayers {
		name := "decoder/layer" + strconv.Itoa(i)
		l := &twoWay{first: i == 0,
			self: newAttention(r, name+"/self", d, d, c.Heads), ask: newAttention(r, name+"/ask", d, x, c.Heads).near(), tell: newAttention(r, name+"/tell", d, x, c.Heads).near(),
			mlp: newMLP(r, name+"/mlp", d, c.Hidden, d)}
		for j := range l.norm {
			l.norm[j] = nn.NewLayerNorm(name+"/norm"+strconv.Itoa(j), d)
		}
		m.layers = append(m.layers, l)
	}
	for i := range c.MaskTokens() {
		m.hyper = append(m.hyper, newMLP(r, "decoder/hyper"+strconv.Itoa(i), d, d, d, c.finest()))
	}
	return m
}

// decoderLayers is the number of two-way layers.
const decoderLayers = 2

// decode answers prompts: x [n, tokens, d] is the picture with the rough mask, prompts [n, k, d] the tokens, grid the codes of the
// picture's places. It returns the logits of the masks from..to [n, to-from, image²] and their estimated IoUs [n, to-from].
func (m *decoder) decode(x, prompts tape.Var, grid *tape.Param, from, to int) (logits, scores tape.Var) {
	t := x.Tape()
	before := t.Enter("decoder")
	defer t.Enter(before)
	n, d, masks := x.Shape()[0], m.Width, m.MaskTokens()
	t0 := prompts.Insert(0, t.Leaf(m.masks)).Insert(0, t.Leaf(m.score))
	tokens := t0
	for i, l := range m.layers {
		t.Enter(layerScopes[i])
		tokens, x = l.forward(tokens, t0, x, grid)
	}
	t.Enter("decoder")
	tokens = m.norm.Forward(m.final.add(tokens.Add(t0), x.Prepend(nil, grid), x, tokens))

	t.Enter("masks")
	g := m.Grid()
	p := x.Reshape(tape.Shape{n, g, g, d}).UpConv(m.up1.w, m.up1.b)
	p = m.upNorm.Forward(p).GELU().UpConv(m.up2.w, m.up2.b).GELU().Reshape(tape.Shape{n, m.Pixels(), m.finest()})
	heads := m.hyper[from].forward(tokens.Row(1 + from))
	for i := from + 1; i < to; i++ {
		heads = heads.Concat(m.hyper[i].forward(tokens.Row(1 + i)))
	}
	logits = heads.Reshape(tape.Shape{n, to - from, m.finest()}).Against(p)
	scores = m.judge.forward(tokens.Row(0))
	if to-from < masks {
		scores = scores.Reshape(tape.Shape{n, masks, 1}).Rows(from, to).Reshape(tape.Shape{n, to - from})
	}
	return logits.Named("logits"), scores.Named("scores")
}

// layerScopes are the names of the layers for people.
var layerScopes = [decoderLayers]string{"decoder layer 1", "decoder layer 2"}

// forward is one layer: tokens [n, k, d] and x [n, tokens, d]. t0 are the tokens as they came in, whose places are told again
// to every attention, as those of the picture are; values go without. The first layer's self-attention knows no places and has no
// residual: what it finds replaces the tokens.
func (l *twoWay) forward(tokens, t0, x tape.Var, grid *tape.Param) (tape.Var, tape.Var) {
	if l.first {
		tokens = l.self.forward(tokens, tokens, tokens)
	} else {
		q := tokens.Add(t0)
		tokens = l.self.add(q, q, tokens, tokens)
	}
	tokens = l.norm[0].Forward(tokens)
	k := x.Prepend(nil, grid)
	tokens = l.norm[1].Forward(l.ask.add(tokens.Add(t0), k, x, tokens))
	h := l.mlp[0].Forward(tokens).ReLU()
	tokens = l.norm[2].Forward(l.mlp[1].ForwardAdd(h, tokens))
	x = l.norm[3].Forward(l.tell.add(k, tokens.Add(t0), tokens, x))
	return tokens, x
}

// Params implements nn.Module.
func (m *decoder) Params(visit func(*tape.Param)) {
	visit(m.score)
	visit(m.masks)
	for _, l := range m.layers {
		for _, a := range []*attention{l.self, l.ask, l.tell} {
			a.Params(visit)
		}
		l.mlp.Params(visit)
		for _, n := range l.norm {
			n.Params(visit)
		}
	}
	m.final.Params(visit)
	m.norm.Params(visit)
	visit(m.up1.w)
	visit(m.up1.b)
	m.upNorm.Params(visit)
	visit(m.up2.w)
	visit(m.up2.b)
	for _, h := range m.hyper {
		h.Params(visit)
	}
	m.judge.Params(visit)
}
