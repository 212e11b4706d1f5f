package state

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// benchCases are a product that is worth the scalar loops, one that is not, and the others.
var benchCases = []wire.BenchCase{{ID: "product/nn/64x64x64", Title: "small", FLOP: 5e5}, {ID: "product/nn/256x256x256", Title: "large", FLOP: 3e7},
	{ID: "product/nn/512x512x512", Title: "larger", FLOP: 3e8}, {ID: "step/full", Title: "step"}, {ID: wire.MethodSteps, Title: "in turn", Parts: methodCases}, {ID: "infer/1", Title: "inference"}, {ID: wire.SweepRun, Title: "run"}}

// methodCases take turns.
var methodCases = []wire.BenchCase{{ID: wire.MethodFull, Title: "full"}, {ID: wire.MethodSteps + "/head", Title: "head"}, {ID: wire.MethodSteps + "/lora:4", Title: "LoRA"}}

// machine answers what a measurement asks of it, on a clock of its own. A call takes 2 ms, a scalar one 20, a run 80.
type machine struct {
	*stand
	asked []Send
	inbox []Send
	log   []string
}

func measure(t *testing.T, workers int, l BenchLength) *machine {
	t.Helper()
	m := &machine{stand: open(t, workers, "")}
	m.do(Open{Path: "/bench"})
	m.take(m.do(Measure{Length: l, Cases: benchCases, As: wire.BenchReport{Engine: "7", Where: "browser", Cores: workers, Start: &wire.BenchStart{Painted: 5}}}))
	return m
}

func (m *machine) take(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Replace:
			m.log = append(m.log, "replace "+itoa(e.Worker))
			m.inbox = slices.DeleteFunc(m.inbox, func(s Send) bool { return s.Worker == e.Worker })
		case Send:
			if e.Message.Head.Op == wire.OpBench {
				m.asked, m.inbox = append(m.asked, e), append(m.inbox, e)
			}
		}
	}
}

// answer carries out all that waits in the inbox, in parallel, and returns false where nothing does.
func (m *machine) answer() bool {
	batch := m.inbox
	m.inbox = nil
	start, most := m.now, 0.0
	for _, s := range batch {
		ask, took := *s.Message.Head.Bench, 0.0
		each := 2.0
		switch {
		case ask.Case == wire.SweepRun:
			each = 80
		case ask.Scalar:
			each = 20
		}
		a := wire.BenchAnswer{Case: ask.Case, Scalar: ask.Scalar, Path: "simd128", Bytes: 1 << 20}
		if ask.Scalar {
			a.Path = "scalar"
		}
		if ask.Fresh {
			a.Values, a.At = []float64{1}, 33
			if strings.HasPrefix(ask.Case, "step/") {
				a.Values = []float64{5, 4, 3, 2, 1}
			}
			took += each * float64(len(a.Values))
		}
		if ask.Case == wire.MethodSteps { // the further back, the slower
			for i := range ask.Samples {
				a.Ms = append(a.Ms, float64(4+i%len(methodCases)))
				took += a.Ms[i] - each
			}
			if ask.Fresh {
				a.Values = []float64{10, 11, 12}
			}
		}
		for i := range ask.Samples - len(a.Ms) {
			a.Ms = append(a.Ms, each+float64(i%3)/10)
		}
		took += each * float64(ask.Samples+ask.Calls)
		most = max(most, took)
		m.now = start + took
		m.take(m.do(FromWorker{Worker: s.Worker, Message: wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindBench, Run: s.Message.Head.Run, Bench: &a}}}))
	}
	m.now = start + most
	return len(batch) > 0
}

func (m *machine) finish() {
	for n := 0; m.answer(); n++ {
		if n > 1e5 {
			m.Fatal("the measurement does not end")
		}
	}
}

