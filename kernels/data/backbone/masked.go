package backbone

import (
	"math"
	"math/rand/v2"
	"strings"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// streamDecoder tells the random numbers of a decoder from those of the encoder.
const streamDecoder = 0xdec0

// masked is the task of a masked autoencoder: what is hidden of each example, and what should be drawn there.
type masked struct {
	recipe Recipe
	net    *nn.MAE
	sees   int // patches of an example

	order        []int32 // of the patches of one example
	seen, hidden []int32 // tokens of a batch; the class token, 0, is always seen
	target       []float32
}

// newMasked puts a decoder behind the encoder.
func newMasked(r Recipe, encoder *nn.ViT) *masked {
	m, random := r.Masked, rand.New(rand.NewPCG(r.Seed, streamDecoder))
	net := nn.NewMAE(random, encoder, m.Width, m.Depth, m.Heads)
	for _, p := range nn.Collect(net) {
		if s := p.Value.Shape; strings.HasSuffix(p.Name, "/w") {
			nn.Uniform(random, p.Value.Data, math.Sqrt(6/float64(s[0]+s[1]))) // Glorot and Bengio 2010, as in the authors' code
		}
	}
	nn.Waves(encoder.Position.Value.Data, encoder.Grid(), encoder.Width, m.Place)
	nn.Waves(net.Position.Value.Data, encoder.Grid(), m.Width, m.Place)
	n := encoder.Patches()
	return &masked{recipe: r, net: net, sees: n - int(math.Round(float64(float64(n)*m.Ratio))), order: make([]int32, n)}
}

// behind is the same decoder behind another copy of the encoder.
func (m *masked) behind(encoder *nn.ViT) *masked {
	net := *m.net
	net.Encoder = encoder
	return &masked{recipe: m.recipe, net: &net, sees: m.sees, order: make([]int32, len(m.order))}
}

// draw chooses what is hidden of the examples from index on, whose patches are given [n, patches, ..], and writes down
// what they show.
func (m *masked) draw(patches []float32, split data.Split, index int) {
	c := m.net.Encoder.Config
	size := c.PatchLen()
	m.seen, m.hidden, m.target = m.seen[:0], m.hidden[:0], m.target[:0]
	for i := 0; len(patches) > 0; i++ {
		data.Mask(m.order, split, index+i, m.recipe.Seed)
		m.seen = append(m.seen, 0)
		for j, at := range m.order {
			if j < m.sees {
				m.seen = append(m.seen, 1+at)
				continue
			}
			m.hidden = append(m.hidden, 1+at)
			m.target = m.show(m.target, patches[int(at)*size:][:size])
		}
		patches = patches[c.Pixels():]
	}
}

// show appends a patch as the decoder should draw it.
func (m *masked) show(target, patch []float32) []float32 {
	if !m.recipe.Masked.Normal {
		return append(target, patch...)
	}
	mean, variance := 0.0, 0.0
	for _, x := range patch {
		mean += float64(x)
	}
	mean /= float64(len(patch))
	for _, x := range patch {
		d := float64(x) - mean
		variance += float64(d * d)
	}
	variance /= float64(len(patch))
	inv := 1 / math.Sqrt(variance+1e-6)
	for _, x := range patch {
		target = append(target, float32(float64((float64(x)-mean)*inv)))
	}
	return target
}

// drawn is what the net draws in place of the hidden patches of the examples from index on: [n, hidden, ..].
func (m *masked) drawn(patches tape.Var, split data.Split, index int) tape.Var {
	m.draw(patches.Data(), split, index)
	return m.net.Decode(m.net.Encode(patches, m.seen), m.seen, m.hidden)
}

// loss is the squared error on the hidden patches of the examples from index on.
func (m *masked) loss(patches tape.Var, split data.Split, index int) tape.Var {
	return m.drawn(patches, split, index).SquaredError(m.target)
}

// reconstruct scores the net on the first n glyphs of a split: its squared error on the hidden patches as a share of the
// variance of their targets, and that of the mean training patch in each place.
func (m *masked) reconstruct(split data.Split, n int) (err, mean float64) {
	const batch = 50
	c, set := m.net.Encoder.Config, m.recipe.Glyphs()
	size := c.PatchLen()
	t := tape.New()
	t.Infer = true
	images := make([]float32, batch*data.Pixels)
	visit := func(split data.Split, each func(patches tape.Var, at int)) {
		for at := 0; at < n; at += batch {
			k := min(batch, n-at)
			for j := range k {
				set.Image(images[j*data.Pixels:(j+1)*data.Pixels], split, at+j)
			}
			t.Reset()
			each(m.net.Encoder.Input(t, images[:k*data.Pixels]), at)
		}
	}

	typical, one := make([]float64, c.Pixels()), []float32(nil)
	visit(data.Train, func(patches tape.Var, _ int) {
		for x := patches.Data(); len(x) > 0; x = x[size:] {
			one = m.show(one[:0], x[:size])
			at := (len(patches.Data()) - len(x)) % c.Pixels()
			for i, v := range one {
				typical[at+i] += float64(float64(v) / float64(n))
			}
		}
	})

	var sum, square, count float64
	visit(split, func(patches tape.Var, at int) {
		y := m.drawn(patches, split, at).Data()
		for i, want := range m.target {
			v := float64(want)
			sum += v
			square += float64(v * v)
			count++
			d := float64(y[i]) - v
			err += float64(d * d)
			d = typical[(int(m.hidden[i/size])-1)*size+i%size] - v
			mean += float64(d * d)
		}
	})
	spread := square - float64(sum*sum)/count
	return err / spread, mean / spread
}
