package vpt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// prompt and prefix put in what has to fit.
func prompt(v *nn.ViT, init, drop *rand.Rand, c Prompting) *Prompts {
	p, err := c.fit(v, init, drop)
	if err != nil {
		panic(err)
	}
	return p
}

func prefix(v *nn.ViT, init *rand.Rand, c Prefixing) *Prefix {
	p, err := c.fit(v, init)
	if err != nil {
		panic(err)
	}
	return p
}

// draws is a generator for tests.
func draws(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 98)) }

// little is a model small enough for finite differences of all of it.
var little = nn.Config{Image: 4, Channels: 1, Patch: 2, Width: 8, Depth: 3, Heads: 2, Hidden: 12, Classes: 3}

// frozenModel is a model with weights far from their mild initial values where bold.
func frozenModel(c nn.Config, bold bool) *nn.ViT {
	v := nn.NewViT(draws(1), c)
	if bold {
		r := draws(2)
		v.Params(func(p *tape.Param) {
			nn.Normal(r, p.Value.Data, 0.5)
			p.Touch()
		})
	}
	return v
}

// examples are n images and labels.
func examples(c nn.Config, n int) (images []float32, labels []int32) {
	images, labels = make([]float32, n*c.Pixels()), make([]int32, n)
	r := draws(3)
	nn.Normal(r, images, 1)
	for i := range labels {
		labels[i] = int32(r.IntN(c.Classes))
	}
	return images, labels
}

// logits are those of n images, in inference.
func logits(v *nn.ViT, n int) []float32 {
	images, _ := examples(v.Config, n)
	t := tape.New()
	t.Infer = true
	return slices.Clone(v.Forward(v.Input(t, images)).Data())
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// furthest is the largest difference of two vectors.
func furthest(a, b []float32) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}

// tokenMethod is a way of adapting a model by tokens, with what each of its blocks keeps for backward in numbers per
// example: T tokens of the model, width D, H heads; the closed form of the specs' 0.3.
type tokenMethod struct {
	name   string
	setup  func(v *nn.ViT)
	method interface {
		Check(nn.Config) error
		Count(nn.Config) (blocks, outside int)
		Kept(nn.Config, int) []tape.Row
	}
	trained func(c nn.Config) string                           // the trained tensors, the head's aside
	count   func(c nn.Config) int                              // their numbers
	block   func(c nn.Config, i int) int                       // kept in block i for each example
	apart   func(c nn.Config, n int) (scope string, bytes int) // kept in another scope, bytes of the whole batch
}

// through is what a block keeps of t tokens where gradients pass it and nothing of it is trained: 9D + HT and the two
// numbers of 1/σ.
func through(c nn.Config, t int) int { return t * (9*c.Width + c.Heads*t + 2) }

// names joins the names of something in every layer from..to.
func names(from, to int, format ...string) string {
	var all []string
	for i := from; i < to; i++ {
		for _, f := range format {
			all = append(all, fmt.Sprintf(f, i))
		}
	}
	return strings.Join(all, " ")
}

// prompts is a method of p prompts.
func prompts(name string, c Prompting) tokenMethod {
	p := c.Length
	layers := func(m nn.Config) (from, to int) {
		if c.TopDown {
			return m.Depth - c.Layers, m.Depth
		}
		return 0, c.Layers
	}
	return tokenMethod{
		name:   name,
		setup:  func(v *nn.ViT) { prompt(v, draws(4), draws(5), c) },
		method: c,
		trained: func(m nn.Config) string {
			from, to := layers(m)
			list := names(from, to, "block%d/prompts")
			if c.Width > 0 {
				return "prompts/project/w prompts/project/b " + list
			}
			return list
		},
		count: func(m nn.Config) int {
			if c.Width > 0 {
				return c.Layers*p*c.Width + c.Width*m.Width + m.Width
			}
			return c.Layers * p * m.Width
		},
		block: func(m nn.Config, i int) int {
			if from, _ := layers(m); i < from {
				return 0
			}
			return through(m, m.Tokens()+p)
		},
		apart: func(m nn.Config, n int) (string, int) {
			if c.Drop == 0 {
				return "", 0
			}
			return "prompts", c.Layers * 4 * ((n*p*m.Width + 31) / 32) // a bit for each number, in words
		},
	}
}

