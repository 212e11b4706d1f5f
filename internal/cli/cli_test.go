//go:build !js

package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"petri/kernels/data/backbone"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// petri runs one command line as main would.
func petri(all []lab.Paper, args ...string) (status int, out, problem string) {
	var stdout, stderr bytes.Buffer
	status = dispatch(all, args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// Words that mean nothing give status 2 and one line that names what was wrong and the nearest valid choice.
func TestMistakesGetOneLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"there is no command", "list", "run"}},
		{[]string{"rnu"}, []string{`"rnu"`, "try run"}},
		{[]string{"list", "all"}, []string{"list takes no further words"}},
		{[]string{"list", "-v"}, []string{"no flag -v"}},
		{[]string{"run"}, []string{"run takes one word", "-json"}},
		{[]string{"run", "lora", "-jsno"}, []string{"no flag -jsno", "try -json"}},
		{[]string{"run", "-jsno", "lora"}, []string{"no flag -jsno", "try -json"}},
		{[]string{"run", "lroa"}, []string{`no lab "lroa"`, "try lora"}},
		{[]string{"run", "lora?stepz=3"}, []string{`no knob "stepz"`, "try steps"}},
		{[]string{"run", "lora?train=9000"}, []string{"train=9000 is outside 64 to 7000", "try train=7000"}},
		{[]string{"run", "lora?seeds=0"}, []string{"try seeds=1"}},
		{[]string{"run", "lora?task=digit"}, []string{"try task=digits"}},
		{[]string{"run", "lora?arms=qv:999"}, []string{"try qv:64"}},
		{[]string{"run", "lora?lr=fast"}, []string{"auto or a number"}},
		{[]string{"run", "lora", "-cpuprofile"}, []string{"cpuprofile"}},
		{[]string{"run", "-help"}, []string{"go run . run 'LAB"}},
		{[]string{"record", "lor"}, []string{`no lab "lor"`, "try lora"}},
		{[]string{"tune", "lora", "-only", "vtiny M digit"}, []string{"no case begins with", "try"}},
		{[]string{"pretrain", "vtiny"}, []string{`no backbone "vtiny"`, "try vtiny-m"}},
		{[]string{"pretrain", "vtiny-m", "-chekpoint", "x"}, []string{"try -checkpoint"}},
		{[]string{"bench", "-jsn"}, []string{"try -json"}},
		{[]string{"bench", "-browse"}, []string{"try -browser"}},
	} {
		name := strings.Join(c.args, " ")
		status, out, problem := petri(papers.All, c.args...)
		if status != 2 || out != "" || strings.Count(problem, "\n") != 1 || !strings.HasPrefix(problem, "petri: ") {
			t.Errorf("petri %s: status %d, printed %q and %q", name, status, out, problem)
		}
		for _, w := range c.want {
			if !strings.Contains(problem, w) {
				t.Errorf("petri %s says %q without %q", name, problem, w)
			}
		}
	}
}

