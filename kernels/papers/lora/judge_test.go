package lora

import (
	"fmt"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// madeUp is a run with accuracies in percent that somebody thought up, one per seed, and without updates.
func madeUp(t *testing.T, link string, accuracy map[string][]float64) *run {
	t.Helper()
	spec := linked(t, link)
	r := &run{spec: spec, width: 64, blocks: 4}
	for i, name := range spec.Arms() {
		racer := &racer{arm: named(t, name)}
		for seed, a := range accuracy[name] {
			racer.results = append(racer.results, wire.TrialResult{Trial: wire.TrialID{Arm: i, Seed: seed}, Metrics: map[string]float64{course.TestAccuracy: a / 100}})
		}
		racer.report = wire.ArmReport{Arm: name, Label: describeArm(racer.arm).Label, Metrics: map[string]wire.Interval{course.TestAccuracy: lab.Interval(accuracy[name])}}
		r.racers = append(r.racers, racer)
	}
	return r
}

func verdictOf(t *testing.T, r *run, id string, merges ...merge) wire.ClaimReport {
	t.Helper()
	for _, c := range r.judge(merges) {
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

const raceOfFive = "lora?arms=head,q:1,qv:1,qv:32,full"

func with(accuracy map[string][]float64, name string, values ...float64) map[string][]float64 {
	out := map[string][]float64{}
	for k, v := range accuracy {
		out[k] = v
	}
	out[name] = values
	if len(values) == 0 {
		delete(out, name)
	}
	return out
}

// ordinary is a plausible race: room of 9 points, rank 1 short by 3, q alone on the floor.
var ordinary = map[string][]float64{
	"head": {81, 82, 81.5}, "q:1": {81.2, 81.8, 81.4}, "qv:1": {84, 85, 84.3}, "qv:32": {87, 88.1, 87.4}, "full": {90, 91, 90.6},
}

func TestRankClaim(t *testing.T) {
	for _, c := range []struct {
		name, link string
		accuracy   map[string][]float64
		want       wire.Verdict
		says       string
	}{
		{"a large rank gains 3 points", raceOfFive, ordinary, wire.Fails, "above 1"},
		{"it gains nothing", raceOfFive, with(ordinary, "qv:1", 87, 88, 87.3), wire.Holds, "below 1"},
		{"too noisy to tell", raceOfFive, with(ordinary, "qv:1", 80, 88, 87.3), wire.Unclear, "crosses 1"},
		{"no room", raceOfFive, with(with(ordinary, "full", 84, 83, 84), "qv:1", 87, 88, 87.3), wire.Unclear, "room"},
		{"one seed", raceOfFive, map[string][]float64{"head": {81}, "q:1": {81}, "qv:1": {84}, "qv:32": {84}, "full": {90}}, wire.Unclear, "one seed"},
		{"no large rank", "lora?arms=head,qv:1,qv:4,full", ordinary, wire.NotRun, "add qv:32"},
		{"no anchors", "lora?arms=qv:1,qv:32", ordinary, wire.NotRun, "add head and full"},
		{"other matrices", "lora?arms=head,q:1,q:8,full", with(ordinary, "q:8", 84, 85, 84), wire.NotRun, "add qv:1 and qv:32"},
	} {
		got := verdictOf(t, madeUp(t, c.link, c.accuracy), claimRank)
		if got.Verdict != c.want || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s (%s), want %s with %q", c.name, got.Verdict, got.Why, c.want, c.says)
		}
	}
}

// A network of NaN names one class for everything, which scores a tenth: where that enters a mean, a diverged large
// rank would make small ones look good enough.
func TestDivergedTrialsDecideNothing(t *testing.T) {
	r := madeUp(t, raceOfFive, with(with(ordinary, "qv:32", 87, 88.1, 9.8), "qv:1", 87, 88, 87.3))
	give(r, "qv:1", true)
	give(r, "qv:32", true)
	r.find("qv:32").results[2].Diverged = 4
	gain := difference(r.find("qv:32"), r.find("qv:1"))
	if len(gain.Values) != 2 || gain.Low < -2 {
		t.Errorf("the gain is %+v: the diverged seed is in it", gain)
	}
	for _, id := range []string{claimRank, claimOverlap, claimAmplify} {
		if got := verdictOf(t, r, id); got.Verdict != wire.Unclear || !strings.Contains(got.Why, "q, v at rank 32 diverged with seed 2") || !strings.Contains(got.Here, "q, v at rank 32 diverged with seed 2") {
			t.Errorf("%s: %s, %s (%s)", id, got.Verdict, got.Here, got.Why)
		}
	}
	r.find("q:1").results[0].Diverged = 4
	if got := verdictOf(t, r, claimPlacement); got.Verdict != wire.Unclear || !strings.Contains(got.Why, "q at rank 1 diverged with seed 0") {
		t.Errorf("%s: %s (%s)", claimPlacement, got.Verdict, got.Why)
	}
}

func TestPlacementClaim(t *testing.T) {
	for _, c := range []struct {
		name     string
		accuracy map[string][]float64
		want     wire.Verdict
	}{
		{"three points", ordinary, wire.Holds},
		{"nothing", with(ordinary, "qv:1", 81.3, 81.9, 81.6), wire.Fails},
		{"noisy", with(ordinary, "qv:1", 80, 86, 82), wire.Unclear},
		{"no room", with(ordinary, "full", 82, 83, 82), wire.Unclear},
	} {
		if got := verdictOf(t, madeUp(t, raceOfFive, c.accuracy), claimPlacement); got.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got.Verdict, got.Why, c.want)
		}
	}
	got := verdictOf(t, madeUp(t, "lora?arms=head,q:4,qv:2,full", ordinary), claimPlacement)
	if got.Verdict != wire.NotRun || !strings.Contains(got.Why, "q:1 and qv:1") {
		t.Errorf("without a shared rank: %s, %s", got.Verdict, got.Why)
	}
	// The paper's mark is that of the same rank.
	got = verdictOf(t, madeUp(t, "lora?arms=head,q:4,qv:4,full", with(with(ordinary, "q:4", 83, 84, 83.5), "qv:4", 85, 86, 85.6)), claimPlacement)
	if m := got.Rows[0]; m.Name != "paper" || m.Text != "3.2 (r = 4)" {
		t.Errorf("the paper's mark at rank 4 is %+v", m)
	}
	got = verdictOf(t, madeUp(t, "lora?arms=head,q:1,q:2,qv:1,full", with(ordinary, "q:2", 83, 84, 83.5)), claimPlacement)
	if !strings.Contains(got.Why, "equal numbers of parameters") {
		t.Errorf("q:2 has the parameters of qv:1, but is not compared: %s", got.Why)
	}
}

