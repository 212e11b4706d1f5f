package moat

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

func linked(t *testing.T, link string) wire.Spec {
	t.Helper()
	_, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{description()}}, link)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// madeUp is a run with accuracies in percent that somebody thought up, one per seed.
func madeUp(t *testing.T, link string, accuracy map[string][]float64) *run {
	t.Helper()
	spec := linked(t, link)
	r := &run{spec: spec}
	for i, name := range spec.Arms() {
		arm, err := parseArm(name)
		if err != nil {
			t.Fatal(err)
		}
		var shares []float64
		for _, a := range accuracy[name] {
			shares = append(shares, a/100)
		}
		c := &racer{arm: arm, report: wire.ArmReport{Arm: name, Label: label(arm), Metrics: map[string]wire.Interval{course.TestAccuracy: lab.Interval(shares)}}}
		for seed, a := range accuracy[name] {
			c.results = append(c.results, wire.TrialResult{Trial: wire.TrialID{Arm: i, Seed: seed}, Metrics: map[string]float64{course.TestAccuracy: a / 100}})
		}
		r.racers = append(r.racers, c)
	}
	return r
}

func verdictOf(t *testing.T, r *run, id string) wire.ClaimReport {
	t.Helper()
	for _, c := range r.judge() {
		if c.ID == id {
			if c.Why == "" || c.Here == "" || c.Scale == "" {
				t.Errorf("%s is incomplete: %+v", id, c)
			}
			return c
		}
	}
	t.Fatalf("no claim %s", id)
	return wire.ClaimReport{}
}

type scores = map[string][]float64

func with(a scores, name string, values ...float64) scores {
	out := scores{}
	for k, v := range a {
		out[k] = v
	}
	out[name] = values
	return out
}

// verdicts is a table of made-up runs and what is to be said of them.
type verdicts []struct {
	name, link string
	accuracy   scores
	want       wire.Verdict
	says       string
}

func (v verdicts) check(t *testing.T, id string) {
	t.Helper()
	for _, c := range v {
		got := verdictOf(t, madeUp(t, c.link, c.accuracy), id)
		if got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s), want %s with %q", c.name, got.Verdict, got.Why, c.want, c.says)
		}
	}
}

