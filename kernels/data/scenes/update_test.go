//go:build !js

package scenes

import (
	"flag"
	"os"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "freeze the scenes as they are drawn now")

// write puts the frozen scenes into their file and their hash into the source.
func write(t *testing.T, file []byte, hash string) {
	src, err := os.ReadFile("frozen.go")
	if err != nil {
		t.Fatal(err)
	}
	src = regexp.MustCompile(`const Frozen = ".*"`).ReplaceAll(src, []byte(`const Frozen = "`+hash+`"`))
	for name, b := range map[string][]byte{"frozen.go": src, "testdata/frozen.bin": file} {
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
