package vpt

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// keptAs compares the ledger of a step with what it should hold, row by row.
func keptAs(t *testing.T, name string, m *nn.ViT, examples int, want []tape.Row) {
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

// TestKeptIsTheClosedForm compares the tape's ledger with the closed form, row by row and to the byte.
func TestKeptIsTheClosedForm(t *testing.T) {
	for size, c := range map[string]nn.Config{"V-tiny": nn.VTiny(), "V-small": nn.VSmall()} {
		for _, examples := range []int{3, 8} {
			eachSpecimen(t, func(t *testing.T, s specimen) {
				keptAs(t, size, fit(t, s.method, c).Model, examples, s.method.Kept(c, examples))
			})
			keptAs(t, size, fit(t, dead, c).Model, examples, dead.Kept(c, examples))
		}
	}
}

// The inspector shows every tensor of a step, and term by term the closed form says what the tape has counted, to the byte.
func TestInspectorAgreesTermByTerm(t *testing.T) {
	for size, c := range map[string]nn.Config{"V-tiny": nn.VTiny(), "V-small": nn.VSmall()} {
		eachSpecimen(t, func(t *testing.T, s specimen) {
			for _, examples := range []int{1, 8} {
				var set wire.TileSet
				fit(t, s.method, c).keep(&set, examples)
				tiles := map[wire.Tile]int{}
				all := 0
				for _, tile := range set.Tiles {
					tiles[wire.Tile{Block: tile.Block, Kind: tile.Kind}] += tile.Bytes
					all += tile.Bytes
				}
				closed, measured := 0, 0
				for i, terms := range [][]wire.Term{set.Terms, set.Apart} {
					for _, term := range terms {
						if inBlock := strings.HasPrefix(term.Block, "block"); inBlock != (i == 0) {
							t.Errorf("%s: %s stands in the wrong list", size, term.Block)
						}
						if term.Closed != term.Measured || term.Measured == 0 {
							t.Errorf("%s, %d examples: %s of %s: %d bytes by the closed form, measured %d", size, examples, term.Kind, term.Block, term.Closed, term.Measured)
						}
						if n := tiles[wire.Tile{Block: term.Block, Kind: term.Kind}]; n != term.Measured {
							t.Errorf("%s: tiles of %s in %s have %d bytes, their term %d", size, term.Kind, term.Block, n, term.Measured)
						}
					}
					a, b := sums(terms)
					closed, measured = closed+a, measured+b
				}
				if want := sum(s.method.Kept(c, examples)); closed != want || measured != all {
					t.Errorf("%s, %d examples: terms of %d and %d bytes, closed form %d, tiles %d", size, examples, closed, measured, want, all)
				}
				head, loss := 4*examples*c.Width, 4*examples*c.Classes
				if n := tiles[wire.Tile{Block: atHead, Kind: "dense input"}]; n != head {
					t.Errorf("%s: the head keeps %d bytes, want %d", size, n, head)
				}
				if n := tiles[wire.Tile{Block: atLoss, Kind: "loss"}]; n != loss {
					t.Errorf("%s: the loss keeps %d bytes, want %d", size, n, loss)
				}
				if set.Packed == 0 {
					t.Errorf("%s: no packed copy of a weight", size)
				}
			}
		})
	}
}

// TestKeptOfLoRA holds the closed form against the adapters of the lab of LoRA.
func TestKeptOfLoRA(t *testing.T) {
	for _, c := range []nn.Config{nn.VTiny(), nn.VSmall()} {
		for _, parts := range [][]string{{"q", "v"}, {"o"}, {"fc1", "fc2"}, {"q", "k", "v", "o", "fc1", "fc2"}} {
			for _, drop := range []float32{0, 0.1} {
				m := base(c)
				nn.Freeze(m.Backbone())
				nn.Walk(m, func(path string, old nn.Layer) nn.Layer {
					_, name, _ := strings.Cut(path, "/")
					if !slices.Contains(parts, name) {
						return old
					}
					a := nn.NewLoRA(randomly(2), path, old.(*nn.Linear), 4, 8)
					a.Drop, a.Rand = drop, randomly(3)
					return a
				})
				keptAs(t, fmt.Sprint(parts, " with dropout ", drop), m, 3, KeptLoRA(c, 3, 4, drop > 0, parts...))
			}
		}
	}
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
		full := numbers(c, Full{}.Kept(c, examples))
		if want := []float64{1092, 1796}[i]; full != want {
			t.Errorf("all trained: %v numbers per token, want %v", full, want)
		}
		bits := 8 - 8.0/32 // what ReLU saves
		for _, w := range []struct {
			method Method
			ratio  [2]float64
			less   float64
		}{
			{LoRA{Rank: 4, Alpha: 8}, [2]float64{0.656, 0.684}, 0},
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
