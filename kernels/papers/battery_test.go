// The files that a run reads are in the native program only.

//go:build !js

package papers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/papers"
	"petri/kernels/tape"
)

// The falsification battery: what every paper has to pass, through lab.Specimen alone. A check is a function that
// returns what is wrong; battery_broken_test.go gives the checks specimens that cheat, which they must catch.

// shared keeps the decoded files of all tests.
var shared = lab.Env{Asset: assets.Read}.Remember()

// short is the budget of the checks that need no learning. A racer that starts from another net makes that one first, in
// as many steps as the run has, so these are few; long is for the
// checks that take a hundred, or that want the small ones at the beginning of a long schedule.
const (
	short = "batch=8&train=200&steps=25&seeds=1"
	long  = "batch=8&train=200&steps=200&seeds=1"
)

// opener makes fresh specimens of one arm.
type opener func(knobs string, sabotage lab.Sabotage) (lab.Specimen, error)

// eachArm runs a check on every arm of a paper: those of its default run, every alias of its grammar, and others.
func eachArm(t *testing.T, check func(t *testing.T, arm wire.Arm, open opener)) {
	for _, p := range papers.All {
		knob, ok := p.Lab.Knob("arms")
		if !ok {
			t.Fatalf("%s has no knob arms", p.Lab.ID)
		}
		names := strings.Split(knob.Default, ",")
		for _, a := range knob.Arms.Aliases {
			names = append(names, a.Value+":2")
		}
		names = append(names, others[p.Lab.ID]...)
		for _, name := range names {
			arm, err := knob.Arms.Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(p.Lab.ID+"/"+name, func(t *testing.T) { check(t, arm, opens(p, name)) })
		}
	}
}

// others are arms of each paper that its default run lacks: nets that start from another one and are frozen in part.
var others = map[string][]string{"moat": {"moat~loraview", "moat~loraconv", "moat~head", "vit~tuned"},
	"sam": {"heads:3-mean"},
	"vpt": {"scratch", "bitfit", "ln", "ia3", "houlsby:8", "pfeiffer:8", "prefix:5", "krona:8", "compacter:4"}}

// more are knobs of each paper, away from their defaults, with which a step does work that it otherwise does not.
var more = map[string]string{"lora": "dropout=0.3", "moat": "task=cue&position=learned&kernel=5",
	"sam": "rounds=6",
	"vpt": "depth=2&order=top-down&projection=16&dropout=0.1&place=attn&start=official&norms=trained&form=sequential&mlp=16"}

// whole are knobs of papers some of whose steps do less than others: with these, all do everything.
var whole = map[string]string{"sam": "&single=0"}

// easy is a run of each paper in which every racer soon learns something. least is what an honest one reaches at least, wrong what one
// reaches at most that is given other examples' labels. Of ten classes chance is a tenth; the IoU of a mask that means nothing is nearer to 0.
var easy = map[string]struct {
	knobs        string
	steps        int
	least, wrong float64
}{"lora": {"", 80, 0.3, 0.2}, "moat": {"task=digits&lr=0.004&", 160, 0.3, 0.2}, "sam": {"rounds=1&lr=0.006&", 400, 0.25, 0.02}, "vpt": {"", 140, 0.3, 0.2}}

// drawn are papers whose frozen numbers are drawn at random and never learned: others do as well.
var drawn = map[string]bool{"sam": true}

// surveyed are papers whose last look makes masks of everything: that is not done between steps, and may allocate.
var surveyed = map[string]bool{"sam": true}

// budget writes knobs as a paper names them: what there is to learn from are scenes in one of them.
func budget(p lab.Paper, knobs string) string {
	if _, ok := p.Lab.Knob("scenes"); ok {
		return strings.Replace(knobs, "train=", "scenes=", 1)
	}
	return knobs
}

// race makes a race of one racer: some papers want two.
func race(p lab.Paper, arm string) string {
	knob, _ := p.Lab.Knob("arms")
	for _, r := range knob.Arms.Racers {
		if knob.Arms.Least > 1 && r.Value != arm {
			return arm + "," + r.Value
		}
	}
	return arm
}