func TestOrderClaim(t *testing.T) {
	const race = "moat?arms=vit,attn-mbconv,moat&seeds=5"
	ladder := scores{armViT: {50, 51, 52, 51, 50}, armAttnMBConv: {55, 56.5, 57, 56, 55}, armMOAT: {60, 61, 62.5, 61, 60}}
	verdicts{
		{"each step helps", race, ladder, wire.Holds, "above 0"},
		{"the second step hurts", race, with(ladder, armMOAT, 50, 51, 52.5, 51, 50), wire.Fails, "below 0"},
		{"the first step hurts", race, with(ladder, armViT, 70, 71, 72, 71, 70.5), wire.Fails, "below 0"},
		{"too noisy to tell", race, with(ladder, armMOAT, 50, 63, 55, 61, 50), wire.Unclear, "crosses 0"},
		{"three seeds", "moat?arms=vit,attn-mbconv,moat", scores{armViT: {50, 51, 52}, armAttnMBConv: {55, 56, 57.5}, armMOAT: {60, 61, 62.5}}, wire.Unclear, "asks for 5 seeds"},
		{"three seeds that say no", "moat?arms=vit,attn-mbconv,moat", scores{armViT: {70, 71, 72}, armAttnMBConv: {55, 56, 57.5}, armMOAT: {60, 61, 62.5}}, wire.Unclear, "asks for 5 seeds"},
		{"one seed", "moat?arms=vit,attn-mbconv,moat&seeds=1", scores{armViT: {50}, armAttnMBConv: {55}, armMOAT: {60}}, wire.Unclear, "one seed"},
		{"the second step at the ceiling", race, with(with(ladder, armAttnMBConv, 99.9, 100, 100, 99.8, 99.9), armMOAT, 99.5, 99.4, 99.6, 99.3, 99.5), wire.Unclear, "Second step: MOAT (99.5 %) and attn + MBConv (99.9 %) are both at the ceiling, and fewer steps"},
		{"the first step at the ceiling", race, scores{armViT: {99.9, 99.8, 99.9, 100, 99.9}, armAttnMBConv: {98.1, 98, 98.2, 98.1, 98.1}, armMOAT: {99, 99.1, 99.2, 99.1, 99}}, wire.Unclear, "First step: attn + MBConv (98.1 %) and ViT-like (99.9 %) are both at the ceiling"},
		{"all at chance", race, scores{armViT: {11.5, 11.4, 11.6, 11.5, 11.4}, armAttnMBConv: {10, 10.1, 10, 9.9, 10}, armMOAT: {9, 9.1, 9, 8.9, 9}}, wire.Unclear, "at chance"},
		{"only the last at the ceiling", race, with(ladder, armMOAT, 99, 99.1, 99.2, 99, 99.1), wire.Holds, "above 0"},
		{"nothing strides", race + "&downsample=pool", ladder, wire.Holds, "the order alone"},
		{"a racer is missing", "moat?arms=vit,moat&seeds=5", ladder, wire.NotRun, "add attn-mbconv"},
		{"two are missing", "moat?arms=vit,stacked&seeds=5", with(ladder, armStacked, 1, 2, 3, 4, 5), wire.NotRun, "add attn-mbconv and moat"},
	}.check(t, claimOrder)
	for link, want := range map[string]string{race: "order reversed, and the stride in the convolution", race + "&downsample=pool": "order reversed", race + "&task=cue": "order reversed"} {
		c := verdictOf(t, madeUp(t, link, ladder), claimOrder)
		if c.Rows[1].Name != want || !strings.Contains(c.Here, "; "+want+": ") {
			t.Errorf("%s: the second step is %q: %s", link, c.Rows[1].Name, c.Here)
		}
	}
}

func TestDownsampleClaim(t *testing.T) {
	const race = "moat?arms=moat,moat~pool"
	a := scores{armMOAT: {60, 61, 62}, "moat~pool": {55, 56, 57.5}}
	verdicts{
		{"strides win", race, a, wire.Holds, "above 0"},
		{"pooling wins", race, with(a, "moat~pool", 65, 66, 67.5), wire.Fails, "below 0"},
		{"neither", race, with(a, "moat~pool", 59, 62, 61), wire.Unclear, "crosses 0"},
		{"one seed", race + "&seeds=1", scores{armMOAT: {60}, "moat~pool": {55}}, wire.Unclear, "One seed"},
		{"without pooling", "moat?arms=moat,vit", a, wire.NotRun, "add moat~pool"},
		{"both pool", race + "&downsample=pool", a, wire.NotRun, "strided convolution"},
		{"nothing is halved", race + "&task=cue", scores{armMOAT: {60, 61, 62}, "moat~pool": {60, 61, 62}}, wire.NotRun, "have no strides"},
		{"both at the ceiling", race, scores{armMOAT: {99.9, 99.8, 99.9}, "moat~pool": {98.2, 98.1, 98.3}}, wire.Unclear, "at the ceiling"},
		{"both at the ceiling, the other way", race, scores{armMOAT: {98.2, 98.1, 98.3}, "moat~pool": {99.9, 99.8, 99.9}}, wire.Unclear, "at the ceiling"},
		{"both at chance", race, scores{armMOAT: {11.9, 11.8, 12}, "moat~pool": {9, 9.1, 8.9}}, wire.Unclear, "at chance"},
	}.check(t, claimDownsample)
}

