//go:build !js

package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"petri/internal/notices"
	"petri/internal/splat"
)

// wasmPrograms are the programs of the site: the page, the kernels of the workers, the stage.
var wasmPrograms = []string{"app", "lab", "stage"}

// Programs is a folder with everything that a site is generated from: app.wasm, lab.wasm, stage.wasm, wasm_exec.js,
// NOTICES and the generator itself.
type Programs struct {
	Dir     string
	Root    string // the module's folder
	Build   string // the build id: a hash of the sources and of the toolchain
	Kernels string // the same of the kernels' sources only
}

// Compile builds the programs, or finds them in the cache.
func Compile(ctx context.Context, root string, log Log) (Programs, error) {
	cache, err := CacheDir()
	if err != nil {
		return Programs{}, err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return Programs{}, err
	}
	tc, err := FindToolchain(ctx, cache, log)
	if err != nil {
		return Programs{}, err
	}
	all, err := Inputs(root)
	if err != nil {
		return Programs{}, err
	}
	kernels, err := inputs(root, kernelSources)
	if err != nil {
		return Programs{}, err
	}
	id := func(parts ...string) string {
		sum := sha256.Sum256([]byte(strings.Join(append(parts, os.Getenv("GOFLAGS")), " ")))
		return hex.EncodeToString(sum[:])[:12]
	}
	p := Programs{Root: root, Build: id(all, tc.Version, runtime.GOOS+"/"+runtime.GOARCH), Kernels: id(kernels, tc.Version)}
	p.Dir = filepath.Join(cache, "programs", p.Build)
	if tc.Fallback != "" {
		log.Printf("warning: %s cannot be had (%s); %s builds the kernels without SIMD, so training is several times slower", WasmGo, tc.Fallback, tc.Version)
	}
	prune(filepath.Join(cache, "programs"), 4, 2*time.Hour)
	return p, once(ctx, p.Dir, func(tmp string) error { return compile(ctx, p, tc, tmp, log) })
}

// compile fills dir. The three programs share one go build, so that what they have in common is compiled once; the
// native generator and the licences are made beside it.
func compile(ctx context.Context, p Programs, tc Toolchain, dir string, log Log) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log.Printf("building with %s (only after a change; the first time takes a minute or two)", tc.Version)
	start := time.Now()
	jobs := []func() error{
		func() error { return compileWasm(ctx, p, tc, dir, log, start) },
		func() error { return compileGenerator(ctx, p, dir, log, start) },
		func() error { return writeNotices(ctx, p, tc, dir) },
	}
	var wait sync.WaitGroup
	var first error
	var failed sync.Once
	for _, job := range jobs {
		wait.Go(func() {
			if err := job(); err != nil {
				failed.Do(func() { first = err; cancel() }) // what else runs is in vain, and fails because of it
			}
		})
	}
	wait.Wait()
	return first
}

func compileWasm(ctx context.Context, p Programs, tc Toolchain, dir string, log Log, start time.Time) error {
	out := filepath.Join(dir, "wasm")
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	// The id of the kernels lets a page notice a worker of another version. Nothing else of the build or of the commit may
	// enter a program: then an update is a new download only of what changed.
	// What draws the pages, and what puts models, trials and reports together, is not inlined, nor what is seldom called: the copies
	// would weigh 150 KB on the page, 20 KB on the stage and 140 KB in the worker, and the time goes elsewhere. A tape spends it in
	// the kernels; what draws scenes and glyphs does not, and would be slower by half.
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -X petri/wasm/bridge.Build=" + p.Kernels}
	for _, seldom := range []string{"petri/ui/page/...", "petri/ui/stage", "petri/ui/state", "petri/ui/own", "petri/wasm/...", "github.com/maxence-charriere/go-app/v9/...", "crypto/...", "text/...", "fmt",
		"petri/kernels/papers/...", "petri/kernels/lab/...", "petri/kernels/nn", "petri/kernels/tape"} {
		args = append(args, "-gcflags="+seldom+"=-l")
	}
	args = append(args, "-o", out+string(filepath.Separator))
	for _, name := range wasmPrograms {
		args = append(args, "./wasm/"+name)
	}
	stop := watch(out, log, start)
	err := run(tc.Command(ctx, p.Root, args...))
	stop()
	if err != nil {
		return err
	}
	for _, name := range wasmPrograms {
		program, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		if name == "lab" {
			patched, sites, err := splat.Patch(program)
			if err != nil {
				return fmt.Errorf("lab.wasm: %w", err)
			}
			if sites > 0 {
				log.Printf("  %-12s %d loads joined with their splat", "lab.wasm", sites)
			}
			program = patched
		}
		if err := os.WriteFile(filepath.Join(dir, name+".wasm"), program, 0o644); err != nil {
			return err
		}
	}
	script, err := tc.WasmExec()
	if err != nil {
		return fmt.Errorf("the toolchain %s lacks its wasm_exec.js: %w", tc.Version, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wasm_exec.js"), script, 0o644); err != nil {
		return err
	}
	return os.RemoveAll(out)
}

// watch reports each program when the linker has put it into the folder.
func watch(out string, log Log, start time.Time) (stop func()) {
	seen := map[string]bool{}
	look := func() {
		for _, name := range wasmPrograms {
			info, err := os.Stat(filepath.Join(out, name))
			if err != nil || seen[name] || info.Size() == 0 {
				continue
			}
			seen[name] = true
			log.Printf("  %-12s %5.1f s", name+".wasm", time.Since(start).Seconds())
		}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		alive := time.NewTicker(15 * time.Second)
		defer alive.Stop()
		for {
			select {
			case <-done:
				look()
				return
			case <-tick.C:
				look()
			case <-alive.C:
				log.Printf("  compiling ... %4.0f s", time.Since(start).Seconds())
			}
		}
	}()
	return func() { close(done); <-gone }
}

func compileGenerator(ctx context.Context, p Programs, dir string, log Log, start time.Time) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, generator()), "./internal/site/generate")
	cmd.Dir = p.Root
	if err := run(cmd); err != nil {
		return err
	}
	log.Printf("  %-12s %5.1f s", "generator", time.Since(start).Seconds())
	return nil
}

// generator is the file name of the native program that writes the pages.
func generator() string {
	if runtime.GOOS == "windows" {
		return "generate.exe"
	}
	return "generate"
}

func writeNotices(ctx context.Context, p Programs, tc Toolchain, dir string) error {
	packages := make([]string, len(wasmPrograms))
	for i, name := range wasmPrograms {
		packages[i] = "./wasm/" + name
	}
	out, err := output(tc.Command(ctx, p.Root, append([]string{"list", "-deps", "-f", notices.ListFormat}, packages...)...))
	if err != nil {
		return err
	}
	text, err := notices.Text(p.Root, tc.GOROOT, string(out))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "NOTICES"), text, 0o644)
}

// run runs a command and returns what it said when it failed.
func run(cmd *exec.Cmd) error {
	_, err := output(cmd)
	return err
}

func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args[:2], " "), err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