// prefixes is a method of prefixes of p. Where nothing is trained below a block, which is so for the first, its layer norm
// keeps nothing; its queries have no gradient, for which the keys would be kept.
func prefixes(name string, c Prefixing) tokenMethod {
	p := c.Length
	return tokenMethod{
		name:   name,
		setup:  func(v *nn.ViT) { prefix(v, draws(4), c) },
		method: c,
		trained: func(m nn.Config) string {
			if c.Hidden == 0 {
				return names(0, m.Depth, "block%d/k/prefix", "block%d/v/prefix")
			}
			return names(0, m.Depth, "block%d/k/prefix/w", "block%d/k/prefix/b", "block%d/v/prefix/w", "block%d/v/prefix/b") +
				" prefix/seed prefix/in/w prefix/in/b"
		},
		count: func(m nn.Config) int {
			if d, h := m.Width, c.Hidden; h > 0 {
				return p*d + d*h + h + 2*m.Depth*(h*d+d)
			}
			return 2 * m.Depth * p * m.Width
		},
		block: func(m nn.Config, i int) int {
			t, d := m.Tokens(), m.Width
			all := through(m, t) + 2*p*d + m.Heads*t*p // longer keys and values, wider attention
			if i == 0 {
				return all - t*(d+1) - (t+p)*d
			}
			return all
		},
		apart: func(m nn.Config, _ int) (string, int) {
			return "prefix", 4 * 2 * p * c.Hidden // slope and result of tanh, once for all blocks and examples
		},
	}
}

// tokenMethods lists the methods for a model of that depth, with five tokens each.
func tokenMethods(depth int) []tokenMethod {
	return []tokenMethod{
		prompts("shallow", Prompting{Length: 5, Layers: 1}),
		prompts("deep", Prompting{Length: 5, Layers: depth}),
		prompts("the first two", Prompting{Length: 5, Layers: 2}),
		prompts("the last two", Prompting{Length: 5, Layers: 2, TopDown: true}),
		prompts("deep, projected", Prompting{Length: 5, Layers: depth, Width: 6}),
		prompts("deep, with dropout", Prompting{Length: 5, Layers: depth, Drop: 0.3}),
		prefixes("prefix", Prefixing{Length: 5}),
		prefixes("prefix from an MLP", Prefixing{Length: 5, Hidden: 12}),
	}
}

// sizes are the models of the lab.
var sizes = map[string]nn.Config{"V-tiny": nn.VTiny(), "V-small": nn.VSmall()}

// eachMethod runs a test for every method on both models.
func eachMethod(t *testing.T, f func(t *testing.T, c nn.Config, m tokenMethod)) {
	for name, c := range sizes {
		for _, m := range tokenMethods(c.Depth) {
			t.Run(name+", "+m.name, func(t *testing.T) { f(t, c, m) })
		}
	}
}

// Frozen is all but the method's own and the head, and these are as many numbers as the closed form says.
func TestWhatTokensTrain(t *testing.T) {
	eachMethod(t, func(t *testing.T, c nn.Config, m tokenMethod) {
		v := frozenModel(c, false)
		m.setup(v)
		var got []string
		count := 0
		for _, p := range nn.Trainable(v) {
			if !strings.HasPrefix(p.Name, "head/") {
				got = append(got, p.Name)
				count += p.Len()
			}
		}
		want := strings.Fields(m.trained(c))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("trained are %v, want %v", got, want)
		}
		if count != m.count(c) {
			t.Errorf("%d numbers are trained, want %d", count, m.count(c))
		}
		if blocks, outside := m.method.Count(c); blocks+outside != count {
			t.Errorf("%d numbers are trained, the method counts %d and %d", count, blocks, outside)
		}
		if n := optim.NewAdamW(nn.Trainable(v), optim.Adam()).Len(); n != count+c.Width*c.Classes+c.Classes {
			t.Errorf("the optimizer holds %d numbers, want %d and the head", n, count)
		}
	})
}

