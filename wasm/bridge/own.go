//go:build js

package bridge

import (
	"errors"
	"syscall/js"
)

// Own is the script that gets pictures of the visitor's own (assets/js/own.js).
type Own struct{ api js.Value }

// Brought is a picture of the visitor's own, or why there is none.
type Brought struct {
	From, Name, Why     string
	Width, Height, Side int    // as it was, and of the square that was taken
	RGBA                []byte // [Side, Side, 4]
}

// OpenOwn fetches the script, waiting for it; call it from a goroutine. check judges the first bytes of a file that has size
// bytes, and cut says which square of a picture is taken and through which sides it is scaled; tell gets what comes of it.
func OpenOwn(address string, check func(head []byte, size int) string, cut func(width, height int) []int, tell func(Brought)) (*Own, error) {
	document := js.Global().Get("document")
	script := document.Call("createElement", "script")
	loaded := make(chan bool, 1)
	for event, ok := range map[string]bool{"onload": true, "onerror": false} {
		f := callback("a script", func([]js.Value) { loaded <- ok })
		defer f.Release()
		script.Set(event, f)
	}
	script.Set("src", address)
	document.Get("head").Call("appendChild", script)
	if !<-loaded {
		script.Call("remove")
		return nil, errors.New("it could not be loaded")
	}
	judge := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Guard("the beginning of a picture", nil)
		return check(bytesToGo(args[0]), args[1].Int())
	})
	square := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Guard("the cut of a picture", nil)
		list := jsArray.New()
		for _, n := range cut(args[0].Int(), args[1].Int()) {
			list.Call("push", n)
		}
		return list
	})
	told := callback("a picture", func(args []js.Value) {
		text := func(key string) string {
			if v := args[0].Get(key); v.Type() == js.TypeString {
				return v.String()
			}
			return ""
		}
		b := Brought{From: text("from"), Name: text("name"), Why: text("why")}
		if b.Why == "" {
			b.Width, b.Height, b.Side, b.RGBA = args[0].Get("width").Int(), args[0].Get("height").Int(), args[0].Get("side").Int(), bytesToGo(args[0].Get("rgba"))
		}
		tell(b)
	})
	return &Own{js.Global().Call("petriOwn", judge, square, told)}, nil
}

// File takes what was chosen in the file input that a selector finds.
func (o *Own) File(selector string) {
	o.api.Call("file", js.Global().Get("document").Call("querySelector", selector))
}

// Photo fetches a photograph of this site.
func (o *Own) Photo(name, address string) { o.api.Call("photo", name, address) }

// Kept takes a file that was kept on this device.
func (o *Own) Kept(file []byte) { o.api.Call("kept", bytesToJS(file)) }

// Forget drops a painting that was not finished.
func (o *Own) Forget() { o.api.Call("forget") }

// Camera opens the dialog of the camera.
func (o *Own) Camera() { o.api.Call("camera") }

// Paint opens the dialog in which a picture is painted. scene and shown, [64, 64, 4] of 8 bits or nil, are what it may start from.
func (o *Own) Paint(scene, shown []byte) {
	starts := jsObject.New()
	for name, rgba := range map[string][]byte{"scene": scene, "shown": shown} {
		if rgba != nil {
			starts.Set(name, bytesToJS(rgba))
		}
	}
	o.api.Call("paint", starts)
}

// PNG writes pixels [side, side, 4] as a file, waiting for it.
func (o *Own) PNG(side int, rgba []byte) ([]byte, error) {
	file, err := await(o.api.Call("png", side, bytesToJS(rgba)))
	if err != nil {
		return nil, err
	}
	return bytesToGo(file), nil
}
