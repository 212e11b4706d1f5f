package moat

import (
	"fmt"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

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
		c := &racer{arm: arm, report: wire.ArmReport{Arm: name, Label: label(arm), Metrics: map[string]wire.Interval{metricAccuracy: lab.Interval(shares)}}}
		for seed, a := range accuracy[name] {
			c.results = append(c.results, wire.TrialResult{Trial: wire.TrialID{Arm: i, Seed: seed}, Metrics: map[string]float64{metricAccuracy: a / 100}})
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
		{"a racer is missing", "moat?arms=vit,moat&seeds=5", ladder, wire.NotRun, "add attn-mbconv"},
		{"two are missing", "moat?arms=vit,stacked&seeds=5", with(ladder, armStacked, 1, 2, 3, 4, 5), wire.NotRun, "add attn-mbconv and moat"},
	}.check(t, claimOrder)
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
		{"one window over everything", race + "&window=global", blind, wire.Unclear, "does not ask"},
		{"a single block", race + "&depth=1", blind, wire.Unclear, "does not ask"},
		{"another task", "moat?arms=vit-window,moat-window", blind, wire.NotRun, "the far-window probe as the task"},
		{"another racer", "moat?arms=vit,moat-window&task=cue", blind, wire.NotRun, "add vit-window"},
	}.check(t, claimProbe)
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
		{"two missing", "moat?arms=vit,moat~noattn", a, wire.NotRun, "add vit~few and moat~noattn~few"},
	}.check(t, claimData)
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
			if a.results[last].Metrics[metricAccuracy] <= 0.1 || id == claimProbe && a.report.Arm == armMOATWindow {
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

// Trials are compared with those of the same seed, wherever they stand in their lists.
func TestDifferencesArePairedBySeed(t *testing.T) {
	r := madeUp(t, "moat?arms=moat,vit&seeds=4", scores{armMOAT: {60, 70, 80, 90}, armViT: {50, 60, 70, 80}})
	a, b := r.racers[0], r.racers[1]
	a.results = a.results[1:]
	b.results[3].Diverged = 7
	if d := difference(a, b); len(d.Values) != 2 || d.Mean < 9.999 || d.Mean > 10.001 {
		t.Errorf("the difference is %+v, want 10 for seeds 1 and 2", d)
	}
}

// The thresholds stand in the texts that visitors read.
func TestClaimTextsNameTheirRules(t *testing.T) {
	texts := map[string]string{}
	for _, c := range claims() {
		texts[c.ID] = c.Here + " | " + c.Needs
		if texts[c.ID] == "" || c.Paper == "" {
			t.Errorf("%s has no rule or nothing of the paper", c.ID)
		}
	}
	numbers := map[int]string{5: "five"}
	for id, wants := range map[string][]string{
		claimWindow: {fmt.Sprintf("%d × %d cells", ringMap, ringMap), fmt.Sprintf("windows of %d × %d", ringWindow, ringWindow),
			fmt.Sprintf("squares of %d, %d and %d cells", ringSides[0], ringSides[1], ringSides[2]), "evaluation mode", "no racers"},
		claimOrder:      {fmt.Sprintf("at least %s seeds", numbers[orderSeeds]), "above 0", "95 % intervals of both", "vit, attn-mbconv and moat"},
		claimDownsample: {"above 0", "95 % interval", "moat and moat~pool"},
		claimProbe:      {fmt.Sprintf("at most %d points above chance", probeChance), fmt.Sprintf("at least %d above it", probeSolved), "95 % interval", "vit-window and moat-window"},
		claimPosition:   {fmt.Sprintf("below %d points", positionPoints), "95 % interval", "moat and moat-nopos"},
		claimData:       {"a tenth of the data", "95 % interval", "vit, vit~few, moat~noattn and moat~noattn~few"},
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