// The counts that the specs list, in appendix B.
func TestGoldenCountsOfTokens(t *testing.T) {
	for _, g := range []struct {
		c    nn.Config
		m    tokenMethod
		want int
	}{
		{nn.VTiny(), prompts("", Prompting{Length: 5, Layers: 1}), 320},
		{nn.VSmall(), prompts("", Prompting{Length: 5, Layers: 1}), 480},
		{nn.VTiny(), prompts("", Prompting{Length: 5, Layers: 4}), 1280},
		{nn.VSmall(), prompts("", Prompting{Length: 5, Layers: 6}), 2880},
		{nn.VTiny(), prefixes("", Prefixing{Length: 5}), 2560},
		{nn.VSmall(), prefixes("", Prefixing{Length: 5}), 5760},
	} {
		v := frozenModel(g.c, false)
		g.m.setup(v)
		nn.Freeze(v.Head)
		if n, _ := nn.Count(v); n != g.want {
			t.Errorf("%d numbers are trained, want %d", n, g.want)
		}
	}
}

// What a step keeps for backward equals the closed form to the byte, in every block and outside; and row by row the list
// that the method gives.
func TestLedgerOfTokensEqualsTheClosedForm(t *testing.T) {
	eachMethod(t, func(t *testing.T, c nn.Config, m tokenMethod) {
		const n = 4 // a multiple of the examples that share a group of heads
		v := frozenModel(c, false)
		m.setup(v)
		images, labels := examples(c, n)
		step := tape.New()
		v.Forward(v.Input(step, images)).CrossEntropy(labels)
		total := 0
		for i, b := range v.Blocks {
			want := 4 * n * m.block(c, i)
			if got := step.Ledger.In(b.Name); got != want {
				t.Errorf("%s keeps %d bytes, want %d", b.Name, got, want)
			}
			total += want
		}
		scope, apart := m.apart(c, n)
		if scope != "" {
			if got := step.Ledger.In(scope); got != apart {
				t.Errorf("%s: %d bytes, want %d", scope, got, apart)
			}
		}
		outside := 4 * n * (c.Width + 1 + c.Width + c.Classes) // final norm, input of the head, loss
		if got := step.Ledger.In(""); got != outside {
			t.Errorf("outside of the blocks: %d bytes, want %d", got, outside)
		}
		if got := step.Ledger.Bytes(); got != total+apart+outside {
			t.Errorf("%d bytes in all, want %d", got, total+apart+outside)
		}
		if got, want := step.Ledger.Rows(), m.method.Kept(c, n); !slices.Equal(got, want) {
			t.Errorf("the ledger has\n%v, the method lists\n%v", got, want)
		}
	})
}

// The ratio to full fine-tuning that the specs list in 0.3, without the numbers of 1/σ.
func TestGoldenMemoryRatioOfPrompts(t *testing.T) {
	for _, g := range []struct {
		c    nn.Config
		want string
	}{{nn.VTiny(), "0.787"}, {nn.VSmall(), "0.686"}} {
		v := frozenModel(g.c, false)
		prompt(v, draws(4), nil, Prompting{Length: 5, Layers: g.c.Depth})
		images, _ := examples(g.c, 2)
		step := tape.New()
		v.Forward(v.Input(step, images))
		tokens := g.c.Tokens()
		kept := step.Ledger.In("block1")/(4*2) - 2*(tokens+5)
		full := tokens * (16*g.c.Width + g.c.Heads*tokens)
		if got := fmt.Sprintf("%.3f", float64(kept)/float64(full)); got != g.want {
			t.Errorf("ratio %s, want %s", got, g.want)
		}
	}
}

