//go:build js

package bridge

import "syscall/js"

// Stage is the page's side of the stage, which runs in an iframe of its own: Ebiten takes over the document it is in.
type Stage struct {
	id string
}

// NewStage connects to the iframe with an id, which need not exist yet. hear gets what the stage says, as JSON of a
// ui/stage.Event.
func NewStage(id string, hear func(event string)) *Stage {
	s := &Stage{id: id}
	js.Global().Call("addEventListener", "message", callback("a message from the stage", func(args []js.Value) {
		e := args[0]
		if source := e.Get("source"); source.IsNull() || !source.Equal(s.window()) {
			return
		}
		if data := e.Get("data"); data.Type() == js.TypeObject && data.Get("petri").Type() == js.TypeString {
			hear(js.Global().Get("JSON").Call("stringify", data).String())
		}
	}))
	return s
}

func (s *Stage) window() js.Value {
	frame := js.Global().Get("document").Call("getElementById", s.id)
	if !frame.Truthy() {
		return js.Null()
	}
	return frame.Get("contentWindow")
}

// Show hands the stage a message made by wire.Encode; false where the stage is not up. It is a plain call between
// two realms of one thread, five times cheaper than posting.
func (s *Stage) Show(message []byte) bool {
	w := s.window()
	if !w.Truthy() {
		return false
	}
	shown := false
	_ = try(func() {
		if show := w.Get("petriStage"); show.Type() == js.TypeFunction {
			show.Invoke(bytesToJS(message))
			shown = true
		}
	})
	return shown
}
