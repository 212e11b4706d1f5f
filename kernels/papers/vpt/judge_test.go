package vpt

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
)

// outcome is a run that somebody thought up: accuracies in percent, one per seed, by racer.
type outcome map[string][]float64

// but is the same run with other accuracies of one racer.
func (o outcome) but(name string, values ...float64) outcome {
	out := outcome{}
	for k, v := range o {
		out[k] = v
	}
	out[name] = values
	return out
}

// around3 are three seeds around a mean.
func around3(mean float64) []float64 { return []float64{mean - 0.3, mean, mean + 0.3} }

// noisy are three seeds that tell nothing to a few points.
func noisy(mean float64) []float64 { return []float64{mean - 6, mean + 5, mean + 1} }

// madeUp is a run with made-up accuracies, the same on validation examples.
func madeUp(t *testing.T, query string, accuracy outcome) *run {
	t.Helper()
	spec, err := wire.ParseQuery(description(), query)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{spec: spec}
	for i, name := range spec.Arms() {
		arm, bad := parseArm(name)
		if bad != nil {
			t.Fatal(bad)
		}
		c, _ := newRacer(spec, wire.ArmReport{Arm: name, Label: describeArm(arm).Label, Total: 205376})
		blocks, outside := c.method.Count(c.size)
		c.report.Trainable = blocks + outside
		c.report.Ledger.KeptBytes = sum(c.method.Kept(c.size, 32))
		for seed, a := range accuracy[name] {
			c.results = append(c.results, wire.TrialResult{Trial: wire.TrialID{Arm: i, Seed: seed}, LR: c.report.LR,
				Metrics: map[string]float64{course.TestAccuracy: a / 100}, Evals: []wire.Eval{{Accuracy: a / 100}}})
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
			if c.Verdict == wire.Holds || c.Verdict == wire.Fails {
				if c.Axis == nil || len(c.Rows) == 0 {
					t.Errorf("%s is judged and has nothing to draw", id)
				}
			}
			if c.Axis != nil {
				for _, m := range c.Rows {
					if m.Low < c.Axis.Min || m.High > c.Axis.Max {
						t.Errorf("%s: %s lies outside of the axis", id, m.Name)
					}
				}
			}
			return c
		}
	}
	t.Fatalf("no claim %s", id)
	return wire.ClaimReport{}
}

// trying is a case of a claim.
type trying struct {
	name, query string
	accuracy    outcome
	want        wire.Verdict
	says        string // in Why
}

func tryAll(t *testing.T, id string, list []trying) {
	t.Helper()
	seen := map[wire.Verdict]bool{}
	for _, c := range list {
		got := verdictOf(t, madeUp(t, c.query, c.accuracy), id)
		if got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s; %s), want %s with %q", c.name, got.Verdict, got.Here, got.Why, c.want, c.says)
		}
		seen[got.Verdict] = true
	}
	for _, v := range []wire.Verdict{wire.Holds, wire.Fails, wire.Unclear, wire.NotRun} {
		if !seen[v] {
			t.Errorf("no case of %s is %s", id, v)
		}
	}
}

// diverge breaks the second seed of a racer, which may decide nothing then.
func diverge(t *testing.T, id, query, racer string, accuracy outcome) {
	t.Helper()
	r := madeUp(t, query, accuracy)
	for _, c := range r.racers {
		if c.report.Arm == racer {
			c.results[1].Diverged = 7
		}
	}
	if got := verdictOf(t, r, id); got.Verdict != wire.Unclear || !strings.Contains(got.Why, "diverged with seed 1") || !strings.Contains(got.Here, "diverged with seed 1") {
		t.Errorf("%s diverged: %s (%s; %s)", racer, got.Verdict, got.Here, got.Why)
	}
}

