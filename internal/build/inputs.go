//go:build !js

package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// sources are the folders and files whose contents decide what a build makes.
var sources = []string{"go.mod", "go.sum", "LICENSE", "assets", "internal", "kernels", "ui", "wasm"}

// kernelSources are those that decide what the kernels do. What only looks different leaves their program as it was, and
// visitors keep the copy that they have.
var kernelSources = []string{"go.mod", "go.sum", "assets/assets.go", "assets/weights/manifest.json", "kernels", "wasm/bridge", "wasm/lab"}

// Inputs returns a hash of everything that a build reads: names and contents of the sources, tests left out.
func Inputs(root string) (string, error) { return inputs(root, sources) }

func inputs(root string, sources []string) (string, error) {
	var files []string
	for _, s := range sources {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(s)), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir():
				if name := d.Name(); name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") {
					return fs.SkipDir
				}
			case d.Type().IsRegular() && !strings.HasSuffix(path, "_test.go"):
				files = append(files, path)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
	}
	sort.Strings(files)
	h := sha256.New()
	for _, path := range files {
		if err := hashFile(h, root, path); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func hashFile(h io.Writer, root, path string) error {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(rel), info.Size())
	_, err = io.Copy(h, f)
	return err
}