func TestThePapersNearestRank(t *testing.T) {
	for rank, want := range map[int]int{1: 1, 3: 4, 4: 4, 16: 8, 32: 64, 64: 64} {
		if got := paperRank(rank); got != want {
			t.Errorf("rank %d is nearest to %d, want %d", rank, got, want)
		}
	}
}

// give adds updates to an arm: for every seed two matrices whose input directions are the same for all seeds and ranks
// (aligned), or random.
func give(r *run, name string, aligned bool) {
	racer := r.find(name)
	for seed := range racer.results {
		var updates []*update
		for m := range 2 {
			base := uint64(1000 + m)
			if !aligned {
				base = uint64(seed*10+m) + 100*uint64(racer.arm.Number)
			}
			a := gaussian(base, 64, racer.arm.Number)
			if aligned { // the first direction stands out, and is the same whatever the rank
				first := gaussian(base+500, 64, 1)
				for i := range 64 {
					a.Set(i, 0, 20*first.At(i, 0))
				}
			}
			b := gaussian(base+7, racer.arm.Number, 64)
			u := &update{frozen: gaussian(base+13, 64, 64), a: a, rank: racer.arm.Number, matrix: "q", block: m}
			u.delta = gaussian(1, 64, 64)
			u.delta.Mul(a, b)
			updates = append(updates, u)
		}
		racer.updates = append(racer.updates, updates)
	}
}

func TestOverlapClaim(t *testing.T) {
	for aligned, want := range map[bool]wire.Verdict{true: wire.Holds, false: wire.Fails} {
		r := madeUp(t, raceOfFive, ordinary)
		give(r, "qv:1", aligned)
		give(r, "qv:32", aligned)
		if got := verdictOf(t, r, claimOverlap); got.Verdict != want {
			t.Errorf("aligned %v: %s (%s), want %s", aligned, got.Verdict, got.Here, want)
		}
		f, ok := r.overlapFigure()
		if !ok || len(f.Heats) != 4 || f.Heats[3].Title != "chance" {
			t.Errorf("aligned %v: the figure has %d maps", aligned, len(f.Heats))
		}
	}
	if got := verdictOf(t, madeUp(t, raceOfFive+"&seeds=1", ordinary), claimOverlap); got.Verdict != wire.NotRun || !strings.Contains(got.Why, "second seed") {
		t.Errorf("with one seed: %s, %s", got.Verdict, got.Why)
	}
}

