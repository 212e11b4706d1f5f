//go:build !js

package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
	"petri/internal/build"
	"petri/internal/splat"
)

// kernelPage runs a test program of Go with the flags it is given and collects what it prints.
const kernelPage = `<!doctype html><link rel=icon href="data:,"><script src="wasm_exec.js"></script><script>
async function runTests(...flags) {
  let text = "", code = -1;
  const decoder = new TextDecoder();
  globalThis.fs.writeSync = (_, bytes) => { text += decoder.decode(bytes); return bytes.length; };
  globalThis.fs.write = (fd, bytes, offset, length, position, done) => done(null, globalThis.fs.writeSync(fd, bytes));
  const go = new Go();
  go.argv = ["package.test", ...flags];
  go.exit = (c) => { code = c; };
  const program = await WebAssembly.instantiateStreaming(fetch("package.wasm"), go.importObject);
  await go.run(program.instance);
  return {code, text};
}
</script>`

// packageTests runs the tests of a package in the browser, with the flags of a test program, and returns what they printed.
func packageTests(t *testing.T, pkg string, flags ...string) (text string, tc build.Toolchain, joined int) {
	t.Helper()
	dir := t.TempDir()
	tc, err := build.FindToolchain(t.Context(), dir, build.NewLog(os.Stderr))
	must(t, err)
	root, err := build.Root(".")
	must(t, err)
	file := filepath.Join(dir, "package.wasm")
	if out, err := tc.Command(t.Context(), root, "test", "-c", "-o", file, pkg).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := os.ReadFile(file)
	must(t, err)
	program, joined, err = splat.Patch(program)
	must(t, err)
	script, err := tc.WasmExec()
	must(t, err)
	files := map[string][]byte{"/": []byte(kernelPage), "/package.wasm": program, "/wasm_exec.js": script}
	types := map[string]string{"/": "text/html", "/package.wasm": "application/wasm", "/wasm_exec.js": "text/javascript"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", types[r.URL.Path])
		w.Write(files[r.URL.Path])
	}))
	defer server.Close()
	tab, err := world.browser.Private()
	must(t, err)
	defer tab.Close()
	must(t, tab.Open(server.URL))
	list, err := json.Marshal(append([]string{"-test.v"}, flags...))
	must(t, err)
	got, err := browser.Eval[struct {
		Code int
		Text string
	}](tab, 300*time.Second, `runTests(...`+string(list)+`)`)
	must(t, err)
	if got.Code != 0 {
		t.Errorf("the tests of %s end with %d in the browser:\n%s", pkg, got.Code, got.Text)
	}
	return got.Text, tc, joined
}

// TestKernels runs the tests of package f32 in the browser: SIMD128 as this browser compiles it, after the loads were
// joined, against the scalar loops and against the hash that every machine must find, with NaN, infinities and denormals
// among the numbers.
func TestKernels(t *testing.T) {
	// The two that are skipped read source files.
	text, tc, sites := packageTests(t, "./kernels/f32", "-test.skip=^(TestProductsAreRounded|TestAllKernelsAreCompared)$")
	if !strings.Contains(text, "--- PASS: TestKernelsAgree") || !strings.Contains(text, "--- PASS: TestSelfTest") {
		t.Errorf("the kernels were not compared in the browser:\n%s", text)
	}
	if scalar := strings.Contains(text, "scalar path only"); scalar != (tc.Fallback != "") || scalar != (sites == 0) {
		t.Errorf("scalar only: %v, toolchain %s (%s), %d loads joined", scalar, tc.Version, tc.Fallback, sites)
	}
}

// TestFrozenScenes draws the frozen scenes in the browser: pictures, depths and owners have the hash that they have natively.
func TestFrozenScenes(t *testing.T) {
	if text, _, _ := packageTests(t, "./kernels/data/scenes", "-test.run=^TestFrozen"); !strings.Contains(text, "--- PASS: TestFrozenScenesAreDrawnAgain") {
		t.Errorf("the frozen scenes were not drawn in the browser:\n%s", text)
	}
}
