package nn_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"petri/kernels/bench/reference"
	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

func fresh(c nn.Config) *nn.ViT { return nn.NewViT(rand.New(rand.NewPCG(8, 9)), c) }

// TestGoldenCounts holds the parameter counts that follow from the sizes: of the blocks alone, and with what surrounds them.
func TestGoldenCounts(t *testing.T) {
	for _, c := range []struct {
		name               string
		config             nn.Config
		block, blocks, all int
	}{
		// Outside: patch 64·64+64, class 64, position 17·64, norm 2·64, head 64·10+10.
		{"tiny", nn.VTiny(), 49984, 199936, 199936 + 4160 + 64 + 1088 + 128 + 650},
		// Outside: patch 16·96+96, class 96, position 65·96, norm 2·96, head 96·10+10.
		{"small", nn.VSmall(), 111840, 671040, 671040 + 1632 + 96 + 6240 + 192 + 970},
	} {
		v := fresh(c.config)
		var blocks []nn.Module
		for _, b := range v.Blocks {
			blocks = append(blocks, b)
		}
		if _, n := nn.Count(v.Blocks[0]); n != c.block {
			t.Errorf("%s: %d parameters in a block, want %d", c.name, n, c.block)
		}
		if _, n := nn.Count(blocks...); n != c.blocks {
			t.Errorf("%s: %d parameters in the blocks, want %d", c.name, n, c.blocks)
		}
		if _, n := nn.Count(v); n != c.all {
			t.Errorf("%s: %d parameters, want %d", c.name, n, c.all)
		}
		if trainable, _ := nn.Count(v); trainable != c.all {
			t.Errorf("%s: %d trainable, want all", c.name, trainable)
		}
		nn.Freeze(v)
		nn.Thaw(v.Head)
		if trainable, _ := nn.Count(v, v.Head); trainable != c.config.Width*10+10 {
			t.Errorf("%s: %d trainable with the head alone", c.name, trainable)
		}
	}
}

// TestLoRACounts holds the counts of LoRA on sets of layers at rank 4.
func TestLoRACounts(t *testing.T) {
	for _, c := range []struct {
		config nn.Config
		names  string
		want   int
	}{
		{nn.VTiny(), "qv", 4096}, {nn.VTiny(), "qkvo", 8192}, {nn.VTiny(), "qkvo fc1 fc2", 18432},
		{nn.VSmall(), "qv", 9216}, {nn.VSmall(), "qkvo", 18432}, {nn.VSmall(), "qkvo fc1 fc2", 41472},
	} {
		v := fresh(c.config)
		reference.AddLoRA(v, 4, c.names)
		nn.Freeze(v.Head)
		if n, _ := nn.Count(v); n != c.want {
			t.Errorf("%s: %d parameters, want %d", c.names, n, c.want)
		}
		if n := optim.NewAdamW(nn.Trainable(v), optim.Adam()).Len(); n != c.want {
			t.Errorf("%s: the optimizer holds %d numbers, want %d", c.names, n, c.want)
		}
	}
}

func TestNamesAreCanonical(t *testing.T) {
	c := nn.VTiny()
	c.Depth = 1
	var got []string
	fresh(c).Params(func(p *tape.Param) { got = append(got, p.Name) })
	want := "patch/w patch/b class position " +
		"block0/norm1/gain block0/norm1/bias block0/q/w block0/q/b block0/k/w block0/k/b block0/v/w block0/v/b block0/o/w block0/o/b " +
		"block0/norm2/gain block0/norm2/bias block0/fc1/w block0/fc1/b block0/fc2/w block0/fc2/b " +
		"norm/gain norm/bias head/w head/b"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("names\n%s\nwant\n%s", s, want)
	}
}

