//go:build !js

package pack

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// site is a folder with files of several kinds.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	noise := make([]byte, 5000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for name, text := range map[string][]byte{
		"index.html":            []byte(strings.Repeat("<p>text</p>\n", 300)),
		"web/lab.wasm":          append([]byte("\x00asm"), bytes.Repeat([]byte{1, 2, 3, 5, 8, 13, 21}, 4000)...),
		"web/noise.safetensors": noise,
		"web/data/images.gz":    bytes.Repeat([]byte("a"), 1000),
		"web/icon.png":          bytes.Repeat([]byte("b"), 1000),
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func unpacked(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = brotli.NewReader(f)
	if filepath.Ext(file) == ".gz" {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return text
}

// TestCopiesAreTheSameBytes unpacks every copy, made anew and taken from the cache.
func TestCopiesAreTheSameBytes(t *testing.T) {
	for _, e := range []Effort{Best, Quick} {
		cache := t.TempDir()
		for range 2 {
			dir := site(t)
			if err := Tree(dir, cache, e); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"index.html", "web/lab.wasm"} {
				plain, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				for _, ext := range []string{".br", ".gz"} {
					file := filepath.Join(dir, name+ext)
					if !bytes.Equal(unpacked(t, file), plain) {
						t.Errorf("%s%s holds other bytes", name, ext)
					}
					if info, _ := os.Stat(file); info.Size() > int64(len(plain))/4 {
						t.Errorf("%s%s has %d of %d bytes", name, ext, info.Size(), len(plain))
					}
				}
			}
			for _, name := range []string{"web/noise.safetensors", "web/data/images.gz", "web/icon.png"} {
				for _, ext := range []string{".br", ".gz"} {
					if _, err := os.Stat(filepath.Join(dir, name+ext)); err == nil {
						t.Errorf("%s%s is there", name, ext)
					}
				}
			}
		}
	}
}

// TestUnchangedFilesComeFromTheCache marks the cached copies: the mark arrives, but not for a file that changed.
func TestUnchangedFilesComeFromTheCache(t *testing.T) {
	cache, dir := t.TempDir(), site(t)
	if err := Tree(dir, cache, Quick); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir(cache)
	if err != nil || len(kept) < 4 {
		t.Fatalf("%d copies were kept, %v", len(kept), err)
	}
	for _, k := range kept {
		if err := os.WriteFile(filepath.Join(cache, k.Name()), []byte("mark"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	again := site(t)
	changed := filepath.Join(again, "index.html")
	if err := os.WriteFile(changed, []byte(strings.Repeat("<p>new</p>\n", 300)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Tree(again, cache, Quick); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(again, "web", "lab.wasm.br")); string(text) != "mark" {
		t.Error("an unchanged program was compressed again")
	}
	if plain, _ := os.ReadFile(changed); !bytes.Equal(unpacked(t, changed+".br"), plain) {
		t.Error("a changed page has the copy of another")
	}
	// Another effort makes its own copies.
	if err := Tree(again, cache, Best); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(again, "web", "lab.wasm.br")); string(text) == "mark" {
		t.Error("the best copy is the quick one")
	}
}
