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

	"petri/ui/page"
)

//go:embed boot.js
var bootScript string

//go:embed start.js
var startScript string

// Logical names of what is made here.
const (
	stylesheet  = "css/petri.css"
	startName   = "js/start.js"
	contentName = "data/pages.json"
)

// renderPages lets go-app render every page and then mends what it wrote.
func (f *folder) renderPages(data page.Data) error {
	page.Register(data)
	paths := page.Paths(data)
	handler := &app.Handler{
		Name:            name,
		ShortName:       name,
		Title:           name,
		Description:     description,
		Author:          "The Petri authors",
		Keywords:        []string{"LoRA", "vision transformer", "parameter-efficient fine-tuning", "WebAssembly", "teaching"},
		Image:           f.path("icons/" + icon512),
		Lang:            "en",
		BackgroundColor: paperHex,
		ThemeColor:      paperHex,
		Version:         name, // go-app's versions are of no use here, and an empty one is random
		Styles:          []string{f.path(stylesheet)},
		Icon: app.Icon{Default: f.path("icons/" + icon192), Large: f.path("icons/" + icon512), SVG: f.path("icons/" + iconSVG),
			AppleTouch: f.path("icons/" + icon192)},
		Resources: provider{f.Base},
	}
	if err := app.GenerateStaticWebsite(f.Out, handler, paths...); err != nil {
		return err
	}
	if err := f.putStart(data); err != nil {
		return err
	}
	boot, err := fill("boot.js", bootScript, map[string]any{"Worker": f.Base + "/app-worker.js", "Scope": f.Base + "/"})
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := f.mendPage(p, string(slimScript([]byte(boot)))); err != nil {
			return fmt.Errorf("page %s: %w", p, err)
		}
	}
	// go-app's own versions of what the pages no longer refer to.
	for _, file := range []string{"app.js", "app.css", "wasm_exec.js"} {
		if err := os.Remove(filepath.Join(f.Out, file)); err != nil {
			return err
		}
	}
	return nil
}

// provider tells go-app where a site under a base path finds its files.
type provider struct{ base string }

func (p provider) Package() string { return p.base }
func (p provider) Static() string  { return p.base }
func (p provider) AppWASM() string { return p.base + "/" } // start.js knows better

// environment is what go-app's script gives its program to know about itself.
var environment = regexp.MustCompile(`(?m)^const goappEnv = (\{.*\});$`)

// putStart writes the script that starts the page's program, in place of go-app's.
func (f *folder) putStart(data page.Data) error {
	theirs, err := os.ReadFile(filepath.Join(f.Out, "app.js"))
	if err != nil {
		return err
	}
	m := environment.FindSubmatch(theirs)
	if m == nil {
		return fmt.Errorf("go-app's app.js has no goappEnv; look at what this version writes")
	}
	// What the program calls must all be in our script: another version may call more.
	for _, call := range regexp.MustCompile(`(?m)^(?:async )?function (goapp\w+)`).FindAllSubmatch(theirs, -1) {
		if !known[string(call[1])] {
			return fmt.Errorf("go-app's app.js has a function %s that is new; see whether its program calls it", call[1])
		}
	}
	labs := []string{"bench"} // it measures the kernels
	for _, l := range data.Catalog.Labs {
		labs = append(labs, l.ID)
	}
	script, err := fill("start.js", startScript, map[string]any{
		"Files": map[string]string{"app": f.address("app.wasm"), "lab": f.address("lab.wasm"), "compile": f.address("js/compile.js"), "data": f.address(contentName)},
		"Labs":  labs, "Scope": f.Base + "/", "Env": json.RawMessage(m[1]),
	})
	if err != nil {
		return err
	}
	return f.put(startName, slimScript([]byte(script)))
}

// known are the functions of go-app's app.js: those that start.js has too, then those that nothing here calls.
var known = map[string]bool{
	"goappGetenv": true, "goappIsAppInstallable": true, "goappIsAppInstalled": true, "goappKeepBodyClean": true, "goappShowInstallPrompt": true,

	"goappCanLoadWebAssembly": true, "goappInitServiceWorker": true, "goappInitWebAssembly": true, "goappNewNotification": true,
	"goappSetupAutoUpdate": true, "goappSetupNotifyUpdate": true, "goappSetupPushNotification": true, "goappSubscribePushNotifications": true,
	"goappWatchForInstallable": true, "goappWatchForUpdate": true,
}

var (
	ogURL  = regexp.MustCompile(`<meta content="http://([^"/]*)[^"]*" property="og:url">`)
	ogTag  = regexp.MustCompile(`\s*<meta content="[^"]*" property="og:url">`)
	loader = regexp.MustCompile(`(?s)<aside[^>]*id="app-wasm-loader".*?</aside>`)
)

// mendPage replaces what go-app writes into the HTML of a page and cannot be told otherwise. A piece that is not there
// is an error: then go-app has changed, and so must this.
func (f *folder) mendPage(path, boot string) error {
	file := filepath.Join(f.Out, filepath.FromSlash(pageFile(path)))
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
	// Visitors may zoom. The theme is set before anything else is read.
	swap("viewport", regexp.MustCompile(`<meta content="[^"]*" name="viewport">`),
		`<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">`+"\n<script>\n"+boot+"</script>\n")
	// A hint to fetch a style sheet is of no use right before the style sheet, and go-app's own styles nothing.
	swap("preloads of style sheets", regexp.MustCompile(`<link as="style" [^>]*rel="preload"[^>]*>\s*`), "")
	swap("app.css", regexp.MustCompile(`<link href="[^"]*/app\.css" [^>]*>\s*`), "")
	swap("wasm_exec.js", regexp.MustCompile(`src="[^"]*/wasm_exec\.js"`), `src="`+f.address("wasm_exec.js")+`"`)
	swap("app.js", regexp.MustCompile(`src="[^"]*/app\.js"`), `src="`+f.address(startName)+`"`)
	// The page was rendered by a server with a random port, whose address is of no use to anybody.
	if m := ogURL.FindStringSubmatch(html); m != nil {
		html = strings.NewReplacer("http://"+m[1], "", m[1], "").Replace(html)
	}
	swap("og:url", ogTag, "")
	swap("theme colour", regexp.MustCompile(`<meta content="[^"]*" name="theme-color">`),
		`<meta name="theme-color" content="`+paperHex+`" media="(prefers-color-scheme: light)">`+
			`<meta name="theme-color" content="`+nightHex+`" media="(prefers-color-scheme: dark)">`)
	// The text is there to be read while the program loads: nothing lies over it. Its label shows what went wrong.
	swap("loader", loader, `<aside id="app-wasm-loader" class="loadfault" role="status" hidden><p id="app-wasm-loader-label"></p></aside>`)
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
	return f.fixed(strings.Trim(path, "/")+"/index.html", []byte(html))
}

// pageFile is the file that go-app writes for a page's path.
func pageFile(path string) string {
	if path == "/" {
		return "index.html"
	}
	return strings.TrimPrefix(path, "/") + ".html"
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