// eachSetting runs a check on every arm, under the default knobs and under those of more.
func eachSetting(t *testing.T, check func(t *testing.T, open opener, knobs string)) {
	for _, p := range papers.All {
		if more[p.Lab.ID] == "" {
			t.Errorf("%s has no second setting", p.Lab.ID)
		}
	}
	eachArm(t, func(t *testing.T, arm wire.Arm, open opener) {
		check(t, open, short)
		paper := strings.Split(t.Name(), "/")[1]
		t.Run(more[paper], func(t *testing.T) { check(t, open, short+"&"+more[paper]) })
	})
}

func opens(p lab.Paper, arm string) opener {
	return func(knobs string, sabotage lab.Sabotage) (lab.Specimen, error) {
		spec, err := wire.ParseQuery(p.Lab, budget(p, "arms="+race(p, arm)+"&"+knobs+whole[p.Lab.ID]))
		if err != nil {
			return nil, err
		}
		return p.Specimen(shared, spec, wire.TrialID{}, sabotage)
	}
}

// must opens a specimen or fails.
func must(t *testing.T, open opener, knobs string) lab.Specimen {
	t.Helper()
	s, err := open(knobs, lab.Sabotage{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// report fails a test with what a check found.
func report(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// T0: training starts at the model that the paper says it starts at.
func TestIdentityAtInit(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) { report(t, checkIdentity(must(t, open, short))) })
}

func checkIdentity(s lab.Specimen) error {
	want, err := s.Origin(64)
	if err != nil || want == nil {
		return err
	}
	return sameBits("logits at the start", s.Logits(64), want)
}

// sameBits compares two slices; -0 and 0 are the same number.
func sameBits(what string, got, want []float32) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			return fmt.Errorf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
	return nil
}

// T1, T2: what is frozen stays as it is for 100 steps; what is trained moves within ten.
func TestFrozenStayAndTrainedMove(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) { report(t, checkMovement(must(t, open, long))) })
}

func checkMovement(s lab.Specimen) error {
	params := s.Params()
	start := make([][]float32, len(params))
	for i, p := range params {
		start[i] = append([]float32(nil), p.Value.Data...)
	}
	for range 10 {
		s.TrainStep()
	}
	for i, p := range params {
		// The keys' bias shifts every score of a row alike, and softmax does not see it: its exact gradient is 0.
		if !p.Frozen && !strings.HasSuffix(p.Name, "/k/b") && sameBits(p.Name, p.Value.Data, start[i]) == nil {
			return fmt.Errorf("%s is trained, but has not moved in ten steps", p.Name)
		}
	}
	for range 90 {
		s.TrainStep()
	}
	for i, p := range params {
		if p.Frozen {
			if err := sameBits(p.Name, p.Value.Data, start[i]); err != nil {
				return fmt.Errorf("frozen, yet changed: %w", err)
			}
		}
	}
	return nil
}

// T3, of the whole model: the gradient of every trained tensor against a central difference of the loss along it. The
// loss is float32, so this sees wrong factors and missing terms, not digits; the operations have float64 oracles of
// their own, and so has the method, in its package.
func TestGradients(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) {
		n, ok := nudges[strings.Split(t.Name(), "/")[1]]
		if !ok {
			n.change = usualChange
		}
		report(t, checkGradientsBy(must(t, open, long+n.knobs), n.change))
	})
}

// usualChange is by how much the loss should change each way when its gradient is checked.
const usualChange = 0.005

// nudges are papers that want another. The decoder of masks has few tokens, and a ReLU behind each: a change of 0.005 passes over several
// kinks, and with many a seed even a small one does: there the difference from one side still comes to the gradient as it shrinks.
var nudges = map[string]struct {
	knobs  string
	change float64
}{"sam": {"&seed=6", 0.0006}}

func checkGradients(s lab.Specimen) error { return checkGradientsBy(s, usualChange) }

