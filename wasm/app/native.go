//go:build !js

// Command app is the program of the pages; it exists in WebAssembly only. Natively ui/page renders the same pages for
// the site generator.
package main

func main() {}