func TestDeepClaim(t *testing.T) {
	const query = "arms=head,full,vpt-shallow:10,vpt-deep:10&train=100&lr=grid"
	o := outcome{"head": around3(60), "full": around3(70), "vpt-shallow:10": around3(65), "vpt-deep:10": around3(72)}
	tryAll(t, claimDeep, []trying{
		{"as the paper says", query, o, wire.Holds, "above 0"},
		{"full fine-tuning is ahead", query, o.but("full", around3(76)...), wire.Fails, "below −1"},
		{"shallow is better than deep", query, o.but("vpt-shallow:10", around3(75)...), wire.Fails, "below 0"},
		{"shallow is no better than the head", query, o.but("vpt-shallow:10", 60.5, 59.5, 60.2), wire.Unclear, "crosses 0"},
		{"noise", query, o.but("full", noisy(70)...), wire.Unclear, "crosses −1"},
		{"no room", query, outcome{"head": around3(60), "full": around3(61), "vpt-shallow:10": around3(61), "vpt-deep:10": around3(62)}, wire.Unclear, "too little room"},
		{"prompts lose to the head, where full fine-tuning gains little", query, outcome{"head": around3(70), "full": around3(72), "vpt-shallow:10": around3(65), "vpt-deep:10": around3(50)}, wire.Fails, "below 0"},
		{"full fine-tuning is lost, deep makes the room", query, o.but("full", around3(55)...), wire.Holds, "above −1"},
		{"at the ceiling", query, outcome{"head": around3(90), "full": around3(99.6), "vpt-shallow:10": around3(99.5), "vpt-deep:10": around3(99.6)}, wire.Unclear, "at the ceiling"},
		{"one seed", query, outcome{"head": {60}, "full": {70}, "vpt-shallow:10": {65}, "vpt-deep:10": {72}}, wire.Unclear, "one seed"},
		{"much data decides half of it", strings.Replace(query, "train=100", "train=1000", 1), o, wire.Unclear, "take train=100"},
		{"much data may decide against it", strings.Replace(query, "train=100", "train=1000", 1), o.but("vpt-deep:10", around3(62)...), wire.Fails, "take train=100"},
		{"no shallow prompts", "arms=head,full,vpt-deep:10&train=100", o, wire.NotRun, "add vpt-shallow:10"},
		{"other lengths", strings.Replace(query, "vpt-shallow:10", "vpt-shallow:20", 1), o, wire.NotRun, "vpt-shallow:10 with the settings of vpt-deep:10"},
		{"other settings", strings.Replace(query, "vpt-deep:10", "vpt-deep:10~dropout=0.5", 1), o, wire.NotRun, "vpt-shallow:10 with the settings of vpt-deep:10~dropout=0.5"},
		{"a masked autoencoder", query + "&backbone=vtiny-mae", o, wire.NotRun, "supervised"},
	})
	diverge(t, claimDeep, query, "vpt-deep:10", o)
	diverge(t, claimDeep, query, "full", o)
	// Prompts of a length that shallow ones lack do not count: they would be another try of one side.
	long := outcome{"vpt-deep:20": around3(85), "vpt-deep:10": around3(63)}
	for k, v := range o {
		if long[k] == nil {
			long[k] = v
		}
	}
	if got := verdictOf(t, madeUp(t, strings.Replace(query, "vpt-deep:10", "vpt-deep:10,vpt-deep:20", 1), long), claimDeep); got.Verdict != wire.Fails || !strings.Contains(got.Here, "VPT-deep p = 10") {
		t.Errorf("another length counts: %s, %s", got.Verdict, got.Here)
	}
}

// A rate that was not found for a racer, with the budget of the run, may be a handicap: it decides nothing, and is told.
func TestBorrowedRatesDecideNothing(t *testing.T) {
	const arms = "arms=head,full,adaptformer:8,adaptformer:8~form=sequential"
	o := outcome{"head": around3(60), "full": around3(80), "adaptformer:8": around3(75), "adaptformer:8~form=sequential": around3(74), "adaptformer:8~form=sequential~lr=grid": around3(74)}
	for _, c := range []struct {
		name, query string
		want        wire.Verdict
		says        string
	}{
		{"searched", arms + "&lr=grid", wire.Holds, "above −1"},
		{"those that the table lacks were searched", arms + "~lr=grid", wire.Holds, "above −1"},
		{"another form", arms, wire.Unclear, "AdaptFormer b = 8, sequential trained at the rate of adaptformer:8; lr=grid would find them"},
		{"fewer examples", arms + "~lr=grid&train=100", wire.Unclear, "full fine-tuning trained at the rate of full with train=1000;"},
		{"another budget", arms + "~lr=grid&steps=5&batch=1", wire.Unclear, "head only trained at the rate of head with steps=300 and batch=32"},
		{"another task", arms + "~lr=grid&task=style", wire.Unclear, "head only trained at the rate of head on vtiny and digits"},
		{"a batch of its own", arms + "~lr=grid&equal=memory", wire.Unclear, "head only trained at the rate of head with batch=32"},
		{"by hand", arms + "&lr=0.01", wire.Unclear, "full fine-tuning trained at the rate of the link"},
	} {
		if got := verdictOf(t, madeUp(t, c.query, o), claimParallel); got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s), want %s with %q", c.name, got.Verdict, got.Why, c.want, c.says)
		}
	}
	// Nor does it fail by one.
	if got := verdictOf(t, madeUp(t, arms, o.but("adaptformer:8", around3(64)...)), claimParallel); got.Verdict != wire.Unclear {
		t.Errorf("fails by a borrowed rate: %s", got.Why)
	}
}

