package vpt

import (
	"math"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// TestKeptIsTheClosedForm compares the tape's ledger with the closed form, row by row and to the byte.
func TestKeptIsTheClosedForm(t *testing.T) {
	check := func(t *testing.T, name string, m *nn.ViT, examples int, want []tape.Row) {
		t.Helper()
		images, labels := batch(m.Config, examples)
		on := tape.New()
		m.Forward(m.Input(on, images)).CrossEntropy(labels)
		left, sum := map[tape.Row]int{}, 0
		for _, r := range want {
			left[r]++
			sum += r.Bytes
		}
		for _, r := range on.Ledger.Rows() {
			if left[r]--; left[r] < 0 {
				t.Errorf("%s, %d examples: the ledger holds %d bytes of %s in %q, which the closed form does not", name, examples, r.Bytes, r.Kind, r.Block)
			}
		}
		if got := on.Ledger.Bytes(); got != sum {
			t.Errorf("%s, %d examples: %d bytes kept, by the closed form %d", name, examples, got, sum)
		}
	}
	for size, c := range map[string]nn.Config{"V-tiny": nn.VTiny(), "V-small": nn.VSmall()} {
		for _, examples := range []int{3, 8} {
			eachSpecimen(t, func(t *testing.T, s specimen) {
				check(t, size, fit(t, s.method, c).Model, examples, s.method.Kept(c, examples))
			})
			check(t, size, fit(t, dead, c).Model, examples, dead.Kept(c, examples))
			probe := base(c)
			nn.Freeze(probe.Backbone())
			check(t, size+" with the head alone", probe, examples, form{Config: c}.rows(examples))
			check(t, size+" with all", base(c), examples, everything(c).rows(examples))
		}
	}
}

// everything is full fine-tuning.
func everything(c nn.Config) form {
	f := form{Config: c, embedding: true, patch: true}.withNorms(true)
	for i := range f.block.layers {
		f.block.layers[i].w, f.block.layers[i].b = true, true
	}
	return f
}

// TestRatiosOfTheSpecs: a block that gradients pass through, per token and without 1/σ and made weights, keeps the shares of
// full fine-tuning that the specs give (0.3). With ReLU a bottleneck keeps b numbers and b bits, not 2·b numbers.
func TestRatiosOfTheSpecs(t *testing.T) {
	const examples = 32 // so that bits fill words
	numbers := func(c nn.Config, rows []tape.Row) float64 {
		n := 0
		for _, r := range rows {
			if r.Block == "block1" && r.Kind != tape.KeptWeight {
				n += r.Bytes
			}
		}
		return float64(n)/float64(4*examples*c.Tokens()) - 2
	}
	for i, c := range []nn.Config{nn.VTiny(), nn.VSmall()} {
		full := numbers(c, everything(c).rows(examples))
		if want := []float64{1092, 1796}[i]; full != want {
			t.Errorf("all trained: %v numbers per token, want %v", full, want)
		}
		bits := 8 - 8.0/32 // what ReLU saves
		for _, w := range []struct {
			method Method
			ratio  [2]float64
			less   float64
		}{
			{BitFit{}, [2]float64{0.590, 0.626}, 0},
			{IA3{}, [2]float64{0.941, 0.947}, 0},
			{Houlsby{Bottleneck: 8}, [2]float64{0.736, 0.751}, 0},
			{AdaptFormer{Bottleneck: 8, Scale: 0.1}, [2]float64{0.663, 0.688}, bits},
		} {
			if got := (numbers(c, w.method.Kept(c, examples)) + w.less) / full; math.Abs(got-w.ratio[i]) > 6e-4 {
				t.Errorf("%s: %.4f of full fine-tuning, want %v", w.method.Name(), got, w.ratio[i])
			}
		}
	}
}
