package wire_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// sample is a small lab with one knob of each kind.
func sample() wire.Catalog {
	return wire.Catalog{Engine: wire.Engine, Labs: []wire.Lab{{ID: "lora", Knobs: []wire.Knob{
		{Name: "arms", Kind: wire.KnobArms, Default: "head,qv:4", Arms: &wire.ArmKnob{
			Racers:  []wire.Option{{Value: "head"}, {Value: "full"}},
			Parts:   []wire.Option{{Value: "q"}, {Value: "v"}, {Value: "fc1"}},
			Aliases: []wire.Option{{Value: "all", Help: "qvfc1"}},
			Number:  "rank", Min: 1, Max: 64, Most: 4}},
		{Name: "alpha", Kind: wire.KnobFloat, Default: "8", Min: 0, Max: 64},
		{Name: "lr", Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 1},
		{Name: "world", Kind: wire.KnobChoice, Default: "M", Options: []wire.Option{{Value: "M"}, {Value: "H", Needs: map[string]string{"backbone": "vtiny"}}}},
		{Name: "backbone", Kind: wire.KnobChoice, Default: "vtiny", Options: []wire.Option{{Value: "vtiny"}, {Value: "vsmall"}}},
		{Name: "seeds", Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5},
		{Name: "seed", Kind: wire.KnobInt, Default: "0", Min: 0, Max: 1 << 32},
	}}, {ID: "block", Knobs: []wire.Knob{
		{Name: "arms", Kind: wire.KnobArms, Default: "vit,moat", Arms: &wire.ArmKnob{
			Racers: []wire.Option{{Value: "vit", Label: "ViT"}, {Value: "moat", Label: "MOAT"}, {Value: "stacked"}},
			Edits:  []wire.Option{{Value: "se", Label: "with SE", Of: []string{"moat"}}, {Value: "nodw", Label: "no depth-wise", Of: []string{"moat"}}, {Value: "nonorm"}},
			Least:  2, Most: 4}},
	}}, {ID: "bare", Knobs: []wire.Knob{
		{Name: "arms", Kind: wire.KnobArms, Default: "vit", Arms: &wire.ArmKnob{Racers: []wire.Option{{Value: "vit"}, {Value: "moat"}}, Most: 2}},
	}}, {ID: "one", Knobs: []wire.Knob{
		{Name: "arms", Kind: wire.KnobArms, Default: "head,vpt-deep:10", Arms: &wire.ArmKnob{
			Racers: []wire.Option{{Value: "head"}, {Value: "ln"}},
			Parts:  []wire.Option{{Value: "vpt-deep", Min: 0, Max: 200}, {Value: "vpt-shallow", Min: 0, Max: 200}, {Value: "lora"}, {Value: "sum"}},
			Number: "size", Min: 1, Max: 64, Most: 4, Stops: []int{1, 4, 8}, Single: "method", Own: []string{"layers", "neck", "backbone"},
			Divisors: []wire.Divisor{
				{Part: "sum", When: map[string]string{"backbone": "vtiny"}, Of: 64, Name: "width"},
				{Part: "sum", When: map[string]string{"backbone": "vsmall"}, Of: 96, Name: "width"},
				{Part: "sum", Knob: "neck", Name: "bottleneck"},
			}}},
		{Name: "backbone", Kind: wire.KnobChoice, Default: "vtiny", Options: []wire.Option{{Value: "vtiny"}, {Value: "vsmall"}, {Value: "vsmall-mae", Label: "V-small MAE"}}},
		{Name: "layers", Kind: wire.KnobChoice, Default: "all", Options: []wire.Option{{Value: "all"}, {Value: "2", Label: "2 layers"},
			{Value: "5", Label: "5 layers", Needs: map[string]string{"backbone": "vsmall|vsmall-mae"}}}},
		{Name: "neck", Kind: wire.KnobInt, Default: "12", Min: 1, Max: 64, Of: []string{"ln", "lora", "sum"}},
	}}}}
}

func TestLabelOfAnEditedRacer(t *testing.T) {
	g := sample().Labs[1].Knobs[0].Arms
	for text, want := range map[string]string{"moat": "MOAT", "moat~nodw~se": "MOAT, with SE, no depth-wise", "stacked": "stacked"} {
		if a, err := g.Parse(text); err != nil || g.Label(a) != want {
			t.Errorf("%s is called %q, want %q (%v)", text, g.Label(a), want, err)
		}
	}
}

