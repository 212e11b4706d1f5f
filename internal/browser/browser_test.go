//go:build !js

package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

func TestFindPrefersTheVariable(t *testing.T) {
	look := func(name string) (string, error) { return "/bin/" + name, nil }
	if p, err := find("my-browser", "linux", look); err != nil || p != "/bin/my-browser" {
		t.Errorf("find = %q, %v", p, err)
	}
	none := func(string) (string, error) { return "", errors.New("not there") }
	if _, err := find("my-browser", "linux", none); err == nil || !strings.Contains(err.Error(), "PETRI_BROWSER=my-browser") {
		t.Errorf("error %v does not name the variable", err)
	}
}

func TestFindLooksWhereInstallersPutBrowsers(t *testing.T) {
	for goos, want := range map[string]string{
		"linux":   "/opt/google/chrome/chrome",
		"darwin":  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"windows": "msedge",
	} {
		look := func(name string) (string, error) {
			if name == want {
				return name, nil
			}
			return "", errors.New("not there")
		}
		if p, err := find("", goos, look); err != nil || p != want {
			t.Errorf("%s: find = %q, %v; want %q", goos, p, err, want)
		}
	}
}

func TestFindSaysInOneLineWhatToInstall(t *testing.T) {
	none := func(string) (string, error) { return "", errors.New("not there") }
	for _, goos := range []string{"linux", "darwin", "windows", "freebsd"} {
		_, err := find("", goos, none)
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "install Chromium") {
			t.Errorf("%s: %v", goos, err)
		}
	}
}

// TestTasks shows that a task which computes for long is seen, with its processor time, and one that only waits is not.
func TestTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the browser out")
	}
	path, err := Ensure(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Start(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	tab, err := b.Private()
	if err != nil {
		t.Fatal(err)
	}
	longest := func(script string) (cpu time.Duration, tasks int) {
		all, err := tab.Tasks(func() error { return tab.Do(script) })
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range all {
			cpu = max(cpu, task.CPU)
		}
		return cpu, len(all)
	}
	// A loop of a fixed amount of work: how long it takes depends on the machine, but it dwarfs everything else. What waits
	// for it hears of it later: a task that still runs when the trace ends is not in it.
	busy, _ := longest(`new Promise((done) => setTimeout(() => { let x = 0; for (let i = 0; i < 3e8; i++) x = (x + i) | 0; setTimeout(() => done(x), 300) }))`)
	idle, n := longest(`new Promise((done) => setTimeout(done, 300))`)
	if n == 0 || busy < 50*time.Millisecond || idle > busy/2 {
		t.Errorf("a busy task took %v of the processor, an idle page at most %v in %d tasks", busy, idle, n)
	}
}

// TestWatch shows that a page with a fault cannot pass: each kind of fault is a problem, a warning is none, and a
// request to another host is written down.
func TestWatch(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the browser out")
	}
	path, err := Ensure(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Start(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><link rel=icon href='data:,'><p>hello</p>")
	}))
	defer server.Close()
	cases := []struct{ script, problem string }{
		{`console.warn("only a warning")`, ""},
		{`console.log("panic: runtime error: index out of range")`, "panic:"},
		{`console.warn("exit code:", 2)`, "exit code:"},
		{`console.error("broken")`, "broken"},
		{`setTimeout(() => { throw new Error("thrown") })`, "thrown"},
		{`Promise.reject(new Error("rejected")), 0`, "rejected"},
		{`new Worker(URL.createObjectURL(new Blob(["throw new Error('inside')"]))), 0`, "inside"},
	}
	for _, c := range cases {
		tab, err := b.Private()
		if err != nil {
			t.Fatal(err)
		}
		if err := tab.Open(server.URL); err != nil {
			t.Fatal(err)
		}
		if err := tab.Do(c.script); err != nil {
			t.Fatal(err)
		}
		var found []string
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && len(found) == 0; time.Sleep(20 * time.Millisecond) {
			if found = tab.Problems(); c.problem == "" && len(tab.Console()) > 0 {
				break
			}
		}
		if c.problem == "" && len(found) > 0 || c.problem != "" && !strings.Contains(strings.Join(found, "\n"), c.problem) {
			t.Errorf("%s: problems %q, want %q", c.script, found, c.problem)
		}
		tab.Close()
	}
	if got := b.Strayed(); len(got) != 0 {
		t.Errorf("before any stray request: %v", got)
	}
	tab, err := b.Tab()
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Open(server.URL); err != nil {
		t.Fatal(err)
	}
	if err := tab.Do(`fetch("http://stray.example/x").catch(() => 0)`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.Strayed(), " "); !strings.Contains(got, "stray.example") {
		t.Errorf("the request to another host was not noticed: %q", got)
	}
}
