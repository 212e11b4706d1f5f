package vpt

import (
	"math"
	"slices"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// The sequence has p tokens more from the first layer with prompts on, and no layer makes it longer.
func TestTokensAreConstant(t *testing.T) {
	for name, c := range sizes {
		for _, s := range []Prompting{
			{Length: 5, Layers: 1}, {Length: 5, Layers: c.Depth}, {Length: 1, Layers: 2}, {Length: 30, Layers: 3},
			{Length: 5, Layers: 2, TopDown: true}, {Length: 5, Layers: 1, TopDown: true}, {Length: 7, Layers: c.Depth, TopDown: true},
		} {
			v := frozenModel(c, false)
			prompt(v, draws(4), nil, s)
			images, _ := examples(c, 2)
			step := tape.New()
			v.Forward(v.Input(step, images))
			for i, b := range v.Blocks {
				want := tape.Shape{2, c.Tokens() + s.Length, c.Width}
				if s.TopDown && i < c.Depth-s.Layers {
					want[1] = c.Tokens()
				}
				if x, ok := step.Lookup(b.Name); !ok || x.Shape != want {
					t.Errorf("%s, %+v: %s has %v, want %v", name, s, b.Name, x.Shape, want)
				}
				if _, asked, looked, _ := step.Attention(nil, b.Attn.Map, 0); asked != want[1] || looked != want[1] {
					t.Errorf("%s, %+v: attention of %d tokens to %d in %s", name, s, asked, looked, b.Name)
				}
			}
		}
	}
}

// Prompts have no position: in another order, in every layer, they say the same.
func TestOrderOfPromptsDoesNotMatter(t *testing.T) {
	for _, c := range sizes {
		for _, s := range []Prompting{{Length: 7, Layers: 1}, {Length: 7, Layers: c.Depth}, {Length: 7, Layers: 2, TopDown: true}, {Length: 7, Layers: 2, Width: 6}} {
			v := frozenModel(c, false)
			p := prompt(v, draws(4), nil, s)
			for _, rows := range p.Rows { // large, so that they matter
				if rows != nil {
					nn.Normal(draws(8), rows.Value.Data, 1)
				}
			}
			want := logits(v, 3)
			for i, rows := range p.Rows {
				if rows == nil {
					continue
				}
				d := rows.Value.Shape.Width()
				var turned []float32
				for _, at := range draws(uint64(i)).Perm(s.Length) {
					turned = append(turned, rows.Value.Data[at*d:][:d]...)
				}
				copy(rows.Value.Data, turned)
				rows.Touch()
			}
			got := logits(v, 3)
			if d := furthest(got, want); d > 1e-5 {
				t.Errorf("%+v: another order moves the logits by %v", s, d)
			}
			for _, rows := range p.Rows {
				if rows != nil {
					clear(rows.Value.Data)
				}
			}
			if d := furthest(logits(v, 3), want); d < 1e-3 {
				t.Errorf("%+v: without the prompts the logits move by %v only", s, d)
			}
		}
	}
}

// Deep prompts are replaced: what a layer makes of its prompts is not read by a next one with prompts of its own, and is
// by one without.
func TestDeepPromptsAreReplaced(t *testing.T) {
	kept := func(layers int) int {
		c := nn.VTiny()
		v := frozenModel(c, false)
		prompt(v, draws(4), nil, Prompting{Length: 3, Layers: layers})
		images, labels := examples(c, 2)
		step := tape.New()
		// The result of the lowest block is traced by a leaf that is added to it.
		probe := tape.NewParam("probe", tape.Shape{2, c.Tokens() + 3, c.Width})
		v.Sequence = &spy{Sequence: v.Sequence, at: 1, leaf: probe}
		step.Backward(v.Forward(v.Input(step, images)).CrossEntropy(labels))
		seen := 0
		for i, g := range probe.Grad {
			if token := i / c.Width % (c.Tokens() + 3); token >= 1 && token <= 3 && g != 0 {
				seen++
			}
		}
		if !slices.ContainsFunc(probe.Grad, func(g float32) bool { return g != 0 }) {
			t.Fatal("the probe got no gradient")
		}
		return seen
	}
	if n := kept(4); n != 0 {
		t.Errorf("%d numbers of prompts that were replaced have a gradient", n)
	}
	if n := kept(1); n != 2*3*64 {
		t.Errorf("%d numbers of shallow prompts have a gradient in the second layer, want all %d", n, 2*3*64)
	}
}

// spy adds a leaf to what a block gets.
type spy struct {
	nn.Sequence
	at   int
	leaf *tape.Param
}

func (s *spy) Before(block int, x tape.Var) tape.Var {
	if block == s.at {
		x = x.Add(x.Tape().Leaf(s.leaf))
	}
	return s.Sequence.Before(block, x)
}

// Drawn as in the official code, by hand for V-tiny: √(6/(192+64)) = .1531, with prompts of six numbers √(6/198) = .1741.
func TestPromptsAreDrawnWithinTheirBound(t *testing.T) {
	for _, c := range []struct {
		model nn.Config
		width int
		want  float64
	}{{nn.VTiny(), 0, 0.153093}, {nn.VTiny(), 6, 0.174078}, {nn.VSmall(), 0, math.Sqrt(6. / (3*16 + 96))}} {
		p := NewPrompts(draws(4), c.model, Prompting{Length: 200, Layers: 4, Width: c.width})
		for _, rows := range p.Rows[:4] {
			most, square := 0.0, 0.0
			for _, x := range rows.Value.Data {
				most = max(most, math.Abs(float64(x)))
				square += float64(x) * float64(x) / float64(rows.Len())
			}
			if most > c.want || most < 0.98*c.want {
				t.Errorf("%s: the largest number is %v, want nearly %v", rows.Name, most, c.want)
			}
			if ratio := square / (c.want * c.want / 3); ratio < 0.9 || ratio > 1.1 {
				t.Errorf("%s: the variance is %v of a uniform draw's", rows.Name, ratio)
			}
		}
		if furthest(p.Rows[0].Value.Data, p.Rows[1].Value.Data) == 0 {
			t.Error("two layers have the same prompts")
		}
	}
}

// Dropout falls on prompts alone, differently in every example, and in training alone.
func TestDropoutIsOnThePromptsInTrainingOnly(t *testing.T) {
	c := nn.VTiny()
	with := func(drop float64) *nn.ViT {
		v := frozenModel(c, false)
		prompt(v, draws(4), draws(5), Prompting{Length: 6, Layers: 4, Drop: drop})
		return v
	}
	sameBits(t, "inference", logits(with(0.5), 3), logits(with(0), 3))

	step := tape.New()
	x := step.Blank(tape.Shape{2, c.Tokens(), c.Width})
	nn.Normal(draws(6), x.Data(), 1)
	v := with(0.5)
	y := v.Sequence.Before(0, x)
	own, d := v.Sequence.(*Prompts).Rows[0].Value.Data, c.Width
	dropped, differ := 0, 0
	for i := range 2 {
		group := y.Data()[i*(c.Tokens()+6)*d:]
		sameBits(t, "class token", group[:d], x.Data()[i*c.Tokens()*d:][:d])
		sameBits(t, "patches", group[7*d:][:c.Patches()*d], x.Data()[(i*c.Tokens()+1)*d:][:c.Patches()*d])
		for j, v := range group[d:][:6*d] {
			if v == 0 {
				dropped++
			} else if v != 2*own[j] {
				t.Fatalf("number %d is %v, want 0 or twice %v", j, v, own[j])
			}
			if i == 1 && (v == 0) != (y.Data()[d+j] == 0) {
				differ++
			}
		}
	}
	if n := 2 * 6 * d; dropped < n/3 || dropped > 2*n/3 || differ < n/6 {
		t.Errorf("%d of %d numbers were dropped, %d not alike in both examples", dropped, n, differ)
	}
}

func TestPromptsThatDoNotFit(t *testing.T) {
	fits := Prompting{Length: 5, Layers: 4, Width: 3, Drop: 0.1}
	for want, change := range map[string]func(c *Prompting){
		"": func(*Prompting) {},
		"vpt-deep: -1 prompts do not fit: take 0 to 200":                                                   func(c *Prompting) { c.Length = -1 },
		"vpt-deep: 201 prompts do not fit: take 0 to 200":                                                  func(c *Prompting) { c.Length = 201 },
		"vpt-deep: prompts in 0 layers do not fit the model's 4: take 1 to 4":                              func(c *Prompting) { c.Layers = 0 },
		"vpt-deep: prompts in 5 layers do not fit the model's 4: take 1 to 4":                              func(c *Prompting) { c.Layers = 5 },
		"vpt-deep: prompts of -1 numbers cannot be projected: take 1 or more, or 0 for the model's own 64": func(c *Prompting) { c.Width = -1 },
		"vpt-deep: a dropout of 1 is no probability below 1: take 0 to 0.9":                                func(c *Prompting) { c.Drop = 1 },
		"vpt-shallow: a dropout of NaN is no probability below 1: take 0 to 0.9":                           func(c *Prompting) { c.Drop, c.Layers = math.NaN(), 1 },
	} {
		c := fits
		change(&c)
		sayNo(t, c.Check(nn.VTiny()), want)
		if want != "" {
			v := frozenModel(nn.VTiny(), false)
			if _, err := c.fit(v, draws(4), draws(5)); err == nil || len(nn.Trainable(v)) != len(nn.Collect(v)) || v.Sequence != nil {
				t.Errorf("%+v was put in, or half of it", c)
			}
		}
	}
}

// sayNo checks that an error is what is wanted; nil for none.
func sayNo(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil && want != "" || err != nil && err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}