// Both sides of the wire name an arm alike, with the knobs that it sets for itself.
func TestArmLabel(t *testing.T) {
	labs := sample().Labs
	one := labs[3]
	one.Knobs[0].Arms.Symbol = "n"
	one.Knobs[0].Arms.Parts[0].Label, one.Knobs[0].Arms.Parts[0].Symbol = "VPT-deep", "p"
	one.Knobs[3].Symbol = "b"
	for text, want := range map[string]string{"head": "head", "vpt-deep:10": "VPT-deep  p = 10", "vpt-deep:10~layers=2~backbone=vsmall-mae": "VPT-deep  p = 10, 2 layers, V-small MAE",
		"ln~neck=8": "ln, b = 8"} {
		a, err := one.Knobs[0].Arms.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := one.ArmLabel(a); got != want {
			t.Errorf("%s is called %q, want %q", text, got, want)
		}
	}
}

// A knob that no racer reads does nothing.
func TestUnreadKnobs(t *testing.T) {
	for link, want := range map[string]bool{"one?arms=head,vpt-deep:4": true, "one?arms=head,ln": false, "one?arms=sum:4": false} {
		lab, spec, err := wire.ParseLink(sample(), link)
		if err != nil {
			t.Fatal(err)
		}
		neck, _ := lab.Knob("neck")
		layers, _ := lab.Knob("layers")
		if got := spec.Unread(lab, neck); got != want || spec.Unread(lab, layers) {
			t.Errorf("%s: unread %v, want %v", link, got, want)
		}
	}
}

// With gives an arm the knobs that it sets for itself, and leaves the run as it is.
func TestArmsSetKnobsForThemselves(t *testing.T) {
	lab, spec, err := wire.ParseLink(sample(), "one?arms=ln~neck=3,head&neck=8")
	if err != nil {
		t.Fatal(err)
	}
	a, bad := lab.Knobs[0].Arms.Parse(spec.Arms()[0])
	if bad != nil {
		t.Fatal(bad)
	}
	if got := spec.With(a).Int("neck"); got != 3 || spec.Int("neck") != 8 {
		t.Errorf("the arm sees %d, the run %d", got, spec.Int("neck"))
	}
}

// An edit may give a racer another role; an edited reference is a method like others.
func TestRoleOfAnEditedRacer(t *testing.T) {
	g := &wire.ArmKnob{Racers: []wire.Option{{Value: "vit", Role: wire.RoleReference}, {Value: "moat"}, {Value: "head", Role: wire.RoleFloor}}, Edits: []wire.Option{{Value: "se"}, {Value: "few", Role: wire.RoleControl}}}
	for text, want := range map[string]string{"vit": wire.RoleReference, "vit~se": wire.RoleMethod, "moat": wire.RoleMethod, "head~se": wire.RoleFloor, "moat~few": wire.RoleControl, "vit~se~few": wire.RoleControl} {
		a, err := g.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Role(a); got != want {
			t.Errorf("%s has the role %s, want %s", text, got, want)
		}
	}
}

