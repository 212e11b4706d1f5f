//go:build !js

package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("program"))
	z.Close()
	for name, text := range map[string]string{
		"index.html": "home", "lora.html": "lora", "lora/index.html": "lora folder", "404.html": "lost",
		"web/app.wasm": "program", "web/app.wasm.gz": packed.String(), "../secret": "no",
	} {
		file := filepath.Join(dir, "site", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "site")
}

func TestHandler(t *testing.T) {
	for _, base := range []string{"", "/repo"} {
		h := Handler(site(t), base)
		for path, want := range map[string]struct {
			status int
			body   string
		}{
			"/":               {200, "home"},
			"/index.html":     {200, "home"},
			"/lora":           {200, "lora"},
			"/lora?arms=qv:1": {200, "lora"},
			"/lora/":          {200, "lora folder"},
			"/lora.html":      {200, "lora"},
			"/nothing":        {404, "lost"},
			"/../secret":      {404, "lost"},
			"/web":            {404, "lost"},
			"/web/app.wasm":   {200, "program"},
		} {
			r := httptest.NewRequest("GET", "http://x/", nil)
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(base+path, "?")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want.status || w.Body.String() != want.body {
				t.Errorf("%q: %d %q, want %d %q", base+path, w.Code, w.Body, want.status, want.body)
			}
		}
	}
}

func TestHandlerOutsideTheBase(t *testing.T) {
	h := Handler(site(t), "/repo")
	for path, status := range map[string]int{"/": 404, "/repository/": 404, "/repo": 301} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://x"+path, nil))
		if w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
	}
}

func TestProgramsAreTypedAndPacked(t *testing.T) {
	h := Handler(site(t), "")
	r := httptest.NewRequest("GET", "http://x/web/app.wasm", nil)
	r.Header.Set("Accept-Encoding", "br, gzip")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); got != "application/wasm" {
		t.Errorf("Content-Type %q: streaming compilation refuses it", got)
	}
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("not packed for a browser that accepts gzip")
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != "program" {
		t.Errorf("unpacked %q, %v", text, err)
	}
	r.Header.Set("Accept-Encoding", "gzip;q=0")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "" || w.Body.String() != "program" {
		t.Error("packed for a browser that refuses gzip")
	}
}

func TestListenTakesTheNextPort(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := Listen(first.Addr().String(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	a, b := first.Addr().(*net.TCPAddr).Port, second.Addr().(*net.TCPAddr).Port
	if b <= a || b > a+100 {
		t.Errorf("port %d taken, got %d", a, b)
	}
	if l, err := Listen(first.Addr().String(), true); err == nil {
		l.Close()
		t.Error("a chosen port that is taken was opened")
	}
}

func TestListenSuggests(t *testing.T) {
	for addr, want := range map[string]string{"8081": "127.0.0.1:8081", "localhost": "localhost:8080", "127.0.0.1:x": "127.0.0.1:8080", "": DefaultAddr} {
		l, err := Listen(addr, true)
		if err == nil {
			l.Close()
			t.Errorf("%q was opened", addr)
			continue
		}
		if !strings.Contains(err.Error(), "try -addr "+want) {
			t.Errorf("%q: %v, want the suggestion %s", addr, err, want)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	l, err := Listen("127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, Handler(site(t), "")) }()
	response, err := http.Get(URL(l, ""))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it goes on serving")
	}
}

func TestOpenerNeedsADesktop(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, c := range []struct {
		goos string
		env  func(string) string
		want string
	}{
		{"linux", env(), ""},
		{"linux", env("DISPLAY", ":0"), "xdg-open"},
		{"linux", env("WAYLAND_DISPLAY", "wayland-0"), "xdg-open"},
		{"linux", env("DISPLAY", ":10", "SSH_CONNECTION", "x"), ""},
		{"darwin", env(), "open"},
		{"windows", env(), "rundll32"},
		{"darwin", env("CI", "true"), ""},
	} {
		if got, _ := opener(c.goos, c.env, "http://x/"); got != c.want {
			t.Errorf("%s: %q, want %q", c.goos, got, c.want)
		}
	}
}