func TestProbeClaim(t *testing.T) {
	const race = "moat?arms=vit-window,moat-window&task=cue"
	blind := scores{armViTWindow: {25, 26, 24.5}, armMOATWindow: {90, 92, 95}} // chance is a quarter
	verdicts{
		{"as it should be", race, blind, wire.Holds, "below 10"},
		{"ViT sees it too", race, with(blind, armViTWindow, 80, 81, 82), wire.Fails, "above 10"},
		{"MOAT does not", race, with(blind, armMOATWindow, 25, 26, 24), wire.Fails, "below 30"},
		{"MOAT at 55 %", race, with(blind, armMOATWindow, 54, 56, 55), wire.Unclear, "crosses 30"},
		{"ViT at 35 %", race, with(blind, armViTWindow, 34, 36, 35), wire.Unclear, "crosses 10"},
		{"just beyond both limits", race, scores{armViTWindow: {34.7, 34.8, 34.75}, armMOATWindow: {55.2, 55.3, 55.25}}, wire.Holds, ""},
		{"one seed", race + "&seeds=1", scores{armViTWindow: {25}, armMOATWindow: {90}}, wire.Unclear, "one seed"},
		{"one window over everything", race + "&window=global", blind, wire.NotRun, "set windows of 4 or 2"},
		{"a window that holds both", race + "&window=8", with(blind, armViTWindow, 80, 81, 82), wire.NotRun, "8 × 8 cells holds the cue"},
		{"nothing crosses", race + "&kernel=1", with(blind, armMOATWindow, 25, 26, 24), wire.NotRun, "set it to 3 or 5"},
		{"a single block", race + "&depth=1", blind, wire.NotRun, "fewer than 2 blocks"},
		{"another task", "moat?arms=vit-window,moat-window", blind, wire.NotRun, "the far-window probe as the task"},
		{"another racer", "moat?arms=vit,moat-window&task=cue", blind, wire.NotRun, "add vit-window"},
	}.check(t, claimProbe)
	c := verdictOf(t, madeUp(t, race, scores{armViTWindow: {1, 20, 40}, armMOATWindow: {99, 100, 80}}), claimProbe)
	if c.Rows[0].Low != -25 || c.Rows[1].High != 75 || !strings.Contains(c.Here, "to 75.0,") {
		t.Errorf("intervals leave what is possible: %s, %+v", c.Here, c.Rows)
	}
	if classes[taskCue] != 4 {
		t.Errorf("the probe has %d classes, and these numbers stand for four", classes[taskCue])
	}
}

func TestPositionClaim(t *testing.T) {
	const race = "moat?arms=moat,moat-nopos"
	a := scores{armMOAT: {60, 61, 62}, armNoPos: {59.5, 60.6, 61.4}}
	verdicts{
		{"half a point", race, a, wire.Holds, "below 2"},
		{"the table hurts", race, with(a, armNoPos, 65, 66, 67), wire.Holds, "below 2"},
		{"ten points", race, with(a, armNoPos, 50, 51, 52.5), wire.Fails, "above 2"},
		{"two points", race, with(a, armNoPos, 58, 59.5, 59.5), wire.Unclear, "crosses 2"},
		{"one seed", race + "&seeds=1", scores{armMOAT: {60}, armNoPos: {60}}, wire.Unclear, "One seed"},
		{"both at the ceiling", race, scores{armMOAT: {100, 99.9, 99.8}, armNoPos: {99.9, 100, 99.8}}, wire.Unclear, "(99.9 %) are both at the ceiling, and fewer steps or fewer training examples"},
		{"just at the ceiling", race, scores{armMOAT: {98, 98.1, 97.9}, armNoPos: {98.1, 98, 98}}, wire.Unclear, "at the ceiling"},
		{"one just below the ceiling", race, scores{armMOAT: {97.9, 98, 97.9}, armNoPos: {98.1, 98, 98}}, wire.Holds, "below 2"},
		{"both at chance", race, scores{armMOAT: {10.1, 9.9, 10}, armNoPos: {10, 9.8, 10.2}}, wire.Unclear, "(10.0 %) are both at chance, and more steps"},
		{"at the chance of two classes", race + "&task=same", scores{armMOAT: {50.1, 51.9, 50}, armNoPos: {50, 49.8, 50.2}}, wire.Unclear, "at chance"},
		{"far above the chance of ten classes", race, scores{armMOAT: {50.1, 50.3, 50.2}, armNoPos: {50, 49.8, 50.2}}, wire.Holds, "below 2"},
		{"one learns", race, scores{armMOAT: {60, 61, 62}, armNoPos: {10, 9.8, 10.2}}, wire.Fails, "above 2"},
		{"no racer without", "moat?arms=moat,vit", a, wire.NotRun, "add moat-nopos"},
		{"no table in either", race + "&position=none", a, wire.NotRun, "relative table"},
	}.check(t, claimPosition)
	got := verdictOf(t, madeUp(t, race, a), claimPosition)
	if m := got.Rows[0]; m.Text != "0.3" || !strings.Contains(m.Name, "paper") {
		t.Errorf("the paper's mark is %+v", m)
	}
}