func TestLinkHoldsWhatDiffers(t *testing.T) {
	for link, want := range map[string]string{
		"lora":                                          "lora",
		"lora?":                                         "lora",
		"?lora?seed=7":                                  "lora?seed=7",
		"lora/?seed=0":                                  "lora",
		"lora?seed=7&arms=vq:4,head":                    "lora?arms=qv:4,head&seed=7", // in the lab's order
		"lora?arms=head,head,qvfc1:8":                   "lora?arms=head,all:8",
		"lora?alpha=8.0&lr=1e-2":                        "lora?lr=0.01",
		"lora?alpha=-0":                                 "lora?alpha=0",
		"lora?world=H":                                  "lora?world=H",
		"lora?arms=head%2Cfull":                         "lora?arms=head,full",
		"lora?arms=fc1q:2":                              "lora?arms=qfc1:2",
		"lora?backbone=vsmall&backbone=vtiny":           "lora",
		"lora?world=H&backbone=vsmall&world=M&&&":       "lora?backbone=vsmall",
		"block?arms=moat~nodw~se,vit":                   "block?arms=moat~se~nodw,vit",
		"block?arms=moat~se~se~~,moat":                  "block?arms=moat~se,moat",
		"block?arms=vit,moat~,moat":                     "block",
		"block?arms=vit~nonorm,moat%7Enodw":             "block?arms=vit~nonorm,moat~nodw",
		"one?arms=vpt-shallow:0,lora:64,ln":             "one?arms=vpt-shallow:0,lora:64,ln",
		"one?arms=sum:4,sum:2":                          "one?arms=sum:4,sum:2",
		"one?arms=sum:6&backbone=vsmall":                "one?arms=sum:6&backbone=vsmall",
		"one?arms=lora:4~neck=8.0,lora:4,lora:4~neck=8": "one?arms=lora:4~neck=8,lora:4",
		"one?arms=ln~backbone=vsmall~neck=2":            "one?arms=ln~neck=2~backbone=vsmall", // in the lab's order
		"one?arms=sum:3~neck=3~backbone=vsmall":         "one?arms=sum:3~neck=3~backbone=vsmall",
		"one?arms=lora:4~layers=5~backbone=vsmall-mae":  "one?arms=lora:4~layers=5~backbone=vsmall-mae",
		"one?arms=lora:4~layers=2~layers=all":           "one?arms=lora:4~layers=all",
		"one?layers=5&backbone=vsmall-mae":              "one?backbone=vsmall-mae&layers=5",
	} {
		lab, spec, err := wire.ParseLink(sample(), link)
		if err != nil {
			t.Errorf("%s: %v", link, err)
			continue
		}
		if got := spec.Link(lab); got != want {
			t.Errorf("%s becomes %s, want %s", link, got, want)
		}
	}
}

func TestBadLinksSayWhatWouldDo(t *testing.T) {
	for link, want := range map[string]string{
		"lroa":                           "lora",
		"lora?alhpa=3":                   "alpha",
		"lora?alpha=900":                 "alpha=64",
		"lora?alpha=-1":                  "alpha=0",
		"lora?alpha=NaN":                 "alpha=8",
		"lora?lr=fast":                   "lr=auto",
		"lora?seeds=2.4":                 "seeds=2",
		"lora?world=h":                   "world=M",
		"lora?backbone=vtny":             "backbone=vtiny",
		"lora?arms=hed":                  "head",
		"lora?arms=qv:99":                "qv:64",
		"lora?arms=":                     "arms=head,qv:4",
		"lora?arms=q:1,q:2,q:3,q:4,q:5":  "arms=q:1,q:2,q:3,q:4",
		"lora?arms=qx:4":                 "",
		"lora?world=H&backbone=vsmall":   "backbone=vtiny",
		"lora?arms=head~se":              "head",
		"block?arms=moat":                "arms=moat,vit",
		"block?arms=moat,moat~":          "arms=moat,vit",
		"block?arms=maot,vit":            "moat",
		"block?arms=maot~se,vit":         "moat~se",
		"block?arms=moat~see~nodw,vit":   "moat~se~nodw",
		"block?arms=moat~nonesuch":       "moat~nonorm",
		"block?arms=vit~se,moat":         "vit",
		"block?arms=qv:4,moat":           "vit",
		"bare?arms=vit~se":               "vit",
		"one?arms=vpt-deep":              "vpt-deep:4",
		"one?arms=vpt-deep:201":          "vpt-deep:200",
		"one?arms=lora:0":                "lora:1",
		"one?arms=lora:x":                "lora:1",
		"one?arms=loravpt-deep:4":        "vpt-deep:4",
		"one?arms=lroa:8":                "lora:8",
		"one?arms=vptdeep":               "vpt-deep:4",
		"one?arms=hed":                   "head",
		"one?arms=head,sum:3":            "arms=head,sum:2",
		"one?arms=sum:5&backbone=vsmall": "arms=sum:4",
		"one?arms=lora:4,sum:12&neck=64": "arms=lora:4,sum:8",
		"one?arms=lora:4~nekc=8":         "lora:4~neck=8",
		"one?arms=ln,lora:4~neck=80":     "arms=ln,lora:4~neck=64",
		"one?arms=lora:4~neck=":          "arms=lora:4~neck=12",
		"one?arms=lroa:4~neck=8":         "lora:4~neck=8",
		"one?arms=sum:5~backbone=vsmall": "arms=sum:4~backbone=vsmall",
		"one?arms=lora:4~layers=5":       "arms=lora:4",
		"one?layers=5":                   "backbone=vsmall",
		"one?arms=head~neck=8":           "arms=head",
		"one?arms=lora:4~neck=8,vpt-deep:4~neck=8~layers=2":                      "arms=lora:4~neck=8,vpt-deep:4~layers=2",
		"one?arms=lora:4~layers=5~neck=8,lora:4~layers=5~backbone=vsmall,lora:4": "arms=lora:4~neck=8,lora:4~layers=5~backbone=vsmall,lora:4",
		"lora?arms=head~lr=1": "head",
	} {
		_, _, err := wire.ParseLink(sample(), link)
		var bad *wire.SpecError
		if !errors.As(err, &bad) {
			t.Errorf("%s: error %v, want a SpecError", link, err)
			continue
		}
		if bad.Nearest != want {
			t.Errorf("%s: nearest %q, want %q (%s)", link, bad.Nearest, want, bad.Text)
		}
		if !strings.HasPrefix(link, "lora") && (strings.Contains(err.Error(), "matri") || strings.Contains(err.Error(), "  ")) {
			t.Errorf("%s: the lab has no matrices: %q", link, err)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the message has more than one line: %q", link, err)
		}
	}
}

