//go:build !js

// Package budget weighs a generated site against the sizes that Petri allows itself (budgets.txt). Only tests import it.
package budget

import (
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed budgets.txt
var file string

// Line is one line of the file: what a thing may weigh, and why.
type Line struct {
	Name  string
	Bytes int
	Why   string
}

// first are the budgets that Petri set out with. The file begins with them, so that a raise is a line of its own.
var first = []Line{{Name: "app.wasm", Bytes: 2_800_000}, {Name: "lab.wasm", Bytes: 1_900_000}, {Name: "stage.wasm", Bytes: 2_700_000}, {Name: page, Bytes: 60_000}}

const page = "page" // the name of the heaviest page with what it refers to

// Read returns the budgets that hold, in the order of the file.
func Read() ([]Line, error) { return parse(file) }

func parse(text string) ([]Line, error) {
	var lines []Line
	for i, row := range strings.Split(text, "\n") {
		if strings.TrimSpace(row) == "" || strings.HasPrefix(row, "#") {
			continue
		}
		words := strings.Fields(row)
		if len(words) < 2 {
			return nil, fmt.Errorf("budgets.txt:%d: a line is a name, a number of bytes and a reason", i+1)
		}
		n, err := strconv.Atoi(words[1])
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("budgets.txt:%d: %q is no number of bytes", i+1, words[1])
		}
		if len(words) < 2+5 {
			return nil, fmt.Errorf("budgets.txt:%d: %s may weigh %d bytes, but the line does not say why", i+1, words[0], n)
		}
		lines = append(lines, Line{words[0], n, strings.Join(words[2:], " ")})
	}
	var hold []Line
	for i, l := range lines {
		if i < len(first) {
			if f := first[i]; l.Name != f.Name || l.Bytes != f.Bytes {
				return nil, fmt.Errorf("budgets.txt begins with %s at %d bytes, not with %s at %d: to change a budget, add a line with the reason", f.Name, f.Bytes, l.Name, l.Bytes)
			}
			hold = append(hold, l)
			continue
		}
		at := slices.IndexFunc(hold, func(h Line) bool { return h.Name == l.Name })
		if at < 0 {
			return nil, fmt.Errorf("budgets.txt: nothing is called %s", l.Name)
		}
		hold[at] = l
	}
	if len(hold) < len(first) {
		return nil, fmt.Errorf("budgets.txt lacks %s", first[len(hold)].Name)
	}
	return hold, nil
}

// Weight is what one of the things with a budget weighs.
type Weight struct {
	Bytes int
	Of    string // the files, for whoever has to make them lighter
}

// Weigh compresses what has a budget in a site that was made for a base path ("" or "/repo").
func Weigh(site fs.FS, base string) (map[string]Weight, error) {
	s := scales{site: site, base: base, known: map[string]int{}}
	all := map[string]Weight{}
	for _, l := range first {
		var w Weight
		var err error
		if name, is := strings.CutSuffix(l.Name, ".wasm"); is {
			w, err = s.program(name)
		} else {
			w, err = s.heaviestPage()
		}
		if err != nil {
			return nil, err
		}
		all[l.Name] = w
	}
	return all, nil
}

// scales weigh the files of a site, each once.
type scales struct {
	site  fs.FS
	base  string
	known map[string]int
}

// program weighs web/lab.wasm, or web/lab.3f2a91c0.wasm where names carry a hash of the contents.
func (s *scales) program(name string) (Weight, error) {
	found, err := fs.Glob(s.site, "web/"+name+".wasm")
	if err == nil && len(found) == 0 {
		found, err = fs.Glob(s.site, "web/"+name+".*.wasm")
	}
	if err != nil {
		return Weight{}, err
	}
	if len(found) != 1 {
		return Weight{}, fmt.Errorf("the site has %d files that could be the program %s: %v", len(found), name, found)
	}
	n, err := s.weigh(found[0])
	return Weight{n, found[0]}, err
}

