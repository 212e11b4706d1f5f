package vpt

import (
	"math"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// TestPrefixIsAMixture: a prefix mixes two attentions, (1-λ)·Attn(q, K, V) + λ·Attn(q, Pₖ, Pᵥ), where λ is the share of
// the prefix in the softmax, of each head and query its own.
func TestPrefixIsAMixture(t *testing.T) {
	const n, p = 3, 5
	for _, c := range sizes {
		v := frozenModel(c, true)
		prefix(v, draws(4), Prefixing{Length: p})
		a := v.Blocks[1].Attn
		d, tokens, dh := c.Width, c.Tokens(), c.Width/c.Heads
		step := tape.New()
		x := step.Blank(tape.Shape{n, tokens, d})
		nn.Normal(draws(7), x.Data(), 0.3)
		keys, values := a.K.(*Prefixed), a.V.(*Prefixed)
		q := a.Q.Forward(x)
		o := q.Attend(a.K.Forward(x), a.V.Forward(x), c.Heads, "map").Data()

		q64, k64, v64 := ref64.Wide(q.Data()), ref64.Wide(keys.Base.Forward(x).Data()), ref64.Wide(values.Base.Forward(x).Data())
		pk, pv := ref64.Wide(keys.Rows.Value.Data), ref64.Wide(values.Rows.Value.Data)
		var manyK, manyV []float64 // the prefix for every example
		for range n {
			manyK, manyV = append(manyK, pk...), append(manyV, pv...)
		}
		own, _ := ref64.CrossAttention(q64, k64, v64, nil, n, tokens, tokens, c.Heads, dh)
		other, _ := ref64.CrossAttention(q64, manyK, manyV, nil, n, tokens, p, c.Heads, dh)
		probs := make([]float32, c.Heads*tokens*(tokens+p))
		low, high := 1.0, 0.0
		for i := range n {
			if heads, asked, looked, ok := step.Attention(probs, "map", i); !ok || heads != c.Heads || asked != tokens || looked != tokens+p {
				t.Fatalf("%d heads of %d queries and %d keys, %v", heads, asked, looked, ok)
			}
			for h := range c.Heads {
				for j := range tokens {
					ask := q64[(i*tokens+j)*d+h*dh:][:dh]
					mass := func(keys []float64, rows int) (sum float64) {
						for r := range rows {
							sum += math.Exp(ref64.Dot(ask, keys[r*d+h*dh:]) / math.Sqrt(float64(dh)))
						}
						return sum
					}
					prefixed, plain := mass(pk, p), mass(k64[i*tokens*d:], tokens)
					lambda := prefixed / (prefixed + plain)
					low, high = min(low, lambda), max(high, lambda)
					measured := 0.0
					for _, x := range probs[(h*tokens+j)*(tokens+p):][:p] {
						measured += float64(x)
					}
					if math.Abs(measured-lambda) > 1e-5 {
						t.Fatalf("the prefix has a share of %v, want %v", measured, lambda)
					}
					for z := range dh {
						at := (i*tokens+j)*d + h*dh + z
						if want := (1-lambda)*own[at] + lambda*other[at]; math.Abs(float64(o[at])-want) > 1e-5*(1+math.Abs(want)) {
							t.Fatalf("o[%d] = %v, want %v", at, o[at], want)
						}
					}
				}
			}
		}
		if low > 0.3 || high < 0.4 {
			t.Errorf("shares lie between %v and %v: too narrow to tell anything", low, high)
		}
	}
}

// Queries stay as many as they were, and so does all that is not attention.
func TestPrefixLengthensAttentionAlone(t *testing.T) {
	for _, hidden := range []int{0, 12} {
		c := nn.VTiny()
		v := frozenModel(c, false)
		prefix(v, draws(4), Prefixing{Length: 5, Hidden: hidden})
		images, _ := examples(c, 2)
		step := tape.New()
		v.Forward(v.Input(step, images))
		for _, b := range v.Blocks {
			if x, ok := step.Lookup(b.Name); !ok || x.Shape != (tape.Shape{2, 17, 64}) {
				t.Errorf("%s has %v", b.Name, x.Shape)
			}
			if _, asked, looked, _ := step.Attention(nil, b.Attn.Map, 1); asked != 17 || looked != 22 {
				t.Errorf("%s: attention of %d tokens to %d, want 17 to 22", b.Name, asked, looked)
			}
		}
	}
}

// Folded, a prefix that an MLP has made gives the same logits to the bit and has the parameters of a plain one.
func TestFoldedPrefixGivesTheSameLogits(t *testing.T) {
	for _, c := range sizes {
		v := frozenModel(c, false)
		p := prefix(v, draws(4), Prefixing{Length: 5, Hidden: 32})
		r := draws(9)
		for _, q := range nn.Trainable(v) { // as if trained
			nn.Normal(r, q.Value.Data, 0.4)
			q.Touch()
		}
		want := logits(v, 3)
		p.Fold()
		sameBits(t, "folded", logits(v, 3), want)
		p.Fold()
		sameBits(t, "folded twice", logits(v, 3), want)

		plain := frozenModel(c, false)
		prefix(plain, draws(4), Prefixing{Length: 5})
		a, b := nn.Trainable(v), nn.Trainable(plain)
		if len(a) != len(b) {
			t.Fatalf("folded, %d tensors, want %d", len(a), len(b))
		}
		for i := range a {
			if a[i].Name != b[i].Name || a[i].Value.Shape != b[i].Value.Shape {
				t.Errorf("%s %v, want %s %v", a[i].Name, a[i].Value.Shape, b[i].Name, b[i].Value.Shape)
			}
		}
		file, err := nn.Save(a, nil, nn.F32)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nn.Load(file, b); err != nil {
			t.Fatal(err)
		}
		sameBits(t, "read from a file", logits(plain, 3), want)
		if none := prefix(frozenModel(c, false), draws(4), Prefixing{Length: 5}); none.Seed != nil {
			t.Error("a plain prefix has an MLP")
		}
	}
}

// Other parts that wrap keys and values compose with a prefix: the layer that was there makes what stands behind it.
func TestPrefixWrapsWhatItFinds(t *testing.T) {
	v := frozenModel(nn.VTiny(), false)
	old := v.Blocks[2].Attn.K
	prefix(v, draws(4), Prefixing{Length: 5})
	if l, ok := v.Blocks[2].Attn.K.(*Prefixed); !ok || l.Base != old {
		t.Error("the layer of the keys is gone")
	}
	if _, ok := v.Blocks[2].Attn.Q.(*nn.Linear); !ok {
		t.Error("queries got a prefix")
	}
}

func TestPrefixesThatDoNotFit(t *testing.T) {
	for want, c := range map[string]Prefixing{
		"": {Length: 5, Hidden: 32},
		"prefix: a length of -1 does not fit: take 0 to 200":                       {Length: -1},
		"prefix: a length of 201 does not fit: take 0 to 200":                      {Length: 201},
		"prefix: an MLP of width -1 cannot make it: take 1 or more, or 0 for none": {Length: 5, Hidden: -1},
	} {
		sayNo(t, c.Check(nn.VTiny()), want)
		if v := frozenModel(nn.VTiny(), false); want != "" {
			if _, err := c.fit(v, draws(4)); err == nil || len(nn.Trainable(v)) != len(nn.Collect(v)) {
				t.Errorf("%+v was put in, or half of it", c)
			}
		}
	}
}
