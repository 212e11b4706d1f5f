package bench

import (
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/bench/reference"
	"petri/kernels/f32"
	"petri/kernels/lab/wire"
)

// A clock that ticks by itself: what is tested is that all cases run and how times are read, not how fast they are.
func TestMeasureRunsEveryCase(t *testing.T) {
	now := 0.0
	said := 0
	path, rows := Measure(func() float64 { now += 15; return now }, 36, func(Case) { said++ })
	if len(rows) != len(wire.Single(List())) || said != len(Cases()) || path != f32.Accelerated() {
		t.Fatalf("%d rows, %d announced, on %q", len(rows), said, path)
	}
	for _, row := range rows {
		scalar := 15.0
		if row.Case == SweepRun || strings.HasPrefix(row.Case, wire.MethodSteps+"/") {
			scalar = 0
		}
		if row.Best != 15 || row.Median != 15 || row.Scalar != scalar || row.Samples < 3 || row.Title == "" || len(row.Values) == 0 {
			t.Errorf("%s took %v (median %v) and %v ticks in %d samples, want one of 15 ms each", row.Case, row.Best, row.Median, row.Scalar, row.Samples)
		}
		for i, v := range row.Values {
			var want float64
			switch row.Case {
			case "step/full":
				want = reference.FullLosses[i]
			case "step/lora":
				want = reference.LoRALosses[i]
			case wire.MOATStep:
				want = MOATLosses[i]
			case "infer/32", "infer/1":
				want = reference.Logit
			default:
				continue
			}
			if math.Abs(v-want) > 1e-4 {
				t.Errorf("%s: value %d is %v, want %v", row.Case, i, v, want)
			}
		}
	}
	if f32.Accelerated() != path {
		t.Error("the scalar path is still forced")
	}
}

// Every product computes the product: the last element against float64.
func TestProductsAreProducts(t *testing.T) {
	for _, form := range []string{"nn", "nt", "tn"} {
		var got [2]float64
		for i, scalar := range []bool{false, true} {
			f32.UseScalar(scalar)
			got[i] = product(form, 20, 36, 17)()
			f32.UseScalar(false)
		}
		if got[0] != got[1] || got[0] == 0 {
			t.Errorf("%s: %v, scalar %v", form, got[0], got[1])
		}
	}
}

// A sample holds as many calls as it takes to be read off a coarse clock.
func TestSamplesAreLongEnough(t *testing.T) {
	now, calls := 0.0, 0
	timer := &Timer{clock: func() float64 { return math.Floor(now*10) / 10 }, turns: []turn{{func() float64 { now += 0.03; calls++; return 0 }, 1}}}
	ms := timer.Sample()
	if timer.turns[0].group*3 < 100*sampleMs || math.Abs(ms-0.03) > 0.002 {
		t.Errorf("%d calls in a sample, %v ms each, want 0.03", timer.turns[0].group, ms)
	}
}

// A pause of the machine in the first sample does not make all others too short for the clock.
func TestAPauseDoesNotShortenSamples(t *testing.T) {
	now, calls := 0.0, 0
	timer := &Timer{clock: func() float64 { return math.Floor(now*10) / 10 }, turns: []turn{{func() float64 {
		if now += 0.01; calls == 0 {
			now += 30
		}
		calls++
		return 0
	}, 1}}}
	timer.Sample()
	for range 3 {
		if ms := timer.Sample(); math.Abs(ms-0.01) > 0.001 {
			t.Errorf("%v ms each, want 0.01", ms)
		}
	}
}

