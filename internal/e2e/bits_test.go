//go:build !js

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"petri/assets"
	"petri/internal/cli"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// runs are made in the browser and natively: one per task of each lab, with every kind of arm, dropout, edited blocks,
// convolutions without attention and masks of several heads among them.
var runs = []string{
	"lora?arms=head,qv:1&train=64&steps=5&seeds=2",
	"lora?arms=q:1,qkvo:2,scratch&task=shuffled&train=96&steps=6&batch=16&seeds=1&seed=3",
	"lora?arms=all:4,qv:4&task=wound&wound=3&train=64&steps=5&seeds=1&dropout=0.1",
	"lora?arms=head,fc1fc2:2,full&task=style&train=64&steps=5&seeds=1&lr=0.002&alpha=4",
	"moat?arms=vit,moat&train=200&steps=4&batch=8&seeds=2",
	"moat?arms=moat-window,attn-mbconv~se&task=cue&kernel=5&position=learned&train=200&steps=4&batch=4&seeds=1",
	"moat?arms=moat-nopos,moat~noattn&task=same&train=200&steps=4&batch=4&seeds=1",
	"moat?arms=stacked,vit-window&task=digits&train=200&steps=4&batch=8&seeds=1&seed=5",
	"sam?arms=heads:1,heads:3&scenes=32&rounds=3&single=40&steps=3&batch=2&seeds=1",
	"sam?arms=heads:2-mean,no-feedback,no-picture&scenes=32&rounds=2&steps=2&batch=2&seeds=1&seed=4",
	"sam?arms=shipped,engine:123&scenes=16&rounds=2&steps=2&batch=2&seeds=1",
}

// promptRuns are runs of the lab of prompts: one for each of its tasks, among which all racers are dealt out, on both kinds of
// backbone in turn; and one for each thing that racers can share, for rates that are found in a run, and for knobs of their own.
func promptRuns(t *testing.T) []string {
	t.Helper()
	paper, ok := papers.Find("vpt")
	if !ok {
		t.Fatal("there is no lab of prompts")
	}
	knob, _ := paper.Lab.Knob("arms")
	var arms []string
	for _, o := range knob.Arms.Racers {
		arms = append(arms, o.Value)
	}
	for _, o := range knob.Arms.Parts {
		arms = append(arms, o.Value+":4")
	}
	task, _ := paper.Lab.Knob("task")
	var links []string
	for i, o := range task.Options {
		var own []string
		for k := i % len(arms); k < len(arms); k += len(task.Options) {
			own = append(own, arms[k])
		}
		links = append(links, "vpt?arms="+strings.Join(own, ",")+"&task="+o.Value+"&backbone="+[]string{"vtiny", "vtiny-mae"}[i%2]+"&train=64&steps=4&batch=8&seeds=1")
	}
	return append(links,
		"vpt?arms=vpt-shallow:2,head&lr=grid&train=32&steps=2&batch=4&seeds=1&backbone=vtiny-mae",
		"vpt?arms=vpt-deep:1~depth=2~order=top-down,adaptformer:1~scale=1~form=sequential,lora:1&equal=parameters&numbers=1000&dropout=0.1&train=64&steps=3&batch=4&seeds=1",
		"vpt?arms=prefix:2~mlp=8,pfeiffer:2~backbone=vtiny-mae~norms=trained,full&equal=memory&train=64&steps=3&batch=4&seeds=1&seed=9",
	)
}

// native makes a run with the command line and returns its report.
func native(t *testing.T, link string) wire.Report {
	t.Helper()
	var out, errs bytes.Buffer
	if status := cli.Main([]string{"run", link, "-json"}, &out, &errs); status != 0 {
		t.Fatalf("run %s: status %d: %s", link, status, errs.String())
	}
	var r wire.Report
	must(t, json.Unmarshal(out.Bytes(), &r))
	return r
}

// inBrowser makes a run with window.petri and returns its report.
func inBrowser(t *testing.T, run func(script string) string, link string) wire.Report {
	t.Helper()
	_, spec, err := wire.ParseLink(papers.Catalog(), link)
	must(t, err)
	knobs, err := json.Marshal(spec.Values)
	must(t, err)
	text := run(`petri.run("` + spec.Lab + `", {knobs: ` + string(knobs) + `}).then(JSON.stringify)`)
	var r wire.Report
	must(t, json.Unmarshal([]byte(text), &r))
	return r
}

// TestSameBits makes the same runs in the browser's workers and natively. The fingerprints must be equal, and so must
// everything in the report that is no time.
func TestSameBits(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/lora")))
	must(t, tab.Wait(60*time.Second, started))
	tasks := map[string]bool{}
	prints := map[string]string{}
	for _, link := range append(slices.Clone(runs), promptRuns(t)...) {
		start := time.Now()
		here := inBrowser(t, func(script string) string { return askWithin[string](t, tab, 300*time.Second, script) }, link)
		t.Logf("%.1f s in the browser: %s", time.Since(start).Seconds(), link)
		there := native(t, link)
		if len(here.Fingerprint) != 64 || here.Fingerprint != there.Fingerprint {
			t.Errorf("%s\n  browser %s\n  native  %s", link, here.Fingerprint, there.Fingerprint)
		}
		if other, ok := prints[here.Fingerprint]; ok {
			t.Errorf("%s and %s have the same fingerprint", link, other)
		}
		prints[here.Fingerprint] = link
		compareReports(t, link, here, there)
		task, _ := here.Knobs["task"].(string)
		tasks[here.Lab+" "+task] = true
	}
	for _, task := range everyTask() {
		if !tasks[task] {
			t.Errorf("no run of the task %s", task)
		}
	}
}