func TestWalkVisitsLayersInOrderAndSwaps(t *testing.T) {
	c := nn.VTiny()
	c.Depth = 2
	v := fresh(c)
	var paths []string
	nn.Walk(v, func(path string, old nn.Layer) nn.Layer {
		paths = append(paths, path)
		if l := old.(*nn.Linear); l.W.Name != path+"/w" {
			t.Errorf("layer %s at %s", l.W.Name, path)
		}
		return &reference.Adapter{Layer: old, A: tape.NewParam(path+"/lora_a", tape.Shape{1, 1}), B: tape.NewParam(path+"/lora_b", tape.Shape{1, 1})}
	})
	want := "patch block0/q block0/k block0/v block0/o block0/fc1 block0/fc2 block1/q block1/k block1/v block1/o block1/fc1 block1/fc2 head"
	if s := strings.Join(paths, " "); s != want {
		t.Errorf("paths %s, want %s", s, want)
	}
	nn.Walk(v, func(path string, old nn.Layer) nn.Layer {
		if _, ok := old.(*reference.Adapter); !ok {
			t.Errorf("%s was not replaced", path)
		}
		return old
	})
}

// TestFreshWeightsAreTheSameEverywhere pins the bits of a fresh model: they must not depend on the machine.
func TestFreshWeightsAreTheSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	fresh(nn.VTiny()).Params(func(p *tape.Param) {
		for _, x := range p.Value.Data {
			b := math.Float32bits(x)
			h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
		}
	})
	// Of this program itself, on amd64 and on wasm.
	if got, want := fmt.Sprintf("%016x", h.Sum64()), freshHash; got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

func TestNormalAndUniformDraws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, 100001)
	moments := func() (mean, variance, fourth float64) {
		for _, v := range x {
			mean += float64(v) / float64(len(x))
		}
		for _, v := range x {
			d := float64(v) - mean
			variance += d * d / float64(len(x))
			fourth += d * d * d * d / float64(len(x))
		}
		return mean, variance, fourth / variance / variance
	}
	nn.Normal(r, x, 2)
	if m, v, k := moments(); math.Abs(m) > 0.03 || math.Abs(v-4) > 0.1 || math.Abs(k-3) > 0.1 {
		t.Errorf("normal: mean %v, variance %v, kurtosis %v", m, v, k)
	}
	nn.Uniform(r, x, 3)
	if m, v, k := moments(); math.Abs(m) > 0.03 || math.Abs(v-3) > 0.05 || math.Abs(k-1.8) > 0.05 {
		t.Errorf("uniform: mean %v, variance %v, kurtosis %v", m, v, k)
	}
}

func TestPatchify(t *testing.T) {
	c := nn.Config{Image: 4, Channels: 2, Patch: 2}
	images := make([]float32, 2*c.Pixels())
	for i := range images {
		images[i] = float32(i)
	}
	patches := make([]float32, len(images))
	nn.Patchify(patches, images, c)
	for n := range 2 {
		for p := range 4 {
			for y := range 2 {
				for x := range 2 {
					for ch := range 2 {
						row, column := p/2*2+y, p%2*2+x
						want := images[((n*4+row)*4+column)*2+ch]
						if got := patches[(((n*4+p)*2+y)*2+x)*2+ch]; got != want {
							t.Fatalf("patch %d of image %d at %d, %d: %v, want %v", p, n, y, x, got, want)
						}
					}
				}
			}
		}
	}
	defer func() {
		if e, ok := recover().(tape.ShapeError); !ok || e.Op != "images" {
			t.Errorf("panic %v", e)
		}
	}()
	fresh(nn.VTiny()).Input(tape.New(), make([]float32, 1000))
	t.Error("1000 numbers were taken for images")
}

// arm is a choice of what is trained, with what a block keeps per token in numbers, for the lowest block and the
// others, by the closed form; t is the number of tokens, d the width, h the heads.
type arm struct {
	name          string
	setup         func(v *nn.ViT)
	lowest, block func(d, ht int) int
	outside       func(n int, c nn.Config) int // numbers of the whole batch
}

const rank = 4

