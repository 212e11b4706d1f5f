//go:build !js

package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRootIsFoundFromBelow(t *testing.T) {
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "serve.go")); err != nil {
		t.Errorf("%s holds no serve.go", root)
	}
	if _, err := Root(t.TempDir()); err == nil || !strings.Contains(err.Error(), "source folder") {
		t.Errorf("outside of Petri: %v", err)
	}
}

func TestCleanBase(t *testing.T) {
	for base, want := range map[string]string{"": "", "/": "", "repo": "/repo", "/repo": "/repo", "/repo/": "/repo", "/a/b": "/a/b"} {
		if got, err := CleanBase(base); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", base, got, err, want)
		}
	}
	for base, near := range map[string]string{"https://x.github.io/repo": "-base /repo", "/a/../b": "-base /b", "/my site": "-base /mysite", "/a//b": "-base /b", "/..": "-base /repo", "/a?b": "-base /ab"} {
		if _, err := CleanBase(base); err == nil || !strings.HasSuffix(err.Error(), "try "+near) {
			t.Errorf("%q: %v; want a suggestion of %s", base, err, near)
		}
	}
}

func TestMayReplace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	full := filepath.Join(dir, "full")
	earlier := filepath.Join(dir, "earlier")
	empty := filepath.Join(dir, "empty")
	for _, d := range []string{full, earlier, empty} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{file, filepath.Join(full, "thesis.tex"), filepath.Join(earlier, Marker)} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, may := range map[string]bool{file: false, full: false, earlier: true, empty: true, filepath.Join(dir, "absent"): true} {
		if err := MayReplace(path); (err == nil) != may {
			t.Errorf("%s: %v, want replaceable %v", filepath.Base(path), err, may)
		}
	}
}

// TestOnceBuildsOnce lets many ask for the same folder at the same time: one makes it, all get it whole.
func TestOnceBuildsOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "builds", "id")
	var made atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			err := once(t.Context(), dir, func(tmp string) error {
				made.Add(1)
				time.Sleep(50 * time.Millisecond)
				return os.WriteFile(filepath.Join(tmp, "whole"), []byte("yes"), 0o644)
			})
			if err != nil {
				t.Error(err)
			}
			if text, _ := os.ReadFile(filepath.Join(dir, "whole")); string(text) != "yes" {
				t.Error("once returned before the folder was whole")
			}
		})
	}
	wait.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("built %d times", n)
	}
	left, _ := os.ReadDir(filepath.Dir(dir))
	if len(left) != 1 {
		t.Errorf("it left %v behind", left)
	}
}

func TestOnceAfterAFailureAndAKilledOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "id")
	wrong := errors.New("does not compile")
	if err := once(t.Context(), dir, func(string) error { return wrong }); !errors.Is(err, wrong) {
		t.Fatalf("error %v", err)
	}
	// A lock whose owner was killed is old; it must not block.
	lock := dir + ".lock"
	if err := os.WriteFile(lock, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * lockStale)
	if err := os.Chtimes(lock, old, old); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := once(ctx, dir, func(tmp string) error { return os.WriteFile(filepath.Join(tmp, "x"), nil, 0o644) }); err != nil {
		t.Error(err)
	}
	// A lock whose owner lives is waited for, as long as the caller wants.
	busy := filepath.Join(filepath.Dir(dir), "busy")
	if err := os.WriteFile(busy+".lock", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	short, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if err := once(short, busy, func(string) error { t.Error("built in spite of the lock"); return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestInputsNoticeEveryChange(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hash := func() string {
		h, err := Inputs(root)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	write("go.mod", "module petri")
	write("kernels/f32/a.go", "package f32")
	write("assets/weights/w", "1")
	first := hash()
	write("kernels/f32/a_test.go", "package f32")
	write("README.md", "read me")
	write("kernels/f32/testdata/x", "x")
	if hash() != first {
		t.Error("tests and texts that no build reads made a new build")
	}
	write("assets/weights/w", "2")
	second := hash()
	if second == first {
		t.Error("a changed weight file made no new build")
	}
	write("kernels/f32/b.s", "TEXT")
	if hash() == second {
		t.Error("a new source file made no new build")
	}
}

// TestKernelsKeepTheirId changes what visitors see: the id that is linked into the kernels stays, so their file does too.
func TestKernelsKeepTheirId(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	id := func() string {
		h, err := inputs(root, kernelSources)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for _, name := range []string{"go.mod", "kernels/f32/a.go", "wasm/lab/main.go", "assets/assets.go", "assets/weights/manifest.json", "assets/css/a.css", "ui/page/a.go", "internal/site/a.go", "wasm/app/main.go"} {
		write(name, "1")
	}
	first := id()
	for _, name := range []string{"assets/css/a.css", "ui/page/a.go", "internal/site/a.go", "wasm/app/main.go", "assets/weights/w.safetensors"} {
		write(name, "2")
		if id() != first {
			t.Errorf("%s made other kernels", name)
		}
	}
	for _, name := range []string{"go.mod", "kernels/f32/a.go", "wasm/lab/main.go", "assets/weights/manifest.json"} {
		before := id()
		write(name, "2")
		if id() == before {
			t.Errorf("%s made no other kernels", name)
		}
	}
}

func TestPruneKeepsWhatIsUsed(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{"a": 0, "b": time.Hour, "c": 3 * time.Hour, "d": 4 * time.Hour} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, name), used, used); err != nil {
			t.Fatal(err)
		}
	}
	prune(dir, 3, 2*time.Hour)
	left, _ := os.ReadDir(dir)
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, ""); got != "abc" {
		t.Errorf("left %s, want abc: the three newest", got)
	}
	prune(dir, 1, 2*time.Hour)
	left, _ = os.ReadDir(dir)
	if len(left) != 2 {
		t.Errorf("%d left, want 2: those used within two hours stay", len(left))
	}
}

func TestToolchainFallsBackAndRemembers(t *testing.T) {
	cache := t.TempDir()
	if err := os.WriteFile(filepath.Join(cache, "no-"+WasmGo), []byte("no network"), 0o644); err != nil {
		t.Fatal(err)
	}
	tc, err := FindToolchain(t.Context(), cache, Log{})
	if err != nil {
		t.Fatal(err)
	}
	if tc.Fallback != "no network" || tc.Version == "" {
		t.Errorf("toolchain %+v: the remembered failure was not believed", tc)
	}
	if env := tc.Command(t.Context(), cache, "version").Env; tc.Version != WasmGo && !slices.Contains(env, "GOEXPERIMENT=") {
		t.Errorf("%s is told of an experiment that it may not know", tc.Version)
	}
	if env := (Toolchain{Version: WasmGo}).Command(t.Context(), cache, "version").Env; !slices.Contains(env, "GOEXPERIMENT=nojsonv2") {
		t.Errorf("%s compiles encoding/json/v2 into the programs", WasmGo)
	}
	if _, err := tc.WasmExec(); err != nil {
		t.Errorf("the local toolchain has no wasm_exec.js: %v", err)
	}
}
