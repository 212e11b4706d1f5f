//go:build !js

// Package pack writes compressed copies beside the files of a site, x.br and x.gz beside x, for servers that send them
// to browsers that accept them.
//
// Brotli at its best takes four seconds per megabyte, so copies are kept by the contents of what they were made from:
// a program that did not change is not compressed again.
package pack

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

// Effort says how hard to try.
type Effort struct {
	name         string
	gzip, brotli int // levels
}

var (
	// Best is for what goes to a static host once and over the network many times.
	Best = Effort{"best", gzip.BestCompression, brotli.BestCompression}
	// Quick is for the machine that the site was built on: a fifth larger, in a tenth of the time.
	Quick = Effort{"quick", gzip.DefaultCompression, 5}
)

// kinds are the files that may become smaller. Pictures and the digits are compressed as they are.
var kinds = []string{".css", ".html", ".js", ".json", ".md", ".safetensors", ".svg", ".txt", ".wasm", ".webmanifest"}

// worth is the largest share of a file that its copy may have: what saves less is not worth unpacking.
const worth = 0.95

// Tree writes the copies of everything below dir. cache is a folder to keep copies in; "" for none.
func Tree(dir, cache string, e Effort) error {
	var todo []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains(kinds, filepath.Ext(path)) {
			todo = append(todo, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if cache != "" {
		if err := os.MkdirAll(cache, 0o755); err != nil {
			return err
		}
		defer forget(cache)
	}
	// The largest come first, so that no core is left alone with one at the end.
	sizes := map[string]int64{}
	for _, f := range todo {
		if info, err := os.Stat(f); err == nil {
			sizes[f] = info.Size()
		}
	}
	slices.SortStableFunc(todo, func(a, b string) int { return int(sizes[b] - sizes[a]) })
	jobs := make(chan func() error)
	var wait sync.WaitGroup
	var failed sync.Once
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for job := range jobs {
				if e := job(); e != nil {
					failed.Do(func() { err = e })
				}
			}
		})
	}
	for _, f := range todo {
		jobs <- func() error { return copies(f, ".br", cache, e) }
		jobs <- func() error { return copies(f, ".gz", cache, e) }
	}
	close(jobs)
	wait.Wait()
	return err
}

// copies writes one copy of a file, from the cache where it is there.
func copies(file, ext, cache string, e Effort) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	kept := filepath.Join(cache, hex.EncodeToString(sum[:16])+"-"+e.name+ext)
	if cache != "" {
		if small, err := os.ReadFile(kept); err == nil {
			now := time.Now()
			os.Chtimes(kept, now, now) // in use: see forget
			return write(file+ext, small, len(text))
		}
	}
	small, err := e.squeeze(text, ext)
	if err != nil {
		return fmt.Errorf("%s%s: %w", filepath.Base(file), ext, err)
	}
	if cache != "" {
		// Whole or not at all: another build may read it at the same time.
		if tmp, err := os.CreateTemp(cache, "tmp-"); err == nil {
			_, err = tmp.Write(small)
			if tmp.Close() == nil && err == nil {
				os.Rename(tmp.Name(), kept)
			}
			os.Remove(tmp.Name())
		}
	}
	return write(file+ext, small, len(text))
}

func write(file string, small []byte, plain int) error {
	if float64(len(small)) > worth*float64(plain) {
		return nil
	}
	return os.WriteFile(file, small, 0o644)
}

// squeeze compresses text the way an extension names.
func (e Effort) squeeze(text []byte, ext string) ([]byte, error) {
	var b bytes.Buffer
	if ext == ".br" {
		// The largest window: the programs are longer than the usual one.
		w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: e.brotli, LGWin: 24})
		if _, err := w.Write(text); err != nil {
			return nil, err
		}
		err := w.Close()
		return b.Bytes(), err
	}
	w, err := gzip.NewWriterLevel(&b, e.gzip)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// forget removes copies that no build used for a month.
func forget(cache string) {
	entries, _ := os.ReadDir(cache)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 30*24*time.Hour {
			os.Remove(filepath.Join(cache, e.Name()))
		}
	}
}
