//go:build js

package bridge

import (
	"errors"
	"strings"
	"syscall/js"
)

// Cores is the number of processors that the browser admits to, at least 1.
func Cores() int {
	n := js.Global().Get("navigator").Get("hardwareConcurrency")
	if n.Type() != js.TypeNumber {
		return 1
	}
	return max(1, n.Int())
}

// Agent is what the browser says of itself: its name and version, and the system.
func Agent() string {
	navigator := js.Global().Get("navigator")
	data := navigator.Get("userAgentData")
	if !data.Truthy() {
		return navigator.Get("userAgent").String()
	}
	name := "a browser"
	brands := data.Get("brands")
	for i := range brands.Length() { // one of them is made up, so that nobody relies on the list
		b := brands.Index(i)
		if brand := b.Get("brand").String(); !strings.Contains(brand, "Not") && (name == "a browser" || brand != "Chromium") {
			name = brand + " " + b.Get("version").String()
		}
	}
	return name + " on " + data.Get("platform").String()
}

// Painted is when text could first be read, in milliseconds since the page was asked for, 0 where the browser does not
// say.
func Painted() float64 {
	entries := js.Global().Get("performance").Call("getEntriesByName", "first-contentful-paint")
	if entries.Length() == 0 {
		return 0
	}
	return entries.Index(0).Get("startTime").Float()
}

// Hidden reports whether the page is out of sight.
func Hidden() bool { return js.Global().Get("document").Get("hidden").Truthy() }

// Now is the time in milliseconds since the page was opened.
func Now() float64 { return js.Global().Get("performance").Call("now").Float() }

// Download offers bytes as a file.
func Download(name, kind string, data []byte) {
	options := jsObject.New()
	options.Set("type", kind)
	url := js.Global().Get("URL")
	address := url.Call("createObjectURL", js.Global().Get("Blob").New(jsArray.New(bytesToJS(data)), options))
	document := js.Global().Get("document")
	a := document.Call("createElement", "a")
	a.Set("href", address)
	a.Set("download", name)
	document.Get("body").Call("appendChild", a)
	a.Call("click")
	a.Call("remove")
	After(60_000, func() { url.Call("revokeObjectURL", address) })
}

// Copy puts text on the clipboard; done is told whether that was allowed.
func Copy(text string, done func(error)) {
	Go("the clipboard", func() {
		clipboard := js.Global().Get("navigator").Get("clipboard")
		if !clipboard.Truthy() { // not a secure page: the old way still works there
			done(copyBySelection(text))
			return
		}
		_, err := await(clipboard.Call("writeText", text))
		if err != nil {
			err = copyBySelection(text)
		}
		done(err)
	})
}

func copyBySelection(text string) error {
	document := js.Global().Get("document")
	area := document.Call("createElement", "textarea")
	area.Set("value", text)
	document.Get("body").Call("appendChild", area)
	defer area.Call("remove")
	area.Call("select")
	if !document.Call("execCommand", "copy").Bool() {
		return errors.New("the browser does not allow copying")
	}
	return nil
}

// After calls f once, later.
func After(ms float64, f func()) {
	var fn js.Func
	fn = callback("a timer", func([]js.Value) {
		fn.Release()
		f()
	})
	js.Global().Call("setTimeout", fn, ms)
}

// AfterPaint calls f once, after the browser has drawn its next picture. A page out of sight draws none.
func AfterPaint(f func()) {
	var fn js.Func
	fn = callback("a picture of the page", func([]js.Value) {
		fn.Release()
		After(0, f)
	})
	js.Global().Call("requestAnimationFrame", fn)
}

// Media reports whether a media query matches.
func Media(query string) bool {
	return js.Global().Call("matchMedia", query).Get("matches").Bool()
}

// OnMedia calls f whenever a media query starts or ends to match.
func OnMedia(query string, f func()) {
	js.Global().Call("matchMedia", query).Call("addEventListener", "change", callback("a media query", func([]js.Value) { f() }))
}

// OnWindow calls f at every event of a kind at the window.
func OnWindow(kind string, f func()) {
	js.Global().Call("addEventListener", kind, callback(kind, func([]js.Value) { f() }))
}

// WhenIdle calls f once the browser has nothing better to do, two seconds from now at the latest.
func WhenIdle(f func()) {
	idle := js.Global().Get("requestIdleCallback")
	if !idle.Truthy() {
		After(200, f)
		return
	}
	var fn js.Func
	fn = callback("an idle moment", func([]js.Value) {
		fn.Release()
		f()
	})
	options := jsObject.New()
	options.Set("timeout", 2000)
	idle.Invoke(fn, options)
}

// WhenSeen calls f once the element that a selector finds has come near to what is seen of the page. It waits for an
// element that is not there yet, until over says that nobody cares any more.
func WhenSeen(selector string, over func() bool, f func()) {
	e := js.Global().Get("document").Call("querySelector", selector)
	if !e.Truthy() {
		After(250, func() {
			if !over() {
				WhenSeen(selector, over, f)
			}
		})
		return
	}
	var fn js.Func
	fn = callback("an element in view", func(args []js.Value) {
		entries, observer := args[0], args[1]
		if !entries.Index(entries.Length() - 1).Get("isIntersecting").Bool() {
			return
		}
		observer.Call("disconnect")
		fn.Release()
		f()
	})
	options := jsObject.New()
	options.Set("rootMargin", "100px")
	js.Global().Get("IntersectionObserver").New(fn, options).Call("observe", e)
}

