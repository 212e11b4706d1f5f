//go:build !js

package cli

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"petri/assets"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// recorded reads the shipped default run of a lab.
func recorded(t *testing.T, p lab.Paper) wire.Report {
	t.Helper()
	text, err := assets.Read("recorded/" + p.Lab.ID + ".json")
	if err != nil {
		t.Fatalf("%v; make it with: go run . record %s", err, p.Lab.ID)
	}
	var r wire.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// The page shows the recorded run until the visitor's own has something to show: it must be what this program would
// make. One arm and seed is trained again; the fingerprint is a hash of the digests, so they are held to it as well.
func TestRecordedRunsCanBeMadeAgain(t *testing.T) {
	for _, p := range papers.All {
		t.Run(p.Lab.ID, func(t *testing.T) {
			again := "; make it again with: go run . record " + p.Lab.ID
			r := recorded(t, p)
			if r.Engine != wire.Engine {
				t.Fatalf("recorded with engine %s, this is %s%s", r.Engine, wire.Engine, again)
			}
			spec := wire.NewSpec(p.Lab)
			if r.Link != spec.Link(p.Lab) {
				t.Errorf("recorded %s, the default run is %s%s", r.Link, spec.Link(p.Lab), again)
			}
			if r.Recorded == nil || r.Recorded.Date == "" || r.Frame == nil {
				t.Errorf("it lacks its date or its picture%s", again)
			}
			var trials []wire.TrialResult
			for _, id := range spec.TrialIDs() {
				if id.Arm >= len(r.Arms) || id.Seed >= len(r.Arms[id.Arm].Digests) {
					t.Fatalf("it lacks arm %d, seed %d%s", id.Arm, id.Seed, again)
				}
				trials = append(trials, wire.TrialResult{Trial: id, Arm: r.Arms[id.Arm].Arm, Digest: r.Arms[id.Arm].Digests[id.Seed]})
			}
			if got := lab.Fingerprint(p.Lab, spec, trials); got != r.Fingerprint {
				t.Errorf("its digests give the fingerprint %s, it says %s", got, r.Fingerprint)
			}
			checkRecordedTexts(t, p, r, again)
			for i, a := range r.Arms { // a rate that was tuned anew makes another run
				fresh, err := p.NewTrial(environment(), spec, wire.TrialID{Arm: i})
				if err != nil {
					t.Fatal(err)
				}
				if now := fresh.Result(); now.LR != a.LR || now.Trainable != a.Trainable || now.Head != a.Head {
					t.Errorf("%s: rate %g and %d + %d trained numbers, recorded %g and %d + %d%s", a.Arm, now.LR, now.Trainable, now.Head, a.LR, a.Trainable, a.Head, again)
				}
			}
			id := pictured(p, spec)
			trial, err := p.NewTrial(environment(), spec, id)
			if err != nil {
				t.Fatal(err)
			}
			for !trial.Advance() {
			}
			got, want := trial.Result(), r.Arms[id.Arm]
			if got.Digest != want.Digests[id.Seed] {
				t.Errorf("%s, seed %d: digest %s, recorded %s (rate %g, recorded %g)%s", got.Arm, id.Seed, got.Digest, want.Digests[id.Seed], got.LR, want.LR, again)
			}
			score := p.Lab.Scored()
			if a := want.Metrics[score.Test].Values; len(a) <= id.Seed || got.Metrics[score.Test] != a[id.Seed] {
				t.Errorf("%s, seed %d: %s %v, recorded %v%s", got.Arm, id.Seed, score.Noun, got.Metrics[score.Test], a, again)
			}
		})
	}
}

// checkRecordedTexts holds what a recorded report says against the values and the descriptions that it says it of.
func checkRecordedTexts(t *testing.T, p lab.Paper, r wire.Report, again string) {
	t.Helper()
	for _, a := range r.Arms {
		if len(a.Metrics) == 0 {
			t.Errorf("%s has no metrics%s", a.Arm, again)
		}
		for name, iv := range a.Metrics {
			want := lab.Interval(iv.Values)
			if len(iv.Values) != r.Seeds || math.Abs(iv.Mean-want.Mean) > 1e-9 || math.Abs(iv.Low-want.Low) > 1e-9 || math.Abs(iv.High-want.High) > 1e-9 {
				t.Errorf("%s: %s is %+v, its values give %+v%s", a.Arm, name, iv, want, again)
			}
		}
	}
	if len(r.Claims) != len(p.Lab.Claims) {
		t.Fatalf("it judges %d claims of %d%s", len(r.Claims), len(p.Lab.Claims), again)
	}
	if r.Recorded != nil {
		checkOtherRuns(t, p, r, again)
	}
	for i, c := range p.Lab.Claims {
		if got := r.Claims[i]; got.ID != c.ID || got.At != c.At || got.Says != c.Says || got.Paper != c.Paper {
			t.Errorf("it words %s otherwise than the lab does now%s", c.ID, again)
		}
	}
}

// checkOtherRuns holds the further runs of a recorded report to the claims that name them, and to the rates of today.
func checkOtherRuns(t *testing.T, p lab.Paper, r wire.Report, again string) {
	t.Helper()
	others := map[string]wire.OtherRun{}
	for _, o := range r.Recorded.Others {
		others[o.Link] = o
	}
	for i, c := range p.Lab.Claims {
		if c.Link == "" {
			if r.Claims[i].Link != "" {
				t.Errorf("%s was judged by %s, which no claim names%s", c.ID, r.Claims[i].Link, again)
			}
			continue
		}
		_, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{p.Lab}}, c.Link)
		if err != nil {
			t.Errorf("the run of %s: %v", c.ID, err)
			continue
		}
		if spec.Seeds() < 5 {
			t.Errorf("the run of %s has %d seeds; recorded verdicts have five", c.ID, spec.Seeds())
		}
		link := spec.Link(p.Lab)
		o, ok := others[link]
		if !ok || r.Claims[i].Link != link || o.Fingerprint == "" {
			t.Errorf("%s was judged by %q, its run is %s%s", c.ID, r.Claims[i].Link, link, again)
			continue
		}
		if v := r.Claims[i].Verdict; v == wire.NotRun {
			t.Errorf("%s: its own run %s does not judge it", c.ID, link)
		}
		if short := spec.Int("steps")*len(spec.TrialIDs()) <= fewSteps; short || os.Getenv("PETRI_SLOW") != "" {
			checkAgain(t, p, spec, o, r.Claims[i], again)
		}
		for arm, name := range spec.Arms() {
			fresh, err := p.NewTrial(environment(), spec, wire.TrialID{Arm: arm})
			if err != nil {
				t.Fatal(err)
			}
			// A trial that is to find its rate has none yet.
			if now := fresh.Result().LR; arm >= len(o.Rates) || now > 0 && now != o.Rates[arm] {
				t.Errorf("%s of %s trains at the rate %g, recorded %v%s", name, link, now, o.Rates, again)
			}
		}
	}
}

