package page

import (
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

func TestAnswers(t *testing.T) {
	lab := wire.Lab{ID: "x", Knobs: []wire.Knob{
		{Name: "task", Kind: wire.KnobChoice, Default: "plain", Options: []wire.Option{{Value: "plain"}, {Value: "shuffled"}}},
		{Name: "steps", Kind: wire.KnobInt, Default: "200", Min: 1, Max: 500},
	}}
	report := &wire.Report{Claims: []wire.ClaimReport{{ID: "x.a", Verdict: wire.Fails, Here: "0.3"}, {ID: "x.b", Verdict: wire.NotRun}}}
	ran := wire.NewSpec(lab)
	for _, c := range []struct {
		claim, link, task string
		want              bool
	}{
		{"x.a", "x?", "plain", true},
		{"x.a", "x?steps=300", "plain", true}, // another budget still answers
		{"x.a", "x?task=shuffled", "plain", false},
		{"x.a", "x?", "shuffled", false},
		{"x.a", "x?task=shuffled", "shuffled", true},
		{"x.b", "x?", "plain", false}, // not judged
		{"x.c", "x?", "plain", false}, // not known
		{"x.a", "x?task=none", "plain", false},
	} {
		if err := ran.Set(lab, "task", c.task); err != nil {
			t.Fatal(err)
		}
		if got, ok := answers(lab, ran, report, c.claim, c.link); ok != c.want || ok && got.Here != "0.3" {
			t.Errorf("%+v: %v", c, ok)
		}
	}
	if _, ok := answers(lab, ran, nil, "x.a", "x?"); ok {
		t.Error("no report answers")
	}
}

func TestReply(t *testing.T) {
	c := wire.ClaimReport{Verdict: wire.Fails, Here: "r = 32 beats r = 1 by 2.5 points", Why: "The rule allows 1 point."}
	for _, k := range []struct {
		answered  bool
		predicted string
		has, as   string
	}{
		{false, "", "Choose first", ""},
		{false, "holds", "Noted", ""},
		{true, "", "Choose first", ""},
		{true, "fails", "As you predicted. In your run, r = 32", "right"},
		{true, "holds", "Not as you predicted", "wrong"},
	} {
		text, as := reply(c, k.answered, k.predicted)
		if !strings.Contains(text, k.has) || as != k.as {
			t.Errorf("%+v: %q, %q", k, text, as)
		}
		if shows := strings.Contains(text, "2.5 points"); shows != (k.as != "") {
			t.Errorf("%+v: the answer is shown: %v", k, shows)
		}
	}
	c.Verdict = wire.Unclear
	if text, as := reply(c, true, "unclear"); as != "right" || !strings.Contains(text, "unclear") {
		t.Errorf("%q, %q", text, as)
	}
}
