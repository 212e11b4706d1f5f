//go:build !js

// Package notices writes the file that every copy of Petri must carry: the licences of all code inside it, taken from
// the module graph of the programs, so that a new dependency cannot be forgotten.
package notices

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// ListFormat is the format for "go list -deps -f": one line for each package outside the standard library.
const ListFormat = "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}"

// module is a dependency and the folders of it that are linked in.
type module struct {
	path, version, dir string
	packages           []string
}

// Text returns the NOTICES for the packages that go list printed in ListFormat. root is the folder of Petri's own
// module, goroot that of the toolchain, whose standard library and runtime are part of every program. A module
// without a licence file is an error: it must not be shipped.
func Text(root, goroot, list string) ([]byte, error) {
	modules, err := parse(root, list)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	own, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return nil, err
	}
	section(&b, "Petri", own)
	licence, err := os.ReadFile(filepath.Join(goroot, "LICENSE"))
	if err != nil {
		return nil, fmt.Errorf("the licence of Go: %w", err)
	}
	section(&b, "The Go standard library and runtime", licence)
	if patents, err := os.ReadFile(filepath.Join(goroot, "PATENTS")); err == nil {
		section(&b, "The Go standard library and runtime: patents", patents)
	}
	for _, m := range modules {
		files, err := m.licences()
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("module %s %s has no licence file, so it cannot be shipped", m.path, m.version)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			rel, err := filepath.Rel(m.dir, f)
			if err != nil {
				return nil, err
			}
			section(&b, m.path+" "+m.version+" ("+filepath.ToSlash(rel)+")", text)
		}
	}
	return b.Bytes(), nil
}

func section(b *bytes.Buffer, title string, text []byte) {
	rule := strings.Repeat("=", 100)
	fmt.Fprintf(b, "%s\n%s\n%s\n\n%s\n\n", rule, title, rule, bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
}

func parse(root, list string) ([]*module, error) {
	byPath := map[string]*module{}
	for _, line := range strings.Split(list, "\n") {
		line = strings.TrimRight(line, "\r")
		if line == "" {
			continue // a package of the standard library
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("go list printed %q", line)
		}
		if f[2] == root || f[1] == "" {
			continue // Petri itself
		}
		m := byPath[f[0]]
		if m == nil {
			m = &module{path: f[0], version: f[1], dir: f[2]}
			byPath[f[0]] = m
		}
		m.packages = append(m.packages, f[3])
	}
	modules := make([]*module, 0, len(byPath))
	for _, m := range byPath {
		modules = append(modules, m)
	}
	sort.Slice(modules, func(i, j int) bool { return modules[i].path < modules[j].path })
	return modules, nil
}

// licences returns the licence files that cover the module's linked packages: those of the packages' own folders and
// of every folder above them up to the module's, and folders of licences that stand there.
func (m *module) licences() ([]string, error) {
	var files []string
	seen := map[string]bool{}
	for _, dir := range append([]string{m.dir}, m.packages...) {
		for at := dir; strings.HasPrefix(at, m.dir) && !seen[at]; at = filepath.Dir(at) {
			seen[at] = true
			entries, err := os.ReadDir(at)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				name := filepath.Join(at, e.Name())
				switch {
				case e.Type().IsRegular() && isLicence(e.Name()):
					files = append(files, name)
				case e.IsDir() && strings.Contains(strings.ToUpper(e.Name()), "LICENSES"): // as gonum's THIRD_PARTY_LICENSES
					inside, err := os.ReadDir(name)
					if err != nil {
						return nil, err
					}
					for _, f := range inside {
						if f.Type().IsRegular() {
							files = append(files, filepath.Join(name, f.Name()))
						}
					}
				}
			}
		}
	}
	slices.Sort(files)
	return files, nil
}

func isLicence(name string) bool {
	name = strings.ToUpper(name)
	if strings.HasSuffix(name, ".GO") {
		return false
	}
	for _, p := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS", "COPYRIGHT"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
