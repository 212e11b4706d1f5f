package state

import (
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab/wire"
)

// Bench is the measuring of this machine: what is under way, and what it last gave.
type Bench struct {
	Phase  BenchPhase
	Report *wire.BenchReport // as far as it has come; of an earlier visit before the first measurement; nil before that
	Whole  bool              // Report is that of a finished measurement
	What   string            // being measured now
	Share  float64           // of the work, 0..1
	Left   float64           // seconds, as far as can be told
	Last   *wire.BenchRow    // the row that was finished last

	length  BenchLength
	run     string      // echoed by the workers
	jobs    []*benchJob // still to do; the first is at hand
	begun   float64
	stepMs  float64 // of a full step, a guess until it is measured
	used    []bool  // workers that hold memory of the measurement
	retried int
	direct  bool
	kept    *wire.BenchReport // the last finished one, which a cancelled measurement gives way to
}

// BenchPhase is how far a measurement is.
type BenchPhase int

// The phases of a measurement.
const (
	BenchIdle BenchPhase = iota
	Measuring
	BenchDone
	BenchCancelled
	BenchFailed
)

// BenchLength says how long a measurement takes.
type BenchLength struct {
	Budget float64 // milliseconds of samples of each case
	Least  int     // samples of each case at least
	Turns  int     // of what takes turns; 0 leaves it out
	Rounds int     // of the sweep
	Runs   int     // of a round, for each worker; eight do at most
	Steps  [2]int  // full steps after which memory is read
}

// runs is how many runs make a sweep.
func (l BenchLength) runs(workers int) int { return min(8, l.Runs*workers) }

// The lengths that are offered. Either takes longer on a slower machine.
var (
	BenchQuick    = BenchLength{Budget: 300, Least: 15, Turns: 10, Rounds: 2, Runs: 2, Steps: [2]int{200, 400}}
	BenchThorough = BenchLength{Budget: 1000, Least: 50, Turns: 25, Rounds: 5, Runs: 8, Steps: [2]int{200, 2000}}
)

// The rhythm of a measurement, in milliseconds.
const (
	benchPiece = 110 // the work of one command, so that progress moves and samples of a slow case are few
	benchWarm  = 120 // of a case before its samples count: browsers compile hot code in earnest while it runs
	benchSlow  = 8   // times the budget: then three samples must do
	benchStep  = 20  // what a full step is taken to last until it is measured
)

// moatSteps is how many steps of the reference model one step of the MOAT lab lasts: 52 ms against 18 in Chromium.
const moatSteps = 3

// benchKind is a kind of job.
type benchKind int

const (
	benchStart  benchKind = iota // a fresh worker's first step
	benchCase                    // samples of a case
	benchReady                   // every worker prepares a run of the sweep
	benchOne                     // the sweep on one worker
	benchAll                     // the sweep on all
	benchMemory                  // memory of a fresh worker
)

// benchJob is one piece of a measurement.
type benchJob struct {
	kind   benchKind
	what   string
	of     wire.BenchCase
	scalar bool

	since   float64 // when it began
	ready   float64 // when the case had been prepared
	counts  float64 // when the samples began to count
	sent    float64 // when the command at hand was sent
	n       int     // samples or calls of that command
	ms      []float64
	values  []float64
	waiting int       // answers that are due
	queue   int       // runs of the sweep not yet given out
	steps   int       // done, for memory
	at      []float64 // by worker: when its run of the sweep began
}

// Measure measures this machine. As says what is known before: engine, build, date, machine, cores and how the visit
// began.
type Measure struct {
	Length BenchLength
	Cases  []wire.BenchCase
	As     wire.BenchReport
	Direct bool // the visit began on a page that needs the kernels, so that they were asked for at once
}

