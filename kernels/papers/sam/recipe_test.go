package sam

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// little is a recipe of a few small steps, in two legs.
func little() Recipe {
	return Recipe{Name: "sam", Seed: 5, Batch: 2, Group: 1, Per: 1, Warm: 1, Decay: .05, Clip: 1, Momentum: .95, Share: .5, Legs: []Leg{
		{Steps: 2, Rounds: 1, Rate: 1e-3, Rise: 1, Over: 4},
		{Steps: 1, Rounds: 2, Rate: 5e-4, Rise: 1, Over: 1},
	}}
}

// step makes a step by so many replicas, which take the groups in an order.
func step(t *Training, by []*Replica, order ...int) float64 {
	for i, g := range order {
		by[i%len(by)].Compute(g)
	}
	return t.Apply()
}

// Who computes the groups of a step, and in which order, changes no bit, nor does an interruption between the legs.
func TestTrainingSameBits(t *testing.T) {
	a, b, c := little().Start(), little().Start(), little().Start()
	one, two := []*Replica{a.Replica()}, []*Replica{b.Replica(), b.Replica()}
	var losses []float64
	for !a.Finished() {
		x, y := step(a, one, 0, 1), step(b, two, 1, 0)
		if x != y || math.IsNaN(x) {
			t.Fatalf("step %d: loss %v by one, %v by two", a.Done, x, y)
		}
		losses = append(losses, x)
		if a.Done != 2 {
			continue
		}
		a.Curve = append(a.Curve, CurvePoint{Step: 2, Loss: x})
		kept, err := a.Checkpoint("a test")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Resume(kept, "another engine"); err == nil || c.Done != 0 {
			t.Error("a checkpoint of another engine was taken")
		}
		other := little()
		other.Legs[1].Rounds = 3
		if err := other.Start().Resume(kept, "a test"); err == nil {
			t.Error("a checkpoint of another recipe was taken")
		}
		if err := c.Resume(kept[:len(kept)-5], "a test"); err == nil || !strings.Contains(err.Error(), "checkpoint") {
			t.Errorf("half a checkpoint: %v", err)
		}
		if err := c.Resume(kept, "a test"); err != nil {
			t.Fatal(err)
		}
	}
	if c.Done != 2 || len(c.Curve) != 1 || c.Loss() != (losses[0]+losses[1])/2 {
		t.Fatalf("it goes on after step %d with a curve of %d and a loss of %v", c.Done, len(c.Curve), c.Loss())
	}
	if got := step(c, []*Replica{c.Replica()}, 0, 1); got != losses[2] {
		t.Errorf("interrupted, the last step has the loss %v, else %v", got, losses[2])
	}
	if !slices.Equal(a.opt.Values(), b.opt.Values()) || !slices.Equal(a.opt.Values(), c.opt.Values()) {
		t.Error("the weights differ")
	}
	if _, _, err := little().Start().Ship("a test"); err == nil {
		t.Error("a model was shipped before it was trained")
	}
}

// Each leg has its own schedule: to its peak within Rise steps, then down a cosine that may reach beyond its last step.
func TestLegs(t *testing.T) {
	r := Recipes[0]
	first, second := r.Legs[0], r.Legs[1]
	for s, want := range map[int]Leg{0: first, first.Steps - 1: first, first.Steps: second, r.Steps() - 1: second, r.Steps(): second} {
		if got, _ := r.leg(s); got != want {
			t.Errorf("step %d belongs to %+v", s, got)
		}
	}
	most := 0.0
	for s := range r.Steps() {
		most = max(most, r.rate(s))
	}
	if most != first.Rate || r.rate(first.Rise) < first.Rate*.99 || r.rate(first.Steps+second.Rise) < second.Rate*.99 {
		t.Errorf("the peaks are %v, %v and %v", most, r.rate(first.Rise), r.rate(first.Steps+second.Rise))
	}
	if end, last := r.rate(first.Steps-1), r.rate(r.Steps()-1); end <= 0 || last >= end || last < 0 {
		t.Errorf("the legs end at rates %v and %v", end, last)
	}
	if r.Batch%r.Group != 0 || r.Groups()*r.Group != r.Batch {
		t.Errorf("%d scenes in groups of %d", r.Batch, r.Group)
	}
}
