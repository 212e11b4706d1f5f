//go:build js

package bridge

import (
	"fmt"
	"syscall/js"
	"time"

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
	assets  js.Value          // addresses of the assets, by name
	files   map[string][]byte // what has been fetched
}

// NewWorker takes over the messages of the worker that this program runs in. The script that started it (worker.js)
// has left the addresses of the assets and any early messages in self.petri.
func NewWorker() *Worker {
	w := &Worker{
		self:    js.Global(),
		arrived: make(chan struct{}, 1),
		ticked:  make(chan struct{}, 1),
		clock:   js.Global().Get("performance"),
		assets:  js.Global().Get("petri").Get("assets"),
		files:   map[string][]byte{},
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
	w.wake()
}

// wake ends a Wait.
func (w *Worker) wake() {
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

// Wait blocks until a command or a file has arrived, at most ms milliseconds where ms is above 0.
func (w *Worker) Wait(ms float64) {
	if len(w.inbox) > 0 {
		return
	}
	if ms <= 0 {
		<-w.arrived
		return
	}
	timer := time.NewTimer(time.Duration(ms * float64(time.Millisecond)))
	defer timer.Stop()
	select {
	case <-w.arrived:
	case <-timer.C:
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

// Bytes is the memory that this program holds: the size of its WebAssembly memory, which never shrinks.
func (w *Worker) Bytes() int {
	memory := js.Global().Get("petri").Get("memory")
	if memory.IsUndefined() {
		return 0
	}
	return memory.Get("buffer").Get("byteLength").Int()
}

// Asset returns a file by its name below assets/, and fetches it first where Fetch has not.
func (w *Worker) Asset(name string) ([]byte, error) {
	if data, ok := w.files[name]; ok {
		return data, nil
	}
	if err := w.fetch(name, nil); err != nil {
		return nil, err
	}
	return w.files[name], nil
}

// Has reports whether all files have been fetched.
func (w *Worker) Has(names []string) bool {
	for _, n := range names {
		if _, ok := w.files[n]; !ok {
			return false
		}
	}
	return true
}

// Fetch fetches files while the worker goes on listening. progress gets the share that has arrived, 0..1; done gets
// the first error. Both run between two looks at the mailbox, and Wait returns after each.
func (w *Worker) Fetch(names []string, progress func(float64), done func(error)) {
	Go("loading", func() {
		var err error
		for i, n := range names {
			if _, ok := w.files[n]; ok || err != nil {
				continue
			}
			err = w.fetch(n, func(share float64) { progress((float64(i) + share) / float64(len(names))) })
		}
		done(err)
		w.wake()
	})
}

func (w *Worker) fetch(name string, progress func(float64)) error {
	address := js.Undefined()
	if w.assets.Type() == js.TypeObject {
		address = w.assets.Get(name)
	}
	if address.Type() != js.TypeString {
		return fmt.Errorf("%s is not among the files of this site; generate the site again", name)
	}
	data, err := fetch(address.String(), progress)
	if err != nil {
		return fmt.Errorf("%s could not be loaded (%v); check the connection and press play again", name, err)
	}
	w.files[name] = data
	return nil
}
