//go:build !js

package browser

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// Task is one turn of the thread on which a page's scripts run.
type Task struct {
	Start time.Duration // since the first task of the trace
	Wall  time.Duration // from its start to its end
	CPU   time.Duration // of which the thread had a processor
	What  string        // the longest thing that it did, in the browser's words
}

// Tasks records the tasks that the page's main thread begins and ends while during runs. The processor's time tells what
// the page does even on a machine that is busy with other things.
func (t *Tab) Tasks(during func() error) ([]Task, error) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	var batches []*tracing.EventDataCollected
	complete := make(chan struct{})
	if err := chromedp.Listen(ctx, func(ev any) { // hears events in the order in which they were sent
		switch ev := ev.(type) {
		case *tracing.EventDataCollected:
			batches = append(batches, ev)
		case *tracing.EventTracingComplete:
			close(complete)
		}
	}); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, tracing.Start, tracing.StartParams{
		TransferMode: tracing.StartTransferModeReportEvents,
		TraceConfig: &tracing.TraceConfig{
			RecordMode:         tracing.TraceConfigRecordModeRecordAsMuchAsPossible,
			IncludedCategories: []string{"disabled-by-default-devtools.timeline", "devtools.timeline", "v8", "blink"},
			ExcludedCategories: []string{"*"},
		},
	}); err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	failed := during()
	if _, err := chromedp.Call(ctx, tracing.End, cdp.Empty{}); err != nil {
		return nil, errors.Join(failed, err)
	}
	select {
	case <-complete:
	case <-time.After(60 * time.Second):
		return nil, errors.Join(failed, errors.New("the browser did not finish its trace"))
	}
	var events []traceEvent
	for _, batch := range batches {
		for _, raw := range batch.Value {
			var e traceEvent
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, errors.Join(failed, err)
			}
			events = append(events, e)
		}
	}
	return mainTasks(events), failed
}

// traceEvent is one entry of a trace, as far as it is read. Times are in microseconds.
type traceEvent struct {
	Name  string  `json:"name"`
	Phase string  `json:"ph"`
	PID   int     `json:"pid"`
	TID   int     `json:"tid"`
	At    float64 `json:"ts"`
	Wall  float64 `json:"dur"`
	CPU   float64 `json:"tdur"`
	Args  struct {
		Name string `json:"name"`
	} `json:"args"`
}

// mainTasks picks the tasks of main threads of pages, in the order of their start.
func mainTasks(events []traceEvent) []Task {
	type thread struct{ pid, tid int }
	main := map[thread]bool{}
	for _, e := range events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[thread{e.PID, e.TID}] = true
		}
	}
	events = slices.DeleteFunc(events, func(e traceEvent) bool { return e.Phase != "X" || !main[thread{e.PID, e.TID}] })
	// A task comes before what it contains: that starts later, or at the same time and is shorter.
	slices.SortFunc(events, func(a, b traceEvent) int {
		return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.At, b.At), cmp.Compare(b.Wall, a.Wall))
	})
	micro := func(us float64) time.Duration { return time.Duration(us * float64(time.Microsecond)) }
	var tasks []Task
	end, longest, first := 0.0, 0.0, math.Inf(1)
	pid := 0
	for _, e := range events {
		first = min(first, e.At)
		if e.Name == "RunTask" && (e.At >= end || e.PID != pid) {
			tasks = append(tasks, Task{Start: micro(e.At), Wall: micro(e.Wall), CPU: micro(e.CPU)})
			end, longest, pid = e.At+e.Wall, 0, e.PID
			continue
		}
		if len(tasks) > 0 && e.PID == pid && e.At < end && e.Wall > longest {
			longest = e.Wall
			tasks[len(tasks)-1].What = e.Name
		}
	}
	for i := range tasks {
		tasks[i].Start -= micro(first)
	}
	return tasks
}
