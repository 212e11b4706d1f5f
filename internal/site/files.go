//go:build !js

package site

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// copyAssets puts the programs and assets/ below web/, the folder that go-app serves as it is, and the texts that
// every copy must carry beside the pages.
func copyAssets(o Options) error {
	web := filepath.Join(o.Out, "web")
	if err := copyTree(filepath.Join(o.Root, "assets"), web); err != nil {
		return err
	}
	for _, program := range []string{"app.wasm", "lab.wasm", "stage.wasm"} {
		if err := copyFile(filepath.Join(o.Programs, program), filepath.Join(web, program)); err != nil {
			return err
		}
	}
	if err := copyFile(filepath.Join(o.Programs, "wasm_exec.js"), filepath.Join(web, "wasm_exec.js")); err != nil {
		return err
	}
	return copyFile(filepath.Join(o.Programs, "NOTICES"), filepath.Join(o.Out, "NOTICES.txt"))
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if strings.HasPrefix(d.Name(), ".") || filepath.Ext(path) == ".go" {
			return nil
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// compress writes a gzip beside every program, for servers that send it to browsers that accept it.
func compress(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".wasm" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(text); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		return os.WriteFile(path+".gz", b.Bytes(), 0o644)
	})
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