var arms = []arm{
	{
		name:   "full",
		setup:  func(*nn.ViT) {},
		lowest: func(d, ht int) int { return 16*d + ht + 2 },
		block:  func(d, ht int) int { return 16*d + ht + 2 },
		// Patches, final norm, head input, loss.
		outside: func(n int, c nn.Config) int {
			return n * (c.Patches()*c.PatchLen() + c.Width + 1 + c.Width + c.Classes)
		},
	},
	{
		// Nothing is trained below the first norm, which keeps nothing then; the key has no gradient, so the query is
		// not needed. Elsewhere: pass-through, the input of the adapters once, r for each.
		name:    "lora qv",
		setup:   func(v *nn.ViT) { reference.AddLoRA(v, rank, "qv") },
		lowest:  func(d, ht int) int { return 9*d + ht + 2 - (d + 1) - d + d + 2*rank },
		block:   func(d, ht int) int { return 9*d + ht + 2 + d + 2*rank },
		outside: func(n int, c nn.Config) int { return n * (c.Width + 1 + c.Width + c.Classes) },
	},
	{
		name:    "lora on all six",
		setup:   func(v *nn.ViT) { reference.AddLoRA(v, rank, "qkvo fc1 fc2") },
		lowest:  func(d, ht int) int { return 16*d + ht + 2 - (d + 1) + 6*rank },
		block:   func(d, ht int) int { return 16*d + ht + 2 + 6*rank },
		outside: func(n int, c nn.Config) int { return n * (c.Width + 1 + c.Width + c.Classes) },
	},
	{
		// Position table trained, all else frozen: the pure pass-through.
		name: "position table",
		setup: func(v *nn.ViT) {
			nn.Freeze(v)
			v.Position.Frozen = false
		},
		lowest:  func(d, ht int) int { return 9*d + ht + 2 },
		block:   func(d, ht int) int { return 9*d + ht + 2 },
		outside: func(n int, c nn.Config) int { return n * (c.Width + 1 + c.Classes) },
	},
	{
		name: "head alone",
		setup: func(v *nn.ViT) {
			nn.Freeze(v)
			nn.Thaw(v.Head)
		},
		lowest:  func(d, ht int) int { return 0 },
		block:   func(d, ht int) int { return 0 },
		outside: func(n int, c nn.Config) int { return n * (c.Width + c.Classes) },
	},
}

func TestLedgerEqualsTheClosedForm(t *testing.T) {
	for name, c := range map[string]nn.Config{"tiny": nn.VTiny(), "small": nn.VSmall()} {
		for _, a := range arms {
			t.Run(name+" "+a.name, func(t *testing.T) {
				const n = 4
				v := fresh(c)
				a.setup(v)
				images, labels := reference.Batch(n)
				step := tape.New()
				v.Forward(v.Input(step, images)).CrossEntropy(labels)
				total, tokens := 0, n*c.Tokens()
				for i, b := range v.Blocks {
					want := a.block
					if i == 0 {
						want = a.lowest
					}
					bytes := 4 * tokens * want(c.Width, c.Heads*c.Tokens())
					if got := step.Ledger.In(b.Name); got != bytes {
						t.Errorf("%s keeps %d bytes, want %d", b.Name, got, bytes)
					}
					total += bytes
				}
				outside := 4 * a.outside(n, c)
				if got := step.Ledger.In(""); got != outside {
					t.Errorf("outside of the blocks: %d bytes, want %d", got, outside)
				}
				if got := step.Ledger.Bytes(); got != total+outside {
					t.Errorf("%d bytes in all, want %d", got, total+outside)
				}
			})
		}
	}
}

// TestGoldenMemoryRatio compares what a block keeps under LoRA on q and v at rank 4 with full fine-tuning, to three
// digits. Counted by hand, per token: 16d + ht for full, 9d + ht to pass gradients through frozen weights, one d more for
// the input of q and v and 2r for the two branches; the two numbers of 1/σ are left out.
func TestGoldenMemoryRatio(t *testing.T) {
	for _, c := range []struct {
		config nn.Config
		want   string
	}{{nn.VTiny(), "0.656"}, {nn.VSmall(), "0.684"}} {
		d, ht := c.config.Width, c.config.Heads*c.config.Tokens()
		block := func(setup func(*nn.ViT)) int {
			v := fresh(c.config)
			setup(v)
			images, labels := reference.Batch(2)
			step := tape.New()
			v.Forward(v.Input(step, images)).CrossEntropy(labels)
			return step.Ledger.In("block1")/(4*2*c.config.Tokens()) - 2
		}
		full, lora := block(arms[0].setup), block(arms[1].setup)
		if full != 16*d+ht {
			t.Errorf("full keeps %d numbers per token, want %d", full, 16*d+ht)
		}
		if got := fmt.Sprintf("%.3f", float64(lora)/float64(full)); got != c.want {
			t.Errorf("ratio %s, want %s", got, c.want)
		}
	}
}

