//go:build !js

package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"petri/internal/browser"
	"petri/internal/build"
	"petri/internal/names"
	"petri/internal/serve"
)

// world is what all tests share: one build, one site at the root, one below a path, one browser.
var world struct {
	programs build.Programs
	sites    map[string]string // by base path
	browser  *browser.Browser
}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("-short leaves the browser out")
		os.Exit(0)
	}
	code, err := prepareAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func prepareAndRun(m *testing.M) (int, error) {
	ctx := context.Background()
	path, err := browser.Ensure(ctx, os.Stderr)
	if err != nil {
		return 0, err
	}
	root, err := build.Root(".")
	if err != nil {
		return 0, err
	}
	if world.programs, err = build.Compile(ctx, root, build.NewLog(os.Stderr)); err != nil {
		return 0, err
	}
	world.sites = map[string]string{}
	for _, base := range []string{"", "/repo"} {
		if world.sites[base], err = build.Site(ctx, world.programs, base); err != nil {
			return 0, err
		}
	}
	if world.browser, err = browser.Start(ctx, path); err != nil {
		return 0, err
	}
	defer world.browser.Close()
	return m.Run(), nil
}

// host is a running site that remembers what it was asked for and can be switched off.
type host struct {
	base   string
	origin string
	change func(name string, w http.ResponseWriter) bool // answers in place of the site where it returns true

	mu      sync.Mutex
	asked   []string // paths below the base, in order
	missing []string
	stop    context.CancelFunc
	stopped chan struct{}
}

// hosting serves the site of a base path until the test ends.
func hosting(t *testing.T, base string) *host {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &host{base: base, origin: "http://" + listener.Addr().String(), stop: stop, stopped: make(chan struct{})}
	files := serve.Handler(world.sites[base], base)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, base+"/")
		h.mu.Lock()
		h.asked = append(h.asked, name)
		h.mu.Unlock()
		if h.change != nil && h.change(name, w) {
			return
		}
		watched := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		files.ServeHTTP(watched, r)
		if watched.status >= 400 {
			h.mu.Lock()
			h.missing = append(h.missing, fmt.Sprintf("%d %s", watched.status, r.URL))
			h.mu.Unlock()
		}
	})
	go func() {
		defer close(h.stopped)
		serve.Serve(ctx, listener, handler)
	}()
	t.Cleanup(h.off)
	return h
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// off stops the server, as a network that went away.
func (h *host) off() {
	h.stop()
	<-h.stopped
}

// url is the address of a path below the base.
func (h *host) url(path string) string { return h.origin + h.base + path }

// requests lists what was asked for so far, in order.
func (h *host) requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}

// file is the path of a file of the site below its base, by its logical name.
func (h *host) file(t *testing.T, logical string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(world.sites[h.base], names.List))
	must(t, err)
	var table names.Table
	must(t, json.Unmarshal(text, &table))
	if table[logical] == "" {
		t.Fatalf("the site has no %s", logical)
	}
	return table[logical]
}

// notFound lists the requests that the site could not answer.
func (h *host) notFound() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.missing...)
}

// visitor is a tab with a fresh profile. When the test ends, nothing may have gone wrong in it: no exception, no error
// in the console, no request outside of the site, nothing that the site could not answer.
func visitor(t *testing.T, h *host) *browser.Tab {
	t.Helper()
	tab, err := world.browser.Private()
	if err != nil {
		t.Fatal(err)
	}
	strayed := len(world.browser.Strayed())
	t.Cleanup(func() {
		for _, p := range tab.Problems() {
			t.Errorf("the page had a problem: %s", p)
		}
		for _, s := range world.browser.Strayed()[strayed:] {
			t.Errorf("a request left the site: %s", s)
		}
		for _, m := range h.notFound() {
			t.Errorf("the site lacks a file: %s", m)
		}
		if t.Failed() {
			t.Logf("console:\n%s", strings.Join(tab.Console(), "\n"))
		}
		tab.Close()
	})
	return tab
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask evaluates JavaScript in the page.
func ask[T any](t *testing.T, tab *browser.Tab, script string) T {
	t.Helper()
	return askWithin[T](t, tab, 30*time.Second, script)
}

func askWithin[T any](t *testing.T, tab *browser.Tab, limit time.Duration, script string) T {
	t.Helper()
	v, err := browser.Eval[T](tab, limit, script)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
