//go:build js

package bridge

import (
	"fmt"
	"syscall/js"

	"petri/kernels/lab/wire"
)

// Worker is the worker's side of the connection to the page.
type Worker struct {
	self    js.Value
	inbox   []wire.Message[wire.Command]
	arrived chan struct{} // holds at most one: "look into the inbox"
	ticked  chan struct{}
	port    js.Value
	clock   js.Value
	assets  string // address of the folder that asset names are relative to
	// Loading is told how much of an asset has arrived, 0..1. It may be nil.
	Loading func(name string, share float64)
}

// NewWorker takes over the messages of the worker that this program runs in. The script that started it (worker.js)
// has left the address of the assets and any early messages in self.petri.
func NewWorker() *Worker {
	w := &Worker{
		self:    js.Global(),
		arrived: make(chan struct{}, 1),
		ticked:  make(chan struct{}, 1),
		clock:   js.Global().Get("performance"),
		assets:  js.Global().Get("petri").Get("assets").String(),
	}
	receive := callback("a message to the worker", func(args []js.Value) { w.receive(args[0].Get("data")) })
	w.self.Set("onmessage", receive)
	early := js.Global().Get("petri").Get("early")
	for i := range early.Length() {
		w.receive(early.Index(i))
	}
	channel := js.Global().Get("MessageChannel").New()
	w.port = channel.Get("port2")
	channel.Get("port1").Set("onmessage", callback("a tick", func([]js.Value) {
		select {
		case w.ticked <- struct{}{}:
		default:
		}
	}))
	return w
}

func (w *Worker) receive(data js.Value) {
	m, err := read[wire.Command](data)
	if err != nil {
		w.Emit(wire.Message[wire.Event]{Head: wire.Event{Kind: wire.KindError, Error: fmt.Sprintf("The worker could not read a command: %v. Reload the page.", err)}})
		return
	}
	w.inbox = append(w.inbox, m)
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// Take returns the commands that have arrived, without waiting.
func (w *Worker) Take() []wire.Message[wire.Command] {
	m := w.inbox
	w.inbox = nil
	return m
}

// Wait blocks until a command has arrived.
func (w *Worker) Wait() {
	for len(w.inbox) == 0 {
		<-w.arrived
	}
}

// Tick lets the browser deliver messages. Of all ways to yield, a message to oneself is the only cheap one after which
// waiting messages have really been delivered: 0.1 to 0.2 ms, against 4 ms for a timer.
func (w *Worker) Tick() {
	w.port.Call("postMessage", js.Null())
	<-w.ticked
}

// Emit sends an event to the page; its buffers are copied out once and then transferred.
func (w *Worker) Emit(m wire.Message[wire.Event]) {
	if err := post(w.self, m); err != nil {
		fault := wire.Event{Kind: wire.KindError, Run: m.Head.Run, Trial: m.Head.Trial,
			Error: fmt.Sprintf("The worker could not send its %s: %v. Press play to start again.", m.Head.Kind, err)}
		_ = post(w.self, wire.Message[wire.Event]{Head: fault}) // nothing else is left to try
	}
}

// Now is the time in milliseconds since the worker started.
func (w *Worker) Now() float64 { return w.clock.Call("now").Float() }

// Asset fetches a file by its name below assets/, waiting for it.
func (w *Worker) Asset(name string) ([]byte, error) {
	data, err := fetch(w.assets+name, func(share float64) {
		if w.Loading != nil {
			w.Loading(name, share)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s could not be loaded (%v); check the connection and press play again", name, err)
	}
	return data, nil
}
