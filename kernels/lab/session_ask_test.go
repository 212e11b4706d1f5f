package lab

import (
	"errors"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// oracle answers prompts in as many slices as they have points, and says what it was asked with. Rules are what goes wrong.
type oracle struct{}

func (oracle) Begin(ask wire.Ask, buffers [][]float32, _ []byte, live Trial) (Answering, error) {
	if ask.Rule == "refused" {
		return nil, errors.New("there is no such picture; choose another")
	}
	left := max(1, len(ask.Prompt.Points))
	return func() (Reply, error) {
		switch ask.Rule {
		case "fails":
			return Reply{}, errors.New("the model has diverged; choose another")
		case "shape":
			panic(tape.ShapeError{Op: "linear", Path: "decoder/q/w", Want: tape.Shape{-1, 3}, Got: tape.Shape{2, 4}})
		}
		if left--; left > 0 {
			return Reply{}, nil
		}
		if ask.Kind == wire.AskExport {
			return Reply{File: &wire.File{Name: "masks"}, Bytes: []byte("[]"), Done: true}, nil
		}
		a := &wire.Answer{Asked: len(buffers)}
		if live != nil {
			_, b := live.Frame(wire.Focus{})
			a.Step, buffers = live.Progress().Step, b
		}
		return Reply{Answer: a, Buffers: buffers, Done: true}, nil
	}, nil
}

// asker is a desk whose lab takes prompts.
func asker() *desk {
	d := &desk{}
	p := toy()
	p.Prompting = &Prompting{Assets: func(wire.Ask) []string { return []string{"weights/prompted"} }, New: func(Env) Prompter { return oracle{} }}
	d.Session = NewSession(Env{Clock: func() float64 { d.now++; return d.now }}, []Paper{p})
	return d
}

func (d *desk) ask(link string, trial wire.TrialID, a wire.Ask, buffers ...[]float32) {
	d.send(wire.Command{Op: wire.OpAsk, Run: "ask", Link: link, Trial: trial, Ask: &a}, buffers...)
}

// answers are the serials of the answers so far, in their order.
func (d *desk) answers() (serials []int) {
	for _, e := range d.events {
		if e.Head.Kind == wire.KindAnswer && e.Head.Error == "" {
			serials = append(serials, e.Head.Answer.Serial)
		}
	}
	return serials
}

// Of each kind the last ask counts, what is pointed at goes before everything, and what was asked comes back with the answer.
func TestTheLastAskOfAKindCounts(t *testing.T) {
	d := asker()
	long := wire.Prompt{Points: make([]wire.PromptPoint, 3)}
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskEvery, Serial: 1, Prompt: long})
	d.turn() // everything is under way
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt, Serial: 2, Model: wire.ModelShipped})
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt, Serial: 3, Model: wire.ModelShipped, Picture: wire.Source{Key: "a"}, Prompt: long}, []float32{7})
	d.finish(t)
	if got := d.answers(); len(got) != 2 || got[0] != 3 || got[1] != 1 {
		t.Fatalf("answered were %v", got)
	}
	a := d.events[0]
	if h := a.Head.Answer; a.Head.Run != "ask" || h.Kind != wire.AskPrompt || h.Model != wire.ModelShipped || h.Key != "a" || len(h.Prompt.Points) != 3 || a.Buffers[0][0] != 7 {
		t.Errorf("the answer is %+v", h)
	}
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskEvery, Serial: 4, Prompt: long})
	d.turn()
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskExport, Serial: 5})
	d.turn()
	if e := d.last(); e.Head.Kind != wire.KindFile || e.Head.File.Name != "masks" || string(e.Bytes) != "[]" {
		t.Errorf("a file was asked for: %+v", e.Head)
	}
	d.finish(t)
	if got := d.answers(); got[len(got)-1] != 4 {
		t.Errorf("a file that was written ends the search for everything: answered were %v", got)
	}
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskEvery, Serial: 6, Prompt: long})
	d.turn()
	d.ask("", wire.TrialID{}, wire.Ask{Kind: wire.AskStop})
	d.finish(t)
	if got := d.answers(); got[len(got)-1] != 4 {
		t.Errorf("what was stopped goes on: answered were %v", got)
	}
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt, Serial: 7, Model: wire.ModelShipped})
	d.ask("", wire.TrialID{}, wire.Ask{Kind: wire.AskForget})
	for key := range d.Session.env.memo {
		if strings.HasPrefix(key, prompterKey) {
			t.Errorf("%s is remembered", key)
		}
	}
	d.finish(t)
	if got := d.answers(); got[len(got)-1] != 4 {
		t.Errorf("what was forgotten is answered: %v", got)
	}
}

