//go:build !js

// Package site generates the static site: every page rendered to HTML, the three programs, the assets, a service
// worker for offline use, a manifest and the licences. What it writes works from any plain file server, at the root of
// a host and under a sub-path.
//
// go-app renders the pages. The package mends what go-app's own output lacks: pages.go the HTML, worker.js the service
// worker, boot.js the start of a page, start.js that of its program. It runs as a program of its own (generate), so that the command line does not
// have to compile a web framework.
package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"petri/internal/lesson"
	"petri/internal/names"
	"petri/internal/pack"
	"petri/kernels/bench"
	"petri/kernels/lab"
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
	Kernels  string // the id of the kernels: what a worker says it is
	Marker   string // name of the file that marks the folder as generated
	Out      string // an empty folder

	Packed string      // folder to keep compressed copies in; "" for none
	Effort pack.Effort // how hard to compress; none makes no copies
}

const (
	name        = "Petri"
	description = "Small, real laboratories of vision papers: train them in your own browser and see their claims checked live."
)

// Generate writes the site into Options.Out. What a file refers to is written before it, since its name is known only
// then.
func Generate(o Options) error {
	data, err := Data(o)
	if err != nil {
		return err
	}
	f := &folder{o, names.Table{}}
	for _, step := range []func() error{
		f.copyAssets,
		f.putIcons,
		f.putStyles,
		f.putStage,
		func() error { return f.putContent(&data) },
		func() error { return f.renderPages(data) },
		f.writeManifest,
		f.writeList,
		func() error {
			marker := fmt.Sprintf("Petri, build %s, base %q. The next export replaces this folder.\n", o.Build, o.Base)
			return f.fixed(o.Marker, []byte(marker))
		},
		func() error { return f.writeServiceWorker(page.Paths(data)) }, // it lists what the others wrote
		func() error {
			if o.Effort == (pack.Effort{}) {
				return nil
			}
			return pack.Tree(o.Out, o.Packed, o.Effort)
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// putContent tells the pages the paths of their files and writes what they are made from, for their program.
func (f *folder) putContent(data *page.Data) error {
	data.Files = maps.Clone(f.table)
	delete(data.Files, "app.wasm") // the page's program is not what its pages are made from
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return f.put(contentName, text)
}

// Data gathers what the pages are made from.
func Data(o Options) (page.Data, error) {
	d := page.Data{Base: o.Base, Build: o.Kernels, Catalog: papers.Catalog(), Recorded: map[string]*wire.Report{}, Lessons: map[string]string{}, Structures: map[string][]wire.Structure{}, Sources: sources}
	for _, p := range papers.All {
		text, err := lesson.HTML(p.Lesson)
		if err != nil {
			return d, fmt.Errorf("the lesson of %s: %w", p.Lab.ID, err)
		}
		d.Lessons[p.Lab.ID] = text
		if p.Structure != nil {
			if d.Structures[p.Lab.ID], err = structures(p); err != nil {
				return d, fmt.Errorf("what the racers of %s are built of: %w", p.Lab.ID, err)
			}
		}
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

// structures are those of the racers of the default run, then of all named racers: whatever a page can show before a
// worker is asked.
func structures(p lab.Paper) ([]wire.Structure, error) {
	if p.Lab.Builder == nil {
		return nil, errors.New("the lab has no title for their drawing")
	}
	var further []string
	if k, ok := p.Lab.Knob("arms"); ok && k.Arms != nil {
		for _, r := range k.Arms.Racers {
			further = append(further, r.Value)
		}
	}
	return p.Structures(wire.NewSpec(p.Lab), further...)
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
