//go:build !js

package build

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// WasmGo is the toolchain that compiles the WebAssembly programs: the first line of Go whose assembler knows the
// SIMD128 instructions of the kernels, pinned so that everybody ships the same code.
const WasmGo = "go1.27.4"

// Toolchain is a Go toolchain that can compile for js/wasm.
type Toolchain struct {
	Version  string // "go1.27.4"
	GOROOT   string
	Fallback string // why it is not WasmGo; "" when it is
	env      string // GOTOOLCHAIN=...
}

// FindToolchain returns WasmGo, fetched by the go command where it is not there yet, or the local toolchain where it
// cannot be had: then the kernels are scalar, correct to the same bits and slower. A failed fetch is remembered for a
// day in cache, so that an offline start does not wait for the network each time.
func FindToolchain(ctx context.Context, cache string, log Log) (Toolchain, error) {
	failed := filepath.Join(cache, "no-"+WasmGo)
	why := ""
	if info, err := os.Stat(failed); err == nil && time.Since(info.ModTime()) < 24*time.Hour {
		text, _ := os.ReadFile(failed)
		why = string(text)
	}
	if why == "" {
		slow := time.AfterFunc(1500*time.Millisecond, func() {
			log.Printf("fetching the toolchain %s, once (about 70 MB) ...", WasmGo)
		})
		tc, err := askToolchain(ctx, "GOTOOLCHAIN="+WasmGo)
		slow.Stop()
		if err == nil {
			return tc, nil
		}
		if ctx.Err() != nil {
			return Toolchain{}, ctx.Err()
		}
		why = firstLine(err.Error())
		os.WriteFile(failed, []byte(why), 0o644) // best effort: it only saves time
	}
	tc, err := askToolchain(ctx, "GOTOOLCHAIN=local")
	if err != nil {
		return Toolchain{}, fmt.Errorf("the go command does not work: %w", err)
	}
	tc.Fallback = why
	return tc, nil
}

func askToolchain(ctx context.Context, env string) (Toolchain, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOROOT")
	cmd.Env = append(os.Environ(), env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			err = fmt.Errorf("%s", text)
		}
		return Toolchain{}, err
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(out)), "\r\n", "\n"), "\n")
	if len(lines) != 2 {
		return Toolchain{}, fmt.Errorf("go env said %q", out)
	}
	return Toolchain{Version: lines[0], GOROOT: lines[1], env: env}, nil
}

// Command is a go command of this toolchain for js/wasm, run in the module's folder.
func (t Toolchain) Command(ctx context.Context, root string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), t.env, "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT="+t.experiment(), "GOWASM=")
	return cmd
}

// experiment is what the programs are compiled with besides the defaults. WasmGo's encoding/json stands on
// encoding/json/v2, which takes a quarter of a megabyte of each program (gzip -9) and is no faster here; "nojsonv2"
// is Go's own switch to the package as it was. A later Go will drop the switch, so no other toolchain is told of it.
func (t Toolchain) experiment() string {
	if t.Version == WasmGo {
		return "nojsonv2"
	}
	return ""
}

// WasmExec returns the script that starts a Go program in the browser. It belongs to the toolchain that compiled it.
func (t Toolchain) WasmExec() ([]byte, error) {
	return os.ReadFile(filepath.Join(t.GOROOT, "lib", "wasm", "wasm_exec.js"))
}

func firstLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for _, l := range lines {
		if !strings.HasPrefix(l, "go: downloading") {
			return strings.TrimSpace(l)
		}
	}
	return lines[0]
}
