// Package reference is the model on which engines are compared: V-tiny with seeded weights and a seeded batch, the same
// numbers that the programs of kernels/bench/peers make in JavaScript. An engine whose losses differ from Losses does
// not do the same work.
package reference

import (
	"math"
	"strings"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Five steps of Adam (learning rate Rate, no weight decay, the same batch of 32 each step); each loss is taken before
// its step. TensorFlow.js, jax-js and GoMLX, three engines of different authors, agreed on them to five digits on
// 2026-11-23.
var (
	FullLosses = [5]float64{2.44093, 1.99353, 1.80404, 1.52833, 1.25269}
	LoRALosses = [5]float64{2.44093, 2.40613, 2.37287, 2.34116, 2.31096}
)

const (
	// Logit is logit 0 of the first example, before any step.
	Logit = 0.256818
	// Rate is the learning rate.
	Rate = 1e-3
	// Rank is that of the adapters; alpha equals it, so that their scale is 1.
	Rank = 4
	// Images is the size of the batch.
	Images = 32
)

// mulberry is a 32-bit generator that is short in every language.
func mulberry(a uint32) func() float64 {
	return func() float64 {
		a += 0x6D2B79F5
		t := (a ^ a>>15) * (1 | a)
		t = (t + (t^t>>7)*(61|t)) ^ t
		return float64(t^t>>14) / 4294967296
	}
}

// Gaussian fills x with draws of standard deviation std (Box and Muller, the cosine half).
func Gaussian(x []float32, std float64, seed uint32) {
	r := mulberry(seed)
	for i := range x {
		u := math.Sqrt(-2 * math.Log(1-r()))
		x[i] = float32(std * u * math.Cos(2*math.Pi*r()))
	}
}

// seedOf hashes a name (FNV-1a): every weight has its own seed.
func seedOf(name string) uint32 {
	h := uint32(2166136261)
	for _, c := range []byte(name) {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// setWeights overwrites the weights of v. The peers keep q, k and v in one matrix [d, 3d].
func setWeights(v *nn.ViT) {
	var all []float32 // q, k and v of a block, and
	var joined string // their name
	fill := func(x []float32, name string) { Gaussian(x, 0.05, seedOf(name)) }
	v.Params(func(p *tape.Param) {
		name := strings.NewReplacer("block", "l", "/fc", "_w", "/w", "", "/", "_").Replace(p.Name)
		switch {
		case strings.HasSuffix(p.Name, "/b") || strings.Contains(p.Name, "norm"):
			return // zero or one, as they are
		case strings.HasSuffix(p.Name, "/q/w") || strings.HasSuffix(p.Name, "/k/w") || strings.HasSuffix(p.Name, "/v/w"):
			d := p.Value.Shape[0]
			if of := name[:2] + "_wqkv"; of != joined {
				all, joined = make([]float32, d*3*d), of
				fill(all, of)
			}
			at := strings.Index("qkv", name[3:4]) * d
			for i := range d {
				copy(p.Value.Data[i*d:][:d], all[i*3*d+at:])
			}
		case strings.HasSuffix(p.Name, "/o/w"):
			fill(p.Value.Data, name[:2]+"_wo")
		case p.Name == "class":
			fill(p.Value.Data, "cls")
		case p.Name == "position":
			fill(p.Value.Data, "pos")
		case p.Name == "patch/w" || p.Name == "head/w":
			fill(p.Value.Data, name+"_w")
		default: // l0_w1, l0_w2
			fill(p.Value.Data, name)
		}
		p.Touch()
	})
}

// Batch is n images [32, 32, 1] and their labels.
func Batch(n int) (images []float32, labels []int32) {
	images, labels = make([]float32, n*32*32), make([]int32, n)
	Gaussian(images, 1, 99)
	r := mulberry(7)
	for i := range labels {
		labels[i] = int32(r() * 10)
	}
	return images, labels
}

// Model is the model, all of it trained, or with adapters on q and v and only they and the head trained.
func Model(lora bool) *nn.ViT {
	v := nn.NewViT(nil, nn.VTiny())
	setWeights(v)
	if lora {
		AddLoRA(v, Rank, "qv")
	}
	return v
}

// Adapter is LoRA on a dense layer (Hu et al. 2021, eq. 3) with scale 1, as small as a benchmark wants it.
type Adapter struct {
	nn.Layer
	A, B *tape.Param // [in, r], [r, out]
}

// Forward implements nn.Layer.
func (l *Adapter) Forward(x tape.Var) tape.Var {
	return x.Linear(l.A, nil).LinearAdd(l.B, nil, l.Layer.Forward(x))
}

// ForwardAdd implements nn.Layer.
func (l *Adapter) ForwardAdd(x, residual tape.Var) tape.Var {
	return x.Linear(l.A, nil).LinearAdd(l.B, nil, l.Layer.ForwardAdd(x, residual))
}

// Params implements nn.Module.
func (l *Adapter) Params(visit func(*tape.Param)) {
	l.Layer.Params(visit)
	visit(l.A)
	visit(l.B)
}

// AddLoRA freezes v but for its head and puts adapters of rank r, A seeded and B zero, on the layers of the blocks whose
// names are in names ("qv").
func AddLoRA(v *nn.ViT, r int, names string) {
	nn.Freeze(v)
	nn.Walk(v, func(path string, old nn.Layer) nn.Layer {
		block, name, ok := strings.Cut(path, "/")
		if !ok || !strings.Contains(names, name) {
			return old
		}
		w := old.(*nn.Linear).W.Value.Shape
		l := &Adapter{Layer: old, A: tape.NewParam(path+"/lora_a", tape.Shape{w[0], r}), B: tape.NewParam(path+"/lora_b", tape.Shape{r, w[1]})}
		Gaussian(l.A.Value.Data, 0.05, seedOf(strings.Replace(block, "block", "l", 1)+"_a"+name))
		return l
	})
	nn.Thaw(v.Head)
}
