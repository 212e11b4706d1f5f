//go:build !js

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress is a line about the work under way: rewritten in place on a terminal, one line now and then elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	start    time.Time
	begun    float64 // share that was done before start
	last     time.Time
	width    int
}

// Pauses between two lines.
const (
	redraw   = 150 * time.Millisecond
	announce = 15 * time.Second
)

// newProgress starts the clock; begun is the share of the work that an earlier run has done.
func newProgress(w io.Writer, begun float64) *progress {
	p := &progress{w: w, start: time.Now(), begun: begun}
	p.last = p.start
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

// show tells how much of the work is done, from 0 to 1, and what is going on.
func (p *progress) show(share float64, what string) {
	pause := announce
	if p.terminal {
		pause = redraw
	}
	now := time.Now()
	if now.Sub(p.last) < pause {
		return
	}
	p.last = now
	text := fmt.Sprintf("%3.0f %%  %s", 100*share, what)
	if left, ok := p.left(share); ok {
		text += ", " + duration(left) + " left"
	}
	p.line(text)
}

// left estimates the time to the end from the time that the share so far has taken.
func (p *progress) left(share float64) (time.Duration, bool) {
	elapsed := time.Since(p.start)
	if share <= p.begun || elapsed < time.Second {
		return 0, false
	}
	return time.Duration(float64(elapsed) * (1 - share) / (share - p.begun)), true
}

func (p *progress) line(text string) {
	if !p.terminal {
		fmt.Fprintln(p.w, text)
		return
	}
	fmt.Fprintf(p.w, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-len(text))))
	p.width = len(text)
}

// done clears the line of a terminal.
func (p *progress) done() {
	if p.terminal && p.width > 0 {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.width))
	}
}

// duration writes a time as people say it: 8 s, 2 min 05 s, 1 h 10 min.
func duration(d time.Duration) string {
	switch s := int(d.Seconds() + .5); {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d h %02d min", s/3600, s%3600/60)
	}
}
