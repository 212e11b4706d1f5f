//go:build !js

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"petri/internal/names"
)

// worker is a script that starts a worker of the site by hand and gives back what talks to it: send, and until, which
// waits for an event.
func worker(t *testing.T, site string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(site, names.List))
	must(t, err)
	return fmt.Sprintf(`(async () => {
		const files = %s, assets = Object.fromEntries(Object.entries(files).map(([name, path]) => [name, "/" + path]));
		const module = await WebAssembly.compileStreaming(fetch(assets["lab.wasm"]));
		const worker = new Worker(assets["js/worker.js"]), told = [];
		let wake = () => {};
		worker.onmessage = (e) => { told.push(JSON.parse(e.data.h)); wake(); };
		worker.postMessage({ start: true, module, exec: assets["wasm_exec.js"], assets });
		window.send = (head) => worker.postMessage({ h: JSON.stringify({ run: "x", ...head }), b: [], x: null });
		window.until = async (kind) => {
			for (;;) {
				for (let e; (e = told.shift()); ) {
					if (e.kind === "error") throw new Error(e.error);
					if (e.kind === kind) return e;
				}
				await new Promise((go) => (wake = go));
			}
		};
	})()`, text)
}

// TestWorkersDoNotGrow trains in one worker as a visitor's run does, evaluations, messages and pictures included: after
// 2,000 steps the worker holds as much memory as after 200, to the byte. WebAssembly memory never shrinks, so nothing
// can hide in between. The first run brings data and weights. Go's heap grows in units of 512 KiB on WebAssembly, and how
// what is thrown away comes to lie depends on when the clock lets it be collected: now and then a unit or half of one more is taken.
// Where that happened, further 2,000 steps must leave everything as it is, at the third time at the latest, and no more than two units
// may be taken in all: a worker that keeps something of every step grows each time.
func TestWorkersDoNotGrow(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/how?wasm=false")))
	must(t, tab.Do(worker(t, world.sites[""])))
	for _, run := range []string{"lora?arms=qv:4&train=64&batch=8", "lora?arms=full&train=64&batch=8", "moat?arms=moat,vit&train=200&batch=2"} {
		var held []int
		still := false
		for _, steps := range []int{50, 200, 2000, 2000, 2000} {
			if still {
				break
			}
			text := askWithin[string](t, tab, 400*time.Second, fmt.Sprintf(`(async () => {
				send({ op: "trial", link: "%s&seeds=1&steps=%d" });
				const trial = await until("trial");
				send({ op: "bench", bench: { case: "product/nn/64x64x64" } });
				return JSON.stringify({ steps: trial.result.loss.length, bytes: (await until("bench")).bench.bytes });
			})()`, run, steps))
			var got struct{ Steps, Bytes int }
			must(t, json.Unmarshal([]byte(text), &got))
			if got.Steps != steps {
				t.Errorf("%s: %d steps were made, want %d", run, got.Steps, steps)
			}
			held = append(held, got.Bytes)
			n := len(held)
			still = n > 2 && held[n-1] == held[n-2]
		}
		t.Logf("%s: bytes after 50 steps, 200, 2,000: %v", run, held)
		if grown := held[len(held)-1] - held[1]; held[1] == 0 || grown > 1<<20 || !still {
			t.Errorf("%s: a worker that trains grows: %v bytes after 50 steps, 200, and each time 2,000 more", run, held)
		}
	}
}