// Of several that fit, validation examples pick, not test examples.
func TestClaimsPickOnValidationExamples(t *testing.T) {
	const query = "arms=head,full,vpt-deep:1,vpt-deep:10,vpt-deep:50,adaptformer:1,adaptformer:32&lr=grid"
	r := madeUp(t, query, outcome{"head": around3(60), "full": around3(80), "vpt-deep:1": around3(80), "vpt-deep:10": around3(66), "vpt-deep:50": around3(70),
		"adaptformer:1": around3(70), "adaptformer:32": around3(70)})
	for _, c := range r.racers {
		if c.report.Arm == "vpt-deep:1" || c.report.Arm == "vpt-deep:50" {
			for i := range c.results {
				c.results[i].Evals[0].Accuracy = 0.1
			}
		}
	}
	if got := verdictOf(t, r, claimTokens); got.Verdict != wire.Fails || !strings.Contains(got.Here, "VPT-deep p = 10 over VPT-deep p = 50") {
		t.Errorf("%s: %s", got.Verdict, got.Here)
	}
}

func TestLengthClaim(t *testing.T) {
	const query = "arms=head,full,vpt-deep:1,vpt-deep:10,vpt-deep:50,vpt-deep:10~depth=1,vpt-deep:10~depth=2,vpt-deep:10~depth=2~order=top-down&lr=grid"
	o := outcome{"head": around3(60), "full": around3(80), "vpt-deep:1": around3(66), "vpt-deep:10": around3(72), "vpt-deep:50": around3(69),
		"vpt-deep:10~depth=1": around3(64), "vpt-deep:10~depth=2": around3(68), "vpt-deep:10~depth=2~order=top-down": around3(65)}
	tryAll(t, claimLength, []trying{
		{"as the paper says", query, o, wire.Holds, "above 0"},
		{"one layer is as good", query, o.but("vpt-deep:10~depth=1", around3(74)...), wire.Fails, "below 0"},
		{"the last layers matter more", query, o.but("vpt-deep:10~depth=2~order=top-down", around3(71)...), wire.Fails, "below 0"},
		{"all lengths are alike", query, o.but("vpt-deep:1", 71.8, 71.9, 72.1).but("vpt-deep:50", 71.9, 72, 72.2), wire.Fails, "below 1"},
		{"the more the better", query, o.but("vpt-deep:50", around3(78)...), wire.Fails, "more than 1 of the best over VPT-deep p = 50"},
		{"the fewer the better", query, o.but("vpt-deep:1", around3(78)...), wire.Fails, "more than 1 of the best over VPT-deep p = 1, which is the best itself"},
		{"noise", query, o.but("vpt-deep:10~depth=2", noisy(68)...), wire.Unclear, "crosses 0"},
		{"shallow prompts are those of one layer", strings.Replace(query, "vpt-deep:10~depth=1", "vpt-shallow:10", 1), o.but("vpt-shallow:10", around3(64)...), wire.Holds, "above 0"},
		{"one layer with another setting", strings.Replace(query, "vpt-deep:10~depth=1", "vpt-deep:10~depth=1~dropout=0.9", 1), o.but("vpt-deep:10~depth=1~dropout=0.9", around3(10)...), wire.NotRun, "vpt-shallow:10"},
		{"last layers with another setting", query[:len(query)-len("&lr=grid")] + "~projection=4&lr=grid", o, wire.NotRun, "order=top-down"},
		{"a length with another setting", strings.Replace(query, "vpt-deep:50", "vpt-deep:50~dropout=0.9", 1), o.but("vpt-deep:50~dropout=0.9", around3(10)...), wire.NotRun, "three lengths"},
		{"no room", query, o.but("full", around3(61)...), wire.Unclear, "too little room"},
		{"no room for what lengths make", query, o.but("full", around3(61)...).but("vpt-deep:1", around3(72)...), wire.Unclear, "too little room"},
		{"no room, and yet the last layers are better", query, o.but("full", around3(61)...).but("vpt-deep:10~depth=2~order=top-down", around3(71)...), wire.Fails, "below 0"},
		{"two lengths", strings.Replace(query, "vpt-deep:1,", "", 1), o, wire.NotRun, "three lengths"},
		{"lengths that lie close", strings.NewReplacer("vpt-deep:1,", "vpt-deep:5,", "vpt-deep:50", "vpt-deep:20").Replace(query), o, wire.NotRun, "three lengths"},
		{"no top-down", strings.Replace(query, ",vpt-deep:10~depth=2~order=top-down", "", 1), o, wire.NotRun, "order=top-down"},
	})
	diverge(t, claimLength, query, "vpt-deep:10~depth=2", o)
}