func checkGradientsBy(s lab.Specimen, change float64) error {
	for range 3 { // away from a start where half the factors are zero
		s.TrainStep()
	}
	on := tape.New()
	on.Backward(s.Forward(on, 0))
	grads := map[*tape.Param][]float32{}
	total := 0.0
	for _, p := range s.Params() {
		if !p.Frozen {
			grads[p] = append([]float32(nil), p.TakeGrad()...)
			total += dot(grads[p], grads[p])
		}
	}
	checked := 0
	for _, p := range s.Params() {
		g := grads[p]
		if g == nil || dot(g, g) < 1e-4*total { // the change would drown in the loss's rounding
			continue
		}
		checked++
		slope := math.Sqrt(dot(g, g))
		h := change / slope // the loss should change by so much each way
		value := append([]float32(nil), p.Value.Data...)
		at := func(h float64) float64 {
			copy(p.Value.Data, value)
			f32.Axpy(p.Value.Data, float32(h/slope), g)
			p.Touch()
			return float64(s.Forward(on, 0).Item())
		}
		// Richardson's extrapolation of two central differences takes the curvature out.
		measured := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		copy(p.Value.Data, value)
		p.Touch()
		if math.Abs(measured-slope) > 0.02*slope+1e-6/h {
			return fmt.Errorf("%s: the loss changes by %.5g along the gradient, whose norm is %.5g (step %.2g)", p.Name, measured, slope, h)
		}
	}
	if checked == 0 {
		return errors.New("no gradient was large enough to check")
	}
	return nil
}

func dot(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		sum += float64(x[i]) * float64(y[i])
	}
	return sum
}

// T4: the closed form, the optimizer and the exported file agree on what is trained.
func TestCounts(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) { report(t, checkCounts(must(t, open, short))) })
}

func checkCounts(s lab.Specimen) error {
	free := 0
	for _, p := range s.Params() {
		if !p.Frozen {
			free += p.Len()
		}
	}
	_, file, err := s.Export()
	if err != nil {
		return err
	}
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	exported := 0
	for _, name := range f.Names() {
		x, err := f.Tensor(name)
		if err != nil {
			return err
		}
		exported += len(x.Data)
	}
	if r := s.Result(); r.Trainable+r.Head != s.Closed() {
		return fmt.Errorf("the result tells of %d trained numbers and a head of %d, the closed form of %d", r.Trainable, r.Head, s.Closed())
	}
	if n := s.Closed(); n != free || n != len(s.Trained()) || n != exported-s.Measured() {
		return fmt.Errorf("trained numbers: %d by the closed form, %d not frozen, %d in the optimizer, %d in the file, of which %d are measured", n, free, len(s.Trained()), exported, s.Measured())
	}
	return nil
}

// T7: whatever the ledger does not count is overwritten with NaN between forward and backward; no gradient may change.
func TestPoison(t *testing.T) {
	eachSetting(t, func(t *testing.T, open opener, knobs string) {
		report(t, checkPoison(must(t, open, knobs), must(t, open, knobs)))
	})
}

// checkPoison compares two specimens of one seed, of which the second is poisoned: the same one twice would draw another
// dropout.
func checkPoison(clean, poisoned lab.Specimen) error {
	on := tape.New()
	gradients := func(s lab.Specimen, poison bool) [][]float32 {
		s.TrainStep()
		loss := s.Forward(on, 1)
		if poison {
			on.Poison()
		}
		on.Backward(loss)
		var out [][]float32
		for _, p := range s.Params() {
			if !p.Frozen {
				out = append(out, append([]float32(nil), p.TakeGrad()...))
			}
		}
		return out
	}
	want, got := gradients(clean, false), gradients(poisoned, true)
	for i := range want {
		if err := sameBits("gradient after poison", got[i], want[i]); err != nil {
			return err
		}
	}
	if on.Ledger.Bytes() == 0 {
		return errors.New("the ledger is empty after a training step")
	}
	return nil
}

// T8, T9: with other examples' labels nothing is learned, and on random frozen weights far less.
func TestControls(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) {
		paper := strings.Split(t.Name(), "/")[1]
		learned := func(t *testing.T, open opener, s lab.Sabotage) float64 {
			return learned(t, open, easy[paper].knobs, easy[paper].steps, s)
		}
		honest := learned(t, open, lab.Sabotage{})
		wrong := learned(t, open, lab.Sabotage{Labels: true})
		if most := easy[paper].wrong; wrong > most {
			t.Errorf("with shuffled labels the accuracy is %.3f, and should be %.2f at most", wrong, most)
		}
		if least := easy[paper].least; honest < least {
			t.Errorf("honest labels give %.3f only, not %.2f, so the check of shuffled ones shows nothing", honest, least)
		}
		if drawn[paper] || !anyFrozen(must(t, open, short)) {
			return
		}
		if random := learned(t, open, lab.Sabotage{Backbone: true}); random > honest-0.15 {
			t.Errorf("on a random backbone the accuracy is %.3f, on the pretrained one %.3f: too close", random, honest)
		}
	})
}

