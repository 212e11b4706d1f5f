package moat

import (
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// run is a finished run, opened up for the analysis.
type run struct {
	spec   wire.Spec
	racers []*racer
	rings  []ring // what the probe of the windows found
}

// racer is one arm of a run over its seeds.
type racer struct {
	arm       wire.Arm
	report    wire.ArmReport
	results   []wire.TrialResult // in seed order
	structure wire.Structure
	distances [][]float64 // mean attention distance in pixels, by layer and head, of the first seed's net
	layers    []string    // their names
	perImage  float64     // milliseconds to read one image in a batch of 32, norms folded; 0 where there is no clock
}

// find returns the named racer, nil where the run lacks it.
func (r *run) find(name string) *racer {
	for _, c := range r.racers {
		if c.report.Arm == name {
			return c
		}
	}
	return nil
}

// difference is the test accuracy of a minus that of b in points, paired by seed.
func difference(a, b *racer) wire.Interval {
	return lab.Difference(a.results, b.results, course.TestAccuracy, 100)
}