func (e Measure) apply(s *State) {
	b := &s.Bench
	if b.Phase == Measuring {
		return
	}
	if s.Run != nil && s.Run.Phase.Busy() {
		s.fault("bench", "A run of "+s.Run.Lab.Short+" is under way and needs the workers. Let it finish, or cancel it, and then measure.")
		return
	}
	s.fault("bench", "")
	s.ids++
	report := e.As
	*b = Bench{Phase: Measuring, Report: &report, length: e.Length, run: "bench" + itoa(s.ids), begun: s.now, stepMs: benchStep,
		used: make([]bool, len(s.Workers)), kept: b.kept, direct: e.Direct}
	for w := range s.Workers { // what was cancelled a moment ago is gone with its worker
		if s.Workers[w].Cancel > 0 {
			s.Workers[w].Cancel = 0
			s.do(Replace{Worker: w})
		}
	}
	b.jobs = benchPlan(e.Length, e.Cases, len(s.Workers))
	s.V.Bench++
	s.beginJob()
}

// benchPlan lists the jobs of a measurement.
func benchPlan(l BenchLength, cases []wire.BenchCase, workers int) []*benchJob {
	p := &plan{}
	p.add(benchStart, "start of a fresh worker", wire.BenchCase{})
	scalar := false // of the products, one is measured with the scalar loops as well
	sweep := wire.BenchCase{ID: wire.SweepRun}
	for _, c := range cases {
		if c.ID == sweep.ID {
			if workers == 1 { // else its runs are timed in the sweep
				p.add(benchCase, c.Title, c)
			}
			continue
		}
		if len(c.Parts) > 0 && l.Turns == 0 {
			continue
		}
		p.add(benchCase, c.Title, c)
		if len(c.Parts) > 0 { // which there are many of: with the scalar loops they would take longer than all else
			continue
		}
		if product := strings.HasPrefix(c.ID, "product/"); !product || !scalar && c.FLOP > 1e7 {
			scalar = scalar || product
			p.add(benchCase, c.Title+", scalar loops", c).scalar = true
		}
	}
	for round := range l.Rounds {
		if workers == 1 {
			break
		}
		if round == 0 {
			p.add(benchReady, "warming up the workers", sweep)
		}
		words := itoa(l.runs(workers)) + " runs, round " + itoa(round+1) + " of " + itoa(l.Rounds)
		p.add(benchOne, words+", on one worker", sweep)
		p.add(benchAll, words+", on all workers", sweep)
	}
	p.add(benchMemory, "memory over "+itoa(l.Steps[1])+" steps", wire.BenchCase{})
	return p.jobs
}

// plan is a list of jobs in the making.
type plan struct{ jobs []*benchJob }

//go:noinline
func (p *plan) add(kind benchKind, what string, of wire.BenchCase) *benchJob {
	j := &benchJob{kind: kind, what: what, of: of}
	p.jobs = append(p.jobs, j)
	return j
}

// CancelBench ends a measurement. Why, which may be "", is told to the visitor.
type CancelBench struct{ Why string }

func (e CancelBench) apply(s *State) {
	b := &s.Bench
	if b.Phase != Measuring {
		return
	}
	s.freeBench()
	b.Phase, b.What = BenchCancelled, ""
	if b.kept != nil || len(b.Report.Rows) == 0 {
		b.Report, b.Whole = b.kept, b.kept != nil
	}
	s.fault("bench", e.Why)
	s.V.Bench++
}

// BenchHidden is the page being out of sight while it measures.
type BenchHidden struct{}

func (BenchHidden) apply(s *State) {
	if b := &s.Bench; b.Phase == Measuring && !b.Report.Hidden {
		b.Report.Hidden = true
		s.V.Bench++
	}
}

// RestoreBench brings back the report kept on this device.
type RestoreBench struct{ Report wire.BenchReport }

func (e RestoreBench) apply(s *State) {
	if s.Bench.Phase == BenchIdle {
		s.Bench.Report, s.Bench.kept, s.Bench.Whole = &e.Report, &e.Report, true
		s.V.Bench++
	}
}

// KeepBench stores a finished report on this device.
type KeepBench struct{ Report *wire.BenchReport }

func (KeepBench) effect() {}

// measuring says that no run can begin now, and why, beside the transport.
func (s *State) measuring() bool {
	if s.Bench.Phase != Measuring {
		return false
	}
	s.fault("run", "This machine is being measured, which needs the workers undisturbed. Cancel the measurement, or wait for its end, and then press play.")
	return true
}

