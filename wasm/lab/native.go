//go:build !js

// Command lab is the program of the workers; it exists in WebAssembly only. Natively the same Session runs under
// `go run . run`.
package main

func main() {}
