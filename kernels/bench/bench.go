// Package bench measures what the engine is judged by: products, training steps and inference on the reference model,
// with the machine's vector instructions and with the scalar loops that define the same bits.
//
// The numbers are for the machine and moment at hand. The same cases run natively (go run . bench), in the workers of the
// page /bench, and beside other engines in kernels/bench/peers.
package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// Case is one thing to measure.
type Case struct {
	ID    string  // "step/full"; what links, files and peers call it
	Title string  // for people
	FLOP  float64 // floating-point operations of one call, 0 where they are not counted
	// turns is how many things take turns, so that whatever disturbs the machine disturbs them alike; 0 for a single one.
	turns int
	// prepare makes what the calls need: one, or one for each part. A call returns a number by which the work can be checked:
	// a loss, a logit.
	prepare func() (calls []func() float64)
}

// single is a case of one thing.
//
//go:noinline
func single(id, title string, flop float64, prepare func() (call func() float64)) Case {
	return Case{ID: id, Title: title, FLOP: flop, prepare: func() []func() float64 { return []func() float64{prepare()} }}
}

// Find returns the case of an ID.
func Find(id string) (Case, error) {
	var known []string
	for _, c := range Cases() {
		if c.ID == id {
			return c, nil
		}
		known = append(known, c.ID)
	}
	return Case{}, fmt.Errorf("there is no case %q to measure; there are: %s", id, strings.Join(known, ", "))
}

// List describes the cases to those who do not run them.
func List() []wire.BenchCase {
	var list []wire.BenchCase
	for _, c := range Cases() {
		list = append(list, wire.BenchCase{ID: c.ID, Title: c.Title, FLOP: c.FLOP, Parts: c.parts()})
	}
	return list
}

// Timer times one case, sample by sample. Where parts take turns, each call and each sample is of the next one.
type Timer struct {
	// Values are what the first calls computed: the losses of five steps, one number of a result, or one of each part.
	Values []float64
	Began  float64 // by the clock: when the very first call was done
	// Before, where it is set, runs ahead of every call and is timed with it.
	Before func()

	clock func() float64
	turns []turn
	next  int
}

// turn is what is called when its turn comes.
type turn struct {
	call  func() float64
	group int // calls in a sample
}

// firstCalls is the number of calls whose values are kept.
const firstCalls = 5

// sampleMs is how long a sample lasts at least. Clocks of browsers tick every tenth of a millisecond, so short calls are
// timed several at once.
const sampleMs = 10

// Prepare prepares the case without making a call. clock counts milliseconds.
func (c Case) Prepare(clock func() float64) *Timer {
	t := &Timer{clock: clock}
	for _, call := range c.prepare() {
		t.turns = append(t.turns, turn{call, 1})
	}
	return t
}

// Start prepares the case and makes its first calls, which grow arenas and let a browser compile.
func (c Case) Start(clock func() float64) *Timer {
	t := c.Prepare(clock)
	t.First(c.First())
	return t
}

// First is the number of calls to begin with: those whose values are checked.
func (c Case) First() int {
	if strings.HasPrefix(c.ID, "step/") {
		return firstCalls
	}
	return max(1, c.turns)
}

// First makes the first calls and keeps their values.
func (t *Timer) First(calls int) {
	for range calls {
		t.Values = append(t.Values, t.once(t.turn()))
		if len(t.Values) == 1 {
			t.Began = t.clock()
		}
	}
}

// Run makes calls without timing them one by one.
func (t *Timer) Run(calls int) {
	for range calls {
		t.once(t.turn())
	}
}

// turn is whose turn it is.
func (t *Timer) turn() *turn {
	at := &t.turns[t.next]
	t.next = (t.next + 1) % len(t.turns)
	return at
}

func (t *Timer) once(of *turn) float64 {
	if t.Before != nil {
		t.Before()
	}
	return of.call()
}

// Sample times one call, or as many as fill a few milliseconds, and returns the milliseconds of one. A sample that turns
// out too short for the clock is taken again with twice the calls.
func (t *Timer) Sample() float64 {
	for at := t.turn(); ; at.group *= 2 {
		start := t.clock()
		for range at.group {
			t.once(at)
		}
		if d := t.clock() - start; d >= sampleMs || at.group >= 1<<20 {
			return d / float64(at.group)
		}
	}
}

// rows summarises samples of a case, of its parts if it has some.
func (c Case) rows(ms, values []float64) (rows []wire.BenchRow) {
	of := c.parts()[:c.turns]
	if c.turns == 0 {
		of = []wire.BenchCase{{ID: c.ID, Title: c.Title, FLOP: c.FLOP}}
	}
	for i, p := range of {
		own, value := ms, values
		if c.turns > 0 {
			own, value = nil, values[i:i+1]
			for j := i; j < len(ms); j += len(of) {
				own = append(own, ms[j])
			}
		}
		rows = append(rows, wire.BenchRow{Case: p.ID, Title: p.Title, FLOP: p.FLOP, Samples: len(own), Values: value, Best: Best(own), Median: lab.Median(own)})
	}
	return rows
}

// Best is the smallest of the samples, 0 for none.
func Best(ms []float64) float64 {
	if len(ms) == 0 {
		return 0
	}
	return slices.Min(ms)
}

// Measure runs every case for about budget milliseconds by the given clock, which counts milliseconds; with the scalar
// loops it takes a quarter of that, and of those that take turns it takes some rounds. say, which may be nil, is told what
// comes next.
func Measure(clock func() float64, budget float64, say func(Case)) (path string, rows []wire.BenchRow) {
	for _, c := range Cases() {
		if say != nil {
			say(c)
		}
		t := c.Start(clock)
		if c.turns > 0 {
			rows = append(rows, c.rows(rounds(t, 4*budget), t.Values)...)
			continue
		}
		row := c.rows(samples(t, budget), t.Values)[0]
		if c.ID != SweepRun { // it would take seconds, to say what the steps have said
			f32.UseScalar(true)
			row.Scalar = Best(samples(c.Start(clock), budget/4))
			f32.UseScalar(false)
		}
		rows = append(rows, row)
	}
	return f32.Accelerated(), rows
}

// samples takes samples for a time, three at least.
func samples(t *Timer, budget float64) []float64 {
	var ms []float64
	for end := t.clock() + budget; t.clock() < end || len(ms) < 3; {
		ms = append(ms, t.Sample())
	}
	return ms
}

// rounds takes a sample of each part in turn for a time, three of each at least.
func rounds(t *Timer, budget float64) []float64 {
	var ms []float64
	for end := t.clock() + budget; t.clock() < end || len(ms) < 3*len(t.turns); {
		for range t.turns {
			ms = append(ms, t.Sample())
		}
	}
	return ms
}

// rate is GFLOP/s, NaN where operations are not counted.
func rate(flop, ms float64) float64 {
	if flop == 0 || ms == 0 {
		return math.NaN()
	}
	return flop / ms / 1e6
}
