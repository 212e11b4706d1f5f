package bench

import (
	"testing"

	"petri/kernels/f32"
)

// A clock that ticks by itself: what is tested is that all rows run and how times are read, not how fast they are.
func TestMeasureRunsEveryRow(t *testing.T) {
	now := 0.0
	r := Measure(func() float64 { now += 5; return now }, 12)
	if len(r.Rows) != len(cases()) || r.Path != f32.Accelerated() {
		t.Fatalf("%d rows on %q", len(r.Rows), r.Path)
	}
	for _, row := range r.Rows {
		if row.Fast != 5 || row.Scalar != 5 {
			t.Errorf("%s took %v and %v ticks, want one of 5 ms each", row.Name, row.Fast, row.Scalar)
		}
	}
	if f32.Accelerated() != r.Path {
		t.Error("the scalar path is still forced")
	}
}

func BenchmarkRows(b *testing.B) {
	for _, c := range cases() {
		for _, scalar := range []bool{false, true} {
			name := c.name
			if scalar {
				name += ", scalar"
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
				if c.flop > 0 {
					b.ReportMetric(c.flop*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				}
			})
		}
	}
}
