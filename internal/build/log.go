//go:build !js

package build

import (
	"fmt"
	"io"
	"sync"
)

// Log prints progress, a line at a time. The zero Log is silent.
type Log struct {
	w  io.Writer
	mu *sync.Mutex
}

// NewLog writes to w.
func NewLog(w io.Writer) Log { return Log{w: w, mu: new(sync.Mutex)} }

// Printf writes one line.
func (l Log) Printf(format string, args ...any) {
	if l.w == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format+"\n", args...)
}
