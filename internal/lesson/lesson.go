// Package lesson turns the lesson of a paper into HTML when the site is generated. A lesson is Markdown in two parts
// with a rule (---) between them: what stands beside the stage, and what follows below the race. It has five
// additions, each of which is plain text to read:
//
//	[B]{stage=B}                          words that light a part of the stage
//	$r = 4$, and $$ .. $$ on its own line  formulae in TeX, shown as MathML
//	[Adapt q alone](lora?arms=q:1)         a link that sets the knobs
//	try: ...                               a paragraph that invites to try something
//	::: ask CLAIM LINK ... :::             a question: predict, then run; the page answers it from the visitor's run
//
// Nothing of TeX reaches the browser. The MathML of every formula is made beforehand by mathml.mjs and kept beside the
// lesson, as definitions that are put below its text (see Formulae).
package lesson

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	render "github.com/yuin/goldmark/renderer/html"
)

// roles gives each part of the stage the colour role of its words.
var roles = map[string]string{"x": "ac", "attention": "ac", "class": "ac", "answer": "ac", "W0": "fz", "dW": "tr", "A": "tr", "B": "tr",
	"field": "ac", "rollout": "ac", "distance": "ac", "table": "tr", "filters": "tr",
	"prompts": "tr", "tokens": "ac", "change": "ac", "scatter": "ac", "fates": "ac"}

// Question is one "predict, then run".
type Question struct {
	Claim   string // the claim whose verdict answers it
	Link    string // the run that can answer it
	Text    string // Markdown
	Choices []Choice
}

// Choice is a prediction: the verdict it stands for, and its words.
type Choice struct{ Verdict, Text string }

var (
	spanPattern  = regexp.MustCompile(`\[([^\]]+)\]\{stage=([A-Za-z0-9]+)\}`)
	mathPattern  = regexp.MustCompile(`(?s)\$\$(.+?)\$\$|\$([^$\n]+)\$`)
	askPattern   = regexp.MustCompile(`(?ms)^::: ask (\S+) (\S+)\n(.*?)^:::[ \t]*$`)
	tryPattern   = regexp.MustCompile(`(?m)^try: (.+)$`)
	runPattern   = regexp.MustCompile(`\]\(([a-z0-9]+\?[^)\s]*)\)`)
	formulaLines = regexp.MustCompile(`(?m)^\[\$(\$?.+?\$?)\$\]: (<math.*</math>)$`)
)

// HTML renders a lesson with its formulae.
func HTML(markdown string) (string, error) {
	text, formulae := cut(markdown)
	var err error
	text = askPattern.ReplaceAllStringFunc(text, func(block string) string {
		q, e := question(block)
		if e != nil {
			err = e
			return ""
		}
		return q.html()
	})
	if err != nil {
		return "", err
	}
	if at := strings.Index(text, "\n:::"); at >= 0 {
		return "", fmt.Errorf("a question that cannot be read: %.60q", text[at+1:])
	}
	text = tryPattern.ReplaceAllString(text, "<p class=\"try\">\n\n<b>Try</b> $1\n\n</p>")
	text = mathPattern.ReplaceAllStringFunc(text, func(tex string) string {
		m, ok := formulae[tex]
		if !ok {
			err = fmt.Errorf("no MathML for %s: run mathml.mjs", tex)
		}
		return m
	})
	if err != nil {
		return "", err
	}
	text = spanPattern.ReplaceAllStringFunc(text, func(s string) string {
		m := spanPattern.FindStringSubmatch(s)
		role, ok := roles[m[2]]
		if !ok {
			err = fmt.Errorf("the stage has no part %q", m[2])
		}
		return fmt.Sprintf(`<span class="role %s" tabindex="0" data-stage="%s">%s</span>`, role, m[2], m[1])
	})
	if err != nil {
		return "", err
	}
	text = runPattern.ReplaceAllStringFunc(text, func(s string) string {
		_, query, _ := strings.Cut(runPattern.FindStringSubmatch(s)[1], "?")
		return "](?" + query + ")"
	})
	md := goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(render.WithUnsafe()), // the text is our own, and formulae are tags
	)
	var b bytes.Buffer
	if err := md.Convert([]byte(text), &b); err != nil {
		return "", err
	}
	return tidy(b.String()), nil
}

// tidy removes the paragraph that Markdown puts inside the paragraph of an invitation.
func tidy(s string) string {
	s = strings.ReplaceAll(s, "<p class=\"try\">\n<p>", `<p class="try">`)
	return strings.ReplaceAll(s, "</p>\n</p>", "</p>")
}

