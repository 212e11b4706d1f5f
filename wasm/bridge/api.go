//go:build js

package bridge

import (
	"encoding/json"
	"fmt"
	"syscall/js"
)

// API is what window.petri offers to scripts: embedding pages, notebooks and tests.
type API struct {
	Labs func() any // marshalled to JSON
	// Run starts a run. knobs are canonical texts by name; settle must be called once, with the report or an error.
	Run    func(lab string, knobs map[string]string, event func(any), settle func(report any, err error))
	Cancel func()
}

// Publish sets window.petri.
func Publish(api API) {
	o := jsObject.New()
	o.Set("build", Build)
	o.Set("labs", js.FuncOf(func(js.Value, []js.Value) any {
		defer Guard("petri.labs", nil)
		return toJS(api.Labs())
	}))
	o.Set("cancel", js.FuncOf(func(js.Value, []js.Value) any {
		defer Guard("petri.cancel", nil)
		api.Cancel()
		return nil
	}))
	o.Set("run", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func(settle func(any, error)) { start(api, args, settle) })
	}))
	js.Global().Set("petri", o)
}

// start reads the arguments of petri.run(lab, {knobs, seed, onEvent}).
func start(api API, args []js.Value, settle func(any, error)) {
	if first(args).Type() != js.TypeString {
		settle(nil, fmt.Errorf("petri.run needs the name of a lab, as in petri.run(\"lora\")"))
		return
	}
	options := js.Undefined()
	if len(args) > 1 {
		options = args[1]
	}
	knobs := map[string]string{}
	event := func(any) {}
	if options.Type() == js.TypeObject {
		if k := options.Get("knobs"); k.Type() == js.TypeObject {
			names := jsObject.Call("keys", k)
			for i := range names.Length() {
				name := names.Index(i).String()
				// An array such as arms: ["head", "qv:4"] becomes "head,qv:4", which is how links write it.
				knobs[name] = js.Global().Call("String", k.Get(name)).String()
			}
		}
		if s := options.Get("seed"); !s.IsUndefined() && !s.IsNull() {
			knobs["seed"] = js.Global().Call("String", s).String()
		}
		if f := options.Get("onEvent"); f.Type() == js.TypeFunction {
			event = func(v any) {
				if err := try(func() { f.Invoke(toJS(v)) }); err != nil {
					js.Global().Get("console").Call("error", "petri.run: onEvent: "+err.Error())
				}
			}
		}
	}
	api.Run(args[0].String(), knobs, event, settle)
}

// promise makes a JavaScript promise that begin settles, at once or later.
func promise(begin func(settle func(any, error))) js.Value {
	var executor js.Func
	executor = js.FuncOf(func(_ js.Value, args []js.Value) any {
		resolve, reject := args[0], args[1]
		settle := func(v any, err error) {
			if err != nil {
				reject.Invoke(js.Global().Get("Error").New(err.Error()))
				return
			}
			resolve.Invoke(toJS(v))
		}
		defer executor.Release()
		defer Guard("petri.run", func(err error) { settle(nil, err) })
		begin(settle)
		return nil
	})
	return js.Global().Get("Promise").New(executor)
}

// toJS hands a value over as plain JavaScript data, by way of JSON.
func toJS(v any) js.Value {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own plain structs: only a number that is not finite can fail
	}
	return js.Global().Get("JSON").Call("parse", string(text))
}