// fewSteps is up to how many steps of all trials a run is made again by every test; PETRI_SLOW=1 makes them all, which takes most of
// an hour.
const fewSteps = 600

// checkAgain makes the run of a claim again: the fingerprint, the verdict and its words are those that were recorded.
func checkAgain(t *testing.T, p lab.Paper, spec wire.Spec, o wire.OtherRun, recorded wire.ClaimReport, again string) {
	t.Helper()
	var results []wire.TrialResult
	env := environment().Remember()
	for _, id := range spec.TrialIDs() {
		trial, err := p.NewTrial(env, spec, id)
		if err != nil {
			t.Fatal(err)
		}
		for !trial.Advance() {
		}
		results = append(results, trial.Result())
	}
	r, err := lab.MakeReport(env, p, spec, results)
	if err != nil {
		t.Fatal(err)
	}
	if r.Fingerprint != o.Fingerprint {
		t.Errorf("%s has the fingerprint %s, recorded %s%s", o.Link, r.Fingerprint, o.Fingerprint, again)
	}
	for _, c := range r.Claims {
		if c.ID == recorded.ID && (c.Verdict != recorded.Verdict || c.Here != recorded.Here || c.Why != recorded.Why || c.Scale != recorded.Scale) {
			t.Errorf("%s now %s (%s; %s), recorded %s (%s; %s)%s", c.ID, c.Verdict, c.Here, c.Why, recorded.Verdict, recorded.Here, recorded.Why, again)
		}
	}
}
