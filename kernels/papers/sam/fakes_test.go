package sam

import (
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// nested is an exam, opened on a scene, and a click in it on three things.
func nested(t *testing.T) (e *exam, node, pixel int) {
	t.Helper()
	on := tape.New()
	on.Infer = true
	e = newExam(New(stream(1, "a test"), Live(3)), data.Validation, 1, true, on)
	for i := range 50 {
		if !e.open(i, nil) {
			continue
		}
		for _, n := range e.wanted {
			c := e.scene.Nodes[n].Centre
			if len(e.scene.At(nil, c.X, c.Y)) == 3 {
				return e, n, c.Y*e.m.Image + c.X
			}
		}
	}
	t.Fatal("no click lies on three things")
	return nil, 0, 0
}

// Three copies of one mask are neither different things nor different masks, however good they are; the masks of the three things
// under a click are both, and the best of them is perfect.
func TestCopiesOfAMaskDoNotCount(t *testing.T) {
	e, node, pixel := nested(t)
	pixels := e.m.Pixels()
	logits := func(nodes ...int) []float32 {
		out := make([]float32, 0, 3*pixels)
		for _, n := range nodes {
			z := make([]float32, pixels)
			e.nodes[n].Write(z)
			for i := range z {
				z[i] -= 0.5
			}
			out = append(out, z...)
		}
		return out
	}
	there := e.scene.At(nil, pixel%e.m.Image, pixel/e.m.Image)
	scores := []float32{0.9, 0.5, 0.1}
	e.begin(data.Validation, 1)
	e.first(node, pixel, logits(node, node, node), scores, e.nodes[node])
	if e.Ambiguous != 1 || e.Apart != 0 || e.Distinct != 0 || e.Oracle != 1 {
		t.Errorf("three copies: %d of %d apart, %d distinct, best %v", e.Apart, e.Ambiguous, e.Distinct, e.Oracle)
	}
	e.begin(data.Validation, 1)
	e.first(node, pixel, logits(there...), scores, e.nodes[node])
	if e.Apart != 1 || e.Oracle != 1 {
		t.Errorf("three things: %d apart, best %v", e.Apart, e.Oracle)
	}
	for _, iou := range e.True {
		if iou != 1 {
			t.Errorf("the masks of things fit them by %v", e.True)
		}
	}
	if len(e.Predicted) != 3 || e.Predicted[0] != float64(scores[0]) {
		t.Errorf("estimates %v", e.Predicted)
	}
	// A mask of nothing is none of the things, not even the first one.
	e.begin(data.Validation, 1)
	empty := make([]float32, pixels)
	for i := range empty {
		empty[i] = -1
	}
	e.first(node, pixel, append(empty, logits(there[1:]...)...), scores, e.nodes[node])
	if e.Ambiguous != 1 || e.Apart != 0 {
		t.Errorf("two things and an empty mask: %d of %d apart", e.Apart, e.Ambiguous)
	}
}

// A constant estimate ranks nothing, and an estimate that belongs to other masks ranks worse than the right one.
func TestConstantAndShuffledScores(t *testing.T) {
	y := Tally{Predicted: []float64{.2, .4, .6, .8}, True: []float64{.1, .5, .6, .9}}
	right := y.Spearman()
	y.Predicted = []float64{.8, .2, .4, .6}
	if shuffled := y.Spearman(); right != 1 || shuffled >= right {
		t.Errorf("right %v, shuffled %v", right, shuffled)
	}
	y.Predicted = []float64{.5, .5, .5, .5}
	if y.Spearman() != 0 {
		t.Errorf("a constant ranks with %v", y.Spearman())
	}
}

// The model sees pixels and nothing else of a scene: the same pixels without a scene, as a visitor's picture, give the same bits.
func TestAnswersComeFromPixelsAlone(t *testing.T) {
	p := newPrompter(lab.Env{}).(*prompter)
	p.shipped = New(stream(1, "a test"), Shipped())
	ask := wire.Ask{Kind: wire.AskPrompt, Model: wire.ModelShipped, Rule: wire.RulePaper, Picture: wire.Source{Key: "scene", Split: data.Test.String(), Index: 5}}
	ask.Prompt.Points = []wire.PromptPoint{{X: 30.5, Y: 20.5, Label: 1}, {X: 3.5, Y: 60.5, Label: 0}}
	answer := func(buffers ...[]float32) lab.Reply {
		work, err := p.Begin(ask, buffers, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := work()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	scene := answer()
	ask.Picture = wire.Source{Key: "own", Own: true}
	own := answer(scene.Buffers[0])
	if len(own.Answer.Truths) != 0 || len(scene.Answer.Truths) == 0 {
		t.Errorf("truths: %d of the scene, %d of the picture", len(scene.Answer.Truths), len(own.Answer.Truths))
	}
	for i, v := range scene.Buffers[1] {
		if own.Buffers[1][i] != v {
			t.Fatalf("logit %d is %v on the scene, %v on its pixels", i, v, own.Buffers[1][i])
		}
	}
	ask.Prompt.Points[1].Label = 1
	if other := answer(scene.Buffers[0]); other.Buffers[1][0] == own.Buffers[1][0] {
		t.Error("whether a point is meant changes nothing")
	}
}

// No two seeds share a training scene, and the scenes of the data engine are none of those with true masks.
func TestScenesOfSeedsAreApart(t *testing.T) {
	knob, _ := description().Knob("scenes")
	if int(knob.Max) > engineFrom || engineFrom+engineFew+200 > scenesApart {
		t.Errorf("%v training scenes reach those of the engine, which begin at %d of %d", knob.Max, engineFrom, scenesApart)
	}
	if sceneOf(1, scenesApart-1) >= sceneOf(2, 0) {
		t.Error("seed 1 ends behind the beginning of seed 2")
	}
}
