//go:build !js

// Command stage is the program of the stage's iframe; it exists in WebAssembly only. Natively ui/stage draws the same
// pictures.
package main

func main() {}
