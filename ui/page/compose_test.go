package page

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// methods is a lab of made-up methods with a size and knobs of their own: nothing of it is of a real paper.
func methods() Data {
	lab := wire.Lab{ID: "methods", Short: "Methods", Question: "Which method?", Title: "Methods", Stage: wire.Stage{Title: "Look"},
		Claims: []wire.Claim{
			{ID: "methods.a", Says: "Wide beats thin.", Needs: "wide and thin"},
			{ID: "methods.b", Says: "Scale matters.", Needs: "two scales", Link: "methods?arms=wide:8,wide:8~scale=1"},
			{ID: "methods.c", Says: "Place matters.", Needs: "two places", Link: "methods?arms=wide:8,wide:8~place=last"},
		},
		Knobs: []wire.Knob{
			{Name: "arms", Label: "Racers", Kind: wire.KnobArms, Group: "Method", Default: "head,wide:8,full", Help: "Who races.", Arms: &wire.ArmKnob{
				Racers: []wire.Option{{Value: "head", Label: "head only", Role: wire.RoleFloor}, {Value: "full", Label: "all weights", Role: wire.RoleReference, Help: "Every weight."}},
				Parts:  []wire.Option{{Value: "wide", Label: "Wide", Symbol: "b", Help: "A wide one."}, {Value: "thin", Label: "Thin", Symbol: "p", Min: 1, Max: 16, Help: "A thin one."}, {Value: "split", Label: "Split"}},
				Number: "size", Symbol: "n", Min: 1, Max: 64, Stops: []int{1, 4, 8, 32}, Most: 6, Single: "method", Own: []string{"place", "scale", "lr"},
				Divisors: []wire.Divisor{{Part: "split", Of: 64, Name: "width"}}}},
			{Name: "place", Label: "Place", Kind: wire.KnobChoice, Group: "Method", Default: "first", Options: []wire.Option{{Value: "first", Label: "the first"}, {Value: "last", Label: "the last"}}},
			{Name: "scale", Label: "Scale", Symbol: "s", Kind: wire.KnobFloat, Group: "Method", Default: "0.1", Min: 0.01, Max: 10, Log: true},
			{Name: "lr", Label: "Learning rate", Symbol: "η", Kind: wire.KnobAuto, Group: "Budget", Default: "auto", Min: 1e-5, Max: 10, Log: true, Help: "Peak.",
				Options: []wire.Option{{Value: "grid", Label: "tuned here", Help: "Each tries every rate."}}},
			{Name: "steps", Label: "Steps", Kind: wire.KnobInt, Group: "Budget", Default: "100", Min: 1, Max: 1000, Step: 1},
			{Name: "seeds", Label: "Seeds", Kind: wire.KnobInt, Group: "Budget", Default: "3", Min: 1, Max: 5, Step: 1},
			{Name: "seed", Label: "Seed", Kind: wire.KnobInt, Group: "Budget", Default: "0", Min: 0, Max: 4294967295, Step: 1},
		}}
	return Data{Catalog: wire.Catalog{Engine: "7", Labs: []wire.Lab{lab}}, Recorded: map[string]*wire.Report{}}
}

// methodsAt opens the made-up lab.
func methodsAt(t *testing.T, query string) *Site {
	t.Helper()
	s := newSite(methods(), nil)
	s.open(&url.URL{Path: "/methods", RawQuery: query})
	if s.S.Faults["link"] != "" {
		t.Fatal(s.S.Faults["link"])
	}
	s.takeAll()
	return s
}

// event is that of a test, which has no browser.
var event app.Event

func TestARacerOfOneMethodIsComposed(t *testing.T) {
	s := methodsAt(t, "")
	k := &knobs{Site: s}
	for _, c := range []struct {
		composed composer
		text     string
		says     string // on the button or below it
		takes    string // what is offered in its place
	}{
		{composer{}, "wide:8", "Wide b = 8 is in the race already: choose another method or size.", ""},
		{composer{Method: "thin"}, "thin:8", "Add Thin p = 8", ""},
		{composer{Method: "thin", Size: "32", Sized: true}, "thin:32", "is not between 1 and 16", "thin:16"},
		{composer{Method: "thin", Sized: true}, "thin:", "Thin lacks its size.", "thin:8"},
		{composer{Method: "split", Size: "7", Sized: true}, "split:7", "7 does not divide the width 64; there are: 1, 2, 4", "split:8"},
		{composer{Method: "wide", Own: []wire.Setting{{Name: "scale", Value: "1,0"}}}, "wide:8~scale=1.0", "Add Wide b = 8, s = 1", ""},
		{composer{Method: "wide", Own: []wire.Setting{{Name: "scale", Value: "50"}}}, "wide:8~scale=50", "outside 0.01 to 10", "wide:8~scale=10"},
		{composer{Method: "wide", Own: []wire.Setting{{Name: "scale", Value: ""}}}, "wide:8~scale=", "is not a number", "wide:8~scale=0.1"},
		{composer{Method: "full", Own: []wire.Setting{{Name: "place", Value: "last"}}}, "full~place=last", "Add all weights, the last", ""},
		{composer{Method: "full"}, "full", "all weights is in the race already", ""},
		{composer{Method: "of another lab"}, "wide:8", "is in the race already", ""},
	} {
		s.composing = c.composed
		if got := s.composing.text(s.S.Lab); got != c.text {
			t.Errorf("%+v is written %q, want %q", c.composed, got, c.text)
		}
		said := words(&knobs{Site: s})
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: it does not say %q: %s", c.text, c.says, said)
		}
		if c.takes == "" {
			if strings.Contains(said, "Take ") {
				t.Errorf("%s: something else is offered: %s", c.text, said)
			}
			continue
		}
		if !strings.Contains(said, "Take "+c.takes) {
			t.Errorf("%s: it does not offer %q: %s", c.text, c.takes, said)
		}
		k.try(c.takes)(nil, event)
		if got := s.composing.text(s.S.Lab); got != c.takes {
			t.Errorf("%s: what was offered became %q, want %q", c.text, got, c.takes)
		}
	}
}