func TestDataClaim(t *testing.T) {
	const race = "moat?arms=vit,vit~few,moat~noattn,moat~noattn~few"
	a := scores{armViT: {60, 61, 62}, "vit~few": {30, 31, 32}, "moat~noattn": {61, 62.2, 63}, "moat~noattn~few": {45, 46.5, 47}}
	verdicts{
		{"as it should be", race, a, wire.Holds, "above 0"},
		{"ViT leads with little", race, with(a, "vit~few", 50, 51, 52), wire.Fails, "below 0"},
		{"the lead grows", race, with(a, armViT, 30, 31, 32.2), wire.Fails, "below 0"},
		{"nobody leads with little", race, with(a, "vit~few", 44, 47.5, 46), wire.Unclear, "crosses 0"},
		{"ViT overtakes", race, with(a, armViT, 70, 71, 72), wire.Holds, "above 0"},
		{"one seed", race + "&seeds=1", scores{armViT: {60}, "vit~few": {30}, "moat~noattn": {61}, "moat~noattn~few": {45}}, wire.Unclear, "one seed"},
		{"both at the ceiling with all", race, with(with(a, armViT, 98.9, 99, 99.1), "moat~noattn", 99.8, 99.9, 99.7), wire.Unclear, "with all of the data MOAT, no attention (99.8 %) and ViT-like (99.0 %) are both at the ceiling"},
		{"both at chance with little", race, with(with(a, "vit~few", 10, 10.1, 9.9), "moat~noattn~few", 10.9, 11, 11.1), wire.Unclear, "are both at chance, and more steps or more training examples"},
		{"both at chance with little, a lead with all", race, scores{armViT: {30, 31, 32}, "vit~few": {10, 10.1, 9.9}, "moat~noattn": {61, 62.2, 63}, "moat~noattn~few": {10.1, 10.2, 9.9}}, wire.Unclear, "at chance"},
		{"the probe", race + "&task=cue", with(a, "vit~few", 50, 51, 52), wire.NotRun, "another task"},
		{"two missing", "moat?arms=vit,moat~noattn", a, wire.NotRun, "add vit~few and moat~noattn~few"},
	}.check(t, claimData)
	if c := verdictOf(t, madeUp(t, race, a), claimData); !strings.Contains(c.Here, "MOAT without attention leads the ViT-like net by") {
		t.Errorf("the nets compared are not named: %s", c.Here)
	}
}

