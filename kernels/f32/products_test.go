package f32

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"strings"
	"testing"
)

// Packages whose products may reach the bits of a run, seen from this one. What stands above them is analysis, which
// is compared within 1e-9, or reads sums that were made here.
var trained = []string{".", "../tape", "../nn", "../optim", "../data", "../data/random", "../data/scenes", "../data/backbone"}

// Go may fuse a product with a sum it enters, even across statements, wherever the machine can (arm64, amd64 at v3);
// only a conversion forbids it. So every product of floats in these packages stands in one.
func TestProductsAreRounded(t *testing.T) {
	for _, dir := range trained {
		products, wrong := unrounded(t, dir)
		for _, at := range wrong {
			t.Errorf("%s: a product that nothing rounds", at)
		}
		if dir == "." && products < 50 {
			t.Errorf("only %d products were found", products)
		}
	}
}

// unrounded counts the products of floats in a package and names the places of those that may be fused.
func unrounded(t *testing.T, dir string) (products int, wrong []string) {
	t.Helper()
	fset := token.NewFileSet()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		n := e.Name()
		if !strings.HasSuffix(n, ".go") || strings.HasSuffix(n, "_test.go") || strings.Contains(n, "_wasm") || strings.Contains(n, "_other") {
			continue
		}
		f, err := parser.ParseFile(fset, path.Join(dir, n), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return inspect(fset, files)
}

// inspect looks through files of one package that have been parsed.
func inspect(fset *token.FileSet, files []*ast.File) (products int, wrong []string) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	// Imports stay unresolved: an expression of unknown type counts as a float, unless the other operand is none.
	conf := types.Config{Error: func(error) {}, FakeImportC: true}
	conf.Check("p", fset, files, info)
	for _, f := range files {
		var parents []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				parents = parents[:len(parents)-1]
				return true
			}
			switch e := n.(type) {
			case *ast.BinaryExpr:
				if e.Op == token.MUL && floating(info, e) && !whole(info, e.X) && !whole(info, e.Y) {
					products++
					if !rounded(parents) {
						wrong = append(wrong, fset.Position(e.Pos()).String())
					}
				}
			case *ast.AssignStmt:
				if e.Tok == token.MUL_ASSIGN && floating(info, e.Lhs[0]) {
					products++
					wrong = append(wrong, fset.Position(e.Pos()).String())
				}
			}
			parents = append(parents, n)
			return true
		})
	}
	return products, wrong
}

// TestUnroundedProductsAreFound shows the check what it must find and what it must not.
func TestUnroundedProductsAreFound(t *testing.T) {
	for body, want := range map[string]int{
		"return x*y + z":                       1,
		"x *= y; return x + z":                 1,
		"return (x*y) - z":                     1,
		"return f.Y(x*y) + z":                  1,
		"return f.Y()*x + z":                   1,
		"return float32(x*y) + z":              0,
		"return float32((x*y)) + float32(n*n)": 0,
		"n *= n; return float32(n * f.N())":    0,
		"return 2 * 3 + z":                     0,
	} {
		fset := token.NewFileSet()
		src := "package p\nimport \"f\"\nfunc g(x, y, z float32, n int) float32 { " + body + " }"
		f, err := parser.ParseFile(fset, "p.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, wrong := inspect(fset, []*ast.File{f}); len(wrong) != want {
			t.Errorf("%s: found %d unrounded products, want %d", body, len(wrong), want)
		}
	}
}

// whole says whether an operand is known to be no float: then the product is none either.
func whole(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	b, ok := types.Unalias(tv.Type).(*types.Basic)
	return ok && tv.Value == nil && b.Kind() != types.Invalid && b.Info()&types.IsFloat == 0
}

// floating says whether an expression is a float that is not known at compile time.
func floating(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.Value != nil {
		return false
	}
	b, ok := types.Unalias(tv.Type).(*types.Basic)
	return !ok || b.Kind() == types.Invalid || b.Info()&types.IsFloat != 0
}

// rounded says whether the innermost parent, parentheses aside, is a conversion to a float type; a place in a slice or
// the length of one is no float at all.
func rounded(parents []ast.Node) bool {
	for i := len(parents) - 1; i >= 0; i-- {
		switch p := parents[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.IndexExpr, *ast.SliceExpr:
			return true
		case *ast.CallExpr:
			name, ok := p.Fun.(*ast.Ident)
			return ok && (name.Name == "float32" || name.Name == "float64" || name.Name == "make")
		}
		return false
	}
	return false
}
