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
	Run func(lab string, knobs map[string]string, event func(any), settle func(report any, err error))
	// Bench measures this machine. Budget, where it is above 0, is the milliseconds for each case.
	Bench  func(quick bool, budget float64, event func(any), settle func(report any, err error))
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
	o.Set("bench", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func(settle func(any, error)) {
			quick, budget, event := false, 0.0, func(any) {}
			if options := first(args); options.Type() == js.TypeObject {
				quick, event = options.Get("quick").Truthy(), listener("petri.bench", options)
				if b := options.Get("budget"); b.Type() == js.TypeNumber {
					budget = b.Float()
				}
			}
			api.Bench(quick, budget, event, settle)
		})
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
		event = listener("petri.run", options)
	}
	api.Run(args[0].String(), knobs, event, settle)
}

// listener is the onEvent of a call's options.
func listener(of string, options js.Value) func(any) {
	f := options.Get("onEvent")
	if f.Type() != js.TypeFunction {
		return func(any) {}
	}
	return func(v any) {
		if err := try(func() { f.Invoke(toJS(v)) }); err != nil {
			js.Global().Get("console").Call("error", of+": onEvent: "+err.Error())
		}
	}
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
