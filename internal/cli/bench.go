//go:build !js

package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	measure "petri/kernels/bench"

	"petri/internal/browser"
	"petri/internal/build"
	"petri/internal/serve"
	"petri/kernels/lab/wire"
)

const benchUsage = "bench [-json] [-browser [-quick]]"

// benchBudget is how long each case is measured natively, in milliseconds.
const benchBudget = 600

// bench prints what the kernels reach here.
func bench(c *call) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print the reports as JSON")
	inBrowser := flags.Bool("browser", false, "measure in a browser without a window too")
	quick := flags.Bool("quick", false, "in the browser, half a minute in place of two")
	if _, err := c.parse(flags, 0, benchUsage); err != nil {
		return err
	}
	var peers *wire.Peers
	reports := []wire.BenchReport{benchNatively(c.stderr)}
	if *inBrowser {
		r, recorded, err := benchInBrowser(context.Background(), *quick, c.stderr)
		if err != nil {
			return err
		}
		reports, peers = append(reports, r), recorded
	}
	if *asJSON {
		out := json.NewEncoder(c.stdout)
		out.SetIndent("", "  ")
		return out.Encode(reports)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		if r.Where == "native" {
			fmt.Fprint(c.stdout, r.Text(nil)) // the recorded figures are of a browser
		} else {
			fmt.Fprint(c.stdout, r.Text(peers))
		}
	}
	return nil
}

func benchNatively(log io.Writer) wire.BenchReport {
	start := time.Now()
	clock := func() float64 { return float64(time.Since(start)) / float64(time.Millisecond) }
	r := wire.BenchReport{Engine: wire.Engine, Date: start.Format("2006-01-02"), Where: "native", Machine: machine(), Cores: runtime.NumCPU()}
	r.Path, r.Rows = measure.Measure(clock, benchBudget, func(m measure.Case) { fmt.Fprintln(log, "measuring:", m.Title) })
	return r
}

// benchLimit is how long a thorough measurement may take on a slow machine.
const benchLimit = 20 * time.Minute

// benchInBrowser builds and serves the site, opens its page /bench and has it measure.
func benchInBrowser(ctx context.Context, quick bool, log io.Writer) (r wire.BenchReport, peers *wire.Peers, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	path, err := browser.Find() // before the build: who has none need not wait for it
	if err != nil {
		return r, nil, err
	}
	root, err := build.Root(".")
	if err != nil {
		return r, nil, err
	}
	programs, err := build.Compile(ctx, root, build.NewLog(log))
	if err != nil {
		return r, nil, err
	}
	dir, err := build.Site(ctx, programs, "")
	if err != nil {
		return r, nil, err
	}
	if peers, err = recordedPeers(root); err != nil {
		return r, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, nil, err
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		serve.Serve(ctx, listener, serve.Handler(dir, ""))
	}()
	defer func() { stop(); <-served }()
	b, err := browser.Start(context.Background(), path)
	if err != nil {
		return r, nil, err
	}
	defer b.Close()
	tab, err := b.Tab()
	if err != nil {
		return r, nil, err
	}
	defer tab.Close()
	if err := tab.Open(serve.URL(listener, "") + "bench"); err != nil {
		return r, nil, err
	}
	if err := tab.Wait(time.Minute, "window.petri && petri.bench"); err != nil {
		return r, nil, err
	}
	fmt.Fprintln(log, "measuring in the browser; this takes a minute or two")
	r, err = browser.Eval[wire.BenchReport](tab, benchLimit, fmt.Sprintf("petri.bench({quick: %v})", quick))
	return r, peers, err
}

// recordedPeers reads the recorded figures of other engines, nil where there are none.
func recordedPeers(root string) (*wire.Peers, error) {
	text, err := os.ReadFile(filepath.Join(root, "kernels", "bench", "peers", "result.json"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	var p wire.Peers
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return &p, err
}
