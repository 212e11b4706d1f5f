package page

import (
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/state"
)

func TestZZRender(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	css := ""
	sheets, _ := filepath.Glob("../../assets/css/*.css")
	sort.Slice(sheets, func(i, j int) bool {
		a, b := filepath.Base(sheets[i]), filepath.Base(sheets[j])
		if a == "tokens.css" || b == "tokens.css" {
			return a == "tokens.css"
		}
		return a < b
	})
	for _, f := range append(sheets, "../../assets/css/pages/sam.css") {
		b, _ := os.ReadFile(f)
		css += string(b)
	}
	for name, run := range map[string]func(*Site){
		"prompt": func(*Site) {},
		"every":  func(s *Site) { a, b := grid(); answerTo(s, state.RunEvery{}, a, b) },
	} {
		for _, theme := range []string{"light", "dark"} {
			d := asking()
			d.Lessons = map[string]string{"methods": strings.Repeat("<p>A lesson of some length says what there is to see here, and how to see it. It goes on for a while.</p>", 14)}
			s := newSite(d, nil)
			s.open(&url.URL{Path: "/methods"})
			run(s)
			s.takeAll()
			r := &Root{site: s}
			html := app.HTMLString(r.Render())
			html = strings.NewReplacer(` hidden="false"`, "", ` disabled="false"`, "", ` selected="false"`, "", ` checked="false"`, "", ` open="false"`, "").Replace(html)
			os.WriteFile("/tmp/shots/"+name+"-"+theme+".html", []byte(`<!doctype html><html lang="en" data-theme="`+theme+`"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><style>`+css+`</style><body>`+html), 0o644)
		}
	}
}
