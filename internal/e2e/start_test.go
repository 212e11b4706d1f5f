//go:build !js

package e2e

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// shell is the most that a page may weigh before it can be read: its text, its styles and its scripts, gzip -9.
const shell = 60_000

var (
	sheets  = regexp.MustCompile(`<link href="([^"]*\.css)" rel="stylesheet"`)
	scripts = regexp.MustCompile(`<script [^>]*src="([^"]*)"`)
)

// TestShell weighs every page.
func TestShell(t *testing.T) {
	weigh := func(name string) int {
		text, err := os.ReadFile(filepath.Join(world.sites[""], filepath.FromSlash(name)))
		must(t, err)
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		must(t, err)
		z.Write(text)
		must(t, z.Close())
		return b.Len()
	}
	pages, err := filepath.Glob(filepath.Join(world.sites[""], "*.html"))
	if err != nil || len(pages) < 6 {
		t.Fatalf("only %d pages, %v", len(pages), err)
	}
	for _, file := range pages {
		html, err := os.ReadFile(file)
		must(t, err)
		page := filepath.Base(file)
		parts := append(sheets.FindAllSubmatch(html, -1), scripts.FindAllSubmatch(html, -1)...)
		if len(parts) < 3 {
			t.Fatalf("%s: only %d style sheets and scripts were found", page, len(parts))
		}
		total := weigh(page)
		for _, p := range parts {
			total += weigh(strings.TrimPrefix(string(p[1]), "/"))
		}
		t.Logf("%s: %d bytes", page, total)
		if total > shell {
			t.Errorf("%s with its styles and scripts is %d bytes, more than %d", page, total, shell)
		}
	}
}

// TestReadableWithoutItsFiles takes away the data, then the program: the page is read as before and says in place what
// is wrong. The curves and the picture of the recorded run are there.
func TestReadableWithoutItsFiles(t *testing.T) {
	for logical, says := range map[string]string{"data/pages.json": "its data: the server answered 503", "app.wasm": "its program: the server answered 503"} {
		h := hosting(t, "")
		gone := h.file(t, logical)
		h.change = func(name string, w http.ResponseWriter) bool {
			if name == gone {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return name == gone
		}
		tab := visitor(t, h)
		must(t, tab.Size(1440, 900))
		must(t, tab.Open(h.url("/lora")))
		for end := time.Now().Add(30 * time.Second); !ask[bool](t, tab, `document.querySelector(".loadfault")?.hidden === false`); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("without %s the page says nothing", logical)
			}
		}
		for end := time.Now().Add(30 * time.Second); !strings.Contains(strings.Join(tab.Problems(), ""), "could not be started"); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("without %s the console says nothing", logical)
			}
		}
		tab.Forgive() // it did, as it should
		if text := ask[string](t, tab, `document.querySelector(".loadfault").innerText`); !strings.Contains(text, says) || !strings.Contains(text, "can be read") {
			t.Errorf("without %s the page says %q", logical, text)
		}
		if n := ask[int](t, tab, `document.body.innerText.split(/\s+/).length`); n < 800 {
			t.Errorf("without %s only %d words can be read", logical, n)
		}
		if n := ask[int](t, tab, `[...document.querySelectorAll("svg.chart path, .stage use")].filter((e) => e.getBoundingClientRect().width > 0).length`); n < 20 {
			t.Errorf("without %s only %d marks of the recorded run are drawn", logical, n)
		}
		if slices.Contains(h.requests(), h.file(t, "stage.wasm")) {
			t.Errorf("without %s the stage was loaded", logical)
		}
	}
}

// asked waits until a file has been asked for.
func asked(t *testing.T, h *host, name string) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !slices.Contains(h.requests(), name); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s was not asked for; what was: %v", name, h.requests())
		}
	}
}

// holding keeps a file of the site back until let go.
func holding(t *testing.T, h *host, name string) (letGo func()) {
	wait := make(chan struct{})
	var gone bool
	h.change = func(asked string, w http.ResponseWriter) bool {
		if asked == name {
			<-wait
		}
		return false
	}
	letGo = func() {
		if !gone {
			gone = true
			close(wait)
		}
	}
	t.Cleanup(letGo)
	return letGo
}

