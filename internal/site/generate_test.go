//go:build !js

package site

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"petri/internal/names"
	"petri/internal/pack"
	"petri/ui/page"
)

// generated is a whole site, made from the assets of this repository and from programs that are none.
func generated(t *testing.T, base, lab string, effort pack.Effort) (dir string, table names.Table) {
	t.Helper()
	programs := t.TempDir()
	for name, text := range map[string]string{
		"app.wasm": "the page", "lab.wasm": lab, "stage.wasm": "the stage", "wasm_exec.js": "// Licence\nrun()\n// why\nstop()\n", "NOTICES": "notices",
	} {
		if err := os.WriteFile(filepath.Join(programs, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir = t.TempDir()
	err := Generate(Options{Root: filepath.Join("..", ".."), Programs: programs, Base: base, Build: "build", Kernels: "kernels", Marker: "marker.txt", Out: dir, Effort: effort})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, names.List))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	return dir, table
}

// plain lists the files of a site, without the copies.
func plain(t *testing.T, dir string) map[string]string {
	t.Helper()
	all, err := files(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range all {
		if !isCopy(file, all) {
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			found[file] = string(text)
		}
	}
	return found
}

// TestNames holds that whatever a page needs has its hash in its name, that the list names every such file, and that
// what keeps its name is what has to.
func TestNames(t *testing.T) {
	dir, table := generated(t, "/repo", "lab", pack.Effort{})
	listed := map[string]bool{}
	for logical, file := range table {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("%s: %v", logical, err)
		}
		if want := names.Path(logical, text); file != want {
			t.Errorf("%s lies at %s, want %s", logical, file, want)
		}
		listed[file] = true
	}
	for _, logical := range []string{"app.wasm", "lab.wasm", "stage.wasm", "wasm_exec.js", "js/worker.js", "js/start.js", "css/petri.css", "css/bench.css", "stage/stage.html",
		"data/pages.json", "data/mnist10k-images-idx3-ubyte.gz", "weights/vtiny-m.safetensors", "recorded/lora.json", "icons/petri.svg"} {
		if table[logical] == "" {
			t.Errorf("%s is not listed", logical)
		}
	}
	fixed := regexp.MustCompile(`^(web/(data|weights|recorded)/README\.md|NOTICES\.txt|marker\.txt|manifest\.webmanifest|app-worker\.js|petri-files\.json|[a-z0-9]+(/index)?\.html)$`)
	for file := range plain(t, dir) {
		if !listed[file] && !fixed.MatchString(file) {
			t.Errorf("%s has neither a hash nor a reason", file)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(sources[0].File))); err != nil {
		t.Errorf("the licence text of the digits: %v", err)
	}
}

// address finds what looks like the path of a file of the site in any text.
var address = regexp.MustCompile(`[\w./-]*[\w-]\.(?:wasm|js|css|json|svg|png|html|gz|safetensors|webmanifest|txt|md)\b`)

// TestReferences follows every path in every text of the site, and looks for names that have lost their hash.
func TestReferences(t *testing.T) {
	for _, base := range []string{"", "/repo"} {
		dir, table := generated(t, base, "lab", pack.Effort{})
		unhashed := map[string]bool{} // last parts of paths, without their hashes
		for logical := range table {
			unhashed[path.Base(logical)] = true
		}
		followed := 0
		all := plain(t, dir)
		for file, text := range all {
			switch path.Ext(file) {
			case ".html", ".css", ".js", ".webmanifest":
			default:
				continue
			}
			for _, ref := range address.FindAllString(text, -1) {
				if unhashed[path.Base(ref)] && strings.Contains(ref, "/") {
					t.Errorf("%s speaks of %s, which has no hash", file, ref)
				}
				if !names.Hashed(ref) {
					continue
				}
				target := strings.TrimPrefix(ref, base+"/")
				if !strings.HasPrefix(ref, "/") && file != "app-worker.js" {
					target = path.Join(path.Dir(file), ref)
				}
				if _, ok := all[target]; !ok {
					t.Errorf("%s refers to %s, which is not there", file, ref)
				}
				followed++
			}
		}
		if followed < 60 {
			t.Errorf("base %q: only %d references were found", base, followed)
		}
		// The pages' data lead to the files that workers and stage are started from.
		text := all[table["data/pages.json"]]
		data, err := page.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, logical := range []string{"lab.wasm", "wasm_exec.js", "js/worker.js", "stage/stage.html", "data/mnist10k-images-idx3-ubyte.gz", "weights/vtiny-m.safetensors"} {
			if data.Files[logical] != table[logical] || data.Address(logical) != base+"/"+table[logical] {
				t.Errorf("the pages look for %s at %q", logical, data.Address(logical))
			}
		}
		// A sheet of one page is named by that page and no other.
		for file, text := range all {
			if names := strings.Contains(text, base+"/"+table["css/bench.css"]); path.Ext(file) == ".html" && names != strings.HasPrefix(file, "bench") {
				t.Errorf("%s names the style sheet of the page that measures: %v", file, names)
			}
		}
		if strings.Contains(all["lora.html"], `"lessons"`) {
			t.Error("a page carries the data of all")
		}
	}
}

// TestOneChangeOneDownload changes the kernels: only they, and what names them, get new names.
func TestOneChangeOneDownload(t *testing.T) {
	_, before := generated(t, "", "lab", pack.Effort{})
	_, after := generated(t, "", "laB", pack.Effort{})
	_, again := generated(t, "", "lab", pack.Effort{})
	if !maps.Equal(before, again) {
		t.Error("the same programs made other names")
	}
	changes := map[string]bool{"lab.wasm": true, "js/start.js": true, "data/pages.json": true}
	for logical := range before {
		if changed := before[logical] != after[logical]; changed != changes[logical] {
			t.Errorf("%s: changed %v", logical, changed)
		}
	}
}

// TestCopies holds that what is worth compressing is, beside the file.
func TestCopies(t *testing.T) {
	dir, table := generated(t, "", strings.Repeat("lab", 500), pack.Quick)
	for _, file := range []string{"lora.html", "lora/index.html", "app-worker.js", table["lab.wasm"], table["css/petri.css"], table["data/pages.json"], table["weights/vtiny-m.safetensors"]} {
		for _, ext := range []string{".br", ".gz"} {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file+ext))); err != nil {
				t.Errorf("there is no %s%s", file, ext)
			}
		}
	}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(file, ".gz.gz") || strings.HasSuffix(file, ".br.gz") || strings.HasSuffix(file, ".png.br") {
			t.Errorf("%s is compressed twice", d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSlim(t *testing.T) {
	for text, want := range map[string]string{
		"// Copyright\n// of somebody\n\nlet a = 1; // kept\n\t// why\n\tlet b = \"// text\";\n": "// Copyright\n// of somebody\nlet a = 1; // kept\nlet b = \"// text\";\n",
		"let a = `\n// text\n`;\n":  "let a = `\n// text\n`;\n",
		"let a = `${x}`;\n// why\n": "let a = `${x}`;\n",
	} {
		if got := string(slimScript([]byte(text))); got != want {
			t.Errorf("script %q became %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"/* why */\na{b:c}\n\n  d{e:f /* g */}\n": "a{b:c}\nd{e:f }\n",
		"a{b:\"/* text */\"}\n":                   "a{b:\"/* text */\"}\n",
		"a{b:'\\'/*'}/**/\n":                      "a{b:'\\'/*'}\n",
		"a{b:c}/* open":                           "a{b:c}\n",
	} {
		if got := string(slimStyles([]byte(text))); got != want {
			t.Errorf("styles %q became %q, want %q", text, got, want)
		}
	}
}
