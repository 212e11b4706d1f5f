//go:build js

package bridge

import (
	"fmt"
	"runtime/debug"
	"syscall/js"
)

// Guard turns a panic into an error for report; call it with defer. Without it the panic ends the program.
func Guard(where string, report func(error)) {
	e := recover()
	if e == nil {
		return
	}
	err := fmt.Errorf("%s stopped by a fault in the program: %v", where, e)
	js.Global().Get("console").Call("error", err.Error()+"\n"+string(debug.Stack()))
	if report != nil {
		report(err)
	}
}

// Go runs f in a goroutine that cannot end the program.
func Go(where string, f func()) {
	go func() {
		defer Guard(where, nil)
		f()
	}()
}

// callback wraps a Go function for JavaScript. The caller releases it, or keeps it for the life of the page.
func callback(where string, f func(args []js.Value)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Guard(where, nil)
		f(args)
		return nil
	})
}

// await waits for a promise. It must not be called from a callback: nothing could settle the promise then.
func await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	then := callback("a promise", func(args []js.Value) { done <- outcome{value: first(args)} })
	fail := callback("a promise", func(args []js.Value) { done <- outcome{err: jsError(first(args))} })
	defer then.Release()
	defer fail.Release()
	promise.Call("then", then, fail)
	o := <-done
	return o.value, o.err
}

func first(args []js.Value) js.Value {
	if len(args) == 0 {
		return js.Undefined()
	}
	return args[0]
}

// jsError gives the text of a thrown or rejected value.
func jsError(v js.Value) error {
	if v.Type() == js.TypeObject && v.Get("message").Type() == js.TypeString {
		return fmt.Errorf("%s", v.Get("message").String())
	}
	return fmt.Errorf("%s", js.Global().Call("String", v).String())
}

// try runs f and returns what JavaScript threw in it as an error.
func try(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case js.Error:
			err = jsError(e.Value)
		default:
			panic(e)
		}
	}()
	f()
	return nil
}
