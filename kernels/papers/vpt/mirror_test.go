package vpt

import (
	"math"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// mirror is a model with a method in it in float64, from the formulas and from the parameters by name.
type mirror struct {
	nn.Config
	values map[string][]float64
	method Method
}

// loss is the mean cross entropy of patches [n, patches, ..].
func (m mirror) loss(patches []float64, labels []int32) float64 {
	n, tokens, d := len(labels), m.Tokens(), m.Width
	embedded := m.dense(patches, "patch", m.PatchLen(), d)
	var x []float64
	for i := range n {
		rows := append(append([]float64(nil), m.values["class"]...), embedded[i*m.Patches()*d:][:m.Patches()*d]...)
		x = append(x, ref64.Add(rows, m.values["position"])...)
	}
	for i := range m.Depth {
		x = m.block(x, blockName(i), n)
	}
	var class []float64
	for i := range n {
		class = append(class, x[i*tokens*d:][:d]...)
	}
	return ref64.CrossEntropy(m.dense(m.norm(class, "norm"), "head", d, m.Classes), labels, n, m.Classes)
}

func (m mirror) block(x []float64, name string, n int) []float64 {
	d := m.Width
	h := m.norm(x, name+"/norm1")
	a, _ := ref64.Attention(m.dense(h, name+"/q", d, d), m.dense(h, name+"/k", d, d), m.dense(h, name+"/v", d, d), n, m.Tokens(), m.Heads, d/m.Heads)
	x = ref64.Add(x, m.behind(m.dense(a, name+"/o", d, d), name+"/o"))
	hidden := ref64.GELU(m.dense(m.norm(x, name+"/norm2"), name+"/fc1", d, m.Hidden))
	if l := m.values[name+"/fc2/ia3"]; l != nil {
		hidden = ref64.Times(hidden, l)
	}
	mlp := m.behind(m.dense(hidden, name+"/fc2", m.Hidden, d), name+"/fc2")
	if a, ok := m.method.(AdaptFormer); ok {
		of := x
		if a.Sequential {
			of = mlp
		}
		z := ref64.ReLU(m.dense(of, name+"/adaptformer/down", d, a.Bottleneck))
		for i, v := range m.dense(z, name+"/adaptformer/up", a.Bottleneck, d) {
			mlp[i] += a.Scale * v
		}
	}
	return ref64.Add(x, mlp)
}

// behind is what stands behind a layer.
func (m mirror) behind(a []float64, path string) []float64 {
	weight := func(at string, in, out int) ([]float64, []float64) {
		return m.values[path+"/adapter"+at+"/w"], m.values[path+"/adapter"+at+"/b"]
	}
	b := 0
	switch method := m.method.(type) {
	case Houlsby:
		b = method.Bottleneck
	case Pfeiffer:
		b = method.Bottleneck
	case Compacter:
		if m.values[path+"/compacter/up/b"] == nil {
			return a
		}
		b = method.Bottleneck
		weight = func(at string, in, out int) ([]float64, []float64) {
			at = path + "/compacter" + at
			return ref64.PHM(m.values["compacter/a"], m.values[at+"/s"], m.values[at+"/u"], method.N, in/method.N, 1, out/method.N), m.values[at+"/b"]
		}
	}
	w, bias := weight("/down", m.Width, b)
	if b == 0 || bias == nil {
		return a
	}
	h := ref64.GELU(ref64.Linear(a, w, bias, len(a)/m.Width, m.Width, b))
	w, bias = weight("/up", b, m.Width)
	return ref64.Add(a, ref64.Linear(h, w, bias, len(a)/m.Width, b, m.Width))
}

func (m mirror) norm(x []float64, path string) []float64 {
	return ref64.LayerNorm(x, m.values[path+"/gain"], m.values[path+"/bias"], m.Width)
}

// dense is a dense layer with what (IA)³ and KronA do to it.
func (m mirror) dense(x []float64, path string, in, out int) []float64 {
	rows := len(x) / in
	y := ref64.Linear(x, m.values[path+"/w"], m.values[path+"/b"], rows, in, out)
	if k, ok := m.method.(KronA); ok && m.values[path+"/krona_a"] != nil {
		w := ref64.Kron(m.values[path+"/krona_a"], m.values[path+"/krona_b"], k.First, k.First, in/k.First, out/k.First)
		for i, v := range ref64.MatMul(x, w, rows, in, out) {
			y[i] += k.Scale * v
		}
	}
	if l := m.values[path+"/ia3"]; l != nil && in == m.Width {
		y = ref64.Times(y, l)
	}
	return y
}

// TestMethodsAgainstFloat64 compares the loss of a small model with each method, and all gradients, with the mirror's.
func TestMethodsAgainstFloat64(t *testing.T) {
	c := nn.Config{Image: 4, Channels: 1, Patch: 2, Width: 8, Depth: 2, Heads: 2, Hidden: 12, Classes: 3}
	for name, method := range map[string]Method{
		"adaptformer":               AdaptFormer{Bottleneck: 3, Scale: 0.7},
		"adaptformer in series":     AdaptFormer{Bottleneck: 3, Scale: 0.7, Sequential: true},
		"houlsby":                   Houlsby{Bottleneck: 3},
		"pfeiffer":                  Pfeiffer{Bottleneck: 3, Norms: true},
		"pfeiffer behind attention": Pfeiffer{Bottleneck: 3, Place: AfterAttention, Start: ZeroUp},
		"ia3":                       IA3{},
		"bitfit":                    BitFit{},
		"ln":                        LayerNorms{},
		"krona":                     KronA{First: 2, Scale: 1.5},
		"compacter":                 Compacter{N: 2, Bottleneck: 4},
	} {
		t.Run(name, func(t *testing.T) {
			f := fit(t, method, c)
			m := mirror{c, map[string][]float64{}, method}
			r := randomly(6)
			for _, p := range nn.Collect(f.Model) {
				nn.Normal(r, p.Value.Data, 0.35)
				p.Touch()
				m.values[p.Name] = ref64.Wide(p.Value.Data)
			}
			images, labels := batch(c, 2)
			patches := make([]float32, len(images))
			nn.Patchify(patches, images, c)
			loss := func() float64 { return m.loss(ref64.Wide(patches), labels) }

			on := tape.New()
			got := f.Model.Forward(f.Model.Input(on, images)).CrossEntropy(labels)
			if want := loss(); math.Abs(float64(got.Item())-want) > 1e-5*want {
				t.Fatalf("loss %v, want %v", got.Item(), want)
			}
			on.Backward(got)
			size, wants := 0.0, map[string][]float64{}
			for _, p := range f.Own {
				exact := m.values[p.Name]
				want := ref64.Grad(func(x []float64) float64 { m.values[p.Name] = x; return loss() }, exact, 1e-5)
				m.values[p.Name], wants[p.Name] = exact, want
				size = max(size, math.Sqrt(ref64.Dot(want, want)/float64(len(want))))
			}
			for _, p := range f.Own {
				want := wants[p.Name]
				// The keys' bias has no size of its own.
				scale := math.Sqrt(ref64.Dot(want, want)/float64(len(want))) + 0.01*size
				for i, g := range p.TakeGrad() {
					if math.Abs(float64(g)-want[i]) > 2e-4*(scale+math.Abs(want[i])) {
						t.Fatalf("%s: gradient %d is %v, want %v", p.Name, i, g, want[i])
					}
				}
			}
			for _, p := range nn.Collect(f.Model) {
				if p.Frozen && p.Fresh() {
					t.Errorf("%s is frozen, but has a gradient", p.Name)
				}
			}
		})
	}
}
