//go:build !js

package sam

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab/wire"
	"petri/kernels/tape"
)

// TestGreySquareFindsTwoPointsLess: the lesson says that in the recorded run the live model is two points better than one without a picture.
// A record in which that is not so asks for another sentence.
func TestGreySquareFindsTwoPointsLess(t *testing.T) {
	text, err := assets.Read("recorded/sam.json")
	if err != nil {
		t.Fatal(err)
	}
	var r wire.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Claims {
		if c.ID != claimAmbiguity {
			continue
		}
		_, grey, found := strings.Cut(c.Here, "over that without a picture: ")
		var mean, low, high float64
		n, _ := fmt.Sscanf(strings.ReplaceAll(grey, "−", "-"), "%g points (95 %% interval %g to %g,", &mean, &low, &high)
		if !found || n != 3 {
			t.Fatalf("the record does not compare with a racer without a picture: %q", c.Here)
		}
		if low <= 0 || mean < 1.5 || mean >= 2.5 || !strings.Contains(lesson, "finds just two points less") {
			t.Errorf("three masks beat a grey square by %g points, %g to %g: the lesson says that it finds two points less", mean, low, high)
		}
		return
	}
	t.Error("the claim about ambiguity is not recorded")
}

// TestLessonsOwnNumbers: what the lesson says of the models and scenes here is counted again.
func TestLessonsOwnNumbers(t *testing.T) {
	// times is how often the decoder's work for one click goes into the encoder's for the picture.
	times := func(c Config) int {
		m := New(rand.New(rand.NewPCG(1, 2)), c)
		on := tape.New()
		on.Infer = true
		x := m.Encode(on, make([]float32, 3*c.Pixels()))
		encoder := on.Ledger.ForwardFLOP
		var q prompts
		q.reset(1, 2, c.Width)
		m.prompt.set(&q, 0, 0, kindForeground, 3.5, 3.5)
		m.prompt.set(&q, 0, 1, kindPadding, 0, 0)
		from, to := m.Single()
		m.decode(x, &q, nil, from, to)
		return int(math.Round(float64(encoder) / float64(on.Ledger.ForwardFLOP-encoder)))
	}
	kinds := map[scenes.Kind]bool{}
	var s scenes.Scene
	for i := range 60 {
		s.Draw(scenes.Shapes, data.Train, i, 32, nil)
		for _, n := range s.Nodes {
			kinds[n.Kind] = true
		}
	}
	standard := func(name string) string { k, _ := Paper.Lab.Knob(name); return k.Default }
	for words, holds := range map[string]bool{
		"only about ten times what its decoder does, yours four times":                      times(Shipped()) == 10 && times(Live(3)) == 4,
		fmt.Sprintf("%d × %[1]d pixels, yours %d × %[2]d,", Shipped().Image, Live(3).Image): true,
		"generated scenes of six kinds of objects":                                          len(kinds) == 6,
		"for them there is a fourth mask":                                                   Live(3).MaskTokens() == 4,
		"After two rounds":                                                                  decoderLayers == 2,
		`20\,\mathrm{focal}`:                                                                focalWeight == 20,
		"Eight hundred steps are few":                                                       standard("steps") == "800",
		"in the first half of your steps each mask is asked for only once":                  standard("single") == "50",
		"clicks nine times":                                                                 Clicks == 9,
	} {
		if !holds || !strings.Contains(lesson, words) {
			t.Errorf("%q: holds %v, stands in the lesson %v", words, holds, strings.Contains(lesson, words))
		}
	}
}
