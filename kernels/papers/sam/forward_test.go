package sam

import (
	"math"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// plainly is the model once more, written down from the paper's appendix A and the authors' code in float64 and with loops, for one
// picture and one prompt.
type plainly struct{ *Model }

func wide(p *tape.Param) []float64 { return ref64.Wide(p.Value.Data) }

func (plainly) dense(l *nn.Linear, x []float64) []float64 {
	in, out := l.W.Value.Shape[0], l.W.Value.Shape[1]
	return ref64.Linear(x, wide(l.W), wide(l.B), len(x)/in, in, out)
}

func (plainly) norm(l *nn.LayerNorm, x []float64) []float64 {
	return ref64.LayerNorm(x, wide(l.Gain), wide(l.Bias), l.Gain.Len())
}

// attend is attention of q to k and v, each brought to the inner width, and back.
func (m plainly) attend(a *attention, q, k, v []float64) []float64 {
	inner := a.q.W.Value.Shape[1]
	pq, pk, pv := m.dense(a.q, q), m.dense(a.k, k), m.dense(a.v, v)
	o, _ := ref64.CrossAttention(pq, pk, pv, nil, 1, len(pq)/inner, len(pk)/inner, a.heads, inner/a.heads)
	return m.dense(a.o, o)
}

func (m plainly) perceive(layers mlp, x []float64) []float64 {
	for i, l := range layers {
		if x = m.dense(l, x); i+1 < len(layers) {
			x = ref64.ReLU(x)
		}
	}
	return x
}

// image is the encoder: [image, image, 3] → [tokens, d].
func (m plainly) image(picture []float32) []float64 {
	e, g, p, d := m.encoder, m.Grid(), m.Patch, m.Width
	var patches []float64
	for at := range g * g {
		for y := range p {
			for x := range p {
				for c := range 3 {
					v := picture[((at/g*p+y)*m.Image+at%g*p+x)*3+c]
					patches = append(patches, (float64(v)-pixelMean)*pixelScale)
				}
			}
		}
	}
	x := ref64.Add(m.dense(e.patch, patches), wide(e.position))
	for i, b := range e.blocks {
		y := m.norm(b.norm1, x)
		q, k, v := m.dense(b.q, y), m.dense(b.k, y), m.dense(b.v, y)
		side := m.Window
		if m.global(i) {
			side = g
		}
		o := make([]float64, len(y))
		for wy := 0; wy < g; wy += side {
			for wx := 0; wx < g; wx += side {
				var rows []int
				for at := range side * side {
					rows = append(rows, (wy+at/side)*g+wx+at%side)
				}
				pick := func(x []float64) (part []float64) {
					for _, r := range rows {
						part = append(part, x[r*d:][:d]...)
					}
					return part
				}
				part, _ := ref64.AttentionRelative(pick(q), pick(k), pick(v), wide(b.rows), wide(b.cols), 1, side, side, m.Heads, d/m.Heads)
				for j, r := range rows {
					copy(o[r*d:][:d], part[j*d:])
				}
			}
		}
		x = ref64.Add(x, m.dense(b.o, o))
		x = ref64.Add(x, m.dense(b.fc2, ref64.GELU(m.dense(b.fc1, m.norm(b.norm2, x)))))
	}
	x = m.norm(e.norm1, ref64.MatMul(x, wide(e.reduce.W), g*g, d, d))
	return m.norm(e.norm2, ref64.Conv(x, wide(e.mix.W), nil, 1, g, g, d, d, 3, 1))
}

// place is the Fourier code of a place in pixels, whose first has its middle at 0.5.
func (m plainly) place(x, y float64) []float64 {
	n := m.Width / 2
	g := wide(m.prompt.gauss)
	out := make([]float64, 2*n)
	for i := range n {
		u := 2 * math.Pi * ((2*x/float64(m.Image)-1)*g[i] + (2*y/float64(m.Image)-1)*g[n+i])
		out[i], out[n+i] = math.Sin(u), math.Cos(u)
	}
	return out
}

// typed is a code with the learned vector of its kind.
func (m plainly) typed(kind int32, code []float64) []float64 {
	return ref64.Add(code, wide(m.prompt.kinds)[int(kind)*m.Width:][:m.Width])
}

// answer is everything behind the encoder: the embedding, prompt tokens one after the other and the logits of a rough mask, nil for
// none, → the logits of all masks, mask 0 first, and their estimated IoUs.
func (m plainly) answer(x, prompts, rough []float64) (logits, scores []float64) {
	p, dec, g, d := m.prompt, m.decoder, m.Grid(), m.Width
	if rough == nil {
		rough = make([]float64, 0, len(x))
		for range g * g {
			rough = append(rough, wide(p.blank)...)
		}
	} else {
		s := m.Image
		rough = ref64.Conv(rough, wide(p.down1.W), wide(p.down1.B), 1, s, s, 1, 4, 2, 2)
		rough = ref64.GELU(m.norm(p.norm1, rough))
		rough = ref64.Conv(rough, wide(p.down2.W), wide(p.down2.B), 1, s/2, s/2, 4, 16, 2, 2)
		rough = m.dense(p.spread, ref64.GELU(m.norm(p.norm2, rough)))
	}
	x = ref64.Add(x, rough)
	var grid []float64
	for at := range g * g {
		grid = append(grid, m.place((float64(at%g)+0.5)*float64(m.Patch), (float64(at/g)+0.5)*float64(m.Patch))...)
	}
	t0 := append(append(wide(dec.score), wide(dec.masks)...), prompts...)
	tokens := t0
	for i, l := range dec.layers {
		if i == 0 { // no places, and no residual
			tokens = m.attend(l.self, tokens, tokens, tokens)
		} else {
			q := ref64.Add(tokens, t0)
			tokens = ref64.Add(tokens, m.attend(l.self, q, q, tokens))
		}
		tokens = m.norm(l.norm[0], tokens)
		tokens = m.norm(l.norm[1], ref64.Add(tokens, m.attend(l.ask, ref64.Add(tokens, t0), ref64.Add(x, grid), x)))
		tokens = m.norm(l.norm[2], ref64.Add(tokens, m.perceive(l.mlp, tokens)))
		x = m.norm(l.norm[3], ref64.Add(x, m.attend(l.tell, ref64.Add(x, grid), ref64.Add(tokens, t0), tokens)))
	}
	tokens = m.norm(dec.norm, ref64.Add(tokens, m.attend(dec.final, ref64.Add(tokens, t0), ref64.Add(x, grid), x)))

	fine := ref64.UpConv(x, wide(dec.up1.w), wide(dec.up1.b), 1, g, g, d, m.fine())
	fine = ref64.GELU(m.norm(dec.upNorm, fine))
	fine = ref64.GELU(ref64.UpConv(fine, wide(dec.up2.w), wide(dec.up2.b), 1, 2*g, 2*g, m.fine(), m.finest()))
	for i := range m.MaskTokens() {
		head := m.perceive(dec.hyper[i], tokens[(1+i)*d:][:d])
		for at := range m.Pixels() {
			logits = append(logits, ref64.Dot(head, fine[at*m.finest():]))
		}
	}
	return logits, m.perceive(dec.judge, tokens[:d])
}

// shaken is a model in which nothing is zero, one or equal to something else.
func shaken(c Config) *Model {
	r := stream(11, "a test")
	m := New(r, c)
	m.Params(func(p *tape.Param) {
		if p.Frozen {
			return
		}
		for i := range p.Value.Data {
			p.Value.Data[i] += float32(r.NormFloat64() * 0.1)
		}
		p.Touch()
	})
	return m
}

// The model is what appendix A and the authors' code say, for a click, a box, both, and clicks on a rough mask: order of tokens, codes of
// places, residuals, norms, windows, and which token makes which mask.
func TestForwardIsThePapers(t *testing.T) {
	for _, c := range []Config{Live(1), Live(3), Shipped()} {
		m := shaken(c)
		ref := plainly{m}
		r := stream(12, "a test")
		picture, rough := make([]float32, 3*m.Pixels()), make([]float32, m.Pixels())
		for i := range picture {
			picture[i] = r.Float32()
		}
		for i := range rough {
			rough[i] = float32(4 * r.NormFloat64())
		}
		on := tape.New()
		on.Infer = true
		embed := append([]float32(nil), m.Encode(on, picture).Data()...)
		want := ref.image(picture)
		near(t, "embedding", embed, want)
		type token struct {
			kind int32
			x, y float64
		}
		for name, prompt := range map[string]struct {
			tokens []token
			feed   []float32
		}{
			"a click":               {[]token{{kindForeground, 7.5, 20.5}, {kindPadding, 0, 0}}, nil},
			"a box":                 {[]token{{kindTopLeft, 3, 4}, {kindBottomRight, 21.25, 30}}, nil},
			"clicks and a box":      {[]token{{kindForeground, 7.5, 20.5}, {kindBackground, 1.5, 2.5}, {kindTopLeft, 3, 4}, {kindBottomRight, 21, 30}}, nil},
			"clicks on a rough one": {[]token{{kindForeground, 7.5, 20.5}, {kindBackground, 1.5, 2.5}, {kindPadding, 0, 0}}, rough},
		} {
			var q prompts
			q.reset(1, len(prompt.tokens), m.Width)
			var tokens, feed []float64
			for j, p := range prompt.tokens {
				m.prompt.set(&q, 0, j, p.kind, p.x, p.y)
				code := make([]float64, m.Width)
				if p.kind != kindPadding {
					code = ref.place(p.x, p.y)
				}
				tokens = append(tokens, ref.typed(p.kind, code)...)
			}
			if prompt.feed != nil {
				feed = ref64.Wide(prompt.feed)
			}
			logits, scores := ref.answer(want, tokens, feed)
			single, to := m.Single()
			for _, heads := range [][2]int{{0, m.MaskTokens()}, {0, 1}, {single, to}} {
				on.Reset()
				x := on.Input(tape.Tensor{Shape: tape.Shape{1, m.Tokens(), m.Width}, Data: embed})
				z, s := m.decode(x, &q, prompt.feed, heads[0], heads[1])
				near(t, name+": logits", z.Data(), logits[heads[0]*m.Pixels():heads[1]*m.Pixels()])
				near(t, name+": scores", s.Data(), scores[heads[0]:heads[1]])
			}
		}
	}
}

// near compares with what was computed in float64, to a ten thousandth of the largest.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	most := 0.0
	for _, v := range want {
		most = max(most, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= 1e-4*most) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], v)
		}
	}
}
