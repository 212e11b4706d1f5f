//go:build !js

package e2e

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// TestLinks follows every link of every generated page that leads into the site, at the root and below a path, on the
// plainest of file servers: every address must lead to a file.
func TestLinks(t *testing.T) {
	for _, base := range []string{"", "/repo"} {
		server := httptest.NewServer(http.StripPrefix(base, http.FileServer(http.Dir(world.sites[base]))))
		defer server.Close()
		seen := map[string]bool{}
		err := filepath.WalkDir(world.sites[base], func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".html" || strings.Contains(path, "stage") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range links.FindAllStringSubmatch(string(text), -1) {
				address := strings.ReplaceAll(m[1], "&amp;", "&")
				u, err := url.Parse(address)
				if err != nil {
					t.Errorf("%s: link %q: %v", filepath.Base(path), address, err)
					continue
				}
				if u.Scheme != "" || u.Path == "" || seen[u.Path] {
					continue
				}
				seen[u.Path] = true
				if !strings.HasPrefix(u.Path, base+"/") {
					t.Errorf("%s: %q leads out of the site at %q", filepath.Base(path), address, base)
					continue
				}
				response, err := http.Get(server.URL + u.Path)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode != http.StatusOK {
					t.Errorf("%s: %q answers %d", filepath.Base(path), address, response.StatusCode)
				}
			}
			return err
		})
		must(t, err)
		if len(seen) < 8 {
			t.Errorf("only %d links found at base %q", len(seen), base)
		}
	}
}

// TestReadableWithoutProgram reads the pages with the program left out: what a slow connection, a reader or a search
// engine gets.
func TestReadableWithoutProgram(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	for path, want := range map[string]struct {
		words int
		has   string // a selector that must find something
	}{
		"/":        {80, `a[href^="/lora"]`},
		"/lora":    {800, "math"},
		"/moat":    {800, "math"},
		"/sam":     {800, "math"},
		"/claims":  {60, "h1"},
		"/how":     {80, "h1"},
		"/credits": {40, `a[href*="creativecommons.org"]`},
		"/bench":   {300, "#measure"},
		"/404":     {5, `a[href="/"]`},
	} {
		must(t, tab.Open(h.url(path+"?wasm=false")))
		text := ask[string](t, tab, `document.body.innerText`)
		if n := len(strings.Fields(text)); n < want.words {
			t.Errorf("%s has %d words without the program, want %d or more", path, n, want.words)
		}
		if !ask[bool](t, tab, `!!document.querySelector(`+"`"+want.has+"`"+`)`) {
			t.Errorf("%s has no %s without the program", path, want.has)
		}
		if ask[string](t, tab, `document.title`) == "" {
			t.Errorf("%s has no title", path)
		}
	}
}

// TestThemeBeforePaint opens pages with a remembered theme and looks before the page's program can have run.
func TestThemeBeforePaint(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/?wasm=false")))
	must(t, tab.Do(`localStorage.setItem("petri:theme", "dark")`))
	must(t, tab.Open(h.url("/lora?wasm=false")))
	if got := ask[string](t, tab, `document.documentElement.dataset.theme ?? ""`); got != "dark" {
		t.Errorf("the remembered theme was not set: %q", got)
	}
	must(t, tab.Open(h.url("/lora?wasm=false&theme=light")))
	if got := ask[string](t, tab, `document.documentElement.dataset.theme ?? ""`); got != "light" {
		t.Errorf("?theme=light was not set: %q", got)
	}
}

// TestInstallable checks what browsers ask of a site before they offer to install it.
func TestInstallable(t *testing.T) {
	h := hosting(t, "/repo")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	bad := ask[string](t, tab, `(async () => {
		const link = document.querySelector('link[rel="manifest"]').href;
		const m = await (await fetch(link)).json();
		if (!m.name || m.display !== "standalone") return "name or display";
		if (new URL(m.start_url, link).pathname !== "/repo/" || new URL(m.scope, link).pathname !== "/repo/") return "start or scope";
		for (const i of m.icons) {
			const r = await fetch(new URL(i.src, link));
			if (!r.ok || r.headers.get("content-type") !== i.type) return "icon " + i.src + " " + r.headers.get("content-type");
			if (i.type !== "image/png") continue;
			const side = (await createImageBitmap(await r.blob())).width;
			if (i.sizes !== side + "x" + side) return "icon " + i.src + " is " + side;
		}
		return m.icons.some((i) => i.sizes === "512x512" && !i.purpose) && m.icons.some((i) => i.sizes === "192x192") ? "" : "sizes";
	})()`)
	if bad != "" {
		t.Errorf("not installable: %s", bad)
	}
	if scale := ask[string](t, tab, `document.querySelector('meta[name="viewport"]').content`); strings.Contains(scale, "maximum-scale") || strings.Contains(scale, "user-scalable") {
		t.Errorf("the page forbids zooming: %s", scale)
	}
}
