package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is checked in is what this program writes.
func TestKernelsAreFresh(t *testing.T) {
	for name, want := range render() {
		got, err := os.ReadFile(filepath.Join("..", "..", "kernels", "f32", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("kernels/f32/%s is stale: run go generate ./kernels/f32", name)
		}
	}
}

// No instruction that rounds once for a product and a sum.
func TestNothingFuses(t *testing.T) {
	for name, text := range render() {
		for _, fused := range []string{"FMADD", "FMSUB", "FNMADD", "Relaxed", "Madd", "Nmadd"} {
			if strings.Contains(text, fused) {
				t.Errorf("%s holds %s", name, fused)
			}
		}
	}
}
