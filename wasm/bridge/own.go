//go:build js

package bridge

import (
	"sync"
	"syscall/js"
)

// Own gets pictures of the visitor's own by a script (assets/js/own.js), which is fetched when it is first needed.
type Own struct {
	Address string                             // of the script
	Check   func(head []byte, size int) string // judges the beginning of a file: "", "more" or why not
	Cut     func(width, height int) []any      // x, y and side of the square to take, then the sides through which it is scaled
	Tell    func(picture Brought)              // hears what comes of what was asked
	opening sync.Mutex
	api     js.Value
}

// Brought is a picture of the visitor's own, or why there is none.
type Brought struct {
	From, Name, Why     string
	Width, Height, Side int    // as it was, and of the square that was taken
	RGBA                []byte // [Side, Side, 4]
}

// Ask asks the script for something: see its end. Nothing but the script is fetched where what is "".
func (o *Own) Ask(what, name, address string, file, scene []byte) {
	Go("a picture of one's own", func() {
		if !o.open() {
			if what != "" {
				o.Tell(Brought{From: what, Why: "no script"})
			}
			return
		}
		if what != "" {
			o.api.Call(what, name, address, bytesToJS(file), bytesToJS(scene))
		}
	})
}

// PNG writes pixels [side, side, 4] as a file, waiting for it; call it from a goroutine.
func (o *Own) PNG(side int, rgba []byte) ([]byte, error) {
	file, err := await(o.api.Call("png", side, bytesToJS(rgba))) // there are pixels, so there is the script
	if err != nil {
		return nil, err
	}
	return bytesToGo(file), nil
}

func (o *Own) open() bool {
	o.opening.Lock()
	defer o.opening.Unlock()
	if o.api.Truthy() {
		return true
	}
	if _, err := await(js.Global().Get("petriStart").Call("script", o.Address)); err != nil {
		return false
	}
	check := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Guard("the beginning of a picture", nil)
		return o.Check(bytesToGo(args[0]), args[1].Int())
	})
	cut := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Guard("the cut of a picture", nil)
		return o.Cut(args[0].Int(), args[1].Int())
	})
	tell := callback("a picture", func(args []js.Value) {
		n := func(i int) int { return args[i].Int() }
		o.Tell(Brought{args[0].String(), args[1].String(), args[2].String(), n(3), n(4), n(5), bytesToGo(args[6])})
	})
	o.api = js.Global().Call("petriOwn", check, cut, tell)
	return true
}
