//go:build js

package bridge

import (
	"errors"
	"strings"
	"syscall/js"
)

// Embedded returns the text of a <script type="application/json" id=...> of this page.
func Embedded(id string) (string, error) {
	e := js.Global().Get("document").Call("getElementById", id)
	if !e.Truthy() {
		return "", errors.New("this page carries no " + id + "; generate the site again")
	}
	return e.Get("textContent").String(), nil
}

// Cores is the number of processors that the browser admits to, at least 1.
func Cores() int {
	n := js.Global().Get("navigator").Get("hardwareConcurrency")
	if n.Type() != js.TypeNumber {
		return 1
	}
	return max(1, n.Int())
}

// Now is the time in milliseconds since the page was opened.
func Now() float64 { return js.Global().Get("performance").Call("now").Float() }

// Address is the address of the page: path with query, and everything of it.
func Address() (path, query, full string) {
	l := js.Global().Get("location")
	return l.Get("pathname").String(), strings.TrimPrefix(l.Get("search").String(), "?"), l.Get("href").String()
}

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

// Every calls f again and again until stop is called.
func Every(ms float64, f func()) (stop func()) {
	fn := callback("a timer", func([]js.Value) { f() })
	id := js.Global().Call("setInterval", fn, ms)
	return func() {
		js.Global().Call("clearInterval", id)
		fn.Release()
	}
}

// Media reports whether a media query matches.
func Media(query string) bool {
	return js.Global().Call("matchMedia", query).Get("matches").Bool()
}

// OnMedia calls f whenever a media query starts or ends to match.
func OnMedia(query string, f func()) {
	js.Global().Call("matchMedia", query).Call("addEventListener", "change", callback("a media query", func([]js.Value) { f() }))
}

// OnHidden calls f when the page is hidden or about to go: the last moment to save.
func OnHidden(f func()) {
	document := js.Global().Get("document")
	document.Call("addEventListener", "visibilitychange", callback("hiding", func([]js.Value) {
		if document.Get("visibilityState").String() == "hidden" {
			f()
		}
	}))
}

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

// Focus moves the focus to the element that a selector finds.
func Focus(selector string) {
	if e := js.Global().Get("document").Call("querySelector", selector); e.Truthy() {
		e.Call("focus")
	}
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

// Width is the width in CSS pixels that an element's content has, 0 where there is no such element.
func Width(selector string) float64 {
	e := js.Global().Get("document").Call("querySelector", selector)
	if !e.Truthy() {
		return 0
	}
	return e.Get("clientWidth").Float()
}

// SVG returns the markup of the first drawing inside an element, with the computed colours and fonts written into it,
// so that it looks the same outside of this page; width and height are those on the screen.
func SVG(selector string) (markup string, width, height float64, ok bool) {
	host := js.Global().Get("document").Call("querySelector", selector)
	if !host.Truthy() {
		return "", 0, 0, false
	}
	svg := host
	if !strings.EqualFold(host.Get("tagName").String(), "svg") {
		svg = host.Call("querySelector", "svg")
	}
	if !svg.Truthy() {
		return "", 0, 0, false
	}
	clone := svg.Call("cloneNode", true)
	from, to := svg.Call("querySelectorAll", "*"), clone.Call("querySelectorAll", "*")
	bake(svg, clone)
	for i := range from.Length() {
		bake(from.Index(i), to.Index(i))
	}
	box := svg.Call("getBoundingClientRect")
	width, height = box.Get("width").Float(), box.Get("height").Float()
	clone.Call("setAttribute", "xmlns", "http://www.w3.org/2000/svg")
	clone.Call("setAttribute", "width", width)
	clone.Call("setAttribute", "height", height)
	return js.Global().Get("XMLSerializer").New().Call("serializeToString", clone).String(), width, height, true
}

// baked are the properties that style sheets give to drawings.
var baked = []string{"fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linejoin", "stroke-linecap", "opacity",
	"font-family", "font-size", "font-weight", "font-style", "text-anchor", "visibility"}

func bake(from, to js.Value) {
	style := js.Global().Call("getComputedStyle", from)
	for _, p := range baked {
		to.Get("style").Call("setProperty", p, style.Call("getPropertyValue", p))
	}
	to.Call("removeAttribute", "class")
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
