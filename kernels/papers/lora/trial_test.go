// The files that a run reads are in the native program only.

//go:build !js

package lora

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

var shared = lab.Env{Asset: assets.Read}.Remember()

// opened is trial id of a link.
func opened(t *testing.T, link string, id wire.TrialID) *trial {
	t.Helper()
	tr, err := newTrial(shared, linked(t, link), id, course.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// toEnd trains a trial and returns its result.
func toEnd(t *trial) wire.TrialResult {
	for !t.Advance() {
	}
	return t.Result()
}

const tiny = "&batch=4&train=64&steps=3&seeds=2"

// A fair race: the arms of a seed share examples, order and the head's start; adapters of different arms or seeds share
// no numbers, or their subspaces would agree before they learn.
func TestArmsOfASeedShareWhatTheyShould(t *testing.T) {
	const link = "lora?arms=head,qv:4,qv:32,full,scratch" + tiny
	type start struct {
		places, labels string
		head           []float32
		a              []float32
	}
	look := func(arm, seed int) start {
		tr := opened(t, link, wire.TrialID{Arm: arm, Seed: seed})
		var s start
		for step := range 20 {
			on := tape.New()
			tr.Forward(on, step)
			places, labels := tr.Batch()
			s.places += fmt.Sprint(places)
			s.labels += fmt.Sprint(labels)
		}
		s.head = nn.Collect(tr.model.Head)[0].Value.Data
		if len(tr.adapters) > 0 {
			s.a = tr.adapters[0].A.Value.Data
		}
		return s
	}
	first := look(0, 0)
	for arm := range 5 {
		s := look(arm, 0)
		if s.places != first.places || s.labels != first.labels {
			t.Errorf("arm %d sees other examples", arm)
		}
		if !slices.Equal(s.head, first.head) {
			t.Errorf("arm %d has another head", arm)
		}
	}
	other := look(0, 1)
	if other.labels == first.labels || slices.Equal(other.head, first.head) {
		t.Error("the second seed has the examples or the head of the first")
	}
	thin, thick, next := look(1, 0), look(2, 0), look(1, 1)
	for name, pair := range map[string][2][]float32{"rank 4 and 32": {thin.a, thick.a}, "seed 0 and 1": {thin.a, next.a}} {
		shared := 0
		for _, x := range pair[0] {
			if slices.Contains(pair[1], x) {
				shared++
			}
		}
		if shared > 0 {
			t.Errorf("%s: %d numbers of A are the same", name, shared)
		}
	}
	// The seed of a trial is the run's first seed plus its index.
	a := opened(t, link+"&seed=1", wire.TrialID{Arm: 1})
	if b := opened(t, link, wire.TrialID{Arm: 1, Seed: 1}); !slices.Equal(a.adapters[0].A.Value.Data, b.adapters[0].A.Value.Data) {
		t.Error("seed=1 is not the second seed of seed=0")
	}
}

// The ledger of a real training step against counts made by hand: what a block keeps per token, against full fine-tuning.
func TestLedgerGoldens(t *testing.T) {
	block := func(arm string, on *tape.Tape) int {
		tr := opened(t, "lora?arms="+arm+tiny, wire.TrialID{})
		tr.Forward(on, 0)
		perToken := on.Ledger.In("block1") / (4 * 4 * tr.model.Tokens())
		return perToken - 2 // two layer norms keep 1/σ
	}
	full := block("full", tape.New())
	if full != 1092 {
		t.Errorf("full fine-tuning keeps %d numbers per token, want 1,092", full)
	}
	for arm, want := range map[string]string{"qv:4": "0.656", "all:4": "1.022"} {
		if got := fmt.Sprintf("%.3f", float64(block(arm, tape.New()))/float64(full)); got != want {
			t.Errorf("%s keeps %s of that, want %s", arm, got, want)
		}
	}
}

func TestLedgerOfAResultAddsUp(t *testing.T) {
	for _, arm := range []string{"head", "qv:4", "full"} {
		r := toEnd(opened(t, "lora?arms="+arm+tiny, wire.TrialID{}))
		l, sum := r.Ledger, 0
		for _, p := range l.Parts {
			sum += p.Bytes
		}
		n := r.Trainable + r.Head
		if sum != l.KeptBytes || l.TrainedBytes != 4*n || l.GradientBytes != 4*n || l.OptimizerBytes != 8*n {
			t.Errorf("%s: ledger %+v for %d trained numbers", arm, l, n)
		}
		if l.FrozenBytes+l.TrainedBytes < 4*(r.Total+r.Head) || l.StepFLOP <= l.ForwardFLOP {
			t.Errorf("%s: ledger %+v for a backbone of %d", arm, l, r.Total)
		}
	}
}

// Parameter counts made by hand: blocks · matrices · r · (in + out).
func TestGoldenCounts(t *testing.T) {
	for link, want := range map[string]int{
		"lora?arms=qv:4": 4096, "lora?arms=qkvo:4": 8192, "lora?arms=all:4": 18432, "lora?arms=q:1": 512,
		"lora?arms=qv:4&backbone=vsmall": 9216, "lora?arms=all:4&backbone=vsmall": 41472,
		"lora?arms=head": 0,
	} {
		tr := opened(t, link, wire.TrialID{})
		if r := tr.Result(); r.Trainable != want || r.Head != tr.model.Width*10+10 {
			t.Errorf("%s trains %d and a head of %d, want %d", link, r.Trainable, r.Head, want)
		}
	}
}

// Neither the clock nor who looked on may change a bit.
func TestLookingChangesNothing(t *testing.T) {
	const link = "lora?arms=qv:2,head&dropout=0.3" + tiny
	for arm := range 2 {
		want := toEnd(opened(t, link, wire.TrialID{Arm: arm})).Digest
		now := 0.0
		env := lab.Env{Asset: assets.Read, Clock: func() float64 { now++; return now }}
		tr, err := newTrial(env, linked(t, link), wire.TrialID{Arm: arm}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			done = tr.Advance()
			tr.Frame(wire.Focus{Example: 3, Layer: 1, Matrix: "v"})
			tr.Progress()
			tr.Validate(40)
			if _, _, err := tr.Export(); err != nil {
				t.Fatal(err)
			}
		}
		if got := tr.Result().Digest; got != want {
			t.Errorf("arm %d: digest %s with an audience, %s without", arm, got, want)
		}
	}
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		arm, matrix, want  string
		rows, cols, rank   int
		update, a, b, zero bool
	}{
		{arm: "qv:4", matrix: "v", want: "v", rows: 64, cols: 64, rank: 4},
		{arm: "qv:4", matrix: "fc1", want: "q", rows: 64, cols: 64, rank: 4},
		{arm: "all:2", matrix: "fc1", want: "fc1", rows: 64, cols: 256, rank: 2},
		{arm: "full", matrix: "fc2", want: "fc2", rows: 256, cols: 64},
		{arm: "head", matrix: "q"},
	} {
		tr := opened(t, "lora?arms="+c.arm+tiny, wire.TrialID{})
		for range 2 {
			tr.TrainStep()
		}
		f, b := tr.Frame(wire.Focus{Example: 5, Layer: 2, Matrix: c.matrix})
		if f.Matrix != c.want || f.Rows != c.rows || f.Cols != c.cols || f.Rank != c.rank || f.Layer != 2 || f.Step != 2 {
			t.Errorf("%s: frame %+v", c.arm, f)
		}
		if len(b) != 5 || len(b[0]) != 32*32 || len(b[1]) != 4*4*17*17 || len(b[2]) != c.rows*c.cols || len(b[3]) != c.rows*c.rank || len(b[4]) != c.rank*c.cols {
			t.Fatalf("%s: buffers of %d, %d, %d, %d, %d numbers", c.arm, len(b[0]), len(b[1]), len(b[2]), len(b[3]), len(b[4]))
		}
		for row := range 4 * 4 * 17 {
			sum := float32(0)
			for _, p := range b[1][row*17 : (row+1)*17] {
				sum += p
			}
			if sum < 0.999 || sum > 1.001 {
				t.Fatalf("%s: row %d of the attention sums to %v", c.arm, row, sum)
			}
		}
		sum := float32(0)
		for _, p := range f.Probs {
			sum += p
		}
		if sum < 0.999 || sum > 1.001 || len(f.Probs) != len(f.Classes) {
			t.Errorf("%s: the probabilities sum to %v", c.arm, sum)
		}
		if c.rank > 0 { // the update is what the factors make: s·A·B
			s := tr.adapters[0].Scale
			for i := range c.rows {
				got, want := b[2][i*c.cols+7], float32(0)
				for k := range c.rank {
					want += s * b[3][i*c.rank+k] * b[4][k*c.cols+7]
				}
				if d := got - want; d > 1e-6 || d < -1e-6 {
					t.Fatalf("%s: ΔW[%d, 7] is %v, the factors make %v", c.arm, i, got, want)
				}
			}
		}
		if c.rows > 0 && largest(b[2], make([]float32, len(b[2]))) == 0 {
			t.Errorf("%s: the update is still zero after two steps", c.arm)
		}
	}
}

func TestRestoreShowsTheTrainedArm(t *testing.T) {
	for _, arm := range []string{"qv:4", "full", "head"} {
		tr := opened(t, "lora?arms="+arm+tiny, wire.TrialID{})
		r := toEnd(tr)
		again := opened(t, "lora?arms="+arm+tiny, wire.TrialID{})
		if err := again.Restore(r.Trained); err != nil {
			t.Fatal(err)
		}
		f1, b1 := tr.Frame(wire.Focus{Layer: 1})
		f2, b2 := again.Frame(wire.Focus{Layer: 1})
		if !slices.Equal(f1.Probs, f2.Probs) || f1.Step != f2.Step {
			t.Errorf("%s: step %d %v, restored step %d %v", arm, f1.Step, f1.Probs, f2.Step, f2.Probs)
		}
		for i := range b1 {
			if !slices.Equal(b1[i], b2[i]) {
				t.Errorf("%s: buffer %d differs after Restore", arm, i)
			}
		}
		if again.Restore(r.Trained[1:]) == nil {
			t.Errorf("%s: too few weights were taken", arm)
		}
	}
}

// A rate far too high: the run says so and goes on to its report.
func TestDivergenceIsTold(t *testing.T) {
	spec := linked(t, "lora?arms=full,qv:4&lr=1&batch=4&train=64&steps=60&seeds=2")
	var results []wire.TrialResult
	diverged := 0
	for _, id := range spec.TrialIDs() {
		tr, err := newTrial(shared, spec, id, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if id.Arm == 1 && id.Seed == 0 {
			for tr.Step() < 7 { // then the loss is no number at step 8
				tr.Advance()
			}
			tr.model.Head.(*nn.Linear).B.Value.Data[0] = float32(inf())
			tr.model.Head.(*nn.Linear).B.Value.Data[1] = float32(-inf())
		}
		r := toEnd(tr)
		if r.Diverged > 0 {
			diverged++
			if r.Diverged != 8 || len(r.Loss) != 8 || r.Loss[7] == r.Loss[7] {
				t.Errorf("diverged at %d with the losses %v", r.Diverged, r.Loss)
			}
		}
		results = append(results, r)
	}
	if diverged != 1 {
		t.Fatalf("%d trials diverged", diverged)
	}
	report, err := lab.MakeReport(shared, Paper, spec, results)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(report.Notes, " "), "qv:4 diverged at step 8 with seed 0") {
		t.Errorf("notes: %v", report.Notes)
	}
}

// The analysis opens one trained arm at a time, so that a worker can be cancelled while it judges.
func TestAnalysisGoesInSlices(t *testing.T) {
	spec := linked(t, "lora?arms=head,qv:4,full"+tiny)
	var results []wire.TrialResult
	for _, id := range spec.TrialIDs() {
		r := opened(t, spec.Link(description()), id).Result()
		r.Metrics = map[string]float64{course.TestAccuracy: 0.9}
		results = append(results, r)
	}
	work, err := lab.NewReporter(shared, Paper, spec, results)
	if err != nil {
		t.Fatal(err)
	}
	slices := 1
	for {
		r, err := work.Advance()
		if err != nil {
			t.Fatal(err)
		}
		if r != nil {
			break
		}
		slices++
	}
	// Six trials are opened, four of them have the updates of q and v in four blocks, two are merged in three slices.
	if want := 6 + 4*8 + 2*3 + 1; slices != want {
		t.Errorf("%d slices, want %d", slices, want)
	}
}

func inf() float64 { x := 1e308; return x * 10 }

// Tuning looks at validation examples and leaves the test split alone.
func TestTuningTrialsEndOnValidation(t *testing.T) {
	tr, err := tuning().Trial(shared, linked(t, "lora?arms=head"+tiny))
	if err != nil {
		t.Fatal(err)
	}
	for !tr.Advance() {
	}
	m := tr.Result().Metrics
	if _, ok := m["validation_accuracy"]; !ok {
		t.Errorf("metrics %v", m)
	}
	for name := range m {
		if strings.HasPrefix(name, "test") {
			t.Errorf("a tuning run measured %s", name)
		}
	}
}

func TestTasks(t *testing.T) {
	for link, classes := range map[string]int{"lora": 10, "lora?task=shuffled": 10, "lora?task=wound": 14, "lora?task=style": 14, "lora?task=wound&world=H": 16} {
		tr := opened(t, strings.Replace(link+"&arms=qv:1&train=64", "lora&", "lora?", 1), wire.TrialID{})
		if len(tr.task.Classes) != classes || tr.model.Classes != classes {
			t.Errorf("%s has %d classes", link, len(tr.task.Classes))
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(tr.task.Train)))); n != 64 {
			t.Errorf("%s has %d different training examples of 64", link, n)
		}
	}
	// The shuffle moves pixels inside patches and loses none.
	plain, mixed := opened(t, "lora?arms=qv:1", wire.TrialID{}), opened(t, "lora?arms=qv:1&task=shuffled", wire.TrialID{})
	a, b := make([]float32, data.Pixels), make([]float32, data.Pixels)
	if plain.Example(a, 0) != mixed.Example(b, 0) {
		t.Error("the shuffle changes the label")
	}
	if slices.Equal(a, b) {
		t.Error("the shuffle changes nothing")
	}
	for y := 0; y < 32; y += 8 {
		for x := 0; x < 32; x += 8 {
			if !slices.Equal(patch(a, x, y), patch(b, x, y)) {
				t.Errorf("patch %d, %d lost pixels", x/8, y/8)
			}
		}
	}
}

