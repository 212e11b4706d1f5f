package sam

import (
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// TestEverythingIsExplained: no knob without help, no fact without text, and the description holds what the page needs.
func TestEverythingIsExplained(t *testing.T) {
	l := description()
	for name, text := range map[string]string{"title": l.Title, "short": l.Short, "question": l.Question, "authors": l.Authors, "venue": l.Venue,
		"idea": l.Idea, "stage": l.Stage.Title, "score": l.Scored().Name, "prompts": l.Prompts.Title, "what was seen": l.Prompts.Seen} {
		if text == "" {
			t.Errorf("there is no %s", name)
		}
	}
	if n := strings.Count(l.Idea, ". ") + 1; n != 2 {
		t.Errorf("the idea has %d sentences", n)
	}
	for _, k := range l.Knobs {
		if k.Label == "" || k.Group == "" || !strings.HasSuffix(k.Help, ".") {
			t.Errorf("knob %s: label %q, group %q, help %q", k.Name, k.Label, k.Group, k.Help)
		}
	}
	for _, f := range l.Facts {
		if f.Name == "" || f.Text == "" || strings.HasSuffix(f.Text, ".") {
			t.Errorf("fact %s: %q", f.Name, f.Text)
		}
	}
	if _, err := wire.ParseQuery(l, ""); err != nil {
		t.Errorf("the default link: %v", err)
	}
	if racer, ok := racerNamed(l.Stage.Arm); !ok || racer.masks != 3 {
		t.Errorf("the stage shows %q", l.Stage.Arm)
	}
	if _, ok := splitNamed[l.Prompts.Split]; !ok {
		t.Errorf("there is no split %q", l.Prompts.Split)
	}
}

// TestFactsFollowTheRecord: what the page says of the shipped model is what its record says, and nothing where there is none.
func TestFactsFollowTheRecord(t *testing.T) {
	before := entryFile
	defer func() { entryFile = before }()
	for _, c := range []struct{ record, want string }{
		{`{}`, ""},
		{`{"recipe": {"batch": 16, "per": 4}, "numbers": 9, "seconds": 4021, "date": "2026-11-26", "machine": "a machine",
			"held_out": {"scenes": 7, "asked": 1234, "best_of_three": 0.7249, "by_clicks": [0.61, 0, 0, 0, 0.855], "spearman": 0.66}}`,
			"steps of 16 scenes, 4 masks each, | : 1 h 07 min on 2026-11-26, a machine | 1,234 things of 7 test scenes | 0.72 with the best | 0.61 with the mask that it shows | 0.85 after five | correlation of 0.66"},
	} {
		entryFile = []byte(c.record)
		text := ""
		for _, f := range facts() {
			if f.Name == "Recipe" || f.Name == "Held out" {
				text += f.Text + "\n"
			}
		}
		if c.want == "" && text != "" {
			t.Errorf("without a record: %s", text)
		}
		for _, want := range strings.Split(c.want, " | ") {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
}
