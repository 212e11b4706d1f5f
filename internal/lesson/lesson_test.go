package lesson

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"petri/kernels/papers"
	"petri/ui/stage"

	"petri/kernels/lab/wire"
)

const small = `## The idea

A *thin* [update]{stage=dW}, $r = 4$, of [q](lora?arms=q:1&train=64).

$$B$$

| a | b |
| --- | --- |
| 1 | 2 |

try: [one rank](lora?arms=qv:1). Or none.

::: ask lora.rank lora?arms=qv:1,qv:8
Is *one* enough?

- holds: Yes & no.
- fails: No.
:::

[$r = 4$]: <math><mi>r</mi></math>
[$$B$$]: <math display="block"><mi>B</mi></math>
`

func TestHTML(t *testing.T) {
	html, err := HTML(small)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<h2 id="the-idea">The idea</h2>`, "<em>thin</em>", "<table>",
		`<span class="role tr" tabindex="0" data-stage="dW">update</span>`,
		`<math><mi>r</mi></math>`, `<math display="block"><mi>B</mi></math>`,
		`<a href="?arms=q:1&amp;train=64">q</a>`,
		`<p class="try"><b>Try</b> <a href="?arms=qv:1">one rank</a>. Or none.</p>`,
		`<section class="ask" data-claim="lora.rank" data-link="lora?arms=qv:1,qv:8">`, "<p>Is <em>one</em> enough?</p>",
		`<label><input type="radio" name="ask-lora.rank" value="holds"> Yes &amp; no.</label>`,
		`<a href="?arms=qv:1,qv:8">Set up this run</a>`, `data-answer="lora.rank"`, "</section>",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
	for _, not := range []string{"$", "{stage", ":::", "[$", "<p></p>"} {
		if strings.Contains(html, not) {
			t.Errorf("%s is left in\n%s", not, html)
		}
	}
}

func TestHTMLRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a formula without MathML":  "Here $r = 5$.",
		"a part the stage has not":  "[B]{stage=C}",
		"a choice without verdict":  "::: ask a.b a?x=1\nWhy?\n\n- perhaps: no\n- holds: yes\n:::\n",
		"a question without text":   "::: ask a.b a?x=1\n- fails: no\n- holds: yes\n:::\n",
		"a question without an end": "Text\n\n::: ask a.b a?x=1\nWhy?\n",
	} {
		if html, err := HTML(text); err == nil {
			t.Errorf("%s: %s", name, html)
		}
	}
}

func TestRolesAreTheStagesParts(t *testing.T) {
	for _, part := range stage.Parts {
		if roles[string(part)] == "" {
			t.Errorf("part %s has no colour", part)
		}
	}
	if len(roles) != len(stage.Parts) {
		t.Errorf("%d colours for %d parts", len(roles), len(stage.Parts))
	}
}

// What every lesson promises to its reader.
func TestLessonsOfAllPapers(t *testing.T) {
	catalog := papers.Catalog()
	for _, p := range papers.All {
		t.Run(p.Lab.ID, func(t *testing.T) {
			html, err := HTML(p.Lesson)
			if err != nil {
				t.Fatal(err)
			}
			words := Words(html)
			if words < 800 || words > 1200 {
				t.Errorf("%d words, want 800 to 1,200", words)
			}
			for _, heading := range []string{"The problem", "The idea", "The equation", "What the paper found", "What this small model can and cannot show", "Predict, then run", "Sources"} {
				if !strings.Contains(html, ">"+heading+"</h2>") {
					t.Errorf("there is no heading %q", heading)
				}
			}
			beside, below, ok := strings.Cut(html, "<hr>")
			if !ok || strings.Contains(below, "<hr>") || Words(beside) < 200 {
				t.Error("the lesson has no two parts: beside the stage, and below the race")
			}
			for _, light := range Lights(p.Lesson) {
				if !slices.Contains(stage.Parts, stage.Part(light)) {
					t.Errorf("the stage cannot light %q", light)
				}
			}
			for _, link := range Links(p.Lesson) {
				lab, spec, err := wire.ParseLink(catalog, link)
				if err != nil || lab.ID != p.Lab.ID {
					t.Errorf("link %s: %v", link, err)
					continue
				}
				if canonical := spec.Link(lab); !sameKnobs(canonical, link) {
					t.Errorf("link %s should be written %s", link, canonical)
				}
			}
			questions := Questions(p.Lesson)
			if len(questions) != 3 {
				t.Errorf("%d questions, want 3", len(questions))
			}
			for _, q := range questions {
				if !slices.ContainsFunc(p.Lab.Claims, func(c wire.Claim) bool { return c.ID == q.Claim }) {
					t.Errorf("there is no claim %s", q.Claim)
				}
			}
			for _, l := range p.Lab.Links {
				if !strings.Contains(p.Lesson, l.URL) {
					t.Errorf("the lesson does not link to %s", l.URL)
				}
			}
			defined := 0
			for _, line := range strings.Split(p.Lesson, "\n") {
				if strings.HasPrefix(line, "[$") {
					defined++
				}
			}
			if used := len(Formulae(p.Lesson)); used != defined {
				t.Errorf("%d formulae are used and %d defined: run mathml.mjs", used, defined)
			}
			if !regexp.MustCompile(`<m[a-z]+ style="[^"]*" data-stage=`).MatchString(html) {
				t.Error("no symbol of an equation lights the stage")
			}
		})
	}
}

// sameKnobs compares two links regardless of the order of knobs.
func sameKnobs(a, b string) bool {
	split := func(s string) []string {
		_, q, _ := strings.Cut(s, "?")
		list := strings.Split(q, "&")
		slices.Sort(list)
		return list
	}
	return slices.Equal(split(a), split(b))
}
