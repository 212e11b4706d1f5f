package f32

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"
)

// Go may fuse a product with a sum it enters, even across statements, wherever the machine can (arm64, amd64 at v3);
// only a conversion forbids it. So every product of floats in this package stands in one.
func TestProductsAreRounded(t *testing.T) {
	fset := token.NewFileSet()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		n := e.Name()
		if !strings.HasSuffix(n, ".go") || strings.HasSuffix(n, "_test.go") || strings.Contains(n, "_wasm") || strings.Contains(n, "_other") {
			continue
		}
		f, err := parser.ParseFile(fset, n, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	// Imports stay unresolved: an expression of unknown type counts as a float.
	conf := types.Config{Error: func(error) {}, FakeImportC: true}
	conf.Check("f32", fset, files, info)

	products := 0
	for _, f := range files {
		var parents []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				parents = parents[:len(parents)-1]
				return true
			}
			switch e := n.(type) {
			case *ast.BinaryExpr:
				if e.Op == token.MUL && floating(info, e) {
					products++
					if !rounded(info, parents) {
						t.Errorf("%s: a product that nothing rounds", fset.Position(e.Pos()))
					}
				}
			case *ast.AssignStmt:
				if e.Tok == token.MUL_ASSIGN && floating(info, e.Lhs[0]) {
					t.Errorf("%s: a product that nothing rounds", fset.Position(e.Pos()))
				}
			}
			parents = append(parents, n)
			return true
		})
	}
	if products < 50 {
		t.Errorf("only %d products were found", products)
	}
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

// rounded says whether the innermost parent, parentheses aside, is a conversion to a float type.
func rounded(info *types.Info, parents []ast.Node) bool {
	for i := len(parents) - 1; i >= 0; i-- {
		switch p := parents[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.CallExpr:
			name, ok := p.Fun.(*ast.Ident)
			return ok && (name.Name == "float32" || name.Name == "float64")
		}
		return false
	}
	return false
}
