package sam

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/tape"
)

// twins.json is what two models of the shipped size have scored, which differ in how many masks they give for one click.
//
//go:embed twins.json
var twinsFile []byte

// Twins are two models of the shipped size, trained alike and shorter than the shipped one: one gives one mask for a click, the other
// three. Their weights are not kept.
type Twins struct {
	Recipe  Recipe  `json:"recipe"` // of both, but for the masks
	Engine  string  `json:"engine"`
	Scenes  int     `json:"scenes"` // of the test split
	One     float64 `json:"one"`    // IoU of the best mask for one click in the middle, mean over all that can be asked for
	Three   float64 `json:"three"`
	Gain    float64 `json:"gain"` // mean over scenes of what the three add in a scene, with its 95 % interval
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Date    string  `json:"date"`
	Seconds float64 `json:"seconds"` // of both trainings
	Machine string  `json:"machine"`
}

// TwinRecipes are how the twins are made. The leg is short: it is about their difference, not about what they reach.
func TwinRecipes() (one, three Recipe) {
	one = Recipes[0]
	one.Warm, one.Legs = 100, []Leg{{Steps: 600, Rounds: 4, Rate: 1.2e-2, Rise: 100, Over: 600}}
	three = one
	one.Name, one.Masks = "sam-one", 1
	three.Name, three.Masks = "sam-three", 3
	return one, three
}

// Twin scores a finished twin on the test scenes: the mean over all that can be asked for, and over that of each scene.
func (t *Training) Twin() (all float64, scenes []float64, err error) {
	if !t.Finished() {
		return 0, nil, fmt.Errorf("%s has made %d of %d steps", t.Recipe.Name, t.Done, t.Recipe.Steps())
	}
	on := tape.New()
	on.Infer = true
	e := newExam(t.Model, data.Test, 1, true, on)
	for i := range HeldOut {
		asked, sum := e.Asked, e.Oracle
		if e.look(i); e.Asked > asked {
			scenes = append(scenes, (e.Oracle-sum)/float64(e.Asked-asked))
		}
	}
	return short(e.BestOf()), scenes, nil
}

// Score fills in what the twins have reached.
func (t *Twins) Score(one, three *Training) (err error) {
	var a, b []float64
	if t.One, a, err = one.Twin(); err != nil {
		return err
	}
	if t.Three, b, err = three.Twin(); err != nil {
		return err
	}
	for i := range b { // the same scenes in the same order
		b[i] -= a[i]
	}
	gain := lab.Interval(b)
	t.Scenes, t.Gain, t.Low, t.High = HeldOut, short(gain.Mean), short(gain.Low), short(gain.High)
	return nil
}

// ShownTwins is the record of the twins.
func ShownTwins() (Twins, error) {
	var t Twins
	if err := json.Unmarshal(twinsFile, &t); err != nil {
		return t, fmt.Errorf("sam: twins.json: %w", err)
	}
	return t, nil
}
