//go:build js

package bridge

import (
	"encoding/json"
	"fmt"
	"syscall/js"
	"unsafe"

	"petri/kernels/lab/wire"
)

var (
	jsObject     = js.Global().Get("Object")
	jsArray      = js.Global().Get("Array")
	jsUint8Array = js.Global().Get("Uint8Array")
)

// post sends a message: {h: header as JSON, b: [ArrayBuffer of float32 ...], x: ArrayBuffer or null}. The buffers are
// transferred; target is a Worker or a worker's own global.
func post[T any](target js.Value, m wire.Message[T]) error {
	head, err := json.Marshal(m.Head)
	if err != nil {
		return err
	}
	o, list, move := jsObject.New(), jsArray.New(), jsArray.New()
	for _, b := range m.Buffers {
		buffer := bytesToJS(floatBytes(b)).Get("buffer")
		list.Call("push", buffer)
		move.Call("push", buffer)
	}
	o.Set("h", string(head))
	o.Set("b", list)
	o.Set("x", js.Null())
	if m.Bytes != nil {
		buffer := bytesToJS(m.Bytes).Get("buffer")
		o.Set("x", buffer)
		move.Call("push", buffer)
	}
	return try(func() { target.Call("postMessage", o, move) })
}

// read takes apart what post sent.
func read[T any](o js.Value) (m wire.Message[T], err error) {
	if o.Type() != js.TypeObject || o.Get("h").Type() != js.TypeString {
		return m, fmt.Errorf("%w: it has no header", wire.ErrMessage)
	}
	if err := json.Unmarshal([]byte(o.Get("h").String()), &m.Head); err != nil {
		return m, fmt.Errorf("%w: header: %v", wire.ErrMessage, err)
	}
	list := o.Get("b")
	for i := range list.Length() {
		raw := jsUint8Array.New(list.Index(i))
		b := make([]float32, raw.Length()/4)
		js.CopyBytesToGo(floatBytes(b), raw)
		m.Buffers = append(m.Buffers, b)
	}
	if x := o.Get("x"); x.Truthy() {
		m.Bytes = bytesToGo(jsUint8Array.New(x))
	}
	return m, nil
}

// floatBytes views float32 values as bytes. WebAssembly is little-endian, and so is the layout of messages.
func floatBytes(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

func bytesToJS(b []byte) js.Value {
	a := jsUint8Array.New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

func bytesToGo(a js.Value) []byte {
	b := make([]byte, a.Length())
	js.CopyBytesToGo(b, a)
	return b
}