// heaviestPage weighs every page together with what it refers to. web/ holds no pages: the stage there is a document of
// its own that is loaded later.
func (s *scales) heaviestPage() (Weight, error) {
	var worst Weight
	err := fs.WalkDir(s.site, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == "web":
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".html":
			return nil
		}
		w, err := s.page(name)
		if err == nil && w.Bytes > worst.Bytes {
			worst = w
		}
		return err
	})
	if err == nil && worst.Bytes == 0 {
		err = errors.New("the site has no pages")
	}
	return worst, err
}

func (s *scales) page(name string) (Weight, error) {
	text, err := fs.ReadFile(s.site, name)
	if err != nil {
		return Weight{}, err
	}
	w := Weight{}
	for _, part := range append([]string{name}, s.refers(name, string(text))...) {
		n, err := s.weigh(part)
		if err != nil {
			return w, fmt.Errorf("%s: %w", name, err)
		}
		w.Bytes += n
		w.Of += fmt.Sprintf(", %s %d", part, n)
	}
	w.Of = strings.TrimPrefix(w.Of, ", ")
	return w, nil
}

var (
	tags       = regexp.MustCompile(`(?i)<(script|link)\b((?:[^>"']|"[^"]*"|'[^']*')*)>`)
	attributes = regexp.MustCompile(`([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	inline     = regexp.MustCompile(`(?is)(<script\b(?:[^>"']|"[^"]*"|'[^']*')*>).*?</script>`)
	comments   = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// refers lists the style sheets and scripts of a page as paths below the site, each once.
func (s *scales) refers(page, html string) []string {
	html = inline.ReplaceAllString(comments.ReplaceAllString(html, ""), "$1") // tags inside scripts are text
	var all []string
	for _, tag := range tags.FindAllStringSubmatch(html, -1) {
		a := map[string]string{}
		for _, m := range attributes.FindAllStringSubmatch(tag[2], -1) {
			a[strings.ToLower(m[1])] = m[2] + m[3] + m[4]
		}
		address := a["src"]
		if strings.EqualFold(tag[1], "link") {
			address = ""
			rel, as := strings.Fields(strings.ToLower(a["rel"])), strings.ToLower(a["as"])
			if slices.Contains(rel, "stylesheet") || slices.Contains(rel, "modulepreload") || slices.Contains(rel, "preload") && (as == "style" || as == "script") {
				address = a["href"]
			}
		}
		if address == "" || strings.HasPrefix(address, "data:") {
			continue
		}
		if file := s.below(page, address); !slices.Contains(all, file) {
			all = append(all, file)
		}
	}
	return all
}

// below turns an address in a page into a path below the site. What lies elsewhere stays as it is and is not found.
func (s *scales) below(page, address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	if rest, ok := strings.CutPrefix(address, s.base+"/"); ok {
		return path.Clean(rest)
	}
	if strings.HasPrefix(address, "/") || strings.Contains(address, "://") {
		return address
	}
	return path.Join(path.Dir(page), address)
}

func (s *scales) weigh(name string) (int, error) {
	if n, ok := s.known[name]; ok {
		return n, nil
	}
	text, err := fs.ReadFile(s.site, name)
	if err != nil {
		return 0, err
	}
	var n counter
	z, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(text); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	s.known[name] = int(n)
	return int(n), nil
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// Check returns a sentence for everything that weighs more than it may.
func Check(budgets []Line, weights map[string]Weight) []string {
	var over []string
	for _, b := range budgets {
		if w := weights[b.Name]; w.Bytes > b.Bytes {
			over = append(over, fmt.Sprintf("%s weighs %d bytes, %d over its budget of %d (%s); make it lighter, or add a line with the reason to internal/budget/budgets.txt",
				b.Name, w.Bytes, w.Bytes-b.Bytes, b.Bytes, w.Of))
		}
	}
	return over
}