// A racer in training is asked as it is, and trains on to the same result; one whose weights come along is put back together, whatever
// is in training under its name.
func TestAskingALiveRacer(t *testing.T) {
	plain := asker()
	id := wire.TrialID{Arm: 1}
	plain.send(wire.Command{Op: wire.OpTrial, Run: "r", Link: "toy?steps=2000", Trial: id})
	plain.finish(t)
	d := asker()
	d.send(wire.Command{Op: wire.OpTrial, Run: "r", Link: "toy?steps=2000", Trial: id})
	d.turn()
	d.turn()
	if d.last().Head.Kind == wire.KindTrial {
		t.Fatal("it is trained before it can be asked")
	}
	d.ask("toy?steps=2000", id, wire.Ask{Kind: wire.AskPrompt, Serial: 1, Model: wire.ModelLive})
	d.turn()
	if a := d.last().Head.Answer; a == nil || a.Step == 0 || a.Step == 2000 {
		t.Errorf("the racer in training answers %+v", a)
	}
	d.ask("toy?steps=2000", id, wire.Ask{Kind: wire.AskPrompt, Serial: 2, Model: wire.ModelLive, Weights: true}, []float32{1, 2}, []float32{42})
	d.turn()
	if e := d.last(); e.Head.Answer == nil || e.Head.Answer.Step != 2000 || e.Head.Answer.Asked != 1 || e.Buffers[0][0] != 42 {
		t.Errorf("the finished racer answers %+v from %v", e.Head.Answer, e.Buffers)
	}
	d.finish(t)
	if got, want := d.last().Head.Result, plain.last().Head.Result; got == nil || want == nil || got.Digest != want.Digest {
		t.Errorf("asked, it ends as %+v, unasked as %+v", got, want)
	}
}

// What is wrong with an ask ends that ask alone: the sentence comes with its run, and what is in training goes on.
func TestAWrongAskHurtsNoRun(t *testing.T) {
	for _, c := range []struct {
		link, says string
		id         wire.TrialID
		ask        wire.Ask
	}{
		{"toy", "no such picture", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt, Rule: "refused"}},
		{"toy", "diverged", wire.TrialID{}, wire.Ask{Kind: wire.AskEvery, Rule: "fails"}},
		{"toy", "decoder/q/w", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt, Rule: "shape"}},
		{"toy", "decoder/q/w", wire.TrialID{}, wire.Ask{Kind: wire.AskEvery, Rule: "shape"}},
		{"none", "none", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt}},
		{"", "lab", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt}},
		{"toy", "no trial of arm 7", wire.TrialID{Arm: 7}, wire.Ask{Kind: wire.AskPrompt, Model: wire.ModelLive}},
		{"toy", "no longer here", wire.TrialID{Arm: 1}, wire.Ask{Kind: wire.AskPrompt, Model: wire.ModelLive}},
		{"toy", "one weight", wire.TrialID{Arm: 1}, wire.Ask{Kind: wire.AskPrompt, Model: wire.ModelLive, Weights: true}},
	} {
		d := asker()
		d.send(wire.Command{Op: wire.OpTrial, Run: "r", Link: "toy?steps=2000"})
		d.turn()
		var buffers [][]float32
		if c.ask.Weights {
			buffers = [][]float32{{1, 2, 3}}
		}
		d.ask(c.link, c.id, c.ask, buffers...)
		said, _ := d.turn()
		if len(said) != 1 || said[0].Head.Run != "ask" || !strings.Contains(said[0].Head.Error, c.says) {
			t.Errorf("%+v: said was %+v, want something with %q", c.ask, said, c.says)
		}
		d.send(wire.Command{Op: wire.OpAsk, Run: "ask", Link: "toy"}) // an ask of nothing
		d.finish(t)
		if e := d.last().Head; e.Kind != wire.KindTrial || e.Run != "r" || len(d.answers()) != 0 {
			t.Errorf("%+v: the run ends with %s %q", c.ask, e.Kind, e.Error)
		}
	}
	d := newDesk()
	d.ask("toy", wire.TrialID{}, wire.Ask{Kind: wire.AskPrompt})
	d.finish(t)
	if e := d.last().Head; !strings.Contains(e.Error, "takes no prompts") {
		t.Errorf("a lab without prompts says %+v", e)
	}
}

// The files that an answer needs are those of the prompt, not of the run.
func TestNeedsOfAnAsk(t *testing.T) {
	d := asker()
	names, err := d.Needs(wire.Command{Op: wire.OpAsk, Link: "toy", Ask: &wire.Ask{}})
	if err != nil || len(names) != 1 || names[0] != "weights/prompted" {
		t.Errorf("an answer needs %v, %v", names, err)
	}
	if _, err := d.Needs(wire.Command{Op: wire.OpAsk, Link: "toy"}); err == nil {
		t.Error("an ask of nothing needs something")
	}
	if _, err := newDesk().Needs(wire.Command{Op: wire.OpAsk, Link: "toy", Ask: &wire.Ask{}}); err == nil {
		t.Error("a lab without prompts needs something for an answer")
	}
}