// TestOrder opens a lab on a wide screen, where the stage is in view from the start, and watches what is asked for:
// text and styles, then the program and its data, then the kernels, once for all workers, and the stage last.
func TestOrder(t *testing.T) {
	h := hosting(t, "/repo")
	styles, program, data := h.file(t, "css/petri.css"), h.file(t, "app.wasm"), h.file(t, "data/pages.json")
	kernels, frame, stage := h.file(t, "lab.wasm"), h.file(t, "stage/stage.html"), h.file(t, "stage.wasm")
	letGo := holding(t, h, kernels)
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/lora?arms=head,qv:1&train=64&steps=4&seeds=2")))
	must(t, tab.Wait(60*time.Second, started))
	asked(t, h, kernels)
	// Play is pressed before the kernels are there: both workers want them, and nobody asks a second time.
	must(t, tab.Click("#play"))
	time.Sleep(1500 * time.Millisecond)
	if r := h.requests(); slices.Contains(r, stage) || slices.Contains(r, frame) || slices.Contains(r, "app-worker.js") {
		t.Errorf("something was asked for before the kernels were there: %v", r)
	}
	letGo()
	must(t, tab.Wait(180*time.Second, finished))
	asked(t, h, stage)
	must(t, tab.Wait(60*time.Second, stageUp))
	waitKept(t, tab)
	order := h.requests()
	at := func(name string) int { return slices.Index(order, name) }
	for _, pair := range [][2]string{{"lora", styles}, {styles, program}, {styles, data}, {program, kernels}, {data, kernels}, {kernels, frame}, {frame, stage}, {frame, "app-worker.js"}} {
		if at(pair[0]) < 0 || at(pair[0]) > at(pair[1]) {
			t.Errorf("%s comes before %s: %v", pair[1], pair[0], order)
		}
	}
	for _, name := range []string{program, data, kernels, stage, styles} {
		n := 0
		for _, r := range order {
			if r == name {
				n++
			}
		}
		if n != 1 { // the service worker finds it in the browser's cache
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
}

// TestStageWaitsUntilSeen opens a lab on a phone, where the stage is below the lesson. While the page is never idle, the
// stage is not loaded before it is scrolled to; on a page that is idle it is.
func TestStageWaitsUntilSeen(t *testing.T) {
	h := hosting(t, "")
	kernels := h.file(t, "lab.wasm")
	letGo := holding(t, h, kernels)
	tab := visitor(t, h)
	must(t, tab.Size(390, 844))
	must(t, tab.Open(h.url("/lora")))
	must(t, tab.Wait(60*time.Second, started))
	if top := ask[float64](t, tab, `document.querySelector(".panel.stage").getBoundingClientRect().top`); top < 1200 {
		t.Fatalf("the stage is in view, at %v", top)
	}
	asked(t, h, kernels)
	must(t, tab.Do(`window.idle = requestIdleCallback; window.put = []; window.requestIdleCallback = (f) => put.push(f)`))
	letGo()
	askWithin[bool](t, tab, 60*time.Second, `petriStart.settled.then(() => true)`)
	must(t, tab.Wait(30*time.Second, `put.length > 0`)) // by now it has nothing else to do, and asks to be told when it is idle
	time.Sleep(2 * time.Second)
	// The service worker asks for everything in the end, so it is the frame in the page that tells.
	if ask[bool](t, tab, `!!document.querySelector("iframe")`) {
		t.Error("the stage was loaded though nobody saw it and the page was not idle")
	}
	must(t, tab.Do(`document.querySelector(".panel.stage").scrollIntoView()`))
	must(t, tab.Wait(60*time.Second, stageUp))

	idle := hosting(t, "")
	other := visitor(t, idle)
	must(t, other.Size(390, 844))
	must(t, other.Open(idle.url("/lora")))
	must(t, other.Wait(60*time.Second, started))
	must(t, other.Wait(60*time.Second, stageUp))
	if y := ask[float64](t, other, `scrollY`); y != 0 {
		t.Errorf("the page scrolled to %v", y)
	}
}

// TestKernelsAreReadyElsewhere opens the home page: the kernels are compiled once it is idle, so that a lab can start at
// once, and the stage is left to the service worker.
func TestKernelsAreReadyElsewhere(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	asked(t, h, h.file(t, "lab.wasm"))
	if order := h.requests(); slices.Contains(order, "app-worker.js") {
		t.Errorf("the site is kept before its kernels are there: %v", order)
	}
	if !askWithin[bool](t, tab, 60*time.Second, `petriStart.lab().then((m) => m instanceof WebAssembly.Module)`) {
		t.Error("the kernels are no module")
	}
}

// TestPlainServer serves the site from a host that knows neither the type of .wasm files nor compressed copies: it
// starts and runs all the same.
func TestPlainServer(t *testing.T) {
	h := hosting(t, "/repo")
	h.change = func(name string, w http.ResponseWriter) bool {
		if filepath.Ext(name) != ".wasm" {
			return false
		}
		text, err := os.ReadFile(filepath.Join(world.sites["/repo"], filepath.FromSlash(name)))
		if err != nil {
			return false
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(text)
		return true
	}
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/lora?embed=1&arms=head&train=64&steps=2&seeds=1")))
	must(t, tab.Wait(60*time.Second, started))
	play(t, tab)
	must(t, tab.Wait(60*time.Second, stageUp))
}

// TestLostKernels takes the kernels away: play says what is wrong, and works when pressed again once they are back.
func TestLostKernels(t *testing.T) {
	h := hosting(t, "")
	kernels := h.file(t, "lab.wasm")
	var back bool
	h.change = func(name string, w http.ResponseWriter) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		if name == kernels && !back {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/lora?arms=head&train=64&steps=2&seeds=1")))
	asked(t, h, kernels)
	must(t, tab.Click("#play"))
	const fault = `document.querySelector("main").innerText.includes("the server answered 503")`
	for end := time.Now().Add(60 * time.Second); !ask[bool](t, tab, fault); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the page says nothing of the kernels")
		}
	}
	h.mu.Lock()
	back = true
	h.mu.Unlock()
	time.Sleep(time.Second) // what the console still has to say
	tab.Forgive()
	play(t, tab)
}
