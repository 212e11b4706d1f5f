//go:build js

package main

import (
	"syscall/js"

	"petri/ui/stage"
)

// plainly returns what asks for a drawing without Ebiten: the pixels of a stage are handed to the document's own canvas
// (petriPaint in stage.html), once before the browser shows its next picture.
func plainly(s *stage.Stage) (draw func()) {
	asked := false
	array := js.Global().Get("Uint8ClampedArray")
	var pixels js.Value // reused while the size stays
	paint := js.FuncOf(func(js.Value, []js.Value) any {
		asked = false
		img := s.Paint()
		if pixels.IsUndefined() || pixels.Length() != len(img.Pix) {
			pixels = array.New(len(img.Pix))
		}
		js.CopyBytesToJS(pixels, img.Pix) // every pixel is opaque, so it does not matter that Go has them premultiplied
		js.Global().Call("petriPaint", pixels, img.Rect.Dx(), img.Rect.Dy())
		return nil
	})
	return func() {
		if !asked {
			asked = true
			js.Global().Call("requestAnimationFrame", paint)
		}
	}
}