func TestMAEClaim(t *testing.T) {
	const query = "arms=head,full,vpt-deep:10,head~backbone=vtiny-mae,full~backbone=vtiny-mae,vpt-deep:10~backbone=vtiny-mae&lr=grid"
	o := outcome{"head": around3(60), "full": around3(70), "vpt-deep:10": around3(72),
		"head~backbone=vtiny-mae": around3(40), "full~backbone=vtiny-mae": around3(75), "vpt-deep:10~backbone=vtiny-mae": around3(60)}
	tryAll(t, claimMAE, []trying{
		{"as the paper says", query, o, wire.Holds, "above 1"},
		{"full fine-tuning is ahead on both", query, o.but("vpt-deep:10", around3(65)...), wire.Fails, "above 1"},
		{"prompts are ahead on both", query, o.but("vpt-deep:10~backbone=vtiny-mae", around3(76)...), wire.Fails, "below 1"},
		{"noise", query, o.but("vpt-deep:10", noisy(71)...), wire.Unclear, "crosses 1"},
		{"no room", query, o.but("head~backbone=vtiny-mae", around3(74)...), wire.Unclear, "too little room"},
		{"other lengths", strings.Replace(query, "vpt-deep:10~", "vpt-deep:20~", 1), o, wire.NotRun, "vpt-deep:20~backbone=vtiny."},
		{"one backbone", "arms=head,full,vpt-deep:10", o, wire.NotRun, "vpt-deep:10~backbone=vtiny-mae"},
		{"the other backbone", "arms=head,full,vpt-deep:10&backbone=vsmall-mae", o, wire.NotRun, "vpt-deep:10~backbone=vsmall"},
	})
	diverge(t, claimMAE, query, "full~backbone=vtiny-mae", o)
}

func TestParallelClaim(t *testing.T) {
	const query = "arms=head,full,adaptformer:8,adaptformer:8~form=sequential&lr=grid"
	o := outcome{"head": around3(60), "full": around3(80), "adaptformer:8": around3(75), "adaptformer:8~form=sequential": around3(74)}
	tryAll(t, claimParallel, []trying{
		{"better", query, o, wire.Holds, "above −1"},
		{"as good", query, o.but("adaptformer:8~form=sequential", 74.9, 75.1, 75.5), wire.Holds, "above −1"},
		{"worse", query, o.but("adaptformer:8~form=sequential", around3(78)...), wire.Fails, "below −1"},
		{"noise", query, o.but("adaptformer:8~form=sequential", noisy(75)...), wire.Unclear, "crosses −1"},
		{"no room", query, o.but("full", around3(62)...), wire.Unclear, "too little room"},
		{"other widths", strings.Replace(query, "adaptformer:8~form", "adaptformer:4~form", 1), o, wire.NotRun, "form=sequential"},
	})
	diverge(t, claimParallel, query, "adaptformer:8~form=sequential", o)
}

func TestScaleClaim(t *testing.T) {
	const query = "arms=head,full,adaptformer:8~scale=0.01,adaptformer:8~scale=0.05,adaptformer:8,adaptformer:8~scale=0.2&lr=grid"
	o := outcome{"head": around3(60), "full": around3(80), "adaptformer:8~scale=0.01": around3(68), "adaptformer:8~scale=0.05": around3(74), "adaptformer:8": around3(75), "adaptformer:8~scale=0.2": around3(73)}
	tryAll(t, claimScale, []trying{
		{"as the paper says", query, o, wire.Holds, "above 0"},
		{"more is better", query, o.but("adaptformer:8~scale=0.2", around3(77)...), wire.Fails, "below 0"},
		{"less is better", query, o.but("adaptformer:8~scale=0.01", around3(77)...), wire.Fails, "below 0"},
		{"flat", query, o.but("adaptformer:8~scale=0.2", 75, 74.9, 75.1), wire.Unclear, "crosses 0"},
		{"no room", query, o.but("full", around3(62)...), wire.Unclear, "too little room"},
		{"two scales", "arms=head,full,adaptformer:8,adaptformer:8~scale=0.2&lr=grid", o, wire.NotRun, "scale=0.01"},
		{"borrowed rates", strings.TrimSuffix(query, "&lr=grid"), o, wire.Unclear, "lr=grid would find them"},
		{"one rate for all", strings.Replace(query, "lr=grid", "lr=0.03", 1), o, wire.Unclear, "lr=grid would find them"},
	})
	diverge(t, claimScale, query, "adaptformer:8~scale=0.2", o)
}

// A claim is compared with the size of those that raced.
func TestScaleIsThatOfTheRacers(t *testing.T) {
	const on = "~backbone=vsmall"
	for _, c := range madeUp(t, "arms=head"+on+",full"+on+",lora:4"+on, nil).judge() {
		if !strings.Contains(c.Scale, "width 96, 6 blocks") {
			t.Errorf("%s: %s", c.ID, c.Scale)
		}
	}
}

func TestWidthClaim(t *testing.T) {
	const query = "arms=head,full,adaptformer:1,adaptformer:8,adaptformer:32&lr=grid"
	o := outcome{"head": around3(60), "full": around3(80), "adaptformer:1": around3(70), "adaptformer:8": around3(75), "adaptformer:32": {74.9, 75.2, 75.4}}
	tryAll(t, claimWidth, []trying{
		{"as the paper says", query, o, wire.Holds, "below 1"},
		{"it goes on", query, o.but("adaptformer:32", around3(79)...), wire.Fails, "above 1"},
		{"it never helps", query, o.but("adaptformer:1", around3(76)...), wire.Fails, "below 0"},
		{"noise", query, o.but("adaptformer:32", noisy(75)...), wire.Unclear, "crosses 1"},
		{"no room", query, o.but("full", around3(62)...), wire.Unclear, "too little room"},
		{"a wide one with another setting", strings.Replace(query, "adaptformer:32", "adaptformer:32~dropout=0.9", 1), o, wire.NotRun, "add adaptformer:"},
		{"no wide one", "arms=head,full,adaptformer:1,adaptformer:8,adaptformer:16&lr=grid", o, wire.NotRun, "add adaptformer:32"},
	})
	diverge(t, claimWidth, query, "adaptformer:1", o)
}

