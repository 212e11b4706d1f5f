//go:build !js

package build

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

const (
	lockBeat  = 2 * time.Second  // how often the owner of a lock shows that it lives
	lockStale = 15 * time.Second // how long a silent lock is believed
)

// once runs make(temporary folder) and moves the result to dir, unless dir is there already. Processes that want the
// same dir at the same time (go test runs packages side by side) wait for the one that works. A lock file is used
// rather than the locks of one operating system; its owner touches it, so a killed build blocks nobody for long.
func once(ctx context.Context, dir string, make func(tmp string) error) error {
	lock := dir + ".lock"
	for {
		if _, err := os.Stat(dir); err == nil {
			now := time.Now()
			return os.Chtimes(dir, now, now) // in use: see prune
		}
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			f.Close()
			break
		}
		if !os.IsExist(err) {
			return err
		}
		if info, err := os.Stat(lock); err == nil && time.Since(info.ModTime()) > lockStale {
			os.Remove(lock)
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	defer os.Remove(lock)
	stop := beat(lock)
	defer stop()

	tmp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := make(tmp); err != nil {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		return nil // another process took a stale lock and finished first: the same contents
	}
	return os.Rename(tmp, dir)
}

func beat(file string) (stop func()) {
	done := make(chan struct{})
	tick := time.NewTicker(lockBeat)
	go func() {
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				os.Chtimes(file, now, now)
			}
		}
	}()
	return func() { tick.Stop(); close(done) }
}

// prune removes builds that nobody used for a while, but keeps the newest.
func prune(dir string, keep int, age time.Duration) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return
	}
	type old struct {
		path string
		used time.Time
	}
	var all []old
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			all = append(all, old{filepath.Join(dir, e.Name()), info.ModTime()})
		}
	}
	for _, a := range all {
		newer := 0
		for _, b := range all {
			if b.used.After(a.used) {
				newer++
			}
		}
		if newer >= keep && time.Since(a.used) > age {
			os.RemoveAll(a.path)
		}
	}
}
