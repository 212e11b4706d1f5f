//go:build js

package main

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"syscall/js"

	"petri/kernels/lab/wire/frame"
	"petri/ui/stage"
)

// page is the DOM side of the stage: what assets/stage/stage.html calls, and what goes to the parent.
type page struct {
	stage  *stage.Stage
	draw   func()   // asks for a frame
	words  js.Value // the <svg> over the canvas: words, pointer, focus
	window js.Value
	said   string // words on the screen
	label  string // text alternative on the screen
}

func newPage(s *stage.Stage) *page {
	doc := js.Global().Get("document")
	p := &page{stage: s, window: js.Global(), words: doc.Call("getElementById", "words")}
	if scheme := doc.Get("documentElement").Get("style").Get("colorScheme").String(); scheme == "dark" {
		s.View.Theme = scheme // read from the page by the document: the first picture has the right ground
	}
	s.View.Coarse = js.Global().Call("matchMedia", "(pointer: coarse)").Get("matches").Bool()
	if canvas := doc.Call("querySelector", "canvas:not(#kept)"); canvas.Truthy() { // Ebiten's own
		canvas.Set("tabIndex", -1)
		canvas.Call("setAttribute", "aria-hidden", "true")
	}
	return p
}

// listen installs the functions that the document calls, then says that the stage is up.
func (p *page) listen() {
	p.resize()
	p.export("petriPush", func(args []js.Value) []stage.Event { return p.message(args[0]) })
	p.export("petriMove", func(args []js.Value) []stage.Event { return p.stage.Move(args[0].Float(), args[1].Float()) })
	p.export("petriPress", func(args []js.Value) []stage.Event { return p.stage.Press(args[0].Float(), args[1].Float()) })
	p.export("petriDown", func(args []js.Value) []stage.Event {
		p.stage.Down(args[0].Float(), args[1].Float(), args[2].Bool(), args[3].Bool())
		return nil
	})
	p.export("petriRaise", func(args []js.Value) []stage.Event { return p.stage.Up(args[0].Float(), args[1].Float()) })
	p.export("petriLong", func([]js.Value) []stage.Event { return p.stage.Long() })
	p.export("petriHolds", func([]js.Value) []stage.Event { return nil })
	p.export("petriCancel", func([]js.Value) []stage.Event { p.stage.Cancel(); return nil })
	p.export("petriLeave", func([]js.Value) []stage.Event { return p.stage.Leave() })
	p.export("petriKey", func(args []js.Value) []stage.Event { return p.stage.Key(args[0].String()) })
	p.export("petriResize", func([]js.Value) []stage.Event { return p.resize() })
	p.post(stage.Event{Petri: stage.EventReady, Key: -1})
	p.window.Call("petriUp")
	p.refresh()
}

// export makes a Go function callable by the document. It returns true where the stage used what it was told, or follows a
// pointer now, so that the document knows whether to let the browser act on it as well.
func (p *page) export(name string, f func([]js.Value) []stage.Event) {
	p.window.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer func() {
			if e := recover(); e != nil { // a panic would end the program for good
				p.fail(fmt.Errorf("the stage stopped at %s: %v", name, e))
				js.Global().Get("console").Call("error", string(debug.Stack()))
			}
		}()
		used := false
		for _, e := range f(args) {
			p.post(e)
			used = used || e.Petri != stage.EventKey
		}
		p.refresh()
		return used || p.stage.Holding()
	}))
}

func (p *page) resize() []stage.Event {
	return p.stage.Resize(p.window.Get("innerWidth").Float(), p.window.Get("devicePixelRatio").Float())
}

// message takes a wire message whose bytes the document has copied into its own realm.
func (p *page) message(bytes js.Value) []stage.Event {
	raw := make([]byte, bytes.Length())
	js.CopyBytesToGo(raw, bytes)
	head, buffers, _, err := frame.Split(raw)
	if err != nil {
		p.fail(err)
		return nil
	}
	var in stage.Input
	if err := fill(reflect.ValueOf(&in).Elem(), js.Global().Get("JSON").Call("parse", string(head))); err != nil {
		p.fail(fmt.Errorf("%w: header: %w", frame.ErrMessage, err))
		return nil
	}
	events, err := p.stage.Handle(in, buffers)
	if err != nil {
		p.fail(err)
		return nil
	}
	if in.Set["theme"] != nil {
		p.window.Call("petriTheme", p.stage.View.Theme)
	}
	return events
}

// refresh brings words and text alternative up to date and asks for a frame, where something changed.
func (p *page) refresh() {
	if !p.stage.Dirty() {
		return
	}
	p.draw()
	scene := p.stage.Scene()
	if words := scene.TextSVG(p.stage.View.Theme); words != p.said {
		p.said = words
		p.words.Set("innerHTML", words)
	}
	if label := stage.Describe(p.stage.Picture(), p.stage.View); label != p.label {
		p.label = label
		p.words.Call("setAttribute", "aria-label", label)
	}
}

// post sends an event to the page around the iframe.
func (p *page) post(e stage.Event) {
	p.window.Get("parent").Call("postMessage", object(e), p.window.Get("location").Get("origin"))
}

// fail tells page and console what went wrong; the stage goes on with the picture it has.
func (p *page) fail(err error) {
	js.Global().Get("console").Call("warn", err.Error())
	p.post(stage.Event{Petri: stage.EventFailed, Key: -1, Text: err.Error()})
}