// Where parts take turns, each sample is of the next one and as long as that one needs.
func TestPartsTakeTurns(t *testing.T) {
	now, log := 0.0, ""
	part := func(name string, ms float64) turn {
		return turn{func() float64 { now += ms; log += name; return ms }, 1}
	}
	timer := &Timer{clock: func() float64 { return now }, turns: []turn{part("a", 20), part("b", 4), part("c", 12)}}
	timer.First(3)
	if log != "abc" || !slices.Equal(timer.Values, []float64{20, 4, 12}) || timer.Began != 20 {
		t.Fatalf("first %s, values %v", log, timer.Values)
	}
	timer.Run(2)
	timer.Sample() // of the third, after two
	log = ""
	ms := rounds(timer, 0)
	if log != "abbbbbbbcabbbbcabbbbc" || len(ms) != 9 { // one, two and then four of b, which fill ten milliseconds
		t.Errorf("the rounds are %s", log)
	}
	c := Case{ID: wire.MethodSteps, turns: 3}
	for i, row := range c.rows(ms, timer.Values) {
		if p := c.parts()[i]; row.Case != p.ID || row.Title != p.Title {
			t.Errorf("row %d is called %q, %q", i, row.Case, row.Title)
		}
		if want := timer.Values[i]; row.Samples != 3 || row.Best != want || row.Median != want || !slices.Equal(row.Values, []float64{want}) {
			t.Errorf("row %d is %+v, want three samples of %v ms", i, row, want)
		}
	}
}

// Every method learns the reference batch. Those that begin at the network begin at its loss, and the head that reads cached
// features is the one that does not, to the bit.
func TestMethodsLearn(t *testing.T) {
	c := methodSteps()
	losses := map[string][]float64{}
	timer := c.Prepare(func() float64 { return 0 })
	timer.First(5 * c.turns)
	for i, loss := range timer.Values {
		id := c.parts()[i%c.turns].ID
		losses[id] = append(losses[id], loss)
	}
	of := func(name string) []float64 { return losses[wire.MethodSteps+"/"+name] }
	if len(losses) != len(methods)+1 || c.First() != c.turns {
		t.Fatalf("%d parts, %d calls to begin with", len(losses), c.First())
	}
	for id, loss := range losses {
		if loss[4] >= loss[0] {
			t.Errorf("%s does not learn: %v", id, loss)
		}
	}
	for i, want := range reference.FullLosses {
		if got := losses[wire.MethodFull][i]; math.Abs(got-want) > 1e-4 {
			t.Errorf("loss %d of full fine-tuning is %v, want %v", i, got, want)
		}
	}
	for _, name := range []string{"head", "bitfit", "ln", "ia3", "adaptformer:8", "lora:4", "krona:8"} {
		if of(name)[0] != of("full")[0] {
			t.Errorf("%s begins at %v, the network at %v", name, of(name)[0], of("full")[0])
		}
	}
	for _, name := range []string{"vpt-shallow:10", "vpt-deep:10", "prefix:5"} {
		if of(name)[0] == of("full")[0] {
			t.Errorf("%s begins at the network, so it has put nothing in", name)
		}
	}
	if !slices.Equal(of("head"), of(cachedHead)) {
		t.Errorf("the head loses %v, with cached features %v", of("head"), of(cachedHead))
	}
	seen := map[string]string{}
	for _, p := range c.parts() {
		if other, twice := seen[p.Title]; twice {
			t.Errorf("%s and %s are both called %q", other, p.ID, p.Title)
		}
		seen[p.Title] = p.ID
	}
}

func TestBest(t *testing.T) {
	if Best(nil) != 0 {
		t.Error("no samples are 0")
	}
	if b := Best([]float64{3, 1, 2}); b != 1 {
		t.Errorf("best %v", b)
	}
}

func TestFindNamesWhatThereIs(t *testing.T) {
	if _, err := Find("step/full"); err != nil {
		t.Error(err)
	}
	if _, err := Find("step"); err == nil {
		t.Error("a case that does not exist was found")
	}
}

func BenchmarkCases(b *testing.B) {
	for _, c := range Cases() {
		for _, scalar := range []bool{false, true} {
			name := c.ID
			if scalar {
				name += "/scalar"
			}
			b.Run(name, func(b *testing.B) {
				f32.UseScalar(scalar)
				defer f32.UseScalar(false)
				calls := c.prepare() // a round, where they take turns
				for _, call := range calls {
					call()
				}
				b.ReportAllocs()
				for b.Loop() {
					for _, call := range calls {
						call()
					}
				}
				if c.FLOP > 0 {
					b.ReportMetric(rate(c.FLOP, float64(b.Elapsed().Milliseconds())/float64(b.N)), "GFLOP/s")
				}
			})
		}
	}
}
