//go:build !js

package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"petri/internal/browser"
	"petri/internal/names"
)

// started is true once the page's program runs.
const started = `window.petri && typeof window.petri.run === "function"`

// kept is true once the service worker has kept the whole site and serves this page.
const kept = `(async () => {
	const r = await navigator.serviceWorker.getRegistration();
	return !!(r && r.active && r.active.state === "activated" && navigator.serviceWorker.controller);
})()`

func waitKept(t *testing.T, tab *browser.Tab) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ask[bool](t, tab, kept); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the site was not kept for offline use within 90 s")
		}
	}
}

// TestOffline visits once, switches the server off and goes on using the site, under every form of its addresses.
func TestOffline(t *testing.T) {
	for _, base := range []string{"", "/repo"} {
		t.Run("base "+base, func(t *testing.T) {
			h := hosting(t, base)
			tab := visitor(t, h)
			must(t, tab.Open(h.url("/")))
			must(t, tab.Wait(60*time.Second, started))
			waitKept(t, tab)
			h.off()
			for path, at := range map[string]string{
				"/": "/", "/index.html": "/", "/lora": "/lora", "/lora/": "/lora", "/lora.html": "/lora", "/lora/index.html": "/lora",
				"/lora?arms=head,qv:1&train=64": "/lora", "/moat": "/moat", "/moat/": "/moat", "/moat.html": "/moat", "/sam": "/sam", "/claims": "/claims", "/how": "/how", "/credits": "/credits",
			} {
				must(t, tab.Open(h.url(path)))
				must(t, tab.Wait(60*time.Second, started))
				if got := ask[string](t, tab, `document.querySelector("h1")?.textContent ?? ""`); got == "" {
					t.Errorf("%s offline: no heading", path)
				}
				if got := ask[string](t, tab, `location.pathname`); got != base+at {
					t.Errorf("%s offline: the address became %s, want %s", path, got, base+at)
				}
			}
			must(t, tab.Open(h.url("/no-such-page")))
			if got := ask[string](t, tab, `document.body.innerText`); !strings.Contains(got, "no such page") {
				t.Errorf("an unknown page offline says %q", got)
			}
			tab.Forgive() // the browser reports the status 404, as it should
			must(t, tab.Open(h.url("/lora")))
			must(t, tab.Reload())
			must(t, tab.Wait(60*time.Second, started))
			// The kernels, the data and the weights are there too.
			got := askWithin[string](t, tab, 120*time.Second, `petri.run("lora", {knobs: {arms: "head", train: 64, steps: 2, seeds: 1}}).then((r) => r.fingerprint)`)
			if len(got) == 64 { // digits come from a file
				got = askWithin[string](t, tab, 120*time.Second, `petri.run("moat", {knobs: {arms: "moat,vit", task: "digits", width: 8, train: 200, batch: 2, steps: 2, seeds: 1}}).then((r) => r.fingerprint)`)
			}
			if len(got) != 64 {
				t.Errorf("a run offline returned the fingerprint %q", got)
			}
			must(t, tab.Do(`document.querySelector(".panel.stage").scrollIntoView()`))
			must(t, tab.Wait(60*time.Second, stageUp))
			// The trained model of masks answers too.
			must(t, tab.Open(h.url("/sam")))
			must(t, tab.Wait(60*time.Second, started))
			must(t, tab.Do(`document.querySelector(".panel.stage").scrollIntoView()`))
			must(t, tab.Wait(60*time.Second, stageUp))
			pointAt(t, tab, 32, 32)
			must(t, tab.Wait(60*time.Second, strip+`.includes("1 point") && document.querySelector("#answer-3")`))
		})
	}
}

// TestOtherSitesKeepTheirs shows that a worker of ours never removes what other sites of the same host have kept.
func TestOtherSitesKeepTheirs(t *testing.T) {
	h := hosting(t, "/repo")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/how?wasm=false")))
	must(t, tab.Do(`Promise.all(["petri:/other/:1", "somebody", "petri:/repo/:0"].map((k) => caches.open(k))).then(() => 0)`))
	must(t, tab.Open(h.url("/")))
	waitKept(t, tab)
	keys := ask[[]string](t, tab, `caches.keys()`)
	has := map[string]bool{}
	own := 0
	for _, k := range keys {
		has[k] = true
		if strings.HasPrefix(k, "petri:/repo/:") {
			own++
		}
	}
	if !has["petri:/other/:1"] || !has["somebody"] {
		t.Errorf("caches of other sites are gone: %v", keys)
	}
	if own != 1 || has["petri:/repo/:0"] {
		t.Errorf("of this site's own caches only the current one should be left: %v", keys)
	}
}