// freeBench ends the workers that were measured, and with them the memory they hold.
func (s *State) freeBench() {
	for w, used := range s.Bench.used {
		if used {
			s.do(Replace{Worker: w})
		}
	}
	clear(s.Bench.used)
	s.Bench.jobs = nil
}

// askBench gives a worker something to measure.
//
//go:noinline
func (s *State) askBench(w int, ask wire.BenchAsk) {
	b := &s.Bench
	b.used[w] = true
	b.jobs[0].sent = s.now
	b.jobs[0].waiting++
	s.send(w, wire.Command{Op: wire.OpBench, Run: b.run, Bench: &ask})
}

// renew puts a fresh worker in place of one.
func (s *State) renew(w int) {
	s.Bench.used[w] = false
	s.do(Replace{Worker: w})
}

// beginJob starts the first of the jobs left, or ends the measurement.
func (s *State) beginJob() {
	b := &s.Bench
	if len(b.jobs) == 0 {
		s.finishBench()
		return
	}
	j := b.jobs[0]
	j = &benchJob{kind: j.kind, what: j.what, of: j.of, scalar: j.scalar, since: s.now} // one that is done again begins anew
	b.jobs[0] = j
	b.What = j.what
	const full = "step/full"
	switch j.kind {
	case benchStart, benchMemory:
		if s.Ready > 0 { // else none has begun yet
			s.renew(0)
		}
		s.askBench(0, wire.BenchAsk{Case: full, Fresh: true})
	case benchCase:
		s.askBench(0, wire.BenchAsk{Case: j.of.ID, Scalar: j.scalar, Fresh: true})
	case benchReady:
		for w := range s.Workers {
			s.askBench(w, wire.BenchAsk{Case: wire.SweepRun, Fresh: true})
		}
	case benchOne, benchAll:
		j.queue = b.length.runs(len(s.Workers))
		j.at = make([]float64, len(s.Workers))
		for w := range s.Workers {
			if w == 0 || j.kind == benchAll {
				s.sweep(w)
			}
		}
	}
	s.benchClock()
}

// sweep gives a worker the next run.
func (s *State) sweep(w int) {
	j := s.Bench.jobs[0]
	if j.queue > 0 {
		j.queue--
		j.at[w] = s.now
		s.askBench(w, wire.BenchAsk{Case: wire.SweepRun, Calls: 1})
	}
}

// measured takes what a worker measured.
func (s *State) measured(w int, a *wire.BenchAnswer) {
	b := &s.Bench
	j := b.jobs[0]
	j.waiting--
	done := false
	if !a.Scalar {
		b.Report.Path = a.Path
	}
	switch j.kind {
	case benchStart:
		if b.Report.Start == nil {
			b.Report.Start = &wire.BenchStart{}
		}
		start := *b.Report.Start // what came with Measure is not ours to change
		if start.Step = a.At; b.direct {
			start.Kernels = s.Ready
		}
		b.Report.Start, done = &start, true
	case benchCase:
		done = s.sampled(a)
	case benchReady:
		if w == 0 {
			b.row(j.of).Values = a.Values
		}
		done = j.waiting == 0
	case benchOne, benchAll:
		if j.kind == benchOne {
			j.ms = append(j.ms, s.now-j.at[w])
		}
		s.sweep(w)
		if done = j.waiting == 0; done {
			s.swept()
		}
	case benchMemory:
		done = s.held(a)
	}
	if done {
		b.jobs = b.jobs[1:]
		s.V.Bench++
		s.beginJob()
		return
	}
	s.benchClock()
}

