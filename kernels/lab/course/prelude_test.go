package course

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// A prelude that has more to do does it behind its own, one slice for one slice, and is called by the same name.
func TestThen(t *testing.T) {
	var log []string
	work := func(name string, slices int) func() bool {
		return func() bool {
			log = append(log, name)
			slices--
			return slices == 0
		}
	}
	share := 0.5
	both := (&Prelude{Phase: "tuning", Share: func() float64 { return share }, Slice: work("a", 3)}).then(work("b", 2))
	n := 1
	for !both.Slice() {
		n++
	}
	if got := strings.Join(log, ""); got != "aaabb" || n != 5 || both.Phase != "tuning" || both.Share() != 0.5 {
		t.Errorf("%s in %d slices, called %s, share %v", got, n, both.Phase, both.Share())
	}
}

// A rate that the prelude finds is the rate of the whole training and of the result, and what a prelude tells of its share is
// told as long as it lasts.
func TestSetRate(t *testing.T) {
	want := toEnd(opened(t, "steps=6", wire.TrialID{}, func(p *Plan) { p.Rate, p.Schedule = 0.05, Schedule(0.05, 6) }))
	var tr *trial
	done := 0.0
	tr = opened(t, "steps=6", wire.TrialID{}, func(p *Plan) {
		p.Rate, p.Schedule = 0, nil // not known yet
		p.Prelude = &Prelude{Phase: "tuning", Share: func() float64 { return done }, Slice: func() bool {
			if done += 0.25; done < 1 {
				return false
			}
			tr.SetRate(0.05)
			return true
		}}
	})
	var shares []float64
	for !tr.Advance() {
		if p := tr.Progress(); p.Phase == "tuning" {
			shares = append(shares, p.Loaded)
		} else if p.Loaded != 0 {
			t.Errorf("%s tells a share of %v", p.Phase, p.Loaded)
		}
	}
	if r := tr.Result(); r.Digest != want.Digest || r.LR != 0.05 || !slices.Equal(r.Evals, want.Evals) {
		t.Errorf("the rate %v gives %v, want 0.05 and %v", r.LR, r.Metrics, want.Metrics)
	}
	if !slices.Equal(shares, []float64{0.25, 0.5, 0.75}) {
		t.Errorf("shares %v", shares)
	}
	if n := len(tr.set.read[data.Test]); n != Tested {
		t.Errorf("%d test examples were read", n)
	}
}

// A head that is trained alone has its features computed behind the prelude that its plan has, under that one's name.
func TestPreludeBeforeFeatures(t *testing.T) {
	for _, own := range []int{0, 2} {
		slices := 0
		tr := opened(t, "steps=2", wire.TrialID{}, func(p *Plan) {
			model := nn.NewViT(nil, nn.VTiny())
			model.NewHead(nil, 3)
			p.Probe, p.Model, p.Head, p.Running = model, model, model.Head, nil
			p.Task.Train = First(LookBatch + 1) // two slices
			if own > 0 {
				p.Prelude = &Prelude{Phase: "tuning", Slice: func() bool { slices++; return slices == own }}
			}
		})
		name := map[bool]string{true: "tuning", false: "loading"}[own > 0]
		n := 0
		for tr.Progress().Phase == name {
			if read := len(tr.set.read[data.Train]); n < own && read > 0 {
				t.Errorf("%d examples were read before the prelude was over", read)
			}
			tr.Advance()
			n++
		}
		if slices != own || n != own+2 || len(tr.set.read[data.Train]) != LookBatch+1 || len(tr.set.read[data.Validation]) > 0 {
			t.Errorf("%d slices of its own, %d in all, %d examples read; want %d, %d, %d", slices, n, len(tr.set.read[data.Train]), own, own+2, LookBatch+1)
		}
	}
}
