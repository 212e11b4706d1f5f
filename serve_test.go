//go:build !js

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrongWords shows that words that mean nothing get one line with the nearest choice and status 2, before
// anything is built.
func TestWrongWords(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"exprot":                          "try export",
		"lora":                            "there is no command",
		"-adr 127.0.0.1:9":                "try -addr",
		"-addr 9090":                      "try -addr 127.0.0.1:9090",
		"-addr 127.0.0.1:http":            "try -addr 127.0.0.1:8080",
		"serve now":                       `unexpected "now"`,
		"export":                          "try export -out site",
		"export -output x":                "try -out",
		"export -out " + full:             "name a new or an empty folder",
		"export -out x -base https://a/b": "try -base /b",
		"run lorra":                       "try lora",
		"record":                          "record LAB",
	} {
		var out, errs bytes.Buffer
		status := command(strings.Fields(line), &out, &errs)
		said := strings.TrimSpace(errs.String())
		if status != 2 || out.Len() > 0 || strings.Contains(said, "\n") || !strings.Contains(said, want) {
			t.Errorf("%s: status %d, %q, want one line with %q and status 2", line, status, said, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, line := range []string{"help", "-h", "--help", "export -h"} {
		var out, errs bytes.Buffer
		if status := command(strings.Fields(line), &out, &errs); status != 0 || out.String() != usage {
			t.Errorf("%s: status %d, %q", line, status, errs.String())
		}
	}
	for _, name := range append([]string{"export"}, laboratory...) {
		if !strings.Contains(usage, "go run . "+name) {
			t.Errorf("the help does not name %s", name)
		}
	}
}