func TestOperationsEqualTheClosedForm(t *testing.T) {
	const n = 4
	c := nn.VTiny()
	v := fresh(c)
	images, labels := reference.Batch(n)
	step := tape.New()
	loss := v.Forward(v.Input(step, images)).CrossEntropy(labels)
	step.Backward(loss)
	d, tokens := int64(c.Width), int64(c.Tokens())
	blocks := int64(c.Depth) * (2*n*tokens*(4*d*d+2*d*int64(c.Hidden)) + 4*n*tokens*tokens*d)
	patch, head := int64(2*n*c.Patches()*c.PatchLen())*d, 2*n*d*int64(c.Classes)
	if got, want := step.Ledger.ForwardFLOP, blocks+patch+head; got != want {
		t.Errorf("forward: %d operations, want %d", got, want)
	}
	if got, want := step.Ledger.BackwardFLOP, 2*(blocks+head)+patch; got != want { // pixels get no gradient
		t.Errorf("backward: %d operations, want %d", got, want)
	}
}

// TestPoisonedModel overwrites everything that is not kept: no gradient may change by a bit.
func TestPoisonedModel(t *testing.T) {
	for _, a := range arms {
		t.Run(a.name, func(t *testing.T) {
			images, labels := reference.Batch(3)
			gradients := func(poison bool) (g []float32) {
				v := reference.Model(false)
				a.setup(v)
				step := tape.New()
				loss := v.Forward(v.Input(step, images)).CrossEntropy(labels)
				if poison {
					step.Poison()
					if loss.Item() == loss.Item() {
						t.Fatal("the poison did not reach the loss")
					}
				}
				step.Backward(loss)
				for _, p := range nn.Trainable(v) {
					g = append(g, p.Grad...)
				}
				return g
			}
			want, got := gradients(false), gradients(true)
			if len(got) == 0 || len(got) != len(want) {
				t.Fatalf("%d gradients, want %d", len(got), len(want))
			}
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("gradient %d = %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
}

// TestFrozenStaysFrozen makes a hundred steps with weight decay: what is frozen keeps its bits, the rest moves.
func TestFrozenStaysFrozen(t *testing.T) {
	v := reference.Model(true)
	before := map[string][]float32{}
	v.Params(func(p *tape.Param) { before[p.Name] = append([]float32(nil), p.Value.Data...) })
	images, labels := reference.Batch(2)
	c := optim.Adam()
	c.Decay = 0.1
	opt := optim.NewAdamW(nn.Collect(v), c)
	step := tape.New()
	for range 100 {
		step.Reset()
		step.Backward(v.Forward(v.Input(step, images)).CrossEntropy(labels))
		opt.Step(1e-3)
	}
	v.Params(func(p *tape.Param) {
		moved := 0
		for i, x := range p.Value.Data {
			if math.Float32bits(x) != math.Float32bits(before[p.Name][i]) {
				moved++
			}
		}
		if p.Frozen && (moved > 0 || p.Grad != nil) {
			t.Errorf("%s is frozen, but %d of %d numbers moved", p.Name, moved, p.Len())
		}
		if !p.Frozen && moved < p.Len()*9/10 {
			t.Errorf("%s is trained, but only %d of %d numbers moved", p.Name, moved, p.Len())
		}
	})
}

// TestEveryParameterTrains: under full training all parameters get a gradient, but for the bias of the keys, whose
// exact gradient is zero (it adds the same to all scores of a row).
func TestEveryParameterTrains(t *testing.T) {
	v := reference.Model(false)
	images, labels := reference.Batch(4)
	step := tape.New()
	step.Backward(v.Forward(v.Input(step, images)).CrossEntropy(labels))
	v.Params(func(p *tape.Param) {
		most := float32(0)
		for _, g := range p.Grad {
			most = max(most, g, -g)
		}
		if strings.HasSuffix(p.Name, "/k/b") {
			if most > 1e-6 {
				t.Errorf("%s: gradient %v, want 0 up to rounding", p.Name, most)
			}
		} else if most < 1e-5 {
			t.Errorf("%s: largest gradient %v", p.Name, most)
		}
	})
}

// TestLoRAFirstGradients: B is zero, so A's gradient is zero and B's is not.
func TestLoRAFirstGradients(t *testing.T) {
	v := reference.Model(true)
	base := reference.Model(false)
	images, labels := reference.Batch(4)
	a, b := tape.New(), tape.New()
	logits, plain := v.Forward(v.Input(a, images)), base.Forward(base.Input(b, images))
	for i, x := range logits.Data() {
		if math.Float32bits(x) != math.Float32bits(plain.Data()[i]) {
			t.Fatalf("logit %d = %v, without adapters %v", i, x, plain.Data()[i])
		}
	}
	a.Backward(logits.CrossEntropy(labels))
	v.Params(func(p *tape.Param) {
		zero := true
		for _, g := range p.Grad {
			zero = zero && g == 0
		}
		if strings.HasSuffix(p.Name, "lora_a") && !zero {
			t.Errorf("%s: a gradient although B is zero", p.Name)
		}
		if strings.HasSuffix(p.Name, "lora_b") && zero {
			t.Errorf("%s: no gradient", p.Name)
		}
	})
}

func TestTrainingStepDoesNotAllocate(t *testing.T) {
	for _, lora := range []bool{false, true} {
		s := newTraining(reference.Model(lora), 4)
		s.step()
		s.step()
		if n := testing.AllocsPerRun(10, s.step); n != 0 {
			t.Errorf("lora %v: %v allocations per step", lora, n)
		}
	}
	s := newTraining(reference.Model(false), 4)
	s.tape.Infer = true
	s.infer()
	s.infer()
	if n := testing.AllocsPerRun(10, s.infer); n != 0 {
		t.Errorf("inference: %v allocations", n)
	}
}

// TestSameSeedSameBits: two runs, one of them on the scalar kernels, agree in every bit of losses and weights.
func TestSameSeedSameBits(t *testing.T) {
	train := func(scalar, lora bool) (bits []uint32) {
		f32.UseScalar(scalar)
		defer f32.UseScalar(false)
		s := newTraining(reference.Model(lora), 5)
		for range 3 {
			s.step()
			bits = append(bits, math.Float32bits(s.loss))
		}
		for _, x := range s.opt.Values() {
			bits = append(bits, math.Float32bits(x))
		}
		return bits
	}
	for _, lora := range []bool{false, true} {
		want := train(false, lora)
		for _, scalar := range []bool{false, true} {
			for i, b := range train(scalar, lora) {
				if b != want[i] {
					t.Fatalf("lora %v, scalar %v: number %d is %08x, want %08x", lora, scalar, i, b, want[i])
				}
			}
		}
	}
}

func TestAttentionOfEveryBlockIsThere(t *testing.T) {
	v := reference.Model(false)
	images, _ := reference.Batch(2)
	step := tape.New()
	v.Forward(v.Input(step, images))
	for i, b := range v.Blocks {
		name := fmt.Sprintf("block%d/attn", i)
		heads, tokens, keys, ok := step.Attention(nil, name, 1)
		if !ok || heads != 4 || tokens != 17 || keys != 17 || b.Attn.Map != name {
			t.Errorf("%s: %d heads, %d tokens, %v", name, heads, tokens, ok)
		}
		if x, ok := step.Lookup(b.Name); !ok || x.Shape != (tape.Shape{2, 17, 64}) {
			t.Errorf("%s: %v %v", b.Name, x.Shape, ok)
		}
	}
	if x, ok := step.Lookup("logits"); !ok || x.Shape != (tape.Shape{2, 10}) {
		t.Errorf("logits %v %v", x.Shape, ok)
	}
}

func TestSavedModelGivesTheSameLogits(t *testing.T) {
	v := reference.Model(true)
	file, err := nn.Save(nn.Collect(v), nil, nn.F32)
	if err != nil {
		t.Fatal(err)
	}
	w := fresh(nn.VTiny())
	reference.AddLoRA(w, 4, "qv")
	if _, err := nn.Load(file, nn.Collect(w)); err != nil {
		t.Fatal(err)
	}
	images, _ := reference.Batch(2)
	a, b := tape.New(), tape.New()
	got, want := w.Forward(w.Input(b, images)).Data(), v.Forward(v.Input(a, images)).Data()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("logit %d = %v, want %v", i, got[i], want[i])
		}
	}
}

const freshHash = "be03051accfaf546"