// sampled takes samples of a case and asks for more until there are enough.
func (s *State) sampled(a *wire.BenchAnswer) (done bool) {
	b := &s.Bench
	j := b.jobs[0]
	budget, least := b.length.Budget, b.length.Least
	if j.scalar || j.of.ID == wire.SweepRun {
		budget, least = budget/4, 3
	}
	few, turns := 3, len(j.of.Parts)
	if turns > 0 {
		few, least = min(5, b.length.Turns)*turns, b.length.Turns*turns
	}
	switch {
	case j.ready == 0:
		j.ready, j.values, j.n = s.now, a.Values, 1
	case s.now-j.ready < benchWarm && !j.scalar:
		j.n = pieces(s.now-j.sent, j.n)
	default:
		if j.counts == 0 {
			j.counts = j.sent
		}
		j.ms = append(j.ms, a.Ms...)
		spent := s.now - j.counts
		if spent >= budget && len(j.ms) >= least || spent >= benchSlow*budget && len(j.ms) >= few {
			s.sampleRow()
			return true
		}
		j.n = pieces(s.now-j.sent, j.n)
	}
	if turns > 0 { // whole rounds, so that an answer begins with the first part
		j.n = max(1, j.n/turns) * turns
	}
	s.askBench(0, wire.BenchAsk{Case: j.of.ID, Scalar: j.scalar, Samples: j.n})
	return false
}

// pieces is how many samples or calls the next command should hold, when n took a time.
func pieces(took float64, n int) int {
	return max(1, min(int(benchPiece*float64(n)/max(took, 1)), 4*n))
}

// sampleRow writes the row of the case at hand.
func (s *State) sampleRow() {
	b := &s.Bench
	j := b.jobs[0]
	for i, c := range j.of.Parts {
		var ms []float64
		for k := i; k < len(j.ms); k += len(j.of.Parts) {
			ms = append(ms, j.ms[k])
		}
		b.fill(c, ms, j.values[min(i, len(j.values)):min(i+1, len(j.values))])
	}
	switch {
	case j.of.Parts != nil:
	case j.scalar:
		r := b.row(j.of)
		r.Scalar = slices.Min(j.ms)
		last := *r
		b.Last = &last
	default:
		b.fill(j.of, j.ms, j.values)
		if j.of.ID == "step/full" {
			b.stepMs = b.Last.Median
		}
	}
}

// fill writes what samples say into a row.
//
//go:noinline
func (b *Bench) fill(c wire.BenchCase, ms, values []float64) {
	r := b.row(c)
	r.Samples, r.Best, r.Median, r.Values = len(ms), slices.Min(ms), median(ms), values
	last := *r
	b.Last = &last
}

// row is the row of a case, a new one where there is none yet. The rows stand in the order of the cases.
//
//go:noinline
func (b *Bench) row(c wire.BenchCase) *wire.BenchRow {
	rows := b.Report.Rows
	for i := range rows {
		if rows[i].Case == c.ID {
			return &rows[i]
		}
	}
	if c.Title == "" {
		c.Title = "a run of " + itoa(wire.SweepSteps) + " training steps, model and optimizer made anew"
	}
	b.Report.Rows = append(rows, wire.BenchRow{Case: c.ID, Title: c.Title, FLOP: c.FLOP})
	return &b.Report.Rows[len(rows)]
}

// swept takes the time of a round of the sweep.
func (s *State) swept() {
	b := &s.Bench
	j := b.jobs[0]
	w := b.Report.Sweep
	if w == nil {
		w = &wire.BenchSweep{Runs: b.length.runs(len(s.Workers)), Steps: wire.SweepSteps, Workers: len(s.Workers)}
		b.Report.Sweep = w
	}
	best := func(old float64) float64 {
		if took := s.now - j.since; old == 0 || took < old {
			return took
		}
		return old
	}
	if j.kind == benchOne {
		w.One = best(w.One)
		r := b.row(j.of)
		if low := slices.Min(j.ms); r.Best == 0 || low < r.Best {
			r.Best, r.Median = low, median(j.ms) // of the better round
		}
		r.Samples += len(j.ms)
		return
	}
	w.All = best(w.All)
	w.Rounds++
	w.Ratio = w.One / w.All
}

// held follows the memory of a worker over many steps.
func (s *State) held(a *wire.BenchAnswer) (done bool) {
	b := &s.Bench
	j := b.jobs[0]
	j.steps += j.n
	if len(a.Values) > 0 {
		j.steps = len(a.Values)
	}
	at := len(b.Report.Memory)
	if j.steps >= b.length.Steps[at] {
		b.Report.Memory = append(b.Report.Memory, wire.BenchHeld{Steps: j.steps, Bytes: a.Bytes})
		s.V.Bench++
		if at++; at == len(b.length.Steps) {
			return true
		}
	}
	j.n = min(pieces(s.now-j.sent, max(j.n, 1)), b.length.Steps[at]-j.steps)
	s.askBench(0, wire.BenchAsk{Case: "step/full", Calls: j.n})
	return false
}

