//go:build !js

package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is a running browser with a profile of its own.
type Browser struct {
	ctx   context.Context
	stop  func()
	proxy *proxy
}

// Start runs the browser at path without a window. It may reach 127.0.0.1 only: every other address goes to a proxy
// of ours that refuses it and writes it down (see Strayed).
func Start(ctx context.Context, path string) (*Browser, error) {
	proxy, err := listen()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("proxy-server", "http://"+proxy.address()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		// Options given twice replace the first: these are chromedp's, with what a browser of its own accord asks for.
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,AutofillServerCommunication"),
		chromedp.Flag("enable-unsafe-swiftshader", true), // WebGL without a graphics card
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("mute-audio", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	allocated, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	first, stopFirst := chromedp.NewContext(allocated)
	b := &Browser{ctx: first, proxy: proxy, stop: func() { stopFirst(); stopAllocator(); proxy.close() }}
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(first) }()
	select {
	case err = <-started:
	case <-time.After(60 * time.Second):
		err = fmt.Errorf("it did not answer within 60 s")
	}
	if err != nil {
		b.stop()
		return nil, fmt.Errorf("%s could not be started: %w", filepath.Base(path), err)
	}
	return b, nil
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() { b.stop() }

// Strayed lists the addresses outside 127.0.0.1 that anything in this browser asked for: pages, workers or service
// workers.
func (b *Browser) Strayed() []string { return b.proxy.asked() }

// Tab opens a new tab, in the profile of the browser.
func (b *Browser) Tab() (*Tab, error) { return newTab(b.ctx) }

// Private opens a new tab with a fresh profile: no storage, no service worker, as for a first visit.
func (b *Browser) Private() (*Tab, error) { return newTab(b.ctx, chromedp.WithNewBrowserContext()) }