func anyFrozen(s lab.Specimen) bool {
	for _, p := range s.Params() {
		if p.Frozen {
			return true
		}
	}
	return false
}

// learned is the validation accuracy after a short training.
func learned(t *testing.T, open opener, knobs string, steps int, sabotage lab.Sabotage) float64 {
	t.Helper()
	s, err := open(knobs+fmt.Sprintf("batch=16&train=512&steps=%d", steps), sabotage)
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		s.TrainStep()
	}
	return s.Validate(500)
}

// T10: the same seed gives the same bits, another seed others.
func TestSameSeedSameBits(t *testing.T) {
	eachSetting(t, func(t *testing.T, open opener, set string) {
		digest := func(knobs string) string {
			s := must(t, open, knobs)
			for range 5 {
				s.TrainStep()
			}
			return s.Result().Digest
		}
		first := digest(set)
		if again := digest(set); again != first {
			t.Errorf("two runs of one seed: %s and %s", first, again)
		}
		if digest(set+"&seed=1") == first {
			t.Error("another seed has the same bits")
		}
	})
}

// T5, T6: an exported file gives the same logits on a fresh model, and is refused on other frozen weights.
func TestExportImport(t *testing.T) {
	eachSetting(t, func(t *testing.T, open opener, knobs string) {
		report(t, checkExport(must(t, open, knobs), must(t, open, knobs)))
		other, err := open(knobs, lab.Sabotage{Backbone: true})
		if err != nil {
			t.Fatal(err)
		}
		_, file, err := must(t, open, knobs).Export()
		if err != nil {
			t.Fatal(err)
		}
		before := other.Logits(4)
		if anyFrozen(other) {
			if err := other.Import(file); err == nil {
				t.Error("weights of another base were taken")
			}
			report(t, sameBits("logits after a refused file", other.Logits(4), before))
		}
		if err := other.Import(file[:len(file)-3]); err == nil {
			t.Error("a truncated file was taken")
		}
	})
}

func checkExport(trained, fresh lab.Specimen) error {
	for range 5 {
		trained.TrainStep()
	}
	want := trained.Logits(64)
	if sameBits("", fresh.Logits(64), want) == nil {
		return errors.New("five steps change no logit, so the comparison shows nothing")
	}
	file, data, err := trained.Export()
	if err != nil {
		return err
	}
	if !strings.HasSuffix(file.Name, ".safetensors") {
		return fmt.Errorf("the file is called %q", file.Name)
	}
	if err := fresh.Import(data); err != nil {
		return err
	}
	return sameBits("logits after export and import", fresh.Logits(64), want)
}

// A training step allocates nothing once memory is warm.
func TestStepsDoNotAllocate(t *testing.T) {
	eachSetting(t, func(t *testing.T, open opener, knobs string) {
		s := must(t, open, knobs)
		for range 3 {
			s.TrainStep()
		}
		if n := testing.AllocsPerRun(20, s.TrainStep); n != 0 {
			t.Errorf("%v allocations per step", n)
		}
	})
}

// Nor does looking at held-out examples between the steps: a whole run is advanced slice by slice, and from the second
// look on only the curves grow.
func TestLooksDoNotAllocate(t *testing.T) {
	eachArm(t, func(t *testing.T, _ wire.Arm, open opener) {
		paper := strings.Split(t.Name(), "/")[1]
		s := must(t, open, "batch=8&train=200&steps=60&seeds=1")
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		var before, after runtime.MemStats
		steps, looks, slices, allocations := 0, 0, 0, 0
		for done := false; !done; {
			runtime.ReadMemStats(&before)
			done = s.Advance()
			runtime.ReadMemStats(&after)
			if s.Stepped() {
				steps++
			} else if steps > 0 {
				looks++
			}
			if steps > 20 && !(steps == 60 && surveyed[paper]) { // by then the arenas stand still
				slices++
				allocations += int(after.Mallocs - before.Mallocs)
			}
		}
		if looks == 0 || slices < 40 || allocations > slices/4 { // a list doubles now and then
			t.Errorf("%d allocations in %d slices, after %d steps and %d looks", allocations, slices, steps, looks)
		}
	})
}

