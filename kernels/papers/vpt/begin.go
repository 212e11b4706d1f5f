package vpt

import (
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Begin is what prompts are before the first step. Jia et al. draw them at random; whoever has seen a picture of their prompts
// asks whether something that the network knows would be a better start.
type Begin string

// The beginnings.
const (
	BeginRandom Begin = "random" // uniform within promptBound; the zero value is this one too
	// BeginZero makes all prompts of a layer alike. Without dropout nothing tells them apart, so they get the same gradient and stay
	// alike: many prompts are then one that is looked at many times.
	BeginZero Begin = "zero"
	// BeginPatches takes tokens of the frozen model: each prompt is a patch of a training picture as the model has it where the
	// prompt enters, its position among it.
	BeginPatches Begin = "patches"
)

// beginAt fills the prompts of a fitted model with tokens that the model makes of patches of training pictures, drawn at
// random.
func beginAt(model *nn.ViT, task *course.Task, draw *rand.Rand) {
	prompts, ok := model.Sequence.(*Prompts)
	if !ok {
		return
	}
	catch := &catcher{prompts: prompts, width: model.Width}
	for _, rows := range prompts.Rows {
		if rows != nil {
			catch.patch = make([]int, rows.Value.Shape[0])
		}
	}
	images := make([]float32, len(catch.patch)*data.Pixels)
	for j := range catch.patch {
		task.Set.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Train, int(task.Train[draw.IntN(len(task.Train))]))
		catch.patch[j] = 1 + draw.IntN(model.Patches())
	}
	model.Sequence = catch
	on := tape.New()
	on.Infer = true
	for catch.at < len(catch.patch) {
		k := min(course.LookBatch, len(catch.patch)-catch.at)
		on.Reset()
		model.Features(model.Input(on, images[catch.at*data.Pixels:(catch.at+k)*data.Pixels]))
		catch.at += k
	}
	model.Sequence = prompts
	for _, rows := range prompts.Rows {
		if rows != nil {
			rows.Touch()
		}
	}
}

// catcher is a nn.Sequence that changes nothing: it copies one token of each picture into the prompt of its place.
type catcher struct {
	prompts *Prompts
	width   int
	patch   []int // the token of each picture
	at      int   // place of the first picture that is passing
}

// Before implements nn.Sequence. x is [n, tokens, width].
func (c *catcher) Before(block int, x tape.Var) tape.Var {
	rows := c.prompts.Rows[block]
	if rows == nil {
		return x
	}
	n, tokens := x.Shape()[0], x.Shape()[1]
	for j := range n {
		token := x.Data()[(j*tokens+c.patch[c.at+j])*c.width:][:c.width]
		copy(rows.Value.Data[(c.at+j)*c.width:], token)
	}
	return x
}

// Params implements nn.Module: it has none.
func (c *catcher) Params(func(*tape.Param)) {}
