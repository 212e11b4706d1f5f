//go:build !js

// Package serve serves a generated site the way a plain static host does, and finds a port and a browser for it.
package serve

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"petri/internal/names"
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
	".jpg":         "image/jpeg",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
	".md":          "text/plain; charset=utf-8",
	".gz":          "application/gzip",
	".safetensors": "application/octet-stream",
}

// Handler serves the files of dir under base. Like the usual hosts it answers /page with page.html, and an unknown
// address with 404.html. A file with a hash in its name may be kept for good; browsers ask about every other one again,
// which on this machine costs nothing, and what they show is what was built.
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
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if status == http.StatusOK && names.Hashed(filepath.ToSlash(name)) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	coding, offered := choose(name, r.Header.Values("Accept-Encoding"))
	if offered {
		h.Set("Vary", "Accept-Encoding")
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
		name += extension[coding]
	}
	f, err := os.Open(name)
	if err != nil {
		h.Del("Content-Encoding")
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		h.Del("Content-Encoding")
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	// A browser that knows the length can show how far a download is; net/http leaves it out of encoded answers.
	h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if status != http.StatusOK {
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			io.Copy(w, f)
		}
		return
	}
	// Every coding is a representation of its own, and so has a tag of its own.
	h.Set("ETag", fmt.Sprintf(`"%x-%x%s"`, info.ModTime().UnixNano(), info.Size(), coding))
	http.ServeContent(w, r, "", info.ModTime(), f)
}