// Installable reports whether the browser offers to install the site; go-app's script keeps the offer.
func Installable() bool {
	f := js.Global().Get("goappIsAppInstallable")
	return f.Type() == js.TypeFunction && f.Invoke().Truthy()
}

// Install shows the browser's offer.
func Install() { js.Global().Call("goappShowInstallPrompt") }

// UpdateReady reports whether a newer version of the site has been fetched and waits (see the start script of the page).
func UpdateReady() bool {
	u := js.Global().Get("petriUpdate")
	return u.Truthy() && u.Get("ready").Truthy()
}

// Update takes the newer version and loads the page again.
func Update() { js.Global().Get("petriUpdate").Call("apply") }

// Key is a key press outside of any control that types.
type Key struct {
	Name    string // KeyboardEvent.key
	Prevent func() // the page has used it
}

// OnKey hears keys pressed while nothing is being typed, and without Ctrl, Alt or Meta.
func OnKey(f func(Key)) {
	js.Global().Call("addEventListener", "keydown", callback("a key", func(args []js.Value) {
		e := args[0]
		if e.Get("defaultPrevented").Bool() || e.Get("ctrlKey").Bool() || e.Get("altKey").Bool() || e.Get("metaKey").Bool() || e.Get("isComposing").Bool() {
			return
		}
		name := e.Get("key").String()
		if name != "Escape" && typing(e.Get("target"), name) {
			return
		}
		f(Key{Name: name, Prevent: func() { e.Call("preventDefault") }})
	}))
}

// typing reports whether a key belongs to the control that has the focus: text fields take all keys, and buttons,
// links, sliders and menus take Space.
func typing(target js.Value, key string) bool {
	if target.Type() != js.TypeObject || target.Get("closest").IsUndefined() {
		return false
	}
	if target.Get("isContentEditable").Truthy() || target.Call("closest", "textarea,select,input:not([type=range]):not([type=checkbox]):not([type=radio])").Truthy() {
		return true
	}
	return key == " " && target.Call("closest", "button,a,input,summary,[role=button],[tabindex='0']").Truthy()
}

// Root sets an attribute of the document's root, or removes it when value is "".
func Root(attribute, value string) {
	root := js.Global().Get("document").Get("documentElement")
	if value == "" {
		root.Call("removeAttribute", attribute)
		return
	}
	root.Call("setAttribute", attribute, value)
}

// Markup returns the HTML of the element that a selector finds, "" where there is none.
func Markup(selector string) string {
	e := js.Global().Get("document").Call("querySelector", selector)
	if !e.Truthy() {
		return ""
	}
	return e.Get("outerHTML").String()
}

// Reveal scrolls to the element that a selector finds, unless part of it can be seen.
func Reveal(selector string) {
	e := js.Global().Get("document").Call("querySelector", selector)
	if !e.Truthy() {
		return
	}
	box := e.Call("getBoundingClientRect")
	if high := js.Global().Get("innerHeight").Float(); box.Get("bottom").Float() > 120 && box.Get("top").Float() < high-160 {
		return
	}
	options := jsObject.New()
	options.Set("block", "start")
	options.Set("behavior", "smooth")
	if Media("(prefers-reduced-motion: reduce)") {
		options.Set("behavior", "auto")
	}
	e.Call("scrollIntoView", options)
}

// Dialog opens or closes a <dialog> by its id.
func Dialog(id string, open bool) {
	d := js.Global().Get("document").Call("getElementById", id)
	switch {
	case !d.Truthy() || d.Get("open").Bool() == open:
	case open:
		d.Call("showModal")
	default:
		d.Call("close")
	}
}

// PNG draws an SVG on a canvas of the page's background and returns the picture, twice as fine as on the screen.
func PNG(markup string, width, height float64, done func([]byte, error)) {
	Go("drawing a PNG", func() {
		image := js.Global().Get("Image").New()
		image.Set("src", "data:image/svg+xml;charset=utf-8,"+js.Global().Call("encodeURIComponent", markup).String())
		if _, err := await(image.Call("decode")); err != nil {
			done(nil, err)
			return
		}
		canvas := js.Global().Get("document").Call("createElement", "canvas")
		canvas.Set("width", 2*width)
		canvas.Set("height", 2*height)
		pen := canvas.Call("getContext", "2d")
		body := js.Global().Get("document").Get("body")
		pen.Set("fillStyle", js.Global().Call("getComputedStyle", body).Get("backgroundColor"))
		pen.Call("fillRect", 0, 0, 2*width, 2*height)
		pen.Call("drawImage", image, 0, 0, 2*width, 2*height)
		var blob js.Value
		got := make(chan struct{})
		fn := callback("drawing a PNG", func(args []js.Value) { blob = first(args); close(got) })
		defer fn.Release()
		canvas.Call("toBlob", fn, "image/png")
		<-got
		if !blob.Truthy() {
			done(nil, errors.New("the browser made no picture"))
			return
		}
		buffer, err := await(blob.Call("arrayBuffer"))
		if err != nil {
			done(nil, err)
			return
		}
		done(bytesToGo(jsUint8Array.New(buffer)), nil)
	})
}