func TestTokensClaim(t *testing.T) {
	const query = "arms=head,full,vpt-deep:1,vpt-deep:10,vpt-deep:50,adaptformer:1,adaptformer:8,adaptformer:32&lr=grid"
	o := outcome{"head": around3(60), "full": around3(80), "vpt-deep:1": around3(66), "vpt-deep:10": around3(72), "vpt-deep:50": around3(68),
		"adaptformer:1": around3(70), "adaptformer:8": around3(75), "adaptformer:32": {74.8, 74.9, 75.1}}
	tryAll(t, claimTokens, []trying{
		{"as the paper says", query, o, wire.Holds, "above 1"},
		{"the most prompts are the best", query, o.but("vpt-deep:50", around3(76)...), wire.Fails, "more than 1 of the best over VPT-deep p = 50"},
		{"the widest is the best, which is no harm", query, o.but("adaptformer:32", around3(78)...), wire.Holds, "less than 1 of the best over AdaptFormer b = 32"},
		{"width harms as well", query, o.but("adaptformer:32", around3(71)...), wire.Fails, "above 1"},
		{"noise", query, o.but("vpt-deep:50", noisy(68)...), wire.Unclear, "crosses 1"},
		{"no room", query, o.but("full", around3(62)...), wire.Unclear, "too little room"},
		{"few prompts", strings.Replace(query, "vpt-deep:50", "vpt-deep:40", 1), o, wire.NotRun, "vpt-deep:50"},
		{"a rate of the link", strings.Replace(query, "lr=grid", "lr=0.01", 1), o, wire.Unclear, "lr=grid would find them"},
		{"a length with another setting", strings.Replace(query, "vpt-deep:50", "vpt-deep:50~dropout=0.9", 1), o.but("vpt-deep:50~dropout=0.9", around3(10)...), wire.NotRun, "vpt-deep:50"},
	})
	diverge(t, claimTokens, query, "adaptformer:8", o)
}

func TestHeadClaim(t *testing.T) {
	const query = "arms=head,adaptformer:4,adaptformer:16&lr=grid"
	o := outcome{"head": around3(60), "adaptformer:4": around3(75), "adaptformer:16": around3(90)}
	tryAll(t, claimHead, []trying{
		{"as the paper says", query, o, wire.Holds, "above 10"},
		{"a wider one does not count", query, o.but("adaptformer:4", around3(66)...), wire.Fails, "below 10"},
		{"noise", query, o.but("adaptformer:4", noisy(70)...), wire.Unclear, "crosses 10"},
		{"a head that leaves no room", query, o.but("head", around3(91)...).but("adaptformer:4", around3(96)...), wire.Unclear, "no room"},
		{"only wide ones", "arms=head,adaptformer:8", o, wire.NotRun, "add adaptformer:4"},
	})
	diverge(t, claimHead, query, "adaptformer:4", o)
	both := "arms=head,adaptformer:4,head~backbone=vtiny-mae,adaptformer:4~backbone=vtiny-mae&lr=grid"
	got := verdictOf(t, madeUp(t, both, o.but("head~backbone=vtiny-mae", around3(60)...).but("adaptformer:4~backbone=vtiny-mae", around3(62)...)), claimHead)
	if got.Verdict != wire.Fails || !strings.Contains(got.Here, "MAE") {
		t.Errorf("the masked autoencoder is not taken: %s, %s", got.Verdict, got.Here)
	}
}

// finds gives a racer what a search for its rate finds: the rate of a place in the grid is best.
func finds(r *run, arm string, places ...int) {
	for _, c := range r.racers {
		if c.report.Arm != arm {
			continue
		}
		c.results = nil
		for seed, at := range places {
			scores := make([]float64, len(tuneGrid))
			if at >= 0 { // else training broke at all of them
				scores[at] = 0.8
			}
			c.results = append(c.results, wire.TrialResult{Trial: wire.TrialID{Seed: seed}, Extra: map[string][]float64{extraGrid: scores}})
		}
	}
}