// A run with holes: one racer lacks its first seed, the other its last. Pairs go by seed, not by position.
func TestUpdatesArePairedBySeed(t *testing.T) {
	four := []float64{81, 82, 81.5, 82}
	r := madeUp(t, raceOfFive+"&seeds=4", with(with(ordinary, "qv:1", four...), "qv:32", four...))
	low, high := r.find("qv:1"), r.find("qv:32")
	give(r, "qv:1", false)
	give(r, "qv:32", false)
	low.results, low.updates = low.results[1:], low.updates[1:]
	high.updates[3] = nil // diverged
	seedOf := func(a *racer, u []*update) int {
		for i, updates := range a.updates {
			if len(updates) > 0 && updates[0] == u[0] {
				return a.results[i].Trial.Seed
			}
		}
		return -1
	}
	seeds := func(pairs []pair) (out [][2]int) {
		for _, p := range pairs {
			out = append(out, [2]int{seedOf(low, p[0]), seedOf(high, p[1])})
		}
		return out
	}
	if got := fmt.Sprint(seeds(withinSeeds(low, high))); got != "[[1 1] [2 2]]" {
		t.Errorf("the same seed: %s", got)
	}
	if got := fmt.Sprint(seeds(acrossSeeds(low, high))); got != "[[1 2] [2 1]]" {
		t.Errorf("the next seed: %s", got)
	}
	high.updates[2] = nil
	if got := acrossSeeds(low, high); got != nil {
		t.Errorf("with one seed in common: %v", seeds(got))
	}
}

func TestAmplifyClaim(t *testing.T) {
	r := madeUp(t, raceOfFive, ordinary)
	give(r, "qv:32", false)
	if got := verdictOf(t, r, claimAmplify); got.Verdict != wire.Fails {
		t.Errorf("a random update: %s (%s)", got.Verdict, got.Here)
	}
	// An update along the strongest directions of W: W has them, but stresses them itself.
	r = madeUp(t, raceOfFive, ordinary)
	give(r, "qv:32", false)
	for _, seeds := range r.find("qv:32").updates {
		for _, u := range seeds {
			u.delta.Copy(u.frozen)
		}
	}
	if got := verdictOf(t, r, claimAmplify); got.Verdict != wire.Fails || !strings.Contains(got.Why, "above 0.5") {
		t.Errorf("an update along W: %s (%s)", got.Verdict, got.Why)
	}
	// An update along directions that W has, though far from its strongest ones: the paper's claim.
	r = madeUp(t, raceOfFive, ordinary)
	give(r, "qv:32", false)
	for _, seeds := range r.find("qv:32").updates {
		for _, u := range seeds {
			plant(u)
		}
	}
	if got := verdictOf(t, r, claimAmplify); got.Verdict != wire.Holds {
		t.Errorf("an update along weak directions of W: %s (%s)", got.Verdict, got.Why)
	}
	r.find("full").results = r.find("head").results
	if got := verdictOf(t, r, claimAmplify); got.Verdict != wire.Unclear || !strings.Contains(got.Why, "room") {
		t.Errorf("without room: %s (%s)", got.Verdict, got.Why)
	}
	if got := verdictOf(t, madeUp(t, "lora?arms=head,fc2:4,full", ordinary), claimAmplify); got.Verdict != wire.NotRun {
		t.Errorf("without q and v: %s", got.Verdict)
	}
	if got := verdictOf(t, madeUp(t, "lora?arms=head,qv:2,full", ordinary), claimAmplify); got.Verdict != wire.NotRun {
		t.Errorf("without a rank of 4: %s", got.Verdict)
	}
}

// plant gives an update singular values 9, 8, 7, 6 along four directions in which W is 20 strong, where its four
// strongest are 100 strong.
func plant(u *update) {
	u.frozen.Zero()
	u.delta.Zero()
	for i := range 64 {
		switch {
		case i < 4:
			u.frozen.Set(i, i, 100)
		case i < 8:
			u.frozen.Set(i, i, 20)
			u.delta.Set(i, i, float64(13-i))
		}
	}
}

