package sam

import (
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Kinds of prompt tokens: rows of the table of types.
const (
	kindBackground int32 = iota // a point that is not meant
	kindForeground              // a point that is meant
	kindTopLeft                 // corners of a box
	kindBottomRight
	kindPadding // no point: stands where there is no box
	kinds
)

// promptEncoder turns points, boxes and masks into tokens and into something to add to the picture's embedding (Kirillov et al.
// 2023, appendix A). Words enter as tokens too, see prompts.words.
type promptEncoder struct {
	Config
	gauss  *tape.Param // [2, d/2], fixed: frequencies of the Fourier code, in turns
	grid   *tape.Param // [tokens, d], fixed: the codes of the middles of the picture's tokens
	kinds  *tape.Param // [kinds, d]
	blank  *tape.Param // [1, d]: stands for a mask where there is none
	down1  *nn.Conv    // 2×2 in steps of 2: 1 → 4
	norm1  *nn.LayerNorm
	down2  *nn.Conv // 4 → 16
	norm2  *nn.LayerNorm
	spread *nn.Linear // 1×1: 16 → d
}

func newPromptEncoder(r *rand.Rand, c Config) *promptEncoder {
	d := c.Width
	p := &promptEncoder{Config: c,
		gauss:  newTable(r, "prompt/gauss", tape.Shape{2, d / 2}),
		grid:   tape.NewParam("prompt/grid", tape.Shape{c.Tokens(), d}),
		kinds:  newTable(r, "prompt/kinds", tape.Shape{int(kinds), d}),
		blank:  newTable(r, "prompt/blank", tape.Shape{1, d}),
		down1:  nn.NewConv(nil, "prompt/down1", 2, 1, 4, 2, 0, true),
		norm1:  nn.NewLayerNorm("prompt/norm1", 4),
		down2:  nn.NewConv(nil, "prompt/down2", 2, 4, 16, 2, 0, true),
		norm2:  nn.NewLayerNorm("prompt/norm2", 16),
		spread: newDense(r, "prompt/spread", 16, d),
	}
	p.gauss.Frozen, p.grid.Frozen = true, true
	for _, c := range []struct {
		conv *nn.Conv
		in   int
	}{{p.down1, 4}, {p.down2, 16}} {
		spread(r, c.conv.W.Value.Data, c.in)
		spread(r, c.conv.B.Value.Data, c.in)
	}
	p.codeGrid()
	return p
}

// codeGrid writes the codes of the grid from the frequencies.
func (p *promptEncoder) codeGrid() {
	g, d := p.Grid(), p.Width
	for i := range g * g {
		p.code(p.grid.Value.Data[i*d:][:d], (float64(i%g)+0.5)/float64(g), (float64(i/g)+0.5)/float64(g))
	}
	p.grid.Touch()
}

// code writes the Fourier code of a place, x and y as shares of the picture: sines, then cosines, of (2x-1)·G0 + (2y-1)·G1
// turns.
func (p *promptEncoder) code(dst []float32, x, y float64) {
	n := p.Width / 2
	gx, gy := p.gauss.Value.Data[:n], p.gauss.Value.Data[n:]
	x, y = float64(2*x)-1, float64(2*y)-1
	for i := range n {
		sin, cos := nn.Turn(float64(x*float64(gx[i])) + float64(y*float64(gy[i])))
		dst[i], dst[n+i] = float32(sin), float32(cos)
	}
}

// prompts are n prompts of equally many tokens, on their way into a step.
type prompts struct {
	n, k  int
	codes []float32 // [n, k, d]
	kinds []int32   // [n, k]
	// words is the slot for text (Kirillov et al. 2023, §7.5): an embedding of each prompt's words in the model's width [n, d], which
	// becomes its last token, without code or type. nil where nothing is said. No model here has been trained with any.
	words []float32
}

// reset makes room for n prompts of k tokens.
func (q *prompts) reset(n, k, d int) {
	q.n, q.k, q.words = n, k, nil
	q.codes, q.kinds = sized(q.codes, n*k*d), sized(q.kinds, n*k)
	clear(q.codes)
}

// sized is x with n elements, in new memory only where it has no room.
func sized[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// set writes token j of prompt i: a place in pixels of the picture, whose first pixel has its middle at 0.5, 0.5.
func (p *promptEncoder) set(q *prompts, i, j int, kind int32, x, y float64) {
	at := i*q.k + j
	q.kinds[at] = kind
	if kind == kindPadding {
		clear(q.codes[at*p.Width:][:p.Width])
		return
	}
	side := float64(p.Image)
	p.code(q.codes[at*p.Width:][:p.Width], x/side, y/side)
}

// tokens are the prompts as tokens: [n, k, d], or [n, k+1, d] with words.
func (p *promptEncoder) tokens(t *tape.Tape, q *prompts) tape.Var {
	d := p.Width
	types := t.Leaf(p.kinds).Reshape(tape.Shape{1, int(kinds), d}).TakeRows(q.kinds).Reshape(tape.Shape{q.n, q.k, d})
	codes := t.Blank(tape.Shape{q.n, q.k, d})
	copy(codes.Data(), q.codes)
	tokens := types.Add(codes)
	if q.words == nil {
		return tokens
	}
	return tokens.Insert(q.k, t.Input(tape.Tensor{Shape: tape.Shape{q.n, 1, d}, Data: q.words}))
}

// dense is the picture's embedding x [n, tokens, d] with a rough mask added: logits [n, image, image], or nil for none.
func (p *promptEncoder) dense(x tape.Var, logits []float32) tape.Var {
	if logits == nil {
		return x.AddRow(p.blank)
	}
	n, side := x.Shape()[0], p.Image
	t := x.Tape()
	m := t.Blank(tape.Shape{n, side, side, 1})
	copy(m.Data(), logits)
	m = p.norm1.Forward(p.down1.Forward(m)).GELU()
	m = p.norm2.Forward(p.down2.Forward(m)).GELU()
	return p.spread.ForwardAdd(m.Reshape(tape.Shape{n, p.Tokens(), 16}), x)
}

// Params implements nn.Module.
func (p *promptEncoder) Params(visit func(*tape.Param)) {
	visit(p.gauss)
	visit(p.kinds)
	visit(p.blank)
	p.down1.Params(visit)
	p.norm1.Params(visit)
	p.down2.Params(visit)
	p.norm2.Params(visit)
	p.spread.Params(visit)
}