// The probe is judged just where the nets of the run ask its question: the Transformer's answer depends on no pixel of the
// cue's window, MOAT's on at least a cell of every cue.
func TestProbeIsJudgedWhereItAsks(t *testing.T) {
	top, left := data.Cue{}.Window()
	for _, window := range []string{"2", "4", "8", windowGlobal} {
		for _, kernel := range []string{"1", "3", "5"} {
			for _, depth := range []string{"1", "2", "3"} {
				spec := linked(t, "moat?arms=vit-window,moat-window&task=cue&window="+window+"&kernel="+kernel+"&depth="+depth)
				seen := func(arm string) mask {
					c, err := configOf(spec, wire.Arm{Racer: arm})
					if err != nil {
						t.Fatal(err)
					}
					n := newNet(nil, c)
					out := newMask(n.last[0], n.last[1])
					for i := range data.CueWindow * data.CueWindow {
						out.on[(data.CueReadRow+i/data.CueWindow)*out.w+data.CueReadCol+i%data.CueWindow] = true
					}
					return n.Reach(out)
				}
				whole := func(m mask, row, col int) bool { // whether a cell of the map is in the set
					all := true
					for i := range data.CueCell * data.CueCell {
						all = all && m.on[(row*data.CueCell+i/data.CueCell)*m.w+col*data.CueCell+i%data.CueCell]
					}
					return all
				}
				vit, moat := seen(armViTWindow), seen(armMOATWindow)
				asks := true
				for i := range data.CueWindow * data.CueWindow {
					asks = asks && !whole(vit, top+i/data.CueWindow, left+i%data.CueWindow)
				}
				for row := range data.CueWindow - 1 {
					for col := 1; col < data.CueWindow-1; col++ { // where a cue of 2×2 cells may begin
						asks = asks && (whole(moat, top+row, left+col) || whole(moat, top+row, left+col+1))
					}
				}
				c, err := configOf(spec, wire.Arm{Racer: armMOATWindow})
				if err != nil {
					t.Fatal(err)
				}
				if why := blindProbe(c); (why == "") != asks {
					t.Errorf("window %s, kernel %s, %s blocks: the probe asks its question: %v, and the judge says %q", window, kernel, depth, asks, why)
				}
			}
		}
	}
}

// No claim is judged by two racers that the knobs make one and the same net.
func TestTheSameNetIsNotCompared(t *testing.T) {
	pairs := map[string][][2]string{
		claimOrder:      {{armViT, armAttnMBConv}, {armAttnMBConv, armMOAT}},
		claimDownsample: {{armMOAT, "moat~pool"}},
		claimPosition:   {{armMOAT, armNoPos}},
		claimData:       {{armViT, "moat~noattn"}, {"vit~few", "moat~noattn~few"}},
		claimProbe:      {{armViTWindow, armMOATWindow}},
	}
	arms := map[string]string{claimOrder: "vit,attn-mbconv,moat", claimDownsample: "moat,moat~pool", claimPosition: "moat,moat-nopos",
		claimData: "vit,vit~few,moat~noattn,moat~noattn~few", claimProbe: "vit-window,moat-window"}
	same := 0
	for _, task := range []string{taskTexture, taskCue} {
		for _, position := range []string{positionRelative, positionLearned, positionNone} {
			for _, down := range []string{downConv, downPool} {
				for _, kernel := range []string{"1", "3"} {
					for id, compared := range pairs {
						link := "moat?arms=" + arms[id] + "&task=" + task + "&position=" + position + "&downsample=" + down + "&kernel=" + kernel
						accuracy := scores{}
						r := madeUp(t, link, nil)
						for _, c := range r.racers {
							accuracy[c.report.Arm] = []float64{50, 51, 52}
						}
						for _, pair := range compared {
							var drawn [2]wire.Structure
							for i, arm := range pair {
								s, err := structure(r.spec, arm)
								if err != nil {
									t.Fatal(err)
								}
								for b := range s.Blocks { // without what may be changed in it
									for _, chain := range append(s.Blocks[b].Branches, s.Blocks[b].Skips...) {
										for p := range chain {
											chain[p].Edits, chain[p].Why = nil, ""
										}
									}
								}
								drawn[i] = s
							}
							if !reflect.DeepEqual(drawn[0].Blocks, drawn[1].Blocks) {
								continue
							}
							same++
							if got := verdictOf(t, madeUp(t, link, accuracy), id); got.Verdict != wire.NotRun {
								t.Errorf("%s: %v are the same net, and %s %s: %s", link, pair, id, got.Verdict, got.Why)
							}
						}
					}
				}
			}
		}
	}
	if same == 0 {
		t.Error("no knobs make two racers the same net")
	}
}

