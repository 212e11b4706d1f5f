// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// alone is the first trial of a link.
func alone(t *testing.T, query string) *trial {
	t.Helper()
	tr, err := newTrial(shared, linked(t, query), wire.TrialID{}, course.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// held is what the ledger of a real step holds, the model and its optimizer with it.
func held(tr *trial) int {
	tr.TrainStep()
	l := tr.Result().Ledger
	return l.KeptBytes + l.OptimizerBytes + l.GradientBytes + l.TrainedBytes + l.FrozenBytes
}

// The memory by which racers are made equal is that of a real step, to the byte.
func TestStepBytesAreTheLedger(t *testing.T) {
	for _, knobs := range []string{
		"", "&projection=16&mlp=32&norms=trained&form=sequential&dropout=0.1&place=attn", "&start=official&depth=2&order=top-down", "&backbone=vsmall-mae",
	} {
		for _, arm := range strings.Split(everyArm, ",") {
			tr := alone(t, "arms="+arm+"&lr=0.01&train=64&batch=5"+knobs)
			if got, want := held(tr), stepBytes(tr.fitted.Method, tr.fitted.Model.Config, 5); got != want {
				t.Errorf("%s%s: the ledger has %d bytes, by the closed form there are %d", arm, knobs, got, want)
			}
		}
	}
}

// Where memory is equal, each racer has the largest batch whose step needs no more than full fine-tuning with that of the
// knob, and 128 at most.
func TestEqualMemory(t *testing.T) {
	budget := held(alone(t, "arms=full&lr=0.01&train=64&batch=8"))
	seen := map[int]bool{}
	for _, arm := range strings.Split(everyArm, ",") {
		query := "arms=" + arm + "&lr=0.01&train=64&steps=3&batch="
		tr := alone(t, query+"8&equal=memory")
		batch := tr.spec.Int("batch")
		seen[batch] = true
		if got := held(tr); got > budget {
			t.Errorf("%s with a batch of %d needs %d bytes of %d", arm, batch, got, budget)
		}
		if batch < 128 {
			if got := held(alone(t, fmt.Sprint(query, batch+1))); got <= budget {
				t.Errorf("%s has a batch of %d, with one more it needs %d bytes of %d", arm, batch, got, budget)
			}
		}
		if places, labels := tr.Batch(); len(places) != batch || len(labels) != batch {
			t.Errorf("%s trained on %d examples, want %d", arm, len(places), batch)
		}
		told := tr.Result().Batch
		switch arm {
		case "full", "scratch":
			if batch != 8 || told != 0 {
				t.Errorf("%s has a batch of %d and tells of %d", arm, batch, told)
			}
		default:
			if batch <= 8 || told != batch {
				t.Errorf("%s has a batch of %d and tells of %d", arm, batch, told)
			}
		}
	}
	if !seen[128] || len(seen) < 6 {
		t.Errorf("the batches are %v", seen)
	}
	// A racer with a backbone of its own is held against full fine-tuning of that one.
	own := alone(t, "arms=full~backbone=vsmall&lr=0.01&train=64&batch=3&equal=memory")
	if n := own.spec.Int("batch"); n != 3 {
		t.Errorf("full fine-tuning of another backbone has a batch of %d in place of 3", n)
	}
}

// Where trained numbers are equal, each method has the size that comes closest, of all that fit; what has no size stays.
func TestEqualParameters(t *testing.T) {
	for _, knobs := range []string{"", "&backbone=vsmall", "&neck=48&depth=2&mlp=16&projection=8&norms=trained"} {
		for _, want := range []int{64, 500, 4096, 50000} {
			for _, name := range strings.Split(everyArm, ",") {
				query := fmt.Sprintf("arms=%s&lr=0.01&train=64&equal=parameters&numbers=%d%s", name, want, knobs)
				spec := linked(t, query)
				arm, bad := parseArm(name)
				if bad != nil {
					t.Fatal(bad)
				}
				c := config(spec, 10)
				_, as := fair(spec, arm, c)
				if arm.Racer != "" {
					if as.String() != name {
						t.Errorf("%s, which has no size, became %s", name, as)
					}
					continue
				}
				count := func(n int) int {
					a := arm
					a.Number = n
					blocks, outside := methodOf(spec, a, c).Count(c)
					return blocks + outside
				}
				best, far := 0, 0
				for n := 1; n <= 300; n++ {
					a, bad := parseArm(fmt.Sprint(arm.Name, ":", n))
					if bad != nil || methodOf(spec, a, c).Check(c) != nil {
						continue
					}
					if d := max(count(n)-want, want-count(n)); best == 0 || d < far {
						best, far = n, d
					}
				}
				if as.Number != best || as.Name != arm.Name {
					t.Errorf("%s: %s trains %d numbers, %s:%d %d", query, as, count(as.Number), arm.Name, best, count(best))
				}
			}
		}
	}
	// The size is what is built, counted and told.
	for arm, size := range map[string]string{"vpt-deep:3": "vpt-deep:16", "lora:4": "", "krona:8~lr=0.1": "krona:4~lr=0.1"} {
		tr := alone(t, "arms="+arm+"&lr=0.01&train=64&equal=parameters")
		r := tr.Result()
		trained, _ := nn.Count(tr.fitted.Model)
		if r.Trainable+r.Head != trained || r.As != size || r.Arm != arm {
			t.Errorf("%s is trained as %q and called %q, with %d and %d numbers of %d", arm, r.As, r.Arm, r.Trainable, r.Head, trained)
		}
	}
	// Nothing of a run is changed by asking.
	spec := linked(t, "arms=lora:4,full&equal=memory&batch=8")
	before := spec.Canonical(description())
	for _, arm := range spec.Arms() {
		a, _ := parseArm(arm)
		fair(spec, a, nn.VTiny())
	}
	if after := spec.Canonical(description()); after != before || !slices.Equal(spec.Arms(), []string{"lora:4", "full"}) {
		t.Errorf("the run is now %s", after)
	}
}

// A racer of which even one example needs too much memory does not race as if it fitted.
func TestTooMuchForEqualMemory(t *testing.T) {
	query := "arms=vpt-deep:200&lr=0.01&train=64&steps=3&batch="
	if got, budget := held(alone(t, query+"1")), held(alone(t, "arms=full&lr=0.01&train=64&batch=8")); got <= budget {
		t.Fatalf("one example needs %d bytes of %d: this test needs more prompts", got, budget)
	}
	_, err := newTrial(shared, linked(t, query+"8&equal=memory"), wire.TrialID{}, course.Options{})
	var bad *wire.SpecError
	if !errors.As(err, &bad) || bad.Knob != "equal" || bad.Nearest != "equal=steps" || !strings.Contains(bad.Text, "vpt-deep needs ") {
		t.Errorf("the error is %v", err)
	}
}
