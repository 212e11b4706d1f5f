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
	"strconv"
	"strings"
	"testing"
	"time"
)

// program is a file with a hash in its name and both copies.
const program = "/web/lab.0123abcd.wasm"

func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("program"))
	z.Close()
	for name, text := range map[string]string{
		"index.html": "home", "lora.html": "lora", "lora/index.html": "lora folder", "404.html": "lost",
		"web/app.wasm": "program", "app-worker.js": "worker", "../secret": "no",
		program: "program", program + ".gz": packed.String(), program + ".br": "br of program", "lora.html.gz": packed.String(),
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

// get asks the handler for a path; headers are name, value, name, value.
func get(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://x"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestNegotiation(t *testing.T) {
	h := Handler(site(t), "")
	for accept, want := range map[string]string{
		"":                                 "",
		"gzip, deflate, br, zstd":          "br",
		"br;q=0.5, gzip":                   "gzip",
		"br;q=0.5, gzip;q=0.5":             "br",
		"gzip":                             "gzip",
		"GZIP ; Q=0.8":                     "gzip",
		"br;q=0, gzip;q=0":                 "",
		"br;q=0, *":                        "gzip",
		"*;q=0":                            "",
		"deflate":                          "",
		"br;q=0.1, identity":               "",
		"br;q=nonsense":                    "",
		"br;q=2":                           "",
		"identity;q=0.5, gzip;q=0.6":       "gzip",
		"zstd, gzip;q=0.001, identity;q=0": "gzip",
	} {
		w := get(h, "GET", program, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: coding %q, want %q", accept, got, want)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", accept, w.Header().Get("Vary"))
		}
		if got := w.Header().Get("Content-Type"); got != "application/wasm" {
			t.Errorf("%q: Content-Type %q: streaming compilation refuses it", accept, got)
		}
		var body io.Reader = w.Body
		switch want {
		case "gzip":
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		case "br":
			body = strings.NewReader(strings.TrimPrefix(w.Body.String(), "br of "))
		}
		if text, err := io.ReadAll(body); err != nil || string(text) != "program" {
			t.Errorf("%q: unpacked %q, %v", accept, text, err)
		}
	}
	// A file that has one copy is sent in it, and one that has none as it is, to everybody.
	if w := get(h, "GET", "/lora", "Accept-Encoding", "br, gzip"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("a page with one copy: coding %q", w.Header().Get("Content-Encoding"))
	}
	if w := get(h, "GET", "/", "Accept-Encoding", "br, gzip"); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" || w.Body.String() != "home" {
		t.Errorf("a page without copies: %v", w.Header())
	}
}

func TestCaching(t *testing.T) {
	h := Handler(site(t), "")
	const forever = "public, max-age=31536000, immutable"
	for path, want := range map[string]string{
		program: forever, "/": "no-cache", "/lora": "no-cache", "/app-worker.js": "no-cache", "/web/lost.0123abcd.wasm": "no-cache",
	} {
		if got := get(h, "GET", path, "Accept-Encoding", "br").Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
	tags := map[string]string{}
	for _, accept := range []string{"br", "gzip", "identity"} {
		w := get(h, "GET", program, "Accept-Encoding", accept)
		tag := w.Header().Get("ETag")
		if other, ok := tags[tag]; ok || tag == "" {
			t.Errorf("%s and %s have the tag %q", accept, other, tag)
		}
		tags[tag] = accept
		again := get(h, "GET", program, "Accept-Encoding", accept, "If-None-Match", tag)
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("Cache-Control") != forever || again.Header().Get("Vary") == "" {
			t.Errorf("%s: a known tag answers %d %q %v", accept, again.Code, again.Body, again.Header())
		}
		head := get(h, "HEAD", program, "Accept-Encoding", accept)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) || head.Header().Get("Content-Encoding") != w.Header().Get("Content-Encoding") {
			t.Errorf("%s: HEAD answers %d %q %v for a body of %d", accept, head.Code, head.Body, head.Header(), w.Body.Len())
		}
		part := get(h, "GET", program, "Accept-Encoding", accept, "Range", "bytes=2-4")
		if part.Code != http.StatusPartialContent || part.Body.String() != w.Body.String()[2:5] || part.Header().Get("Content-Length") != "3" {
			t.Errorf("%s: a range answers %d %q %v", accept, part.Code, part.Body, part.Header())
		}
		// A range of another representation must not be joined to what the client has.
		whole := get(h, "GET", program, "Accept-Encoding", accept, "Range", "bytes=2-4", "If-Range", `"other"`)
		if whole.Code != 200 || whole.Body.String() != w.Body.String() {
			t.Errorf("%s: a range under another tag answers %d", accept, whole.Code)
		}
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