// The claim about windows rests on gradients, whatever raced.
func TestWindowClaim(t *testing.T) {
	honest := func() (rings []ring) {
		for _, work := range measureRings(func(r ring) { rings = append(rings, r) }) {
			if err := work(); err != nil {
				t.Fatal(err)
			}
		}
		return rings
	}
	for name, c := range map[string]struct {
		spoil func([]ring) []ring
		want  wire.Verdict
		says  string
	}{
		"as measured":               {func(r []ring) []ring { return r }, wire.Holds, "exactly zero"},
		"ViT leaks":                 {func(r []ring) []ring { r[1].outside = 1; return r }, wire.Fails, "1 of them outside"},
		"MOAT reaches no farther":   {func(r []ring) []ring { r[4].rows, r[4].cols = 6, 6; return r }, wire.Fails, "6 × 6"},
		"ViT does not see its own":  {func(r []ring) []ring { r[0].cols = 3; return r }, wire.Fails, "4 × 3"},
		"MOAT reaches one row more": {func(r []ring) []ring { r[5].rows = 23; return r }, wire.Fails, "23 × 22"},
		"nothing measured":          {func([]ring) []ring { return nil }, wire.NotRun, "its end"},
		"half is measured":          {func(r []ring) []ring { return r[:3] }, wire.NotRun, "its end"},
	} {
		r := madeUp(t, "moat", nil)
		r.rings = c.spoil(honest())
		got := verdictOf(t, r, claimWindow)
		if got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s), want %s with %q", name, got.Verdict, got.Why, c.want, c.says)
		}
		if name == "as measured" && got.Here != "ViT in windows 4×4, 4×4 and 4×4, MOAT in windows 6×6, 14×14 and 22×22 after one, two and three blocks" {
			t.Errorf("it was measured: %s", got.Here)
		}
	}
}

// A diverged net names one class for everything, which scores chance: no verdict may rest on it, nor on the seeds that
// are left, which were picked by their outcome.
func TestDivergedTrialsDecideNothing(t *testing.T) {
	for id, c := range map[string]struct {
		link     string
		accuracy scores
	}{
		claimOrder:      {"moat?arms=vit,attn-mbconv,moat&seeds=5", scores{armViT: {50, 51, 52, 51, 10}, armAttnMBConv: {55, 56.5, 57, 56, 55}, armMOAT: {60, 61, 62.5, 61, 60}}},
		claimDownsample: {"moat?arms=moat,moat~pool&seeds=4", scores{armMOAT: {60, 61, 62, 60}, "moat~pool": {55, 56, 57.5, 10}}},
		claimProbe:      {"moat?arms=vit-window,moat-window&task=cue&seeds=4", scores{armViTWindow: {25, 26, 24.5, 25}, armMOATWindow: {90, 92, 95, 25}}},
		claimPosition:   {"moat?arms=moat,moat-nopos&seeds=4", scores{armMOAT: {60, 61, 62, 10}, armNoPos: {59.5, 60.6, 61.4, 60}}},
		claimData:       {"moat?arms=vit,vit~few,moat~noattn,moat~noattn~few&seeds=4", scores{armViT: {60, 61, 62, 60}, "vit~few": {30, 31, 32, 10}, "moat~noattn": {61, 62.2, 63, 61}, "moat~noattn~few": {45, 46.5, 47, 45}}},
	} {
		r := madeUp(t, c.link, c.accuracy)
		for _, a := range r.racers {
			last := len(a.results) - 1
			if a.results[last].Metrics[course.TestAccuracy] <= 0.1 || id == claimProbe && a.report.Arm == armMOATWindow {
				a.results[last].Diverged = 4
			}
		}
		got := verdictOf(t, r, id)
		if got.Verdict != wire.Unclear || !strings.Contains(got.Why, fmt.Sprintf("diverged with seed %d", len(r.racers[0].results)-1)) {
			t.Errorf("%s: %s (%s)", id, got.Verdict, got.Why)
		}
		if strings.Contains(got.Here, "not measured") {
			t.Errorf("%s: %s", id, got.Here)
		}
	}
}

