//go:build !js

// Package build turns this repository into a static site: it compiles the three WebAssembly programs with the Go
// toolchain that knows SIMD128, patches the kernels, collects the licences and runs the site generator.
//
// Everything is cached by the contents of the sources, in the user's cache folder, so that a second start and every
// browser test reuse the first build.
package build

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Root returns the folder of Petri's module: dir or the nearest folder above it whose go.mod names it.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if isPetri(filepath.Join(at, "go.mod")) {
			return at, nil
		}
		if filepath.Dir(at) == at {
			return "", fmt.Errorf("%s is not inside Petri's source folder; change into the folder that holds serve.go", dir)
		}
	}
}

func isPetri(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name) == "petri"
		}
	}
	return false
}

// CacheDir is where builds are kept: a folder of Petri's own in the user's cache, or in the temporary folder where the
// user has none. PETRI_CACHE chooses another.
func CacheDir() (string, error) {
	if dir := os.Getenv("PETRI_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	dir := filepath.Join(base, "petri")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		fallback := filepath.Join(os.TempDir(), "petri")
		return fallback, errors.Join(os.MkdirAll(fallback, 0o755))
	}
	return dir, nil
}
