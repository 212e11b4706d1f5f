//go:build !js

// Command page measures the engine in a browser and does nothing elsewhere.
package main

func main() {}
