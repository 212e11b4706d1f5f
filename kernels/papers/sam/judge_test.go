package sam

import (
	"fmt"
	"strings"
	"testing"

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

// scores are the numbers of a made-up racer, a value for each seed: by metric in percent, and the IoU after each click in percent, the
// same for all seeds but for what wobble adds.
type scores struct {
	metrics map[string][]float64
	clicks  [Clicks]float64
	wobble  []float64
	lost    float64 // what a first click anywhere costs
}

// madeUp is a run of numbers that somebody thought up, with a table of rates in which every racer was tuned.
func madeUp(t *testing.T, link string, of map[string]scores) *run {
	t.Helper()
	spec := linked(t, link)
	var trials []wire.TrialResult
	var arms []wire.ArmReport
	for i, name := range spec.Arms() {
		racer, _ := racerNamed(strings.Split(name, "~")[0])
		arms = append(arms, wire.ArmReport{Arm: name, Label: racer.label, LR: usualRate})
		s := of[name]
		n := len(s.wobble)
		for _, x := range s.metrics {
			n = max(n, len(x))
		}
		for seed := range n {
			r := wire.TrialResult{Trial: wire.TrialID{Arm: i, Seed: seed}, Arm: name, Metrics: map[string]float64{}, Extra: map[string][]float64{}}
			for metric, x := range s.metrics {
				r.Metrics[metric] = x[seed] / 100
			}
			for c := range Clicks {
				at := s.clicks[c] / 100
				if c < len(s.wobble) {
					at += s.wobble[seed] / 100
				}
				r.Extra[extraClicks] = append(r.Extra[extraClicks], at)
				r.Extra[extraAnywhere] = append(r.Extra[extraAnywhere], at-s.lost/100)
			}
			trials = append(trials, r)
		}
	}
	r, err := opened(spec, trials, arms)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tunedTable lets every racer have a rate of its own for the length of a test.
func tunedTable(t *testing.T) {
	t.Helper()
	old := rates
	made := table{emptyTable()}
	for _, name := range tuned() {
		made.Rows = append(made.Rows, rateRow{Arm: name, Rate: usualRate, Scores: make([]float64, len(tuneGrid))})
	}
	rates = func() table { return made }
	t.Cleanup(func() { rates = old })
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

func plain(metrics map[string][]float64) scores { return scores{metrics: metrics} }

func TestVerdicts(t *testing.T) {
	tunedTable(t)
	rising := [Clicks]float64{50, 65, 75, 82, 87, 89, 90, 91, 91}
	falling := [Clicks]float64{50, 65, 75, 82, 87, 80, 79, 78, 77}
	low := [Clicks]float64{50, 55, 57, 60, 62, 62, 62, 62, 62}
	curve := func(c [Clicks]float64) scores {
		five := c[fiveClicks-1]
		return scores{map[string][]float64{testFive: {five - .3, five, five + .3}}, c, []float64{-.2, 0, .2}, 0}
	}
	edge := curve(rising)
	edge.lost = 20
	both := func(one, three, apart []float64) map[string]scores {
		return map[string]scores{armSingle: plain(map[string][]float64{testMIoU: one}), armThree: plain(map[string][]float64{testMIoU: three, testApart: apart})}
	}
	stages := func(a, b, c, d float64) map[string]scores {
		at := func(x float64) scores { return plain(map[string][]float64{testMIoU: {x - .1, x, x + .1}}) }
		return map[string]scores{armEngine1: at(a), armEngine2: at(b), armEngine3: at(c), armAuto: at(d)}
	}
	const engines = "sam?arms=engine:1,engine:12,engine:123,engine:3"
	for _, c := range []struct {
		name, id, link string
		of             map[string]scores
		want           wire.Verdict
		says           string
	}{
		{"three find more and differ", claimAmbiguity, "sam", both([]float64{40, 41, 42}, []float64{55, 56, 57.2}, []float64{70, 71, 72}), wire.Holds, "above 10"},
		{"three find more but do not differ", claimAmbiguity, "sam", both([]float64{40, 41, 42}, []float64{55, 56, 57.2}, []float64{50, 51, 52}), wire.Fails, "below 60"},
		{"three find little more", claimAmbiguity, "sam", both([]float64{40, 41, 42}, []float64{45, 46, 47.2}, []float64{70, 71, 72}), wire.Fails, "below 10"},
		{"no better than without a picture", claimAmbiguity, "sam?arms=heads:1,heads:3,no-picture", map[string]scores{armSingle: plain(map[string][]float64{testMIoU: {40, 41, 42}}),
			armThree: plain(map[string][]float64{testMIoU: {55, 56, 57.2}, testApart: {70, 71, 72}}), armGrey: plain(map[string][]float64{testMIoU: {57, 58, 59.1}})}, wire.Fails, "without a picture: the whole interval lies below 0"},
		{"seeds disagree", claimAmbiguity, "sam", both([]float64{40, 41, 42}, []float64{45, 56, 57}, []float64{70, 71, 72}), wire.Unclear, "crosses 10"},
		{"one seed", claimAmbiguity, "sam?seeds=1", both([]float64{40}, []float64{55}, []float64{70}), wire.Unclear, "one seed"},
		{"no heads:1", claimAmbiguity, "sam?arms=heads:3", both(nil, []float64{55, 56, 57}, []float64{70, 71, 72}), wire.NotRun, "add heads:1"},
		{"rises past 85", claimClicks, "sam?arms=heads:3", map[string]scores{armThree: curve(rising)}, wire.Holds, "not judged"},
		{"falls after five", claimClicks, "sam?arms=heads:3", map[string]scores{armThree: curve(falling)}, wire.Fails, "the sixth"},
		{"only from the middle", claimClicks, "sam?arms=heads:3", map[string]scores{armThree: edge}, wire.Fails, "anywhere, at five clicks: the whole interval lies below 85"},
		{"too low", claimClicks, "sam?arms=heads:3", map[string]scores{armThree: curve(low)}, wire.Fails, "below 85"},
		{"shipped counts where it races", claimClicks, "sam?arms=heads:3,shipped", map[string]scores{armThree: curve(low), armShipped: curve(rising)}, wire.Holds, "above 85"},
		{"feedback helps", claimClicks, "sam?arms=heads:3,no-feedback,shipped", map[string]scores{armThree: curve(low), armBlind: curve([Clicks]float64{50, 50, 50, 50, 50, 50, 50, 50, 50}), armShipped: curve(rising)}, wire.Holds, "feedback"},
		{"feedback does harm", claimClicks, "sam?arms=heads:3,no-feedback,shipped", map[string]scores{armThree: curve(low), armBlind: curve(falling), armShipped: curve(rising)}, wire.Fails, "below 0"},
		{"nobody to click at", claimClicks, "sam?arms=heads:1", map[string]scores{armSingle: curve(rising)}, wire.NotRun, "add shipped"},
		{"ranks well", claimScore, "sam?arms=heads:3", map[string]scores{armThree: plain(map[string][]float64{testSpearman: {70, 72, 74}})}, wire.Holds, "above 0.6"},
		{"ranks badly", claimScore, "sam?arms=heads:3", map[string]scores{armThree: plain(map[string][]float64{testSpearman: {30, 32, 34}})}, wire.Fails, "below 0.6"},
		{"ranks about so", claimScore, "sam?arms=heads:3", map[string]scores{armThree: plain(map[string][]float64{testSpearman: {50, 60, 70}})}, wire.Unclear, "crosses"},
		{"nobody to rank", claimScore, "sam?arms=heads:1", nil, wire.NotRun, "add heads:3"},
		{"each stage adds", claimEngine, engines, stages(40, 45, 50, 49), wire.Holds, "above −2"},
		{"automatic masks are not enough", claimEngine, engines, stages(40, 45, 50, 46), wire.Fails, "below −2"},
		{"a stage takes away", claimEngine, engines, stages(40, 45, 43, 43), wire.Fails, "below 0"},
		{"a stage is missing", claimEngine, "sam?arms=engine:1,engine:12", stages(40, 45, 0, 0), wire.NotRun, "engine:123 and engine:3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := verdictOf(t, madeUp(t, c.link, c.of), c.id)
			if got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
				t.Errorf("%s: %q, want %s and %q", got.Verdict, got.Why, c.want, c.says)
			}
			for _, m := range got.Rows {
				if got.Axis == nil || m.Low < got.Axis.Min || m.High > got.Axis.Max {
					t.Errorf("%+v is off the axis %+v", m, got.Axis)
				}
			}
		})
	}
}

// What would hold is taken back where a seed diverged, where the budget is not that of the table, and where a rate came with the link.
func TestVerdictsAreTakenBack(t *testing.T) {
	tunedTable(t)
	of := map[string]scores{armThree: plain(map[string][]float64{testSpearman: {70, 72, 74}})}
	r := madeUp(t, "sam?arms=heads:3", of)
	r.racers[0].results[1].Diverged = 7
	if c := verdictOf(t, r, claimScore); c.Verdict != wire.Unclear || !strings.Contains(c.Why, "diverged with seed 1") {
		t.Errorf("a seed diverged: %+v", c)
	}
	for link, says := range map[string]string{"sam?arms=heads:3&steps=20": "heads:3 with steps=", "sam?arms=heads:3&lr=0.01": "the link"} {
		if c := verdictOf(t, madeUp(t, link, of), claimScore); c.Verdict != wire.Unclear || !strings.Contains(c.Why, says) {
			t.Errorf("%s: %s %q, want %q", link, c.Verdict, c.Why, says)
		}
	}
	rates = func() table { return table{emptyTable()} }
	if c := verdictOf(t, madeUp(t, "sam?arms=heads:3", of), claimScore); c.Verdict != wire.Unclear || !strings.Contains(c.Why, "nobody") {
		t.Errorf("no rate was searched for, and yet: %s %q", c.Verdict, c.Why)
	}
}

// The thresholds are part of the claims' texts.
func TestTextsNameTheRules(t *testing.T) {
	text := map[string]string{}
	for _, c := range claims() {
		text[c.ID] = c.Here
		if c.Link != "" {
			if spec := linked(t, c.Link); spec.Seeds() != 5 {
				t.Errorf("%s is judged with %d seeds", c.ID, spec.Seeds())
			}
		}
	}
	for id, parts := range map[string][]string{
		claimAmbiguity: {fmt.Sprintf("at least %d points", bestPoints), fmt.Sprintf("at least %d %%", apartPercent)},
		claimClicks:    {fmt.Sprintf("falls by %d points", fallPoints), fmt.Sprintf("above %d %%", fiveIoU)},
		claimScore:     {fmt.Sprintf("above %g", rankLimit)},
		claimEngine:    {fmt.Sprintf("at most %d points", autoPoints)},
	} {
		for _, p := range parts {
			if !strings.Contains(text[id], p) {
				t.Errorf("%s does not say %q: %s", id, p, text[id])
			}
		}
	}
}

// A sweep whose racers set a knob for themselves is compared with the plain racer where that is there.
func TestPlainRacersAreJudged(t *testing.T) {
	r := madeUp(t, "sam?arms=heads:3~rounds=1,heads:3", nil)
	if c := r.find(armThree); c != r.racers[1] {
		t.Errorf("%s was found", c.arm)
	}
	if _, err := opened(r.spec, nil, []wire.ArmReport{{Arm: "heads:9"}}); err == nil {
		t.Error("a racer that does not exist was taken")
	}
}

// Every figure of a made-up run is there, and says its numbers.
func TestFigures(t *testing.T) {
	tunedTable(t)
	at := func(x float64) scores {
		return scores{map[string][]float64{testMIoU: {x, x + 1}, testFive: {x, x + 1}, testSpearman: {50, 60}, testApart: {60, 70}}, [Clicks]float64{x, x, x, x, x, x, x, x, x}, nil, 0}
	}
	r := madeUp(t, "sam?arms=heads:1,heads:3,heads:3~rounds=1,engine:123", map[string]scores{armSingle: at(30), armThree: at(40), "heads:3~rounds=1": at(20), armEngine3: at(50)})
	for _, c := range r.racers {
		for i := range c.results {
			e := c.results[i].Extra
			e[extraLevels] = []float64{.5, .4, .3}
			e[extraPredicted], e[extraTrue] = []float64{-.2, .55, 1.4}, []float64{0, .5, 1}
			e[extraCost] = []float64{5e6, 1e6}
			e[extraPrecision], e[extraRecall] = make([]float64, len(sureThresholds)), make([]float64, len(sureThresholds))
			for k := range sureThresholds {
				e[extraPrecision][k], e[extraRecall][k] = .9, .2
			}
			e[extraPrecision][len(sureThresholds)-1] = -1
			if c.stages != nil {
				e[extraStages] = []float64{1, 16, 100, 800, 100, 0, 95, 1, 16, 100, 500, 100, 0, 95, 2, 24, 60, 300, 120, 60, 90, 3, 128, 0, 0, 300, 300, 200}
			}
		}
	}
	got := map[string]wire.Figure{}
	for _, f := range r.figures() {
		if f.ID == "" || f.Title == "" || f.Caption == "" || len(f.Series)+len(f.Bars)+len(f.Heats)+len(f.Rows) == 0 {
			t.Errorf("%s is incomplete", f.ID)
		}
		got[f.ID] = f
	}
	for id, says := range map[string]string{"clicks": "30.0 % after one click", "heads": "65 % of the clicks", "levels": "subparts worst, with 30.0 %", "rounds": "with 1", "score": "0.55",
		"everything": "90 % are right", "engine": "50.5 %", "stages": "8.0 clicks at first and 5.0 at last", "cost": "20 %", "rates": "rate"} {
		if f, ok := got[id]; !ok || !strings.Contains(f.Caption, says) {
			t.Errorf("the figure %s (there: %v) does not say %q: %s", id, ok, says, f.Caption)
		}
	}
	if n := len(got["everything"].Series[0].X); n != len(sureThresholds)-1 {
		t.Errorf("precision has %d places; where no mask is left it has none", n)
	}
	if h := got["score"].Heats[0]; h.Values[0*scoreBins+scoreBins-1] != 2 || h.Values[(scoreBins-1)*scoreBins] != 2 {
		t.Errorf("estimates outside of 0..1 count at the ends: %v", h.Values)
	}
	if rows := got["stages"].Rows; len(rows) != 4 || rows[2][5] != "50" || rows[3][2] != "-" {
		t.Errorf("stages: %v", rows)
	}
}