// everyTask names the tasks of all labs: "lora digits".
func everyTask() (all []string) {
	for _, p := range papers.All {
		if k, ok := p.Lab.Knob("task"); ok {
			for _, o := range k.Options {
				all = append(all, p.Lab.ID+" "+o.Value)
			}
		}
	}
	return all
}

// compareReports compares metrics and verdicts: both sides judge the same bits, and gonum's figures agree to 1e-9.
func compareReports(t *testing.T, link string, here, there wire.Report) {
	t.Helper()
	if here.Link != there.Link || len(here.Arms) != len(there.Arms) || len(here.Claims) != len(there.Claims) || len(here.Figures) != len(there.Figures) {
		t.Fatalf("%s: the reports differ in shape: %s and %s", link, here.Link, there.Link)
	}
	for i, a := range here.Arms {
		b := there.Arms[i]
		if a.Arm != b.Arm || a.Trainable != b.Trainable || a.Ledger.KeptBytes != b.Ledger.KeptBytes || a.Ledger.OptimizerBytes != b.Ledger.OptimizerBytes {
			t.Errorf("%s: arm %s differs: %+v and %+v", link, a.Arm, a.Ledger, b.Ledger)
		}
		for name, x := range a.Metrics {
			if timed(name) {
				continue
			}
			y := b.Metrics[name]
			if len(x.Values) != len(y.Values) {
				t.Errorf("%s %s: metric %s has %d and %d values", link, a.Arm, name, len(x.Values), len(y.Values))
				continue
			}
			for k := range x.Values {
				if d := math.Abs(x.Values[k] - y.Values[k]); d > 1e-9*max(1, math.Abs(y.Values[k])) {
					t.Errorf("%s %s: %s is %v and %v", link, a.Arm, name, x.Values[k], y.Values[k])
				}
			}
		}
	}
	for i, c := range here.Claims {
		if d := there.Claims[i]; c.ID != d.ID || c.Verdict != d.Verdict && !timed(c.ID) {
			t.Errorf("%s: claim %s is %s in the browser and %s natively", link, c.ID, c.Verdict, d.Verdict)
		}
	}
}

// timed metrics and claims measure this machine, not the run.
func timed(name string) bool {
	return strings.Contains(name, "ms") || strings.Contains(name, "seconds") || strings.Contains(name, "latency") || name == "lora.merge"
}

// TestOneBit flips the lowest bit of one trained weight of one trial, after the run: the fingerprint must change. Then
// it flips one bit of the weight file on its way to the browser: the run must be refused, with a message that says so.
func TestOneBit(t *testing.T) {
	const link = "lora?arms=head,qv:1&train=64&steps=3&seeds=1"
	paper, _ := papers.Find("lora")
	_, spec, err := wire.ParseLink(papers.Catalog(), link)
	must(t, err)
	env := lab.Env{Asset: assets.Read}.Remember()
	var results []wire.TrialResult
	for _, id := range spec.TrialIDs() {
		trial, err := paper.NewTrial(env, spec, id)
		must(t, err)
		for !trial.Advance() {
		}
		results = append(results, trial.Result())
	}
	before := lab.Fingerprint(paper.Lab, spec, results)
	if want := native(t, link).Fingerprint; before != want {
		t.Fatalf("trials by hand give %s, the command line %s", before, want)
	}
	r := &results[1]
	w := &r.Trained[len(r.Trained)/2]
	*w = math.Float32frombits(math.Float32bits(*w) ^ 1)
	r.Digest = lab.Digest(r.Loss, r.Trained)
	if after := lab.Fingerprint(paper.Lab, spec, results); after == before {
		t.Error("one flipped bit of one weight left the fingerprint as it was")
	}

	h := hosting(t, "")
	h.change = flipped
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/lora")))
	must(t, tab.Wait(60*time.Second, started))
	said := askWithin[string](t, tab, 120*time.Second, `petri.run("lora", {knobs: {arms: "head,qv:1", train: 64, steps: 3, seeds: 1}}).then((r) => "it ran: " + r.fingerprint, (e) => e.message)`)
	if !strings.Contains(said, "SHA-256") || strings.HasPrefix(said, "it ran") {
		t.Errorf("weights with a flipped bit: %s", said)
	}
}

// flipped serves weights with one wrong bit.
func flipped(name string, w http.ResponseWriter) bool {
	if !strings.HasSuffix(name, ".safetensors") {
		return false
	}
	file, err := os.ReadFile(filepath.Join(world.sites[""], filepath.FromSlash(name)))
	if err != nil {
		return false
	}
	file[len(file)-2] ^= 1
	io.Copy(w, bytes.NewReader(file))
	return true
}
