package bench

import (
	"math"
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
	if len(rows) != len(Cases()) || said != len(rows) || path != f32.Accelerated() {
		t.Fatalf("%d rows, %d announced, on %q", len(rows), said, path)
	}
	for _, row := range rows {
		if row.Best != 15 || row.Median != 15 || row.Scalar != 15 && row.Case != SweepRun || row.Samples < 3 {
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
	timer := &Timer{group: 1, clock: func() float64 { return math.Floor(now*10) / 10 }, call: func() float64 { now += 0.03; calls++; return 0 }}
	ms := timer.Sample()
	if timer.group*3 < 100*sampleMs || math.Abs(ms-0.03) > 0.002 {
		t.Errorf("%d calls in a sample, %v ms each, want 0.03", timer.group, ms)
	}
}

// A pause of the machine in the first sample does not make all others too short for the clock.
func TestAPauseDoesNotShortenSamples(t *testing.T) {
	now, calls := 0.0, 0
	timer := &Timer{clock: func() float64 { return math.Floor(now*10) / 10 }, call: func() float64 {
		if now += 0.01; calls == 0 {
			now += 30
		}
		calls++
		return 0
	}}
	timer.Sample()
	for range 3 {
		if ms := timer.Sample(); math.Abs(ms-0.01) > 0.001 {
			t.Errorf("%v ms each, want 0.01", ms)
		}
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
				call := c.prepare()
				call()
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
				if c.FLOP > 0 {
					b.ReportMetric(rate(c.FLOP, float64(b.Elapsed().Milliseconds())/float64(b.N)), "GFLOP/s")
				}
			})
		}
	}
}