func TestAMeasurementMeasuresEverything(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		m := measure(t, workers, BenchQuick)
		share := 0.0
		for m.answer() {
			if b := m.s.Bench; b.Share < share || b.Share > 1 || b.Left < 0 {
				t.Fatalf("%d workers: share %v after %v, %v s left", workers, b.Share, share, b.Left)
			}
			share = m.s.Bench.Share
		}
		b := m.s.Bench
		if b.Phase != BenchDone || !b.Whole || b.Share != 1 || m.s.Faults["bench"] != "" {
			t.Fatalf("%d workers: phase %v, %v", workers, b.Phase, m.s.Faults)
		}
		r := b.Report
		if r.Path != "simd128" || r.Engine != "7" || r.Hidden || r.Start == nil || r.Start.Step != 33 || r.Start.Painted != 5 {
			t.Errorf("report %+v, start %+v", r, r.Start)
		}
		if len(r.Memory) != 2 || r.Memory[0] != (wire.BenchHeld{Steps: 200, Bytes: 1 << 20}) || r.Memory[1].Steps != 400 {
			t.Errorf("memory %+v", r.Memory)
		}
		singles := wire.Single(benchCases)
		if len(r.Rows) != len(singles) || len(singles) != len(benchCases)+2 {
			t.Fatalf("%d rows: %+v", len(r.Rows), r.Rows)
		}
		for i, row := range r.Rows {
			if row.Case != singles[i].ID || row.Best <= 0 || row.Median < row.Best || row.FLOP != singles[i].FLOP || row.Title == "" || len(row.Values) == 0 {
				t.Errorf("row %d: %+v", i, row)
			}
			least, scalar := 15, 20.0
			if row.Case == wire.SweepRun {
				least = 3
			}
			if i == 0 || i == 2 || row.Case == wire.SweepRun {
				scalar = 0
			}
			if strings.HasPrefix(row.Case, wire.MethodSteps+"/") {
				least, scalar = BenchQuick.Turns, 0
			}
			if row.Samples < least || row.Scalar != scalar {
				t.Errorf("row %+v: want %d samples, scalar %v", row, least, scalar)
			}
		}
		if step := r.Rows[3]; step.Best != 2 || step.Median != 2.1 || len(step.Values) != 5 {
			t.Errorf("the step: %+v", step)
		}
		for i, c := range methodCases {
			if row := r.Row(c.ID); row.Best != float64(4+i) || row.Median != row.Best || !slices.Equal(row.Values, []float64{float64(10 + i)}) {
				t.Errorf("%s in turn: %+v", c.ID, row)
			}
			if got := r.OfFull(c.ID); got != float64(4+i)/4 {
				t.Errorf("%s is %v of a full step", c.ID, got)
			}
		}
		if r.OfFull("step/full") != 0 || (wire.BenchReport{}).OfFull(wire.MethodFull) != 0 {
			t.Error("a ratio to what was not measured in turn with it")
		}
		switch w := r.Sweep; {
		case workers == 1 && w != nil:
			t.Error("one worker needs no sweep")
		case workers > 1 && (w == nil || w.Workers != workers || w.Rounds != BenchQuick.Rounds || w.One <= w.All || w.Ratio != w.One/w.All):
			t.Errorf("%d workers: sweep %+v", workers, w)
		}
		// One worker at a time but for the sweep, in short commands, and none keeps its memory.
		for _, s := range m.asked {
			ask := s.Message.Head.Bench
			if s.Worker > 0 && ask.Case != wire.SweepRun {
				t.Errorf("worker %d measures %s", s.Worker, ask.Case)
			}
			if n := ask.Samples + ask.Calls; n > 60 {
				t.Errorf("%d of %s in one command", n, ask.Case)
			}
		}
		for w := range workers {
			if !slices.Contains(m.log, "replace "+itoa(w)) {
				t.Errorf("worker %d keeps its memory: %v", w, m.log)
			}
		}
		keeps := slices.DeleteFunc(m.effects, func(e Effect) bool { _, ok := e.(KeepBench); return !ok })
		if len(keeps) != 1 || keeps[0].(KeepBench).Report != r {
			t.Errorf("kept %v", keeps)
		}
	}
}

// What takes turns is asked for in whole rounds, has a floor on a slow machine, and can be left out.
func TestTurnsAreWholeRounds(t *testing.T) {
	for _, budget := range []float64{5, 300, 1e4} {
		m := measure(t, 1, BenchLength{Budget: budget, Least: 3, Turns: 7, Rounds: 1, Runs: 1, Steps: [2]int{2, 4}})
		m.finish()
		rounds := 0
		for _, s := range m.asked {
			if ask := s.Message.Head.Bench; ask.Case == wire.MethodSteps {
				if ask.Samples%len(methodCases) != 0 || ask.Scalar || ask.Fresh != (ask.Samples == 0) {
					t.Errorf("asked for %+v", ask)
				}
				rounds += ask.Samples / len(methodCases)
			}
		}
		n := m.s.Bench.Report.Row(wire.MethodFull).Samples
		if least := map[float64]int{5: 5, 300: 7, 1e4: 600}[budget]; n < least || n > rounds || budget == 5 && n > 7 {
			t.Errorf("with %v ms there are %d samples of %d rounds, want %d at least", budget, n, rounds, least)
		}
	}
	m := measure(t, 1, BenchLength{Budget: 5, Least: 3, Rounds: 1, Runs: 1, Steps: [2]int{2, 4}})
	m.finish()
	if r := m.s.Bench.Report; r.Row(wire.MethodFull).Samples > 0 || len(r.Rows) != len(benchCases)-1 {
		t.Errorf("what takes turns was not left out: %d rows", len(r.Rows))
	}
}

