//go:build !js

package e2e

import (
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
  go.argv = ["f32.test", ...flags];
  go.exit = (c) => { code = c; };
  const program = await WebAssembly.instantiateStreaming(fetch("f32.wasm"), go.importObject);
  await go.run(program.instance);
  return {code, text};
}
</script>`

// TestKernels runs the tests of package f32 in the browser: SIMD128 as this browser compiles it, after the loads were
// joined, against the scalar loops and against the hash that every machine must find, with NaN, infinities and denormals
// among the numbers.
func TestKernels(t *testing.T) {
	dir := t.TempDir()
	tc, err := build.FindToolchain(t.Context(), dir, build.NewLog(os.Stderr))
	must(t, err)
	root, err := build.Root(".")
	must(t, err)
	file := filepath.Join(dir, "f32.wasm")
	if out, err := tc.Command(t.Context(), root, "test", "-c", "-o", file, "./kernels/f32").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := os.ReadFile(file)
	must(t, err)
	program, sites, err := splat.Patch(program)
	must(t, err)
	script, err := tc.WasmExec()
	must(t, err)
	files := map[string][]byte{"/": []byte(kernelPage), "/f32.wasm": program, "/wasm_exec.js": script}
	types := map[string]string{"/": "text/html", "/f32.wasm": "application/wasm", "/wasm_exec.js": "text/javascript"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", types[r.URL.Path])
		w.Write(files[r.URL.Path])
	}))
	defer server.Close()
	tab, err := world.browser.Private()
	must(t, err)
	defer tab.Close()
	must(t, tab.Open(server.URL))
	type result struct {
		Code int
		Text string
	}
	// The two that are skipped read source files.
	got, err := browser.Eval[result](tab, 300*time.Second, `runTests("-test.v", "-test.skip=^(TestProductsAreRounded|TestAllKernelsAreCompared)$")`)
	must(t, err)
	if got.Code != 0 || !strings.Contains(got.Text, "--- PASS: TestKernelsAgree") || !strings.Contains(got.Text, "--- PASS: TestSelfTest") {
		t.Errorf("the kernels' tests end with %d in the browser:\n%s", got.Code, got.Text)
	}
	if scalar := strings.Contains(got.Text, "scalar path only"); scalar != (tc.Fallback != "") || scalar != (sites == 0) {
		t.Errorf("scalar only: %v, toolchain %s (%s), %d loads joined", scalar, tc.Version, tc.Fallback, sites)
	}
}