// Every paper describes itself completely, and its default link is in canonical form.
func TestDescriptions(t *testing.T) {
	for _, p := range papers.All {
		l := p.Lab
		for what, text := range map[string]string{"title": l.Title, "short": l.Short, "question": l.Question, "authors": l.Authors,
			"venue": l.Venue, "shelf": l.Shelf, "idea": l.Idea, "bibtex": l.BibTeX, "stage": l.Stage.Title, "lesson": p.Lesson} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", l.ID, what)
			}
		}
		for _, name := range []string{"arms", "seeds", "seed"} {
			if _, ok := l.Knob(name); !ok {
				t.Errorf("%s lacks the knob %s, which every lab has", l.ID, name)
			}
		}
		for _, k := range l.Knobs {
			if c, err := k.Canonical(k.Default); err != nil || c != k.Default {
				t.Errorf("%s: the default of %s is %q, its canonical form %q (%v)", l.ID, k.Name, k.Default, c, err)
			}
			if k.Label == "" || k.Help == "" || k.Group == "" {
				t.Errorf("%s: the knob %s lacks a label, a help or a group", l.ID, k.Name)
			}
			if (k.Kind == wire.KnobInt || k.Kind == wire.KnobFloat || k.Kind == wire.KnobAuto) && k.Min >= k.Max {
				t.Errorf("%s: the knob %s has no range", l.ID, k.Name)
			}
			for name, value := range k.When {
				if other, ok := l.Knob(name); !ok || name == k.Name {
					t.Errorf("%s: %s depends on %s, which is no other knob", l.ID, k.Name, name)
				} else if c, err := other.Canonical(value); err != nil || c != value {
					t.Errorf("%s: %s depends on %s=%s, which cannot be (%v)", l.ID, k.Name, name, value, err)
				}
			}
			for _, o := range k.Options {
				if o.Help == "" || o.Label == "" {
					t.Errorf("%s: %s=%s lacks a label or a help", l.ID, k.Name, o.Value)
				}
			}
		}
		for _, c := range l.Claims {
			if !strings.Contains(c.ID, ".") || c.At == "" || c.Says == "" || c.Paper == "" || c.Here == "" || c.Needs == "" {
				t.Errorf("%s: the claim %q is incomplete", l.ID, c.ID)
			}
		}
	}
}

// Every choice of every knob can be started, so that no link leads to an error.
func TestEveryChoiceStarts(t *testing.T) {
	for _, p := range papers.All {
		for _, k := range p.Lab.Knobs {
			for _, o := range k.Options {
				query := k.Name + "=" + o.Value + "&batch=2&train=200"
				for name := range o.Needs {
					value, _ := o.Met(name, "")
					query += "&" + name + "=" + value
				}
				spec, err := wire.ParseQuery(p.Lab, budget(p, query))
				if err != nil {
					t.Error(err)
					continue
				}
				for _, name := range p.Assets(spec) {
					if _, err := assets.Read(name); err != nil {
						t.Errorf("%s=%s: %v", k.Name, o.Value, err)
					}
				}
				s, err := p.Specimen(shared, spec, wire.TrialID{}, lab.Sabotage{})
				if err != nil {
					t.Errorf("%s=%s: %v", k.Name, o.Value, err)
					continue
				}
				s.Advance()
				if f, buffers := s.Frame(wire.Focus{}); len(buffers) == 0 || len(f.Classes) == 0 && f.Answer == nil || f.Examples == 0 {
					t.Errorf("%s=%s: nothing on the stage", k.Name, o.Value)
				}
			}
		}
	}
}

