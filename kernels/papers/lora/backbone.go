package lora

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"petri/kernels/data/backbone"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// config is the size of the backbone that a run names.
func config(spec wire.Spec) nn.Config {
	if spec.Text("backbone") == "vsmall" {
		return nn.VSmall()
	}
	return nn.VTiny()
}

// weightsAsset is the file of the pretrained weights of a run.
func weightsAsset(spec wire.Spec) string {
	return backbone.Asset(backbone.Name(spec.Text("backbone"), spec.Text("world")))
}

// openBackbone returns a fresh copy of the pretrained model of a run.
func openBackbone(env lab.Env, spec wire.Spec) (*nn.ViT, error) {
	name := backbone.Name(spec.Text("backbone"), spec.Text("world"))
	shipped, err := lab.Memo(env, "backbone "+name, func() (*nn.ViT, error) {
		model, _, err := backbone.Open(env.Asset, name)
		return model, err
	})
	if err != nil {
		return nil, err
	}
	model := nn.NewViT(nil, shipped.Config)
	from, to := nn.Collect(shipped), nn.Collect(model)
	for i, p := range from {
		copy(to[i].Value.Data, p.Value.Data)
		to[i].Touch()
	}
	return model, nil
}

// stream is a source of random numbers for one purpose of one seed.
func stream(seed uint64, purpose string) *rand.Rand { return lab.Stream(labID, seed, purpose) }

// split takes "block2/fc1" apart into 2 and "fc1"; a layer outside the blocks has block -1.
func split(path string) (block int, part string) {
	name, part, ok := strings.Cut(path, "/")
	if !ok {
		return -1, path
	}
	if _, err := fmt.Sscanf(name, "block%d", &block); err != nil {
		return -1, path
	}
	return block, part
}

// woundNorm is how large the wound is, against the matrix that it hits.
const woundNorm = 3

// wound adds a random matrix of the given rank and of three times the matrix's own Frobenius norm to Wq and Wv of
// every block. All racers of a seed get the same wound, and its rank is what a repair needs.
func wound(model *nn.ViT, r *rand.Rand, rank int) {
	nn.Walk(model, func(path string, l nn.Layer) nn.Layer {
		if _, part := split(path); part == "q" || part == "v" {
			hurt(l.(*nn.Linear), r, rank)
		}
		return l
	})
}

// hurt adds woundNorm·‖W‖·P/‖P‖ to W, where P = G·H with normal G [in, k] and H [k, out]. In float64 with every
// product rounded, so that all machines inflict the same wound.
func hurt(l *nn.Linear, r *rand.Rand, rank int) {
	in, out := l.In(), l.Out()
	g, h := make([]float32, in*rank), make([]float32, rank*out)
	nn.Normal(r, g, 1)
	nn.Normal(r, h, 1)
	p := make([]float64, in*out)
	for i := range in {
		for k := range rank {
			for j := range out {
				p[i*out+j] += float64(float64(g[i*rank+k]) * float64(h[k*out+j]))
			}
		}
	}
	w := l.W.Value.Data
	var own, planted float64
	for i := range p {
		own += float64(float64(w[i]) * float64(w[i]))
		planted += float64(p[i] * p[i])
	}
	scale := woundNorm * math.Sqrt(own) / math.Sqrt(planted)
	for i := range p {
		w[i] = float32(float64(w[i]) + float64(scale*p[i]))
	}
	l.W.Touch()
}