func TestErrorLeavesSpecUnchanged(t *testing.T) {
	lab := sample().Labs[0]
	s := wire.NewSpec(lab)
	before := s.Clone()
	if err := s.Set(lab, "alpha", "1000"); err == nil {
		t.Fatal("alpha=1000 was taken")
	}
	if !reflect.DeepEqual(s, before) {
		t.Errorf("after an error the spec is %v, want %v", s, before)
	}
}

func TestIdleKnobs(t *testing.T) {
	lab := sample().Labs[0]
	knob := wire.Knob{Name: "wound", When: map[string]string{"world": "H", "backbone": "vtiny"}}
	s := wire.NewSpec(lab)
	if wants, idle := s.Idle(knob); !idle || wants != "world=H" {
		t.Errorf("in world M it wants %q, idle %v", wants, idle)
	}
	if err := s.Set(lab, "world", "H"); err != nil {
		t.Fatal(err)
	}
	if wants, idle := s.Idle(knob); idle || wants != "" {
		t.Errorf("in world H it wants %q, idle %v", wants, idle)
	}
	for _, k := range lab.Knobs {
		if _, idle := s.Idle(k); idle {
			t.Errorf("%s wants nothing, yet is idle", k.Name)
		}
	}
}

func TestTrialIDsBringEveryArmOnceBeforeTheSecondSeed(t *testing.T) {
	_, s, err := wire.ParseLink(sample(), "lora?seeds=2")
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.TrialID{{Arm: 0}, {Arm: 1}, {Arm: 0, Seed: 1}, {Arm: 1, Seed: 1}}
	if got := s.TrialIDs(); !reflect.DeepEqual(got, want) {
		t.Errorf("TrialIDs = %v, want %v", got, want)
	}
}

// FuzzParseLink: whatever is typed, ParseLink does not panic; what it takes survives being written and read again, and
// has one canonical form.
func FuzzParseLink(f *testing.F) {
	for _, s := range []string{"lora", "lora?arms=q:1,qv:4,all:8,full&alpha=.5&lr=3e-3&seed=4294967295", "lora?alpha=0x1p-2", "lora?alpha=1e-7",
		"lora?alpha=-0&seeds=3e0", "lora?arms=%71v:01", "?lora?x", "lora?lr=Inf", "lora?seed=9007199254740993", "lora?alpha=+5", "lora?arms=fc1:3", "block?arms=moat~nodw~se,vit", "block?arms=vit~~,moat~nonorm~", "one?arms=lora:4~neck=8~~neck=,ln~layers=5", "one?arms=head~backbone=vsmall~layers=5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		lab, spec, err := wire.ParseLink(sample(), link)
		if err != nil {
			if err.Error() == "" {
				t.Fatalf("%q: an error without words", link)
			}
			return
		}
		for _, form := range []string{spec.Link(lab), spec.Canonical(lab)} {
			_, again, err := wire.ParseLink(sample(), form)
			if err != nil {
				t.Fatalf("%q was taken, but not its own form %q: %v", link, form, err)
			}
			if !reflect.DeepEqual(again, spec) {
				t.Fatalf("%q reads back from %q as %v, not %v", link, form, again, spec)
			}
		}
		if a, ok := spec.Float("alpha"); lab.ID == "lora" && !ok || math.IsNaN(a) || a < 0 || a > 64 {
			t.Fatalf("%q: alpha is %v", link, a)
		}
	})
}