// Operations of a step by the closed form: the products of all tokens, of the prompts too.
func TestOperationsOfTokensEqualTheClosedForm(t *testing.T) {
	const n, p = 4, 5
	for _, c := range sizes {
		d, tokens := c.Width, c.Tokens()
		blocks := func(t, keys int) int { // keys count in attention alone
			return c.Depth * (2*n*t*(4*d*d+2*d*c.Hidden) + 4*n*t*keys*d)
		}
		around := 2*n*c.Patches()*c.PatchLen()*d + 2*n*d*c.Classes
		for _, m := range []struct {
			name  string
			setup func(v *nn.ViT)
			want  int
		}{
			{"deep", func(v *nn.ViT) { prompt(v, draws(4), nil, Prompting{Length: p, Layers: c.Depth}) }, blocks(tokens+p, tokens+p)},
			{"prefix", func(v *nn.ViT) { prefix(v, draws(4), Prefixing{Length: p}) }, blocks(tokens, tokens+p)},
			{"prefix from an MLP", func(v *nn.ViT) { prefix(v, draws(4), Prefixing{Length: p, Hidden: 12}) },
				blocks(tokens, tokens+p) + 2*p*d*12*(1+2*c.Depth)},
		} {
			v := frozenModel(c, false)
			m.setup(v)
			images, _ := examples(c, n)
			step := tape.New()
			v.Forward(v.Input(step, images))
			if got := step.Ledger.ForwardFLOP; got != int64(m.want+around) {
				t.Errorf("%s, width %d: %d operations, want %d", m.name, d, got, m.want+around)
			}
		}
	}
}

// Everything that the ledger does not list is overwritten after forward: no gradient changes by a bit.
func TestGradientsOfTokensNeedOnlyWhatIsKept(t *testing.T) {
	for _, m := range tokenMethods(4) {
		gradients := func(poison bool) (g []float32) {
			v := frozenModel(nn.VTiny(), false)
			m.setup(v)
			images, labels := examples(v.Config, 3)
			step := tape.New()
			loss := v.Forward(v.Input(step, images)).CrossEntropy(labels)
			if poison {
				step.Poison()
			}
			step.Backward(loss)
			for _, p := range nn.Trainable(v) {
				g = append(g, p.Grad...)
			}
			return g
		}
		sameBits(t, m.name, gradients(true), gradients(false))
	}
}

// Thirty steps with weight decay: what is frozen keeps its bits and gets no gradient, every trained tensor moves from the
// second step on.
func TestTokensMoveAndTheRestStays(t *testing.T) {
	for _, m := range tokenMethods(4) {
		t.Run(m.name, func(t *testing.T) {
			v := frozenModel(nn.VTiny(), false)
			m.setup(v)
			before := map[*tape.Param][]float32{}
			for _, p := range nn.Collect(v) {
				before[p] = slices.Clone(p.Value.Data)
			}
			images, labels := examples(v.Config, 8)
			c := optim.Adam()
			c.Decay = 0.1
			opt, step := optim.NewAdamW(nn.Trainable(v), c), tape.New()
			for i := range 30 {
				step.Reset()
				step.Backward(v.Forward(v.Input(step, images)).CrossEntropy(labels))
				for _, p := range nn.Trainable(v) {
					if i == 1 && !slices.ContainsFunc(p.Grad, func(g float32) bool { return g != 0 }) {
						t.Errorf("%s has no gradient", p.Name)
					}
				}
				opt.Step(1e-2)
			}
			for _, p := range nn.Collect(v) {
				moved := furthest(p.Value.Data, before[p])
				if p.Frozen && (moved != 0 || p.Grad != nil) {
					t.Errorf("%s is frozen, and moved by %v", p.Name, moved)
				}
				if !p.Frozen && moved < 1e-3 {
					t.Errorf("%s is trained, and moved by %v", p.Name, moved)
				}
			}
		})
	}
}

func TestStepsWithTokensDoNotAllocate(t *testing.T) {
	for _, m := range tokenMethods(4) {
		v := frozenModel(nn.VTiny(), false)
		m.setup(v)
		images, labels := examples(v.Config, 4)
		opt, on := optim.NewAdamW(nn.Trainable(v), optim.Adam()), tape.New()
		step := func() {
			on.Reset()
			on.Backward(v.Forward(v.Input(on, images)).CrossEntropy(labels))
			opt.Step(1e-3)
		}
		step()
		step()
		if n := testing.AllocsPerRun(5, step); n != 0 {
			t.Errorf("%s: %v allocations per step", m.name, n)
		}
	}
}