func TestMergeClaim(t *testing.T) {
	r := madeUp(t, raceOfFive, ordinary)
	good := merge{arm: r.find("qv:1"), seed: 0, logits: 2e-5, drift: 1e-7, base: 100, merged: 100, branch: 110}
	other := good
	other.seed = 1
	for _, c := range []struct {
		name   string
		merges []merge
		want   wire.Verdict
	}{
		{"two seeds", []merge{good, other}, wire.Holds},
		{"one seed", []merge{good}, wire.Unclear},
		{"none", nil, wire.NotRun},
		{"a logit changes", []merge{good, {arm: good.arm, seed: 1, logits: 2e-4, base: 100, merged: 100, branch: 110}}, wire.Fails},
		{"a weight drifts", []merge{good, {arm: good.arm, seed: 1, drift: 2e-5, base: 100, merged: 100, branch: 110}}, wire.Fails},
		{"more work", []merge{good, {arm: good.arm, seed: 1, base: 100, merged: 101, branch: 110}}, wire.Fails},
	} {
		got := verdictOf(t, r, claimMerge, c.merges...)
		if got.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got.Verdict, got.Why, c.want)
		}
	}
	good.baseMs, good.mergedMs, good.branchMs = 1, 50, 2 // a busy machine is no verdict
	if got := verdictOf(t, r, claimMerge, good, other); got.Verdict != wire.Holds || !strings.Contains(got.Here, "50.000 merged") {
		t.Errorf("a slow clock: %s, %s", got.Verdict, got.Here)
	}
}

func TestMemoryClaim(t *testing.T) {
	r := madeUp(t, "lora?arms=qv:4,full", with(ordinary, "qv:4", 86, 87, 86))
	full, thin := &r.find("full").report.Ledger, &r.find("qv:4").report.Ledger
	*full = wire.Ledger{KeptBytes: 1000, TrainedBytes: 100, GradientBytes: 100, OptimizerBytes: 200}
	*thin = wire.Ledger{KeptBytes: 600, FrozenBytes: 100, TrainedBytes: 1, GradientBytes: 1, OptimizerBytes: 2}
	if got := verdictOf(t, r, claimMemory); got.Verdict != wire.Fails || !strings.Contains(got.Here, "50 %") {
		t.Errorf("704 of 1,400 bytes: %s (%s)", got.Verdict, got.Here)
	}
	thin.KeptBytes = 500
	if got := verdictOf(t, r, claimMemory); got.Verdict != wire.Holds {
		t.Errorf("604 of 1,400 bytes: %s (%s)", got.Verdict, got.Here)
	}
	if got := verdictOf(t, madeUp(t, "lora?arms=qv:8,full", ordinary), claimMemory); got.Verdict != wire.NotRun {
		t.Errorf("without a thin update: %s", got.Verdict)
	}
}

func TestAddedWork(t *testing.T) {
	for x, want := range map[float64]string{0: "0 %", 15.67: "15.7 %"} {
		if got := added(x); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
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
	for id, wants := range map[string][]string{
		claimRank:      {fmt.Sprintf("at most %d point", rankPoints), room, "head, full", fmt.Sprintf("%d or more", manyRanks)},
		claimPlacement: {fmt.Sprintf("at least %d point", placementPoints), room, "head, full"},
		claimOverlap:   {words.Number(overlapPhi, 2), "2 seeds"},
		claimMerge:     {"1e-4", "1e-5", fmt.Sprintf("%d validation examples", mergeExamples), "2 seeds"},
		claimAmplify:   {"twice", "less than half", room, "head, full", fmt.Sprintf("rank of %d or more", tableSeven), "2 seeds"},
		claimMemory:    {"half", "2 seeds"},
	} {
		for _, want := range wants {
			if !strings.Contains(texts[id], want) {
				t.Errorf("%s does not say %q: %s", id, want, texts[id])
			}
		}
	}
	for _, id := range []string{claimRank, claimPlacement, claimOverlap, claimAmplify} {
		if !strings.Contains(texts[id], settled) {
			t.Errorf("%s does not say what a diverged racer does: %s", id, texts[id])
		}
	}
	if texts[claimOverlap] == "" || strings.Contains(texts[claimOverlap], "head, full") || mergeLogits != 1e-4 || mergeDrift != 1e-5 || amplifyRandom != 2 || amplifyOwn != 0.5 || memoryShare != 0.5 {
		t.Error("a rule and its text differ")
	}
	if got := verdictOf(t, madeUp(t, "lora?arms=qv:4,qv:32", with(with(ordinary, "qv:4", 85, 86, 85.5), "qv:32", 87, 88, 87.4)), claimOverlap); got.Verdict == wire.NotRun {
		t.Errorf("two ranks of one set are all that it needs: %s", got.Why)
	}
}

func TestNoValueIsNotANumber(t *testing.T) {
	r := madeUp(t, raceOfFive, nil)
	for _, c := range r.judge(nil) {
		if c.Verdict == wire.Holds || c.Verdict == wire.Fails || strings.Contains(c.Here+c.Why, "0.0") || strings.Contains(c.Why, "paper's value all the same") {
			t.Errorf("%s without a trial: %s, %s, %s", c.ID, c.Verdict, c.Here, c.Why)
		}
	}
}
