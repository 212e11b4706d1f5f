package page

import (
	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// room sees to it that page and workers take turns. While every processor trains, a drawing that takes 20 ms keeps the
// page busy for 60, and the training that goes on beside it gains nothing by that. So before a regular drawing the page
// asks workers to leave it a processor, and lets them go on once the picture is on the screen.
type room struct {
	workers int
	send    func(worker int, m wire.Message[wire.Command])
	after   func(ms float64, f func()) // both call f on go-app's goroutine
	painted func(f func())

	next    int          // the worker to ask first
	waiting map[int]bool // workers that were asked and have not answered, nil while nothing is wanted
	want    int          // how many of them are still wanted
	enter   func()       // what is done then
	number  int          // of the question
	resting []int        // workers that rest

	holding bool         // commands wait until a press of play is on the screen
	held    []state.Send // what waits
}

const (
	roomWait = 200 // longest wait for an answer, in milliseconds: a worker answers between two steps
	roomWant = 2   // processors that a drawing wants
	holdMost = 500 // longest that commands wait for the page, in milliseconds
)

func newRoom(workers int, h Host, later func(func())) *room {
	return &room{workers: workers, send: h.Send,
		after:   func(ms float64, f func()) { h.After(ms, func() { later(f) }) },
		painted: func(f func()) { h.Painted(func() { later(f) }) }}
}

// make calls draw once there is room for it: at once where a processor is free. crowded says that none is.
func (r *room) make(crowded bool, draw func()) {
	if !crowded || len(r.resting) > 0 || r.waiting != nil {
		draw()
		return
	}
	// One processor is for the page's own thread, one for what draws and compiles behind it.
	r.want = min(roomWant, r.workers)
	// One more is asked than wanted, because a worker that begins with another racer does not answer for a while. The
	// first to answer rest.
	r.waiting, r.enter = map[int]bool{}, draw
	r.number++
	for i := range min(r.workers, r.want+1) {
		w := (r.next + i) % r.workers
		r.waiting[w] = true
		r.tell(w, wire.OpRest)
	}
	r.next = (r.next + 1) % r.workers
	number := r.number
	r.after(roomWait, func() {
		if r.number == number && r.waiting != nil { // they are busy with something long
			r.ready()
		}
	})
}

// rests takes a worker's answer.
func (r *room) rests(worker int) {
	if !r.waiting[worker] {
		r.tell(worker, wire.OpGo) // too late, or one too many
		return
	}
	delete(r.waiting, worker)
	r.resting = append(r.resting, worker)
	if r.want--; r.want == 0 {
		r.ready()
	}
}

func (r *room) ready() {
	r.waiting = nil
	r.enter()
}

// leave lets the workers go on once what was drawn is on the screen.
func (r *room) leave() {
	workers := r.resting
	r.resting = nil
	if len(workers) == 0 && !r.holding {
		return
	}
	r.painted(func() {
		for _, w := range workers {
			r.tell(w, wire.OpGo)
		}
		r.release()
	})
}

func (r *room) tell(worker int, op wire.Op) {
	r.send(worker, wire.Message[wire.Command]{Head: wire.Command{Op: op}})
}

// hold keeps commands until the page shows what follows from a press of play, a fifth of a second mostly: a run before
// is taken off the screen, and the first work of the new one would be in the way of that.
func (r *room) hold() {
	r.holding = true
	r.after(holdMost, r.release)
}

// command hands a command on, in order.
func (r *room) command(e state.Send) {
	if r.holding {
		r.held = append(r.held, e)
		return
	}
	r.send(e.Worker, e.Message)
}

func (r *room) release() {
	held := r.held
	r.holding, r.held = false, nil
	for _, e := range held {
		r.send(e.Worker, e.Message)
	}
}

// crowded reports whether every processor trains as fast as it can.
func (s *Site) crowded() bool {
	r := s.S.Run
	if r == nil || r.Phase != state.Running || s.S.Pace != state.Full || s.host.Hidden() {
		return false
	}
	for i := range s.S.Workers {
		if s.S.Workers[i].Trial < 0 {
			return false
		}
	}
	return true
}
