package lab_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// The layers of ARCHITECTURE.md, read from the import graph: numbers flow from f32 to the interface, and only wire flows back.
const module = "petri/"

// TestLayers reads every Go file of the repository.
func TestLayers(t *testing.T) {
	root := os.DirFS("../..")
	files := 0
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n != "." && (strings.HasPrefix(n, ".") || n == "testdata" || n == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		files++
		for _, wrong := range violations(name, string(src)) {
			t.Error(wrong)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d Go files were read: the test looks in the wrong place", files)
	}
}

// TestLayersCanFail shows each rule a file that breaks it.
func TestLayersCanFail(t *testing.T) {
	for _, c := range []struct{ file, imports, body string }{
		{"kernels/f32/x.go", "syscall/js", ""},
		{"kernels/nn/x.go", "time", ""},
		{"kernels/lab/x.go", "os", ""},
		{"kernels/lab/x.go", "", "func f() { go f() }"},
		{"kernels/tape/x.go", "petri/kernels/nn", ""},
		{"kernels/nn/x.go", "petri/kernels/papers/lora", ""},
		{"kernels/lab/x.go", "petri/kernels/papers", ""},
		{"kernels/lab/course/x.go", "petri/kernels/papers/lora", ""},
		{"kernels/papers/lora/x.go", "petri/kernels/papers/vpt", ""},
		{"kernels/papers/lora/x.go", "petri/kernels/ref64", ""},
		{"kernels/papers/lora/x.go", "petri/ui/page", ""},
		{"kernels/nn/x.go", "gonum.org/v1/gonum/mat", ""},
		{"kernels/lab/wire/x.go", "petri/kernels/nn", ""},
		{"ui/state/x.go", "petri/kernels/lab", ""},
		{"ui/stage/x.go", "github.com/hajimehoshi/ebiten/v2", ""},
		{"ui/state/x.go", "github.com/maxence-charriere/go-app/v9/pkg/app", ""},
		{"ui/page/x.go", "petri/wasm/bridge", ""},
		{"ui/page/x.go", "syscall/js", ""},
		{"wasm/app/x.go", "github.com/hajimehoshi/ebiten/v2", ""},
	} {
		src := "package x\n"
		if c.imports != "" {
			src += "import _ " + strconv.Quote(c.imports) + "\n"
		}
		if len(violations(c.file, src+c.body)) == 0 {
			t.Errorf("%s may import %q %s", c.file, c.imports, c.body)
		}
	}
	for _, ok := range []string{"petri/kernels/lab/wire", "gonum.org/v1/gonum/stat", "math", "petri/kernels/tape"} {
		if v := violations("kernels/lab/x.go", "package x\nimport _ "+strconv.Quote(ok)); len(v) > 0 {
			t.Errorf("kernels/lab may not import %s: %v", ok, v)
		}
	}
	if v := violations("kernels/lab/course/x.go", `package x; import _ "petri/kernels/lab"`); len(v) > 0 {
		t.Errorf("a folder of kernels/lab may not import it: %v", v)
	}
}

// below lists what each kernel package may import of ours, besides its own sub-packages. data/backbone makes and opens
// models, so it stands above nn and optim, though its folder is in data.
var below = map[string][]string{
	"kernels/f32":           {},
	"kernels/ref64":         {},
	"kernels/lab/wire":      {},
	"kernels/tape":          {"kernels/f32"},
	"kernels/nn":            {"kernels/f32", "kernels/tape"},
	"kernels/optim":         {"kernels/f32", "kernels/tape"},
	"kernels/data":          {"kernels/f32", "kernels/tape"},
	"kernels/data/backbone": {"kernels/f32", "kernels/tape", "kernels/nn", "kernels/optim", "kernels/data", "assets"},
	"kernels/lab":           {"kernels/f32", "kernels/tape", "kernels/nn", "kernels/optim", "kernels/data", "kernels/lab/wire"},
}

// violations names what a file imports or does that its layer may not.
func violations(name, src string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	if err != nil {
		return []string{err.Error()}
	}
	dir := path.Dir(name)
	var wrong []string
	complain := func(format string, args ...any) {
		wrong = append(wrong, name+": "+fmt.Sprintf(format, args...))
	}
	kernel := inside(dir, "kernels") && !inside(dir, "kernels/bench")
	ui := inside(dir, "ui")
	for _, spec := range f.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value)
		ours, isOurs := strings.CutPrefix(imp, module)
		switch {
		case kernel && (imp == "syscall/js" || imp == "time" || imp == "os" || strings.HasPrefix(imp, "os/") || imp == "net/http"):
			complain("kernels may not import %s: they get time and files from lab.Env", imp)
		case imp == "syscall/js" && !inside(dir, "wasm") && !inside(dir, "kernels/bench"):
			complain("only wasm imports syscall/js")
		case inside(imp, "gonum.org/v1/gonum") && !inside(dir, "kernels/lab") && !inside(dir, "kernels/papers") && !inside(dir, "kernels/bench"):
			complain("gonum is for analysis, in lab and papers")
		case inside(imp, "github.com/hajimehoshi/ebiten") && !inside(dir, "wasm/stage"):
			complain("only wasm/stage imports Ebiten")
		case inside(imp, "github.com/maxence-charriere/go-app") && !inside(dir, "ui/page") && !inside(dir, "wasm") && !inside(dir, "internal"):
			complain("only ui/page knows go-app")
		case !isOurs:
		case ours == "kernels/ref64" || inside(ours, "kernels/ref64"):
			complain("only tests import ref64")
		case kernel && (inside(ours, "ui") || inside(ours, "wasm") || inside(ours, "internal")):
			complain("kernels may not import %s", ours)
		case ui && inside(ours, "kernels") && !inside(ours, "kernels/lab/wire"):
			complain("ui knows kernels/lab/wire only, not %s", ours)
		case ui && (inside(ours, "wasm") || inside(ours, "internal")):
			complain("ui may not import %s", ours)
		case inside(dir, "kernels/papers") && dir != "kernels/papers" && inside(ours, "kernels/papers") && !inside(ours, paper(dir)):
			complain("papers do not import papers: %s", ours)
		case kernel && !inside(dir, "kernels/papers") && inside(ours, "kernels/papers"):
			complain("%s may not know a paper", dir)
		case kernel && !inside(dir, "kernels/papers") && !allowed(dir, ours):
			complain("%s stands below %s, or beside it", dir, ours)
		}
	}
	if kernel {
		ast.Inspect(f, func(n ast.Node) bool {
			if _, is := n.(*ast.GoStmt); is {
				complain("kernels start no goroutines")
			}
			return true
		})
	}
	return wrong
}

// inside tells whether a path is a folder or below it.
func inside(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// paper is the folder of the paper that a folder belongs to.
func paper(dir string) string {
	parts := strings.Split(dir, "/")
	return strings.Join(parts[:3], "/")
}

// allowed looks a kernel package up in below; a sub-folder without a line of its own follows its parent.
func allowed(dir, imp string) bool {
	for at := dir; at != "."; at = path.Dir(at) {
		list, known := below[at]
		if !known {
			continue
		}
		if inside(imp, at) && imp != dir || inside(dir, imp) && at != dir {
			return true
		}
		for _, l := range list {
			if imp == l {
				return true
			}
		}
		return false
	}
	return false
}
