//go:build js

package bridge

import (
	"errors"
	"syscall/js"
)

// What the script that started this program (internal/site/start.js) has fetched for it: window.petriStart.

// Content returns what the pages are made from, as JSON. It may be asked for once.
func Content() (string, error) {
	start := js.Global().Get("petriStart")
	if !start.Truthy() || start.Get("data").Type() != js.TypeString {
		return "", errors.New("this page was not started by its own script; generate the site again")
	}
	text := start.Get("data").String()
	start.Set("data", js.Undefined()) // it is not small
	return text, nil
}

// kernels is the compiled program of the workers. The script fetches it once, while the visitor reads; it is asked
// again only after a failure.
func kernels() (js.Value, error) {
	return await(js.Global().Get("petriStart").Call("lab"))
}

// Settled calls f once nothing is left to load that the visitor may be waiting for.
func Settled(f func()) {
	Go("the start of the page", func() {
		if _, err := await(js.Global().Get("petriStart").Get("settled")); err != nil {
			return // it never fails
		}
		f()
	})
}

// Fed says that a worker has the files of its run, which in a lab is the last that the visitor may be waiting for.
func Fed() { js.Global().Get("petriStart").Call("fed") }
