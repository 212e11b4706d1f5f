//go:build !js

package browser

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Tab is one tab. What its pages, frames and workers write to the console is collected from the start.
type Tab struct {
	ctx  context.Context
	stop context.CancelFunc

	mu       sync.Mutex
	messages []chromedp.ConsoleMessage
}

func newTab(parent context.Context, options ...chromedp.ContextOption) (*Tab, error) {
	ctx, stop := chromedp.NewContext(parent, options...)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	t := &Tab{ctx: ctx, stop: stop}
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			t.mu.Lock()
			t.messages = append(t.messages, m)
			t.mu.Unlock()
		}
	}()
	return t, nil
}

// Close closes the tab.
func (t *Tab) Close() { t.stop() }

// within runs steps with a time limit.
func (t *Tab) within(limit time.Duration, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, limit)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Open goes to an address and waits until the page is loaded.
func (t *Tab) Open(address string) error {
	if err := t.within(60*time.Second, chromedp.Navigate(address)); err != nil {
		return fmt.Errorf("opening %s: %w", address, err)
	}
	return nil
}

// Reload loads the page again.
func (t *Tab) Reload() error { return t.within(60*time.Second, chromedp.Reload()) }

// Back goes one entry back in the history.
func (t *Tab) Back() error { return t.within(30*time.Second, chromedp.NavigateBack()) }

// Click clicks the first element that a CSS selector finds, once it is visible, with a real mouse event.
func (t *Tab) Click(selector string) error {
	if err := t.within(30*time.Second, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		return fmt.Errorf("clicking %s: %w", selector, err)
	}
	return nil
}

// Keys sends key presses to whatever has the focus.
func (t *Tab) Keys(keys string) error { return t.within(30*time.Second, chromedp.KeyEvent(keys)) }

// Size sets the size of the page's window in CSS pixels.
func (t *Tab) Size(width, height int) error {
	var options []chromedp.EmulateViewportOption
	if width < 700 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	return t.within(30*time.Second, chromedp.EmulateViewport(int64(width), int64(height), options...))
}

// Media sets what the visitor prefers, such as "prefers-color-scheme", "dark".
func (t *Tab) Media(feature, value string) error {
	ctx, cancel := context.WithTimeout(t.ctx, 30*time.Second)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	return err
}

// Screenshot returns a PNG: of the window, or of the whole page.
func (t *Tab) Screenshot(whole bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, 60*time.Second)
	defer cancel()
	if whole {
		return chromedp.Run(ctx, chromedp.FullScreenshot(100))
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// Eval evaluates JavaScript in the page, awaits it if it is a promise, and decodes the result into T.
func Eval[T any](t *Tab, limit time.Duration, script string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		err = fmt.Errorf("%s: %w", short(script), err)
	}
	return v, err
}

// Do evaluates JavaScript for what it does.
func (t *Tab) Do(script string) error {
	_, err := Eval[chromedp.Void](t, 30*time.Second, script)
	return err
}

// Wait waits until a JavaScript expression is true. It also ends when the page has a problem that will not pass.
func (t *Tab) Wait(limit time.Duration, condition string) error {
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		ok, err := Eval[bool](t, 30*time.Second, "!!("+condition+")")
		switch {
		case err == nil && ok:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("not true after %s: %s (last error: %v)%s", limit, short(condition), err, t.said())
		}
		if p := t.Problems(); len(p) > 0 {
			return fmt.Errorf("while waiting for %s: %s", short(condition), strings.Join(p, "; "))
		}
	}
}

// Console returns all messages so far, one line each.
func (t *Tab) Console() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := make([]string, len(t.messages))
	for i, m := range t.messages {
		lines[i] = m.String()
	}
	return lines
}

// Problems returns the messages that no page may cause: exceptions, errors, Go panics and programs that ended.
func (t *Tab) Problems() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for _, m := range t.messages {
		if isProblem(m) {
			all = append(all, fmt.Sprintf("%s (%s:%d)", m, m.URL, m.Line+1))
		}
	}
	return all
}

// Forgive forgets the messages so far, where a test has caused an error on purpose.
func (t *Tab) Forgive() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages = nil
}

func isProblem(m chromedp.ConsoleMessage) bool {
	if m.IsException() || m.Type == chromedp.ConsoleError {
		return true
	}
	// A Go program writes its panic with console.log and its end as a warning.
	return strings.HasPrefix(m.Text, "panic:") || strings.HasPrefix(m.Text, "fatal error:") || strings.HasPrefix(m.Text, "exit code:")
}

func (t *Tab) said() string {
	lines := t.Console()
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	if len(lines) == 0 {
		return ""
	}
	return "; the console said:\n" + strings.Join(lines, "\n")
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 120 {
		s = s[:117] + "..."
	}
	return s
}
