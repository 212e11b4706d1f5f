package sam

import (
	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// Bench are the three things that a visitor waits for, of a model of the shipped size with random weights on one test scene: a picture
// being encoded, a prompt being answered, and everything mode with 16×16 points and its filters. Each returns a number of its
// outcome.
func Bench() (encode, prompt, every func() float64) {
	m := New(lab.Stream(labID, 0, "bench"), Shipped())
	p := newPrompter(lab.Env{}).(*prompter)
	p.shipped = m
	from := wire.Source{Key: "bench", Split: data.Test.String(), Index: 0}
	answer := func(ask wire.Ask) lab.Reply {
		ask.Model, ask.Picture, ask.Rule = wire.ModelShipped, from, wire.RulePaper
		work, err := p.Begin(ask, nil, nil, nil)
		for {
			if err != nil {
				panic(err)
			}
			var r lab.Reply
			if r, err = work(); r.Done && err == nil {
				return r
			}
		}
	}
	encode = func() float64 {
		p.picture.of = nil
		if _, err := p.look(m, 0, from, nil); err != nil {
			panic(err)
		}
		return float64(p.picture.embed[0])
	}
	prompt = func() float64 {
		r := answer(wire.Ask{Kind: wire.AskPrompt, Prompt: wire.Prompt{Points: []wire.PromptPoint{{X: 20.5, Y: 30.5, Label: 1}}}})
		return r.Answer.Masks[0].Predicted
	}
	every = func() float64 {
		p.every = everything{}
		r := answer(wire.Ask{Kind: wire.AskEvery, Every: wire.Everyone{Side: filterSide, Predicted: 0.5, Stability: 0.5, Offset: 1, Overlap: sureOverlap, Largest: 1}})
		return float64(r.Answer.Asked)
	}
	return encode, prompt, every
}