func TestListNamesEveryKnob(t *testing.T) {
	status, out, problem := petri(papers.All, "list")
	if status != 0 || problem != "" {
		t.Fatalf("status %d, %q", status, problem)
	}
	for _, p := range papers.All {
		for _, k := range p.Lab.Knobs {
			if !strings.Contains(out, "    "+k.Name+" ") || !strings.Contains(out, k.Default) {
				t.Errorf("%s of %s is not in the list", k.Name, p.Lab.ID)
			}
			for _, o := range k.Options {
				if !strings.Contains(out, " "+o.Value) {
					t.Errorf("%s=%s of %s is not in the list", k.Name, o.Value, p.Lab.ID)
				}
			}
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
}

const quick = "lora?arms=head,qv:1&train=64&batch=8&steps=3&seeds=2"

func TestRunPrintsAReport(t *testing.T) {
	status, out, problem := petri(papers.All, "run", quick, "-json")
	if status != 0 {
		t.Fatalf("status %d: %s", status, problem)
	}
	var r wire.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Fingerprint) != 64 || r.Link != quick || len(r.Arms) != 2 || len(r.Arms[1].Metrics["test_accuracy"].Values) != 2 {
		t.Errorf("link %s, fingerprint %s, %d arms", r.Link, r.Fingerprint, len(r.Arms))
	}
	// The same run on one core, with the flag first, in words: the same fingerprint.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	profile := filepath.Join(t.TempDir(), "cpu")
	status, out, problem = petri(papers.All, "run", "-cpuprofile", profile, quick)
	if status != 0 {
		t.Fatalf("status %d: %s", status, problem)
	}
	for _, want := range []string{r.Fingerprint, "qv:1", "lora.merge", "holds"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("the profile: %v, %v", info, err)
	}
}

// small is the first lab with a default run that takes no time.
func small(t *testing.T) lab.Paper {
	t.Helper()
	p := papers.All[0]
	p.Lab.Knobs = append([]wire.Knob(nil), p.Lab.Knobs...)
	for i, k := range p.Lab.Knobs {
		if v, ok := map[string]string{"arms": "head,q:1,qv:2,full", "train": "64", "steps": "2", "batch": "8", "seeds": "1"}[k.Name]; ok {
			p.Lab.Knobs[i].Default = v
		}
	}
	return p
}

func TestRecordWritesTheDefaultRun(t *testing.T) {
	p := small(t)
	file := filepath.Join(t.TempDir(), "recorded", "run.json")
	if status, _, problem := petri([]lab.Paper{p}, "record", p.Lab.ID, "-out", file); status != 0 {
		t.Fatalf("status %d: %s", status, problem)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r wire.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Link != p.Lab.ID || r.Engine != wire.Engine || len(r.Fingerprint) != 64 {
		t.Errorf("link %q, engine %q, fingerprint %q", r.Link, r.Engine, r.Fingerprint)
	}
	if r.Recorded == nil || r.Recorded.Date != time.Now().UTC().Format(time.DateOnly) || r.Recorded.Machine == "" {
		t.Errorf("recorded %+v", r.Recorded)
	}
	if r.Frame == nil || r.Frame.Frame.Arm != "qv:2" {
		t.Fatalf("the picture is of %+v", r.Frame)
	}
	f := r.Frame.Frame
	if b := r.Frame.Buffers; len(b) != 5 || len(b[0]) != f.Height*f.Width || len(b[1]) != f.Layers*f.Heads*f.Tokens*f.Tokens || len(b[2]) != f.Rows*f.Cols || len(b[3]) != f.Rows*f.Rank {
		t.Errorf("the picture's tensors do not fit %+v", f)
	}
}

// A record carries the verdict of the run that a claim names, and -keep leaves it alone as long as it is of that run.
func TestRecordJudgesElsewhere(t *testing.T) {
	p := small(t)
	p.Lab.Claims = slices.Clone(p.Lab.Claims)
	at := slices.IndexFunc(p.Lab.Claims, func(c wire.Claim) bool { return c.ID == "lora.memory" })
	p.Lab.Claims[at].Link = "lora?arms=full,qv:1&seeds=2"
	file := filepath.Join(t.TempDir(), "run.json")
	record := func(more ...string) (r wire.Report, problem string) {
		t.Helper()
		if status, _, problem := petri([]lab.Paper{p}, append([]string{"record", p.Lab.ID, "-out", file}, more...)...); status != 0 {
			return r, problem
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		return r, ""
	}
	if _, problem := record("-keep"); problem == "" {
		t.Error("verdicts of no file were kept")
	}
	first, problem := record()
	if problem != "" {
		t.Fatal(problem)
	}
	if c := first.Claims[at]; c.Link != p.Lab.Claims[at].Link || c.Verdict == wire.NotRun {
		t.Errorf("the claim was judged by %q: %s", c.Link, c.Verdict)
	}
	if o := first.Recorded.Others; len(o) != 1 || o[0].Link != p.Lab.Claims[at].Link || len(o[0].Rates) != 2 || len(o[0].Fingerprint) != 64 {
		t.Errorf("the other runs are %+v", o)
	}
	for i, c := range first.Claims {
		if i != at && c.Link != "" {
			t.Errorf("%s was judged by %q", c.ID, c.Link)
		}
	}
	again, problem := record("-keep")
	if problem != "" || !reflect.DeepEqual(again.Claims[at], first.Claims[at]) || !reflect.DeepEqual(again.Recorded.Others, first.Recorded.Others) {
		t.Errorf("kept %+v (%s)", again.Claims[at], problem)
	}
	p.Lab.Claims[at].Link = "lora?arms=full,qv:2&seeds=2"
	if other, problem := record("-keep", "-again", "lora.memory"); problem != "" || other.Claims[at].Link != p.Lab.Claims[at].Link || len(other.Recorded.Others) != 1 {
		t.Errorf("made again: %+v (%s)", other.Claims[at], problem)
	}
	p.Lab.Claims[at].Link = "lora?arms=full,qv:4&seeds=2"
	if _, problem := record("-keep"); !strings.Contains(problem, "record without -keep") {
		t.Errorf("a verdict of another run was kept: %q", problem)
	}
}

func TestTuneWritesTheTable(t *testing.T) {
	p := small(t)
	tuning := *p.Tune
	tuning.Grid, tuning.Seeds = []float64{1e-3, 1e-2}, []uint64{5, 6}
	all := p.Tune.Cases()
	tuning.Cases = func() []lab.TuneCase {
		some := make([]lab.TuneCase, 0, 2)
		for _, c := range all[:2] {
			some = append(some, lab.TuneCase{Name: c.Name, Link: func(rate float64, seed uint64) string {
				return strings.NewReplacer("train=1024", "train=64", "steps=200", "steps=2", "batch=32", "batch=8").Replace(c.Link(rate, seed))
			}})
		}
		return some
	}
	var got map[string][]float64
	tuning.Table = func(scores map[string][]float64) ([]byte, error) {
		got = scores
		return json.Marshal(scores)
	}
	p.Tune = &tuning
	file, kept := filepath.Join(t.TempDir(), "rates.json"), t.TempDir()
	args := []string{"tune", p.Lab.ID, "-only", all[0].Name, "-out", file, "-checkpoint", kept}
	status, out, problem := petri([]lab.Paper{p}, args...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, problem)
	}
	first := got[all[0].Name]
	if len(got) != 1 || len(first) != 2 || first[0] <= 0 || first[0] > 1 {
		t.Errorf("scores %v", got)
	}
	if _, err := os.Stat(file); err != nil || !strings.Contains(out, all[0].Name) {
		t.Errorf("%v, printed %q", err, out)
	}
	// Once more: everything is known, nothing is trained.
	tuning.Trial = func(lab.Env, wire.Spec) (lab.Trial, error) { return nil, os.ErrInvalid }
	if status, _, problem = petri([]lab.Paper{p}, args...); status != 0 {
		t.Fatalf("the second time: status %d: %s", status, problem)
	}
	if !slices.Equal(first, got[all[0].Name]) {
		t.Errorf("scores %v, then %v", first, got[all[0].Name])
	}
}

func TestAFailingTrialEndsTheRun(t *testing.T) {
	p := papers.All[0]
	p.NewTrial = func(lab.Env, wire.Spec, wire.TrialID) (lab.Trial, error) { return nil, os.ErrNotExist }
	status, out, problem := petri([]lab.Paper{p}, "run", quick)
	if status != 1 || out != "" || strings.Count(problem, "\n") != 1 || !strings.Contains(problem, "seed") {
		t.Errorf("status %d, printed %q and %q", status, out, problem)
	}
}

// Made twice, the second time from the checkpoint of an interrupted run, a backbone has the same hash.
func TestPretrainResumes(t *testing.T) {
	r := backbone.Recipes[0]
	r.Steps, r.Batch, r.Warm = 5, 4, 1
	var stdout, stderr bytes.Buffer
	c := &call{name: "pretrain", stdout: &stdout, stderr: &stderr}
	out, kept := t.TempDir(), t.TempDir()
	if err := makeBackbone(c, r, out, kept); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(out, r.Name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	half := r.Start()
	half.Step()
	half.Step()
	if err := keep(half, filepath.Join(kept, r.Name+".safetensors"), 90*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := makeBackbone(c, r, out, kept); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(out, r.Name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the resumed file differs")
	}
	if !strings.Contains(stderr.String(), "going on after step 2 of 5") {
		t.Errorf("said %q", stderr.String())
	}
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := backbone.ReadManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Entry(r.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Decode(second); err != nil || e.Seconds < 90 || e.Recipe != r || !strings.Contains(stdout.String(), e.SHA256) {
		t.Errorf("%v, entry %+v", err, e)
	}
	if left, _ := os.ReadDir(kept); len(left) != 0 {
		t.Errorf("checkpoints stay behind: %v", left)
	}
}

// A masked autoencoder is made in the same way; its entry and the last line say what it draws and what a probe reads.
func TestPretrainMakesMaskedAutoencoders(t *testing.T) {
	r, err := findRecipe("vtiny-mae")
	if err != nil {
		t.Fatal(err)
	}
	r.Steps, r.Batch, r.Warm = 3, 4, 1
	var stdout, stderr bytes.Buffer
	out := t.TempDir()
	if err := makeBackbone(&call{stdout: &stdout, stderr: &stderr}, r, out, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := backbone.ReadManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Entry(r.Name)
	if err != nil || e.Recipe != r || e.HeldOut.Error <= 0 || e.HeldOut.MeanPatch <= 0 || e.HeldOut.Of != backbone.HeldOut {
		t.Errorf("%v, entry %+v", err, e)
	}
	for _, want := range []string{e.SHA256, "hidden patches", "mean patches", "linear probe"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("said %q, want %q in it", stdout.String(), want)
		}
	}
}

func TestDamagedCheckpointStartsOver(t *testing.T) {
	r := backbone.Recipes[0]
	r.Steps, r.Batch, r.Warm = 2, 4, 1
	var stdout, stderr bytes.Buffer
	kept := t.TempDir()
	if err := os.WriteFile(filepath.Join(kept, r.Name+".safetensors"), []byte("nonsense nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := makeBackbone(&call{stdout: &stdout, stderr: &stderr}, r, t.TempDir(), kept); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stderr.String(), "starting over") {
		t.Errorf("said %q", stderr.String())
	}
}

func TestDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{"0 s": 0, "59 s": 59 * time.Second, "2 min 05 s": 125 * time.Second, "1 h 10 min": 70 * time.Minute} {
		if got := duration(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}
