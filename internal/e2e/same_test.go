//go:build !js

package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"petri/internal/build"
)

// TestGeneratedTwice generates the site again: every file must be the same to the byte, or each build would be an
// update that nobody needs.
func TestGeneratedTwice(t *testing.T) {
	again := t.TempDir()
	must(t, build.Generate(t.Context(), world.programs, "/repo", again, build.Quick))
	files := 0
	must(t, filepath.WalkDir(again, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(again, path)
		must(t, err)
		a, err := os.ReadFile(path)
		must(t, err)
		b, err := os.ReadFile(filepath.Join(world.sites["/repo"], rel))
		must(t, err)
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs from one generation to the next", rel)
		}
		files++
		return nil
	}))
	if files < 20 {
		t.Errorf("the site has only %d files", files)
	}
}

// TestExport exports over an earlier export, but not over anybody's files.
func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	must(t, build.Export(t.Context(), world.programs, "/repo", dir, build.Quick))
	notices, err := os.ReadFile(filepath.Join(dir, "NOTICES.txt"))
	must(t, err)
	for _, want := range []string{"The Petri authors", "The Go standard library", "go-app", "ebiten", "gonum"} {
		if !bytes.Contains(notices, []byte(want)) {
			t.Errorf("the notices do not name %s", want)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "left-over.html"), nil, 0o644))
	must(t, build.Export(t.Context(), world.programs, "", dir, build.Quick))
	if _, err := os.Stat(filepath.Join(dir, "left-over.html")); err == nil {
		t.Error("a second export left a file of the first behind")
	}
	must(t, os.Remove(filepath.Join(dir, build.Marker)))
	if err := build.Export(t.Context(), world.programs, "", dir, build.Quick); err == nil {
		t.Error("an export replaced a folder that is not marked as one")
	}
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
		t.Error("a refused export touched the folder")
	}
}
