//go:build !js

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "embed"
)

//go:embed worker.js
var workerScript string

// writeServiceWorker lists what has to be kept for offline use and names that version by its contents.
func writeServiceWorker(o Options, paths []string) error {
	pages := map[string]string{} // bare path -> file
	double := map[string]bool{}  // the same page under a second name
	for _, p := range paths {
		pages[strings.Trim(p, "/")] = pageFile(p)
		if p != "/" {
			double[strings.Trim(p, "/")+"/index.html"] = true
		}
	}
	all, err := files(o.Out)
	if err != nil {
		return err
	}
	keep := []string{}
	sum := sha256.New()
	for _, f := range all {
		if f == "app-worker.js" || double[f] || strings.HasSuffix(f, ".wasm.gz") || f == o.Marker {
			continue
		}
		text, err := os.ReadFile(filepath.Join(o.Out, filepath.FromSlash(f)))
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", f, len(text))
		sum.Write(text)
		keep = append(keep, f)
	}
	script, err := fill("worker.js", workerScript, map[string]any{
		"Version": hex.EncodeToString(sum.Sum(nil))[:16], "Files": keep, "Pages": pages,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.Out, "app-worker.js"), []byte(script), 0o644)
}

// writeManifest makes the site installable.
func writeManifest(o Options) error {
	type icon struct {
		Src     string `json:"src"`
		Type    string `json:"type"`
		Sizes   string `json:"sizes"`
		Purpose string `json:"purpose,omitempty"`
	}
	icons := o.Base + "/web/icons/"
	manifest := map[string]any{
		"id": o.Base + "/", "start_url": o.Base + "/", "scope": o.Base + "/",
		"name": name, "short_name": name, "description": description, "lang": "en",
		"display": "standalone", "background_color": paperHex, "theme_color": paperHex,
		"categories": []string{"education", "science"},
		"icons": []icon{
			{icons + iconSVG, "image/svg+xml", "any", ""},
			{icons + icon192, "image/png", "192x192", ""},
			{icons + icon512, "image/png", "512x512", ""},
			{icons + icon512, "image/png", "512x512", "maskable"},
		},
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.Out, "manifest.webmanifest"), append(text, '\n'), 0o644)
}
