//go:build !js

package names

import "testing"

func TestAChangedByteChangesTheName(t *testing.T) {
	a, b := Path("js/worker.js", []byte("let x = 1")), Path("js/worker.js", []byte("let x = 2"))
	if a == b {
		t.Errorf("two contents have the name %s", a)
	}
	if again := Path("js/worker.js", []byte("let x = 1")); again != a {
		t.Errorf("one content has the names %s and %s", a, again)
	}
	// The first eight digits of the SHA-256 of no bytes at all.
	if got := Path("data/images.gz", nil); got != "web/data/images.e3b0c442.gz" {
		t.Errorf("name %s", got)
	}
}

func TestHashed(t *testing.T) {
	for name, want := range map[string]bool{
		"web/lab.3f2a91c0.wasm": true, "/repo/web/data/images.e3b0c442.gz": true, Path("a/b.js", []byte("x")): true,
		"web/data/README.md": false, "index.html": false, "app-worker.js": false, "petri-files.json": false,
		"web/lab.3f2a91c.wasm": false, "web/lab.3F2A91C0.wasm": false, "web/lab.wasm": false, "3f2a91c0.wasm": false,
		"web/lab.3f2a91c0.wasm.br": false, // the copy is never asked for by its own name
	} {
		if Hashed(name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
	}
}
