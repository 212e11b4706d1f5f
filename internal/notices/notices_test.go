//go:build !js

package notices

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestText(t *testing.T) {
	dir := tree(t, map[string]string{
		"petri/LICENSE":             "our licence",
		"go/LICENSE":                "licence of Go",
		"mod/a/LICENSE.md":          "licence of a",
		"mod/a/inner/COPYING":       "licence of the code inside a",
		"mod/a/other/LICENSE":       "licence of a package that is not linked",
		"mod/a/licence_template.go": "no licence",
		"mod/b/LICENCE":             "licence of b",

		"mod/b/THIRD_PARTY_LICENSES/Cephes": "licence of what b took over",
	})
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	list := strings.Join([]string{
		"",
		"petri\t\t" + at("petri") + "\t" + at("petri/kernels"),
		"example.org/b\tv1.0.0\t" + at("mod/b") + "\t" + at("mod/b"),
		"example.org/a\tv2.0.0\t" + at("mod/a") + "\t" + at("mod/a/inner/deep"),
		"example.org/a\tv2.0.0\t" + at("mod/a") + "\t" + at("mod/a"),
	}, "\n")
	if err := os.MkdirAll(at("mod/a/inner/deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := Text(at("petri"), at("go"), list)
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	last := -1
	for _, want := range []string{"our licence", "licence of Go", "example.org/a v2.0.0 (LICENSE.md)", "licence of the code inside a", "example.org/b v1.0.0 (LICENCE)", "licence of b", "licence of what b took over"} {
		at := strings.Index(text, want)
		if at <= last {
			t.Errorf("%q is missing or out of order", want)
		}
		last = at
	}
	for _, not := range []string{"not linked", "no licence"} {
		if strings.Contains(text, not) {
			t.Errorf("it holds %q", not)
		}
	}
}

func TestTextRefusesCodeWithoutALicence(t *testing.T) {
	dir := tree(t, map[string]string{"petri/LICENSE": "ours", "go/LICENSE": "Go's", "mod/a/a.go": "package a"})
	mod := filepath.Join(dir, "mod", "a")
	_, err := Text(filepath.Join(dir, "petri"), filepath.Join(dir, "go"), "example.org/a\tv1.0.0\t"+mod+"\t"+mod)
	if err == nil || !strings.Contains(err.Error(), "example.org/a v1.0.0 has no licence file") {
		t.Errorf("error %v", err)
	}
}
