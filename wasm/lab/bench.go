//go:build js

package main

import (
	"fmt"
	"runtime"

	"petri/kernels/bench"
	"petri/kernels/f32"
	"petri/kernels/lab/wire"
	"petri/wasm/bridge"
)

// stopwatch is the case that this worker measures, kept between commands.
type stopwatch struct {
	id    string
	timer *bench.Timer
}

// measure times what a command asks for and answers at once: samples are short, and between commands messages are read.
func (w *worker) measure(c wire.Command) {
	if c.Bench == nil || w.working || len(w.held) > 0 {
		w.fail(c, fmt.Errorf("this worker is training and cannot be measured; cancel the run first"))
		return
	}
	ask := *c.Bench
	answer := wire.BenchAnswer{Case: ask.Case, Scalar: ask.Scalar, Ms: []float64{}}
	f32.UseScalar(ask.Scalar)
	defer f32.UseScalar(false)
	answer.Path = f32.Accelerated()
	if id := fmt.Sprint(ask.Case, ask.Scalar); ask.Fresh || w.bench.id != id {
		found, err := bench.Find(ask.Case)
		if err != nil {
			w.fail(c, err)
			return
		}
		w.bench = stopwatch{} // the old one's memory serves the new one
		timer := found.Prepare(w.Now)
		if ask.Copy > 0 {
			timer.Before = bridge.Copier(ask.Copy)
		}
		if ask.First > 0 {
			timer.First(ask.First)
		} else {
			timer.First(found.First())
		}
		w.bench = stopwatch{id, timer}
		answer.Values, answer.At = timer.Values, timer.Began
	}
	w.bench.timer.Run(ask.Calls)
	for range ask.Samples {
		answer.Ms = append(answer.Ms, w.bench.timer.Sample())
	}
	if ask.Samples == 0 && ask.Case != bench.SweepRun {
		// The memory of a program never shrinks, so what leaks shows. Commands and answers leave garbage, which is not
		// what is asked for here.
		runtime.GC()
	}
	answer.Bytes = w.Bytes()
	w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindBench, Run: c.Run, Bench: &answer}})
}
