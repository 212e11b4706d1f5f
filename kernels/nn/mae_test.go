package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/bench/reference"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// masks are two examples of V-tiny of whose 16 patches four are seen.
var (
	seenOf2   = []int32{0, 3, 16, 1, 8, 0, 5, 2, 11, 14}
	hiddenOf2 = hiddenFrom(seenOf2, 17)
)

func hiddenFrom(seen []int32, tokens int) (hidden []int32) {
	for i := range 2 {
		in := make([]bool, tokens)
		for _, at := range seen[i*len(seen)/2:][:len(seen)/2] {
			in[at] = true
		}
		for at := range tokens {
			if !in[at] {
				hidden = append(hidden, int32(at))
			}
		}
	}
	return hidden
}

func masked() *nn.MAE {
	return nn.NewMAE(rand.New(rand.NewPCG(4, 4)), fresh(nn.VTiny()), 32, 1, 4)
}

func TestMAECounts(t *testing.T) {
	m := masked()
	_, encoder := nn.Count(m.Encoder.Backbone())
	const d, w = 64, 32
	block := 12*w*w + 13*w // q, k, v, o and MLP with biases, two norms
	want := encoder + d*w + w + w + 17*w + block + 2*w + w*64 + 64
	if _, got := nn.Count(m); got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	for _, p := range nn.Collect(m) {
		if p == nn.Collect(m.Encoder.Head)[0] {
			t.Error("the head takes part")
		}
	}
}

func TestMAEOperationsEqualTheClosedForm(t *testing.T) {
	m := masked()
	images, _ := reference.Batch(2)
	step := tape.New()
	loss := m.Decode(m.Encode(m.Encoder.Input(step, images), seenOf2), seenOf2, hiddenOf2).SquaredError(make([]float32, 2*12*64))
	step.Backward(loss)
	const n, d, w = 2, 64, 32
	block := func(tokens, d int64) int64 { return 2*n*tokens*12*d*d + 4*n*tokens*tokens*d }
	patch := int64(2 * n * 16 * 64 * d)
	rest := 4*block(5, d) + 2*n*5*d*w + block(17, w) + 2*n*12*w*64 // four blocks see five tokens, the decoder all
	if got := step.Ledger.ForwardFLOP; got != patch+rest {
		t.Errorf("forward: %d operations, want %d", got, patch+rest)
	}
	if got := step.Ledger.BackwardFLOP; got != patch+2*rest {
		t.Errorf("backward: %d operations, want %d", got, patch+2*rest)
	}
	if got, want := step.Ledger.Of(tape.KeptPlaces), 4*(len(seenOf2)+2*17+len(hiddenOf2)); got != want {
		t.Errorf("%d bytes of places, want %d", got, want)
	}
}

// TestPoisonedMAE overwrites everything that is not kept: no gradient may change by a bit, and every parameter has one.
func TestPoisonedMAE(t *testing.T) {
	images, _ := reference.Batch(2)
	gradients := func(poison bool) (g []float32) {
		m := masked()
		step := tape.New()
		x := m.Encoder.Input(step, images)
		loss := m.Decode(m.Encode(x, seenOf2), seenOf2, hiddenOf2).SquaredError(make([]float32, 2*12*64))
		if poison {
			step.Poison()
		}
		step.Backward(loss)
		for _, p := range nn.Collect(m) {
			if !p.Fresh() {
				t.Fatalf("%s got no gradient", p.Name)
			}
			g = append(g, p.TakeGrad()...)
		}
		return g
	}
	want := gradients(false)
	for i, g := range gradients(true) {
		if math.Float32bits(g) != math.Float32bits(want[i]) {
			t.Fatalf("gradient %d is %v, want %v", i, g, want[i])
		}
	}
}

// TestHiddenPatchesDoNotReachTheEncoder: other pixels where nothing is seen, even none at all, change no bit.
func TestHiddenPatchesDoNotReachTheEncoder(t *testing.T) {
	m := masked()
	images, _ := reference.Batch(2)
	step := tape.New()
	features := func(change func(patches []float32)) []float32 {
		step.Reset()
		x := m.Encoder.Input(step, images)
		change(x.Data())
		return append([]float32(nil), m.Encode(x, seenOf2).Data()...)
	}
	want := features(func([]float32) {})
	for _, value := range []float32{0, 1, -7, float32(math.NaN())} {
		got := features(func(patches []float32) {
			for i, at := range hiddenOf2 {
				for j := range 64 {
					patches[(i/12*16+int(at)-1)*64+j] = value
				}
			}
		})
		for i := range want {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Fatalf("with %v where nothing is seen, feature %d is %v, want %v", value, i, got[i], want[i])
			}
		}
	}
	got := features(func(patches []float32) { patches[2*64]++ }) // token 3 of the first example is seen
	same := true
	for i := range want[:5*64] {
		same = same && got[i] == want[i]
	}
	if same {
		t.Error("a patch that is seen changes nothing")
	}
	for i := 5 * 64; i < len(want); i++ {
		if got[i] != want[i] {
			t.Fatal("the other example has changed")
		}
	}
}

// TestWavesAreSines compares with the library, and neighbours with strangers.
func TestWavesAreSines(t *testing.T) {
	const grid, d, size = 8, 48, .5
	table := make([]float32, (1+grid*grid)*d)
	nn.Waves(table, grid, d, size)
	for p := -1; p < grid*grid; p++ {
		for i := range d {
			want := 0.0
			if p >= 0 {
				at := [2]int{p / grid, p % grid}[i/(d/2)]
				w := math.Pow(16, -float64(i%(d/4))/(d/4)) * float64(at)
				want = size * math.Sin(w)
				if i%(d/2) >= d/4 {
					want = size * math.Cos(w)
				}
			}
			if got := float64(table[(1+p)*d+i]); math.Abs(got-want) > 1e-6 {
				t.Fatalf("patch %d, column %d: %v, want %v", p, i, got, want)
			}
		}
	}
}