// What is trained, saved and read into a fresh copy of the frozen model gives the same logits to the bit.
func TestSavedTokensGiveTheSameLogits(t *testing.T) {
	for _, m := range tokenMethods(4) {
		v, w := frozenModel(nn.VTiny(), false), frozenModel(nn.VTiny(), false)
		m.setup(v)
		m.setup(w)
		r := draws(6)
		for _, p := range nn.Trainable(v) {
			nn.Normal(r, p.Value.Data, 0.5)
			p.Touch()
		}
		file, err := nn.Save(nn.Trainable(v), nil, nn.F32)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nn.Load(file, nn.Trainable(w)); err != nil {
			t.Fatal(err)
		}
		sameBits(t, m.name, logits(w, 3), logits(v, 3))
	}
}

// With no tokens a method is the linear probe, to the bit, in training too.
func TestNoTokensAreTheLinearProbe(t *testing.T) {
	run := func(setup func(v *nn.ViT)) (all []float32) {
		v := frozenModel(nn.VTiny(), false)
		setup(v)
		images, labels := examples(v.Config, 5)
		opt, step := optim.NewAdamW(nn.Trainable(v), optim.Adam()), tape.New()
		for range 5 {
			step.Reset()
			loss := v.Forward(v.Input(step, images)).CrossEntropy(labels)
			all = append(all, loss.Item(), float32(step.Ledger.Bytes()))
			step.Backward(loss)
			opt.Step(1e-2)
		}
		for _, p := range nn.Collect(v) {
			all = append(all, p.Value.Data...)
		}
		return append(all, logits(v, 5)...)
	}
	probe := run(func(v *nn.ViT) { nn.Freeze(v.Backbone()) })
	for name, setup := range map[string]func(v *nn.ViT){
		"shallow":            func(v *nn.ViT) { prompt(v, draws(4), draws(5), Prompting{Layers: 1}) },
		"deep":               func(v *nn.ViT) { prompt(v, draws(4), draws(5), Prompting{Layers: 4, Drop: 0.5, Width: 3}) },
		"the last":           func(v *nn.ViT) { prompt(v, draws(4), draws(5), Prompting{Layers: 1, TopDown: true}) },
		"prefix":             func(v *nn.ViT) { prefix(v, draws(4), Prefixing{}) },
		"prefix from an MLP": func(v *nn.ViT) { prefix(v, draws(4), Prefixing{Hidden: 12}).Fold() },
	} {
		sameBits(t, name, run(setup), probe)
	}
}

// mirror64 is the loss of a model in float64, from the parameters by name, with whatever prompts or prefixes there are.
func mirror64(p map[string][]float64, c nn.Config, images []float32, labels []int32) float64 {
	n, d := len(labels), c.Width
	dense := func(x []float64, path string, in int) []float64 {
		w := p[path+"/w"]
		return ref64.Linear(x, w, p[path+"/b"], len(x)/in, in, len(w)/in)
	}
	norm := func(x []float64, path string) []float64 {
		return ref64.LayerNorm(x, p[path+"/gain"], p[path+"/bias"], d)
	}
	// splice puts rows behind the first at tokens of every example of t tokens, in place of skip of them.
	splice := func(x, rows []float64, t, at, skip int) []float64 {
		var y []float64
		for i := range n {
			group := x[i*t*d:][:t*d]
			y = append(append(append(y, group[:at*d]...), rows...), group[(at+skip)*d:]...)
		}
		return y
	}
	var made []float64
	if e := p["prefix/seed"]; e != nil {
		made = ref64.Tanh(dense(e, "prefix/in", d))
	}
	behind := func(x []float64, path string, t int) []float64 {
		rows := p[path+"/prefix"]
		if made != nil {
			rows = dense(made, path+"/prefix", len(p[path+"/prefix/w"])/d)
		}
		return splice(x, rows, t, 0, 0)
	}

	patches := make([]float32, len(images))
	nn.Patchify(patches, images, c)
	embedded := dense(ref64.Wide(patches), "patch", c.PatchLen())
	var x []float64
	for i := range n {
		rows := append(slices.Clone(p["class"]), embedded[i*c.Patches()*d:][:c.Patches()*d]...)
		x = append(x, ref64.Add(rows, p["position"])...)
	}
	t := c.Tokens()
	for i := range c.Depth {
		path := fmt.Sprintf("block%d", i)
		if rows := p[path+"/prompts"]; rows != nil {
			if w := p["prompts/project/w"]; w != nil {
				rows = dense(rows, "prompts/project", len(w)/d)
			}
			if t == c.Tokens() {
				x = splice(x, rows, t, 1, 0)
				t += len(rows) / d
			} else {
				x = splice(x, rows, t, 1, len(rows)/d)
			}
		}
		h := norm(x, path+"/norm1")
		k, v := behind(dense(h, path+"/k", d), path+"/k", t), behind(dense(h, path+"/v", d), path+"/v", t)
		o, _ := ref64.CrossAttention(dense(h, path+"/q", d), k, v, nil, n, t, len(k)/(n*d), c.Heads, d/c.Heads)
		x = ref64.Add(x, dense(o, path+"/o", d))
		x = ref64.Add(x, dense(ref64.GELU(dense(norm(x, path+"/norm2"), path+"/fc1", d)), path+"/fc2", c.Hidden))
	}
	var class []float64
	for i := range n {
		class = append(class, x[i*t*d:][:d]...)
	}
	return ref64.CrossEntropy(dense(norm(class, "norm"), "head", d), labels, n, c.Classes)
}

