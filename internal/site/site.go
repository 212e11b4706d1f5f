//go:build !js

// Package site generates the static site: every page rendered to HTML, the three programs, the assets, a service
// worker for offline use, a manifest and the licences. What it writes works from any plain file server, at the root of
// a host and under a sub-path.
//
// go-app renders the pages. The package mends what go-app's own output lacks: pages.go the HTML, worker.js the service
// worker, boot.js the start of a page. It runs as a program of its own (generate), so that the command line does not
// have to compile a web framework.
package site

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"petri/internal/lesson"
	"petri/kernels/bench"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
	"petri/ui/page"
)

// Options say what to generate.
type Options struct {
	Root     string // the module's folder
	Programs string // folder of app.wasm, lab.wasm, stage.wasm, wasm_exec.js and NOTICES
	Base     string // path of the site on its host: "" or "/repo"
	Build    string // the build id
	Marker   string // name of the file that marks the folder as generated
	Out      string // an empty folder
}

const (
	name        = "Petri"
	description = "Small, real laboratories of vision papers: train them in your own browser and see their claims checked live."
)

// Generate writes the site into Options.Out.
func Generate(o Options) error {
	data, err := Data(o)
	if err != nil {
		return err
	}
	if err := copyAssets(o); err != nil {
		return err
	}
	if err := writeIcons(filepath.Join(o.Out, "web", "icons")); err != nil {
		return err
	}
	if err := renderPages(o, data); err != nil {
		return err
	}
	if err := writeManifest(o); err != nil {
		return err
	}
	marker := fmt.Sprintf("Petri, build %s, base %q. The next export replaces this folder.\n", o.Build, o.Base)
	if err := os.WriteFile(filepath.Join(o.Out, o.Marker), []byte(marker), 0o644); err != nil {
		return err
	}
	if err := compress(o.Out); err != nil {
		return err
	}
	return writeServiceWorker(o, page.Paths(data)) // last: it lists what the others wrote
}

// Data gathers what the pages are made from.
func Data(o Options) (page.Data, error) {
	d := page.Data{Base: o.Base, Build: o.Build, Catalog: papers.Catalog(), Recorded: map[string]*wire.Report{}, Lessons: map[string]string{}, Sources: sources}
	for _, p := range papers.All {
		text, err := lesson.HTML(p.Lesson)
		if err != nil {
			return d, fmt.Errorf("the lesson of %s: %w", p.Lab.ID, err)
		}
		d.Lessons[p.Lab.ID] = text
		report, err := recorded(filepath.Join(o.Root, "assets", "recorded", p.Lab.ID+".json"))
		if err != nil {
			return d, err
		}
		if report != nil {
			d.Recorded[p.Lab.ID] = report
		}
	}
	d.Bench = bench.List()
	var err error
	d.Peers, err = peers(filepath.Join(o.Root, "kernels", "bench", "peers", "result.json"))
	return d, err
}

// peers reads the recorded figures of other engines; nil where there are none.
func peers(file string) (*wire.Peers, error) {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p wire.Peers
	if err := unmarshalStrict(text, &p); err != nil {
		return nil, fmt.Errorf("the figures of other engines: %w", err)
	}
	return &p, nil
}

// recorded reads a recorded run; nil where a lab has none yet.
func recorded(file string) (*wire.Report, error) {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r wire.Report
	if err := unmarshalStrict(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	if !strings.HasPrefix(r.Link, r.Lab) {
		return nil, fmt.Errorf("%s: the link %q is not of lab %q", filepath.Base(file), r.Link, r.Lab)
	}
	return &r, nil
}