// cut separates the text from the definitions of formulae below it.
func cut(markdown string) (text string, formulae map[string]string) {
	formulae = map[string]string{}
	for _, m := range formulaLines.FindAllStringSubmatch(markdown, -1) {
		formulae["$"+m[1]+"$"] = m[2]
	}
	return formulaLines.ReplaceAllString(markdown, ""), formulae
}

// Formulae lists the formulae of a lesson as they stand in it, dollars included, each once, in order.
func Formulae(markdown string) []string {
	text, _ := cut(markdown)
	var list []string
	seen := map[string]bool{}
	for _, tex := range mathPattern.FindAllString(text, -1) {
		if !seen[tex] {
			seen[tex] = true
			list = append(list, tex)
		}
	}
	return list
}

// Lights lists the parts of the stage that the lesson speaks of.
func Lights(markdown string) []string {
	var list []string
	for _, m := range spanPattern.FindAllStringSubmatch(markdown, -1) {
		list = append(list, m[2])
	}
	return list
}

// Links lists the runs that the lesson offers, questions included.
func Links(markdown string) []string {
	var list []string
	for _, m := range runPattern.FindAllStringSubmatch(markdown, -1) {
		list = append(list, m[1])
	}
	for _, q := range Questions(markdown) {
		list = append(list, q.Link)
	}
	return list
}

// Questions lists the questions of a lesson that can be read.
func Questions(markdown string) []Question {
	var list []Question
	for _, block := range askPattern.FindAllString(markdown, -1) {
		if q, err := question(block); err == nil {
			list = append(list, q)
		}
	}
	return list
}

// question reads a block.
func question(block string) (Question, error) {
	m := askPattern.FindStringSubmatch(block)
	q := Question{Claim: m[1], Link: m[2]}
	var text []string
	for _, line := range strings.Split(m[3], "\n") {
		choice, isChoice := strings.CutPrefix(line, "- ")
		if !isChoice {
			text = append(text, line)
			continue
		}
		verdict, words, ok := strings.Cut(choice, ": ")
		if !ok || verdict != "holds" && verdict != "fails" && verdict != "unclear" {
			return q, fmt.Errorf("question %s: %q is not a verdict and its words", q.Claim, choice)
		}
		q.Choices = append(q.Choices, Choice{verdict, words})
	}
	q.Text = strings.TrimSpace(strings.Join(text, "\n"))
	if q.Text == "" || len(q.Choices) < 2 {
		return q, fmt.Errorf("question %s has no text or fewer than two choices", q.Claim)
	}
	return q, nil
}

// html writes the block that the page fills: the element with data-answer takes the answer once a run has judged the
// claim. Blank lines let Markdown into the question's text.
func (q Question) html() string {
	var b strings.Builder
	_, query, _ := strings.Cut(q.Link, "?")
	fmt.Fprintf(&b, "<section class=\"ask\" data-claim=\"%s\" data-link=\"%s\">\n\n%s\n\n<fieldset><legend>Your prediction</legend>", html.EscapeString(q.Claim), html.EscapeString(q.Link), q.Text)
	for _, c := range q.Choices {
		fmt.Fprintf(&b, `<label><input type="radio" name="%s" value="%s"> %s</label>`, html.EscapeString("ask-"+q.Claim), c.Verdict, html.EscapeString(c.Text))
	}
	fmt.Fprintf(&b, "</fieldset>\n\n[Set up this run](?%s)\n\n<p class=\"askanswer\" data-answer=\"%s\" aria-live=\"polite\">The answer comes from your own run.</p>\n\n</section>", query, html.EscapeString(q.Claim))
	return b.String()
}

var (
	tagPattern     = regexp.MustCompile(`(?s)<[^>]*>`)
	formulaPattern = regexp.MustCompile(`(?s)<math.*?</math>`)
)

// Plain is the text of a rendered lesson without tags and formulae.
func Plain(rendered string) string {
	s := formulaPattern.ReplaceAllString(rendered, " ")
	return html.UnescapeString(tagPattern.ReplaceAllString(s, " "))
}

// Words counts the words of a rendered lesson; formulae and signs are none.
func Words(rendered string) int {
	n := 0
	for _, w := range strings.Fields(Plain(rendered)) {
		if strings.ContainsFunc(w, func(r rune) bool { return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }) {
			n++
		}
	}
	return n
}
