//go:build !js

package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	_ "embed"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page"
)

//go:embed boot.js
var bootScript string

// renderPages lets go-app render every page and then mends what it wrote.
func renderPages(o Options, data page.Data) error {
	embedded, err := json.Marshal(data) // escapes <, > and &, so it cannot end the script element it stands in
	if err != nil {
		return err
	}
	page.Register(data)
	paths := page.Paths(data)
	handler := &app.Handler{
		Name:            name,
		ShortName:       name,
		Title:           name,
		Description:     description,
		Author:          "The Petri authors",
		Keywords:        []string{"LoRA", "vision transformer", "parameter-efficient fine-tuning", "WebAssembly", "teaching"},
		Image:           "/web/icons/" + icon512,
		Lang:            "en",
		BackgroundColor: paperHex,
		ThemeColor:      paperHex,
		Version:         o.Build,
		Styles:          styles(o.Root),
		Icon:            app.Icon{Default: "/web/icons/" + icon192, Large: "/web/icons/" + icon512, SVG: "/web/icons/" + iconSVG, AppleTouch: "/web/icons/" + icon192},
		Resources:       resources(o.Base),
		RawHeaders:      []string{`<script type="application/json" id="` + page.DataID + `">` + string(embedded) + `</script>`},
	}
	if err := app.GenerateStaticWebsite(o.Out, handler, paths...); err != nil {
		return err
	}
	boot, err := fill("boot.js", bootScript, map[string]any{"Worker": o.Base + "/app-worker.js", "Scope": o.Base + "/"})
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := mendPage(o, p, boot, preloads(o.Base, data.Catalog, p)); err != nil {
			return fmt.Errorf("page %s: %w", p, err)
		}
	}
	if err := mendScript(filepath.Join(o.Out, "app.js")); err != nil {
		return err
	}
	// go-app's own copy of this script is that of an old Go.
	return copyFile(filepath.Join(o.Programs, "wasm_exec.js"), filepath.Join(o.Out, "wasm_exec.js"))
}

// resources tells go-app where a site under a base path finds its files.
func resources(base string) app.ResourceProvider { return provider{base} }

type provider struct{ base string }

func (p provider) Package() string { return p.base }
func (p provider) Static() string  { return p.base }
func (p provider) AppWASM() string { return p.base + "/web/app.wasm" }

// styles lists the style sheets in assets/css: tokens first, then in the order of their names.
func styles(root string) []string {
	found, _ := filepath.Glob(filepath.Join(root, "assets", "css", "*.css")) // sorted; the pattern is sound
	var first, rest []string
	for _, f := range found {
		if name := filepath.Base(f); name == "tokens.css" {
			first = append(first, "/web/css/"+name)
		} else {
			rest = append(rest, "/web/css/"+name)
		}
	}
	return append(first, rest...)
}

var (
	ogURL  = regexp.MustCompile(`<meta content="http://([^"/]*)[^"]*" property="og:url">`)
	ogTag  = regexp.MustCompile(`\s*<meta content="[^"]*" property="og:url">`)
	loader = regexp.MustCompile(`(?s)<aside[^>]*id="app-wasm-loader".*?</aside>`)
)

// mendPage replaces what go-app writes into the HTML of a page and cannot be told otherwise. A piece that is not there
// is an error: then go-app has changed, and so must this.
func mendPage(o Options, path, boot, hints string) error {
	file := filepath.Join(o.Out, filepath.FromSlash(pageFile(path)))
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	html, err := tidyAttributes(string(raw))
	if err != nil {
		return err
	}
	swap := func(what string, pattern *regexp.Regexp, with string) {
		if err == nil && !pattern.MatchString(html) {
			err = fmt.Errorf("go-app's output has no %s; look at what this version writes", what)
		}
		html = pattern.ReplaceAllLiteralString(html, with)
	}
	// Visitors may zoom. The theme is set and the programs are asked for before anything else is read.
	swap("viewport", regexp.MustCompile(`<meta content="[^"]*" name="viewport">`),
		`<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">`+"\n<script>\n"+boot+"</script>\n"+hints)
	// The page was rendered by a server with a random port, whose address is of no use to anybody.
	if m := ogURL.FindStringSubmatch(html); m != nil {
		html = strings.NewReplacer("http://"+m[1], "", m[1], "").Replace(html)
	}
	swap("og:url", ogTag, "")
	swap("theme colour", regexp.MustCompile(`<meta content="[^"]*" name="theme-color">`),
		`<meta name="theme-color" content="`+paperHex+`" media="(prefers-color-scheme: light)">`+
			`<meta name="theme-color" content="`+nightHex+`" media="(prefers-color-scheme: dark)">`)
	// The text is there to be read while the program loads: nothing lies over it. Its label shows what went wrong.
	swap("loader", loader, `<aside id="app-wasm-loader" class="loadfault" role="status" hidden><img id="app-wasm-loader-icon" alt="" hidden><p id="app-wasm-loader-label"></p></aside>`)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		return err
	}
	if path == "/" || path == "/404" {
		return nil
	}
	// A plain file server knows no page.html for /page, but it shows a folder's index.
	folder := filepath.Join(o.Out, filepath.FromSlash(path))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "index.html"), []byte(html), 0o644)
}

// pageFile is the file that go-app writes for a page's path.
func pageFile(path string) string {
	if path == "/" {
		return "index.html"
	}
	return strings.TrimPrefix(path, "/") + ".html"
}

// preloads starts the download of the page's program, and on the page of a lab or of the bench that of the kernels, before any script
// has run.
func preloads(base string, catalog wire.Catalog, path string) string {
	hint := func(file string) string {
		return `<link rel="preload" as="fetch" type="application/wasm" crossorigin href="` + base + "/web/" + file + `">` + "\n"
	}
	if _, ok := catalog.Lab(strings.TrimPrefix(path, "/")); ok || path == "/bench" {
		return hint("app.wasm") + hint("lab.wasm")
	}
	return hint("app.wasm")
}

// mendScript changes go-app's start script: the service worker is ours (see boot.js), the program streams straight
// into the compiler, and a program that cannot start says so on the page instead of on a cover over it.
func mendScript(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	script := string(raw)
	for _, swap := range []struct{ old, new string }{
		{"goappInitServiceWorker();\ngoappWatchForUpdate();", "goappWatchForUpdate();"},
		{"fetchWithProgress(\"", "fetch(\""},
		{", showProgress),\n", "),\n"},
		{"    loaderIcon.className = \"goapp-logo\";\n    loaderLabel.innerText = err;", "    loader.hidden = false;\n    loaderLabel.innerText = \"This page's program could not be started (\" + err.message + \"). The text can be read; to run a lab, reload the page or use a current browser.\";"},
	} {
		if strings.Count(script, swap.old) != 1 {
			return fmt.Errorf("go-app's app.js does not hold %q once; look at what this version writes", swap.old)
		}
		script = strings.Replace(script, swap.old, swap.new, 1)
	}
	return os.WriteFile(file, []byte(script), 0o644)
}

// fill executes a script's template. Every value is written as JSON, which is JavaScript too.
func fill(name, text string, values map[string]any) (string, error) {
	literals := make(map[string]string, len(values))
	for k, v := range values {
		j, err := json.Marshal(v)
		if err != nil {
			return "", err
		}
		literals[k] = string(j)
	}
	t, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, literals)
	return b.String(), err
}
