//go:build !js

package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	measure "petri/kernels/bench"

	"petri/internal/browser"
	"petri/internal/build"
	"petri/internal/splat"
)

const benchUsage = "bench [-browser]"

// benchBudget is how long each row is measured natively, in milliseconds.
const benchBudget = 600

// bench prints what the kernels reach here, and in a browser if asked to.
func bench(c *call) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	inBrowser := flags.Bool("browser", false, "measure in a headless browser as well")
	if _, err := c.parse(flags, 0, benchUsage); err != nil {
		return err
	}
	start := time.Now()
	clock := func() float64 { return float64(time.Since(start)) / float64(time.Millisecond) }
	printBench(c, "natively, "+machine()+", one core used", measure.Measure(clock, benchBudget))
	if !*inBrowser {
		return nil
	}
	r, err := benchInBrowser(context.Background(), c)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.stdout)
	printBench(c, "in a browser, one worker", r)
	return nil
}

func printBench(c *call, where string, r measure.Report) {
	fmt.Fprintf(c.stdout, "%s, %s:\n", where, r.Path)
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  what\tbest\tscalar\tratio\t")
	for _, row := range r.Rows {
		rate := ""
		if row.FLOP > 0 {
			rate = fmt.Sprintf("  %.1f GFLOP/s", row.FLOP/row.Fast/1e6)
		}
		fmt.Fprintf(t, "  %s\t%.4g ms\t%.4g ms\t%.1f\t%s\n", row.Name, row.Fast, row.Scalar, row.Scalar/row.Fast, rate)
	}
	t.Flush()
}

// benchInBrowser builds the measuring program as the site's are built and runs it in a headless browser.
func benchInBrowser(ctx context.Context, c *call) (measure.Report, error) {
	var r measure.Report
	dir, err := os.MkdirTemp("", "petri-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	if err := buildBench(ctx, dir, build.NewLog(c.stderr)); err != nil {
		return r, err
	}
	path, err := browser.Ensure(ctx, c.stderr)
	if err != nil {
		return r, err
	}
	b, err := browser.Start(ctx, path)
	if err != nil {
		return r, err
	}
	defer b.Close()
	site := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer site.Close()
	tab, err := b.Tab()
	if err != nil {
		return r, err
	}
	if err := tab.Open(site.URL + "/index.html"); err != nil {
		return r, err
	}
	if err := tab.Wait(5*time.Minute, "window.petriBench"); err != nil {
		return r, err
	}
	text, err := browser.Eval[string](tab, time.Minute, "window.petriBench")
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r)
}

// benchPage measures in a worker, as the site trains, and hands the result to the page.
const benchPage = `<!doctype html><link rel="icon" href="data:,"><title>Petri bench</title><script>
new Worker("worker.js").onmessage = e => { window.petriBench = e.data };
</script>`

const benchWorker = `importScripts("wasm_exec.js");
const go = new Go();
WebAssembly.instantiateStreaming(fetch("bench.wasm"), go.importObject)
	.then(r => go.run(r.instance)).then(() => postMessage(self.petriBench));`

func buildBench(ctx context.Context, dir string, log build.Log) error {
	root, err := build.Root(".")
	if err != nil {
		return err
	}
	cache, err := build.CacheDir()
	if err != nil {
		return err
	}
	tools, err := build.FindToolchain(ctx, cache, log)
	if err != nil {
		return err
	}
	program := filepath.Join(dir, "bench.wasm")
	if out, err := tools.Command(ctx, root, "build", "-trimpath", "-o", program, "./kernels/bench/page").CombinedOutput(); err != nil {
		return fmt.Errorf("building the measuring program: %w: %s", err, out)
	}
	wasm, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	if wasm, _, err = splat.Patch(wasm); err != nil {
		return err
	}
	script, err := tools.WasmExec()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"bench.wasm": wasm, "wasm_exec.js": script, "index.html": []byte(benchPage), "worker.js": []byte(benchWorker)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
