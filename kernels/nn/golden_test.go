package nn_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// The golden curves: model, data and weights of a benchmark that TensorFlow.js, jax-js and GoMLX ran alike (three
// engines of different authors agreeing to five digits, 2026-11-23). Five steps of Adam, learning rate 1e-3, no weight
// decay, batch 32, the same batch each step; each loss is taken before its step. LoRA: rank 4 on q and v, alpha 4 (so
// the scale is 1), A normal with σ = .05, B zero; the head is trained along.
var (
	goldenFull = [5]float64{2.44093, 1.99353, 1.80404, 1.52833, 1.25269}
	goldenLoRA = [5]float64{2.44093, 2.40613, 2.37287, 2.34116, 2.31096}
)

const goldenLogit = 0.256818 // logit 0 of the first example, before any step

// mulberry is the 32-bit generator of that benchmark.
func mulberry(a uint32) func() float64 {
	return func() float64 {
		a += 0x6D2B79F5
		t := (a ^ a>>15) * (1 | a)
		t = (t + (t^t>>7)*(61|t)) ^ t
		return float64(t^t>>14) / 4294967296
	}
}

// gaussian fills x as that benchmark does (Box and Muller, the cosine half).
func gaussian(x []float32, std float64, seed uint32) {
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

// goldenWeights overwrites the weights of v. The benchmark keeps q, k and v in one matrix [d, 3d].
func goldenWeights(v *nn.ViT) {
	fill := func(x []float32, name string) { gaussian(x, 0.05, seedOf(name)) }
	v.Params(func(p *tape.Param) {
		name := strings.NewReplacer("block", "l", "/fc", "_w", "/w", "", "/", "_").Replace(p.Name)
		switch {
		case strings.HasSuffix(p.Name, "/b") || strings.Contains(p.Name, "norm"):
			return // zero or one, as they are
		case strings.HasSuffix(p.Name, "/q/w") || strings.HasSuffix(p.Name, "/k/w") || strings.HasSuffix(p.Name, "/v/w"):
			d := p.Value.Shape[0]
			all := make([]float32, d*3*d)
			fill(all, name[:2]+"_wqkv")
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

// goldenBatch is the batch of n images and labels.
func goldenBatch(n int) (images []float32, labels []int32) {
	images, labels = make([]float32, n*32*32), make([]int32, n)
	gaussian(images, 1, 99)
	r := mulberry(7)
	for i := range labels {
		labels[i] = int32(r() * 10)
	}
	return images, labels
}

// adapter is LoRA on a dense layer, as small as a test of the engine wants it.
type adapter struct {
	nn.Layer
	a, b *tape.Param // [in, r], [r, out]
}

func (l *adapter) Forward(x tape.Var) tape.Var { return l.ForwardAdd(x, tape.Var{}) }

func (l *adapter) ForwardAdd(x, residual tape.Var) tape.Var {
	y := tape.Var{}
	if residual == (tape.Var{}) {
		y = l.Layer.Forward(x)
	} else {
		y = l.Layer.ForwardAdd(x, residual)
	}
	return x.Linear(l.a, nil).LinearAdd(l.b, nil, y)
}

func (l *adapter) Params(visit func(*tape.Param)) {
	l.Layer.Params(visit)
	visit(l.a)
	visit(l.b)
}

// addLoRA freezes v but for its head and puts adapters of rank r on the layers whose path ends in one of the names.
func addLoRA(v *nn.ViT, r int, names string) {
	nn.Freeze(v)
	nn.Walk(v, func(path string, old nn.Layer) nn.Layer {
		block, name, ok := strings.Cut(path, "/")
		if !ok || !strings.Contains(names, name) {
			return old
		}
		w := old.(*nn.Linear).W.Value.Shape
		l := &adapter{old, tape.NewParam(path+"/lora_a", tape.Shape{w[0], r}), tape.NewParam(path+"/lora_b", tape.Shape{r, w[1]})}
		gaussian(l.a.Value.Data, 0.05, seedOf(strings.Replace(block, "block", "l", 1)+"_a"+name))
		return l
	})
	nn.Thaw(v.Head)
}

func newGolden(lora bool) *nn.ViT {
	v := nn.NewViT(rand.New(rand.NewPCG(1, 2)), nn.VTiny())
	goldenWeights(v)
	if lora {
		addLoRA(v, 4, "qv")
	}
	return v
}

func TestGoldenCurves(t *testing.T) {
	images, labels := goldenBatch(32)
	for _, c := range []struct {
		name string
		lora bool
		want [5]float64
	}{{"full", false, goldenFull}, {"lora", true, goldenLoRA}} {
		t.Run(c.name, func(t *testing.T) {
			v := newGolden(c.lora)
			opt := optim.NewAdamW(nn.Trainable(v), optim.Adam())
			step := tape.New()
			for i, want := range c.want {
				step.Reset()
				logits := v.Forward(v.Input(step, images))
				if got := float64(logits.Data()[0]); i == 0 && math.Abs(got-goldenLogit) > 1e-4 {
					t.Errorf("logit[0, 0] = %.6f, want %.6f", got, goldenLogit)
				}
				loss := logits.CrossEntropy(labels)
				if got := float64(loss.Item()); !(math.Abs(got-want) <= 1e-4) {
					t.Errorf("loss of step "+strconv.Itoa(i)+" = %.5f, want %.5f", got, want)
				}
				step.Backward(loss)
				opt.Step(1e-3)
			}
		})
	}
}
