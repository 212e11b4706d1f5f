//go:build !js

package cli

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"petri/assets"
	"petri/kernels/lab"
)

// environment is what trials get natively: the files in this program, and a clock.
func environment() lab.Env {
	start := time.Now()
	return lab.Env{
		Asset: assets.Read,
		Clock: func() float64 { return float64(time.Since(start)) / float64(time.Millisecond) },
	}.Remember()
}

// job is one trial to be trained.
type job struct {
	name string // "qv:4, seed 1"
	make func(lab.Env) (lab.Trial, error)
	done func(lab.Trial) error // with the finished trial, one call at a time
}

// advance is news of a job at work.
type advance struct {
	job   int
	share float64 // of the job, 0..1
	what  string
}

// work trains all jobs, one goroutine per core. Which core takes which job changes no bit: each trial has its own
// memory, and files are decoded once per goroutine.
func work(c *call, jobs []job) error {
	workers := min(runtime.GOMAXPROCS(0), len(jobs))
	queue := make(chan int)
	news := make(chan advance)
	stop := make(chan struct{})
	var mu sync.Mutex
	var failed error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
			close(stop)
		}
	}
	var group sync.WaitGroup
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			env := environment()
			for i := range queue {
				t, err := train(env, jobs[i], i, news, stop)
				switch {
				case errors.Is(err, errStopped):
					return
				case err != nil:
					fail(fmt.Errorf("%s: %w", jobs[i].name, err))
					return
				}
				mu.Lock()
				err = jobs[i].done(t)
				mu.Unlock()
				if err != nil {
					fail(err)
					return
				}
			}
		}()
	}
	go func() {
		defer close(queue)
		for i := range jobs {
			select {
			case queue <- i:
			case <-stop:
				return
			}
		}
	}()
	go func() { group.Wait(); close(news) }()
	report(c, jobs, news)
	return failed
}

// report shows the progress of all jobs together until news ends.
func report(c *call, jobs []job, news <-chan advance) {
	p := newProgress(c.stderr, 0)
	shares := make([]float64, len(jobs))
	finished := 0
	for n := range news {
		if n.share == 1 && shares[n.job] < 1 {
			finished++
		}
		shares[n.job] = n.share
		sum := 0.0
		for _, s := range shares {
			sum += s
		}
		p.show(sum/float64(len(jobs)), fmt.Sprintf("%d of %d trained; %s: %s", finished, len(jobs), jobs[n.job].name, n.what))
	}
	p.done()
}

// errStopped ends a trial because another one failed.
var errStopped = errors.New("stopped")

// newsEvery is the time between two reports of a job.
const newsEvery = 100 * time.Millisecond

// train runs one job to its end. Typed panics of the engine become errors here, as they do in a worker's session.
func train(env lab.Env, j job, index int, news chan<- advance, stop <-chan struct{}) (t lab.Trial, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case runtime.Error: // a bug of ours
			panic(e)
		case error: // shapes that a combination of knobs made impossible
			err = e
		default:
			panic(e)
		}
	}()
	if t, err = j.make(env); err != nil {
		return nil, err
	}
	last := time.Now()
	for done := false; !done; {
		done = t.Advance()
		if time.Since(last) < newsEvery && !done {
			continue
		}
		last = time.Now()
		p := t.Progress()
		n := advance{index, 1, "done"}
		if !done {
			n.share = min(.99, float64(p.Step)/float64(max(1, p.Steps)))
			n.what = fmt.Sprintf("%s, step %d of %d", p.Phase, p.Step, p.Steps)
		}
		select {
		case news <- n:
		case <-stop:
			return nil, errStopped
		}
	}
	return t, nil
}
