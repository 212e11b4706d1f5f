// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

var shared = lab.Env{Asset: assets.Read}.Remember()

// linked reads the knobs of a link.
func linked(t *testing.T, query string) wire.Spec {
	t.Helper()
	spec, err := wire.ParseQuery(description(), query)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// opened is trial id of a link.
func opened(t *testing.T, query string, id wire.TrialID) *trial {
	t.Helper()
	tr, err := newTrial(shared, linked(t, query+"&lr=0.01&batch=4&train=64&steps=3&seeds=2"), id, course.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// everyArm is one of each racer.
const everyArm = "head,full,scratch,bitfit,ln,ia3,vpt-deep:3,vpt-shallow:3,adaptformer:8,houlsby:8,pfeiffer:8,lora:4,prefix:5,krona:8,compacter:4"

// What does not fit is told at the knob, with the nearest that does, before anything is read.
func TestWhatDoesNotFitIsToldAtTheKnob(t *testing.T) {
	for query, want := range map[string]string{
		"arms=vpt-deep:201":            "arms: vpt-deep:200",
		"arms=vpt-shallow:-1":          "arms: vpt-shallow:0",
		"arms=prefix:999":              "arms: prefix:200",
		"arms=adaptformer:65":          "arms: adaptformer:64",
		"arms=houlsby:0":               "arms: houlsby:1",
		"arms=lora:0":                  "arms: lora:1",
		"arms=lora":                    "arms: lora:8",
		"arms=compacter:3":             "arms: arms=compacter:2",
		"arms=head,compacter:16":       "arms: arms=head,compacter:8",
		"arms=compacter:4&neck=6":      "arms: arms=compacter:2",
		"arms=krona:12":                "arms: arms=krona:8",
		"arms=krona:5&backbone=vsmall": "arms: arms=krona:4",
		"arms=krona:96":                "arms: arms=krona:64",
		"depth=5":                      "depth: backbone=vsmall",
		"depth=7":                      "depth: ",
		"arms=vptdeep:10":              "arms: vpt-deep:10",
		"arms=adapt:8":                 "arms: ",
		"projection=65":                "projection: projection=64",
		"projection=8&init=patches":    "init: projection=0",
		"arms=vpt-deep:3~projection=8~init=patches": "arms: arms=vpt-deep:3~init=patches",
		"dropout=1":                              "dropout: dropout=0.9",
		"scale=0":                                "scale: scale=0.01",
		"arms=krona:12,krona:48&backbone=vsmall": "",
		"arms=compacter:8&neck=64&backbone=vtiny": "",
		"depth=5&backbone=vsmall":                 "",
	} {
		_, err := wire.ParseQuery(description(), query)
		var bad *wire.SpecError
		switch got := ""; {
		case err == nil && want == "":
		case !errors.As(err, &bad):
			t.Errorf("%s: the error is %v, want one at a knob", query, err)
		default:
			if got = bad.Knob + ": " + bad.Nearest; got != want && !(strings.HasSuffix(want, ": ") && bad.Knob+": " == want) {
				t.Errorf("%s: %q, want %q (%v)", query, got, want, err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: more than one line: %v", query, err)
			}
		}
	}
}

// Whatever the knobs let pass fits: no link that can be read leads to an error of a method.
func TestWhatTheKnobsLetPassFits(t *testing.T) {
	for _, backbone := range []string{"vtiny", "vsmall"} {
		c := nn.VTiny()
		if backbone == "vsmall" {
			c = nn.VSmall()
		}
		for _, p := range armKnob().Parts {
			passed := 0
			for n := -1; n <= 201; n++ {
				for _, knobs := range []string{"", "&depth=4&order=top-down&projection=64&dropout=0.9&neck=64&scale=0.01&alpha=0.25&mlp=256", "&depth=1&neck=1"} {
					query := fmt.Sprintf("arms=%s:%d&backbone=%s%s", p.Value, n, backbone, knobs)
					spec, err := wire.ParseQuery(description(), query)
					if err != nil {
						continue
					}
					passed++
					arm, bad := parseArm(spec.Arms()[0])
					if bad != nil {
						t.Fatal(bad)
					}
					if err := methodOf(spec, arm, c).Check(c); err != nil {
						t.Errorf("%s: %v", query, err)
					}
				}
			}
			if passed == 0 {
				t.Errorf("no size of %s passes with %s", p.Value, backbone)
			}
		}
	}
}

// A fair race: the racers of a seed share examples, order and the head's start; what methods draw differs between racers and
// seeds.
func TestRacersOfASeedShareWhatTheyShould(t *testing.T) {
	look := func(arm string, seed int) (seen string, head, own []float32) {
		tr := opened(t, "arms="+arm, wire.TrialID{Seed: seed})
		for step := range 20 {
			tr.Forward(tape.New(), step)
			places, labels := tr.Batch()
			seen += fmt.Sprint(places, labels)
		}
		for _, p := range tr.fitted.Own {
			own = append(own, p.Value.Data...)
		}
		return seen, nn.Collect(tr.fitted.Model.Head)[0].Value.Data, own
	}
	seen, head, _ := look("head", 0)
	for _, arm := range strings.Split(everyArm, ",") {
		s, h, _ := look(arm, 0)
		if s != seen || !slices.Equal(h, head) {
			t.Errorf("%s has other examples or another head", arm)
		}
	}
	if s, h, _ := look("head", 1); s == seen || slices.Equal(h, head) {
		t.Error("the second seed has the examples or the head of the first")
	}
	_, _, deep := look("vpt-deep:3", 0)
	_, _, shallow := look("vpt-shallow:3", 0)
	_, _, next := look("vpt-deep:3", 1)
	for name, other := range map[string][]float32{"shallow": shallow, "the next seed": next} {
		for _, x := range deep {
			if slices.Contains(other, x) {
				t.Fatalf("prompts share numbers with those of %s", name)
			}
		}
	}
}

// Without prompts the racer is the linear probe to the bit, whole training included.
func TestNoPromptsTrainAsTheHead(t *testing.T) {
	run := func(arm string) []float32 {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		for !tr.Advance() {
		}
		return tr.Result().Trained
	}
	want := run("head")
	for _, arm := range []string{"vpt-deep:0", "vpt-shallow:0", "prefix:0"} {
		if !slices.Equal(run(arm), want) {
			t.Errorf("%s is another than the head", arm)
		}
	}
}

// What a knob changes is what the method of a racer gets.
func TestKnobsReachTheirMethods(t *testing.T) {
	c := nn.VTiny()
	for query, want := range map[string]Method{
		"arms=vpt-deep:10":                                       Prompting{Length: 10, Layers: 4, Begin: BeginRandom},
		"arms=vpt-deep:3&depth=2&order=top-down":                 Prompting{Length: 3, Layers: 2, TopDown: true, Begin: BeginRandom},
		"arms=vpt-shallow:3&depth=2&projection=16":               Prompting{Length: 3, Layers: 1, Width: 16, Begin: BeginRandom},
		"arms=vpt-shallow:3~init=zero":                           Prompting{Length: 3, Layers: 1, Begin: BeginZero},
		"arms=vpt-deep:3&dropout=0.1":                            Prompting{Length: 3, Layers: 4, Drop: 0.1, Begin: BeginRandom},
		"arms=adaptformer:8":                                     AdaptFormer{Bottleneck: 8, Scale: 0.1},
		"arms=adaptformer:8&scale=2&form=sequential&dropout=0.1": AdaptFormer{Bottleneck: 8, Scale: 2, Sequential: true, Drop: 0.1},
		"arms=houlsby:8":                                         Houlsby{Bottleneck: 8},
		"arms=houlsby:8&norms=trained":                           Houlsby{Bottleneck: 8, Norms: true},
		"arms=pfeiffer:8":                                        Pfeiffer{Bottleneck: 8, Place: AfterMLP, Start: ZeroUp},
		"arms=pfeiffer:8&place=attn":                             Pfeiffer{Bottleneck: 8, Place: AfterAttention, Start: ZeroUp},
		"arms=pfeiffer:8&start=official":                         Pfeiffer{Bottleneck: 8, Place: AfterMLP, Start: ZeroBoth},
		"arms=lora:4&alpha=2&dropout=0.2":                        LoRA{Rank: 4, Alpha: 2, Drop: 0.2},
		"arms=prefix:5":                                          Prefixing{Length: 5},
		"arms=prefix:5&mlp=32":                                   Prefixing{Length: 5, Hidden: 32},
		"arms=krona:8":                                           KronA{First: 8, Scale: 1},
		"arms=compacter:2&neck=6":                                Compacter{N: 2, Bottleneck: 6},
		"arms=head":                                              Head{},
		"arms=full":                                              Full{},
		"arms=scratch":                                           Full{},
		"arms=bitfit":                                            BitFit{},
		"arms=ln":                                                LayerNorms{},
		"arms=ia3":                                               IA3{},
	} {
		spec := linked(t, query)
		arm, err := parseArm(spec.Text("arms"))
		if err != nil {
			t.Fatal(err)
		}
		if got := methodOf(spec.With(arm), arm, c); got != want {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
	}
}

// The ledger of a real step is the closed form, to the byte, for every racer. The head alone reads features instead.
func TestLedgerOfATrialIsTheClosedForm(t *testing.T) {
	for _, arm := range strings.Split(everyArm, ",")[1:] {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		tr.TrainStep()
		want := 0
		for _, r := range tr.fitted.Method.Kept(tr.fitted.Model.Config, 4) {
			want += r.Bytes
		}
		if got := tr.Result().Ledger.KeptBytes; got != want {
			t.Errorf("%s keeps %d bytes, by the closed form %d", arm, got, want)
		}
	}
}

// A file that fits in names and shapes, but was made with another setting, is refused.
func TestFilesOfAnotherSettingAreRefused(t *testing.T) {
	for _, c := range []struct{ arm, made, here string }{
		{"lora:4", "&alpha=8", "&alpha=16"},
		{"adaptformer:8", "&scale=0.1", "&scale=1"},
		{"adaptformer:8", "", "&form=sequential"},
		{"pfeiffer:8", "", "&place=attn"},
		{"vpt-deep:3", "&depth=2", "&depth=2&order=top-down"},
		{"vpt-deep:3", "", "&depth=3"},
		{"vpt-deep:3", "", "&projection=16"},
		{"prefix:5", "", "&mlp=16"},
		{"compacter:2", "", "&neck=6"},
		{"lora:4", "", "&backbone=vsmall"},
	} {
		made := opened(t, "arms="+c.arm+c.made, wire.TrialID{})
		made.TrainStep()
		file, raw, err := made.Export()
		if err != nil {
			t.Fatal(err)
		}
		if want := "petri-vpt-" + strings.ReplaceAll(c.arm, ":", "-") + "-seed0.safetensors"; file.Name != want {
			t.Errorf("the file is called %q, want %q", file.Name, want)
		}
		if err := opened(t, "arms="+c.arm+c.made, wire.TrialID{}).Import(raw); err != nil {
			t.Errorf("%s%s: %v", c.arm, c.made, err)
		}
		other := opened(t, "arms="+c.arm+c.here, wire.TrialID{})
		before := other.Logits(4)
		if err := other.Import(raw); err == nil {
			t.Errorf("%s: a file made with %q was taken with %q", c.arm, c.made, c.here)
		}
		if !slices.Equal(other.Logits(4), before) {
			t.Errorf("%s: the refused file has changed the model", c.arm)
		}
	}
}

// Neither the clock nor who looked on may change a bit.
func TestLookingChangesNothing(t *testing.T) {
	for _, arm := range []string{"head", "vpt-deep:3", "lora:4", "prefix:5"} {
		end := func(env lab.Env, look bool) string {
			spec := linked(t, "arms="+arm+"&dropout=0.3&lr=0.01&batch=4&train=64&steps=3")
			tr, err := newTrial(env, spec, wire.TrialID{}, course.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for done := false; !done; {
				if done = tr.Advance(); look {
					tr.Frame(wire.Focus{Example: 3})
					tr.Progress()
					tr.Validate(40)
				}
			}
			return tr.Result().Digest
		}
		now := 0.0
		if end(shared, false) != end(lab.Env{Asset: assets.Read, Clock: func() float64 { now++; return now }}, true) {
			t.Errorf("%s: another digest with an audience", arm)
		}
	}
}

func TestEveryRacerHasALabelAndARole(t *testing.T) {
	labels := map[string]bool{}
	for _, name := range strings.Split(everyArm, ",") {
		arm, err := parseArm(name)
		if err != nil || arm.String() != name {
			t.Fatalf("%s is read as %s (%v)", name, arm, err)
		}
		info := describeArm(arm)
		if info.Label == "" || labels[info.Label] {
			t.Errorf("%s is called %q", name, info.Label)
		}
		labels[info.Label] = true
		want := map[string]string{"head": wire.RoleFloor, "full": wire.RoleReference, "scratch": wire.RoleControl}[name]
		if want == "" {
			want = wire.RoleMethod
		}
		if info.Role != want {
			t.Errorf("%s plays the role %s, want %s", name, info.Role, want)
		}
	}
	if got := describeArm(wire.Arm{Name: "vpt-deep", Parts: []string{"vpt-deep"}, Number: 10}).Label; got != "VPT-deep  p = 10" {
		t.Errorf("label %q", got)
	}
}
