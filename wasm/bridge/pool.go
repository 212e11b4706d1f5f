//go:build js

package bridge

import (
	"fmt"
	"syscall/js"

	"petri/kernels/lab/wire"
)

// Places are the addresses of the files that the page starts.
type Places struct {
	Exec   string            // wasm_exec.js of the toolchain that built the kernels
	Script string            // worker.js
	Assets map[string]string // of data and weights, by the names that the kernels know
}

// Pool is a fixed number of workers that share one compiled program. A worker that dies or does not listen is
// replaced from that program, which takes about a tenth of a second.
type Pool struct {
	places  Places
	workers []*handle
	module  js.Value // the compiled program, undefined until it is there
	failed  error    // why it is not
	waiting bool
	// Event and Lost are called from callbacks of the browser. Lost means that the worker is gone and whatever it was
	// doing with it; Replace brings a new one.
	Event func(worker int, m wire.Message[wire.Event])
	Lost  func(worker int, err error)
}

// handle is one worker as the page sees it.
type handle struct {
	object    js.Value
	onMessage js.Func
	onError   js.Func
	queue     []wire.Message[wire.Command] // sent before the program was compiled
}

// NewPool prepares n workers; Start starts them.
func NewPool(places Places, n int) *Pool {
	return &Pool{places: places, workers: make([]*handle, n), module: js.Undefined()}
}

// Size is the number of workers.
func (p *Pool) Size() int { return len(p.workers) }

// Start waits for the compiled program and starts all workers. Calling it again does nothing, unless it failed before.
func (p *Pool) Start() {
	if p.waiting || !p.module.IsUndefined() {
		return
	}
	p.waiting, p.failed = true, nil
	Go("compiling the kernels", func() {
		module, err := kernels()
		p.waiting = false
		if err != nil {
			p.failed = fmt.Errorf("the kernels could not be loaded (%v); check the connection and press play again", err)
			for i := range p.workers {
				p.Lost(i, p.failed)
			}
			return
		}
		p.module = module
		for i := range p.workers {
			p.spawn(i)
		}
	})
}

// spawn starts a worker on the compiled program and sends it what has waited for it.
func (p *Pool) spawn(i int) {
	h := p.workers[i]
	if h == nil {
		h = &handle{}
		p.workers[i] = h
	}
	if !h.object.IsUndefined() {
		return
	}
	err := try(func() { h.object = js.Global().Get("Worker").New(p.places.Script) })
	if err != nil {
		h.object = js.Undefined()
		p.Lost(i, fmt.Errorf("the browser started no worker (%v); reload the page", err))
		return
	}
	mine := h.object
	h.onMessage = callback("a message from a worker", func(args []js.Value) {
		m, err := read[wire.Event](args[0].Get("data"))
		if err != nil {
			p.lose(i, mine, err)
			return
		}
		p.Event(i, m)
	})
	h.onError = callback("a failing worker", func(args []js.Value) {
		args[0].Call("preventDefault")
		p.lose(i, mine, fmt.Errorf("a worker stopped (%s); press play to start again", args[0].Get("message").String()))
	})
	h.object.Set("onmessage", h.onMessage)
	h.object.Set("onerror", h.onError)
	start := jsObject.New()
	start.Set("start", true)
	start.Set("module", p.module)
	start.Set("exec", p.places.Exec)
	assets := jsObject.New()
	for name, address := range p.places.Assets {
		assets.Set(name, address)
	}
	start.Set("assets", assets)
	h.object.Call("postMessage", start)
	queue := h.queue
	h.queue = nil
	for _, m := range queue {
		p.Send(i, m)
	}
}

// lose drops a worker that failed and says so, once.
func (p *Pool) lose(i int, which js.Value, err error) {
	if h := p.workers[i]; h != nil && h.object.Equal(which) {
		p.stop(i)
		p.Lost(i, err)
	}
}

// Send gives a worker a command. What is sent before the program is compiled waits.
func (p *Pool) Send(i int, m wire.Message[wire.Command]) {
	if p.workers[i] == nil {
		p.workers[i] = &handle{}
	}
	h := p.workers[i]
	if h.object.IsUndefined() {
		h.queue = append(h.queue, m)
		if p.module.IsUndefined() {
			p.Start()
		} else {
			p.spawn(i)
		}
		return
	}
	if err := post(h.object, m); err != nil {
		p.lose(i, h.object, fmt.Errorf("a worker did not take a command (%v); press play to start again", err))
	}
}

// Replace ends a worker, whatever it is doing, and starts a new one in its place.
func (p *Pool) Replace(i int) {
	p.stop(i)
	if !p.module.IsUndefined() {
		p.spawn(i)
	}
}

func (p *Pool) stop(i int) {
	h := p.workers[i]
	if h == nil || h.object.IsUndefined() {
		return
	}
	h.object.Call("terminate")
	h.object.Set("onmessage", js.Null())
	h.object.Set("onerror", js.Null())
	h.onMessage.Release()
	h.onError.Release()
	p.workers[i] = nil
}