func TestRateClaim(t *testing.T) {
	for _, c := range []struct {
		name             string
		full, lora, deep []int // places in the grid
		want             wire.Verdict
		says             string
	}{
		{"higher by one and by four places", []int{2, 2, 3}, []int{3, 3, 4}, []int{6, 7, 6}, wire.Holds, "above 1.8"},
		{"one method wants more or less", []int{2, 2, 3}, []int{2, 4, 2}, []int{6, 7, 6}, wire.Unclear, "crosses 1.8"},
		{"one method wants the same with every seed", []int{2, 2, 2}, []int{2, 2, 2}, []int{6, 7, 6}, wire.Fails, "LoRA r = 4, the whole interval lies below 1.8"},
		{"now the same, now a step more", []int{2, 2, 2}, []int{2, 3, 3}, []int{6, 7, 6}, wire.Unclear, "crosses 1.8"},
		{"one method wants less", []int{4, 4, 4}, []int{2, 2, 2}, []int{6, 7, 6}, wire.Fails, "below 1.8"},
		{"the rate of another method may be larger", []int{4, 4, 4}, []int{2, 2, 2}, []int{8, 8, 8}, wire.Fails, "below 1.8"},
		{"that of full fine-tuning may be smaller, which would not help", []int{0, 0, 0}, []int{3, 3, 3}, []int{6, 7, 6}, wire.Holds, "above 1.8"},
		{"those of methods may be larger, which would not hurt", []int{2, 2, 2}, []int{8, 8, 8}, []int{8, 8, 8}, wire.Holds, "above 1.8"},
		{"one seed", []int{2}, []int{4}, []int{6}, wire.Unclear, "one seed"},
		{"it would fail, but both rates may lie beyond", []int{8, 8, 8}, []int{8, 8, 8}, []int{8, 8, 8}, wire.Unclear, "may lie beyond, for LoRA r = 4 and VPT-deep p = 10"},
		{"a seed without a rate", []int{2, 2, 2}, []int{4, 4}, []int{6, 6, 6}, wire.Unclear, "no best rate to compare for LoRA r = 4 with seed 2"},
		{"full fine-tuning without a rate with the first seed", []int{-1, 2, 2}, []int{4, 4, 4}, []int{6, 6, 6}, wire.Unclear, "LoRA r = 4 with seed 0"},
	} {
		r := madeUp(t, "arms=head,full,lora:4,vpt-deep:10&lr=grid", nil)
		finds(r, "full", c.full...)
		finds(r, "lora:4", c.lora...)
		finds(r, "vpt-deep:10", c.deep...)
		if got := verdictOf(t, r, claimRate); got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s; %s), want %s with %q", c.name, got.Verdict, got.Here, got.Why, c.want, c.says)
		}
	}
	// A rate that is ten times as large, as a geometric mean.
	r := madeUp(t, "arms=full,lora:4&lr=grid", nil)
	finds(r, "full", 1, 1)
	finds(r, "lora:4", 3, 3)
	if got := verdictOf(t, r, claimRate); !strings.Contains(got.Here, "LoRA r = 4 10.0 times") {
		t.Errorf("0.01 against 0.001: %s", got.Here)
	}
	for name, query := range map[string]string{"no search": "arms=full,lora:4", "no full": "arms=lora:4&lr=grid"} {
		r := madeUp(t, query, outcome{"full": around3(70), "lora:4": around3(70)})
		finds(r, "none")
		if got := verdictOf(t, r, claimRate); got.Verdict != wire.NotRun {
			t.Errorf("%s: %s", name, got.Verdict)
		}
	}
}

// Racers that differ in the rate alone are as good as a search. A rate at which training diverged is out.
func TestRatesOfSeveralRacers(t *testing.T) {
	var arms []string
	accuracy := outcome{}
	for i, rate := range []string{"0.001", "0.003", "0.01", "0.03", "0.1"} {
		for _, of := range []string{"full", "lora:4"} {
			name := of + "~lr=" + rate
			arms = append(arms, name)
			best := map[string]int{"full": 1, "lora:4": 3}[of]
			accuracy[name] = around3(80 - 5*float64(max(i-best, best-i)))
		}
	}
	query := "arms=" + strings.Join(arms, ",")
	r := madeUp(t, query, accuracy)
	set := func(r *run) {
		for _, c := range r.racers {
			for i := range c.results {
				c.results[i].LR, _ = c.spec.Float("lr")
			}
		}
	}
	set(r)
	if got := verdictOf(t, r, claimRate); got.Verdict != wire.Holds || !strings.Contains(got.Here, "10.0 times") {
		t.Errorf("0.03 against 0.003: %s, %s", got.Verdict, got.Here)
	}
	for _, c := range r.racers {
		if c.report.Arm == "lora:4~lr=0.03" {
			for i := range c.results {
				c.results[i].Diverged = 3
			}
		}
	}
	if got := verdictOf(t, r, claimRate); got.Verdict != wire.Holds || !strings.Contains(got.Here, "3.3 times") {
		t.Errorf("0.01 against 0.003, the smaller one of equals: %s, %s", got.Verdict, got.Here)
	}
	if got := verdictOf(t, madeUp(t, "arms="+strings.Join(arms[:8], ","), accuracy), claimRate); got.Verdict != wire.NotRun {
		t.Errorf("four rates: %s", got.Verdict)
	}
	// A best rate at the end of those tried may lie beyond, and the ratio be another one.
	for name := range accuracy {
		accuracy[name] = around3(50)
	}
	accuracy["full~lr=0.1"] = around3(80)
	for i, rate := range []string{"0.2", "0.3", "0.5", "1", "2"} {
		name := "lora:8~lr=" + rate
		arms = append(arms, name)
		accuracy[name] = around3(80 - float64(i))
	}
	r = madeUp(t, "arms="+strings.Join(arms, ","), accuracy)
	set(r)
	const beyond = "at an end of those tried, and may lie beyond, for LoRA r = 8"
	if got := verdictOf(t, r, claimRate); got.Verdict != wire.Fails || !strings.Contains(got.Why, beyond) {
		t.Errorf("best at the ends, and another method wants less than full fine-tuning: %s, %s", got.Verdict, got.Why)
	}
	arms = slices.DeleteFunc(arms, func(name string) bool { return strings.HasPrefix(name, "lora:4") })
	r = madeUp(t, "arms="+strings.Join(arms, ","), accuracy)
	set(r)
	if got := verdictOf(t, r, claimRate); got.Verdict != wire.Unclear || !strings.Contains(got.Why, "above 1.8. But") || !strings.Contains(got.Why, beyond) {
		t.Errorf("best at the ends, which alone makes it hold: %s, %s", got.Verdict, got.Why)
	}
}

