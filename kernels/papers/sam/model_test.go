package sam

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// The numbers of parameters, counted from the models and by the closed form.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		of   Config
		want int
	}{{"live, three masks", Live(3), 89740}, {"live, one mask", Live(1), 82813}, {"shipped", Shipped(), 456200}} {
		n := 0
		New(nil, c.of).Params(func(p *tape.Param) {
			if !p.Frozen {
				n += p.Len()
			}
		})
		if n != c.want || c.of.Count() != c.want {
			t.Errorf("%s: %d parameters, %d by the closed form, want %d", c.name, n, c.of.Count(), c.want)
		}
	}
}

func specimen(t *testing.T, query string, opts course.Options) *trial {
	t.Helper()
	spec, err := wire.ParseQuery(description(), query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newTrial(lab.Env{}, spec, wire.TrialID{}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The masks that lose learn nothing, through the whole model: with one picture, one mask and one round the MLPs of all heads but the
// chosen one have a gradient of exactly 0, and with the mean loss none has.
func TestLosingHeadsGetNoGradient(t *testing.T) {
	for _, c := range []struct {
		arm  string
		want int // heads with a gradient
	}{{armThree, 1}, {"heads:4", 1}, {"heads:3-mean", 3}} {
		s := specimen(t, "arms="+c.arm+"&rounds=1&batch=1&steps=5&seeds=1", course.Options{})
		s.rules.Warm = 0
		s.batch.episode = newEpisode(s.model, s.rules)
		s.batch.examples.per = 1
		on := tape.New()
		on.Backward(s.Forward(on, 0))
		chosen := int(s.batch.episode.chosen[0])
		from, _ := s.model.Single()
		moved := 0
		for h, m := range s.model.decoder.hyper {
			any := false
			m.Params(func(p *tape.Param) {
				for _, g := range p.TakeGrad() {
					any = any || g != 0
				}
			})
			if any {
				moved++
				if c.want == 1 && h != from+chosen {
					t.Errorf("%s: head %d has a gradient, but %d was nearest", c.arm, h, from+chosen)
				}
			}
		}
		if moved != c.want {
			t.Errorf("%s: %d heads have a gradient, want %d", c.arm, moved, c.want)
		}
		if c.want > 1 {
			continue
		}
		last := s.model.decoder.judge[len(s.model.decoder.judge)-1] // what it takes a mask to be is learned by the nearest one alone, too
		w, b, n := last.W.TakeGrad(), last.B.TakeGrad(), s.model.MaskTokens()
		for h := range n {
			any := b[h] != 0
			for i := h; i < len(w); i += n {
				any = any || w[i] != 0
			}
			if any != (h == from+chosen) {
				t.Errorf("%s: the estimate of mask %d has a gradient (%v), but %d was nearest", c.arm, h, any, from+chosen)
			}
		}
	}
}

// A replayed step is the same loss, and its gradients do not see where a mask crosses its threshold.
func TestReplay(t *testing.T) {
	s := specimen(t, "arms=heads:3&batch=2&steps=5&seeds=1&rounds=6&single=0", course.Options{})
	on := tape.New()
	first := s.Forward(on, 2).Item()
	if again := s.Forward(on, 2).Item(); again != first {
		t.Errorf("the same step again: %v, then %v", first, again)
	}
	for i := range s.batch.episode.script.trues {
		for j := range s.batch.episode.script.trues[i] {
			s.batch.episode.script.trues[i][j] += 0.5
		}
	}
	if s.Forward(on, 2).Item() == first {
		t.Error("the IoUs that were held play no part")
	}
	if s.Forward(on, 3).Item() == first {
		t.Error("another step has the same loss")
	}
}

// Without the file, or with another one, the shipped racer says what is missing.
func TestShippedIsMissing(t *testing.T) {
	spec := linked(t, "sam?arms=shipped&seeds=1")
	says := []string{"weights of the trained model are missing", "SHA-256"}
	if e, err := Shown(); err != nil || e.SHA256 == "" {
		says = []string{"without a trained model", "without a trained model"}
	}
	for i, read := range []func(string) ([]byte, error){
		func(string) ([]byte, error) { return nil, errors.New("no such file") },
		func(string) ([]byte, error) { return []byte("none of ours"), nil },
	} {
		if _, err := newTrial(lab.Env{Asset: read}, spec, wire.TrialID{}, course.Options{}); err == nil || !strings.Contains(err.Error(), says[i]) {
			t.Errorf("%v, which should say %q", err, says[i])
		}
	}
}

// The shipped model races without training: it takes the exam, each seed on other scenes, and its digest is that of its weights.
func TestShippedRaces(t *testing.T) {
	m := New(stream(9, "a test"), Shipped())
	env := lab.Env{Asset: func(string) ([]byte, error) { return nil, errors.New("not asked for: it is remembered") }}.Remember()
	if _, err := lab.Memo(env, Asset, func() (*Model, error) { return m, nil }); err != nil {
		t.Fatal(err)
	}
	spec := linked(t, "sam?arms=shipped&seeds=2")
	var digest string
	for seed := range 2 {
		s, err := newTrial(env, spec, wire.TrialID{Seed: seed}, course.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s.place(3) != seed*testScenes+3 {
			t.Errorf("seed %d looks at scene %d", seed, s.place(3))
		}
		s.Advance()
		r := s.Result()
		if len(r.Trained) != 0 || r.Trainable != 0 || r.Total != 456200 || r.Digest == lab.Digest(nil, nil) || digest != "" && r.Digest != digest {
			t.Errorf("%d trained of %d numbers, digest %s", r.Trainable, r.Total, r.Digest)
		}
		digest = r.Digest
		if err := s.Restore(nil); err != nil {
			t.Error(err)
		}
		if f, buffers := s.Frame(wire.Focus{}); f.Width != 64 || len(buffers) == 0 {
			t.Errorf("a picture of %d pixels", f.Width)
		}
		_, file, err := s.Export()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nn.Load(file, nn.Collect(New(nil, Shipped()))); err != nil {
			t.Error(err)
		}
	}
}

// The racer without a picture sees none: two pictures have the same embedding, and other racers see them.
func TestNoPicture(t *testing.T) {
	for _, c := range []struct {
		arm  string
		same bool
	}{{armGrey, true}, {armThree, false}} {
		s := specimen(t, "arms="+c.arm+"&seeds=1", course.Options{})
		on := tape.New()
		on.Infer = true
		embed := func(v float32) []float32 {
			picture := make([]float32, 3*s.model.Pixels())
			for i := range picture {
				picture[i] = v
			}
			on.Reset()
			return append([]float32(nil), s.model.Encode(on, picture).Data()...)
		}
		if same := slices.Equal(embed(0), embed(1)); same != c.same {
			t.Errorf("%s: black and white look the same: %v", c.arm, same)
		}
	}
}
