package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/ref64"
	"petri/kernels/tape"
)

// TestSqueezeExciteAgainstFloat64 compares value and gradients, of every parameter and the input, with float64.
func TestSqueezeExciteAgainstFloat64(t *testing.T) {
	const n, h, w, c, hidden = 2, 3, 2, 6, 2
	r := rand.New(rand.NewPCG(3, 4))
	se := nn.NewSqueezeExcite(r, "block0/se", c, hidden)
	x := tape.NewParam("x", tape.Shape{n, h, w, c})
	params := append(nn.Collect(se), x)
	wide := map[string][]float64{}
	for _, p := range params {
		nn.Normal(r, p.Value.Data, 0.7)
		p.Touch()
		wide[p.Name] = ref64.Wide(p.Value.Data)
	}
	g := tape.NewTensor(x.Value.Shape)
	nn.Normal(r, g.Data, 1)
	mirror := func() []float64 {
		mean := make([]float64, n*c)
		for i, v := range wide["x"] {
			mean[i/(h*w*c)*c+i%c] += v / (h * w)
		}
		z := ref64.Linear(mean, wide["block0/se/reduce/w"], wide["block0/se/reduce/b"], n, c, hidden)
		z = ref64.Linear(ref64.Swish(z), wide["block0/se/expand/w"], wide["block0/se/expand/b"], n, hidden, c)
		return ref64.Gate(wide["x"], z, n, h*w, c)
	}

	step := tape.New()
	y := se.Forward(step.Leaf(x))
	for i, want := range mirror() {
		if got := float64(y.Data()[i]); !(math.Abs(got-want) <= 1e-6) {
			t.Fatalf("y[%d] = %v, want %v", i, got, want)
		}
	}
	step.BackwardFrom(y, g)
	for _, p := range params {
		exact := wide[p.Name]
		want := ref64.Grad(func(at []float64) float64 {
			wide[p.Name] = at
			return ref64.Dot(mirror(), ref64.Wide(g.Data))
		}, exact, 1e-5)
		wide[p.Name] = exact
		for i, got := range p.Grad {
			if !(math.Abs(float64(got)-want[i]) <= 1e-5) {
				t.Fatalf("gradient of %s[%d] = %v, want %v", p.Name, i, got, want[i])
			}
		}
	}
}

// TestRelativePosition: fresh tables are small, those without a generator zero, and zero ones change nothing.
func TestRelativePosition(t *testing.T) {
	const n, h, w, d, heads = 2, 3, 2, 8, 2
	r := rand.New(rand.NewPCG(3, 5))
	fresh, zero := nn.NewRelativePosition(r, "block0", heads, h, w), nn.NewRelativePosition(nil, "block1", heads, h, w)
	if p := fresh.Table; p.Name != "block0/relative" || p.Value.Shape != (tape.Shape{heads, 5, 3}) {
		t.Errorf("%s %v", p.Name, p.Value.Shape)
	}
	sum := 0.0
	for i, v := range fresh.Table.Value.Data {
		sum += float64(v) * float64(v)
		if zero.Table.Value.Data[i] != 0 {
			t.Fatal("a table without a generator is not zero")
		}
	}
	if std := math.Sqrt(sum / heads / 15); std < 0.012 || std > 0.03 {
		t.Errorf("deviation %v, want 0.02", std)
	}
	step := tape.New()
	x := step.Blank(tape.Shape{n, h * w, d})
	nn.Normal(r, x.Data(), 1)
	plain, with := x.Attend(x, x, heads, "a"), x.AttendBias(x, x, zero.Bias(step, h, w), heads, "b")
	moved := x.AttendBias(x, x, fresh.Bias(step, h, w), heads, "c")
	differ := false
	for i, v := range plain.Data() {
		if !(math.Abs(float64(v-with.Data()[i])) <= 1e-6) {
			t.Fatalf("a bias of zero moves %v to %v", v, with.Data()[i])
		}
		differ = differ || v != moved.Data()[i]
	}
	if !differ {
		t.Error("a fresh table moves nothing")
	}
}