func TestComposingLosesNothing(t *testing.T) {
	s := methodsAt(t, "")
	k := &knobs{Site: s}
	c := &s.composing
	*c = composer{Method: "wide", Size: "4", Sized: true}
	c.set(k.grammar(), "lr", "0.01")
	c.set(k.grammar(), "place", "last")
	c.set(k.grammar(), "lr", "0.02")
	if got := c.text(k.Site.S.Lab); got != "wide:4~place=last~lr=0.02" {
		t.Errorf("knobs of its own: %s", got)
	}
	k.addOne(nil, event)
	if got := s.S.Spec.Arms(); !slices.Equal(got, []string{"head", "wide:8", "wide:4~place=last~lr=0.02", "full"}) || s.S.Arm != got[2] {
		t.Errorf("the race is %v, forward is %s", got, s.S.Arm)
	}
	if got := c.text(k.Site.S.Lab); got != "wide:4~place=last~lr=0.02" {
		t.Errorf("after it was added the composer holds %s", got)
	}
	k.dropOwn("place")(nil, event)
	c.Method = "thin"
	if got := c.text(k.Site.S.Lab); got != "thin:4~lr=0.02" {
		t.Errorf("with another method: %s", got)
	}
	said := words(&knobs{Site: s})
	for _, want := range []string{"Wide b = 4, the last, η = 0.02 0.02", "New racer: method", "with 1 knob of its own", "Knobs of single methods"} {
		if !strings.Contains(said, want) {
			t.Errorf("the knobs do not say %q: %s", want, said)
		}
	}
	if strings.Contains(strings.ToLower(said), "matri") {
		t.Errorf("the knobs speak of matrices: %s", said)
	}
}

func TestKnobsOfSingleMethodsFoldAway(t *testing.T) {
	k := &knobs{Site: methodsAt(t, "scale=2")}
	page := markup(k)
	if !strings.Contains(page, "Knobs of single methods: 1 changed") {
		t.Error("a folded knob that was changed is not told")
	}
	fold := strings.Index(page, `class="ownknobs"`)
	end := strings.Index(page, `id="more-knobs"`)
	if knob := strings.Index(page, `data-knob="scale"`); fold < 0 || knob < fold || knob > end || strings.Index(page, `data-knob="lr"`) < end {
		t.Error("the knobs of single methods are not in their fold, or that of all racers is")
	}
	if said := words(&knobs{Site: at(t, "")}); strings.Contains(said, "single methods") {
		t.Error("a lab whose racers set no knobs has a fold for them")
	}
}

func TestTheRateIsTunedHereOrThereOrGiven(t *testing.T) {
	for query, want := range map[string]string{"": "each its own", "lr=grid": "tuned here", "lr=0.02": "one for all"} {
		k := &knobs{Site: methodsAt(t, query)}
		page := markup(k)
		_, knob, _ := strings.Cut(page, `data-knob="lr"`)
		pressed := ""
		for _, b := range strings.Split(knob, "<button")[1:4] {
			text := b[strings.Index(b, ">")+1 : strings.Index(b, "</button>")]
			if !strings.Contains(b, `aria-pressed="false"`) {
				pressed += strings.TrimSpace(text)
			}
		}
		if pressed != want {
			t.Errorf("%q: pressed is %q, want %q", query, pressed, want)
		}
		if has := strings.Contains(page, `id="range-lr"`); has != (want == "one for all") {
			t.Errorf("%q: there is a slider: %v", query, has)
		}
	}
}

func TestClaimsLeadToTheRunsThatJudgeThem(t *testing.T) {
	d := methods()
	claims := d.Catalog.Labs[0].Claims
	d.Recorded["methods"] = &wire.Report{Engine: "7", Lab: "methods", Link: "methods", Recorded: &wire.Recorded{Date: "2026-01-02"}, Claims: []wire.ClaimReport{
		{ID: "methods.a", Says: claims[0].Says, Verdict: wire.Holds},
		{ID: "methods.b", Says: claims[1].Says, Verdict: wire.Fails, Link: claims[1].Link},
		{ID: "methods.c", Says: claims[2].Says, Verdict: wire.NotRun}}}
	s := newSite(d, nil)
	s.open(&url.URL{Path: "/methods"})
	s.takeAll()
	said := markup(&claimList{Site: s})
	pages := markup(&claimsPage{Site: s})
	for name, page := range map[string]string{"lab": said, "claims": pages} {
		if n := strings.Count(page, "Run what judges it"); n != 2 { // the words and their label
			t.Errorf("%s: %d runs are offered, want one for the claim that was not judged", name, n/2)
		}
		for _, want := range []string{`href="/methods?arms=wide:8,wide:8~place=last"`, `href="/methods?arms=wide:8,wide:8~scale=1"`, "recorded with another run"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
		if strings.Count(page, "recorded with another run") != 1 {
			t.Errorf("%s: another claim is said to be recorded with another run", name)
		}
	}
	// A run of the visitor's own that judged nothing of it shows the way too, and no verdict of another run.
	s.S.Mine["methods.c"] = state.Verdict{Verdict: wire.Holds, Link: "methods?seeds=5", Engine: "7"}
	if page := markup(&claimsPage{Site: s}); strings.Contains(page, "Run what judges it") {
		t.Error("a claim that the visitor's run has judged is to be run again")
	}
}
