//go:build js

// Command page measures the engine in a browser: it leaves the report as JSON in the page's variable petriBench.
package main

import (
	"encoding/json"
	"syscall/js"

	"petri/kernels/bench"
)

func main() {
	performance := js.Global().Get("performance")
	clock := func() float64 { return performance.Call("now").Float() }
	text, err := json.Marshal(bench.Measure(clock, 1000))
	if err != nil {
		panic(err)
	}
	js.Global().Set("petriBench", string(text))
}
