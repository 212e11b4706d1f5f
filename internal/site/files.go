//go:build !js

package site

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"petri/internal/names"
)

// folder is the site that is being written, and the one place that knows which path each file got.
type folder struct {
	Options
	table names.Table
}

// put writes a file below web/ under a name that holds its hash.
func (f *folder) put(logical string, text []byte) error {
	if _, ok := f.table[logical]; ok {
		return fmt.Errorf("there are two files %s", logical)
	}
	f.table[logical] = names.Path(logical, text)
	return f.fixed(f.table[logical], text)
}

// fixed writes a file whose name is its own: a page, or a text for people.
func (f *folder) fixed(name string, text []byte) error {
	file := filepath.Join(f.Out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// path is where a file that has been put lies, below the root of the site and with a slash in front.
func (f *folder) path(logical string) string {
	p, ok := f.table[logical]
	if !ok {
		panic("the site refers to " + logical + " before it is written") // a mistake in the order of Generate
	}
	return "/" + p
}

// address is the path of a file on its host.
func (f *folder) address(logical string) string { return f.Base + f.path(logical) }

// copyAssets puts the programs and what lies in assets/, but for the style sheets, below web/. The texts that every
// copy must carry keep their names: people look for them.
func (f *folder) copyAssets() error {
	assets := filepath.Join(f.Root, "assets")
	err := filepath.WalkDir(assets, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(assets, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		ext := path.Ext(rel)
		if strings.HasPrefix(d.Name(), ".") || ext == ".go" || ext == ".css" || ext == ".html" {
			return nil // style sheets are joined, and stage.html waits for what it refers to
		}
		text, err := os.ReadFile(file)
		switch {
		case err != nil:
			return err
		case ext == ".md":
			return f.fixed(names.Folder+rel, text)
		case ext == ".js":
			text = slimScript(text)
		}
		return f.put(rel, text)
	})
	if err != nil {
		return err
	}
	for _, program := range []string{"app.wasm", "lab.wasm", "stage.wasm", "wasm_exec.js"} {
		text, err := os.ReadFile(filepath.Join(f.Programs, program))
		if err != nil {
			return err
		}
		if path.Ext(program) == ".js" {
			text = slimScript(text)
		}
		if err := f.put(program, text); err != nil {
			return err
		}
	}
	notices, err := os.ReadFile(filepath.Join(f.Programs, "NOTICES"))
	if err != nil {
		return err
	}
	return f.fixed("NOTICES.txt", notices)
}

// putStyles joins the style sheets of assets/css, tokens first, then in the order of their names: a page asks for one
// file, and what repeats in them is compressed away. Those in assets/css/pages are for the page of their name alone, which
// asks for them itself.
func (f *folder) putStyles() error {
	sheets, _ := filepath.Glob(filepath.Join(f.Root, "assets", "css", "*.css")) // the pattern is sound
	sort.Slice(sheets, func(i, j int) bool {
		a, b := filepath.Base(sheets[i]), filepath.Base(sheets[j])
		if a == "tokens.css" || b == "tokens.css" {
			return a == "tokens.css"
		}
		return a < b
	})
	var all []byte
	for _, s := range sheets {
		text, err := os.ReadFile(s)
		if err != nil {
			return err
		}
		all = append(all, text...)
	}
	if err := f.put(stylesheet, slimStyles(all)); err != nil {
		return err
	}
	own, _ := filepath.Glob(filepath.Join(f.Root, "assets", "css", "pages", "*.css"))
	for _, s := range own {
		text, err := os.ReadFile(s)
		if err == nil {
			err = f.put("css/"+filepath.Base(s), slimStyles(text))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putStage writes the document of the stage's iframe, which finds its program beside it.
func (f *folder) putStage() error {
	raw, err := os.ReadFile(filepath.Join(f.Root, "assets", "stage", "stage.html"))
	if err != nil {
		return err
	}
	html := string(raw)
	for _, logical := range []string{"wasm_exec.js", "stage.wasm"} {
		if !strings.Contains(html, `"../`+logical+`"`) {
			return fmt.Errorf("stage.html does not refer to ../%s", logical)
		}
		html = strings.ReplaceAll(html, `"../`+logical+`"`, `"../`+path.Base(f.path(logical))+`"`)
	}
	return f.put("stage/stage.html", []byte(html))
}

// writeList puts down which file has which path, for programs that are not part of the site: tests and benchmarks.
func (f *folder) writeList() error {
	text, err := json.MarshalIndent(f.table, "", "  ")
	if err != nil {
		return err
	}
	return f.fixed(names.List, append(text, '\n'))
}

// files lists what lies below dir, with slashes, in order.
func files(dir string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		all = append(all, filepath.ToSlash(rel))
		return err
	})
	sort.Strings(all)
	return all, err
}