func TestMemoryClaim(t *testing.T) {
	const query = "arms=head,full,bitfit,ia3,lora:4,adaptformer:32"
	o := outcome{"head": around3(60), "full": around3(70), "bitfit": around3(70), "ia3": around3(70), "lora:4": around3(70), "adaptformer:32": around3(70)}
	r := madeUp(t, query, o)
	if got := verdictOf(t, r, claimMemory); got.Verdict != wire.Holds || !strings.Contains(got.Here, "of 3 methods") || !strings.Contains(got.Here, "BitFit keeps least") || !strings.Contains(got.Why, "(IA)³ trains 1,536 numbers") {
		t.Errorf("by the closed forms: %s (%s; %s)", got.Verdict, got.Here, got.Why)
	}
	kept := func(of map[string]int) wire.ClaimReport {
		r := madeUp(t, query, o)
		for _, c := range r.racers {
			if n, ok := of[c.report.Arm]; ok {
				c.report.Ledger.KeptBytes = n
			}
		}
		return verdictOf(t, r, claimMemory)
	}
	if got := kept(map[string]int{"full": 100, "bitfit": 50, "ia3": 90, "lora:4": 60}); got.Verdict != wire.Fails {
		t.Errorf("half is not more than half: %s (%s)", got.Verdict, got.Here)
	}
	if got := kept(map[string]int{"full": 100, "ia3": 60, "bitfit": 70, "lora:4": 80}); got.Verdict != wire.Fails || !strings.Contains(got.Why, "there are none") {
		t.Errorf("who trains fewer keeps less: %s (%s)", got.Verdict, got.Why)
	}
	one := outcome{}
	for name, v := range o {
		one[name] = v[:1]
	}
	if got := verdictOf(t, madeUp(t, query, one), claimMemory); got.Verdict != wire.Unclear {
		t.Errorf("one seed: %s", got.Verdict)
	}
	// Racers of one method count once, and only different methods change places.
	same := o.but("bitfit~lr=0.01", around3(70)...).but("bitfit~lr=0.1", around3(70)...).but("adaptformer:5", around3(70)...)
	if got := verdictOf(t, madeUp(t, "arms=full,bitfit,bitfit~lr=0.01,bitfit~lr=0.1", same), claimMemory); got.Verdict != wire.NotRun {
		t.Errorf("one method counts three times: %s (%s)", got.Verdict, got.Here)
	}
	r = madeUp(t, "arms=full,ia3,bitfit,adaptformer:4,adaptformer:5", same.but("adaptformer:4", around3(70)...))
	for _, c := range r.racers {
		c.report.Ledger.KeptBytes = map[string]int{"full": 100, "ia3": 75, "adaptformer:4": 85, "adaptformer:5": 82, "bitfit": 90}[c.report.Arm]
	}
	if got := verdictOf(t, r, claimMemory); got.Verdict != wire.Fails || !strings.Contains(got.Here, "of 3 methods") {
		t.Errorf("no two methods change places: %s (%s; %s)", got.Verdict, got.Here, got.Why)
	}
	for _, c := range r.racers {
		if c.report.Arm == "ia3" {
			c.report.Ledger.KeptBytes = 83
		}
	}
	if got := verdictOf(t, r, claimMemory); got.Verdict != wire.Holds || !strings.Contains(got.Why, "(IA)³ trains") {
		t.Errorf("two methods change places: %s (%s)", got.Verdict, got.Why)
	}
	// What steps of unequal batches keep cannot be compared.
	if got := verdictOf(t, madeUp(t, query+"&equal=memory", o), claimMemory); got.Verdict != wire.NotRun || !strings.Contains(got.Why, "equal=steps") {
		t.Errorf("unequal batches: %s (%s)", got.Verdict, got.Why)
	}
	for _, query := range []string{"arms=bitfit,ia3", "arms=full,bitfit", "arms=full,bitfit,ia3,adaptformer:32"} {
		if got := verdictOf(t, madeUp(t, query, o), claimMemory); got.Verdict != wire.NotRun {
			t.Errorf("%s: %s", query, got.Verdict)
		}
	}
}

