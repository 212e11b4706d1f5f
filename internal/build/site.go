//go:build !js

package build

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Marker is a file in every generated site. It says which build made the site, and that the folder is ours to replace.
const Marker = "petri-build.txt"

// Site returns a folder with the generated site for a base path ("" for the root), from the cache when it is there.
func Site(ctx context.Context, p Programs, base string) (string, error) {
	base, err := CleanBase(base)
	if err != nil {
		return "", err
	}
	name := p.Build + strings.ReplaceAll(base, "/", "_")
	sites := filepath.Join(filepath.Dir(filepath.Dir(p.Dir)), "sites")
	prune(sites, 4, 2*time.Hour)
	dir := filepath.Join(sites, name)
	return dir, once(ctx, dir, func(tmp string) error { return Generate(ctx, p, base, tmp, Quick) })
}

// Packing says how hard the generator compresses the copies that it writes beside the files.
type Packing string

// The two ways: in seconds, for the machine that the site is built on, and as well as can be, for a host.
const (
	Quick Packing = "-best=false"
	Best  Packing = "-best"
)

// Generate writes the site into an empty folder.
func Generate(ctx context.Context, p Programs, base, out string, packing Packing) error {
	packed := filepath.Join(filepath.Dir(filepath.Dir(p.Dir)), "packed")
	cmd := exec.CommandContext(ctx, filepath.Join(p.Dir, generator()), "-root", p.Root, "-programs", p.Dir, "-base", base,
		"-build", p.Build, "-kernels", p.Kernels, "-packed", packed, string(packing), "-out", out)
	cmd.Dir = p.Root
	return run(cmd)
}

// CleanBase checks a base path and writes it in its one form: "" for the root, else "/repo" or "/a/b".
func CleanBase(base string) (string, error) {
	trimmed := strings.Trim(base, "/")
	if trimmed == "" {
		return "", nil
	}
	for _, part := range strings.Split(trimmed, "/") {
		if part == "" || part == "." || part == ".." || url.PathEscape(part) != part {
			return "", fmt.Errorf("-base %q is not a path of a site; try -base /%s", base, plain(trimmed))
		}
	}
	return "/" + trimmed, nil
}

// plain keeps the last part of an address, letters, digits, dots and dashes only: a guess at what was meant.
func plain(s string) string {
	s = s[strings.LastIndexByte(s, '/')+1:]
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
	if strings.Trim(s, ".") == "" {
		return "repo"
	}
	return s
}

// Export writes the site for a base path into dir, which must be empty, absent or an earlier export.
func Export(ctx context.Context, p Programs, base, dir string, packing Packing) error {
	base, err := CleanBase(base)
	if err != nil {
		return err
	}
	if err := MayReplace(dir); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, ".petri-export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := Generate(ctx, p, base, tmp, packing); err != nil {
		return err
	}
	if err := MayReplace(dir); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// MayReplace reports why a folder must not be replaced by an export.
func MayReplace(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("-out %s is a file; name a new folder", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, Marker)); err != nil {
		return fmt.Errorf("-out %s holds other files, and an export would replace them; name a new or an empty folder", dir)
	}
	return nil
}