func TestAMeasurementCanBeCancelled(t *testing.T) {
	m := measure(t, 2, BenchQuick)
	for range 30 {
		m.answer()
	}
	m.take(m.do(Cancel{}))
	if m.s.Bench.Phase != BenchCancelled || len(m.inbox) != 0 || m.s.Bench.Whole || len(m.s.Bench.Report.Rows) == 0 {
		t.Fatalf("%+v, %d commands are still at work", m.s.Bench, len(m.inbox))
	}
	// Late answers change nothing, and the next measurement is whole; cancelling the one after that shows it again.
	m.event(0, wire.Event{Kind: wire.KindBench, Run: "bench1", Bench: &wire.BenchAnswer{Case: "step/full", Ms: []float64{1}}})
	m.take(m.do(Measure{Length: BenchQuick, Cases: benchCases}))
	m.finish()
	whole := m.s.Bench.Report
	m.take(m.do(Measure{Length: BenchQuick, Cases: benchCases}))
	m.answer()
	m.take(m.do(Open{Path: "/toy"}))
	if b := m.s.Bench; b.Phase != BenchCancelled || b.Report != whole || !b.Whole || !strings.Contains(m.s.Faults["bench"], "another page") {
		t.Errorf("%+v, %v", m.s.Bench, m.s.Faults)
	}
}

func TestMeasuringAndTrainingDoNotMix(t *testing.T) {
	st := open(t, 1, "")
	st.do(Play{})
	st.do(Open{Path: "/bench"})
	if out := st.do(Measure{Length: BenchQuick, Cases: benchCases}); len(out) != 0 || st.s.Bench.Phase != BenchIdle || st.s.Run.Phase != Running || st.s.Faults["bench"] == "" {
		t.Errorf("the run is disturbed: %v, %v", out, st.s.Faults)
	}
	st.do(Cancel{})
	out := st.do(Measure{Length: BenchQuick, Cases: benchCases})
	if st.s.Bench.Phase != Measuring || st.s.Faults["bench"] != "" || st.s.Workers[0].Cancel != 0 {
		t.Errorf("phase %v, %v, %v", st.s.Bench.Phase, st.s.Faults, out)
	}
	for _, e := range []Event{Play{}, Step{}, Restart{}, RunSpec{Lab: st.s.Catalog.Labs[0], Spec: wire.NewSpec(st.s.Catalog.Labs[0])}} {
		delete(st.s.Faults, "run")
		if out := st.do(e); len(sent(out, wire.OpTrial)) != 0 || st.s.Faults["run"] == "" {
			t.Errorf("%T while measuring: %v, %v", e, out, st.s.Faults)
		}
	}
}

func TestAMeasurementSurvivesALostWorker(t *testing.T) {
	whole := measure(t, 2, BenchQuick)
	answers := 0
	for whole.answer() {
		answers++
	}
	for at := 0; at < answers; at += 3 {
		m := measure(t, 2, BenchQuick)
		for range at {
			m.answer()
		}
		if m.s.Bench.Phase != Measuring {
			t.Fatalf("over after %d answers", at)
		}
		lost := m.inbox[0]
		m.inbox = m.inbox[1:]
		m.take(m.do(Lost{Worker: lost.Worker, Reason: "gone"}))
		m.finish()
		if b := m.s.Bench; b.Phase != BenchDone || len(b.Report.Rows) != len(wire.Single(benchCases)) || len(b.Report.Memory) != 2 || b.Report.Sweep == nil || b.Report.Sweep.Rounds != 2 {
			t.Errorf("lost after %d answers: %+v", at, b)
		}
	}
	m := measure(t, 2, BenchQuick)
	for range 3 {
		m.inbox = nil
		m.take(m.do(FromWorker{Worker: 0, Message: wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Run: m.s.Bench.run, Error: "no; press play to start again"}}}))
	}
	if m.s.Bench.Phase != BenchFailed || len(m.inbox) != 0 || !strings.Contains(m.s.Faults["bench"], "press the button") {
		t.Errorf("%+v, %v", m.s.Bench, m.s.Faults)
	}
}

func TestAHiddenPageIsReported(t *testing.T) {
	m := measure(t, 1, BenchQuick)
	m.do(BenchHidden{})
	m.finish()
	if !m.s.Bench.Report.Hidden {
		t.Error("nobody would know")
	}
}

func TestTheLastReportIsRestored(t *testing.T) {
	st := open(t, 1, "")
	st.do(RestoreBench{Report: wire.BenchReport{Date: "2026-11-24"}})
	if b := st.s.Bench; b.Report == nil || !b.Whole || b.Phase != BenchIdle {
		t.Fatalf("%+v", b)
	}
	st.do(Measure{Length: BenchQuick, Cases: benchCases})
	st.do(RestoreBench{Report: wire.BenchReport{Date: "late"}})
	st.do(Cancel{})
	if b := st.s.Bench; b.Report.Date != "2026-11-24" || !b.Whole {
		t.Errorf("%+v", b.Report)
	}
}