// A whole run, small, from the session of a worker to its report: every claim is judged, every figure can be drawn and
// sent.
func TestSmallRun(t *testing.T) {
	for _, p := range papers.All {
		spec, err := wire.ParseQuery(p.Lab, budget(p, "train=200&batch=8&steps=4&seeds=2"))
		if err != nil {
			t.Fatal(err)
		}
		link := spec.Link(p.Lab)
		s := lab.NewSession(lab.Env{Asset: assets.Read, Clock: ticks()}, papers.All)
		var trials []wire.TrialResult
		var trained [][]float32
		var judged *wire.Report
		emit := func(m wire.Message[wire.Event]) {
			switch m.Head.Kind {
			case wire.KindError:
				t.Errorf("%s: %s", link, m.Head.Error)
			case wire.KindTrial:
				trials, trained = append(trials, *m.Head.Result), append(trained, m.Buffers[0])
			case wire.KindReport:
				judged = m.Head.Report
			}
		}
		for _, id := range spec.TrialIDs() {
			s.Handle(wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpTrial, Link: link, Trial: id}})
		}
		for s.Advance(emit) {
		}
		s.Handle(wire.Message[wire.Command]{Head: wire.Command{Op: wire.OpReport, Link: link, Trials: trials}, Buffers: trained})
		for s.Advance(emit) {
		}
		if judged == nil {
			t.Fatalf("%s: no report", link)
		}
		if _, err := json.Marshal(judged); err != nil {
			t.Errorf("%s: the report cannot be sent: %v", link, err)
		}
		if len(judged.Fingerprint) != 64 {
			t.Errorf("%s: fingerprint %q", link, judged.Fingerprint)
		}
		if len(judged.Claims) != len(p.Lab.Claims) {
			t.Fatalf("%s: %d claims judged of %d", link, len(judged.Claims), len(p.Lab.Claims))
		}
		for i, c := range judged.Claims {
			if c.ID != p.Lab.Claims[i].ID || c.Here == "" || c.Why == "" || c.Scale == "" {
				t.Errorf("%s: the verdict on %s is incomplete: %+v", link, p.Lab.Claims[i].ID, c)
			}
			switch c.Verdict {
			case wire.Holds, wire.Fails, wire.Unclear, wire.NotRun:
			default:
				t.Errorf("%s: %s has the verdict %q", link, c.ID, c.Verdict)
			}
			if c.Axis != nil {
				for _, m := range c.Rows {
					if m.Mean < c.Axis.Min || m.Mean > c.Axis.Max {
						t.Errorf("%s: %s at %v is off its axis %v to %v", c.ID, m.Name, m.Mean, c.Axis.Min, c.Axis.Max)
					}
				}
			}
		}
		for _, f := range judged.Figures {
			report(t, drawable(f))
		}
	}
}

// ticks is a clock that goes by a tenth of a millisecond each time it is read.
func ticks() func() float64 {
	now := 0.0
	return func() float64 { now += 0.1; return now }
}

// drawable says what is wrong with a figure's data.
func drawable(f wire.Figure) error {
	if f.ID == "" || f.Title == "" || f.Caption == "" {
		return fmt.Errorf("the figure %q lacks a title or a caption", f.ID)
	}
	for _, s := range f.Series {
		if len(s.X) != len(s.Y) || len(s.X) == 0 {
			return fmt.Errorf("%s: the line %s has %d places and %d values", f.ID, s.Name, len(s.X), len(s.Y))
		}
	}
	for _, h := range f.Heats {
		if len(h.Values) != h.Rows*h.Cols || h.Min >= h.Max {
			return fmt.Errorf("%s: the map %s has %d values for %d x %d", f.ID, h.Title, len(h.Values), h.Rows, h.Cols)
		}
	}
	for _, r := range f.Rows {
		if len(r) != len(f.Columns) {
			return fmt.Errorf("%s: a row of %d cells under %d columns", f.ID, len(r), len(f.Columns))
		}
	}
	for _, b := range f.Bars {
		for _, p := range b.Parts {
			if p.Value < 0 || math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
				return fmt.Errorf("%s: %s, %s is %v", f.ID, b.Name, p.Name, p.Value)
			}
		}
	}
	for _, set := range f.Tiles {
		for _, tile := range set.Tiles {
			if tile.Bytes <= 0 {
				return fmt.Errorf("%s: %s, a tensor of %d bytes", f.ID, set.Name, tile.Bytes)
			}
		}
	}
	if len(f.Series)+len(f.Heats)+len(f.Rows)+len(f.Bars)+len(f.Tiles) == 0 {
		return fmt.Errorf("%s is empty", f.ID)
	}
	return nil
}