// The thresholds stand in the texts that visitors read.
func TestClaimTextsNameTheirRules(t *testing.T) {
	texts := map[string]string{}
	for _, c := range claims() {
		texts[c.ID] = c.Says + " | " + c.Paper + " | " + c.Here + " | " + c.Needs
		if c.Here == "" || c.Paper == "" {
			t.Errorf("%s has no rule or nothing of the paper", c.ID)
		}
	}
	numbers := map[int]string{5: "five"}
	edge := fmt.Sprintf("at the ceiling (in mean within %d points of 100 %%) or both at chance (at most %d points above it)", edgePoints, edgePoints)
	for _, id := range []string{claimOrder, claimDownsample, claimPosition, claimData} {
		if !strings.Contains(texts[id], edge) {
			t.Errorf("%s does not say where there is no verdict: %s", id, texts[id])
		}
	}
	for id, wants := range map[string][]string{
		claimWindow: {fmt.Sprintf("%d × %d cells", ringMap, ringMap), fmt.Sprintf("windows of %d × %d", ringWindow, ringWindow),
			fmt.Sprintf("squares of %d, %d and %d cells", ringSides[0], ringSides[1], ringSides[2]), "evaluation mode", "no racers", "do not shut information in"},
		claimOrder:      {fmt.Sprintf("at least %s seeds", numbers[orderSeeds]), "above 0", "95 % intervals of both", "vit, attn-mbconv and moat", "and the stride into its convolution", "two things at once"},
		claimDownsample: {"above 0", "95 % interval", "moat and moat~pool", "no strides"},
		claimProbe:      {fmt.Sprintf("at most %d points above chance", probeChance), fmt.Sprintf("at least %d above it", probeSolved), "95 % interval", "vit-window and moat-window", fmt.Sprintf("no larger than the cue's (%d cells)", data.CueWindow), "3 or 5"},
		claimPosition:   {fmt.Sprintf("below %d points", positionPoints), "95 % interval", "moat and moat-nopos", "0.1 to 0.3 points of ImageNet accuracy for MOAT-0 to MOAT-4"},
		claimData:       {"a tenth of the data", "95 % interval", "vit, vit~few, moat~noattn and moat~noattn~few", "its deficit shrinks", "shares its convolutional stem", "nothing makes up for"},
	} {
		for _, want := range wants {
			if !strings.Contains(texts[id], want) {
				t.Errorf("%s does not say %q: %s", id, want, texts[id])
			}
		}
	}
	if len(texts) != 6 || tenth != 10 {
		t.Errorf("%d claims, and the tenth is a share of %d", len(texts), tenth)
	}
}

// Without a trial nothing is claimed.
func TestNothingIsMeasured(t *testing.T) {
	for _, link := range []string{"moat?arms=vit,attn-mbconv,moat,moat~pool", "moat?arms=moat,moat-nopos", "moat?arms=vit-window,moat-window&task=cue", "moat?arms=vit,vit~few,moat~noattn,moat~noattn~few"} {
		for _, c := range madeUp(t, link, nil).judge() {
			if c.Verdict == wire.Holds || c.Verdict == wire.Fails {
				t.Errorf("%s without a trial: %s, %s, %s", c.ID, c.Verdict, c.Here, c.Why)
			}
		}
	}
}