// patch lists the pixels of a patch in order of grey.
func patch(image []float32, x, y int) []float32 {
	var p []float32
	for dy := range 8 {
		p = append(p, image[(y+dy)*32+x:][:8]...)
	}
	slices.Sort(p)
	return p
}

func TestExportedMetadata(t *testing.T) {
	tr := opened(t, "lora?arms=qv:4&task=wound"+tiny, wire.TrialID{Seed: 1})
	file, raw, err := tr.Export()
	if err != nil {
		t.Fatal(err)
	}
	f, err := nn.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	if file.Name != "petri-lora-qv-r4-seed1.safetensors" || f.Meta["arm"] != "qv:4" || f.Meta["scale"] != "2" || len(f.Meta["base"]) != 64 {
		t.Errorf("%s with %v", file.Name, f.Meta)
	}
	// The wound of another seed is another base, though the pretrained file is the same.
	if other := opened(t, "lora?arms=qv:4&task=wound"+tiny, wire.TrialID{}); other.Import(raw) == nil {
		t.Error("weights trained on another wound were taken")
	}
	if other := opened(t, "lora?arms=qv:8&task=wound"+tiny, wire.TrialID{Seed: 1}); other.Import(raw) == nil {
		t.Error("weights of another rank were taken")
	}
	for link, ok := range map[string]bool{"&alpha=8": true, "&alpha=16": false} {
		err := opened(t, "lora?arms=qv:4&task=wound"+link+tiny, wire.TrialID{Seed: 1}).Import(raw)
		if (err == nil) != ok || !ok && !strings.Contains(err.Error(), "α/r = 2, here by 4") {
			t.Errorf("a file of alpha=8 into %s: %v", link, err)
		}
	}
}
