package lab

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// toyRun trains every trial of a link.
func toyRun(t *testing.T, link string) (wire.Lab, wire.Spec, []wire.TrialResult) {
	t.Helper()
	p := toy()
	lab, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{p.Lab}}, link)
	if err != nil {
		t.Fatal(err)
	}
	var out []wire.TrialResult
	for _, id := range spec.TrialIDs() {
		trial, err := p.NewTrial(Env{}, spec, id)
		if err != nil {
			t.Fatal(err)
		}
		for !trial.Advance() {
		}
		out = append(out, trial.Result())
	}
	return lab, spec, out
}

func TestFingerprintCoversWhatItShould(t *testing.T) {
	lab, spec, trials := toyRun(t, "toy?seeds=3")
	base := Fingerprint(lab, spec, trials)
	if len(base) != 64 {
		t.Fatalf("fingerprint %q", base)
	}
	// The order in which trials were finished, and times, stay outside.
	shuffled := append([]wire.TrialResult(nil), trials...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for i := range shuffled {
		shuffled[i].MsPerStep = 99
		shuffled[i].Metrics = nil
	}
	if got := Fingerprint(lab, spec, shuffled); got != base {
		t.Error("the order of completion or the time changes the fingerprint")
	}
	// One bit of one weight or of one loss does.
	for _, what := range []string{"weight", "loss", "length"} {
		changed := append([]wire.TrialResult(nil), trials...)
		c := changed[3]
		c.Loss, c.Trained = append(wire.Losses(nil), c.Loss...), append([]float32(nil), c.Trained...)
		switch what {
		case "weight":
			c.Trained[0] = math.Float32frombits(math.Float32bits(c.Trained[0]) ^ 1)
		case "loss":
			c.Loss[2] = math.Float32frombits(math.Float32bits(c.Loss[2]) ^ 1)
		case "length": // a loss moved over to the weights
			c.Trained = append([]float32{c.Loss[len(c.Loss)-1]}, c.Trained...)
			c.Loss = c.Loss[:len(c.Loss)-1]
		}
		c.Digest = Digest(c.Loss, c.Trained)
		changed[3] = c
		if Fingerprint(lab, spec, changed) == base {
			t.Errorf("a changed %s leaves the fingerprint", what)
		}
	}
	// So do the knobs and the seed.
	for _, link := range []string{"toy?seeds=3&seed=1", "toy?seeds=3&steps=6", "toy?seeds=3&arms=a:1,a:3"} {
		l, s, _ := toyRun(t, link)
		if Fingerprint(l, s, trials) == base {
			t.Errorf("%s has the fingerprint of the default", link)
		}
	}
	if Fingerprint(lab, spec, trials[1:]) != "" {
		t.Error("an incomplete run has a fingerprint")
	}
}

func TestDigestKnowsOneNaN(t *testing.T) {
	a := []float32{1, math.Float32frombits(0x7fc00000)}
	b := []float32{1, math.Float32frombits(0xffc00001)}
	if Digest(a, nil) != Digest(b, nil) {
		t.Error("the sign and payload of a NaN change the digest; processors differ in them")
	}
	if Digest([]float32{0}, nil) == Digest([]float32{float32(math.Copysign(0, -1))}, nil) {
		t.Error("-0 and 0 have one digest")
	}
}

// A worker makes the digest of a trial from its losses, the report makes it again from what travelled.
func TestDigestSurvivesAJourney(t *testing.T) {
	for _, last := range []float32{2.5, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		loss := wire.Losses{0.1, 1.0 / 3, last}
		text, err := json.Marshal(loss)
		if err != nil {
			t.Fatal(err)
		}
		var got wire.Losses
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if Digest(got, nil) != Digest(loss, nil) {
			t.Errorf("the digest of a run that ends with a loss of %v is another one after JSON", last)
		}
	}
	inf := float32(math.Inf(1))
	if Digest(nil, []float32{inf}) == Digest(nil, []float32{-inf}) {
		t.Error("weights travel as bits: an infinite one is not the other")
	}
}

func TestReportGathersSeeds(t *testing.T) {
	_, spec, trials := toyRun(t, "toy?seeds=3")
	trials[1].Diverged = 4
	r, err := MakeReport(Env{}, toy(), spec, trials)
	if err != nil {
		t.Fatal(err)
	}
	iv := r.Arms[0].Metrics["accuracy"]
	if iv.Mean != 6 || len(iv.Values) != 3 || iv.Values[2] != 7 {
		t.Errorf("accuracy %+v, want 5, 6, 7", iv)
	}
	if len(r.Arms[0].Digests) != 3 || r.Arms[0].Digests[0] != trials[0].Digest {
		t.Errorf("digests %v", r.Arms[0].Digests)
	}
	if r.Arms[1].Diverged != 4 || !strings.Contains(strings.Join(r.Notes, " "), "diverged at step 4") {
		t.Errorf("a diverged arm is not told: %d, %v", r.Arms[1].Diverged, r.Notes)
	}
	// Trial 1 is the arm a:2 with seed 0, whose accuracies are 10, 11 and 12.
	if iv := r.Arms[1].Metrics["accuracy"]; iv.Mean != 11.5 || len(iv.Values) != 2 {
		t.Errorf("accuracy of an arm with a diverged seed: %+v, want 11, 12", iv)
	}
	for i := range trials {
		trials[i].Diverged = 4
	}
	if all, err := MakeReport(Env{}, toy(), spec, trials); err != nil || len(all.Arms[1].Metrics) != 0 || len(all.Arms[1].Curves[0].Step) == 0 {
		t.Errorf("all diverged: metrics %v, error %v", all.Arms[1].Metrics, err)
	}
	if c := r.Arms[0].Curves[0]; c.Name != "train_loss" || len(c.Step) != 5 || c.Step[4] != 5 || c.Mean[4] != 4 {
		t.Errorf("curve %+v", c)
	}
	if r.Knobs["steps"] != 5.0 || r.Seeds != 3 || r.Link != "toy?seeds=3" {
		t.Errorf("knobs %v, seeds %d, link %s", r.Knobs, r.Seeds, r.Link)
	}
}

func TestReportOfAnUnfinishedRun(t *testing.T) {
	_, spec, trials := toyRun(t, "toy?seeds=2")
	r, err := MakeReport(Env{}, toy(), spec, trials[:3])
	if err != nil {
		t.Fatal(err)
	}
	if r.Fingerprint != "" || !strings.Contains(strings.Join(r.Notes, " "), "a:2 was not trained with seed 1") {
		t.Errorf("fingerprint %q, notes %v", r.Fingerprint, r.Notes)
	}
	if _, err := MakeReport(Env{}, toy(), spec, nil); err == nil {
		t.Error("a report of nothing")
	}
}

func TestReportSurvivesJSON(t *testing.T) {
	_, spec, trials := toyRun(t, "toy?seeds=1")
	trials[0].Loss[3] = float32(math.NaN())
	r, err := MakeReport(Env{}, toy(), spec, trials)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("a report with a loss that is no number: %v", err)
	}
	if !strings.Contains(string(text), "One seed is one draw") {
		t.Error("a report of one seed does not say so")
	}
}

func TestLongCurvesAreBinned(t *testing.T) {
	_, spec, trials := toyRun(t, "toy?steps=1000&seeds=2")
	r, err := MakeReport(Env{}, toy(), spec, trials)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Arms[0].Curves[0]
	if len(c.Step) != curvePoints || c.Step[len(c.Step)-1] != 1000 || c.Mean[0] != 2 {
		t.Errorf("%d points, the last at %d, the first %v; want %d, 1000, the mean of 0..4", len(c.Step), c.Step[len(c.Step)-1], c.Mean[0], curvePoints)
	}
}
