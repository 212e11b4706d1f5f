//go:build !js

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "embed"

	"petri/internal/names"
)

//go:embed worker.js
var workerScript string

// writeServiceWorker lists what has to be kept for offline use and names that version by its contents.
func (f *folder) writeServiceWorker(paths []string) error {
	pages := map[string]string{} // bare path -> file
	double := map[string]bool{}  // the same page under a second name
	for _, p := range paths {
		pages[strings.Trim(p, "/")] = pageFile(p)
		if p != "/" {
			double[strings.Trim(p, "/")+"/index.html"] = true
		}
	}
	all, err := files(f.Out)
	if err != nil {
		return err
	}
	keep := []string{}
	sum := sha256.New()
	for _, file := range all {
		if file == "app-worker.js" || double[file] || file == f.Marker || file == names.List || isCopy(file, all) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(f.Out, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", file, len(text))
		sum.Write(text)
		keep = append(keep, file)
	}
	script, err := fill("worker.js", workerScript, map[string]any{
		"Version": hex.EncodeToString(sum.Sum(nil))[:16], "Files": keep, "Pages": pages,
	})
	if err != nil {
		return err
	}
	return f.fixed("app-worker.js", slimScript([]byte(script)))
}

// isCopy reports whether a file is the compressed copy of another: the server sends it in the other's place.
func isCopy(file string, all []string) bool {
	for _, ext := range []string{".br", ".gz"} {
		if plain, ok := strings.CutSuffix(file, ext); ok && slices.Contains(all, plain) {
			return true
		}
	}
	return false
}

// writeManifest makes the site installable.
func (f *folder) writeManifest() error {
	type icon struct {
		Src     string `json:"src"`
		Type    string `json:"type"`
		Sizes   string `json:"sizes"`
		Purpose string `json:"purpose,omitempty"`
	}
	manifest := map[string]any{
		"id": f.Base + "/", "start_url": f.Base + "/", "scope": f.Base + "/",
		"name": name, "short_name": name, "description": description, "lang": "en",
		"display": "standalone", "background_color": paperHex, "theme_color": paperHex,
		"categories": []string{"education", "science"},
		"icons": []icon{
			{f.address("icons/" + iconSVG), "image/svg+xml", "any", ""},
			{f.address("icons/" + icon192), "image/png", "192x192", ""},
			{f.address("icons/" + icon512), "image/png", "512x512", ""},
			{f.address("icons/" + icon512), "image/png", "512x512", "maskable"},
		},
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return f.fixed("manifest.webmanifest", append(text, '\n'))
}
