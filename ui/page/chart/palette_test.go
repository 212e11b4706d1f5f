package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

func TestColoursFollowTheRankAndStayWhenArmsComeAndGo(t *testing.T) {
	few := PaletteOfNames([]string{"head", "qv:4", "full"})
	many := PaletteOfNames([]string{"head", "qv:1", "qv:2", "qv:4", "qv:8", "qv:16", "qv:32", "full", "scratch"})
	if few.Of("qv:4") != many.Of("qv:4") {
		t.Errorf("r = 4 is %v alone and %v among others", few.Of("qv:4"), many.Of("qv:4"))
	}
	for i, arm := range []string{"qv:1", "qv:2", "qv:4", "qv:8", "qv:16", "qv:32"} {
		if want := "k" + string(rune('1'+i)); many.Of(arm).Color != want {
			t.Errorf("%s is %s, want %s", arm, many.Of(arm).Color, want)
		}
	}
	if many.Of("head").Color != "frozen" || many.Of("head").Dash == "" || many.Of("full").Color != "ink" || many.Of("scratch").Dash != "" {
		t.Errorf("roles: %v %v %v", many.Of("head"), many.Of("full"), many.Of("scratch"))
	}
}

func TestNoTwoArmsLookTheSame(t *testing.T) {
	names := []string{"head", "full", "scratch", "q:1", "qv:1", "all:1", "qv:3", "qv:4", "qv:5", "qv:64", "q:4"}
	p := PaletteOfNames(names)
	seen := map[Style]string{}
	for _, n := range names {
		s := p.Of(n)
		if other, twice := seen[s]; twice {
			t.Errorf("%s looks like %s: %+v", n, other, s)
		}
		seen[s] = n
		if _, ok := light[s.Color]; !ok {
			t.Errorf("%s has the colour %s, which exports do not know", n, s.Color)
		}
	}
	if p.Of("q:1").Shape == p.Of("qv:1").Shape || p.Of("q:1").Dash == p.Of("qv:1").Dash {
		t.Error("arms of one rank differ by colour alone")
	}
}

func TestMethodsWithoutANumberAreOrderedByWhatTheyTrain(t *testing.T) {
	p := Palette([]wire.ArmReport{{Arm: "bias", Role: wire.RoleMethod, Trainable: 3000}, {Arm: "norm", Role: wire.RoleMethod, Trainable: 500}})
	if p.Of("norm").Color >= p.Of("bias").Color {
		t.Errorf("norm %v, bias %v", p.Of("norm"), p.Of("bias"))
	}
	// The darkest colour of the ramp can hardly be told from the ink of the reference.
	arms := []wire.ArmReport{{Arm: "vit", Role: wire.RoleReference, Trainable: 17000}}
	for i, arm := range []string{"moat", "stacked", "attn-mbconv", "moat-nopos"} {
		arms = append(arms, wire.ArmReport{Arm: arm, Role: wire.RoleMethod, Trainable: 17000 + 100*i})
		for _, a := range arms {
			if look := Palette(arms).Of(a.Arm); look.Color == "k6" {
				t.Errorf("of %d methods %s is drawn in %s", i+1, a.Arm, look.Color)
			}
		}
	}
}

func TestExportsHaveTheColoursOfTheLightTheme(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "css", "tokens.css"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "@media (prefers-color-scheme:dark)")
	css := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})`).FindAllStringSubmatch(first, -1) {
		css[m[1]] = m[2]
	}
	for token, c := range light {
		if !strings.EqualFold(css[token], c) {
			t.Errorf("--%s is %s in tokens.css and %s in exports", token, css[token], c)
		}
	}
}

func TestRacersThatDifferByAKnobOfTheirOwnDoNotLookAlike(t *testing.T) {
	var arms []wire.ArmReport
	for _, a := range []string{"adaptformer:8", "adaptformer:8~scale=1", "adaptformer:8~scale=2", "lora:8", "houlsby:8", "pfeiffer:8", "prefix:8", "vpt-deep:8", "vpt-shallow:8", "krona:8", "compacter:8", "vpt-deep:8~depth=1"} {
		arms = append(arms, wire.ArmReport{Arm: a, Role: wire.RoleMethod, Number: 8})
	}
	for i := range 6 {
		arms = append(arms, wire.ArmReport{Arm: "racer" + string(rune('a'+i)), Role: wire.RoleMethod, Trainable: 700 + i})
	}
	seen := map[Style]string{}
	p := Palette(arms)
	for _, a := range arms {
		look := p.Of(a.Arm)
		if other, twice := seen[look]; twice {
			t.Errorf("%s looks like %s: %+v", a.Arm, other, look)
		}
		seen[look] = a.Arm
	}
}
