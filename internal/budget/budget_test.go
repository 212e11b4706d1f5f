//go:build !js

package budget

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheFileIsSound(t *testing.T) {
	if _, err := Read(); err != nil {
		t.Error(err)
	}
}

// TestARaiseNeedsItsReason changes the file in every way in which a budget could slip upwards.
func TestARaiseNeedsItsReason(t *testing.T) {
	for text, want := range map[string]string{
		file + "lab.wasm 1950000":                               "does not say why",
		file + "lab.wasm 1950000 because":                       "does not say why",
		file + "lab.wasm much it has to be so":                  "no number",
		file + "lab.wasm":                                       "a name, a number",
		file + "page.wasm 10 a name that no budget of ours has": "nothing is called page.wasm",
		strings.Replace(file, "1900000", "1950000", 1):          "add a line with the reason",
		strings.Replace(file, "lab.wasm ", "# lab.wasm ", 1):    "add a line with the reason",
		file[:strings.Index(file, "\npage ")]:                   "lacks page",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	lines, err := parse(file + "lab.wasm 1950000 A tenth lab, whose method needs an eigenvalue decomposition.\n")
	if err != nil {
		t.Fatal(err)
	}
	if l := lines[1]; l.Name != "lab.wasm" || l.Bytes != 1950000 || !strings.HasPrefix(l.Why, "A tenth lab") || len(lines) != len(first) {
		t.Errorf("%+v of %d lines", l, len(lines))
	}
}

// noise is text that gzip cannot make smaller.
func noise(n int) *fstest.MapFile {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return &fstest.MapFile{Data: b}
}

// site is a small one: two pages, of which lora/index.html is the heavier by what it refers to.
func site() fstest.MapFS {
	return fstest.MapFS{
		"index.html": {Data: []byte(`<link rel="stylesheet" href="/repo/web/css/a.css"><!-- <script src="gone.js"></script> -->`)},
		"lora/index.html": {Data: []byte(`<link as="style" href="/repo/web/css/a.css" rel="preload"><link href='/repo/web/css/a.css' rel=stylesheet>` +
			`<link rel="preload" as="fetch" href="/repo/web/app.wasm"><link rel="icon" href="/repo/no.svg">` +
			`<script defer src=../app.js?v=2></script><script type="application/json">"<script src='no.js'>"</script><script src="data:,"></script>`)},
		"app.js":                {Data: noise(3000).Data},
		"web/css/a.css":         {Data: noise(2000).Data},
		"web/app.wasm":          noise(4000),
		"web/app.wasm.gz":       noise(9000),
		"web/lab.3f2a91c0.wasm": noise(5000),
		"web/stage.wasm":        noise(6000),
		"web/stage/stage.html":  {Data: noise(90000).Data},
	}
}

func TestWeigh(t *testing.T) {
	got, err := Weigh(site(), "/repo")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"app.wasm": 4000, "lab.wasm": 5000, "stage.wasm": 6000, "page": 5200} {
		if d := got[name].Bytes - want; d < 0 || d > 250 {
			t.Errorf("%s weighs %d, want about %d: %s", name, got[name].Bytes, want, got[name].Of)
		}
	}
	if of := got["page"].Of; !strings.HasPrefix(of, "lora/index.html ") || strings.Count(of, "a.css") != 1 || !strings.Contains(of, ", app.js ") {
		t.Errorf("the page is made of %s", of)
	}
}

// TestWeighDoesNotOverlook takes files away: a weight that is too small because something was not found would pass.
func TestWeighDoesNotOverlook(t *testing.T) {
	for _, name := range []string{"app.js", "web/css/a.css", "web/app.wasm", "web/lab.3f2a91c0.wasm", "web/stage.wasm"} {
		s := site()
		delete(s, name)
		if _, err := Weigh(s, "/repo"); err == nil {
			t.Errorf("without %s nothing was missing", name)
		}
	}
	s := site()
	s["web/lab.00000000.wasm"] = noise(1)
	if _, err := Weigh(s, "/repo"); err == nil {
		t.Error("with two programs of one name, one was chosen")
	}
	if _, err := Weigh(site(), "/other"); err == nil {
		t.Error("style sheets of another site were found in this one")
	}
}

func TestCheckCanFail(t *testing.T) {
	budgets, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]Weight{}
	for _, b := range budgets {
		weights[b.Name] = Weight{Bytes: b.Bytes}
	}
	if over := Check(budgets, weights); len(over) != 0 {
		t.Errorf("just within the budgets: %v", over)
	}
	for _, b := range budgets {
		weights[b.Name] = Weight{Bytes: b.Bytes + 1}
		if over := Check(budgets, weights); len(over) != 1 || !strings.Contains(over[0], b.Name) {
			t.Errorf("a byte over the budget of %s: %v", b.Name, over)
		}
		weights[b.Name] = Weight{Bytes: b.Bytes}
	}
}
