// Asmgen writes the vectorised kernels of package f32 as Go assembly: WebAssembly SIMD128 for wasm, AVX2 for amd64.
//
// Each kernel is described once, in terms of pointers, counters and vectors with names, and rendered for both machines
// (see machine). The order in which the numbers of one element are combined is the one that the scalar kernel of f32
// documents; no instruction fuses a product and a sum.
//
// Run it by go generate in kernels/f32; it writes into the working directory. A test compares what is checked in.
package main

import (
	"log"
	"os"
)

func main() {
	for name, text := range render() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