// The thresholds stand in the texts that visitors read.
func TestClaimTextsNameTheirRules(t *testing.T) {
	texts := map[string]string{}
	for _, c := range claims() {
		texts[c.ID] = c.Here + " | " + c.Needs
	}
	room := fmt.Sprintf("full fine-tuning beats the head by %d points", roomPoints)
	even := fmt.Sprintf("%d point", evenPoints)
	for id, wants := range map[string][]string{
		claimDeep:     {even, fmt.Sprintf("at most %d training examples", smallTrain), room, settled, picked},
		claimLength:   {even, "beats the shortest and the longest", fmt.Sprintf("from %d or fewer to ten times", fewPrompts), room, settled, "three or more lengths"},
		claimMAE:      {even, room + " on both", settled, picked},
		claimParallel: {even, room, settled},
		claimScale:    {number(paperScale), number(smallScale) + " or less", number(largeScale) + " or more", room, settled, "lr=grid"},
		claimWidth:    {even, fmt.Sprintf("a width of %d", middleWidth), fmt.Sprintf("%d or more", largestWidth), room, settled},
		claimTokens:   {even, fmt.Sprintf("%d or more, by", manyPrompts), fmt.Sprintf("%d or more, by", largestWidth), room, settled, "lr=grid"},
		claimHead:     {fmt.Sprintf("more than %d points", headPoints), "less than 2 %", settled},
		claimRate:     {"five rates", fmt.Sprintf("above %.1f, half a step", math.Pow(10, halfStep)), "2 seeds"},
		claimMemory:   {"three methods that train less than 3 %", "more than half", "2 seeds"},
	} {
		for _, want := range wants {
			if !strings.Contains(texts[id], want) {
				t.Errorf("%s does not say %q: %s", id, want, texts[id])
			}
		}
	}
	if longPrompts != 10 || leastLengths != 3 || leastRates != 5 || leastThin != 3 || headShare != 0.02 || thinShare != 0.03 || keptShare != 0.5 || ceiling != 99 {
		t.Error("a rule and its text differ")
	}
}

// The run that a claim names can be read, is written as links are, and has what the claim needs.
func TestLinksOfClaimsJudgeThem(t *testing.T) {
	for _, c := range claims() {
		id, query, _ := strings.Cut(c.Link, "?")
		spec, err := wire.ParseQuery(description(), query)
		if err != nil || id != labID {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if got := spec.Link(description()); got != c.Link {
			t.Errorf("%s: the link %s is written %s", c.ID, c.Link, got)
		}
		if spec.Seeds() != 5 {
			t.Errorf("%s: %d seeds", c.ID, spec.Seeds())
		}
		accuracy := outcome{}
		for i, name := range spec.Arms() {
			accuracy[name] = around3(60 + float64(i))
		}
		r := madeUp(t, query, accuracy)
		if c.ID == claimRate {
			for i, name := range spec.Arms() {
				finds(r, name, 2+i%3, 3+i%3)
			}
		}
		if got := verdictOf(t, r, c.ID); got.Verdict == wire.NotRun {
			t.Errorf("%s is not judged by its own link: %s", c.ID, got.Why)
		}
		// Rates are found for all, by the search of a racer or by a row of the table.
		for _, o := range r.racers {
			if from := o.borrowed(); from != "" && c.ID != claimMemory {
				t.Errorf("%s: %s trains at the rate of %s", c.ID, o.arm, from)
			}
		}
	}
}

// Without a trial nothing is judged.
func TestNothingIsJudgedWithoutTrials(t *testing.T) {
	for _, query := range []string{"", "arms=head,full,vpt-shallow:10,vpt-deep:1,vpt-deep:10,vpt-deep:50,adaptformer:1,adaptformer:4,adaptformer:8,adaptformer:32,vpt-deep:10~depth=1,vpt-deep:10~depth=2,vpt-deep:10~depth=2~order=top-down,adaptformer:8~scale=0.01,adaptformer:8~scale=0.2,adaptformer:8~form=sequential&lr=grid"} {
		for _, c := range madeUp(t, query, nil).judge() {
			if c.Verdict == wire.Holds || c.Verdict == wire.Fails || strings.Contains(c.Here+c.Why, "NaN") {
				t.Errorf("%s: %s, %s, %s", c.ID, c.Verdict, c.Here, c.Why)
			}
		}
	}
}
