//go:build !js

package site

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"petri/internal/names"
)

func TestIcons(t *testing.T) {
	for _, side := range []int{192, 512} {
		text, err := markPNG(side)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != side || b.Dy() != side {
			t.Errorf("%v, want a side of %d", b, side)
		}
		dark := func(x, y float64) bool { // in the units of the mark
			at := func(u float64) int { return int((0.2 + 0.6*u/24) * float64(side)) }
			r, _, _, _ := img.At(at(x), at(y)).RGBA()
			return r < 0x8000
		}
		if !dark(9.4, 10.4) || !dark(12, 1.8) || dark(12, 12) {
			t.Errorf("%d: the mark is not where it should be", side)
		}
	}
	if svg := string(markSVG()); strings.Count(svg, "<circle") != len(rings)+len(colonies) {
		t.Errorf("the SVG does not draw every ring and colony: %s", svg)
	}
}

// page as go-app writes it, as far as mendPage looks at it.
const goappPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta name="theme-color" content="#FBFAF7">
<meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1, user-scalable=0, viewport-fit=cover">
<meta property="og:url" content="http://127.0.0.1:43211/lora">
<link rel="preload" href="/repo/app.css" as="style" type="text/css">
<link rel="preload" href="/repo/web/css/petri.0123abcd.css" as="style" type="text/css">
<link rel="stylesheet" href="/repo/app.css" type="text/css">
<link rel="stylesheet" href="/repo/web/css/petri.0123abcd.css" type="text/css">
<script defer src="/repo/wasm_exec.js"></script>
<script defer src="/repo/app.js"></script>
</head>
<body><div>text</div><p title="http://127.0.0.1:43211/lora">127.0.0.1:43211/lora</p>
<aside class="goapp-app-info" id="app-wasm-loader">
<img id="app-wasm-loader-icon"><p id="app-wasm-loader-label">0%</p>
</aside>
</body></html>`

func TestTidyAttributes(t *testing.T) {
	for html, want := range map[string]string{
		`<p>a < b</p>`: `<p>a < b</p>`,
		`<!DOCTYPE html><a href="x?a=1&b=2>3" class='c' hidden>t</a>`: `<!DOCTYPE html><a class='c' hidden href="x?a=1&b=2>3">t</a>`,
		`<svg><path d="M0 0" class="x"/></svg>`:                       `<svg><path class="x" d="M0 0"/></svg>`,
		`<p hidden="false" aria-hidden="false" disabled="true">`:      `<p aria-hidden="false" disabled="true">`,
		`<img src=a/b alt>`: `<img alt src=a/b>`,
		`<script type="x" id="y">if (a <b c="1" a="2">) "</p>"</script><b z="1" a="2">`: `<script id="y" type="x">if (a <b c="1" a="2">) "</p>"</script><b a="2" z="1">`,
		"<div\n  id=\"a\"\n  class=\"b\"\n>":                                            `<div class="b" id="a">`,
	} {
		if got, err := tidyAttributes(html); err != nil || got != want {
			t.Errorf("%s\n  gave %s, %v\n  want %s", html, got, err, want)
		}
	}
	for _, html := range []string{`<p class="a`, `<p `, `<script>x`} {
		if got, err := tidyAttributes(html); err == nil {
			t.Errorf("%q gave %q", html, got)
		}
	}
}

// emptyFolder is a site below /repo with nothing in it.
func emptyFolder(t *testing.T) *folder {
	return &folder{Options{Out: t.TempDir(), Base: "/repo", Marker: "marker.txt"}, names.Table{}}
}

func TestMendPage(t *testing.T) {
	f := emptyFolder(t)
	f.table["wasm_exec.js"], f.table[startName] = "web/wasm_exec.1.js", "web/start.1.js"
	file := filepath.Join(f.Out, "lora.html")
	if err := os.WriteFile(file, []byte(goappPage), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.mendPage("/lora", "boot()\n"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lora.html", "lora/index.html"} {
		raw, err := os.ReadFile(filepath.Join(f.Out, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		html := string(raw)
		for _, not := range []string{"user-scalable", "maximum-scale", "43211", "og:url", "0%", "goapp-app-info", "app.css", "app.js", "preload", "/repo/wasm_exec.js"} {
			if strings.Contains(html, not) {
				t.Errorf("%s still holds %s", name, not)
			}
		}
		for _, want := range []string{"boot()", `href="/repo/web/css/petri.0123abcd.css" rel="stylesheet"`, `src="/repo/web/wasm_exec.1.js"`, `src="/repo/web/start.1.js"`, "<div>text</div>", `<p title="/lora">/lora</p>`, "prefers-color-scheme: dark", `id="app-wasm-loader-label"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
	// Another version of go-app that writes something else must not pass unnoticed.
	if err := os.WriteFile(file, []byte(strings.Replace(goappPage, "og:url", "og:address", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.mendPage("/lora", ""); err == nil || !strings.Contains(err.Error(), "og:url") {
		t.Errorf("error %v", err)
	}
}

func TestServiceWorkerKeepsEverythingOnce(t *testing.T) {
	f := emptyFolder(t)
	write := func(name, text string) {
		if err := f.fixed(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"index.html", "index.html.br", "lora.html", "lora/index.html", "404.html", "web/app.wasm", "web/app.wasm.gz", "web/app.wasm.br",
		"web/data/mnist.gz", "NOTICES.txt", "marker.txt", names.List} {
		write(name, name)
	}
	paths := []string{"/", "/lora", "/404"}
	script := func() string {
		if err := f.writeServiceWorker(paths); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(f.Out, "app-worker.js"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := script()
	if !strings.Contains(first, `const files = ["404.html","NOTICES.txt","index.html","lora.html","web/app.wasm","web/data/mnist.gz"];`) {
		t.Errorf("the list of files is not as expected:\n%s", first)
	}
	if !strings.Contains(first, `const pages = {"":"index.html","404":"404.html","lora":"lora.html"};`) {
		t.Error("the table of pages is not as expected")
	}
	if script() != first {
		t.Error("the same files made another version")
	}
	write("web/data/mnist.gz", "changed")
	if script() == first {
		t.Error("a changed file made no new version")
	}
}

func TestManifestStaysBelowTheBase(t *testing.T) {
	f := emptyFolder(t)
	if err := f.putIcons(); err != nil {
		t.Fatal(err)
	}
	if err := f.writeManifest(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(f.Out, "manifest.webmanifest"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Start string `json:"start_url"`
		Scope string
		Icons []struct{ Src, Purpose string }
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.Start != "/repo/" || m.Scope != "/repo/" || len(m.Icons) == 0 {
		t.Errorf("manifest %+v", m)
	}
	for _, i := range m.Icons {
		if !strings.HasPrefix(i.Src, "/repo/web/icons/") {
			t.Errorf("icon %s is outside of the site", i.Src)
		}
	}
}
