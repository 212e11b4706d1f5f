package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// block64 is nn.Block in float64, from the parameters by name.
func block64(p map[string][]float64, name string, x []float64, n, t, heads, d, hidden int) []float64 {
	rows := n * t
	dense := func(layer string, x []float64, in, out int) []float64 {
		return ref64.Linear(x, p[name+"/"+layer+"/w"], p[name+"/"+layer+"/b"], rows, in, out)
	}
	norm := func(layer string, x []float64) []float64 {
		return ref64.LayerNorm(x, p[name+"/"+layer+"/gain"], p[name+"/"+layer+"/bias"], d)
	}
	h := norm("norm1", x)
	o, _ := ref64.Attention(dense("q", h, d, d), dense("k", h, d, d), dense("v", h, d, d), n, t, heads, d/heads)
	x = ref64.Add(x, dense("o", o, d, d))
	return ref64.Add(x, dense("fc2", ref64.GELU(dense("fc1", norm("norm2", x), d, hidden)), hidden, d))
}

// TestBlockAgainstFloat64 compares the gradients of a block under a classifier with central differences of its float64
// mirror: every parameter and the input.
func TestBlockAgainstFloat64(t *testing.T) {
	const n, tokens, heads, d, hidden, classes = 2, 3, 2, 8, 12, 4
	r := rand.New(rand.NewPCG(2, 3))
	block := nn.NewBlock(r, "block0", d, heads, hidden)
	head := nn.NewLinear(r, "head", d, classes)
	x := tape.NewParam("x", tape.Shape{n, tokens, d})
	params := append(nn.Collect(block, head), x)
	for _, p := range params { // far from their mild initial values
		nn.Normal(r, p.Value.Data, 0.7)
		p.Touch()
	}
	labels := []int32{3, 1}

	loss64 := func(p map[string][]float64) float64 {
		y := block64(p, "block0", p["x"], n, tokens, heads, d, hidden)
		class := append(append([]float64(nil), y[:d]...), y[tokens*d:][:d]...)
		return ref64.CrossEntropy(ref64.Linear(class, p["head/w"], p["head/b"], n, d, classes), labels, n, classes)
	}
	wide := map[string][]float64{}
	for _, p := range params {
		wide[p.Name] = ref64.Wide(p.Value.Data)
	}

	step := tape.New()
	loss := head.Forward(block.Forward(step.Leaf(x)).Row(0)).CrossEntropy(labels)
	if got, want := float64(loss.Item()), loss64(wide); !(math.Abs(got-want) <= 1e-6*want) {
		t.Errorf("loss %v, want %v", got, want)
	}
	step.Backward(loss)
	for _, p := range params {
		exact := wide[p.Name]
		want := ref64.Grad(func(at []float64) float64 {
			wide[p.Name] = at
			return loss64(wide)
		}, exact, 1e-5)
		wide[p.Name] = exact
		size := 0.0
		for _, g := range want {
			size = max(size, math.Abs(g))
		}
		for i, g := range p.Grad {
			if !(math.Abs(float64(g)-want[i]) <= 1e-5*size+1e-6) {
				t.Fatalf("gradient of %s[%d] = %v, want %v", p.Name, i, g, want[i])
			}
		}
	}
}
