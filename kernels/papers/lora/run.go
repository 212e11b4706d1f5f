package lora

import (
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// run is a finished run, opened up for the analysis.
type run struct {
	spec   wire.Spec
	width  int // of the backbone
	blocks int
	racers []*racer
}

// racer is one arm of a run over its seeds.
type racer struct {
	arm     wire.Arm
	report  wire.ArmReport
	results []wire.TrialResult // in seed order
	updates [][]*update        // of results[i]; empty for arms that change no matrix, and for diverged trials
}

// method says whether the racer is matrices with a rank.
func (r *racer) method() bool { return r.arm.Racer == "" }

// updatesOf are the updates of one seed, nil where there are none.
func (r *racer) updatesOf(seed int) []*update {
	for i, t := range r.results {
		if t.Trial.Seed == seed && i < len(r.updates) {
			return r.updates[i]
		}
	}
	return nil
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

// methods are the racers with matrices, in the order of the run.
func (r *run) methods() []*racer {
	var out []*racer
	for _, c := range r.racers {
		if c.method() {
			out = append(out, c)
		}
	}
	return out
}

// sameParts are the racers that adapt the named matrices, by falling rank.
func (r *run) sameParts(name string) []*racer {
	var out []*racer
	for _, c := range r.methods() {
		if c.arm.Name != name {
			continue
		}
		at := len(out)
		for at > 0 && out[at-1].arm.Number < c.arm.Number {
			at--
		}
		out = append(out[:at], append([]*racer{c}, out[at:]...)...)
	}
	return out
}

// thickest is the racer whose update may use the most directions: the largest rank on q and v, or else on any set; nil
// without a racer with matrices.
func (r *run) thickest() *racer {
	for _, set := range r.partSets() {
		if same := r.sameParts(set); len(same) > 0 {
			return same[0]
		}
	}
	return nil
}

// partSets names the sets of matrices in the run, q and v first: they are the paper's own choice.
func (r *run) partSets() []string {
	sets := []string{"qv"}
	seen := map[string]bool{"qv": true}
	for _, c := range r.methods() {
		if !seen[c.arm.Name] {
			seen[c.arm.Name] = true
			sets = append(sets, c.arm.Name)
		}
	}
	return sets
}

// difference is the test accuracy of a minus that of b in points, paired by seed.
func difference(a, b *racer) wire.Interval {
	return lab.Difference(a.results, b.results, course.TestAccuracy, 100)
}