// TestUpdateWaitsForTheVisitor deploys a new version under an open page. The page keeps the version it started with,
// also when it is loaded again, and offers the new one; a click takes it.
func TestUpdateWaitsForTheVisitor(t *testing.T) {
	h := hosting(t, "/repo")
	var deployed atomic.Bool
	const mark, title = "<title>", "<title>Second version of "
	h.change = func(name string, w http.ResponseWriter) bool {
		if !deployed.Load() || name != "app-worker.js" && name != "index.html" {
			return false
		}
		text, err := os.ReadFile(filepath.Join(world.sites["/repo"], name))
		if err != nil {
			return false
		}
		changed := strings.Replace(string(text), `const cacheName = prefix + "`, `const cacheName = prefix + "second`, 1)
		changed = strings.Replace(changed, mark, title, 1)
		w.Header().Set("Content-Type", map[string]string{".js": "text/javascript", ".html": "text/html"}[filepath.Ext(name)])
		io.WriteString(w, changed)
		return true
	}
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/?wasm=false"))) // the title is then that of the file
	waitKept(t, tab)
	deployed.Store(true)
	must(t, tab.Reload())
	must(t, tab.Wait(60*time.Second, `petriUpdate.ready`))
	if got := ask[string](t, tab, `document.title`); strings.Contains(got, "Second") {
		t.Errorf("the page changed its version without being asked: %q", got)
	}
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Click("#update"))
	must(t, tab.Wait(30*time.Second, `window.petriUpdate && !petriUpdate.ready`))
	must(t, tab.Open(h.url("/?wasm=false")))
	if got := ask[string](t, tab, `document.title`); !strings.Contains(got, "Second") {
		t.Errorf("after the update the page is still the first version: %q", got)
	}
	if keys := ask[[]string](t, tab, `caches.keys()`); len(keys) != 1 || !strings.HasPrefix(keys[0], "petri:/repo/:second") {
		t.Errorf("caches after the update: %v", keys)
	}
}

// TestUpdateReusesWhatDidNotChange deploys a version that differs in one page. What has its hash in its name and is
// kept already is not asked for again, though this server forbids the browser's own cache to keep it.
func TestUpdateReusesWhatDidNotChange(t *testing.T) {
	h := hosting(t, "/repo")
	var deployed atomic.Bool
	h.change = func(name string, w http.ResponseWriter) bool {
		text, err := os.ReadFile(filepath.Join(world.sites["/repo"], filepath.FromSlash(name)))
		if err != nil || !names.Hashed(name) && name != "app-worker.js" {
			return false
		}
		if deployed.Load() && name == "app-worker.js" {
			text = []byte(strings.Replace(string(text), `const cacheName = prefix + "`, `const cacheName = prefix + "second`, 1))
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", map[string]string{".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm"}[filepath.Ext(name)])
		w.Write(text)
		return true
	}
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/how?wasm=false")))
	waitKept(t, tab)
	before := len(h.requests())
	deployed.Store(true)
	must(t, tab.Reload())
	must(t, tab.Wait(60*time.Second, `petriUpdate.ready`))
	pages := 0
	for _, name := range h.requests()[before:] {
		if names.Hashed(name) {
			t.Errorf("%s was asked for again", name)
		}
		if strings.HasSuffix(name, ".html") {
			pages++
		}
	}
	if pages < 5 {
		t.Errorf("only %d pages of the new version were fetched", pages)
	}
	must(t, tab.Do(`petriUpdate.apply()`))
	must(t, tab.Wait(30*time.Second, `window.petriUpdate && !petriUpdate.ready`))
	// The new version is whole: everything that its list names is kept.
	lacks := ask[[]string](t, tab, `(async () => {
		const table = await (await fetch("/repo/petri-files.json")).json();
		const [key] = await caches.keys(), cache = await caches.open(key);
		const lacks = key.startsWith("petri:/repo/:second") ? [] : [key];
		for (const path of Object.values(table)) if (!(await cache.match("/repo/" + path, { ignoreVary: true }))) lacks.push(path);
		for (const request of await cache.keys()) if (/\.(br|gz)$/.test(request.url) && !/\/data\//.test(request.url)) lacks.push(request.url + " should not be there");
		return lacks;
	})()`)
	for _, path := range lacks {
		t.Errorf("the new version: %s", path)
	}
}
