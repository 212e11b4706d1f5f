//go:build !js

// Package serve serves a generated site the way a plain static host does, and finds a port and a browser for it.
package serve

import (
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// types are the content types that matter and that a system's own table may lack.
var types = map[string]string{
	".wasm":        "application/wasm",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".json":        "application/json",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
	".md":          "text/plain; charset=utf-8",
	".gz":          "application/gzip",
	".safetensors": "application/octet-stream",
}

// Handler serves the files of dir under base. Like the usual hosts it answers /page with page.html, and an unknown
// address with 404.html. Browsers revalidate everything: on this machine that costs nothing, and what they show is
// what was built.
func Handler(dir, base string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this site is files only", http.StatusMethodNotAllowed)
			return
		}
		rest, ok := strings.CutPrefix(r.URL.Path, base)
		if ok && rest == "" {
			http.Redirect(w, r, base+"/", http.StatusMovedPermanently)
			return
		}
		if !ok || rest[0] != '/' {
			http.NotFound(w, r)
			return
		}
		if file, ok := lookup(dir, rest); ok {
			send(w, r, file, http.StatusOK)
			return
		}
		send(w, r, filepath.Join(dir, "404.html"), http.StatusNotFound)
	})
}

// lookup finds the file for a path below the base.
func lookup(dir, rest string) (string, bool) {
	clean := path.Clean(rest) // starts with a slash, so it cannot leave dir
	name := filepath.Join(dir, filepath.FromSlash(clean))
	candidates := []string{name, name + ".html", filepath.Join(name, "index.html")}
	if strings.HasSuffix(rest, "/") {
		candidates = candidates[2:]
	}
	for _, c := range candidates {
		if info, err := os.Stat(c); err == nil && info.Mode().IsRegular() {
			return c, true
		}
	}
	return "", false
}

func send(w http.ResponseWriter, r *http.Request, name string, status int) {
	h := w.Header()
	if kind := types[filepath.Ext(name)]; kind != "" {
		h.Set("Content-Type", kind)
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	if packed := name + ".gz"; filepath.Ext(name) == ".wasm" && exists(packed) {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			name = packed
		}
	}
	f, err := os.Open(name)
	if err != nil {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			io.Copy(w, f)
		}
		return
	}
	http.ServeContent(w, r, "", info.ModTime(), f)
}

func exists(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