// The loss of a whole model and its gradient along every trained number agree with a float64 mirror.
func TestGradientsOfTokensAgainstFloat64(t *testing.T) {
	for _, m := range tokenMethods(little.Depth) {
		if m.name == "deep, with dropout" {
			continue // no mirror draws its masks
		}
		t.Run(m.name, func(t *testing.T) {
			v := frozenModel(little, true)
			m.setup(v)
			images, labels := examples(little, 2)
			values := map[string][]float64{}
			for _, p := range nn.Collect(v) {
				values[p.Name] = ref64.Wide(p.Value.Data)
			}
			step := tape.New()
			loss := v.Forward(v.Input(step, images)).CrossEntropy(labels)
			if want := mirror64(values, little, images, labels); math.Abs(float64(loss.Item())-want) > 1e-5*want {
				t.Fatalf("loss %v, want %v", loss.Item(), want)
			}
			step.Backward(loss)
			for _, p := range nn.Trainable(v) {
				exact := values[p.Name]
				want := ref64.Grad(func(x []float64) float64 {
					values[p.Name] = x
					return mirror64(values, little, images, labels)
				}, exact, 1e-5)
				values[p.Name] = exact
				size := math.Sqrt(ref64.Dot(want, want) / float64(len(want)))
				for i, g := range p.TakeGrad() {
					if math.Abs(float64(g)-want[i]) > 2e-4*(size+math.Abs(want[i]))+1e-7 {
						t.Fatalf("%s: gradient %d is %v, want %v", p.Name, i, g, want[i])
					}
				}
			}
		})
	}
}

// Without tokens the closed forms are those of the linear probe.
func TestClosedFormsOfNoTokens(t *testing.T) {
	for _, m := range []tokenMethod{
		prompts("", Prompting{Layers: 4, Width: 3, Drop: 0.5}), prompts("", Prompting{Layers: 1, TopDown: true}),
		prefixes("", Prefixing{}), prefixes("", Prefixing{Hidden: 12}),
	} {
		v := frozenModel(nn.VTiny(), false)
		m.setup(v)
		images, labels := examples(v.Config, 3)
		step := tape.New()
		v.Forward(v.Input(step, images)).CrossEntropy(labels)
		if got, want := step.Ledger.Rows(), m.method.Kept(v.Config, 3); !slices.Equal(got, want) {
			t.Errorf("%+v: the ledger has %v, the method lists %v", m.method, got, want)
		}
		if blocks, outside := m.method.Count(v.Config); blocks != 0 || outside != 0 {
			t.Errorf("%+v counts %d and %d numbers", m.method, blocks, outside)
		}
	}
}
