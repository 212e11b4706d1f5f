//go:build !js

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestShots makes the pictures that people look at: every page at three widths, light and dark, into the folder that
// PETRI_SHOTS names. What it checks of itself is what no picture shows: that no page is wider than its window.
func TestShots(t *testing.T) {
	folder := os.Getenv("PETRI_SHOTS")
	if folder != "" {
		must(t, os.MkdirAll(folder, 0o755))
	}
	h := hosting(t, "")
	tab := visitor(t, h)
	for _, page := range []string{"/", "/lora", "/vpt", "/moat", "/sam", "/claims", "/how", "/credits", "/bench", "/lora?embed=1"} {
		must(t, tab.Open(h.url(page)))
		must(t, tab.Wait(60*time.Second, started))
		for _, width := range []int{1440, 900, 390} {
			must(t, tab.Size(width, map[int]int{1440: 900, 900: 900, 390: 844}[width]))
			if over := ask[int](t, tab, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollWidth - document.documentElement.clientWidth))))`); over > 0 {
				t.Errorf("%s is %d px wider than its window of %d px", page, over, width)
			}
			if folder == "" {
				continue
			}
			for _, theme := range []string{"light", "dark"} {
				must(t, tab.Media("prefers-color-scheme", theme))
				must(t, tab.Reload())
				must(t, tab.Wait(60*time.Second, started))
				time.Sleep(time.Second) // let it draw
				picture, err := tab.Screenshot(true)
				must(t, err)
				name := strings.NewReplacer("/", "", "?", "-", "=", "").Replace(page)
				if name == "" {
					name = "home"
				}
				must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, theme)), picture, 0o644))
			}
		}
	}
}

// stageUp is true once the stage's iframe has drawn something.
const stageUp = `(() => {
	const frame = document.querySelector("iframe");
	return frame && frame.contentWindow && frame.contentWindow.petriPush && frame.contentDocument.querySelector("canvas");
})()`
