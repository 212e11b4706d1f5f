package genall_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"petri/internal/genall"
)

// TestAllIsFresh fails when a paper was added or removed and the list was not made again.
func TestAllIsFresh(t *testing.T) {
	want, err := genall.Render(os.DirFS("../../kernels/papers"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../kernels/papers/zz_all.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != string(want) {
		t.Errorf("kernels/papers/zz_all.go is stale; run: go generate ./kernels/papers\nhave\n%s\nwant\n%s", have, want)
	}
}

func TestRenderFindsPapersAndNothingElse(t *testing.T) {
	src, err := genall.Render(fstest.MapFS{
		"vpt/vpt.go":        {Data: []byte("package vpt\n\nvar Paper = lab.Paper{}\n")},
		"lora/a.go":         {Data: []byte("package lora\n")},
		"lora/z.go":         {Data: []byte("package lora\n\n// Paper is.\nvar Paper = lab.Paper{\n}\n")},
		"draft/x_test.go":   {Data: []byte("package draft\n\nvar Paper = lab.Paper{}\n")},
		"notes/readme.md":   {Data: []byte("var Paper = lab.Paper{}\n")},
		"empty/sub/deep.go": {Data: []byte("package sub\n\nvar Paper = lab.Paper{}\n")},
		"zz_all.go":         {Data: []byte("package papers\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := string(src)
	if i, j := strings.Index(got, "\tlora.Paper,\n"), strings.Index(got, "\tvpt.Paper,\n"); i < 0 || j < i {
		t.Errorf("want lora, then vpt, in:\n%s", got)
	}
	for _, no := range []string{"draft", "notes", "sub", "empty"} {
		if strings.Contains(got, no) {
			t.Errorf("%s is no paper, but is in the list", no)
		}
	}
}