func (s *State) finishBench() {
	b := &s.Bench
	s.freeBench()
	b.Phase, b.What, b.Share, b.Left, b.Whole, b.kept = BenchDone, "", 1, 0, true, b.Report
	s.do(KeepBench{Report: b.Report})
	s.V.Bench++
}

// troubled is a worker of the measurement that was lost, or that could not do what it was asked for. The job at hand is
// done again with fresh workers, twice at most.
func (s *State) troubled(reason string) {
	b := &s.Bench
	b.retried++
	if b.retried > 2 {
		s.freeBench()
		b.Phase, b.What = BenchFailed, ""
		s.fault("bench", "The measurement stopped. "+strings.ReplaceAll(sentence(fmt.Errorf("%s", reason)), "press play", "press the button"))
		s.V.Bench++
		return
	}
	jobs := b.jobs
	s.freeBench()
	s.ids++
	b.run, b.jobs = "bench"+itoa(s.ids), jobs // answers to what was asked before are late ones
	switch jobs[0].kind {
	case benchOne, benchAll: // fresh workers are not warm
		b.jobs = append([]*benchJob{{kind: benchReady, what: "warming up again", of: jobs[0].of}}, jobs...)
	case benchMemory:
		b.Report.Memory = nil
	}
	s.beginJob()
}

// benchClock says how much of the work is done.
func (s *State) benchClock() {
	b := &s.Bench
	left := 0.0
	for i := range b.jobs {
		ms := b.expected(b.jobs[i], len(s.Workers))
		if i == 0 {
			ms = max(ms-(s.now-b.jobs[0].since), ms/20)
		}
		left += ms
	}
	b.Left = left / 1000
	if spent := s.now - b.begun; spent+left > 0 {
		b.Share = max(b.Share, spent/(spent+left))
	}
	s.V.BenchAt++
}

// BenchSeconds is about how long a measurement takes here.
func (s *State) BenchSeconds(l BenchLength, cases []wire.BenchCase) float64 {
	b := Bench{length: l, stepMs: benchStep}
	if r := s.Bench.Report; r != nil && r.Row("step/full").Median > 0 {
		b.stepMs = r.Row("step/full").Median
	}
	ms := 0.0
	for _, j := range benchPlan(l, cases, len(s.Workers)) {
		ms += b.expected(j, len(s.Workers))
	}
	return ms / 1000
}

// expected is how long a job should take.
func (b *Bench) expected(j *benchJob, workers int) float64 {
	runs := float64(b.length.runs(workers)) * wire.SweepSteps * b.stepMs
	stepMs := b.stepMs
	if j.of.ID == wire.MOATStep {
		stepMs *= moatSteps
	}
	switch step := strings.HasPrefix(j.of.ID, "step/"); {
	case j.of.Parts != nil:
		return float64(len(j.of.Parts)*(b.length.Turns+1)) * stepMs
	case j.kind == benchStart:
		return 400
	case j.kind == benchReady:
		return 2*wire.SweepSteps*b.stepMs + 500
	case j.kind == benchOne:
		return runs
	case j.kind == benchAll:
		return 1.2 * runs / float64(workers)
	case j.kind == benchMemory:
		return float64(b.length.Steps[1])*b.stepMs + 300
	case j.scalar && step:
		return max(b.length.Budget/4+60*stepMs, 100*stepMs) // five calls to prepare, three samples
	case j.scalar:
		return b.length.Budget/4 + 150
	case step:
		return benchWarm + max(b.length.Budget, float64(b.length.Least)*stepMs) + 10*stepMs
	case j.of.ID == wire.SweepRun:
		return 4 * wire.SweepSteps * b.stepMs
	}
	return benchWarm + b.length.Budget + 60
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
